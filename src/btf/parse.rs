//! What the bytes mean.

#![forbid(unsafe_code)]

use core::num::NonZeroU32;

use super::Error;
use super::source::Source;
use crate::asm::PtrWidth;
#[cfg(target_os = "linux")]
use crate::fd::BorrowedFd;
use crate::uapi::btf::{Kind, Type};

/// A section: the places in the file of its first byte and of the byte after its last.
#[derive(Clone, Copy)]
pub(super) struct Section {
    pub(super) start: u32,
    pub(super) end: u32,
}

impl Section {
    /// From the header's numbers. Nonsense wraps round, and is no section or one of nonsense.
    fn new(hdr_len: u32, off: u32, len: u32) -> Self {
        let start = hdr_len.wrapping_add(off);
        Self { start, end: start.wrapping_add(len) }
    }

    /// The section's bytes from `at` on, as far as they are at hand: `need` or more, or all that
    /// are left; or none, when none are left, or when the source says why.
    #[inline]
    pub(super) fn at<'s>(self, source: &'s mut Source<'_>, at: u32, need: usize) -> &'s [u8] {
        source.at(at, self.end, need)
    }
}

/// A place in the walk over all types.
#[derive(Clone, Copy)]
pub(super) struct Cursor {
    /// The next type's id.
    pub(super) id: u32,
    /// Its record's place in the file.
    pub(super) at: u32,
}

/// A type that the walk stopped at.
#[derive(Clone, Copy)]
pub(super) struct Stop {
    pub(super) id: u32,
    pub(super) ty: Type,
    /// The place in the file of what follows the record.
    pub(super) trailer: u32,
}

/// Where a name stands in the strings, never at their start: the empty string is there.
pub(super) type Place = NonZeroU32;

pub(super) const RECORD: usize = size_of::<Type>();

/// The length of what follows a record, or [`UNKNOWN`].
///
/// The walk over all types waits for this once per type: hence no table in memory, and no branch
/// that would be guessed wrong.
#[inline(always)]
fn known_trailer(ty: Type) -> u32 {
    let kind = u32::from(ty.kind().0);
    if kind == 0 || kind > KINDS {
        return UNKNOWN;
    }
    // What stands there once is of a kind whose `vlen` is 0.
    let count = |kind| (ONCE.wrapping_shr(kind) & 1).wrapping_add(ty.vlen());
    let (words, count) = if cfg!(target_pointer_width = "64") {
        // The flag above the kind is lost in the shifts.
        let kind = ty.info >> 24;
        (WORDS.wrapping_shr(kind.wrapping_mul(2)) as u32, count(kind))
    } else {
        let shift = kind.wrapping_mul(2);
        // 32-bit ARM calls a function to shift 64 bits.
        let words = if shift < 32 {
            WORDS as u32 >> shift
        } else {
            ((WORDS >> 32) as u32).wrapping_shr(shift)
        };
        (words, count(kind))
    };
    (words & 3).wrapping_mul(count).wrapping_mul(4)
}

/// No length of a trailer.
const UNKNOWN: u32 = u32::MAX;
/// The last kind that is known.
const KINDS: u32 = Kind::ENUM64.0 as u32;
/// Two bits for each kind: the length of what follows the record in words of four bytes.
const WORDS: u64 = words(Kind::INT, 1)
    | words(Kind::ARRAY, 3)
    | words(Kind::STRUCT, 3)
    | words(Kind::UNION, 3)
    | words(Kind::ENUM, 2)
    | words(Kind::FUNC_PROTO, 2)
    | words(Kind::VAR, 1)
    | words(Kind::DATASEC, 3)
    | words(Kind::DECL_TAG, 1)
    | words(Kind::ENUM64, 3);
/// A bit for each kind: whether that follows once, not `vlen` times.
const ONCE: u32 = 1 << Kind::INT.0 | 1 << Kind::ARRAY.0 | 1 << Kind::VAR.0 | 1 << Kind::DECL_TAG.0;

const fn words(kind: Kind, words: u64) -> u64 {
    words << (kind.0 as u32).wrapping_mul(2)
}

/// BTF, wherever it is.
pub struct Btf<'a> {
    pub(super) source: Source<'a>,
    pub(super) types: Section,
    pub(super) strings: Section,
    /// How long the types of each kind are, if the header says where that stands; else empty.
    layout: Section,
}

/// How much of the strings is looked through for one name before the next name's turn.
const BLOCK: usize = 4096;

impl<'a> Btf<'a> {
    /// The running kernel's: mapped if this kernel can, else read through `window`.
    ///
    /// Linux maps it since about 6.16. `window` is needed either way, for the header; 4096 bytes
    /// are as fast as it gets, [`MIN_WINDOW`](super::MIN_WINDOW) the least. It is borrowed until the `Btf` is
    /// dropped.
    ///
    /// # Errors
    ///
    ///  - [`NO_BTF`](Error::NO_BTF): this kernel has none, or sysfs is not mounted on `/sys`.
    ///  - [`SMALL_WINDOW`](Error::SMALL_WINDOW), [`NOT_BTF`](Error::NOT_BTF),
    ///    [`MALFORMED`](Error::MALFORMED), or an [`errno`](Error::errno).
    #[cfg(target_os = "linux")]
    #[inline(never)]
    pub fn vmlinux(window: &'a mut [u8]) -> Result<Self, Error> {
        // Made where it will be: moving it is most of the work.
        let mut it = Ok(Self::new(Source::vmlinux(window)));
        if let Ok(btf) = &mut it {
            match btf.read_header() {
                Ok(()) => {
                    let end = btf.types.end.max(btf.strings.end).max(btf.layout.end);
                    btf.source.map(end);
                }
                Err(error) => it = Err(error),
            }
        }
        it
    }

    /// A file's, read through `window`.
    ///
    /// # Errors
    ///
    ///  - [`SMALL_WINDOW`](Error::SMALL_WINDOW), [`NOT_BTF`](Error::NOT_BTF),
    ///    [`MALFORMED`](Error::MALFORMED), or an [`errno`](Error::errno).
    #[cfg(target_os = "linux")]
    pub fn from_fd(fd: BorrowedFd<'a>, window: &'a mut [u8]) -> Result<Self, Error> {
        let mut btf = Self::new(Source::from_fd(fd, window));
        btf.read_header()?;
        Ok(btf)
    }

    /// One that is in memory; what lies behind its first two gigabytes counts as not there.
    ///
    /// # Errors
    ///
    ///  - [`NOT_BTF`](Error::NOT_BTF), [`MALFORMED`](Error::MALFORMED).
    pub fn from_slice(bytes: &'a [u8]) -> Result<Self, Error> {
        let mut btf = Self::new(Source::from_slice(bytes));
        btf.read_header()?;
        Ok(btf)
    }

    fn new(source: Source<'a>) -> Self {
        let none = Section { start: 0, end: 0 };
        Self { source, types: none, strings: none, layout: none }
    }

    fn read_header(&mut self) -> Result<(), Error> {
        if let Some(header) = self.source.at(0, u32::MAX, 24).first_chunk::<24>() {
            // The first word is magic, version, flags; the flags mean nothing yet.
            let [magic, hdr_len, types, types_len, strings, strings_len]: [u32; 6] =
                zerocopy::transmute!(*header);
            if magic & 0xff_ffff != 0x01_eb9f {
                self.fail(Error::NOT_BTF);
            } else if hdr_len < 24 {
                self.fail(Error::MALFORMED);
            }
            self.types = Section::new(hdr_len, types, types_len);
            self.strings = Section::new(hdr_len, strings, strings_len);
            if hdr_len >= 32 {
                if let Some(more) = self.source.at(24, u32::MAX, 8).first_chunk::<8>() {
                    let [layout, layout_len]: [u32; 2] = zerocopy::transmute!(*more);
                    self.layout = Section::new(hdr_len, layout, layout_len);
                }
            }
        }
        self.verdict()
    }

    /// The id of the type of this kind and name; the first one if there are several.
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND): there is none.
    ///  - [`MALFORMED`](Error::MALFORMED), an [`unknown_kind`](Error::unknown_kind), or an
    ///    [`errno`](Error::errno).
    pub fn id(&mut self, kind: Kind, name: &str) -> Result<u32, Error> {
        let (id, _) = self.first_of(kind, name);
        self.verdict().map(|()| id)
    }

    /// The width of the kernel's pointers; see [`Want::pointer`](super::Want::pointer).
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND): this BTF has no `struct list_head` of two pointers.
    ///  - As [`id`](Self::id).
    pub fn ptr_width(&mut self) -> Result<PtrWidth, Error> {
        let (_, size) = self.first_of(Kind::STRUCT, "list_head");
        self.verdict()?;
        two_pointers(size)
    }

    /// The type's id, and its size or the id that it refers to; or two zeros, and why is noted.
    #[inline(never)]
    fn first_of(&mut self, kind: Kind, name: &str) -> (u32, u32) {
        let name = name.as_bytes();
        let whole = self.look_up(name, None);
        // Off the beaten track: the name is also the end of a longer string, or stands twice. Then
        // every name of this kind is compared.
        let mut only = whole;
        while only.is_some() || self.look_up(name, whole.or(Some(Place::MAX))).is_some() {
            let (first, more) = only.map_or((0, u32::MAX), |only| (only.get(), 0));
            let mut cursor = self.first();
            // The name decides nearly every time, the same way.
            while let Some(stop) =
                self.walk(&mut cursor, |_, ty| ty.name_off.wrapping_sub(first) <= more)
            {
                if stop.ty.kind() == kind && self.is_name(stop.ty.name_off, name) {
                    return (stop.id, stop.ty.size_or_type);
                }
            }
            if only.take().is_none() {
                break;
            }
        }
        self.fail(Error::NOT_FOUND);
        (0, 0)
    }

    pub(super) fn first(&self) -> Cursor {
        Cursor { id: 1, at: self.types.start }
    }

    /// Goes on from `cursor` until `stop` says so; the cursor is behind it then. `None` at the end, or
    /// when it failed.
    #[inline(always)]
    pub(super) fn walk(
        &mut self,
        cursor: &mut Cursor,
        mut stop: impl FnMut(Cursor, Type) -> bool,
    ) -> Option<Stop> {
        loop {
            let start = cursor.at;
            let mut bytes = self.types.at(&mut self.source, start, RECORD);
            if bytes.len() < RECORD {
                if start != self.types.end {
                    self.fail(Error::MALFORMED);
                }
                return None;
            }
            // What stops the walk takes the rest of the bytes away, so that nothing else is asked of each
            // type. Two gigabytes are not so long that `skip` wraps.
            let (mut skip, mut trailer, mut found, mut unknown) = (0_u32, 0, None, None);
            loop {
                let from = skip as usize;
                let behind = from.wrapping_add(RECORD);
                let Some(record) = bytes.get(from..behind) else { break };
                let Some(record) = record.first_chunk::<RECORD>() else { break };
                let ty: Type = zerocopy::transmute!(*record);
                let at = start.wrapping_add(skip);
                if stop(Cursor { id: cursor.id, at }, ty) {
                    found = Some(ty);
                    bytes = &[];
                }
                trailer = behind as u32;
                cursor.id = cursor.id.wrapping_add(1);
                let len = known_trailer(ty);
                if len == UNKNOWN {
                    (skip, unknown) = (trailer, Some(ty));
                    break;
                }
                skip = len.wrapping_add(trailer);
            }
            if let Some(ty) = unknown {
                skip = skip.saturating_add(self.unknown_trailer(&ty));
            }
            cursor.at = start.saturating_add(skip);
            // A type that is cut off is none: the next round says so.
            if let (Some(ty), true) = (found, cursor.at <= self.types.end) {
                return Some(Stop {
                    id: cursor.id.wrapping_sub(1),
                    ty,
                    trailer: start.wrapping_add(trailer),
                });
            }
        }
    }

    /// Notes an error, unless there is one.
    pub(super) fn fail(&mut self, error: Error) {
        self.source.error.get_or_insert(error);
    }

    /// The length of what follows a record of a kind that only the file knows; or, with an error
    /// noted, one that leads out of every file.
    #[inline(never)]
    fn unknown_trailer(&mut self, ty: &Type) -> u32 {
        let kind = ty.kind().0;
        let at = self.layout.start.saturating_add(u32::from(kind).wrapping_mul(4));
        if at < self.layout.end {
            if let [once, each, ..] = self.layout.at(&mut self.source, at, 2) {
                return u32::from(*each).wrapping_mul(ty.vlen()).wrapping_add((*once).into());
            }
        }
        self.fail(Error::kind(kind));
        u32::MAX.wrapping_sub(RECORD as u32)
    }

    /// Where `name` stands in the strings: as a whole string; or, with `tried`, at any other place,
    /// be it the end of a longer string.
    pub(super) fn look_up(&mut self, name: &[u8], tried: Option<Place>) -> Option<Place> {
        let mut at = self.strings.start;
        while at < self.strings.end {
            let found = self.look_in_block(name, tried, &mut at);
            if found.is_some() {
                return found;
            }
        }
        None
    }

    /// Looks through one block of the strings, and moves `at` behind it.
    pub(super) fn look_in_block(
        &mut self,
        name: &[u8],
        tried: Option<Place>,
        at: &mut u32,
    ) -> Option<Place> {
        let Some(last) = name.last().copied() else {
            *at = self.strings.end;
            return None;
        };
        let mut skip = 0;
        loop {
            let bytes = self.strings.at(&mut self.source, *at, 1);
            let bytes = bytes.get(..BLOCK).unwrap_or(bytes);
            // Nearly always its first byte is another. One that lies before this block is not asked.
            loop {
                let Some(found) = candidate(bytes, skip, last) else {
                    let done = bytes.len().max(skip) as u32;
                    *at = if done == 0 { self.strings.end } else { at.saturating_add(done) };
                    return None;
                };
                skip = found.wrapping_add(1);
                let first = bytes.get(skip.wrapping_sub(name.len()));
                if first.is_none() || first == name.first() {
                    break;
                }
            }
            let end = at.wrapping_sub(self.strings.start).wrapping_add(skip as u32);
            let off = end.wrapping_sub(name.len() as u32);
            // Nearly always it is not.
            if !self.is_name(off, name) {
                continue;
            }
            let fits = match tried {
                Some(tried) => off != tried.get(),
                None => self.is_name(off.wrapping_sub(1), b""),
            };
            if fits {
                // At the start stands the empty name, or this is no BTF.
                if let found @ Some(_) = Place::new(off) {
                    return found;
                }
            }
        }
    }

    /// Whether the string at `off` is `name`.
    pub(super) fn is_name(&mut self, off: u32, name: &[u8]) -> bool {
        let mut at = self.strings.start.saturating_add(off);
        let mut name = name.iter();
        while at < self.strings.end {
            let bytes = self.strings.at(&mut self.source, at, 1);
            if bytes.is_empty() {
                break;
            }
            for byte in bytes {
                match name.next() {
                    None => return *byte == 0,
                    // A NUL ends the string, whatever the name goes on with.
                    Some(wanted) if wanted != byte || *byte == 0 => return false,
                    Some(_) => at = at.wrapping_add(1),
                }
            }
        }
        false
    }
}

/// How wide a pointer is, when two take `size` bytes.
pub(super) fn two_pointers(size: u32) -> Result<PtrWidth, Error> {
    match size {
        8 => Ok(PtrWidth::Four),
        16 => Ok(PtrWidth::Eight),
        _ => Err(Error::NOT_FOUND),
    }
}

/// The first four bytes, or 0.
pub(super) fn word(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// The next place at or behind `skip` that may be the end of a name: where `last` stands, and a NUL
/// behind it.
fn candidate(bytes: &[u8], mut skip: usize, last: u8) -> Option<usize> {
    const LOW: usize = usize::MAX / 255;
    const HIGH: usize = LOW << 7;

    let mut rest = bytes.get(skip..)?;
    while let Some(window) = rest.first_chunk::<{ size_of::<usize>() + 1 }>() {
        let [lasts @ .., _] = *window;
        let [_, ends @ ..] = *window;
        let differ = usize::from_le_bytes(lasts) ^ LOW.wrapping_mul(last.into());
        let differ = differ | usize::from_le_bytes(ends);
        // The lowest bit that is set marks the first byte of `differ` that is zero, or one before it that
        // is no ASCII: a candidate all the same, and rare.
        let zero = differ.wrapping_sub(LOW) & HIGH;
        if zero != 0 {
            return Some(skip.wrapping_add(zero.trailing_zeros() as usize / 8));
        }
        rest = rest.get(size_of::<usize>()..).unwrap_or_default();
        skip = skip.wrapping_add(size_of::<usize>());
    }
    // The last few bytes are candidates all.
    (skip < bytes.len()).then_some(skip)
}

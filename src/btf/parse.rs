//! What the bytes mean.

#![forbid(unsafe_code)]

mod visit;

pub use visit::{Head, Visit};

use zerocopy::{FromBytes, Immutable, KnownLayout};

use super::Error;
use super::source::Source;
#[cfg(target_os = "linux")]
use crate::fd::BorrowedFd;

/// `BTF_KIND_*`: what a type is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Kind(pub u8);

impl Kind {
    /// `BTF_KIND_UNKN`: no type: `void` has id 0, and no record.
    #[doc(alias = "BTF_KIND_UNKN")]
    pub const UNKN: Self = Self(0);
    /// `BTF_KIND_INT`: an integer.
    #[doc(alias = "BTF_KIND_INT")]
    pub const INT: Self = Self(1);
    /// `BTF_KIND_PTR`: a pointer.
    #[doc(alias = "BTF_KIND_PTR")]
    pub const PTR: Self = Self(2);
    /// `BTF_KIND_ARRAY`: an array.
    #[doc(alias = "BTF_KIND_ARRAY")]
    pub const ARRAY: Self = Self(3);
    /// `BTF_KIND_STRUCT`: a struct.
    #[doc(alias = "BTF_KIND_STRUCT")]
    pub const STRUCT: Self = Self(4);
    /// `BTF_KIND_UNION`: a union.
    #[doc(alias = "BTF_KIND_UNION")]
    pub const UNION: Self = Self(5);
    /// `BTF_KIND_ENUM`: an enumeration of up to 32 bits.
    #[doc(alias = "BTF_KIND_ENUM")]
    pub const ENUM: Self = Self(6);
    /// `BTF_KIND_FWD`: a struct or union without a body.
    #[doc(alias = "BTF_KIND_FWD")]
    pub const FWD: Self = Self(7);
    /// `BTF_KIND_TYPEDEF`: a typedef.
    #[doc(alias = "BTF_KIND_TYPEDEF")]
    pub const TYPEDEF: Self = Self(8);
    /// `BTF_KIND_VOLATILE`: `volatile`.
    #[doc(alias = "BTF_KIND_VOLATILE")]
    pub const VOLATILE: Self = Self(9);
    /// `BTF_KIND_CONST`: `const`.
    #[doc(alias = "BTF_KIND_CONST")]
    pub const CONST: Self = Self(10);
    /// `BTF_KIND_RESTRICT`: `restrict`.
    #[doc(alias = "BTF_KIND_RESTRICT")]
    pub const RESTRICT: Self = Self(11);
    /// `BTF_KIND_FUNC`: a function.
    #[doc(alias = "BTF_KIND_FUNC")]
    pub const FUNC: Self = Self(12);
    /// `BTF_KIND_FUNC_PROTO`: a function's type.
    #[doc(alias = "BTF_KIND_FUNC_PROTO")]
    pub const FUNC_PROTO: Self = Self(13);
    /// `BTF_KIND_VAR`: a variable.
    #[doc(alias = "BTF_KIND_VAR")]
    pub const VAR: Self = Self(14);
    /// `BTF_KIND_DATASEC`: a section of variables.
    #[doc(alias = "BTF_KIND_DATASEC")]
    pub const DATASEC: Self = Self(15);
    /// `BTF_KIND_FLOAT`: a floating point number.
    #[doc(alias = "BTF_KIND_FLOAT")]
    pub const FLOAT: Self = Self(16);
    /// `BTF_KIND_DECL_TAG`: a tag on a declaration.
    #[doc(alias = "BTF_KIND_DECL_TAG")]
    pub const DECL_TAG: Self = Self(17);
    /// `BTF_KIND_TYPE_TAG`: a tag on a type.
    #[doc(alias = "BTF_KIND_TYPE_TAG")]
    pub const TYPE_TAG: Self = Self(18);
    /// `BTF_KIND_ENUM64`: an enumeration of 64 bits.
    #[doc(alias = "BTF_KIND_ENUM64")]
    pub const ENUM64: Self = Self(19);
}

#[derive(Clone, Copy, FromBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Header {
    magic: u16,
    version: u8,
    flags: u8,
    hdr_len: u32,
    type_off: u32,
    type_len: u32,
    str_off: u32,
    str_len: u32,
}

#[derive(Clone, Copy, FromBytes, Immutable, KnownLayout)]
#[repr(C)]
struct Record {
    name_off: u32,
    info: u32,
    size_or_type: u32,
}

impl Record {
    fn kind(self) -> Kind {
        Kind((self.info >> 24 & 0x7f) as u8)
    }

    fn vlen(self) -> u32 {
        self.info & 0xff_ffff
    }
}

/// A section: the places in the file of its first byte and of the byte after its last.
#[derive(Clone, Copy)]
struct Section {
    start: u32,
    end: u32,
}

impl Section {
    fn new(hdr_len: u32, off: u32, len: u32) -> Result<Self, Error> {
        let start = hdr_len.checked_add(off).ok_or(Error::Malformed)?;
        let end = start.checked_add(len).ok_or(Error::Malformed)?;
        Ok(Self { start, end })
    }

    /// The place `by` bytes behind `at`, which may be the end.
    fn skip(self, at: u32, by: u32) -> Result<u32, Error> {
        at.checked_add(by).filter(|at| *at <= self.end).ok_or(Error::Malformed)
    }

    /// The section's bytes from `at` on, as far as they are at hand: at least `need`, or all that
    /// are left if that is fewer and not none.
    fn bytes<'s>(
        self,
        source: &'s mut Source<'_>,
        at: u32,
        need: usize,
    ) -> Result<&'s [u8], Error> {
        let left = self.end.saturating_sub(at) as usize;
        let bytes = source.at(at, need.min(left.max(1)))?;
        Ok(bytes.get(..left).unwrap_or(bytes))
    }
}

/// A place in the walk over all types: the next one's id and record.
#[derive(Clone, Copy)]
struct Cursor {
    id: u32,
    at: u32,
}

/// A type that the walk stopped at.
struct Type {
    id: u32,
    record: Record,
}

/// BTF, wherever it is.
pub struct Btf<'a> {
    source: Source<'a>,
    types: Section,
    strings: Section,
    layout: Section,
}

/// Bytes of a name that the search for candidates looks at, and of the block that it looks through.
const LOOK: usize = 31;
const BLOCK: usize = 4096;

impl<'a> Btf<'a> {
    /// The running kernel's: mapped if this kernel can, else read through `window`.
    ///
    /// Linux maps it since about 6.16. `window` is needed either way, for the header; 4096 bytes
    /// are as fast as it gets, [`MIN_WINDOW`](super::MIN_WINDOW) the least.
    ///
    /// # Errors
    ///
    ///  - [`NoBtf`](Error::NoBtf): this kernel has none, or sysfs is not mounted on `/sys`.
    ///  - [`SmallWindow`](Error::SmallWindow), [`Os`](Error::Os), [`NotBtf`](Error::NotBtf),
    ///    [`Malformed`](Error::Malformed).
    #[cfg(target_os = "linux")]
    pub fn vmlinux(window: &'a mut [u8]) -> Result<Self, Error> {
        let mut btf = Self::new(Source::vmlinux(window)?)?;
        let end = btf.types.end.max(btf.strings.end).max(btf.layout.end);
        btf.source.map(end);
        Ok(btf)
    }

    /// A file's, read through `window`.
    ///
    /// # Errors
    ///
    ///  - [`SmallWindow`](Error::SmallWindow), [`Os`](Error::Os), [`NotBtf`](Error::NotBtf),
    ///    [`Malformed`](Error::Malformed).
    #[cfg(target_os = "linux")]
    pub fn from_fd(fd: BorrowedFd<'a>, window: &'a mut [u8]) -> Result<Self, Error> {
        Self::new(Source::from_fd(fd, window)?)
    }

    /// One that is in memory.
    ///
    /// # Errors
    ///
    ///  - [`NotBtf`](Error::NotBtf), [`Malformed`](Error::Malformed).
    pub fn from_slice(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::new(Source::Slice(bytes))
    }

    fn new(mut source: Source<'a>) -> Result<Self, Error> {
        let bytes = source.at(0, size_of::<Header>())?;
        let (header, _) = Header::read_from_prefix(bytes).map_err(|_| Error::Malformed)?;
        if header.magic != 0xeb9f || header.version != 1 {
            return Err(Error::NotBtf);
        }
        let types = Section::new(header.hdr_len, header.type_off, header.type_len)?;
        let strings = Section::new(header.hdr_len, header.str_off, header.str_len)?;
        let mut layout = Section { start: 0, end: 0 };
        if header.hdr_len >= 32 {
            let bytes = source.at(24, 8)?;
            let ([off, len], _) =
                <[u32; 2]>::read_from_prefix(bytes).map_err(|_| Error::Malformed)?;
            layout = Section::new(header.hdr_len, off, len)?;
        } else if header.hdr_len < 24 {
            return Err(Error::Malformed);
        }
        Ok(Self { source, types, strings, layout })
    }

    /// The id of the type of this kind and name; the first one if there are several.
    ///
    /// # Errors
    ///
    ///  - [`NotFound`](Error::NotFound): there is none.
    ///  - [`Os`](Error::Os), [`Malformed`](Error::Malformed), [`UnknownKind`](Error::UnknownKind).
    pub fn id(&mut self, kind: Kind, name: &str) -> Result<u32, Error> {
        let name = name.as_bytes();
        let whole = self.look_up(name, None)?;
        // Off the beaten track: the name is also the end of a longer string, or stands twice. Then
        // every name of this kind is compared.
        let mut compare = whole.is_none();
        loop {
            if compare && self.look_up(name, Some(whole.unwrap_or(0)))?.is_none() {
                return Err(Error::NotFound);
            }
            let mut cursor = self.first();
            let until = self.types.end;
            while let Some(found) = self.walk(&mut cursor, until, |_, record| {
                record.kind() == kind && (compare || whole == Some(record.name_off))
            })? {
                if self.is_name(found.record.name_off, name)? {
                    return Ok(found.id);
                }
            }
            if compare {
                return Err(Error::NotFound);
            }
            compare = true;
        }
    }

    fn first(&self) -> Cursor {
        Cursor { id: 1, at: self.types.start }
    }

    /// Goes on from `cursor` until `stop` says so; the type that it stopped at, with the cursor
    /// behind it. `None` when it has come to `until`, or behind it.
    #[inline(always)]
    fn walk(
        &mut self,
        cursor: &mut Cursor,
        until: u32,
        mut stop: impl FnMut(u32, Record) -> bool,
    ) -> Result<Option<Type>, Error> {
        while cursor.at < until {
            let bytes = self.types.bytes(&mut self.source, cursor.at, RECORD)?;
            let piece = until.wrapping_sub(cursor.at).max(RECORD as u32);
            let bytes = bytes.get(..piece as usize).unwrap_or(bytes);
            let mut rest = bytes;
            // How far the last record reaches past the bytes at hand.
            let mut past = 0;
            let mut halt = None;
            while let Ok((record, trailer)) = Record::read_from_prefix(rest) {
                let stopped = stop(cursor.id, record);
                let len = known_trailer(record);
                if stopped || len == UNKNOWN {
                    halt = Some((record, stopped));
                    break;
                }
                cursor.id = cursor.id.wrapping_add(1);
                rest = if let Some(next) = trailer.get(len as usize..) {
                    next
                } else {
                    past = len.wrapping_sub(trailer.len() as u32);
                    &[]
                };
            }
            let done = bytes.len().wrapping_sub(rest.len()) as u32;
            if let Some((record, stopped)) = halt {
                let found = Type { id: cursor.id, record };
                let len = self.trailer(record)?.saturating_add(RECORD as u32);
                cursor.id = cursor.id.wrapping_add(1);
                cursor.at = self.types.skip(cursor.at, done.saturating_add(len))?;
                if stopped {
                    return Ok(Some(found));
                }
            } else if done == 0 {
                return Err(Error::Malformed);
            } else {
                cursor.at = self.types.skip(cursor.at, done.saturating_add(past))?;
            }
        }
        Ok(None)
    }

    /// The length of what follows a record.
    fn trailer(&mut self, record: Record) -> Result<u32, Error> {
        let len = known_trailer(record);
        if len != UNKNOWN {
            return Ok(len);
        }
        let kind = record.kind().0;
        let at = self.layout.start.saturating_add(u32::from(kind).wrapping_mul(4));
        if let Ok([info, each, ..]) = self.layout.bytes(&mut self.source, at, 2) {
            return Ok(u32::from(*each).wrapping_mul(record.vlen()).saturating_add((*info).into()));
        }
        Err(Error::UnknownKind(kind))
    }

    /// Where `name` stands in the strings: as a whole string; or, with `tried`, at any other place,
    /// be it the end of a longer string.
    fn look_up(&mut self, name: &[u8], tried: Option<u32>) -> Result<Option<u32>, Error> {
        let mut at = self.strings.start;
        while at != self.strings.end {
            let found = self.look_in_block(name, tried, &mut at)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    /// Looks through one block of the strings, and moves `at` behind it.
    fn look_in_block(
        &mut self,
        name: &[u8],
        tried: Option<u32>,
        at: &mut u32,
    ) -> Result<Option<u32>, Error> {
        let mut skip = 0;
        loop {
            let bytes = self.strings.bytes(&mut self.source, *at, LOOK.saturating_add(1))?;
            let bytes = bytes.get(..BLOCK).unwrap_or(bytes);
            let Some(found) = candidate(bytes, skip, name) else {
                let next = self.strings.skip(*at, bytes.len() as u32)?;
                // The last bytes are looked at again with what follows them.
                *at =
                    if next == self.strings.end { next } else { next.saturating_sub(LOOK as u32) };
                return Ok(None);
            };
            skip = found.saturating_add(1);
            let off = at.saturating_add(found as u32).saturating_sub(self.strings.start);
            let fits = match tried {
                Some(tried) => off != tried,
                None => self.is_name(off.wrapping_sub(1), b"")?,
            };
            if fits && self.is_name(off, name)? {
                return Ok(Some(off));
            }
        }
    }

    /// Whether the string at `off` is `name`.
    fn is_name(&mut self, off: u32, mut name: &[u8]) -> Result<bool, Error> {
        let mut at = self.strings.start.saturating_add(off);
        while at < self.strings.end {
            let bytes = self.strings.bytes(&mut self.source, at, 1)?;
            let mut left = name.iter();
            for byte in bytes {
                match left.next() {
                    None => return Ok(*byte == 0),
                    // A NUL ends the string, whatever the name goes on with.
                    Some(wanted) if wanted != byte || *byte == 0 => return Ok(false),
                    Some(_) => {}
                }
            }
            name = left.as_slice();
            at = at.saturating_add(bytes.len() as u32);
        }
        Ok(false)
    }
}

const RECORD: usize = size_of::<Record>();

/// No length of a trailer.
const UNKNOWN: u32 = u32::MAX;

/// The length of what follows a record, or [`UNKNOWN`].
#[inline(always)]
fn known_trailer(record: Record) -> u32 {
    // Per kind in words of four bytes: the length of what is there once, and of what is there
    // `vlen` times.
    let words = match record.kind() {
        Kind::INT | Kind::VAR | Kind::DECL_TAG => 1,
        Kind::ARRAY => 3,
        Kind::STRUCT | Kind::UNION | Kind::DATASEC | Kind::ENUM64 => record.vlen().wrapping_mul(3),
        Kind::ENUM | Kind::FUNC_PROTO => record.vlen().wrapping_mul(2),
        Kind(1..20) => 0,
        _ => return UNKNOWN,
    };
    words.wrapping_mul(4)
}

/// The next place at or behind `skip` where `name` may begin.
///
/// It looks at the first byte, at one of the last, and at the one behind that: few other strings
/// agree in those.
fn candidate(bytes: &[u8], skip: usize, name: &[u8]) -> Option<usize> {
    const WORD: usize = size_of::<usize>();
    const LOW: usize = usize::MAX / 255;
    const HIGH: usize = LOW << 7;

    let near = name.len().min(LOOK);
    let first = *name.first()?;
    let last = *name.get(near.wrapping_sub(1))?;
    let end = name.get(near).copied().unwrap_or(0);
    let firsts = bytes.get(skip..)?;
    let lasts = firsts.get(near.wrapping_sub(1)..)?;
    let ends = firsts.get(near..)?;

    let mut place = skip;
    let mut all =
        firsts.chunks_exact(WORD).zip(lasts.chunks_exact(WORD)).zip(ends.chunks_exact(WORD));
    for ((firsts, lasts), ends) in &mut all {
        let differ = |bytes: &[u8], wanted: u8| {
            let bytes = bytes.first_chunk().copied().unwrap_or_default();
            usize::from_le_bytes(bytes) ^ LOW.wrapping_mul(wanted.into())
        };
        let differ = differ(firsts, first) | differ(lasts, last) | differ(ends, end);
        // The lowest bit that is set here marks the first byte that is zero in `differ`.
        let zero = differ.wrapping_sub(LOW) & !differ & HIGH;
        if zero != 0 {
            return Some(place.wrapping_add(zero.trailing_zeros() as usize / 8));
        }
        place = place.wrapping_add(WORD);
    }
    let rest = place.wrapping_sub(skip);
    let singles = firsts.get(rest..)?.iter().zip(lasts.get(rest..)?).zip(ends.get(rest..)?);
    for ((a, b), c) in singles {
        if *a == first && *b == last && *c == end {
            return Some(place);
        }
        place = place.wrapping_add(1);
    }
    None
}

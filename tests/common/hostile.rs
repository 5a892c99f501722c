//! What must hold whatever the bytes are. `tests/hostile.rs` feeds these on stable Rust, the targets in
//! `tests/fuzz` for as long as one likes.

#![allow(dead_code, reason = "each user calls a part of it")]

use barebpf::btf::{Btf, Error, Found, Head, Kind, Visit, Want};

/// A second reader, which shares nothing with the library's, and holds on to what is sound: it stops where
/// the file does.
pub struct Told<'b> {
    /// The types up to the first that is not whole.
    types: Vec<Told1<'b>>,
    /// The strings, as far as the file has them.
    strings: &'b [u8],
    /// All of it is there, and nothing is wrapped round.
    sound: bool,
}

struct Told1<'b> {
    name_off: u32,
    kind: u32,
    flag: bool,
    vlen: usize,
    size_or_type: u32,
    /// What follows the record, as far as the file has it.
    trailer: &'b [u8],
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..)?.get(..4)?.try_into().unwrap()))
}

impl<'b> Told<'b> {
    /// What the header says must be refused is an error.
    fn new(bytes: &'b [u8]) -> Result<Self, Error> {
        let words: Vec<u32> = (0..6).map_while(|n| word(bytes, n * 4)).collect();
        let [magic, hdr, types, types_len, strings, strings_len] = words[..] else {
            return Err(Error::MALFORMED);
        };
        if magic & 0xff_ffff != 0x01_eb9f {
            return Err(Error::NOT_BTF);
        }
        if hdr < 24 || hdr >= 32 && bytes.len() < 32 {
            return Err(Error::MALFORMED);
        }
        let layout =
            if hdr < 32 { (0, 0) } else { (word(bytes, 24).unwrap(), word(bytes, 28).unwrap()) };
        let mut sound = true;
        let mut section = |off: u32, len: u32| {
            let (start, end) = (hdr as u64 + off as u64, hdr as u64 + off as u64 + len as u64);
            sound &= end <= bytes.len() as u64;
            let start = start.min(bytes.len() as u64) as usize;
            (&bytes[start..(end as usize).clamp(start, bytes.len())], end)
        };
        let (records, types_end) = section(types, types_len);
        let (strings, strings_end) = section(strings, strings_len);
        let (layout, layout_end) = section(layout.0, layout.1);
        if types_end.max(strings_end).max(layout_end) > u32::MAX.into() {
            // The library wraps round; nothing is known of that but that it ends.
            return Ok(Self { types: Vec::new(), strings: &[], sound: false });
        }
        let mut told = Self { types: Vec::new(), strings, sound };
        let mut at = 0;
        while at < types_len as usize {
            let Some(record) = records.get(at..at + 12) else {
                told.sound = false;
                break;
            };
            let info = word(record, 4).unwrap();
            let (kind, vlen) = (info >> 24 & 0x7f, (info & 0xff_ffff) as usize);
            let len = match kind {
                1 | 14 | 17 => 4,
                2 | 7..=12 | 16 | 18 => 0,
                3 => 12,
                4 | 5 | 15 | 19 => 12 * vlen,
                6 | 13 => 8 * vlen,
                _ => match layout.get(kind as usize * 4..).unwrap_or_default() {
                    [once, each, ..] => usize::from(*once) + usize::from(*each) * vlen,
                    _ => usize::MAX / 2,
                },
            };
            if matches!(kind, 1 | 3 | 14 | 17) && vlen > 0 {
                // The kernel refuses this. Whether the rest is then read as if it was 0 is open.
                (told.sound, told.types) = (false, Vec::new());
                break;
            }
            at += 12;
            if at + len > types_len as usize {
                told.sound = false;
                break;
            }
            let there = records.get(at..).unwrap_or_default();
            told.types.push(Told1 {
                name_off: word(record, 0).unwrap(),
                kind,
                flag: info >> 31 == 1,
                vlen,
                size_or_type: word(record, 8).unwrap(),
                trailer: &there[..len.min(there.len())],
            });
            at += len;
        }
        Ok(told)
    }

    fn name(&self, off: u32) -> Option<&'b [u8]> {
        let text = self.strings.get(off as usize..)?;
        Some(&text[..text.iter().position(|byte| *byte == 0)?])
    }

    fn get(&self, id: u32) -> Option<&Told1<'b>> {
        self.types.get((id as usize).checked_sub(1)?)
    }

    /// Whether the type is of one of these kinds and has this name.
    fn is(&self, id: u32, kinds: &[u32], name: &str) -> bool {
        self.get(id).is_some_and(|ty| {
            kinds.contains(&ty.kind) && self.name(ty.name_off) == Some(name.as_bytes())
        })
    }

    /// The ids of all types of these kinds and this name that have to be found: the place 0 says that there
    /// is no name, whatever stands there.
    fn ids(&self, kinds: &[u32], name: &str) -> Vec<u32> {
        let named = |id: u32| self.get(id).is_some_and(|ty| ty.name_off != 0) && !name.is_empty();
        (1..=self.types.len() as u32).filter(|id| named(*id) && self.is(*id, kinds, name)).collect()
    }

    /// The place of the first whole string that is `name`.
    fn whole(&self, name: &str) -> Option<u32> {
        (1..self.strings.len() as u32).find(|off| {
            self.strings[*off as usize - 1] == 0 && self.name(*off) == Some(name.as_bytes())
        })
    }

    /// (name, type, offset in bits, width in bits) of each member.
    fn members(&self, ty: &Told1<'b>) -> Vec<(u32, u32, u32, u32)> {
        let part = |n: usize| {
            let at = |k| word(ty.trailer, n * 12 + k);
            let third = at(8)?;
            let (offset, width) =
                if ty.flag { (third & 0xff_ffff, third >> 24) } else { (third, 0) };
            Some((at(0)?, at(4)?, offset, width))
        };
        (0..ty.vlen).map_while(part).collect()
    }

    /// The type without names and qualifiers, or `None`: `void`, nowhere, or in a circle.
    fn strip(&self, mut id: u32) -> Option<&Told1<'b>> {
        for _ in 0..32 {
            let ty = self.get(id)?;
            if !matches!(ty.kind, 8..=11 | 18) {
                return Some(ty);
            }
            id = ty.size_or_type;
        }
        None
    }

    /// (offset in bits, width in bits, type) of each member of that name; `None` when there is too much to
    /// be looked at.
    fn places(&self, of: u32, name: &str) -> Option<Vec<(u32, u32, u32)>> {
        let mut found = Vec::new();
        let mut todo = vec![(0, of, 0_u32)];
        let mut next = 0;
        while let Some((depth, of, base)) = todo.get(next).copied() {
            next += 1;
            for (name_off, id, offset, width) in self.members(self.strip(of)?) {
                let offset = base.saturating_add(offset);
                if self.name(name_off) == Some(name.as_bytes()) {
                    found.push((offset, width, id));
                }
                let inner = self.strip(id).is_some_and(|inner| matches!(inner.kind, 4 | 5));
                if name_off == 0 && inner {
                    todo.push((depth + 1, id, offset));
                }
            }
            if depth > 15 || todo.len() > 300 {
                return None;
            }
        }
        Some(found)
    }

    /// Whether every id and every name leads somewhere, without a circle: then there is always an answer.
    fn tidy(&self) -> bool {
        let refers = |id: u32| id == 0 || self.strip(id).is_some_and(|ty| !matches!(ty.kind, 3));
        let named = |off: u32| self.name(off).is_some();
        self.sound
            && self.types.iter().all(|ty| {
                named(ty.name_off)
                    && match ty.kind {
                        3 => refers(word(ty.trailer, 0).unwrap()),
                        8..=11 | 18 => refers(ty.size_or_type),
                        4 | 5 => self.members(ty).iter().all(|(name, id, ..)| {
                            let to = self.strip(*id);
                            let array = to.is_some_and(|to| to.kind == 3);
                            named(*name) && (refers(*id) || array)
                                // Anonymous in anonymous: the depth is another test's.
                                && !(*name == 0 && to.is_some_and(|to| matches!(to.kind, 4 | 5)))
                        }),
                        _ => true,
                    }
            })
    }

    fn size(&self, ty: &Told1<'_>) -> Option<u32> {
        match ty.kind {
            1 | 4 | 5 | 6 | 16 | 19 => Some(ty.size_or_type),
            _ => None,
        }
    }

    /// What `visit` shows of a type.
    fn entries(&self, ty: &Told1<'_>) -> Vec<[u32; 3]> {
        let each = match ty.kind {
            3 | 4 | 5 | 15 | 19 => 12,
            6 | 13 => 8,
            _ => 4,
        };
        let next = |entry: &[u8], at| word(entry, at).unwrap_or(0);
        ty.trailer.chunks_exact(each).map(|e| [next(e, 0), next(e, 4), next(e, 8)]).collect()
    }
}

/// What is asked of every BTF: names of the seeds, and some that the file itself has.
fn names<'t>(told: &Told<'t>) -> Vec<&'t str> {
    let mut names = vec!["outer", "thing", "loop", "task", "list_head", "a", "bpf_iter_task", ""];
    let own = told.types.iter().filter_map(|ty| std::str::from_utf8(told.name(ty.name_off)?).ok());
    let own: Vec<&str> = own.filter(|name| name.len() < 300).collect();
    names.extend(own.iter().take(3));
    names.extend(own.iter().rev().take(2));
    names
}

/// Everything seen on one visit.
#[derive(Default, PartialEq)]
pub struct Seen {
    heads: Vec<(u32, u32, u32, bool, u32)>,
    entries: Vec<(u32, [u32; 3])>,
}

impl Visit for Seen {
    fn head(&mut self, head: &Head) -> bool {
        let Head { id, kind, name_off, flag, size_or_type, .. } = *head;
        self.heads.push((id, kind.0.into(), name_off, flag, size_or_type));
        id % 3 != 0
    }

    fn entry(&mut self, head: &Head, words: [u32; 3]) {
        self.entries.push((head.id, words));
    }
}

/// An error is right only where the file is not.
fn allow(error: Error, sound: bool) {
    assert!(!sound, "{error} of a sound file");
    assert_eq!(error.errno(), None, "{error}");
}

fn hold_id(btf: &mut Btf<'_>, told: &Told<'_>, kind: u32, name: &str) {
    let ids = told.ids(&[kind], name);
    match btf.id(Kind(kind as u8), name) {
        Ok(id) => {
            let is = told.types.is_empty() || told.is(id, &[kind], name);
            assert!(is, "{kind} {name:?}: {id} of {ids:?}");
        }
        Err(Error::NOT_FOUND) => assert!(ids.is_empty(), "{kind} {name}: not found of {ids:?}"),
        Err(error) => {
            allow(error, told.sound);
            let whole = told.whole(name);
            let of_whole = |id: &u32| told.get(*id).map(|ty| ty.name_off) == whole;
            assert!(!ids.iter().any(of_whole), "{kind} {name}: {error} before {ids:?}");
        }
    }
}

fn hold_find(btf: &mut Btf<'_>, told: &Told<'_>, names: [&str; 3]) {
    let [a, b, c] = names;
    let wants = [
        Want::func(a),
        Want::new(Kind::STRUCT, b),
        Want::member(b, c),
        Want::member(a, b),
        Want::pointer(),
    ];
    let found = match btf.find(wants) {
        Ok(found) => found,
        Err(error) => return allow(error, told.tidy()),
    };
    if told.types.is_empty() {
        return;
    }
    let id = |found: Found, kinds: &[u32], name| {
        let ids = told.ids(kinds, name);
        let id = found.id().ok();
        let is = id.map_or(ids.is_empty(), |id| told.is(id, kinds, name));
        assert!(is, "{name:?}: {id:?} of {ids:?}");
        id
    };
    id(found[0], &[12], a);
    id(found[1], &[4], b);
    id(found[4], &[4], "list_head");
    for (found, of, name) in [(found[2], b, c), (found[3], a, b)] {
        let Some(id) = id(found, &[4, 5], of) else { continue };
        // Two members of one name are no C: either will do.
        let Some(places) = told.places(id, name) else { continue };
        match found.member() {
            Ok(member) => {
                let place = (member.bit_offset, member.bit_width, member.type_id);
                assert!(places.contains(&place), "{of}.{name}: {member:?} of {places:?}");
                if let Some(ty) = told.strip(member.type_id) {
                    assert_eq!(u32::from(member.kind.0), ty.kind, "{of}.{name}");
                    let size = told.size(ty);
                    assert!(size.is_none_or(|size| size == member.size), "{of}.{name}: {member:?}");
                }
            }
            Err(_) => {
                assert!(places.is_empty() || name.is_empty(), "{of}.{name}: none of {places:?}")
            }
        }
    }
}

fn hold_visit(btf: &mut Btf<'_>, told: &Told<'_>) {
    let mut seen = Seen::default();
    let result = btf.visit(&mut seen);
    if let Err(error) = result {
        allow(error, told.sound);
    }
    let all = (1..).zip(&told.types);
    let heads = all.clone().map(|(id, t)| (id, t.kind, t.name_off, t.flag, t.size_or_type));
    let heads: Vec<_> = heads.collect();
    if told.types.is_empty() {
        return;
    }
    // The one that is cut off is shown too, before that is known.
    let extra = seen.heads.len().saturating_sub(heads.len());
    assert!(extra <= 1, "{} types of {}", seen.heads.len(), heads.len());
    if result.is_ok() {
        assert_eq!(extra, 0);
    }
    assert_eq!(
        seen.heads[..heads.len().min(seen.heads.len())],
        heads[..heads.len().min(seen.heads.len())]
    );
    if told.sound {
        assert_eq!(seen.heads.len(), heads.len());
        let wanted = all.filter(|(id, _)| id % 3 != 0);
        let entries =
            wanted.flat_map(|(id, ty)| told.entries(ty).into_iter().map(move |e| (id, e)));
        assert!(seen.entries == entries.collect::<Vec<_>>(), "other entries than there are");
    }
}

fn hold_strings(btf: &mut Btf<'_>, told: &Told<'_>) {
    let mut all = Vec::new();
    let result = btf.strings(|off, piece| {
        assert_eq!(off as usize, all.len());
        all.extend_from_slice(piece);
    });
    if let Err(error) = result {
        allow(error, told.sound);
    }
    if told.sound || !told.strings.is_empty() {
        assert!(all == told.strings, "other strings than there are");
    }
}

fn hold_name(btf: &mut Btf<'_>, told: &Told<'_>, off: u32) {
    let mut name = Vec::new();
    let result = btf.name(off, |piece| name.extend_from_slice(piece));
    match (result, told.name(off)) {
        (Ok(()), Some(wanted)) => assert!(name == wanted, "another name than there is"),
        (Ok(()), None) => assert!(!told.sound && told.strings.is_empty(), "a name at {off}"),
        (Err(error), None) => assert_eq!(error, Error::MALFORMED),
        (Err(error), Some(_)) => panic!("{error} in place of a name"),
    }
}

/// Every question, one after the other, on the same `Btf`: none may spoil the next.
fn hold_all(btf: &mut Btf<'_>, told: &Told<'_>) {
    let names = names(told);
    for (n, name) in names.iter().enumerate() {
        for kind in [4, 12, 25] {
            hold_id(btf, told, kind, name);
        }
        if let Some(ty) = told.types.get(n) {
            hold_id(btf, told, ty.kind, name);
        }
        let member = told.types.get(n * 7 % (told.types.len() + 1)).and_then(|ty| {
            let (off, ..) = *told.members(ty).last()?;
            std::str::from_utf8(told.name(off)?).ok()
        });
        let after = names[(n + 1) % names.len()];
        hold_find(btf, told, [after, name, member.unwrap_or("a")]);
    }
    hold_visit(btf, told);
    hold_strings(btf, told);
    let end = told.strings.len() as u32;
    let offs = told.types.iter().map(|ty| ty.name_off).take(20);
    for off in offs.chain([0, 1, end.wrapping_sub(1), end, end + 1, u32::MAX]) {
        hold_name(btf, told, off);
    }
    let width = btf.ptr_width();
    if let (true, Err(error)) = (told.sound, width) {
        assert_eq!(error, Error::NOT_FOUND);
    }
    // What was asked first has the same answer as then.
    hold_id(btf, told, 12, names[0]);
}

/// BTF in memory.
pub fn btf(bytes: &[u8]) {
    match (Told::new(bytes), Btf::from_slice(bytes)) {
        (Ok(told), Ok(mut btf)) => hold_all(&mut btf, &told),
        (Err(wanted), Err(error)) => assert_eq!(error, wanted),
        (told, btf) => panic!("wanted {:?}, found {:?}", told.err(), btf.err()),
    }
}

/// The same through windows, out of a file.
#[cfg(target_os = "linux")]
pub fn window(bytes: &[u8]) {
    use std::os::fd::AsRawFd as _;
    // SAFETY: the name is a C string; nothing else is passed by address.
    let file = unsafe { libc::memfd_create(c"btf".as_ptr(), libc::MFD_CLOEXEC) };
    assert!(file >= 0);
    // SAFETY: `file` was just opened, and is given away here.
    let mut file = unsafe { <std::fs::File as std::os::fd::FromRawFd>::from_raw_fd(file) };
    std::io::Write::write_all(&mut file, bytes).unwrap();
    // SAFETY: `file` stays open until the end of this function.
    let fd = unsafe { barebpf::fd::BorrowedFd::borrow_raw(file.as_raw_fd()) };
    for size in [64, 101, 4096] {
        let mut window = vec![0xee; size];
        match (Told::new(bytes), Btf::from_fd(fd, &mut window)) {
            (Ok(told), Ok(mut btf)) => hold_all(&mut btf, &told),
            (Err(wanted), Err(error)) => assert_eq!(error, wanted),
            (told, btf) => panic!("wanted {:?}, found {:?}", told.err(), btf.err()),
        }
    }
}

/// A place that counts what is printed, and refuses no text.
struct Sink(usize);

impl std::fmt::Write for Sink {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

fn print(value: &dyn std::fmt::Debug) {
    let mut sink = Sink(0);
    std::fmt::Write::write_fmt(&mut sink, format_args!("{value:?} {value:#?}")).unwrap();
    assert!((4..100_000).contains(&sink.0), "{} bytes", sink.0);
}

/// Structs that a kernel writes, one newer than this crate, or one that has gone mad: whatever they hold can
/// be looked at and printed, and comes out as it went in.
pub fn info(bytes: &[u8]) {
    use barebpf::uapi::*;
    use zerocopy::{FromBytes, IntoBytes};

    fn whole<T: FromBytes + IntoBytes + zerocopy::Immutable + std::fmt::Debug>(bytes: &[u8]) -> T {
        // A kernel that knows less leaves the rest zero, one that knows more is told where to stop.
        let mut value = T::new_zeroed();
        let len = bytes.len().min(size_of::<T>());
        value.as_mut_bytes()[..len].copy_from_slice(&bytes[..len]);
        print(&value);
        assert_eq!(value.as_bytes()[..len], bytes[..len]);
        value
    }

    macro_rules! arms {
        ($union:ident: $($arm:ident)*) => {$({
            let union: $union = whole(bytes);
            let arm = $arm::from(union);
            print(&arm);
            assert_eq!($union::from(arm).as_bytes(), union.as_bytes());
        })*};
    }

    arms! { LinkInfo:
        LinkInfoRawTracepoint LinkInfoTracing LinkInfoCgroup LinkInfoIter LinkInfoIterMap
        LinkInfoIterCgroup LinkInfoIterTask LinkInfoNetns LinkInfoXdp LinkInfoStructOps
        LinkInfoNetfilter LinkInfoKprobeMulti LinkInfoUprobeMulti LinkInfoPerfEvent
        LinkInfoPerfEventUprobe LinkInfoPerfEventKprobe LinkInfoPerfEventTracepoint
        LinkInfoPerfEventEvent LinkInfoTcx LinkInfoNetkit LinkInfoSockmap
    }
    arms! { IterLinkInfo: IterLinkInfoMap IterLinkInfoCgroup IterLinkInfoTask }
    whole::<ProgInfo>(bytes);
    whole::<MapInfo>(bytes);
    whole::<BtfInfo>(bytes);
    whole::<TokenInfo>(bytes);
    whole::<FuncInfo>(bytes);
    whole::<LineInfo>(bytes);
    whole::<insn::Insn>(bytes);
    whole::<btf::Type>(bytes);
    whole::<btf::HeaderWithLayout>(bytes);

    let kind = whole::<LinkInfo>(bytes).r#type;
    assert_eq!(kind.name().is_some(), LinkType::KNOWN.iter().any(|(known, _)| *known == kind));
    if kind.name().is_none() {
        assert_eq!(format!("{kind:?}"), format!("LinkType({})", kind.0));
    }
}

/// A pass that comes in pieces, each of which ends a read: the first byte says what is read from it, the
/// second how large the buffer is, the third how long the pieces are; the rest is the pass.
#[cfg(target_os = "linux")]
pub fn stream(bytes: &[u8]) {
    let [what, room, cut, pass @ ..] = bytes else { return };
    let pass = &pass[..pass.len().min(4096)];
    let (room, cut) = (usize::from(*room), usize::from(*cut));
    match what % 5 {
        0 => hold_lines(pass, room, cut),
        1 => hold_records::<u8>(pass, room, cut),
        2 => hold_records::<u64>(pass, room, cut),
        3 => hold_records::<[u8; 3]>(pass, room, cut),
        _ => hold_records::<[u32; 5]>(pass, room, cut),
    }
}

/// A descriptor to read `pass` from, so that no read gets more than one piece: the kernel glues no messages
/// together that carry descriptors.
#[cfg(target_os = "linux")]
fn pieces(pass: &[u8], cut: usize) -> barebpf::iter::Iter {
    let mut ends = [0; 2];
    let kind = libc::SOCK_STREAM | libc::SOCK_CLOEXEC;
    // SAFETY: two numbers go to `ends`.
    assert_eq!(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, ends.as_mut_ptr()) }, 0);
    let size: libc::c_int = 4 << 20;
    let address = (&raw const size).cast();
    // SAFETY: the kernel reads four bytes of `size`.
    unsafe { libc::setsockopt(ends[1], libc::SOL_SOCKET, libc::SO_SNDBUF, address, 4) };
    // The lengths go round: 1, 2, …, `cut`. No more than 64 pieces, for which any socket has room.
    let least = pass.len() / 64 + 1;
    let (mut rest, mut turn) = (pass, 0);
    while !rest.is_empty() {
        turn = turn % cut.max(1) + 1;
        let (piece, behind) = rest.split_at(turn.max(least).min(rest.len()));
        rest = behind;
        let mut part =
            libc::iovec { iov_base: piece.as_ptr().cast_mut().cast(), iov_len: piece.len() };
        let mut control = [0_u64; 3];
        // SAFETY: a header of zeros is one that names nothing.
        let mut message: libc::msghdr = unsafe { std::mem::zeroed() };
        (message.msg_iov, message.msg_iovlen) = (&mut part, 1);
        message.msg_control = control.as_mut_ptr().cast();
        message.msg_controllen = size_of_val(&control) as _;
        // SAFETY: `message` is whole.
        let head = unsafe { libc::CMSG_FIRSTHDR(&message) };
        // SAFETY: `control` has room for one header with one number, and is aligned for both.
        let head = unsafe { &mut *head };
        (head.cmsg_level, head.cmsg_type) = (libc::SOL_SOCKET, libc::SCM_RIGHTS);
        // SAFETY: this only computes.
        head.cmsg_len = unsafe { libc::CMSG_LEN(4) } as _;
        // SAFETY: as above.
        let data: *mut libc::c_int = unsafe { libc::CMSG_DATA(head) }.cast();
        // SAFETY: as above.
        unsafe { data.write_unaligned(ends[1]) };
        // SAFETY: all that `message` points to lives on, and the kernel only reads it.
        let sent = unsafe { libc::sendmsg(ends[1], &message, libc::MSG_DONTWAIT) };
        assert_eq!(sent, piece.len() as isize, "{}", std::io::Error::last_os_error());
    }
    // SAFETY: this end is not used after this, nor closed again.
    unsafe { libc::shutdown(ends[1], libc::SHUT_WR) };
    // SAFETY: as above.
    unsafe { libc::close(ends[1]) };
    // SAFETY: the other end is given away here.
    let fd = unsafe { barebpf::fd::OwnedFd::from_raw_fd(ends[0]) };
    barebpf::iter::Iter::new(fd.unwrap())
}

#[cfg(target_os = "linux")]
fn hold_lines(pass: &[u8], room: usize, cut: usize) {
    use barebpf::iter::ReadError;
    let mut buf = vec![0; room];
    let mut lines = pieces(pass, cut).lines(&mut buf);
    let mut wanted: Vec<&[u8]> = pass.split(|byte| *byte == b'\n').collect();
    // What follows the last newline is a line only if there is something.
    if wanted.last().is_some_and(|last| last.is_empty()) {
        wanted.pop();
    }
    for line in wanted {
        if line.len() >= room {
            break;
        }
        assert_eq!(lines.next(), Ok(Some(line)));
    }
    let long = room == 0 || pass.split(|byte| *byte == b'\n').any(|line| line.len() >= room);
    for _ in 0..2 {
        let end = if long { Err(ReadError::TooLong(room)) } else { Ok(None) };
        assert_eq!(lines.next(), end);
    }
}

#[cfg(target_os = "linux")]
fn hold_records<T>(pass: &[u8], room: usize, cut: usize)
where
    T: zerocopy::FromBytes + zerocopy::IntoBytes + zerocopy::Immutable + zerocopy::KnownLayout,
{
    use barebpf::iter::ReadError;
    let mut buf: Vec<T> = (0..room).map(|_| T::new_zeroed()).collect();
    let mut records = pieces(pass, cut).records(&mut buf);
    let mut wanted = pass.chunks_exact(size_of::<T>());
    if room > 0 {
        for record in &mut wanted {
            let next = records.next();
            assert_eq!(next.map(|next| next.map(|next| next.as_bytes())), Ok(Some(record)));
        }
    }
    for _ in 0..2 {
        let end = match wanted.remainder().len() {
            _ if room == 0 => Err(ReadError::TooLong(0)),
            0 => Ok(None),
            rest => Err(ReadError::Fragment(rest)),
        };
        assert_eq!(records.next().map(|next| next.map(|next| next.as_bytes())), end);
    }
}

//! BTF against the running kernel's own and against odd ones made here.

use barebpf::btf::{Btf, Error, Kind, Want};

/// What bpftool says of the kernel's BTF, or the reason why that cannot be had.
fn bpftool() -> Option<String> {
    let file = "/sys/kernel/btf/vmlinux";
    if !std::path::Path::new(file).exists() {
        println!("skipped: this kernel has no {file}");
        return None;
    }
    let args = ["btf", "dump", "file", file, "format", "raw"];
    match std::process::Command::new("bpftool").args(args).output() {
        Ok(dump) if dump.status.success() => Some(String::from_utf8(dump.stdout).unwrap()),
        other => {
            println!("skipped: there is no bpftool that works (package bpftool): {other:?}");
            None
        }
    }
}

#[test]
fn ids_are_those_that_bpftool_says() {
    let Some(dump) = bpftool() else { return };
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).unwrap();
    // `[123] FUNC 'bpf_iter_task' type_id=…`: every function of an iterator, one name in a thousand.
    let mut seen = std::collections::HashSet::new();
    let mut compared = 0;
    for (place, line) in dump.lines().filter(|line| line.starts_with('[')).enumerate() {
        let (id, rest) = line[1..].split_once("] ").unwrap();
        let (kind, rest) = rest.split_once(' ').unwrap();
        let name = rest.trim_start_matches('\'').split('\'').next().unwrap();
        let first = seen.insert((kind, name));
        let wanted = name.starts_with("bpf_iter_") || place % 1000 == 0;
        let kind = Kind::KNOWN.iter().find(|(_, known)| known.ends_with(&format!("_{kind}")));
        if let (true, true, Some((kind, _))) = (first, wanted && name != "(anon)", kind) {
            assert_eq!(btf.id(*kind, name), Ok(id.parse().unwrap()), "{line}");
            compared += 1;
        }
    }
    assert!(compared > 100, "{compared} ids: bpftool's words have changed");
}

#[test]
fn places_are_those_that_bpftool_says() {
    let Some(dump) = bpftool() else { return };
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).unwrap();
    // `[9] STRUCT 'page' size=64 vlen=3`, then a line for each member, a tab in front. A name may stand
    // for several structs: only the first is found by it.
    let mut lines = dump.lines().peekable();
    let mut compared = 0;
    let mut seen = std::collections::HashSet::new();
    let mut place = 0;
    while let Some(line) = lines.next() {
        let Some((_, of)) = line.split_once("] STRUCT '") else { continue };
        let of = of.split('\'').next().unwrap();
        let known = ["task_struct", "sk_buff", "page", "bpf_attr", "file", "inode"].contains(&of);
        place += 1;
        let wanted = seen.insert(of) && of != "(anon)" && (known || place % 200 == 0);
        while let Some(member) = lines.next_if(|line| line.starts_with('\t')) {
            let name = member.trim_start_matches("\t'").split('\'').next().unwrap();
            if !wanted || name == "(anon)" || compared % 7 == 1 && !known {
                continue;
            }
            let number = |key: &str| {
                let at = member.split_once(key).map(|(_, rest)| rest.split(' ').next().unwrap());
                at.map_or(0, |number| number.parse().unwrap())
            };
            let [found] = btf.find([Want::member(of, name)]).unwrap();
            let found = found.member().unwrap_or_else(|error| panic!("{of}.{name}: {error}"));
            let want = (number("bits_offset="), number("bitfield_size="));
            assert_eq!((found.bit_offset, found.bit_width), want, "{of}.{name}");
            compared += 1;
        }
    }
    assert!(compared > 300, "{compared} members: bpftool's words have changed");
}

/// A BTF made here: records and strings put together by hand.
#[derive(Default)]
struct Made {
    types: Vec<u8>,
    strings: Vec<u8>,
    layout: Vec<u8>,
}

impl Made {
    fn new() -> Self {
        Self { strings: vec![0], ..Self::default() }
    }

    fn string(&mut self, text: &str) -> u32 {
        let at = self.strings.len() as u32;
        self.strings.extend(text.bytes());
        self.strings.push(0);
        at
    }

    fn ty(&mut self, name: u32, kind: u32, vlen: u32, flag: bool, size: u32, trailer: &[u32]) {
        let info = u32::from(flag) << 31 | kind << 24 | vlen;
        for word in [name, info, size].iter().chain(trailer) {
            self.types.extend(word.to_le_bytes());
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let hdr: u32 = if self.layout.is_empty() { 24 } else { 32 };
        let (t, s) = (self.types.len() as u32, self.strings.len() as u32);
        let mut out = vec![0x9f, 0xeb, 1, 0];
        for word in [hdr, 0, t, t, s] {
            out.extend(word.to_le_bytes());
        }
        if hdr == 32 {
            out.extend((t + s).to_le_bytes());
            out.extend((self.layout.len() as u32).to_le_bytes());
        }
        out.extend(&self.types);
        out.extend(&self.strings);
        out.extend(&self.layout);
        out
    }
}

/// A small one with everything in it: `long` names, anonymous members, bit-fields, arrays, pointers.
fn sample() -> Vec<u8> {
    let mut m = Made::new();
    let long = "x".repeat(300);
    m.string(&format!("{long}outer"));
    let (int, outer, a, b, c, list) = (
        m.string("int"),
        m.string("outer"),
        m.string("a"),
        m.string("b"),
        m.string("c"),
        m.string("list_head"),
    );
    let pad: Vec<u32> = (0..40).flat_map(|i| [0, 1, i * 32]).collect();
    m.ty(int, 1, 0, false, 4, &[32]); // 1
    m.ty(0, 2, 0, false, 1, &[]); // 2: int *
    m.ty(list, 4, 2, false, 8, &[a, 2, 0, b, 2, 32]); // 3
    m.ty(m.strings.len() as u32 - 1, 8, 0, false, 1, &[]); // 4
    m.ty(0, 3, 0, false, 0, &[1, 1, 7]); // 5: int [7]
    m.ty(0, 5, 2, false, 28, &[a, 5, 0, c, 2, 0]); // 6: anonymous union
    m.ty(outer, 12, 0, false, 0, &[]); // 7: FUNC outer
    m.ty(0, 4, 40, false, 160, &pad); // 8: a record longer than small windows
    m.ty(outer, 4, 3, true, 64, &[b, 1, 3 << 24 | 5, 0, 6, 64, list, 4, 320]); // 9
    m.bytes()
}

fn ask(btf: &mut Btf<'_>) -> String {
    let found = btf.find([
        Want::new(Kind::STRUCT, "outer"),
        Want::func("outer"),
        Want::member("outer", "a"),
        Want::member("outer", "b"),
        Want::member("outer", "c"),
        Want::member("outer", "int"),
        Want::new(Kind::UNION, "outer"),
        Want::new(Kind::STRUCT, "nothing"),
        Want::pointer(),
    ]);
    format!("{found:?} {:?}", btf.id(Kind::FUNC, "outer"))
}

/// A name for a file that no other test here has at the same time.
fn free_name() -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("barebpf-btf-{}-{count}", std::process::id()))
}

/// The answers through a window of each of these sizes, out of a file.
fn through_windows(bytes: &[u8], mut same: impl FnMut(&mut Btf<'_>)) {
    use std::os::fd::AsRawFd;
    // A window is filled by system calls.
    if cfg!(miri) {
        return;
    }
    let path = free_name();
    std::fs::write(&path, bytes).unwrap();
    let file = std::fs::File::open(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    for size in [64, 65, 100, 256, 1000, 4096] {
        let mut window = vec![0; size];
        // SAFETY: `file` stays open until the end of this function.
        let fd = unsafe { barebpf::fd::BorrowedFd::borrow_raw(file.as_raw_fd()) };
        same(&mut Btf::from_fd(fd, &mut window).unwrap());
    }
}

#[test]
fn names_members_and_sizes_are_found_in_memory_and_through_every_window() {
    let bytes = sample();
    let mut btf = Btf::from_slice(&bytes).unwrap();
    let [ty, func, a, b, c, none, union, nothing, pointer] = btf
        .find([
            Want::new(Kind::STRUCT, "outer"),
            Want::func("outer"),
            Want::member("outer", "a"),
            Want::member("outer", "b"),
            Want::member("outer", "c"),
            Want::member("outer", "int"),
            Want::new(Kind::UNION, "outer"),
            Want::new(Kind::STRUCT, "nothing"),
            Want::pointer(),
        ])
        .unwrap();
    assert_eq!((ty.id(), func.id()), (Ok(9), Ok(7)));
    let (a, b, c) = (a.member().unwrap(), b.member().unwrap(), c.member().unwrap());
    assert_eq!((a.offset(), a.size, a.kind), (Some(8), 28, Kind::ARRAY));
    assert_eq!((b.bit_offset, b.bit_width, b.size, b.offset()), (5, 3, 4, None));
    assert_eq!((c.offset(), c.size, c.kind), (Some(8), 4, Kind::PTR));
    assert_eq!(pointer.ptr_width(), Ok(barebpf::asm::PtrWidth::Four));
    for missing in [none.member().err(), union.id().err(), nothing.id().err()] {
        assert_eq!(missing, Some(Error::NOT_FOUND));
    }
    let answer = ask(&mut btf);
    through_windows(&bytes, |btf| assert_eq!(ask(btf), answer));
}

#[test]
fn a_name_may_be_the_end_of_a_longer_string_or_stand_twice() {
    let mut m = Made::new();
    let tail = m.string("put_thing") + 4;
    let (first, second) = (m.string("twice"), m.string("twice"));
    m.ty(tail, 12, 0, false, 0, &[]);
    m.ty(first, 4, 0, false, 0, &[]);
    m.ty(second, 12, 0, false, 0, &[]);
    let bytes = m.bytes();
    let check = |btf: &mut Btf<'_>| {
        assert_eq!(btf.id(Kind::FUNC, "thing"), Ok(1));
        assert_eq!(btf.id(Kind::FUNC, "twice"), Ok(3));
        let [a, b] = btf.find([Want::func("thing"), Want::func("twice")]).unwrap();
        assert_eq!((a.id(), b.id()), (Ok(1), Ok(3)));
    };
    check(&mut Btf::from_slice(&bytes).unwrap());
    through_windows(&bytes, check);
}

#[test]
fn an_unknown_kind_is_named_or_skipped_by_the_layout_section() {
    let mut m = Made::new();
    let name = m.string("f");
    m.ty(0, 25, 3, false, 0, &[1, 2, 3, 4]);
    m.ty(name, 12, 0, false, 0, &[]);
    let bytes = m.bytes();
    let error = Btf::from_slice(&bytes).unwrap().id(Kind::FUNC, "f").unwrap_err();
    assert_eq!(error.unknown_kind(), Some(25));
    m.layout = vec![0; 26 * 4];
    m.layout[25 * 4..25 * 4 + 2].copy_from_slice(&[4, 4]);
    assert_eq!(Btf::from_slice(&m.bytes()).unwrap().id(Kind::FUNC, "f"), Ok(2));
}

#[test]
fn circles_and_hostile_bytes_end_with_an_answer() {
    let mut m = Made::new();
    let name = m.string("loop");
    m.string("x");
    m.ty(name, 4, 2, false, 4, &[0, 1, 0, 0, 1, 0]);
    m.ty(0, 8, 0, false, 2, &[]);
    let bytes = m.bytes();
    let found = Btf::from_slice(&bytes).unwrap().find([Want::member("loop", "x")]);
    assert_eq!(found.err(), Some(Error::TOO_DEEP));

    let whole = sample();
    let (step, rounds) = if cfg!(miri) { (61, 40) } else { (1, 30_000) };
    for len in (0..whole.len()).step_by(step) {
        if let Ok(mut btf) = Btf::from_slice(&whole[..len]) {
            ask(&mut btf);
        }
    }
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for round in 0..rounds {
        let mut bytes = whole.clone();
        for _ in 0..4 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let at = (seed >> 16) as usize % bytes.len();
            bytes[at] = if seed & 1 == 0 { bytes[at] ^ 1 << (seed >> 8 & 7) } else { seed as u8 };
        }
        if let Ok(mut btf) = Btf::from_slice(&bytes) {
            ask(&mut btf);
        }
        // Through a window each byte is a call into the kernel: fewer of these.
        if round % 100 == 0 && !cfg!(miri) {
            hostile_window(&bytes);
        }
    }
}

/// An answer or an error, and the same as from memory.
fn hostile_window(bytes: &[u8]) {
    use std::io::Write as _;
    use std::os::fd::AsRawFd as _;
    let path = free_name();
    let mut file = std::fs::File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    file.write_all(bytes).unwrap();
    // SAFETY: `file` stays open for as long as this is used.
    let fd = unsafe { barebpf::fd::BorrowedFd::borrow_raw(file.as_raw_fd()) };
    let mut window = [0; 64];
    let through = Btf::from_fd(fd, &mut window).map(|mut btf| btf.id(Kind::FUNC, "outer"));
    let direct = Btf::from_slice(bytes).map(|mut btf| btf.id(Kind::FUNC, "outer"));
    assert_eq!(through, direct);
}

#[test]
fn the_members_of_the_kernels_tasks_are_the_same_mapped_and_through_a_window() {
    let ask = |btf: &mut Btf<'_>| {
        let found = btf.find([
            Want::member("task_struct", "pid"),
            Want::member("task_struct", "tgid"),
            Want::member("task_struct", "comm"),
        ]);
        let found = found.unwrap().map(|found| found.member().unwrap());
        assert_eq!(found.map(|member| member.size), [4, 4, 16]);
        found
    };
    let Ok(bytes) = std::fs::read("/sys/kernel/btf/vmlinux") else {
        println!("skipped: this kernel has no /sys/kernel/btf/vmlinux");
        return;
    };
    let mut window = [0; 4096];
    let mapped = ask(&mut Btf::vmlinux(&mut window).unwrap());
    through_windows(&bytes, |btf| assert_eq!(ask(btf), mapped));
}

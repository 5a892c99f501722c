//! Programs to attach, and places to attach them to.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use barebpf::asm::{atomic_op, exit, ld_map_value, mov64_imm};
use barebpf::btf::{Btf, Kind};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::prog::{Options, prog_load};
use barebpf::uapi::insn::{AluOp, AtomicOp, Insn, Reg, Size};
use barebpf::uapi::{AttachType, ProgType};
use barebpf::{Errno, Log, Result, sys, uapi};

/// The running kernel's release.
pub fn release() -> (u32, u32) {
    let text = fs::read_to_string("/proc/sys/kernel/osrelease").expect("/proc");
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().expect("digits"));
    (numbers.next().expect("a major number"), numbers.next().expect("a minor one"))
}

/// Whether this kernel is new enough for `what`. Says so when not.
pub fn has(what: &str, since: (u32, u32)) -> bool {
    let new = release() >= since;
    if !new {
        println!("skipped: {what} came with Linux {}.{}", since.0, since.1);
    }
    new
}

/// `return value`.
pub const fn returns(value: i32) -> [Insn; 2] {
    [mov64_imm(Reg::R0, value), exit()]
}

/// Loads a program that has to be accepted.
pub fn load(prog_type: ProgType, insns: &[Insn], options: &Options<'_>) -> OwnedFd {
    let mut buf = vec![0; 1 << 16];
    let mut log = Log::new(&mut buf);
    prog_load(prog_type, insns, c"GPL", options, &mut log)
        .unwrap_or_else(|errno| panic!("{errno}: {}", String::from_utf8_lossy(log.text())))
}

/// Loads "return 0" for a place.
pub fn simple(prog_type: ProgType, expected_attach_type: AttachType) -> OwnedFd {
    load(prog_type, &returns(0), &Options { expected_attach_type, ..Options::default() })
}

/// A program that lets packets into a cgroup.
pub fn ingress() -> OwnedFd {
    let options =
        Options { expected_attach_type: AttachType::CGROUP_INET_INGRESS, ..Options::default() };
    load(ProgType::CGROUP_SKB, &returns(1), &options)
}

/// A program of traffic control that lets others decide.
pub fn classifier() -> OwnedFd {
    load(ProgType::SCHED_CLS, &returns(-1), &Options::default())
}

/// A program for the kernel's function of that name.
pub fn traced(func: &str, attach_type: AttachType) -> Result<OwnedFd> {
    let mut window = [0; 4096];
    let id = Btf::vmlinux(&mut window).and_then(|mut btf| btf.id(Kind::FUNC, func));
    let Ok(attach_btf_id) = id else { return Err(Errno::NOENT) };
    let options =
        Options { expected_attach_type: attach_type, attach_btf_id, ..Options::default() };
    prog_load(ProgType::TRACING, &returns(0), c"GPL", &options, &mut Log::none())
}

/// A descriptor of `std` as ours.
pub fn borrow(fd: &impl AsRawFd) -> BorrowedFd<'_> {
    // SAFETY: `fd` is borrowed for as long.
    unsafe { BorrowedFd::borrow_raw(fd.as_raw_fd()) }
}

/// A descriptor that nobody has opened.
pub fn closed() -> BorrowedFd<'static> {
    // SAFETY: nobody uses what is not open.
    unsafe { BorrowedFd::borrow_raw(i32::MAX) }
}

/// Descriptor 0, whatever it is.
pub fn zero() -> BorrowedFd<'static> {
    // SAFETY: standard input stays as it is.
    unsafe { BorrowedFd::borrow_raw(0) }
}

/// A line of the kernel's own description of a descriptor: `prog_id`, `link_type`.
pub fn find_fdinfo(fd: BorrowedFd<'_>, name: &str) -> Option<String> {
    let path = format!("/proc/thread-self/fdinfo/{}", fd.as_raw_fd());
    let text = fs::read_to_string(path).expect("an open descriptor");
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.map(|line| line.trim().to_owned())
}

/// The same, of a line that has to be there.
pub fn fdinfo(fd: BorrowedFd<'_>, name: &str) -> String {
    find_fdinfo(fd, name).unwrap_or_else(|| panic!("no {name}"))
}

/// The same, a number.
pub fn id(fd: BorrowedFd<'_>, name: &str) -> u32 {
    fdinfo(fd, name).parse().expect("a number")
}

/// Makes a map.
pub fn map(attr: uapi::MapCreate) -> OwnedFd {
    let mut attr = attr;
    // SAFETY: the tests give no address, and the descriptor is new.
    let fd = unsafe { sys::bpf(uapi::Cmd::MAP_CREATE, &mut attr) }.expect("a map");
    // SAFETY: as above.
    unsafe { OwnedFd::from_raw_fd(fd as i32) }.expect("a free number")
}

fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).expect("no NUL in it")
}

/// A cgroup of the test's own, in the v2 hierarchy, which is mounted where nobody else looks.
pub struct Cgroup {
    mount: PathBuf,
    dir: PathBuf,
    file: File,
}

impl Cgroup {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("barebpf-cgroup-{}-{count}", std::process::id());
        let mount = std::env::temp_dir().join(&name);
        fs::create_dir_all(&mount).expect("a new directory");
        let (place, none) = (c_path(&mount), core::ptr::null());
        // SAFETY: both strings are NUL-terminated and outlive the call; there is no data.
        let ret =
            unsafe { libc::mount(c"none".as_ptr(), place.as_ptr(), c"cgroup2".as_ptr(), 0, none) };
        assert_eq!(ret, 0, "mount: {}", std::io::Error::last_os_error());
        let dir = mount.join(&name);
        fs::create_dir(&dir).expect("a new cgroup");
        let file = File::open(&dir).expect("a directory");
        Self { mount, dir, file }
    }

    pub fn fd(&self) -> BorrowedFd<'_> {
        borrow(&self.file)
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }
}

impl Drop for Cgroup {
    fn drop(&mut self) {
        fs::remove_dir(&self.dir).expect("an empty cgroup");
        // SAFETY: the string is NUL-terminated and outlives the call.
        let ret = unsafe { libc::umount2(c_path(&self.mount).as_ptr(), libc::MNT_DETACH) };
        assert_eq!(ret, 0, "umount: {}", std::io::Error::last_os_error());
        fs::remove_dir(&self.mount).expect("an empty directory");
    }
}

/// Runs `test` in a network namespace of its own, with a descriptor of that.
pub fn in_netns(test: impl FnOnce(BorrowedFd<'_>) + Send) {
    let own = move || {
        // SAFETY: this changes the calling thread alone, which ends below.
        let ret = unsafe { libc::unshare(libc::CLONE_NEWNET) };
        assert_eq!(ret, 0, "unshare: {}", std::io::Error::last_os_error());
        let file = File::open("/proc/thread-self/ns/net").expect("/proc");
        test(borrow(&file));
    };
    let ended = std::thread::scope(|scope| scope.spawn(own).join());
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

/// The index of the loopback device, in every network namespace.
pub const LO: u32 = 1;

/// A number that programs count in, in a map of the type `ARRAY`.
pub struct Counter(OwnedFd);

impl Counter {
    pub fn new() -> Self {
        Self(map(uapi::MapCreate::new(uapi::MapType::ARRAY, 4, 8, 1)))
    }

    /// Counts, and returns 0.
    pub fn program(&self) -> Vec<Insn> {
        let mut insns = ld_map_value(Reg::R1, self.0.as_raw_fd(), 0).to_vec();
        insns.push(mov64_imm(Reg::R2, 1));
        insns.push(atomic_op(Size::DW, AtomicOp(AluOp::ADD.0.into()), Reg::R1, Reg::R2, 0));
        insns.extend(returns(0));
        insns
    }

    pub fn get(&self) -> u64 {
        let (key, mut value) = ([0_u8; 4], [0_u8; 8]);
        let mut attr = uapi::MapElem::new(
            self.0.as_raw_fd() as u32,
            key.as_ptr().expose_provenance() as u64,
            value.as_mut_ptr().expose_provenance() as u64,
        );
        // SAFETY: key and value are as long as the map has them.
        unsafe { sys::bpf(uapi::Cmd::MAP_LOOKUP_ELEM, &mut attr) }.expect("a value");
        u64::from_le_bytes(value)
    }
}

/// What the kernel says of a link.
pub fn link_info<T: From<uapi::LinkInfo>>(link: BorrowedFd<'_>) -> T {
    let mut info = uapi::LinkInfo::zeroed();
    let address = core::ptr::from_mut(&mut info).expose_provenance() as u64;
    let len = size_of::<uapi::LinkInfo>() as u32;
    let mut attr = uapi::ObjGetInfoByFd::new(link.as_raw_fd() as u32, address, len);
    // SAFETY: `info` is ours, and as long as said.
    unsafe { sys::bpf(uapi::Cmd::OBJ_GET_INFO_BY_FD, &mut attr) }.expect("a link");
    info.into()
}

/// The first 64 bytes of `struct perf_event_attr`, which is its first published size.
#[repr(C)]
#[derive(Default)]
pub struct PerfEventAttr {
    pub r#type: u32,
    pub size: u32,
    pub config: u64,
    pub sample: [u64; 3],
    pub flags: u64,
    pub wakeup_and_bp_type: [u32; 2],
    pub config1: u64,
    pub config2: u64,
}

/// Opens one for this thread.
pub fn perf_event(mut attr: PerfEventAttr) -> std::io::Result<OwnedFd> {
    attr.size = size_of::<PerfEventAttr>() as u32;
    // SAFETY: `attr` is as long as it says, and read only.
    let fd =
        unsafe { libc::syscall(libc::SYS_perf_event_open, &raw const attr, 0, -1, -1, 8_usize) };
    if fd < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: it is new.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) }.unwrap())
}

/// Where a function is in the file of this program.
pub fn offset_of(func: extern "C" fn() -> u32) -> u64 {
    let address = func as *const () as u64;
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let hex = |text| u64::from_str_radix(text, 16).unwrap();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (start, end) = words.next().unwrap().split_once('-').unwrap();
        if (hex(start)..hex(end)).contains(&address) {
            return address - hex(start) + hex(words.nth(1).unwrap());
        }
    }
    panic!("no mapping of {address:#x}");
}

/// Takes all capabilities from this thread, for good.
pub fn without_capabilities() {
    // _LINUX_CAPABILITY_VERSION_3, and three sets of 64 bits.
    let (header, none) = ([0x2008_0522_u32, 0], [0_u32; 6]);
    // SAFETY: both are as long as this version has them, and only read.
    let ret = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr()) };
    assert_eq!(ret, 0, "capset: {}", std::io::Error::last_os_error());
}

/// Types: nothing but an `int`.
pub fn some_types() -> Vec<u8> {
    let words = [0x1_eb9f_u32, 24, 0, 16, 16, 5, 1, 1 << 24, 4, 1 << 24 | 32];
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend_from_slice(b"\0int\0");
    bytes
}

/// BTF that says nothing but what an `int` is.
pub fn some_btf() -> OwnedFd {
    barebpf::btf::btf_load(&some_types(), None, &mut Log::none()).expect("sound BTF")
}

/// Makes a pair of netkit devices, `bare0` and its peer; the index of the first.
pub fn netkit() -> Option<u32> {
    const RTM_NEWLINK: u32 = 16;
    // NLM_F_REQUEST, _ACK, _EXCL, _CREATE.
    const FLAGS: u32 = 1 | 4 | 0x200 | 0x400;
    let attribute = |kind: u16, payload: &[u8]| {
        let mut bytes = (payload.len() as u16 + 4).to_le_bytes().to_vec();
        bytes.extend_from_slice(&kind.to_le_bytes());
        bytes.extend_from_slice(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    };
    // IFLA_IFNAME, and IFLA_LINKINFO with IFLA_INFO_KIND in it.
    let attributes = [attribute(3, b"bare0\0"), attribute(18, &attribute(1, b"netkit\0"))].concat();
    let mut message = Vec::new();
    let len = 32 + attributes.len() as u32;
    for word in [len, FLAGS << 16 | RTM_NEWLINK, 1, 0, 0, 0, 0, 0] {
        message.extend_from_slice(&word.to_le_bytes());
    }
    message.extend_from_slice(&attributes);

    // SAFETY: no address.
    let socket = unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
    // SAFETY: it is new.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) }.expect("a netlink answer");
    // SAFETY: `message` is as long as said.
    let sent = unsafe { libc::send(socket.as_raw_fd(), message.as_ptr().cast(), message.len(), 0) };
    assert_eq!(sent, message.len() as isize);
    let mut answer = [0_u8; 256];
    // SAFETY: `answer` takes as much as said.
    let count =
        unsafe { libc::recv(socket.as_raw_fd(), answer.as_mut_ptr().cast(), answer.len(), 0) };
    assert!(count >= 20, "{count}");
    if i32::from_le_bytes(answer[16..20].try_into().expect("a netlink answer")) != 0 {
        return None;
    }
    // SAFETY: the name is NUL-terminated.
    let index = unsafe { libc::if_nametoindex(c"bare0".as_ptr()) };
    assert_ne!(index, 0);
    Some(index)
}

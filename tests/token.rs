//! A token, from the mount that delegates to the programs that it lets through: in a new user namespace,
//! by a child process, because that is where tokens are.

#[path = "common/attach.rs"]
mod attach;
mod common;

use std::ffi::{CStr, c_char, c_int, c_long};
use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsRawFd;

use barebpf::btf::{Btf, btf_get_fd_by_id, btf_load};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info::{obj_get_info_by_fd_btf, obj_get_info_by_fd_token};
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::map::{Options, map_create, map_get_fd_by_id, map_get_next_id};
use barebpf::obj::enable_stats;
use barebpf::prog::prog_load;
use barebpf::token::token_create;
use barebpf::uapi::insn::Insn;
use barebpf::uapi::{Cmd, MapOpenFlags, MapType, ProgType, StatsType, TokenInfo};
use barebpf::{Errno, Log, Result};

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn openat(dir: c_int, path: *const c_char, flags: c_int) -> c_int;
    fn _exit(status: c_int) -> !;
    fn waitpid(pid: c_int, status: *mut c_int, options: c_int) -> c_int;
}

const CLONE: c_long = if cfg!(target_arch = "x86_64") { 56 } else { 220 };
const FSOPEN: c_long = 430;
const FSCONFIG: c_long = 431;
const FSMOUNT: c_long = 432;

const CLONE_FILES: c_long = 0x400;
const CLONE_NEWNS: c_long = 0x20000;
const CLONE_NEWUSER: c_long = 0x1000_0000;
const SIGCHLD: c_long = 17;
const SET_STRING: c_long = 1;
const CREATE: c_long = 6;

/// What was tried in the child, in this order, and what has to come of it.
const STEPS: [(&str, Option<Errno>); 22] = [
    ("a mount descriptor, which is O_PATH", Some(Errno::BADF)),
    ("a bpffs that delegates nothing", Some(Errno::NOENT)),
    ("a bpffs of the first namespace", Some(Errno::PERM)),
    ("a directory that is no bpffs", Some(Errno::INVAL)),
    ("a bpffs that delegates", None),
    ("map without token", Some(Errno::PERM)),
    ("map with token", None),
    ("map of another type with token", Some(Errno::PERM)),
    ("map with a token that is none", Some(Errno::INVAL)),
    ("BTF without token", Some(Errno::PERM)),
    ("BTF with token", None),
    ("program without token", Some(Errno::PERM)),
    ("program with token", None),
    ("iterator without token", Some(Errno::PERM)),
    ("iterator with token", None),
    ("a link of it", None),
    ("a pass of it", None),
    ("BTF by id without token", Some(Errno::PERM)),
    ("BTF by id with token", None),
    ("the next map's id", Some(Errno::PERM)),
    ("a map by id", Some(Errno::PERM)),
    ("statistics", Some(Errno::PERM)),
];

type Codes = [u16; STEPS.len()];

/// A new descriptor from a call of libc's.
fn new_fd(ret: c_long) -> Option<OwnedFd> {
    // SAFETY: the kernel has just made it.
    (ret >= 0).then(|| unsafe { OwnedFd::from_raw_fd(ret as i32) }.ok()).flatten()
}

fn fsopen() -> Option<OwnedFd> {
    // SAFETY: the name is NUL-terminated.
    new_fd(unsafe { syscall(FSOPEN, c"bpf".as_ptr(), 1 as c_long) })
}

fn configure(fs: i32, command: c_long, key: Option<(&CStr, &CStr)>) -> bool {
    let (key, value) = match key {
        Some((key, value)) => (key.as_ptr(), value.as_ptr()),
        None => (core::ptr::null(), core::ptr::null()),
    };
    // SAFETY: the strings are NUL-terminated.
    let ret = unsafe { syscall(FSCONFIG, fs as c_long, command, key, value, 0 as c_long) };
    ret == 0
}

fn fsmount(fs: i32) -> Option<OwnedFd> {
    // SAFETY: this call reads no memory.
    new_fd(unsafe { syscall(FSMOUNT, fs as c_long, 1 as c_long, 0 as c_long) })
}

fn open(dir: i32, path: &CStr) -> Option<OwnedFd> {
    // SAFETY: the path is NUL-terminated.
    new_fd(unsafe { openat(dir, path.as_ptr(), 0o2_000_000) }.into())
}

fn send(pipe: &mut PipeWriter, number: i32) -> Option<()> {
    pipe.write_all(&number.to_ne_bytes()).ok()
}

fn receive(pipe: &mut PipeReader) -> Option<i32> {
    let mut bytes = [0; 4];
    pipe.read_exact(&mut bytes).ok()?;
    Some(i32::from_ne_bytes(bytes))
}

fn code<T>(result: Result<T>) -> u16 {
    result.map_or_else(Errno::as_raw, |_| 0)
}

/// The child's part; what fails outside of the steps gives `None`. It is the copy of one thread of many,
/// so it must not allocate.
fn inside(
    outer: &CStr,
    tell: &mut PipeWriter,
    hear: &mut PipeReader,
) -> Option<(Codes, TokenInfo)> {
    // The parent makes them: in here there is no privilege for that.
    let (fs, plain) = (fsopen()?, fsopen()?);
    send(tell, fs.as_raw_fd())?;
    send(tell, plain.as_raw_fd())?;
    let (mount, plain) = (receive(hear)?, receive(hear)?);
    let mut codes = [u16::MAX; STEPS.len()];
    let mut next = codes.iter_mut();

    // SAFETY: the parent keeps it open, in the table that we share.
    *next.next()? = code(token_create(unsafe { BorrowedFd::borrow_raw(mount) }));
    *next.next()? = code(token_create(open(plain, c".")?.as_fd()));
    *next.next()? = code(token_create(open(-100, outer)?.as_fd()));
    *next.next()? = code(token_create(open(-100, c"/")?.as_fd()));
    let root = open(mount, c".")?;
    let token = token_create(root.as_fd());
    *next.next()? = code(token.as_ref().map_err(|&errno| errno));
    let token = token.ok()?;

    let map = |map_type, token| {
        let options = Options { token, ..Options::default() };
        code(map_create(map_type, 4, 4, 1, &options, &mut Log::none()))
    };
    *next.next()? = map(MapType::LRU_HASH, None);
    *next.next()? = map(MapType::LRU_HASH, Some(token.as_fd()));
    *next.next()? = map(MapType::DEVMAP, Some(token.as_fd()));
    *next.next()? = map(MapType::LRU_HASH, Some(root.as_fd()));

    let btf: [u32; 11] =
        [0x1_eb9f, 24, 0, 16, 16, 5, 1, 1 << 24, 4, 32, u32::from_le_bytes(*b"\0int")];
    let mut bytes = [0; 45];
    bytes
        .chunks_mut(4)
        .zip(btf)
        .for_each(|(to, from)| to.copy_from_slice(&from.to_le_bytes()[..to.len()]));
    let types = btf_load(&bytes, None, &mut Log::none());
    *next.next()? = code(types);
    let types = btf_load(&bytes, Some(token.as_fd()), &mut Log::none());
    *next.next()? = code(types.as_ref().map_err(|&errno| errno));

    let mut program = [Insn::zeroed(); 2];
    (program[0].code, program[1].code) = (0xb7, 0x95);
    for token in [None, Some(token.as_fd())] {
        let options = barebpf::prog::Options { token, ..barebpf::prog::Options::default() };
        let (kind, log) = (ProgType::XDP, &mut Log::none());
        *next.next()? = code(prog_load(kind, &program, c"GPL", &options, log));
    }

    // Called for each task, and writes nothing.
    let mut window = [0; 4096];
    let target = iter::TASK.target(&mut Btf::vmlinux(&mut window).ok()?).ok()?;
    let load = |token| {
        let options = barebpf::prog::Options { token, ..barebpf::prog::Options::default() };
        Prog::load_with(target, &program, c"GPL", &options, &mut Log::none())
    };
    *next.next()? = code(load(None));
    let walker = load(Some(token.as_fd()));
    *next.next()? = code(walker.as_ref().map_err(|&errno| errno));
    let link = link_create_iter(&walker.ok()?, TaskInfo::All);
    *next.next()? = code(link.as_ref().map_err(|&errno| errno));
    *next.next()? = code(iter_create(link.ok()?.as_fd()).ok()?.read(&mut [0; 64]));

    let types = types.ok()?;
    let id = obj_get_info_by_fd_btf(types.as_fd(), &mut [], &mut []).ok()?.id;
    *next.next()? = code(btf_get_fd_by_id(id, None));
    *next.next()? = code(btf_get_fd_by_id(id, Some(token.as_fd())));
    *next.next()? = code(map_get_next_id(0));
    *next.next()? = code(map_get_fd_by_id(1, MapOpenFlags(0)));
    *next.next()? = code(enable_stats(StatsType::RUN_TIME));
    let info = obj_get_info_by_fd_token(token.as_fd()).unwrap_or_default();
    Some((codes, info))
}

#[test]
fn a_token_lets_through_what_its_mount_delegates_and_nothing_else() {
    if !common::privileged() {
        return;
    }
    let outer = common::Bpffs::new();
    let outer_root = outer.c_path("");
    let (mut from_child, mut tell) = std::io::pipe().unwrap();
    let (mut hear, mut to_child) = std::io::pipe().unwrap();

    // One table of descriptors for both: what one opens the other can use.
    let flags = CLONE_FILES | CLONE_NEWNS | CLONE_NEWUSER | SIGCHLD;
    let none = core::ptr::null::<u8>();
    // SAFETY: without CLONE_VM this is a fork; the child allocates nothing and leaves by `_exit`.
    let pid = unsafe { syscall(CLONE, flags, none, none, none, none) };
    if pid == 0 {
        let done = inside(&outer_root, &mut tell, &mut hear);
        let status = match done {
            Some((codes, info)) => {
                let numbers = [
                    info.allowed_cmds,
                    info.allowed_maps,
                    info.allowed_progs,
                    info.allowed_attachs,
                ];
                let codes = codes.iter().all(|code| tell.write_all(&code.to_ne_bytes()).is_ok());
                let info = numbers.iter().all(|n| tell.write_all(&n.to_ne_bytes()).is_ok());
                i32::from(!codes || !info)
            }
            None => {
                // Something for the parent to read to the end.
                let _ = tell.write_all(&[0xff; 128]);
                2
            }
        };
        // SAFETY: it takes any status.
        unsafe { _exit(status) }
    }
    if pid < 0 {
        println!("skipped: no user namespaces here: {}", std::io::Error::last_os_error());
        return;
    }

    let [fs, plain] = [(); 2].map(|()| receive(&mut from_child).unwrap());
    // Before 6.9 there is no such option.
    let mut delegated = true;
    for (key, value) in [
        (c"delegate_cmds", c"map_create:prog_load:btf_load:btf_get_fd_by_id"),
        (c"delegate_maps", c"lru_hash"),
        (c"delegate_progs", c"xdp:tracing"),
        (c"delegate_attachs", c"any"),
    ] {
        delegated = delegated && configure(fs, SET_STRING, Some((key, value)));
    }
    let mounts = [fs, plain].map(|fs| {
        assert!(configure(fs, CREATE, None) || !delegated);
        fsmount(fs)
    });
    for mount in &mounts {
        send(&mut to_child, mount.as_ref().map_or(-1, OwnedFd::as_raw_fd)).unwrap();
    }

    let mut codes: Codes = [0; STEPS.len()];
    for code in &mut codes {
        let mut bytes = [0; 2];
        from_child.read_exact(&mut bytes).unwrap();
        *code = u16::from_ne_bytes(bytes);
    }
    let mut info = [0_u64; 4];
    for number in &mut info {
        let mut bytes = [0; 8];
        from_child.read_exact(&mut bytes).unwrap();
        *number = u64::from_ne_bytes(bytes);
    }
    let mut status = 0;
    // SAFETY: the child is ours, and `status` takes what it left.
    let waited = unsafe { waitpid(pid as c_int, &mut status, 0) };
    assert_eq!(waited, pid as c_int);
    if !delegated {
        println!("skipped: this kernel has no tokens");
        return;
    }
    assert_eq!(status, 0, "{codes:?}");
    for ((step, expected), code) in STEPS.into_iter().zip(codes) {
        // Before 6.15 the kernel takes no token there.
        let none = step == "BTF by id with token" && attach::release() < (6, 15);
        let expected = if none { Some(Errno::INVAL) } else { expected };
        assert_eq!(Errno::from_raw(code), expected, "{step}");
    }
    // No info before 6.17.
    if info != [0; 4] {
        let cmd = |cmd: Cmd| 1_u64 << cmd.0;
        let cmds = cmd(Cmd::MAP_CREATE) | cmd(Cmd::PROG_LOAD);
        assert_eq!(info[0], cmds | cmd(Cmd::BTF_LOAD) | cmd(Cmd::BTF_GET_FD_BY_ID));
        assert_eq!(info[1], 1 << MapType::LRU_HASH.0);
        assert_eq!(info[2], 1 << ProgType::XDP.0 | 1 << ProgType::TRACING.0);
        assert_eq!(info[3], u64::MAX);
    }
}

#[test]
fn the_first_user_namespace_needs_no_token_and_gets_none() {
    if !common::privileged() {
        return;
    }
    let fs = common::Bpffs::new();
    let dir = File::open(fs.dir()).unwrap();
    // SAFETY: `dir` is open until the end of this function.
    let dir = unsafe { BorrowedFd::borrow_raw(dir.as_raw_fd()) };
    match token_create(dir).err() {
        Some(Errno::INVAL) => println!("skipped: this kernel has no tokens"),
        errno => assert_eq!(errno, Some(Errno::OPNOTSUPP)),
    }
    // SAFETY: nobody has this number, and nothing here closes it.
    let closed = unsafe { BorrowedFd::borrow_raw(1 << 20) };
    assert!(matches!(token_create(closed).err(), Some(Errno::BADF | Errno::INVAL)));
}

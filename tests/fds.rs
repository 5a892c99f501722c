//! Descriptors: never 0, 1 or 2, always close-on-exec, and closed when they should be.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod common;

use std::collections::BTreeMap;
use std::ffi::CString;
use std::fs::{self, File};
use std::os::fd::{FromRawFd as _, IntoRawFd as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, exit};
use std::{env, panic};

use barebpf::asm::{exit as exit_insn, mov64_imm};
use barebpf::btf::{Btf, Want, btf_get_fd_by_id, btf_get_next_id};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info::obj_get_info_by_fd_map;
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::map::{Options, map_create, map_get_fd_by_id};
use barebpf::obj::{enable_stats, obj_get, obj_pin};
use barebpf::prog::{self, prog_load};
use barebpf::uapi::insn::Reg;
use barebpf::uapi::{MapOpenFlags, MapType, ObjFlags, ProgType, StatsType};
use barebpf::{Errno, Log};
use common::Bpffs;

/// Where the child says what went wrong, and a bpffs that it can use.
const CHILD: &str = "BAREBPF_TEST_CHILD";
const DIR: &str = "BAREBPF_TEST_DIR";

/// Runs `body` in a process of its own that has 0, 1 and 2 closed, and room for `limit` descriptors. The
/// test with this name calls it, and is called again in the child.
fn without_standard_files(test: &str, limit: u32, bpffs: Option<&Bpffs>, body: fn()) {
    if let Some(report) = env::var_os(CHILD) {
        // There is no standard error to say it on.
        panic::set_hook(Box::new(move |info| {
            let _ = fs::write(&report, info.to_string());
            exit(1);
        }));
        for fd in 0..3 {
            // SAFETY: nothing here prints.
            drop(unsafe { File::from_raw_fd(fd) });
        }
        body();
        exit(0);
    }
    let report = env::temp_dir().join(format!("barebpf-{}-{test}", std::process::id()));
    let status = Command::new("sh")
        .args(["-c", "ulimit -n $0; exec \"$@\"", &limit.to_string()])
        .arg(env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, &report)
        .env(DIR, bpffs.map_or(Path::new(""), Bpffs::dir))
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let said = fs::read_to_string(&report).unwrap_or_default();
    let _ = fs::remove_file(&report);
    assert!(status.success(), "{:?} {:?}: {said}", status.code(), status.signal());
}

/// The open descriptors with their flags, but for the one that looks.
fn open() -> BTreeMap<i32, u32> {
    let mut open = BTreeMap::new();
    for entry in fs::read_dir("/proc/self/fd").unwrap() {
        let fd = entry.unwrap().file_name().into_string().unwrap();
        let target = fs::read_link(format!("/proc/self/fd/{fd}")).unwrap_or_default();
        if target.starts_with("/proc") {
            continue;
        }
        // Another test beside this one may have closed its own meanwhile.
        let Ok(info) = fs::read_to_string(format!("/proc/self/fdinfo/{fd}")) else { continue };
        let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).unwrap();
        open.insert(fd.parse().unwrap(), u32::from_str_radix(flags.trim(), 8).unwrap());
    }
    open
}

/// `fd` is 3 or above and close-on-exec, and nobody is left below.
fn good(what: &str, fd: BorrowedFd<'_>) {
    const O_CLOEXEC: u32 = 0o2_000_000;
    let (raw, open) = (fd.as_raw_fd(), open());
    assert!(raw >= 3, "{what}: {raw}");
    assert!(open.get(&raw).is_some_and(|flags| flags & O_CLOEXEC != 0), "{what}: {open:?}");
    assert!(open.keys().all(|&fd| fd >= 3), "{what}: {open:?}");
}

#[test]
fn whatever_the_kernel_hands_out_is_at_3_or_above_and_closed_by_exec() {
    if !common::privileged() {
        return;
    }
    // The child has its parent's.
    let bpffs = env::var_os(CHILD).is_none().then(Bpffs::new);
    without_standard_files(
        "whatever_the_kernel_hands_out_is_at_3_or_above_and_closed_by_exec",
        256,
        bpffs.as_ref(),
        || {
            let pin = PathBuf::from(env::var_os(DIR).unwrap()).join("map");
            let c_pin = CString::new(pin.as_os_str().as_bytes()).unwrap();
            let before = open();
            let log = &mut Log::none();
            let insns = [mov64_imm(Reg::R0, 0), exit_insn()];
            {
                let map = map_create(MapType::ARRAY, 4, 4, 1, &Options::default(), log).unwrap();
                good("map_create", map.as_fd());
                // The first of all is another's, and may be gone by now.
                let id = obj_get_info_by_fd_map(map.as_fd()).unwrap().id;
                let by_id = map_get_fd_by_id(id, MapOpenFlags(0)).unwrap();
                good("map_get_fd_by_id", by_id.as_fd());
                obj_pin(map.as_fd(), &c_pin).unwrap();
                let got = obj_get(&c_pin, ObjFlags(0)).unwrap();
                good("obj_get", got.as_fd());
                good("try_clone_to_owned", map.as_fd().try_clone_to_owned().unwrap().as_fd());
                let options = prog::Options::default();
                let prog =
                    prog_load(ProgType::SOCKET_FILTER, &insns, c"GPL", &options, log).unwrap();
                good("prog_load", prog.as_fd());
                let stats = enable_stats(StatsType::RUN_TIME).unwrap();
                good("enable_stats", stats.as_fd());
                fs::remove_file(pin).unwrap();
            }
            let mut window = [0; 4096];
            let found = Btf::vmlinux(&mut window).and_then(|mut btf| {
                let open = open();
                assert!(open.keys().all(|&fd| fd >= 3), "Btf::vmlinux: {open:?}");
                btf.find([Want::func(iter::TASK.func())])
            });
            if let Ok([task]) = found {
                let btf = btf_get_fd_by_id(btf_get_next_id(0).unwrap(), None).unwrap();
                good("btf_get_fd_by_id", btf.as_fd());
                let target = iter::TASK.with_id(task.id().unwrap());
                let prog = Prog::load(target, &insns, c"GPL", log).unwrap();
                good("Prog::load", prog.as_fd());
                let link = link_create_iter(&prog, TaskInfo::All).unwrap();
                good("link_create_iter", link.as_fd());
                good("iter_create", iter_create(link.as_fd()).unwrap().as_fd());
            }
            assert_eq!(open(), before, "something was not closed");
        },
    );
}

#[test]
fn a_low_descriptor_that_is_taken_over_moves_up_and_is_closed_by_exec() {
    without_standard_files(
        "a_low_descriptor_that_is_taken_over_moves_up_and_is_closed_by_exec",
        256,
        None,
        || {
            let before = open();
            for low in 0..3 {
                let files: Vec<_> = (0..=low).map(|_| File::open("/dev/null").unwrap()).collect();
                let raw = files.into_iter().next_back().unwrap().into_raw_fd();
                assert_eq!(raw, low);
                // SAFETY: it is open, and ours.
                let fd = unsafe { OwnedFd::from_raw_fd(raw) }.unwrap();
                good("from_raw_fd", fd.as_fd());
                drop(fd);
                assert_eq!(open(), before);
            }
            for low in 0..3 {
                // SAFETY: it is not open, which is what this is about.
                let fd = unsafe { OwnedFd::from_raw_fd(low) };
                assert_eq!(fd.unwrap_err(), Errno::BADF);
            }
        },
    );
}

#[test]
fn where_no_number_is_free_there_is_an_error_and_nothing_stays_open() {
    if !common::privileged() {
        return;
    }
    without_standard_files(
        "where_no_number_is_free_there_is_an_error_and_nothing_stays_open",
        4,
        None,
        || {
            // What the test's own process brought along may be there: fill up to the limit.
            let mut held = Vec::new();
            let full = loop {
                let raw = File::open("/dev/null").unwrap().into_raw_fd();
                // SAFETY: it is open, and ours.
                match unsafe { OwnedFd::from_raw_fd(raw) } {
                    Ok(fd) => held.push(fd),
                    Err(errno) => break errno,
                }
            };
            assert_eq!(full, Errno::MFILE);
            let before = open();
            assert!(before.keys().all(|&fd| fd >= 3), "{before:?}");
            let map = map_create(MapType::ARRAY, 4, 4, 1, &Options::default(), &mut Log::none());
            assert_eq!(map.unwrap_err(), Errno::MFILE);
            let first = held.first().unwrap();
            assert_eq!(first.as_fd().try_clone_to_owned().unwrap_err(), Errno::MFILE);
            assert_eq!(open(), before);
        },
    );
}

#[test]
fn where_no_number_above_2_is_allowed_the_kernel_says_einval_and_nothing_stays_open() {
    if !common::privileged() {
        return;
    }
    without_standard_files(
        "where_no_number_above_2_is_allowed_the_kernel_says_einval_and_nothing_stays_open",
        256,
        None,
        || {
            let take = || {
                let raw = File::open("/dev/null").unwrap().into_raw_fd();
                assert_eq!(raw, 0);
                // SAFETY: it is open, and ours.
                unsafe { OwnedFd::from_raw_fd(raw) }
            };
            let map = || map_create(MapType::ARRAY, 4, 4, 1, &Options::default(), &mut Log::none());
            let held = take().unwrap();
            let before = open();
            for most in [3, 2] {
                let limit = libc::rlimit { rlim_cur: most, rlim_max: 256 };
                // SAFETY: it reads two numbers.
                assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
                assert_eq!(map().unwrap_err(), Errno::INVAL);
                assert_eq!(take().unwrap_err(), Errno::INVAL);
                assert_eq!(held.as_fd().try_clone_to_owned().unwrap_err(), Errno::INVAL);
                let btf = Btf::vmlinux(&mut [0; 4096]).map(drop);
                assert_eq!(btf.unwrap_err().errno(), Some(Errno::INVAL));
                assert_eq!(open(), before);
            }
            // With 0, 1 and 2 taken the kernel has no number in the first place.
            let low: Vec<_> = (0..2).map(|_| File::open("/dev/null").unwrap()).collect();
            assert_eq!(map().unwrap_err(), Errno::MFILE);
            drop(low);
            assert_eq!(open(), before);
            // A sanitizer opens files in the end.
            let limit = libc::rlimit { rlim_cur: 256, rlim_max: 256 };
            // SAFETY: it reads two numbers.
            assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
        },
    );
}

#[test]
fn a_number_goes_out_and_comes_back_as_it_was() {
    let raw = File::open("/dev/null").unwrap().into_raw_fd();
    // SAFETY: it is open, and ours.
    let fd = unsafe { OwnedFd::from_raw_fd(raw) }.unwrap();
    assert_eq!(
        (fd.as_raw_fd(), fd.as_fd().as_raw_fd(), BorrowedFd::from(&fd).as_raw_fd()),
        (raw, raw, raw)
    );
    assert_eq!(format!("{fd:?} {:?}", fd.as_fd()), format!("OwnedFd({raw}) BorrowedFd({raw})"));
    let copy = fd.as_fd().try_clone_to_owned().unwrap();
    assert_ne!(copy.as_raw_fd(), raw);
    drop(copy);
    assert_eq!(fd.into_raw_fd(), raw);
    assert!(open().contains_key(&raw), "into_raw_fd closes nothing");
    // SAFETY: `into_raw_fd` has just given it away.
    drop(unsafe { OwnedFd::from_raw_fd(raw) });
}

#[cfg(feature = "std")]
#[test]
fn a_descriptor_of_std_comes_in_re_numbered_and_goes_out_as_it_is() {
    without_standard_files(
        "a_descriptor_of_std_comes_in_re_numbered_and_goes_out_as_it_is",
        256,
        None,
        || {
            use std::os::fd::{AsFd as _, AsRawFd as _};
            let before = open();
            let file = File::open("/dev/null").unwrap();
            assert_eq!(BorrowedFd::from(file.as_fd()).as_raw_fd(), 0);
            let fd = OwnedFd::try_from(std::os::fd::OwnedFd::from(file)).unwrap();
            good("try_from", fd.as_fd());
            let raw = fd.as_raw_fd();
            assert_eq!(std::os::fd::AsFd::as_fd(&fd).as_raw_fd(), raw);
            assert_eq!(std::os::fd::BorrowedFd::from(fd.as_fd()).as_raw_fd(), raw);
            let out = std::os::fd::OwnedFd::from(fd);
            assert_eq!(out.as_raw_fd(), raw);
            drop(out);
            assert_eq!(open(), before);
        },
    );
}

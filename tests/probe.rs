//! What the probe checks on boards, here: the same code.

#[path = "../targets/probe/src/checks/mod.rs"]
#[expect(unreachable_pub, reason = "public in the probe")]
#[allow(dead_code, reason = "the probe uses all of it")]
mod checks;
mod common;

use std::ffi::CStr;
use std::fs;
use std::os::fd::IntoRawFd as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use barebpf::fd::OwnedFd;
use barebpf::{Errno, Result};
use checks::{Failed, Name, Why, World, abi, iterator, maps, numbers, refused};
use common::{Bpffs, privileged};

/// What is printed, and `std` for the rest.
#[derive(Default)]
struct Here(Vec<String>);

fn path(path: &CStr) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(path.to_bytes()))
}

fn errno(error: std::io::Error) -> Errno {
    Errno::from_raw(error.raw_os_error().unwrap() as u16).unwrap()
}

impl World for Here {
    fn line(&mut self, line: &[u8]) {
        let line = String::from_utf8_lossy(line).into_owned();
        assert!(line.ends_with('\n') && !line.contains('\0'), "{line:?}");
        print!("{line}");
        self.0.push(line);
    }

    fn open(&mut self, name: &CStr) -> Result<OwnedFd> {
        let fd = fs::File::open(path(name)).map_err(errno)?.into_raw_fd();
        // SAFETY: it was open and is given away here.
        unsafe { OwnedFd::from_raw_fd(fd) }
    }

    fn unlink(&mut self, name: &CStr) -> Result<()> {
        fs::remove_file(path(name)).map_err(errno)
    }

    fn process(&self) -> u32 {
        std::process::id()
    }

    fn pause(&mut self) {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
}

fn release() -> String {
    fs::read_to_string("/proc/sys/kernel/osrelease").unwrap().trim().to_owned()
}

fn kernel() -> u32 {
    abi::release(release().as_bytes())
}

#[test]
fn an_iterator_is_made_pinned_read_updated_queried_and_leaves_nothing() {
    if !privileged() {
        return;
    }
    let (bpffs, mut here) = (Bpffs::new(), Here::default());
    iterator::check(&mut here, kernel(), &bpffs.c_path("it")).expect("all of it");
    assert!(!bpffs.path("it").exists());
    assert!(here.0.last().unwrap().ends_with("nothing left\n") || here.0[0].contains("NO_BTF"));
}

#[test]
fn what_stands_at_the_name_already_is_not_touched() {
    if !privileged() {
        return;
    }
    let (bpffs, mut here) = (Bpffs::new(), Here::default());
    fs::create_dir(bpffs.path("it")).expect("a directory");
    let failed = iterator::check(&mut here, kernel(), &bpffs.c_path("it"));
    if fs::exists("/sys/kernel/btf/vmlinux").unwrap() {
        let failed = failed.expect_err("the name is taken");
        assert_eq!(failed.texts(), [&b"obj_pin"[..], b"EEXIST"]);
    }
    assert!(bpffs.path("it").is_dir());
}

#[test]
fn a_map_takes_elements_and_gives_them_back() {
    if privileged() {
        maps::check(&mut Here::default()).expect("all of it");
    }
}

#[test]
fn a_program_that_is_refused_leaves_a_log() {
    if privileged() {
        refused::check(&mut Here::default(), kernel()).expect("all of it");
    }
}

#[test]
fn the_numbers_are_this_kernels_and_a_release_without_a_count_fails_with_the_line_for_it() {
    let mut here = Here::default();
    let result = numbers::check(&mut here, kernel());
    if here.0[0].contains("NO_BTF") {
        println!("skipped: this kernel has no BTF, or sysfs is not mounted");
        return;
    }
    if abi::COUNTS.iter().any(|row| kernel() == abi::linux(row[0], row[1])) {
        result.expect("what is committed");
    }
    let failed =
        numbers::check(&mut here, abi::release(b"99.1.2-board")).expect_err("nobody counted that");
    assert_eq!(failed, Failed::new(Name::ABI_COUNTS_TSV, Why::DIFFERS));
    assert!(here.0.last().unwrap().contains("99.1\t"), "{:?}", here.0);
}

#[test]
fn errors_are_printed_by_their_c_name() {
    let said = |why: Why| Failed::new(Name::UNLINK, why).texts();
    for (errno, name) in Errno::KNOWN {
        assert_eq!(said((*errno).into()), [b"unlink", name.as_bytes()]);
    }
    let unknown = Errno::from_raw(4000).unwrap();
    assert_eq!(said(unknown.into()), [&b"unlink"[..], b"errno without a name"]);
    assert_eq!(said(Why::UNKNOWN_KIND), [&b"unlink"[..], b"UNKNOWN_KIND"]);
}

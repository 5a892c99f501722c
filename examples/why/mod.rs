//! What the examples share, and what they say when something fails: which call, which error, what it means there and what to
//! do, in one line; then exit status 1.

#![allow(dead_code, reason = "each example uses a part of it")]

use std::env;
use std::ffi::{CString, OsStr, OsString};
use std::fmt::Display;
use std::fs::File;
use std::io::{self, ErrorKind, Write, stderr, stdout};
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;
use std::process::exit;

use barebpf::asm::{self, Program, PtrWidth};
use barebpf::btf::{self, Btf, Found, btf_load};
use barebpf::fd::BorrowedFd;
use barebpf::iter::{Iter, Kind, Name, Prog, ReadError, Target};
use barebpf::obj::obj_pin;
use barebpf::{Errno, Log};

/// What the kernel's BTF answers, or why it does not.
pub fn btf<T>(ask: impl FnOnce(&mut Btf<'_>) -> Result<T, btf::Error>) -> T {
    let mut window = [0; 4096];
    Btf::vmlinux(&mut window)
        .and_then(|mut btf| ask(&mut btf))
        .unwrap_or_else(|error| no_btf(error))
}

/// Where a member is, or why that is not known.
pub fn off(found: Found) -> i16 {
    found.off().unwrap_or_else(|error| no_btf(error))
}

/// A target and the width of a pointer in this kernel, or why not.
pub fn target<K: Kind>(name: Name<'_, K>) -> (Target<K>, PtrWidth) {
    btf(|btf| Ok((name.target(btf)?, btf.ptr_width()?)))
}

/// What the call made, or why not.
pub fn ok<T>(call: &str, result: Result<T, impl Into<Errno>>) -> T {
    result.unwrap_or_else(|error| failed(call, error.into(), b""))
}

/// The next of a pass, or why the pass breaks off.
pub fn next<T>(result: Result<T, ReadError>) -> T {
    result.unwrap_or_else(|error| end("iterator", error, "the rest is not known"))
}

/// What a file's call made, or why not.
pub fn io<T>(call: &str, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| end(call, error, "not expected here"))
}

/// Pins, or says why not.
pub fn pin(fd: BorrowedFd<'_>, path: &OsStr) {
    // An argument has no NUL in it.
    ok("OBJ_PIN", obj_pin(fd, &CString::new(path.as_bytes()).unwrap_or_default()));
}

/// Prints a result. When nobody reads on, the program has done its work.
pub fn print(text: &[u8]) {
    // To `Stdout`, one that is closed is as good as any.
    let file = stdout().as_fd().try_clone_to_owned().map(File::from);
    match file.and_then(|mut file| file.write_all(text)) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => exit(0),
        Err(error) => {
            let errno =
                error.raw_os_error().and_then(|raw| Errno::from_raw(u16::try_from(raw).ok()?));
            let errno = errno.map_or(error.to_string(), |errno| errno.to_string());
            end("write", errno, "standard output is not whole")
        }
        Ok(()) => {}
    }
}

/// Prints a line beside the results, for whoever reads it.
pub fn note(line: impl Display) {
    let _ = writeln!(stderr(), "{line}");
}

/// The value of the one option that there is, if it was given.
pub fn option(name: &str, usage: &str) -> Option<OsString> {
    match &*env::args_os().collect::<Vec<_>>() {
        [_] => None,
        [_, option, value] if option == name => Some(value.clone()),
        _ => self::usage(usage),
    }
}

/// Ends the program with how it is called.
pub fn usage(usage: &str) -> ! {
    note(format_args!("usage: {usage}"));
    exit(2)
}

/// A whole pass of text, or why not.
pub fn read(mut pass: Iter) -> Vec<u8> {
    let (mut text, mut buf) = (Vec::new(), [0; 16384]);
    loop {
        match ok("read", pass.read(&mut buf)) {
            0 => return text,
            len => text.extend_from_slice(&buf[..len]),
        }
    }
}

/// The program loaded, or why not.
pub fn load<K: Kind, const N: usize>(target: Target<K>, program: &Program<N>) -> Prog<K> {
    let insns = program.finish().unwrap_or_else(|error: asm::Error| end("program", error, "a bug"));
    let mut log = vec![0; 1 << 16];
    let mut log = Log::new(&mut log);
    Prog::load(target, insns, c"GPL", &mut log)
        .unwrap_or_else(|errno| failed("PROG_LOAD", errno, log.text()))
}

/// Ends the program, in words.
pub fn failed(call: &str, errno: Errno, log: &[u8]) -> ! {
    let log = String::from_utf8_lossy(log);
    // The verifier's reason stands in front of its statistics.
    let reason = log.lines().rev().find(|line| !line.is_empty() && !line.starts_with("processed "));
    let why = match (call, errno) {
        (_, Errno::NOSYS) => "this kernel has no bpf(2): CONFIG_BPF_SYSCALL",
        // BTF takes the one and not the other.
        ("PROG_LOAD", Errno::PERM) => match btf_load(&[], None, &mut Log::none()) {
            Err(Errno::PERM) => {
                "CAP_BPF is missing: run it as root, or with CAP_BPF and CAP_PERFMON"
            }
            _ => "CAP_PERFMON is missing: run it as root, or with CAP_BPF and CAP_PERFMON",
        },
        ("PROG_LOAD", _) => reason.unwrap_or("no reason given: iterators need Linux 5.8 or later"),
        ("LINK_CREATE" | "ITER_CREATE", Errno::INVAL) => "iterators need Linux 5.8 or later",
        ("OBJ_PIN", Errno::PERM) => {
            "not a name on a bpffs (mount -t bpf bpf /sys/fs/bpf), or one with a '.' in it"
        }
        ("OBJ_PIN", Errno::EXIST) => "that name is taken, and stays as it is: choose another",
        ("OBJ_PIN", Errno::NOENT) => {
            "that directory does not exist, or no bpffs is there: mount -t bpf bpf /sys/fs/bpf"
        }
        ("OBJ_PIN", Errno::ACCES) => "that directory is not yours to write to",
        ("MAP_CREATE", Errno::PERM) => "not permitted: run it as root, or with CAP_BPF",
        ("LINK_GET_NEXT_ID" | "LINK_GET_FD_BY_ID", Errno::PERM) => {
            "not permitted: run it as root, or with CAP_SYS_ADMIN"
        }
        _ => "not expected here",
    };
    end(call, errno, why)
}

/// The same for BTF.
pub fn no_btf(error: btf::Error) -> ! {
    match error {
        btf::Error::NO_BTF => {
            end("BTF", error, "iterators need a kernel with CONFIG_DEBUG_INFO_BTF")
        }
        _ => end("BTF", error, "/sys/kernel/btf/vmlinux cannot be used"),
    }
}

fn end(call: &str, error: impl Display, why: &str) -> ! {
    note(format_args!("{call}: {error}: {why}"));
    exit(1)
}

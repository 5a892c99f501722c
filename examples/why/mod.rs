//! What the examples share, and what they say when something fails: which call, which error, what it means there and what to
//! do, in one line; then exit status 1.

#![allow(dead_code, reason = "each example uses a part of it")]

use std::fmt::Display;

use barebpf::asm::{self, Program, PtrWidth};
use barebpf::btf::{self, Btf};
use barebpf::iter::{Kind, Name, Prog, Target};
use barebpf::{Errno, Log};

/// A target and the width of a pointer in this kernel, or why not.
pub fn target<K: Kind>(name: Name<'_, K>) -> (Target<K>, PtrWidth) {
    let mut window = [0; 4096];
    let found = Btf::vmlinux(&mut window)
        .and_then(|mut btf| Ok((name.target(&mut btf)?, btf.ptr_width()?)));
    found.unwrap_or_else(|error| no_btf(error))
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
        ("PROG_LOAD", Errno::PERM) => {
            "not permitted: run it as root, or with CAP_BPF and CAP_PERFMON"
        }
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
    eprintln!("{call}: {error}: {why}");
    std::process::exit(1)
}

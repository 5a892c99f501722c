//! BTF against the running kernel's own and against odd ones made here.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that panics has failed, as it should"
)]

use barebpf::btf::{Btf, Kind};

#[test]
fn the_kernels_iterator_function_has_the_id_that_bpftool_says() {
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).unwrap();
    let id = btf.id(Kind::FUNC, "bpf_iter_task").unwrap();
    let dump = std::process::Command::new("bpftool")
        .args(["btf", "dump", "file", "/sys/kernel/btf/vmlinux", "format", "raw"])
        .output()
        .unwrap();
    let dump = String::from_utf8(dump.stdout).unwrap();
    let line = dump.lines().find(|l| l.contains("] FUNC 'bpf_iter_task' ")).unwrap();
    assert!(line.starts_with(&format!("[{id}] ")), "{id}: {line}");
}

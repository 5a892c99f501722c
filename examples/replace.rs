//! A pinned iterator is read, its program replaced under it, and read again. Needs root, and bpffs.
//!
//! ```text
//! $ cargo run --release --example replace -- /sys/fs/bpf/greeting
//! cat /sys/fs/bpf/greeting: good morning
//! cat /sys/fs/bpf/greeting: good night
//! the first program is no longer there to be replaced: EPERM (1)
//! ```

use std::{env, ffi::CString, fs, process};

use barebpf::asm::*;
use barebpf::iter::{self, Prog, Target, Task, TaskInfo, link_create_iter};
use barebpf::uapi::{helper::Helper, insn::AluOp, insn::Reg as R};
use barebpf::{link::link_update, obj::obj_pin};

mod why;
use why::failed;

/// A program that writes `text` for each task.
fn load(target: Target<Task>, width: PtrWidth, text: &[u8]) -> Prog<Task> {
    let mut program = Program::<24>::new();
    let done = &mut program.label();
    program
        .add(ld_ctx_ptr(R::R2, R::R1, 1)) // meta, task
        .jmp_null(width, R::R2, done)
        .extend(&[ld_ctx_ptr(R::R1, R::R1, 0), ld_ptr(width, R::R1, R::R1, 0)])
        .st_bytes(R::R10, -16, text)
        .extend(&[mov64_reg(R::R2, R::R10), alu64_imm(AluOp::ADD, R::R2, -16)])
        .extend(&[mov64_imm(R::R3, text.len() as i32), call(Helper::SEQ_WRITE)])
        .bind(done)
        .extend(&[mov64_imm(R::R0, 0), exit()]);
    why::load(target, &program)
}

fn main() {
    let Some(path) = env::args().nth(1) else {
        eprintln!("usage: replace PATH");
        process::exit(2)
    };
    let (target, width) = why::target(iter::TASK);
    let old = load(target, width, b"good morning\n");
    let new = load(target, width, b"good night\n");
    let link = link_create_iter(&old, TaskInfo::Tid(process::id()))
        .unwrap_or_else(|errno| failed("LINK_CREATE", errno, b""));
    let name = CString::new(&*path).expect("no NUL in an argument");
    obj_pin(link.as_fd(), &name).unwrap_or_else(|errno| failed("OBJ_PIN", errno, b""));

    let cat = || print!("cat {path}: {}", fs::read_to_string(&path).expect("it is pinned"));
    cat();
    let replace = || link_update(link.as_fd(), new.as_fd(), Some(old.as_fd()));
    let first = replace();
    cat();
    if let Err(errno) = replace() {
        println!("the first program is no longer there to be replaced: {errno}");
    }
    fs::remove_file(&path).expect("it was pinned here");
    first.unwrap_or_else(|errno| failed("LINK_UPDATE", errno, b""));
}

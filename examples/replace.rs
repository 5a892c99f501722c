//! A pinned iterator is read, its program replaced under it, and read again. Needs root, and bpffs.
//!
//! ```text
//! $ cargo run --release --example replace -- /sys/fs/bpf/greeting
//! cat /sys/fs/bpf/greeting: good morning
//! cat /sys/fs/bpf/greeting: good night
//! the first program is no longer there to be replaced: EPERM (1)
//! ```

use std::{env, fs, process};

use barebpf::asm::*;
use barebpf::iter::{self, Prog, Target, Task, TaskInfo, link_create_iter};
use barebpf::link::link_update;
use barebpf::uapi::{helper::Helper, insn::AluOp, insn::Reg as R};

mod why;

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
    let args: Vec<_> = env::args_os().collect();
    let [_, path] = &*args else { why::usage("replace PATH") };
    let (target, width) = why::target(iter::TASK);
    let old = load(target, width, b"good morning\n");
    let new = load(target, width, b"good night\n");
    let link = link_create_iter(&old, TaskInfo::Tid(process::id()));
    let link = why::ok("LINK_CREATE", link);
    why::pin(link.as_fd(), path);

    let cat = || fs::read_to_string(path);
    let replace = || link_update(link.as_fd(), new.as_fd(), Some(old.as_fd()));
    let (before, first, after, second) = (cat(), replace(), cat(), replace());
    why::io("unlink", fs::remove_file(path));
    why::ok("LINK_UPDATE", first);
    let (path, before, after) = (path.display(), why::io("read", before), why::io("read", after));
    let mut text = format!("cat {path}: {before}cat {path}: {after}");
    if let Err(errno) = second {
        text += &format!("the first program is no longer there to be replaced: {errno}\n");
    }
    why::print(text.as_bytes());
}

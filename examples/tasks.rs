//! Every task of the running system, out of an iterator of the kernel's. Needs root.
//!
//! ```text
//! $ cargo run --release --example tasks
//!     TID    TGID COMM
//!       1       1 systemd
//!       2       2 kthreadd
//! 2 tasks
//! ```
//!
//! With `-- --pin /sys/fs/bpf/tasks`, `cat /sys/fs/bpf/tasks` prints the same afresh each time.

#![no_main] // What `std` does before its own `main` looks into /proc.

use barebpf::iter::{self, TaskInfo, iter_create, link_create_iter};
use barebpf::uapi::{helper::Helper, insn::AluOp, insn::JmpOp, insn::Reg as R, insn::Size};
use barebpf::{asm::*, btf::Want};

mod why;

#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let pin = why::option("--pin", "tasks [--pin PATH]");
    let (target, width) = why::target(iter::TASK);
    let members = ["pid", "tgid", "comm"].map(|name| Want::member("task_struct", name));
    let [pid, tgid, comm] = why::btf(|btf| btf.find(members)).map(why::off);
    let (header, row) = (b"    TID    TGID COMM\n", b"%7d %7d %s\n\0");
    let (mut program, seq, task) = (Program::<48>::new(), R::R6, R::R7);
    let add = |reg, number| alu64_imm(AluOp::ADD, reg, number);
    let (one, done) = (&mut program.label(), &mut program.label());
    program
        .extend(&[ld_ctx_ptr(R::R2, R::R1, 0), ld_ctx_ptr(task, R::R1, 1)]) // meta, task
        .jmp_null(width, task, done)
        .extend(&[ld_ptr(width, seq, R::R2, 0), ldx_mem(Size::DW, R::R1, R::R2, 16)]) // seq_num
        .jmp_imm(JmpOp::JNE, R::R1, 0, one)
        .st_bytes(R::R10, -24, header)
        .extend(&[mov64_reg(R::R1, seq), mov64_reg(R::R2, R::R10), add(R::R2, -24)])
        .extend(&[mov64_imm(R::R3, header.len() as i32), call(Helper::SEQ_WRITE)])
        .bind(one)
        .st_bytes(R::R10, -40, row)
        .extend(&[ldx_mem(Size::W, R::R1, task, pid), stx_mem(Size::DW, R::R10, R::R1, -24)])
        .extend(&[ldx_mem(Size::W, R::R1, task, tgid), stx_mem(Size::DW, R::R10, R::R1, -16)])
        .extend(&[add(task, comm.into()), stx_mem(Size::DW, R::R10, task, -8)])
        .extend(&[mov64_reg(R::R1, seq), mov64_reg(R::R2, R::R10), add(R::R2, -40)])
        .extend(&[mov64_imm(R::R3, row.len() as i32), mov64_reg(R::R4, R::R10), add(R::R4, -24)])
        .extend(&[mov64_imm(R::R5, 24), call(Helper::SEQ_PRINTF)])
        .bind(done)
        .extend(&[mov64_imm(R::R0, 0), exit()]);
    let prog = why::load(target, &program);
    let link = why::ok("LINK_CREATE", link_create_iter(&prog, TaskInfo::All));
    let table = why::read(why::ok("ITER_CREATE", iter_create(link.as_fd())));
    if let Some(path) = pin {
        why::pin(link.as_fd(), &path);
        let path = path.display();
        why::note(format_args!("pinned: cat {path} prints this afresh; rm {path} ends it"));
    }
    why::print(&table);
    why::note(format_args!("{} tasks", table.iter().filter(|&&b| b == b'\n').skip(1).count()));
    0
}

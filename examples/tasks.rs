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

#![no_main]

use std::io::{ErrorKind, Write, stdout};
use std::{env, ffi::CString, fs, process};

use barebpf::asm::{Program, PtrWidth, alu64_imm, call, exit, ld_ctx_ptr, ldx_mem};
use barebpf::asm::{ld_ptr, mov64_imm, mov64_reg, stx_mem};
use barebpf::btf::{self, Btf, Want};
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::uapi::{helper::Helper, insn::AluOp, insn::JmpOp, insn::Reg as R, insn::Size};
use barebpf::{Log, obj::obj_pin};

mod why;
use why::{failed, no_btf};

const HEADER: &[u8] = b"    TID    TGID COMM\n";
const ROW: &[u8] = b"%7d %7d %s\n\0";

/// Called once for each task, and once without one.
fn program(width: PtrWidth, [pid, tgid, comm]: [i16; 3]) -> Program<48> {
    let mut program = Program::new();
    let (row, done) = (&mut program.label(), &mut program.label());
    program
        .add(ld_ctx_ptr(R::R6, R::R1, 0)) // meta: seq, session_id, seq_num, 8 bytes apart
        .add(ld_ctx_ptr(R::R7, R::R1, 1)) // task
        .jmp_null(width, R::R7, done)
        .add(ld_ptr(width, R::R8, R::R6, 0))
        .add(ldx_mem(Size::DW, R::R1, R::R6, 16))
        .jmp_imm(JmpOp::JNE, R::R1, 0, row)
        .st_bytes(R::R10, -24, HEADER)
        .extend(&[mov64_reg(R::R1, R::R8), mov64_reg(R::R2, R::R10)])
        .extend(&[alu64_imm(AluOp::ADD, R::R2, -24), mov64_imm(R::R3, HEADER.len() as i32)])
        .add(call(Helper::SEQ_WRITE))
        .bind(row)
        .st_bytes(R::R10, -40, ROW)
        .extend(&[ldx_mem(Size::W, R::R1, R::R7, pid), stx_mem(Size::DW, R::R10, R::R1, -24)])
        .extend(&[ldx_mem(Size::W, R::R1, R::R7, tgid), stx_mem(Size::DW, R::R10, R::R1, -16)])
        .extend(&[alu64_imm(AluOp::ADD, R::R7, comm.into()), stx_mem(Size::DW, R::R10, R::R7, -8)])
        .extend(&[mov64_reg(R::R1, R::R8), mov64_reg(R::R2, R::R10), mov64_reg(R::R4, R::R10)])
        .extend(&[alu64_imm(AluOp::ADD, R::R2, -40), mov64_imm(R::R3, ROW.len() as i32)])
        .extend(&[alu64_imm(AluOp::ADD, R::R4, -24), mov64_imm(R::R5, 24)])
        .add(call(Helper::SEQ_PRINTF))
        .bind(done)
        .extend(&[mov64_imm(R::R0, 0), exit()]);
    program
}

/// The target's id and the places of three members of `struct task_struct`, from the kernel's BTF.
fn kernel() -> Result<(u32, PtrWidth, [i16; 3]), btf::Error> {
    let mut window = [0; 4096];
    let [target, pointer, pid, tgid, comm] = Btf::vmlinux(&mut window)?.find([
        Want::func(iter::TASK.func()),
        Want::pointer(),
        Want::member("task_struct", "pid"),
        Want::member("task_struct", "tgid"),
        Want::member("task_struct", "comm"),
    ])?;
    Ok((target.id()?, pointer.ptr_width()?, [pid.off()?, tgid.off()?, comm.off()?]))
}

/// As C has it: what `std` does before its own `main` looks into /proc.
#[unsafe(no_mangle)]
extern "C" fn main() -> i32 {
    let args: Vec<String> = env::args().skip(1).collect();
    let pin = match &*args {
        [] => None,
        [option, path] if option == "--pin" => CString::new(&**path).ok(),
        _ => {
            eprintln!("usage: tasks [--pin PATH]");
            process::exit(2)
        }
    };

    let (id, width, members) = kernel().unwrap_or_else(|error| no_btf(error));
    let program = program(width, members);
    let insns = program.finish().expect("it has room for itself");
    let (mut buf, mut log) = (vec![0; 16384], [0; 16384]);
    let mut log = Log::new(&mut log);
    let prog = Prog::load(iter::TASK.with_id(id), insns, c"GPL", &mut log)
        .unwrap_or_else(|errno| failed("PROG_LOAD", errno, log.text()));
    let link = link_create_iter(&prog, TaskInfo::All)
        .unwrap_or_else(|errno| failed("LINK_CREATE", errno, b""));
    let mut iter =
        iter_create(link.as_fd()).unwrap_or_else(|errno| failed("ITER_CREATE", errno, b""));
    if let Some(path) = &pin {
        obj_pin(link.as_fd(), path).unwrap_or_else(|errno| failed("OBJ_PIN", errno, b""));
        eprintln!("pinned: cat {0} prints this afresh; rm {0} ends it", &args[1]);
    }

    let mut lines = 0;
    loop {
        match iter.read(&mut buf) {
            Ok(0) => break,
            Ok(read) => {
                lines += buf[..read].iter().filter(|&&byte| byte == b'\n').count();
                match stdout().write_all(&buf[..read]) {
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => return 0,
                    result => result.expect("standard output"),
                }
            }
            Err(errno) => {
                // Nothing half-made stays behind.
                pin.is_some().then(|| fs::remove_file(&args[1]));
                failed("read", errno, b"")
            }
        }
    }
    eprintln!("{} tasks", lines.saturating_sub(1));
    0
}

//! The whole life of an iterator in as few bytes as it takes: find its id in BTF, load a program, link
//! it, pin the link, open an iterator, read it to the end, take the pin away, print the byte count.
//!
//! `lifecycle PATH`, where PATH is a free name on bpffs. It checks every result; a failure is printed
//! as the call and the errno number, and ends with status 1. Nothing stays pinned.

#![no_std]
#![no_main]

use core::ffi::CStr;

use barebpf::asm::{
    PtrWidth, alu64_imm, call, exit, jmp_null, ld_ctx_ptr, ld_ptr, mov64_imm, mov64_reg, st_mem,
};
use barebpf::btf::{self, Btf, Kind};
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::obj::obj_pin;
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, Insn, Reg, Size};
use barebpf::{Errno, Log};
use probe::start::Args;
use probe::sys::{unlink, write};

probe::main!(main);

fn main(mut args: Args) -> u8 {
    let Some(path) = args.nth(1) else { return 2 };
    // Not among what `run` keeps on the stack: what lies behind so much is expensive to reach.
    let mut window = [0; 4096];
    let (what, number, status) = match run(path, &mut window) {
        Ok(bytes) => (b"bytes", bytes, 0),
        Err(Failed(call, errno)) => (call, u32::from(errno.as_raw()), 1),
    };
    print(what, number);
    status
}

/// What a line is about: a name of one length is one address.
type What = &'static [u8; 5];

/// The call, and why.
struct Failed(What, Errno);

#[inline(never)]
fn run(path: &CStr, window: &mut [u8]) -> Result<u32, Failed> {
    let at = |call: What| move |errno| Failed(call, errno);

    let (id, width) = kernel(window).map_err(|error| {
        // What is not the system's error is that there is no such thing.
        Failed(b"btf  ", error.errno().unwrap_or(Errno::NOENT))
    })?;
    let insns = match width {
        PtrWidth::Four => const { &program(PtrWidth::Four) },
        PtrWidth::Eight => const { &program(PtrWidth::Eight) },
    };
    let prog = Prog::load(iter::TASK.with_id(id), insns, c"GPL", &mut Log::none())
        .map_err(at(b"load "))?;
    let link = link_create_iter(&prog, TaskInfo::All).map_err(at(b"link "))?;
    obj_pin(link.as_fd(), path).map_err(at(b"pin  "))?;
    let bytes = iter_create(link.as_fd()).map_err(at(b"iter ")).and_then(|mut iter| {
        let mut bytes = 0;
        loop {
            match iter.read(window).map_err(at(b"read "))? {
                0 => return Ok(bytes),
                read => bytes = read.wrapping_add(bytes),
            }
        }
    });
    unlink(path).map_err(at(b"unpin"))?;
    bytes.map(|bytes| bytes as u32)
}

/// The target's id, and how wide the kernel's pointers are.
fn kernel(window: &mut [u8]) -> Result<(u32, PtrWidth), btf::Error> {
    let mut btf = Btf::vmlinux(window)?;
    let id = btf.id(Kind::FUNC, iter::TASK.func())?;
    // A 64-bit program runs on no other kernel.
    let wide = cfg!(target_pointer_width = "64");
    Ok((id, if wide { PtrWidth::Eight } else { btf.ptr_width()? }))
}

/// For each task, `k` and a newline in eight bytes.
const fn program(width: PtrWidth) -> [Insn; 12] {
    let [null32, null] = jmp_null(width, Reg::R2, 7);
    [
        ld_ctx_ptr(Reg::R2, Reg::R1, 1),
        null32,
        null,
        ld_ctx_ptr(Reg::R1, Reg::R1, 0),
        ld_ptr(width, Reg::R1, Reg::R1, 0),
        st_mem(Size::DW, Reg::R10, -8, 0x0a6b),
        mov64_reg(Reg::R2, Reg::R10),
        alu64_imm(AluOp::ADD, Reg::R2, -8),
        mov64_imm(Reg::R3, 8),
        call(Helper::SEQ_WRITE),
        mov64_imm(Reg::R0, 0),
        exit(),
    ]
}

/// `what N`. 32-bit ARM may have no instruction that divides, and a function that does is large: the
/// product is a tenth, rounded down, of any `u32`.
fn print(what: What, mut number: u32) {
    let mut line = *b"                \n";
    let [a, b, c, d, e, digits @ .., _] = &mut line;
    [*a, *b, *c, *d, *e] = *what;
    for digit in digits.iter_mut().rev() {
        let tenth = (u64::from(number).wrapping_mul(0xcccc_cccd) >> 35) as u32;
        *digit = b'0'.wrapping_add(number.wrapping_sub(tenth.wrapping_mul(10)) as u8);
        number = tenth;
        if number == 0 {
            break;
        }
    }
    let _ = write(1, &line);
}

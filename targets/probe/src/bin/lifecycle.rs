//! The whole life of an iterator in as few bytes as it takes: find its id in BTF, load a program, link
//! it, pin the link, open an iterator, read it to the end, take the pin away, print the byte count.
//!
//! `lifecycle PATH`, where PATH is a free name on bpffs. It checks every result; a failure is printed
//! as the call and the errno number, and ends with status 1. Nothing stays pinned, unless what failed is
//! `unpin`: then it prints `rm PATH` before. From before the pin on it holds every signal back, Ctrl-C too,
//! which takes effect at its end; a closed pipe is a failed `write`. SIGKILL cannot be held.

#![no_std]
#![no_main]

use core::ffi::CStr;
use core::mem::ManuallyDrop;

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
use probe::sys::{block_signals, unlink, write};

probe::main!(main);

fn main(mut args: Args) -> u8 {
    let Some(path) = args.nth(1) else { return 2 };
    // Not among what `run` keeps on the stack: what lies behind so much is expensive to reach.
    let mut window = [0; 4096];
    let (call, number) = match run(path, &mut window) {
        Ok(bytes) => (0, bytes),
        Err(Failed(why)) => (why >> 16, why & 0xffff),
    };
    // What cannot be printed, only the status tells.
    print(call, number) | u8::from(call != 0)
}

/// What a line is about: the byte count, or the call that failed.
const WHAT: [[u8; 5]; 8] =
    [*b"bytes", *b"btf  ", *b"load ", *b"link ", *b"pin  ", *b"iter ", *b"read ", *b"unpin"];

/// The call, as its place in [`WHAT`], above the error number: one register.
struct Failed(u32);

/// A call that failed.
fn at(call: u32) -> impl Fn(Errno) -> Failed {
    move |errno| Failed(call << 16 | u32::from(errno.as_raw()))
}

#[inline(never)]
fn run(path: &CStr, window: &mut [u8; 4096]) -> Result<u32, Failed> {
    // What is not the system's error is that there is no such thing.
    let (id, width) =
        kernel(window).map_err(|error| at(1)(error.errno().unwrap_or(Errno::NOENT)))?;
    let mut insns = const { program(PtrWidth::Eight) };
    if width == PtrWidth::Four {
        narrow(&mut insns);
    }
    // The end of the process closes all descriptors.
    let prog = Prog::load(iter::TASK.with_id(id), &insns, c"GPL", &mut Log::none());
    let prog = ManuallyDrop::new(prog.map_err(at(2))?);
    let link = ManuallyDrop::new(link_create_iter(&prog, TaskInfo::All).map_err(at(3))?);
    // What ends it before the pin is taken away would leave that there.
    block_signals();
    obj_pin(link.as_fd(), path).map_err(at(4))?;
    let bytes = iter_create(link.as_fd()).map_err(at(5)).and_then(|iter| {
        let mut iter = ManuallyDrop::new(iter);
        let mut bytes: u32 = 0;
        loop {
            match iter.read(&mut window[..512]).map_err(at(6))? {
                0 => return Ok(bytes),
                read => bytes = bytes.wrapping_add(read as u32),
            }
        }
    });
    unlink(path).map_err(|errno| {
        say(b"rm ");
        say(path.to_bytes());
        say(b"\n");
        at(7)(errno)
    })?;
    bytes
}

/// The target's id, and how wide the kernel's pointers are.
fn kernel(window: &mut [u8]) -> Result<(u32, PtrWidth), btf::Error> {
    // Where it is, it stays: moving it takes more code than using it.
    let mut btf = ManuallyDrop::new(Btf::vmlinux(window));
    let btf = btf.as_mut().map_err(|error| *error)?;
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

/// Makes the program for wide pointers that for narrow ones: they differ in two opcodes.
fn narrow(insns: &mut [Insn; 12]) {
    let [_, null32, _, _, seq, ..] = insns;
    let [_, narrow_null32, _, _, narrow_seq, ..] = const { program(PtrWidth::Four) };
    null32.code = narrow_null32.code;
    seq.code = narrow_seq.code;
}

/// `what N`. 32-bit ARM may have no instruction that divides, and a function that does is large: the
/// product is a tenth, rounded down, of any `u32`.
fn print(what: u32, mut number: u32) -> u8 {
    let mut line = [b' '; 16];
    line[15] = b'\n';
    let [word @ .., _, _, _, _, _, _, _, _, _, _, _] = &mut line;
    if let Some(what) = WHAT.get(what as usize & 7) {
        *word = *what;
    }
    let [_, _, _, _, _, digits @ .., _] = &mut line;
    for digit in digits.iter_mut().rev() {
        let tenth = (u64::from(number).wrapping_mul(0xcccc_cccd) >> 35) as u32;
        *digit = b'0'.wrapping_add(number.wrapping_sub(tenth.wrapping_mul(10)) as u8);
        number = tenth;
        if number == 0 {
            break;
        }
    }
    u8::from(write(1, &line).is_err())
}

/// What cannot be said is lost; that there was a failure, the status tells.
#[inline(never)]
fn say(bytes: &[u8]) {
    let _ = write(1, bytes);
}

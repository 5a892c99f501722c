//! The ways to find an id, each from an empty process on: `search WAY [FILE NAME]` prints the id, the
//! nanoseconds that the first call took and, of `members`, the three offsets in bits.
//!
//! `id` and `members` map the kernel's BTF; `id-window` and `members-window` read it in 4 KiB pieces;
//! `kernel` asks the kernel, by a program that it runs. `file` maps FILE, and `file-window` reads it,
//! for FUNC NAME.

#![no_std]
#![no_main]

use core::ffi::CStr;

use barebpf::asm::{alu64_imm, call, exit, mov64_imm, mov64_reg, st_mem};
use barebpf::btf::{Btf, Error, Kind, Want};
use barebpf::fd::OwnedFd;
use barebpf::prog::{Options, TestRun, prog_load, prog_test_run};
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, Insn, Reg, Size};
use barebpf::uapi::{ProgLoadFlags, ProgType};
use barebpf::{Errno, Log, arch};
use common::{must, now, print};
use probe::start::Args;
use probe::sys::open;

mod common;

probe::main!(main);

const TARGET: &str = "bpf_iter_task";
const VMLINUX: &CStr = c"/sys/kernel/btf/vmlinux";

fn main(mut args: Args) -> u8 {
    let [way, path, name] = [args.nth(1), args.next(), args.next()];
    let way = way.map_or(&b""[..], CStr::to_bytes);
    let path = path.unwrap_or(VMLINUX);
    let name = name.and_then(|name| name.to_str().ok()).unwrap_or(TARGET);
    let mut window = [0; 4096];
    let start = now();
    let found = match way {
        b"id" => Btf::vmlinux(&mut window).and_then(|btf| id(btf, name)),
        b"members" => Btf::vmlinux(&mut window).and_then(members),
        b"id-window" | b"file-window" => windowed(path, &mut window, |btf| id(btf, name)),
        b"members-window" => windowed(path, &mut window, members),
        b"file" => mapped(path).and_then(Btf::from_slice).and_then(|btf| id(btf, name)),
        b"kernel" => ask().map(|id| [id, 0, 0, 0]).map_err(Error::from),
        _ => return 2,
    };
    let time = now().wrapping_sub(start);
    let [id, members @ ..] =
        must(b"search: ", found, |error| error.errno().map_or(0, Errno::as_raw));
    let [pid, comm, parent] = members.map(u64::from);
    print(&[id.into(), time, pid, comm, parent]);
    0
}

fn id(mut btf: Btf<'_>, name: &str) -> Result<[u32; 4], Error> {
    Ok([btf.id(Kind::FUNC, name)?, 0, 0, 0])
}

/// The id and three members, in one pass.
fn members(mut btf: Btf<'_>) -> Result<[u32; 4], Error> {
    let [target, pid, comm, parent] = btf.find([
        Want::func(TARGET),
        Want::member("task_struct", "pid"),
        Want::member("task_struct", "comm"),
        Want::member("task_struct", "real_parent"),
    ])?;
    let [pid, comm, parent] = [pid.member()?, comm.member()?, parent.member()?];
    Ok([target.id()?, pid.bit_offset, comm.bit_offset, parent.bit_offset])
}

fn windowed(
    path: &CStr,
    window: &mut [u8],
    search: impl FnOnce(Btf<'_>) -> Result<[u32; 4], Error>,
) -> Result<[u32; 4], Error> {
    let fd = open(path)?;
    search(Btf::from_fd(fd.as_fd(), window)?)
}

/// All of a file; it stays mapped until the end of the program.
fn mapped(path: &CStr) -> Result<&'static [u8], Error> {
    const LSEEK: usize = if cfg!(target_arch = "x86_64") { 8 } else { 62 };
    const MMAP: usize = if cfg!(target_arch = "x86_64") { 9 } else { 222 };
    let fd = open(path)?;
    let raw = fd.as_raw_fd() as usize;
    // SAFETY: it touches no memory; from the end of the file, it says how long that is.
    let len = Errno::split(unsafe { arch::syscall3(LSEEK, raw, 0, 2) })?;
    // SAFETY: a private mapping that can be read, where nothing is.
    let at = Errno::split(unsafe { arch::syscall6(MMAP, 0, len, 1, 2, raw, 0) })?;
    // SAFETY: it was mapped just now for as long as the program lasts; the file is ours alone.
    Ok(unsafe { core::slice::from_raw_parts(core::ptr::with_exposed_provenance(at), len) })
}

/// Asks the kernel.
fn ask() -> Result<u32, Errno> {
    const fn half(at: usize) -> i32 {
        let name = b"bpf_iter_task\0\0\0";
        i32::from_le_bytes([name[at], name[at + 1], name[at + 2], name[at + 3]])
    }
    let program: [Insn; 11] = [
        st_mem(Size::W, Reg::R10, -16, const { half(0) }),
        st_mem(Size::W, Reg::R10, -12, const { half(4) }),
        st_mem(Size::W, Reg::R10, -8, const { half(8) }),
        st_mem(Size::W, Reg::R10, -4, const { half(12) }),
        mov64_reg(Reg::R1, Reg::R10),
        alu64_imm(AluOp::ADD, Reg::R1, -16),
        mov64_imm(Reg::R2, TARGET.len() as i32 + 1),
        mov64_imm(Reg::R3, Kind::FUNC.0.into()),
        mov64_imm(Reg::R4, 0),
        call(Helper::BTF_FIND_BY_NAME_KIND),
        exit(),
    ];
    let options = Options { flags: ProgLoadFlags::SLEEPABLE, ..Options::default() };
    let prog: OwnedFd = prog_load(ProgType::SYSCALL, &program, c"GPL", &options, &mut Log::none())?;
    let mut run = TestRun::default();
    prog_test_run(prog.as_fd(), &mut run)?;
    Ok(run.retval)
}

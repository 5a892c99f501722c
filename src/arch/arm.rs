//! `svc 0` (EABI): number in r7; arguments in r0 to r5; result in r0.
//!
//! One body for A32 and Thumb. Thumb code may use r7 as its frame pointer and does not let it be
//! named as an operand, so it is kept in another register during the call. That makes five
//! instructions: calls of up to three arguments share one copy, all but `bpf`.

use core::arch::asm;
use core::mem::MaybeUninit;

/// `FCNTL` is `fcntl64`, `MMAP` is `mmap2`.
pub(crate) mod nr {
    pub(crate) const READ: usize = 3;
    pub(crate) const CLOSE: usize = 6;
    pub(crate) const MUNMAP: usize = 91;
    pub(crate) const PREAD64: usize = 180;
    pub(crate) const MMAP: usize = 192;
    pub(crate) const FCNTL: usize = 221;
    pub(crate) const OPENAT: usize = 322;
    pub(crate) const BPF: usize = 386;
}

macro_rules! syscalls {
    ($($vis:vis $name:ident($($reg:tt $arg:ident),*);)*) => {$(
        /// Enters the kernel.
        ///
        /// # Safety
        ///
        ///  - The call `nr`, given these arguments, does nothing to memory that the caller may not
        ///    do.
        #[inline(always)]
        $vis unsafe fn $name(nr: usize, a0: usize, $($arg: usize),*) -> usize {
            let ret;
            // SAFETY: the caller vouches for the call; r7 is put back before anything else can
            // look at it, the result register is declared, and the kernel keeps all others.
            unsafe {
                asm!(
                    "mov {kept}, r7",
                    "mov r7, {nr}",
                    "svc 0",
                    "mov r7, {kept}",
                    kept = out(reg) _,
                    nr = in(reg) nr,
                    inlateout("r0") a0 => ret,
                    $(in($reg) $arg,)*
                    options(nostack),
                );
            }
            ret
        }
    )*};
}

syscalls! {
    pub(crate) inline3("r1" a1, "r2" a2);
    pub syscall4("r1" a1, "r2" a2, "r3" a3);
    pub syscall5("r1" a1, "r2" a2, "r3" a3, "r4" a4);
    pub syscall6("r1" a1, "r2" a2, "r3" a3, "r4" a4, "r5" a5);
}

/// An argument, or none.
type Arg = MaybeUninit<usize>;

/// The arguments are where they belong already, and the number in the one register that is left.
///
/// # Safety
///
///  - As [`syscall3`].
#[inline(never)]
unsafe extern "C" fn enter(a0: usize, a1: Arg, a2: Arg, nr: usize) -> usize {
    let ret;
    // SAFETY: the caller vouches for the call; r7 is put back before anything else can look at it, the
    // result register is declared, and the kernel keeps all others.
    unsafe {
        asm!(
            "mov {kept}, r7",
            "mov r7, r3",
            "svc 0",
            "mov r7, {kept}",
            kept = out(reg) _,
            inlateout("r0") a0 => ret,
            in("r1") a1,
            in("r2") a2,
            in("r3") nr,
            options(nostack),
        );
    }
    ret
}

/// Enters the kernel.
///
/// # Safety
///
///  - The call `nr`, given these arguments, does nothing to memory that the caller may not do.
#[inline(always)]
pub unsafe fn syscall1(nr: usize, a0: usize) -> usize {
    // SAFETY: the caller vouches for the call.
    unsafe { enter(a0, Arg::uninit(), Arg::uninit(), nr) }
}

/// Enters the kernel.
///
/// # Safety
///
///  - The call `nr`, given these arguments, does nothing to memory that the caller may not do.
#[inline(always)]
pub unsafe fn syscall2(nr: usize, a0: usize, a1: usize) -> usize {
    // SAFETY: the caller vouches for the call.
    unsafe { enter(a0, Arg::new(a1), Arg::uninit(), nr) }
}

/// Enters the kernel.
///
/// # Safety
///
///  - The call `nr`, given these arguments, does nothing to memory that the caller may not do.
#[inline(always)]
pub unsafe fn syscall3(nr: usize, a0: usize, a1: usize, a2: usize) -> usize {
    // SAFETY: the caller vouches for the call.
    unsafe { enter(a0, Arg::new(a1), Arg::new(a2), nr) }
}

/// `pread64`: the offset is the pair r4 and r5, the low half first, because a pair starts at an
/// even register; r3 is passed over.
///
/// # Safety
///
///  - As [`syscall6`]: `buf` takes `len` bytes.
#[inline]
pub(crate) unsafe fn pread64(fd: usize, buf: usize, len: usize, offset: u64) -> usize {
    // SAFETY: the caller vouches for `buf` and `len`.
    unsafe { syscall6(nr::PREAD64, fd, buf, len, 0, offset as usize, (offset >> 32) as usize) }
}

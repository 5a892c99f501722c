//! The one instruction that enters the kernel.
//!
//! `syscall1` … `syscall6` put the number and the arguments where this architecture's kernel looks
//! for them, enter it, and give back what it left in the result register, errors as they come
//! (`-errno`). [`Errno::split`](crate::Errno::split) reads that.
//!
//! `x86_64` and `aarch64` go through the crate `sc`. The others are our own: `sc` does not build
//! for 32-bit ARM, has no riscv32, and on riscv64 does not say that a system call discards the
//! vector registers.
//!
//! The functions are public so that a program with nothing else under it can `write` and `exit`. The numbers
//! of calls are the program's to know: `write` and `exit_group` are 1 and 231 on `x86_64`, 4 and 248 on `arm`,
//! 64 and 94 on `aarch64` and RISC-V; `unlinkat`, which takes a pin away, is 263, 328 and 35.

#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
#[cfg_attr(target_arch = "arm", path = "arm.rs")]
#[cfg_attr(target_arch = "riscv32", path = "riscv32.rs")]
#[cfg_attr(target_arch = "riscv64", path = "riscv64.rs")]
#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(
    not(any(
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv32",
        target_arch = "riscv64",
        target_arch = "x86_64"
    )),
    path = "refused.rs"
)]
mod imp;

#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
mod riscv;

/// Enters the kernel with this many arguments behind the call's number; gives back what it returned.
///
/// # Safety
///
///  - The call of that number, given these arguments, does nothing to memory that the caller may not do.
pub use imp::{syscall1, syscall2, syscall3, syscall4, syscall5, syscall6};

/// Three arguments, in the place of the call whatever that takes: for `bpf` itself.
#[cfg(target_arch = "arm")]
pub(crate) use imp::inline3;
#[cfg(not(target_arch = "arm"))]
pub(crate) use imp::syscall3 as inline3;

pub(crate) use imp::{nr, pread64};

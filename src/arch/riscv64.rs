//! `ecall` with 64-bit registers.

pub(crate) use super::riscv::nr;
pub use super::riscv::{syscall1, syscall2, syscall3, syscall4, syscall5, syscall6};

/// `pread64`: the offset is one register.
///
/// # Safety
///
///  - As [`syscall4`]: `buf` takes `len` bytes.
#[inline]
pub(crate) unsafe fn pread64(fd: usize, buf: usize, len: usize, offset: u64) -> usize {
    // SAFETY: the caller vouches for `buf` and `len`.
    unsafe { syscall4(nr::PREAD64, fd, buf, len, offset as usize) }
}

//! `svc 0`: number in x8; arguments in x0 to x5; result in x0.

pub use sc::platform::{syscall1, syscall2, syscall3, syscall4, syscall5, syscall6};

pub(crate) mod nr {
    pub(crate) use sc::nr::{BPF, CLOSE, FCNTL, MMAP, MUNMAP, OPENAT, PREAD64, READ};
}

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

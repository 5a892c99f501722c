//! Stands in on a target that the crate refuses, so that the sentence that says so is the only error.

pub(crate) mod nr {
    pub(crate) const READ: usize = 0;
    pub(crate) const CLOSE: usize = 0;
    pub(crate) const MUNMAP: usize = 0;
    pub(crate) const PREAD64: usize = 0;
    pub(crate) const MMAP: usize = 0;
    pub(crate) const FCNTL: usize = 0;
    pub(crate) const OPENAT: usize = 0;
    pub(crate) const BPF: usize = 0;
}

macro_rules! syscalls {
    ($($name:ident($($arg:ident),*);)*) => {$(
        /// Enters no kernel.
        ///
        /// # Safety
        ///
        ///  - None is needed.
        pub unsafe fn $name(_nr: usize, $(_: $arg),*) -> usize {
            0
        }
    )*};
}

syscalls! {
    syscall1(usize);
    syscall2(usize, usize);
    syscall3(usize, usize, usize);
    syscall4(usize, usize, usize, usize);
    syscall5(usize, usize, usize, usize, usize);
    syscall6(usize, usize, usize, usize, usize, usize);
}

/// # Safety
///
///  - None is needed.
pub(crate) unsafe fn pread64(_: usize, _: usize, _: usize, _: u64) -> usize {
    nr::PREAD64
}

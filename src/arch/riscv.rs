//! `ecall`: number in a7; arguments in a0 to a5; result in a0. The same on 32 and 64 bit.
//!
//! The kernel discards the vector registers in every system call, so they are declared lost. That
//! compiles without the V extension too, and stable Rust does not tell which is the case.

use core::arch::asm;

/// The generic table. On 32 bit, `FCNTL` is `fcntl64` and `MMAP` is `mmap2`.
pub(crate) mod nr {
    pub(crate) const FCNTL: usize = 25;
    pub(crate) const OPENAT: usize = 56;
    pub(crate) const CLOSE: usize = 57;
    pub(crate) const READ: usize = 63;
    pub(crate) const PREAD64: usize = 67;
    pub(crate) const MUNMAP: usize = 215;
    pub(crate) const MMAP: usize = 222;
    pub(crate) const BPF: usize = 280;
}

macro_rules! syscalls {
    ($($name:ident($($reg:tt $arg:ident),*);)*) => {$(
        /// Enters the kernel.
        ///
        /// # Safety
        ///
        ///  - The call `nr`, given these arguments, does nothing to memory that the caller may not
        ///    do.
        #[inline(always)]
        pub unsafe fn $name(nr: usize, a0: usize, $($arg: usize),*) -> usize {
            let ret;
            // SAFETY: the caller vouches for the call; every register that the kernel changes is
            // declared, and it leaves the stack alone.
            unsafe {
                asm!(
                    "ecall",
                    in("a7") nr,
                    inlateout("a0") a0 => ret,
                    $(in($reg) $arg,)*
                    lateout("v0") _, lateout("v1") _, lateout("v2") _, lateout("v3") _,
                    lateout("v4") _, lateout("v5") _, lateout("v6") _, lateout("v7") _,
                    lateout("v8") _, lateout("v9") _, lateout("v10") _, lateout("v11") _,
                    lateout("v12") _, lateout("v13") _, lateout("v14") _, lateout("v15") _,
                    lateout("v16") _, lateout("v17") _, lateout("v18") _, lateout("v19") _,
                    lateout("v20") _, lateout("v21") _, lateout("v22") _, lateout("v23") _,
                    lateout("v24") _, lateout("v25") _, lateout("v26") _, lateout("v27") _,
                    lateout("v28") _, lateout("v29") _, lateout("v30") _, lateout("v31") _,
                    options(nostack),
                );
            }
            ret
        }
    )*};
}

syscalls! {
    syscall1();
    syscall2("a1" a1);
    syscall3("a1" a1, "a2" a2);
    syscall4("a1" a1, "a2" a2, "a3" a3);
    syscall5("a1" a1, "a2" a2, "a3" a3, "a4" a4);
    syscall6("a1" a1, "a2" a2, "a3" a3, "a4" a4, "a5" a5);
}

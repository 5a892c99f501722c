//! `_start`: what the kernel jumps to.
//!
//! It leaves the argument count on top of the stack, then the arguments, the environment and the
//! auxiliary vector, each list ended by a zero.

use core::arch::asm;
use core::ffi::{CStr, c_char};

/// Makes `$main`, an `fn(Args) -> u8`, the program: what it returns is the exit status.
#[macro_export]
macro_rules! main {
    ($main:path) => {
        extern "C" fn entry(stack: *const usize) -> ! {
            // SAFETY: `_start` passes the stack pointer as the kernel left it.
            let args = unsafe { $crate::start::Args::new(stack) };
            $crate::sys::exit($main(args))
        }
        $crate::start_asm!(entry);
    };
}

/// `_start` for this architecture: the stack pointer becomes the first argument of `$entry`.
#[cfg(target_arch = "x86_64")]
#[doc(hidden)]
#[macro_export]
macro_rules! start_asm {
    ($entry:path) => {
        core::arch::global_asm!(
            ".globl _start",
            "_start:",
            "mov rdi, rsp",
            "call {entry}", // The stack is 16-aligned before the call, as the ABI wants it.
            entry = sym $entry,
        );
    };
}

#[cfg(target_arch = "aarch64")]
#[doc(hidden)]
#[macro_export]
macro_rules! start_asm {
    ($entry:path) => {
        core::arch::global_asm!(
            ".globl _start",
            "_start:",
            "mov x0, sp",
            "b {entry}",
            entry = sym $entry,
        );
    };
}

#[cfg(target_arch = "arm")]
#[doc(hidden)]
#[macro_export]
macro_rules! start_asm {
    ($entry:path) => {
        core::arch::global_asm!(
            ".arm", // An even entry means A32; the linker makes `bl` change to Thumb where needed.
            ".p2align 2",
            ".globl _start",
            "_start:",
            "mov r0, sp",
            "bl {entry}",
            entry = sym $entry,
        );
    };
}

#[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
#[doc(hidden)]
#[macro_export]
macro_rules! start_asm {
    ($entry:path) => {
        core::arch::global_asm!(
            ".globl _start",
            "_start:",
            "mv a0, sp",
            "tail {entry}",
            entry = sym $entry,
        );
    };
}

/// Starts the program that begins at `at`, as if the kernel did.
///
/// # Safety
///
///  - There is one, which has not been started.
///  - `stack` is the stack pointer that the kernel started this program with.
pub unsafe fn enter(at: usize, stack: *const usize) -> ! {
    // SAFETY: nothing of this program is used any more, and the rest the caller vouches for.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        asm!("mov rsp, {}", "jmp {}", in(reg) stack, in(reg) at, options(noreturn));
        #[cfg(target_arch = "aarch64")]
        asm!("mov sp, {}", "br {}", in(reg) stack, in(reg) at, options(noreturn));
        #[cfg(target_arch = "arm")]
        asm!("mov sp, {}", "bx {}", in(reg) stack, in(reg) at, options(noreturn));
        #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
        asm!("mv sp, {}", "jr {}", in(reg) stack, in(reg) at, options(noreturn));
    }
}

/// The arguments, the program's name first.
#[derive(Clone, Copy)]
pub struct Args {
    next: *const *const c_char,
}

impl Args {
    /// # Safety
    ///
    ///  - `stack` is the stack pointer that the kernel started the program with.
    #[must_use]
    pub unsafe fn new(stack: *const usize) -> Self {
        // SAFETY: the kernel put the list right behind the count.
        Self { next: unsafe { stack.add(1) }.cast() }
    }

    /// Where the list is, for a program to come.
    pub(crate) fn address(self) -> usize {
        self.next.expose_provenance()
    }
}

impl Iterator for Args {
    type Item = &'static CStr;

    fn next(&mut self) -> Option<&'static CStr> {
        // SAFETY: `next` is inside the list, at its closing null at the latest.
        let arg = unsafe { *self.next };
        if arg.is_null() {
            return None;
        }
        // SAFETY: a null is still to come.
        self.next = unsafe { self.next.add(1) };
        // SAFETY: the kernel ended each argument with a NUL, and the stack outlives the program.
        Some(unsafe { CStr::from_ptr(arg) })
    }
}

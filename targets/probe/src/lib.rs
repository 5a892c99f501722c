//! What a program needs when there is nothing under it (an entry, four memory functions, a panic
//! handler that must never be linked, the system calls of a first process, a painted stack), and the
//! checks.

#![no_std]

pub mod calls;
pub mod checks;
pub mod init;
pub mod lzma;
pub mod mem;
pub mod out;
mod panic;
pub mod stack;
pub mod start;
pub mod sys;
pub mod tool;

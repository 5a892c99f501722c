#![doc = include_str!("../README.md")]
#![no_std]
#![deny(
    missing_docs,
    unreachable_pub,
    clippy::alloc_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used
)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(target_endian = "big")]
compile_error!(
    "barebpf: big-endian targets are not supported, because the bit-fields of `bpf_insn` and \
     `bpf_prog_info` are laid out the other way round there; any little-endian target is"
);
// m68k does not align `u64` either, and is big-endian.
#[cfg(target_arch = "x86")]
compile_error!(
    "barebpf: targets that do not align `u64` to 8 bytes are not supported, because `union bpf_attr` \
     is laid out differently there; x86_64, aarch64, arm, riscv64 and riscv32 are"
);
#[cfg(all(
    target_pointer_width = "32",
    target_endian = "little",
    any(target_arch = "x86_64", target_arch = "aarch64", target_arch = "riscv64")
))]
compile_error!(
    "barebpf: x32 and ILP32 are not supported, because 32-bit pointers on a 64-bit kernel's own calls \
     have an ABI of their own; x86_64, aarch64, arm, riscv64 and riscv32 are"
);
#[cfg(all(
    target_os = "linux",
    not(any(
        target_arch = "x86_64",
        target_arch = "aarch64",
        target_arch = "arm",
        target_arch = "riscv64",
        target_arch = "riscv32",
        // Said above.
        target_arch = "x86",
        target_endian = "big",
    ))
))]
compile_error!(
    "barebpf: Linux on this architecture is not supported, because nobody has taught `src/arch` its \
     system call; x86_64, aarch64, arm, riscv64 and riscv32 are"
);

pub mod uapi;

#[cfg(target_os = "linux")]
pub mod arch;
pub mod btf;
mod debug;
mod errno;

pub mod asm;

#[cfg(target_os = "linux")]
pub mod sys;

#[cfg(target_os = "linux")]
pub mod fd;
mod log;

#[cfg(target_os = "linux")]
pub mod attach;
#[cfg(target_os = "linux")]
pub mod info;
#[cfg(target_os = "linux")]
pub mod iter;
#[cfg(target_os = "linux")]
pub mod link;
#[cfg(target_os = "linux")]
pub mod map;
#[cfg(target_os = "linux")]
pub mod obj;
#[cfg(target_os = "linux")]
pub mod prog;
#[cfg(target_os = "linux")]
pub mod token;

pub use errno::{Errno, Result};
pub use log::Log;

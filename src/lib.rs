#![doc = include_str!("../README.md")]
#![no_std]

#[cfg(feature = "std")]
extern crate std;

#[cfg(target_os = "linux")]
pub mod arch;
pub mod btf;
mod errno;
#[cfg(target_os = "linux")]
pub mod fd;
#[cfg(target_os = "linux")]
pub mod sys;
pub mod uapi;

pub use errno::{Errno, Result};

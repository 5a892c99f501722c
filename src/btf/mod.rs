//! BTF, the kernel's own description of its types: where a name's id and a member's offset come from.
//!
//! [`Btf`] reads it in place: from a mapping of `/sys/kernel/btf/vmlinux` where the kernel has one to
//! give, else through a window that the caller lends, else from bytes in memory. It keeps nothing
//! but a few numbers, whatever the size of the file, and takes no memory of its own.
//!
//! ```rust,no_run
//! use barebpf::btf::{Btf, Kind};
//!
//! # fn main() -> Result<(), barebpf::btf::Error> {
//! let mut window = [0; 4096];
//! let mut btf = Btf::vmlinux(&mut window)?;
//! let target = btf.id(Kind::FUNC, "bpf_iter_task")?;
//! # let _ = target;
//! # Ok(())
//! # }
//! ```

mod error;
mod find;
#[cfg(target_os = "linux")]
mod load;
mod parse;
mod source;
mod visit;

pub use error::Error;
pub use find::{Found, Member, Want};
#[cfg(target_os = "linux")]
pub use load::{btf_get_fd_by_id, btf_get_next_id, btf_load};
pub use parse::Btf;
pub use visit::{Head, Visit};

pub use crate::uapi::btf::Kind;

/// The smallest window that [`Btf`] reads through, in bytes.
///
/// The largest that is of use is 4096: the kernel gives no more of its BTF in one call.
pub const MIN_WINDOW: usize = 64;

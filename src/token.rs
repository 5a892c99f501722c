//! Tokens, which stand in for capabilities: `BPF_TOKEN_CREATE`.

#![allow(unsafe_code)]

use crate::Result;
use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys;
use crate::uapi::{Cmd, TokenCreate};

/// `bpf(BPF_TOKEN_CREATE, { bpffs_fd })`—makes a token of what a bpffs delegates.
///
/// `bpffs` is the root directory of a bpffs that belongs to the caller's user namespace, and that a
/// process with `CAP_SYS_ADMIN` outside gave `delegate_cmds`, `delegate_maps`, `delegate_progs` or
/// `delegate_attachs`. Whoever has the token may do that much, as if with the capabilities that it
/// takes, but those only within the namespace. Programs, maps and BTF objects take a token when they are
/// made; one that does not permit the thing is ignored, which ends in
/// [`PERM`](crate::Errno::PERM) there.
///
/// Since Linux 6.9.
///
/// # Errors
///
///  - [`NOENT`]: the bpffs delegates nothing.
///  - [`PERM`]: it belongs to another user namespace, or the caller has not `CAP_BPF` in this one.
///  - [`OPNOTSUPP`]: this is the first user namespace.
///  - [`INVAL`]: `bpffs` is not the root of a bpffs; or this kernel has no tokens.
///  - [`BADF`]: `bpffs` is not open, or was opened with `O_PATH`.
///  - [`ACCES`]: the root's file mode forbids the caller to enter.
///
/// [`NOENT`]: crate::Errno::NOENT
/// [`PERM`]: crate::Errno::PERM
/// [`OPNOTSUPP`]: crate::Errno::OPNOTSUPP
/// [`INVAL`]: crate::Errno::INVAL
/// [`BADF`]: crate::Errno::BADF
/// [`ACCES`]: crate::Errno::ACCES
#[doc(alias = "BPF_TOKEN_CREATE")]
#[inline]
pub fn token_create(bpffs: BorrowedFd<'_>) -> Result<OwnedFd> {
    let mut attr = TokenCreate::new(bpffs.as_attr());
    // SAFETY: `TokenCreate` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf_fd(Cmd::TOKEN_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

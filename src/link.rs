//! Links: `BPF_LINK_*`. A link holds a program at its place for as long as a descriptor or a pin of the
//! link is there.
//!
//! `BPF_LINK_CREATE` is one function for each arm of the kernel's union, and each reads its own: the
//! arm's C name follows the command's. [`link_create`] is for places that need no arm;
//! [`link_create_iter`](crate::iter::link_create_iter) stands with the iterators.
//!
//! # Which arm is read
//!
//! The program says which arm the kernel reads, so a program of another kind than the function's has
//! other fields read out of the same bytes. No arm of this command names memory that the kernel writes:
//! the worst is an error, or a link that the caller did not mean.

#![allow(unsafe_code)]

mod create;
mod trace;

use crate::Result;
use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys;
use crate::uapi::{self, Cmd, LinkUpdateFlags};

pub use create::{
    link_create, link_create_cgroup, link_create_netfilter, link_create_netkit,
    link_create_struct_ops, link_create_tcx,
};
pub use trace::{
    Executable, Functions, Symbol, Uprobes, link_create_kprobe_multi, link_create_perf_event,
    link_create_tracing, link_create_tracing_multi, link_create_uprobe_multi,
};

/// `bpf(BPF_LINK_UPDATE, { link_fd, new_prog_fd, old_prog_fd })`—puts another program in the place of the
/// one that a link holds.
///
/// With `old` (which sets `BPF_F_REPLACE`) only if that is the one.
///
/// For iterators, where it reaches later openings only, cgroups, network namespaces, XDP, tcx, netkit and
/// socket maps.
///
/// Since Linux 5.7.
///
/// # Errors
///
///  - [`PERM`]: the link does not hold `old`.
///  - [`INVAL`]: the new program is of another type, or for another place, or for another target; links
///    of this type hold the program that they were made with; or a descriptor is not of its kind.
///  - [`OPNOTSUPP`]: likewise, for netfilter.
///  - [`NOLINK`]: what the link was attached to is gone, or it was detached.
///  - [`EXIST`]: on a device, the new program is attached there already.
///  - [`BADF`]: a descriptor is not open.
///
/// [`PERM`]: crate::Errno::PERM
/// [`INVAL`]: crate::Errno::INVAL
/// [`OPNOTSUPP`]: crate::Errno::OPNOTSUPP
/// [`NOLINK`]: crate::Errno::NOLINK
/// [`EXIST`]: crate::Errno::EXIST
/// [`BADF`]: crate::Errno::BADF
#[doc(alias = "BPF_LINK_UPDATE")]
#[inline]
pub fn link_update(
    link: BorrowedFd<'_>,
    new: BorrowedFd<'_>,
    old: Option<BorrowedFd<'_>>,
) -> Result<()> {
    let mut attr = uapi::LinkUpdate::new(link.as_attr(), new.as_attr());
    if let Some(old) = old {
        attr.flags = LinkUpdateFlags::REPLACE;
        attr.old_prog_fd = old.as_attr();
    }
    // SAFETY: `LinkUpdate` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf(Cmd::LINK_UPDATE, &mut attr) }.map(drop)
}

/// `bpf(BPF_LINK_UPDATE, { link_fd, new_map_fd, old_map_fd })`—puts another map in the place of the one
/// that a `struct_ops` link holds.
///
/// With `old` (which sets `BPF_F_REPLACE`) only if that is the one.
///
/// Since Linux 6.4.
///
/// # Errors
///
///  - [`PERM`]: the link does not hold `old`.
///  - [`INVAL`]: the map is not filled, was made without [`LINK`](uapi::MapCreateFlags::LINK), or is for
///    another struct; `link` is no `struct_ops` link; or a descriptor is not of its kind.
///  - [`OPNOTSUPP`]: this struct cannot be exchanged.
///  - [`NOLINK`]: the link was detached.
///  - [`BADF`]: a descriptor is not open.
///  - Whatever the struct's own update fails with.
///
/// [`PERM`]: crate::Errno::PERM
/// [`INVAL`]: crate::Errno::INVAL
/// [`OPNOTSUPP`]: crate::Errno::OPNOTSUPP
/// [`NOLINK`]: crate::Errno::NOLINK
/// [`BADF`]: crate::Errno::BADF
#[doc(alias = "BPF_LINK_UPDATE")]
#[inline]
pub fn link_update_map(
    link: BorrowedFd<'_>,
    new: BorrowedFd<'_>,
    old: Option<BorrowedFd<'_>>,
) -> Result<()> {
    let mut attr = uapi::LinkUpdateMap::new(link.as_attr(), new.as_attr());
    if let Some(old) = old {
        attr.flags = LinkUpdateFlags::REPLACE;
        attr.old_map_fd = old.as_attr();
    }
    // SAFETY: `LinkUpdateMap` is the arm that this command reads for a link that holds a map; it holds
    // no address.
    unsafe { sys::bpf(Cmd::LINK_UPDATE, &mut attr) }.map(drop)
}

/// `bpf(BPF_LINK_DETACH, { link_fd })`—takes the program from its place, for everybody; the link stays,
/// with nothing to do.
///
/// For cgroups, network namespaces, XDP, tcx, netkit, socket maps, netfilter and (after Linux 6.1, by
/// 6.12) `struct_ops`. Detaching again is no error.
///
/// Since Linux 5.9.
///
/// # Errors
///
///  - [`OPNOTSUPP`](crate::Errno::OPNOTSUPP): links of this type, iterators among them, end with their
///    last descriptor only.
///  - [`INVAL`](crate::Errno::INVAL): `link` is no link.
///  - [`BADF`](crate::Errno::BADF): `link` is not open.
#[doc(alias = "BPF_LINK_DETACH")]
#[inline]
pub fn link_detach(link: BorrowedFd<'_>) -> Result<()> {
    let mut attr = uapi::LinkDetach::new(link.as_attr());
    // SAFETY: `LinkDetach` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf(Cmd::LINK_DETACH, &mut attr) }.map(drop)
}

/// `bpf(BPF_LINK_GET_NEXT_ID, { start_id })`—the id of the next link after `start_id`; 0 begins.
///
/// Since Linux 5.8.
///
/// # Errors
///
///  - [`NOENT`](crate::Errno::NOENT): there is none: the end.
///  - [`INVAL`](crate::Errno::INVAL): `start_id` is 2³¹ − 1 or more.
///  - [`PERM`](crate::Errno::PERM): no `CAP_SYS_ADMIN`.
#[doc(alias = "BPF_LINK_GET_NEXT_ID")]
#[inline]
pub fn link_get_next_id(start_id: u32) -> Result<u32> {
    // SAFETY: this is one of those commands.
    unsafe { sys::next_id(Cmd::LINK_GET_NEXT_ID, start_id) }
}

/// `bpf(BPF_LINK_GET_FD_BY_ID, { link_id })`—opens a link by its id.
///
/// Since Linux 5.8.
///
/// # Errors
///
///  - [`NOENT`](crate::Errno::NOENT): no link has that id, or has it any more.
///  - [`AGAIN`](crate::Errno::AGAIN): the link is still being made.
///  - [`PERM`](crate::Errno::PERM): no `CAP_SYS_ADMIN`.
#[doc(alias = "BPF_LINK_GET_FD_BY_ID")]
#[inline]
pub fn link_get_fd_by_id(link_id: u32) -> Result<OwnedFd> {
    let mut attr = uapi::LinkGetFdById::new(link_id);
    // SAFETY: `LinkGetFdById` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf_fd(Cmd::LINK_GET_FD_BY_ID, &mut attr) }.map(OwnedFd::from_sys)
}

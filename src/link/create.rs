//! `BPF_LINK_CREATE` on cgroups, the network, and maps.

use crate::Result;
use crate::attach::{Place, Target};
use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys;
use crate::uapi::{
    self, AttachType, Cmd, LinkCreateCgroupFlags, LinkCreateNetfilterFlags, LinkCreateNetkitFlags,
    LinkCreateTcxFlags,
};

/// `bpf(BPF_LINK_CREATE, { prog_fd, target_fd, attach_type, flags })`—attaches a program where the target
/// says all.
///
/// To a cgroup, at the end; to a network namespace ([`FLOW_DISSECTOR`], [`SK_LOOKUP`]); to a network
/// device ([`AttachType::XDP`], in the mode that `flags` names: `XDP_FLAGS_*` of `<linux/if_link.h>`);
/// to a socket map. Elsewhere `flags` is 0.
///
/// Since Linux 5.7; network namespaces since 5.8, XDP and [`SK_LOOKUP`] since 5.9, socket maps since 6.10.
///
/// # Errors
///
///  - [`INVAL`]: the program is not for this hook; `flags`; `target` is neither map nor namespace; for
///    XDP, there is no such device.
///  - [`BADF`]: a descriptor is not open; the target is no cgroup of the v2 hierarchy.
///  - [`BUSY`]: a program is there already (XDP, socket maps).
///  - [`EXIST`]: in a network namespace, a program was attached without a link; XDP: a device that this
///    one belongs to has a program.
///  - [`TOOBIG`]: too many: a namespace has one flow dissector, a cgroup 64 programs.
///  - [`OPNOTSUPP`]: XDP: the device cannot do it in this mode.
///  - [`PERM`]: no `CAP_NET_ADMIN` (`CGROUP_SKB` programs); or a program without a link stands alone on
///    the cgroup or one above.
///
/// [`FLOW_DISSECTOR`]: AttachType::FLOW_DISSECTOR
/// [`SK_LOOKUP`]: AttachType::SK_LOOKUP
/// [`INVAL`]: crate::Errno::INVAL
/// [`BADF`]: crate::Errno::BADF
/// [`BUSY`]: crate::Errno::BUSY
/// [`EXIST`]: crate::Errno::EXIST
/// [`TOOBIG`]: crate::Errno::TOOBIG
/// [`OPNOTSUPP`]: crate::Errno::OPNOTSUPP
/// [`PERM`]: crate::Errno::PERM
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create(
    prog: BorrowedFd<'_>,
    target: Target<'_>,
    attach_type: AttachType,
    flags: u32,
) -> Result<OwnedFd> {
    let mut attr = uapi::LinkCreate::new(prog.as_attr(), target.as_attr(), attach_type);
    attr.flags = flags;
    // SAFETY: `LinkCreate` is what all arms of this command begin with, and all else of them is zero
    // then; it holds no address.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, target_fd, attach_type, flags, cgroup.{ relative_fd,
/// expected_revision } })`—attaches a program to a cgroup, at a place among the others.
///
/// Neighbours are links here. `expected_revision` is what
/// [`Query::revision`](crate::prog::Query::revision) must be, or 0 for any.
///
/// After Linux 6.12, by 6.18; [`link_create`] attaches at the end since 5.7.
///
/// # Errors
///
/// As [`link_create`] on a cgroup, and
///
///  - [`NOENT`](crate::Errno::NOENT): the neighbour is not attached there.
///  - [`STALE`](crate::Errno::STALE): the revision is not the expected one.
///  - [`BADF`](crate::Errno::BADF): the neighbour's descriptor is 0, which would be none.
///  - [`INVAL`](crate::Errno::INVAL): the neighbour is a program; or one of the two is
///    [`PREORDER`](LinkCreateCgroupFlags::PREORDER) and the other is not; or this kernel is too old.
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_cgroup(
    prog: BorrowedFd<'_>,
    cgroup: BorrowedFd<'_>,
    attach_type: AttachType,
    flags: LinkCreateCgroupFlags,
    place: Place<'_>,
    expected_revision: u64,
) -> Result<OwnedFd> {
    let mut attr = uapi::LinkCreateCgroup::new(prog.as_attr(), cgroup.as_attr(), attach_type);
    let (place, relative_fd) = place.as_attr()?;
    attr.flags = flags | LinkCreateCgroupFlags(place);
    attr.relative_fd = relative_fd;
    attr.expected_revision = expected_revision;
    // SAFETY: `LinkCreateCgroup` is the arm that this command reads for a cgroup; it holds no address.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, target_ifindex, attach_type, flags, tcx.{ relative_fd,
/// expected_revision } })`—attaches a program to the traffic control of a network device.
///
/// `attach_type` is [`TCX_INGRESS`](AttachType::TCX_INGRESS) or `TCX_EGRESS`; `expected_revision` is what
/// [`Query::revision`](crate::prog::Query::revision) must be, or 0 for any.
///
/// Since Linux 6.6.
///
/// # Errors
///
///  - [`NODEV`]: no such network device in the caller's network namespace.
///  - [`EXIST`]: the program is attached there already, by whatever way.
///  - [`NOENT`]: the neighbour is not attached there.
///  - [`STALE`]: the revision is not the expected one.
///  - [`RANGE`]: there are 64 programs.
///  - [`BADF`]: a descriptor is not open, or a neighbour's is 0, which would be none.
///  - [`INVAL`]: `prog`, or the neighbour, is of another type; or the hook.
///
/// [`NODEV`]: crate::Errno::NODEV
/// [`EXIST`]: crate::Errno::EXIST
/// [`NOENT`]: crate::Errno::NOENT
/// [`STALE`]: crate::Errno::STALE
/// [`RANGE`]: crate::Errno::RANGE
/// [`BADF`]: crate::Errno::BADF
/// [`INVAL`]: crate::Errno::INVAL
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_tcx(
    prog: BorrowedFd<'_>,
    ifindex: u32,
    attach_type: AttachType,
    place: Place<'_>,
    expected_revision: u64,
) -> Result<OwnedFd> {
    let mut attr = uapi::LinkCreateTcx::new(prog.as_attr(), ifindex, attach_type);
    let (flags, relative_fd) = place.as_attr()?;
    attr.flags = LinkCreateTcxFlags(flags);
    attr.relative_fd = relative_fd;
    attr.expected_revision = expected_revision;
    // SAFETY: `LinkCreateTcx` is the arm that this command reads for traffic control; it holds no
    // address.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, target_ifindex, attach_type, flags, netkit.{ relative_fd,
/// expected_revision } })`—attaches a program to a netkit device.
///
/// `attach_type` is [`NETKIT_PRIMARY`](AttachType::NETKIT_PRIMARY) or `NETKIT_PEER`; both are given with
/// the primary device. `expected_revision` is what [`Query::revision`](crate::prog::Query::revision) must
/// be, or 0 for any.
///
/// Since Linux 6.7.
///
/// # Errors
///
/// As [`link_create_tcx`], and
///
///  - [`NXIO`](crate::Errno::NXIO): the device is no netkit.
///  - [`ACCES`](crate::Errno::ACCES): it is the peer, not the primary.
///  - [`INVAL`](crate::Errno::INVAL): this kernel has no netkit.
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_netkit(
    prog: BorrowedFd<'_>,
    ifindex: u32,
    attach_type: AttachType,
    place: Place<'_>,
    expected_revision: u64,
) -> Result<OwnedFd> {
    let mut attr = uapi::LinkCreateNetkit::new(prog.as_attr(), ifindex, attach_type);
    let (flags, relative_fd) = place.as_attr()?;
    attr.flags = LinkCreateNetkitFlags(flags);
    attr.relative_fd = relative_fd;
    attr.expected_revision = expected_revision;
    // SAFETY: `LinkCreateNetkit` is the arm that this command reads for netkit; it holds no address.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, BPF_NETFILTER, netfilter.{ pf, hooknum, priority, flags } })`—attaches
/// a program to a netfilter hook of the caller's network namespace.
///
/// `pf` is 2 for IPv4 and 10 for IPv6, `hooknum` 0 to 4 (`NF_INET_PRE_ROUTING` and on); a lower
/// `priority` runs earlier, and each can be had once.
///
/// Since Linux 6.4.
///
/// # Errors
///
///  - [`AFNOSUPPORT`]: `pf` is neither.
///  - [`PROTO`]: `hooknum` is over 4.
///  - [`RANGE`]: `priority` is `i32::MIN` or `i32::MAX`; or, with [`IP_DEFRAG`], −400 or lower.
///  - [`BUSY`]: a program has this `priority` there.
///  - [`OPNOTSUPP`]: a flag that this kernel does not know.
///  - [`INVAL`]: the program is of another type.
///  - [`BADF`]: `prog` is not open.
///
/// [`IP_DEFRAG`]: LinkCreateNetfilterFlags::IP_DEFRAG
/// [`AFNOSUPPORT`]: crate::Errno::AFNOSUPPORT
/// [`PROTO`]: crate::Errno::PROTO
/// [`RANGE`]: crate::Errno::RANGE
/// [`BUSY`]: crate::Errno::BUSY
/// [`OPNOTSUPP`]: crate::Errno::OPNOTSUPP
/// [`INVAL`]: crate::Errno::INVAL
/// [`BADF`]: crate::Errno::BADF
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_netfilter(
    prog: BorrowedFd<'_>,
    pf: u32,
    hooknum: u32,
    priority: i32,
    flags: LinkCreateNetfilterFlags,
) -> Result<OwnedFd> {
    let mut attr = uapi::LinkCreateNetfilter::new(prog.as_attr(), pf, hooknum, priority);
    attr.netfilter_flags = flags;
    // SAFETY: `LinkCreateNetfilter` is the arm that this command reads for netfilter; it holds no
    // address.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_LINK_CREATE, { map_fd, BPF_STRUCT_OPS })`—puts the `struct_ops` that a map holds into use.
///
/// The map was made with [`LINK`](uapi::MapCreateFlags::LINK) and filled.
///
/// Since Linux 6.4.
///
/// # Errors
///
///  - [`INVAL`](crate::Errno::INVAL): the map is of another type, was made without that flag, or is not
///    filled.
///  - [`BADF`](crate::Errno::BADF): `map` is not open.
///  - Whatever the struct's own registration fails with: [`EXIST`](crate::Errno::EXIST) for a name that
///    is taken.
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_struct_ops(map: BorrowedFd<'_>) -> Result<OwnedFd> {
    let mut attr = uapi::LinkCreateStructOps::new(map.as_attr());
    // SAFETY: `LinkCreateStructOps` is the arm that this command reads for this attach type; it holds no
    // address.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

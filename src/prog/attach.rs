//! Attaching without a link: `BPF_PROG_ATTACH`, `BPF_PROG_DETACH`, `BPF_PROG_QUERY`.

use crate::attach::{Place, Target};
use crate::fd::BorrowedFd;
use crate::sys::{self, address_mut, count};
use crate::uapi::{self, AttachType, Cmd, ProgAttachFlags, ProgQueryFlags};
use crate::{Errno, Result};

/// How [`prog_attach`] attaches. `AttachOptions::default()` is the plain way.
#[derive(Clone, Copy, Debug, Default)]
pub struct AttachOptions<'a> {
    /// Flags, besides those that the other fields set.
    pub flags: ProgAttachFlags,
    /// The program that this one takes the place of (Linux 5.6); sets `BPF_F_REPLACE`.
    #[doc(alias = "replace_bpf_fd")]
    pub replace: Option<BorrowedFd<'a>>,
    /// Where among the others.
    pub place: Place<'a>,
    /// What [`Query::revision`] must be, or 0 for any (Linux 6.6; cgroups later).
    pub expected_revision: u64,
}

/// `bpf(BPF_PROG_ATTACH, { target_fd, attach_bpf_fd, attach_type, … })`—attaches a program without a
/// link.
///
/// It stays until it is detached, or its target is gone; no descriptor is needed to keep it. A
/// [link](crate::link) goes with its last descriptor, and nobody else can take it away.
///
/// Since Linux 4.10; devices since 6.6.
///
/// # Errors
///
///  - [`INVAL`]: the program is not for this hook; the hook is not for this command; flags that do not
///    go together or with the hook; on a cgroup, it is attached there already; a `CGROUP_SKB` program,
///    and no `CAP_NET_ADMIN`.
///  - [`BADF`]: a descriptor is not open; `target` is no cgroup of the v2 hierarchy.
///  - [`PERM`]: the cgroup, or one above, allows no more than it has (see [`ALLOW_MULTI`] and
///    [`ALLOW_OVERRIDE`]).
///  - [`NOENT`]: the program to replace, or the neighbour, is not attached there.
///  - [`NODEV`]: no such network device.
///  - [`EXIST`]: on a device, it is attached there already; in a network namespace, a link is.
///  - [`BUSY`]: the program to replace is attached by a link.
///  - [`STALE`]: the revision is not the expected one.
///  - [`TOOBIG`], [`RANGE`]: too many programs: 64; `RANGE` also when `replace` and `place` differ.
///
/// [`ALLOW_MULTI`]: ProgAttachFlags::ALLOW_MULTI
/// [`ALLOW_OVERRIDE`]: ProgAttachFlags::ALLOW_OVERRIDE
/// [`INVAL`]: Errno::INVAL
/// [`BADF`]: Errno::BADF
/// [`PERM`]: Errno::PERM
/// [`NOENT`]: Errno::NOENT
/// [`NODEV`]: Errno::NODEV
/// [`EXIST`]: Errno::EXIST
/// [`BUSY`]: Errno::BUSY
/// [`STALE`]: Errno::STALE
/// [`TOOBIG`]: Errno::TOOBIG
/// [`RANGE`]: Errno::RANGE
#[doc(alias = "BPF_PROG_ATTACH")]
#[inline]
pub fn prog_attach(
    prog: BorrowedFd<'_>,
    target: Target<'_>,
    attach_type: AttachType,
    options: &AttachOptions<'_>,
) -> Result<()> {
    let mut attr = uapi::ProgAttach::new(target.as_attr(), prog.as_attr(), attach_type);
    let (place, relative_fd) = options.place.as_attr()?;
    attr.attach_flags = options.flags | ProgAttachFlags(place);
    attr.relative_fd = relative_fd;
    if let Some(replace) = options.replace {
        attr.replace_bpf_fd = replace.as_attr();
        attr.attach_flags |= ProgAttachFlags::REPLACE;
    }
    attr.expected_revision = options.expected_revision;
    // SAFETY: `ProgAttach` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf(Cmd::PROG_ATTACH, &mut attr) }.map(drop)
}

/// `bpf(BPF_PROG_DETACH, { target_fd, attach_bpf_fd, attach_type, … })`—detaches a program that
/// [`prog_attach`] attached.
///
/// Without `prog`, what stands at `place` goes: on a device the last one, where that is
/// [`Place::Default`]. A cgroup that was not given [`ALLOW_MULTI`](ProgAttachFlags::ALLOW_MULTI) has one
/// program, and lets go of that whatever `prog` is.
///
/// Since Linux 4.10; devices since 6.6.
///
/// # Errors
///
///  - [`NOENT`]: it is not attached there, or nothing is.
///  - [`INVAL`]: the hook is not for this command; the program is of another type; a cgroup with many
///    programs, or a socket map, wants `prog`; a cgroup takes no `place`.
///  - [`BADF`]: a descriptor is not open; `target` is no cgroup of the v2 hierarchy; `prog` is 0, which
///    would be none.
///  - [`BUSY`]: a link attached it: see [`link_detach`](crate::link::link_detach).
///  - [`NODEV`]: no such network device.
///  - [`RANGE`]: it does not stand at `place`.
///  - [`STALE`]: the revision is not the expected one.
///  - [`PERM`]: neither `prog` nor `CAP_NET_ADMIN`, on a device (after Linux 6.12, by 6.18).
///
/// [`NOENT`]: Errno::NOENT
/// [`INVAL`]: Errno::INVAL
/// [`BADF`]: Errno::BADF
/// [`BUSY`]: Errno::BUSY
/// [`NODEV`]: Errno::NODEV
/// [`RANGE`]: Errno::RANGE
/// [`STALE`]: Errno::STALE
/// [`PERM`]: Errno::PERM
#[doc(alias = "BPF_PROG_DETACH")]
#[inline]
pub fn prog_detach(
    prog: Option<BorrowedFd<'_>>,
    target: Target<'_>,
    attach_type: AttachType,
    place: Place<'_>,
    expected_revision: u64,
) -> Result<()> {
    let prog = match prog {
        Some(prog) => prog.as_attr_some()?,
        None => 0,
    };
    let mut attr = uapi::ProgAttach::new(target.as_attr(), prog, attach_type);
    let (flags, relative_fd) = place.as_attr()?;
    attr.attach_flags = ProgAttachFlags(flags);
    attr.relative_fd = relative_fd;
    attr.expected_revision = expected_revision;
    // SAFETY: `ProgAttach` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf(Cmd::PROG_DETACH, &mut attr) }.map(drop)
}

/// What [`prog_query`] is to list, and what it found. `Query::default()` only counts.
///
/// The arrays run in parallel: each is empty or as long as `prog_ids`.
#[derive(Default)]
pub struct Query<'a> {
    /// Takes the programs' ids, in the order in which they run.
    pub prog_ids: &'a mut [u32],
    /// Takes how each was attached; cgroups only (after Linux 5.10, by 6.1).
    pub prog_attach_flags: &'a mut [ProgAttachFlags],
    /// Takes the ids of the links that they were attached by, 0 for none; devices only (Linux 6.6).
    pub link_ids: &'a mut [u32],
    /// Takes flags of those links; devices only (Linux 6.6). No flag exists yet.
    pub link_attach_flags: &'a mut [u32],
    /// Came back: programs that there are, whether they fitted or not.
    #[doc(alias = "prog_cnt")]
    pub count: u32,
    /// Came back: how the programs of a cgroup were attached.
    pub attach_flags: ProgAttachFlags,
    /// Came back: a number that every change to this hook of this target moves on (Linux 6.6; cgroups
    /// after 6.12, by 6.18); 0 where there is none.
    pub revision: u64,
}

crate::debug::debug_struct! { Query<'_> {
    prog_ids, prog_attach_flags, link_ids, link_attach_flags, count, attach_flags, revision
} }

/// `bpf(BPF_PROG_QUERY, { target_fd, attach_type, query_flags, prog_ids, prog_cnt, … })`—lists what is
/// attached.
///
/// What comes back in `query` is good after [`NOSPC`] as well.
///
/// Since Linux 4.15; devices since 6.6.
///
/// # Errors
///
///  - [`NOSPC`]: there are more than `prog_ids` has room for; the first ones are there.
///  - [`INVAL`]: the arrays differ in length; the hook is not for this command; or
///    [`EFFECTIVE`](ProgQueryFlags::EFFECTIVE) where it does not go: outside of cgroups, or with
///    `prog_attach_flags`.
///  - [`BADF`]: `target` is not open, or no cgroup of the v2 hierarchy.
///  - [`NODEV`]: no such network device.
///  - [`PERM`]: no `CAP_NET_ADMIN`.
///
/// [`NOSPC`]: Errno::NOSPC
/// [`INVAL`]: Errno::INVAL
/// [`BADF`]: Errno::BADF
/// [`NODEV`]: Errno::NODEV
/// [`PERM`]: Errno::PERM
#[doc(alias = "BPF_PROG_QUERY")]
#[inline]
pub fn prog_query(
    target: Target<'_>,
    attach_type: AttachType,
    query_flags: ProgQueryFlags,
    query: &mut Query<'_>,
) -> Result<()> {
    let len = query.prog_ids.len();
    let fits = |other: usize| other == 0 || other == len;
    if !fits(query.prog_attach_flags.len())
        || !fits(query.link_ids.len())
        || !fits(query.link_attach_flags.len())
    {
        return Err(Errno::INVAL);
    }
    let mut attr = uapi::ProgQuery::new(target.as_attr(), attach_type);
    attr.query_flags = query_flags;
    attr.prog_ids = address_mut(query.prog_ids);
    attr.prog_cnt = count(query.prog_ids)?;
    attr.prog_attach_flags = address_mut(query.prog_attach_flags);
    attr.link_ids = address_mut(query.link_ids);
    attr.link_attach_flags = address_mut(query.link_attach_flags);
    // SAFETY: `ProgQuery` is the arm that this command reads. The kernel writes `prog_cnt` entries of
    // 32 bits to each address at most; each is zero or an array of that many, borrowed exclusively.
    let result = unsafe { sys::bpf(Cmd::PROG_QUERY, &mut attr) };
    if matches!(result, Ok(_) | Err(Errno::NOSPC)) {
        query.count = attr.prog_cnt;
        query.attach_flags = attr.attach_flags;
        query.revision = attr.revision;
    }
    result.map(drop)
}

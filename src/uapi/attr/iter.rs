//! `union bpf_iter_link_info`: what [`LinkCreateIter::iter_info`](super::LinkCreateIter::iter_info) is
//! the address of.

use crate::uapi::CgroupIterOrder;

/// `union bpf_iter_link_info` itself: 16 bytes, 8-aligned.
///
/// Nothing in it says which arm it holds: the kernel reads the one that the program's target takes.
/// A map's descriptor would be a thread's id to a task iterator.
#[doc(alias = "bpf_iter_link_info")]
#[repr(transparent)]
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    zerocopy::FromBytes,
    zerocopy::Immutable,
    zerocopy::IntoBytes,
    zerocopy::KnownLayout,
)]
pub struct IterLinkInfo([u64; 2]);

const _: () = assert!(size_of::<IterLinkInfo>() == 16 && align_of::<IterLinkInfo>() == 8);

kernel_union! {
    IterLinkInfo: IterLinkInfoMap, IterLinkInfoCgroup, IterLinkInfoTask;
}

kernel_struct! {
    /// For targets that walk one map: `bpf_map_elem`, `bpf_sk_storage_map`, `sockmap` (Linux 5.9).
    #[doc(alias = "bpf_iter_link_info")]
    pub struct IterLinkInfoMap = "union bpf_iter_link_info.map", 16 bytes {
        /// The map. 0 is none, and refused.
        0 pub map_fd: u32,
        4 _zero: [u8; 12],
    }

    /// For the target `cgroup` (after Linux 5.10, by 6.1).
    ///
    /// With neither `cgroup_fd` nor `cgroup_id` the walk begins at the root of the v2 hierarchy.
    #[doc(alias = "bpf_iter_link_info")]
    pub struct IterLinkInfoCgroup = "union bpf_iter_link_info.cgroup", 16 bytes {
        /// Which cgroups, and in which order; [`ORDER_UNSPEC`](CgroupIterOrder::ORDER_UNSPEC) is refused.
        0 pub order: CgroupIterOrder,
        /// The cgroup to begin at, by descriptor, or 0. A v1 hierarchy has no other way.
        4 pub cgroup_fd: u32,
        /// The cgroup to begin at, by id, or 0; not both.
        8 pub cgroup_id: u64,
    }

    /// For the targets `task`, `task_file`, `task_vma` (after Linux 5.10, by 6.1).
    ///
    /// One at most is not 0; with none, all tasks.
    #[doc(alias = "bpf_iter_link_info")]
    pub struct IterLinkInfoTask = "union bpf_iter_link_info.task", 16 bytes {
        /// Only this thread.
        0 pub tid: u32,
        /// Only the threads of this process.
        4 pub pid: u32,
        /// Only the threads of the process of this pidfd.
        8 pub pid_fd: u32,
        12 _zero: [u8; 4],
    }
}

impl IterLinkInfoMap {
    /// Walks `map_fd`.
    #[must_use]
    pub const fn new(map_fd: u32) -> Self {
        Self { map_fd, ..Self::zeroed() }
    }
}

impl IterLinkInfoCgroup {
    /// Walks in `order` from the root.
    #[must_use]
    pub const fn new(order: CgroupIterOrder) -> Self {
        Self { order, ..Self::zeroed() }
    }
}

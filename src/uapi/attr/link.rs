//! The arms that links read, and what stood in for links before there were any.

use crate::uapi::{
    AttachType, LinkCreateCgroupFlags, LinkCreateKprobeMultiFlags, LinkCreateNetfilterFlags,
    LinkCreateNetkitFlags, LinkCreateTcxFlags, LinkCreateUprobeMultiFlags, LinkUpdateFlags,
    TaskFdType,
};

kernel_struct! {
    /// `BPF_LINK_CREATE` (Linux 5.7) where these four are all: cgroups, network namespaces, XDP,
    /// socket maps (Linux 6.10).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreate = "union bpf_attr.link_create", 16 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// Where: a cgroup, network namespace or socket map; for XDP the index of the network device.
        4 pub target_fd: u32 | "target_ifindex",
        /// Which hook of the target.
        8 pub attach_type: AttachType,
        /// [`LinkCreateCgroupFlags`]; the `XDP_FLAGS_*` of `<linux/if_link.h>`; otherwise zero.
        12 pub flags: u32,
    }

    /// `BPF_LINK_CREATE`, for a map that holds a `struct_ops` (Linux 6.4).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateStructOps = "union bpf_attr.link_create", 16 bytes {
        /// The map, made with [`LINK`](crate::uapi::MapCreateFlags::LINK) and filled.
        0 pub map_fd: u32,
        /// Not looked at: zero.
        4 pub target_fd: u32,
        /// [`AttachType::STRUCT_OPS`].
        8 pub attach_type: AttachType,
        /// Not looked at: zero.
        12 pub flags: u32,
    }

    /// `BPF_LINK_CREATE`, iterators (Linux 5.8).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateIter = "union bpf_attr.link_create", 32 bytes {
        /// The iterator program.
        0 pub prog_fd: u32,
        /// Zero.
        4 pub target_fd: u32,
        /// [`AttachType::TRACE_ITER`].
        8 pub attach_type: AttachType,
        /// Zero.
        12 pub flags: u32,
        /// Address of an [`IterLinkInfo`](crate::uapi::IterLinkInfo), or 0 (Linux 5.9).
        16 pub iter_info: u64,
        /// Bytes at `iter_info`.
        24 pub iter_info_len: u32,
        28 _zero: [u8; 4],
    }

    /// `BPF_LINK_CREATE`, perf events, which tracepoints, kprobes and uprobes are too (Linux 5.15).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreatePerfEvent = "union bpf_attr.link_create", 24 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// The perf event.
        4 pub target_fd: u32,
        /// [`AttachType::PERF_EVENT`].
        8 pub attach_type: AttachType,
        /// Zero.
        12 pub flags: u32,
        /// What `bpf_get_attach_cookie` returns.
        16 pub bpf_cookie: u64 = "perf_event.bpf_cookie",
    }

    /// `BPF_LINK_CREATE`, many kernel functions (Linux 5.18). 64-bit kernels only.
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateKprobeMulti = "union bpf_attr.link_create", 48 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// Not looked at: zero.
        4 pub target_fd: u32,
        /// [`AttachType::TRACE_KPROBE_MULTI`], or the session form (Linux 6.10).
        8 pub attach_type: AttachType,
        /// Zero.
        12 pub flags: u32,
        /// Entry or return.
        16 pub kprobe_multi_flags: LinkCreateKprobeMultiFlags = "kprobe_multi.flags",
        /// Functions: 1 to 2²⁰.
        20 pub cnt: u32 = "kprobe_multi.cnt",
        /// Address of an array of addresses of names, or 0. The inner ones are as wide as the kernel's
        /// pointers: 8 bytes.
        24 pub syms: u64 = "kprobe_multi.syms",
        /// Address of an array of `u64` addresses of functions, or 0: either this or `syms`.
        32 pub addrs: u64 = "kprobe_multi.addrs",
        /// Address of an array of `u64` cookies, or 0.
        40 pub cookies: u64 = "kprobe_multi.cookies",
    }

    /// `BPF_LINK_CREATE`, for programs that were loaded for one function: tracing, LSM, raw
    /// tracepoints with BTF, and programs that extend others (after Linux 5.10, by 6.1).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateTracing = "union bpf_attr.link_create", 32 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// The program to attach to instead of the one named at loading, or 0.
        4 pub target_fd: u32,
        /// As at loading; for a program that extends, 0.
        8 pub attach_type: AttachType,
        /// Not looked at: zero.
        12 pub flags: u32,
        /// The type id of the function in the BTF of `target_fd`; 0 with no `target_fd`.
        16 pub target_btf_id: u32 | "tracing.target_btf_id",
        20 _pad: [u8; 4],
        /// What `bpf_get_attach_cookie` returns.
        24 pub cookie: u64 = "tracing.cookie",
    }

    /// `BPF_LINK_CREATE`, netfilter hooks (Linux 6.4).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateNetfilter = "union bpf_attr.link_create", 32 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// Not looked at: zero.
        4 pub target_fd: u32,
        /// [`AttachType::NETFILTER`].
        8 pub attach_type: AttachType,
        /// Zero.
        12 pub flags: u32,
        /// The protocol: 2 is IPv4, 10 is IPv6.
        16 pub pf: u32 = "netfilter.pf",
        /// The hook: 0 to 4.
        20 pub hooknum: u32 = "netfilter.hooknum",
        /// Lower runs earlier; one program per number; neither `i32::MIN` nor `i32::MAX`.
        24 pub priority: i32 = "netfilter.priority",
        /// Whether fragments are put together first.
        28 pub netfilter_flags: LinkCreateNetfilterFlags = "netfilter.flags",
    }

    /// `BPF_LINK_CREATE`, traffic control (Linux 6.6).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateTcx = "union bpf_attr.link_create", 32 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// The index of the network device.
        4 pub target_ifindex: u32,
        /// [`AttachType::TCX_INGRESS`] or [`AttachType::TCX_EGRESS`].
        8 pub attach_type: AttachType,
        /// Where among the others.
        12 pub flags: LinkCreateTcxFlags,
        /// The neighbour, a program or link, by descriptor or id as `flags` says, or 0.
        16 pub relative_fd: u32 = "tcx.relative_fd" | "tcx.relative_id",
        20 _pad: [u8; 4],
        /// What `revision` must be, or 0 for any.
        24 pub expected_revision: u64 = "tcx.expected_revision",
    }

    /// `BPF_LINK_CREATE`, netkit devices (Linux 6.7).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateNetkit = "union bpf_attr.link_create", 32 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// The index of the network device.
        4 pub target_ifindex: u32,
        /// [`AttachType::NETKIT_PRIMARY`] or [`AttachType::NETKIT_PEER`].
        8 pub attach_type: AttachType,
        /// Where among the others.
        12 pub flags: LinkCreateNetkitFlags,
        /// The neighbour, a program or link, by descriptor or id as `flags` says, or 0.
        16 pub relative_fd: u32 = "netkit.relative_fd" | "netkit.relative_id",
        20 _pad: [u8; 4],
        /// What `revision` must be, or 0 for any.
        24 pub expected_revision: u64 = "netkit.expected_revision",
    }

    /// `BPF_LINK_CREATE`, cgroups, with a place among the others (after Linux 6.12, by 6.18).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateCgroup = "union bpf_attr.link_create", 32 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// The cgroup.
        4 pub target_fd: u32,
        /// Which hook of the cgroup.
        8 pub attach_type: AttachType,
        /// Where among the others.
        12 pub flags: LinkCreateCgroupFlags,
        /// The neighbour, a program or link, by descriptor or id as `flags` says, or 0.
        16 pub relative_fd: u32 = "cgroup.relative_fd" | "cgroup.relative_id",
        20 _pad: [u8; 4],
        /// What `revision` must be, or 0 for any.
        24 pub expected_revision: u64 = "cgroup.expected_revision",
    }

    /// `BPF_LINK_CREATE`, many places in one file of user code (Linux 6.6). 64-bit kernels only.
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateUprobeMulti = "union bpf_attr.link_create", 64 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// Not looked at: zero.
        4 pub target_fd: u32,
        /// [`AttachType::TRACE_UPROBE_MULTI`], or the session form (Linux 6.13).
        8 pub attach_type: AttachType,
        /// Zero.
        12 pub flags: u32,
        /// Address of the file's path, NUL-terminated; 0 when `path_fd` counts.
        16 pub path: u64 = "uprobe_multi.path",
        /// Address of an array of `u64` offsets in the file.
        24 pub offsets: u64 = "uprobe_multi.offsets",
        /// Address of an array of `u64` offsets of reference counters, or 0.
        32 pub ref_ctr_offsets: u64 = "uprobe_multi.ref_ctr_offsets",
        /// Address of an array of `u64` cookies, or 0.
        40 pub cookies: u64 = "uprobe_multi.cookies",
        /// Places: 1 to 2²⁰.
        48 pub cnt: u32 = "uprobe_multi.cnt",
        /// Entry or return, and whether `path_fd` counts.
        52 pub uprobe_multi_flags: LinkCreateUprobeMultiFlags = "uprobe_multi.flags",
        /// The process, by its thread group, or 0 for all.
        56 pub pid: u32 = "uprobe_multi.pid",
        /// With [`PATH_FD`](LinkCreateUprobeMultiFlags::PATH_FD): the file (Linux 7.2); otherwise zero.
        60 pub path_fd: u32 = "uprobe_multi.path_fd",
    }

    /// `BPF_LINK_CREATE`, many kernel functions by BTF (Linux 7.2).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateTracingMulti = "union bpf_attr.link_create", 40 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// Zero.
        4 pub target_fd: u32,
        /// [`AttachType::TRACE_FENTRY_MULTI`] or its kin.
        8 pub attach_type: AttachType,
        /// Zero.
        12 pub flags: u32,
        /// Address of an array of `u32` type ids, none of them twice.
        16 pub ids: u64 = "tracing_multi.ids",
        /// Address of an array of `u64` cookies, or 0.
        24 pub cookies: u64 = "tracing_multi.cookies",
        /// Functions: 1 to 2²⁰.
        32 pub cnt: u32 = "tracing_multi.cnt",
        36 _zero: [u8; 4],
    }

    /// `BPF_LINK_UPDATE`, of a program (Linux 5.7).
    #[doc(alias = "bpf_attr")]
    pub struct LinkUpdate = "union bpf_attr.link_update", 16 bytes {
        /// The link.
        0 pub link_fd: u32,
        /// The program that comes.
        4 pub new_prog_fd: u32,
        /// Whether `old_prog_fd` counts.
        8 pub flags: LinkUpdateFlags,
        /// With [`REPLACE`](LinkUpdateFlags::REPLACE): the program that must be there; otherwise zero.
        12 pub old_prog_fd: u32,
    }

    /// `BPF_LINK_UPDATE`, of a map that holds a `struct_ops` (Linux 6.4).
    #[doc(alias = "bpf_attr")]
    pub struct LinkUpdateMap = "union bpf_attr.link_update", 16 bytes {
        /// The link.
        0 pub link_fd: u32,
        /// The map that comes.
        4 pub new_map_fd: u32,
        /// Whether `old_map_fd` counts.
        8 pub flags: LinkUpdateFlags,
        /// With [`REPLACE`](LinkUpdateFlags::REPLACE): the map that must be there; otherwise zero.
        12 pub old_map_fd: u32,
    }

    /// `BPF_LINK_DETACH` (Linux 5.9).
    #[doc(alias = "bpf_attr")]
    pub struct LinkDetach = "union bpf_attr.link_detach", 8 bytes {
        /// The link.
        0 pub link_fd: u32,
        4 _zero: [u8; 4],
    }

    /// `BPF_LINK_GET_FD_BY_ID` (Linux 5.8).
    #[doc(alias = "bpf_attr")]
    pub struct LinkGetFdById = "union bpf_attr", 8 bytes {
        /// The link's id.
        0 pub link_id: u32,
        4 _zero: [u8; 4],
    }

    /// `BPF_ITER_CREATE` (Linux 5.8).
    #[doc(alias = "bpf_attr")]
    pub struct IterCreate = "union bpf_attr.iter_create", 8 bytes {
        /// The iterator link.
        0 pub link_fd: u32,
        /// Zero.
        4 pub flags: u32,
    }

    /// `BPF_RAW_TRACEPOINT_OPEN` (Linux 4.17).
    #[doc(alias = "bpf_attr")]
    pub struct RawTracepointOpen = "union bpf_attr.raw_tracepoint", 24 bytes {
        /// Address of the tracepoint's name, NUL-terminated; 0 for a program that was loaded for one
        /// function.
        0 pub name: u64,
        /// The program.
        8 pub prog_fd: u32,
        12 _pad: [u8; 4],
        /// What `bpf_get_attach_cookie` returns (after Linux 6.1, by 6.12).
        16 pub cookie: u64,
    }

    /// `BPF_TASK_FD_QUERY` (Linux 4.18).
    #[doc(alias = "bpf_attr")]
    pub struct TaskFdQuery = "union bpf_attr.task_fd_query", 48 bytes {
        /// The task, by its thread.
        0 pub pid: u32,
        /// A descriptor of that task: a perf event or a raw tracepoint's link.
        4 pub fd: u32,
        /// Zero.
        8 pub flags: u32,
        /// Bytes at `buf`. Written back: the length of the name, without a NUL.
        12 pub buf_len: u32,
        /// Address that the name is written to, NUL-terminated, or 0: a tracepoint, a symbol or a file.
        16 pub buf: u64,
        /// Written back: the program's id.
        24 pub prog_id: u32,
        /// Written back: what `fd` is.
        28 pub fd_type: TaskFdType,
        /// Written back: the offset from the symbol, or in the file.
        32 pub probe_offset: u64,
        /// Written back: the address of a kprobe without a symbol; of a uprobe, the offset of its
        /// reference counter.
        40 pub probe_addr: u64,
    }
}

impl LinkCreate {
    /// Attaches `prog_fd` to the hook `attach_type` of `target_fd`.
    #[must_use]
    pub const fn new(prog_fd: u32, target_fd: u32, attach_type: AttachType) -> Self {
        Self { prog_fd, target_fd, attach_type, ..Self::zeroed() }
    }
}

impl LinkCreateStructOps {
    /// Attaches what is in `map_fd`.
    #[must_use]
    pub const fn new(map_fd: u32) -> Self {
        Self { map_fd, attach_type: AttachType::STRUCT_OPS, ..Self::zeroed() }
    }
}

impl LinkCreateIter {
    /// Attaches `prog_fd` to nothing in particular; set the public fields for the rest.
    #[must_use]
    pub const fn new(prog_fd: u32) -> Self {
        Self { prog_fd, attach_type: AttachType::TRACE_ITER, ..Self::zeroed() }
    }
}

impl LinkCreatePerfEvent {
    /// Attaches `prog_fd` to the perf event `target_fd`.
    #[must_use]
    pub const fn new(prog_fd: u32, target_fd: u32) -> Self {
        Self { prog_fd, target_fd, attach_type: AttachType::PERF_EVENT, ..Self::zeroed() }
    }
}

impl LinkCreateKprobeMulti {
    /// Attaches `prog_fd` to `cnt` functions; set `syms` or `addrs`.
    #[must_use]
    pub const fn new(prog_fd: u32, cnt: u32) -> Self {
        Self { prog_fd, attach_type: AttachType::TRACE_KPROBE_MULTI, cnt, ..Self::zeroed() }
    }
}

impl LinkCreateTracing {
    /// Attaches `prog_fd` to what it was loaded for.
    #[must_use]
    pub const fn new(prog_fd: u32, attach_type: AttachType) -> Self {
        Self { prog_fd, attach_type, ..Self::zeroed() }
    }
}

impl LinkCreateNetfilter {
    /// Attaches `prog_fd` to the hook `hooknum` of the protocol `pf`.
    #[must_use]
    pub const fn new(prog_fd: u32, pf: u32, hooknum: u32, priority: i32) -> Self {
        let attach_type = AttachType::NETFILTER;
        Self { prog_fd, attach_type, pf, hooknum, priority, ..Self::zeroed() }
    }
}

impl LinkCreateTcx {
    /// Attaches `prog_fd` to the device `target_ifindex`, after the programs that are there.
    #[must_use]
    pub const fn new(prog_fd: u32, target_ifindex: u32, attach_type: AttachType) -> Self {
        Self { prog_fd, target_ifindex, attach_type, ..Self::zeroed() }
    }
}

impl LinkCreateNetkit {
    /// Attaches `prog_fd` to the device `target_ifindex`, after the programs that are there.
    #[must_use]
    pub const fn new(prog_fd: u32, target_ifindex: u32, attach_type: AttachType) -> Self {
        Self { prog_fd, target_ifindex, attach_type, ..Self::zeroed() }
    }
}

impl LinkCreateCgroup {
    /// Attaches `prog_fd` to the hook `attach_type` of `target_fd`, after the programs that are there.
    #[must_use]
    pub const fn new(prog_fd: u32, target_fd: u32, attach_type: AttachType) -> Self {
        Self { prog_fd, target_fd, attach_type, ..Self::zeroed() }
    }
}

impl LinkCreateUprobeMulti {
    /// Attaches `prog_fd` to the `cnt` places at `offsets` in the file whose path is at `path`.
    #[must_use]
    pub const fn new(prog_fd: u32, path: u64, offsets: u64, cnt: u32) -> Self {
        let attach_type = AttachType::TRACE_UPROBE_MULTI;
        Self { prog_fd, attach_type, path, offsets, cnt, ..Self::zeroed() }
    }
}

impl LinkCreateTracingMulti {
    /// Attaches `prog_fd` to the `cnt` functions whose type ids are at `ids`.
    #[must_use]
    pub const fn new(prog_fd: u32, attach_type: AttachType, ids: u64, cnt: u32) -> Self {
        Self { prog_fd, attach_type, ids, cnt, ..Self::zeroed() }
    }
}

impl LinkUpdate {
    /// Puts `new_prog_fd` into `link_fd`.
    #[must_use]
    pub const fn new(link_fd: u32, new_prog_fd: u32) -> Self {
        Self { link_fd, new_prog_fd, ..Self::zeroed() }
    }
}

impl LinkUpdateMap {
    /// Puts `new_map_fd` into `link_fd`.
    #[must_use]
    pub const fn new(link_fd: u32, new_map_fd: u32) -> Self {
        Self { link_fd, new_map_fd, ..Self::zeroed() }
    }
}

impl LinkDetach {
    /// Detaches `link_fd`, which stays open.
    #[must_use]
    pub const fn new(link_fd: u32) -> Self {
        Self { link_fd, ..Self::zeroed() }
    }
}

impl LinkGetFdById {
    /// Opens the link `link_id`.
    #[must_use]
    pub const fn new(link_id: u32) -> Self {
        Self { link_id, ..Self::zeroed() }
    }
}

impl IterCreate {
    /// Opens an iterator from `link_fd`.
    #[must_use]
    pub const fn new(link_fd: u32) -> Self {
        Self { link_fd, ..Self::zeroed() }
    }
}

impl RawTracepointOpen {
    /// Attaches `prog_fd` to the tracepoint whose name is at `name`.
    #[must_use]
    pub const fn new(prog_fd: u32, name: u64) -> Self {
        Self { name, prog_fd, ..Self::zeroed() }
    }
}

impl TaskFdQuery {
    /// Asks what the descriptor `fd` of the task `pid` is.
    #[must_use]
    pub const fn new(pid: u32, fd: u32) -> Self {
        Self { pid, fd, ..Self::zeroed() }
    }
}

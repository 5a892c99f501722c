//! What `BPF_OBJ_GET_INFO_BY_FD` writes, and the records that programs are loaded with.
//!
//! The kernel reads an info struct before it writes it: an address and a length in it say where a name
//! or an array goes, and both are zero when it is not wanted. So the struct must be all zero but for
//! those, and for a link the arm must be the link's: the kernel takes the bytes for what they are there.
//!
//! The errors that fields name are those of the raw call; the functions of [`info`](crate::info) deal with
//! them.

use super::{
    AttachType, CgroupIterOrder, CoreReloKind, LinkCreateKprobeMultiFlags,
    LinkCreateNetfilterFlags, LinkCreateUprobeMultiFlags, LinkType, MapCreateFlags, MapType,
    PerfEventType, ProgType,
};

kernel_struct! {
    /// `struct bpf_prog_info` (Linux 4.13).
    ///
    /// Each array is filled as far as its count goes on the way in; on the way out the count is what
    /// there is. Lengths and counts of code are zero without `CAP_BPF`.
    #[doc(alias = "bpf_prog_info")]
    pub struct ProgInfo = "struct bpf_prog_info", 232 bytes {
        /// What kind of program it is.
        0 pub r#type: ProgType = "type",
        /// The program's id.
        4 pub id: u32,
        /// A hash of the instructions.
        8 pub tag: [u8; 8],
        /// Bytes of machine code.
        16 pub jited_prog_len: u32,
        /// Bytes of instructions, as the verifier left them.
        20 pub xlated_prog_len: u32,
        /// In: address for the machine code. Zero afterwards when it may not be seen.
        24 pub jited_prog_insns: u64,
        /// In: address for the instructions. Zero afterwards when they may not be seen.
        32 pub xlated_prog_insns: u64,
        /// When it was loaded: nanoseconds since boot (Linux 4.15).
        40 pub load_time: u64,
        /// Who loaded it (Linux 4.15).
        48 pub created_by_uid: u32,
        /// Maps that it uses (Linux 4.15).
        52 pub nr_map_ids: u32,
        /// In: address for the ids of those, `u32` each (Linux 4.15).
        56 pub map_ids: u64,
        /// The name, NUL-padded (Linux 4.15).
        64 pub name: [u8; 16],
        /// The network device that it was made for, or 0 (Linux 4.16).
        80 pub ifindex: u32,
        /// Bit 0: [`gpl_compatible`](Self::gpl_compatible).
        84 bits: u32 = "_bits" { 0: 1 = "gpl_compatible" },
        /// The device of that device's network namespace (Linux 4.16).
        88 pub netns_dev: u64,
        /// The inode of that device's network namespace (Linux 4.16).
        96 pub netns_ino: u64,
        /// Functions, the program itself included.
        104 pub nr_jited_ksyms: u32,
        /// Functions, the program itself included.
        108 pub nr_jited_func_lens: u32,
        /// In: address for each function's address, `u64` each.
        112 pub jited_ksyms: u64,
        /// In: address for each function's length in bytes, `u32` each.
        120 pub jited_func_lens: u64,
        /// The id of the program's BTF object, or 0.
        128 pub btf_id: u32,
        /// Bytes in a record at `func_info`: 8. In: the same, or 0 with no records.
        132 pub func_info_rec_size: u32,
        /// In: address for an array of [`FuncInfo`].
        136 pub func_info: u64,
        /// Records of function info.
        144 pub nr_func_info: u32,
        /// Records of line info.
        148 pub nr_line_info: u32,
        /// In: address for an array of [`LineInfo`].
        152 pub line_info: u64,
        /// In: address for the machine code's address of each line, `u64` each.
        160 pub jited_line_info: u64,
        /// Entries for `jited_line_info`.
        168 pub nr_jited_line_info: u32,
        /// Bytes in a record at `line_info`: 16. In: the same, or 0 with no records.
        172 pub line_info_rec_size: u32,
        /// Bytes in an entry at `jited_line_info`: 8. In: the same, or 0 with no entries.
        176 pub jited_line_info_rec_size: u32,
        /// Functions, the program itself included.
        180 pub nr_prog_tags: u32,
        /// In: address for each function's tag, 8 bytes each.
        184 pub prog_tags: u64,
        /// Nanoseconds that it has run while statistics were on.
        192 pub run_time_ns: u64,
        /// Times that it has run while statistics were on.
        200 pub run_cnt: u64,
        /// Runs that were skipped because it was running already (after Linux 5.10, by 6.1).
        208 pub recursion_misses: u64,
        /// Instructions that the verifier went through (after Linux 5.10, by 6.1).
        216 pub verified_insns: u32,
        /// The id of the BTF object of what it attaches to, or 0 (after Linux 5.10, by 6.1).
        220 pub attach_btf_obj_id: u32,
        /// The type id of what it attaches to, or 0 (after Linux 5.10, by 6.1).
        224 pub attach_btf_id: u32,
        228 _zero: [u8; 4],
    }

    /// `struct bpf_map_info` (Linux 4.13).
    #[doc(alias = "bpf_map_info")]
    pub struct MapInfo = "struct bpf_map_info", 104 bytes {
        /// What kind of map it is.
        0 pub r#type: MapType = "type",
        /// The map's id.
        4 pub id: u32,
        /// Bytes in a key.
        8 pub key_size: u32,
        /// Bytes in a value.
        12 pub value_size: u32,
        /// Elements at most.
        16 pub max_entries: u32,
        /// How it was made.
        20 pub map_flags: MapCreateFlags,
        /// The name, NUL-padded (Linux 4.15).
        24 pub name: [u8; 16],
        /// The network device that holds it, or 0 (Linux 4.16).
        40 pub ifindex: u32,
        /// For a `struct_ops`: the type id of its struct in the kernel's BTF (Linux 5.6).
        44 pub btf_vmlinux_value_type_id: u32,
        /// The device of that device's network namespace (Linux 4.16).
        48 pub netns_dev: u64,
        /// The inode of that device's network namespace (Linux 4.16).
        56 pub netns_ino: u64,
        /// The id of the BTF object of the next two, or 0.
        64 pub btf_id: u32,
        /// The key's type id, or 0.
        68 pub btf_key_type_id: u32,
        /// The value's type id, or 0.
        72 pub btf_value_type_id: u32,
        /// For a `struct_ops` of a module: the id of that module's BTF object (after Linux 6.1, by 6.12).
        76 pub btf_vmlinux_id: u32,
        /// As in [`MapCreate::map_extra`](super::MapCreate::map_extra) (after Linux 5.10, by 6.1).
        80 pub map_extra: u64,
        /// In: address for the SHA-256 of a frozen map's contents, or 0 (after Linux 6.12, by 6.18).
        88 pub hash: u64,
        /// In: bytes at `hash`: 32, or 0 (after Linux 6.12, by 6.18).
        96 pub hash_size: u32,
        100 _zero: [u8; 4],
    }

    /// `struct bpf_btf_info` (Linux 4.18).
    #[doc(alias = "bpf_btf_info")]
    pub struct BtfInfo = "struct bpf_btf_info", 32 bytes {
        /// In: address for the BTF, or 0. It is cut when `btf_size` is too small.
        0 pub btf: u64,
        /// In: bytes at `btf`. Out: bytes that there are.
        8 pub btf_size: u32,
        /// The BTF object's id.
        12 pub id: u32,
        /// In: address for the name, NUL-terminated, or 0 (after Linux 5.10, by 6.1).
        16 pub name: u64,
        /// In: bytes at `name`. Out: the name's length, without the NUL. `ENOSPC` when it was cut;
        /// this struct is written then, too (after Linux 5.10, by 6.1).
        24 pub name_len: u32,
        /// 1 for the kernel's own and its modules', 0 for a user's (after Linux 5.10, by 6.1).
        28 pub kernel_btf: u32,
    }

    /// `struct bpf_token_info` (after Linux 6.12, by 6.18): what a token permits. Bit N is number N.
    #[doc(alias = "bpf_token_info")]
    pub struct TokenInfo = "struct bpf_token_info", 32 bytes {
        /// By [`Cmd`](super::Cmd).
        0 pub allowed_cmds: u64,
        /// By [`MapType`].
        8 pub allowed_maps: u64,
        /// By [`ProgType`].
        16 pub allowed_progs: u64,
        /// By [`AttachType`].
        24 pub allowed_attachs: u64,
    }

    /// `struct bpf_func_info`: where a function begins (Linux 5.0).
    #[doc(alias = "bpf_func_info")]
    pub struct FuncInfo = "struct bpf_func_info", 8 bytes {
        /// The function's first instruction, counted in 8 bytes. The first record's is 0, each other's
        /// larger than the one before.
        0 pub insn_off: u32,
        /// The id of its FUNC in the program's BTF.
        4 pub type_id: u32,
    }

    /// `struct bpf_line_info`: which line an instruction was made of (Linux 5.0).
    #[doc(alias = "bpf_line_info")]
    pub struct LineInfo = "struct bpf_line_info", 16 bytes {
        /// The instruction, counted in 8 bytes. The first record's is 0, each other's larger than the
        /// one before; every function's first instruction has one.
        0 pub insn_off: u32,
        /// The file's name: an offset into the BTF's strings.
        4 pub file_name_off: u32,
        /// The line's text: an offset into the BTF's strings.
        8 pub line_off: u32,
        /// The line's number in the upper 22 bits, the column in the lower 10.
        12 pub line_col: u32,
    }

    /// `struct bpf_core_relo`: an instruction whose number depends on the kernel's types (after
    /// Linux 5.10, by 6.1).
    #[doc(alias = "bpf_core_relo")]
    pub struct CoreRelo = "struct bpf_core_relo", 16 bytes {
        /// The instruction, counted in **bytes**.
        0 pub insn_off: u32,
        /// The type, in the program's BTF.
        4 pub type_id: u32,
        /// The way to the member, `0:1:2` say: an offset into the BTF's strings.
        8 pub access_str_off: u32,
        /// What of it the instruction wants to know.
        12 pub kind: CoreReloKind,
    }
}

impl ProgInfo {
    /// Whether the license lets the program use functions that are for the GPL only (Linux 4.18).
    #[must_use]
    pub const fn gpl_compatible(&self) -> bool {
        self.bits & 1 != 0
    }
}

impl LineInfo {
    /// The line's number.
    #[doc(alias = "BPF_LINE_INFO_LINE_NUM")]
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line_col >> 10
    }

    /// The column.
    #[doc(alias = "BPF_LINE_INFO_LINE_COL")]
    #[must_use]
    pub const fn column(&self) -> u32 {
        self.line_col & 0x3ff
    }
}

/// The arms of `struct bpf_link_info`: all have its head, and its size.
macro_rules! link_info {
    ($(
        $(#[$meta:meta])*
        pub struct $ty:ident { $($field:tt)* }
    )*) => {kernel_struct! {$(
        $(#[$meta])*
        #[doc(alias = "bpf_link_info")]
        pub struct $ty = "struct bpf_link_info", 64 bytes {
            /// What kind of link it is, and so which arm this is.
            0 pub r#type: LinkType = "type",
            /// The link's id.
            4 pub id: u32,
            /// The program's id; 0 when there is none.
            8 pub prog_id: u32,
            12 _pad: [u8; 4],
            $($field)*
        }
    )*}};
}

link_info! {
    /// `struct bpf_link_info` (Linux 5.8): the head of every link's, and the bytes of its arm.
    ///
    /// `From` makes it of any arm, and any arm of it; [`type`](Self::type) says which one.
    ///
    /// ```
    /// use barebpf::uapi::{LinkInfo, LinkInfoXdp, LinkType};
    ///
    /// let mut xdp = LinkInfoXdp::zeroed();
    /// xdp.r#type = LinkType::XDP;
    /// xdp.ifindex = 2;
    /// let info = LinkInfo::from(xdp);
    /// if info.r#type == LinkType::XDP {
    ///     assert_eq!(LinkInfoXdp::from(info).ifindex, 2);
    /// }
    /// ```
    pub struct LinkInfo {
        16 _arm: [u64; 6],
    }

    /// [`LinkType::RAW_TRACEPOINT`].
    pub struct LinkInfoRawTracepoint {
        /// In: address for the tracepoint's name, or 0.
        16 pub tp_name: u64 = "raw_tracepoint.tp_name",
        /// In: bytes at `tp_name`. Out: bytes in the name, the NUL included; `ENOSPC` when that is
        /// more, and nothing else is written.
        24 pub tp_name_len: u32 = "raw_tracepoint.tp_name_len",
        28 _pad2: [u8; 4],
        /// The cookie (after Linux 6.12, by 6.18).
        32 pub cookie: u64 = "raw_tracepoint.cookie",

        40 _zero: [u8; 24],
    }

    /// [`LinkType::TRACING`].
    pub struct LinkInfoTracing {
        /// How it is attached.
        16 pub attach_type: AttachType = "tracing.attach_type",
        /// The id of the BTF object of the function; for a program that extends another, that one's
        /// (after Linux 5.10, by 6.1).
        20 pub target_obj_id: u32 = "tracing.target_obj_id",
        /// The type id of the function in there (after Linux 5.10, by 6.1).
        24 pub target_btf_id: u32 = "tracing.target_btf_id",
        28 _pad2: [u8; 4],
        /// The cookie (after Linux 6.12, by 6.18).
        32 pub cookie: u64 = "tracing.cookie",
        40 _zero: [u8; 24],
    }

    /// [`LinkType::CGROUP`].
    pub struct LinkInfoCgroup {
        /// The cgroup's id; 0 once that is gone.
        16 pub cgroup_id: u64 = "cgroup.cgroup_id",
        /// How it is attached.
        24 pub attach_type: AttachType = "cgroup.attach_type",
        28 _zero: [u8; 36],
    }

    /// [`LinkType::ITER`], for targets without an arm of their own.
    pub struct LinkInfoIter {
        /// In: address for the target's name, or 0 (after Linux 5.8, by 5.10).
        16 pub target_name: u64 = "iter.target_name",
        /// In: bytes at `target_name`. Out: bytes in the name, the NUL included; when that is more, the
        /// beginning and a NUL are at `target_name`, nothing is written here, and the call fails with
        /// `ENOSPC` (`obj_get_info_by_fd_link` asks for the length first, and so never does).
        24 pub target_name_len: u32 = "iter.target_name_len",
        28 _zero: [u8; 36],
    }

    /// [`LinkType::ITER`], for targets that walk one map.
    pub struct LinkInfoIterMap {
        /// As in [`LinkInfoIter`].
        16 pub target_name: u64 = "iter.target_name",
        /// As in [`LinkInfoIter`].
        24 pub target_name_len: u32 = "iter.target_name_len",
        /// The map's id.
        28 pub map_id: u32 = "iter.map.map_id",
        32 _zero: [u8; 32],
    }

    /// [`LinkType::ITER`], for the target `cgroup` (after Linux 5.10, by 6.1).
    pub struct LinkInfoIterCgroup {
        /// As in [`LinkInfoIter`].
        16 pub target_name: u64 = "iter.target_name",
        /// As in [`LinkInfoIter`].
        24 pub target_name_len: u32 = "iter.target_name_len",
        28 _pad2: [u8; 4],
        /// The id of the cgroup that the walk begins at.
        32 pub cgroup_id: u64 = "iter.cgroup.cgroup_id",
        /// Which cgroups, and in which order.
        40 pub order: CgroupIterOrder = "iter.cgroup.order",
        44 _zero: [u8; 20],
    }

    /// [`LinkType::ITER`], for the targets `task`, `task_file`, `task_vma` (after Linux 5.10, by 6.1).
    pub struct LinkInfoIterTask {
        /// As in [`LinkInfoIter`].
        16 pub target_name: u64 = "iter.target_name",
        /// As in [`LinkInfoIter`].
        24 pub target_name_len: u32 = "iter.target_name_len",
        28 _pad2: [u8; 4],
        /// The only thread, or 0.
        32 pub tid: u32 = "iter.task.tid",
        /// The only process, or 0.
        36 pub pid: u32 = "iter.task.pid",
        40 _zero: [u8; 24],
    }

    /// [`LinkType::NETNS`].
    pub struct LinkInfoNetns {
        /// The inode of the network namespace; 0 once that is gone.
        16 pub netns_ino: u32 = "netns.netns_ino",
        /// How it is attached.
        20 pub attach_type: AttachType = "netns.attach_type",
        24 _zero: [u8; 40],
    }

    /// [`LinkType::XDP`] (Linux 5.9).
    pub struct LinkInfoXdp {
        /// The index of the network device; 0 once that is gone.
        16 pub ifindex: u32 = "xdp.ifindex",
        20 _zero: [u8; 44],
    }

    /// [`LinkType::STRUCT_OPS`] (after Linux 6.1, by 6.12).
    pub struct LinkInfoStructOps {
        /// The map's id.
        16 pub map_id: u32 = "struct_ops.map_id",
        20 _zero: [u8; 44],
    }

    /// [`LinkType::NETFILTER`] (Linux 6.4).
    pub struct LinkInfoNetfilter {
        /// The protocol: 2 is IPv4, 10 is IPv6.
        16 pub pf: u32 = "netfilter.pf",
        /// The hook.
        20 pub hooknum: u32 = "netfilter.hooknum",
        /// Lower runs earlier.
        24 pub priority: i32 = "netfilter.priority",
        /// How it was made.
        28 pub flags: LinkCreateNetfilterFlags = "netfilter.flags",
        32 _zero: [u8; 32],
    }

    /// [`LinkType::KPROBE_MULTI`] (after Linux 6.1, by 6.12).
    pub struct LinkInfoKprobeMulti {
        /// In: address for the functions' addresses, `u64` each, or 0. They are zero when they may not
        /// be seen.
        16 pub addrs: u64 = "kprobe_multi.addrs",
        /// In: entries in each array. Out: functions; `ENOSPC` when that is more, and this struct is
        /// not written.
        24 pub count: u32 = "kprobe_multi.count",
        /// How it was made.
        28 pub flags: LinkCreateKprobeMultiFlags = "kprobe_multi.flags",
        /// Runs that were skipped.
        32 pub missed: u64 = "kprobe_multi.missed",
        /// In: address for the functions' cookies, `u64` each, or 0.
        40 pub cookies: u64 = "kprobe_multi.cookies",
        48 _zero: [u8; 16],
    }

    /// [`LinkType::UPROBE_MULTI`] (after Linux 6.1, by 6.12).
    pub struct LinkInfoUprobeMulti {
        /// In: address for the file's path, or 0.
        16 pub path: u64 = "uprobe_multi.path",
        /// In: address for the places in the file, `u64` each, or 0.
        24 pub offsets: u64 = "uprobe_multi.offsets",
        /// In: address for the offsets of reference counters, `u64` each, or 0.
        32 pub ref_ctr_offsets: u64 = "uprobe_multi.ref_ctr_offsets",
        /// In: address for the places' cookies, `u64` each, or 0.
        40 pub cookies: u64 = "uprobe_multi.cookies",
        /// In: bytes at `path`. Out: bytes in the path, the NUL included; `ENAMETOOLONG` when that is
        /// more.
        48 pub path_size: u32 = "uprobe_multi.path_size",
        /// In: entries in each array. Out: places; `ENOSPC` when that is more, and this struct is not
        /// written.
        52 pub count: u32 = "uprobe_multi.count",
        /// How it was made.
        56 pub flags: LinkCreateUprobeMultiFlags = "uprobe_multi.flags",
        /// The process, or 0 for all.
        60 pub pid: u32 = "uprobe_multi.pid",
    }

    /// [`LinkType::PERF_EVENT`] (after Linux 6.1, by 6.12): what all of them have.
    pub struct LinkInfoPerfEvent {
        /// Which of the four it is.
        16 pub perf_event_type: PerfEventType = "perf_event.type",
        20 _zero: [u8; 44],
    }

    /// [`LinkType::PERF_EVENT`]: [`PerfEventType::UPROBE`], [`PerfEventType::URETPROBE`].
    pub struct LinkInfoPerfEventUprobe {
        /// Which of the two it is.
        16 pub perf_event_type: PerfEventType = "perf_event.type",
        20 _pad2: [u8; 4],
        /// In: address for the file's name, or 0.
        24 pub file_name: u64 = "perf_event.uprobe.file_name",
        /// In: bytes at `file_name`. Out: bytes in the name, the NUL included; `ENOSPC` when that is
        /// more, and nothing else is written.
        32 pub name_len: u32 = "perf_event.uprobe.name_len",
        /// The place in the file.
        36 pub offset: u32 = "perf_event.uprobe.offset",
        /// The cookie.
        40 pub cookie: u64 = "perf_event.uprobe.cookie",
        /// The offset of the reference counter, or 0 (after Linux 6.12, by 6.18).
        48 pub ref_ctr_offset: u64 = "perf_event.uprobe.ref_ctr_offset",
        56 _zero: [u8; 8],
    }

    /// [`LinkType::PERF_EVENT`]: [`PerfEventType::KPROBE`], [`PerfEventType::KRETPROBE`].
    pub struct LinkInfoPerfEventKprobe {
        /// Which of the two it is.
        16 pub perf_event_type: PerfEventType = "perf_event.type",
        20 _pad2: [u8; 4],
        /// In: address for the function's name, or 0. It is empty when the place has none.
        24 pub func_name: u64 = "perf_event.kprobe.func_name",
        /// In: bytes at `func_name`. Out: bytes in the name, the NUL included; `ENOSPC` when that is
        /// more, and nothing else is written.
        32 pub name_len: u32 = "perf_event.kprobe.name_len",
        /// The offset from the function.
        36 pub offset: u32 = "perf_event.kprobe.offset",
        /// The address; 0 when it may not be seen.
        40 pub addr: u64 = "perf_event.kprobe.addr",
        /// Runs that were skipped.
        48 pub missed: u64 = "perf_event.kprobe.missed",
        /// The cookie.
        56 pub cookie: u64 = "perf_event.kprobe.cookie",
    }

    /// Of a [`LinkType::PERF_EVENT`] link: [`PerfEventType::TRACEPOINT`].
    pub struct LinkInfoPerfEventTracepoint {
        /// Which it is.
        16 pub perf_event_type: PerfEventType = "perf_event.type",
        20 _pad2: [u8; 4],
        /// In: address for the tracepoint's name, or 0.
        24 pub tp_name: u64 = "perf_event.tracepoint.tp_name",
        /// In: bytes at `tp_name`. Out: bytes in the name, the NUL included; `ENOSPC` when that is
        /// more, and nothing else is written.
        32 pub name_len: u32 = "perf_event.tracepoint.name_len",
        36 _pad3: [u8; 4],
        /// The cookie.
        40 pub cookie: u64 = "perf_event.tracepoint.cookie",
        48 _zero: [u8; 16],
    }

    /// Of a [`LinkType::PERF_EVENT`] link: [`PerfEventType::EVENT`].
    pub struct LinkInfoPerfEventEvent {
        /// Which it is.
        16 pub perf_event_type: PerfEventType = "perf_event.type",
        20 _pad2: [u8; 4],
        /// `config` of `struct perf_event_attr`.
        24 pub config: u64 = "perf_event.event.config",
        /// `type` of `struct perf_event_attr`.
        32 pub event_type: u32 = "perf_event.event.type",
        36 _pad3: [u8; 4],
        /// The cookie.
        40 pub cookie: u64 = "perf_event.event.cookie",
        48 _zero: [u8; 16],
    }

    /// [`LinkType::TCX`] (Linux 6.6).
    pub struct LinkInfoTcx {
        /// The index of the network device; 0 once that is gone.
        16 pub ifindex: u32 = "tcx.ifindex",
        /// How it is attached.
        20 pub attach_type: AttachType = "tcx.attach_type",
        24 _zero: [u8; 40],
    }

    /// [`LinkType::NETKIT`] (Linux 6.7).
    pub struct LinkInfoNetkit {
        /// The index of the network device; 0 once that is gone.
        16 pub ifindex: u32 = "netkit.ifindex",
        /// How it is attached.
        20 pub attach_type: AttachType = "netkit.attach_type",
        24 _zero: [u8; 40],
    }

    /// [`LinkType::SOCKMAP`] (Linux 6.10).
    pub struct LinkInfoSockmap {
        /// The map's id; 0 once detached.
        16 pub map_id: u32 = "sockmap.map_id",
        /// How it is attached.
        20 pub attach_type: AttachType = "sockmap.attach_type",
        24 _zero: [u8; 40],
    }
}

kernel_union! {
    LinkInfo:
        LinkInfoRawTracepoint, LinkInfoTracing, LinkInfoCgroup, LinkInfoIter, LinkInfoIterMap,
        LinkInfoIterCgroup, LinkInfoIterTask, LinkInfoNetns, LinkInfoXdp, LinkInfoStructOps,
        LinkInfoNetfilter, LinkInfoKprobeMulti, LinkInfoUprobeMulti, LinkInfoPerfEvent,
        LinkInfoPerfEventUprobe, LinkInfoPerfEventKprobe, LinkInfoPerfEventTracepoint,
        LinkInfoPerfEventEvent, LinkInfoTcx, LinkInfoNetkit, LinkInfoSockmap;
}

const _: () = assert!(align_of::<LinkInfo>() == 8);

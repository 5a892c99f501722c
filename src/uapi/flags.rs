//! The flags of `bpf(2)`: one type per place where the kernel accepts them.
//!
//! A C name may stand in several types. Places that accept no flags yet (iterator links,
//! `iter_create`, `token_create`, …) have plain integers, which must be zero. So has a link on XDP,
//! which takes the flags of another header, `<linux/if_link.h>`.

kernel_flags! {
    /// `map_flags` of `BPF_MAP_CREATE`, and of the info of a map.
    pub struct MapCreateFlags: u32 {
        /// Elements are allocated when they are first set, not all at the start (Linux 4.6).
        NO_PREALLOC = "BPF_F_NO_PREALLOC" => 1 << 0;
        /// Each CPU has an LRU list of its own (Linux 4.10).
        NO_COMMON_LRU = "BPF_F_NO_COMMON_LRU" => 1 << 1;
        /// `numa_node` says where the memory comes from (Linux 4.14).
        NUMA_NODE = "BPF_F_NUMA_NODE" => 1 << 2;
        /// The returned descriptor cannot write (Linux 4.15).
        RDONLY = "BPF_F_RDONLY" => 1 << 3;
        /// The returned descriptor cannot read (Linux 4.15).
        WRONLY = "BPF_F_WRONLY" => 1 << 4;
        /// Stack traces hold build ids and file offsets, not addresses (Linux 4.17).
        STACK_BUILD_ID = "BPF_F_STACK_BUILD_ID" => 1 << 5;
        /// The hash has no random seed; for tests only (Linux 5.0).
        ZERO_SEED = "BPF_F_ZERO_SEED" => 1 << 6;
        /// Programs cannot write (Linux 5.2).
        RDONLY_PROG = "BPF_F_RDONLY_PROG" => 1 << 7;
        /// Programs cannot read (Linux 5.2).
        WRONLY_PROG = "BPF_F_WRONLY_PROG" => 1 << 8;
        /// A socket made from a listener gets a copy of its value (Linux 5.4).
        CLONE = "BPF_F_CLONE" => 1 << 9;
        /// User space can map the values (Linux 5.5).
        MMAPABLE = "BPF_F_MMAPABLE" => 1 << 10;
        /// Perf events stay when the descriptor that put them there is closed (Linux 5.10).
        PRESERVE_ELEMS = "BPF_F_PRESERVE_ELEMS" => 1 << 11;
        /// As an inner map it may be replaced by one of another length (Linux 5.10).
        INNER_MAP = "BPF_F_INNER_MAP" => 1 << 12;
        /// The struct_ops map is attached by a link (Linux 6.4).
        LINK = "BPF_F_LINK" => 1 << 13;
        /// `value_type_btf_obj_fd` names the BTF of the value's type (Linux 6.9).
        VTYPE_BTF_OBJ_FD = "BPF_F_VTYPE_BTF_OBJ_FD" => 1 << 15;
        /// `map_token_fd` is a token (Linux 6.9).
        TOKEN_FD = "BPF_F_TOKEN_FD" => 1 << 16;
        /// In an arena, touching what is not allocated raises `SIGSEGV` (Linux 6.9).
        SEGV_ON_FAULT = "BPF_F_SEGV_ON_FAULT" => 1 << 17;
        /// Arena pointers are not converted to user addresses (Linux 6.9).
        NO_USER_CONV = "BPF_F_NO_USER_CONV" => 1 << 18;
        /// A full ring buffer drops its oldest records, not its newest (Linux 6.19).
        RB_OVERWRITE = "BPF_F_RB_OVERWRITE" => 1 << 19;
    }

    /// `flags` of lookup and update, system calls and helpers alike.
    ///
    /// Update takes all of them, lookup `LOCK` and `CPU`, lookup-and-delete `LOCK` alone.
    ///
    /// [`on_cpu`](Self::on_cpu) makes the form that carries a CPU number.
    pub struct MapElemFlags: u64 {
        /// Set the value whether the key exists or not.
        ANY = "BPF_ANY" => 0;
        /// Only make a new key.
        NOEXIST = "BPF_NOEXIST" => 1 << 0;
        /// Only change a key that exists.
        EXIST = "BPF_EXIST" => 1 << 1;
        /// Hold the spin lock in the value while it is copied (Linux 5.1).
        LOCK = "BPF_F_LOCK" => 1 << 2;
        /// The upper half is a CPU number: its value alone, of a per-CPU map (Linux 7.0).
        CPU = "BPF_F_CPU" => 1 << 3;
        /// One value is given, for all CPUs of a per-CPU map (Linux 7.0).
        ALL_CPUS = "BPF_F_ALL_CPUS" => 1 << 4;
    }

    /// `elem_flags` of the batch commands.
    ///
    /// [`on_cpu`](Self::on_cpu) makes the form that carries a CPU number.
    pub struct MapBatchFlags: u64 {
        /// Hold the spin lock in each value while it is copied (Linux 5.6).
        LOCK = "BPF_F_LOCK" => 1 << 2;
        /// The upper half is a CPU number: its values alone, of a per-CPU map (Linux 7.0).
        CPU = "BPF_F_CPU" => 1 << 3;
        /// One value is given for each key, for all CPUs of a per-CPU map; update only (Linux 7.0).
        ALL_CPUS = "BPF_F_ALL_CPUS" => 1 << 4;
    }

    /// `open_flags` of `BPF_MAP_GET_FD_BY_ID`.
    pub struct MapOpenFlags: u32 {
        /// The returned descriptor cannot write (Linux 4.15).
        RDONLY = "BPF_F_RDONLY" => 1 << 3;
        /// The returned descriptor cannot read (Linux 4.15).
        WRONLY = "BPF_F_WRONLY" => 1 << 4;
    }

    /// `file_flags` of `BPF_OBJ_PIN` and `BPF_OBJ_GET`.
    pub struct ObjFlags: u32 {
        /// The descriptor of a map cannot write; `BPF_OBJ_GET` only (Linux 4.15).
        RDONLY = "BPF_F_RDONLY" => 1 << 3;
        /// The descriptor of a map cannot read; `BPF_OBJ_GET` only (Linux 4.15).
        WRONLY = "BPF_F_WRONLY" => 1 << 4;
        /// `path_fd` is the directory that `pathname` starts from (Linux 6.5).
        PATH_FD = "BPF_F_PATH_FD" => 1 << 14;
    }

    /// `prog_flags` of `BPF_PROG_LOAD`.
    pub struct ProgLoadFlags: u32 {
        /// Refuse accesses that are not aligned, as on machines that cannot do them (Linux 4.12).
        STRICT_ALIGNMENT = "BPF_F_STRICT_ALIGNMENT" => 1 << 0;
        /// Accept accesses that are not aligned, even on machines that cannot do them (Linux 5.0).
        ANY_ALIGNMENT = "BPF_F_ANY_ALIGNMENT" => 1 << 1;
        /// Put noise into upper halves that should not matter; tests the verifier (Linux 5.3).
        TEST_RND_HI32 = "BPF_F_TEST_RND_HI32" => 1 << 2;
        /// Keep more states than needed; tests the verifier (Linux 5.4).
        TEST_STATE_FREQ = "BPF_F_TEST_STATE_FREQ" => 1 << 3;
        /// The program may sleep (Linux 5.10).
        SLEEPABLE = "BPF_F_SLEEPABLE" => 1 << 4;
        /// The XDP program copes with packets of several buffers (Linux 5.18).
        XDP_HAS_FRAGS = "BPF_F_XDP_HAS_FRAGS" => 1 << 5;
        /// Bound to a device for its metadata, but not run by it (Linux 6.3).
        XDP_DEV_BOUND_ONLY = "BPF_F_XDP_DEV_BOUND_ONLY" => 1 << 6;
        /// Refuse a program when bounds contradict each other; tests the verifier (Linux 6.8).
        TEST_REG_INVARIANTS = "BPF_F_TEST_REG_INVARIANTS" => 1 << 7;
        /// `prog_token_fd` is a token (Linux 6.9).
        TOKEN_FD = "BPF_F_TOKEN_FD" => 1 << 16;
    }

    /// `attach_flags` of `BPF_PROG_ATTACH` and `BPF_PROG_DETACH`, and those that `BPF_PROG_QUERY`
    /// returns.
    ///
    /// The first two and `PREORDER` are for cgroups. Devices (tcx, netkit) take the others, and
    /// cgroups do too on newer kernels. Detaching from a device takes what says where the program
    /// stands.
    pub struct ProgAttachFlags: u32 {
        /// A cgroup further down may attach its own program instead (Linux 4.10).
        ALLOW_OVERRIDE = "BPF_F_ALLOW_OVERRIDE" => 1 << 0;
        /// Several programs, and those of cgroups further down as well (Linux 4.15).
        ALLOW_MULTI = "BPF_F_ALLOW_MULTI" => 1 << 1;
        /// Take the place of `replace_bpf_fd` (Linux 5.6).
        REPLACE = "BPF_F_REPLACE" => 1 << 2;
        /// Stand before the program or link in `relative_fd`, or first (Linux 6.6).
        BEFORE = "BPF_F_BEFORE" => 1 << 3;
        /// Stand after the program or link in `relative_fd`, or last (Linux 6.6).
        AFTER = "BPF_F_AFTER" => 1 << 4;
        /// `relative_fd` is an id, not a descriptor (Linux 6.6).
        ID = "BPF_F_ID" => 1 << 5;
        /// Run before the programs of cgroups further down (Linux 6.15).
        PREORDER = "BPF_F_PREORDER" => 1 << 6;
        /// `relative_fd` is a link, not a program (Linux 6.6).
        LINK = "BPF_F_LINK" => 1 << 13;
    }

    /// `query_flags` of `BPF_PROG_QUERY`.
    pub struct ProgQueryFlags: u32 {
        /// All programs that run for the cgroup, its ancestors' included (Linux 4.15).
        EFFECTIVE = "BPF_F_QUERY_EFFECTIVE" => 1 << 0;
    }

    /// `flags` of `BPF_PROG_TEST_RUN`.
    pub struct TestRunFlags: u32 {
        /// Run on the CPU in `cpu`; raw tracepoints (Linux 5.10).
        RUN_ON_CPU = "BPF_F_TEST_RUN_ON_CPU" => 1 << 0;
        /// Really send, pass on or drop the packet; XDP (Linux 5.18).
        XDP_LIVE_FRAMES = "BPF_F_TEST_XDP_LIVE_FRAMES" => 1 << 1;
        /// The packet has a full checksum, which must be right afterwards; packets (Linux 6.11).
        SKB_CHECKSUM_COMPLETE = "BPF_F_TEST_SKB_CHECKSUM_COMPLETE" => 1 << 2;
    }

    /// `btf_flags` of `BPF_BTF_LOAD`.
    pub struct BtfLoadFlags: u32 {
        /// `btf_token_fd` is a token (Linux 6.9).
        TOKEN_FD = "BPF_F_TOKEN_FD" => 1 << 16;
    }

    /// `open_flags` of `BPF_BTF_GET_FD_BY_ID`.
    pub struct BtfOpenFlags: u32 {
        /// `fd_by_id_token_fd` is a token.
        TOKEN_FD = "BPF_F_TOKEN_FD" => 1 << 16;
    }

    /// `flags` of `BPF_LINK_CREATE` on a cgroup.
    pub struct LinkCreateCgroupFlags: u32 {
        /// Stand before the program or link in `relative_fd`, or first.
        BEFORE = "BPF_F_BEFORE" => 1 << 3;
        /// Stand after the program or link in `relative_fd`, or last.
        AFTER = "BPF_F_AFTER" => 1 << 4;
        /// `relative_fd` is an id, not a descriptor.
        ID = "BPF_F_ID" => 1 << 5;
        /// Run before the programs of cgroups further down.
        PREORDER = "BPF_F_PREORDER" => 1 << 6;
        /// `relative_fd` is a link, not a program.
        LINK = "BPF_F_LINK" => 1 << 13;
    }

    /// `flags` of `BPF_LINK_CREATE` on the traffic control of a device.
    pub struct LinkCreateTcxFlags: u32 {
        /// Stand before the program or link in `relative_fd`, or first (Linux 6.6).
        BEFORE = "BPF_F_BEFORE" => 1 << 3;
        /// Stand after the program or link in `relative_fd`, or last (Linux 6.6).
        AFTER = "BPF_F_AFTER" => 1 << 4;
        /// `relative_fd` is an id, not a descriptor (Linux 6.6).
        ID = "BPF_F_ID" => 1 << 5;
        /// `relative_fd` is a link, not a program (Linux 6.6).
        LINK = "BPF_F_LINK" => 1 << 13;
    }

    /// `flags` of `BPF_LINK_CREATE` on a netkit device.
    pub struct LinkCreateNetkitFlags: u32 {
        /// Stand before the program or link in `relative_fd`, or first (Linux 6.7).
        BEFORE = "BPF_F_BEFORE" => 1 << 3;
        /// Stand after the program or link in `relative_fd`, or last (Linux 6.7).
        AFTER = "BPF_F_AFTER" => 1 << 4;
        /// `relative_fd` is an id, not a descriptor (Linux 6.7).
        ID = "BPF_F_ID" => 1 << 5;
        /// `relative_fd` is a link, not a program (Linux 6.7).
        LINK = "BPF_F_LINK" => 1 << 13;
    }

    /// `kprobe_multi.flags` of `BPF_LINK_CREATE`, and of the info of such a link.
    pub struct LinkCreateKprobeMultiFlags: u32 {
        /// Run when the functions return (Linux 5.18).
        RETURN = "BPF_F_KPROBE_MULTI_RETURN" => 1 << 0;
    }

    /// `uprobe_multi.flags` of `BPF_LINK_CREATE`, and of the info of such a link.
    pub struct LinkCreateUprobeMultiFlags: u32 {
        /// Run when the functions return (Linux 6.6).
        RETURN = "BPF_F_UPROBE_MULTI_RETURN" => 1 << 0;
        /// `path_fd` is the file (Linux 7.2).
        PATH_FD = "BPF_F_UPROBE_MULTI_PATH_FD" => 1 << 1;
    }

    /// `netfilter.flags` of `BPF_LINK_CREATE`, and of the info of such a link.
    pub struct LinkCreateNetfilterFlags: u32 {
        /// Put fragmented packets together first (Linux 6.6).
        IP_DEFRAG = "BPF_F_NETFILTER_IP_DEFRAG" => 1 << 0;
    }

    /// `flags` of `BPF_LINK_UPDATE`.
    pub struct LinkUpdateFlags: u32 {
        /// Only if the link holds the program, or map, that is given as the old one (Linux 5.7).
        REPLACE = "BPF_F_REPLACE" => 1 << 2;
    }
}

impl MapElemFlags {
    /// The value of one CPU of a per-CPU map.
    #[must_use]
    pub const fn on_cpu(cpu: u32) -> Self {
        Self(Self::CPU.0 | (cpu as u64) << 32)
    }
}

impl MapBatchFlags {
    /// The values of one CPU of a per-CPU map.
    #[must_use]
    pub const fn on_cpu(cpu: u32) -> Self {
        Self(Self::CPU.0 | (cpu as u64) << 32)
    }
}

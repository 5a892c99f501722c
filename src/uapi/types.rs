//! The open enumerations that stand in the second argument of `bpf(2)` and in what it writes back.

kernel_enum! {
    /// `enum bpf_map_type`: what a map is.
    #[doc(alias = "bpf_map_type")]
    pub struct MapType: u32 {
        /// No type: refused.
        UNSPEC = "BPF_MAP_TYPE_UNSPEC" => 0;
        /// Hash table (Linux 3.19).
        HASH = "BPF_MAP_TYPE_HASH" => 1;
        /// Array: every index exists, none can be deleted (Linux 3.19).
        ARRAY = "BPF_MAP_TYPE_ARRAY" => 2;
        /// Programs, for tail calls (Linux 4.2).
        PROG_ARRAY = "BPF_MAP_TYPE_PROG_ARRAY" => 3;
        /// Perf events: programs send records into their buffers (Linux 4.3).
        PERF_EVENT_ARRAY = "BPF_MAP_TYPE_PERF_EVENT_ARRAY" => 4;
        /// Hash table with a value for each CPU (Linux 4.6).
        PERCPU_HASH = "BPF_MAP_TYPE_PERCPU_HASH" => 5;
        /// Array with a value for each CPU (Linux 4.6).
        PERCPU_ARRAY = "BPF_MAP_TYPE_PERCPU_ARRAY" => 6;
        /// Stack traces, by the id that a helper gives them (Linux 4.6).
        STACK_TRACE = "BPF_MAP_TYPE_STACK_TRACE" => 7;
        /// Cgroups, to ask whether something is in one (Linux 4.8).
        CGROUP_ARRAY = "BPF_MAP_TYPE_CGROUP_ARRAY" => 8;
        /// Hash table that evicts what was used least recently (Linux 4.10).
        LRU_HASH = "BPF_MAP_TYPE_LRU_HASH" => 9;
        /// The same with a value for each CPU (Linux 4.10).
        LRU_PERCPU_HASH = "BPF_MAP_TYPE_LRU_PERCPU_HASH" => 10;
        /// Longest-prefix match (Linux 4.11).
        LPM_TRIE = "BPF_MAP_TYPE_LPM_TRIE" => 11;
        /// Array whose values are maps (Linux 4.12).
        ARRAY_OF_MAPS = "BPF_MAP_TYPE_ARRAY_OF_MAPS" => 12;
        /// Hash table whose values are maps (Linux 4.12).
        HASH_OF_MAPS = "BPF_MAP_TYPE_HASH_OF_MAPS" => 13;
        /// Network devices by index, to redirect packets to (Linux 4.14).
        DEVMAP = "BPF_MAP_TYPE_DEVMAP" => 14;
        /// Sockets by index (Linux 4.14).
        SOCKMAP = "BPF_MAP_TYPE_SOCKMAP" => 15;
        /// CPUs, to redirect packets to (Linux 4.15).
        CPUMAP = "BPF_MAP_TYPE_CPUMAP" => 16;
        /// AF_XDP sockets (Linux 4.18).
        XSKMAP = "BPF_MAP_TYPE_XSKMAP" => 17;
        /// Sockets by any key (Linux 4.18).
        SOCKHASH = "BPF_MAP_TYPE_SOCKHASH" => 18;
        /// A value for each cgroup and attach type; superseded by `CGRP_STORAGE` (Linux 4.19).
        CGROUP_STORAGE_DEPRECATED = "BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED" => 19;
        /// The older name of `CGROUP_STORAGE_DEPRECATED` (Linux 4.19).
        CGROUP_STORAGE = "BPF_MAP_TYPE_CGROUP_STORAGE" => 19;
        /// Sockets of a reuseport group (Linux 4.19).
        REUSEPORT_SOCKARRAY = "BPF_MAP_TYPE_REUSEPORT_SOCKARRAY" => 20;
        /// The same as `CGROUP_STORAGE_DEPRECATED`, with a value for each CPU (Linux 4.20).
        PERCPU_CGROUP_STORAGE_DEPRECATED = "BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE_DEPRECATED" => 21;
        /// The older name of `PERCPU_CGROUP_STORAGE_DEPRECATED` (Linux 4.20).
        PERCPU_CGROUP_STORAGE = "BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE" => 21;
        /// First in, first out; no keys (Linux 4.20).
        QUEUE = "BPF_MAP_TYPE_QUEUE" => 22;
        /// Last in, first out; no keys (Linux 4.20).
        STACK = "BPF_MAP_TYPE_STACK" => 23;
        /// A value kept with each socket (Linux 5.2).
        SK_STORAGE = "BPF_MAP_TYPE_SK_STORAGE" => 24;
        /// Network devices by any key (Linux 5.4).
        DEVMAP_HASH = "BPF_MAP_TYPE_DEVMAP_HASH" => 25;
        /// Programs that stand in for a kernel struct of functions (Linux 5.6).
        STRUCT_OPS = "BPF_MAP_TYPE_STRUCT_OPS" => 26;
        /// Ring buffer from programs to user space, shared by all CPUs (Linux 5.8).
        RINGBUF = "BPF_MAP_TYPE_RINGBUF" => 27;
        /// A value kept with each inode (Linux 5.10).
        INODE_STORAGE = "BPF_MAP_TYPE_INODE_STORAGE" => 28;
        /// A value kept with each task (Linux 5.11).
        TASK_STORAGE = "BPF_MAP_TYPE_TASK_STORAGE" => 29;
        /// Bloom filter: "surely not" or "perhaps" (Linux 5.16).
        BLOOM_FILTER = "BPF_MAP_TYPE_BLOOM_FILTER" => 30;
        /// Ring buffer from user space to programs (Linux 6.1).
        USER_RINGBUF = "BPF_MAP_TYPE_USER_RINGBUF" => 31;
        /// A value kept with each cgroup (Linux 6.2).
        CGRP_STORAGE = "BPF_MAP_TYPE_CGRP_STORAGE" => 32;
        /// Memory that programs and user space both map (Linux 6.9).
        ARENA = "BPF_MAP_TYPE_ARENA" => 33;
        /// Places in a program, followed through what the verifier rewrites; for indirect jumps
        /// (Linux 6.19).
        INSN_ARRAY = "BPF_MAP_TYPE_INSN_ARRAY" => 34;
        /// Hash table that grows with its contents (Linux 7.2).
        RHASH = "BPF_MAP_TYPE_RHASH" => 35;
    }

    /// `enum bpf_prog_type`: what a program is, which decides its context and the helpers it may
    /// call.
    #[doc(alias = "bpf_prog_type")]
    pub struct ProgType: u32 {
        /// No type: refused.
        UNSPEC = "BPF_PROG_TYPE_UNSPEC" => 0;
        /// Decides how much of a packet a socket sees (Linux 3.19).
        SOCKET_FILTER = "BPF_PROG_TYPE_SOCKET_FILTER" => 1;
        /// Kprobes, uprobes and their multi forms (Linux 4.1).
        KPROBE = "BPF_PROG_TYPE_KPROBE" => 2;
        /// Classifies packets in traffic control, tcx and netkit (Linux 4.1).
        SCHED_CLS = "BPF_PROG_TYPE_SCHED_CLS" => 3;
        /// Acts on packets in traffic control (Linux 4.1).
        SCHED_ACT = "BPF_PROG_TYPE_SCHED_ACT" => 4;
        /// A tracepoint, with its formatted record (Linux 4.7).
        TRACEPOINT = "BPF_PROG_TYPE_TRACEPOINT" => 5;
        /// Packets as the driver receives them (Linux 4.8).
        XDP = "BPF_PROG_TYPE_XDP" => 6;
        /// A hardware or software perf event (Linux 4.9).
        PERF_EVENT = "BPF_PROG_TYPE_PERF_EVENT" => 7;
        /// Packets in and out of a cgroup (Linux 4.10).
        CGROUP_SKB = "BPF_PROG_TYPE_CGROUP_SKB" => 8;
        /// Sockets that a cgroup makes, binds or releases (Linux 4.10).
        CGROUP_SOCK = "BPF_PROG_TYPE_CGROUP_SOCK" => 9;
        /// Light-weight tunnel, packets coming in (Linux 4.10).
        LWT_IN = "BPF_PROG_TYPE_LWT_IN" => 10;
        /// Light-weight tunnel, packets going out (Linux 4.10).
        LWT_OUT = "BPF_PROG_TYPE_LWT_OUT" => 11;
        /// Light-weight tunnel, before transmission: may add headers (Linux 4.10).
        LWT_XMIT = "BPF_PROG_TYPE_LWT_XMIT" => 12;
        /// TCP connections of a cgroup, at many moments of their lives (Linux 4.13).
        SOCK_OPS = "BPF_PROG_TYPE_SOCK_OPS" => 13;
        /// Packets of sockets in a socket map (Linux 4.14).
        SK_SKB = "BPF_PROG_TYPE_SK_SKB" => 14;
        /// Access of a cgroup to device files (Linux 4.15).
        CGROUP_DEVICE = "BPF_PROG_TYPE_CGROUP_DEVICE" => 15;
        /// Messages sent by sockets in a socket map (Linux 4.17).
        SK_MSG = "BPF_PROG_TYPE_SK_MSG" => 16;
        /// A tracepoint, with its raw arguments (Linux 4.17).
        RAW_TRACEPOINT = "BPF_PROG_TYPE_RAW_TRACEPOINT" => 17;
        /// Addresses given to the socket calls of a cgroup (Linux 4.17).
        CGROUP_SOCK_ADDR = "BPF_PROG_TYPE_CGROUP_SOCK_ADDR" => 18;
        /// Light-weight tunnel, segment routing (Linux 4.18).
        LWT_SEG6LOCAL = "BPF_PROG_TYPE_LWT_SEG6LOCAL" => 19;
        /// Decodes infrared signals (Linux 4.18).
        LIRC_MODE2 = "BPF_PROG_TYPE_LIRC_MODE2" => 20;
        /// Chooses a socket of a reuseport group (Linux 4.19).
        SK_REUSEPORT = "BPF_PROG_TYPE_SK_REUSEPORT" => 21;
        /// Takes the headers of a packet apart (Linux 4.20).
        FLOW_DISSECTOR = "BPF_PROG_TYPE_FLOW_DISSECTOR" => 22;
        /// Access of a cgroup to sysctls (Linux 5.2).
        CGROUP_SYSCTL = "BPF_PROG_TYPE_CGROUP_SYSCTL" => 23;
        /// A raw tracepoint with a buffer that the program may change (Linux 5.2).
        RAW_TRACEPOINT_WRITABLE = "BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE" => 24;
        /// The getsockopt and setsockopt calls of a cgroup (Linux 5.3).
        CGROUP_SOCKOPT = "BPF_PROG_TYPE_CGROUP_SOCKOPT" => 25;
        /// Entry and exit of kernel functions, typed raw tracepoints, iterators (Linux 5.5).
        TRACING = "BPF_PROG_TYPE_TRACING" => 26;
        /// One function of a struct_ops map (Linux 5.6).
        STRUCT_OPS = "BPF_PROG_TYPE_STRUCT_OPS" => 27;
        /// Replaces a global function of another program (Linux 5.6).
        EXT = "BPF_PROG_TYPE_EXT" => 28;
        /// A security hook (Linux 5.7).
        LSM = "BPF_PROG_TYPE_LSM" => 29;
        /// Chooses the socket for a new connection or packet (Linux 5.9).
        SK_LOOKUP = "BPF_PROG_TYPE_SK_LOOKUP" => 30;
        /// Runs only when user space asks; may call `bpf()` itself (Linux 5.14).
        SYSCALL = "BPF_PROG_TYPE_SYSCALL" => 31;
        /// A netfilter hook (Linux 6.4).
        NETFILTER = "BPF_PROG_TYPE_NETFILTER" => 32;
    }

    /// `enum bpf_attach_type`: where a program goes.
    #[doc(alias = "bpf_attach_type")]
    pub struct AttachType: u32 {
        /// Packets that a cgroup receives (Linux 4.10).
        CGROUP_INET_INGRESS = "BPF_CGROUP_INET_INGRESS" => 0;
        /// Packets that a cgroup sends (Linux 4.10).
        CGROUP_INET_EGRESS = "BPF_CGROUP_INET_EGRESS" => 1;
        /// A cgroup makes an internet socket (Linux 4.10).
        CGROUP_INET_SOCK_CREATE = "BPF_CGROUP_INET_SOCK_CREATE" => 2;
        /// TCP connections of a cgroup (Linux 4.13).
        CGROUP_SOCK_OPS = "BPF_CGROUP_SOCK_OPS" => 3;
        /// Finds the messages in the stream of a socket map (Linux 4.14).
        SK_SKB_STREAM_PARSER = "BPF_SK_SKB_STREAM_PARSER" => 4;
        /// Says where such a message goes (Linux 4.14).
        SK_SKB_STREAM_VERDICT = "BPF_SK_SKB_STREAM_VERDICT" => 5;
        /// A cgroup opens or makes a device file (Linux 4.15).
        CGROUP_DEVICE = "BPF_CGROUP_DEVICE" => 6;
        /// Says where a message sent through a socket map goes (Linux 4.17).
        SK_MSG_VERDICT = "BPF_SK_MSG_VERDICT" => 7;
        /// A cgroup binds an IPv4 socket (Linux 4.17).
        CGROUP_INET4_BIND = "BPF_CGROUP_INET4_BIND" => 8;
        /// A cgroup binds an IPv6 socket (Linux 4.17).
        CGROUP_INET6_BIND = "BPF_CGROUP_INET6_BIND" => 9;
        /// A cgroup connects an IPv4 socket (Linux 4.17).
        CGROUP_INET4_CONNECT = "BPF_CGROUP_INET4_CONNECT" => 10;
        /// A cgroup connects an IPv6 socket (Linux 4.17).
        CGROUP_INET6_CONNECT = "BPF_CGROUP_INET6_CONNECT" => 11;
        /// A cgroup has bound an IPv4 socket (Linux 4.17).
        CGROUP_INET4_POST_BIND = "BPF_CGROUP_INET4_POST_BIND" => 12;
        /// A cgroup has bound an IPv6 socket (Linux 4.17).
        CGROUP_INET6_POST_BIND = "BPF_CGROUP_INET6_POST_BIND" => 13;
        /// A cgroup sends on an unconnected UDP socket, IPv4 (Linux 4.18).
        CGROUP_UDP4_SENDMSG = "BPF_CGROUP_UDP4_SENDMSG" => 14;
        /// A cgroup sends on an unconnected UDP socket, IPv6 (Linux 4.18).
        CGROUP_UDP6_SENDMSG = "BPF_CGROUP_UDP6_SENDMSG" => 15;
        /// An infrared receiver (Linux 4.18).
        LIRC_MODE2 = "BPF_LIRC_MODE2" => 16;
        /// The flow dissector of a network namespace (Linux 4.20).
        FLOW_DISSECTOR = "BPF_FLOW_DISSECTOR" => 17;
        /// A cgroup reads or writes a sysctl (Linux 5.2).
        CGROUP_SYSCTL = "BPF_CGROUP_SYSCTL" => 18;
        /// A cgroup receives on an unconnected UDP socket, IPv4 (Linux 5.2).
        CGROUP_UDP4_RECVMSG = "BPF_CGROUP_UDP4_RECVMSG" => 19;
        /// A cgroup receives on an unconnected UDP socket, IPv6 (Linux 5.2).
        CGROUP_UDP6_RECVMSG = "BPF_CGROUP_UDP6_RECVMSG" => 20;
        /// A cgroup reads a socket option (Linux 5.3).
        CGROUP_GETSOCKOPT = "BPF_CGROUP_GETSOCKOPT" => 21;
        /// A cgroup sets a socket option (Linux 5.3).
        CGROUP_SETSOCKOPT = "BPF_CGROUP_SETSOCKOPT" => 22;
        /// A raw tracepoint with typed arguments (Linux 5.5).
        TRACE_RAW_TP = "BPF_TRACE_RAW_TP" => 23;
        /// Entry of a kernel function (Linux 5.5).
        TRACE_FENTRY = "BPF_TRACE_FENTRY" => 24;
        /// Exit of a kernel function (Linux 5.5).
        TRACE_FEXIT = "BPF_TRACE_FEXIT" => 25;
        /// May replace the result of a kernel function that allows it (Linux 5.7).
        MODIFY_RETURN = "BPF_MODIFY_RETURN" => 26;
        /// A security hook, for every task (Linux 5.7).
        LSM_MAC = "BPF_LSM_MAC" => 27;
        /// An iterator (Linux 5.8).
        TRACE_ITER = "BPF_TRACE_ITER" => 28;
        /// A cgroup asks for the peer's IPv4 address (Linux 5.8).
        CGROUP_INET4_GETPEERNAME = "BPF_CGROUP_INET4_GETPEERNAME" => 29;
        /// A cgroup asks for the peer's IPv6 address (Linux 5.8).
        CGROUP_INET6_GETPEERNAME = "BPF_CGROUP_INET6_GETPEERNAME" => 30;
        /// A cgroup asks for its own IPv4 address (Linux 5.8).
        CGROUP_INET4_GETSOCKNAME = "BPF_CGROUP_INET4_GETSOCKNAME" => 31;
        /// A cgroup asks for its own IPv6 address (Linux 5.8).
        CGROUP_INET6_GETSOCKNAME = "BPF_CGROUP_INET6_GETSOCKNAME" => 32;
        /// Packets redirected through a device map (Linux 5.8).
        XDP_DEVMAP = "BPF_XDP_DEVMAP" => 33;
        /// A cgroup releases an internet socket (Linux 5.9).
        CGROUP_INET_SOCK_RELEASE = "BPF_CGROUP_INET_SOCK_RELEASE" => 34;
        /// Packets redirected through a CPU map (Linux 5.9).
        XDP_CPUMAP = "BPF_XDP_CPUMAP" => 35;
        /// Socket lookup in a network namespace (Linux 5.9).
        SK_LOOKUP = "BPF_SK_LOOKUP" => 36;
        /// The receive path of a network device (Linux 5.9).
        XDP = "BPF_XDP" => 37;
        /// Says where a packet of a socket map goes, without a parser (Linux 5.13).
        SK_SKB_VERDICT = "BPF_SK_SKB_VERDICT" => 38;
        /// Chooses a socket of a reuseport group (Linux 5.14).
        SK_REUSEPORT_SELECT = "BPF_SK_REUSEPORT_SELECT" => 39;
        /// The same, and also when a socket closes and its requests must move (Linux 5.14).
        SK_REUSEPORT_SELECT_OR_MIGRATE = "BPF_SK_REUSEPORT_SELECT_OR_MIGRATE" => 40;
        /// A perf event: kprobe, uprobe, tracepoint or counter (Linux 5.15).
        PERF_EVENT = "BPF_PERF_EVENT" => 41;
        /// Many kernel functions at once (Linux 5.18).
        TRACE_KPROBE_MULTI = "BPF_TRACE_KPROBE_MULTI" => 42;
        /// A security hook, for the tasks of a cgroup (Linux 6.0).
        LSM_CGROUP = "BPF_LSM_CGROUP" => 43;
        /// A struct_ops map (Linux 6.4).
        STRUCT_OPS = "BPF_STRUCT_OPS" => 44;
        /// A netfilter hook (Linux 6.4 to 6.5).
        NETFILTER = "BPF_NETFILTER" => 45;
        /// Traffic control of a device, packets coming in (Linux 6.6).
        TCX_INGRESS = "BPF_TCX_INGRESS" => 46;
        /// Traffic control of a device, packets going out (Linux 6.6).
        TCX_EGRESS = "BPF_TCX_EGRESS" => 47;
        /// Many places of a user-space file at once (Linux 6.6).
        TRACE_UPROBE_MULTI = "BPF_TRACE_UPROBE_MULTI" => 48;
        /// A cgroup connects a Unix socket (Linux 6.7).
        CGROUP_UNIX_CONNECT = "BPF_CGROUP_UNIX_CONNECT" => 49;
        /// A cgroup sends to a named Unix socket (Linux 6.7).
        CGROUP_UNIX_SENDMSG = "BPF_CGROUP_UNIX_SENDMSG" => 50;
        /// A cgroup receives on a Unix socket (Linux 6.7).
        CGROUP_UNIX_RECVMSG = "BPF_CGROUP_UNIX_RECVMSG" => 51;
        /// A cgroup asks for the peer's Unix address (Linux 6.7).
        CGROUP_UNIX_GETPEERNAME = "BPF_CGROUP_UNIX_GETPEERNAME" => 52;
        /// A cgroup asks for its own Unix address (Linux 6.7).
        CGROUP_UNIX_GETSOCKNAME = "BPF_CGROUP_UNIX_GETSOCKNAME" => 53;
        /// The primary device of a netkit pair (Linux 6.7).
        NETKIT_PRIMARY = "BPF_NETKIT_PRIMARY" => 54;
        /// The peer device of a netkit pair (Linux 6.7).
        NETKIT_PEER = "BPF_NETKIT_PEER" => 55;
        /// Entry and exit of many kernel functions, as one session (Linux 6.10).
        TRACE_KPROBE_SESSION = "BPF_TRACE_KPROBE_SESSION" => 56;
        /// Entry and exit of many user-space functions, as one session (Linux 6.13).
        TRACE_UPROBE_SESSION = "BPF_TRACE_UPROBE_SESSION" => 57;
        /// Entry and exit of a kernel function, as one session (Linux 7.0).
        TRACE_FSESSION = "BPF_TRACE_FSESSION" => 58;
        /// Entry of many kernel functions (Linux 7.2).
        TRACE_FENTRY_MULTI = "BPF_TRACE_FENTRY_MULTI" => 59;
        /// Exit of many kernel functions (Linux 7.2).
        TRACE_FEXIT_MULTI = "BPF_TRACE_FEXIT_MULTI" => 60;
        /// Entry and exit of many kernel functions, as one session each (Linux 7.2).
        TRACE_FSESSION_MULTI = "BPF_TRACE_FSESSION_MULTI" => 61;
    }

    /// `enum bpf_link_type`: what a link is, which decides the arm of its info.
    #[doc(alias = "bpf_link_type")]
    pub struct LinkType: u32 {
        /// No type.
        UNSPEC = "BPF_LINK_TYPE_UNSPEC" => 0;
        /// A raw tracepoint (Linux 5.8).
        RAW_TRACEPOINT = "BPF_LINK_TYPE_RAW_TRACEPOINT" => 1;
        /// A tracing, LSM or extension program on its target (Linux 5.8).
        TRACING = "BPF_LINK_TYPE_TRACING" => 2;
        /// A cgroup (Linux 5.8).
        CGROUP = "BPF_LINK_TYPE_CGROUP" => 3;
        /// An iterator (Linux 5.8).
        ITER = "BPF_LINK_TYPE_ITER" => 4;
        /// A network namespace (Linux 5.8).
        NETNS = "BPF_LINK_TYPE_NETNS" => 5;
        /// The receive path of a network device (Linux 5.9).
        XDP = "BPF_LINK_TYPE_XDP" => 6;
        /// A perf event (Linux 5.15).
        PERF_EVENT = "BPF_LINK_TYPE_PERF_EVENT" => 7;
        /// Many kernel functions (Linux 5.18).
        KPROBE_MULTI = "BPF_LINK_TYPE_KPROBE_MULTI" => 8;
        /// A struct_ops map (Linux 5.19).
        STRUCT_OPS = "BPF_LINK_TYPE_STRUCT_OPS" => 9;
        /// A netfilter hook (Linux 6.4).
        NETFILTER = "BPF_LINK_TYPE_NETFILTER" => 10;
        /// Traffic control of a device (Linux 6.6).
        TCX = "BPF_LINK_TYPE_TCX" => 11;
        /// Many places of a user-space file (Linux 6.6).
        UPROBE_MULTI = "BPF_LINK_TYPE_UPROBE_MULTI" => 12;
        /// A netkit device (Linux 6.7).
        NETKIT = "BPF_LINK_TYPE_NETKIT" => 13;
        /// A socket map (Linux 6.10).
        SOCKMAP = "BPF_LINK_TYPE_SOCKMAP" => 14;
        /// A tracing program on many targets (Linux 7.2).
        TRACING_MULTI = "BPF_LINK_TYPE_TRACING_MULTI" => 15;
    }

    /// `enum bpf_perf_event_type`: what stands behind a [`LinkType::PERF_EVENT`], which decides the
    /// arm of its info.
    #[doc(alias = "bpf_perf_event_type")]
    pub struct PerfEventType: u32 {
        /// No type.
        UNSPEC = "BPF_PERF_EVENT_UNSPEC" => 0;
        /// A place in user space.
        UPROBE = "BPF_PERF_EVENT_UPROBE" => 1;
        /// The return from a function in user space.
        URETPROBE = "BPF_PERF_EVENT_URETPROBE" => 2;
        /// A place in the kernel.
        KPROBE = "BPF_PERF_EVENT_KPROBE" => 3;
        /// The return from a kernel function.
        KRETPROBE = "BPF_PERF_EVENT_KRETPROBE" => 4;
        /// A tracepoint.
        TRACEPOINT = "BPF_PERF_EVENT_TRACEPOINT" => 5;
        /// A counter.
        EVENT = "BPF_PERF_EVENT_EVENT" => 6;
    }

    /// `enum bpf_task_fd_type`: what [`Cmd::TASK_FD_QUERY`](super::Cmd::TASK_FD_QUERY) found.
    #[doc(alias = "bpf_task_fd_type")]
    pub struct TaskFdType: u32 {
        /// A raw tracepoint, by name.
        RAW_TRACEPOINT = "BPF_FD_TYPE_RAW_TRACEPOINT" => 0;
        /// A tracepoint, by name.
        TRACEPOINT = "BPF_FD_TYPE_TRACEPOINT" => 1;
        /// A kernel function with offset, or an address.
        KPROBE = "BPF_FD_TYPE_KPROBE" => 2;
        /// The return from a kernel function, likewise.
        KRETPROBE = "BPF_FD_TYPE_KRETPROBE" => 3;
        /// A file with offset.
        UPROBE = "BPF_FD_TYPE_UPROBE" => 4;
        /// The return from a function at a file with offset.
        URETPROBE = "BPF_FD_TYPE_URETPROBE" => 5;
    }

    /// `enum bpf_stats_type`: what [`Cmd::ENABLE_STATS`](super::Cmd::ENABLE_STATS) turns on.
    #[doc(alias = "bpf_stats_type")]
    pub struct StatsType: u32 {
        /// Nanoseconds and number of runs of each program.
        RUN_TIME = "BPF_STATS_RUN_TIME" => 0;
    }

    /// `enum bpf_cgroup_iter_order`: how a cgroup iterator walks from the cgroup it was given.
    #[doc(alias = "bpf_cgroup_iter_order")]
    pub struct CgroupIterOrder: u32 {
        /// No order: refused.
        ORDER_UNSPEC = "BPF_CGROUP_ITER_ORDER_UNSPEC" => 0;
        /// That cgroup alone.
        SELF_ONLY = "BPF_CGROUP_ITER_SELF_ONLY" => 1;
        /// It and all below, parents before children.
        DESCENDANTS_PRE = "BPF_CGROUP_ITER_DESCENDANTS_PRE" => 2;
        /// It and all below, children before parents.
        DESCENDANTS_POST = "BPF_CGROUP_ITER_DESCENDANTS_POST" => 3;
        /// It and all above, up to the root.
        ANCESTORS_UP = "BPF_CGROUP_ITER_ANCESTORS_UP" => 4;
        /// Those directly below, without itself (Linux 7.0).
        CHILDREN = "BPF_CGROUP_ITER_CHILDREN" => 5;
    }

    /// Which of its two streams a program has written into.
    pub struct StreamId: u32 {
        /// What the program prints.
        STDOUT = "BPF_STREAM_STDOUT" => 1;
        /// What the kernel and the program report of errors.
        STDERR = "BPF_STREAM_STDERR" => 2;
    }

    /// `enum bpf_core_relo_kind`: what a CO-RE relocation puts into its instruction.
    #[doc(alias = "bpf_core_relo_kind")]
    pub struct CoreReloKind: u32 {
        /// The offset of a field, in bytes.
        FIELD_BYTE_OFFSET = "BPF_CORE_FIELD_BYTE_OFFSET" => 0;
        /// The size of a field, in bytes.
        FIELD_BYTE_SIZE = "BPF_CORE_FIELD_BYTE_SIZE" => 1;
        /// Whether the field is there.
        FIELD_EXISTS = "BPF_CORE_FIELD_EXISTS" => 2;
        /// Whether the field is signed.
        FIELD_SIGNED = "BPF_CORE_FIELD_SIGNED" => 3;
        /// How far to shift a bit-field left in 64 bits.
        FIELD_LSHIFT_U64 = "BPF_CORE_FIELD_LSHIFT_U64" => 4;
        /// How far to shift it back right.
        FIELD_RSHIFT_U64 = "BPF_CORE_FIELD_RSHIFT_U64" => 5;
        /// The id of a type in the program's own BTF.
        TYPE_ID_LOCAL = "BPF_CORE_TYPE_ID_LOCAL" => 6;
        /// The id of the matching type in the kernel's BTF.
        TYPE_ID_TARGET = "BPF_CORE_TYPE_ID_TARGET" => 7;
        /// Whether the type is there.
        TYPE_EXISTS = "BPF_CORE_TYPE_EXISTS" => 8;
        /// The size of a type, in bytes.
        TYPE_SIZE = "BPF_CORE_TYPE_SIZE" => 9;
        /// Whether the enumerator is there.
        ENUMVAL_EXISTS = "BPF_CORE_ENUMVAL_EXISTS" => 10;
        /// The value of an enumerator.
        ENUMVAL_VALUE = "BPF_CORE_ENUMVAL_VALUE" => 11;
        /// Whether the type is there with the same members.
        TYPE_MATCHES = "BPF_CORE_TYPE_MATCHES" => 12;
    }
}

kernel_values! {
    /// The lengths below.
    struct Lengths {
        /// Bytes for the name of a program or map, NUL included.
        OBJ_NAME_LEN: usize = "BPF_OBJ_NAME_LEN" => 16;
        /// Bytes of a program's tag, a hash of its instructions.
        TAG_SIZE: usize = "BPF_TAG_SIZE" => 8;
    }
}

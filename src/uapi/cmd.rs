//! `enum bpf_cmd`: the first argument of `bpf(2)`.

kernel_enum! {
    /// `enum bpf_cmd`: the first argument of `bpf(2)`.
    #[doc(alias = "bpf_cmd")]
    pub struct Cmd: u32 {
        /// Make a map (Linux 3.18).
        MAP_CREATE = "BPF_MAP_CREATE" => 0;
        /// Copy out the value of a key (Linux 3.18).
        MAP_LOOKUP_ELEM = "BPF_MAP_LOOKUP_ELEM" => 1;
        /// Set the value of a key (Linux 3.18).
        MAP_UPDATE_ELEM = "BPF_MAP_UPDATE_ELEM" => 2;
        /// Take a key out of a map (Linux 3.18).
        MAP_DELETE_ELEM = "BPF_MAP_DELETE_ELEM" => 3;
        /// Name the key after a given one, or the first (Linux 3.18).
        MAP_GET_NEXT_KEY = "BPF_MAP_GET_NEXT_KEY" => 4;
        /// Verify and load a program (Linux 3.18).
        PROG_LOAD = "BPF_PROG_LOAD" => 5;
        /// Give an object a name on bpffs, which keeps it alive (Linux 4.4).
        OBJ_PIN = "BPF_OBJ_PIN" => 6;
        /// Open a pinned object (Linux 4.4).
        OBJ_GET = "BPF_OBJ_GET" => 7;
        /// Attach a program to a cgroup, map, device or namespace, without a link (Linux 4.10).
        PROG_ATTACH = "BPF_PROG_ATTACH" => 8;
        /// Undo `PROG_ATTACH` (Linux 4.10).
        PROG_DETACH = "BPF_PROG_DETACH" => 9;
        /// Run a program once or often, on data that the caller brings (Linux 4.12).
        PROG_TEST_RUN = "BPF_PROG_TEST_RUN" => 10;
        /// Another name for `PROG_TEST_RUN` (Linux 5.14).
        PROG_RUN = "BPF_PROG_RUN" => 10;
        /// Name the lowest program id above a given one (Linux 4.13).
        PROG_GET_NEXT_ID = "BPF_PROG_GET_NEXT_ID" => 11;
        /// Name the lowest map id above a given one (Linux 4.13).
        MAP_GET_NEXT_ID = "BPF_MAP_GET_NEXT_ID" => 12;
        /// Open a program by its id (Linux 4.13).
        PROG_GET_FD_BY_ID = "BPF_PROG_GET_FD_BY_ID" => 13;
        /// Open a map by its id (Linux 4.13).
        MAP_GET_FD_BY_ID = "BPF_MAP_GET_FD_BY_ID" => 14;
        /// Describe a program, map, link, BTF object or token (Linux 4.13).
        OBJ_GET_INFO_BY_FD = "BPF_OBJ_GET_INFO_BY_FD" => 15;
        /// List what is attached to a place (Linux 4.15).
        PROG_QUERY = "BPF_PROG_QUERY" => 16;
        /// Attach a program to a raw tracepoint, or a tracing program to its target (Linux 4.17).
        RAW_TRACEPOINT_OPEN = "BPF_RAW_TRACEPOINT_OPEN" => 17;
        /// Hand type information to the kernel (Linux 4.18).
        BTF_LOAD = "BPF_BTF_LOAD" => 18;
        /// Open a BTF object by its id (Linux 4.18).
        BTF_GET_FD_BY_ID = "BPF_BTF_GET_FD_BY_ID" => 19;
        /// Tell which program and probe stand behind a perf event of a task (Linux 4.18).
        TASK_FD_QUERY = "BPF_TASK_FD_QUERY" => 20;
        /// Copy out the value of a key and take the key away (Linux 4.20).
        MAP_LOOKUP_AND_DELETE_ELEM = "BPF_MAP_LOOKUP_AND_DELETE_ELEM" => 21;
        /// Forbid all further writes through the system call (Linux 5.2).
        MAP_FREEZE = "BPF_MAP_FREEZE" => 22;
        /// Name the lowest BTF id above a given one (Linux 5.4).
        BTF_GET_NEXT_ID = "BPF_BTF_GET_NEXT_ID" => 23;
        /// Copy out many elements (Linux 5.6).
        MAP_LOOKUP_BATCH = "BPF_MAP_LOOKUP_BATCH" => 24;
        /// Copy out many elements and take them away (Linux 5.6).
        MAP_LOOKUP_AND_DELETE_BATCH = "BPF_MAP_LOOKUP_AND_DELETE_BATCH" => 25;
        /// Set many elements (Linux 5.6).
        MAP_UPDATE_BATCH = "BPF_MAP_UPDATE_BATCH" => 26;
        /// Take many keys away (Linux 5.6).
        MAP_DELETE_BATCH = "BPF_MAP_DELETE_BATCH" => 27;
        /// Attach a program through a link, which detaches it when it ends (Linux 5.7).
        LINK_CREATE = "BPF_LINK_CREATE" => 28;
        /// Replace the program, or the struct_ops map, of a link (Linux 5.7).
        LINK_UPDATE = "BPF_LINK_UPDATE" => 29;
        /// Open a link by its id (Linux 5.8).
        LINK_GET_FD_BY_ID = "BPF_LINK_GET_FD_BY_ID" => 30;
        /// Name the lowest link id above a given one (Linux 5.8).
        LINK_GET_NEXT_ID = "BPF_LINK_GET_NEXT_ID" => 31;
        /// Have statistics kept for as long as the returned descriptor lives (Linux 5.8).
        ENABLE_STATS = "BPF_ENABLE_STATS" => 32;
        /// Open an iterator from its link (Linux 5.8).
        ITER_CREATE = "BPF_ITER_CREATE" => 33;
        /// Detach a link by force; it stays open, without effect (Linux 5.9).
        LINK_DETACH = "BPF_LINK_DETACH" => 34;
        /// Keep a map alive for as long as a program (Linux 5.10).
        PROG_BIND_MAP = "BPF_PROG_BIND_MAP" => 35;
        /// Make a token, which lends the rights that a bpffs delegates (Linux 6.9).
        TOKEN_CREATE = "BPF_TOKEN_CREATE" => 36;
        /// Read what a program has written into one of its streams (Linux 6.17).
        PROG_STREAM_READ_BY_FD = "BPF_PROG_STREAM_READ_BY_FD" => 37;
        /// Tie a program to a struct_ops map (Linux 6.19 to 7.0).
        PROG_ASSOC_STRUCT_OPS = "BPF_PROG_ASSOC_STRUCT_OPS" => 38;
        /// Or-ed into a command: a `struct bpf_common_attr` and its size follow as arguments 4 and
        /// 5 (Linux 7.2).
        COMMON_ATTRS = "BPF_COMMON_ATTRS" => 1 << 16;
    }
}

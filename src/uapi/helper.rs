//! What a program calls: the ids of helper functions, and the flags that they and kernel functions
//! take, one type per family.

kernel_enum! {
    /// `enum bpf_func_id`: a helper function, the `imm` of a call.
    #[doc(alias = "bpf_func_id")]
    pub struct Helper: i32 {
        /// No function.
        UNSPEC = "BPF_FUNC_unspec" => 0;
        /// Address of the value of a key, or null (Linux 3.19).
        MAP_LOOKUP_ELEM = "BPF_FUNC_map_lookup_elem" => 1;
        /// Set the value of a key (Linux 3.19).
        MAP_UPDATE_ELEM = "BPF_FUNC_map_update_elem" => 2;
        /// Take a key out of a map (Linux 3.19).
        MAP_DELETE_ELEM = "BPF_FUNC_map_delete_elem" => 3;
        /// Copy from an address, user's or kernel's; the typed forms replace it (Linux 4.1).
        PROBE_READ = "BPF_FUNC_probe_read" => 4;
        /// Nanoseconds since boot, sleep not counted (Linux 4.1).
        KTIME_GET_NS = "BPF_FUNC_ktime_get_ns" => 5;
        /// Print a line into the trace pipe (Linux 4.1).
        TRACE_PRINTK = "BPF_FUNC_trace_printk" => 6;
        /// A pseudo-random number (Linux 4.1).
        GET_PRANDOM_U32 = "BPF_FUNC_get_prandom_u32" => 7;
        /// Number of this CPU (Linux 4.1).
        GET_SMP_PROCESSOR_ID = "BPF_FUNC_get_smp_processor_id" => 8;
        /// Write into a packet (Linux 4.1).
        SKB_STORE_BYTES = "BPF_FUNC_skb_store_bytes" => 9;
        /// Correct the IP checksum of a packet after a change (Linux 4.1).
        L3_CSUM_REPLACE = "BPF_FUNC_l3_csum_replace" => 10;
        /// Correct the TCP, UDP or ICMP checksum of a packet after a change (Linux 4.1).
        L4_CSUM_REPLACE = "BPF_FUNC_l4_csum_replace" => 11;
        /// Go on in another program of a program array; returns only on failure (Linux 4.2).
        TAIL_CALL = "BPF_FUNC_tail_call" => 12;
        /// Send a copy of the packet to another device (Linux 4.2).
        CLONE_REDIRECT = "BPF_FUNC_clone_redirect" => 13;
        /// Thread group id in the upper half, thread id in the lower (Linux 4.2).
        GET_CURRENT_PID_TGID = "BPF_FUNC_get_current_pid_tgid" => 14;
        /// Group id in the upper half, user id in the lower (Linux 4.2).
        GET_CURRENT_UID_GID = "BPF_FUNC_get_current_uid_gid" => 15;
        /// Copy the name of the current task (Linux 4.2).
        GET_CURRENT_COMM = "BPF_FUNC_get_current_comm" => 16;
        /// Class of the current task in the net_cls controller (Linux 4.3).
        GET_CGROUP_CLASSID = "BPF_FUNC_get_cgroup_classid" => 17;
        /// Put a VLAN tag on a packet (Linux 4.3).
        SKB_VLAN_PUSH = "BPF_FUNC_skb_vlan_push" => 18;
        /// Take a VLAN tag off a packet (Linux 4.3).
        SKB_VLAN_POP = "BPF_FUNC_skb_vlan_pop" => 19;
        /// Copy out the tunnel metadata of a packet (Linux 4.3).
        SKB_GET_TUNNEL_KEY = "BPF_FUNC_skb_get_tunnel_key" => 20;
        /// Set the tunnel metadata of a packet (Linux 4.3).
        SKB_SET_TUNNEL_KEY = "BPF_FUNC_skb_set_tunnel_key" => 21;
        /// Read a counter of a perf event array (Linux 4.3).
        PERF_EVENT_READ = "BPF_FUNC_perf_event_read" => 22;
        /// Send the packet to another device (Linux 4.4).
        REDIRECT = "BPF_FUNC_redirect" => 23;
        /// Realm of the packet's route (Linux 4.4).
        GET_ROUTE_REALM = "BPF_FUNC_get_route_realm" => 24;
        /// Put a record into a perf buffer (Linux 4.4).
        PERF_EVENT_OUTPUT = "BPF_FUNC_perf_event_output" => 25;
        /// Copy out of a packet (Linux 4.5).
        SKB_LOAD_BYTES = "BPF_FUNC_skb_load_bytes" => 26;
        /// Store the stack trace in a map and return its id (Linux 4.6).
        GET_STACKID = "BPF_FUNC_get_stackid" => 27;
        /// Checksum difference of two buffers (Linux 4.6).
        CSUM_DIFF = "BPF_FUNC_csum_diff" => 28;
        /// Copy out the tunnel options of a packet (Linux 4.6).
        SKB_GET_TUNNEL_OPT = "BPF_FUNC_skb_get_tunnel_opt" => 29;
        /// Set the tunnel options of a packet (Linux 4.6).
        SKB_SET_TUNNEL_OPT = "BPF_FUNC_skb_set_tunnel_opt" => 30;
        /// Turn a packet from IPv4 into IPv6, or back (Linux 4.8).
        SKB_CHANGE_PROTO = "BPF_FUNC_skb_change_proto" => 31;
        /// Change whom a packet is meant for: this host, another, all (Linux 4.8).
        SKB_CHANGE_TYPE = "BPF_FUNC_skb_change_type" => 32;
        /// Is the packet's socket in that cgroup or below? (Linux 4.8).
        SKB_UNDER_CGROUP = "BPF_FUNC_skb_under_cgroup" => 33;
        /// Hash of the packet's flow, computed if need be (Linux 4.8).
        GET_HASH_RECALC = "BPF_FUNC_get_hash_recalc" => 34;
        /// Address of the current task, as a number (Linux 4.8).
        GET_CURRENT_TASK = "BPF_FUNC_get_current_task" => 35;
        /// Write into the current task's memory; for experiments (Linux 4.8).
        PROBE_WRITE_USER = "BPF_FUNC_probe_write_user" => 36;
        /// Is the current task in that cgroup or below? (Linux 4.9).
        CURRENT_TASK_UNDER_CGROUP = "BPF_FUNC_current_task_under_cgroup" => 37;
        /// Make a packet longer or shorter at its end (Linux 4.9).
        SKB_CHANGE_TAIL = "BPF_FUNC_skb_change_tail" => 38;
        /// Make the start of a packet directly readable (Linux 4.9).
        SKB_PULL_DATA = "BPF_FUNC_skb_pull_data" => 39;
        /// Add to the checksum of a packet whose device computed it (Linux 4.9).
        CSUM_UPDATE = "BPF_FUNC_csum_update" => 40;
        /// Have the packet's flow hash computed anew (Linux 4.9).
        SET_HASH_INVALID = "BPF_FUNC_set_hash_invalid" => 41;
        /// Number of this NUMA node (Linux 4.10).
        GET_NUMA_NODE_ID = "BPF_FUNC_get_numa_node_id" => 42;
        /// Make room in front of a packet (Linux 4.10).
        SKB_CHANGE_HEAD = "BPF_FUNC_skb_change_head" => 43;
        /// Move the start of an XDP packet (Linux 4.10).
        XDP_ADJUST_HEAD = "BPF_FUNC_xdp_adjust_head" => 44;
        /// Copy a string from an address, user's or kernel's; the typed forms replace it (Linux
        /// 4.11).
        PROBE_READ_STR = "BPF_FUNC_probe_read_str" => 45;
        /// Unique number of a socket (Linux 4.12).
        GET_SOCKET_COOKIE = "BPF_FUNC_get_socket_cookie" => 46;
        /// Owner of the packet's socket (Linux 4.12).
        GET_SOCKET_UID = "BPF_FUNC_get_socket_uid" => 47;
        /// Set the packet's flow hash (Linux 4.13).
        SET_HASH = "BPF_FUNC_set_hash" => 48;
        /// Set a socket option (Linux 4.13).
        SETSOCKOPT = "BPF_FUNC_setsockopt" => 49;
        /// Make or remove room behind the MAC or IP header (Linux 4.13).
        SKB_ADJUST_ROOM = "BPF_FUNC_skb_adjust_room" => 50;
        /// Send the packet to a device, CPU or socket in a map (Linux 4.14).
        REDIRECT_MAP = "BPF_FUNC_redirect_map" => 51;
        /// Send the packet to a socket in a map (Linux 4.14).
        SK_REDIRECT_MAP = "BPF_FUNC_sk_redirect_map" => 52;
        /// Put the socket of this context into a map (Linux 4.14).
        SOCK_MAP_UPDATE = "BPF_FUNC_sock_map_update" => 53;
        /// Move the start of the metadata in front of an XDP packet (Linux 4.15).
        XDP_ADJUST_META = "BPF_FUNC_xdp_adjust_meta" => 54;
        /// Read a counter of a perf event array, with its times (Linux 4.15).
        PERF_EVENT_READ_VALUE = "BPF_FUNC_perf_event_read_value" => 55;
        /// Read the counter of the perf event that runs this program, with its times (Linux 4.15).
        PERF_PROG_READ_VALUE = "BPF_FUNC_perf_prog_read_value" => 56;
        /// Read a socket option (Linux 4.15).
        GETSOCKOPT = "BPF_FUNC_getsockopt" => 57;
        /// Have the probed function return this at once (Linux 4.16).
        OVERRIDE_RETURN = "BPF_FUNC_override_return" => 58;
        /// Choose at which moments of a connection the program runs (Linux 4.16).
        SOCK_OPS_CB_FLAGS_SET = "BPF_FUNC_sock_ops_cb_flags_set" => 59;
        /// Send the message to a socket in a map (Linux 4.17).
        MSG_REDIRECT_MAP = "BPF_FUNC_msg_redirect_map" => 60;
        /// Let the verdict hold for that many bytes (Linux 4.17).
        MSG_APPLY_BYTES = "BPF_FUNC_msg_apply_bytes" => 61;
        /// Hold the message back until that many bytes are there (Linux 4.17).
        MSG_CORK_BYTES = "BPF_FUNC_msg_cork_bytes" => 62;
        /// Make a part of a message directly readable (Linux 4.17).
        MSG_PULL_DATA = "BPF_FUNC_msg_pull_data" => 63;
        /// Bind a socket that is about to connect (Linux 4.17).
        BIND = "BPF_FUNC_bind" => 64;
        /// Move the end of an XDP packet (Linux 4.18).
        XDP_ADJUST_TAIL = "BPF_FUNC_xdp_adjust_tail" => 65;
        /// Copy out an IPsec state of a packet (Linux 4.18).
        SKB_GET_XFRM_STATE = "BPF_FUNC_skb_get_xfrm_state" => 66;
        /// Copy the stack trace into a buffer (Linux 4.18).
        GET_STACK = "BPF_FUNC_get_stack" => 67;
        /// Copy out of a packet, counted from its MAC or IP header (Linux 4.18).
        SKB_LOAD_BYTES_RELATIVE = "BPF_FUNC_skb_load_bytes_relative" => 68;
        /// Look up a route and neighbour (Linux 4.18).
        FIB_LOOKUP = "BPF_FUNC_fib_lookup" => 69;
        /// Put the socket of this context into a hash map (Linux 4.18).
        SOCK_HASH_UPDATE = "BPF_FUNC_sock_hash_update" => 70;
        /// Send the message to a socket in a hash map (Linux 4.18).
        MSG_REDIRECT_HASH = "BPF_FUNC_msg_redirect_hash" => 71;
        /// Send the packet to a socket in a hash map (Linux 4.18).
        SK_REDIRECT_HASH = "BPF_FUNC_sk_redirect_hash" => 72;
        /// Put a tunnel header on a packet (Linux 4.18).
        LWT_PUSH_ENCAP = "BPF_FUNC_lwt_push_encap" => 73;
        /// Write into the segment routing header (Linux 4.18).
        LWT_SEG6_STORE_BYTES = "BPF_FUNC_lwt_seg6_store_bytes" => 74;
        /// Make the segment routing header longer or shorter (Linux 4.18).
        LWT_SEG6_ADJUST_SRH = "BPF_FUNC_lwt_seg6_adjust_srh" => 75;
        /// Do a segment routing action (Linux 4.18).
        LWT_SEG6_ACTION = "BPF_FUNC_lwt_seg6_action" => 76;
        /// Report that the last key of a remote control repeats (Linux 4.18).
        RC_REPEAT = "BPF_FUNC_rc_repeat" => 77;
        /// Report a key of a remote control (Linux 4.18).
        RC_KEYDOWN = "BPF_FUNC_rc_keydown" => 78;
        /// Cgroup id of the packet's socket (Linux 4.18).
        SKB_CGROUP_ID = "BPF_FUNC_skb_cgroup_id" => 79;
        /// Cgroup id of the current task (Linux 4.18).
        GET_CURRENT_CGROUP_ID = "BPF_FUNC_get_current_cgroup_id" => 80;
        /// Address of the value in the cgroup storage of this program (Linux 4.19).
        GET_LOCAL_STORAGE = "BPF_FUNC_get_local_storage" => 81;
        /// Choose a socket of a reuseport array (Linux 4.19).
        SK_SELECT_REUSEPORT = "BPF_FUNC_sk_select_reuseport" => 82;
        /// Id of an ancestor, by level, of the cgroup of the packet's socket (Linux 4.19).
        SKB_ANCESTOR_CGROUP_ID = "BPF_FUNC_skb_ancestor_cgroup_id" => 83;
        /// Find a TCP socket by addresses and ports (Linux 4.20).
        SK_LOOKUP_TCP = "BPF_FUNC_sk_lookup_tcp" => 84;
        /// Find a UDP socket by addresses and ports (Linux 4.20).
        SK_LOOKUP_UDP = "BPF_FUNC_sk_lookup_udp" => 85;
        /// Give a socket reference back (Linux 4.20).
        SK_RELEASE = "BPF_FUNC_sk_release" => 86;
        /// Add to a queue, stack or Bloom filter (Linux 4.20).
        MAP_PUSH_ELEM = "BPF_FUNC_map_push_elem" => 87;
        /// Take from a queue or stack (Linux 4.20).
        MAP_POP_ELEM = "BPF_FUNC_map_pop_elem" => 88;
        /// Look at the next of a queue or stack, or ask a Bloom filter (Linux 4.20).
        MAP_PEEK_ELEM = "BPF_FUNC_map_peek_elem" => 89;
        /// Make room inside a message (Linux 4.20).
        MSG_PUSH_DATA = "BPF_FUNC_msg_push_data" => 90;
        /// Remove bytes from a message (Linux 5.0).
        MSG_POP_DATA = "BPF_FUNC_msg_pop_data" => 91;
        /// Report a pointer movement of a remote control (Linux 5.0).
        RC_POINTER_REL = "BPF_FUNC_rc_pointer_rel" => 92;
        /// Take the lock in a map value (Linux 5.1).
        SPIN_LOCK = "BPF_FUNC_spin_lock" => 93;
        /// Release the lock in a map value (Linux 5.1).
        SPIN_UNLOCK = "BPF_FUNC_spin_unlock" => 94;
        /// The full socket behind a socket of a context, or null (Linux 5.1).
        SK_FULLSOCK = "BPF_FUNC_sk_fullsock" => 95;
        /// The TCP part of a socket, or null (Linux 5.1).
        TCP_SOCK = "BPF_FUNC_tcp_sock" => 96;
        /// Mark a packet: congestion experienced (Linux 5.1).
        SKB_ECN_SET_CE = "BPF_FUNC_skb_ecn_set_ce" => 97;
        /// The listening socket behind a socket, or null (Linux 5.1).
        GET_LISTENER_SOCK = "BPF_FUNC_get_listener_sock" => 98;
        /// Find a TCP socket in any state by addresses and ports (Linux 5.2).
        SKC_LOOKUP_TCP = "BPF_FUNC_skc_lookup_tcp" => 99;
        /// Is this ACK the answer to a SYN cookie of the listener? (Linux 5.2).
        TCP_CHECK_SYNCOOKIE = "BPF_FUNC_tcp_check_syncookie" => 100;
        /// Copy out the name of the sysctl (Linux 5.2).
        SYSCTL_GET_NAME = "BPF_FUNC_sysctl_get_name" => 101;
        /// Copy out the value that the sysctl has (Linux 5.2).
        SYSCTL_GET_CURRENT_VALUE = "BPF_FUNC_sysctl_get_current_value" => 102;
        /// Copy out the value that is being written (Linux 5.2).
        SYSCTL_GET_NEW_VALUE = "BPF_FUNC_sysctl_get_new_value" => 103;
        /// Replace the value that is being written (Linux 5.2).
        SYSCTL_SET_NEW_VALUE = "BPF_FUNC_sysctl_set_new_value" => 104;
        /// Parse a signed number (Linux 5.2).
        STRTOL = "BPF_FUNC_strtol" => 105;
        /// Parse an unsigned number (Linux 5.2).
        STRTOUL = "BPF_FUNC_strtoul" => 106;
        /// Value kept with a socket; may make it (Linux 5.2).
        SK_STORAGE_GET = "BPF_FUNC_sk_storage_get" => 107;
        /// Remove the value kept with a socket (Linux 5.2).
        SK_STORAGE_DELETE = "BPF_FUNC_sk_storage_delete" => 108;
        /// Send a signal to the current process (Linux 5.3).
        SEND_SIGNAL = "BPF_FUNC_send_signal" => 109;
        /// Make a SYN cookie for a packet (Linux 5.4).
        TCP_GEN_SYNCOOKIE = "BPF_FUNC_tcp_gen_syncookie" => 110;
        /// Put a record and the packet into a perf buffer, from tracing programs (Linux 5.5).
        SKB_OUTPUT = "BPF_FUNC_skb_output" => 111;
        /// Copy from a user address (Linux 5.5).
        PROBE_READ_USER = "BPF_FUNC_probe_read_user" => 112;
        /// Copy from a kernel address (Linux 5.5).
        PROBE_READ_KERNEL = "BPF_FUNC_probe_read_kernel" => 113;
        /// Copy a string from a user address (Linux 5.5).
        PROBE_READ_USER_STR = "BPF_FUNC_probe_read_user_str" => 114;
        /// Copy a string from a kernel address (Linux 5.5).
        PROBE_READ_KERNEL_STR = "BPF_FUNC_probe_read_kernel_str" => 115;
        /// Have an ACK sent, from a congestion control (Linux 5.6).
        TCP_SEND_ACK = "BPF_FUNC_tcp_send_ack" => 116;
        /// Send a signal to the current thread (Linux 5.6).
        SEND_SIGNAL_THREAD = "BPF_FUNC_send_signal_thread" => 117;
        /// The kernel's tick counter (Linux 5.6).
        JIFFIES64 = "BPF_FUNC_jiffies64" => 118;
        /// Copy out the branch records of a perf sample (Linux 5.7).
        READ_BRANCH_RECORDS = "BPF_FUNC_read_branch_records" => 119;
        /// Process and thread id as a pid namespace sees them (Linux 5.7).
        GET_NS_CURRENT_PID_TGID = "BPF_FUNC_get_ns_current_pid_tgid" => 120;
        /// Put a record and the XDP packet into a perf buffer, from tracing programs (Linux 5.7).
        XDP_OUTPUT = "BPF_FUNC_xdp_output" => 121;
        /// Unique number of a network namespace (Linux 5.7).
        GET_NETNS_COOKIE = "BPF_FUNC_get_netns_cookie" => 122;
        /// Id of an ancestor, by level, of the current task's cgroup (Linux 5.7).
        GET_CURRENT_ANCESTOR_CGROUP_ID = "BPF_FUNC_get_current_ancestor_cgroup_id" => 123;
        /// Give the packet, or the lookup, that socket (Linux 5.7).
        SK_ASSIGN = "BPF_FUNC_sk_assign" => 124;
        /// Nanoseconds since boot, sleep counted (Linux 5.8).
        KTIME_GET_BOOT_NS = "BPF_FUNC_ktime_get_boot_ns" => 125;
        /// Print formatted text into an iterator's output: `(seq, fmt, fmt_size, data, data_len)`
        /// (Linux 5.8).
        SEQ_PRINTF = "BPF_FUNC_seq_printf" => 126;
        /// Write bytes into an iterator's output: `(seq, data, len)` (Linux 5.8).
        SEQ_WRITE = "BPF_FUNC_seq_write" => 127;
        /// Cgroup id of a socket (Linux 5.8).
        SK_CGROUP_ID = "BPF_FUNC_sk_cgroup_id" => 128;
        /// Id of an ancestor, by level, of a socket's cgroup (Linux 5.8).
        SK_ANCESTOR_CGROUP_ID = "BPF_FUNC_sk_ancestor_cgroup_id" => 129;
        /// Copy a record into a ring buffer (Linux 5.8).
        RINGBUF_OUTPUT = "BPF_FUNC_ringbuf_output" => 130;
        /// Reserve room for a record in a ring buffer, or null (Linux 5.8).
        RINGBUF_RESERVE = "BPF_FUNC_ringbuf_reserve" => 131;
        /// Hand over a reserved record (Linux 5.8).
        RINGBUF_SUBMIT = "BPF_FUNC_ringbuf_submit" => 132;
        /// Throw a reserved record away (Linux 5.8).
        RINGBUF_DISCARD = "BPF_FUNC_ringbuf_discard" => 133;
        /// Sizes and positions of a ring buffer (Linux 5.8).
        RINGBUF_QUERY = "BPF_FUNC_ringbuf_query" => 134;
        /// Change or read how many checksums of a packet are already checked (Linux 5.8).
        CSUM_LEVEL = "BPF_FUNC_csum_level" => 135;
        /// Cast a socket to a TCP socket over IPv6, or null (Linux 5.9).
        SKC_TO_TCP6_SOCK = "BPF_FUNC_skc_to_tcp6_sock" => 136;
        /// Cast a socket to a TCP socket, or null (Linux 5.9).
        SKC_TO_TCP_SOCK = "BPF_FUNC_skc_to_tcp_sock" => 137;
        /// Cast a socket to a TCP socket in TIME_WAIT, or null (Linux 5.9).
        SKC_TO_TCP_TIMEWAIT_SOCK = "BPF_FUNC_skc_to_tcp_timewait_sock" => 138;
        /// Cast a socket to a TCP request, or null (Linux 5.9).
        SKC_TO_TCP_REQUEST_SOCK = "BPF_FUNC_skc_to_tcp_request_sock" => 139;
        /// Cast a socket to a UDP socket over IPv6, or null (Linux 5.9).
        SKC_TO_UDP6_SOCK = "BPF_FUNC_skc_to_udp6_sock" => 140;
        /// Copy the stack trace of a task into a buffer (Linux 5.9).
        GET_TASK_STACK = "BPF_FUNC_get_task_stack" => 141;
        /// Read a TCP header option (Linux 5.10).
        LOAD_HDR_OPT = "BPF_FUNC_load_hdr_opt" => 142;
        /// Write a TCP header option (Linux 5.10).
        STORE_HDR_OPT = "BPF_FUNC_store_hdr_opt" => 143;
        /// Reserve room for TCP header options (Linux 5.10).
        RESERVE_HDR_OPT = "BPF_FUNC_reserve_hdr_opt" => 144;
        /// Value kept with an inode; may make it (Linux 5.10).
        INODE_STORAGE_GET = "BPF_FUNC_inode_storage_get" => 145;
        /// Remove the value kept with an inode (Linux 5.10).
        INODE_STORAGE_DELETE = "BPF_FUNC_inode_storage_delete" => 146;
        /// Full path of a kernel path (Linux 5.10).
        D_PATH = "BPF_FUNC_d_path" => 147;
        /// Copy from a user address; may sleep (Linux 5.10).
        COPY_FROM_USER = "BPF_FUNC_copy_from_user" => 148;
        /// Print a typed kernel object into a buffer (Linux 5.10).
        SNPRINTF_BTF = "BPF_FUNC_snprintf_btf" => 149;
        /// Print a typed kernel object into an iterator's output (Linux 5.10).
        SEQ_PRINTF_BTF = "BPF_FUNC_seq_printf_btf" => 150;
        /// Class of the packet's socket in the net_cls controller (Linux 5.10).
        SKB_CGROUP_CLASSID = "BPF_FUNC_skb_cgroup_classid" => 151;
        /// Send the packet to another device and fill in the neighbour's address (Linux 5.10).
        REDIRECT_NEIGH = "BPF_FUNC_redirect_neigh" => 152;
        /// Address of a kernel per-CPU variable on a CPU, or null (Linux 5.10).
        PER_CPU_PTR = "BPF_FUNC_per_cpu_ptr" => 153;
        /// Address of a kernel per-CPU variable on this CPU (Linux 5.10).
        THIS_CPU_PTR = "BPF_FUNC_this_cpu_ptr" => 154;
        /// Send the packet to the other end of a device pair, as received there (Linux 5.10).
        REDIRECT_PEER = "BPF_FUNC_redirect_peer" => 155;
        /// Value kept with a task; may make it (Linux 5.11).
        TASK_STORAGE_GET = "BPF_FUNC_task_storage_get" => 156;
        /// Remove the value kept with a task (Linux 5.11).
        TASK_STORAGE_DELETE = "BPF_FUNC_task_storage_delete" => 157;
        /// The current task, as a typed pointer (Linux 5.11).
        GET_CURRENT_TASK_BTF = "BPF_FUNC_get_current_task_btf" => 158;
        /// Set options of a program that is being executed (Linux 5.11).
        BPRM_OPTS_SET = "BPF_FUNC_bprm_opts_set" => 159;
        /// Nanoseconds since boot, as of the last tick (Linux 5.11).
        KTIME_GET_COARSE_NS = "BPF_FUNC_ktime_get_coarse_ns" => 160;
        /// Hash of an inode as IMA has measured it (Linux 5.11).
        IMA_INODE_HASH = "BPF_FUNC_ima_inode_hash" => 161;
        /// The socket behind a file, or null (Linux 5.11).
        SOCK_FROM_FILE = "BPF_FUNC_sock_from_file" => 162;
        /// Does the packet fit the device? (Linux 5.12).
        CHECK_MTU = "BPF_FUNC_check_mtu" => 163;
        /// Call a function for each element of a map (Linux 5.13).
        FOR_EACH_MAP_ELEM = "BPF_FUNC_for_each_map_elem" => 164;
        /// Print formatted text into a buffer (Linux 5.13).
        SNPRINTF = "BPF_FUNC_snprintf" => 165;
        /// Call `bpf()` from a program (Linux 5.14).
        SYS_BPF = "BPF_FUNC_sys_bpf" => 166;
        /// Id of a kernel type by name and kind; for a module's, a descriptor in the upper half
        /// (Linux 5.14).
        BTF_FIND_BY_NAME_KIND = "BPF_FUNC_btf_find_by_name_kind" => 167;
        /// Close a descriptor (Linux 5.14).
        SYS_CLOSE = "BPF_FUNC_sys_close" => 168;
        /// Prepare the timer in a map value (Linux 5.15).
        TIMER_INIT = "BPF_FUNC_timer_init" => 169;
        /// Say what the timer calls (Linux 5.15).
        TIMER_SET_CALLBACK = "BPF_FUNC_timer_set_callback" => 170;
        /// Start the timer (Linux 5.15).
        TIMER_START = "BPF_FUNC_timer_start" => 171;
        /// Stop the timer and wait for its callback (Linux 5.15).
        TIMER_CANCEL = "BPF_FUNC_timer_cancel" => 172;
        /// Address of the traced function (Linux 5.15).
        GET_FUNC_IP = "BPF_FUNC_get_func_ip" => 173;
        /// Number given when this program was attached (Linux 5.15).
        GET_ATTACH_COOKIE = "BPF_FUNC_get_attach_cookie" => 174;
        /// Saved user registers of a task (Linux 5.15).
        TASK_PT_REGS = "BPF_FUNC_task_pt_regs" => 175;
        /// Copy out the CPU's branch records (Linux 5.16).
        GET_BRANCH_SNAPSHOT = "BPF_FUNC_get_branch_snapshot" => 176;
        /// Print a line into the trace pipe, with any number of arguments (Linux 5.16).
        TRACE_VPRINTK = "BPF_FUNC_trace_vprintk" => 177;
        /// Cast a socket to a Unix socket, or null (Linux 5.16).
        SKC_TO_UNIX_SOCK = "BPF_FUNC_skc_to_unix_sock" => 178;
        /// Address of a kernel symbol (Linux 5.16).
        KALLSYMS_LOOKUP_NAME = "BPF_FUNC_kallsyms_lookup_name" => 179;
        /// Call a function with the mapping that holds an address (Linux 5.17).
        FIND_VMA = "BPF_FUNC_find_vma" => 180;
        /// Call a function so many times (Linux 5.17).
        LOOP = "BPF_FUNC_loop" => 181;
        /// Compare with a constant string (Linux 5.17).
        STRNCMP = "BPF_FUNC_strncmp" => 182;
        /// An argument of the traced function, by number (Linux 5.17).
        GET_FUNC_ARG = "BPF_FUNC_get_func_arg" => 183;
        /// The result of the traced function (Linux 5.17).
        GET_FUNC_RET = "BPF_FUNC_get_func_ret" => 184;
        /// How many arguments the traced function has (Linux 5.17).
        GET_FUNC_ARG_CNT = "BPF_FUNC_get_func_arg_cnt" => 185;
        /// What the system call is about to return (Linux 5.18).
        GET_RETVAL = "BPF_FUNC_get_retval" => 186;
        /// Change what the system call is about to return (Linux 5.18).
        SET_RETVAL = "BPF_FUNC_set_retval" => 187;
        /// Length of an XDP packet in all its buffers (Linux 5.18).
        XDP_GET_BUFF_LEN = "BPF_FUNC_xdp_get_buff_len" => 188;
        /// Copy out of an XDP packet (Linux 5.18).
        XDP_LOAD_BYTES = "BPF_FUNC_xdp_load_bytes" => 189;
        /// Write into an XDP packet (Linux 5.18).
        XDP_STORE_BYTES = "BPF_FUNC_xdp_store_bytes" => 190;
        /// Copy from the memory of a task; may sleep (Linux 5.18).
        COPY_FROM_USER_TASK = "BPF_FUNC_copy_from_user_task" => 191;
        /// Set the time stamp of a packet and its clock (Linux 5.18).
        SKB_SET_TSTAMP = "BPF_FUNC_skb_set_tstamp" => 192;
        /// Hash of a file, measured now if need be (Linux 5.18).
        IMA_FILE_HASH = "BPF_FUNC_ima_file_hash" => 193;
        /// Swap a kernel pointer in a map value (Linux 5.19).
        KPTR_XCHG = "BPF_FUNC_kptr_xchg" => 194;
        /// Address of the value of a key for a CPU, or null (Linux 5.19).
        MAP_LOOKUP_PERCPU_ELEM = "BPF_FUNC_map_lookup_percpu_elem" => 195;
        /// Cast a socket to an MPTCP socket, or null (Linux 5.19).
        SKC_TO_MPTCP_SOCK = "BPF_FUNC_skc_to_mptcp_sock" => 196;
        /// Make a dynamic pointer to memory (Linux 5.19).
        DYNPTR_FROM_MEM = "BPF_FUNC_dynptr_from_mem" => 197;
        /// Reserve room for a record of any size in a ring buffer (Linux 5.19).
        RINGBUF_RESERVE_DYNPTR = "BPF_FUNC_ringbuf_reserve_dynptr" => 198;
        /// Hand over such a record (Linux 5.19).
        RINGBUF_SUBMIT_DYNPTR = "BPF_FUNC_ringbuf_submit_dynptr" => 199;
        /// Throw such a record away (Linux 5.19).
        RINGBUF_DISCARD_DYNPTR = "BPF_FUNC_ringbuf_discard_dynptr" => 200;
        /// Copy from a dynamic pointer (Linux 5.19).
        DYNPTR_READ = "BPF_FUNC_dynptr_read" => 201;
        /// Copy to a dynamic pointer (Linux 5.19).
        DYNPTR_WRITE = "BPF_FUNC_dynptr_write" => 202;
        /// Address behind a dynamic pointer, or null (Linux 5.19).
        DYNPTR_DATA = "BPF_FUNC_dynptr_data" => 203;
        /// Make a SYN cookie from IPv4 and TCP headers, without a socket (Linux 6.0).
        TCP_RAW_GEN_SYNCOOKIE_IPV4 = "BPF_FUNC_tcp_raw_gen_syncookie_ipv4" => 204;
        /// Make a SYN cookie from IPv6 and TCP headers, without a socket (Linux 6.0).
        TCP_RAW_GEN_SYNCOOKIE_IPV6 = "BPF_FUNC_tcp_raw_gen_syncookie_ipv6" => 205;
        /// Check a SYN cookie from IPv4 and TCP headers, without a socket (Linux 6.0).
        TCP_RAW_CHECK_SYNCOOKIE_IPV4 = "BPF_FUNC_tcp_raw_check_syncookie_ipv4" => 206;
        /// Check a SYN cookie from IPv6 and TCP headers, without a socket (Linux 6.0).
        TCP_RAW_CHECK_SYNCOOKIE_IPV6 = "BPF_FUNC_tcp_raw_check_syncookie_ipv6" => 207;
        /// Nanoseconds of international atomic time (Linux 6.1).
        KTIME_GET_TAI_NS = "BPF_FUNC_ktime_get_tai_ns" => 208;
        /// Call a function for each record in a user ring buffer (Linux 6.1).
        USER_RINGBUF_DRAIN = "BPF_FUNC_user_ringbuf_drain" => 209;
        /// Value kept with a cgroup; may make it (Linux 6.2).
        CGRP_STORAGE_GET = "BPF_FUNC_cgrp_storage_get" => 210;
        /// Remove the value kept with a cgroup (Linux 6.2).
        CGRP_STORAGE_DELETE = "BPF_FUNC_cgrp_storage_delete" => 211;
    }

    /// The network namespace that a socket lookup searches: an id, or this.
    pub struct NetnsId: i64 {
        /// That of the packet or socket at hand (Linux 4.20).
        CURRENT_NETNS = "BPF_F_CURRENT_NETNS" => -1;
    }
}

kernel_flags! {
    /// Of [`Helper::SKB_STORE_BYTES`].
    pub struct SkbStoreBytesFlags: u64 {
        /// Correct the checksum that goes with the packet (Linux 4.5).
        RECOMPUTE_CSUM = "BPF_F_RECOMPUTE_CSUM" => 1 << 0;
        /// Have the flow hash computed anew (Linux 4.6).
        INVALIDATE_HASH = "BPF_F_INVALIDATE_HASH" => 1 << 1;
    }

    /// Of [`Helper::L3_CSUM_REPLACE`], which takes the size alone, and [`Helper::L4_CSUM_REPLACE`].
    pub struct CsumReplaceFlags: u64 {
        /// The bits for the size of the changed field: 2, 4, or 0 for a ready difference (Linux
        /// 4.5).
        HDR_FIELD_MASK = "BPF_F_HDR_FIELD_MASK" => 0xf;
        /// The field is part of the pseudo-header (Linux 4.5).
        PSEUDO_HDR = "BPF_F_PSEUDO_HDR" => 1 << 4;
        /// A checksum that becomes 0 is written as 0xffff, and one that was 0 stays (Linux 4.6).
        MARK_MANGLED_0 = "BPF_F_MARK_MANGLED_0" => 1 << 5;
        /// Even one that was 0 is changed (Linux 4.11).
        MARK_ENFORCE = "BPF_F_MARK_ENFORCE" => 1 << 6;
        /// The pseudo-header is of IPv6.
        IPV6 = "BPF_F_IPV6" => 1 << 7;
    }

    /// Of [`Helper::SKB_GET_TUNNEL_KEY`].
    pub struct GetTunnelKeyFlags: u64 {
        /// The tunnel is over IPv6 (Linux 4.5).
        TUNINFO_IPV6 = "BPF_F_TUNINFO_IPV6" => 1 << 0;
        /// The tunnel's flags are wanted too (Linux 6.1).
        TUNINFO_FLAGS = "BPF_F_TUNINFO_FLAGS" => 1 << 4;
    }

    /// Of [`Helper::SKB_SET_TUNNEL_KEY`].
    pub struct SetTunnelKeyFlags: u64 {
        /// The tunnel is over IPv6 (Linux 4.5).
        TUNINFO_IPV6 = "BPF_F_TUNINFO_IPV6" => 1 << 0;
        /// No checksum in the outer header (Linux 4.5).
        ZERO_CSUM_TX = "BPF_F_ZERO_CSUM_TX" => 1 << 1;
        /// Routers may not cut the packet (Linux 4.6).
        DONT_FRAGMENT = "BPF_F_DONT_FRAGMENT" => 1 << 2;
        /// Number the packets (Linux 4.17).
        SEQ_NUMBER = "BPF_F_SEQ_NUMBER" => 1 << 3;
        /// Leave the key out.
        NO_TUNNEL_KEY = "BPF_F_NO_TUNNEL_KEY" => 1 << 4;
    }

    /// Of [`Helper::GET_STACKID`].
    pub struct GetStackidFlags: u64 {
        /// The bits for how many frames to leave out (Linux 4.6).
        SKIP_FIELD_MASK = "BPF_F_SKIP_FIELD_MASK" => 0xff;
        /// The user stack, not the kernel's (Linux 4.6).
        USER_STACK = "BPF_F_USER_STACK" => 1 << 8;
        /// Compare traces by hash alone (Linux 4.6).
        FAST_STACK_CMP = "BPF_F_FAST_STACK_CMP" => 1 << 9;
        /// A new trace replaces an old one of the same hash (Linux 4.6).
        REUSE_STACKID = "BPF_F_REUSE_STACKID" => 1 << 10;
    }

    /// Of [`Helper::GET_STACK`] and [`Helper::GET_TASK_STACK`].
    pub struct GetStackFlags: u64 {
        /// The bits for how many frames to leave out.
        SKIP_FIELD_MASK = "BPF_F_SKIP_FIELD_MASK" => 0xff;
        /// The user stack, not the kernel's.
        USER_STACK = "BPF_F_USER_STACK" => 1 << 8;
        /// Build ids and file offsets, not addresses (Linux 4.18).
        USER_BUILD_ID = "BPF_F_USER_BUILD_ID" => 1 << 11;
    }

    /// Of [`Helper::PERF_EVENT_READ`], [`Helper::PERF_EVENT_OUTPUT`] and their kin.
    pub struct PerfEventFlags: u64 {
        /// The bits for the index in the perf event array (Linux 4.7).
        INDEX_MASK = "BPF_F_INDEX_MASK" => 0xffff_ffff;
        /// As index: the number of this CPU (Linux 4.7).
        CURRENT_CPU = "BPF_F_CURRENT_CPU" => 0xffff_ffff;
        /// The bits for how many bytes of the packet to append; output only (Linux 4.8).
        CTXLEN_MASK = "BPF_F_CTXLEN_MASK" => 0xf_ffff << 32;
    }

    /// Of [`Helper::SKB_ADJUST_ROOM`].
    ///
    /// [`encap_l2`](Self::encap_l2) adds the length of a header.
    pub struct AdjRoomFlags: u64 {
        /// Leave the segment size as it is (Linux 5.2).
        FIXED_GSO = "BPF_F_ADJ_ROOM_FIXED_GSO" => 1 << 0;
        /// The new room is for an outer IPv4 header (Linux 5.2).
        ENCAP_L3_IPV4 = "BPF_F_ADJ_ROOM_ENCAP_L3_IPV4" => 1 << 1;
        /// The new room is for an outer IPv6 header (Linux 5.2).
        ENCAP_L3_IPV6 = "BPF_F_ADJ_ROOM_ENCAP_L3_IPV6" => 1 << 2;
        /// With a GRE header (Linux 5.2).
        ENCAP_L4_GRE = "BPF_F_ADJ_ROOM_ENCAP_L4_GRE" => 1 << 3;
        /// With a UDP header (Linux 5.2).
        ENCAP_L4_UDP = "BPF_F_ADJ_ROOM_ENCAP_L4_UDP" => 1 << 4;
        /// Leave the checksum state as it is (Linux 5.8).
        NO_CSUM_RESET = "BPF_F_ADJ_ROOM_NO_CSUM_RESET" => 1 << 5;
        /// The inner header of the second layer is Ethernet (Linux 5.13).
        ENCAP_L2_ETH = "BPF_F_ADJ_ROOM_ENCAP_L2_ETH" => 1 << 6;
        /// The inner packet that comes to light is IPv4.
        DECAP_L3_IPV4 = "BPF_F_ADJ_ROOM_DECAP_L3_IPV4" => 1 << 7;
        /// The inner packet that comes to light is IPv6.
        DECAP_L3_IPV6 = "BPF_F_ADJ_ROOM_DECAP_L3_IPV6" => 1 << 8;
    }

    /// Of [`Helper::SYSCTL_GET_NAME`].
    pub struct SysctlNameFlags: u64 {
        /// The last part of the name alone (Linux 5.2).
        SYSCTL_BASE_NAME = "BPF_F_SYSCTL_BASE_NAME" => 1 << 0;
    }

    /// Of [`Helper::READ_BRANCH_RECORDS`].
    pub struct BranchRecordsFlags: u64 {
        /// Return how many bytes the records take; copy nothing (Linux 5.7).
        GET_BRANCH_RECORDS_SIZE = "BPF_F_GET_BRANCH_RECORDS_SIZE" => 1 << 0;
    }

    /// Of [`Helper::BPRM_OPTS_SET`].
    pub struct BprmOptsFlags: u64 {
        /// Execute in secure mode, as if set-user-id (Linux 5.11).
        BPRM_SECUREEXEC = "BPF_F_BPRM_SECUREEXEC" => 1 << 0;
    }

    /// Of [`Helper::REDIRECT`], [`Helper::REDIRECT_MAP`] and the other helpers that send a packet
    /// elsewhere.
    pub struct RedirectFlags: u64 {
        /// As received there, not as sent; not for `REDIRECT_MAP` (Linux 4.5).
        INGRESS = "BPF_F_INGRESS" => 1 << 0;
        /// To every device in the map; `REDIRECT_MAP` only (Linux 5.14).
        BROADCAST = "BPF_F_BROADCAST" => 1 << 3;
        /// With `BROADCAST`: not back to where it came from (Linux 5.14).
        EXCLUDE_INGRESS = "BPF_F_EXCLUDE_INGRESS" => 1 << 4;
        /// The three above.
        REDIRECT_FLAGS = "BPF_F_REDIRECT_FLAGS" => 0x19;
    }

    /// Of [`Helper::TIMER_START`].
    pub struct TimerFlags: u64 {
        /// The time is absolute.
        ABS = "BPF_F_TIMER_ABS" => 1 << 0;
        /// The callback runs on this CPU.
        CPU_PIN = "BPF_F_TIMER_CPU_PIN" => 1 << 1;
    }

    /// `enum bpf_kfunc_flags`: of kernel functions that copy strings from user space.
    #[doc(alias = "bpf_kfunc_flags")]
    pub struct KfuncFlags: u64 {
        /// Fill the rest of the buffer with zeros.
        PAD_ZEROS = "BPF_F_PAD_ZEROS" => 1 << 0;
    }
}

impl AdjRoomFlags {
    /// The new room holds a header of the second layer of so many bytes.
    #[doc(alias = "BPF_F_ADJ_ROOM_ENCAP_L2")]
    #[must_use]
    pub const fn encap_l2(len: u8) -> Self {
        Self((len as u64) << 56)
    }
}

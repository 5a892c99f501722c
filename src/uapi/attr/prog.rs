//! The arms that programs read.

use crate::uapi::{
    AttachType, ProgAttachFlags, ProgLoadFlags, ProgQueryFlags, ProgType, StreamId, TestRunFlags,
};

kernel_struct! {
    /// `BPF_PROG_LOAD` (Linux 3.18).
    #[doc(alias = "bpf_attr")]
    pub struct ProgLoad = "union bpf_attr", 168 bytes {
        /// What kind of program it is.
        0 pub prog_type: ProgType,
        /// Instructions at `insns`: 1 to 1,000,000, or 4,096 without `CAP_BPF`.
        4 pub insn_cnt: u32,
        /// Address of the instructions.
        8 pub insns: u64,
        /// Address of the license, NUL-terminated: `GPL`, say.
        16 pub license: u64,
        /// How much the log says: bit 0 some, bit 1 all, bit 2 figures, bit 3 keeps the head of a log
        /// that is too long; 0 is nothing, and then there must be no log.
        24 pub log_level: u32,
        /// Bytes at `log_buf`.
        28 pub log_size: u32,
        /// Address of the log, or 0.
        32 pub log_buf: u64,
        /// Not looked at by 5.10 or later.
        40 pub kern_version: u32,
        /// How to verify and run it.
        44 pub prog_flags: ProgLoadFlags,
        /// Up to 15 of `A-Z a-z 0-9 _ .` and a NUL; empty for none (Linux 4.15).
        48 pub prog_name: [u8; 16],
        /// The network device that it is made for, or 0.
        64 pub prog_ifindex: u32,
        /// Where it will be attached, for the kinds that are verified by that (Linux 4.17).
        68 pub expected_attach_type: AttachType,
        /// The BTF object of the next records; looked at when there are any. 0 is a descriptor here.
        72 pub prog_btf_fd: u32,
        /// Bytes in a record at `func_info`, 8 to 252 in steps of 4. Written back when it is longer
        /// than the kernel's, and what follows is not zero (`E2BIG`): the kernel's.
        76 pub func_info_rec_size: u32,
        /// Address of an array of [`FuncInfo`](crate::uapi::FuncInfo), or 0.
        80 pub func_info: u64,
        /// Records at `func_info`.
        88 pub func_info_cnt: u32,
        /// Bytes in a record at `line_info`, 16 to 252 in steps of 4. Written back as
        /// `func_info_rec_size` is.
        92 pub line_info_rec_size: u32,
        /// Address of an array of [`LineInfo`](crate::uapi::LineInfo), or 0.
        96 pub line_info: u64,
        /// Records at `line_info`.
        104 pub line_info_cnt: u32,
        /// The type id of what it attaches to, or 0 (Linux 5.5).
        108 pub attach_btf_id: u32,
        /// The program that `attach_btf_id` counts in, or a BTF object, or 0 for the kernel's BTF.
        112 pub attach_prog_fd: u32 | "attach_btf_obj_fd",
        /// Records at `core_relos` (after Linux 5.10, by 6.1).
        116 pub core_relo_cnt: u32,
        /// Address of an array of maps and BTF objects, which instructions name by index, or 0
        /// (after Linux 5.10, by 6.1).
        120 pub fd_array: u64,
        /// Address of an array of [`CoreRelo`](crate::uapi::CoreRelo), or 0 (after Linux 5.10, by 6.1).
        128 pub core_relos: u64,
        /// Bytes in a record at `core_relos`, 16 to 252 in steps of 4. Written back as
        /// `func_info_rec_size` is.
        136 pub core_relo_rec_size: u32,
        /// Written back, if the log was begun: bytes that the whole log takes, with the final NUL
        /// (Linux 6.4).
        140 pub log_true_size: u32,
        /// With [`TOKEN_FD`](ProgLoadFlags::TOKEN_FD): a token that permits this (Linux 6.9).
        144 pub prog_token_fd: i32,
        /// Descriptors at `fd_array`: these are then all bound to the program. 0 leaves the length open
        /// (after Linux 6.12, by 6.18).
        148 pub fd_array_cnt: u32,
        /// Address of a PKCS#7 signature of the instructions, or 0 (after Linux 6.12, by 6.18).
        152 pub signature: u64,
        /// Bytes at `signature` (after Linux 6.12, by 6.18).
        160 pub signature_size: u32,
        /// The keyring that the signature is checked by: a serial, or 0 to 2 for one of the
        /// system's (after Linux 6.12, by 6.18).
        164 pub keyring_id: i32,
    }

    /// `BPF_PROG_ATTACH`, `BPF_PROG_DETACH` (Linux 4.10).
    #[doc(alias = "bpf_attr")]
    pub struct ProgAttach = "union bpf_attr", 32 bytes {
        /// Where: a cgroup, a socket map, a network namespace's or lirc device's descriptor; for tcx
        /// and netkit the index of the network device (Linux 6.6).
        0 pub target_fd: u32 | "target_ifindex",
        /// The program. To detach, 0 where the place alone says which.
        4 pub attach_bpf_fd: u32,
        /// Which hook of the target.
        8 pub attach_type: AttachType,
        /// How; to detach, only what says where `relative_fd` stands.
        12 pub attach_flags: ProgAttachFlags,
        /// With [`REPLACE`](ProgAttachFlags::REPLACE): the program that goes (Linux 5.6).
        16 pub replace_bpf_fd: u32,
        /// With [`BEFORE`](ProgAttachFlags::BEFORE) or [`AFTER`](ProgAttachFlags::AFTER): the
        /// neighbour, a program or link, by descriptor or id as the flags say; 0 for the very end
        /// (Linux 6.6).
        20 pub relative_fd: u32 | "relative_id",
        /// What `revision` must be, or 0 for any (Linux 6.6).
        24 pub expected_revision: u64,
    }

    /// `BPF_PROG_TEST_RUN` (Linux 4.12).
    ///
    /// Each kind of program uses some of this, and wants zero in the rest.
    #[doc(alias = "bpf_attr")]
    pub struct ProgTestRun = "union bpf_attr.test", 80 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// Written back: what the program returned.
        4 pub retval: u32,
        /// Bytes at `data_in`: for network programs 14 at least.
        8 pub data_size_in: u32,
        /// Bytes at `data_out`; **0 is no limit**. Written back: bytes that there were (`ENOSPC` when
        /// that was more).
        12 pub data_size_out: u32,
        /// Address of the packet, or 0.
        16 pub data_in: u64,
        /// Address that the packet is written to afterwards, or 0.
        24 pub data_out: u64,
        /// Runs; 0 is 1.
        32 pub repeat: u32,
        /// Written back: nanoseconds of one run, on average.
        36 pub duration: u32,
        /// Bytes at `ctx_in` (Linux 5.2).
        40 pub ctx_size_in: u32,
        /// Bytes at `ctx_out`. Written back: bytes that there were (`ENOSPC` when that was more)
        /// (Linux 5.2).
        44 pub ctx_size_out: u32,
        /// Address of the context, or 0; its shape is the program type's (Linux 5.2).
        48 pub ctx_in: u64,
        /// Address that the context is written to afterwards, or 0 (Linux 5.2).
        56 pub ctx_out: u64,
        /// How to run it (Linux 5.10).
        64 pub flags: TestRunFlags,
        /// With [`RUN_ON_CPU`](TestRunFlags::RUN_ON_CPU): where (Linux 5.10).
        68 pub cpu: u32,
        /// With [`XDP_LIVE_FRAMES`](TestRunFlags::XDP_LIVE_FRAMES): packets that are run together,
        /// 256 at most; 0 is 64 (Linux 5.18).
        72 pub batch_size: u32,
        76 _zero: [u8; 4],
    }

    /// `BPF_PROG_QUERY` (Linux 4.15).
    #[doc(alias = "bpf_attr")]
    pub struct ProgQuery = "union bpf_attr.query", 64 bytes {
        /// Where, as in [`ProgAttach::target_fd`].
        0 pub target_fd: u32 | "target_ifindex",
        /// Which hook of the target.
        4 pub attach_type: AttachType,
        /// What to list.
        8 pub query_flags: ProgQueryFlags,
        /// Written back: how cgroup programs were attached. Zero beforehand.
        12 pub attach_flags: ProgAttachFlags,
        /// Address of an array of `u32` that the programs' ids are written to, or 0 to count.
        16 pub prog_ids: u64,
        /// Entries in each array; 0 to count. Written back: programs that there are (`ENOSPC` when
        /// that was more).
        24 pub prog_cnt: u32 | "count",
        28 _pad: [u8; 4],
        /// Address of an array of `u32` that each program's flags are written to, or 0 (after
        /// Linux 5.10, by 6.1). 0 with [`EFFECTIVE`](ProgQueryFlags::EFFECTIVE).
        32 pub prog_attach_flags: u64,
        /// Address of an array of `u32` that the links' ids are written to, 0 for a program without
        /// one; or 0 (Linux 6.6, for tcx and netkit).
        40 pub link_ids: u64,
        /// Address of an array of `u32` for each link's flags, or 0 (Linux 6.6, for tcx and netkit).
        48 pub link_attach_flags: u64,
        /// Written back: a number that every change here moves on (Linux 6.6; for cgroups after 6.12,
        /// by 6.18).
        56 pub revision: u64,
    }

    /// `BPF_PROG_GET_FD_BY_ID` (Linux 4.13).
    #[doc(alias = "bpf_attr")]
    pub struct ProgGetFdById = "union bpf_attr", 8 bytes {
        /// The program's id.
        0 pub prog_id: u32,
        4 _zero: [u8; 4],
    }

    /// `BPF_PROG_BIND_MAP` (Linux 5.10).
    #[doc(alias = "bpf_attr")]
    pub struct ProgBindMap = "union bpf_attr.prog_bind_map", 16 bytes {
        /// The program.
        0 pub prog_fd: u32,
        /// The map that lives as long as the program.
        4 pub map_fd: u32,
        /// Zero.
        8 pub flags: u32,
        12 _zero: [u8; 4],
    }

    /// `BPF_PROG_STREAM_READ_BY_FD` (Linux 6.17).
    #[doc(alias = "bpf_attr")]
    pub struct ProgStreamRead = "union bpf_attr.prog_stream_read", 24 bytes {
        /// Address of the buffer.
        0 pub stream_buf: u64,
        /// Bytes at `stream_buf`.
        8 pub stream_buf_len: u32,
        /// Which of the program's streams.
        12 pub stream_id: StreamId,
        /// The program.
        16 pub prog_fd: u32,
        20 _zero: [u8; 4],
    }

    /// `BPF_PROG_ASSOC_STRUCT_OPS` (Linux 6.19 or 7.0).
    #[doc(alias = "bpf_attr")]
    pub struct ProgAssocStructOps = "union bpf_attr.prog_assoc_struct_ops", 16 bytes {
        /// A map of type [`STRUCT_OPS`](crate::uapi::MapType::STRUCT_OPS).
        0 pub map_fd: u32,
        /// The program, itself not of that type, that will know the map.
        4 pub prog_fd: u32,
        /// Zero.
        8 pub flags: u32,
        12 _zero: [u8; 4],
    }
}

impl ProgLoad {
    /// The `insn_cnt` instructions at `insns`, under the license at `license`, without a log.
    #[must_use]
    pub const fn new(prog_type: ProgType, insns: u64, insn_cnt: u32, license: u64) -> Self {
        Self { prog_type, insn_cnt, insns, license, ..Self::zeroed() }
    }
}

impl ProgAttach {
    /// Attaches, or detaches, `attach_bpf_fd` at the hook `attach_type` of `target_fd`.
    #[must_use]
    pub const fn new(target_fd: u32, attach_bpf_fd: u32, attach_type: AttachType) -> Self {
        Self { target_fd, attach_bpf_fd, attach_type, ..Self::zeroed() }
    }
}

impl ProgTestRun {
    /// Runs `prog_fd` on nothing; set the public fields for what its kind needs.
    #[must_use]
    pub const fn new(prog_fd: u32) -> Self {
        Self { prog_fd, ..Self::zeroed() }
    }
}

impl ProgQuery {
    /// Counts what is attached at the hook `attach_type` of `target_fd`.
    #[must_use]
    pub const fn new(target_fd: u32, attach_type: AttachType) -> Self {
        Self { target_fd, attach_type, ..Self::zeroed() }
    }
}

impl ProgGetFdById {
    /// Opens the program `prog_id`.
    #[must_use]
    pub const fn new(prog_id: u32) -> Self {
        Self { prog_id, ..Self::zeroed() }
    }
}

impl ProgBindMap {
    /// Binds `map_fd` to `prog_fd`.
    #[must_use]
    pub const fn new(prog_fd: u32, map_fd: u32) -> Self {
        Self { prog_fd, map_fd, ..Self::zeroed() }
    }
}

impl ProgStreamRead {
    /// Reads the stream `stream_id` of `prog_fd` into the `stream_buf_len` bytes at `stream_buf`.
    #[must_use]
    pub const fn new(
        prog_fd: u32,
        stream_id: StreamId,
        stream_buf: u64,
        stream_buf_len: u32,
    ) -> Self {
        Self { stream_buf, stream_buf_len, stream_id, prog_fd, ..Self::zeroed() }
    }
}

impl ProgAssocStructOps {
    /// Makes `map_fd` known to `prog_fd`.
    #[must_use]
    pub const fn new(map_fd: u32, prog_fd: u32) -> Self {
        Self { map_fd, prog_fd, ..Self::zeroed() }
    }
}

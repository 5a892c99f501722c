//! The arms that BTF objects read.

use crate::uapi::{BtfLoadFlags, BtfOpenFlags};

kernel_struct! {
    /// `BPF_BTF_LOAD` (Linux 4.18).
    #[doc(alias = "bpf_attr")]
    pub struct BtfLoad = "union bpf_attr", 40 bytes {
        /// Address of the BTF, header first.
        0 pub btf: u64,
        /// Address of the log, or 0.
        8 pub btf_log_buf: u64,
        /// Bytes at `btf`, 16 MiB at most.
        16 pub btf_size: u32,
        /// Bytes at `btf_log_buf`.
        20 pub btf_log_size: u32,
        /// How much the log says; 0 is nothing, and then there must be no log.
        24 pub btf_log_level: u32,
        /// Written back, if the log was begun: bytes that the whole log takes, with the final NUL
        /// (Linux 6.4).
        28 pub btf_log_true_size: u32,
        /// Whether `btf_token_fd` counts (Linux 6.9).
        32 pub btf_flags: BtfLoadFlags,
        /// With [`TOKEN_FD`](BtfLoadFlags::TOKEN_FD): a token that permits this (Linux 6.9).
        36 pub btf_token_fd: i32,
    }

    /// `BPF_BTF_GET_FD_BY_ID` (Linux 4.18).
    #[doc(alias = "bpf_attr")]
    pub struct BtfGetFdById = "union bpf_attr", 16 bytes {
        /// The BTF object's id.
        0 pub btf_id: u32,
        4 _pad: [u8; 4],
        /// Whether `fd_by_id_token_fd` counts (after Linux 6.12, by 6.18).
        8 pub open_flags: BtfOpenFlags,
        /// With [`TOKEN_FD`](BtfOpenFlags::TOKEN_FD): a token that permits this (after Linux 6.12,
        /// by 6.18).
        12 pub fd_by_id_token_fd: i32,
    }
}

impl BtfLoad {
    /// Loads the `btf_size` bytes at `btf`, without a log.
    #[must_use]
    pub const fn new(btf: u64, btf_size: u32) -> Self {
        Self { btf, btf_size, ..Self::zeroed() }
    }
}

impl BtfGetFdById {
    /// Opens the BTF object `btf_id`.
    #[must_use]
    pub const fn new(btf_id: u32) -> Self {
        Self { btf_id, ..Self::zeroed() }
    }
}

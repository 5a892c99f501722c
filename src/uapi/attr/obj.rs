//! The arms that are for objects of every kind, and those for none.

use crate::uapi::{ObjFlags, StatsType};

kernel_struct! {
    /// `BPF_OBJ_PIN`, `BPF_OBJ_GET` (Linux 4.4).
    #[doc(alias = "bpf_attr")]
    pub struct Obj = "union bpf_attr", 24 bytes {
        /// Address of the path, NUL-terminated.
        0 pub pathname: u64,
        /// The object to pin; zero to open one.
        8 pub bpf_fd: u32,
        /// How to open it, and whether `path_fd` counts.
        12 pub file_flags: ObjFlags,
        /// With [`PATH_FD`](ObjFlags::PATH_FD): the directory that a relative path begins in
        /// (Linux 6.5); otherwise zero.
        16 pub path_fd: i32,
        20 _zero: [u8; 4],
    }

    /// `BPF_PROG_GET_NEXT_ID`, `BPF_MAP_GET_NEXT_ID` (Linux 4.13), `BPF_BTF_GET_NEXT_ID` (Linux 5.4),
    /// `BPF_LINK_GET_NEXT_ID` (Linux 5.8).
    #[doc(alias = "bpf_attr")]
    pub struct GetNextId = "union bpf_attr", 8 bytes {
        /// The id to go on from; 0 for the first one. Below 2³¹ − 1.
        0 pub start_id: u32,
        /// Written back: the next id in use.
        4 pub next_id: u32,
    }

    /// `BPF_OBJ_GET_INFO_BY_FD` (Linux 4.13).
    #[doc(alias = "bpf_attr")]
    pub struct ObjGetInfoByFd = "union bpf_attr.info", 16 bytes {
        /// The program, map, BTF object, link or token.
        0 pub bpf_fd: u32,
        /// Bytes at `info`, a page at most. Written back: the smaller of that and what this kernel has.
        4 pub info_len: u32,
        /// Address of the info struct for that kind of object. Bytes that the kernel does not know
        /// must be zero; some that it does know say where names and arrays go.
        8 pub info: u64,
    }

    /// `BPF_ENABLE_STATS` (Linux 5.8).
    #[doc(alias = "bpf_attr")]
    pub struct EnableStats = "union bpf_attr.enable_stats", 8 bytes {
        /// What to count while the new descriptor is open.
        0 pub r#type: StatsType = "type",
        4 _zero: [u8; 4],
    }

    /// `BPF_TOKEN_CREATE` (Linux 6.9).
    #[doc(alias = "bpf_attr")]
    pub struct TokenCreate = "union bpf_attr.token_create", 8 bytes {
        /// Zero.
        0 pub flags: u32,
        /// The root of a bpffs that was mounted with delegation.
        4 pub bpffs_fd: u32,
    }
}

impl Obj {
    /// Pins `bpf_fd` at the path that is at `pathname`.
    #[must_use]
    pub const fn pin(pathname: u64, bpf_fd: u32) -> Self {
        Self { pathname, bpf_fd, ..Self::zeroed() }
    }

    /// Opens what is pinned at the path that is at `pathname`.
    #[must_use]
    pub const fn get(pathname: u64) -> Self {
        Self { pathname, ..Self::zeroed() }
    }
}

impl GetNextId {
    /// Finds the id after `start_id`.
    #[must_use]
    pub const fn new(start_id: u32) -> Self {
        Self { start_id, ..Self::zeroed() }
    }
}

impl ObjGetInfoByFd {
    /// Writes what is known about `bpf_fd` to `info`, `info_len` bytes at most.
    #[must_use]
    pub const fn new(bpf_fd: u32, info: u64, info_len: u32) -> Self {
        Self { bpf_fd, info_len, info }
    }
}

impl EnableStats {
    /// Counts `type`.
    #[must_use]
    pub const fn new(r#type: StatsType) -> Self {
        Self { r#type, ..Self::zeroed() }
    }
}

impl TokenCreate {
    /// A token of what `bpffs_fd` delegates.
    #[must_use]
    pub const fn new(bpffs_fd: u32) -> Self {
        Self { bpffs_fd, ..Self::zeroed() }
    }
}

//! The arms that maps read.

use crate::uapi::{MapBatchFlags, MapCreateFlags, MapElemFlags, MapOpenFlags, MapType};

kernel_struct! {
    /// `BPF_MAP_CREATE` (Linux 3.18).
    #[doc(alias = "bpf_attr")]
    pub struct MapCreate = "union bpf_attr", 96 bytes {
        /// What kind of map it is.
        0 pub map_type: MapType,
        /// Bytes in a key; 0 where the type has no keys, such as queues and ring buffers.
        4 pub key_size: u32,
        /// Bytes in a value; 0 where the type has no values.
        8 pub value_size: u32,
        /// Elements at most; bytes for a ring buffer, pages for an arena.
        12 pub max_entries: u32,
        /// How to make it; each type accepts its own.
        16 pub map_flags: MapCreateFlags,
        /// For maps of maps: a map like those that will be inside (Linux 4.12). 0 is a descriptor here.
        20 pub inner_map_fd: u32,
        /// With [`NUMA_NODE`](MapCreateFlags::NUMA_NODE): the memory node (Linux 4.14).
        24 pub numa_node: u32,
        /// Up to 15 of `A-Z a-z 0-9 _ .` and a NUL; empty for none.
        28 pub map_name: [u8; 16],
        /// The network device that holds the map, or 0.
        44 pub map_ifindex: u32,
        /// The BTF object of the next two; looked at when one of them is not 0. 0 is a descriptor here.
        48 pub btf_fd: u32,
        /// The key's type id in `btf_fd`, or 0.
        52 pub btf_key_type_id: u32,
        /// The value's type id in `btf_fd`, or 0.
        56 pub btf_value_type_id: u32,
        /// For [`STRUCT_OPS`](MapType::STRUCT_OPS): the id, in the kernel's BTF, of the struct that
        /// a value is. The two above are then 0.
        60 pub btf_vmlinux_value_type_id: u32,
        /// A bloom filter's number of hash functions, 1 to 15, 0 for 5; an arena's address in user
        /// space, page-aligned; the size that an [`RHASH`](MapType::RHASH) begins with, 65535 at
        /// most. 0 for the rest.
        64 pub map_extra: u64,
        /// With [`VTYPE_BTF_OBJ_FD`](MapCreateFlags::VTYPE_BTF_OBJ_FD): the module's BTF object that
        /// `btf_vmlinux_value_type_id` counts in (Linux 6.9).
        72 pub value_type_btf_obj_fd: i32,
        /// With [`TOKEN_FD`](MapCreateFlags::TOKEN_FD): a token that permits this (Linux 6.9).
        76 pub map_token_fd: i32,
        /// Address of the SHA-256 of the one program that may use the map, or 0 (after Linux 6.12,
        /// by 6.18).
        80 pub excl_prog_hash: u64,
        /// Bytes at `excl_prog_hash`: 32, or 0 (after Linux 6.12, by 6.18).
        88 pub excl_prog_hash_size: u32,
        92 _zero: [u8; 4],
    }

    /// `BPF_MAP_LOOKUP_ELEM`, `BPF_MAP_UPDATE_ELEM`, `BPF_MAP_DELETE_ELEM` (Linux 3.18),
    /// `BPF_MAP_LOOKUP_AND_DELETE_ELEM` (Linux 4.20).
    ///
    /// To delete, `value` and `flags` must be 0; [`MapDeleteElem`] has neither.
    #[doc(alias = "bpf_attr")]
    pub struct MapElem = "union bpf_attr", 32 bytes {
        /// The map.
        0 pub map_fd: u32,
        4 _pad: [u8; 4],
        /// Address of the key, `key_size` bytes; 0 for queues, stacks and bloom filters.
        8 pub key: u64,
        /// Address of the value: `value_size` bytes; for a per-CPU map, that rounded up to 8, times
        /// the possible CPUs, unless `flags` names one CPU.
        16 pub value: u64,
        /// When to update, and how.
        24 pub flags: MapElemFlags,
    }

    /// `BPF_MAP_DELETE_ELEM` (Linux 3.18).
    #[doc(alias = "bpf_attr")]
    pub struct MapDeleteElem = "union bpf_attr", 16 bytes {
        /// The map.
        0 pub map_fd: u32,
        4 _pad: [u8; 4],
        /// Address of the key, `key_size` bytes.
        8 pub key: u64,
    }

    /// `BPF_MAP_GET_NEXT_KEY` (Linux 3.18).
    #[doc(alias = "bpf_attr")]
    pub struct MapGetNextKey = "union bpf_attr", 24 bytes {
        /// The map.
        0 pub map_fd: u32,
        4 _pad: [u8; 4],
        /// Address of the key to go on from; 0 for the first one.
        8 pub key: u64,
        /// Address that the next key is written to, `key_size` bytes.
        16 pub next_key: u64,
    }

    /// `BPF_MAP_FREEZE` (Linux 5.2).
    #[doc(alias = "bpf_attr")]
    pub struct MapFreeze = "union bpf_attr", 8 bytes {
        /// The map.
        0 pub map_fd: u32,
        4 _zero: [u8; 4],
    }

    /// `BPF_MAP_LOOKUP_BATCH`, `BPF_MAP_LOOKUP_AND_DELETE_BATCH`, `BPF_MAP_UPDATE_BATCH`,
    /// `BPF_MAP_DELETE_BATCH` (Linux 5.6).
    #[doc(alias = "bpf_attr")]
    pub struct MapBatch = "union bpf_attr.batch", 56 bytes {
        /// To look up: address of where to go on from, or 0 for the beginning.
        0 pub in_batch: u64,
        /// To look up: address that the next `in_batch` is written to; `key_size` bytes, and 4 at
        /// least. It may be the same address.
        8 pub out_batch: u64,
        /// Address of the keys, one after the other.
        16 pub keys: u64,
        /// Address of the values, one after the other; 0 to delete.
        24 pub values: u64,
        /// Elements that `keys` and `values` hold. Written back, on most errors too: elements done.
        32 pub count: u32,
        /// The map.
        36 pub map_fd: u32,
        /// Which CPU, and whether the elements are locked one by one.
        40 pub elem_flags: MapBatchFlags,
        /// Zero.
        48 pub flags: u64,
    }

    /// `BPF_MAP_GET_FD_BY_ID` (Linux 4.13).
    #[doc(alias = "bpf_attr")]
    pub struct MapGetFdById = "union bpf_attr", 16 bytes {
        /// The map's id.
        0 pub map_id: u32,
        4 _pad: [u8; 4],
        /// How to open it: read-only or write-only (Linux 4.15).
        8 pub open_flags: MapOpenFlags,
        12 _zero: [u8; 4],
    }
}

impl MapCreate {
    /// A map of `max_entries` elements without name, flags or BTF.
    #[must_use]
    pub const fn new(map_type: MapType, key_size: u32, value_size: u32, max_entries: u32) -> Self {
        Self { map_type, key_size, value_size, max_entries, ..Self::zeroed() }
    }
}

impl MapElem {
    /// The element of `map_fd` whose key is at `key`; its value is read from, or written to, `value`.
    #[must_use]
    pub const fn new(map_fd: u32, key: u64, value: u64) -> Self {
        Self { map_fd, key, value, ..Self::zeroed() }
    }
}

impl MapDeleteElem {
    /// The element of `map_fd` whose key is at `key`.
    #[must_use]
    pub const fn new(map_fd: u32, key: u64) -> Self {
        Self { map_fd, key, ..Self::zeroed() }
    }
}

impl MapGetNextKey {
    /// Writes the key after the one at `key` to `next_key`.
    #[must_use]
    pub const fn new(map_fd: u32, key: u64, next_key: u64) -> Self {
        Self { map_fd, key, next_key, ..Self::zeroed() }
    }
}

impl MapFreeze {
    /// Freezes `map_fd`.
    #[must_use]
    pub const fn new(map_fd: u32) -> Self {
        Self { map_fd, ..Self::zeroed() }
    }
}

impl MapBatch {
    /// Up to `count` elements of `map_fd`, from the beginning.
    #[must_use]
    pub const fn new(map_fd: u32, keys: u64, values: u64, count: u32) -> Self {
        Self { map_fd, keys, values, count, ..Self::zeroed() }
    }
}

impl MapGetFdById {
    /// Opens the map `map_id`.
    #[must_use]
    pub const fn new(map_id: u32) -> Self {
        Self { map_id, ..Self::zeroed() }
    }
}

//! Maps: `BPF_MAP_*`.
//!
//! The kernel copies as many bytes of a key and of a value as the map has, however long the caller's
//! slice is. So these functions take a [`Map`], which knows, and refuse a slice of another length. Several
//! keys, and several values, stand one behind the other in one slice.
//!
//! ```no_run
//! use barebpf::uapi::{MapBatchFlags, MapElemFlags, MapType};
//! use barebpf::{Log, map::*};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // u32 → u64, ten elements.
//! let map = map_create(MapType::HASH, 4, 8, 10, &Options::default(), &mut Log::none())?;
//! for key in 0..10_u32 {
//!     let value = u64::from(key).to_ne_bytes();
//!     map_update_elem(&map, &key.to_ne_bytes(), &value, MapElemFlags::empty())?;
//! }
//! // Four at a time; 0 is the end. The place of the walk takes as much as a key.
//! let (mut keys, mut values, mut place) = ([0; 4 * 4], [0; 4 * 8], [0; 4]);
//! let mut cursor = Cursor::new(&mut place);
//! loop {
//!     match map_lookup_batch(&map, &mut cursor, &mut keys, &mut values, MapBatchFlags::empty())? {
//!         0 => break,
//!         count => println!("{:?} {:?}", &keys[..count * 4], &values[..count * 8]),
//!     }
//! }
//! # Ok(())
//! # }
//! ```

#![allow(unsafe_code)]

mod batch;
mod cpus;
mod elem;

use crate::fd::{BorrowedFd, OwnedFd};
use crate::info::obj_get_info_by_fd_map;
use crate::sys::{self, address, obj_name};
use crate::uapi::{
    self, Cmd, MapBatchFlags, MapCreateFlags, MapElemFlags, MapFreeze, MapGetFdById, MapOpenFlags,
    MapType,
};
use crate::{Errno, Log, Result};

pub use batch::{
    BatchError, Cursor, map_delete_batch, map_lookup_and_delete_batch, map_lookup_batch,
    map_update_batch,
};
pub use elem::{
    map_delete_elem, map_get_next_key, map_lookup_and_delete_elem, map_lookup_elem, map_update_elem,
};

use cpus::on_all_cpus;

/// The length of no slice.
const UNKNOWN: usize = usize::MAX;

/// A map's descriptor, with what its elements are.
#[derive(Debug)]
pub struct Map {
    fd: OwnedFd,
    map_type: MapType,
    key_size: u32,
    value_size: u32,
    /// Bytes that the kernel copies for a key; [`UNKNOWN`] if that is not known.
    key_len: usize,
    /// Bytes that the kernel copies for a value, unless flags name a CPU; [`UNKNOWN`] if that is not
    /// known.
    value_len: usize,
}

impl Map {
    /// Takes a descriptor that is a map, from [`obj_get`](crate::obj::obj_get) or
    /// [`map_get_fd_by_id`], and asks the kernel what its elements are.
    ///
    /// # Errors
    ///
    /// `fd` is closed then.
    ///
    ///  - [`INVAL`](Errno::INVAL): it is no map.
    pub fn from_fd(fd: OwnedFd) -> Result<Self> {
        let info = obj_get_info_by_fd_map(fd.as_fd())?;
        Ok(Self::new(fd, info.r#type, info.key_size, info.value_size))
    }

    // How long a value is, `bpf_map_value_size` in kernel/bpf/syscall.c says (5.10 to 7.2): on all CPUs
    // for the four types below, 4 for maps of descriptors, `value_size` for the rest. Maps of
    // descriptors are not made with another `value_size` than 4, and nothing changes a map's sizes
    // after it is made. The batch commands of hash tables count for themselves, and come to the same.
    // A type that is newer than this list may count in a new way.
    #[inline]
    fn new(fd: OwnedFd, map_type: MapType, key_size: u32, value_size: u32) -> Self {
        let (key_len, value_len) = match map_type {
            MapType::PERCPU_HASH
            | MapType::PERCPU_ARRAY
            | MapType::LRU_PERCPU_HASH
            | MapType::PERCPU_CGROUP_STORAGE => (key_size as usize, on_all_cpus(value_size)),
            MapType(..=LAST_TYPE) => (key_size as usize, value_size as usize),
            _ => (UNKNOWN, UNKNOWN),
        };
        Self { fd, map_type, key_size, value_size, key_len, value_len }
    }

    /// What kind of map it is.
    #[must_use]
    #[inline]
    pub const fn map_type(&self) -> MapType {
        self.map_type
    }

    /// `key_size`, as the map was made. 0 where there are no keys.
    #[must_use]
    #[inline]
    pub const fn key_size(&self) -> u32 {
        self.key_size
    }

    /// `value_size`, as the map was made.
    #[must_use]
    #[inline]
    pub const fn value_size(&self) -> u32 {
        self.value_size
    }

    /// How long a slice for one element's value is: `value_size`, but for a per-CPU map that rounded up
    /// to 8, times the CPUs that are possible on this machine.
    ///
    /// `None`: that is not known, and no function here reads or writes values of this map. Its type is
    /// newer than Linux 7.2, or it is a per-CPU map and `/sys/devices/system/cpu/possible` cannot be
    /// read. Mount sysfs before you make or open the map.
    #[must_use]
    #[inline]
    pub const fn value_len(&self) -> Option<usize> {
        if self.value_len == UNKNOWN { None } else { Some(self.value_len) }
    }

    /// Lends the descriptor.
    #[must_use]
    #[inline]
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Gives the descriptor away.
    #[must_use]
    pub fn into_fd(self) -> OwnedFd {
        self.fd
    }

    #[inline]
    fn raw(&self) -> u32 {
        self.fd.as_fd().as_attr()
    }

    /// How long a value is with these flags, of an element or of a batch: they have the same bits.
    ///
    /// One CPU's value, and one for all CPUs, are `value_size` long. Kernels without these two flags
    /// (before 7.0), and maps that are not per-CPU, refuse them, and write nothing. A flag that we do not
    /// know may be the next to change the length, so we refuse it as a kernel would that does not know
    /// it either.
    #[inline]
    fn value_len_with(&self, flags: u64) -> Result<usize> {
        const ONE: u64 = MapElemFlags::CPU.0 | MapElemFlags::ALL_CPUS.0;
        if flags & ELEM_FLAGS != flags & LOW_HALF {
            return Err(Errno::INVAL);
        }
        match self.value_len {
            UNKNOWN => Err(Errno::INVAL),
            _ if flags & ONE != 0 => Ok(self.value_size as usize),
            len => Ok(len),
        }
    }

    /// How many elements these slices hold: not 0, and no fraction.
    fn batch_count(&self, keys: &[u8], values: Option<(&[u8], usize)>) -> Result<u32> {
        let count = keys.len().checked_div(self.key_len).ok_or(Errno::INVAL)?;
        let fits = |len: usize, each: usize| count.checked_mul(each) == Some(len);
        if count == 0
            || !fits(keys.len(), self.key_len)
            || values.is_some_and(|(values, each)| !fits(values.len(), each))
        {
            return Err(Errno::INVAL);
        }
        u32::try_from(count).map_err(|_| Errno::TOOBIG)
    }
}

/// The newest type whose sizes we have seen to.
const LAST_TYPE: u32 = MapType::RHASH.0;

/// The flags' half of `flags`; a CPU's number stands in the other.
const LOW_HALF: u64 = u32::MAX as u64;

/// The flags whose sizes we have seen to.
const ELEM_FLAGS: u64 = MapElemFlags::NOEXIST.0
    | MapElemFlags::EXIST.0
    | MapElemFlags::LOCK.0
    | MapElemFlags::CPU.0
    | MapElemFlags::ALL_CPUS.0;

const _: () = assert!(
    MapElemFlags::CPU.0 == MapBatchFlags::CPU.0
        && MapElemFlags::ALL_CPUS.0 == MapBatchFlags::ALL_CPUS.0
);

/// What [`map_create`] takes besides the sizes. `Options::default()` is none of it.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Flags.
    pub flags: MapCreateFlags,
    /// The name that tools show: up to 15 of `A-Z a-z 0-9 _ .`.
    pub name: &'a str,
    /// For maps of maps: a map like those that will be inside (Linux 4.12).
    pub inner_map: Option<BorrowedFd<'a>>,
    /// The memory node; sets `BPF_F_NUMA_NODE` (Linux 4.14).
    pub numa_node: Option<u32>,
    /// The network device that holds the map, by index; 0 is none.
    pub ifindex: u32,
    /// The BTF object of the next three.
    pub btf: Option<BorrowedFd<'a>>,
    /// The key's type id in `btf`, or 0.
    pub btf_key_type_id: u32,
    /// The value's type id in `btf`, or 0.
    pub btf_value_type_id: u32,
    /// For a `struct_ops`: the id, in the kernel's BTF, of the struct that a value is.
    pub btf_vmlinux_value_type_id: u32,
    /// The module's BTF object that the id above counts in, when it is not vmlinux; sets
    /// `BPF_F_VTYPE_BTF_OBJ_FD` (Linux 6.9).
    pub value_type_btf: Option<BorrowedFd<'a>>,
    /// As in [`MapCreate::map_extra`](uapi::MapCreate::map_extra).
    pub map_extra: u64,
    /// A token that stands in for capabilities; sets `BPF_F_TOKEN_FD` (Linux 6.9).
    pub token: Option<BorrowedFd<'a>>,
    /// The SHA-256 of the one program that may use the map (after Linux 6.12, by 6.18).
    pub excl_prog_hash: Option<&'a [u8; 32]>,
}

crate::debug::debug_struct! { Options<'_> {
    flags, name as str, inner_map, numa_node, ifindex, btf, btf_key_type_id, btf_value_type_id,
    btf_vmlinux_value_type_id, value_type_btf, map_extra, token, excl_prog_hash
} }

/// `bpf(BPF_MAP_CREATE, { map_type, key_size, value_size, max_entries, … })`—makes a map.
///
/// When `log` has room, kernels from 7.2 on write a line there when a field is not valid; a type's own
/// checks and missing privileges stay silent. Older kernels are called without it
/// ([`sys::bpf_logged`]).
///
/// Since Linux 3.18.
///
/// # Errors
///
///  - [`INVAL`]: a type, a flag, a size or a name that this kernel does not have or that do not go
///    together; the log may say which.
///  - [`TOOBIG`]: the sizes are too large; or a field that this kernel does not know.
///  - [`PERM`]: the caller lacks `CAP_BPF` (or `CAP_NET_ADMIN`, by the type), and the token, if there is
///    one, does not permit it. Before Linux 5.11 also: `RLIMIT_MEMLOCK` is used up.
///  - [`BADF`]: a descriptor is not open.
///  - [`NOTSUPP`]: the types in the BTF do not suit the type of the map.
///  - [`NOMEM`], [`MFILE`], [`NFILE`], [`NOSPC`]: out of memory, descriptors or ids.
///
/// [`INVAL`]: Errno::INVAL
/// [`TOOBIG`]: Errno::TOOBIG
/// [`PERM`]: Errno::PERM
/// [`BADF`]: Errno::BADF
/// [`NOTSUPP`]: Errno::NOTSUPP
/// [`NOMEM`]: Errno::NOMEM
/// [`MFILE`]: Errno::MFILE
/// [`NFILE`]: Errno::NFILE
/// [`NOSPC`]: Errno::NOSPC
#[doc(alias = "BPF_MAP_CREATE")]
#[inline]
pub fn map_create(
    map_type: MapType,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    options: &Options<'_>,
    log: &mut Log<'_>,
) -> Result<Map> {
    let mut attr = uapi::MapCreate::new(map_type, key_size, value_size, max_entries);
    attr.map_flags = options.flags;
    attr.map_name = obj_name(options.name)?;
    if let Some(inner) = options.inner_map {
        attr.inner_map_fd = inner.as_attr();
    }
    if let Some(node) = options.numa_node {
        attr.numa_node = node;
        attr.map_flags |= MapCreateFlags::NUMA_NODE;
    }
    attr.map_ifindex = options.ifindex;
    if let Some(btf) = options.btf {
        attr.btf_fd = btf.as_attr();
    }
    attr.btf_key_type_id = options.btf_key_type_id;
    attr.btf_value_type_id = options.btf_value_type_id;
    attr.btf_vmlinux_value_type_id = options.btf_vmlinux_value_type_id;
    if let Some(btf) = options.value_type_btf {
        attr.value_type_btf_obj_fd = btf.as_raw_fd();
        attr.map_flags |= MapCreateFlags::VTYPE_BTF_OBJ_FD;
    }
    attr.map_extra = options.map_extra;
    if let Some(token) = options.token {
        attr.map_token_fd = token.as_raw_fd();
        attr.map_flags |= MapCreateFlags::TOKEN_FD;
    }
    if let Some(hash) = options.excl_prog_hash {
        attr.excl_prog_hash = address(hash);
        attr.excl_prog_hash_size = size_of_val(hash) as u32;
    }
    let fd = if log.is_none() {
        // SAFETY: `MapCreate` is the arm that this command reads; its one address is zero or a hash that is
        // borrowed past this call, which the kernel only reads.
        OwnedFd::from_sys(unsafe { sys::bpf_fd(Cmd::MAP_CREATE, &mut attr) }?)
    } else {
        // SAFETY: as above.
        let raw = unsafe { sys::bpf_logged(Cmd::MAP_CREATE, &mut attr, log) }?;
        // SAFETY: the kernel has just made it, and nobody else knows it.
        unsafe { OwnedFd::from_raw_fd(raw as i32) }?
    };
    Ok(Map::new(fd, map_type, key_size, value_size))
}

/// `bpf(BPF_MAP_FREEZE, { map_fd })`—forbids user space to change the map, for ever; programs still can.
///
/// Since Linux 5.2.
///
/// # Errors
///
///  - [`BUSY`](Errno::BUSY): it is being written to, or mapped for that; on older kernels (6.1) also: it is
///    frozen already.
///  - [`PERM`](Errno::PERM): the descriptor is read-only, or the map is frozen already; on older kernels
///    (6.1): the caller has not `CAP_BPF`.
///  - [`NOTSUPP`](Errno::NOTSUPP): a `struct_ops`, or values with a lock, a timer or pointers in them.
#[doc(alias = "BPF_MAP_FREEZE")]
#[inline]
pub fn map_freeze(map: BorrowedFd<'_>) -> Result<()> {
    let mut attr = MapFreeze::new(map.as_attr());
    // SAFETY: `MapFreeze` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf(Cmd::MAP_FREEZE, &mut attr) }.map(drop)
}

/// `bpf(BPF_MAP_GET_NEXT_ID, { start_id })`—finds the id of the next map after `start_id`; 0 is before
/// the first.
///
/// Since Linux 4.13.
///
/// # Errors
///
///  - [`NOENT`](Errno::NOENT): there is none; the walk is over.
///  - [`PERM`](Errno::PERM): the caller has not `CAP_SYS_ADMIN`.
///  - [`INVAL`](Errno::INVAL): `start_id` is 2³¹ − 1 or more.
#[doc(alias = "BPF_MAP_GET_NEXT_ID")]
#[inline]
pub fn map_get_next_id(start_id: u32) -> Result<u32> {
    // SAFETY: the command is one of those.
    unsafe { sys::next_id(Cmd::MAP_GET_NEXT_ID, start_id) }
}

/// `bpf(BPF_MAP_GET_FD_BY_ID, { map_id, open_flags })`—opens a map by its id.
///
/// [`Map::from_fd`] makes a [`Map`] of it.
///
/// Since Linux 4.13; `open_flags` since 4.15.
///
/// # Errors
///
///  - [`NOENT`](Errno::NOENT): no map has that id, any more.
///  - [`PERM`](Errno::PERM): the caller has not `CAP_SYS_ADMIN`.
///  - [`INVAL`](Errno::INVAL): flags that this kernel does not know, or that contradict each other.
///  - [`MFILE`](Errno::MFILE), [`NFILE`](Errno::NFILE): out of descriptors.
#[doc(alias = "BPF_MAP_GET_FD_BY_ID")]
#[inline]
pub fn map_get_fd_by_id(map_id: u32, open_flags: MapOpenFlags) -> Result<OwnedFd> {
    let mut attr = MapGetFdById::new(map_id);
    attr.open_flags = open_flags;
    // SAFETY: `MapGetFdById` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf_fd(Cmd::MAP_GET_FD_BY_ID, &mut attr) }.map(OwnedFd::from_sys)
}

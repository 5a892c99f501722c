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

use core::fmt;

use crate::fd::{BorrowedFd, OwnedFd};
use crate::info::obj_get_info_by_fd_map;
use crate::sys::{self, address, address_mut, obj_name};
use crate::uapi::{
    self, Cmd, CommonAttr, MapBatch, MapBatchFlags, MapCreateFlags, MapDeleteElem, MapElem,
    MapElemFlags, MapFreeze, MapGetFdById, MapGetNextKey, MapOpenFlags, MapType,
};
use crate::{Errno, Log, Result};

/// The length of no slice.
const UNKNOWN: usize = usize::MAX;

/// Where a map with a token of 4 bytes, a bucket's number, puts that: the least that a place takes.
const MIN_PLACE: usize = 4;

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

/// A value for each possible CPU.
#[cold]
fn on_all_cpus(value_size: u32) -> usize {
    let each = (value_size as usize).checked_next_multiple_of(8);
    let all = possible_cpus().and_then(|cpus| each?.checked_mul(cpus as usize));
    all.unwrap_or(UNKNOWN)
}

/// How many CPUs the kernel's `num_possible_cpus` counts; it never changes.
fn possible_cpus() -> Option<u32> {
    let fd = OwnedFd::from_sys(sys::open(c"/sys/devices/system/cpu/possible").ok()?);
    let mut list = CpuList::default();
    let mut buf = [0; 64];
    loop {
        let len = sys::read(fd.as_raw_fd(), &mut buf).ok()?;
        match buf.get(..len)? {
            [] => return list.count(),
            bytes => bytes.iter().try_for_each(|&byte| list.push(byte))?,
        }
    }
}

/// A list such as `0-3,8`, with a newline at its end, counted as it comes.
#[derive(Default)]
struct CpuList {
    count: u32,
    from: Option<u32>,
    number: Option<u32>,
    ended: bool,
}

impl CpuList {
    /// `None` where it is no such list.
    fn push(&mut self, byte: u8) -> Option<()> {
        match byte {
            _ if self.ended => return None,
            b'0'..=b'9' => {
                let digit = u32::from(byte.wrapping_sub(b'0'));
                self.number = Some(self.number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            }
            b'-' if self.from.is_none() => self.from = Some(self.number.take()?),
            b',' | b'\n' => {
                let last = self.number.take()?;
                let more = last.checked_sub(self.from.take().unwrap_or(last))?;
                self.count = self.count.checked_add(more)?.checked_add(1)?;
                self.ended = byte == b'\n';
            }
            _ => return None,
        }
        Some(())
    }

    fn count(&self) -> Option<u32> {
        self.ended.then_some(self.count)
    }
}

/// What [`map_create`] takes besides the sizes. `Options::default()` is none of it.
#[derive(Clone, Copy, Debug, Default)]
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

/// `bpf(BPF_MAP_CREATE, { map_type, key_size, value_size, max_entries, … })`—makes a map.
///
/// When `log` has room, kernels from 7.2 on write a line there when a field is not valid; a type's own
/// checks and missing privileges stay silent. Older kernels are called again without the log.
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
    if let Some(result) = create_logged(&mut attr, log) {
        return Ok(Map::new(result?, map_type, key_size, value_size));
    }
    // SAFETY: `MapCreate` is the arm that this command reads; its one address is zero or a hash that is
    // borrowed past this call, which the kernel only reads.
    let fd = unsafe { sys::bpf_fd(Cmd::MAP_CREATE, &mut attr) }?;
    Ok(Map::new(OwnedFd::from_sys(fd), map_type, key_size, value_size))
}

/// The same with a log. `None` if nothing came of that: no log is wanted, or this kernel knows no logs
/// for this command, or had nothing to write.
#[inline]
fn create_logged(attr: &mut uapi::MapCreate, log: &mut Log<'_>) -> Option<Result<OwnedFd>> {
    let (level, size, buf) = log.request();
    if size == 0 { None } else { create_with_log(attr, level, size, buf, log) }
}

#[cold]
fn create_with_log(
    attr: &mut uapi::MapCreate,
    level: u32,
    size: u32,
    buf: u64,
    log: &mut Log<'_>,
) -> Option<Result<OwnedFd>> {
    let mut common = CommonAttr::zeroed();
    (common.log_level, common.log_size, common.log_buf) = (level, size, buf);
    // SAFETY: `attr` is as in `map_create`; the log is `log`'s buffer with its length, which `log` holds
    // exclusively.
    let result = unsafe { sys::bpf_common(Cmd::MAP_CREATE, attr, &mut common) };
    log.true_size = common.log_true_size;
    match result {
        // Before 7.2 the command has another number, so nothing has happened. After, it does so again.
        Err(Errno::INVAL) if common.log_true_size == 0 => None,
        // SAFETY: the kernel has just made it, and nobody else knows it.
        Ok(raw) => Some(unsafe { OwnedFd::from_raw_fd(raw as i32) }),
        Err(errno) => Some(Err(errno)),
    }
}

/// A key goes in; a value goes in or out.
#[inline]
fn elem(cmd: Cmd, map: &Map, key: &[u8], value: u64, flags: MapElemFlags) -> Result<()> {
    if key.len() != map.key_len {
        return Err(Errno::INVAL);
    }
    let mut attr = MapElem::new(map.raw(), address(key), value);
    attr.flags = flags;
    // SAFETY: `MapElem` is the arm that these commands read. `key` has the map's length; our callers have
    // checked that of the value, which is borrowed past this call, exclusively where it is written.
    unsafe { sys::bpf(cmd, &mut attr) }.map(drop)
}

/// `bpf(BPF_MAP_LOOKUP_ELEM, { map_fd, key, value, flags })`—copies the value of `key` to `value`.
///
/// `key` is [`key_size`](Map::key_size) long, `value` [`value_len`](Map::value_len), or `value_size` when
/// `flags` name one CPU ([`on_cpu`](MapElemFlags::on_cpu), Linux 7.0). A queue or stack has no key: an
/// empty slice, and the element stays there. A bloom filter reads `value`, and answers by `Ok`, perhaps,
/// or `NOENT`, surely not. Maps of programs and maps give ids.
///
/// Since Linux 3.18; `flags` since 5.1.
///
/// # Errors
///
///  - [`NOENT`]: there is no such key; the queue or stack is empty.
///  - [`INVAL`]: `key` or `value` has another length; a flag that the map or this kernel does not take.
///  - [`PERM`]: the descriptor is write-only.
///  - [`RANGE`]: there is no such CPU.
///  - [`NOTSUPP`], [`OPNOTSUPP`]: user space cannot look into maps of this type.
///  - [`NOSPC`]: a map of sockets whose values are not 8 bytes long, to hold their cookies.
///  - [`NOMEM`]: no memory for the copies.
///
/// [`NOENT`]: Errno::NOENT
/// [`INVAL`]: Errno::INVAL
/// [`PERM`]: Errno::PERM
/// [`RANGE`]: Errno::RANGE
/// [`NOTSUPP`]: Errno::NOTSUPP
/// [`OPNOTSUPP`]: Errno::OPNOTSUPP
/// [`NOSPC`]: Errno::NOSPC
/// [`NOMEM`]: Errno::NOMEM
#[doc(alias = "BPF_MAP_LOOKUP_ELEM")]
#[inline]
pub fn map_lookup_elem(map: &Map, key: &[u8], value: &mut [u8], flags: MapElemFlags) -> Result<()> {
    if value.len() != map.value_len_with(flags.0)? {
        return Err(Errno::INVAL);
    }
    elem(Cmd::MAP_LOOKUP_ELEM, map, key, address_mut(value), flags)
}

/// `bpf(BPF_MAP_UPDATE_ELEM, { map_fd, key, value, flags })`—sets the value of `key`.
///
/// `key` and `value` are as long as for [`map_lookup_elem`]; with
/// [`ALL_CPUS`](MapElemFlags::ALL_CPUS) too (Linux 7.0), `value` is `value_size` long. Queues, stacks and
/// bloom filters have no key: an empty slice. Maps of programs, maps, events, sockets and cgroups take
/// the number of a descriptor, as `u32`.
///
/// Since Linux 3.18.
///
/// # Errors
///
///  - [`EXIST`]: the key exists, and `flags` say [`NOEXIST`](MapElemFlags::NOEXIST); no index of an
///    array can be new.
///  - [`NOENT`]: there is no such key, and `flags` say [`EXIST`](MapElemFlags::EXIST).
///  - [`TOOBIG`]: the map is full, or the array is not so long.
///  - [`NOSPC`]: the trie is full.
///  - [`INVAL`]: `key` or `value` has another length; a flag that the map or this kernel does not take;
///    or a value that does not suit the map.
///  - [`PERM`]: the descriptor is read-only, or the map is frozen.
///  - [`BADF`]: the value is no open descriptor.
///  - [`RANGE`]: there is no such CPU.
///  - [`BUSY`]: a program is at work at the same place; try again.
///  - [`NOTSUPP`], [`OPNOTSUPP`]: user space cannot change maps of this type.
///  - [`NOMEM`]: no memory for the element.
///
/// [`EXIST`]: Errno::EXIST
/// [`NOENT`]: Errno::NOENT
/// [`TOOBIG`]: Errno::TOOBIG
/// [`NOSPC`]: Errno::NOSPC
/// [`INVAL`]: Errno::INVAL
/// [`PERM`]: Errno::PERM
/// [`BADF`]: Errno::BADF
/// [`RANGE`]: Errno::RANGE
/// [`BUSY`]: Errno::BUSY
/// [`NOTSUPP`]: Errno::NOTSUPP
/// [`OPNOTSUPP`]: Errno::OPNOTSUPP
/// [`NOMEM`]: Errno::NOMEM
#[doc(alias = "BPF_MAP_UPDATE_ELEM")]
#[inline]
pub fn map_update_elem(map: &Map, key: &[u8], value: &[u8], flags: MapElemFlags) -> Result<()> {
    if value.len() != map.value_len_with(flags.0)? {
        return Err(Errno::INVAL);
    }
    elem(Cmd::MAP_UPDATE_ELEM, map, key, address(value), flags)
}

/// `bpf(BPF_MAP_DELETE_ELEM, { map_fd, key })`—takes an element out.
///
/// Since Linux 3.18.
///
/// # Errors
///
///  - [`NOENT`](Errno::NOENT): there is no such key.
///  - [`INVAL`](Errno::INVAL): `key` has another length; or elements of such a map, an array's or a
///    queue's, cannot be deleted.
///  - [`PERM`](Errno::PERM): the descriptor is read-only, or the map is frozen.
///  - [`BUSY`](Errno::BUSY): a program is at work at the same place; try again.
///  - [`NOTSUPP`](Errno::NOTSUPP), [`OPNOTSUPP`](Errno::OPNOTSUPP): user space cannot change maps of this
///    type.
#[doc(alias = "BPF_MAP_DELETE_ELEM")]
#[inline]
pub fn map_delete_elem(map: &Map, key: &[u8]) -> Result<()> {
    if key.len() != map.key_len {
        return Err(Errno::INVAL);
    }
    let mut attr = MapDeleteElem::new(map.raw(), address(key));
    // SAFETY: `MapDeleteElem` is the arm that this command reads; `key` has the map's length, and is
    // borrowed past this call, which only reads it.
    unsafe { sys::bpf(Cmd::MAP_DELETE_ELEM, &mut attr) }.map(drop)
}

/// `bpf(BPF_MAP_LOOKUP_AND_DELETE_ELEM, { map_fd, key, value, flags })`—copies the value of `key` to
/// `value` and takes the element out.
///
/// Of queues and stacks, whose key is an empty slice, this takes the next element.
///
/// Since Linux 4.20; hash tables, and `flags`, by 6.1.
///
/// # Errors
///
///  - [`NOENT`](Errno::NOENT): there is no such key; the queue or stack is empty.
///  - [`INVAL`](Errno::INVAL): `key` or `value` has another length; a flag that the map or this kernel
///    does not take.
///  - [`PERM`](Errno::PERM): the descriptor cannot do both, or the map is frozen.
///  - [`NOTSUPP`](Errno::NOTSUPP): maps of this type do not have it.
///  - [`BUSY`](Errno::BUSY): a program is at work at the same place; try again.
///  - [`NOMEM`](Errno::NOMEM): no memory for the copies.
#[doc(alias = "BPF_MAP_LOOKUP_AND_DELETE_ELEM")]
#[inline]
pub fn map_lookup_and_delete_elem(
    map: &Map,
    key: &[u8],
    value: &mut [u8],
    flags: MapElemFlags,
) -> Result<()> {
    if value.len() != map.value_len_with(flags.0)? {
        return Err(Errno::INVAL);
    }
    elem(Cmd::MAP_LOOKUP_AND_DELETE_ELEM, map, key, address_mut(value), flags)
}

/// `bpf(BPF_MAP_GET_NEXT_KEY, { map_fd, key, next_key })`—writes the key after `key` to `next_key`;
/// after `None`, the first.
///
/// A `key` that is not in the map, not any more perhaps, begins again with the first. Hash tables are
/// in no order, and one that changes meanwhile may show a key twice or never.
///
/// Since Linux 3.18; `None` since 4.12.
///
/// # Errors
///
///  - [`NOENT`](Errno::NOENT): `key` is the last one, or the map is empty.
///  - [`INVAL`](Errno::INVAL): a slice has not the key's length; or a queue or stack, which has no keys.
///  - [`PERM`](Errno::PERM): the descriptor is write-only.
///  - [`NOTSUPP`](Errno::NOTSUPP), [`OPNOTSUPP`](Errno::OPNOTSUPP): maps of this type cannot be walked.
///  - [`NOMEM`](Errno::NOMEM): no memory for the copies.
#[doc(alias = "BPF_MAP_GET_NEXT_KEY")]
#[inline]
pub fn map_get_next_key(map: &Map, key: Option<&[u8]>, next_key: &mut [u8]) -> Result<()> {
    if key.is_some_and(|key| key.len() != map.key_len) || next_key.len() != map.key_len {
        return Err(Errno::INVAL);
    }
    let key = key.map_or(0, address);
    let mut attr = MapGetNextKey::new(map.raw(), key, address_mut(next_key));
    // SAFETY: `MapGetNextKey` is the arm that this command reads; both slices have the key's length and
    // are borrowed past this call, `next_key`, which is written, exclusively.
    unsafe { sys::bpf(Cmd::MAP_GET_NEXT_KEY, &mut attr) }.map(drop)
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

/// How far a walk in batches has come.
///
/// What the kernel calls `in_batch` and `out_batch` are two moments of it.
#[derive(Debug)]
pub struct Cursor<'b> {
    place: &'b mut [u8],
    state: State,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Start,
    Inside,
    End,
}

impl<'b> Cursor<'b> {
    /// The beginning. `place` is where the kernel notes how far it is: as long as the map's keys, and
    /// 4 bytes at least.
    #[must_use]
    pub const fn new(place: &'b mut [u8]) -> Self {
        Self { place, state: State::Start }
    }

    /// Goes back to the beginning.
    pub const fn rewind(&mut self) {
        self.state = State::Start;
    }

    /// Whether the walk is over.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        matches!(self.state, State::End)
    }
}

/// `bpf(BPF_MAP_LOOKUP_BATCH, { in_batch, out_batch, keys, values, count, map_fd, elem_flags })`—copies
/// as many elements as fit into `keys` and `values`, and says how many; 0 at the end.
///
/// `keys` holds a whole number of keys, `values` as many values, each as long as for
/// [`map_lookup_elem`]. Fewer elements than fit are normal: hash tables are read by whole buckets. What
/// changes meanwhile may be missed or seen twice.
///
/// Since Linux 5.6; per-CPU arrays and maps of maps by 6.1.
///
/// # Errors
///
/// The walk can go on after each of these.
///
///  - [`NOSPC`]: a bucket of the hash table has more elements than fit: call again with larger slices.
///  - [`INVAL`]: the slices' lengths are not those of the same number of elements, one at least; the
///    cursor's place is too short; or a flag that the map or this kernel does not take.
///  - [`AGAIN`]: the element of an [`RHASH`](MapType::RHASH) that was next is gone:
///    [`rewind`](Cursor::rewind).
///  - [`INTR`]: keys vanished faster than they could be read (before 6.1): call again.
///  - [`BUSY`]: a program is at work at the same place: call again.
///  - [`PERM`]: the descriptor is write-only.
///  - [`RANGE`]: there is no such CPU.
///  - [`NOTSUPP`]: maps of this type have no batches.
///  - [`NOMEM`]: no memory for the copies.
///
/// [`NOSPC`]: Errno::NOSPC
/// [`INVAL`]: Errno::INVAL
/// [`AGAIN`]: Errno::AGAIN
/// [`INTR`]: Errno::INTR
/// [`BUSY`]: Errno::BUSY
/// [`PERM`]: Errno::PERM
/// [`RANGE`]: Errno::RANGE
/// [`NOTSUPP`]: Errno::NOTSUPP
/// [`NOMEM`]: Errno::NOMEM
#[doc(alias = "BPF_MAP_LOOKUP_BATCH")]
#[inline]
pub fn map_lookup_batch(
    map: &Map,
    cursor: &mut Cursor<'_>,
    keys: &mut [u8],
    values: &mut [u8],
    flags: MapBatchFlags,
) -> Result<usize> {
    read_batch(Cmd::MAP_LOOKUP_BATCH, map, cursor, keys, values, flags)
}

/// `bpf(BPF_MAP_LOOKUP_AND_DELETE_BATCH, { in_batch, out_batch, keys, values, count, map_fd, elem_flags })`—
/// as [`map_lookup_batch`], and takes the elements out.
///
/// Hash tables only.
///
/// Since Linux 5.6.
///
/// # Errors
///
/// As [`map_lookup_batch`]; [`PERM`](Errno::PERM) also when the descriptor is read-only, or the map is
/// frozen.
#[doc(alias = "BPF_MAP_LOOKUP_AND_DELETE_BATCH")]
#[inline]
pub fn map_lookup_and_delete_batch(
    map: &Map,
    cursor: &mut Cursor<'_>,
    keys: &mut [u8],
    values: &mut [u8],
    flags: MapBatchFlags,
) -> Result<usize> {
    read_batch(Cmd::MAP_LOOKUP_AND_DELETE_BATCH, map, cursor, keys, values, flags)
}

fn read_batch(
    cmd: Cmd,
    map: &Map,
    cursor: &mut Cursor<'_>,
    keys: &mut [u8],
    values: &mut [u8],
    flags: MapBatchFlags,
) -> Result<usize> {
    let count = map.batch_count(keys, Some((values, map.value_len_with(flags.0)?)))?;
    if cursor.place.len() < map.key_len.max(MIN_PLACE) {
        return Err(Errno::INVAL);
    }
    let place = address_mut(cursor.place);
    let mut attr = MapBatch::new(map.raw(), address_mut(keys), address_mut(values), count);
    attr.out_batch = place;
    attr.elem_flags = flags;
    match cursor.state {
        State::Start => {}
        State::Inside => attr.in_batch = place,
        State::End => return Ok(0),
    }
    // SAFETY: `MapBatch` is the arm that these commands read. `keys` and `values` have room for `count` of
    // each, and the place for a key or for a bucket's number, which is all that kernels note (5.10 to
    // 7.2); all three are exclusively ours.
    let result = unsafe { sys::bpf(cmd, &mut attr) };
    match result {
        Ok(_) => cursor.state = State::Inside,
        Err(Errno::NOENT) => cursor.state = State::End,
        // These come when the kernel has set the count to 0 already. If it is not 0, elements were
        // copied, even deleted; the reason, if it lasts, is there again at the next call.
        Err(Errno::BUSY | Errno::NOMEM | Errno::INTR) if attr.count != 0 => {
            cursor.state = State::Inside;
        }
        Err(errno) => return Err(errno),
    }
    Ok(attr.count.min(count) as usize)
}

/// What went wrong in the middle of a batch.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct BatchError {
    /// What the first element that was not done failed with.
    pub errno: Errno,
    /// How many were done before it.
    pub done: usize,
}

impl From<BatchError> for Errno {
    #[inline]
    fn from(error: BatchError) -> Self {
        error.errno
    }
}

impl From<Errno> for BatchError {
    #[inline]
    fn from(errno: Errno) -> Self {
        Self { errno, done: 0 }
    }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} after {} elements", self.errno, self.done)
    }
}

impl core::error::Error for BatchError {}

/// `bpf(BPF_MAP_UPDATE_BATCH, { keys, values, count, map_fd, elem_flags })`—sets the value of each key.
///
/// `keys` holds a whole number of keys, `values` as many values, each as long as for
/// [`map_update_elem`].
///
/// Since Linux 5.6.
///
/// # Errors
///
/// As [`map_update_elem`] for the first element that fails, with the number of those before it; and
///
///  - [`INVAL`](Errno::INVAL): the slices' lengths are not those of the same number of elements, one at
///    least.
///  - [`NOTSUPP`](Errno::NOTSUPP): maps of this type have no batches.
#[doc(alias = "BPF_MAP_UPDATE_BATCH")]
#[inline]
pub fn map_update_batch(
    map: &Map,
    keys: &[u8],
    values: &[u8],
    flags: MapBatchFlags,
) -> Result<(), BatchError> {
    let count = map.batch_count(keys, Some((values, map.value_len_with(flags.0)?)))?;
    let mut attr = MapBatch::new(map.raw(), address(keys), address(values), count);
    attr.elem_flags = flags;
    write_batch(Cmd::MAP_UPDATE_BATCH, attr)
}

/// `bpf(BPF_MAP_DELETE_BATCH, { keys, count, map_fd })`—takes the element of each key out.
///
/// Since Linux 5.6.
///
/// # Errors
///
/// As [`map_delete_elem`] for the first element that fails, with the number of those before it; and
///
///  - [`INVAL`](Errno::INVAL): `keys` does not hold a whole number of keys, one at least.
///  - [`NOTSUPP`](Errno::NOTSUPP): maps of this type have no batches.
#[doc(alias = "BPF_MAP_DELETE_BATCH")]
#[inline]
pub fn map_delete_batch(map: &Map, keys: &[u8]) -> Result<(), BatchError> {
    let count = map.batch_count(keys, None)?;
    write_batch(Cmd::MAP_DELETE_BATCH, MapBatch::new(map.raw(), address(keys), 0, count))
}

/// Called by the two functions above, with what they have checked.
fn write_batch(cmd: Cmd, mut attr: MapBatch) -> Result<(), BatchError> {
    let count = attr.count;
    // SAFETY: `MapBatch` is the arm that these commands read; the callers' slices hold `count` keys, and
    // values if they are read, and are borrowed past this call, which only reads them.
    match unsafe { sys::bpf(cmd, &mut attr) } {
        Ok(_) => Ok(()),
        // An early error leaves the count alone, and a later one makes it smaller.
        Err(errno) if attr.count == count => Err(errno.into()),
        Err(errno) => Err(BatchError { errno, done: attr.count as usize }),
    }
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

#[cfg(test)]
mod tests {
    use super::CpuList;

    fn count(text: &str) -> Option<u32> {
        let mut list = CpuList::default();
        text.bytes().try_for_each(|byte| list.push(byte))?;
        list.count()
    }

    #[test]
    fn lists_of_cpus_are_counted() {
        for (text, cpus) in [("0\n", 1), ("0-1\n", 2), ("0-3,8\n", 5), ("0,2,4-8191\n", 8190)] {
            assert_eq!(count(text), Some(cpus), "{text}");
        }
    }

    /// A count that is too small would let the kernel write past a slice.
    #[test]
    fn what_is_no_list_of_cpus_has_no_count() {
        for text in [
            "",
            "\n",
            "0",
            "0-",
            "0-\n",
            "-3\n",
            "0-1-2\n",
            "3-0\n",
            "0,\n",
            ",0\n",
            "0 \n",
            "0x3\n",
            "0\n1\n",
            "4294967296\n",
            "0-4294967295\n",
        ] {
            assert_eq!(count(text), None, "{text:?}");
        }
    }
}

//! One element at a time.

#![allow(unsafe_code)]

use super::Map;
use crate::sys::{self, address, address_mut};
use crate::uapi::{Cmd, MapDeleteElem, MapElem, MapElemFlags, MapGetNextKey};
use crate::{Errno, Result};

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

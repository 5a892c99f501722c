//! Many elements at a time.

#![allow(unsafe_code)]

use core::fmt;

use super::Map;
use crate::sys::{self, address, address_mut};
use crate::uapi::{Cmd, MapBatch, MapBatchFlags};
use crate::{Errno, Result};

/// Where a map with a token of 4 bytes, a bucket's number, puts that: the least that a place takes.
const MIN_PLACE: usize = 4;

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
/// [`map_lookup_elem`](super::map_lookup_elem). Fewer elements than fit are normal: hash tables are read
/// by whole buckets. What changes meanwhile may be missed or seen twice.
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
///  - [`AGAIN`]: the element of an [`RHASH`](crate::uapi::MapType::RHASH) that was next is gone:
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
    if cursor.state == State::Start {
        // No bucket has this number.
        cursor.place.fill(0xff);
    }
    let before = cursor.place.first_chunk::<MIN_PLACE>().copied();
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
        // The reason, if it lasts, is there again at the next call.
        Err(errno) => {
            let moved = cursor.place.first_chunk::<MIN_PLACE>().copied() != before;
            if !is_part(errno, count, attr.count, moved) {
                return Err(errno);
            }
            cursor.state = State::Inside;
        }
    }
    Ok(attr.count.min(count) as usize)
}

/// Whether a batch that failed has copied, or even deleted, elements all the same: `after` of the `count`
/// that were asked for.
///
/// The kernel sets the count to 0 once it has looked at the command, and to what it has done where one of
/// these errors breaks the walk off (5.6 to 7.2). Who fails the call before that, seccomp or a security
/// module, leaves it alone. As many as were asked for can only be a bucket that is busy behind the last
/// one that fits: then the place has moved.
const fn is_part(errno: Errno, count: u32, after: u32, moved: bool) -> bool {
    match errno {
        Errno::BUSY => after != 0 && (after < count || moved),
        Errno::NOMEM | Errno::INTR => after != 0 && after < count,
        _ => false,
    }
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
/// [`map_update_elem`](super::map_update_elem).
///
/// Since Linux 5.6.
///
/// # Errors
///
/// As [`map_update_elem`](super::map_update_elem) for the first element that fails, with the number of those
/// before it; and
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
/// As [`map_delete_elem`](super::map_delete_elem) for the first element that fails, with the number of those
/// before it; and
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

#[cfg(test)]
mod tests {
    use super::is_part;
    use crate::Errno;

    #[test]
    fn a_count_that_the_kernel_never_touched_is_no_part_of_a_batch() {
        for errno in [Errno::BUSY, Errno::NOMEM, Errno::INTR] {
            assert!(!is_part(errno, 8, 8, false), "{errno}");
            assert!(!is_part(errno, 1, 1, false), "{errno}");
            assert!(!is_part(errno, 8, 0, true), "{errno}");
            assert!(is_part(errno, 8, 3, true), "{errno}");
        }
        assert!(is_part(Errno::BUSY, 8, 8, true));
        assert!(!is_part(Errno::PERM, 8, 3, true));
    }
}

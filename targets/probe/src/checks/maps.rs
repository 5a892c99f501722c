//! A map: made, filled, read, and emptied, one element at a time and several at once (Linux 5.6).

use barebpf::map::{
    Cursor, Options, map_create, map_delete_batch, map_delete_elem, map_get_next_key,
    map_lookup_batch, map_lookup_elem, map_update_batch, map_update_elem,
};
use barebpf::uapi::{MapBatchFlags, MapElemFlags, MapType};
use barebpf::{Errno, Log};

use super::{Failed, First, Name, World, call};

/// Elements, one more than there is room for at once when they are read back.
const COUNT: usize = 5;
const ROOM: usize = 4;

/// As many buckets as the map has room for elements, by a hash with a seed: with few of them, all five
/// are in one now and then, and what is in one is read at once or not at all.
const BUCKETS: u32 = 256;

static KEYS: [[u8; 4]; COUNT] = {
    let (mut keys, mut at) = ([[0; 4]; COUNT], 0);
    while at < COUNT {
        keys[at] = (at as u32).to_le_bytes();
        at += 1;
    }
    keys
};

/// A value for each key.
static VALUES: [[u8; 8]; COUNT] = {
    let (mut values, mut at) = ([[0; 8]; COUNT], 0);
    while at < COUNT {
        values[at] = ((at as u64) << 32 | 0x5a).to_le_bytes();
        at += 1;
    }
    values
};

/// Does all that.
///
/// # Errors
///
/// The first call that fails, or gives something else than what went in.
#[inline(never)]
pub fn check(world: &mut impl World) -> Result<(), Failed> {
    let any = MapElemFlags::empty();
    let batch = MapBatchFlags::empty();
    let map = map_create(MapType::HASH, 4, 8, BUCKETS, &Options::default(), &mut Log::none())
        .map_err(call(Name::MAP_CREATE))?;

    let mut first = First::default();
    let [_, key, ..] = &KEYS;
    let [other, value, ..] = &VALUES;
    let (mut read, mut next) = ([0; 8], [0; 4]);
    first.ok(Name::MAP_UPDATE_ELEM, map_update_elem(&map, key, value, any));
    let again = map_update_elem(&map, key, other, MapElemFlags::NOEXIST);
    first.refused(Name::MAP_UPDATE_ELEM, again, Errno::EXIST);
    first.ok(Name::MAP_LOOKUP_ELEM, map_lookup_elem(&map, key, &mut read, any));
    first.holds(Name::MAP_LOOKUP_ELEM, read == *value);
    first.ok(Name::MAP_GET_NEXT_KEY, map_get_next_key(&map, None, &mut next));
    first.holds(Name::MAP_GET_NEXT_KEY, next == *key);
    first.ok(Name::MAP_DELETE_ELEM, map_delete_elem(&map, key));
    let gone = map_lookup_elem(&map, key, &mut read, any);
    first.refused(Name::MAP_LOOKUP_ELEM, gone, Errno::NOENT);

    let updated = map_update_batch(&map, KEYS.as_flattened(), VALUES.as_flattened(), batch);
    first.ok(Name::MAP_UPDATE_BATCH, updated.map_err(|error| error.errno).map(drop));
    let mut place = [0; 4];
    let mut cursor = Cursor::new(&mut place);
    let (mut keys_read, mut values_read) = ([[0; 4]; ROOM], [[0; 8]; ROOM]);
    let (mut seen, mut calls) = (0_u32, 0_u32);
    while !cursor.is_at_end() && calls < 16 {
        let (into, values) = (keys_read.as_flattened_mut(), values_read.as_flattened_mut());
        let count = map_lookup_batch(&map, &mut cursor, into, values, batch)
            .map_err(call(Name::MAP_LOOKUP_BATCH))?;
        for (key, value) in keys_read.iter().zip(&values_read).take(count) {
            let at = usize::from(key[0]);
            let right = KEYS.get(at) == Some(key) && VALUES.get(at) == Some(value);
            first.holds(Name::MAP_LOOKUP_BATCH, right && seen >> at & 1 == 0);
            seen |= 1 << (at & 31);
        }
        calls = calls.wrapping_add(1);
    }
    first.holds(Name::MAP_LOOKUP_BATCH, seen == (1 << COUNT) - 1);

    let deleted = map_delete_batch(&map, KEYS.as_flattened());
    first.ok(Name::MAP_DELETE_BATCH, deleted.map_err(|error| error.errno).map(drop));
    let empty = map_get_next_key(&map, None, &mut next);
    first.refused(Name::MAP_GET_NEXT_KEY, empty, Errno::NOENT);
    let template = "map: one element in and out; # by batch, read in # calls";
    first.say(world, template, &[COUNT as u32, calls]);
    first.result()
}

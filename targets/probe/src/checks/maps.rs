//! A map: made, filled, read, and emptied, one element at a time and several at once (Linux 5.6).

use barebpf::map::{
    Cursor, Options, map_create, map_delete_batch, map_delete_elem, map_get_next_key,
    map_lookup_batch, map_lookup_elem, map_update_batch, map_update_elem,
};
use barebpf::uapi::{MapBatchFlags, MapElemFlags, MapType};
use barebpf::{Errno, Log};

use super::{Failed, Name, World, call, holds, refused, say};

/// Elements, one more than there is room for at once when they are read back.
const COUNT: usize = 5;
const ROOM: usize = 4;

/// A value for each key.
fn value(key: u32) -> [u8; 8] {
    (u64::from(key) << 32 | 0x5a).to_le_bytes()
}

/// Does all that.
///
/// # Errors
///
/// The first call that fails, or gives something else than what went in.
#[inline(never)]
pub fn check(world: &mut impl World) -> Result<(), Failed> {
    let any = MapElemFlags::empty();
    let batch = MapBatchFlags::empty();
    let map = map_create(MapType::HASH, 4, 8, 8, &Options::default(), &mut Log::none())
        .map_err(call(Name::MAP_CREATE))?;

    let (key, mut read) = (7_u32.to_le_bytes(), [0; 8]);
    map_update_elem(&map, &key, &value(7), any).map_err(call(Name::MAP_UPDATE_ELEM))?;
    let again = map_update_elem(&map, &key, &value(8), MapElemFlags::NOEXIST);
    refused(Name::MAP_UPDATE_ELEM, again, Errno::EXIST)?;
    map_lookup_elem(&map, &key, &mut read, any).map_err(call(Name::MAP_LOOKUP_ELEM))?;
    holds(Name::MAP_LOOKUP_ELEM, read == value(7))?;
    let mut next = [0; 4];
    map_get_next_key(&map, None, &mut next).map_err(call(Name::MAP_GET_NEXT_KEY))?;
    holds(Name::MAP_GET_NEXT_KEY, next == key)?;
    map_delete_elem(&map, &key).map_err(call(Name::MAP_DELETE_ELEM))?;
    refused(Name::MAP_LOOKUP_ELEM, map_lookup_elem(&map, &key, &mut read, any), Errno::NOENT)?;

    let (mut keys, mut values) = ([[0; 4]; COUNT], [[0; 8]; COUNT]);
    for (at, (key, its)) in keys.iter_mut().zip(&mut values).enumerate() {
        (*key, *its) = ((at as u32).to_le_bytes(), value(at as u32));
    }
    map_update_batch(&map, keys.as_flattened(), values.as_flattened(), batch)
        .map_err(|error| call(Name::MAP_UPDATE_BATCH)(error.errno))?;

    let mut place = [0; 4];
    let mut cursor = Cursor::new(&mut place);
    let (mut keys_read, mut values_read) = ([[0; 4]; ROOM], [[0; 8]; ROOM]);
    let (mut seen, mut calls) = (0_u32, 0_u32);
    while !cursor.is_at_end() && calls < 16 {
        let (into, values) = (keys_read.as_flattened_mut(), values_read.as_flattened_mut());
        let count = match map_lookup_batch(&map, &mut cursor, into, values, batch) {
            Ok(count) => count,
            Err(errno) => return Err(call(Name::MAP_LOOKUP_BATCH)(errno)),
        };
        for (key, its) in keys_read.iter().zip(&values_read).take(count) {
            let key = u32::from_le_bytes(*key);
            holds(Name::MAP_LOOKUP_BATCH, *its == value(key) && seen >> (key & 31) & 1 == 0)?;
            seen |= 1 << (key & 31);
        }
        calls = calls.wrapping_add(1);
    }
    holds(Name::MAP_LOOKUP_BATCH, seen == (1 << COUNT) - 1)?;

    map_delete_batch(&map, keys.as_flattened())
        .map_err(|error| call(Name::MAP_DELETE_BATCH)(error.errno))?;
    refused(Name::MAP_GET_NEXT_KEY, map_get_next_key(&map, None, &mut next), Errno::NOENT)?;
    let template = "map: one element in and out; # by batch, read in # calls";
    say(world, template, &[seen.count_ones(), calls], &[]);
    Ok(())
}

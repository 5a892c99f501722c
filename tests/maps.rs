//! Maps of the main types, made and used for real; and no call touches a byte more than the caller's.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::arithmetic_side_effects)]
#![allow(clippy::panic, clippy::expect_used)]

mod common;

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;

use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info::{self, obj_get_info_by_fd_map};
use barebpf::map::{
    BatchError, Cursor, Map, Options, map_create, map_delete_batch, map_delete_elem, map_freeze,
    map_get_fd_by_id, map_get_next_id, map_get_next_key, map_lookup_and_delete_batch,
    map_lookup_and_delete_elem, map_lookup_batch, map_lookup_elem, map_update_batch,
    map_update_elem,
};
use barebpf::prog::prog_load;
use barebpf::uapi::insn::Insn;
use barebpf::uapi::{MapBatchFlags, MapCreateFlags, MapElemFlags, MapOpenFlags, MapType, ProgType};
use barebpf::{Errno, Log, Result};

const ANY: MapElemFlags = MapElemFlags::ANY;
const NONE: MapBatchFlags = MapBatchFlags(0);

/// A slice of a wanted length with 64 KiB behind it that must stay as they are.
struct Guarded {
    bytes: Vec<u8>,
    len: usize,
}

const CANARY: u8 = 0xa5;

impl Guarded {
    fn new(len: usize) -> Self {
        Self { bytes: vec![CANARY; len + 65536], len }
    }

    fn slice(&mut self) -> &mut [u8] {
        &mut self.bytes[..self.len]
    }

    /// What was written; nothing else was.
    fn whole(&self) -> &[u8] {
        let (inside, behind) = self.bytes.split_at(self.len);
        assert!(behind.iter().all(|&byte| byte == CANARY), "written past {} bytes", self.len);
        inside
    }
}

fn create(map_type: MapType, key: u32, value: u32, entries: u32) -> Map {
    with(map_type, key, value, entries, Options::default()).unwrap()
}

fn with(t: MapType, key: u32, value: u32, entries: u32, options: Options<'_>) -> Result<Map> {
    map_create(t, key, value, entries, &options, &mut Log::none())
}

fn set(map: &Map, key: &[u8], value: &[u8]) -> Result<()> {
    map_update_elem(map, key, value, ANY)
}

fn get(map: &Map, key: &[u8]) -> Result<Vec<u8>> {
    let mut value = Guarded::new(map.value_len().unwrap());
    let result = map_lookup_elem(map, key, value.slice(), ANY);
    let value = value.whole();
    if result.is_err() {
        assert!(value.iter().all(|&byte| byte == CANARY));
    }
    result.map(|()| value.to_vec())
}

fn take(map: &Map, key: &[u8]) -> Result<Vec<u8>> {
    let mut value = Guarded::new(map.value_len().unwrap());
    map_lookup_and_delete_elem(map, key, value.slice(), ANY)?;
    Ok(value.whole().to_vec())
}

fn keys(map: &Map) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    loop {
        let mut next = Guarded::new(map.key_size() as usize);
        match map_get_next_key(map, all.last().map(Vec::as_slice), next.slice()) {
            Ok(()) => all.push(next.whole().to_vec()),
            Err(errno) => {
                assert_eq!(errno, Errno::NOENT);
                return all;
            }
        }
    }
}

/// Privileged, and with as much locked memory as maps take on kernels before 5.11.
fn ready() -> bool {
    unsafe extern "C" {
        safe fn setrlimit(resource: i32, limit: &[u64; 2]) -> i32;
    }
    const MEMLOCK: i32 = 8;
    setrlimit(MEMLOCK, &[u64::MAX; 2]);
    common::privileged()
}

/// A map of a type that older kernels do not have.
fn newer(t: MapType, key: u32, value: u32, entries: u32, options: Options<'_>) -> Option<Map> {
    match with(t, key, value, entries, options) {
        Err(Errno::INVAL | Errno::TOOBIG) => {
            println!("this kernel has no such {t:?}");
            None
        }
        // 4 GiB of addresses, and their page tables.
        Err(Errno::NOMEM) if t == MapType::ARENA => {
            println!("this machine has no room for an arena");
            None
        }
        result => Some(result.unwrap()),
    }
}

/// The CPUs that the kernel counts for per-CPU values, from another place than the library has them.
fn cpus() -> usize {
    let text = std::fs::read_to_string("/sys/devices/system/cpu/possible").unwrap();
    text.trim().split(',').fold(0, |sum, range| {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        sum + last.parse::<usize>().unwrap() - first.parse::<usize>().unwrap() + 1
    })
}

fn borrow(fd: &impl AsRawFd) -> BorrowedFd<'_> {
    // SAFETY: it stays open for as long as the borrow.
    unsafe { BorrowedFd::borrow_raw(fd.as_raw_fd()) }
}

fn program() -> OwnedFd {
    let mut mov = Insn::zeroed();
    mov.code = 0xb7;
    let mut exit = Insn::zeroed();
    exit.code = 0x95;
    let options = barebpf::prog::Options::default();
    prog_load(ProgType::SOCKET_FILTER, &[mov, exit], c"GPL", &options, &mut Log::none()).unwrap()
}

/// Per-CPU values are of another length than `value_size`, in steps of 8.
#[test]
fn elements_are_made_read_changed_and_deleted_in_every_type_of_table() {
    if !ready() {
        return;
    }
    for (map_type, value_size) in [
        (MapType::HASH, 5),
        (MapType::LRU_HASH, 5),
        (MapType::PERCPU_HASH, 5),
        (MapType::PERCPU_HASH, 8),
        (MapType::LRU_PERCPU_HASH, 17),
        (MapType::ARRAY, 5),
        (MapType::PERCPU_ARRAY, 5),
        (MapType::PERCPU_ARRAY, 24),
        (MapType::LPM_TRIE, 5),
    ] {
        let is_array = matches!(map_type, MapType::ARRAY | MapType::PERCPU_ARRAY);
        let is_trie = map_type == MapType::LPM_TRIE;
        let is_percpu = map_type.name().unwrap().contains("PERCPU");
        let key_size = if is_array { 4 } else { 8 };
        let flags = if is_trie { MapCreateFlags::NO_PREALLOC } else { MapCreateFlags(0) };
        let options = Options { flags, ..Options::default() };
        let map = with(map_type, key_size, value_size, 16, options).unwrap();
        assert_eq!(
            (map.map_type(), map.key_size(), map.value_size()),
            (map_type, key_size, value_size)
        );
        let len = if is_percpu {
            value_size.next_multiple_of(8) as usize * cpus()
        } else {
            value_size as usize
        };
        assert_eq!(map.value_len(), Some(len), "{map_type:?}");

        // A trie's key begins with its length in bits.
        let key: &[u8] = match key_size {
            4 => &3_u32.to_ne_bytes(),
            _ => &[32, 0, 0, 0, 10, 0, 0, 1],
        };
        let value: Vec<u8> = (0..len).map(|at| (at % 100) as u8 + 1).collect();
        assert_eq!(set(&map, key, &value), Ok(()), "{map_type:?}");
        let found = get(&map, key).unwrap();
        let each = if is_percpu { value_size.next_multiple_of(8) } else { value_size } as usize;
        for (found, value) in found.chunks(each).zip(value.chunks(each)) {
            let size = value_size as usize;
            assert_eq!(found[..size], value[..size], "{map_type:?}");
        }
        assert_eq!(keys(&map).len(), if is_array { 16 } else { 1 }, "{map_type:?}");
        assert!(keys(&map).contains(&key.to_vec()));

        let again = map_update_elem(&map, key, &value, MapElemFlags::NOEXIST);
        // Tries did not look at these flags at first.
        let careless = is_trie && again == Ok(());
        assert!(careless || again == Err(Errno::EXIST), "{map_type:?}: {again:?}");
        assert_eq!(map_update_elem(&map, key, &value, MapElemFlags::EXIST), Ok(()));
        if is_array {
            assert_eq!(map_delete_elem(&map, key), Err(Errno::INVAL));
            assert_eq!(get(&map, &16_u32.to_ne_bytes()), Err(Errno::NOENT));
            assert_eq!(set(&map, &16_u32.to_ne_bytes(), &value), Err(Errno::TOOBIG));
            assert_eq!(take(&map, key), Err(Errno::NOTSUPP));
            continue;
        }
        assert_eq!(map_delete_elem(&map, key), Ok(()), "{map_type:?}");
        assert_eq!(map_delete_elem(&map, key), Err(Errno::NOENT));
        assert_eq!(get(&map, key), Err(Errno::NOENT));
        if !careless {
            let gone = map_update_elem(&map, key, &value, MapElemFlags::EXIST);
            assert_eq!(gone, Err(Errno::NOENT));
        }
        assert_eq!(keys(&map).len(), 0);
        set(&map, key, &value).unwrap();
        if is_trie {
            assert_eq!(take(&map, key), Err(Errno::NOTSUPP));
        } else {
            match take(&map, key) {
                Err(Errno::NOTSUPP) => println!("this kernel takes nothing out of hash tables"),
                taken => {
                    assert_eq!(taken.unwrap().len(), len);
                    assert_eq!(take(&map, key), Err(Errno::NOENT));
                }
            }
        }
    }
}

/// The other side of the length checks: were they missing, the kernel would write there.
#[test]
fn a_slice_of_another_length_is_refused_before_the_kernel_sees_it() {
    if !ready() {
        return;
    }
    for (map_type, key_size) in [(MapType::HASH, 8), (MapType::PERCPU_ARRAY, 4)] {
        let map = create(map_type, key_size, 16, 4);
        let (key_len, len) = (key_size as usize, map.value_len().unwrap());
        let key = vec![0; key_len];
        set(&map, &key, &vec![1; len]).unwrap();
        for wrong in [0, 1, len - 1, len + 1, 2 * len] {
            let mut value = Guarded::new(wrong);
            let value_is = |value: &Guarded| assert!(value.whole().iter().all(|&b| b == CANARY));
            assert_eq!(map_lookup_elem(&map, &key, value.slice(), ANY), Err(Errno::INVAL));
            value_is(&value);
            let taken = map_lookup_and_delete_elem(&map, &key, value.slice(), ANY);
            assert_eq!(taken, Err(Errno::INVAL));
            value_is(&value);
            assert_eq!(map_update_elem(&map, &key, value.slice(), ANY), Err(Errno::INVAL));
            let mut place = vec![0; key_len];
            let (mut one, mut cursor) = (Guarded::new(key_len), Cursor::new(&mut place));
            let read = map_lookup_batch(&map, &mut cursor, one.slice(), value.slice(), NONE);
            assert_eq!(read, Err(Errno::INVAL));
            value_is(&value);
            let early = Err(BatchError::from(Errno::INVAL));
            assert_eq!(map_update_batch(&map, &key, value.slice(), NONE), early);
        }
        for wrong in [0, key_len - 1, key_len + 1, 2 * key_len - 1] {
            let mut other = Guarded::new(wrong);
            let mut value = Guarded::new(len);
            let looked = map_lookup_elem(&map, other.slice(), value.slice(), ANY);
            assert_eq!(looked, Err(Errno::INVAL));
            assert_eq!(map_update_elem(&map, other.slice(), value.slice(), ANY), Err(Errno::INVAL));
            assert_eq!(map_delete_elem(&map, other.slice()), Err(Errno::INVAL));
            assert_eq!(map_get_next_key(&map, None, other.slice()), Err(Errno::INVAL));
            let mut next = Guarded::new(key_len);
            let from = Some(&*other.slice());
            assert_eq!(map_get_next_key(&map, from, next.slice()), Err(Errno::INVAL));
            let early = Err(BatchError::from(Errno::INVAL));
            assert_eq!(map_delete_batch(&map, other.slice()), early);
            other.whole();
            assert!(value.whole().iter().chain(next.whole()).all(|&byte| byte == CANARY));
        }
        // The place where the kernel notes how far it is.
        let (mut key, mut value) = (Guarded::new(key_len), Guarded::new(len));
        let mut place = Guarded::new(key_len - 1);
        let mut cursor = Cursor::new(place.slice());
        let read = map_lookup_batch(&map, &mut cursor, key.slice(), value.slice(), NONE);
        assert_eq!(read, Err(Errno::INVAL));
        assert!(place.whole().iter().all(|&byte| byte == CANARY));
    }
}

/// A bucket's number is 4 bytes, whatever the keys are.
#[test]
fn the_place_of_a_walk_is_four_bytes_at_least() {
    if !ready() {
        return;
    }
    let map = create(MapType::HASH, 1, 1, 4);
    set(&map, &[7], &[8]).unwrap();
    for (len, expected) in [(3, Err(Errno::INVAL)), (4, Ok(1))] {
        let (mut key, mut value, mut place) = (Guarded::new(4), Guarded::new(4), Guarded::new(len));
        let mut cursor = Cursor::new(place.slice());
        let read = map_lookup_batch(&map, &mut cursor, key.slice(), value.slice(), NONE);
        assert_eq!(read, expected);
        place.whole();
        if read.is_ok() {
            assert_eq!((key.whole()[0], value.whole()[0]), (7, 8));
        }
    }
}

#[test]
fn flags_that_are_not_known_here_never_reach_the_kernel() {
    if !ready() {
        return;
    }
    let map = create(MapType::PERCPU_ARRAY, 4, 4, 1);
    let (key, mut value) = ([0; 4], Guarded::new(map.value_len().unwrap()));
    for flags in [1 << 5, 1 << 31, 1 << 5 | MapElemFlags::CPU.0] {
        let looked = map_lookup_elem(&map, &key, value.slice(), MapElemFlags(flags));
        assert_eq!(looked, Err(Errno::INVAL));
    }
    // One CPU's value is 4 bytes, and kernels before 7.0 refuse the flag: either way no more is written.
    let mut one = Guarded::new(4);
    let flags = MapElemFlags::on_cpu(0);
    assert_eq!(map_lookup_elem(&map, &key, value.slice(), flags), Err(Errno::INVAL));
    match map_lookup_elem(&map, &key, one.slice(), flags) {
        Ok(()) => assert_eq!(one.whole(), [0; 4]),
        Err(errno) => assert_eq!(errno, Errno::INVAL),
    }
    for flags in [flags, MapElemFlags::ALL_CPUS] {
        match map_update_elem(&map, &key, &[1; 4], flags) {
            Ok(()) => assert_eq!(get(&map, &key).unwrap()[..4], [1; 4]),
            Err(errno) => assert_eq!(errno, Errno::INVAL),
        }
    }
    one.whole();
    value.whole();
}

#[test]
fn queues_give_the_oldest_stacks_the_newest_and_neither_has_keys() {
    if !ready() {
        return;
    }
    for (map_type, order) in [(MapType::QUEUE, [1, 2, 3]), (MapType::STACK, [3, 2, 1])] {
        let map = create(map_type, 0, 5, 3);
        assert_eq!(get(&map, &[]), Err(Errno::NOENT));
        assert_eq!(take(&map, &[]), Err(Errno::NOENT));
        for value in [1, 2, 3] {
            set(&map, &[], &[value; 5]).unwrap();
        }
        assert_eq!(set(&map, &[], &[4; 5]), Err(Errno::TOOBIG));
        assert_eq!(map_update_elem(&map, &[], &[4; 5], MapElemFlags::EXIST), Ok(()));
        let mut taken = vec![];
        while let Ok(value) = get(&map, &[]) {
            assert_eq!(take(&map, &[]).unwrap(), value);
            taken.push(value[0]);
        }
        // EXIST made room by dropping what would have come last or first.
        assert_eq!(taken.len(), 3, "{taken:?} {order:?}");
        assert!(taken.contains(&4));
        assert_eq!(map_delete_elem(&map, &[]), Err(Errno::INVAL));
        assert_eq!(map_get_next_key(&map, None, &mut []), Err(Errno::INVAL));
        assert_eq!(set(&map, &[0], &[4; 5]), Err(Errno::INVAL));
        for value in [1, 2, 3] {
            set(&map, &[], &[value; 5]).unwrap();
        }
        let taken = order.map(|_| take(&map, &[]).unwrap()[0]);
        assert_eq!(taken, order);
    }
}

#[test]
fn a_bloom_filter_knows_what_was_put_in() {
    if !ready() {
        return;
    }
    let Some(map) = newer(MapType::BLOOM_FILTER, 0, 5, 100, Options::default()) else { return };
    set(&map, &[], b"there").unwrap();
    assert_eq!(map_lookup_elem(&map, &[], &mut b"there".to_vec(), ANY), Ok(()));
    let surely_not = (0_u8..100)
        .filter(|&n| map_lookup_elem(&map, &[], &mut [n; 5], ANY) == Err(Errno::NOENT))
        .count();
    assert!(surely_not > 50, "{surely_not}");
    assert_eq!(map_delete_elem(&map, &[]), Err(Errno::OPNOTSUPP));
    assert_eq!(take(&map, &[]), Err(Errno::NOTSUPP));
}

#[test]
fn the_longest_prefix_wins() {
    if !ready() {
        return;
    }
    let flags = MapCreateFlags::NO_PREALLOC;
    let map = with(MapType::LPM_TRIE, 8, 1, 4, Options { flags, ..Options::default() }).unwrap();
    let key = |bits: u32, address: [u8; 4]| [bits.to_ne_bytes(), address].concat();
    set(&map, &key(8, [10, 0, 0, 0]), &[8]).unwrap();
    set(&map, &key(24, [10, 1, 2, 0]), &[24]).unwrap();
    assert_eq!(get(&map, &key(32, [10, 1, 2, 3])), Ok(vec![24]));
    assert_eq!(get(&map, &key(32, [10, 9, 9, 9])), Ok(vec![8]));
    assert_eq!(get(&map, &key(32, [11, 0, 0, 1])), Err(Errno::NOENT));
    assert_eq!(keys(&map).len(), 2);
    set(&map, &key(32, [10, 0, 0, 1]), &[0]).unwrap();
    set(&map, &key(32, [10, 0, 0, 2]), &[0]).unwrap();
    assert_eq!(set(&map, &key(32, [10, 0, 0, 3]), &[0]), Err(Errno::NOSPC));
}

#[test]
fn maps_of_maps_take_descriptors_and_give_ids() {
    if !ready() {
        return;
    }
    let inner = create(MapType::ARRAY, 4, 8, 2);
    let id = obj_get_info_by_fd_map(inner.as_fd()).unwrap().id;
    for map_type in [MapType::HASH_OF_MAPS, MapType::ARRAY_OF_MAPS] {
        let inner_map = Some(inner.as_fd());
        let map = with(map_type, 4, 4, 3, Options { inner_map, ..Options::default() }).unwrap();
        assert_eq!(map.value_len(), Some(4));
        let fd = inner.as_fd().as_raw_fd().to_ne_bytes();
        set(&map, &1_u32.to_ne_bytes(), &fd).unwrap();
        assert_eq!(get(&map, &1_u32.to_ne_bytes()), Ok(id.to_ne_bytes().to_vec()));
        let other = create(MapType::HASH, 4, 8, 2);
        let fd = other.as_fd().as_raw_fd().to_ne_bytes();
        assert_eq!(set(&map, &2_u32.to_ne_bytes(), &fd), Err(Errno::INVAL));
        assert_eq!(set(&map, &2_u32.to_ne_bytes(), &(-1_i32).to_ne_bytes()), Err(Errno::BADF));
        // In a batch, too.
        let (mut key, mut value, mut place) = (Guarded::new(12), Guarded::new(12), [0; 4]);
        let mut cursor = Cursor::new(&mut place);
        let read = map_lookup_batch(&map, &mut cursor, key.slice(), value.slice(), NONE);
        if read == Err(Errno::NOTSUPP) {
            println!("this kernel has no batches of {map_type:?}");
        } else {
            assert_eq!(read, Ok(1));
            assert_eq!(key.whole()[..4], 1_u32.to_ne_bytes());
            assert_eq!(value.whole()[..4], id.to_ne_bytes());
        }
        map_delete_elem(&map, &1_u32.to_ne_bytes()).unwrap();
        assert_eq!(
            with(map_type, 4, 8, 3, Options { inner_map, ..Options::default() }).err(),
            Some(Errno::INVAL)
        );
    }
}

#[test]
fn maps_of_programs_devices_cpus_and_cgroups_take_what_they_are_for() {
    if !ready() {
        return;
    }
    let zero = 0_u32.to_ne_bytes();

    let prog = program();
    let map = create(MapType::PROG_ARRAY, 4, 4, 1);
    set(&map, &zero, &prog.as_raw_fd().to_ne_bytes()).unwrap();
    assert_ne!(get(&map, &zero).unwrap(), [0; 4]);
    map_delete_elem(&map, &zero).unwrap();
    assert_eq!(get(&map, &zero), Err(Errno::NOENT));

    for (map_type, one) in [(MapType::DEVMAP, 1_u32), (MapType::DEVMAP_HASH, 1)] {
        for value_size in [4_u32, 8] {
            let map = create(map_type, 4, value_size, 1);
            let mut value = vec![0; value_size as usize];
            value[..4].copy_from_slice(&one.to_ne_bytes());
            set(&map, &zero, &value).unwrap();
            assert_eq!(get(&map, &zero).unwrap(), value);
        }
    }
    let map = create(MapType::CPUMAP, 4, 4, 1);
    set(&map, &zero, &192_u32.to_ne_bytes()).unwrap();
    assert_eq!(get(&map, &zero).unwrap(), 192_u32.to_ne_bytes());

    let map = create(MapType::XSKMAP, 4, 4, 1);
    assert_eq!(get(&map, &zero), Err(Errno::OPNOTSUPP));

    let map = create(MapType::CGROUP_ARRAY, 4, 4, 1);
    assert_eq!(set(&map, &zero, &(-1_i32).to_ne_bytes()), Err(Errno::BADF));
    match std::fs::File::open("/sys/fs/cgroup") {
        Ok(dir) if set(&map, &zero, &dir.as_raw_fd().to_ne_bytes()).is_ok() => {
            // User space cannot read them back.
            assert_eq!(get(&map, &zero), Err(Errno::NOTSUPP));
        }
        _ => println!("no v2 cgroups at /sys/fs/cgroup: not put into a map"),
    }

    let map = create(MapType::PERF_EVENT_ARRAY, 4, 4, 1);
    assert_eq!(get(&map, &zero), Err(Errno::NOTSUPP));

    let map = create(MapType::STACK_TRACE, 4, 8 * 8, 1);
    assert_eq!(get(&map, &zero), Err(Errno::NOENT));
    assert_eq!(set(&map, &zero, &[0; 64]), Err(Errno::INVAL));
}

/// A lookup gives the socket's cookie, which is 8 bytes long.
#[test]
fn maps_of_sockets_take_descriptors_and_give_cookies() {
    if !ready() {
        return;
    }
    let zero = 0_u32.to_ne_bytes();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let Ok(stream) = TcpStream::connect(listener.local_addr().unwrap()) else {
        println!("skipped: the loopback device is down");
        return;
    };
    for map_type in [MapType::SOCKMAP, MapType::SOCKHASH] {
        for value_size in [4_u32, 8] {
            let map = create(map_type, 4, value_size, 1);
            let mut value = vec![0; value_size as usize];
            value[..4].copy_from_slice(&stream.as_raw_fd().to_ne_bytes());
            set(&map, &zero, &value).unwrap();
            match value_size {
                8 => assert_ne!(get(&map, &zero).unwrap(), [0; 8]),
                _ => assert_eq!(get(&map, &zero), Err(Errno::NOSPC)),
            }
            assert_eq!(keys(&map).len(), 1);
        }
    }
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let map = create(MapType::REUSEPORT_SOCKARRAY, 4, 8, 1);
    let value = u64::from(udp.as_raw_fd() as u32).to_ne_bytes();
    // The socket is in no reuseport group.
    assert_eq!(set(&map, &zero, &value), Err(Errno::INVAL));
    assert_eq!(get(&map, &zero), Err(Errno::NOENT));
}

#[test]
fn buffers_and_arenas_are_made_and_have_no_elements() {
    if !ready() {
        return;
    }
    for (map_type, entries, flags) in [
        (MapType::RINGBUF, 65536, MapCreateFlags(0)),
        (MapType::USER_RINGBUF, 65536, MapCreateFlags(0)),
        (MapType::ARENA, 4, MapCreateFlags::MMAPABLE),
    ] {
        let options = Options { flags, name: "no_elements", ..Options::default() };
        let Some(map) = newer(map_type, 0, 0, entries, options) else { continue };
        assert!(get(&map, &[]).is_err());
        assert!(set(&map, &[], &[]).is_err());
        assert!(map_delete_elem(&map, &[]).is_err());
        assert!(map_get_next_key(&map, None, &mut []).is_err());
        assert_eq!(Map::from_fd(map.into_fd()).unwrap().map_type(), map_type);
    }
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_ne_bytes(bytes[..4].try_into().unwrap())
}

/// Reads all of a map by slices of `at_once` elements, and by larger ones where a bucket wants that.
fn read_all(
    map: &Map,
    at_once: usize,
    read: impl Fn(&Map, &mut Cursor<'_>, &mut [u8], &mut [u8], MapBatchFlags) -> Result<usize>,
) -> (BTreeMap<u32, Vec<u8>>, usize) {
    let (key_len, len) = (map.key_size() as usize, map.value_len().unwrap());
    let mut place = Guarded::new(key_len.max(4));
    let mut cursor = Cursor::new(place.slice());
    let (mut all, mut grown) = (BTreeMap::new(), 0);
    let mut room = at_once;
    loop {
        let (mut keys, mut values) = (Guarded::new(room * key_len), Guarded::new(room * len));
        let result = read(map, &mut cursor, keys.slice(), values.slice(), NONE);
        let (keys, values) = (keys.whole().chunks(key_len), values.whole().chunks(len));
        match result {
            Ok(0) => break,
            Ok(count) => {
                for (key, value) in keys.zip(values).take(count) {
                    assert!(all.insert(number(key), value.to_vec()).is_none(), "{key:?} again");
                }
                room = at_once;
            }
            Err(errno) => {
                assert_eq!(errno, Errno::NOSPC);
                (room, grown) = (room * 2, grown + 1);
            }
        }
    }
    assert!(cursor.is_at_end());
    place.whole();
    (all, grown)
}

#[test]
fn batches_set_read_and_delete_every_element_once() {
    if !ready() {
        return;
    }
    const COUNT: u32 = 1000;
    for (map_type, value_size) in [
        (MapType::HASH, 5),
        (MapType::LRU_HASH, 8),
        (MapType::PERCPU_HASH, 5),
        (MapType::LRU_PERCPU_HASH, 8),
        (MapType::ARRAY, 5),
        (MapType::PERCPU_ARRAY, 5),
    ] {
        // An LRU list may evict before it is full.
        let room = if map_type.name().unwrap().contains("LRU") { 16 * COUNT } else { COUNT };
        let map = create(map_type, 4, value_size, room);
        let is_array = matches!(map_type, MapType::ARRAY | MapType::PERCPU_ARRAY);
        let len = map.value_len().unwrap();
        let keys: Vec<u8> = (0..COUNT).flat_map(u32::to_ne_bytes).collect();
        let values: Vec<u8> = (0..COUNT).flat_map(|n| vec![n as u8; len]).collect();
        match map_update_batch(&map, &keys, &values, NONE) {
            Err(BatchError { errno: Errno::NOTSUPP, .. }) if is_array => {
                println!("this kernel has no batches of {map_type:?}");
                continue;
            }
            result => assert_eq!(result, Ok(()), "{map_type:?}"),
        }
        for at_once in [1, 7, 100, 2000] {
            let (all, grown) = read_all(&map, at_once, map_lookup_batch);
            assert_eq!(all.len(), COUNT as usize, "{map_type:?}, {at_once} at once");
            assert!(all.iter().all(|(&key, value)| value[0] == key as u8));
            if map_type == MapType::HASH && at_once == 1 {
                assert!(grown > 0, "no two of 1000 keys share a bucket");
            }
        }
        if is_array {
            let early = Err(Errno::NOTSUPP);
            let (mut key, mut value, mut place) = ([0; 4], vec![0; len], [0; 4]);
            let mut cursor = Cursor::new(&mut place);
            let taken = map_lookup_and_delete_batch(&map, &mut cursor, &mut key, &mut value, NONE);
            assert_eq!(taken, early);
            continue;
        }
        let half = keys.len() / 2;
        assert_eq!(map_delete_batch(&map, &keys[..half]), Ok(()));
        assert_eq!(read_all(&map, 50, map_lookup_batch).0.len(), COUNT as usize / 2);
        let (all, _) = read_all(&map, 50, map_lookup_and_delete_batch);
        assert_eq!(all.len(), COUNT as usize / 2);
        assert!(all.keys().all(|&key| key >= COUNT / 2));
        assert_eq!(read_all(&map, 50, map_lookup_batch).0.len(), 0);
    }
}

#[test]
fn a_walk_can_begin_again() {
    if !ready() {
        return;
    }
    let map = create(MapType::ARRAY, 4, 4, 3);
    let (mut keys, mut values, mut place) = ([0; 8], [0; 8], [0; 4]);
    let mut cursor = Cursor::new(&mut place);
    let mut read = |cursor: &mut Cursor<'_>| {
        let count = map_lookup_batch(&map, cursor, &mut keys, &mut values, NONE);
        (count, number(&keys))
    };
    for _ in 0..2 {
        assert_eq!(read(&mut cursor), (Ok(2), 0));
        assert_eq!(read(&mut cursor), (Ok(1), 2));
        assert_eq!(read(&mut cursor).0, Ok(0));
        assert_eq!(read(&mut cursor).0, Ok(0));
        cursor.rewind();
    }
}

#[test]
fn a_batch_that_fails_says_after_how_many_elements() {
    if !ready() {
        return;
    }
    let flags = MapCreateFlags::NO_PREALLOC;
    let map = with(MapType::HASH, 4, 4, 4, Options { flags, ..Options::default() }).unwrap();
    let keys: Vec<u8> = (0..6).flat_map(u32::to_ne_bytes).collect();
    let full = map_update_batch(&map, &keys, &keys, NONE).unwrap_err();
    assert_eq!((full.errno, full.done), (Errno::TOOBIG, 4));
    assert_eq!(full.to_string(), "E2BIG (7) after 4 elements");
    let gone = map_delete_batch(&map, &keys).unwrap_err();
    assert_eq!((gone.errno, gone.done), (Errno::NOENT, 4));
    let none = map_delete_batch(&map, &keys).unwrap_err();
    assert_eq!((none.errno, none.done), (Errno::NOENT, 0));
    let queue = create(MapType::QUEUE, 0, 4, 1);
    assert_eq!(map_update_batch(&queue, &[], &[], NONE), Err(Errno::INVAL.into()));
    let cpus = create(MapType::CPUMAP, 4, 4, 1);
    assert_eq!(map_update_batch(&cpus, &[0; 4], &[1; 4], NONE), Err(Errno::NOTSUPP.into()));
    assert_eq!(map_delete_batch(&cpus, &[0; 4]), Err(Errno::NOTSUPP.into()));
}

#[test]
fn a_frozen_map_can_be_read_only() {
    if !ready() {
        return;
    }
    let map = create(MapType::ARRAY, 4, 4, 1);
    set(&map, &[0; 4], &[1; 4]).unwrap();
    map_freeze(map.as_fd()).unwrap();
    // Older kernels look at the map first, newer ones at what the descriptor may still do.
    assert!(matches!(map_freeze(map.as_fd()), Err(Errno::BUSY | Errno::PERM)));
    assert_eq!(set(&map, &[0; 4], &[2; 4]), Err(Errno::PERM));
    assert_eq!(map_update_batch(&map, &[0; 4], &[2; 4], NONE), Err(Errno::PERM.into()));
    assert_eq!(map_delete_elem(&map, &[0; 4]), Err(Errno::PERM));
    assert_eq!(take(&map, &[0; 4]), Err(Errno::PERM));
    assert_eq!(get(&map, &[0; 4]), Ok(vec![1; 4]));
    assert_eq!(map_freeze(program().as_fd()), Err(Errno::INVAL));
}

#[test]
fn a_descriptor_that_cannot_read_or_write_does_not() {
    if !ready() {
        return;
    }
    let made = |flags| with(MapType::HASH, 4, 4, 1, Options { flags, ..Options::default() });
    let map = made(MapCreateFlags::RDONLY).unwrap();
    assert_eq!(set(&map, &[0; 4], &[1; 4]), Err(Errno::PERM));
    assert_eq!(get(&map, &[0; 4]), Err(Errno::NOENT));
    // Older kernels ask for a privilege instead, and we have it.
    assert!(matches!(map_freeze(map.as_fd()), Err(Errno::PERM) | Ok(())));
    let map = made(MapCreateFlags::WRONLY).unwrap();
    assert_eq!(set(&map, &[0; 4], &[1; 4]), Ok(()));
    assert_eq!(get(&map, &[0; 4]), Err(Errno::PERM));
    assert_eq!(map_get_next_key(&map, None, &mut [0; 4]), Err(Errno::PERM));
    assert_eq!(take(&map, &[0; 4]), Err(Errno::PERM));
    // It is a map even so.
    assert_eq!(Map::from_fd(map.into_fd()).unwrap().key_size(), 4);
    let both = made(MapCreateFlags::RDONLY | MapCreateFlags::WRONLY);
    assert_eq!(both.err(), Some(Errno::INVAL));
}

#[test]
fn a_map_is_found_among_the_ids_and_opened_by_its_own() {
    if !ready() {
        return;
    }
    let map = create(MapType::PERCPU_HASH, 3, 5, 1);
    let id = obj_get_info_by_fd_map(map.as_fd()).unwrap().id;
    let (mut last, mut found) = (0, false);
    loop {
        match map_get_next_id(last) {
            Ok(next) => {
                assert!(next > last);
                found |= next == id;
                last = next;
            }
            Err(errno) => {
                assert_eq!(errno, Errno::NOENT);
                break;
            }
        }
    }
    assert!(found);
    assert_eq!(map_get_next_id(1 << 31), Err(Errno::INVAL));

    let value = vec![9; map.value_len().unwrap()];
    set(&map, b"key", &value).unwrap();
    let fd = map_get_fd_by_id(id, MapOpenFlags::RDONLY).unwrap();
    let same = Map::from_fd(fd).unwrap();
    assert_eq!((same.key_size(), same.value_size()), (3, 5));
    assert_eq!(same.value_len(), map.value_len());
    assert_eq!(get(&same, b"key").unwrap().len(), value.len());
    assert_eq!(set(&same, b"key", &value), Err(Errno::PERM));
    let both = MapOpenFlags::RDONLY | MapOpenFlags::WRONLY;
    assert_eq!(map_get_fd_by_id(id, both).err(), Some(Errno::INVAL));
    assert_eq!(map_get_fd_by_id(u32::MAX, MapOpenFlags(0)).err(), Some(Errno::NOENT));
}

#[test]
fn only_a_map_becomes_a_map() {
    if !ready() {
        return;
    }
    assert_eq!(Map::from_fd(program()).err(), Some(Errno::INVAL));
    let file = std::fs::File::open("/dev/null").unwrap();
    let fd = borrow(&file).try_clone_to_owned().unwrap();
    assert_eq!(Map::from_fd(fd).err(), Some(Errno::INVAL));
    for map_type in [MapType::HASH, MapType::ARRAY, MapType::STACK_TRACE, MapType::DEVMAP] {
        let map = create(map_type, 4, if map_type == MapType::DEVMAP { 4 } else { 8 }, 1);
        assert_eq!(info::kind(map.as_fd()), Ok(info::Kind::Map), "{map_type:?}");
        assert_eq!(Map::from_fd(map.into_fd()).unwrap().map_type(), map_type);
    }
}

#[test]
fn what_a_map_was_made_with_is_in_its_info() {
    if !ready() {
        return;
    }
    let options = Options {
        flags: MapCreateFlags::NO_PREALLOC,
        name: "fifteen_bytes.0",
        numa_node: Some(0),
        ..Options::default()
    };
    let info = |map: &Map| obj_get_info_by_fd_map(map.as_fd()).unwrap();
    let made = info(&with(MapType::HASH, 3, 5, 7, options).unwrap());
    assert_eq!(&made.name, b"fifteen_bytes.0\0");
    assert_eq!((made.key_size, made.value_size, made.max_entries), (3, 5, 7));
    assert_eq!(made.map_flags, MapCreateFlags::NO_PREALLOC | MapCreateFlags::NUMA_NODE);
    let options = Options { map_extra: 3, ..Options::default() };
    if let Some(map) = newer(MapType::BLOOM_FILTER, 0, 5, 7, options) {
        assert_eq!(info(&map).map_extra, 3);
    }
    for (name, errno) in [("sixteen_bytes.00", Errno::INVAL), ("not-good", Errno::INVAL)] {
        let options = Options { name, ..Options::default() };
        assert_eq!(with(MapType::HASH, 3, 5, 7, options).err(), Some(errno));
    }
    let file = std::fs::File::open("/dev/null").unwrap();
    // No token; before 6.9, no tokens.
    let options = Options { token: Some(borrow(&file)), ..Options::default() };
    assert_eq!(with(MapType::HASH, 3, 5, 7, options).err(), Some(Errno::INVAL));
    let options = Options { btf: Some(borrow(&file)), btf_value_type_id: 1, ..Options::default() };
    assert_eq!(with(MapType::HASH, 3, 5, 7, options).err(), Some(Errno::INVAL));
}

/// A map that belongs to one program takes no other.
#[test]
fn an_exclusive_map_is_made_where_the_kernel_knows_them() {
    if !ready() {
        return;
    }
    let options = Options { excl_prog_hash: Some(&[7; 32]), ..Options::default() };
    match with(MapType::ARRAY, 4, 4, 1, options) {
        Ok(map) => assert_eq!(set(&map, &[0; 4], &[1; 4]), Ok(())),
        Err(Errno::TOOBIG | Errno::INVAL) => println!("this kernel has no exclusive maps"),
        Err(errno) => panic!("{errno}"),
    }
}

#[test]
fn asking_for_a_log_changes_nothing_but_the_log() {
    if !ready() {
        return;
    }
    let mut buf = [0xff; 256];
    let mut log = Log::new(&mut buf);
    let options = Options::default();
    map_create(MapType::ARRAY, 4, 4, 1, &options, &mut log).unwrap();
    assert_eq!(log.text(), b"");
    let wrong = map_create(MapType(4000), 4, 4, 1, &options, &mut log);
    assert_eq!(wrong.err(), Some(Errno::INVAL));
    // From 7.2 on.
    if log.true_size() != 0 {
        assert_eq!(log.text(), b"Invalid map_type.\n");
    }
    let wrong = map_create(MapType::ARRAY, 3, 4, 1, &options, &mut log);
    assert_eq!(wrong.err(), Some(Errno::INVAL));
}

#[test]
fn sizes_that_no_map_has_are_refused() {
    if !ready() {
        return;
    }
    for (map_type, key, value, entries, errno) in [
        (MapType::UNSPEC, 4, 4, 1, Errno::INVAL),
        (MapType::HASH, 0, 4, 1, Errno::INVAL),
        (MapType::HASH, 4, 4, 0, Errno::INVAL),
        (MapType::HASH, 4, u32::MAX, 1, Errno::TOOBIG),
        (MapType::PERCPU_ARRAY, 4, u32::MAX - 8, 1, Errno::TOOBIG),
        (MapType::RINGBUF, 0, 0, 100, Errno::INVAL),
    ] {
        let made = with(map_type, key, value, entries, Options::default());
        assert_eq!(made.err(), Some(errno), "{map_type:?}");
    }
}

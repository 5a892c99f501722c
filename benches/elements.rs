//! Elements out of a map of COUNT, in the ways there are: `elements COUNT [WAY]` prints, of each way or of
//! that one, how many it saw, their sum and the nanoseconds that it took.
//!
//! 0, `records`: typed records of 12 bytes out of an iterator; 1, `batch`: `LOOKUP_BATCH`; 2, `keys`: next
//! key and lookup, one by one. All have about 16 KiB to read into.

#![no_std]
#![no_main]

use core::ffi::CStr;

use barebpf::asm::{
    PtrWidth, alu64_imm, call, exit, jmp_null, ld_ctx_ptr, ld_ptr, ldx_mem, mov64_imm, mov64_reg,
    stx_mem,
};
use barebpf::btf::Btf;
use barebpf::iter::{self, Prog, iter_create, link_create_iter};
use barebpf::map::{
    Cursor, Map, Options, map_create, map_get_next_key, map_lookup_batch, map_lookup_elem,
    map_update_batch,
};
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, Insn, Reg, Size};
use barebpf::uapi::{MapBatchFlags, MapElemFlags, MapType};
use barebpf::{Errno, Log};
use common::{must, now, number, print};
use probe::start::Args;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

mod common;

probe::main!(main);

/// What the program writes of each element.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout)]
#[repr(C)]
struct Element {
    key: u32,
    value: [u32; 2],
}

const AT_ONCE: usize = 1365;

/// How many there are, and the sum of their values.
type Way = fn(&Map) -> Result<[u64; 2], Errno>;

fn main(mut args: Args) -> u8 {
    let count = number(args.nth(1));
    let way = args.next().map(CStr::to_bytes);
    let errno = |errno: Errno| errno.as_raw();
    let map = must(b"map: ", fill(count), errno);
    let ways: [(&[u8], Way); 3] = [(b"records", records), (b"batch", batch), (b"keys", keys)];
    for (name, read) in ways {
        if way.is_none_or(|way| way == name) {
            let start = now();
            let [seen, sum] = must(name, read(&map), errno);
            print(&[seen, sum, now().wrapping_sub(start)]);
        }
    }
    0
}

/// A hash table of so many elements; each value is its key.
fn fill(count: u32) -> Result<Map, Errno> {
    let map = map_create(MapType::HASH, 4, 8, count, &Options::default(), &mut Log::none())?;
    let (mut keys, mut values) = ([0_u32; 256], [0_u64; 256]);
    let mut next = 0;
    while next < count {
        let mut filled = 0;
        for ((key, value), number) in keys.iter_mut().zip(&mut values).zip(next..count) {
            (*key, *value, filled) = (number, number.into(), filled + 1);
        }
        let keys = keys.get(..filled).unwrap_or_default().as_bytes();
        let values = values.get(..filled).unwrap_or_default().as_bytes();
        map_update_batch(&map, keys, values, MapBatchFlags::empty())
            .map_err(|error| error.errno)?;
        next += filled as u32;
    }
    Ok(map)
}

#[inline(never)]
fn records(map: &Map) -> Result<[u64; 2], Errno> {
    let mut window = [0; 4096];
    let target = Btf::vmlinux(&mut window)
        .and_then(|mut btf| iter::BPF_MAP_ELEM.target(&mut btf))
        .map_err(|error| error.errno().unwrap_or(Errno::NOENT))?;
    let [_, null] = jmp_null(PtrWidth::Eight, Reg::R2, 13);
    let [_, null_too] = jmp_null(PtrWidth::Eight, Reg::R3, 12);
    let program: [Insn; 18] = [
        ld_ctx_ptr(Reg::R2, Reg::R1, 2),
        ld_ctx_ptr(Reg::R3, Reg::R1, 3),
        null,
        null_too,
        ldx_mem(Size::W, Reg::R2, Reg::R2, 0),
        stx_mem(Size::W, Reg::R10, Reg::R2, -12),
        ldx_mem(Size::W, Reg::R2, Reg::R3, 0),
        stx_mem(Size::W, Reg::R10, Reg::R2, -8),
        ldx_mem(Size::W, Reg::R2, Reg::R3, 4),
        stx_mem(Size::W, Reg::R10, Reg::R2, -4),
        ld_ctx_ptr(Reg::R1, Reg::R1, 0),
        ld_ptr(PtrWidth::Eight, Reg::R1, Reg::R1, 0),
        mov64_reg(Reg::R2, Reg::R10),
        alu64_imm(AluOp::ADD, Reg::R2, -12),
        mov64_imm(Reg::R3, size_of::<Element>() as i32),
        call(Helper::SEQ_WRITE),
        mov64_imm(Reg::R0, 0),
        exit(),
    ];
    let prog = Prog::load(target, &program, c"GPL", &mut Log::none())?;
    let link = link_create_iter(&prog, map.as_fd())?;
    let mut buf = [Element { key: 0, value: [0; 2] }; AT_ONCE];
    let mut records = iter_create(link.as_fd())?.records(&mut buf);
    let (mut seen, mut sum) = (0_u64, 0_u64);
    while let Some(element) = records.next().map_err(|_| Errno::IO)? {
        let [low, _] = element.value;
        (seen, sum) = (seen.wrapping_add(1), sum.wrapping_add(u64::from(low)));
    }
    Ok([seen, sum])
}

#[inline(never)]
fn batch(map: &Map) -> Result<[u64; 2], Errno> {
    let (mut keys, mut values, mut place) = ([0_u32; AT_ONCE], [0_u64; AT_ONCE], [0; 4]);
    let mut cursor = Cursor::new(&mut place);
    let (mut seen, mut sum) = (0_u64, 0_u64);
    loop {
        let (keys, bytes) = (keys.as_mut_bytes(), values.as_mut_bytes());
        let read = map_lookup_batch(map, &mut cursor, keys, bytes, MapBatchFlags::empty())?;
        if read == 0 {
            return Ok([seen, sum]);
        }
        seen = seen.wrapping_add(read as u64);
        sum = values.iter().take(read).fold(sum, |sum, value| sum.wrapping_add(*value));
    }
}

#[inline(never)]
fn keys(map: &Map) -> Result<[u64; 2], Errno> {
    let (mut key, mut value, mut first) = ([0; 4], [0; 8], true);
    let (mut seen, mut sum) = (0_u64, 0_u64);
    loop {
        let last = key;
        match map_get_next_key(map, (!first).then_some(&last[..]), &mut key) {
            Err(Errno::NOENT) => return Ok([seen, sum]),
            other => other?,
        }
        first = false;
        map_lookup_elem(map, &key, &mut value, MapElemFlags::empty())?;
        (seen, sum) = (seen.wrapping_add(1), sum.wrapping_add(u64::from_le_bytes(value)));
    }
}

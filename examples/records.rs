//! A million elements of a map, as typed records out of an iterator. Needs root.
//!
//! ```text
//! $ cargo run --release --example records
//! 1000000 records, sum of values 499999500000
//! 0.134 s, 7.4 million a second
//! ```

use std::time::Instant;

use barebpf::iter::{self, iter_create, link_create_iter};
use barebpf::map::{Options, map_create, map_update_batch};
use barebpf::uapi::{MapBatchFlags, MapType, helper::Helper, insn::*};
use barebpf::{Log, asm::*, uapi::insn::Reg as R};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

mod why;

/// What the program writes of each element.
#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout)]
#[repr(C)]
struct Element {
    key: u32,
    value: u32,
}

fn main() {
    let keys: Vec<u32> = (0..1_000_000).collect();
    let (options, log) = (Options::default(), &mut Log::none());
    let map = why::ok("MAP_CREATE", map_create(MapType::ARRAY, 4, 4, 1_000_000, &options, log));
    let (keys, flags) = (keys.as_bytes(), MapBatchFlags::empty());
    why::ok("MAP_UPDATE_BATCH", map_update_batch(&map, keys, keys, flags));

    let (target, width) = why::target(iter::BPF_MAP_ELEM);
    let mut program = Program::<24>::new();
    let done = &mut program.label();
    program
        .extend(&[ld_ctx_ptr(R::R2, R::R1, 2), ld_ctx_ptr(R::R3, R::R1, 3)]) // key, value
        .jmp_null(width, R::R2, done)
        .jmp_null(width, R::R3, done)
        .extend(&[ldx_mem(Size::W, R::R2, R::R2, 0), stx_mem(Size::W, R::R10, R::R2, -8)])
        .extend(&[ldx_mem(Size::W, R::R3, R::R3, 0), stx_mem(Size::W, R::R10, R::R3, -4)])
        .extend(&[ld_ctx_ptr(R::R1, R::R1, 0), ld_ptr(width, R::R1, R::R1, 0)])
        .extend(&[mov64_reg(R::R2, R::R10), alu64_imm(AluOp::ADD, R::R2, -8)])
        .extend(&[mov64_imm(R::R3, 8), call(Helper::SEQ_WRITE)])
        .bind(done)
        .extend(&[mov64_imm(R::R0, 0), exit()]);
    let prog = why::load(target, &program);
    let link = why::ok("LINK_CREATE", link_create_iter(&prog, map.as_fd()));
    let (start, mut count, mut sum) = (Instant::now(), 0, 0);
    let mut buf = vec![Element { key: 0, value: 0 }; 4096];
    let mut records = why::ok("ITER_CREATE", iter_create(link.as_fd())).records(&mut buf);
    while let Some(element) = why::next(records.next()) {
        (count, sum) = (count + 1, sum + u64::from(element.value));
    }
    let seconds = start.elapsed().as_secs_f64();
    why::print(format!("{count} records, sum of values {sum}\n").as_bytes());
    let rate = f64::from(count) / seconds / 1e6;
    why::note(format_args!("{seconds:.3} s, {rate:.1} million a second"));
}

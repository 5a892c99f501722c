//! Programs that say one byte for each object, and passes that count the bytes.

#![allow(dead_code, reason = "each test uses a part of it")]

use barebpf::Log;
use barebpf::asm::{self, PtrWidth, alu64_imm, call, exit, mov64_imm, mov64_reg, st_mem};
use barebpf::btf::{Btf, Want};
use barebpf::fd::OwnedFd;
use barebpf::iter::{self, Iter, Kind, Name, Prog, Target, iter_create};
use barebpf::map::{self, Map, map_create, map_update_elem};
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, Insn, Reg, Size};
use barebpf::uapi::{MapElemFlags, MapType};

/// Writes `byte` once for each object, which is known by slot `slot` of the context.
pub fn program(slot: u8, byte: u8) -> Vec<Insn> {
    let [null, null_too] = asm::jmp_null(PtrWidth::Eight, Reg::R2, 7);
    let store = st_mem(Size::B, Reg::R10, -1, byte.into());
    let head = [asm::ld_ctx_ptr(Reg::R2, Reg::R1, slot), null, null_too, store];
    [&head[..], &write_byte()].concat()
}

/// Writes the byte on top of the stack, and ends.
pub fn write_byte() -> [Insn; 8] {
    [
        asm::ld_ctx_ptr(Reg::R1, Reg::R1, 0),
        asm::ld_ptr(PtrWidth::Eight, Reg::R1, Reg::R1, 0),
        mov64_reg(Reg::R2, Reg::R10),
        alu64_imm(AluOp::ADD, Reg::R2, -1),
        mov64_imm(Reg::R3, 1),
        call(Helper::SEQ_WRITE),
        mov64_imm(Reg::R0, 0),
        exit(),
    ]
}

pub fn target<K: Kind>(name: Name<'_, K>) -> Target<K> {
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).expect("this kernel has BTF");
    let [target] = btf.find([Want::func(name.func())]).expect("sound BTF");
    name.with_id(target.id().expect("this kernel has the target"))
}

pub fn load<K: Kind>(name: Name<'_, K>, insns: &[Insn]) -> Prog<K> {
    let target = target(name);
    let mut log = vec![0; 1 << 16];
    let mut log = Log::new(&mut log);
    let prog = Prog::load(target, insns, c"GPL", &mut log);
    prog.unwrap_or_else(|errno| panic!("{errno}: {}", String::from_utf8_lossy(log.text())))
}

pub fn each<K: Kind>(name: Name<'_, K>, slot: u8) -> Prog<K> {
    load(name, &program(slot, b'.'))
}

pub fn all(iter: &mut Iter) -> Vec<u8> {
    let (mut bytes, mut buf) = (Vec::new(), vec![0; iter::CGROUP_READ]);
    loop {
        match iter.read(&mut buf).expect("a pass") {
            0 => return bytes,
            read => bytes.extend_from_slice(&buf[..read]),
        }
    }
}

pub fn pass(link: &OwnedFd) -> usize {
    all(&mut iter_create(link.as_fd()).expect("an iterator")).len()
}

pub fn hash(entries: u32) -> Map {
    let options = map::Options::default();
    let map = map_create(MapType::HASH, 4, 8, entries, &options, &mut Log::none()).expect("a map");
    for key in 0..entries {
        let value = u64::from(key).to_ne_bytes();
        map_update_elem(&map, &key.to_ne_bytes(), &value, MapElemFlags::empty()).expect("room");
    }
    map
}

//! A `struct_ops` made here: a congestion control.

#![allow(dead_code, reason = "each test uses a part of it")]

use barebpf::fd::OwnedFd;
use barebpf::prog::Options;
use barebpf::sys;
use barebpf::uapi::{AttachType, Cmd, MapCreate, MapCreateFlags, MapElem, MapType, ProgType};

use super::attach::{load, map, returns, some_btf};
use super::btf;

/// A congestion control in a map, with what it takes to keep it there.
pub fn congestion_control(types: &[btf::Type], flags: MapCreateFlags) -> OwnedFd {
    let find = |name: &str| {
        let found = types.iter().position(|ty| ty.kind == btf::STRUCT && ty.name == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    };
    let (ops, value) = (find("tcp_congestion_ops"), find("bpf_struct_ops_tcp_congestion_ops"));
    let offset = |ty: usize, name: &str| {
        let at =
            types[ty].entries.iter().position(|(entry, ..)| entry == name).expect("as BTF has it");
        (at, types[ty].entries[at].2 as usize / 8)
    };
    let data = offset(value, "data").1;
    let mut bytes = vec![0_u8; btf::size(types, value as u32)];
    let mut progs = Vec::new();
    for (name, result) in [("ssthresh", 2), ("undo_cwnd", 2), ("cong_avoid", 0)] {
        let (index, at) = offset(ops, name);
        let options = Options {
            expected_attach_type: AttachType(index as u32),
            attach_btf_id: ops as u32,
            ..Options::default()
        };
        let prog = load(ProgType::STRUCT_OPS, &returns(result), &options);
        let fd = (prog.as_raw_fd() as u64).to_le_bytes();
        bytes[data + at..][..8].copy_from_slice(&fd);
        progs.push(prog);
    }
    bytes[data + offset(ops, "name").1..][..8].copy_from_slice(b"bare_cc\0");

    let btf = some_btf();
    let mut attr = MapCreate::new(MapType::STRUCT_OPS, 4, bytes.len() as u32, 1);
    attr.map_flags = flags;
    attr.btf_fd = btf.as_raw_fd() as u32;
    attr.btf_vmlinux_value_type_id = value as u32;
    let map = map(attr);
    let key = [0_u8; 4];
    let mut attr = MapElem::new(
        map.as_raw_fd() as u32,
        key.as_ptr().expose_provenance() as u64,
        bytes.as_ptr().expose_provenance() as u64,
    );
    // SAFETY: key and value are as long as the map has them.
    unsafe { sys::bpf(Cmd::MAP_UPDATE_ELEM, &mut attr) }.expect("as BTF has it");
    map
}

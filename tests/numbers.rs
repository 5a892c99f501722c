//! How enumerations, flags, instructions and BTF records behave; that their numbers are right is held
//! by `tests/facts.rs`.

use barebpf::uapi::btf::{Int, IntEncoding, Kind, Member, Type};
use barebpf::uapi::helper::{AdjRoomFlags, Helper, PerfEventFlags};
use barebpf::uapi::insn::{AluOp, AtomicOp, Class, Insn, JmpOp, Mode, PseudoLd, Reg, Size, Source};
use barebpf::uapi::tables::VALUES;
use barebpf::uapi::{Cmd, Layout, LinkType, MapElemFlags, MapType, ObjFlags, ProgAttachFlags};
use zerocopy::IntoBytes;

#[test]
fn an_unknown_command_keeps_its_number() {
    assert_eq!(format!("{:?}", Cmd::ITER_CREATE), "BPF_ITER_CREATE");
    assert_eq!(format!("{:?}", Cmd(0x1_0005)), "Cmd(65541)");
    assert_eq!(LinkType(99).name(), None);
}

#[test]
fn a_number_with_two_names_prints_the_one_that_is_listed_first() {
    assert_eq!(format!("{:?}", Cmd::PROG_RUN), "BPF_PROG_TEST_RUN");
    assert_eq!(MapType::CGROUP_STORAGE.name(), Some("BPF_MAP_TYPE_CGROUP_STORAGE_DEPRECATED"));
    assert_eq!(format!("{:?}", Class(7)), "BPF_ALU64");
}

#[test]
fn every_name_stands_once_in_its_type() {
    for table in VALUES {
        let mut names: Vec<_> = table.values.iter().map(|(name, _)| name).collect();
        names.sort();
        assert!(names.windows(2).all(|two| two[0] != two[1]), "{}", table.name);
    }
}

#[test]
fn flags_print_their_names_and_what_is_left() {
    let flags = ObjFlags::RDONLY | ObjFlags::PATH_FD | ObjFlags(1 << 30);
    assert_eq!(format!("{flags:?}"), "BPF_F_RDONLY | BPF_F_PATH_FD | 0x40000000");
    assert_eq!(format!("{:?}", ObjFlags::default()), "0");
    assert_eq!(format!("{:?}", ProgAttachFlags(1 << 20)), "0x100000");
}

#[test]
fn flags_without_a_name_are_kept() {
    assert_eq!(ObjFlags::from_bits_retain(!0).0, !0);
    assert_eq!(ObjFlags::from_bits_truncate(1 << 30).0, 1 << 30);
    assert_eq!((!ObjFlags::RDONLY).0, !(1 << 3));
}

#[test]
fn flags_that_carry_a_number_put_it_into_their_upper_bits() {
    assert_eq!(MapElemFlags::on_cpu(3).0, 0x3_0000_0008);
    assert_eq!((MapElemFlags::on_cpu(3) | MapElemFlags::EXIST).0, 0x3_0000_000a);
    assert_eq!(AdjRoomFlags::encap_l2(14).0, 14 << 56);
    assert_eq!(PerfEventFlags::CTXLEN_MASK.0 & PerfEventFlags::INDEX_MASK.0, 0);
}

#[test]
fn instructions_have_the_bytes_that_kernels_read() {
    for (insn, bytes) in [
        // r1 = *(u64 *)(r6 + 8)
        (
            Insn::new(Class::LDX.0 | Size::DW.0 | Mode::MEM.0, Reg::R1.0, Reg::R6.0, 8, 0),
            [0x79, 0x61, 8, 0, 0, 0, 0, 0],
        ),
        // call bpf_seq_write
        (
            Insn::new(Class::JMP.0 | JmpOp::CALL.0, 0, 0, 0, Helper::SEQ_WRITE.0),
            [0x85, 0, 0, 0, 127, 0, 0, 0],
        ),
        // if w8 == 0 goto -2
        (
            Insn::new(Class::JMP32.0 | JmpOp::JEQ.0 | Source::K.0, Reg::R8.0, 0, -2, 0),
            [0x16, 0x08, 0xfe, 0xff, 0, 0, 0, 0],
        ),
        // r1 = map of descriptor 5, first half
        (
            Insn::new(Size::DW.0 | Mode::IMM.0, Reg::R1.0, PseudoLd::MAP_FD.0, 0, 5),
            [0x18, 0x11, 0, 0, 5, 0, 0, 0],
        ),
        // r10 is the highest: r2 = r10
        (
            Insn::new(Class::ALU64.0 | AluOp::MOV.0 | Source::X.0, Reg::R2.0, Reg::R10.0, 0, 0),
            [0xbf, 0xa2, 0, 0, 0, 0, 0, 0],
        ),
        // lock *(u64 *)(r1 + 0) += r2, and r2 gets the old value
        (
            Insn::new(
                Class::STX.0 | Size::DW.0 | Mode::ATOMIC.0,
                Reg::R1.0,
                Reg::R2.0,
                0,
                i32::from(AluOp::ADD.0) | AtomicOp::FETCH.0,
            ),
            [0xdb, 0x21, 0, 0, 1, 0, 0, 0],
        ),
    ] {
        assert_eq!(insn.as_bytes(), bytes);
    }
}

#[test]
fn registers_lie_where_the_table_of_bit_fields_says() {
    for bits in Insn::BITS {
        for value in 0..1 << bits.width {
            let bytes = (u64::from(value) << bits.offset).to_le_bytes();
            let insn: Insn = zerocopy::transmute!(bytes);
            let (dst, src) = if bits.name == "dst_reg" { (value, 0) } else { (0, value) };
            assert_eq!((insn.dst_reg(), insn.src_reg()), (dst, src));
            assert_eq!(Insn::new(0, dst, src, 0, 0).as_bytes(), bytes);
        }
    }
    assert_eq!(Insn::BITS.len(), 2);
}

#[test]
fn a_register_number_over_fifteen_does_not_reach_its_neighbour() {
    let insn = Insn::new(0, 0x1a, 0x12, 0, 0);
    assert_eq!((insn.dst_reg(), insn.src_reg()), (0xa, 2));
}

#[test]
fn the_word_of_a_type_record_comes_apart_with_the_wide_masks() {
    let record = Type { info: 0xff12_3456, ..Type::zeroed() };
    assert_eq!((record.kind(), record.vlen()), (Kind(0x7f), 0x12_3456));
    assert!(record.kind_flag());
    let old = Type { info: 0x0400_0003, ..Type::zeroed() };
    assert_eq!((old.kind(), old.vlen(), old.kind_flag()), (Kind::STRUCT, 3, false));
}

#[test]
fn members_and_integers_come_apart() {
    let member = Member { offset: 3 << 24 | 0x1_0005, ..Member::zeroed() };
    assert_eq!((member.bit_offset(), member.bitfield_size()), (0x1_0005, 3));
    let int = Int(0x0102_0020);
    assert_eq!((int.encoding(), int.offset(), int.bits()), (IntEncoding::SIGNED, 2, 32));
}

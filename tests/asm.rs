//! `asm`: what each function encodes, and what labels make of it.

use barebpf::asm::*;
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, AtomicOp, Insn, JmpOp, Reg, Size};

/// The eight bytes as they are written in the kernel's own listings: opcode, registers, offset, constant.
fn bytes(insn: Insn) -> (u8, u8, u8, i16, i32) {
    (insn.code, insn.dst_reg(), insn.src_reg(), insn.off, insn.imm)
}

#[test]
fn every_kind_of_instruction_is_encoded_as_the_kernel_reads_it() {
    use Reg as R;
    let cases = [
        (alu64_reg(AluOp::ADD, R::R1, R::R2), (0x0f, 1, 2, 0, 0)),
        (alu32_reg(AluOp::SUB, R::R1, R::R2), (0x1c, 1, 2, 0, 0)),
        (alu64_imm(AluOp::MUL, R::R1, -3), (0x27, 1, 0, 0, -3)),
        (alu32_imm(AluOp::AND, R::R1, 7), (0x54, 1, 0, 0, 7)),
        (alu64_signed_reg(AluOp::DIV, R::R1, R::R2), (0x3f, 1, 2, 1, 0)),
        (alu32_signed_reg(AluOp::MOD, R::R1, R::R2), (0x9c, 1, 2, 1, 0)),
        (neg64(R::R3), (0x87, 3, 0, 0, 0)),
        (mov64_reg(R::R6, R::R1), (0xbf, 6, 1, 0, 0)),
        (mov32_reg(R::R6, R::R1), (0xbc, 6, 1, 0, 0)),
        (mov64_imm(R::R0, -1), (0xb7, 0, 0, 0, -1)),
        (mov32_imm(R::R0, -1), (0xb4, 0, 0, 0, -1)),
        (movsx64_reg(R::R1, R::R2, 32), (0xbf, 1, 2, 32, 0)),
        (movsx32_reg(R::R1, R::R2, 8), (0xbc, 1, 2, 8, 0)),
        (to_le(R::R1, 16), (0xd4, 1, 0, 0, 16)),
        (to_be(R::R1, 32), (0xdc, 1, 0, 0, 32)),
        (bswap(R::R1, 64), (0xd7, 1, 0, 0, 64)),
        (addr_space_cast(R::R1, R::R2, 1, 0), (0xbf, 1, 2, 1, 0x1_0000)),
        (ldx_mem(Size::DW, R::R1, R::R6, 8), (0x79, 1, 6, 8, 0)),
        (ldx_mem(Size::W, R::R1, R::R6, 8), (0x61, 1, 6, 8, 0)),
        (ldx_memsx(Size::B, R::R1, R::R6, 8), (0x91, 1, 6, 8, 0)),
        (stx_mem(Size::H, R::R10, R::R1, -2), (0x6b, 10, 1, -2, 0)),
        (st_mem(Size::B, R::R10, -1, 5), (0x72, 10, 0, -1, 5)),
        (atomic_op(Size::DW, AtomicOp::XCHG, R::R1, R::R2, 4), (0xdb, 1, 2, 4, 0xe1)),
        (atomic_op(Size::W, AtomicOp::CMPXCHG, R::R1, R::R2, 4), (0xc3, 1, 2, 4, 0xf1)),
        (ld_abs(Size::H, 12), (0x28, 0, 0, 0, 12)),
        (ld_ind(Size::W, R::R7, 4), (0x40, 0, 7, 0, 4)),
        (jmp_reg(JmpOp::JGT, R::R1, R::R2, 3), (0x2d, 1, 2, 3, 0)),
        (jmp_imm(JmpOp::JSLE, R::R1, -9, 3), (0xd5, 1, 0, 3, -9)),
        (jmp32_reg(JmpOp::JNE, R::R1, R::R2, 3), (0x5e, 1, 2, 3, 0)),
        (jmp32_imm(JmpOp::JEQ, R::R8, 0, 3), (0x16, 8, 0, 3, 0)),
        (jmp_a(-2), (0x05, 0, 0, -2, 0)),
        (jmp32_a(70_000), (0x06, 0, 0, 0, 70_000)),
        (jmp_x(R::R4), (0x0d, 4, 0, 0, 0)),
        (may_goto(5), (0xe5, 0, 0, 5, 0)),
        (call(Helper::SEQ_WRITE), (0x85, 0, 0, 0, 127)),
        (call_rel(4), (0x85, 0, 1, 0, 4)),
        (call_kfunc(2, 77), (0x85, 0, 2, 2, 77)),
        (exit(), (0x95, 0, 0, 0, 0)),
    ];
    for (place, (insn, want)) in cases.into_iter().enumerate() {
        assert_eq!(bytes(insn), want, "case {place}");
    }
}

#[test]
fn constants_of_64_bits_take_two_instructions_and_say_what_they_name() {
    let pair = |[first, second]: [Insn; 2]| {
        (first.code, first.dst_reg(), first.src_reg(), first.imm, second.code, second.imm)
    };
    let r = Reg::R1;
    assert_eq!(pair(ld_imm64(r, 0x1_8000_0002)), (0x18, 1, 0, i32::MIN + 2, 0, 1));
    assert_eq!(pair(ld_map_fd(r, 5)), (0x18, 1, 1, 5, 0, 0));
    assert_eq!(pair(ld_map_value(r, 5, 16)), (0x18, 1, 2, 5, 0, 16));
    assert_eq!(pair(ld_btf_id(r, 99, 5)), (0x18, 1, 3, 99, 0, 5));
    assert_eq!(pair(ld_func(r, 7)), (0x18, 1, 4, 7, 0, 0));
    assert_eq!(pair(ld_map_idx(r, 2)), (0x18, 1, 5, 2, 0, 0));
    assert_eq!(pair(ld_map_idx_value(r, 2, 24)), (0x18, 1, 6, 2, 0, 24));
}

#[test]
fn labels_lead_forwards_and_back() {
    let mut program = Program::<16>::new();
    let (top, done) = (&mut program.label(), &mut program.label());
    program
        .add(mov64_imm(Reg::R0, 3))
        .bind(top)
        .jmp_imm(JmpOp::JEQ, Reg::R0, 0, done)
        .add(alu64_imm(AluOp::SUB, Reg::R0, 1))
        .jmp_imm(JmpOp::JSGT, Reg::R0, 100, done)
        .jmp_a(top)
        .bind(done)
        .add(exit());
    let offs: Vec<_> = program.finish().expect("all bound").iter().map(|insn| insn.off).collect();
    assert_eq!(offs, [0, 3, 0, 1, -4, 0]);
}

#[test]
fn a_call_a_long_jump_and_the_address_of_a_function_go_by_imm() {
    let mut program = Program::<16>::new();
    let function = &mut program.label();
    program
        .ld_func(Reg::R2, function)
        .call_rel(function)
        .jump(jmp32_a(0), function)
        .add(exit())
        .bind(function)
        .add(exit());
    let insns = program.finish().expect("all bound");
    assert_eq!((insns[0].imm, insns[2].imm, insns[3].imm), (4, 2, 1));
    assert_eq!(insns[0].src_reg(), 4);
}

#[test]
fn too_many_instructions_are_reported_and_none_is_cut_in_half() {
    let mut program = Program::<2>::new();
    program.add(mov64_imm(Reg::R0, 0)).extend(&ld_imm64(Reg::R1, 1)).add(exit());
    assert_eq!(program.finish(), Err(Error::Full));
    let mut program = Program::<2>::new();
    program.add(mov64_imm(Reg::R0, 0)).add(exit());
    assert_eq!(program.finish().map(<[_]>::len), Ok(2));
}

#[test]
fn a_jump_to_nowhere_is_reported() {
    let mut program = Program::<4>::new();
    let nowhere = &mut program.label();
    program.jmp_a(nowhere).add(exit());
    assert_eq!(program.finish(), Err(Error::Unbound));
}

#[test]
fn a_jump_that_does_not_fit_its_field_is_reported() {
    let mut program = Box::new(Program::<40_000>::new());
    let far = &mut program.label();
    program.jmp_a(far);
    for _ in 0..32_768 {
        program.add(mov64_imm(Reg::R0, 0));
    }
    assert_eq!(program.bind(far).add(exit()).finish(), Err(Error::TooFar));
    let mut program = Box::new(Program::<40_000>::new());
    let far = &mut program.label();
    program.jmp_a(far);
    for _ in 0..32_767 {
        program.add(mov64_imm(Reg::R0, 0));
    }
    assert_eq!(program.bind(far).add(exit()).finish().map(|insns| insns[0].off), Ok(32_767));
}

#[test]
fn a_label_that_is_put_down_twice_or_elsewhere_is_reported() {
    let mut program = Program::<4>::new();
    let label = &mut program.label();
    program.jmp_a(label).bind(label).bind(label);
    assert_eq!(program.finish(), Err(Error::Rebound));

    let (mut one, mut other) = (Program::<4>::new(), Program::<4>::new());
    let label = &mut one.label();
    one.add(exit()).jmp_a(label);
    assert_eq!(other.bind(label).finish(), Err(Error::Rebound));
}

#[test]
fn bytes_are_stored_in_order_and_to_the_last_one() {
    let mut program = Program::<8>::new();
    program.st_bytes(Reg::R10, -6, b"%d\n\xffz\0");
    let stores: Vec<_> = program
        .finish()
        .expect("room")
        .iter()
        .map(|insn| (insn.code, insn.off, insn.imm))
        .collect();
    assert_eq!(
        stores,
        [(0x62, -6, i32::from_le_bytes(*b"%d\n\xff")), (0x72, -2, b'z'.into()), (0x72, -1, 0)]
    );
}

#[test]
fn loads_and_null_tests_go_by_the_width_of_the_kernel_s_pointers() {
    use PtrWidth::{Eight, Four};
    assert_eq!(ld_ctx_ptr(Reg::R2, Reg::R1, 3), ldx_mem(Size::DW, Reg::R2, Reg::R1, 24));
    assert_eq!(ld_ptr(Four, Reg::R1, Reg::R2, 4), ldx_mem(Size::W, Reg::R1, Reg::R2, 4));
    assert_eq!(ld_ptr(Eight, Reg::R1, Reg::R2, 4), ldx_mem(Size::DW, Reg::R1, Reg::R2, 4));
    assert_eq!((Four.bytes(), Eight.bytes()), (4, 8));

    // A 32-bit kernel leaves the upper half of the slot unwritten: the lower half has the first word.
    let (lower, whole) = (jmp32_imm(JmpOp::JEQ, Reg::R2, 0, 6), jmp_imm(JmpOp::JEQ, Reg::R2, 0, 5));
    assert_eq!(jmp_null(Four, Reg::R2, 5), [lower, whole]);
    // On a 64-bit one it must not: a good pointer may end in 32 zero bits.
    assert!(jmp_null(Eight, Reg::R2, 5).iter().all(|insn| insn.code == whole.code));

    for (width, want) in [(Four, &[0x16, 0x15, 0x95][..]), (Eight, &[0x15, 0x95])] {
        let mut program = Program::<4>::new();
        let done = &mut program.label();
        program.jmp_null(width, Reg::R2, done).bind(done).add(exit());
        let codes: Vec<_> = program.finish().expect("bound").iter().map(|insn| insn.code).collect();
        assert_eq!(codes, want);
    }
}

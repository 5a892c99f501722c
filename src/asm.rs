//! Writing programs: one function per kind of instruction, and [`Program`], which joins them with
//! labels at run time.
//!
//! The functions are named as the kernel's own macros are (`BPF_LDX_MEM` → [`ldx_mem`]) and take their
//! arguments in that order. All are `const`, so a program that is known when it is compiled is an array:
//!
//! ```
//! use barebpf::asm::{exit, mov64_imm};
//! use barebpf::uapi::insn::{Insn, Reg};
//!
//! const RETURN_ZERO: [Insn; 2] = [mov64_imm(Reg::R0, 0), exit()];
//! ```
//!
//! # Pointers of the kernel
//!
//! A program that reads the kernel's structs runs on the *kernel's* architecture, and three things
//! depend on the width of its pointers ([`PtrWidth`], which BTF tells):
//!
//!  - a pointer in the **context** of an iterator program stands in a slot of 8 bytes and is loaded 8
//!    wide on every kernel, else the verifier refuses it: [`ld_ctx_ptr`];
//!  - a pointer **inside a kernel struct** is as wide as the kernel's: [`ld_ptr`];
//!  - whether a context pointer is **null**. A 32-bit kernel writes the lower half of the slot only.
//!    What stands in the upper half is left over from before, unless that kernel was built to clear its
//!    stack. The last call of an iteration has no object, its slot reads as a large number, an ordinary
//!    64-bit test takes that for a pointer, and the load that follows **oopses the kernel**; the verifier
//!    sees nothing wrong. There the lower half has to be tested first, and only there, since a good 64-bit
//!    pointer may end in 32 zero bits. [`jmp_null`] and [`Program::jmp_null`] do the right one.

#![forbid(unsafe_code)]

use core::fmt;

use crate::uapi::helper::Helper;
use crate::uapi::insn::{
    AddrSpaceCast, AluOp, AtomicOp, Class, CondPseudoJmp, EndianTo, Insn, JmpOp, Mode, PseudoCall,
    PseudoLd, Reg, Size, Source,
};

/// The width of the kernel's pointers, which a program's loads go by, whatever its loader's own is: a
/// 32-bit loader on a 64-bit kernel is a common board.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum PtrWidth {
    /// A 32-bit kernel.
    Four,
    /// A 64-bit kernel.
    Eight,
}

impl PtrWidth {
    /// The size of a load.
    #[must_use]
    pub const fn size(self) -> Size {
        match self {
            Self::Four => Size::W,
            Self::Eight => Size::DW,
        }
    }

    /// 4 or 8.
    #[must_use]
    pub const fn bytes(self) -> u32 {
        match self {
            Self::Four => 4,
            Self::Eight => 8,
        }
    }
}

const fn alu(
    class: Class,
    op: AluOp,
    src: Source,
    dst: Reg,
    src_reg: Reg,
    off: i16,
    imm: i32,
) -> Insn {
    Insn::new(class.0 | op.0 | src.0, dst.0, src_reg.0, off, imm)
}

macro_rules! insns {
    ($($(#[$doc:meta])* $c:literal $name:ident($($arg:ident: $ty:ty),*) => $insn:expr;)*) => {$(
        $(#[$doc])*
        #[doc(alias = $c)]
        #[must_use]
        #[inline]
        pub const fn $name($($arg: $ty),*) -> Insn {
            $insn
        }
    )*};
}

insns! {
    /// `dst op= src`, 64 bits.
    "BPF_ALU64_REG" alu64_reg(op: AluOp, dst: Reg, src: Reg) =>
        alu(Class::ALU64, op, Source::X, dst, src, 0, 0);
    /// `(u32) dst op= (u32) src`; the upper half becomes zero.
    "BPF_ALU32_REG" alu32_reg(op: AluOp, dst: Reg, src: Reg) =>
        alu(Class::ALU, op, Source::X, dst, src, 0, 0);
    /// `dst op= imm`, 64 bits; `imm` is sign-extended.
    "BPF_ALU64_IMM" alu64_imm(op: AluOp, dst: Reg, imm: i32) =>
        alu(Class::ALU64, op, Source::K, dst, Reg::R0, 0, imm);
    /// `(u32) dst op= imm`; the upper half becomes zero.
    "BPF_ALU32_IMM" alu32_imm(op: AluOp, dst: Reg, imm: i32) =>
        alu(Class::ALU, op, Source::K, dst, Reg::R0, 0, imm);
    /// Signed [`AluOp::DIV`] or [`AluOp::MOD`], 64 bits (Linux 6.6).
    "BPF_SDIV" alu64_signed_reg(op: AluOp, dst: Reg, src: Reg) =>
        alu(Class::ALU64, op, Source::X, dst, src, 1, 0);
    /// Signed [`AluOp::DIV`] or [`AluOp::MOD`], 32 bits (Linux 6.6).
    "BPF_SMOD" alu32_signed_reg(op: AluOp, dst: Reg, src: Reg) =>
        alu(Class::ALU, op, Source::X, dst, src, 1, 0);
    /// `dst = -dst`.
    "BPF_NEG" neg64(dst: Reg) => alu64_imm(AluOp::NEG, dst, 0);
    /// `dst = src`.
    "BPF_MOV64_REG" mov64_reg(dst: Reg, src: Reg) => alu64_reg(AluOp::MOV, dst, src);
    /// `dst = (u32) src`.
    "BPF_MOV32_REG" mov32_reg(dst: Reg, src: Reg) => alu32_reg(AluOp::MOV, dst, src);
    /// `dst = imm`, sign-extended.
    "BPF_MOV64_IMM" mov64_imm(dst: Reg, imm: i32) => alu64_imm(AluOp::MOV, dst, imm);
    /// `dst = (u32) imm`.
    "BPF_MOV32_IMM" mov32_imm(dst: Reg, imm: i32) => alu32_imm(AluOp::MOV, dst, imm);
    /// `dst = src`, sign-extended from its lowest `bits`: 8, 16 or 32 (Linux 6.6).
    "BPF_MOVSX64_REG" movsx64_reg(dst: Reg, src: Reg, bits: i16) =>
        alu(Class::ALU64, AluOp::MOV, Source::X, dst, src, bits, 0);
    /// `dst = (u32) src`, sign-extended to 32 bits from its lowest `bits`: 8 or 16 (Linux 6.6).
    "BPF_MOVSX32_REG" movsx32_reg(dst: Reg, src: Reg, bits: i16) =>
        alu(Class::ALU, AluOp::MOV, Source::X, dst, src, bits, 0);
    /// `dst = dst` as little-endian, its lowest `bits`: 16, 32 or 64.
    #[doc(alias = "BPF_ENDIAN")]
    "BPF_TO_LE" to_le(dst: Reg, bits: i32) =>
        alu(Class::ALU, AluOp::END, Source(EndianTo::LE.0), dst, Reg::R0, 0, bits);
    /// `dst = dst` as big-endian, its lowest `bits`: 16, 32 or 64.
    #[doc(alias = "BPF_ENDIAN")]
    "BPF_TO_BE" to_be(dst: Reg, bits: i32) =>
        alu(Class::ALU, AluOp::END, Source(EndianTo::BE.0), dst, Reg::R0, 0, bits);
    /// The bytes of `dst` swapped, its lowest `bits`: 16, 32 or 64 (Linux 6.6).
    "BPF_BSWAP" bswap(dst: Reg, bits: i32) =>
        alu(Class::ALU64, AluOp::END, Source::K, dst, Reg::R0, 0, bits);

    /// `dst = src`, a pointer cast from address space `from` to `to`: an arena's is 1, the kernel's 0
    /// (Linux 6.9).
    "BPF_ADDR_SPACE_CAST" addr_space_cast(dst: Reg, src: Reg, to: u16, from: u16) =>
        alu(Class::ALU64, AluOp::MOV, Source::X, dst, src, AddrSpaceCast::CAST.0, (to as i32) << 16 | from as i32);

    /// `dst = *(size *)(src + off)`.
    "BPF_LDX_MEM" ldx_mem(size: Size, dst: Reg, src: Reg, off: i16) =>
        Insn::new(Class::LDX.0 | size.0 | Mode::MEM.0, dst.0, src.0, off, 0);
    /// `dst = *(signed size *)(src + off)` (Linux 6.6).
    "BPF_LDX_MEMSX" ldx_memsx(size: Size, dst: Reg, src: Reg, off: i16) =>
        Insn::new(Class::LDX.0 | size.0 | Mode::MEMSX.0, dst.0, src.0, off, 0);
    /// `*(size *)(dst + off) = src`.
    "BPF_STX_MEM" stx_mem(size: Size, dst: Reg, src: Reg, off: i16) =>
        Insn::new(Class::STX.0 | size.0 | Mode::MEM.0, dst.0, src.0, off, 0);
    /// `*(size *)(dst + off) = imm`.
    "BPF_ST_MEM" st_mem(size: Size, dst: Reg, off: i16, imm: i32) =>
        Insn::new(Class::ST.0 | size.0 | Mode::MEM.0, dst.0, 0, off, imm);
    /// `*(size *)(dst + off) op= src`, atomically; `size` is `W` or `DW`.
    "BPF_ATOMIC_OP" atomic_op(size: Size, op: AtomicOp, dst: Reg, src: Reg, off: i16) =>
        Insn::new(Class::STX.0 | size.0 | Mode::ATOMIC.0, dst.0, src.0, off, op.0);
    /// `R0 = *(size *)(skb->data + imm)`; socket filters only.
    "BPF_LD_ABS" ld_abs(size: Size, imm: i32) =>
        Insn::new(Class::LD.0 | size.0 | Mode::ABS.0, 0, 0, 0, imm);
    /// `R0 = *(size *)(skb->data + src + imm)`; socket filters only.
    "BPF_LD_IND" ld_ind(size: Size, src: Reg, imm: i32) =>
        Insn::new(Class::LD.0 | size.0 | Mode::IND.0, 0, src.0, 0, imm);

    /// `if (dst op src) goto pc + off`, 64 bits.
    "BPF_JMP_REG" jmp_reg(op: JmpOp, dst: Reg, src: Reg, off: i16) =>
        Insn::new(Class::JMP.0 | op.0 | Source::X.0, dst.0, src.0, off, 0);
    /// `if (dst op imm) goto pc + off`, 64 bits; `imm` is sign-extended.
    "BPF_JMP_IMM" jmp_imm(op: JmpOp, dst: Reg, imm: i32, off: i16) =>
        Insn::new(Class::JMP.0 | op.0 | Source::K.0, dst.0, 0, off, imm);
    /// `if ((u32) dst op (u32) src) goto pc + off` (Linux 5.1).
    "BPF_JMP32_REG" jmp32_reg(op: JmpOp, dst: Reg, src: Reg, off: i16) =>
        Insn::new(Class::JMP32.0 | op.0 | Source::X.0, dst.0, src.0, off, 0);
    /// `if ((u32) dst op imm) goto pc + off` (Linux 5.1).
    "BPF_JMP32_IMM" jmp32_imm(op: JmpOp, dst: Reg, imm: i32, off: i16) =>
        Insn::new(Class::JMP32.0 | op.0 | Source::K.0, dst.0, 0, off, imm);
    /// `goto pc + off`.
    "BPF_JMP_A" jmp_a(off: i16) =>
        Insn::new(Class::JMP.0 | JmpOp::JA.0, 0, 0, off, 0);
    /// `goto pc + imm`, for the long way (Linux 6.6).
    "BPF_JMP32_A" jmp32_a(imm: i32) =>
        Insn::new(Class::JMP32.0 | JmpOp::JA.0, 0, 0, 0, imm);
    /// May leave the loop to `pc + off`, when it has run too long (Linux 6.10).
    "BPF_JCOND" may_goto(off: i16) =>
        Insn::new(Class::JMP.0 | JmpOp::JCOND.0, 0, CondPseudoJmp::MAY_GOTO.0, off, 0);
    /// `goto *dst`, an entry of an instruction array (Linux 6.19).
    "BPF_JMP_X" jmp_x(dst: Reg) =>
        Insn::new(Class::JMP.0 | JmpOp::JA.0 | Source::X.0, dst.0, 0, 0, 0);
    /// Calls a helper: arguments in R1 to R5, result in R0.
    "BPF_EMIT_CALL" call(helper: Helper) =>
        Insn::new(Class::JMP.0 | JmpOp::CALL.0, 0, 0, 0, helper.0);
    /// Calls the function at `pc + imm` of this program.
    "BPF_CALL_REL" call_rel(imm: i32) =>
        Insn::new(Class::JMP.0 | JmpOp::CALL.0, 0, PseudoCall::CALL.0, 0, imm);
    /// Calls the kernel function with BTF id `btf_id`, in the kernel's BTF or, where `off` is not 0, in
    /// that of the descriptor at this place of `fd_array` (Linux 5.13).
    "BPF_CALL_KFUNC" call_kfunc(off: i16, btf_id: i32) =>
        Insn::new(Class::JMP.0 | JmpOp::CALL.0, 0, PseudoCall::KFUNC_CALL.0, off, btf_id);
    /// Returns R0.
    "BPF_EXIT_INSN" exit() =>
        Insn::new(Class::JMP.0 | JmpOp::EXIT.0, 0, 0, 0, 0);
}

/// The instruction of two: `dst` = 64 bits, or what `src` makes of them.
const fn ld_imm64_raw(dst: Reg, src: u8, low: i32, high: i32) -> [Insn; 2] {
    [
        Insn::new(Class::LD.0 | Size::DW.0 | Mode::IMM.0, dst.0, src, 0, low),
        Insn::new(0, 0, 0, 0, high),
    ]
}

macro_rules! wide_insns {
    ($($(#[$doc:meta])* $c:literal $name:ident($dst:ident, $($arg:ident: $ty:ty),*) => $src:expr, $low:expr, $high:expr;)*) => {$(
        $(#[$doc])*
        #[doc(alias = $c)]
        #[must_use]
        #[inline]
        pub const fn $name($dst: Reg, $($arg: $ty),*) -> [Insn; 2] {
            ld_imm64_raw($dst, $src, $low, $high)
        }
    )*};
}

/// `dst` = the pointer in slot `slot` of an iterator program's context (`ctx`); slot 0 is `meta`.
///
/// 8 wide on every kernel. What is not `meta` may be null: [`jmp_null`] before anything else.
#[must_use]
#[inline]
pub const fn ld_ctx_ptr(dst: Reg, ctx: Reg, slot: u8) -> Insn {
    ldx_mem(Size::DW, dst, ctx, (slot as i16).wrapping_mul(8))
}

/// `dst` = the pointer at byte `off` of the kernel struct at `src`: as wide as the kernel's.
#[must_use]
#[inline]
pub const fn ld_ptr(width: PtrWidth, dst: Reg, src: Reg, off: i16) -> Insn {
    ldx_mem(width.size(), dst, src, off)
}

/// `if (ptr == NULL) goto pc + off`, counted from the second of the two, for a pointer out of the
/// context.
///
/// On a 32-bit kernel the first looks at the lower half alone: the module's page says why leaving that
/// out oopses such a kernel. On a 64-bit one it is the same test twice, so that a fixed program has one
/// shape; [`Program::jmp_null`] spares it.
#[must_use]
#[inline]
pub const fn jmp_null(width: PtrWidth, ptr: Reg, off: i16) -> [Insn; 2] {
    let further = off.saturating_add(1);
    let first = match width {
        PtrWidth::Four => jmp32_imm(JmpOp::JEQ, ptr, 0, further),
        PtrWidth::Eight => jmp_imm(JmpOp::JEQ, ptr, 0, further),
    };
    [first, jmp_imm(JmpOp::JEQ, ptr, 0, off)]
}

wide_insns! {
    /// `dst = imm`, 64 bits.
    "BPF_LD_IMM64" ld_imm64(dst, imm: u64) => 0, imm as i32, (imm >> 32) as i32;
    /// `dst` = the map of descriptor `fd`.
    "BPF_LD_MAP_FD" ld_map_fd(dst, fd: i32) => PseudoLd::MAP_FD.0, fd, 0;
    /// `dst` = the map at place `idx` of `fd_array` (Linux 5.14).
    "BPF_PSEUDO_MAP_IDX" ld_map_idx(dst, idx: i32) => PseudoLd::MAP_IDX.0, idx, 0;
    /// `dst` = the address of byte `off` of the first value of the array map of descriptor `fd` (Linux 5.2).
    "BPF_PSEUDO_MAP_VALUE" ld_map_value(dst, fd: i32, off: i32) => PseudoLd::MAP_VALUE.0, fd, off;
    /// As [`ld_map_value`], for the map at place `idx` of `fd_array` (Linux 5.14).
    "BPF_PSEUDO_MAP_IDX_VALUE" ld_map_idx_value(dst, idx: i32, off: i32) => PseudoLd::MAP_IDX_VALUE.0, idx, off;
    /// `dst` = the address of the kernel variable with BTF id `btf_id`, in the kernel's BTF or that of the
    /// descriptor `btf_fd` where it is not 0 (Linux 5.9).
    "BPF_PSEUDO_BTF_ID" ld_btf_id(dst, btf_id: i32, btf_fd: i32) => PseudoLd::BTF_ID.0, btf_id, btf_fd;
    /// `dst` = the function at `pc + imm` of this program, for a helper that calls back (Linux 5.13).
    "BPF_PSEUDO_FUNC" ld_func(dst, imm: i32) => PseudoLd::FUNC.0, imm, 0;
}

/// A place in a [`Program`] that jumps go to, before or after it is known.
///
/// Made by [`Program::label`], put down once by [`Program::bind`].
#[derive(Debug)]
pub struct Label {
    /// Where it stands; until that is known, the last of the jumps to it: each of them holds, where its
    /// distance will be, the number of the one before.
    at: u16,
    bound: bool,
}

/// The end of a chain of jumps.
const NONE: u16 = u16::MAX;

/// What is wrong with a [`Program`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// More than `N` instructions, or more than 65,534.
    Full,
    /// A jump is longer than its field: 32,767 instructions.
    TooFar,
    /// A label was put down twice, or belongs to another program.
    Rebound,
    /// A jump leads to a label that was never put down.
    Unbound,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "more instructions than the program has room for",
            Self::TooFar => "a jump of more than 32,767 instructions",
            Self::Rebound => "a label was put down twice or belongs to another program",
            Self::Unbound => "a jump to a label that was never put down",
        })
    }
}

impl core::error::Error for Error {}

/// A program of at most `N` instructions, put together at run time.
///
/// What goes wrong on the way is kept, and [`finish`](Self::finish) says it; nothing after the first
/// error is added.
///
/// ```
/// use barebpf::asm::{Program, exit, mov64_imm};
/// use barebpf::uapi::insn::{JmpOp, Reg};
///
/// let mut program = Program::<8>::new();
/// let done = &mut program.label();
/// program
///     .add(mov64_imm(Reg::R0, 0))
///     .jmp_imm(JmpOp::JEQ, Reg::R1, 0, done)
///     .add(mov64_imm(Reg::R0, 1))
///     .bind(done)
///     .add(exit());
/// assert_eq!(program.finish()?[1].off, 1);
/// # Ok::<(), barebpf::asm::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Program<const N: usize> {
    insns: heapless::Vec<Insn, N>,
    /// Labels that jumps wait for.
    open: u16,
    error: Option<Error>,
}

impl<const N: usize> Default for Program<N> {
    fn default() -> Self {
        Self::new()
    }
}

impl<const N: usize> Program<N> {
    /// No instruction yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { insns: heapless::Vec::new(), open: 0, error: None }
    }

    /// A label that stands nowhere yet.
    #[must_use]
    pub const fn label(&self) -> Label {
        Label { at: NONE, bound: false }
    }

    /// Adds an instruction.
    #[inline]
    pub fn add(&mut self, insn: Insn) -> &mut Self {
        self.extend(&[insn])
    }

    /// Adds instructions: one of two, such as [`ld_imm64`], or many.
    pub fn extend(&mut self, insns: &[Insn]) -> &mut Self {
        if self.error.is_none() {
            let room = N.min(NONE as usize).saturating_sub(self.insns.len());
            if insns.len() > room || self.insns.extend_from_slice(insns).is_err() {
                self.error = Some(Error::Full);
            }
        }
        self
    }

    /// Puts `label` down here.
    pub fn bind(&mut self, label: &mut Label) -> &mut Self {
        let here = self.here();
        if label.bound {
            return self.fail(Error::Rebound);
        }
        let mut at = label.at;
        (label.at, label.bound) = (here, true);
        if at != NONE {
            self.open = self.open.saturating_sub(1);
        }
        while at != NONE {
            let Some(jump) = self.insns.get_mut(usize::from(at)) else {
                return self.fail(Error::Rebound);
            };
            let before = if far(jump) { jump.imm as u16 } else { jump.off as u16 };
            if !aim(jump, at, here) {
                return self.fail(Error::TooFar);
            }
            // The chain leads backwards, always, so this ends.
            if before != NONE && before >= at {
                return self.fail(Error::Rebound);
            }
            at = before;
        }
        self
    }

    /// `if (dst op src) goto label`.
    pub fn jmp_reg(&mut self, op: JmpOp, dst: Reg, src: Reg, label: &mut Label) -> &mut Self {
        self.jump(jmp_reg(op, dst, src, 0), label)
    }

    /// `if (dst op imm) goto label`.
    pub fn jmp_imm(&mut self, op: JmpOp, dst: Reg, imm: i32, label: &mut Label) -> &mut Self {
        self.jump(jmp_imm(op, dst, imm, 0), label)
    }

    /// `goto label`.
    pub fn jmp_a(&mut self, label: &mut Label) -> &mut Self {
        self.jump(jmp_a(0), label)
    }

    /// Calls the function of this program that begins at `label`.
    pub fn call_rel(&mut self, label: &mut Label) -> &mut Self {
        self.jump(call_rel(0), label)
    }

    /// `dst` = the function of this program that begins at `label`.
    pub fn ld_func(&mut self, dst: Reg, label: &mut Label) -> &mut Self {
        let [first, second] = ld_func(dst, 0);
        self.jump(first, label).add(second)
    }

    /// Any jump or call, to `label` instead of its own distance.
    pub fn jump(&mut self, mut insn: Insn, label: &mut Label) -> &mut Self {
        if self.error.is_some() {
            return self;
        }
        let here = self.here();
        if label.bound {
            if !aim(&mut insn, here, label.at) {
                return self.fail(Error::TooFar);
            }
        } else {
            if label.at == NONE {
                self.open = self.open.saturating_add(1);
            }
            if far(&insn) {
                insn.imm = i32::from(label.at);
            } else {
                insn.off = label.at as i16;
            }
            label.at = here;
        }
        self.add(insn)
    }

    /// Stores `bytes` from `off` behind `dst` on: `st_mem` of 4 bytes at a time, then of 1.
    ///
    /// A text or a format on the stack: `st_bytes(Reg::R10, -16, b"%d %s\n\0")`.
    pub fn st_bytes(&mut self, dst: Reg, off: i16, bytes: &[u8]) -> &mut Self {
        let mut at = off;
        let mut rest = bytes;
        while let Some((&word, behind)) = rest.split_first_chunk::<4>() {
            self.add(st_mem(Size::W, dst, at, i32::from_le_bytes(word)));
            (at, rest) = (at.wrapping_add(4), behind);
        }
        for &byte in rest {
            self.add(st_mem(Size::B, dst, at, i32::from(byte)));
            at = at.wrapping_add(1);
        }
        self
    }

    /// `if (ptr == NULL) goto label`, for a pointer out of the context.
    ///
    /// On a 32-bit kernel two instructions, the first of which looks at the lower half alone: the module's
    /// page says why leaving that out oopses such a kernel.
    pub fn jmp_null(&mut self, width: PtrWidth, ptr: Reg, label: &mut Label) -> &mut Self {
        if width == PtrWidth::Four {
            self.jump(jmp32_imm(JmpOp::JEQ, ptr, 0, 0), label);
        }
        self.jmp_imm(JmpOp::JEQ, ptr, 0, label)
    }

    /// The program, if all went well.
    ///
    /// # Errors
    ///
    /// The first thing that went wrong; see [`Error`].
    pub fn finish(&self) -> Result<&[Insn], Error> {
        match self.error {
            Some(error) => Err(error),
            None if self.open > 0 => Err(Error::Unbound),
            None => Ok(&self.insns),
        }
    }

    #[inline]
    fn here(&self) -> u16 {
        // `extend` lets no more in than fit.
        self.insns.len() as u16
    }

    #[cold]
    fn fail(&mut self, error: Error) -> &mut Self {
        self.error = self.error.or(Some(error));
        self
    }
}

/// Whether the distance is in `imm`: a long jump, a call, the address of a function.
const fn far(insn: &Insn) -> bool {
    insn.code == Class::JMP32.0 | JmpOp::JA.0
        || insn.code == Class::JMP.0 | JmpOp::CALL.0
        || insn.code == Class::LD.0 | Size::DW.0 | Mode::IMM.0
}

/// Makes the jump at `from` lead to `to`; false when that is too far for its field.
fn aim(jump: &mut Insn, from: u16, to: u16) -> bool {
    let distance = i32::from(to).wrapping_sub(i32::from(from)).wrapping_sub(1);
    if far(jump) {
        jump.imm = distance;
        return true;
    }
    match i16::try_from(distance) {
        Ok(off) => {
            jump.off = off;
            true
        }
        Err(_) => false,
    }
}

//! `struct bpf_insn` and the numbers that its fields hold.
//!
//! The low three bits of an opcode are its [`Class`]. Loads and stores add a [`Size`] and a [`Mode`];
//! arithmetic and jumps add a [`Source`] and an [`AluOp`] or [`JmpOp`].
//!
//! ```
//! use barebpf::uapi::insn::{Class, Insn, Mode, Reg, Size};
//!
//! // r1 = *(u64 *)(r6 + 8)
//! let load = Insn::new(Class::LDX.0 | Size::DW.0 | Mode::MEM.0, Reg::R1.0, Reg::R6.0, 8, 0);
//! assert_eq!(load.code, 0x79);
//! assert_eq!((load.dst_reg(), load.src_reg()), (1, 6));
//! ```

kernel_struct! {
    /// `struct bpf_insn`: one instruction, or one half of a 64-bit load of a constant.
    #[doc(alias = "bpf_insn")]
    #[derive(Eq, PartialEq)]
    pub struct Insn = "struct bpf_insn", 8 bytes {
        /// The opcode.
        0 pub code: u8,
        1 _regs: u8 { 0: 4 = "dst_reg", 4: 4 = "src_reg" },
        /// Signed offset: of a jump in instructions, of an access in bytes.
        2 pub off: i16,
        /// Signed constant.
        4 pub imm: i32,
    }
}

impl Insn {
    /// All fields; of `dst_reg` and `src_reg`, the low four bits.
    #[must_use]
    pub const fn new(code: u8, dst_reg: u8, src_reg: u8, off: i16, imm: i32) -> Self {
        Self { code, _regs: src_reg << 4 | dst_reg & 0xf, off, imm }
    }

    /// The destination: a [`Reg`].
    #[must_use]
    pub const fn dst_reg(self) -> u8 {
        self._regs & 0xf
    }

    /// The source: a [`Reg`], or in loads of constants a [`PseudoLd`], in calls a [`PseudoCall`].
    #[must_use]
    pub const fn src_reg(self) -> u8 {
        self._regs >> 4
    }
}

kernel_enum! {
    /// Instruction class: the low three bits of an opcode.
    pub struct Class: u8 {
        /// Load a 64-bit constant, or from a packet.
        LD = "BPF_LD" => 0;
        /// Load into a register.
        LDX = "BPF_LDX" => 1;
        /// Store a constant.
        ST = "BPF_ST" => 2;
        /// Store a register, or an atomic operation.
        STX = "BPF_STX" => 3;
        /// Arithmetic on lower halves; the upper half of the result is zero.
        ALU = "BPF_ALU" => 4;
        /// Jump on whole registers; call, exit.
        JMP = "BPF_JMP" => 5;
        /// Jump on lower halves.
        JMP32 = "BPF_JMP32" => 6;
        /// Arithmetic on whole registers.
        ALU64 = "BPF_ALU64" => 7;
        /// Return, in classic BPF alone.
        RET = "BPF_RET" => 6;
        /// Move between registers, in classic BPF alone.
        MISC = "BPF_MISC" => 7;
    }

    /// How much a load or store moves.
    pub struct Size: u8 {
        /// 4 bytes.
        W = "BPF_W" => 0x00;
        /// 2 bytes.
        H = "BPF_H" => 0x08;
        /// 1 byte.
        B = "BPF_B" => 0x10;
        /// 8 bytes.
        DW = "BPF_DW" => 0x18;
    }

    /// How a load or store finds its place.
    pub struct Mode: u8 {
        /// A constant: with [`Size::DW`] and [`Class::LD`], 64 bits in two instructions.
        IMM = "BPF_IMM" => 0x00;
        /// In a packet, at `imm`.
        ABS = "BPF_ABS" => 0x20;
        /// In a packet, at a register plus `imm`.
        IND = "BPF_IND" => 0x40;
        /// In memory, at a register plus `off`.
        MEM = "BPF_MEM" => 0x60;
        /// The same, and the value is sign-extended; loads only.
        MEMSX = "BPF_MEMSX" => 0x80;
        /// An atomic operation; `imm` is an [`AtomicOp`], or an [`AluOp`] that may carry
        /// [`AtomicOp::FETCH`].
        ATOMIC = "BPF_ATOMIC" => 0xc0;
        /// The older name of `ATOMIC`, when addition was all that it could do.
        XADD = "BPF_XADD" => 0xc0;
        /// Length of the packet, in classic BPF alone.
        LEN = "BPF_LEN" => 0x80;
        /// Length of the IP header, in classic BPF alone.
        MSH = "BPF_MSH" => 0xa0;
    }

    /// What the second operand of arithmetic or a jump is.
    pub struct Source: u8 {
        /// `imm`.
        K = "BPF_K" => 0x00;
        /// The source register.
        X = "BPF_X" => 0x08;
    }

    /// What an arithmetic instruction does with its destination.
    ///
    /// `off` 1 makes `DIV` and `MOD` signed; `off` 8, 16 or 32 makes `MOV` sign-extend.
    pub struct AluOp: u8 {
        /// Add.
        ADD = "BPF_ADD" => 0x00;
        /// Subtract.
        SUB = "BPF_SUB" => 0x10;
        /// Multiply.
        MUL = "BPF_MUL" => 0x20;
        /// Divide; by zero gives zero.
        DIV = "BPF_DIV" => 0x30;
        /// Bitwise or.
        OR = "BPF_OR" => 0x40;
        /// Bitwise and.
        AND = "BPF_AND" => 0x50;
        /// Shift left.
        LSH = "BPF_LSH" => 0x60;
        /// Shift right, zeros from the left.
        RSH = "BPF_RSH" => 0x70;
        /// Negate.
        NEG = "BPF_NEG" => 0x80;
        /// Remainder; by zero leaves the destination.
        MOD = "BPF_MOD" => 0x90;
        /// Bitwise exclusive or.
        XOR = "BPF_XOR" => 0xa0;
        /// Copy.
        MOV = "BPF_MOV" => 0xb0;
        /// Shift right, copies of the sign from the left.
        ARSH = "BPF_ARSH" => 0xc0;
        /// Change the byte order of the low `imm` bits: see [`EndianTo`].
        END = "BPF_END" => 0xd0;
    }

    /// What [`AluOp::END`] turns the destination into, in [`Class::ALU`]; in [`Class::ALU64`] it
    /// always swaps.
    pub struct EndianTo: u8 {
        /// Little-endian.
        LE = "BPF_TO_LE" => 0x00;
        /// Big-endian.
        BE = "BPF_TO_BE" => 0x08;
        /// From little-endian, which is the same operation.
        FROM_LE = "BPF_FROM_LE" => 0x00;
        /// From big-endian, which is the same operation.
        FROM_BE = "BPF_FROM_BE" => 0x08;
    }

    /// When a jump is taken.
    pub struct JmpOp: u8 {
        /// Always; by `off`, or in [`Class::JMP32`] by `imm`.
        JA = "BPF_JA" => 0x00;
        /// Equal.
        JEQ = "BPF_JEQ" => 0x10;
        /// Greater, unsigned.
        JGT = "BPF_JGT" => 0x20;
        /// Greater or equal, unsigned.
        JGE = "BPF_JGE" => 0x30;
        /// A bit in common.
        JSET = "BPF_JSET" => 0x40;
        /// Not equal.
        JNE = "BPF_JNE" => 0x50;
        /// Greater, signed.
        JSGT = "BPF_JSGT" => 0x60;
        /// Greater or equal, signed.
        JSGE = "BPF_JSGE" => 0x70;
        /// No jump but a call: see [`PseudoCall`].
        CALL = "BPF_CALL" => 0x80;
        /// No jump but the return from the program or function.
        EXIT = "BPF_EXIT" => 0x90;
        /// Less, unsigned.
        JLT = "BPF_JLT" => 0xa0;
        /// Less or equal, unsigned.
        JLE = "BPF_JLE" => 0xb0;
        /// Less, signed.
        JSLT = "BPF_JSLT" => 0xc0;
        /// Less or equal, signed.
        JSLE = "BPF_JSLE" => 0xd0;
        /// On a condition of the kernel's: the source is a [`CondPseudoJmp`].
        JCOND = "BPF_JCOND" => 0xe0;
    }

    /// `enum bpf_cond_pseudo_jmp`: the source register of a [`JmpOp::JCOND`].
    #[doc(alias = "bpf_cond_pseudo_jmp")]
    pub struct CondPseudoJmp: u8 {
        /// When the loop has run too often.
        MAY_GOTO = "BPF_MAY_GOTO" => 0;
    }

    /// The `imm` of an atomic operation, beside the operations of [`AluOp`].
    pub struct AtomicOp: i32 {
        /// Or-ed into an operation: the source register gets the old value.
        FETCH = "BPF_FETCH" => 0x01;
        /// Swap memory and source register.
        XCHG = "BPF_XCHG" => 0xe1;
        /// Store the source register if memory equals `R0`, which gets the old value.
        CMPXCHG = "BPF_CMPXCHG" => 0xf1;
        /// Load; nothing later moves before it.
        LOAD_ACQ = "BPF_LOAD_ACQ" => 0x100;
        /// Store; nothing earlier moves after it.
        STORE_REL = "BPF_STORE_REL" => 0x110;
    }

    /// A register.
    pub struct Reg: u8 {
        /// Result of calls and of the program.
        R0 = "BPF_REG_0" => 0;
        /// First argument; at the start, the context. Calls destroy it.
        R1 = "BPF_REG_1" => 1;
        /// Second argument. Calls destroy it.
        R2 = "BPF_REG_2" => 2;
        /// Third argument. Calls destroy it.
        R3 = "BPF_REG_3" => 3;
        /// Fourth argument. Calls destroy it.
        R4 = "BPF_REG_4" => 4;
        /// Fifth argument. Calls destroy it.
        R5 = "BPF_REG_5" => 5;
        /// Kept by calls.
        R6 = "BPF_REG_6" => 6;
        /// Kept by calls.
        R7 = "BPF_REG_7" => 7;
        /// Kept by calls.
        R8 = "BPF_REG_8" => 8;
        /// Kept by calls.
        R9 = "BPF_REG_9" => 9;
        /// The end of the stack frame, which grows downwards; cannot be written.
        R10 = "BPF_REG_10" => 10;
    }

    /// The source register of a 64-bit load of a constant: what the constant names.
    ///
    /// With zero it is a plain number, whose upper half is the second instruction's `imm`. Else the
    /// second `imm` is zero, unless it is said.
    pub struct PseudoLd: u8 {
        /// The map with the descriptor in `imm`.
        MAP_FD = "BPF_PSEUDO_MAP_FD" => 1;
        /// The value of the array with the descriptor in `imm`, plus the second `imm`.
        MAP_VALUE = "BPF_PSEUDO_MAP_VALUE" => 2;
        /// The kernel variable with the BTF id in `imm`; the second `imm` is a module's BTF
        /// descriptor, or zero.
        BTF_ID = "BPF_PSEUDO_BTF_ID" => 3;
        /// The function of this program that starts `imm` + 1 instructions further on.
        FUNC = "BPF_PSEUDO_FUNC" => 4;
        /// The map at index `imm` of `fd_array`.
        MAP_IDX = "BPF_PSEUDO_MAP_IDX" => 5;
        /// The value of the array at index `imm` of `fd_array`, plus the second `imm`.
        MAP_IDX_VALUE = "BPF_PSEUDO_MAP_IDX_VALUE" => 6;
    }

    /// The source register of a call: what `imm` names.
    ///
    /// Zero is a [`Helper`](super::helper::Helper).
    pub struct PseudoCall: u8 {
        /// The function of this program that starts `imm` + 1 instructions further on.
        CALL = "BPF_PSEUDO_CALL" => 1;
        /// The kernel function with the BTF id in `imm`; `off` is the index in `fd_array` of a
        /// module's BTF, or zero.
        KFUNC_CALL = "BPF_PSEUDO_KFUNC_CALL" => 2;
    }

    /// `enum bpf_addr_space_cast`: the `off` of a 64-bit [`AluOp::MOV`] that is a cast.
    #[doc(alias = "bpf_addr_space_cast")]
    pub struct AddrSpaceCast: i16 {
        /// Between the address spaces in the two halves of `imm`: an arena's is 1, the kernel's 0.
        CAST = "BPF_ADDR_SPACE_CAST" => 1;
    }
}

kernel_values! {
    /// The limits below.
    struct Limits {
        /// Instructions that a program loaded without `CAP_BPF` may have.
        MAXINSNS: usize = "BPF_MAXINSNS" => 4096;
    }
}

//! From a table to a program that writes its lines.
//!
//! The kernel writes all of the text, by `bpf_seq_printf` and `bpf_seq_write`: what is pinned is read by
//! any `cat`. For JSON it writes texts as they are, framed: a NUL, a quarter of the length, the bytes. A
//! NUL is nowhere else, so whoever reads can escape them.
//!
//! What stands where in the program: R6 the sequence file, R8 the context, R9 the struct at hand, R1 the
//! value, R7 the type that was last written, R3 a length, and on the stack what goes into the next call.

use barebpf::asm::{
    Label, Program, PtrWidth, alu64_imm, alu64_reg, call, exit, jmp_a, jmp_imm, ld_ctx_ptr, ld_ptr,
    ldx_mem, mov64_imm, mov64_reg, st_mem, stx_mem, to_be,
};
use barebpf::btf::{self, Btf, Want};
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, Insn, JmpOp, Reg as R, Size};

use super::names;
use super::text::{Text, Words, ascii, number};

/// Enough for every table: a path takes seven for each byte.
pub type Room = Program<3584>;

/// Where texts and formats are put together on the program's stack, and where a number is handed over.
const ROOM: i16 = -440;
const ARG: i16 = -8;
/// A frame's NUL and length stand right before the text, which is aligned.
const FRAME: i16 = ROOM + 2;
const TEXT: i16 = ROOM + 4;

/// How a line is written.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Style {
    /// In columns, with titles.
    Table,
    /// `title: value`, each on a line of its own.
    Keys,
    Json,
}

/// What is written.
#[derive(Clone, Copy)]
pub struct Wish<'t> {
    pub table: &'t [u8],
    pub style: Style,
    /// The one object with this number in the first column; its kind is then said, too.
    pub only: Option<u32>,
    /// Whether `bpf_d_path` may be called: not before Linux 5.12. Else of a path there is the last name.
    pub paths: bool,
}

/// What every program for a target is made with.
#[derive(Clone, Copy)]
pub struct Kernel {
    /// The target's id.
    pub id: u32,
    /// How wide the kernel's pointers are.
    width: PtrWidth,
    /// Where the sequence file has how much was written since it was read.
    held: i16,
}

#[inline(never)]
pub fn target(btf: &mut Btf<'_>, func: &str) -> Result<Kernel, btf::Error> {
    let func = Want::func(func);
    let held = Want::member("seq_file", "count");
    let [func, pointer, held, ..] = btf.find([func, Want::pointer(), held, func])?;
    let held = held.member()?.offset().unwrap_or(0) as i16;
    Ok(Kernel { id: func.id()?, width: pointer.ptr_width()?, held })
}

/// Writes the program for a wish.
#[inline(never)]
pub fn write(
    program: &mut Room,
    btf: &mut Btf<'_>,
    kernel: Kernel,
    wish: &Wish<'_>,
) -> Result<(), btf::Error> {
    let done = program.label();
    let mut writer = Writer { program, kernel, style: wish.style, paths: wish.paths, done };
    writer.begin();
    let mut lines = Words::new(wish.table, b'\n');
    let mut first = Words::new(lines.word(), b' ');
    let (kind, of) = (first.word(), first.word());
    let mut between = b'{';
    if wish.style == Style::Table {
        writer.titles(lines.clone());
    }
    // The last call has no object, and no line; it may be the first, too.
    writer.slot(1);
    if let Some(id) = wish.only {
        let column = Column::new(btf, of, lines.clone().word())?;
        writer.load(&column);
        writer.jump(jmp_imm(JmpOp::JNE, R::R1, id as i32, 0));
        let mut text = Text::new();
        let (before, behind): (&[u8], &[u8]) = match wish.style {
            Style::Json => (b"{\"kind\":\"", b"\""),
            _ => (b"kind: ", b"\n"),
        };
        let kind = kind.get(4..).unwrap_or_default();
        writer.literal(text.push(before).push(kind).push(behind).bytes());
        between = b',';
    }
    while let Some(line) = lines.next() {
        let column = Column::new(btf, of, line)?;
        writer.column(&column, between, lines.is_last());
        between = b',';
    }
    writer.literal(if wish.style == Style::Json { b"}\n" } else { b"\n" });
    writer.end();
    Ok(())
}

/// A program that writes one byte for each object, which is known by a slot of the context.
pub fn write_count(program: &mut Room, kernel: Kernel, slot: u8) {
    let done = program.label();
    let mut writer = Writer { program, kernel, style: Style::Json, paths: false, done };
    writer.begin();
    writer.slot(slot);
    writer.literal(b".");
    writer.end();
}

/// A line of a table, and where this kernel has what it says.
struct Column<'t> {
    title: &'t [u8],
    kind: u8,
    digits: &'t [u8],
    width: u32,
    slot: u8,
    /// The offsets on the way, none for the slot itself.
    way: [i16; 4],
    steps: usize,
    /// How large the member at the end is.
    size: u32,
    known: bool,
}

impl<'t> Column<'t> {
    #[inline(never)]
    fn new(btf: &mut Btf<'_>, of: &[u8], line: &'t [u8]) -> Result<Self, btf::Error> {
        let mut words = Words::new(line, b' ');
        let mut it = Self::title(&mut words);
        let mut wants = [Want::member("", ""); 4];
        let mut free = wants.iter_mut();
        for step in words.clone() {
            for name in Words::new(step, mark_of(step)) {
                let mut parts = Words::new(name, b'.');
                let (mut of, mut name) = (of, parts.word());
                if !parts.is_last() {
                    (of, name) = (name, parts.word());
                }
                if let Some(want) = free.next() {
                    *want = Want::member(ascii(of), ascii(name));
                }
            }
        }
        if words.is_last() {
            return Ok(it);
        }
        let found = btf.find(wants)?;
        let mut found = found.iter();
        for (step, to) in words.zip(it.way.iter_mut()) {
            let (mark, mut any, mut all) = (mark_of(step), false, true);
            for _ in Words::new(step, mark) {
                let Some(Ok(member)) = found.next().map(|found| found.member()) else { continue };
                match member.offset() {
                    None => all = false,
                    Some(off) if !any || mark == b'+' => {
                        (*to, it.size, any) = (to.wrapping_add(off as i16), member.size, true);
                    }
                    _ => {}
                }
            }
            it.known &= any && (all || mark == b'|');
            it.steps = it.steps.wrapping_add(1);
        }
        Ok(it)
    }

    /// The first three words.
    #[inline(never)]
    fn title(words: &mut Words<'t>) -> Self {
        let (title, kind, slot) = (words.word(), words.word(), words.word());
        let (kind, digits) = kind.split_first().unwrap_or((&0, b""));
        Self {
            title,
            kind: *kind,
            digits,
            width: number(digits).unwrap_or(0) as u32,
            slot: slot.first().map_or(0, |digit| digit & 7),
            way: [0; 4],
            steps: 0,
            size: 4,
            known: true,
        }
    }
}

/// What stands between the names of a step.
fn mark_of(step: &[u8]) -> u8 {
    if step.contains(&b'+') { b'+' } else { b'|' }
}

struct Writer<'p> {
    program: &'p mut Room,
    kernel: Kernel,
    style: Style,
    paths: bool,
    done: Label,
}

/// `bpf_seq_printf(seq, room, R3, &R1, 8)`.
static PRINT: [Insn; 8] = [
    stx_mem(Size::DW, R::R10, R::R1, ARG),
    mov64_reg(R::R1, R::R6),
    mov64_reg(R::R2, R::R10),
    alu64_imm(AluOp::ADD, R::R2, ROOM as i32),
    mov64_reg(R::R4, R::R10),
    alu64_imm(AluOp::ADD, R::R4, ARG as i32),
    mov64_imm(R::R5, 8),
    call(Helper::SEQ_PRINTF),
];

/// `bpf_seq_write(seq, R10 + R2, R3)`.
static WRITE: [Insn; 3] =
    [mov64_reg(R::R1, R::R6), alu64_reg(AluOp::ADD, R::R2, R::R10), call(Helper::SEQ_WRITE)];

/// `bpf_d_path(R9 + R1, text, R3)`.
static D_PATH: [Insn; 4] = [
    alu64_reg(AluOp::ADD, R::R1, R::R9),
    mov64_reg(R::R2, R::R10),
    alu64_imm(AluOp::ADD, R::R2, TEXT as i32),
    call(Helper::D_PATH),
];

/// R9 is what stands in kernel memory at R9 + R3: R2 bytes, and the rest of eight zero, or all.
static PROBE: [Insn; 6] = [
    alu64_reg(AluOp::ADD, R::R3, R::R9),
    mov64_reg(R::R1, R::R10),
    alu64_imm(AluOp::ADD, R::R1, ARG as i32),
    st_mem(Size::DW, R::R10, ARG, 0),
    call(Helper::PROBE_READ_KERNEL),
    ldx_mem(Size::DW, R::R9, R::R10, ARG),
];

/// Of a number of a task and, below, which kind of number it is, R1 is the former if it is this kind.
static KIND: [Insn; 4] = [
    mov64_reg(R::R2, R::R1),
    alu64_imm(AluOp::RSH, R::R1, 32),
    alu64_imm(AluOp::LSH, R::R2, 32),
    alu64_imm(AluOp::RSH, R::R2, 32),
];

/// The number of a type that has no name here, in two digits.
static DIGITS: [Insn; 8] = [
    mov64_reg(R::R2, R::R1),
    alu64_imm(AluOp::DIV, R::R2, 10),
    alu64_imm(AluOp::ADD, R::R2, b'0' as i32),
    stx_mem(Size::B, R::R10, R::R2, TEXT),
    mov64_reg(R::R2, R::R1),
    alu64_imm(AluOp::MOD, R::R2, 10),
    alu64_imm(AluOp::ADD, R::R2, b'0' as i32),
    stx_mem(Size::B, R::R10, R::R2, TEXT + 1),
];

/// The letter of a task's state: of its lowest bit, of which eight have one.
static STATE: [Insn; 32] = {
    let mut insns = [mov64_imm(R::R2, b'R' as i32); 32];
    let (mut letters, mut at, mut bit) = (b"ZPXZtTDS".as_slice(), 1, 0x80);
    while let [letter, rest @ ..] = letters {
        insns[at] = jmp_imm(JmpOp::JSET, R::R1, bit, 1);
        insns[at + 1] = jmp_a(1);
        insns[at + 2] = mov64_imm(R::R2, *letter as i32);
        (letters, at, bit) = (rest, at + 3, bit >> 1);
    }
    // What is frozen, or waits for a lock on a real-time kernel, is said to wait.
    insns[25] = jmp_imm(JmpOp::JSET, R::R1, 0x9000, 1);
    insns[26] = jmp_a(1);
    insns[27] = mov64_imm(R::R2, b'D' as i32);
    // What is idle sleeps without being waited for.
    insns[28] = alu64_imm(AluOp::AND, R::R1, 0x402);
    insns[29] = jmp_imm(JmpOp::JNE, R::R1, 0x402, 1);
    insns[30] = mov64_imm(R::R2, b'I' as i32);
    insns[31] = stx_mem(Size::B, R::R10, R::R2, TEXT);
    insns
};

/// Of eight bytes, R1 is the first four, R2 the rest.
static BYTES: [Insn; 3] =
    [alu64_imm(AluOp::LSH, R::R2, 32), alu64_reg(AluOp::OR, R::R1, R::R2), to_be(R::R1, 64)];

/// What would break a line becomes `?`.
static CLEAN: [Insn; 3] = [
    jmp_imm(JmpOp::JEQ, R::R1, 0x7f, 1),
    jmp_imm(JmpOp::JGE, R::R1, b' ' as i32, 1),
    mov64_imm(R::R1, b'?' as i32),
];

/// `bpf_probe_read_kernel_str(R10 + R1, R2, R3)`.
static READ_STR: [Insn; 2] =
    [alu64_reg(AluOp::ADD, R::R1, R::R10), call(Helper::PROBE_READ_KERNEL_STR)];

/// Not the first line.
static FIRST: [Insn; 2] = [ld_ctx_ptr(R::R1, R::R8, 0), ldx_mem(Size::DW, R::R1, R::R1, 16)];

static END: [Insn; 2] = [mov64_imm(R::R0, 0), exit()];

impl Writer<'_> {
    #[inline(never)]
    fn add(&mut self, insn: Insn) {
        self.program.extend(&[insn]);
    }

    /// A jump to the end.
    #[inline(never)]
    fn jump(&mut self, insn: Insn) {
        self.program.jump(insn, &mut self.done);
    }

    /// Loads what every line needs.
    fn begin(&mut self) {
        self.add(mov64_reg(R::R8, R::R1));
        self.add(ld_ctx_ptr(R::R9, R::R1, 0));
        self.add(ld_ptr(self.kernel.width, R::R6, R::R9, 0));
    }

    fn end(&mut self) {
        self.program.bind(&mut self.done).extend(&END);
    }

    /// Before the first line, the titles.
    fn titles(&mut self, lines: Words<'_>) {
        let (mut titles, mut behind) = (Text::new(), 0);
        for line in lines {
            let column = Column::title(&mut Words::new(line, b' '));
            let mut pad = column.width.wrapping_sub(column.title.len() as u32);
            if column.kind == b'o' {
                break;
            }
            titles.pad(behind);
            if matches!(column.kind, b'u' | b'f') {
                titles.pad(pad);
                pad = 0;
            }
            titles.push(column.title);
            behind = pad.wrapping_add(1);
        }
        titles.push(b"\n");
        let row = &mut self.program.label();
        self.program.extend(&FIRST).jump(jmp_imm(JmpOp::JNE, R::R1, 0, 0), row);
        // The call behind the only object has its number.
        self.add(ld_ptr(self.kernel.width, R::R1, R::R6, self.kernel.held));
        self.program.jump(jmp_imm(JmpOp::JNE, R::R1, 0, 0), row);
        self.literal(titles.bytes());
        self.program.bind(row);
    }

    /// R9 is the pointer in this slot. Without one the call is over.
    #[inline(never)]
    fn slot(&mut self, slot: u8) {
        self.add(ld_ctx_ptr(R::R9, R::R8, slot));
        self.program.jmp_null(self.kernel.width, R::R9, &mut self.done);
    }

    #[inline(never)]
    fn literal(&mut self, bytes: &[u8]) {
        self.program.st_bytes(R::R10, ROOM, bytes);
        self.put(ROOM, bytes.len() as u32);
    }

    /// Writes so much of the stack.
    fn put(&mut self, at: i16, len: u32) {
        self.add(mov64_imm(R::R3, len as i32));
        self.put_r3(at);
    }

    #[inline(never)]
    fn put_r3(&mut self, at: i16) {
        self.add(mov64_imm(R::R2, at.into()));
        self.program.extend(&WRITE);
    }

    /// R1 is the value, or R9 the struct that it is in, and what is given back its place there.
    #[inline(never)]
    fn load(&mut self, column: &Column<'_>) -> i16 {
        if column.steps == 0 {
            self.add(ldx_mem(Size::W, R::R1, R::R8, i16::from(column.slot) << 3));
            return 0;
        }
        self.slot(column.slot);
        let mut way = column.way.iter().take(column.steps);
        let mut off = way.next().copied().unwrap_or(0);
        if column.kind == b'p' {
            return off;
        }
        for next in way {
            self.add(ld_ptr(self.kernel.width, R::R9, R::R9, off));
            off = *next;
        }
        if column.kind != b't' {
            let size = match column.size {
                1 => Size::B,
                2 => Size::H,
                8 if column.kind != b'h' => Size::DW,
                _ => Size::W,
            };
            // Of texts elsewhere, this is the address.
            self.add(ldx_mem(size, R::R1, R::R9, off));
            if column.kind == b'h' {
                // Bytes are aligned for no 64-bit load.
                self.add(ldx_mem(size, R::R2, R::R9, off.wrapping_add(4)));
            }
        }
        off
    }

    #[inline(never)]
    fn column(&mut self, column: &Column<'_>, between: u8, last: bool) {
        let Column { kind, width, .. } = *column;
        let (json, table) = (self.style == Style::Json, self.style == Style::Table);
        let mut text = Text::new();
        if json {
            text.push(&[between, b'"']);
        }
        if !table {
            for byte in column.title {
                text.push(&[byte.to_ascii_lowercase()]);
            }
            text.push(if json { b"\":" } else { b": " });
        } else if kind == b'o' {
            text.push(b" ").push(column.title).push(b" ");
        }
        if !column.known {
            text.push(if json { b"null" } else { b"-" });
            if table {
                text.pad(width);
            }
            if kind != b'o' {
                self.literal(text.bytes());
            }
            return;
        }

        if matches!(kind, b'u' | b'f' | b'h' | b'o') {
            let without = &mut self.program.label();
            if kind == b'o' {
                self.attached(column, without);
            } else {
                self.load(column);
            }
            let hex = kind == b'h' || kind == b'f' && !json;
            let quote: &[u8] = if kind == b'h' && json { b"\"" } else { b"" };
            text.push(quote).push(b"%");
            if table && kind != b'o' || kind == b'h' {
                text.push(column.digits);
            }
            text.push(if hex { b"llx" } else { b"llu" }).push(quote);
            text.push(if json || kind == b'o' && table {
                b"\0"
            } else if table {
                b" \0"
            } else {
                b"\n\0"
            });
            if kind == b'h' {
                self.program.extend(&BYTES);
            }
            let bytes = text.bytes();
            self.program.st_bytes(R::R10, ROOM, bytes);
            self.add(mov64_imm(R::R3, bytes.len() as i32));
            self.program.extend(&PRINT);
            self.program.bind(without);
            return;
        }

        if !table {
            self.literal(text.bytes());
        }
        let off = self.load(column);
        let len = width.wrapping_add(3) & !3;
        let (mut at, word) = (TEXT, if json { 0 } else { 0x2020_2020 });
        for _ in 0..len >> 2 {
            self.add(st_mem(Size::W, R::R10, at, word));
            at = at.wrapping_add(4);
        }
        self.add(mov64_imm(R::R2, len as i32));
        match kind {
            b't' => self.copy(R::R9, off, len),
            b's' => drop(self.program.extend(&STATE)),
            b'z' => {
                self.add(mov64_reg(R::R3, R::R1));
                self.read_str(TEXT);
                self.copy(R::R10, TEXT, len);
            }
            b'p' => {
                self.path(&column.way, len);
                self.copy(R::R10, TEXT, len);
            }
            _ => {
                if kind == b'I' {
                    self.add(alu64_imm(AluOp::RSH, R::R1, 12));
                }
                self.add(mov64_reg(R::R7, R::R1));
                self.program.extend(&DIGITS);
                self.add(mov64_imm(R::R3, 2));
                for name in Words::new(names::of(kind), 0) {
                    if let [value, name @ ..] = name {
                        let next = &mut self.program.label();
                        let value = i32::from(value.wrapping_sub(1));
                        self.program.jump(jmp_imm(JmpOp::JNE, R::R1, value, 0), next);
                        self.program.st_bytes(R::R10, TEXT, name);
                        self.add(mov64_imm(R::R3, name.len() as i32));
                        self.program.bind(next);
                    }
                }
            }
        }
        if json {
            self.add(st_mem(Size::B, R::R10, FRAME, 0));
            self.add(st_mem(Size::B, R::R10, FRAME + 1, (len >> 2) as i32));
            self.put(FRAME, len.wrapping_add(2));
        } else if table && !last && kind != b'z' {
            let behind = TEXT.wrapping_add(width as i16);
            self.add(st_mem(Size::B, R::R10, behind, b' '.into()));
            self.put(TEXT, width.wrapping_add(1));
        } else {
            if kind == b's' {
                self.add(mov64_imm(R::R3, 1));
            }
            self.put_r3(TEXT);
            if !table {
                self.literal(b"\n");
            }
        }
    }

    /// R1 is what a link is attached to, unless it is of another type, or there is none.
    #[inline(never)]
    fn attached(&mut self, column: &Column<'_>, without: &mut Label) {
        // Behind the type's last digit may stand which number a task's is.
        let (of, which) = (column.width % 100, column.width / 100);
        self.program.jump(jmp_imm(JmpOp::JNE, R::R7, of as i32, 0), without);
        self.slot(column.slot);
        let mut left = column.steps;
        for off in column.way.iter().take(column.steps) {
            left = left.wrapping_sub(1);
            let size = match (left, self.kernel.width) {
                (0, _) => column.size,
                (_, PtrWidth::Four) => 4,
                _ => 8,
            };
            self.add(mov64_imm(R::R3, i32::from(*off)));
            self.add(mov64_imm(R::R2, size as i32));
            self.program.extend(&PROBE);
        }
        self.add(mov64_reg(R::R1, R::R9));
        if which != 0 {
            self.program.extend(&KIND).jump(jmp_imm(JmpOp::JNE, R::R2, which as i32, 0), without);
        }
        self.program.jump(jmp_imm(JmpOp::JEQ, R::R1, 0, 0), without);
    }

    /// A text of at most `len` bytes, to where texts are; R3 is its length.
    #[inline(never)]
    fn copy(&mut self, from: R, off: i16, len: u32) {
        let json = self.style == Style::Json;
        if json && from == R::R10 {
            return;
        }
        let end = &mut self.program.label();
        for at in 0..len as i16 {
            self.add(mov64_imm(R::R3, at.into()));
            self.add(ldx_mem(Size::B, R::R1, from, off.wrapping_add(at)));
            self.program.jump(jmp_imm(JmpOp::JEQ, R::R1, 0, 0), end);
            if !json {
                self.program.extend(&CLEAN);
            }
            self.add(stx_mem(Size::B, R::R10, R::R1, TEXT.wrapping_add(at)));
        }
        self.add(mov64_imm(R::R3, len as i32));
        self.program.bind(end);
    }

    /// To this place, at most R2 bytes of the text that R3 points to.
    #[inline(never)]
    fn read_str(&mut self, at: i16) {
        self.add(mov64_imm(R::R1, at.into()));
        self.program.extend(&READ_STR);
    }

    /// The name of the file in R9; `way` is that from a file to its path, entry, name, and the name's text.
    fn path(&mut self, way: &[i16; 4], len: u32) {
        let [path, entry, name, text] = *way;
        let named = &mut self.program.label();
        let mut at = TEXT;
        if self.paths {
            self.add(mov64_imm(R::R1, path.into()));
            self.add(mov64_imm(R::R3, len as i32));
            self.program.extend(&D_PATH);
            self.program.jump(jmp_imm(JmpOp::JSGT, R::R0, 0, 0), named);
            // It is longer than that: no more than its last part.
            self.add(st_mem(Size::W, R::R10, TEXT, i32::from_le_bytes(*b".../")));
            at = at.wrapping_add(4);
        }
        self.add(ld_ptr(self.kernel.width, R::R9, R::R9, path.wrapping_add(entry)));
        self.add(ld_ptr(self.kernel.width, R::R3, R::R9, name.wrapping_add(text)));
        self.add(mov64_imm(R::R2, (len as i32).wrapping_sub(4)));
        self.read_str(at);
        self.program.bind(named);
    }
}

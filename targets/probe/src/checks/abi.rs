//! The crate's numbers and fields, held to the BTF of the kernel that this runs on.
//!
//! The facts come from the crate's own tables at compile time, and only their hashes are carried. No
//! name is read for an enumerator: a pass over the strings finds the places of the names that
//! matter, one over the types then looks at places only; as many names at a time as there is room
//! for. Fields are followed from their structs down, one level of nesting, typedef or array in each
//! further pass; a few structs at a time.

use barebpf::btf::{Btf, Error, Head, Kind, Visit};
use barebpf::uapi::tables::{RECORDS, VALUES};

/// What came of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Found {
    /// Numbers that the kernel knows, then fields and bit-fields, all as we say.
    pub counts: [u32; 2],
    /// How many are not as we say.
    pub wrong: u32,
    /// The last of those.
    pub last: Wrong,
}

/// A number or field that is not as we say.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Wrong {
    /// Where its name stands: for [`name`].
    pub name_off: u32,
    /// What we say: of a field the offset and the size in bits, of a number the lower and the upper half.
    pub ours: [u32; 2],
    /// What the kernel says.
    pub kernel: [u32; 2],
}

/// Room to work in: the names found, or the fields under way.
pub type Scratch = [[u32; 4]; ROWS];

const ROWS: usize = 256;

/// For the stack: 4096 bytes.
pub const SCRATCH: Scratch = [[0; 4]; ROWS];

/// How many numbers are looked for at a time: each name may stand at more than one place.
const NUMBERS: u32 = 224;

/// How many structs and unions are followed at a time: on their way down, their fields are under way
/// together.
const TYPES: u32 = 8;

/// A fact as it is carried: 23 bits of a hash, and in the lowest bit whether its code is one more than
/// that of the row before. The code says what the name stands for.
///
/// So few bits are enough: no two facts have the same ones, or this does not compile. Of names that are
/// not facts, only enumerators that begin as ours do, and fields of our structs, are ever compared: 250 in
/// Linux 6.18, some 20 more in a release. One of 20 has the bits of one of 1,000 facts in one release out of
/// 400, and is seen when its counts are made.
type Row = [u8; 3];

/// The bits of a row that are the hash's.
const HASH: u32 = 0xff_fffe;

/// How many numbers, and how many fields there are.
pub const ALL: [u32; 2] = [tables::VALUE_ROWS.len() as u32, tables::FIELDS.len() as u32];

/// Codes below this are the number.
const DIRECT: u32 = 212;

/// The number of this code, the lower half and the upper half. A large one is a run of bits, see
/// [`tables::RUNS`].
fn number(code: u32) -> [u32; 2] {
    let Some(run) = tables::RUNS.get(code.wrapping_sub(DIRECT) as usize) else { return [code, 0] };
    let half = |at: u32| {
        let above = |bit: u8| u32::MAX.checked_shl(u32::from(bit).saturating_sub(at)).unwrap_or(0);
        above(run[0]) & !above(run[1])
    };
    [half(0), half(32)]
}

/// `abi/counts.tsv`: major and minor release, values and fields that its BTF must have.
pub static COUNTS: [[u32; 4]; tables::counts().1] = {
    let (rows, len) = tables::counts();
    tables::head(&rows, len)
};

/// A release as it is compared.
pub const fn linux(major: u32, minor: u32) -> u32 {
    major << 16 | minor
}

/// That of a text such as `6.18.44-…`.
pub fn release(text: &[u8]) -> u32 {
    let (mut major, mut number, mut parts) = (0, 0_u32, 0_u32);
    for byte in text {
        match byte.wrapping_sub(b'0') {
            digit @ 0..=9 => number = number.wrapping_mul(10).wrapping_add(digit.into()),
            _ if parts != 0 => break,
            _ => (major, number, parts) = (number << 16, 0, 1),
        }
    }
    major | number & 0xffff
}

/// FNV-1a.
pub const fn hash(mut state: u32, bytes: &[u8]) -> u32 {
    let mut rest = bytes;
    while let [byte, tail @ ..] = rest {
        state = (state ^ *byte as u32).wrapping_mul(0x0100_0193);
        rest = tail;
    }
    state
}

/// The hash of no bytes.
pub const START: u32 = 0x811c_9dc5;

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the compiler runs all of it"
)]
mod tables {
    use super::{DIRECT, HASH, RECORDS, Row, START, VALUES, hash};

    /// Hashes with their codes in front, sorted, in the making; and what the codes stand for.
    struct Table {
        rows: [u32; 1024],
        len: usize,
        codes: [[u32; 2]; 256],
        used: usize,
    }

    impl Table {
        const fn new() -> Self {
            Self { rows: [0; 1024], len: 0, codes: [[0; 2]; 256], used: 0 }
        }

        /// The code for a pair.
        const fn code(&mut self, pair: [u32; 2]) -> u32 {
            let mut at = 0;
            while at < self.used {
                if self.codes[at][0] == pair[0] && self.codes[at][1] == pair[1] {
                    return at as u32;
                }
                at += 1;
            }
            self.codes[at] = pair;
            self.used += 1;
            at as u32
        }

        /// Puts a row in its place, unless it is there.
        const fn insert(&mut self, hash: u32, code: u32) {
            assert!(code < 256);
            let row = code << 24 | hash & HASH;
            let mut at = self.len;
            while at > 0 && self.rows[at - 1] >= row {
                at -= 1;
            }
            if at < self.len && self.rows[at] == row {
                return;
            }
            let mut last = self.len;
            while last > at {
                self.rows[last] = self.rows[last - 1];
                last -= 1;
            }
            self.rows[at] = row;
            self.len += 1;
        }

        const fn rows<const LEN: usize>(&self) -> [Row; LEN] {
            assert!(LEN == self.len);
            let mut rows = [[0; 3]; LEN];
            let (mut at, mut code) = (0, u32::MAX);
            while at < LEN {
                let row = self.rows[at];
                let step = (row >> 24).wrapping_sub(code);
                assert!(step < 2, "a code is left out");
                code = row >> 24;
                let [a, b, c, _] = (row & HASH | step).to_le_bytes();
                rows[at] = [a, b, c];
                let mut other = 0;
                while other < at {
                    assert!(
                        (self.rows[other] ^ row) & HASH != 0,
                        "a hash is of two names (change START), or a name has two facts"
                    );
                    other += 1;
                }
                at += 1;
            }
            rows
        }
    }

    const MACROS: &str = "insn::AluOp insn::AtomicOp insn::Class insn::EndianTo insn::JmpOp insn::Limits \
        insn::Mode insn::PseudoCall insn::PseudoLd insn::Size insn::Source btf::IntEncoding \
        types::Lengths BTF_MAGIC BTF_VERSION ";

    /// Whether the word is in the list, where a space stands behind each.
    const fn in_list(word: &str, list: &str) -> bool {
        let (word, list) = (word.as_bytes(), list.as_bytes());
        let mut at = 0;
        while at < list.len() {
            let mut same = 0;
            while same < word.len() && list[at + same] == word[same] {
                same += 1;
            }
            if same == word.len() && list[at + same] == b' ' {
                return true;
            }
            while list[at] != b' ' {
                at += 1;
            }
            at += 1;
        }
        false
    }

    const fn values() -> Table {
        let (mut table, mut i) = (Table::new(), 0);
        while i < VALUES.len() {
            // C has these as macros, which are in no BTF. `tests/kernel.rs` looks for them too: were one to
            // become an enumerator, its counts and these would differ.
            let macros = in_list(VALUES[i].name, MACROS);
            let mut j = 0;
            while j < VALUES[i].values.len() && !macros {
                let (name, value) = VALUES[i].values[j];
                j += 1;
                if in_list(name, MACROS) {
                    continue;
                }
                let code = if value < DIRECT as u64 {
                    value as u32
                } else {
                    DIRECT + table.code([value as u32, (value >> 32) as u32])
                };
                assert!(name.as_bytes()[0] == b'B');
                table.insert(hash(START, name.as_bytes()), code);
            }
            i += 1;
        }
        table
    }

    /// The name of a record's type, and the rest, which begins with a dot or is empty.
    const fn split(c_name: &str) -> (&[u8], &[u8]) {
        let bytes = c_name.as_bytes();
        let (_, name) = bytes.split_at(find(bytes, b' ') + 1);
        name.split_at(find(name, b'.'))
    }

    /// The place of a byte, or the length.
    const fn find(bytes: &[u8], wanted: u8) -> usize {
        let mut at = 0;
        while at < bytes.len() && bytes[at] != wanted {
            at += 1;
        }
        at
    }

    const fn fields() -> Table {
        let (mut table, mut i) = (Table::new(), 0);
        while i < RECORDS.len() {
            let record = &RECORDS[i];
            let (ty, path) = split(record.c_name);
            let start = hash(hash(hash(START, ty), path), b".");
            let mut j = 0;
            while j < record.fields.len() {
                let field = &record.fields[j];
                if field.name.as_bytes()[0] != b'_' {
                    let code = table.code([field.offset as u32 * 8, field.size as u32 * 8]);
                    table.insert(hash(start, field.name.as_bytes()), code);
                }
                j += 1;
            }
            j = 0;
            while j < record.bits.len() {
                let bits = &record.bits[j];
                let code = table.code([bits.offset as u32, bits.width as u32]);
                table.insert(hash(start, bits.name.as_bytes()), code);
                j += 1;
            }
            i += 1;
        }
        table
    }

    const fn types() -> Table {
        let (mut table, mut i) = (Table::new(), 0);
        while i < RECORDS.len() {
            let (ty, _) = split(RECORDS[i].c_name);
            assert!(ty[0] == b'b');
            table.insert(hash(START, ty), 0);
            i += 1;
        }
        table
    }

    /// The rows of the committed counts, and how many there are.
    pub(super) const fn counts() -> ([[u32; 4]; 64], usize) {
        let text = include_bytes!("../../../../abi/counts.tsv");
        let (mut rows, mut len, mut cell, mut at) = ([[0; 4]; 64], 0, 0, 0);
        while at < text.len() {
            // Three cells, the first of them two numbers; the rest of the line is for people.
            match text[at] {
                b'#' if cell == 0 => cell = 4,
                b'.' | b'\t' if cell < 4 => cell += 1,
                b'\n' => {
                    len += (rows[len][0] != 0) as usize;
                    cell = 0;
                }
                digit if cell < 4 => rows[len][cell] = rows[len][cell] * 10 + (digit - b'0') as u32,
                _ => {}
            }
            at += 1;
        }
        (rows, len)
    }

    pub(super) const fn head<const LEN: usize>(
        rows: &[[u32; 4]; 64],
        len: usize,
    ) -> [[u32; 4]; LEN] {
        assert!(LEN == len);
        let mut head = [[0; 4]; LEN];
        let mut at = 0;
        while at < LEN {
            head[at] = rows[at];
            at += 1;
        }
        head
    }

    const VALUES_MADE: Table = values();
    const FIELDS_MADE: Table = fields();
    const TYPES_MADE: Table = types();

    /// The names of numbers.
    pub(super) static VALUE_ROWS: [Row; VALUES_MADE.len] = VALUES_MADE.rows();
    /// The numbers of the codes from [`DIRECT`] on: the first bit that is set, and the first behind that is
    /// not.
    pub(super) static RUNS: [[u8; 2]; VALUES_MADE.used] = {
        let (mut runs, mut at) = ([[0; 2]; VALUES_MADE.used], 0);
        while at < runs.len() {
            let [low, high] = VALUES_MADE.codes[at];
            let number = low as u64 | (high as u64) << 32;
            let (from, ones) = (number.trailing_zeros(), number.count_ones());
            assert!(number.leading_zeros() + ones + from == 64, "its bits are no run");
            runs[at] = [from as u8, (from + ones) as u8];
            at += 1;
        }
        runs
    };
    /// The names of types with the path of a field.
    pub(super) static FIELDS: [Row; FIELDS_MADE.len] = FIELDS_MADE.rows();
    /// The places of their codes: the offset in bits, and the logarithm of the size in bits.
    pub(super) static PLACES: [u16; FIELDS_MADE.used] = {
        let (mut places, mut at) = ([0; FIELDS_MADE.used], 0);
        while at < places.len() {
            let [offset, size] = FIELDS_MADE.codes[at];
            assert!(offset < 1 << 13 && size.is_power_of_two() && size < 256);
            places[at] = (offset << 3 | size.trailing_zeros()) as u16;
            at += 1;
        }
        places
    };
    /// The names of types; they have no codes.
    pub(super) static TYPES: [Row; TYPES_MADE.len] = TYPES_MADE.rows();
}

/// The index of the row of this hash, and its code; [`NONE`] if there is none.
#[inline(never)]
fn row(table: &[Row], hash: u32) -> (u32, u32) {
    let (mut index, mut code) = (0_u32, u32::MAX);
    for [a, b, c] in table {
        let row = u32::from_le_bytes([*a, *b, *c, 0]);
        code = code.wrapping_add(row & 1);
        if (row ^ hash) & HASH == 0 {
            return (index, code);
        }
        index = index.wrapping_add(1);
    }
    (NONE, 0)
}

const NONE: u32 = u32::MAX;

/// The number that boards carry for this name.
#[cfg(test)]
pub fn number_of(name: &str) -> Option<[u32; 2]> {
    let (index, code) = row(&tables::VALUE_ROWS, hash(START, name.as_bytes()));
    (index != NONE).then(|| number(code))
}

/// The offset and size in bits that boards carry for this field: `bpf_attr.link_create.flags`.
#[cfg(test)]
pub fn place_of(name: &str) -> Option<[u32; 2]> {
    let (index, code) = row(&tables::FIELDS, hash(START, name.as_bytes()));
    let place = tables::PLACES.get(code as usize).copied().map(u32::from)?;
    (index != NONE).then_some([place >> 3, 1 << (place & 7)])
}

/// What a pass is about, which says what the first word of a row is.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Pass {
    /// Finds types: where the name stands, and its hash.
    Types,
    /// Compares numbers: where the name stands, its hash, then the index and the code of the fact.
    Values,
    /// Follows fields one level further down: a type's id, the hash of the path to it, where its name
    /// stands, and its offset in bits; above that, how many of it there are, or, of what is not named
    /// yet, the width of a bit-field.
    Fields,
}

struct Check<'s> {
    pass: Pass,
    rows: &'s mut Scratch,
    /// How many rows there are, or there should have been room for.
    len: usize,
    /// How many of them are for this pass; the rest has been found in it.
    now: usize,
    /// A bit for each first word that may be in the list.
    firsts: [u32; 64],
    /// A bit for each fact that has been found.
    seen: [u8; 136],
    found: Found,
}

/// Marks a row as one for the next pass: its id has been followed in this one already.
const LATER: u32 = 1 << 31;

impl Check<'_> {
    fn push(&mut self, row: [u32; 4]) {
        if let Some(free) = self.rows.get_mut(self.len) {
            *free = row;
        }
        self.len = self.len.wrapping_add(1);
        if let Some(word) = self.firsts.get_mut(row[0] as usize / 32 % 64) {
            *word |= 1 << (row[0] % 32);
        }
    }

    fn may_have(&self, first: u32) -> bool {
        let word = self.firsts.get(first as usize / 32 % 64).copied().unwrap_or(0);
        word >> (first % 32) & 1 != 0
    }

    /// Finds the places of the names of some rows of a table.
    fn names(
        &mut self,
        btf: &mut Btf<'_>,
        table: &[Row],
        from: u32,
        most: u32,
    ) -> Result<(), Error> {
        let ours = if self.pass == Pass::Types { b'b' } else { b'B' };
        let (mut state, mut first, mut start) = (START, 0, 0);
        btf.strings(|offset, piece| {
            let mut at = offset;
            for byte in piece {
                if start == at {
                    first = *byte;
                }
                at = at.wrapping_add(1);
                if *byte != 0 {
                    if first == ours {
                        state = hash(state, &[*byte]);
                    }
                    continue;
                }
                if first == ours {
                    let (index, code) = row(table, state);
                    if index.wrapping_sub(from) < most {
                        self.push([start, state, index, code]);
                    }
                }
                (state, start) = (START, at);
            }
        })
    }

    /// All of a table, so many rows at a time.
    #[inline(never)]
    fn part(
        &mut self,
        btf: &mut Btf<'_>,
        pass: Pass,
        table: &[Row],
        most: u32,
    ) -> Result<(), Error> {
        let mut from = 0_u32;
        while (from as usize) < table.len() {
            self.pass = pass;
            self.names(btf, table, from, most)?;
            self.now = self.len;
            for _ in 0..PASSES {
                btf.visit(self)?;
                self.pass = Pass::Fields;
                if !self.settle(btf)? {
                    break;
                }
            }
            from = from.wrapping_add(most);
        }
        Ok(())
    }

    /// Goes on with each row that has this first word.
    #[inline(never)]
    fn each(&mut self, first: u32, head: &Head, words: [u32; 3]) {
        if self.may_have(first) {
            for at in 0..self.now {
                if let Some(mut row) = self.rows.get(at).copied().filter(|row| row[0] == first) {
                    self.step(&mut row, head, words);
                    if let Some(place) = self.rows.get_mut(at) {
                        *place = row;
                    }
                }
            }
        }
    }

    fn step(&mut self, row: &mut [u32; 4], head: &Head, words: [u32; 3]) {
        let [first, path, third, fourth] = row;
        let (kind, offset, times) = (head.kind, *fourth & 0xffff, *fourth >> 16);
        if self.pass == Pass::Types {
            (*first, *fourth) = (head.id | LATER, 1 << 16);
        } else if self.pass == Pass::Values {
            let ours = number(*fourth);
            // An ENUM holds 32 bits; before ENUM64 (Linux 6.0) whatever was longer lost the rest.
            let high = if kind == Kind::ENUM { ours[1] } else { words[2] };
            self.compare(*third, words[0], ours, [words[1], high]);
        } else if is_group(kind) {
            let [name, ty, mut place] = words;
            let width = if head.flag { place >> 24 } else { 0 };
            place = place.wrapping_add(offset) & 0xffff | width << 16;
            self.push([ty, *path, name, place]);
        } else if kind == Kind::ARRAY {
            *first = words[0] | LATER;
            *fourth = offset | times.wrapping_mul(words[2]) << 16;
        } else if matches!(kind, Kind::INT | Kind::ENUM | Kind::ENUM64) {
            let size = head.size_or_type.wrapping_mul(times).wrapping_mul(8);
            self.field(*path, *third, [offset, size]);
        } else if matches!(
            kind,
            Kind::TYPEDEF | Kind::VOLATILE | Kind::CONST | Kind::RESTRICT | Kind::TYPE_TAG
        ) {
            *first = head.size_or_type | LATER;
        }
    }

    /// Compares what has been followed to its end.
    #[inline(never)]
    fn field(&mut self, path: u32, name_off: u32, kernel: [u32; 2]) {
        let (index, code) = row(&tables::FIELDS, path);
        if index == NONE {
            return;
        }
        let place = tables::PLACES.get(code as usize).copied().map_or(0, u32::from);
        let index = index.wrapping_add(ALL[0]);
        self.compare(index, name_off, [place >> 3, 1 << (place & 7)], kernel);
    }

    #[inline(never)]
    fn compare(&mut self, index: u32, name_off: u32, ours: [u32; 2], kernel: [u32; 2]) {
        let field = usize::from(index >= ALL[0]);
        let found = &mut self.found;
        if ours != kernel {
            found.wrong = found.wrong.wrapping_add(1);
            found.last = Wrong { name_off, ours, kernel };
        } else if let Some(seen) = self.seen.get_mut(index as usize / 8) {
            let bit = 1 << (index % 8);
            if let Some(count) = found.counts.get_mut(field).filter(|_| *seen & bit == 0) {
                *count = count.wrapping_add(1);
                *seen |= bit;
            }
        }
    }

    /// Names what the last pass has found, and makes it the list of the next one; whether there is any.
    #[inline(never)]
    fn settle(&mut self, btf: &mut Btf<'_>) -> Result<bool, Error> {
        let (now, len) = (self.now, self.len);
        (self.len, self.firsts) = (0, [0; 64]);
        for at in 0..len {
            let Some([mut id, mut path, name_off, mut place]) = self.rows.get(at).copied() else {
                return Err(Error::SMALL_WINDOW);
            };
            if at >= now {
                let dotted = hash(path, b".");
                let mut named = dotted;
                name(btf, name_off, &mut |piece| named = hash(named, piece))?;
                // One without a name is as if it were not there.
                if named != dotted {
                    path = named;
                }
                if place >> 16 != 0 {
                    self.field(path, name_off, [place & 0xffff, place >> 16]);
                    id = 0;
                }
                place |= 1 << 16;
            } else {
                // What was followed to its end, and what had members, is not needed any more.
                id = if id & LATER == 0 { 0 } else { id & !LATER };
            }
            if id != 0 {
                self.push([id, path, name_off, place]);
            }
        }
        self.now = self.len;
        Ok(self.len != 0)
    }
}

fn is_group(kind: Kind) -> bool {
    matches!(kind, Kind::STRUCT | Kind::UNION)
}

impl Visit for Check<'_> {
    fn head(&mut self, head: &Head) -> bool {
        let group = is_group(head.kind);
        let first = match self.pass {
            Pass::Values => return matches!(head.kind, Kind::ENUM | Kind::ENUM64),
            Pass::Types if group => head.name_off,
            Pass::Types => return false,
            Pass::Fields if group || head.kind == Kind::ARRAY => return self.may_have(head.id),
            Pass::Fields => head.id,
        };
        self.each(first, head, [0; 3]);
        false
    }

    fn entry(&mut self, head: &Head, words: [u32; 3]) {
        self.each(if self.pass == Pass::Values { words[0] } else { head.id }, head, words);
    }
}

/// Typedefs, arrays and structs inside each other, at the deepest.
const PASSES: u32 = 16;

/// Holds the facts to what `btf` says.
///
/// # Errors
///
/// Those of [`Btf`]; [`Error::SMALL_WINDOW`]: there is not enough room in `scratch`.
#[inline(never)]
pub fn check(btf: &mut Btf<'_>, scratch: &mut Scratch) -> Result<Found, Error> {
    let mut check = Check {
        pass: Pass::Types,
        rows: scratch,
        len: 0,
        now: 0,
        firsts: [0; 64],
        seen: [0; 136],
        found: Found::default(),
    };
    check.part(btf, Pass::Types, &tables::TYPES, TYPES)?;
    check.part(btf, Pass::Values, &tables::VALUE_ROWS, NUMBERS)?;
    Ok(check.found)
}

/// Shows a name, in pieces.
///
/// # Errors
///
/// Those of [`Btf`].
#[inline(never)]
pub fn name(btf: &mut Btf<'_>, name_off: u32, seen: &mut dyn FnMut(&[u8])) -> Result<(), Error> {
    btf.name(name_off, seen)
}

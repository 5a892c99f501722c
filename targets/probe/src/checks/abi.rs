//! The crate's numbers and fields, held to the BTF of the kernel that this runs on.
//!
//! The facts come from the crate's own tables at compile time, and only their hashes are carried. No
//! name is read for an enumerator: a pass over the strings finds the places of the names that
//! matter, one over the types then looks at places only; as many names at a time as there is room
//! for. Fields are followed from their structs down, one level of nesting, typedef or array in each
//! further pass; as many structs at a time as there is room for.

use barebpf::btf::{Btf, Error, Head, Kind, Visit};
use barebpf::uapi::tables::{RECORDS, VALUES};

/// What came of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Found {
    /// Numbers that the kernel knows, all at the value that we say.
    pub values: u32,
    /// Fields and bit-fields that the kernel knows, all at the place that we say.
    pub fields: u32,
    /// Numbers and fields that this kernel does not know: too new for it, or macros.
    pub unknown: u32,
    /// How many are not as we say.
    pub wrong: u32,
    /// The first of those.
    pub first: Option<Wrong>,
}

/// A number or field that is not as we say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Wrong {
    /// Where its name stands: for [`Btf::name`].
    pub name_off: u32,
    /// Whether it is a field: then the pairs are the offset and the size in bits, else the lower and
    /// the upper half of the number.
    pub field: bool,
    /// What we say.
    pub ours: [u32; 2],
    /// What the kernel says.
    pub kernel: [u32; 2],
}

/// Room to work in: the names found, then the fields under way.
pub type Scratch = [[u32; 4]; 256];

/// For the stack: 4096 bytes.
pub const SCRATCH: Scratch = [[0; 4]; 256];

/// How many names are looked for at a time: each may stand at more than one place.
const NAMES: usize = 192;

/// How many structs and unions there may be.
const ROOTS: usize = 48;

/// The hash of a name, the lowest byte first, and a code for what is said of it.
pub type Row = [u8; 5];

/// The facts as they are carried: sorted by the hash of the name.
#[derive(Clone, Copy)]
pub struct Facts {
    /// The names of numbers. A code below [`DIRECT`] is the number.
    pub values: &'static [Row],
    /// The numbers of the codes from [`DIRECT`] on: the lower half, the upper half.
    pub numbers: &'static [[u32; 2]],
    /// C types with the path of a field.
    pub fields: &'static [Row],
    /// The places of their codes: offset and size in bits.
    pub places: &'static [[u16; 2]],
    /// The hash of the name of a type, and that of its C spelling, from which those of its fields go on.
    pub types: &'static [[u32; 2]],
}

/// Numbers below this are codes.
pub const DIRECT: u8 = 212;

impl Facts {
    /// The number of this code.
    pub fn number(&self, code: u8) -> [u32; 2] {
        let large = code.checked_sub(DIRECT).and_then(|at| self.numbers.get(usize::from(at)));
        large.copied().unwrap_or([code.into(), 0])
    }
}

/// The facts of this crate.
pub static FACTS: Facts = Facts {
    values: &tables::VALUE_ROWS,
    numbers: &tables::NUMBERS,
    fields: &tables::FIELD_ROWS,
    places: &tables::PLACES,
    types: &tables::TYPES,
};

/// `abi/counts.tsv`: major and minor release, values and fields that its BTF must have.
pub static COUNTS: [[u16; 4]; tables::counts().1] = {
    let (rows, len) = tables::counts();
    tables::head(&rows, len)
};

/// Major and minor of a release such as `6.18.44-…`.
pub fn release(text: &[u8]) -> Option<[u32; 2]> {
    let mut numbers = [0_u32; 2];
    let mut parts = text.split(|byte| !byte.is_ascii_digit());
    for number in &mut numbers {
        for digit in parts.next()? {
            *number = number.wrapping_mul(10).wrapping_add(u32::from(digit & 15));
        }
    }
    Some(numbers)
}

/// Whether as much was found as the committed counts say for this release (`6.18.44-…`); `None` when
/// they have no line for it.
pub fn held(kernel: &[u8], found: &Found) -> Option<bool> {
    let numbers = release(kernel)?;
    let mut known = None;
    for row in &COUNTS {
        let [major, minor, values, fields] = row.map(u32::from);
        if numbers == [major, minor] {
            let same = [values, fields] == [found.values, found.fields];
            known = Some(known.unwrap_or(false) | same);
        }
    }
    known
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
    use super::{DIRECT, RECORDS, Row, START, VALUES, hash};

    /// A table with room to spare, in the making.
    struct Table<const N: usize> {
        rows: [[u32; 2]; N],
        len: usize,
    }

    impl<const N: usize> Table<N> {
        const fn new() -> Self {
            Self { rows: [[0; 2]; N], len: 0 }
        }

        /// Puts a row in its place, unless it is there.
        const fn insert(&mut self, row: [u32; 2]) {
            let (mut low, mut high) = (0, self.len);
            while low < high {
                let middle = (low + high) / 2;
                let there = self.rows[middle];
                if there[0] == row[0] && there[1] == row[1] {
                    return;
                }
                if there[0] < row[0] { low = middle + 1 } else { high = middle }
            }
            let mut at = self.len;
            while at > low {
                self.rows[at] = self.rows[at - 1];
                at -= 1;
            }
            self.rows[low] = row;
            self.len += 1;
        }

        const fn cut<const LEN: usize>(&self) -> [[u32; 2]; LEN] {
            assert!(LEN == self.len);
            let mut rows = [[0; 2]; LEN];
            let mut at = 0;
            while at < LEN {
                rows[at] = self.rows[at];
                at += 1;
            }
            rows
        }
    }

    /// Numbers or places, each once, in the making.
    struct Codes {
        pairs: [[u32; 2]; 256],
        len: usize,
    }

    impl Codes {
        const fn new() -> Self {
            Self { pairs: [[0; 2]; 256], len: 0 }
        }

        /// Where the pair is, or is put.
        const fn place(&mut self, pair: [u32; 2]) -> u32 {
            let mut at = 0;
            while at < self.len {
                if self.pairs[at][0] == pair[0] && self.pairs[at][1] == pair[1] {
                    return at as u32;
                }
                at += 1;
            }
            self.pairs[at] = pair;
            self.len += 1;
            at as u32
        }
    }

    /// The rows of a table, whose second halves are codes.
    const fn rows<const LEN: usize>(table: &Table<1024>) -> [Row; LEN] {
        assert!(LEN == table.len);
        let mut rows = [[0; 5]; LEN];
        let mut at = 0;
        while at < LEN {
            let [a, b, c, d] = table.rows[at][0].to_le_bytes();
            assert!(table.rows[at][1] < 256);
            rows[at] = [a, b, c, d, table.rows[at][1] as u8];
            at += 1;
        }
        rows
    }

    const fn values() -> (Table<1024>, Codes) {
        let (mut table, mut codes) = (Table::new(), Codes::new());
        let mut i = 0;
        while i < VALUES.len() {
            let mut j = 0;
            while j < VALUES[i].values.len() {
                let (name, value) = VALUES[i].values[j];
                let code = if value < DIRECT as u64 {
                    value as u32
                } else {
                    DIRECT as u32 + codes.place([value as u32, (value >> 32) as u32])
                };
                table.insert([hash(START, name.as_bytes()), code]);
                j += 1;
            }
            i += 1;
        }
        (table, codes)
    }

    /// The place of a byte, or the length.
    const fn find(bytes: &[u8], wanted: u8) -> usize {
        let mut at = 0;
        while at < bytes.len() && bytes[at] != wanted {
            at += 1;
        }
        at
    }

    /// The rows of the committed counts, and how many there are.
    pub(super) const fn counts() -> ([[u16; 4]; 64], usize) {
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
                digit if cell < 4 => rows[len][cell] = rows[len][cell] * 10 + (digit - b'0') as u16,
                _ => {}
            }
            at += 1;
        }
        (rows, len)
    }

    pub(super) const fn head<const LEN: usize>(
        rows: &[[u16; 4]; 64],
        len: usize,
    ) -> [[u16; 4]; LEN] {
        assert!(LEN == len);
        let mut head = [[0; 4]; LEN];
        let mut at = 0;
        while at < LEN {
            head[at] = rows[at];
            at += 1;
        }
        head
    }

    const fn fields() -> (Table<1024>, Codes) {
        let (mut table, mut codes) = (Table::new(), Codes::new());
        let mut i = 0;
        while i < RECORDS.len() {
            let record = &RECORDS[i];
            let ty = hash(hash(START, record.c_name.as_bytes()), b".");
            let mut j = 0;
            while j < record.fields.len() {
                let field = &record.fields[j];
                if field.name.as_bytes()[0] != b'_' {
                    let code = codes.place([field.offset as u32 * 8, field.size as u32 * 8]);
                    table.insert([hash(ty, field.name.as_bytes()), code]);
                }
                j += 1;
            }
            j = 0;
            while j < record.bits.len() {
                let bits = &record.bits[j];
                let code = codes.place([bits.offset as u32, bits.width as u32]);
                table.insert([hash(ty, bits.name.as_bytes()), code]);
                j += 1;
            }
            i += 1;
        }
        (table, codes)
    }

    const fn types() -> Table<64> {
        let mut table = Table::new();
        let mut i = 0;
        while i < RECORDS.len() {
            let (ty, _) =
                RECORDS[i].c_name.as_bytes().split_at(find(RECORDS[i].c_name.as_bytes(), b'.'));
            let (_, name) = ty.split_at(find(ty, b' ') + 1);
            table.insert([hash(START, name), hash(START, ty)]);
            i += 1;
        }
        table
    }

    const VALUES_MADE: (Table<1024>, Codes) = values();
    const FIELDS_MADE: (Table<1024>, Codes) = fields();

    pub(super) static VALUE_ROWS: [Row; VALUES_MADE.0.len] = rows(&VALUES_MADE.0);
    pub(super) static NUMBERS: [[u32; 2]; VALUES_MADE.1.len] = {
        let (mut numbers, mut at) = ([[0; 2]; VALUES_MADE.1.len], 0);
        while at < numbers.len() {
            numbers[at] = VALUES_MADE.1.pairs[at];
            at += 1;
        }
        numbers
    };
    pub(super) static FIELD_ROWS: [Row; FIELDS_MADE.0.len] = rows(&FIELDS_MADE.0);
    pub(super) static PLACES: [[u16; 2]; FIELDS_MADE.1.len] = {
        let (mut places, mut at) = ([[0; 2]; FIELDS_MADE.1.len], 0);
        while at < places.len() {
            let [offset, size] = FIELDS_MADE.1.pairs[at];
            assert!(offset < 1 << 16 && size < 1 << 16);
            places[at] = [offset as u16, size as u16];
            at += 1;
        }
        places
    };
    pub(super) static TYPES: [[u32; 2]; types().len] = types().cut();
}

/// The index of the row of this hash, and its code.
#[inline(never)]
fn row(table: &[Row], hash: u32) -> Option<(usize, u8)> {
    let at = table.partition_point(|row| word(row) < hash);
    table.get(at).filter(|row| word(row) == hash).map(|row| (at, row[4]))
}

fn word([a, b, c, d, _]: &Row) -> u32 {
    u32::from_le_bytes([*a, *b, *c, *d])
}

/// Which facts have been found.
#[derive(Default)]
struct Seen([u32; 32]);

impl Seen {
    fn set(&mut self, index: usize) {
        if let Some(word) = self.0.get_mut(index / 32) {
            *word |= 1 << (index % 32);
        }
    }

    fn count(&self) -> u32 {
        self.0.iter().fold(0, |sum, word| sum.saturating_add(word.count_ones()))
    }
}

/// A list in borrowed memory.
struct List<'s, const N: usize = 4> {
    rows: &'s mut [[u32; N]],
    len: usize,
    full: bool,
}

impl<'s, const N: usize> List<'s, N> {
    fn new(rows: &'s mut [[u32; N]]) -> Self {
        Self { rows, len: 0, full: false }
    }

    fn push(&mut self, row: [u32; N]) {
        match self.rows.get_mut(self.len) {
            Some(free) => {
                *free = row;
                self.len = self.len.saturating_add(1);
            }
            None => self.full = true,
        }
    }

    fn get(&self) -> &[[u32; N]] {
        self.rows.get(..self.len).unwrap_or_default()
    }
}

/// Finds the names of some of the facts among the strings.
struct Names<'s> {
    /// The rows of the facts that are looked for: from this one on, [`NAMES`] of them, and types.
    from: usize,
    hash: u32,
    /// How many bytes of the string have been seen, and whether it begins as our names do.
    len: u32,
    ours: bool,
    /// Offset of the string, 1 for a type, then the row of the fact.
    found: List<'s>,
}

impl Names<'_> {
    /// A string has ended; it began at `start`.
    fn whole(&mut self, facts: &Facts, start: u32) {
        if let Some((index, _)) = row(facts.values, self.hash) {
            if index.wrapping_sub(self.from) < NAMES {
                self.found.push([start, 0, index as u32, 0]);
            }
        } else if self.from == 0 {
            if let Some(index) = facts.types.iter().position(|ty| ty[0] == self.hash) {
                self.found.push([start, 1, index as u32, 0]);
            }
        }
    }

    fn piece(&mut self, facts: &Facts, offset: u32, piece: &[u8]) {
        let mut at = offset;
        for byte in piece {
            if *byte != 0 {
                match self.len {
                    0 => self.ours = *byte | 0x20 == b'b',
                    2 => self.ours &= *byte | 0x20 == b'f',
                    _ => {}
                }
                if self.ours {
                    self.hash = hash(self.hash, &[*byte]);
                }
                self.len = self.len.wrapping_add(1);
            } else {
                if self.ours && self.len > 2 {
                    self.whole(facts, at.wrapping_sub(self.len));
                }
                (self.hash, self.len, self.ours) = (START, 0, false);
            }
            at = at.wrapping_add(1);
        }
    }
}

/// Compares enumerators, and collects the structs that the facts are about.
struct Values<'c, 'r> {
    facts: &'c Facts,
    names: &'c [[u32; 4]],
    seen: &'c mut Seen,
    roots: &'c mut List<'r, 2>,
    found: &'c mut Found,
}

impl Values<'_, '_> {
    fn name(&self, name_off: u32, ty: u32) -> Option<usize> {
        let at = self.names.partition_point(|name| name[0] < name_off);
        let name = self.names.get(at)?;
        (name[0] == name_off && name[1] == ty).then_some(name[2] as usize)
    }
}

impl Visit for Values<'_, '_> {
    fn head(&mut self, head: &Head) -> bool {
        if matches!(head.kind, Kind::STRUCT | Kind::UNION) {
            let ty = self.name(head.name_off, 1).and_then(|at| self.facts.types.get(at));
            if let Some([_, spelled]) = ty {
                self.roots.push([head.id, *spelled]);
            }
        }
        matches!(head.kind, Kind::ENUM | Kind::ENUM64)
    }

    fn entry(&mut self, head: &Head, [name_off, low, high]: [u32; 3]) {
        let Some(index) = self.name(name_off, 0) else { return };
        let Some([.., code]) = self.facts.values.get(index) else { return };
        let [ours, upper] = self.facts.number(*code);
        // An ENUM holds 32 bits; before ENUM64 (Linux 6.0) whatever was longer lost the rest.
        if low == ours && (head.kind == Kind::ENUM || high == upper) {
            self.seen.set(index);
        } else {
            let kernel = [low, if head.kind == Kind::ENUM { 0 } else { high }];
            self.found.wrong(Wrong { name_off, field: false, ours: [ours, upper], kernel });
        }
    }
}

/// Follows fields one level further down.
///
/// A row is a type's id, the hash of the path to it, where its name stands, and its offset in bits;
/// above that, how many of it there are, or, of what is not named yet, the width of a bit-field.
struct Fields<'c> {
    facts: &'c Facts,
    list: List<'c>,
    /// How many of the list are for this pass; the rest has been found in it.
    now: usize,
    /// A bit for each id that may be in the list.
    ids: [u32; 64],
    seen: &'c mut Seen,
    found: &'c mut Found,
}

impl Fields<'_> {
    fn compare(&mut self, hash: u32, name_off: u32, offset: u32, size: u32) {
        let Some((index, code)) = row(self.facts.fields, hash) else { return };
        let Some(ours) = self.facts.places.get(usize::from(code)) else { return };
        let ours = ours.map(u32::from);
        if ours == [offset, size] {
            self.seen.set(index);
        } else {
            self.found.wrong(Wrong { name_off, field: true, ours, kernel: [offset, size] });
        }
    }

    /// Names what the last pass has found, and makes it the list of the next one.
    fn settle(&mut self, btf: &mut Btf<'_>) -> Result<bool, Error> {
        let mut kept = 0;
        self.ids = [0; 64];
        for at in 0..self.list.len {
            let Some([id, mut path, name_off, place]) = self.list.rows.get(at).copied() else {
                break;
            };
            let mut place = place;
            if id == 0 {
                continue;
            }
            if at >= self.now {
                let (mut first, before) = (true, path);
                btf.name(name_off, |piece| {
                    if first && !piece.is_empty() {
                        path = hash(before, b".");
                        first = false;
                    }
                    path = hash(path, piece);
                })?;
                let width = place >> 16;
                if width != 0 {
                    self.compare(path, name_off, place & 0xffff, width);
                    continue;
                }
                place |= 1 << 16;
            }
            if let Some(word) = self.ids.get_mut(id as usize / 32 % 64) {
                *word |= 1 << (id % 32);
            }
            if let Some(row) = self.list.rows.get_mut(kept) {
                *row = [id, path, name_off, place];
                kept = kept.saturating_add(1);
            }
        }
        (self.list.len, self.now) = (kept, kept);
        Ok(kept != 0)
    }

    /// After a pass: what had members has been replaced by them.
    fn done(&mut self) {
        for row in self.list.rows.iter_mut().take(self.now) {
            row[0] = if row[0] & LATER == 0 { 0 } else { row[0] & !LATER };
        }
    }

    fn each(&mut self, id: u32, mut go: impl FnMut(&mut Self, &mut [u32; 4])) {
        for at in 0..self.now {
            let Some(mut row) = self.list.rows.get(at).copied().filter(|row| row[0] == id) else {
                continue;
            };
            go(self, &mut row);
            if let Some(place) = self.list.rows.get_mut(at) {
                *place = row;
            }
        }
    }
}

/// Marks a row as one for the next pass: its id has been followed in this one already.
const LATER: u32 = 1 << 31;

impl Visit for Fields<'_> {
    fn head(&mut self, head: &Head) -> bool {
        let bit = self.ids.get(head.id as usize / 32 % 64).copied().unwrap_or(0);
        if bit >> (head.id % 32) & 1 == 0 {
            return false;
        }
        let mut any = false;
        self.each(head.id, |this, row| {
            any = true;
            match head.kind {
                Kind::INT | Kind::ENUM | Kind::ENUM64 => {
                    let size = head.size_or_type.wrapping_mul(row[3] >> 16).wrapping_mul(8);
                    this.compare(row[1], row[2], row[3] & 0xffff, size);
                    row[0] = 0;
                }
                Kind::STRUCT | Kind::UNION | Kind::ARRAY => {}
                Kind::TYPEDEF | Kind::VOLATILE | Kind::CONST | Kind::RESTRICT | Kind::TYPE_TAG => {
                    row[0] = head.size_or_type | LATER;
                }
                _ => row[0] = 0,
            }
        });
        any && matches!(head.kind, Kind::STRUCT | Kind::UNION | Kind::ARRAY)
    }

    fn entry(&mut self, head: &Head, words: [u32; 3]) {
        self.each(head.id, |this, row| {
            if head.kind == Kind::ARRAY {
                row[0] = words[0] | LATER;
                let times = (row[3] >> 16).wrapping_mul(words[2]);
                row[3] = row[3] & 0xffff | times << 16;
            } else {
                let (offset, width) =
                    if head.flag { (words[2] & 0xff_ffff, words[2] >> 24) } else { (words[2], 0) };
                let place = (row[3] & 0xffff).wrapping_add(offset) & 0xffff | width << 16;
                this.list.push([words[1], row[1], words[0], place]);
            }
        });
    }
}

impl Found {
    fn wrong(&mut self, wrong: Wrong) {
        self.wrong = self.wrong.saturating_add(1);
        self.first = self.first.or(Some(wrong));
    }
}

/// Either of the two, so that there is one walk for both.
struct Either<'v>(&'v mut dyn Visit);

impl Visit for Either<'_> {
    fn head(&mut self, head: &Head) -> bool {
        self.0.head(head)
    }

    fn entry(&mut self, head: &Head, words: [u32; 3]) {
        self.0.entry(head, words);
    }
}

#[inline(never)]
fn visit(btf: &mut Btf<'_>, with: &mut dyn Visit) -> Result<(), Error> {
    btf.visit(&mut Either(with))
}

/// Typedefs, arrays and structs inside each other, at the deepest.
const PASSES: u32 = 16;

/// Holds `facts` to what `btf` says.
///
/// # Errors
///
/// Those of [`Btf`]; [`Error::SMALL_WINDOW`]: there is not enough room in `scratch`.
pub fn check(btf: &mut Btf<'_>, facts: &Facts, scratch: &mut Scratch) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut roots = [[0; 2]; ROOTS];
    let mut count = 0;

    let mut seen = Seen::default();
    for from in (0..facts.values.len()).step_by(NAMES) {
        let list = List::new(scratch);
        let mut names = Names { from, hash: START, len: 0, ours: false, found: list };
        btf.strings(|offset, piece| names.piece(facts, offset, piece))?;
        let mut list = List::new(roots.get_mut(count..).unwrap_or_default());
        let names_found = names.found.get();
        let (seen, roots, found) = (&mut seen, &mut list, &mut found);
        visit(btf, &mut Values { facts, names: names_found, seen, roots, found })?;
        if names.found.full || list.full {
            return Err(Error::SMALL_WINDOW);
        }
        count = count.saturating_add(list.len);
    }
    found.values = seen.count();

    let mut seen = Seen::default();
    let mut roots = roots.get(..count).unwrap_or_default();
    let mut batch = count;
    while let Some((now, later)) = roots.split_at_checked(batch.min(roots.len())) {
        if now.is_empty() {
            break;
        }
        let before = found;
        if follow(btf, facts, now, scratch, &mut seen, &mut found)? {
            roots = later;
        } else if batch > 1 {
            // Not enough room for so many at a time.
            (found, batch) = (before, now.len().div_ceil(2));
        } else {
            return Err(Error::SMALL_WINDOW);
        }
    }
    found.fields = seen.count();

    let all = facts.values.len().saturating_add(facts.fields.len()) as u32;
    found.unknown = all.saturating_sub(found.values).saturating_sub(found.fields);
    Ok(found)
}

/// Follows some of the structs and unions to their last fields; whether there was room for them.
fn follow(
    btf: &mut Btf<'_>,
    facts: &Facts,
    roots: &[[u32; 2]],
    scratch: &mut Scratch,
    seen: &mut Seen,
    found: &mut Found,
) -> Result<bool, Error> {
    let mut list = List::new(scratch);
    for [id, spelled] in roots {
        list.push([*id, *spelled, 0, 1 << 16]);
    }
    let mut fields = Fields { facts, list, now: roots.len(), ids: [0; 64], seen, found };
    for _ in 0..PASSES {
        if fields.list.full || !fields.settle(btf)? {
            break;
        }
        visit(btf, &mut fields)?;
        fields.done();
    }
    Ok(!fields.list.full)
}

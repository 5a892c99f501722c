//! Several names in one pass, and what is known of a type by its id.

#![forbid(unsafe_code)]

use super::parse::{Cursor, Place, RECORD, Stop, two_pointers};
use super::{Btf, Error, Kind};
use crate::asm::PtrWidth;
use crate::uapi::btf::{Array, Member as Entry, Type};

/// What [`Btf::find`] is to look for.
#[derive(Clone, Copy)]
pub struct Want<'n> {
    kind: Option<Kind>,
    name: &'n str,
    member: &'n str,
}

crate::debug::debug_struct! { Want<'_> { kind, name as str, member as str } }

impl<'n> Want<'n> {
    /// The type of this kind and name.
    #[must_use]
    pub const fn new(kind: Kind, name: &'n str) -> Self {
        Self { kind: Some(kind), name, member: "" }
    }

    /// The function of this name.
    #[must_use]
    pub const fn func(name: &'n str) -> Self {
        Self::new(Kind::FUNC, name)
    }

    /// The member of this name in the struct or union of that name, or in one of its anonymous
    /// members. One inside a member that has a name is two to look for: `sock.__sk_common` and
    /// `sock_common.skc_family`, whose offsets add up.
    #[must_use]
    pub const fn member(of: &'n str, name: &'n str) -> Self {
        Self { kind: None, name: of, member: name }
    }

    /// The kernel's pointer: [`Found::ptr_width`] says how wide it is.
    ///
    /// What is looked for is `struct list_head`, which is two pointers. Every kernel has it, under
    /// the same name, whereas C's `unsigned long` is called what the compiler likes
    /// (`long unsigned int`), and a BTF without a single `PTR` of known size is the rule: the
    /// record of a pointer has no size.
    #[must_use]
    pub const fn pointer() -> Self {
        Self::new(Kind::STRUCT, "list_head")
    }
}

fn is_composite(kind: Kind) -> bool {
    matches!(kind, Kind::STRUCT | Kind::UNION)
}

/// A member of a struct or union.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Member {
    /// Where it begins, in bits from the start of the struct that was named.
    pub bit_offset: u32,
    /// Its width in bits if it is a bit-field, else 0.
    pub bit_width: u32,
    /// The id of its type, as it was declared.
    pub type_id: u32,
    /// What that type is, without typedefs, `const`, `volatile`, `restrict` and tags;
    /// [`UNKN`](Kind::UNKN) for `void`.
    pub kind: Kind,
    /// The size of the type in bytes: of a whole array, of the integer that a bit-field is a part
    /// of, of the kernel's pointer. 0 for what has none.
    pub size: u32,
}

impl Member {
    /// Where it begins, in bytes; `None` when that is in the middle of one.
    #[must_use]
    pub fn offset(&self) -> Option<u32> {
        self.bit_offset.is_multiple_of(8).then_some(self.bit_offset / 8)
    }
}

/// What [`Btf::find`] found, or that it found nothing.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The type's id; 0 when there is none.
    id: u32,
    /// Its size, or the id that it refers to.
    word: u32,
    member: Option<Member>,
}

impl Found {
    /// The type's id; of a member, the id of the struct that was named.
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND).
    pub fn id(self) -> Result<u32, Error> {
        if self.id == 0 { Err(Error::NOT_FOUND) } else { Ok(self.id) }
    }

    /// The type's size in bytes, if its kind has one, else the id of the type that it refers to;
    /// of a member, that of the struct that was named.
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND).
    pub fn size_or_type(self) -> Result<u32, Error> {
        self.id().map(|_| self.word)
    }

    /// The member.
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND): the struct or the member was not found, or no member was
    ///    asked for.
    pub fn member(self) -> Result<Member, Error> {
        self.member.ok_or(Error::NOT_FOUND)
    }

    /// The member's offset in bytes, as a load or store takes it.
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND): as [`member`](Self::member).
    ///  - [`NO_OFFSET`](Error::NO_OFFSET): it begins in the middle of a byte, or behind byte 32,767.
    pub fn off(self) -> Result<i16, Error> {
        let offset = self.member()?.offset().and_then(|offset| i16::try_from(offset).ok());
        offset.ok_or(Error::NO_OFFSET)
    }

    /// The width of the kernel's pointers, when [`Want::pointer`] was asked for.
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND): this BTF has no `struct list_head` of two pointers.
    pub fn ptr_width(self) -> Result<PtrWidth, Error> {
        two_pointers(self.size_or_type()?)
    }
}

/// A name, and where it stands in the strings, if that is known.
#[derive(Clone, Copy)]
struct Key<'n> {
    name: &'n [u8],
    off: Option<Place>,
}

impl Key<'_> {
    #[inline(always)]
    fn is_at(&self, name_off: u32) -> bool {
        self.off.is_some_and(|off| off.get() == name_off)
    }
}

/// One of the wanted, on its way.
struct Slot<'n> {
    /// `None` is both kinds that have members, one of which is wanted.
    kind: Option<Kind>,
    ty: Key<'n>,
    member: Key<'n>,
    /// Whether every name of the kind is to be compared.
    compare: bool,
    members: Members,
    found: Found,
}

impl<'n> Slot<'n> {
    #[inline(never)]
    fn new(want: Want<'n>) -> Self {
        Self {
            kind: want.kind,
            ty: Key { name: want.name.as_bytes(), off: None },
            member: Key { name: want.member.as_bytes(), off: None },
            compare: false,
            members: Members { at: 0, left: 0, flag: false, base: 0 },
            found: Found { id: 0, word: 0, member: None },
        }
    }

    #[inline(always)]
    fn is_kind(&self, ty: Type) -> bool {
        match self.kind {
            Some(kind) => ty.kind() == kind,
            None => is_composite(ty.kind()),
        }
    }

    /// [`bit`] of each offset that the name may have; 0 when the walk is not worth going on for this one.
    fn bits(&self) -> usize {
        if self.found.id != 0 {
            0
        } else if self.compare {
            usize::MAX
        } else {
            self.ty.off.map_or(0, |off| bit(off.get()))
        }
    }

    /// Whether this may be the type: its name is to be compared still.
    #[inline(always)]
    fn may_be(&self, ty: Type) -> bool {
        (self.ty.is_at(ty.name_off) || self.compare) && self.found.id == 0 && self.is_kind(ty)
    }
}

/// One of a register's bits, by the place of a name.
fn bit(off: u32) -> usize {
    1 << (off % usize::BITS)
}

/// Places along the way, so that a type is found by its id without a walk from the start.
struct Marks {
    marks: [Cursor; MARKS as usize],
    used: usize,
    /// How far they are apart, at least, and where the next one may be.
    apart: u32,
    next: u32,
    /// The size of a pointer, once it was asked for; 0 when this BTF does not tell.
    pointer: Option<u32>,
}

impl Marks {
    #[inline(always)]
    fn note(&mut self, cursor: Cursor) {
        if cursor.at >= self.next {
            self.next = cursor.at.saturating_add(self.apart);
            if let Some(mark) = self.marks.get_mut(self.used) {
                *mark = cursor;
                self.used = self.used.saturating_add(1);
            }
        }
    }

    /// The last one that is not behind the type with this id.
    fn before(&self, id: u32) -> Option<Cursor> {
        self.marks.iter().take(self.used).rfind(|mark| mark.id <= id).copied()
    }
}

/// The members that are left of a struct or union.
#[derive(Clone, Copy)]
struct Members {
    at: u32,
    left: u32,
    /// Offsets hold a bit-field's width, too.
    flag: bool,
    /// Where this struct begins in the outermost one, in bits.
    base: u32,
}

impl Members {
    fn new(stop: Stop, base: u32) -> Self {
        Self { at: stop.trailer, left: stop.ty.vlen(), flag: stop.ty.kind_flag(), base }
    }
}

const MARKS: u32 = 64;
/// Anonymous members in anonymous members: 5 in kernels of today.
const DEPTH: usize = 16;
/// The length of a member's record.
const MEMBER: u32 = RECORD as u32;
/// Modifiers on top of each other, and arrays of arrays: as many as the kernel allows.
const CHAIN: u32 = 32;

impl Btf<'_> {
    /// Types and members by their names, all in one pass; each has its answer at its own place.
    ///
    /// ```rust,no_run
    /// use barebpf::btf::{Btf, Want};
    ///
    /// # fn main() -> Result<(), barebpf::btf::Error> {
    /// let mut window = [0; 4096];
    /// let mut btf = Btf::vmlinux(&mut window)?;
    /// let [target, pid, state, old_state] = btf.find([
    ///     Want::func("bpf_iter_task"),
    ///     Want::member("task_struct", "pid"),
    ///     Want::member("task_struct", "__state"),
    ///     Want::member("task_struct", "state"),
    /// ])?;
    /// let target = target.id()?;
    /// let pid = pid.off()?;
    /// // The member was renamed in Linux 5.14.
    /// let state = state.member().or(old_state.member())?;
    /// # let _ = (target, pid, state);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What is not there is no error here, but of [`Found::id`] and the like.
    ///
    ///  - [`MALFORMED`](Error::MALFORMED), [`TOO_DEEP`](Error::TOO_DEEP), an
    ///    [`unknown_kind`](Error::unknown_kind), or an [`errno`](Error::errno).
    pub fn find<const N: usize>(&mut self, wants: [Want<'_>; N]) -> Result<[Found; N], Error> {
        let mut slots = wants.map(Slot::new);
        self.find_all(&mut slots)?;
        Ok(slots.map(|slot| slot.found))
    }

    /// One copy for every number of them.
    #[inline(never)]
    fn find_all(&mut self, slots: &mut [Slot<'_>]) -> Result<(), Error> {
        let apart = self.types.end.saturating_sub(self.types.start) / MARKS;
        let mut marks = Marks {
            marks: const { [Cursor { id: 0, at: 0 }; MARKS as usize] },
            used: 0,
            apart: apart.max(RECORD as u32),
            next: 0,
            pointer: None,
        };
        self.find_types(&mut marks, slots);
        for slot in slots {
            if slot.found.id != 0 && slot.kind.is_none() {
                self.find_member(&mut marks, slot);
            }
        }
        self.verdict()
    }

    /// Where each name stands as a whole string, in one pass over the strings.
    fn look_up_all(&mut self, slots: &mut [Slot<'_>]) {
        let mut at = self.strings.start;
        while at < self.strings.end {
            let mut next = self.strings.end;
            for index in 0..slots.len() {
                let Some((before, [slot, ..])) = slots.split_at_mut_checked(index) else {
                    break;
                };
                // Many members of one struct are one name to look for.
                match before.iter().find(|before| before.ty.name == slot.ty.name) {
                    Some(before) => slot.ty.off = before.ty.off,
                    None => next = next.min(self.look(&mut slot.ty, at)),
                }
                next = next.min(self.look(&mut slot.member, at));
            }
            at = next;
        }
    }

    /// Looks through one block for a name that has not been seen: how far that was.
    #[inline(never)]
    fn look(&mut self, key: &mut Key<'_>, mut at: u32) -> u32 {
        if key.off.is_none() {
            key.off = self.look_in_block(key.name, None, &mut at);
            if key.off.is_none() {
                return at;
            }
        }
        self.strings.end
    }

    /// Finds all types that there are.
    #[inline(never)]
    fn find_types(&mut self, marks: &mut Marks, slots: &mut [Slot<'_>]) {
        self.look_up_all(slots);
        self.walk_types(marks, slots);
        // Off the beaten track, as in `id`.
        for slot in slots.iter_mut().filter(|slot| slot.found.id == 0) {
            let tried = slot.ty.off.take().or(Some(Place::MAX));
            slot.compare = self.look_up(slot.ty.name, tried).is_some();
        }
        self.walk_types(marks, slots);
    }

    /// Walks until all types are found that may be.
    #[inline(never)]
    fn walk_types(&mut self, marks: &mut Marks, slots: &mut [Slot<'_>]) {
        let mut cursor = self.first();
        while let Some(stop) = self.scan(marks, &mut cursor, slots, 0) {
            for slot in slots.iter_mut() {
                if slot.may_be(stop.ty) && self.is_name(stop.ty.name_off, slot.ty.name) {
                    (slot.found.id, slot.found.word) = (stop.id, stop.ty.size_or_type);
                    slot.members = Members::new(stop, 0);
                }
            }
        }
    }

    /// Goes on to the type with this id, if it is not 0, or to one that may be wanted.
    #[inline(never)]
    fn scan(
        &mut self,
        marks: &mut Marks,
        cursor: &mut Cursor,
        slots: &[Slot<'_>],
        id: u32,
    ) -> Option<Stop> {
        // Nearly all types fail this, without a look at the slots.
        let bits = slots.iter().fold(0, |bits, slot| bits | slot.bits());
        if bits == 0 && id == 0 {
            return None;
        }
        self.walk(cursor, |cursor, ty| {
            marks.note(cursor);
            cursor.id == id
                || bits & bit(ty.name_off) != 0 && slots.iter().any(|slot| slot.may_be(ty))
        })
    }

    fn find_member(&mut self, marks: &mut Marks, slot: &mut Slot<'_>) {
        // Names are compared only when the one place where the name was seen is not the member's.
        for (deep, compare) in [(false, false), (true, false), (true, true)] {
            if compare || slot.member.off.is_some() {
                self.look_for_member(marks, slot, deep, compare);
            }
            if let Some(member) = &mut slot.found.member {
                self.measure(marks, member);
                break;
            }
        }
    }

    /// Goes through the members, and if `deep` through those of anonymous ones.
    #[inline(never)]
    fn look_for_member(
        &mut self,
        marks: &mut Marks,
        slot: &mut Slot<'_>,
        deep: bool,
        compare: bool,
    ) {
        let mut members = slot.members;
        let mut outer = const { [Members { at: 0, left: 0, flag: false, base: 0 }; DEPTH] };
        let mut depth = 0_usize;
        // No struct has more members than the file; one that goes round in circles may seem to.
        let mut budget = self.types.end.saturating_sub(self.types.start);
        loop {
            while members.left == 0 {
                depth = depth.wrapping_sub(1);
                let Some(place) = outer.get(depth) else { return };
                members = *place;
            }
            let Some(less) = budget.checked_sub(MEMBER) else { break };
            budget = less;
            let bytes = self.types.at(&mut self.source, members.at, RECORD);
            let Some(entry) = bytes.first_chunk::<RECORD>() else {
                self.fail(Error::MALFORMED);
                return;
            };
            let entry: Entry = zerocopy::transmute!(*entry);
            members.at = members.at.saturating_add(RECORD as u32);
            members.left = members.left.wrapping_sub(1);
            let (offset, bit_width) = if members.flag {
                (entry.bit_offset(), entry.bitfield_size())
            } else {
                (entry.offset, 0)
            };
            let bit_offset = members.base.saturating_add(offset);
            let same = if compare {
                self.is_name(entry.name_off, slot.member.name)
            } else {
                slot.member.is_at(entry.name_off)
            };
            if same {
                let (type_id, kind, size) = (entry.r#type, Kind::UNKN, 0);
                slot.found.member = Some(Member { bit_offset, bit_width, type_id, kind, size });
                return;
            }
            if !deep || entry.name_off != 0 {
                continue;
            }
            let inner = self.strip(marks, entry.r#type);
            if let Some(inner) = inner.filter(|inner| is_composite(inner.ty.kind())) {
                let Some(place) = outer.get_mut(depth) else { break };
                *place = members;
                depth = depth.saturating_add(1);
                members = Members::new(inner, bit_offset);
            }
        }
        self.fail(Error::TOO_DEEP);
    }

    /// The type with this id; `None` for `void`, too.
    fn locate(&mut self, marks: &mut Marks, id: u32) -> Option<Stop> {
        if id == 0 {
            return None;
        }
        let mut cursor = marks.before(id).unwrap_or(self.first());
        let found = self.scan(marks, &mut cursor, &[], id);
        if found.is_none() {
            self.fail(Error::MALFORMED);
        }
        found
    }

    /// The type without typedefs and modifiers; `None` for `void`.
    #[inline(never)]
    fn strip(&mut self, marks: &mut Marks, mut id: u32) -> Option<Stop> {
        for _ in 0..CHAIN {
            let stop = self.locate(marks, id)?;
            match stop.ty.kind() {
                Kind::TYPEDEF | Kind::CONST | Kind::VOLATILE | Kind::RESTRICT | Kind::TYPE_TAG => {
                    id = stop.ty.size_or_type
                }
                _ => return Some(stop),
            }
        }
        self.fail(Error::TOO_DEEP);
        None
    }

    /// What the member's type is, and its size in bytes.
    fn measure(&mut self, marks: &mut Marks, member: &mut Member) {
        let Some(mut stop) = self.strip(marks, member.type_id) else { return };
        member.kind = stop.ty.kind();
        let mut count = 1_u32;
        for _ in 0..CHAIN {
            let size = match stop.ty.kind() {
                Kind::ARRAY => {
                    let bytes = self.types.at(&mut self.source, stop.trailer, RECORD);
                    let Some(array) = bytes.first_chunk::<RECORD>() else { break };
                    let array: Array = zerocopy::transmute!(*array);
                    count = count.saturating_mul(array.nelems);
                    let Some(element) = self.strip(marks, array.r#type) else { break };
                    stop = element;
                    continue;
                }
                Kind::PTR => self.pointer(marks),
                Kind::INT
                | Kind::FLOAT
                | Kind::ENUM
                | Kind::ENUM64
                | Kind::STRUCT
                | Kind::UNION => stop.ty.size_or_type,
                _ => 0,
            };
            member.size = size.saturating_mul(count);
            return;
        }
        self.fail(Error::TOO_DEEP);
    }

    fn pointer(&mut self, marks: &mut Marks) -> u32 {
        if let Some(size) = marks.pointer {
            return size;
        }
        let mut slots = [Slot::new(Want::pointer())];
        self.find_types(marks, &mut slots);
        let [Slot { found, .. }] = slots;
        let size = found.ptr_width().map_or(0, PtrWidth::bytes);
        marks.pointer = Some(size);
        size
    }
}

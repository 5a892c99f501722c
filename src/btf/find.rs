//! Several names in one pass, and what is known of a type by its id.

#![forbid(unsafe_code)]

use super::parse::{Cursor, Place, RECORD, Stop, two_pointers};
use super::{Btf, Error, Kind};
use crate::asm::PtrWidth;
use crate::uapi::btf::{Array, Member as Entry, Type};

/// What [`Btf::find`] is to look for.
#[derive(Clone, Copy, Debug)]
pub struct Want<'n> {
    kind: Option<Kind>,
    name: &'n str,
    member: &'n str,
}

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
    /// members.
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

    fn is_kind(&self, ty: Type) -> bool {
        match self.kind {
            Some(kind) => ty.kind() == kind,
            None => is_composite(ty.kind()),
        }
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
    /// The type's id, and its size or the id that it refers to.
    ty: Option<(u32, u32)>,
    member: Option<Member>,
}

impl Found {
    /// The type's id; of a member, the id of the struct that was named.
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND).
    pub fn id(self) -> Result<u32, Error> {
        self.ty.map(|(id, _)| id).ok_or(Error::NOT_FOUND)
    }

    /// The type's size in bytes, if its kind has one, else the id of the type that it refers to;
    /// of a member, that of the struct that was named.
    ///
    /// # Errors
    ///
    ///  - [`NOT_FOUND`](Error::NOT_FOUND).
    pub fn size_or_type(self) -> Result<u32, Error> {
        self.ty.map(|(_, word)| word).ok_or(Error::NOT_FOUND)
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

impl<'n> Key<'n> {
    fn new(name: &'n str) -> Self {
        Self { name: name.as_bytes(), off: None }
    }

    #[inline(always)]
    fn is_at(&self, name_off: u32) -> bool {
        self.off.is_some_and(|off| off.get() == name_off)
    }
}

/// One of the wanted, on its way.
struct Slot<'n> {
    want: Want<'n>,
    /// The type's name, and the member's.
    keys: [Key<'n>; 2],
    /// Whether every name of the kind is to be compared.
    compare: bool,
    ty: Option<Stop>,
    member: Option<Member>,
}

impl Slot<'_> {
    /// Whether the walk is worth going on for this one.
    fn is_open(&self) -> bool {
        let [key, _] = &self.keys;
        self.ty.is_none() && (self.compare || key.off.is_some())
    }

    /// [`bit`] of each offset that the name may have.
    fn bits(&self) -> u64 {
        let [key, _] = &self.keys;
        if self.compare { u64::MAX } else { key.off.map_or(0, |off| bit(off.get())) }
    }

    /// Whether this may be the type: its name is to be compared still.
    #[inline(always)]
    fn may_be(&self, ty: Type) -> bool {
        let [key, _] = &self.keys;
        (key.is_at(ty.name_off) || self.compare) && self.ty.is_none() && self.want.is_kind(ty)
    }
}

/// One of 64 bits, by the place of a name.
fn bit(off: u32) -> u64 {
    1 << (off % 64)
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
        let mut keys = wants.map(|want| [Key::new(want.name), Key::new(want.member)]);
        self.look_up_all(keys.as_flattened_mut());
        let mut slots = keys.map(|keys| Slot {
            want: Want::member("", ""),
            keys,
            compare: false,
            ty: None,
            member: None,
        });
        for (slot, want) in slots.iter_mut().zip(wants) {
            slot.want = want;
        }
        self.search(&mut slots);
        self.verdict()?;
        Ok(slots.map(|slot| Found {
            ty: slot.ty.map(|stop| (stop.id, stop.ty.size_or_type)),
            member: slot.member,
        }))
    }

    /// Where each name stands as a whole string, in one pass over the strings.
    fn look_up_all(&mut self, keys: &mut [Key<'_>]) {
        let mut at = self.strings.start;
        while at < self.strings.end {
            let mut next = None;
            for index in 0..keys.len() {
                let Some((before, [key, after @ ..])) = keys.split_at_mut_checked(index) else {
                    break;
                };
                if key.off.is_some() || before.iter().any(|before| before.name == key.name) {
                    continue;
                }
                let mut here = at;
                key.off = self.look_in_block(key.name, None, &mut here);
                if key.off.is_none() {
                    next = Some(next.unwrap_or(here).min(here));
                } else {
                    after.iter_mut().filter(|a| a.name == key.name).for_each(|a| a.off = key.off);
                }
            }
            at = next.unwrap_or(self.strings.end);
        }
    }

    fn search(&mut self, slots: &mut [Slot<'_>]) {
        let apart = self.types.end.saturating_sub(self.types.start) / MARKS;
        let marks = [self.first(); MARKS as usize];
        let mut marks =
            Marks { marks, used: 0, apart: apart.max(RECORD as u32), next: 0, pointer: None };
        self.find_types(slots, &mut marks);

        // Off the beaten track, as in `id`.
        for slot in slots.iter_mut().filter(|slot| slot.ty.is_none()) {
            let [key, _] = slot.keys;
            slot.compare = self.look_up(key.name, key.off.or(Some(Place::MAX))).is_some();
            slot.keys = slot.keys.map(|key| Key { off: None, ..key });
        }
        self.find_types(slots, &mut marks);

        for slot in slots {
            if let (Some(stop), None) = (slot.ty, slot.want.kind) {
                let [_, key] = slot.keys;
                slot.member = self.find_member(&mut marks, stop, key);
            }
        }
    }

    /// Walks until all types are found that may be.
    fn find_types(&mut self, slots: &mut [Slot<'_>], marks: &mut Marks) {
        let mut cursor = self.first();
        while slots.iter().any(Slot::is_open) {
            // Nearly all types fail this, without a look at the slots.
            let bits =
                slots.iter().filter(|slot| slot.is_open()).fold(0, |bits, slot| bits | slot.bits());
            let stop = self.walk(&mut cursor, |cursor, ty| {
                marks.note(cursor);
                bits & bit(ty.name_off) != 0 && slots.iter().any(|slot| slot.may_be(ty))
            });
            let Some(stop) = stop else { break };
            for slot in slots.iter_mut().filter(|slot| slot.may_be(stop.ty)) {
                let [key, _] = slot.keys;
                if self.is_name(stop.ty.name_off, key.name) {
                    slot.ty = Some(stop);
                }
            }
        }
    }

    fn find_member(&mut self, marks: &mut Marks, of: Stop, key: Key<'_>) -> Option<Member> {
        // Names are compared only when the one place where the name was seen is not the member's.
        let found = [(false, false), (true, false), (true, true)]
            .into_iter()
            .filter(|(_, compare)| *compare || key.off.is_some())
            .find_map(|(deep, compare)| self.look_for_member(marks, of, key, deep, compare));
        let mut member = found?;
        (member.kind, member.size) = self.measure(marks, member.type_id);
        Some(member)
    }

    /// Goes through the members, and if `deep` through those of anonymous ones.
    fn look_for_member(
        &mut self,
        marks: &Marks,
        of: Stop,
        key: Key<'_>,
        deep: bool,
        compare: bool,
    ) -> Option<Member> {
        let mut outer = [None; DEPTH];
        let mut depth = 0_usize;
        let mut members = Members::new(of, 0);
        // No struct has more members than the file; one that goes round in circles may seem to.
        let budget = self.types.end.saturating_sub(self.types.start) / MEMBER;
        for _ in 0..budget {
            while members.left == 0 {
                depth = depth.checked_sub(1)?;
                members = (*outer.get(depth)?)?;
            }
            let bytes = self.types.at(&mut self.source, members.at, RECORD);
            let Some(entry) = bytes.first_chunk::<RECORD>() else {
                self.fail(Error::MALFORMED);
                return None;
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
                self.is_name(entry.name_off, key.name)
            } else {
                key.is_at(entry.name_off)
            };
            if same {
                let (type_id, kind, size) = (entry.r#type, Kind::UNKN, 0);
                return Some(Member { bit_offset, bit_width, type_id, kind, size });
            }
            if !deep || entry.name_off != 0 {
                continue;
            }
            let inner = self.strip(marks, entry.r#type);
            if let Some(inner) = inner.filter(|inner| is_composite(inner.ty.kind())) {
                let Some(place) = outer.get_mut(depth) else {
                    self.fail(Error::TOO_DEEP);
                    return None;
                };
                *place = Some(members);
                depth = depth.saturating_add(1);
                members = Members::new(inner, bit_offset);
            }
        }
        while members.left == 0 {
            depth = depth.checked_sub(1)?;
            members = (*outer.get(depth)?)?;
        }
        self.fail(Error::TOO_DEEP);
        None
    }

    /// The type with this id; `None` for `void`, too.
    fn locate(&mut self, marks: &Marks, id: u32) -> Option<Stop> {
        let mut cursor = marks.before(id).unwrap_or(self.first());
        if id == 0 {
            return None;
        }
        let found = self.walk(&mut cursor, |cursor, _| cursor.id == id);
        if found.is_none() {
            self.fail(Error::MALFORMED);
        }
        found
    }

    /// The type without typedefs and modifiers; `None` for `void`.
    fn strip(&mut self, marks: &Marks, mut id: u32) -> Option<Stop> {
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

    /// What the type is, and its size in bytes.
    fn measure(&mut self, marks: &mut Marks, id: u32) -> (Kind, u32) {
        let Some(mut stop) = self.strip(marks, id) else { return (Kind::UNKN, 0) };
        let kind = stop.ty.kind();
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
            return (kind, size.saturating_mul(count));
        }
        self.fail(Error::TOO_DEEP);
        (kind, 0)
    }

    fn pointer(&mut self, marks: &mut Marks) -> u32 {
        if let Some(size) = marks.pointer {
            return size;
        }
        let size = match self.ptr_width() {
            Ok(width) => width.bytes(),
            Err(error) => {
                if error != Error::NOT_FOUND {
                    self.fail(error);
                }
                0
            }
        };
        marks.pointer = Some(size);
        size
    }
}

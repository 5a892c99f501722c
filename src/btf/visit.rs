//! Everything there is, in one pass: for tools that look for more than a few names.

#![forbid(unsafe_code)]

use super::parse::word;
use super::{Btf, Error, Kind};

/// A type, as its record has it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Head {
    /// Its id.
    pub id: u32,
    /// What it is.
    pub kind: Kind,
    /// Where its name stands: for [`Btf::name`].
    pub name_off: u32,
    /// Of a struct or union: whether the third word of its members has a width in bits in its
    /// highest byte. Of an enumeration: whether it is signed.
    pub flag: bool,
    /// Its size in bytes, or the id of another type: the kind says which.
    pub size_or_type: u32,
}

/// What [`Btf::visit`] shows the types to.
pub trait Visit {
    /// Looks at a type; whether its [`entry`](Self::entry)s are of interest too.
    fn head(&mut self, head: &Head) -> bool;

    /// Looks at what follows the record, three words at a time or as many as there are, zeros behind:
    /// a member's name, type and place; an enumerator's name and value; an array's element, index and
    /// length.
    fn entry(&mut self, head: &Head, words: [u32; 3]);
}

impl Btf<'_> {
    /// Shows every type to `visit`, in the order of their ids.
    ///
    /// # Errors
    ///
    ///  - [`MALFORMED`](Error::MALFORMED), an [`unknown_kind`](Error::unknown_kind), or an
    ///    [`errno`](Error::errno).
    pub fn visit(&mut self, visit: &mut impl Visit) -> Result<(), Error> {
        let mut cursor = self.first();
        let mut last = None;
        while let Some(stop) = self.walk(&mut cursor, |cursor, ty| {
            let head = Head {
                id: cursor.id,
                kind: ty.kind(),
                name_off: ty.name_off,
                flag: ty.kind_flag(),
                size_or_type: ty.size_or_type,
            };
            last = Some(head);
            visit.head(&head)
        }) {
            let Some(head) = last else { break };
            let each = match head.kind {
                Kind::STRUCT | Kind::UNION | Kind::ENUM64 | Kind::ARRAY | Kind::DATASEC => 12,
                Kind::ENUM | Kind::FUNC_PROTO => 8,
                _ => 4,
            };
            let mut at = stop.trailer;
            while at < cursor.at {
                let left = cursor.at.wrapping_sub(at) as usize;
                let bytes = self.types.at(&mut self.source, at, each.min(left));
                let mut bytes = bytes.get(..left).unwrap_or(bytes);
                let mut done = 0;
                // Not `chunks_exact`, which divides: 32-bit ARM calls a function for that.
                while let Some((entry, rest)) = bytes.split_at_checked(each) {
                    bytes = rest;
                    let next = |at| word(entry.get(at..).unwrap_or_default());
                    visit.entry(&head, [next(0), next(4), next(8)]);
                    done = each.saturating_add(done);
                }
                if done == 0 {
                    // An unknown kind's entries, which the layout section gives an odd length.
                    break;
                }
                at = at.saturating_add(done as u32);
            }
        }
        self.verdict()
    }

    /// Shows all strings to `seen`: pieces, each with its offset. They are separated by NUL bytes; a
    /// piece may end inside a string, and the next one goes on with it.
    ///
    /// # Errors
    ///
    ///  - [`MALFORMED`](Error::MALFORMED), or an [`errno`](Error::errno).
    pub fn strings(&mut self, mut seen: impl FnMut(u32, &[u8])) -> Result<(), Error> {
        let mut at = self.strings.start;
        while at < self.strings.end {
            let bytes = self.strings.at(&mut self.source, at, 1);
            if bytes.is_empty() {
                break;
            }
            seen(at.saturating_sub(self.strings.start), bytes);
            at = at.saturating_add(bytes.len() as u32);
        }
        self.verdict()
    }

    /// Shows the string at `name_off`, without its NUL, to `seen`: in pieces, if it is long.
    ///
    /// # Errors
    ///
    ///  - [`MALFORMED`](Error::MALFORMED): it lies outside, or has no end; or an
    ///    [`errno`](Error::errno).
    pub fn name(&mut self, name_off: u32, mut seen: impl FnMut(&[u8])) -> Result<(), Error> {
        let mut at = self.strings.start.saturating_add(name_off);
        while at < self.strings.end {
            let bytes = self.strings.at(&mut self.source, at, 1);
            if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
                seen(bytes.get(..end).unwrap_or_default());
                return Ok(());
            }
            if bytes.is_empty() {
                break;
            }
            seen(bytes);
            at = at.saturating_add(bytes.len() as u32);
        }
        self.fail(Error::MALFORMED);
        self.verdict()
    }

    /// The error that was noted, which is forgotten with that.
    pub(super) fn verdict(&mut self) -> Result<(), Error> {
        self.source.error.take().map_or(Ok(()), Err)
    }
}

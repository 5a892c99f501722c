//! Everything there is, in one pass: for tools that look for more than a few names.

use super::{Btf, Kind, Record};
use crate::btf::Error;
use zerocopy::FromBytes;

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
    ///  - [`Os`](Error::Os), [`Malformed`](Error::Malformed), [`UnknownKind`](Error::UnknownKind).
    pub fn visit(&mut self, visit: &mut impl Visit) -> Result<(), Error> {
        let head = |id, record: Record| Head {
            id,
            kind: record.kind(),
            name_off: record.name_off,
            flag: record.info >> 31 == 1,
            size_or_type: record.size_or_type,
        };
        let (mut cursor, until) = (self.first(), self.types.end);
        while let Some(found) =
            self.walk(&mut cursor, until, |id, record| visit.head(&head(id, record)))?
        {
            let head = head(found.id, found.record);
            let each = match head.kind {
                Kind::STRUCT | Kind::UNION | Kind::ENUM64 | Kind::ARRAY | Kind::DATASEC => 12,
                Kind::ENUM | Kind::FUNC_PROTO => 8,
                _ => 4,
            };
            // The walk has gone past what follows the record.
            let mut left = self.trailer(found.record)?;
            let mut at = cursor.at.saturating_sub(left);
            while left >= each {
                let bytes = self.types.bytes(&mut self.source, at, each as usize)?;
                let mut done = 0_u32;
                for entry in bytes.chunks_exact(each as usize) {
                    if left < each {
                        break;
                    }
                    let mut words =
                        entry.chunks_exact(4).filter_map(|word| u32::read_from_bytes(word).ok());
                    let mut next = || words.next().unwrap_or(0);
                    visit.entry(&head, [next(), next(), next()]);
                    left = left.saturating_sub(each);
                    done = done.saturating_add(each);
                }
                if done == 0 {
                    return Err(Error::Malformed);
                }
                at = at.saturating_add(done);
            }
        }
        Ok(())
    }

    /// Shows all strings to `seen`: pieces, each with its offset. They are separated by NUL bytes; a
    /// piece may end inside a string, and the next one goes on with it.
    ///
    /// # Errors
    ///
    ///  - [`Os`](Error::Os), [`Malformed`](Error::Malformed).
    pub fn strings(&mut self, mut seen: impl FnMut(u32, &[u8])) -> Result<(), Error> {
        let mut at = self.strings.start;
        while at < self.strings.end {
            let bytes = self.strings.bytes(&mut self.source, at, 1)?;
            seen(at.saturating_sub(self.strings.start), bytes);
            at = self.strings.skip(at, bytes.len() as u32)?;
        }
        Ok(())
    }

    /// Shows the string at `name_off`, without its NUL, to `seen`: in pieces, if it is long.
    ///
    /// # Errors
    ///
    ///  - [`Os`](Error::Os); [`Malformed`](Error::Malformed): it has no end.
    pub fn name(&mut self, name_off: u32, mut seen: impl FnMut(&[u8])) -> Result<(), Error> {
        let mut at = self.strings.start.saturating_add(name_off);
        while at < self.strings.end {
            let bytes = self.strings.bytes(&mut self.source, at, 1)?;
            if let Some(end) = bytes.iter().position(|byte| *byte == 0) {
                seen(bytes.get(..end).unwrap_or_default());
                return Ok(());
            }
            seen(bytes);
            at = self.strings.skip(at, bytes.len() as u32)?;
        }
        Err(Error::Malformed)
    }
}

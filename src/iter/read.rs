//! A pass cut into pieces: [`Lines`] of text, [`Records`] of one size.

#![forbid(unsafe_code)]

use core::fmt;

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::Iter;
use crate::{Errno, Result};

/// Why there is no next line or record.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ReadError {
    /// The read failed; see [`Iter::read`].
    Read(Errno),
    /// The pass ended in the middle of a record, after so many bytes of it: the program wrote something
    /// else than records of this size.
    Fragment(usize),
    /// A line is longer than the buffer, which is this long; or there is no buffer to speak of.
    TooLong(usize),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(errno) => write!(f, "read: {errno}"),
            Self::Fragment(len) => write!(f, "the pass ended with {len} bytes of a record"),
            Self::TooLong(len) => write!(f, "more than the buffer of {len} bytes"),
        }
    }
}

impl core::error::Error for ReadError {}

/// The errno of the read, or [`InvalidData`](std::io::ErrorKind::InvalidData).
#[cfg(feature = "std")]
impl From<ReadError> for std::io::Error {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Read(errno) => errno.into(),
            _ => Self::new(std::io::ErrorKind::InvalidData, error),
        }
    }
}

impl From<Errno> for ReadError {
    fn from(errno: Errno) -> Self {
        Self::Read(errno)
    }
}

/// What has been read and not yet handed out: `start..end` of a buffer.
#[derive(Debug)]
struct Held {
    start: usize,
    end: usize,
}

impl Held {
    const EMPTY: Self = Self { start: 0, end: 0 };

    fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Moves what is held to the front and reads more behind it; false at the end of the pass.
    fn read(&mut self, iter: &mut Iter, buf: &mut [u8]) -> Result<bool, ReadError> {
        let len = self.len();
        if self.start > 0 {
            // It always is in there; said for the compiler, which then leaves the panic out.
            if self.start <= self.end && self.end <= buf.len() {
                buf.copy_within(self.start..self.end, 0);
            }
            (self.start, self.end) = (0, len);
        }
        let size = buf.len();
        let free = buf.get_mut(len..).filter(|free| !free.is_empty());
        let read = iter.read(free.ok_or(ReadError::TooLong(size))?)?;
        self.end = len.saturating_add(read).min(size);
        Ok(read > 0)
    }
}

/// The lines of a pass whose program writes text, without their newlines; the last one may lack it.
///
/// They are lent from the buffer, each until the next is asked for, so this is no [`Iterator`].
///
/// ```no_run
/// # fn read(link: barebpf::fd::OwnedFd) -> Result<(), Box<dyn std::error::Error>> {
/// let mut buf = [0; 4096];
/// let mut lines = barebpf::iter::iter_create(link.as_fd())?.lines(&mut buf);
/// while let Some(line) = lines.next()? {
///     println!("{}", String::from_utf8_lossy(line));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Lines<'b> {
    iter: Iter,
    buf: &'b mut [u8],
    held: Held,
}

/// The records of a pass whose program writes nothing else than values of `T`, one after the other.
///
/// `T` is whole: where `repr(C)` would pad it, it has a field, which the program writes too.
///
/// They are handed out where they were read to, so each has to be let go before the next, and it is no
/// [`Iterator`]. The buffer is a slice of `T`, so it is aligned as `T` is;
/// only a record that a read cut in two is moved, to the front.
///
/// ```no_run
/// use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout}; // zerocopy 0.8, with "derive"
///
/// #[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout)]
/// #[repr(C)]
/// struct Element {
///     key: u32,
///     value: [u32; 2],
/// }
///
/// # fn read(link: barebpf::fd::OwnedFd) -> Result<(), Box<dyn std::error::Error>> {
/// let mut buf = [Element { key: 0, value: [0; 2] }; 256];
/// let mut records = barebpf::iter::iter_create(link.as_fd())?.records(&mut buf);
/// while let Some(element) = records.next()? {
///     println!("{}: {:?}", element.key, element.value);
/// }
/// # Ok(())
/// # }
/// ```
///
/// A record of no size would never end, and is refused when the program is compiled:
///
/// ```compile_fail,E0080
/// fn wrong(pass: barebpf::iter::Iter) {
///     let _ = pass.records::<()>(&mut [()]);
/// }
/// # let _: fn(barebpf::iter::Iter) = wrong;
/// ```
#[derive(Debug)]
pub struct Records<'b, T> {
    iter: Iter,
    buf: &'b mut [T],
    held: Held,
}

impl Iter {
    /// Reads on line by line, through `buf`; a line that does not fit it is an error.
    #[must_use]
    pub fn lines(self, buf: &mut [u8]) -> Lines<'_> {
        Lines { iter: self, buf, held: Held::EMPTY }
    }

    /// Reads on record by record, through `buf`; one element is enough, 32 KiB of them are fast.
    #[must_use]
    pub fn records<T>(self, buf: &mut [T]) -> Records<'_, T>
    where
        T: FromBytes + IntoBytes + Immutable + KnownLayout,
    {
        const { assert!(size_of::<T>() > 0, "records have a size") };
        Records { iter: self, buf, held: Held::EMPTY }
    }
}

impl Lines<'_> {
    /// The next line; `None` at the end.
    ///
    /// # Errors
    ///
    ///  - [`TooLong`](ReadError::TooLong): a line does not fit the buffer.
    ///  - [`Read`](ReadError::Read): see [`Iter::read`].
    #[expect(clippy::should_implement_trait, reason = "an `Iterator` cannot lend from its buffer")]
    pub fn next(&mut self) -> Result<Option<&[u8]>, ReadError> {
        let mut seen: usize = 0;
        let (len, line_end) = loop {
            let held = self.buf.get(self.held.start..self.held.end).unwrap_or_default();
            let rest = held.get(seen..).unwrap_or_default();
            if let Some(at) = rest.iter().position(|&byte| byte == b'\n') {
                let len = seen.saturating_add(at);
                break (len, len.saturating_add(1));
            }
            seen = held.len();
            if !self.held.read(&mut self.iter, self.buf)? {
                if seen == 0 {
                    return Ok(None);
                }
                break (seen, seen);
            }
        };
        let start = self.held.start;
        self.held.start = start.saturating_add(line_end);
        Ok(self.buf.get(start..start.saturating_add(len)))
    }
}

impl<T: FromBytes + IntoBytes + Immutable + KnownLayout> Records<'_, T> {
    /// The next record; `None` at the end.
    ///
    /// # Errors
    ///
    ///  - [`Fragment`](ReadError::Fragment): the pass ended in the middle of a record.
    ///  - [`TooLong`](ReadError::TooLong): the buffer has no element.
    ///  - [`Read`](ReadError::Read): see [`Iter::read`].
    #[expect(clippy::should_implement_trait, reason = "an `Iterator` cannot lend from its buffer")]
    pub fn next(&mut self) -> Result<Option<&T>, ReadError> {
        let size = size_of::<T>();
        while self.held.len() < size {
            if !self.held.read(&mut self.iter, self.buf.as_mut_bytes())? {
                return match self.held.len() {
                    0 => Ok(None),
                    len => Err(ReadError::Fragment(len)),
                };
            }
        }
        // `start` is a whole number of records: it grows by one, and a move sets it to 0.
        let index = self.held.start.checked_div(size).unwrap_or(0);
        self.held.start = self.held.start.saturating_add(size);
        Ok(self.buf.get(index))
    }
}

#![forbid(unsafe_code)]

use core::fmt;
use core::num::NonZeroU16;

use crate::Errno;

/// Why there is no answer: one of the constants here, an error of the system
/// ([`errno`](Self::errno)), or a kind that is not known ([`unknown_kind`](Self::unknown_kind)).
///
/// Two bytes, which is what lets a search of the kernel's BTF fit in little more than a kilobyte.
#[derive(Clone, Copy, Eq, PartialEq)]
#[repr(transparent)]
pub struct Error(NonZeroU16);

/// Numbers below are the system's.
const OWN: u16 = 0x1000;
/// Numbers from here on hold a kind in their low byte.
const KIND: u16 = 0x2000;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl Error {
            $(
                $(#[$doc])*
                pub const $name: Self = Self(NonZeroU16::new($value).unwrap());
            )*

            fn text(self) -> Option<(&'static str, &'static str)> {
                match self {
                    $(Self::$name => Some((stringify!($name), $text)),)*
                    _ => None,
                }
            }
        }
    };
}

errors! {
    /// There is no BTF here: the kernel was built without `CONFIG_DEBUG_INFO_BTF`, or sysfs is not
    /// mounted on `/sys`.
    NO_BTF = 0x1001, "no BTF here: the kernel has none, or sysfs is not mounted on /sys";
    /// The bytes are no BTF of version 1 in this machine's byte order.
    NOT_BTF = 0x1002, "not BTF";
    /// A section or a record reaches past its end, or a type id has no type.
    MALFORMED = 0x1003, "malformed BTF";
    /// No type of that kind and name, or no member of that name.
    NOT_FOUND = 0x1004, "not in this BTF";
    /// Anonymous members or modifiers are nested deeper than C code has them, or in a circle.
    TOO_DEEP = 0x1005, "BTF nested too deep";
    /// The window is smaller than [`MIN_WINDOW`](super::MIN_WINDOW).
    SMALL_WINDOW = 0x1006, "window for BTF too small";
    /// The member begins in the middle of a byte, or too far from the start for an instruction.
    NO_OFFSET = 0x1007, "no offset that an instruction can hold";
}

impl Error {
    /// A type of this kind stands in the way, and there is no layout section to tell its length.
    pub(super) fn kind(kind: u8) -> Self {
        Self(NonZeroU16::MIN | KIND | u16::from(kind) << 1)
    }

    /// The error number, when opening or reading the file failed.
    #[must_use]
    pub fn errno(self) -> Option<Errno> {
        if self.0.get() < OWN { Errno::from_raw(self.0.get()) } else { None }
    }

    /// The kind, when a type of a kind that this crate does not know stands in the way, and the
    /// BTF has no layout section that tells its length.
    #[must_use]
    pub fn unknown_kind(self) -> Option<u8> {
        if self.0.get() < KIND { None } else { Some((self.0.get() >> 1) as u8) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((_, text)) = self.text() {
            f.write_str(text)
        } else if let Some(kind) = self.unknown_kind() {
            write!(f, "BTF with types of an unknown kind, {kind}")
        } else if let Some(errno) = self.errno() {
            write!(f, "cannot read BTF: {errno}")
        } else {
            f.write_str("BTF error")
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((name, _)) = self.text() {
            f.write_str(name)
        } else {
            fmt::Display::fmt(self, f)
        }
    }
}

impl core::error::Error for Error {}

/// The errno, or the text.
#[cfg(feature = "std")]
impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        error.errno().map_or_else(|| Self::other(error), Self::from)
    }
}

impl From<Errno> for Error {
    fn from(errno: Errno) -> Self {
        Self(NonZeroU16::MIN.saturating_add(errno.as_raw().saturating_sub(1)))
    }
}

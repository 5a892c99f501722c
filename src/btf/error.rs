#![forbid(unsafe_code)]

use core::fmt;

use crate::Errno;

/// Why there is no answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Error {
    /// There is no BTF here: the kernel was built without `CONFIG_DEBUG_INFO_BTF`, or sysfs is not
    /// mounted on `/sys`.
    NoBtf,
    /// Opening or reading the file failed.
    Os(Errno),
    /// The bytes are no BTF of version 1 in this machine's byte order.
    NotBtf,
    /// A section, a record or a name reaches past the end, or a type id has no type.
    Malformed,
    /// A type of this kind, which this crate does not know, and no layout section tells its length.
    UnknownKind(u8),
    /// No type of that kind and name, or no member of that name.
    NotFound,
    /// Anonymous members or modifiers are nested deeper than a kernel would, or in a circle.
    TooDeep,
    /// The window is smaller than [`MIN_WINDOW`](super::MIN_WINDOW).
    SmallWindow,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBtf => f.write_str("no BTF here (kernel without it, or no sysfs)"),
            Self::Os(errno) => write!(f, "cannot read BTF: {errno}"),
            Self::NotBtf => f.write_str("not BTF"),
            Self::Malformed => f.write_str("malformed BTF"),
            Self::UnknownKind(kind) => write!(f, "BTF of an unknown kind ({kind})"),
            Self::NotFound => f.write_str("not in this BTF"),
            Self::TooDeep => f.write_str("BTF nested too deep"),
            Self::SmallWindow => f.write_str("BTF window too small"),
        }
    }
}

impl core::error::Error for Error {}

impl From<Errno> for Error {
    fn from(errno: Errno) -> Self {
        Self::Os(errno)
    }
}

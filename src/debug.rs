//! `Debug` without a panic that can be reached. `core` has them, as the compiler sees it, in how it prints
//! `str`, `CStr`, what `escape_ascii` returns and maps, and in what is derived for more than five fields.
//! `tests/no-panic` links every `Debug` that there is.

#![forbid(unsafe_code)]

use core::fmt::{self, Write as _};

/// Text as it is derived, with bytes that are not printable ASCII escaped.
pub(crate) struct Text<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for &byte in self.0 {
            match byte {
                b'"' | b'\\' => write!(f, "\\{}", char::from(byte))?,
                b' '..=b'~' => f.write_char(char::from(byte))?,
                _ => write!(f, "\\x{byte:02x}")?,
            }
        }
        f.write_str("\"")
    }
}

/// What `derive(Debug)` makes of a struct, its `str`s named as such; every field must be there.
macro_rules! debug_struct {
    (@ $field:ident) => { $field };
    (@ $field:ident str) => { &$crate::debug::Text($field.as_bytes()) };
    ($($ty:ident $(<$life:lifetime>)? { $($field:ident $(as $text:ident)?),* $(,)? })*) => {$(
        impl core::fmt::Debug for $ty $(<$life>)? {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let Self { $($field),* } = self;
                f.debug_struct(stringify!($ty))
                    $(.field(stringify!($field), $crate::debug::debug_struct!(@ $field $($text)?)))*
                    .finish()
            }
        }
    )*};
}
pub(crate) use debug_struct;

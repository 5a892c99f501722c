//! One list per kernel type, several uses, nothing to keep in step.
//!
//! Each macro makes the Rust item and, beside it, a table of what was written by hand: the C name of
//! every item with its value or place. `tests/facts.rs` holds those tables to `abi/bpf.def`, and the
//! probe holds them to the running kernel's BTF.

/// One field: where a struct's field lies, and what C calls it.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Field {
    /// The C name below [`Layout::C_NAME`], with the names of inner structs: `perf_event.bpf_cookie`.
    /// It begins with `_` where C has no name: padding, and words that hold [`Bits`].
    pub name: &'static str,
    /// The offset in bytes.
    pub offset: usize,
    /// The size in bytes.
    pub size: usize,
}

crate::debug::debug_struct! { Field { name as str, offset, size } }

/// One bit-field of C, inside a field of ours.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Bits {
    /// The C name.
    pub name: &'static str,
    /// The offset in bits from the start of the struct, the lowest bit of a byte first.
    pub offset: usize,
    /// The width in bits.
    pub width: usize,
}

crate::debug::debug_struct! { Bits { name as str, offset, width } }

/// Numbers that this crate writes by hand: an open enumeration, a set of flags.
pub trait Values {
    /// The C names, each with its number; a negative one is sign-extended.
    const VALUES: &'static [(&'static str, u64)];
}

/// A struct that this crate lays out by hand, with the C type that it stands for.
pub trait Layout: Sized {
    /// The C type: `union bpf_attr`.
    const C_NAME: &'static str;
    /// The fields, in order. One that has several names in C (a union inside) is there under each.
    const FIELDS: &'static [Field];
    /// The bit-fields.
    const BITS: &'static [Bits];
}

/// An open enumeration: a transparent integer with named constants.
///
/// A newer kernel may put numbers into it that have no name here; they are kept, and `Debug` prints
/// the number.
macro_rules! kernel_enum {
    ($(
        $(#[$meta:meta])*
        pub struct $ty:ident: $int:ty {
            $($(#[$($doc:tt)*])* $name:ident = $c:literal => $value:expr;)*
        }
    )*) => {$(
        $(#[$meta])*
        #[repr(transparent)]
        #[derive(
            Clone, Copy, Default, Eq, Hash, Ord, PartialEq, PartialOrd,
            zerocopy::FromBytes, zerocopy::Immutable, zerocopy::IntoBytes, zerocopy::KnownLayout,
        )]
        pub struct $ty(pub $int);

        impl $ty {
            $(
                #[doc = concat!("`", $c, "`")]
                #[doc = ""]
                $(#[$($doc)*])*
                #[doc(alias = $c)]
                pub const $name: Self = Self($value);
            )*

            /// Every value that has a name here, with its C name.
            pub const KNOWN: &'static [(Self, &'static str)] = &[$((Self::$name, $c)),*];

            /// The C name, if this crate knows one.
            #[must_use]
            pub fn name(self) -> Option<&'static str> {
                Self::KNOWN.iter().find(|(value, _)| *value == self).map(|(_, name)| *name)
            }
        }

        impl crate::uapi::Values for $ty {
            const VALUES: &'static [(&'static str, u64)] = &[$(($c, Self::$name.0 as i64 as u64)),*];
        }

        /// The C name, or the number when it has none.
        impl core::fmt::Debug for $ty {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, concat!(stringify!($ty), "({})"), self.0),
                }
            }
        }
    )*};
}

/// The flags that one place in the kernel accepts. Bits without a name are kept.
macro_rules! kernel_flags {
    ($(
        $(#[$meta:meta])*
        pub struct $ty:ident: $int:ty {
            $($(#[$($doc:tt)*])* $name:ident = $c:literal => $value:expr;)*
        }
    )*) => {$(
        $(#[$meta])*
        ///
        /// Bits without a name here are kept, never dropped.
        #[repr(transparent)]
        #[derive(
            Clone, Copy, Default, Eq, Hash, PartialEq,
            zerocopy::FromBytes, zerocopy::Immutable, zerocopy::IntoBytes, zerocopy::KnownLayout,
        )]
        pub struct $ty(pub $int);

        bitflags::bitflags! {
            impl $ty: $int {
                $(
                    #[doc = concat!("`", $c, "`")]
                    #[doc = ""]
                    $(#[$($doc)*])*
                    #[doc(alias = $c)]
                    const $name = $value;
                )*
                const _ = !0;
            }
        }

        impl $ty {
            /// Every flag that has a name here, with its C name.
            pub const KNOWN: &'static [(Self, &'static str)] = &[$((Self::$name, $c)),*];
        }

        impl crate::uapi::Values for $ty {
            const VALUES: &'static [(&'static str, u64)] = &[$(($c, Self::$name.0 as i64 as u64)),*];
        }

        /// The C names, joined by ` | `; what is left as a number; `0` when empty.
        impl core::fmt::Debug for $ty {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let mut rest = self.0;
                let mut first = true;
                for (flag, name) in Self::KNOWN {
                    if flag.0 != 0 && rest & flag.0 == flag.0 {
                        rest &= !flag.0;
                        f.write_str(if first { "" } else { " | " })?;
                        f.write_str(name)?;
                        first = false;
                    }
                }
                match (first, rest) {
                    (true, 0) => f.write_str("0"),
                    (_, 0) => Ok(()),
                    (true, rest) => write!(f, "{rest:#x}"),
                    (false, rest) => write!(f, " | {rest:#x}"),
                }
            }
        }
    )*};
}

/// Plain numbers: lengths, limits, codes. `$table` stands for all of them among the tables.
macro_rules! kernel_values {
    ($(
        $(#[$meta:meta])*
        struct $table:ident {
            $($(#[$($doc:tt)*])* $name:ident: $int:ty = $c:literal => $value:expr;)*
        }
    )*) => {$(
        $(
            #[doc = concat!("`", $c, "`")]
            #[doc = ""]
            $(#[$($doc)*])*
            #[doc(alias = $c)]
            pub const $name: $int = $value;
        )*

        $(#[$meta])*
        pub(crate) struct $table;

        impl crate::uapi::Values for $table {
            const VALUES: &'static [(&'static str, u64)] = &[$(($c, $name as i64 as u64)),*];
        }
    )*};
}

/// A struct as the kernel lays it out. In front of each field stands its offset, which the compiler
/// checks on every target; a field whose name begins with `_` is padding, zero and private.
///
/// The path after the name is where the fields live in C: `"bpf_attr.link_create"` is the member
/// `link_create` of `bpf_attr`. A field whose path goes on from there says so: `= "perf_event.bpf_cookie"`.
/// Other names for the same bytes follow: `| "target_ifindex"`. A word that holds C's bit-fields lists
/// them by lowest bit and width: `{ 0: 1 = "gpl_compatible" }`.
macro_rules! kernel_struct {
    ($(
        $(#[$meta:meta])*
        pub struct $ty:ident = $c:literal, $size:literal bytes {
            $(
                $(#[$($doc:tt)*])*
                $at:literal $vis:vis $field:ident: $fty:ty
                $(= $cname:literal)? $(| $also:literal)*
                $({ $($bit:literal: $width:literal = $bits:literal),* })?,
            )*
        }
    )*) => {$(
        $(#[$meta])*
        #[repr(C)]
        #[derive(
            Clone, Copy,
            zerocopy::FromBytes, zerocopy::Immutable, zerocopy::IntoBytes, zerocopy::KnownLayout,
        )]
        pub struct $ty {
            $($(#[$($doc)*])* $(#[doc(alias = $also)])* $vis $field: $fty,)*
        }

        const _: () = {
            assert!(size_of::<$ty>() == $size && align_of::<$ty>() <= 8);
            $(assert!(core::mem::offset_of!($ty, $field) == $at);)*
        };

        impl $ty {
            /// All bytes zero.
            #[must_use]
            pub const fn zeroed() -> Self {
                zerocopy::transmute!([0_u8; $size])
            }
        }

        /// The fields by name, without padding.
        impl core::fmt::Debug for $ty {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                let mut f = f.debug_struct(stringify!($ty));
                $(if !stringify!($field).starts_with('_') {
                    let name = stringify!($field);
                    f.field(name.strip_prefix("r#").unwrap_or(name), &self.$field);
                })*
                f.finish()
            }
        }

        impl Default for $ty {
            fn default() -> Self {
                Self::zeroed()
            }
        }

        impl crate::uapi::Layout for $ty {
            const C_NAME: &'static str = $c;
            const FIELDS: &'static [crate::uapi::Field] = &[$(
                crate::uapi::Field {
                    name: kernel_struct!(@name $field $($cname)?),
                    offset: $at,
                    size: size_of::<$fty>(),
                },
                $(crate::uapi::Field { name: $also, offset: $at, size: size_of::<$fty>() },)*
            )*];
            const BITS: &'static [crate::uapi::Bits] = &[$($($(
                crate::uapi::Bits { name: $bits, offset: $at * 8 + $bit, width: $width },
            )*)?)*];
        }
    )*};
    (@name $field:ident) => { stringify!($field) };
    (@name $field:ident $cname:literal) => { $cname };
}

/// A union without a tag, and structs of its size that are its arms: each is made of the other, byte
/// by byte.
macro_rules! kernel_union {
    ($($union:ident: $($arm:ident),*;)*) => {$($(
        /// The bytes as the union.
        impl From<$arm> for $union {
            fn from(arm: $arm) -> Self {
                zerocopy::transmute!(arm)
            }
        }

        /// The bytes as this arm, whether or not they were written as one.
        impl From<$union> for $arm {
            fn from(union: $union) -> Self {
                zerocopy::transmute!(union)
            }
        }
    )*)*};
}

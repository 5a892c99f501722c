//! What the probe checks, and `cargo test` too: the one copy. Nothing here knows whether it is the
//! first process of a board or a test; [`World`] stands between.

pub mod abi;
pub mod iterator;
pub mod maps;
pub mod numbers;
pub mod refused;

use core::ffi::CStr;
use core::num::{NonZeroU16, NonZeroU32};

use barebpf::fd::OwnedFd;
use barebpf::{Errno, Result, btf};

/// What the checks need beside `bpf(2)`.
pub trait World {
    /// Prints this line, which ends with a newline.
    fn line(&mut self, line: &[u8]);

    /// Opens a file to read.
    ///
    /// # Errors
    ///
    /// As `open(2)`.
    fn open(&mut self, path: &CStr) -> Result<OwnedFd>;

    /// Removes a name.
    ///
    /// # Errors
    ///
    /// As `unlink(2)`.
    fn unlink(&mut self, path: &CStr) -> Result<()>;

    /// The number of this process.
    fn process(&self) -> u32;

    /// Lets others run for a millisecond.
    fn pause(&mut self);
}

/// The call that went wrong, and how: one number, since there are many of them, and each counts in the
/// size of the probe.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Failed(NonZeroU32);

impl Failed {
    /// Of this name, for this reason.
    pub fn new(name: Name, why: Why) -> Self {
        Self(NonZeroU32::from(why.0) | (name as u32) << 16)
    }

    /// As it is printed: the call, then the reason.
    pub fn texts(self) -> [&'static [u8]; 2] {
        let number = self.0.get();
        [Name::text(number >> 16), Why::text(number as u16)]
    }
}

macro_rules! names {
    ($($name:ident = $text:literal;)*) => {
        /// What is checked: a call, or a sentence about its result.
        #[allow(clippy::upper_case_acronyms, non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, Debug)]
        pub enum Name {
            $($name,)*
        }

        impl Name {
            /// As it is printed.
            fn text(place: u32) -> &'static [u8] {
                let texts = concat!($($text, "\0"),*).as_bytes();
                texts.split(|byte| *byte == 0).nth(place as usize).unwrap_or_default()
            }
        }
    };
}

names! {
    BTF_FIND = "Btf::find";
    ABI = "abi";
    ABI_COUNTS_TSV = "abi/counts.tsv";
    BTF_GET_NEXT_ID = "btf_get_next_id";
    ITER_CREATE = "iter_create";
    LINK_INFO = "link info";
    LINK_CREATE_ITER = "link_create_iter";
    LINK_GET_FD_BY_ID = "link_get_fd_by_id";
    LINK_GET_NEXT_ID = "link_get_next_id";
    LINK_UPDATE = "link_update";
    MAP_CREATE = "map_create";
    MAP_DELETE_BATCH = "map_delete_batch";
    MAP_DELETE_ELEM = "map_delete_elem";
    MAP_GET_NEXT_KEY = "map_get_next_key";
    MAP_LOOKUP_BATCH = "map_lookup_batch";
    MAP_LOOKUP_ELEM = "map_lookup_elem";
    MAP_UPDATE_BATCH = "map_update_batch";
    MAP_UPDATE_ELEM = "map_update_elem";
    MOUNT = "mount";
    OBJ_GET = "obj_get";
    OBJ_GET_INFO_BY_FD = "obj_get_info_by_fd";
    OBJ_PIN = "obj_pin";
    OPEN = "open";
    PROG_GET_FD_BY_ID = "prog_get_fd_by_id";
    PROG_LOAD = "prog_load";
    PROG_LOAD_LOG = "prog_load log";
    PROG_LOAD_LOG_TRUE_SIZE = "prog_load log_true_size";
    READ = "read";
    STACK = "stack";
    TASKS = "tasks";
    TASKS_OF_ONE_PROCESS = "tasks of one process";
    THE_LAST_CALL_OF_A_PASS = "the last call of a pass";
    UNAME = "uname";
    UNLINK = "unlink";
}

/// How it went wrong: an errno, or one of these.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Why(NonZeroU16);

macro_rules! whys {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl Why {
            $($(#[$doc])* pub const $name: Self = Self(NonZeroU16::new($value).unwrap());)*

            /// As it is printed.
            fn text(number: u16) -> &'static [u8] {
                const OWN: u16 = 0x1000;
                if number < OWN {
                    return errno(number);
                }
                let texts = concat!($($text, "\0"),*).as_bytes();
                let nth = usize::from(number.wrapping_sub(OWN));
                texts.split(|byte| *byte == 0).nth(nth).unwrap_or_default()
            }

            /// The values are the places of the texts.
            const _IN_ORDER: () = {
                let values = [$($value),*];
                let mut at = 0;
                while at < values.len() {
                    assert!(values[at] == 0x1000 + at as u16);
                    at += 1;
                }
            };
        }
    };
}

whys! {
    /// It succeeded, and should not have.
    SUCCEEDED = 0x1000, "succeeded";
    /// What it gave is not what is true.
    DIFFERS = 0x1001, "differs";
    /// [`btf::Error`], all but the errno.
    NO_BTF = 0x1002, "NO_BTF";
    NOT_BTF = 0x1003, "NOT_BTF";
    MALFORMED = 0x1004, "MALFORMED";
    NOT_FOUND = 0x1005, "NOT_FOUND";
    TOO_DEEP = 0x1006, "TOO_DEEP";
    SMALL_WINDOW = 0x1007, "SMALL_WINDOW";
    NO_OFFSET = 0x1008, "NO_OFFSET";
    UNKNOWN_KIND = 0x1009, "UNKNOWN_KIND";
}

/// The crate's names of errors as they are carried: number, name, NUL; a fraction of what slices take.
static ERRNOS: [u8; errnos().1] = {
    let (bytes, len) = errnos();
    let mut cut = [0; errnos().1];
    let mut at = 0;
    while at < len {
        cut[at] = bytes[at];
        at += 1;
    }
    cut
};

const fn errnos() -> ([u8; 2048], usize) {
    let (mut bytes, mut len, mut i) = ([0; 2048], 0, 0);
    while i < Errno::KNOWN.len() {
        let (errno, name) = Errno::KNOWN[i];
        [bytes[len], bytes[len + 1]] = errno.as_raw().to_le_bytes();
        len += 2;
        let mut rest = name.as_bytes();
        while let [byte, tail @ ..] = rest {
            bytes[len] = *byte;
            len += 1;
            rest = tail;
        }
        len += 1;
        i += 1;
    }
    (bytes, len)
}

fn errno(number: u16) -> &'static [u8] {
    let mut rest = ERRNOS.as_slice();
    while let [low, high, name @ ..] = rest {
        let len = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
        let (name, behind) = name.split_at_checked(len).unwrap_or_default();
        if u16::from_le_bytes([*low, *high]) == number {
            return name;
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    b"errno without a name"
}

impl From<Errno> for Why {
    fn from(errno: Errno) -> Self {
        Self(NonZeroU16::MIN.saturating_add(errno.as_raw().wrapping_sub(1)))
    }
}

impl From<btf::Error> for Why {
    fn from(error: btf::Error) -> Self {
        match error {
            btf::Error::NO_BTF => Self::NO_BTF,
            btf::Error::NOT_BTF => Self::NOT_BTF,
            btf::Error::MALFORMED => Self::MALFORMED,
            btf::Error::NOT_FOUND => Self::NOT_FOUND,
            btf::Error::TOO_DEEP => Self::TOO_DEEP,
            btf::Error::SMALL_WINDOW => Self::SMALL_WINDOW,
            btf::Error::NO_OFFSET => Self::NO_OFFSET,
            error => error.errno().map_or(Self::UNKNOWN_KIND, Self::from),
        }
    }
}

/// Names the call that an error came from.
pub fn call(name: Name) -> impl FnOnce(Errno) -> Failed {
    move |errno| Failed::new(name, errno.into())
}

/// The call must have failed with this error.
///
/// # Errors
///
/// It did not.
pub fn refused<T>(name: Name, result: Result<T>, wanted: Errno) -> Result<(), Failed> {
    match result {
        Err(errno) if errno == wanted => Ok(()),
        Err(errno) => Err(Failed::new(name, errno.into())),
        Ok(_) => Err(Failed::new(name, Why::SUCCEEDED)),
    }
}

/// What the call gave must be true.
///
/// # Errors
///
/// It is not.
pub fn holds(name: Name, truth: bool) -> Result<(), Failed> {
    if truth { Ok(()) } else { Err(Failed::new(name, Why::DIFFERS)) }
}

/// Prints one line: `template`, in which `#` stands for the next number and `$` for the next text.
pub fn say(world: &mut impl World, template: &str, numbers: &[u32], texts: &[&[u8]]) {
    let mut line = [0; 256];
    let mut room = line.iter_mut();
    let mut put = |bytes: &[u8]| bytes.iter().zip(room.by_ref()).for_each(|(byte, to)| *to = *byte);
    let (mut numbers, mut texts) = (numbers.iter(), texts.iter());
    for byte in template.as_bytes() {
        match byte {
            b'#' => decimal(numbers.next().copied().unwrap_or(0), &mut put),
            b'$' => put(texts.next().copied().unwrap_or_default()),
            byte => put(&[*byte]),
        }
    }
    put(b"\n");
    let left = room.len();
    let len = line.len().wrapping_sub(left);
    world.line(line.get(..len).unwrap_or_default());
}

/// 32-bit ARM may have no instruction that divides: the product is a tenth, rounded down, of any `u32`.
fn decimal(mut number: u32, put: &mut impl FnMut(&[u8])) {
    let mut digits = [0; 10];
    let mut from = digits.len();
    for digit in digits.iter_mut().rev() {
        let tenth = (u64::from(number).wrapping_mul(0xcccc_cccd) >> 35) as u32;
        *digit = b'0'.wrapping_add(number.wrapping_sub(tenth.wrapping_mul(10)) as u8);
        from = from.wrapping_sub(1);
        number = tenth;
        if number == 0 {
            break;
        }
    }
    put(digits.get(from..).unwrap_or_default());
}

//! What the probe checks, and `cargo test` too: the one copy. Nothing here knows whether it is the
//! first process of a board or a test; [`World`] stands between.

pub mod abi;
pub mod iterator;
pub mod maps;
pub mod numbers;
pub mod refused;

use core::ffi::CStr;
use core::num::NonZeroU32;

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
    #[inline(always)]
    pub fn new(name: Name, why: Why) -> Self {
        Self(name.number() | u32::from(why.0))
    }

    /// Whether it is of this name.
    pub fn is_of(self, name: Name) -> bool {
        self.0.get() >> 16 == name.number().get() >> 16
    }

    /// Whether words were wrong.
    pub fn is_usage(self) -> bool {
        self.0.get() as u16 == Why::USAGE.0
    }

    /// As it is printed: the call, then the reason.
    pub fn texts(self) -> [&'static [u8]; 2] {
        let number = self.0.get();
        [text((number >> 16) as u16), text(number as u16)]
    }
}

/// The places of all texts are numbers, those of errors the errno; Linux has none from 134 to 511.
const FIRST_WHY: u16 = 256;
const FIRST_NAME: u16 = 272;

macro_rules! names {
    ($($name:ident = $text:literal;)*) => {
        /// What is checked: a call, or a sentence about its result.
        #[allow(clippy::upper_case_acronyms, non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, Debug)]
        pub enum Name {
            $($name,)*
        }

        const NAMES: &[&str] = &[$($text),*];
    };
}

impl Name {
    /// The place of its text, in the upper half.
    #[inline(always)]
    fn number(self) -> NonZeroU32 {
        let place = (self as u32).wrapping_add(FIRST_NAME.into());
        NonZeroU32::MIN.saturating_add((place << 16).wrapping_sub(1))
    }
}

names! {
    BTF_FIND = "/sys/kernel/btf/vmlinux";
    ABI = "abi";
    ABI_COUNTS_TSV = "abi/counts.tsv";
    BTF_GET_NEXT_ID = "btf_get_next_id";
    COMMAND = "command";
    GET_FD_BY_ID = "get_fd_by_id";
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
    MAP_OPTION = "--map ID or --map PATH is wanted";
    MOUNT = "mount";
    NUMBER = "not a number";
    OBJ_GET = "obj_get";
    OBJ_GET_INFO_BY_FD = "obj_get_info_by_fd";
    OBJ_PIN = "obj_pin";
    OPEN = "open";
    OPTION = "no option for this";
    PROG_GET_FD_BY_ID = "prog_get_fd_by_id";
    PROG_LOAD = "prog_load";
    PROG_LOAD_LOG = "prog_load log";
    PROG_LOAD_LOG_TRUE_SIZE = "prog_load log_true_size";
    READ = "read";
    READLINKAT = "readlinkat";
    STACK = "stack";
    TASKS = "tasks";
    TASKS_OF_ONE_PROCESS = "tasks of one process";
    THE_LAST_CALL_OF_A_PASS = "the last call of a pass";
    UNAME = "uname";
    UNLINK = "unlink";
    WHAT = "not one of the first five commands";
    WORDS = "no command, or other words than it takes";
    WRITE = "write";
}

/// How it went wrong: an errno, or one of these.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Why(u16);

macro_rules! whys {
    ($($(#[$doc:meta])* $name:ident = $value:literal, $text:literal;)*) => {
        impl Why {
            $($(#[$doc])* pub const $name: Self = Self(FIRST_WHY + $value);)*
        }

        const WHYS: &[&str] = &[$($text),*];

        /// The values are the places of the texts.
        const _: () = {
            let values = [$($value),*];
            let mut at = 0;
            while at < values.len() {
                assert!(values[at] == at && at < (FIRST_NAME - FIRST_WHY) as usize);
                at += 1;
            }
        };
    };
}

whys! {
    /// It succeeded, and should not have.
    SUCCEEDED = 0, "succeeded";
    /// What it gave is not what is true.
    DIFFERS = 1, "differs";
    /// [`btf::Error`], all but the errno.
    NO_BTF = 2, "NO_BTF";
    NOT_BTF = 3, "NOT_BTF";
    MALFORMED = 4, "MALFORMED";
    NOT_FOUND = 5, "NOT_FOUND";
    TOO_DEEP = 6, "TOO_DEEP";
    SMALL_WINDOW = 7, "SMALL_WINDOW";
    NO_OFFSET = 8, "NO_OFFSET";
    UNKNOWN_KIND = 9, "UNKNOWN_KIND";
    /// The words of a command are wrong.
    USAGE = 10, "see `barebpf help`";
}

/// All texts, the crate's names of errors among them. Before each stands a byte below [`STEP`]: how much its
/// number is above that of the one before; a slice for each would take several times as much.
static TEXTS: [u8; texts().len] = {
    let made = texts();
    let mut cut = [0; texts().len];
    let mut at = 0;
    while at < cut.len() {
        cut[at] = made.bytes[at];
        at += 1;
    }
    cut
};

const STEP: u8 = 32;

struct Texts {
    bytes: [u8; 4096],
    len: usize,
    number: u16,
}

impl Texts {
    const fn put(&mut self, byte: u8) {
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    const fn text(&mut self, number: u16, text: &str) {
        assert!(number > self.number);
        while self.number < number {
            let step = number - self.number;
            let step = if step < STEP as u16 { step } else { STEP as u16 - 1 };
            self.put(step as u8);
            self.number += step;
        }
        let mut rest = text.as_bytes();
        while let [byte, tail @ ..] = rest {
            assert!(*byte >= STEP);
            self.put(*byte);
            rest = tail;
        }
    }
}

const fn texts() -> Texts {
    let mut texts = Texts { bytes: [0; 4096], len: 0, number: 0 };
    let mut i = 0;
    while i < Errno::KNOWN.len() {
        let (errno, name) = Errno::KNOWN[i];
        if errno.as_raw() > FIRST_WHY && texts.number < FIRST_WHY {
            let mut i = 0;
            while i < WHYS.len() {
                texts.text(FIRST_WHY + i as u16, WHYS[i]);
                i += 1;
            }
            i = 0;
            while i < NAMES.len() {
                texts.text(FIRST_NAME + i as u16, NAMES[i]);
                i += 1;
            }
        }
        texts.text(errno.as_raw(), name);
        i += 1;
    }
    texts.put(1);
    texts
}

#[inline(never)]
fn text(wanted: u16) -> &'static [u8] {
    let (mut number, mut rest) = (0, TEXTS.as_slice());
    while let [step, behind @ ..] = rest {
        let len = behind.iter().position(|byte| *byte < STEP).unwrap_or(0);
        let Some((text, next)) = behind.split_at_checked(len) else { break };
        number = u16::from(*step).wrapping_add(number);
        if number == wanted && len != 0 {
            return text;
        }
        rest = next;
    }
    b"errno without a name"
}

impl Why {
    /// This errno.
    #[must_use]
    pub const fn errno(errno: Errno) -> Self {
        Self(errno.as_raw())
    }
}

impl From<Errno> for Why {
    fn from(errno: Errno) -> Self {
        Self::errno(errno)
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

/// The first failure of several, the calls behind which are harmless: without a branch for each.
#[derive(Default)]
pub struct First(Option<Failed>);

impl First {
    /// The call must have given this errno, 0 if none.
    #[inline(never)]
    fn is(&mut self, name: Name, errno: u16, wanted: u16) {
        if errno != wanted {
            let why = if errno == 0 { Why::SUCCEEDED } else { Why(errno) };
            self.0 = self.0.or(Some(Failed::new(name, why)));
        }
    }

    /// The call must have succeeded.
    pub fn ok(&mut self, name: Name, result: Result<()>) {
        self.is(name, result.err().map_or(0, Errno::as_raw), 0);
    }

    /// The call must have failed with this error.
    pub fn refused(&mut self, name: Name, result: Result<()>, wanted: Errno) {
        self.is(name, result.err().map_or(0, Errno::as_raw), wanted.as_raw());
    }

    /// What the call gave must be true.
    pub fn holds(&mut self, name: Name, truth: bool) {
        self.is(name, if truth { 0 } else { Why::DIFFERS.0 }, 0);
    }

    /// Whether nothing was wrong yet.
    pub fn is_ok(&self) -> bool {
        self.0.is_none()
    }

    /// What the call gave.
    #[inline]
    pub fn got<T>(&mut self, name: Name, result: Result<T>) -> Option<T> {
        match result {
            Ok(it) => Some(it),
            Err(errno) => {
                self.ok(name, Err(errno));
                None
            }
        }
    }

    /// Prints one line, if all was as it should be.
    #[inline(never)]
    pub fn say(&self, world: &mut impl World, template: &str, numbers: &[u32]) {
        if self.0.is_none() {
            say(world, template, numbers, &[]);
        }
    }

    /// What came of it.
    ///
    /// # Errors
    ///
    /// The first that was not as it should be.
    pub fn result(self) -> Result<(), Failed> {
        self.0.map_or(Ok(()), Err)
    }
}

/// Prints one line: `template`, in which `#` stands for the next number and `$` for the next text. What there
/// is no room for is left out.
pub fn say(world: &mut impl World, template: &str, numbers: &[u32], texts: &[&[u8]]) {
    const ROOM: usize = 255;
    let (mut line, mut len) = ([b'\n'; ROOM + 1], 0_usize);
    let (mut numbers, mut texts) = (numbers.iter(), texts.iter());
    for byte in template.bytes() {
        let mut digits = [byte; 10];
        let piece = match byte {
            b'#' => decimal(numbers.next().copied().unwrap_or(0), &mut digits),
            b'$' => texts.next().copied().unwrap_or_default(),
            _ => digits.get(..1).unwrap_or_default(),
        };
        for byte in piece {
            if let (Some(to), true) = (line.get_mut(len), len < ROOM) {
                *to = *byte;
                len = len.wrapping_add(1);
            }
        }
    }
    world.line(line.get(..=len).unwrap_or_default());
}

/// 32-bit ARM may have no instruction that divides: the product is a tenth, rounded down, of any `u32`.
fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &[u8] {
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
    digits.get(from..).unwrap_or_default()
}

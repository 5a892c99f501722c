//! Bytes put together on the stack, and taken apart.

/// At most 512 bytes, which no name in a kernel has; what is more is left out.
pub struct Text {
    bytes: [u8; 512],
    len: usize,
}

impl Text {
    pub const fn new() -> Self {
        Self { bytes: [0; 512], len: 0 }
    }

    #[inline(never)]
    pub fn push(&mut self, more: &[u8]) -> &mut Self {
        for byte in more {
            if let Some(to) = self.bytes.get_mut(self.len) {
                *to = *byte;
                self.len = self.len.wrapping_add(1);
            }
        }
        self
    }

    #[inline(never)]
    pub fn pad(&mut self, count: u32) -> &mut Self {
        for _ in 0..count {
            self.push(b" ");
        }
        self
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }

    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&self.bytes)
    }
}

/// What stands between a mark and the next. None is empty at the end of all.
#[derive(Clone)]
pub struct Words<'t> {
    rest: &'t [u8],
    mark: u8,
}

impl<'t> Words<'t> {
    pub const fn new(rest: &'t [u8], mark: u8) -> Self {
        Self { rest, mark }
    }

    pub fn is_last(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next, or nothing.
    pub fn word(&mut self) -> &'t [u8] {
        self.next().unwrap_or_default()
    }
}

impl<'t> Iterator for Words<'t> {
    type Item = &'t [u8];

    #[inline(never)]
    fn next(&mut self) -> Option<&'t [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let mut len = 0_usize;
        for byte in self.rest {
            if *byte == self.mark {
                break;
            }
            len = len.wrapping_add(1);
        }
        let (word, behind) = self.rest.split_at_checked(len)?;
        self.rest = behind.get(1..).unwrap_or_default();
        Some(word)
    }
}

/// A text, if it is ASCII; else none.
#[inline(never)]
pub fn ascii(bytes: &[u8]) -> &str {
    if !bytes.iter().all(|byte| *byte < 0x80) {
        return "";
    }
    // SAFETY: ASCII is UTF-8.
    unsafe { core::str::from_utf8_unchecked(bytes) }
}

/// A number in decimal, or `None` for anything else, and for what is over 64 bits.
#[inline(never)]
pub fn number(digits: &[u8]) -> Option<u64> {
    let mut number = None;
    for digit in digits {
        let digit = u64::from(digit.wrapping_sub(b'0'));
        let ten: u64 = number.unwrap_or(0_u64).checked_mul(10)?;
        number = Some(ten.checked_add(digit).filter(|_| digit < 10)?);
    }
    number
}

/// Hands on a text, up to a NUL, as a string of JSON. What is not UTF-8 becomes U+FFFD, up to where a
/// character may begin.
pub fn json(mut text: &[u8], mut to: impl FnMut(&[u8])) {
    to(b"\"");
    while let Some(1..) = text.first() {
        let (len, whole) = character(text);
        let (piece, behind) = text.split_at_checked(len).unwrap_or_default();
        text = behind;
        let mut escape = *b"\\u0000";
        to(match *piece {
            _ if !whole => b"\\ufffd",
            [byte @ (b'"' | b'\\')] => {
                escape[1] = byte;
                &escape[..2]
            }
            [byte @ (..b' ' | 0x7f)] => {
                (escape[4], escape[5]) = (digit(byte >> 4), digit(byte & 15));
                &escape
            }
            _ => piece,
        });
    }
    to(b"\"");
}

const fn digit(value: u8) -> u8 {
    value.wrapping_add(if value < 10 { b'0' } else { b'a' - 10 })
}

/// How long the character is that a text begins with, or the part of one, and whether it is whole.
#[inline(never)]
fn character(text: &[u8]) -> (usize, bool) {
    let first = text.first().copied().unwrap_or(0);
    let len = match first {
        ..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf5 => 4,
        _ => return (1, false),
    };
    // None could be shorter, is a surrogate or beyond the last.
    let (mut least, mut most) = match first {
        0xe0 => (0xa0, 0xbf),
        0xed => (0x80, 0x9f),
        0xf0 => (0x90, 0xbf),
        0xf4 => (0x80, 0x8f),
        _ => (0x80, 0xbf),
    };
    for at in 1..len {
        if !text.get(at).is_some_and(|byte| (least..=most).contains(byte)) {
            return (at, false);
        }
        (least, most) = (0x80, 0xbf);
    }
    (len, true)
}

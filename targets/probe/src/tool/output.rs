//! What comes out of the kernel, on its way to whoever asked.

use barebpf::Errno;
use barebpf::iter::{CGROUP_READ, Iter};

use crate::checks::{Failed, Name, call};
use crate::out::Out;
use crate::sys;

use super::text::{Text, json};

/// Writes all of it, unless a write has failed, now or before.
#[inline(never)]
pub fn write(out: &mut Out, mut bytes: &[u8]) {
    while !bytes.is_empty() && out.failed.is_none() {
        match sys::write(out.fd, bytes) {
            Ok(len) => bytes = bytes.get(len..).unwrap_or_default(),
            Err(Errno::INTR | Errno::AGAIN) => {}
            errno => out.failed = errno.err(),
        }
    }
}

/// How many bytes a pass has.
#[inline(never)]
pub fn count(iter: &mut Iter) -> Result<u32, Failed> {
    let (mut buf, mut count) = ([0; CGROUP_READ], 0_u32);
    loop {
        match iter.read(&mut buf).map_err(call(Name::READ))? {
            0 => return Ok(count),
            len => count = count.wrapping_add(len as u32),
        }
    }
}

/// A pass of any program, as it comes, through as much room as every target needs.
#[inline(never)]
pub fn cat(iter: &mut Iter, out: &mut Out) -> Result<(), Failed> {
    let mut buf = [0; CGROUP_READ];
    let mut lines = Lines { out, held: [0; 4096], len: 0 };
    loop {
        let len = iter.read(&mut buf).map_err(call(Name::READ))?;
        lines.push(buf.get(..len).unwrap_or_default());
        if len == 0 || lines.out.failed.is_some() {
            lines.flush();
            return Ok(());
        }
    }
}

/// A pass, as it comes, but for what [`engine`](super::engine) has framed: that becomes the strings of JSON.
/// How much there was, as far as it could be written.
#[inline(never)]
pub fn copy(iter: &mut Iter, out: &mut Out) -> Result<usize, Failed> {
    let mut buf = [0; 4096];
    let mut lines = Lines { out, held: [0; 4096], len: 0 };
    let (mut left, mut text, mut total) = (NONE, Text::new(), 0_usize);
    loop {
        let len = iter.read(&mut buf).map_err(call(Name::READ))?;
        total = total.wrapping_add(len);
        for &byte in buf.get(..len).unwrap_or_default() {
            left = match left {
                NONE if byte == 0 => BEGUN,
                NONE => {
                    lines.push(&[byte]);
                    NONE
                }
                BEGUN => u32::from(byte).wrapping_mul(4),
                _ => {
                    text.push(&[byte]);
                    if left == 1 {
                        json(text.bytes(), |piece| lines.push(piece));
                        text.clear();
                    }
                    left.wrapping_sub(1)
                }
            };
        }
        if len == 0 || lines.out.failed.is_some() {
            lines.flush();
            return Ok(total);
        }
    }
}

/// Of how much more of a text is to come: there is none, and its length comes next.
const NONE: u32 = 0;
const BEGUN: u32 = u32::MAX;

/// Writes as much at once as there is room for; to the kernel's log, which takes each write as a line, a
/// line.
struct Lines<'o> {
    out: &'o mut Out,
    held: [u8; 4096],
    len: usize,
}

impl Lines<'_> {
    #[inline(never)]
    fn push(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if let Some(to) = self.held.get_mut(self.len) {
                *to = *byte;
            }
            self.len = self.len.wrapping_add(1);
            if self.len == self.held.len() || *byte == b'\n' && self.out.fd != 1 {
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        let len = core::mem::take(&mut self.len);
        write(self.out, self.held.get(..len).unwrap_or_default());
    }
}

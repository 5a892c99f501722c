//! What comes out of the kernel, on its way to whoever asked.

use barebpf::Errno;
use barebpf::iter::{CGROUP_READ, Iter};

use crate::checks::{Failed, Name, call};
use crate::out::Out;
use crate::sys;

use super::text::Text;

/// Writes all of it.
pub fn write(out: &mut Out, mut bytes: &[u8]) -> Result<(), Failed> {
    while !bytes.is_empty() {
        match sys::write(out.fd, bytes) {
            Ok(len) => bytes = bytes.get(len..).unwrap_or_default(),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(errno) => return Err(call(Name::WRITE)(errno)),
        }
    }
    Ok(())
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

/// A pass, as it comes, but for what [`engine`](super::engine) has framed: that becomes the strings of JSON.
/// How much there was.
#[inline(never)]
pub fn copy(iter: &mut Iter, out: &mut Out) -> Result<usize, Failed> {
    let mut buf = [0; 4096];
    let mut lines = Lines { out, held: [0; 4096], len: 0, frame: Frame::None };
    let mut total = 0_usize;
    loop {
        let len = iter.read(&mut buf).map_err(call(Name::READ))?;
        total = total.wrapping_add(len);
        for &byte in buf.get(..len).unwrap_or_default() {
            lines.take(byte)?;
        }
        if len == 0 {
            return lines.flush().map(|()| total);
        }
    }
}

/// Writes as much at once as there is room for; to the kernel's log, which takes each write as a line, a
/// line.
struct Lines<'o> {
    out: &'o mut Out,
    held: [u8; 4096],
    len: usize,
    frame: Frame,
}

impl Lines<'_> {
    fn push(&mut self, byte: u8) -> Result<(), Failed> {
        if let Some(to) = self.held.get_mut(self.len) {
            *to = byte;
        }
        self.len = self.len.wrapping_add(1);
        if self.len == self.held.len() || byte == b'\n' && self.out.fd != 1 {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Failed> {
        let len = core::mem::take(&mut self.len);
        write(self.out, self.held.get(..len).unwrap_or_default())
    }

    fn take(&mut self, byte: u8) -> Result<(), Failed> {
        match self.frame {
            Frame::None if byte == 0 => self.frame = Frame::Begun,
            Frame::None => self.push(byte)?,
            Frame::Begun => {
                self.frame = Frame::Text(u16::from(byte).wrapping_mul(4), false);
                self.push(b'"')?;
            }
            Frame::Text(left, ended) => {
                let ended = ended || byte == 0;
                self.frame = Frame::Text(left.wrapping_sub(1), ended);
                if ended {
                } else if matches!(byte, b' '..=b'~') {
                    if matches!(byte, b'"' | b'\\') {
                        self.push(b'\\')?;
                    }
                    self.push(byte)?;
                } else {
                    let mut escape = Text::new();
                    for byte in escape.push(b"\\u00").hex(byte).bytes() {
                        self.push(*byte)?;
                    }
                }
                if left == 1 {
                    self.frame = Frame::None;
                    self.push(b'"')?;
                }
            }
        }
        Ok(())
    }
}

/// Where a text is.
#[derive(Clone, Copy)]
enum Frame {
    None,
    /// Its length comes next.
    Begun,
    /// So much of it is to come, and whether it has ended before.
    Text(u16, bool),
}

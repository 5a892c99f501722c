//! How many CPUs a per-CPU map has values for.

#![forbid(unsafe_code)]

use super::UNKNOWN;
use crate::fd::OwnedFd;
use crate::sys;

/// A value for each possible CPU.
#[cold]
pub(super) fn on_all_cpus(value_size: u32) -> usize {
    let each = (value_size as usize).checked_next_multiple_of(8);
    let all = possible_cpus().and_then(|cpus| each?.checked_mul(cpus as usize));
    all.unwrap_or(UNKNOWN)
}

/// How many CPUs the kernel's `num_possible_cpus` counts; it never changes.
fn possible_cpus() -> Option<u32> {
    let fd = OwnedFd::from_sys(sys::open(c"/sys/devices/system/cpu/possible").ok()?);
    let mut list = CpuList::default();
    let mut buf = [0; 64];
    loop {
        let len = sys::read(fd.as_raw_fd(), &mut buf).ok()?;
        match buf.get(..len)? {
            [] => return list.count(),
            bytes => bytes.iter().try_for_each(|&byte| list.push(byte))?,
        }
    }
}

/// A list such as `0-3,8`, with a newline at its end, counted as it comes.
#[derive(Default)]
struct CpuList {
    count: u32,
    from: Option<u32>,
    number: Option<u32>,
    ended: bool,
}

impl CpuList {
    /// `None` where it is no such list.
    fn push(&mut self, byte: u8) -> Option<()> {
        match byte {
            _ if self.ended => return None,
            b'0'..=b'9' => {
                let digit = u32::from(byte.wrapping_sub(b'0'));
                self.number = Some(self.number.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            }
            b'-' if self.from.is_none() => self.from = Some(self.number.take()?),
            b',' | b'\n' => {
                let last = self.number.take()?;
                let more = last.checked_sub(self.from.take().unwrap_or(last))?;
                self.count = self.count.checked_add(more)?.checked_add(1)?;
                self.ended = byte == b'\n';
            }
            _ => return None,
        }
        Some(())
    }

    fn count(&self) -> Option<u32> {
        self.ended.then_some(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::CpuList;

    fn count(text: &str) -> Option<u32> {
        let mut list = CpuList::default();
        text.bytes().try_for_each(|byte| list.push(byte))?;
        list.count()
    }

    #[test]
    fn lists_of_cpus_are_counted() {
        for (text, cpus) in [("0\n", 1), ("0-1\n", 2), ("0-3,8\n", 5), ("0,2,4-8191\n", 8190)] {
            assert_eq!(count(text), Some(cpus), "{text}");
        }
    }

    /// A count that is too small would let the kernel write past a slice.
    #[test]
    fn what_is_no_list_of_cpus_has_no_count() {
        for text in [
            "",
            "\n",
            "0",
            "0-",
            "0-\n",
            "-3\n",
            "0-1-2\n",
            "3-0\n",
            "0,\n",
            ",0\n",
            "0 \n",
            "0x3\n",
            "0\n1\n",
            "4294967296\n",
            "0-4294967295\n",
        ] {
            assert_eq!(count(text), None, "{text:?}");
        }
    }
}

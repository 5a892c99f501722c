//! A program that the kernel refuses, and the log that says why.

use barebpf::asm::exit;
use barebpf::prog::{Options, prog_load};
use barebpf::uapi::ProgType;
use barebpf::{Errno, Log};

use super::abi::linux;
use super::{Failed, Name, World, holds, refused, say};

/// How much of the log is shown.
const SHOWN: usize = 72;

/// What the log must have.
const WHY: &[u8] = b"R0 !read_ok";

/// Has it refused, and prints the first words of its log.
///
/// # Errors
///
/// It is accepted; or the log does not say why, or not how long it is where it should (about Linux 6.4).
#[inline(never)]
pub fn check(world: &mut impl World, kernel: u32) -> Result<(), Failed> {
    let mut buf = [0; 1024];
    let mut log = Log::new(&mut buf);
    // It returns a number that it never had.
    let result =
        prog_load(ProgType::SOCKET_FILTER, &[exit()], c"GPL", &Options::default(), &mut log);
    refused(Name::PROG_LOAD, result, Errno::ACCES)?;

    let text = log.text();
    let is_why = |at: usize| text.get(at..at.wrapping_add(WHY.len())) == Some(WHY);
    holds(Name::PROG_LOAD_LOG, (0..text.len()).any(is_why))?;
    let whole = (text.len() as u32).wrapping_add(1);
    let wanted = if kernel < linux(6, 4) { 0 } else { whole };
    holds(Name::PROG_LOAD_LOG_TRUE_SIZE, log.true_size() == wanted)?;

    let mut shown = [0; SHOWN];
    for (to, byte) in shown.iter_mut().zip(text) {
        *to = if *byte == b'\n' { b';' } else { *byte };
    }
    let shown = shown.get(..text.len()).unwrap_or(&shown);
    say(world, "refused: EACCES, log_true_size #: $", &[log.true_size()], &[shown]);
    Ok(())
}

//! How much stack a program has used: what lies below is painted at the start, and looked at in the end.

use core::hint::black_box;
use core::ptr::{with_exposed_provenance, with_exposed_provenance_mut};

use crate::start::Args;

/// How far down it is painted, from where the kernel put the stack pointer.
pub const DEPTH: usize = 32 * 1024;

/// What is left alone below the painting function's own variable: its frame, and what x86_64 lets it use
/// below the stack pointer.
const FRAME: usize = 256;

const PAINT: usize = 0x5a5a_a5a5;
const WORD: usize = size_of::<usize>();

/// A stack that has been painted.
pub struct Stack {
    /// The stack pointer as the kernel left it, or where it was when this was made.
    top: usize,
}

impl Stack {
    /// Paints all that is not in use. What is in use counts too, from the start of the program on, if its
    /// arguments are given.
    #[inline(never)]
    #[must_use]
    pub fn paint(args: Option<Args>) -> Self {
        let here = 0_usize;
        let here = black_box(&raw const here).addr();
        let top = args.map_or(here, |args| args.address().wrapping_sub(WORD));
        let until = here.wrapping_sub(FRAME);
        let mut at = top.wrapping_sub(DEPTH);
        while at < until {
            // SAFETY: the kernel gives a stack that is far larger than this, and lets it grow by touching
            // it. Below this function's frame nothing of the program lies.
            unsafe { with_exposed_provenance_mut::<usize>(at).write_volatile(PAINT) };
            at = at.wrapping_add(WORD);
        }
        Self { top }
    }

    /// Bytes between the top and the lowest place that is not as it was painted; [`DEPTH`] if none is.
    #[must_use]
    pub fn used(&self) -> usize {
        let mut at = self.top.wrapping_sub(DEPTH);
        while at < self.top {
            // SAFETY: `paint` wrote there, or the program since.
            let word = unsafe { with_exposed_provenance::<usize>(at).read_volatile() };
            if word != PAINT {
                break;
            }
            at = at.wrapping_add(WORD);
        }
        self.top.wrapping_sub(at)
    }
}

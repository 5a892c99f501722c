//! Calls as the board tool is packed with them: each says where it leads to, which repeats, and not how far that
//! is from here, which does not. ARM has room without it.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "below the size of a file, or shifted by fewer bits than there are"
)]

/// Makes a program's calls what they were, where this processor's are known.
#[inline(always)]
pub fn restore(program: &mut [u8]) {
    if cfg!(target_arch = "x86_64") {
        each(program, x86_64);
    } else if cfg!(any(target_arch = "riscv64", target_arch = "riscv32")) {
        each(program, riscv);
    }
}

/// Hands on what stands at each place where an instruction may begin, with the place, and goes on by so much.
#[inline(always)]
pub fn each(program: &mut [u8], call: fn(&mut [u8; 5], u32) -> usize) {
    let mut at = 0;
    while let Some(bytes) = program.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        at += call(bytes, at as u32);
    }
}

/// Whatever begins with `call`'s byte is one, followed by four; how long it was.
#[inline(always)]
pub fn x86_64(call: &mut [u8; 5], at: u32) -> usize {
    let [0xe8, to @ ..] = call else { return 1 };
    *to = u32::from_le_bytes(*to).wrapping_sub(at).to_le_bytes();
    5
}

/// `jal ra`: behind twelve bits half of the place, its highest bits first. In the instruction, bits 20, 10 to 1, 11
/// and 19 to 12 of the distance follow each other from the highest on.
#[inline(always)]
pub fn riscv(call: &mut [u8; 5], at: u32) -> usize {
    let [call @ .., _] = call;
    let [0xef, top, high, low] = *call else { return 2 };
    if top & 15 != 0 {
        return 2;
    }
    let half = u32::from_be_bytes([0, top >> 4, high, low]);
    let far = (half << 1).wrapping_sub(at);
    let bits = far >> 20 << 31 | (far >> 1 & 0x3ff) << 21 | (far >> 11 & 1) << 20 | far & 0xff000;
    *call = (bits | 0xef).to_le_bytes();
    4
}

//! LZMA, as `targets/build` packs the board tool with it: the context of all else is whether a place is odd, and
//! that of a byte either that, too, or the upper three bits of the byte before. In the format's words pb = 1, and
//! lc = 0, lp = 1 or lc = 3, lp = 0.
//!
//! What is packed comes from the same build; bytes that are not LZMA give nonsense, and nothing else.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "below the number of probabilities, or shifted by fewer bits than there are"
)]

/// Where the probabilities of each kind of decision begin.
mod at {
    pub const MATCH: usize = 0;
    pub const REPEATED: usize = MATCH + 12 * 2;
    /// Three in a row, of twelve each: which of the last four distances it is.
    pub const WHICH: usize = REPEATED + 12;
    pub const LONG: usize = WHICH + 3 * 12;
    pub const LEN: usize = LONG + 12 * 2;
    pub const REPEATED_LEN: usize = LEN + 290;
    pub const SLOT: usize = REPEATED_LEN + 290;
    pub const MIDDLE: usize = SLOT + 4 * 64;
    pub const ALIGN: usize = MIDDLE + 115;
    pub const LITERAL: usize = ALIGN + 16;
    pub const END: usize = LITERAL + 8 * 0x300;
}

struct Decoder<'p> {
    packed: &'p [u8],
    range: u32,
    code: u32,
    /// That a bit is 0, in 2,048ths.
    probs: [u16; at::END],
}

impl Decoder<'_> {
    /// Room for another decision.
    fn normalize(&mut self) {
        if self.range >> 24 == 0 {
            self.range <<= 8;
            self.shift();
        }
    }

    #[inline(never)]
    fn shift(&mut self) {
        let (byte, rest) = self.packed.split_first().unwrap_or((&0, &[]));
        self.packed = rest;
        self.code = self.code << 8 | u32::from(*byte);
    }

    #[inline(never)]
    fn bit(&mut self, at: usize) -> usize {
        self.normalize();
        let Some(prob) = self.probs.get_mut(at) else { return 0 };
        let bound = (self.range >> 11).wrapping_mul(u32::from(*prob));
        if self.code < bound {
            self.range = bound;
            *prob += (2048 - *prob) >> 5;
            return 0;
        }
        self.range -= bound;
        self.code -= bound;
        *prob -= *prob >> 5;
        1
    }

    /// So many bits, the highest first, each with the ones before it as its context, behind a one.
    #[inline(never)]
    fn tree(&mut self, at: usize, mut bits: u32) -> usize {
        let mut node = 1;
        while bits != 0 {
            node = node << 1 | self.bit(at + node);
            bits -= 1;
        }
        node
    }

    /// So many bits, the lowest first.
    #[inline(never)]
    fn reversed(&mut self, at: usize, bits: u32) -> usize {
        let (mut node, mut number) = (1, 0);
        for shift in 0..bits {
            let bit = self.bit(at + node);
            node = node << 1 | bit;
            number |= bit << shift;
        }
        number
    }

    /// How long a match is.
    #[inline(never)]
    fn len(&mut self, at: usize, odd: usize) -> usize {
        if self.bit(at) == 0 {
            self.tree(at + 2 + odd * 8, 3) - 8 + 2
        } else if self.bit(at + 1) == 0 {
            self.tree(at + 18 + odd * 8, 3) - 8 + 10
        } else {
            self.tree(at + 34, 8) - 256 + 18
        }
    }

    /// How far back a match of this length is.
    fn distance(&mut self, len: usize) -> usize {
        let context = if len < 5 { len - 2 } else { 3 };
        let slot = self.tree(at::SLOT + context * 64, 6) - 64;
        if slot < 4 {
            return slot;
        }
        let bits = (slot >> 1) as u32 - 1;
        let mut distance = 2 | slot & 1;
        if slot < 14 {
            distance <<= bits;
            return distance + self.reversed(at::MIDDLE + distance - slot, bits);
        }
        for _ in 4..bits {
            self.normalize();
            self.range >>= 1;
            let bit = self.code >= self.range;
            self.code -= if bit { self.range } else { 0 };
            distance = distance << 1 | usize::from(bit);
        }
        distance << 4 | self.reversed(at::ALIGN, 4)
    }

    /// A byte. Where a match has just ended, `same` is 0x100, and each bit has that of the byte `other` where
    /// the match would go on as its context, too, as long as they are the same.
    fn literal(&mut self, context: usize, mut other: usize, mut same: usize) -> u8 {
        let at = at::LITERAL + context * 0x300;
        let mut node = 1;
        while node < 0x100 {
            other <<= 1;
            let expected = other & same;
            let bit = self.bit(at + same + expected + node);
            same &= if bit == 0 { !expected } else { expected };
            node = node << 1 | bit;
        }
        node as u8
    }
}

/// Fills `to` out of `packed`; whether what stands before a byte is its context.
#[inline(always)]
pub fn unpack(packed: &[u8], to: &mut [u8], before: bool) {
    let mut it = Decoder { packed, range: u32::MAX, code: 0, probs: [1024; at::END] };
    for _ in 0..5 {
        it.shift();
    }
    let (mut state, mut distances, mut place) = (0, [0_usize; 4], 0_usize);
    while place < to.len() {
        let odd = place & 1;
        let [distance, ..] = distances;
        let back = place.wrapping_sub(distance).wrapping_sub(1);
        let mut len = 1;
        if it.bit(at::MATCH + state * 2 + odd) == 0 {
            let other = to.get(back).copied().unwrap_or(0).into();
            let last: usize = to.get(place.wrapping_sub(1)).copied().unwrap_or(0).into();
            let context = if before { last >> 5 } else { odd };
            let byte = it.literal(context, other, if state < 7 { 0 } else { 0x100 });
            if let Some(to) = to.get_mut(place) {
                *to = byte;
            }
            place += 1;
            state -= match state {
                0..4 => state,
                4..10 => 3,
                _ => 6,
            };
            continue;
        }
        let [a, b, c, d] = distances;
        let early = state < 7;
        if it.bit(at::REPEATED + state) == 0 {
            len = it.len(at::LEN, odd);
            distances = [it.distance(len), a, b, c];
            state = if early { 7 } else { 10 };
        } else {
            let mut which = 0;
            while which < 3 && it.bit(at::WHICH + which * 12 + state) != 0 {
                which += 1;
            }
            let long = which != 0 || it.bit(at::LONG + state * 2 + odd) != 0;
            if long {
                len = it.len(at::REPEATED_LEN, odd);
            }
            distances = match which {
                0 => distances,
                1 => [b, a, c, d],
                2 => [c, a, b, d],
                _ => [d, a, b, c],
            };
            state = if !early { 11 } else { 9 - usize::from(long) };
        }
        let [distance, ..] = distances;
        for _ in 0..len {
            let back = place.wrapping_sub(distance).wrapping_sub(1);
            let byte = to.get(back).copied().unwrap_or(0);
            if let Some(to) = to.get_mut(place) {
                *to = byte;
            }
            place += 1;
        }
    }
}

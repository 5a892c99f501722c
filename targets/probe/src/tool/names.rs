//! Names of types, as `bpftool` says them: the crate's, put into one text by the compiler.

#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "the compiler runs all of it"
)]

use barebpf::uapi::{LinkType, MapType, ProgType, Values};

/// The names for a kind of column: a byte that is one more than the number, then the name; a NUL between
/// each and the next.
pub fn of(kind: u8) -> &'static [u8] {
    match kind {
        b'M' => &MAPS,
        b'P' => &PROGS,
        b'I' => b"\x01a_inode\0\x02FIFO\0\x03CHR\0\x05DIR\0\x07BLK\0\x09REG\0\x0bLNK\0\x0dsock",
        _ => &LINKS,
    }
}

macro_rules! names {
    ($($name:ident: $ty:ty, $prefix:literal;)*) => {$(
        static $name: [u8; pack(<$ty as Values>::VALUES, $prefix.len()).1] = {
            let (bytes, len) = pack(<$ty as Values>::VALUES, $prefix.len());
            let mut cut = [0; pack(<$ty as Values>::VALUES, $prefix.len()).1];
            let mut at = 0;
            while at < len {
                cut[at] = bytes[at];
                at += 1;
            }
            cut
        };
    )*};
}

names! {
    MAPS: MapType, "BPF_MAP_TYPE_";
    PROGS: ProgType, "BPF_PROG_TYPE_";
    LINKS: LinkType, "BPF_LINK_TYPE_";
}

const fn pack(values: &[(&str, u64)], prefix: usize) -> ([u8; 1024], usize) {
    let (mut bytes, mut len, mut i) = ([0; 1024], 0, 0);
    while i < values.len() {
        let (name, value) = (values[i].0.as_bytes(), values[i].1);
        i += 1;
        // The kernel's old names, which have no room in a column, stand beside others.
        if name[name.len() - 1] == b'D' && name.len() - prefix > 22 {
            continue;
        }
        bytes[len] = value as u8 + 1;
        len += 1;
        let mut at = prefix;
        while at < name.len() {
            bytes[len] = name[at].to_ascii_lowercase();
            len += 1;
            at += 1;
        }
        len += 1;
    }
    (bytes, len - 1)
}

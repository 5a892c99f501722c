//! A second reader of BTF, which shares nothing with the library's: all of it in memory, by index.

/// A type: its record, and what follows it.
#[derive(Default)]
pub struct Type {
    pub kind: u32,
    pub name: String,
    /// The size in bytes, or the id of another type: the kind says which.
    pub size_or_type: u32,
    /// Members (name, type, offset in bits, width in bits) and enumerators (name, 0, value, 0).
    pub entries: Vec<(String, u32, u64, u32)>,
    /// Of an array: the element's type and the length.
    pub array: (u32, u32),
}

pub const STRUCT: u32 = 4;
pub const UNION: u32 = 5;
pub const ENUM: u32 = 6;
pub const ENUM64: u32 = 19;

pub fn parse(bytes: &[u8]) -> Vec<Type> {
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!(word(0) & 0xffff, 0xeb9f, "no BTF");
    let head = word(4) as usize;
    let strings = head + word(16) as usize;
    let name = |at: u32| {
        let text = &bytes[strings + at as usize..];
        let len = text.iter().position(|byte| *byte == 0).unwrap();
        String::from_utf8_lossy(&text[..len]).into_owned()
    };
    let mut at = head + word(8) as usize;
    let end = at + word(12) as usize;
    let mut types = vec![Type::default()];
    while at < end {
        let info = word(at + 4);
        let (kind, vlen, flag) = (info >> 24 & 0x7f, (info & 0xff_ffff) as usize, info >> 31 == 1);
        let mut ty =
            Type { kind, name: name(word(at)), size_or_type: word(at + 8), ..Type::default() };
        at += 12;
        let each = match kind {
            4 | 5 | 15 | 19 => 12,
            6 | 13 => 8,
            2 | 7..=12 | 16 | 18 => 0,
            1 | 14 | 17 => {
                at += 4;
                0
            }
            3 => {
                ty.array = (word(at), word(at + 8));
                at += 12;
                0
            }
            _ => panic!("BTF kind {kind} is not known here"),
        };
        for _ in 0..if each == 0 { 0 } else { vlen } {
            let (first, second) = (word(at), word(at + 4));
            match kind {
                4 | 5 => {
                    let third = word(at + 8);
                    let (offset, width) =
                        if flag { (third & 0xff_ffff, third >> 24) } else { (third, 0) };
                    ty.entries.push((name(first), second, offset.into(), width));
                }
                // The value is signed or not, its bits up to 32 are the same.
                6 if flag => ty.entries.push((name(first), 0, second as i32 as i64 as u64, 0)),
                6 => ty.entries.push((name(first), 0, second.into(), 0)),
                19 => {
                    let value = u64::from(second) | u64::from(word(at + 8)) << 32;
                    ty.entries.push((name(first), 0, value, 0));
                }
                _ => {}
            }
            at += each;
        }
        types.push(ty);
    }
    types
}

/// The size in bytes of a type, whatever names and qualifiers it goes by.
pub fn size(types: &[Type], id: u32) -> usize {
    let ty = &types[id as usize];
    match ty.kind {
        1 | 4 | 5 | 6 | 16 | 19 => ty.size_or_type as usize,
        2 => panic!("no pointer is part of this interface"),
        3 => size(types, ty.array.0) * ty.array.1 as usize,
        8..=11 | 18 => size(types, ty.size_or_type),
        kind => panic!("BTF kind {kind} has no size"),
    }
}

/// The struct or union behind typedefs and qualifiers, if it is one.
pub fn record(types: &[Type], id: u32) -> Option<&Type> {
    let ty = &types[id as usize];
    match ty.kind {
        STRUCT | UNION => Some(ty),
        8..=11 | 18 => record(types, ty.size_or_type),
        _ => None,
    }
}

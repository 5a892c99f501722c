//! Reads `abi/*.def`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A file of this repository.
pub fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|err| panic!("{}: {err}", path.display()))
}

/// What `abi/bpf.def` says.
#[derive(Default)]
pub struct Facts {
    /// Name to number; negative ones sign-extended.
    pub values: BTreeMap<String, u64>,
    /// Type to size and alignment.
    pub sizes: BTreeMap<String, (usize, usize)>,
    /// Type and path to offset and size.
    pub fields: BTreeMap<(String, String), (usize, usize)>,
    /// Type and path to first bit and width.
    pub bits: BTreeMap<(String, String), (usize, usize)>,
}

/// The lines `WORD(a, b, …)` of a `.def` file, each as its words.
pub fn lines(path: &str) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    for line in read(path).lines().filter(|line| !line.is_empty() && !line.starts_with("/*")) {
        let words = line.strip_suffix(')').and_then(|line| line.split_once('('));
        let (word, rest) = words.unwrap_or_else(|| panic!("{path}: {line}"));
        lines.push([word].into_iter().chain(rest.split(", ")).map(String::from).collect());
    }
    lines
}

impl Facts {
    pub fn read() -> Self {
        let mut facts = Self::default();
        for line in lines("abi/bpf.def") {
            let words: Vec<&str> = line.iter().map(String::as_str).collect();
            let place = |at: &str, size: &str| (at.parse().unwrap(), size.parse().unwrap());
            let twice = match *words {
                ["VALUE", name, value] => facts.values.insert(name.into(), number(value)).is_some(),
                ["SIZE", ty, size, align] => {
                    facts.sizes.insert(ty.into(), place(size, align)).is_some()
                }
                ["FIELD", ty, path, offset, size] => {
                    facts.fields.insert((ty.into(), path.into()), place(offset, size)).is_some()
                }
                ["BITS", ty, path, first, bits] => {
                    facts.bits.insert((ty.into(), path.into()), place(first, bits)).is_some()
                }
                _ => panic!("abi/bpf.def: {line:?}"),
            };
            assert!(!twice, "abi/bpf.def: {line:?} is there twice");
        }
        facts
    }
}

fn number(text: &str) -> u64 {
    match text.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16).unwrap(),
        None => text.parse::<i64>().unwrap() as u64,
    }
}

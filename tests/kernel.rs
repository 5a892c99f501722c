//! Proof (c): the running kernel's own BTF has every number and field that it knows where we say.

#[path = "common/btf.rs"]
mod btf;
#[path = "../targets/probe/src/checks/abi.rs"]
#[expect(unreachable_pub, reason = "public in the probe")]
mod checks;
#[path = "common/facts.rs"]
mod facts;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::fd::AsRawFd as _;

use barebpf::btf::Btf;
use btf::{ENUM, ENUM64, STRUCT, Type, UNION};
use facts::{Facts, read};

/// What came of a comparison.
#[derive(Default)]
struct Found {
    values: usize,
    fields: usize,
    /// Facts that this kernel does not know.
    unknown: usize,
    wrong: Vec<String>,
}

/// Every leaf of a struct or union: path to (offset, size) in bytes, or in bits.
#[derive(Default)]
struct Leaves {
    fields: BTreeMap<String, (usize, usize)>,
    bits: BTreeMap<String, (usize, usize)>,
}

impl Leaves {
    fn add(&mut self, types: &[Type], ty: &Type, path: &str, base: u64) {
        for (name, id, offset, width) in &ty.entries {
            let path = match (path, name.as_str()) {
                (path, "") => path.to_owned(),
                ("", name) => name.to_owned(),
                (path, name) => format!("{path}.{name}"),
            };
            let offset = base + offset;
            if *width > 0 {
                self.bits.insert(path, (offset as usize, *width as usize));
            } else if let Some(inner) = btf::record(types, *id) {
                self.add(types, inner, &path, offset);
            } else {
                assert_eq!(offset % 8, 0, "{path}");
                self.fields.insert(path, (offset as usize / 8, btf::size(types, *id)));
            }
        }
    }
}

fn compare(types: &[Type], facts: &Facts) -> Found {
    let mut found = Found::default();
    let mut numbers: BTreeMap<&str, BTreeSet<(u32, u64)>> = BTreeMap::new();
    for ty in types.iter().filter(|ty| matches!(ty.kind, ENUM | ENUM64)) {
        for (name, _, value, _) in &ty.entries {
            numbers.entry(name).or_default().insert((ty.kind, *value));
        }
    }
    for (name, value) in &facts.values {
        // An ENUM holds 32 bits; before ENUM64 (Linux 6.0), whatever was longer lost the rest.
        let same = |(kind, there): &(u32, u64)| match *kind {
            ENUM => *there as u32 == *value as u32,
            _ => there == value,
        };
        match numbers.get(name.as_str()) {
            None => found.unknown += 1,
            Some(there) if there.iter().all(same) => found.values += 1,
            Some(there) => {
                found.wrong.push(format!("{name}: {value:#x}, the kernel says {there:x?}"))
            }
        }
    }
    for ty in facts.sizes.keys() {
        let mut leaves = Leaves::default();
        let (kind, name) = ty.split_once(' ').unwrap();
        let kind = if kind == "union" { UNION } else { STRUCT };
        for record in types.iter().filter(|ty| ty.kind == kind && ty.name == name) {
            leaves.add(types, record, "", 0);
        }
        let both = [(&facts.fields, &leaves.fields), (&facts.bits, &leaves.bits)];
        for (facts, leaves) in both {
            for ((_, path), place) in facts.iter().filter(|((of, _), _)| of == ty) {
                match leaves.get(path) {
                    None => found.unknown += 1,
                    Some(there) if there == place => found.fields += 1,
                    Some(there) => found
                        .wrong
                        .push(format!("{ty}.{path}: at {place:?}, the kernel says {there:?}")),
                }
            }
        }
    }
    found
}

/// `6.18.5+` → (6, 18).
fn release(text: &str) -> (u32, u32) {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// `abi/counts.tsv`: release to the numbers of values and fields that were found there.
fn counts() -> BTreeMap<(u32, u32), Vec<(usize, usize)>> {
    let mut counts: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for line in read("abi/counts.tsv").lines().filter(|line| !line.starts_with('#')) {
        let cells: Vec<&str> = line.split('\t').collect();
        let pair = (cells[1].parse().unwrap(), cells[2].parse().unwrap());
        counts.entry(release(cells[0])).or_default().push(pair);
    }
    counts
}

/// Holds what was found on a kernel to the committed counts: to those of its release; or, where there
/// are none, to no fewer than on the release before and no more than on the one after.
fn held(found: &Found, kernel: (u32, u32)) -> Result<(), String> {
    let counts = counts();
    let pair = (found.values, found.fields);
    let line = format!("{}.{}\t{}\t{}", kernel.0, kernel.1, found.values, found.fields);
    if let Some(pairs) = counts.get(&kernel) {
        return if pairs.contains(&pair) {
            Ok(())
        } else {
            Err(format!("abi/counts.tsv has {pairs:?} for this release, found: {line}"))
        };
    }
    let least = counts.range(..kernel).next_back().map(|(_, pairs)| pairs.iter().min().unwrap());
    let most = counts.range(kernel..).next().map(|(_, pairs)| pairs.iter().max().unwrap());
    let below = least.is_some_and(|least| pair.0 < least.0 || pair.1 < least.1);
    let above = most.is_some_and(|most| pair.0 > most.0 || pair.1 > most.1);
    if below || above || least.or(most).is_none() {
        return Err(format!("not between {least:?} and {most:?} of abi/counts.tsv, found: {line}"));
    }
    println!("abi/counts.tsv has no line for this release yet: {line}");
    Ok(())
}

fn hold(path: &str, kernel: &str) {
    let types = btf::parse(&fs::read(path).unwrap());
    let found = compare(&types, &Facts::read());
    println!(
        "{kernel}: {} values and {} fields found, {} not known to this kernel",
        found.values, found.fields, found.unknown
    );
    assert!(found.wrong.is_empty(), "{}", found.wrong.join("\n"));
    if let Err(why) = held(&found, release(kernel)) {
        panic!("{why}");
    }
    // What the boards run says the same, however it reads the file.
    let bytes = fs::read(path).unwrap();
    let mut scratch = checks::SCRATCH;
    let all = checks::check(&mut Btf::from_slice(&bytes).unwrap(), &mut scratch).unwrap();
    assert_eq!((all.wrong, all.last), (0, checks::Wrong::default()));
    // A macro that has become an enumerator is found here alone: boards do not look for macros.
    assert_eq!(all.counts.map(|count| count as usize), [found.values, found.fields]);
    for size in [1000, 4096] {
        let file = fs::File::open(path).unwrap();
        let mut window = vec![0; size];
        // SAFETY: the file outlives the borrow.
        let fd = unsafe { barebpf::fd::BorrowedFd::borrow_raw(file.as_raw_fd()) };
        let mut btf = Btf::from_fd(fd, &mut window).unwrap();
        assert_eq!(checks::check(&mut btf, &mut scratch).unwrap(), all, "window {size}");
    }
}

/// `BAREBPF_BTF=FILE:RELEASE` checks the BTF of another kernel, taken out of its image.
#[test]
fn the_kernel_has_every_number_and_field_that_it_knows_where_we_say() {
    if let Ok(other) = std::env::var("BAREBPF_BTF") {
        let (path, kernel) = other.split_once(':').unwrap();
        return hold(path, kernel.trim());
    }
    let path = "/sys/kernel/btf/vmlinux";
    if fs::metadata(path).is_err() {
        println!("skipped: {path} is not there: this kernel has no BTF, or sysfs is not mounted");
        return;
    }
    hold(path, fs::read_to_string("/proc/sys/kernel/osrelease").unwrap().trim());
}

/// The comparison itself must be able to fail: each fact is bent once.
#[test]
fn a_number_or_a_place_that_differs_from_the_kernels_is_noticed() {
    let Ok(bytes) = fs::read("/sys/kernel/btf/vmlinux") else {
        println!("skipped: this kernel has no BTF, or sysfs is not mounted");
        return;
    };
    let types = btf::parse(&bytes);
    let mut facts = Facts::read();
    *facts.values.get_mut("BPF_ITER_CREATE").unwrap() += 1;
    let place = ("union bpf_attr".to_owned(), "link_create.iter_info".to_owned());
    facts.fields.get_mut(&place).unwrap().0 += 4;
    let place = ("struct bpf_prog_info".to_owned(), "gpl_compatible".to_owned());
    facts.bits.get_mut(&place).unwrap().0 += 1;
    let wrong = compare(&types, &facts).wrong;
    assert_eq!(wrong.len(), 3, "{wrong:?}");
}

/// A lookup that finds less than it should must not pass as a kernel that is too old.
#[test]
fn a_count_that_differs_from_the_committed_one_is_noticed() {
    for (kernel, pairs) in counts() {
        for (values, fields) in pairs {
            let found = |values, fields| Found { values, fields, ..Found::default() };
            let row = [kernel.0, kernel.1, values as u32, fields as u32];
            assert!(checks::COUNTS.contains(&row), "boards do not know {row:?}");
            assert_eq!(held(&found(values, fields), kernel), Ok(()));
            assert!(held(&found(values - 50, fields), kernel).is_err());
            assert!(held(&found(values, fields - 1), kernel).is_err());
            // A release without a line is held to the one before.
            assert!(held(&found(1, fields), (kernel.0, kernel.1 + 100)).is_err());
        }
    }
    assert_eq!(checks::COUNTS.len(), counts().values().map(Vec::len).sum());
    assert_eq!(checks::release(b"6.18.44-board"), checks::linux(6, 18));
    assert_eq!(checks::release(b"7.2+"), checks::linux(7, 2));
}

/// The boards carry hashes instead of names, no two alike: their tables do not compile otherwise. What C has
/// as macros they leave out.
#[test]
fn the_facts_that_boards_carry_are_all_of_them() {
    let facts = Facts::read();
    let (mut values, mut fields) = (0, 0);
    for (name, value) in &facts.values {
        if let Some(carried) = checks::number_of(name) {
            assert_eq!(carried, [*value as u32, (value >> 32) as u32], "{name}");
            values += 1;
        }
    }
    let bytes = facts.fields.iter().map(|(place, (offset, size))| (place, (offset * 8, size * 8)));
    let bits = facts.bits.iter().map(|(place, size)| (place, *size));
    for ((ty, path), (offset, size)) in bytes.chain(bits) {
        let name = format!("{}.{path}", ty.split_once(' ').unwrap().1);
        assert_eq!(checks::place_of(&name), Some([offset as u32, size as u32]), "{name}");
        fields += 1;
    }
    assert_eq!([values, fields], checks::ALL);
    assert_eq!((checks::number_of("BPF_NONESUCH"), checks::place_of("bpf_attr")), (None, None));
}

/// The words of a BTF file, one of which is bent: that at `at` in the first entry of this name whose words
/// `is` accepts.
fn bend(bytes: &[u8], name: &str, is: impl Fn(&[u32]) -> bool, at: usize, to: u32) -> Vec<u8> {
    let mut words: Vec<u32> =
        bytes.chunks_exact(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect();
    // The header's words: magic and version, its length, types, strings.
    let (types, strings) = (words[1] + words[2], words[1] + words[4]);
    let text = [b"\0", name.as_bytes(), b"\0"].concat();
    let found = bytes[strings as usize..].windows(text.len()).position(|it| it == text).unwrap();
    let first = types as usize / 4;
    let last = first + words[3] as usize / 4;
    let place = (first..last - 3)
        .find(|&place| words[place] == found as u32 + 1 && is(&words[place..place + 3]))
        .unwrap_or_else(|| panic!("no {name}"));
    words[place + at] = to;
    let mut bent: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bent.extend_from_slice(&bytes[words.len() * 4..]);
    bent
}

/// The comparison that boards run must be able to fail as well: a kernel with one thing elsewhere.
#[test]
fn what_boards_run_names_the_fact_that_differs() {
    let Ok(bytes) = fs::read("/sys/kernel/btf/vmlinux") else {
        println!("skipped: this kernel has no BTF, or sysfs is not mounted");
        return;
    };
    let types = btf::parse(&bytes);
    let int = |name| types.iter().position(|ty| ty.name == name).unwrap() as u32;
    let place = ("struct bpf_prog_info".to_owned(), "gpl_compatible".to_owned());
    let bit = 1 << 24 | Facts::read().bits[&place].0 as u32;
    let wide = |id: u32| btf::size(&types, id) == 8;
    let bent = [
        ("BPF_ITER_CREATE", bend(&bytes, "BPF_ITER_CREATE", |it| it[1] == 33, 1, 34)),
        ("iter_info", bend(&bytes, "iter_info", |it| wide(it[1]) && it[2] == 0, 2, 32)),
        ("bpf_cookie", bend(&bytes, "bpf_cookie", |it| wide(it[1]) && it[2] == 0, 1, int("__u32"))),
        ("gpl_compatible", bend(&bytes, "gpl_compatible", |it| it[2] == bit, 2, bit + 1)),
    ];
    for (name, bytes) in bent {
        let mut btf = Btf::from_slice(&bytes).unwrap();
        let mut scratch = checks::SCRATCH;
        let found = checks::check(&mut btf, &mut scratch).unwrap();
        assert_eq!(found.wrong, 1, "{name}: {found:?}");
        let mut text = Vec::new();
        checks::name(&mut btf, found.last.name_off, &mut |piece| text.extend_from_slice(piece))
            .unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), name);
    }
}

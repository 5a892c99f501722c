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
    let all = checks::check(&mut Btf::from_slice(&bytes).unwrap(), &checks::FACTS, &mut scratch);
    let all = all.unwrap();
    assert_eq!((all.wrong, all.first), (0, None));
    let counted = [all.values, all.fields, all.unknown].map(|count| count as usize);
    assert_eq!(counted, [found.values, found.fields, found.unknown]);
    assert_ne!(checks::held(kernel.as_bytes(), &all), Some(false));
    for size in [1000, 4096] {
        let file = fs::File::open(path).unwrap();
        let mut window = vec![0; size];
        // SAFETY: the file outlives the borrow.
        let fd = unsafe { barebpf::fd::BorrowedFd::borrow_raw(file.as_raw_fd()) };
        let mut btf = Btf::from_fd(fd, &mut window).unwrap();
        assert_eq!(
            checks::check(&mut btf, &checks::FACTS, &mut scratch).unwrap(),
            all,
            "window {size}"
        );
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
            let board = |release: (u32, u32), values, fields| {
                let name = format!("{}.{}.44-board", release.0, release.1);
                let found = checks::Found { values, fields, ..checks::Found::default() };
                checks::held(name.as_bytes(), &found)
            };
            assert_eq!(board(kernel, values as u32, fields as u32), Some(true));
            assert_eq!(board(kernel, values as u32, fields as u32 - 1), Some(false));
            assert_eq!(board((kernel.0 + 100, kernel.1), values as u32, fields as u32), None);
            assert_eq!(held(&found(values, fields), kernel), Ok(()));
            assert!(held(&found(values - 50, fields), kernel).is_err());
            assert!(held(&found(values, fields - 1), kernel).is_err());
            // A release without a line is held to the one before.
            assert!(held(&found(1, fields), (kernel.0, kernel.1 + 100)).is_err());
        }
    }
}

/// What a board's table says of this hash.
fn code(rows: &[checks::Row], hash: u32) -> u8 {
    let row = rows.iter().find(|row| row[..4] == hash.to_le_bytes());
    row.unwrap_or_else(|| panic!("no row for {hash:#x}"))[4]
}

/// The boards carry hashes instead of names: no two may be alike, and none may be missing.
#[test]
fn the_facts_that_boards_carry_are_all_of_them_and_no_two_hashes_are_alike() {
    let facts = Facts::read();
    let mut names: BTreeMap<u32, String> = BTreeMap::new();
    let mut add = |hash: u32, name: &str| {
        let before = names.insert(hash, name.to_owned());
        assert!(before.as_ref().is_none_or(|before| before == name), "{name} and {before:?}");
    };
    for (name, value) in &facts.values {
        let hash = checks::hash(checks::START, name.as_bytes());
        add(hash, name);
        let number = [*value as u32, (value >> 32) as u32];
        assert_eq!(checks::FACTS.number(code(checks::FACTS.values, hash)), number, "{name}");
    }
    for ty in facts.sizes.keys() {
        let name = ty.split_once(' ').unwrap().1;
        let (short, spelled) = (
            checks::hash(checks::START, name.as_bytes()),
            checks::hash(checks::START, ty.as_bytes()),
        );
        add(short, name);
        assert!(checks::FACTS.types.contains(&[short, spelled]), "{ty}");
    }
    let bytes = facts.fields.iter().map(|(place, (offset, size))| (place, (offset * 8, size * 8)));
    let bits = facts.bits.iter().map(|(place, size)| (place, *size));
    for ((ty, path), (offset, size)) in bytes.chain(bits) {
        let name = format!("{ty}.{path}");
        let hash = checks::hash(checks::START, name.as_bytes());
        add(hash, &name);
        let place = checks::FACTS.places[usize::from(code(checks::FACTS.fields, hash))];
        assert_eq!(place.map(usize::from), [offset, size], "{name}");
    }
    assert_eq!(checks::FACTS.values.len(), facts.values.len());
    assert_eq!(checks::FACTS.fields.len(), facts.fields.len() + facts.bits.len());
    assert_eq!(checks::FACTS.types.len(), facts.sizes.len());
    let checks::Facts { values, numbers, fields, places, types } = checks::FACTS;
    let bytes = size_of_val(values) + size_of_val(numbers) + size_of_val(fields);
    println!("{} bytes", bytes + size_of_val(places) + size_of_val(types));
}

/// The comparison that boards run must be able to fail as well.
#[test]
fn what_boards_run_names_the_first_fact_that_differs() {
    let Ok(bytes) = fs::read("/sys/kernel/btf/vmlinux") else {
        println!("skipped: this kernel has no BTF, or sysfs is not mounted");
        return;
    };
    let facts = checks::FACTS;
    // The code of one row becomes another.
    let bend = |rows: &[checks::Row], name: &str, code: u8| -> &'static [checks::Row] {
        let mut rows = rows.to_vec();
        let hash = checks::hash(checks::START, name.as_bytes()).to_le_bytes();
        rows.iter_mut().find(|row| row[..4] == hash).unwrap()[4] = code;
        rows.leak()
    };
    let value = |name, more| {
        let old = code(facts.values, checks::hash(checks::START, str::as_bytes(name)));
        checks::Facts { values: bend(facts.values, name, old + more), ..facts }
    };
    let field = |name, offset, size| {
        let old = code(facts.fields, checks::hash(checks::START, str::as_bytes(name)));
        let mut places = facts.places.to_vec();
        let [old_offset, old_size] = places[usize::from(old)];
        places.push([old_offset + offset, old_size + size]);
        let fields = bend(facts.fields, name, (places.len() - 1) as u8);
        checks::Facts { fields, places: places.leak(), ..facts }
    };
    let bent = [
        ("BPF_ITER_CREATE", value("BPF_ITER_CREATE", 1)),
        ("iter_info", field("union bpf_attr.link_create.iter_info", 32, 0)),
        ("bpf_cookie", field("union bpf_attr.link_create.perf_event.bpf_cookie", 0, 8)),
        ("gpl_compatible", field("struct bpf_prog_info.gpl_compatible", 1, 0)),
    ];
    for (name, facts) in bent {
        let mut btf = Btf::from_slice(&bytes).unwrap();
        let mut scratch = checks::SCRATCH;
        let found = checks::check(&mut btf, &facts, &mut scratch).unwrap();
        assert_eq!(found.wrong, 1, "{name}: {found:?}");
        let mut text = Vec::new();
        btf.name(found.first.unwrap().name_off, |piece| text.extend_from_slice(piece)).unwrap();
        assert_eq!(String::from_utf8(text).unwrap(), name);
    }
}

//! Proof (b): the crate's own tables and `abi/bpf.def` say the same, in both directions.

#[path = "common/facts.rs"]
mod facts;

use core::fmt::Debug;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use barebpf::uapi::tables::{RECORDS, Record, VALUES};
use barebpf::uapi::{Cmd, written};
use facts::Facts;

/// A field of ours by its names in C: the type, and the whole path.
fn c_place(record: &Record, name: &str) -> (String, String) {
    match record.c_name.split_once('.') {
        Some((ty, prefix)) => (ty.into(), format!("{prefix}.{name}")),
        None => (record.c_name.into(), name.into()),
    }
}

fn agree<T: PartialEq + Debug>(wrong: &mut Vec<String>, fact: Option<&T>, ours: T, item: String) {
    match fact {
        None => wrong.push(format!("{item}: the crate says {ours:?}, no fact does")),
        Some(fact) if *fact != ours => {
            wrong.push(format!("{item}: the crate says {ours:?}, the facts {fact:?}"));
        }
        Some(_) => {}
    }
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} differences:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn every_number_of_the_crate_is_a_fact_and_every_fact_is_a_number_of_the_crate() {
    let facts = Facts::read();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for table in VALUES {
        for (name, value) in table.values {
            agree(&mut wrong, facts.values.get(*name), *value, format!("{name} in {}", table.name));
            seen.insert(*name);
        }
    }
    for name in facts.values.keys().filter(|name| !seen.contains(name.as_str())) {
        wrong.push(format!("{name}: the facts have it, the crate does not"));
    }
    none(&wrong);
}

#[test]
fn every_field_of_the_crate_is_a_fact_and_every_fact_is_a_field_of_the_crate() {
    let facts = Facts::read();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for record in RECORDS {
        for field in record.fields.iter().filter(|field| !field.name.starts_with('_')) {
            let place = c_place(record, field.name);
            let item = format!("{}.{} in {}", place.0, place.1, record.name);
            agree(&mut wrong, facts.fields.get(&place), (field.offset, field.size), item);
            seen.insert(place);
        }
    }
    for (ty, path) in facts.fields.keys().filter(|place| !seen.contains(*place)) {
        wrong.push(format!("{ty}.{path}: the facts have it, the crate does not"));
    }
    none(&wrong);
}

#[test]
fn every_bit_field_of_the_crate_is_a_fact_and_every_fact_is_a_bit_field_of_the_crate() {
    let facts = Facts::read();
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for record in RECORDS {
        for bits in record.bits {
            let place = c_place(record, bits.name);
            let item = format!("{}.{} in {}", place.0, place.1, record.name);
            agree(&mut wrong, facts.bits.get(&place), (bits.offset, bits.width), item);
            seen.insert(place);
        }
    }
    for (ty, path) in facts.bits.keys().filter(|place| !seen.contains(*place)) {
        wrong.push(format!("{ty}.{path}: the facts have it, the crate does not"));
    }
    none(&wrong);
}

#[test]
fn every_type_of_the_facts_is_whole_somewhere_in_the_crate() {
    let facts = Facts::read();
    let mut wrong = Vec::new();
    for (ty, fact) in &facts.sizes {
        let ours: Vec<_> = RECORDS.iter().filter(|record| record.c_name == ty).collect();
        if !ours.iter().any(|record| (record.size, record.align) == *fact) {
            let has: Vec<_> = ours.iter().map(|it| (it.name, it.size, it.align)).collect();
            wrong.push(format!("{ty}: the facts say {fact:?}, the crate has {has:?}"));
        }
    }
    for record in RECORDS {
        let ty = record.c_name.split('.').next().unwrap();
        match facts.sizes.get(ty) {
            None => wrong.push(format!("{ty} in {}: no such type in the facts", record.name)),
            Some((size, align)) if record.size > *size || record.align > *align => {
                wrong.push(format!("{}: larger than {ty}", record.name));
            }
            Some(_) => {}
        }
    }
    none(&wrong);
}

/// What the macros of `src/uapi/macros.rs` make, by reading the sources: nothing but a reader of the
/// sources can notice a type that nobody has put into the registry.
#[test]
fn every_type_and_number_of_the_sources_is_in_the_registry() {
    let (mut values, mut records, mut wrong) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
    for path in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/uapi")) {
        let text = fs::read_to_string(&path).unwrap();
        let mut inside = "";
        for line in text.lines() {
            if let Some(name) = line.strip_suffix("! {").filter(|name| !name.contains(' ')) {
                // Whatever else there is wraps `kernel_struct!`.
                inside = match name {
                    "kernel_enum" | "kernel_flags" | "kernel_values" => "values",
                    _ => "records",
                };
            } else if line == "}" {
                inside = "";
            }
            let line = line.trim_start();
            let item = line.strip_prefix("pub ").unwrap_or(line).strip_prefix("struct ");
            let name =
                item.map(|item| item.split([':', ';', ' ', '(', '<']).next().unwrap().to_owned());
            match (inside, name) {
                ("values", Some(name)) => drop(values.insert(name)),
                ("records", Some(name)) => drop(records.insert(name)),
                ("", None) if plain_number(line) => {
                    wrong.push(format!("{}: {line}: use kernel_values!", path.display()));
                }
                _ => {}
            }
        }
    }
    // The unions are written without a macro.
    records.extend(["Attr", "IterLinkInfo"].map(String::from));
    let mut both = |kind: &str, sources: BTreeSet<String>, registry: BTreeSet<String>| {
        for name in sources.symmetric_difference(&registry) {
            let (has, lacks) = if sources.contains(name) {
                ("in the sources", "not in the registry")
            } else {
                ("in the registry", "not in the sources")
            };
            wrong.push(format!("{kind} {name}: {has}, {lacks} (src/uapi/tables.rs)"));
        }
        assert!(!sources.is_empty() && !registry.is_empty());
    };
    both("values", values, VALUES.iter().map(|table| last(table.name)).collect());
    both("record", records, RECORDS.iter().map(|record| last(record.name)).collect());
    none(&wrong);
}

/// `types::Lengths` → `Lengths`.
fn last(path: &str) -> String {
    path.rsplit("::").next().unwrap().to_owned()
}

/// A public constant of a bare integer type, outside of any macro.
fn plain_number(line: &str) -> bool {
    let Some(item) = line.strip_prefix("pub const ") else { return false };
    let Some((_, ty)) = item.split_once(": ") else { return false };
    let ty = ty.split([' ', ';']).next().unwrap();
    matches!(ty, "u8" | "u16" | "u32" | "u64" | "usize" | "i8" | "i16" | "i32" | "i64" | "isize")
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn written_reaches_as_far_as_kernels_write_back() {
    let (mut wrong, fields) = (Vec::new(), Facts::read().fields);
    let mut facts: BTreeMap<String, usize> = BTreeMap::new();
    for line in facts::lines("abi/writes.def") {
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        let ["WRITES", cmd, path, end] = *words else { panic!("abi/writes.def: {line:?}") };
        let end: usize = end.parse().unwrap();
        match fields.get(&("union bpf_attr".to_owned(), path.to_owned())) {
            Some((offset, size)) if offset + size == end => {}
            place => wrong.push(format!("{cmd}: {path} does not end at {end}: {place:?}")),
        }
        assert!(facts.insert(cmd.to_owned(), end).is_none(), "{cmd} is there twice");
    }
    let mut known: BTreeMap<Cmd, &str> = BTreeMap::new();
    for (cmd, name) in Cmd::KNOWN {
        // A command may have two names, the same number.
        known.entry(*cmd).or_insert(name);
    }
    for (cmd, name) in known {
        let (ours, fact) = (written(cmd), facts.remove(name).unwrap_or(0));
        if ours != fact {
            wrong.push(format!("{name}: written() says {ours}, the facts {fact}"));
        }
    }
    wrong.extend(facts.keys().map(|name| format!("{name}: no such command in the crate")));
    none(&wrong);
}

//! Prints the public API in the rustdoc JSON file that its argument names, an item a line, and a line for
//! each type with what it derives. What macros of other crates add is left out: of flags, all but the
//! constants.

use std::collections::{BTreeMap, BTreeSet};

fn api(file: &str, derived: bool) -> String {
    let api = public_api::Builder::from_rustdoc_json(file)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(!derived)
        .build();
    let api = api.unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(77)
    });
    api.to_string()
}

/// `impl<'a> core::clone::Clone for barebpf::Name<'a>`: the type and the trait's own name.
fn derived(line: &str) -> Option<(&str, &str)> {
    let (of, ty) = line.strip_prefix("impl")?.split_once(" for ")?;
    let name = of.rsplit("::").next()?;
    (of.contains("core::") && name != "StructuralPartialEq").then_some((ty, name))
}

fn main() {
    let file = std::env::args().nth(1).expect("usage: api FILE.json");
    let text = api(&file, false);
    let flags: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("impl bitflags::traits::Flags for "))
        .map(|name| format!("{name}::"))
        .collect();
    for line in text.lines() {
        let added = line.contains("zerocopy::") && line.starts_with("impl")
            || line.contains("bitflags::")
            || line
                .ends_with("::fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result");
        let of_flags = flags.iter().any(|name| {
            line.contains(name.as_str())
                && !line.starts_with("pub const barebpf")
                && !line.starts_with("pub barebpf")
                || line.starts_with("impl ") && line.ends_with(name.trim_end_matches(':'))
        });
        if !added && !of_flags {
            println!("{line}");
        }
    }
    let written: BTreeSet<&str> = text.lines().collect();
    let all = api(&file, true);
    let mut types = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (ty, name) in all.lines().filter(|line| !written.contains(line)).filter_map(derived) {
        types.entry(ty).or_default().insert(name);
    }
    for (ty, names) in types {
        println!("derive {ty}: {}", names.into_iter().collect::<Vec<_>>().join(" "));
    }
}

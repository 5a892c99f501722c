//! Every `unsafe` of the library, its examples, benchmarks and the probe is on a list, so that a new one is seen.
//!
//! `BLESS=1 cargo test --test unsafe` writes the list anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

fn sources(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory").flatten() {
        let path = entry.path();
        if path.ends_with("target") {
            // What cargo has put there is not ours.
        } else if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// The code of a line: without comments and texts.
fn code(line: &str) -> String {
    let mut code = String::new();
    for (place, part) in line.split('"').enumerate() {
        let (part, end) = match part.split_once("//") {
            Some((before, _)) if place % 2 == 0 => (before, true),
            _ => (part, false),
        };
        if place % 2 == 0 {
            code += part;
        }
        if end {
            break;
        }
    }
    code
}

/// What kind of `unsafe` this is: it stands before `word`.
fn kind(rest: &str) -> &'static str {
    match rest.trim_start().split(|c: char| !c.is_alphanumeric() && c != '{' && c != '(').next() {
        Some("fn") => "fn",
        Some("impl") => "impl",
        Some("trait") => "trait",
        Some("extern") => "extern",
        Some(word) if word.starts_with('{') => "block",
        Some(word) if word.starts_with('(') => "attribute",
        _ => panic!("unsafe what? {rest}"),
    }
}

/// Every `unsafe`: file, kind, how many; and those blocks and impls that no reason stands above.
fn found(root: &Path) -> (BTreeMap<(String, &'static str), usize>, Vec<String>) {
    let mut files = Vec::new();
    for dir in ["src", "examples", "benches", "targets/probe/src"] {
        sources(&root.join(dir), &mut files);
    }
    let (mut counts, mut bare) = (BTreeMap::new(), Vec::new());
    for file in files {
        let name = file.strip_prefix(root).expect("inside").display().to_string();
        let text = fs::read_to_string(&file).expect("UTF-8");
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let code = code(line);
            for (place, _) in code.match_indices("unsafe") {
                let is = |c: char| c.is_alphanumeric() || c == '_';
                let (before, rest) = (&code[..place], &code[place + 6..]);
                if before.ends_with(is) || rest.starts_with(is) {
                    continue;
                }
                // `unsafe extern "C" fn` and the like: what follows may be in the text that was cut.
                let kind = kind(rest);
                *counts.entry((name.clone(), kind)).or_insert(0) += 1;
                // The reason stands above, within a statement's length.
                let above = lines[at.saturating_sub(12)..at].iter().rev();
                let mut above = above.take_while(|line| !line.trim().is_empty());
                if ["block", "impl"].contains(&kind) && !above.any(|line| line.contains("SAFETY: "))
                {
                    bare.push(format!("{name}:{}: {}", at + 1, line.trim()));
                }
            }
        }
    }
    (counts, bare)
}

#[test]
fn every_unsafe_is_on_the_list_and_has_a_reason_above() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (counts, bare) = found(root);
    assert!(bare.is_empty(), "no `SAFETY:` above: {bare:#?}");
    let mut list = String::from("# file, kind of unsafe, how many: `tests/unsafe.rs` holds this\n");
    for ((file, kind), count) in &counts {
        writeln!(list, "{file}\t{kind}\t{count}").expect("a string");
    }
    let path = root.join("tests/unsafe.tsv");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &list).expect("the list");
    }
    let held = fs::read_to_string(&path).unwrap_or_default();
    let differ = |a: &str, b: &str| {
        a.lines().filter(|line| !b.lines().any(|other| other == *line)).map(str::to_owned).collect()
    };
    let (new, gone): (Vec<_>, Vec<_>) = (differ(&list, &held), differ(&held, &list));
    assert!(
        new.is_empty() && gone.is_empty(),
        "unsafe that is not on tests/unsafe.tsv: {new:#?}\non it, and not there: {gone:#?}"
    );
}

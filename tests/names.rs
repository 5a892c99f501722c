//! Every public item is found by its C name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use barebpf::uapi::Cmd;

fn sources(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("src").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Public functions with the C names that they are also found by.
fn functions() -> Vec<(String, BTreeSet<String>)> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).expect("UTF-8");
        let mut aliases = BTreeSet::new();
        for line in text.lines() {
            if let Some(alias) = line.strip_prefix("#[doc(alias = \"") {
                aliases.insert(alias.trim_end_matches("\")]").to_owned());
            } else if let Some(rest) = line.strip_prefix("pub fn ") {
                let name = rest.split(['(', '<']).next().expect("a name").to_owned();
                found.push((name, std::mem::take(&mut aliases)));
            } else if !line.starts_with("#[") && !line.starts_with("///") {
                aliases.clear();
            }
        }
    }
    found
}

#[test]
fn every_command_is_a_function_of_its_name_and_is_found_by_it() {
    let functions = functions();
    // `obj_get_info_by_fd_map` is an arm of OBJ_GET_INFO_BY_FD, and none of OBJ_GET.
    let command_of = |function: &str| {
        let names = Cmd::KNOWN.iter().map(|(_, c_name)| *c_name);
        let begins = names.filter(|c_name| {
            let name = c_name.trim_start_matches("BPF_").to_lowercase();
            function.strip_prefix(&name).is_some_and(|arm| arm.is_empty() || arm.starts_with('_'))
        });
        begins.max_by_key(|c_name| c_name.len())
    };
    let mut reached = BTreeSet::from(["BPF_COMMON_ATTRS"]);
    for (function, aliases) in &functions {
        if let Some(command) = command_of(function) {
            assert!(aliases.contains(command), "{function} is not found by {command}: {aliases:?}");
            reached.insert(command);
        }
        // A command of two names has one function.
        reached.extend(
            Cmd::KNOWN.iter().map(|(_, name)| *name).filter(|name| aliases.contains(*name)),
        );
    }
    let missing: Vec<_> = Cmd::KNOWN.iter().filter(|(_, name)| !reached.contains(name)).collect();
    assert!(missing.is_empty(), "no function for {missing:?}");
}

#[test]
fn every_struct_is_found_by_its_c_name() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/uapi"), &mut files);
    let mut structs = 0;
    for file in files.iter().filter(|file| !file.ends_with("macros.rs")) {
        let text = fs::read_to_string(file).expect("UTF-8");
        let mut alias = None;
        for line in text.lines().map(str::trim) {
            if let Some(name) = line.strip_prefix("#[doc(alias = \"") {
                alias = Some(name.trim_end_matches("\")]").to_owned());
            } else if line.starts_with("pub struct ") {
                // `pub struct Obj = "union bpf_attr", 24 bytes {`
                if let Some((_, rest)) = line.split_once(" = \"") {
                    let c_type = rest.split(['"', '.']).next().expect("a C type");
                    let c_name = c_type.split(' ').next_back().expect("its name");
                    assert_eq!(alias.as_deref(), Some(c_name), "{line}");
                    structs += 1;
                }
                alias = None;
            }
        }
    }
    assert!(structs > 40, "{structs} structs: they are not written as this test reads them");
}

//! Misuse does not compile, and says why; each case has a twin that differs in what is wrong alone, and
//! compiles.
//!
//! The messages are the compiler's: held word by word for the release that `tests/misuse/release` names, and
//! for others by their errors' first lines and how many they are. `BLESS=1 cargo test --test misuse`
//! writes them anew. Targets that are refused are held by `tests/refused`.

use std::fs;
use std::path::Path;
use std::process::Command;

/// What is wrong, and the twin.
const CASES: &[(&str, &str)] = &[
    ("map_for_tasks", "map_for_elements"),
    ("descriptor_after_close", "descriptor_before_close"),
    ("log_outlives_buffer", "log_within_buffer"),
    ("buffer_under_log", "buffer_after_log"),
    ("records_of_bools", "records_of_numbers"),
    ("records_of_nothing", "records_of_something"),
    ("record_kept", "record_copied"),
];

/// The compiler's release: `1.95`.
fn release() -> String {
    let output = Command::new(env!("CARGO")).arg("--version").output().expect("cargo");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let version = text.split(' ').nth(1).expect("cargo 1.95.0 (…)");
    version.rsplit_once('.').expect("three numbers").0.to_owned()
}

/// The first line of each error: what does not change with each release.
fn errors(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("error")).collect()
}

#[test]
fn misuse_does_not_compile_and_says_why() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (held, made) = (root.join("tests/misuse"), root.join("target/misuse"));
    let _ = fs::remove_dir_all(&made);
    fs::create_dir_all(&made).expect("a directory");
    // Copies without their messages: these are made, and compared here.
    // SAFETY: this is the only test of this process: no other thread looks at the environment.
    unsafe { std::env::set_var("TRYBUILD", "overwrite") };
    let cases = trybuild::TestCases::new();
    let mut names = Vec::new();
    for (wrong, right) in CASES {
        for name in [wrong, right] {
            let file = format!("{name}.rs");
            fs::copy(held.join(&file), made.join(&file)).expect("a copy");
            names.push(file);
        }
        cases.compile_fail(format!("target/misuse/{wrong}.rs"));
        cases.pass(format!("target/misuse/{right}.rs"));
    }
    // Runs them all, and panics unless each does as said.
    drop(cases);

    let bless = std::env::var_os("BLESS").is_some();
    if bless {
        fs::write(held.join("release"), release() + "\n").expect("the release");
    }
    let same = fs::read_to_string(held.join("release")).expect("a release").trim() == release();
    for (wrong, _) in CASES {
        let file = format!("{wrong}.stderr");
        names.push(file.clone());
        let now = fs::read_to_string(made.join(&file)).expect("what the compiler said");
        let root = format!("{}/", root.display());
        let now = now.replace(&root, "").replace("target/misuse/", "tests/misuse/");
        if bless {
            fs::write(held.join(&file), &now).expect("a message");
        }
        let then = fs::read_to_string(held.join(&file)).unwrap_or_default();
        if same {
            assert_eq!(now, then, "{file}");
        } else {
            assert_eq!(errors(&now), errors(&then), "{file}");
        }
    }

    // No case is forgotten.
    names.push("release".into());
    for file in fs::read_dir(held).expect("cases").flatten() {
        let name = file.file_name().into_string().expect("UTF-8");
        assert!(names.contains(&name), "{name} is on no list");
    }
}

//! The examples `links`, `records` and `replace`, as a user meets them; `tasks` has a file of its own.

#[path = "common/attach.rs"]
mod attach;
mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use attach::{Cgroup, ingress};
use barebpf::link::link_create;
use barebpf::uapi::AttachType;
use common::{Bpffs, privileged};

/// Cargo builds the examples beside the tests.
fn example(name: &str) -> PathBuf {
    let tests = std::env::current_exe().expect("this file");
    let dir = tests.parent().and_then(Path::parent).expect("target/debug");
    let example = dir.join("examples").join(name);
    assert!(example.exists(), "cargo builds examples before it runs tests");
    example
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The lines behind `$ …` in the header of the example.
fn header(name: &str) -> Vec<String> {
    let path = format!("{}/examples/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    let source = std::fs::read_to_string(path).expect("the example");
    let doc = source.lines().map_while(|line| line.strip_prefix("//!"));
    let block = doc.skip_while(|line| !line.contains("```text")).skip(2);
    block.take_while(|line| !line.contains("```")).map(|line| line[1..].to_owned()).collect()
}

/// Sixty lines each, beside what all of them share: `why`, above all what they say when something fails.
#[test]
fn each_example_is_short_beside_what_they_share_and_shows_what_comes_out() {
    let dir = std::fs::read_dir(format!("{}/examples", env!("CARGO_MANIFEST_DIR")));
    let paths = dir.expect("the examples").map(|entry| entry.expect("an entry").path());
    let (mut names, shared): (Vec<_>, Vec<_>) = paths.partition(|path| path.extension().is_some());
    assert!(matches!(&*shared, [why] if why.ends_with("why")), "{shared:?}");
    names.sort();
    for path in &names {
        let source = std::fs::read_to_string(path).expect("the example");
        assert!(source.lines().count() <= 60, "{} is short", path.display());
        let name = path.file_stem().expect("a name").to_str().expect("UTF-8");
        assert!(!header(name).is_empty(), "{name}");
        assert!(source.contains(&format!("//! $ cargo run --release --example {name}")), "{name}");
    }
    let names: Vec<_> = names.iter().filter_map(|path| path.file_stem()?.to_str()).collect();
    assert_eq!(names, ["links", "records", "replace", "tasks"]);
}

#[test]
fn a_reader_that_goes_away_is_no_failure_of_any_example() {
    if !privileged() {
        return;
    }
    let bpffs = Bpffs::new();
    let path = bpffs.path("greeting");
    for (name, arg) in
        [("links", None), ("records", None), ("replace", Some(&path)), ("tasks", None)]
    {
        // A pipe that nobody reads, whether its writers die of that or are told.
        for ignore in ["", "trap '' PIPE; "] {
            let script = format!("{ignore}sleep 0.1; exec \"$@\"");
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            let errors = writer.try_clone().expect("a descriptor");
            let mut command = Command::new("bash");
            command.args(["-c", &script, "-"]).arg(example(name)).args(arg);
            let output = run(command.stdout(writer));
            let stderr = text(&output.stderr);
            // Or the signal, as `cat` would have it.
            let quiet = output.status.success() || output.status.code() == Some(141);
            let signal = std::os::unix::process::ExitStatusExt::signal(&output.status);
            assert!(
                quiet || signal == Some(libc::SIGPIPE),
                "{name}: {:?}: {stderr}",
                output.status
            );
            assert!(!stderr.contains("panicked") && !stderr.contains("EPIPE"), "{name}: {stderr}");
            // And nobody who reads what it says beside that.
            let mut command = Command::new("bash");
            command.args(["-c", &script, "-"]).arg(example(name)).args(arg).stderr(errors);
            let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
            let status = status.expect("it starts");
            let signal = std::os::unix::process::ExitStatusExt::signal(&status);
            assert!(status.success() || signal == Some(libc::SIGPIPE), "{name}: {status:?}");
            assert!(!path.exists(), "{name} leaves nothing");
        }
    }
}

/// The README shows what the header of `replace` shows, which a test below holds against what comes out.
#[test]
fn the_readme_has_the_transcript_of_replace_as_it_comes_out() {
    let readme = std::fs::read_to_string(format!("{}/README.md", env!("CARGO_MANIFEST_DIR")));
    let command = "$ cargo run --release --example replace -- /sys/fs/bpf/greeting";
    let block = format!("```text\n{command}\n{}\n```", header("replace").join("\n"));
    assert!(readme.expect("the README").contains(&block), "{block}");
}

/// One line that has all of `words` in it, and exit status 1.
fn fails_with(output: &Output, words: &[&str]) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "one line: {stderr}");
    assert!(words.iter().all(|word| stderr.contains(word)), "{words:?} in {stderr}");
}

/// What it says without capabilities.
fn without_capabilities(name: &str, args: &[&str]) -> Output {
    let none = ["--bounding-set=-all", "--inh-caps=-all"];
    run(Command::new("setpriv").args(none).arg(example(name)).args(args))
}

#[test]
fn the_table_of_links_has_those_that_are_there() {
    if !privileged() {
        return;
    }
    let cgroup = Cgroup::new();
    let prog = ingress();
    let target = barebpf::attach::Target::Fd(cgroup.fd());
    let link = link_create(prog.as_fd(), target, AttachType::CGROUP_INET_INGRESS, 0);
    let link = link.expect("a link");
    let output = run(&mut Command::new(example("links")));
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    let expected = header("links");
    assert_eq!(stdout.lines().next(), Some(expected[0].as_str()));
    assert_eq!(stderr, format!("{} links\n", stdout.lines().count() - 1));

    let inode = std::os::unix::fs::MetadataExt::ino(&cgroup.dir().metadata().expect("it is there"));
    let row = format!(
        "{:6} {:15} {:6} cgroup {inode}",
        attach::id(link.as_fd(), "link_id"),
        "cgroup",
        attach::id(prog.as_fd(), "prog_id"),
    );
    assert!(stdout.lines().any(|line| line == row), "{row:?} in {stdout}");
    // The columns of the header's example are those of the program.
    for line in &expected[1..expected.len() - 1] {
        assert!(line.len() > 30 && !line.ends_with(' ') && line.as_bytes()[22] == b' ', "{line:?}");
    }

    fails_with(&without_capabilities("links", &[]), &["LINK_GET_NEXT_ID", "EPERM"]);
}

#[test]
fn a_million_records_come_out_of_the_map() {
    if !privileged() {
        return;
    }
    let output = run(&mut Command::new(example("records")));
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stdout.lines().collect::<Vec<_>>(), header("records")[..1]);
    assert!(stderr.ends_with(" million a second\n"), "{stderr}");
    println!("note: records: {}", stderr.trim_end());

    let output = without_capabilities("records", &[]);
    fails_with(&output, &["MAP_CREATE", "EPERM", "CAP_BPF"]);
}

#[test]
fn a_pinned_iterator_is_read_replaced_and_read_again() {
    if !privileged() {
        return;
    }
    let bpffs = Bpffs::new();
    let path = bpffs.path("greeting");
    let output = run(Command::new(example("replace")).arg(&path));
    assert!(output.status.success(), "{}", text(&output.stderr));
    let lines =
        header("replace").join("\n").replace("/sys/fs/bpf/greeting", path.to_str().unwrap());
    assert_eq!(text(&output.stdout).trim_end(), lines);
    assert!(!path.exists(), "it is gone again");

    let output = run(Command::new(example("replace")).arg("/no/such/directory"));
    fails_with(&output, &["OBJ_PIN", "ENOENT"]);
    assert_eq!(run(&mut Command::new(example("replace"))).status.code(), Some(2));
    fails_with(&without_capabilities("replace", &["x"]), &["PROG_LOAD", "EPERM"]);
}

//! The example `tasks`, as a user meets it.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{Bpffs, Task, privileged, proc_tasks, until};

/// Cargo builds the examples beside the tests.
fn tasks() -> PathBuf {
    let tests = std::env::current_exe().expect("this file");
    let dir = tests.parent().and_then(Path::parent).expect("target/debug");
    let tasks = dir.join("examples/tasks");
    assert!(tasks.exists(), "cargo builds examples before it runs tests");
    tasks
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).output().expect("it starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What the table says, line by line.
fn table(stdout: &str) -> BTreeMap<u32, (u32, String)> {
    let mut lines = stdout.lines();
    assert_eq!(lines.next(), Some("    TID    TGID COMM"));
    let row = |line: &str| {
        // Columns of 7, 1, 7 and 1, then the name as it is.
        assert!(line.len() >= 16 && line.as_bytes()[7] == b' ', "aligned: {line:?}");
        let number = |part: &str| part.trim().parse().expect("a number");
        (number(&line[..7]), (number(&line[8..15]), line[16..].to_owned()))
    };
    lines.map(row).collect()
}

#[test]
fn the_table_agrees_with_proc() {
    if !privileged() {
        return;
    }
    let before = proc_tasks();
    let output = run(&mut Command::new(tasks()));
    let after = proc_tasks();
    assert_eq!(text(&output.stderr), format!("{} tasks\n", table(&text(&output.stdout)).len()));
    assert!(output.status.success());

    let mut seen = table(&text(&output.stdout));
    assert!(seen.len() > 10, "a system has more tasks than that");
    let (mut lasted, mut named) = (0, 0);
    for (tid, Task { tgid, comm, start }) in &before {
        // The number of one that ended may be another's by now.
        let Some(later) = after.get(tid).filter(|later| later.start == *start) else { continue };
        let (seen_tgid, seen_comm) = seen.remove(tid).unwrap_or_else(|| panic!("{tid} {comm}"));
        assert_eq!(seen_tgid, *tgid, "{tid}");
        lasted += 1;
        // A thread may take another name, and one that runs other programs takes several on its way.
        if later.comm == *comm {
            named += 1;
            // `/proc` makes up longer names for kernel workers.
            let same = comm.starts_with(seen_comm.trim_end()) || *comm == seen_comm;
            assert!(same, "{tid}: {seen_comm:?} is {comm:?}");
        }
    }
    assert!(lasted > 10 && named * 2 > lasted, "{named} of {lasted} kept their names");
    // What is left came or went meanwhile. A listing of /proc ends early where a thread does: one of those
    // that are to come has it.
    until("all that are alive are in /proc", || {
        let there = proc_tasks();
        seen.retain(|tid, _| Path::new(&format!("/proc/{tid}")).exists());
        seen.keys().all(|tid| before.contains_key(tid) || there.contains_key(tid))
    });
}

#[test]
fn a_pinned_table_is_made_afresh_each_time_it_is_read() {
    if !privileged() {
        return;
    }
    let bpffs = Bpffs::new();
    let path = bpffs.path("tasks");
    let output = run(Command::new(tasks()).arg("--pin").arg(&path));
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains(&format!("rm {}", path.display())), "how to remove it");

    let mut child = Command::new("sleep").arg("60").spawn().expect("sleep");
    let comm = format!("/proc/{}/comm", child.id());
    while fs::read_to_string(&comm).expect("it sleeps") != "sleep\n" {
        std::thread::yield_now();
    }
    let with = table(&fs::read_to_string(&path).expect("the pinned file"));
    child.kill().expect("it is ours");
    child.wait().expect("it is ours");
    let without = table(&fs::read_to_string(&path).expect("the pinned file"));
    assert_eq!(with.get(&child.id()), Some(&(child.id(), "sleep".to_owned())));
    assert_eq!(without.get(&child.id()), None);

    fs::remove_file(&path).expect("as the program said");
}

/// One line that has all of `words` in it, exit status 1, and nothing printed as a result.
fn fails_with(output: &Output, words: &[&str]) {
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert_eq!(stderr.lines().count(), 1, "one line: {stderr}");
    assert!(words.iter().all(|word| stderr.contains(word)), "{words:?} in {stderr}");
    assert_eq!(text(&output.stdout), "");
}

#[test]
fn a_name_that_is_taken_stays_as_it_is() {
    if !privileged() {
        return;
    }
    let bpffs = Bpffs::new();
    let path = bpffs.path("tasks");
    assert!(run(Command::new(tasks()).arg("--pin").arg(&path)).status.success());
    let inode = || std::os::unix::fs::MetadataExt::ino(&fs::metadata(&path).expect("pinned"));
    let before = inode();
    let output = run(Command::new(tasks()).arg("--pin").arg(&path));
    fails_with(&output, &["OBJ_PIN", "EEXIST", "taken"]);
    assert_eq!(inode(), before);
}

#[test]
fn a_path_that_is_not_on_bpffs_gets_no_file() {
    if !privileged() {
        return;
    }
    let path = std::env::temp_dir().join(format!("barebpf-tasks-{}", std::process::id()));
    let output = run(Command::new(tasks()).arg("--pin").arg(&path));
    fails_with(&output, &["OBJ_PIN", "EPERM", "bpffs"]);
    assert!(!path.exists());

    let bpffs = Bpffs::new();
    // The kernel may have put files of its own there.
    let names = || fs::read_dir(bpffs.dir()).expect("the mount").count();
    let before = names();
    let output = run(Command::new(tasks()).arg("--pin").arg(bpffs.path("no/such")));
    fails_with(&output, &["OBJ_PIN", "ENOENT", "directory"]);
    let output = run(Command::new(tasks()).arg("--pin").arg(bpffs.path("a.b")));
    fails_with(&output, &["OBJ_PIN", "EPERM", "'.'"]);
    assert_eq!(names(), before);
}

#[test]
fn without_the_capabilities_it_says_what_is_missing() {
    if !privileged() {
        return;
    }
    let program = std::env::temp_dir().join(format!("barebpf-tasks-exe-{}", std::process::id()));
    // By another process: if this one had it open to write while another test starts a child, that child
    // would have it open too, and nobody could run it.
    common::run("cp", &[tasks().to_str().expect("UTF-8"), program.to_str().expect("UTF-8")]);
    // Nobody; root without capabilities; CAP_BPF (39) alone, which is not enough for tracing.
    for args in [
        &["--reuid=65534", "--clear-groups"][..],
        &["--bounding-set=-all", "--inh-caps=-all"],
        &["--bounding-set=-all,+bpf", "--inh-caps=-all"],
    ] {
        let output = run(Command::new("setpriv").args(args).arg(&program));
        fails_with(&output, &["PROG_LOAD", "EPERM", "CAP_BPF", "CAP_PERFMON"]);
    }
    fs::remove_file(&program).expect("our copy");
}

#[test]
fn without_btf_it_says_that_the_kernel_has_none() {
    if !privileged() {
        return;
    }
    let hide = "mount -t tmpfs none /sys/kernel/btf && exec \"$0\"";
    let output = run(Command::new("unshare").args(["-m", "sh", "-c", hide]).arg(tasks()));
    fails_with(&output, &["BTF", "CONFIG_DEBUG_INFO_BTF"]);
}

#[test]
fn a_wrong_option_gets_the_usage() {
    for args in [&["--help-me"][..], &["--pin"], &["--pin", "a", "b"], &["x"]] {
        let output = run(Command::new(tasks()).args(args));
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).starts_with("usage: tasks [--pin PATH]"), "{args:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    if !privileged() {
        return;
    }
    let script = "set -o pipefail; \"$0\" | head -1";
    let output = run(Command::new("bash").args(["-c", script]).arg(tasks()));
    // Through to the end before `head` was, or ended by SIGPIPE as `cat` would be.
    assert!(matches!(output.status.code(), Some(0 | 141)), "{:?}", output.status);
    assert_eq!(text(&output.stdout), "    TID    TGID COMM\n");
    let stderr = text(&output.stderr);
    assert!(stderr.is_empty() || stderr.ends_with(" tasks\n"), "{stderr}");
}

/// The program under `strace` with these options, or `None` and the reason.
fn traced(options: &[&str], args: &[&Path]) -> Option<Output> {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: there is no strace (package strace)");
        return None;
    }
    Some(run(Command::new("strace").args(options).arg(tasks()).args(args)))
}

#[test]
fn what_the_kernel_refuses_is_said_in_one_line() {
    if !privileged() {
        return;
    }
    // Another kernel's answer to the first, second, third `bpf(2)`: a program refused without a log,
    // no such target, no links, no iterators.
    for (when, errno, words) in [
        (1, "EACCES", &["PROG_LOAD", "EACCES (13)", "5.8"][..]),
        (1, "EINVAL", &["PROG_LOAD", "EINVAL (22)", "5.8"]),
        (1, "ENOSYS", &["PROG_LOAD", "ENOSYS (38)", "CONFIG_BPF_SYSCALL"]),
        (2, "EINVAL", &["LINK_CREATE", "EINVAL (22)", "5.8"]),
        (3, "EINVAL", &["ITER_CREATE", "EINVAL (22)", "5.8"]),
    ] {
        let inject = format!("inject=bpf:error={errno}:when={when}");
        let Some(output) = traced(&["-o", "/dev/null", "-e", &inject], &[]) else { return };
        fails_with(&output, words);
    }
}

#[test]
fn a_pass_that_breaks_off_leaves_nothing_pinned() {
    if !privileged() {
        return;
    }
    let bpffs = Bpffs::new();
    let path = bpffs.path("tasks");
    // Which read is the first of the iterator's.
    let Some(output) = traced(&["-e", "trace=read"], &[]) else { return };
    let trace = text(&output.stderr);
    let reads = trace.lines().filter(|line| line.starts_with("read("));
    let first = 1 + reads.take_while(|line| !line.contains("TGID COMM")).count();

    let inject = format!("inject=read:error=ENOMEM:when={first}");
    let options = ["-o", "/dev/null", "-e", &inject];
    let output = traced(&options, &[Path::new("--pin"), &path]).expect("it is there");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("read: ENOMEM (12)"), "{}", text(&output.stderr));
    assert!(!path.exists());
}

#[test]
fn nothing_is_read_from_proc() {
    if !privileged() {
        return;
    }
    let Some(trace) = traced(&["-f", "-e", "trace=%file,bpf", "-o", "/dev/stderr"], &[]) else {
        return;
    };
    let stderr = text(&trace.stderr);
    let opened = stderr.lines().filter(|line| line.contains("\"/proc"));
    assert_eq!(opened.collect::<Vec<_>>(), Vec::<&str>::new());
    for call in ["BPF_PROG_LOAD", "BPF_LINK_CREATE", "BPF_ITER_CREATE"] {
        assert_eq!(stderr.matches(call).count(), 1, "{call} in {stderr}");
    }
}

//! The commands of the board tool on this machine, held to what `/proc`, `bpftool` and the crate say.

mod common;
#[path = "common/walk.rs"]
mod walk;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use barebpf::info::obj_get_info_by_fd_map;
use barebpf::iter::{self, TaskInfo, link_create_iter};
use barebpf::map::{self, map_create};
use barebpf::uapi::MapType;
use barebpf::{Log, obj};
use common::{Bpffs, privileged};

/// The tool for this machine, built once; `None` and the reason where it cannot be.
fn tool() -> Option<Command> {
    static PATH: OnceLock<Option<String>> = OnceLock::new();
    let path = PATH.get_or_init(|| {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let built = Command::new(root.join("targets/build"))
            .args([std::env::consts::ARCH, "barebpf"])
            .output();
        match built {
            Ok(built) if built.status.success() => {
                Some(text(&built.stdout).split(' ').next()?.to_owned())
            }
            built => {
                let why = built.map_or_else(|error| error.to_string(), |it| text(&it.stderr));
                assert!(!why.contains("error["), "{why}");
                println!("skipped: the tool cannot be built: {}", why.lines().next()?);
                None
            }
        }
    });
    (privileged() && path.is_some()).then(|| Command::new(path.as_ref().expect("a path")))
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn run(args: &[&str]) -> Option<Output> {
    Some(tool()?.args(args).stdin(Stdio::null()).output().expect("it runs"))
}

/// What it prints when all is well.
fn prints(args: &[&str]) -> Option<String> {
    let output = run(args)?;
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    assert!(output.stderr.is_empty(), "{args:?}: {}", text(&output.stderr));
    Some(text(&output.stdout))
}

/// The objects that it prints, one a line, as Python's parser sees them: texts as their bytes in hex.
fn objects(args: &[&str]) -> Option<Vec<BTreeMap<String, String>>> {
    const PARSE: &str = "import sys, json
for line in sys.stdin.buffer.read().decode('ascii').splitlines():
    it = json.loads(line)
    assert isinstance(it, dict)
    print('\\t'.join(k + '=' + (v.encode('latin1').hex() if isinstance(v, str) else str(v))
                    for k, v in it.items()))";
    let json = prints(&[args, &["--json"]].concat())?;
    let mut python = Command::new("python3")
        .args(["-c", PARSE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut stdin = python.stdin.take().expect("a pipe");
    let feed = std::thread::spawn(move || stdin.write_all(json.as_bytes()).expect("it reads"));
    let output = python.wait_with_output().expect("it ends");
    feed.join().expect("all of it");
    assert!(output.status.success());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').expect("a pair");
        (name.to_owned(), value.to_owned())
    };
    let parsed = text(&output.stdout);
    Some(parsed.lines().map(|line| line.split('\t').map(pair).collect()).collect())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One line that names the command, the call and the errno; exit status 1; nothing on the standard output.
fn fails(args: &[&str], words: &[&str]) {
    let Some(output) = run(args) else { return };
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{args:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{stderr}");
    assert!(stderr.starts_with(&format!("barebpf {}: ", args[0])), "{stderr}");
    assert!(words.iter().all(|word| stderr.contains(word)), "{words:?}: {stderr}");
    assert!(output.stdout.is_empty());
}

#[test]
fn tasks_are_those_of_proc() {
    let comm = |tid: &str| fs::read(format!("/proc/{tid}/comm")).ok();
    let Some(tasks) = objects(&["tasks"]) else { return };
    let mut same = 0;
    for task in &tasks {
        // Those that lasted; some change their names.
        let Ok(status) = fs::read_to_string(format!("/proc/{}/status", task["tid"])) else {
            continue;
        };
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("a line");
            line.split_whitespace().next().expect("a value").to_owned()
        };
        assert_eq!([&task["pid"], &task["tid"]], [&field("Tgid:"), &field("Pid:")]);
        let name = comm(&task["tid"]).unwrap_or_default();
        // `/proc` decorates those of the kernel's workers.
        same += u32::from(hex(name.trim_ascii_end()).starts_with(&task["command"]));
    }
    assert!(same as usize * 10 >= tasks.len() * 8, "{same} of {}", tasks.len());
    let me = tasks.iter().find(|task| task["tid"] == std::process::id().to_string());
    assert_eq!(me.expect("this process")["ppid"], std::os::unix::process::parent_id().to_string());
    let table = prints(&["tasks"]).expect("it ran before");
    assert_eq!(table.lines().next(), Some("    PID     TID    PPID        UID S COMMAND"));
    assert!(table.lines().count() * 10 >= tasks.len() * 9);
}

#[test]
fn open_files_are_those_of_proc_with_any_name() {
    if tool().is_none() {
        return;
    }
    let dir = std::env::temp_dir().join(format!("barebpf-tool-{}", std::process::id()));
    fs::create_dir(&dir).expect("a new directory");
    let path = dir.join(OsStr::from_bytes(b"a\"b\\c\nd\te\x01f\x7fg\xc3\xa9h\xffi"));
    let file = File::create(&path).expect("a file");
    let mut child = Command::new("sleep").arg("60").stdin(file).spawn().expect("a child");
    let pid = child.id().to_string();
    // Until it has read its libraries, and sleeps.
    let asleep = || {
        let call = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
        let nap = libc::SYS_clock_nanosleep.to_string();
        call.split(' ').next() == Some(&nap)
    };
    for _ in 0..500 {
        if asleep() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let found = objects(&["files", "--pid", &pid]);
    let table = prints(&["files", "--pid", &pid]);
    let mut wanted = BTreeMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd")).expect("its files") {
        let entry = entry.expect("a name");
        let target = fs::read_link(entry.path()).expect("where it leads");
        let bytes = target.as_os_str().as_bytes().to_owned();
        wanted.insert(entry.file_name().into_string().expect("digits"), bytes);
    }
    child.kill().expect("it was there");
    child.wait().expect("its end");
    fs::remove_dir_all(&dir).expect("ours");
    let (Some(found), Some(table)) = (found, table) else { return };
    assert_eq!(found.len(), wanted.len());
    for file in found {
        let wanted = hex(&wanted[&file["fd"]]);
        assert_eq!((&file["name"], &file["pid"]), (&wanted, &pid));
    }
    assert!(table.contains("/a\"b\\c?d?e?f?g\u{e9}h"), "{table}");
    assert_eq!(table.lines().count(), wanted.len() + 1);
}

#[test]
fn a_name_of_any_bytes_is_one_string_of_json_and_one_line_of_text() {
    let name = *b"q\"b\\n\nt\t\x01\x7f\x80\xff'\0";
    let Some(mut tasks) = std::thread::spawn(move || {
        // SAFETY: the name ends with a NUL, and is only read.
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) }, 0);
        // SAFETY: it takes nothing.
        let tid = unsafe { libc::gettid() }.to_string();
        let me = std::process::id().to_string();
        let mut found = objects(&["tasks", "--pid", &me])?;
        found.retain(|task| task["tid"] == tid);
        let table = prints(&["tasks", "--pid", &me])?;
        let line = table.lines().find(|line| line.split_whitespace().nth(1) == Some(&tid));
        let line = line.expect("a line");
        assert!(line.ends_with(" q\"b\\n?t???\u{fffd}\u{fffd}'"), "{line}");
        Some(found)
    })
    .join()
    .expect("the thread") else {
        return;
    };
    assert_eq!(tasks.len(), 1);
    assert_eq!(tasks.remove(0)["command"], hex(&name[..name.len() - 1]));
}

#[test]
fn maps_programs_and_links_are_what_the_crate_and_bpftool_say() {
    if tool().is_none() {
        return;
    }
    let options = map::Options { name: "some_map", ..Default::default() };
    let map = map_create(MapType::LRU_HASH, 4, 24, 99, &options, &mut Log::none()).expect("a map");
    let map = obj_get_info_by_fd_map(map.as_fd()).map(|info| (info.id, map)).expect("its info");
    let prog = walk::each(iter::TASK, 1);
    let link = link_create_iter(&prog, TaskInfo::All).expect("a link");
    let find = |what: &str, name: &str, value: &str| {
        let mut found = objects(&[what]).expect("it ran before");
        found.retain(|object| object[name] == value);
        found.pop().unwrap_or_else(|| panic!("no {value} in {what}"))
    };
    let row = find("maps", "id", &map.0.to_string());
    for (name, value) in [("key", "4"), ("value", "24"), ("max_entries", "99"), ("flags", "0")] {
        assert_eq!(row[name], value);
    }
    assert_eq!([&row["type"], &row["name"]], [&hex(b"lru_hash"), &hex(b"some_map")]);
    assert_eq!(prints(&["count", "bpf_map_elem", "--map", &row["id"]]).expect("it ran"), "0\n");

    let mut buffers = barebpf::info::LinkBuffers::default();
    let info = barebpf::info::obj_get_info_by_fd_link(link.as_fd(), &mut buffers).expect("info");
    let row = find("links", "id", &info.id.to_string());
    assert_eq!([&row["type"], &row["at"]], [&hex(b"iter"), &hex(b"bpf_iter_task")]);
    let row = find("progs", "id", &row["prog"]);
    assert_eq!(row["type"], hex(b"tracing"));
    if Command::new("bpftool").arg("version").output().is_err() {
        println!("skipped: there is no bpftool");
        return;
    }
    let theirs = common::run("bpftool", &["-j", "prog", "show", "id", &row["id"]]);
    let tag = String::from_utf8(
        row["tag"]
            .as_bytes()
            .chunks(2)
            .map(|two| u8::from_str_radix(&text(two), 16).expect("hex"))
            .collect(),
    );
    assert!(theirs.contains(&format!("\"tag\":\"{}\"", tag.expect("digits"))), "{theirs}");
    let theirs = common::run("bpftool", &["-j", "map", "show", "id", &map.0.to_string()]);
    assert!(theirs.contains("\"type\":\"lru_hash\",\"name\":\"some_map\""), "{theirs}");
}

#[test]
fn targets_are_those_that_the_crate_finds_and_each_says_what_it_takes() {
    let Some(shown) = prints(&["targets"]) else { return };
    let mut window = [0; 4096];
    let mut btf = barebpf::btf::Btf::vmlinux(&mut window).expect("BTF");
    let mut wanted = Vec::new();
    iter::targets(&mut btf, |func, _| wanted.push(func["bpf_iter_".len()..].to_owned()))
        .expect("all");
    let mut found: Vec<_> =
        shown.lines().map(|line| line.split(' ').next().expect("a name").to_owned()).collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
    for (name, takes) in [("task", "--pid"), ("bpf_map_elem", "--map"), ("cgroup", "--cgroup")] {
        let line = shown.lines().find(|line| line.split(' ').next() == Some(name));
        assert!(line.expect("that target").ends_with(takes), "{line:?}");
    }
}

#[test]
fn a_count_is_of_what_was_asked_for() {
    let threads = || fs::read_dir("/proc/self/task").expect("/proc").count();
    let me = std::process::id().to_string();
    let before = threads();
    let Some(count) = prints(&["count", "task", "--pid", &me]) else { return };
    let (count, after) = (count.trim().parse().expect("a number"), threads());
    assert!(
        (before.min(after)..=before.max(after) + 8).contains(&count),
        "{before} {count} {after}"
    );
    let map = walk::hash(17);
    let bpffs = Bpffs::new();
    obj::obj_pin(map.as_fd(), &bpffs.c_path("map")).expect("a free name");
    let path = bpffs.path("map");
    let count = prints(&["count", "bpf_iter_bpf_map_elem", "--map", path.to_str().expect("UTF-8")]);
    assert_eq!(count.expect("it ran"), "17\n");
    let Some(cgroups) = prints(&["count", "cgroup", "--json"]) else { return };
    assert!(cgroups.starts_with("{\"target\":\"cgroup\",\"count\":"), "{cgroups}");
}

#[test]
fn what_is_pinned_is_read_replaced_shown_and_taken_away() {
    let Some(_) = tool() else { return };
    let bpffs = Bpffs::new();
    let path = bpffs.path("tasks");
    let name = path.to_str().expect("UTF-8");
    let names = || fs::read_dir(bpffs.dir()).expect("the mount").count();
    let before = names();
    assert_eq!(prints(&["pin", "tasks", name]).expect("it ran"), "");
    let title = "    PID     TID    PPID        UID S COMMAND\n";
    assert!(fs::read_to_string(&path).expect("any reader").starts_with(title));
    assert!(prints(&["cat", name]).expect("it ran").starts_with(title));
    fails(&["pin", "maps", name], &["obj_pin", "EEXIST", "taken"]);
    assert!(prints(&["cat", name]).expect("still that").starts_with(title));
    fails(&["replace", name, "maps"], &["link_update", "EINVAL", "target"]);
    let shown = prints(&["info", name]).expect("it ran");
    assert!(
        shown.starts_with("kind: link\nid: ") && shown.contains("\nat: bpf_iter_task\n"),
        "{shown}"
    );
    assert_eq!(prints(&["replace", name, "tasks"]).expect("it ran"), "");
    assert_ne!(prints(&["info", name]).expect("another program"), shown);
    assert_eq!(prints(&["unpin", name]).expect("it ran"), "");
    assert_eq!(names(), before);
    fails(&["unpin", name], &["obj_get", "ENOENT"]);
}

#[test]
fn only_objects_are_unpinned_and_only_iterators_are_replaced() {
    let Some(_) = tool() else { return };
    let bpffs = Bpffs::new();
    let plain = std::env::temp_dir().join(format!("barebpf-plain-{}", std::process::id()));
    fs::write(&plain, "kept").expect("a file");
    let link = plain.with_extension("link");
    let map = walk::hash(1);
    obj::obj_pin(map.as_fd(), &bpffs.c_path("map")).expect("a free name");
    std::os::unix::fs::symlink(bpffs.path("map"), &link).expect("a free name");
    fs::create_dir(bpffs.path("dir")).expect("a free name");
    let name = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    fails(&["unpin", &name(&plain)], &["obj_get", "EACCES", "bpffs"]);
    fails(&["unpin", &name(&link)], &["ELOOP"]);
    fails(&["unpin", &name(&bpffs.path("dir"))], &["obj_get"]);
    fails(&["replace", &name(&bpffs.path("map")), "tasks"], &["EINVAL", "iterator"]);
    fails(&["pin", "tasks", &name(&plain.with_extension("new"))], &["obj_pin", "EPERM", "bpffs"]);
    assert_eq!(fs::read(&plain).expect("it is there"), b"kept");
    assert!(link.is_symlink() && bpffs.path("map").exists() && bpffs.path("dir").is_dir());
    fs::remove_file(link).expect("ours");
    fs::remove_file(plain).expect("ours");
}

#[test]
fn wrong_words_are_usage_and_nothing_else_happens() {
    for args in [
        &[][..],
        &["nonesuch"],
        &["tasks", "x"],
        &["tasks", "--nonesuch"],
        &["tasks", "--pid"],
        &["tasks", "--pid", "x"],
        &["tasks", "--map", "1"],
        &["count"],
        &["count", "bpf_map_elem"],
        &["pin", "nonesuch", "/nonesuch"],
        &["pin", "tasks", "/nonesuch", "--json"],
        &["a", "b", "c", "d"],
    ] {
        let Some(output) = run(args) else { return };
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(output.stdout.is_empty() && stderr.lines().count() == 1, "{args:?}: {stderr}");
        assert!(stderr.contains("barebpf help"), "{stderr}");
    }
    let Some(help) = prints(&["help"]) else { return };
    assert!(help.starts_with("usage: barebpf COMMAND") && help.contains("\n  replace PATH WHAT"));
    assert_eq!(prints(&["--help"]), Some(help));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    if tool().is_none() {
        return;
    }
    for (signal, wanted) in [("", 13), ("trap '' PIPE;", 0)] {
        let mut shell = Command::new("bash");
        let script = format!("{signal} for i in 1 2 3; do \"$0\" files; done");
        let mut child = shell
            .args(["-c", &script])
            .arg(tool().expect("it was there").get_program())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("bash");
        drop(child.stdout.take());
        let output = child.wait_with_output().expect("its end");
        assert_eq!(text(&output.stderr), "");
        let status = output.status;
        let ended = status.signal().unwrap_or_else(|| status.code().expect("a status") & 127);
        assert_eq!(ended, wanted);
    }
    let full = File::options().write(true).open("/dev/full").expect("it is there");
    let status = tool().expect("there").args(["help"]).stdout(full).stderr(Stdio::null()).status();
    assert_eq!(status.expect("it runs").code(), Some(1));
}

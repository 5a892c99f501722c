//! The commands of the board tool on this machine, held to what `/proc`, `bpftool` and the crate say.

#[path = "common/attach.rs"]
mod attach;
mod common;
#[path = "common/walk.rs"]
mod walk;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write as _;
use std::os::fd::AsRawFd as _;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::UnixDatagram;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Barrier, OnceLock};

use attach::Cgroup;
use barebpf::asm::{self, PtrWidth};
use barebpf::attach::{Place, Target};
use barebpf::fd::BorrowedFd;
use barebpf::info::{
    LinkBuffers, ProgBuffers, obj_get_info_by_fd_link, obj_get_info_by_fd_map,
    obj_get_info_by_fd_prog,
};
use barebpf::iter::{self, CgroupFrom, CgroupInfo, TaskInfo, link_create_iter};
use barebpf::link::{link_create, link_create_tcx};
use barebpf::map::{self, map_create};
use barebpf::prog::{Options, raw_tracepoint_open};
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, Reg, Size};
use barebpf::uapi::{AttachType, CgroupIterOrder, MapCreateFlags, MapType, ProgType};
use barebpf::{Log, obj};
use common::{Bpffs, Task, agree, privileged, proc_tasks, until};

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

/// A value of JSON as Python's parser sees it: a number, or a text's UTF-8 in hex.
#[derive(Clone)]
struct Value {
    is_text: bool,
    value: String,
}

/// The objects that it prints, one a line.
fn parsed(args: &[&str]) -> Option<Vec<BTreeMap<String, Value>>> {
    const PARSE: &str = "import sys, json
for line in sys.stdin.buffer.read().decode().removesuffix('\\n').split('\\n'):
    it = json.loads(line, strict=True) if line else {}
    assert isinstance(it, dict)
    print('\\t'.join(k + '=' + ('t' + v.encode().hex() if isinstance(v, str) else 'n' + str(v))
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
        let (kind, value) = value.split_at(1);
        (name.to_owned(), Value { is_text: kind == "t", value: value.to_owned() })
    };
    let parsed = text(&output.stdout);
    Some(parsed.lines().map(|line| line.split('\t').map(pair).collect()).collect())
}

/// The same, by their values alone.
fn objects(args: &[&str]) -> Option<Vec<BTreeMap<String, String>>> {
    let values = |object: BTreeMap<String, Value>| {
        object.into_iter().map(|(name, it)| (name, it.value)).collect()
    };
    Some(parsed(args)?.into_iter().map(values).collect())
}

/// As JSON has it: what is not UTF-8 in a name becomes U+FFFD.
fn hex(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).bytes().map(|byte| format!("{byte:02x}")).collect()
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
    if tool().is_none() {
        return;
    }
    let before = proc_tasks();
    let tasks = objects(&["tasks"]).expect("it ran before");
    let table = prints(&["tasks"]).expect("it ran before");
    let after = proc_tasks();
    assert_eq!(table.lines().next(), Some("    PID     TID    PPID        UID S COMMAND"));
    let (mut lasted, mut named) = (0, 0);
    for (tid, Task { tgid, comm, start }) in &before {
        // The number of one that ended may be another's by now.
        let Some(later) = after.get(tid).filter(|later| later.start == *start) else { continue };
        let ids = [tgid.to_string(), tid.to_string()];
        let task = tasks.iter().find(|task| task["tid"] == ids[1]);
        let task = task.unwrap_or_else(|| panic!("no {ids:?}, {comm}, in {tasks:?}"));
        assert_eq!(task["pid"], ids[0], "{task:?}");
        let row = |line: &str| line.split_whitespace().take(2).eq(ids.iter().map(String::as_str));
        assert!(table.lines().any(row), "{ids:?}\n{table}");
        lasted += 1;
        // Some change their names; `/proc` decorates those of the kernel's workers.
        if later.comm == *comm {
            assert!(hex(comm.as_bytes()).starts_with(&task["command"]), "{task:?} is {comm:?}");
            named += 1;
        }
    }
    assert!(lasted > 10 && named * 2 > lasted, "{named} of {lasted} kept their names");
    let me = tasks.iter().find(|task| task["tid"] == std::process::id().to_string());
    assert_eq!(me.expect("this process")["ppid"], std::os::unix::process::parent_id().to_string());
}

#[test]
fn states_and_users_are_those_of_proc() {
    let Some(_) = tool() else { return };
    let field = |tid: &str, name: &str, nth: usize| {
        let status = fs::read_to_string(format!("/proc/{tid}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.split_whitespace().nth(nth).map(str::to_owned)
    };
    // Of another user; one sleeps, one is stopped.
    let other = |program: &str| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=4294967293", "--clear-groups", "sh", "-c", program]);
        command.spawn().expect("setpriv")
    };
    let mut children = [other("exec sleep 60"), other("kill -STOP $$")];
    for (child, (state, program)) in children.iter().zip([("S", &b"sleep\n"[..]), ("T", b"sh\n")]) {
        let tid = child.id().to_string();
        let from = std::time::Instant::now();
        while field(&tid, "State:", 0).as_deref() != Some(state)
            || field(&tid, "Uid:", 1).as_deref() != Some("4294967293")
            || fs::read(format!("/proc/{tid}/comm")).expect("it lives") != program
        {
            assert!(from.elapsed().as_secs() < 10, "{state}");
            std::thread::yield_now();
        }
    }
    let tasks = objects(&["tasks"]).expect("it ran before");
    for (child, state) in children.iter().zip(["S", "T"]) {
        let tid = child.id().to_string();
        let task = tasks.iter().find(|task| task["tid"] == tid).expect("it lives");
        assert_eq!([&task["s"], &task["uid"]], [&hex(state.as_bytes()), "4294967293"], "{task:?}");
    }
    let (mut seen, mut same) = (0, 0);
    for task in &tasks {
        if let Some(state) = field(&task["tid"], "State:", 0) {
            seen += 1;
            same += u32::from(hex(state.as_bytes()) == task["s"]);
        }
    }
    assert!(same * 10 >= seen * 8, "{same} of {seen}");
    for child in &mut children {
        child.kill().expect("ours");
        child.wait().expect("ours");
    }
    // In a column of its own, whatever stands in it.
    let table = prints(&["tasks"]).expect("it ran before");
    let title = table.lines().next().expect("a title");
    let place = title.find(" S ").expect("a column");
    for line in table.lines().skip(1) {
        assert!(
            line.as_bytes()[place..].iter().step_by(2).take(2).all(|byte| *byte == b' '),
            "{line}"
        );
    }
}

/// A child that ends with the test, however that ends.
struct Ended(std::process::Child);

impl Drop for Ended {
    fn drop(&mut self) {
        self.0.kill().expect("ours");
        self.0.wait().expect("ours");
    }
}

/// Writes this in the end: what is frozen does not end.
struct Thawed(PathBuf, &'static str);

impl Drop for Thawed {
    fn drop(&mut self) {
        fs::write(&self.0, self.1).expect("it was frozen by that");
    }
}

/// Freezes tasks in this cgroup, by what is written there, and looks at the column of states.
fn hold_frozen(
    cgroup: &Path,
    (file, freeze, thaw): (&str, &str, &'static str),
    is_frozen: impl Fn() -> bool,
) {
    let state = |tid: &str| {
        let status = fs::read_to_string(format!("/proc/{tid}/status")).expect("it lives");
        let line = status.lines().find_map(|line| line.strip_prefix("State:")).expect("a state");
        line.trim().split(' ').next().expect("a letter").to_owned()
    };
    // One that has nothing to do, one that has all the time, and one that was stopped before.
    let scripts = ["exec sleep 600", "while :; do :; done", "kill -STOP $$; exec sleep 600"];
    let children = scripts.map(|script| {
        Ended(Command::new("sh").args(["-c", script]).stdin(Stdio::null()).spawn().expect("sh"))
    });
    let tids = children.each_ref().map(|child| child.0.id().to_string());
    until("they are what they are to be", || {
        tids.each_ref().map(|tid| state(tid)) == ["S", "R", "T"].map(str::to_owned)
    });
    tids.iter().for_each(|tid| fs::write(cgroup.join("cgroup.procs"), tid).expect("it lives"));
    let thawed = Thawed(cgroup.join(file), thaw);
    fs::write(&thawed.0, freeze).expect("a cgroup can be frozen");
    until("they are frozen", is_frozen);
    let tasks = objects(&["tasks"]).expect("it ran before");
    let table = prints(&["tasks"]).expect("it ran before");
    let place = table.find(" S ").expect("a column") + 1;
    for tid in &tids {
        let real = state(tid);
        // Nobody runs; kernels differ in what they say instead.
        assert_ne!(real, "R", "it is frozen");
        let task = tasks.iter().find(|task| task["tid"] == *tid).expect("it lives");
        assert_eq!(task["s"], hex(real.as_bytes()), "{task:?} is {real}");
        let row = table.lines().find(|line| line.split_whitespace().nth(1) == Some(tid));
        assert_eq!(row.expect("it lives")[place..][..1], real, "{row:?}");
    }
    drop(thawed);
    drop(children);
}

#[test]
fn tasks_in_a_frozen_cgroup_are_in_the_state_that_proc_says() {
    let Some(_) = tool() else { return };
    let cgroup = Cgroup::new();
    let events = || fs::read_to_string(cgroup.dir().join("cgroup.events")).expect("events");
    hold_frozen(cgroup.dir(), ("cgroup.freeze", "1", "0"), || events().contains("frozen 1"));
    // It is left a little later than one has ended.
    until("nobody is in it", || events().contains("populated 0"));
}

#[test]
fn tasks_that_the_first_sort_of_cgroups_froze_are_in_the_state_that_proc_says() {
    let Some(_) = tool() else { return };
    let mount = std::env::temp_dir().join(format!("barebpf-freezer-{}", std::process::id()));
    fs::create_dir(&mount).expect("a new directory");
    let mounted = Command::new("mount")
        .args(["-t", "cgroup", "-o", "freezer", "none"])
        .arg(&mount)
        .output()
        .expect("mount");
    if mounted.status.success() {
        let cgroup = mount.join(format!("barebpf-{}", std::process::id()));
        fs::create_dir(&cgroup).expect("a new cgroup");
        let held = std::panic::catch_unwind(|| {
            let state = || fs::read_to_string(cgroup.join("freezer.state")).expect("a state");
            hold_frozen(&cgroup, ("freezer.state", "FROZEN", "THAWED"), || state() == "FROZEN\n");
        });
        until("nobody is in it", || fs::remove_dir(&cgroup).is_ok());
        common::unmount(&mount);
        fs::remove_dir(&mount).expect("an empty directory");
        if let Err(panic) = held {
            std::panic::resume_unwind(panic);
        }
    } else {
        fs::remove_dir(&mount).expect("an empty directory");
        println!("skipped: no freezer of the first sort: {}", text(&mounted.stderr).trim());
    }
}

#[test]
fn a_pass_of_any_program_is_given_as_it_is() {
    let Some(_) = tool() else { return };
    let bpffs = Bpffs::new();
    let name = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let cat = |path: &Path| run(&["cat", &name(path)]).expect("it ran before").stdout;
    // Bytes that frame texts in our own programs.
    let map = walk::hash(17);
    let prog = walk::load(iter::BPF_MAP_ELEM, &walk::program(2, 0));
    let link = link_create_iter(&prog, map.as_fd()).expect("a link");
    obj::obj_pin(link.as_fd(), &bpffs.c_path("nuls")).expect("a free name");
    assert_eq!(cat(&bpffs.path("nuls")), [0; 17]);

    // More than a page, which cgroups have to be read in at once.
    const EACH: i16 = 480;
    const CHILDREN: usize = 20;
    let cgroup = Cgroup::new();
    let children = || (0..CHILDREN).map(|child| cgroup.dir().join(child.to_string()));
    children().for_each(|child| fs::create_dir(child).expect("a new cgroup"));
    let [null, null_too] = asm::jmp_null(PtrWidth::Eight, Reg::R2, EACH / 8 + 6);
    let mut program = vec![asm::ld_ctx_ptr(Reg::R2, Reg::R1, 1), null, null_too];
    program.push(asm::ld_ctx_ptr(Reg::R1, Reg::R1, 0));
    program.push(asm::ld_ptr(PtrWidth::Eight, Reg::R1, Reg::R1, 0));
    program.extend((1..=EACH / 8).map(|at| asm::st_mem(Size::DW, Reg::R10, at * -8, 0x6b)));
    program.push(asm::mov64_reg(Reg::R2, Reg::R10));
    program.push(asm::alu64_imm(AluOp::ADD, Reg::R2, i32::from(-EACH)));
    program.push(asm::mov64_imm(Reg::R3, EACH.into()));
    program.push(asm::call(Helper::SEQ_WRITE));
    program.extend([asm::mov64_imm(Reg::R0, 0), asm::exit()]);
    let prog = walk::load(iter::CGROUP, &program);
    let from = CgroupFrom::Fd(cgroup.fd());
    let info = CgroupInfo { order: CgroupIterOrder::DESCENDANTS_PRE, from };
    let link = link_create_iter(&prog, info).expect("a link");
    obj::obj_pin(link.as_fd(), &bpffs.c_path("cgroups")).expect("a free name");
    let read = cat(&bpffs.path("cgroups")).len();
    let counted = prints(&["count", "cgroup", "--cgroup", &name(cgroup.dir())]);
    children().for_each(|child| fs::remove_dir(child).expect("an empty cgroup"));
    assert_eq!(read, EACH as usize * (CHILDREN + 1));
    assert_eq!(counted.expect("it ran"), format!("{}\n", CHILDREN + 1));
}

#[test]
fn a_path_that_is_too_long_says_that_it_is_cut() {
    let Some(_) = tool() else { return };
    let top = std::env::temp_dir().join(format!("barebpf-long-{}", std::process::id()));
    let dir = (0..9).fold(top.clone(), |dir, _| dir.join("d".repeat(50)));
    fs::create_dir_all(&dir).expect("a new directory");
    let _open = File::create(dir.join("its-last-part")).expect("a file");
    let files = objects(&["files"]).expect("it ran before");
    let me = std::process::id().to_string();
    let mine = || files.iter().filter(|file| file["pid"] == me);
    assert!(mine().any(|file| file["name"] == hex(b".../its-last-part")), "{files:?}");
    fs::remove_dir_all(top).expect("ours");
}

#[test]
fn an_id_is_of_whatever_has_it() {
    let Some(_) = tool() else { return };
    let map = walk::hash(1);
    let prog = walk::each(iter::TASK, 1);
    let link = link_create_iter(&prog, TaskInfo::All).expect("a link");
    let map = obj_get_info_by_fd_map(map.as_fd()).expect("its info").id;
    let prog =
        obj_get_info_by_fd_prog(prog.as_fd(), &mut ProgBuffers::default()).expect("its info").id;
    let link =
        obj_get_info_by_fd_link(link.as_fd(), &mut LinkBuffers::default()).expect("its info").id;
    for (kind, id) in [("map", map), ("prog", prog), ("link", link)] {
        let shown = prints(&["info", &id.to_string()]).expect("it ran before");
        assert!(shown.contains(&format!("kind: {kind}\nid: {id}\n")), "{kind} {id}: {shown}");
        let json = objects(&["info", &id.to_string()]).expect("it ran before");
        assert!(json.iter().any(|it| it["id"] == id.to_string()), "{json:?}");
    }
    fails(&["info", "4294967295"], &["ENOENT", "nothing has that id"]);
}

#[test]
fn without_rights_it_says_which_are_missing() {
    let Some(tool) = tool() else { return };
    let copy = std::env::temp_dir().join(format!("barebpf-rights-{}", std::process::id()));
    common::run(
        "cp",
        &[tool.get_program().to_str().expect("UTF-8"), copy.to_str().expect("UTF-8")],
    );
    for (caps, missing) in
        [("+bpf", "have CAP_PERFMON"), ("+perfmon", "have CAP_BPF"), ("", "have CAP_BPF")]
    {
        let caps = if caps.is_empty() { "-all".to_owned() } else { format!("-all,{caps}") };
        let output = Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .args([format!("--inh-caps={caps}"), format!("--ambient-caps={caps}")])
            .arg(&copy)
            .arg("tasks")
            .output()
            .expect("setpriv");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert_eq!(stderr, format!("barebpf tasks: prog_load: EPERM: be root, or {missing}\n"));
    }
    fs::remove_file(copy).expect("ours");
}

#[test]
fn open_files_are_those_of_proc_with_any_name() {
    if tool().is_none() {
        return;
    }
    let dir = std::env::temp_dir().join(format!("barebpf-tool-{}", std::process::id()));
    fs::create_dir(&dir).expect("a new directory");
    let path = dir.join(OsStr::from_bytes(b"a\"b\\c\nd\te\x01f\x7fg\xc3\xa9h\xffi"));
    let mut file = File::create(&path).expect("a file");
    file.write_all(b"five\n").expect("a small file");
    let socket: OwnedFd = UnixDatagram::unbound().expect("a socket").into();
    let mut sleep = Command::new("sleep");
    sleep.arg("60").stdin(file).stdout(File::open(&dir).expect("ours")).stderr(socket);
    let mut child = sleep.spawn().expect("a child");
    let pid = child.id().to_string();
    // Until it has read its libraries, and sleeps.
    let asleep = || {
        let call = fs::read_to_string(format!("/proc/{pid}/syscall")).unwrap_or_default();
        let nap = libc::SYS_clock_nanosleep.to_string();
        call.split(' ').next() == Some(&nap)
    };
    if fs::exists("/proc/self/syscall").expect("/proc") {
        until("it sleeps", asleep);
    }
    let found = objects(&["files", "--pid", &pid]);
    let table = prints(&["files", "--pid", &pid]);
    let mut wanted = BTreeMap::new();
    for entry in fs::read_dir(format!("/proc/{pid}/fd")).expect("its files") {
        let entry = entry.expect("a name");
        let target = fs::read_link(entry.path()).expect("where it leads");
        let bytes = target.as_os_str().as_bytes().to_owned();
        let inode = fs::metadata(entry.path()).expect("it is open");
        wanted.insert(entry.file_name().into_string().expect("digits"), (bytes, inode));
    }
    child.kill().expect("it was there");
    child.wait().expect("its end");
    fs::remove_dir_all(&dir).expect("ours");
    let (Some(found), Some(table)) = (found, table) else { return };
    assert_eq!(found.len(), wanted.len());
    let mut types = std::collections::BTreeSet::new();
    for file in found {
        let (name, inode) = &wanted[&file["fd"]];
        assert_eq!((&file["name"], &file["pid"]), (&hex(name), &pid));
        assert_eq!(
            [&file["node"], &file["size"]],
            [inode.ino(), inode.len()].map(|it| it.to_string()).each_ref()
        );
        let letters = match inode.file_type() {
            it if it.is_file() => "REG",
            it if it.is_dir() => "DIR",
            it if it.is_char_device() => "CHR",
            it if it.is_fifo() => "FIFO",
            it if it.is_socket() => "sock",
            it => panic!("{it:?}"),
        };
        types.insert(letters);
        assert_eq!(file["type"], hex(letters.as_bytes()), "{file:?}");
    }
    assert!(table.contains("/a\"b\\c?d?e?f?g\u{e9}h"), "{table}");
    assert_eq!(table.lines().count(), wanted.len() + 1);
    assert!(["REG", "DIR", "sock"].iter().all(|it| types.contains(it)), "{types:?}");
}

#[test]
fn a_table_of_nothing_has_its_title() {
    let Some(_) = tool() else { return };
    let script = "for it in /proc/$$/fd/*; do eval \"exec ${it##*/}>&-\"; done; exec sleep 60";
    let mut child = Command::new("bash").args(["-c", script]).spawn().expect("sh");
    let pid = child.id().to_string();
    let none = || fs::read_dir(format!("/proc/{pid}/fd")).expect("it lives").next().is_none();
    let asleep =
        || fs::read(format!("/proc/{pid}/comm")).expect("it lives") == b"sleep\n" && none();
    until("it has no file", asleep);
    // Not while its libraries are read.
    std::thread::sleep(std::time::Duration::from_millis(100));
    let (table, objects) =
        (prints(&["files", "--pid", &pid]), prints(&["files", "--pid", &pid, "--json"]));
    child.kill().expect("ours");
    child.wait().expect("ours");
    let title = "COMMAND              PID      FD TYPE           SIZE       NODE NAME\n";
    assert_eq!([table, objects], [Some(title.to_owned()), Some(String::new())]);
}

#[test]
fn a_link_says_what_it_is_attached_to_beside_the_function() {
    if tool().is_none() {
        return;
    }
    let cgroup = Cgroup::new();
    let inode = fs::metadata(cgroup.dir()).expect("a cgroup").ino();
    let me = std::process::id();
    let held = |link: BorrowedFd<'_>, at: &str, fact: Option<(&str, u64)>| {
        let id = attach::fdinfo(link, "link_id");
        let mut links = parsed(&["links"]).expect("it ran before");
        links.retain(|it| it["id"].value == id);
        let mut link = links.pop().unwrap_or_else(|| panic!("no {id} in links"));
        assert_eq!(link.remove("at").map(|at| at.value), Some(hex(at.as_bytes())));
        let more =
            link.into_iter().filter(|(key, _)| !["id", "type", "prog"].contains(&key.as_str()));
        let more: Vec<_> = more.map(|(key, it)| (key, it.value)).collect();
        let wanted = fact.map(|(key, value)| (key.to_owned(), value.to_string()));
        assert_eq!(more, wanted.clone().into_iter().collect::<Vec<_>>(), "{at}");
        let table = prints(&["links"]).expect("it ran before");
        let line = table.lines().find(|line| line.split_whitespace().next() == Some(&id));
        let behind = wanted.map_or(at.to_owned(), |(key, value)| format!("{at} {key} {value}"));
        assert!(line.expect("its line").ends_with(&format!(" {behind}")), "{line:?}");
    };
    let map = walk::hash(1);
    let id = obj_get_info_by_fd_map(map.as_fd()).expect("its info").id;
    let task = walk::each(iter::TASK, 1);
    let iter = |info| link_create_iter(&task, info).expect("a link");
    held(iter(TaskInfo::All).as_fd(), "bpf_iter_task", None);
    held(iter(TaskInfo::Pid(me)).as_fd(), "bpf_iter_task", Some(("pid", me.into())));
    held(iter(TaskInfo::Tid(me)).as_fd(), "bpf_iter_task", Some(("tid", me.into())));
    let elements = link_create_iter(&walk::each(iter::BPF_MAP_ELEM, 2), map.as_fd());
    held(elements.expect("a link").as_fd(), "bpf_iter_bpf_map_elem", Some(("map_id", id.into())));
    let order = CgroupIterOrder::DESCENDANTS_PRE;
    let below = CgroupInfo { order, from: CgroupFrom::Fd(cgroup.fd()) };
    let below = link_create_iter(&walk::each(iter::CGROUP, 1), below).expect("a link");
    held(below.as_fd(), "bpf_iter_cgroup", Some(("cgroup_id", inode)));
    let (ingress, hook) = (attach::ingress(), AttachType::CGROUP_INET_INGRESS);
    let link = link_create(ingress.as_fd(), Target::Fd(cgroup.fd()), hook, 0).expect("a link");
    held(link.as_fd(), "", Some(("cgroup_id", inode)));
    attach::in_netns(|netns| {
        let hook = AttachType::FLOW_DISSECTOR;
        let prog = attach::simple(ProgType::FLOW_DISSECTOR, hook);
        let link = link_create(prog.as_fd(), Target::Fd(netns), hook, 0).expect("a link");
        let ino = fs::metadata("/proc/thread-self/ns/net").expect("/proc").ino();
        held(link.as_fd(), "", Some(("netns_ino", ino)));
        let options = Options { expected_attach_type: AttachType::XDP, ..Options::default() };
        let prog = attach::load(ProgType::XDP, &attach::returns(2), &options);
        let lo = ("ifindex", attach::LO.into());
        // In the mode for devices without support of their own.
        let link = link_create(prog.as_fd(), Target::Ifindex(attach::LO), AttachType::XDP, 1 << 1);
        held(link.expect("a link").as_fd(), "", Some(lo));
        let (prog, hook) = (attach::classifier(), AttachType::TCX_EGRESS);
        match link_create_tcx(prog.as_fd(), attach::LO, hook, Place::Default, 0) {
            Ok(link) => held(link.as_fd(), "", Some(lo)),
            Err(errno) => println!("skipped: no tcx: {errno:?}"),
        }
    });
}

#[test]
fn a_failed_command_names_the_path_or_the_number() {
    let said = |args: &[&str]| run(args).map(|output| text(&output.stderr));
    let Some(cat) = said(&["cat", "/nonesuch/y"]) else { return };
    assert_eq!(cat, "barebpf cat: open /nonesuch/y: ENOENT\n");
    let [last, wide, beyond] = ["4294967295", "4294967296", "18446744073709551616"];
    for (args, wanted) in [
        (&["info", last][..], "info: get_fd_by_id 4294967295: ENOENT: nothing has that id"),
        (&["info", "/nonesuch"], "info: obj_get /nonesuch: ENOENT"),
        (&["unpin", "/nonesuch"], "unpin: obj_get /nonesuch: ENOENT"),
        (&["replace", "/nonesuch", "tasks"], "replace: obj_get /nonesuch: ENOENT"),
        (&["pin", "tasks", "/nonesuch/x"], "pin: obj_pin /nonesuch/x: ENOENT"),
        (&["tasks", "--pid", "x"], "tasks: not a number x: see `barebpf help`"),
        (
            &["count", "bpf_map_elem", "--map", last],
            "count: get_fd_by_id 4294967295: ENOENT: nothing has that id",
        ),
        (&["count", "bpf_map_elem", "--map", "/nonesuch"], "count: obj_get /nonesuch: ENOENT"),
        (&["count", "cgroup", "--cgroup", "/nonesuch"], "count: open /nonesuch: ENOENT"),
        (&["count", "cgroup", "--cgroup", wide], "count: link_create_iter 4294967296: ENOENT"),
        (&["count", "cgroup", "--cgroup", beyond], "count: open 18446744073709551616: ENOENT"),
        (&["tasks", "--pid", wide], "tasks: not a number 4294967296: see `barebpf help`"),
        (&["count", "cgroup", "--cgroup", last], "count: link_create_iter 4294967295: ENOENT"),
        (&[], " no command, or other words than it takes: see `barebpf help`"),
    ] {
        let said = said(args).expect("it ran before");
        let wanted = if args.is_empty() {
            format!("barebpf:{wanted}\n")
        } else {
            format!("barebpf {wanted}\n")
        };
        assert_eq!(said, wanted);
    }
    // Of a long one as much as leaves room for the reason.
    let long = format!("/{}", "x".repeat(300));
    let cut = format!("barebpf cat: open {}: ENAMETOOLONG\n", &long[..150]);
    assert_eq!(said(&["cat", &long]).expect("it ran before"), cut);
}

#[test]
fn names_of_any_bytes_are_strings_of_json_and_lines_of_text() {
    if tool().is_none() {
        return;
    }
    let names: [&[u8]; 8] = [
        b"q\"b\\n\nt\t\x01\x7f\x80\xff'",
        "h\u{e9}\u{20ac}\u{1f980}\u{2028}".as_bytes(),
        // The kernel cuts after 15 bytes: in the middle of a character of three, and of one of four.
        "fourteen bytes\u{20ac}".as_bytes(),
        "twelve bytes\u{1f980}".as_bytes(),
        // A surrogate, one of too many bytes, one beyond the last, one without an end before another.
        b"\xed\xa0\x80|\xc0\xaf|\xe0\x80\x80",
        b"\xf4\x90\x80\x80|\xe2\x82\xe2\x82\xac|\xc3",
        b"\x80",
        b"\"\\\"\\u0041\\",
    ];
    let (ready, done) = (Barrier::new(names.len() + 1), Barrier::new(names.len() + 1));
    let shown = std::thread::scope(|scope| {
        for name in names {
            let (ready, done) = (&ready, &done);
            scope.spawn(move || {
                let name = std::ffi::CString::new(name).expect("no NUL in it");
                // SAFETY: the name ends with a NUL, and is only read.
                assert_eq!(unsafe { libc::prctl(libc::PR_SET_NAME, name.as_ptr()) }, 0);
                ready.wait();
                done.wait();
            });
        }
        ready.wait();
        let me = std::process::id().to_string();
        let mut comms = BTreeMap::new();
        for task in fs::read_dir("/proc/self/task").expect("/proc").flatten() {
            // Threads of other tests may end meanwhile.
            let Ok(mut comm) = fs::read(task.path().join("comm")) else { continue };
            comm.pop();
            comms.insert(task.file_name().into_string().expect("digits"), comm);
        }
        let shown = std::panic::catch_unwind(|| {
            (run(&["tasks", "--pid", &me]), objects(&["tasks", "--pid", &me]))
        });
        // However that went: they wait.
        done.wait();
        (comms, shown)
    });
    let (comms, Ok((Some(table), Some(tasks)))) = shown else { panic!("it is there") };
    for name in names {
        let cut = &name[..name.len().min(15)];
        let (tid, _) = comms.iter().find(|(_, comm)| *comm == cut).expect("it was set");
        let task = tasks.iter().find(|task| task["tid"] == *tid).expect("that task");
        assert_eq!(task["command"], hex(cut));
        // Bytes that would break the line are gone from the text, and no others.
        let clean = |byte: &u8| if matches!(byte, ..b' ' | 0x7f) { b'?' } else { *byte };
        let line = [b" ", &cut.iter().map(clean).collect::<Vec<u8>>()[..]].concat();
        let mut lines = table.stdout.split(|byte| *byte == b'\n');
        assert!(lines.any(|it| it.ends_with(&line)), "{line:?}");
    }
}

#[test]
fn what_the_verifier_refuses_comes_with_its_reason() {
    let Some(tool) = tool() else { return };
    // In the BTF of another kernel, so to say: the pointer to the parent is where a number is.
    let mut btf = fs::read("/sys/kernel/btf/vmlinux").expect("BTF");
    let find = |name: &[u8; 13]| {
        let at = btf.windows(name.len()).position(|it| it == name);
        at.expect("a member of that name")
    };
    let (parent, signal) = (find(b"\0real_parent\0"), find(b"\0exit_signal\0"));
    btf[parent..][..13].copy_from_slice(b"\0exit_signal\0");
    btf[signal..][..13].copy_from_slice(b"\0real_parent\0");
    let path = std::env::temp_dir().join(format!("barebpf-btf-{}", std::process::id()));
    fs::write(&path, btf).expect("a file");
    let bpffs = Bpffs::new();
    let pin = bpffs.path("tasks");
    let names = || fs::read_dir(bpffs.dir()).expect("the mount").count();
    let before = names();
    let script = "mount --bind \"$1\" /sys/kernel/btf/vmlinux && shift && exec \"$@\"";
    let pin = pin.to_str().expect("UTF-8");
    for args in [&["tasks"][..], &["tasks", "--json"], &["pin", "tasks", pin]] {
        let output = Command::new("unshare")
            .args(["--mount", "--propagation", "private", "sh", "-c", script, "sh"])
            .arg(&path)
            .arg(tool.get_program())
            .args(args)
            .output()
            .expect("unshare");
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        let why = format!("barebpf {}: prog_load: EACCES: access beyond ", args[0]);
        assert!(stderr.starts_with(&why) && stderr.contains(" struct task_struct "), "{stderr}");
        assert!(stderr.ends_with('\n') && stderr.lines().count() == 1, "{stderr}");
        assert!(output.stdout.is_empty());
    }
    assert_eq!(names(), before);
    fs::remove_file(&path).expect("ours");
    // Refused before it is looked at: there is no log, and the line says what it can.
    fails(&["count", "num_new"], &["prog_load", "EINVAL", "this kernel cannot"]);
}

#[test]
fn a_line_that_is_too_long_is_cut_and_still_a_line() {
    let name = format!("/nonesuch/{}", "x".repeat(400));
    let Some(output) = run(&[&name]) else { return };
    let stderr = text(&output.stderr);
    assert_eq!((output.status.code(), stderr.len()), (Some(2), 256));
    assert!(stderr.ends_with("x\n") && stderr.lines().count() == 1, "{stderr}");
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

/// Where the cells of each row of a table have to stand: numbers end where their title does, texts begin
/// there, and a space is between two. The cells of the row whose `name` is `value`, or ends with it, are
/// those of JSON.
fn aligned(args: &[&str], name: &str, value: &str) {
    let bytes = |hex: &str| {
        let bytes = hex.as_bytes().chunks(2).map(|two| u8::from_str_radix(&text(two), 16));
        text(&bytes.collect::<Result<Vec<_>, _>>().expect("hex"))
    };
    let mut found = parsed(args).expect("it ran before");
    for it in found.iter_mut().flat_map(|object| object.values_mut()).filter(|it| it.is_text) {
        it.value = bytes(&it.value);
    }
    let is = |it: &str, is_text| if is_text { it.ends_with(value) } else { it == value };
    let object = found.iter().find(|object| is(&object[name].value, object[name].is_text));
    let object = object.unwrap_or_else(|| panic!("no {name} {value} in {args:?}"));
    // As bytes: names need not be UTF-8.
    let output = run(args).expect("it ran before");
    assert_eq!(output.status.code(), Some(0), "{args:?}: {}", text(&output.stderr));
    let table = output.stdout;
    let mut lines = table.split(|byte| *byte == b'\n');
    let title = text(lines.next().expect("a title"));
    let mut columns = Vec::new();
    for word in title.split(' ').filter(|word| !word.is_empty()) {
        let start = word.as_ptr().addr() - title.as_ptr().addr();
        columns.push((word.to_lowercase(), start, start + word.len()));
    }
    assert!(
        columns.iter().all(|(key, ..)| object.contains_key(key)),
        "{title} and {:?}",
        object.keys()
    );
    let mut ours = None;
    for line in lines.filter(|line| !line.is_empty()) {
        let shown = || format!("{args:?}:\n{title}\n{}", text(line));
        let mut cells = BTreeMap::new();
        let mut left = 0;
        for (at, (key, start, end)) in columns.iter().enumerate() {
            if object[key].is_text {
                assert!(*start == 0 || line[start - 1] == b' ', "{key} begins in {}", shown());
                // Up to where a number behind it ends, at most.
                let room =
                    columns.get(at + 1).map_or(line.len(), |(_, _, end)| line.len().min(*end));
                cells.insert(key, text(&line[*start..room]));
                left = *start;
                continue;
            }
            assert_eq!(line.get(*end).unwrap_or(&b' '), &b' ', "{key} is wide in {}", shown());
            let from = line[..*end].iter().rposition(|byte| *byte == b' ').map_or(0, |it| it + 1);
            assert!(from >= left && from < *end, "{key} is not there in {}", shown());
            let cell = text(&line[from..*end]);
            assert!(u64::from_str_radix(&cell, 16).is_ok(), "{key} is {cell:?} in {}", shown());
            cells.insert(key, cell);
            left = *end;
        }
        if is(&cells[&name.to_owned()], object[name].is_text) {
            ours = Some((cells, text(line)));
        }
    }
    let (cells, line) = ours.unwrap_or_else(|| panic!("no {name} {value} in {args:?}"));
    for (key, Value { is_text, value }) in object {
        let Some(cell) = cells.get(key) else {
            // What not every row has stands behind it, with its name.
            assert!(line.ends_with(&format!(" {key} {value}")), "{key} is {value}, not in {line}");
            continue;
        };
        let same = if *is_text {
            cell.strip_prefix(value.as_str()).is_some_and(|it| it.is_empty() || it.starts_with(' '))
        } else {
            // Flags are bits.
            let number: u64 = value.parse().expect("a number");
            cell == value || key == "flags" && *cell == format!("{number:x}")
        };
        assert!(same, "{key} is {value}, not {cell:?}, in {args:?}:\n{title}\n{line}");
    }
}

#[test]
fn columns_stand_under_their_titles_however_wide_what_is_in_them() {
    if tool().is_none() {
        return;
    }
    let me = std::process::id().to_string();
    // One that is the same whenever it is looked at.
    let mut stopped = Command::new("sh");
    let stopped = Ended(stopped.args(["-c", "kill -STOP $$"]).spawn().expect("a shell"));
    let tid = stopped.0.id().to_string();
    until("it has stopped", || {
        fs::read_to_string(format!("/proc/{tid}/status")).expect("it lives").contains("State:\tT")
    });
    aligned(&["tasks"], "tid", &tid);
    aligned(&["tasks", "--pid", &tid], "tid", &tid);

    // As many digits and letters as there can be.
    let flags = MapCreateFlags::NO_PREALLOC;
    let options = map::Options { name: "fifteen_bytes.0", flags, ..Default::default() };
    let wide = map_create(MapType::LPM_TRIE, 8, 9999, u32::MAX, &options, &mut Log::none());
    let large =
        map_create(MapType::ARRAY, 4, 1 << 20, 1, &map::Options::default(), &mut Log::none());
    for map in [wide.expect("a map"), large.expect("a map"), walk::hash(1)] {
        let id = obj_get_info_by_fd_map(map.as_fd()).expect("its info").id.to_string();
        aligned(&["maps"], "id", &id);
    }
    let task = walk::each(iter::TASK, 1);
    let iter = link_create_iter(&task, TaskInfo::All).expect("a link");
    let options = Options { name: "fifteen_bytes.1", ..Options::default() };
    let raw = attach::load(ProgType::RAW_TRACEPOINT_WRITABLE, &attach::returns(0), &options);
    let raw_link = raw_tracepoint_open(raw.as_fd(), Some(c"bpf_test_finish"), 0);
    let cgroup = Cgroup::new();
    let (ingress, at) = (attach::ingress(), AttachType::CGROUP_INET_INGRESS);
    let in_cgroup = link_create(ingress.as_fd(), Target::Fd(cgroup.fd()), at, 0).expect("a link");
    for prog in [task.as_fd(), raw.as_fd(), ingress.as_fd()] {
        aligned(&["progs"], "id", &attach::fdinfo(prog, "prog_id"));
    }
    for link in [Some(&iter), raw_link.as_ref().ok(), Some(&in_cgroup)].into_iter().flatten() {
        aligned(&["links"], "id", &attach::fdinfo(link.as_fd(), "link_id"));
    }

    let name = format!("barebpf-columns-{me}");
    let path = std::env::temp_dir().join(&name);
    let file = File::create(&path).expect("a free name");
    // SAFETY: it reads no memory.
    let far = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 900) };
    assert!(far >= 900, "{}", std::io::Error::last_os_error());
    drop(file);
    aligned(&["files", "--pid", &me], "name", &name);
    aligned(&["files"], "name", &name);
    // SAFETY: it is ours, and nobody has it any more.
    assert_eq!(unsafe { libc::close(far) }, 0);
    fs::remove_file(path).expect("ours");
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
    if tool().is_none() {
        return;
    }
    // Other tests are threads of this process, too.
    let threads = || fs::read_dir("/proc/self/task").expect("/proc").count();
    let me = std::process::id().to_string();
    let count = || prints(&["count", "task", "--pid", &me]).expect("it ran before");
    agree("threads", || count().trim().parse().expect("a number"), threads);
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
        &["tasks", "--pid", "4294967296"],
        &["tasks", "--pid", "1", "--pid", "1"],
        &["tasks", "--pid=1"],
        &["tasks", "--"],
        &["tasks", ""],
        &["tasks", "maps"],
        &[""],
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
    assert_eq!(prints(&["--help"]), Some(help.clone()));
    assert_eq!(prints(&["-h"]), Some(help.clone()));
    assert_eq!(prints(&["tasks", "--pid", "1", "--help"]), Some(help));
}

#[test]
fn commands_with_commas_between_are_each_run_and_all_have_to_succeed() {
    let args = ["count", "num_new", ",", "help", "x", ",", "maps", "--pid", ",", "help", ","];
    let Some(output) = run(&args) else { return };
    let help = prints(&["help"]).expect("it ran before");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), help));
    let stderr = text(&output.stderr);
    let names: Vec<_> = stderr.lines().map(|line| line.split(':').next().expect("one")).collect();
    assert_eq!(names, ["barebpf count", "barebpf help", "barebpf maps"], "{stderr}");
    assert_eq!(run(&["help", ",", "count", "num_new"]).expect("it ran").status.code(), Some(1));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    if tool().is_none() {
        return;
    }
    for (signal, wanted) in [("", 13), ("trap '' PIPE;", 0)] {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        // A child that another test makes at this moment has the reader, too, until it runs its program.
        let script = format!("{signal} sleep 0.2; \"$0\" files");
        let output = Command::new("bash")
            .args(["-c", &script])
            .arg(tool().expect("it was there").get_program())
            .stdin(Stdio::null())
            .stdout(writer)
            .output()
            .expect("bash");
        assert_eq!(text(&output.stderr), "");
        let status = output.status;
        let ended = status.signal().unwrap_or_else(|| status.code().expect("a status") & 127);
        assert_eq!(ended, wanted);
    }
    let full = File::options().write(true).open("/dev/full").expect("it is there");
    let status = tool().expect("there").args(["help"]).stdout(full).stderr(Stdio::null()).status();
    assert_eq!(status.expect("it runs").code(), Some(1));
}

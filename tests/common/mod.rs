//! What the tests of the calls share.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::ffi::CString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Whether this process may do what these tests do. Says why when not: `tests/all` counts that line as
/// a test that was skipped.
pub fn privileged() -> bool {
    // CAP_SYS_ADMIN is bit 21.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let caps = status.lines().find_map(|line| line.strip_prefix("CapEff:\t"));
    let caps = caps.and_then(|caps| u64::from_str_radix(caps, 16).ok()).unwrap_or(0);
    if caps & (1 << 21) == 0 {
        println!("skipped: this needs root");
    }
    caps & (1 << 21) != 0
}

/// A bpffs of the test's own; gone with all that is pinned in it when this is dropped.
pub struct Bpffs(PathBuf);

impl Bpffs {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("barebpf-{}-{count}", std::process::id()));
        std::fs::create_dir(&dir).expect("a new directory");
        mount("bpf", &dir).expect("a bpffs");
        Self(dir)
    }

    pub fn dir(&self) -> &Path {
        &self.0
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn c_path(&self, name: &str) -> CString {
        c_path(&self.path(name))
    }
}

impl Drop for Bpffs {
    fn drop(&mut self) {
        unmount(&self.0);
        std::fs::remove_dir(&self.0).expect("an empty directory");
    }
}

fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).expect("no NUL in it")
}

/// Mounts a file system of this kind. Boards have no program for it.
pub fn mount(kind: &str, dir: &Path) -> std::io::Result<()> {
    let (kind, dir) = (CString::new(kind).expect("no NUL in it"), c_path(dir));
    let (none, data) = (c"none".as_ptr(), core::ptr::null());
    // SAFETY: the strings are NUL-terminated and outlive the call; there is no data.
    let ret = unsafe { libc::mount(none, dir.as_ptr(), kind.as_ptr(), 0, data) };
    if ret == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

pub fn unmount(dir: &Path) {
    // SAFETY: the string is NUL-terminated and outlives the call.
    let ret = unsafe { libc::umount2(c_path(dir).as_ptr(), libc::MNT_DETACH) };
    assert_eq!(ret, 0, "umount: {}", std::io::Error::last_os_error());
}

/// Runs a command that has to succeed; its standard output.
pub fn run(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{program} {args:?}: {err}{out}");
    out
}

/// Waits until this holds: the kernel takes things apart a little later, and a busy machine later still.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "still not: {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Things come and go on a living system. The two counts agree as soon as nothing does for a moment.
pub fn agree(what: &str, mut seen: impl FnMut() -> usize, mut there: impl FnMut() -> usize) {
    let start = Instant::now();
    loop {
        let (before, seen, after) = (there(), seen(), there());
        if before == seen && seen == after {
            println!("{what}: {seen}");
            return;
        }
        let late = start.elapsed() > Duration::from_secs(60);
        assert!(!late, "{what}: {seen} were walked, {before} and then {after} were there");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What `/proc` says of a thread: its process, its name, and when it started.
pub struct Task {
    pub tgid: u32,
    pub comm: String,
    pub start: String,
}

/// All threads, from /proc.
///
/// A kernel may keep a thread from root: nobody may look into it, and iterators pass it over. Such a one
/// is left out.
pub fn proc_tasks() -> BTreeMap<u32, Task> {
    let mut tasks = BTreeMap::new();
    let ids = |dir: &Path| -> Vec<u32> {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    };
    for tgid in ids(Path::new("/proc")) {
        for tid in ids(&PathBuf::from(format!("/proc/{tgid}/task"))) {
            let task = PathBuf::from(format!("/proc/{tgid}/task/{tid}"));
            let comm = std::fs::read_to_string(task.join("comm"));
            let stat = std::fs::read_to_string(task.join("stat"));
            if let (Ok(comm), Ok(stat), Ok(_)) =
                (comm, stat, std::fs::read_link(task.join("ns/pid")))
            {
                // The 22nd word; the second is the name, which may have any bytes in it.
                let behind = stat.rsplit_once(')').expect("a name in parentheses").1;
                let start = behind.split_whitespace().nth(19).expect("a time").to_owned();
                let comm = comm.trim_end_matches('\n').to_owned();
                tasks.insert(tid, Task { tgid, comm, start });
            }
        }
    }
    tasks
}

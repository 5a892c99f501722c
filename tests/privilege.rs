//! What those without privilege get, and what a part of it is enough for.

#[path = "common/attach.rs"]
mod attach;
mod common;
#[path = "common/walk.rs"]
mod walk;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use attach::{returns, without_capabilities};
use barebpf::btf::btf_load;
use barebpf::fd::OwnedFd;
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::link::link_update;
use barebpf::map::{self, map_create, map_lookup_elem};
use barebpf::obj::{enable_stats, links, maps, obj_get, obj_pin, progs};
use barebpf::uapi::{MapType, ObjFlags, ProgType, StatsType};
use barebpf::{Errno, Log, Result};
use common::{Bpffs, privileged};

const NOBODY: libc::c_long = 65534;
const CAP_PERFMON: u32 = 38;
const CAP_BPF: u32 = 39;

/// Runs `what` as nobody, with these capabilities and no other; privilege is a thread's own.
fn as_nobody<T: Send>(caps: &[u32], what: impl FnOnce() -> T + Send) -> T {
    let set = caps.iter().fold(0_u64, |set, cap| set | 1 << cap);
    let run = move || {
        // SAFETY: these calls change this thread's credentials alone, and read no memory.
        let kept = unsafe { libc::syscall(libc::SYS_prctl, libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) };
        assert_eq!(kept, 0);
        // SAFETY: as above; no group is read from address 0.
        assert_eq!(unsafe { libc::syscall(libc::SYS_setgroups, 0, 0) }, 0);
        // SAFETY: as above.
        assert_eq!(unsafe { libc::syscall(libc::SYS_setresgid, NOBODY, NOBODY, NOBODY) }, 0);
        // SAFETY: as above.
        assert_eq!(unsafe { libc::syscall(libc::SYS_setresuid, NOBODY, NOBODY, NOBODY) }, 0);
        let (low, high) = (set as u32, (set >> 32) as u32);
        let (header, sets) = ([0x2008_0522_u32, 0], [low, low, 0, high, high, 0]);
        // SAFETY: both are as long as this version has them, and only read.
        let ret = unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), sets.as_ptr()) };
        assert_eq!(ret, 0, "capset: {}", std::io::Error::last_os_error());
        what()
    };
    match std::thread::scope(|scope| scope.spawn(run).join()) {
        Ok(value) => value,
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

fn load() -> Result<Prog<iter::Task>> {
    let target = walk::target(iter::TASK);
    Prog::load(target, &walk::program(1, b'.'), c"GPL", &mut Log::none())
}

fn a_map() -> Result<map::Map> {
    map_create(MapType::HASH, 4, 4, 1, &map::Options::default(), &mut Log::none())
}

/// Whether those without capabilities may make maps and some programs here.
fn open_to_all() -> bool {
    let path = "/proc/sys/kernel/unprivileged_bpf_disabled";
    fs::read_to_string(path).is_ok_and(|text| text.trim() == "0")
}

/// A bpffs with a program, a map and a link that root pinned.
fn roots_pins() -> (Bpffs, OwnedFd) {
    let fs = Bpffs::new();
    let prog = load().expect("root may");
    let link = link_create_iter(&prog, TaskInfo::All).expect("a link");
    obj_pin(prog.as_fd(), &fs.c_path("prog")).expect("a free name");
    obj_pin(a_map().expect("root may").as_fd(), &fs.c_path("map")).expect("a free name");
    obj_pin(link.as_fd(), &fs.c_path("link")).expect("a free name");
    (fs, link)
}

#[test]
fn an_ordinary_user_makes_nothing_and_finds_nothing() {
    if !privileged() {
        return;
    }
    as_nobody(&[], || {
        assert_eq!(load().err(), Some(Errno::PERM));
        assert_eq!(btf_load(&[0; 24], None, &mut Log::none()).err(), Some(Errno::PERM));
        if !open_to_all() {
            assert_eq!(a_map().err(), Some(Errno::PERM));
        }
        for (what, mut walk) in [("programs", progs()), ("maps", maps()), ("links", links())] {
            assert_eq!(walk.next().map(|it| it.err()), Some(Some(Errno::PERM)), "{what}");
            assert!(walk.next().is_none(), "{what}");
        }
        assert_eq!(enable_stats(StatsType::RUN_TIME).err(), Some(Errno::PERM));
    });
}

#[test]
fn an_ordinary_user_gets_nothing_out_of_roots_pins() {
    if !privileged() {
        return;
    }
    let (pins, link) = roots_pins();
    let own = a_map().expect("root may");
    as_nobody(&[], || {
        for name in ["prog", "map", "link"] {
            for flags in [ObjFlags::empty(), ObjFlags::RDONLY, ObjFlags::WRONLY] {
                let opened = obj_get(&pins.c_path(name), flags).err();
                // A link takes no such flag, whoever asks.
                let expected = [Some(Errno::ACCES), Some(Errno::INVAL)];
                assert!(expected.contains(&opened), "{name} {flags:?}: {opened:?}");
            }
            assert_eq!(obj_get(&pins.c_path(name), ObjFlags::empty()).err(), Some(Errno::ACCES));
            for read in
                [fs::File::open(pins.path(name)).map(drop), fs::remove_file(pins.path(name))]
            {
                let error = read.expect_err("they are root's");
                let raw = error.raw_os_error();
                assert!(matches!(raw, Some(libc::EACCES | libc::EPERM)), "{name}: {error}");
            }
            // Nor is anything put in their place.
            let put = obj_pin(own.as_fd(), &pins.c_path(name));
            assert!(matches!(put, Err(Errno::EXIST | Errno::ACCES)), "{name}: {put:?}");
        }
    });
    // Whoever is handed a descriptor has what it stands for: that is how a privileged part lends.
    as_nobody(&[], || {
        let mut pass = iter_create(link.as_fd()).expect("no privilege is asked for");
        assert!(pass.read(&mut [0; 512]).expect("a pass") > 0);
    });
    for name in ["prog", "map", "link"] {
        assert!(obj_get(&pins.c_path(name), ObjFlags::empty()).is_ok(), "{name} is still there");
    }
}

#[test]
fn two_capabilities_are_enough_for_an_iterator_from_load_to_pin() {
    if !privileged() {
        return;
    }
    let pins = Bpffs::new();
    as_nobody(&[CAP_BPF, CAP_PERFMON], || {
        let prog = load().expect("a program");
        let link = link_create_iter(&prog, TaskInfo::All).expect("a link");
        assert!(iter_create(link.as_fd()).expect("a pass").read(&mut [0; 512]).expect("tasks") > 0);
        obj_pin(link.as_fd(), &pins.c_path("tasks")).expect("anyone may pin there");
        assert!(!fs::read(pins.path("tasks")).expect("a pass").is_empty());
        let second = load().expect("a program");
        assert_eq!(link_update(link.as_fd(), second.as_fd(), Some(prog.as_fd())), Ok(()));
        let metadata = fs::metadata(pins.path("tasks")).expect("it is pinned");
        assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o600, NOBODY as u32));
        let map = a_map().expect("a map");
        assert_eq!(
            map_lookup_elem(&map, &[0; 4], &mut [0; 4], Default::default()),
            Err(Errno::NOENT)
        );
        fs::remove_file(pins.path("tasks")).expect("it is theirs");
    });
    for alone in [CAP_BPF, CAP_PERFMON] {
        as_nobody(&[alone], || assert_eq!(load().err(), Some(Errno::PERM), "{alone} alone"));
    }
    // One of them is enough for what does not trace.
    as_nobody(&[CAP_BPF], || {
        assert!(a_map().is_ok());
        let prog = attach::load(ProgType::SOCKET_FILTER, &returns(0), &Default::default());
        drop(prog);
    });
}

#[test]
fn root_without_capabilities_is_an_ordinary_user() {
    if !privileged() {
        return;
    }
    let pins = roots_pins().0;
    let run = || {
        without_capabilities();
        assert_eq!(load().err(), Some(Errno::PERM));
        // The files are root's, by their mode.
        obj_get(&pins.c_path("link"), ObjFlags::empty()).map(drop)
    };
    let opened = std::thread::scope(|scope| scope.spawn(run).join().expect("as it should be"));
    assert_eq!(opened, Ok(()));
}

#[test]
fn a_pin_is_for_its_owner_whatever_the_mask_and_never_through_a_name_that_is_there() {
    if !privileged() {
        return;
    }
    let pins = Bpffs::new();
    let map = a_map().expect("a map");
    let (prog, link) = {
        let prog = load().expect("a program");
        let link = link_create_iter(&prog, TaskInfo::All).expect("a link");
        (prog, link)
    };
    let pin_all = || {
        for (name, fd) in [("map", map.as_fd()), ("prog", prog.as_fd()), ("link", link.as_fd())] {
            obj_pin(fd, &pins.c_path(name)).expect("a free name");
        }
    };
    for mask in [0o077, 0o777, 0] {
        std::thread::scope(|scope| {
            let run = || {
                // SAFETY: this thread gets a mask of its own; nothing is read or written.
                assert_eq!(unsafe { libc::unshare(libc::CLONE_FS) }, 0);
                // SAFETY: it takes any mask.
                unsafe { libc::umask(mask) };
                pin_all();
            };
            scope.spawn(run).join().expect("pinned");
        });
        for name in ["map", "prog", "link"] {
            let mode = fs::metadata(pins.path(name)).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o7777, 0o600 & !mask, "{name} under {mask:o}");
            fs::remove_file(pins.path(name)).expect("unpinned");
        }
    }
    pin_all();
    let names = || {
        let mut names: Vec<_> = fs::read_dir(pins.dir())
            .expect("the mount")
            .map(|entry| entry.expect("an entry"))
            .map(|entry| (entry.file_name(), fs::symlink_metadata(entry.path()).expect("it").ino()))
            .collect();
        names.sort();
        names
    };
    // A directory; a link to nothing, to a pin, to a place outside.
    fs::create_dir(pins.path("dir")).expect("a new directory");
    let outside = std::env::temp_dir().join(format!("barebpf-outside-{}", std::process::id()));
    for (name, to) in
        [("gone", "nothing"), ("to_map", "map"), ("out", outside.to_str().expect("UTF-8"))]
    {
        std::os::unix::fs::symlink(to, pins.path(name)).expect("a new link");
    }
    let before = names();
    for name in ["map", "prog", "link", "dir", "gone", "to_map", "out"] {
        for fd in [map.as_fd(), prog.as_fd(), link.as_fd()] {
            assert_eq!(obj_pin(fd, &pins.c_path(name)), Err(Errno::EXIST), "{name}");
        }
    }
    assert_eq!(names(), before);
    assert!(!outside.exists() && !pins.path("nothing").exists());
}

/// An example where everyone may run it; cargo builds them beside the tests.
struct Example(PathBuf);

impl Example {
    fn new(name: &str) -> Self {
        let tests = std::env::current_exe().expect("this file");
        let dir = tests.parent().and_then(Path::parent).expect("target/debug");
        let example = dir.join("examples").join(name);
        assert!(example.exists(), "cargo builds examples before it runs tests");
        let copy =
            std::env::temp_dir().join(format!("barebpf-privilege-{name}-{}", std::process::id()));
        // By another process, so that no child of this one has it open to write.
        common::run("cp", &[example.to_str().expect("UTF-8"), copy.to_str().expect("UTF-8")]);
        Self(copy)
    }

    fn run(&self, with: &[&str]) -> Output {
        let (program, args) = with.split_first().expect("a program that runs it");
        let mut command = Command::new(program);
        command.args(args).arg(&self.0).stdin(Stdio::null()).output().expect("it starts")
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        fs::remove_file(&self.0).expect("our copy");
    }
}

#[test]
fn the_table_of_tasks_needs_two_capabilities_and_says_which_is_missing() {
    if !privileged() {
        return;
    }
    let tasks = Example::new("tasks");
    let nobody = |caps: &str| {
        let (inherit, ambient) = (format!("--inh-caps={caps}"), format!("--ambient-caps={caps}"));
        let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
        tasks.run(&[&nobody[..], &[&inherit, &ambient]].concat())
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let output = nobody("-all,+bpf,+perfmon");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).lines().count() > 1);

    let in_a_namespace = tasks.run(&["unshare", "--user", "--map-root-user"]);
    for (output, missing) in [
        (nobody("-all,+bpf"), "CAP_PERFMON is missing"),
        (nobody("-all,+perfmon"), "CAP_BPF is missing"),
        (nobody("-all"), "CAP_BPF is missing"),
        (in_a_namespace, "CAP_BPF is missing"),
    ] {
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert!(stderr.starts_with("PROG_LOAD: EPERM (1): "), "{stderr}");
        assert!(stderr.contains(missing), "{missing}: {stderr}");
        assert!(output.stdout.is_empty());
    }
}

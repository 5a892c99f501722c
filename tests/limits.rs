//! Limits reached: what is said then, and that nothing is left.

#[path = "common/attach.rs"]
mod attach;
mod common;
#[path = "common/walk.rs"]
mod walk;

use std::fs;
use std::process::Command;
use std::sync::{Mutex, MutexGuard};

use barebpf::attach::Place;
use barebpf::btf::{Btf, Error, btf_get_fd_by_id, btf_get_next_id, btf_load};
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::link::{link_create_cgroup, link_create_tcx, link_create_tracing, link_get_next_id};
use barebpf::map::{self, map_create, map_get_fd_by_id};
use barebpf::obj::{enable_stats, obj_get, obj_get_path_fd, obj_pin};
use barebpf::prog::{prog_get_fd_by_id, prog_get_next_id, raw_tracepoint_open};
use barebpf::uapi::{
    AttachType, LinkCreateCgroupFlags, MapOpenFlags, MapType, ObjFlags, ProgType, StatsType,
};
use barebpf::{Errno, Log};
use common::{Bpffs, privileged, run};
use walk::{program, target};

fn fds() -> usize {
    fs::read_dir("/proc/self/fd").expect("/proc").count()
}

/// The limit on descriptors is the whole process's: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// `token_create` is not among them: it looks for a user namespace first, and a descriptor last.
#[test]
fn without_a_free_descriptor_each_command_that_makes_one_says_emfile_and_leaves_nothing() {
    if !privileged() {
        return;
    }
    let _alone = alone();
    let (bpffs, target, insns) = (Bpffs::new(), target(iter::TASK), program(1, b'.'));
    let path = bpffs.c_path("it");
    let load = || Prog::load(target, &insns, c"GPL", &mut Log::none());
    let prog = load().expect("a program");
    let link = link_create_iter(&prog, TaskInfo::All).expect("a link");
    obj_pin(link.as_fd(), &path).expect("a pin");
    let map = || map_create(MapType::HASH, 4, 8, 8, &map::Options::default(), &mut Log::none());
    let made = map().expect("a map");
    let map_id = barebpf::info::obj_get_info_by_fd_map(made.as_fd()).expect("its info").id;
    let ids = (prog_get_next_id(0).expect("one"), btf_get_next_id(0).expect("one"));
    let last = link_get_next_id(0).expect("one");
    let dir = fs::File::open(bpffs.dir()).expect("bpffs");
    let none = barebpf::prog::Options::default();
    let raw = attach::load(ProgType::RAW_TRACEPOINT, &attach::returns(0), &none);
    let raw = || raw_tracepoint_open(raw.as_fd(), Some(c"sched_switch"), 0);
    let entry = attach::traced("bpf_fentry_test1", AttachType::TRACE_FENTRY);
    let tcx = attach::has("links over a device's programs", (6, 6)).then(attach::classifier);
    let (cgroup, ingress) = (attach::Cgroup::new(), attach::ingress());
    // An INT of 4 bytes.
    let types = [0x1_eb9f, 24, 0, 16, 16, 5, 1, 1 << 24, 4, 32, u32::from_le_bytes(*b"\0int")];
    let mut types: Vec<u8> = types.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
    types.push(0);
    btf_load(&types, None, &mut Log::none()).expect("types");
    raw().expect("a raw tracepoint");
    let (at_cgroup, at_device) = (AttachType::CGROUP_INET_INGRESS, AttachType::TCX_INGRESS);
    let over_cgroup = || {
        let (fd, flags) = (cgroup.fd(), LinkCreateCgroupFlags(0));
        link_create_cgroup(ingress.as_fd(), fd, at_cgroup, flags, Place::Default, 0)
    };
    over_cgroup().expect("a link");
    let before = fds();

    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: it writes two numbers.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    let few = libc::rlimit { rlim_cur: 4, ..limit };
    // SAFETY: it reads two numbers.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const few) }, 0);
    let mut window = [0; 4096];
    let mut found = vec![
        ("prog_load", load().map(drop)),
        ("map_create", map().map(drop)),
        ("link_create_iter", link_create_iter(&prog, TaskInfo::All).map(drop)),
        ("iter_create", iter_create(link.as_fd()).map(drop)),
        ("obj_get", obj_get(&path, ObjFlags::empty()).map(drop)),
        ("prog_get_fd_by_id", prog_get_fd_by_id(ids.0).map(drop)),
        ("map_get_fd_by_id", map_get_fd_by_id(map_id, MapOpenFlags::empty()).map(drop)),
        ("link_get_fd_by_id", barebpf::link::link_get_fd_by_id(last).map(drop)),
        ("btf_get_fd_by_id", btf_get_fd_by_id(ids.1, None).map(drop)),
        ("enable_stats", enable_stats(StatsType::RUN_TIME).map(drop)),
        ("try_clone_to_owned", link.as_fd().try_clone_to_owned().map(drop)),
        ("btf_load", btf_load(&types, None, &mut Log::none()).map(drop)),
        ("raw_tracepoint_open", raw().map(drop)),
        ("link_create_cgroup", over_cgroup().map(drop)),
    ];
    if let Ok(entry) = &entry {
        found.push((
            "link_create_tracing",
            link_create_tracing(entry.as_fd(), AttachType::TRACE_FENTRY, None, 0).map(drop),
        ));
    }
    if let Some(prog) = &tcx {
        // The loopback device.
        let link = link_create_tcx(prog.as_fd(), 1, at_device, Place::Default, 0);
        found.push(("link_create_tcx", link.map(drop)));
        let flags = ObjFlags::empty();
        let got = obj_get_path_fd(attach::borrow(&dir), c"it", flags);
        found.push(("obj_get_path_fd", got.map(drop)));
    }
    let btf = Btf::vmlinux(&mut window).map(drop);
    // SAFETY: it reads two numbers.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);

    for (name, result) in found {
        assert_eq!(result, Err(Errno::MFILE), "{name}");
    }
    assert_eq!(btf.err().and_then(Error::errno), Some(Errno::MFILE));
    assert_eq!(fds(), before);
    load().expect("as before");
}

#[test]
fn bpffs_has_no_quota_of_names_and_a_name_of_256_bytes_is_too_long() {
    if !privileged() {
        return;
    }
    let _alone = alone();
    let (bpffs, target, insns) = (Bpffs::new(), target(iter::TASK), program(1, b'.'));
    let prog = Prog::load(target, &insns, c"GPL", &mut Log::none()).expect("a program");
    let there = fs::read_dir(bpffs.dir()).expect("bpffs").count();
    for number in 0..5000 {
        obj_pin(prog.as_fd(), &bpffs.c_path(&format!("p{number}"))).expect("room for it");
    }
    assert_eq!(fs::read_dir(bpffs.dir()).expect("bpffs").count(), there + 5000);
    obj_pin(prog.as_fd(), &bpffs.c_path(&"n".repeat(255))).expect("as long as a name may be");
    let pinned = obj_pin(prog.as_fd(), &bpffs.c_path(&"n".repeat(256)));
    assert_eq!(pinned, Err(Errno::NAMETOOLONG));
}

/// Runs `tasks` behind this preparation, which has to succeed, in mounts of its own: the exit status, what was
/// said, and the table.
fn tasks(preparation: &str) -> (Option<i32>, String, String) {
    let tests = std::env::current_exe().expect("this file");
    let tasks = tests.ancestors().nth(2).expect("target/debug").join("examples/tasks");
    let script = format!("{preparation} && echo prepared >&2 && exec {}", tasks.display());
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", &script]);
    let output = command.output().expect("unshare");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stderr);
    let said = said.strip_prefix("prepared\n").unwrap_or_else(|| panic!("{preparation}: {said}"));
    (output.status.code(), said.to_owned(), text(&output.stdout))
}

#[test]
fn without_proc_or_on_a_read_only_root_it_works_and_without_sys_it_says_so() {
    if !privileged() {
        return;
    }
    let _alone = alone();
    run("unshare", &["--mount", "--propagation", "private", "true"]);
    let no_proc = "umount -lR /proc && ! test -e /proc/self";
    let read_only =
        "mount --bind / / && mount -o remount,bind,ro / && ! touch /barebpf 2>/dev/null";
    for preparation in [no_proc, read_only] {
        let (status, said, table) = tasks(preparation);
        let count = format!("{} tasks\n", table.lines().count() - 1);
        assert_eq!((status, said), (Some(0), count), "{preparation}");
        assert_eq!(table.lines().next(), tasks("true").2.lines().next(), "{preparation}");
        // It has itself on the list.
        assert!(table.lines().any(|line| line.ends_with(" tasks")), "{preparation}: {table}");
    }
    let (status, said, table) = tasks("umount -lR /sys && ! test -e /sys/kernel");
    assert_eq!((status, table.as_str()), (Some(1), ""), "{said}");
    assert!(said.contains("sysfs is not mounted on /sys") && said.lines().count() == 1, "{said}");
}

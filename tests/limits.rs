//! Limits reached: what is said then, and that nothing is left.

mod common;
#[path = "common/walk.rs"]
mod walk;

use std::fs;
use std::process::Command;

use barebpf::btf::{Btf, Error, btf_get_fd_by_id, btf_get_next_id};
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::link::link_get_next_id;
use barebpf::map::{self, map_create, map_get_fd_by_id};
use barebpf::obj::{enable_stats, obj_get, obj_pin};
use barebpf::prog::{prog_get_fd_by_id, prog_get_next_id};
use barebpf::uapi::{MapOpenFlags, MapType, ObjFlags, StatsType};
use barebpf::{Errno, Log};
use common::{Bpffs, privileged, run};
use walk::{program, target};

fn fds() -> usize {
    fs::read_dir("/proc/self/fd").expect("/proc").count()
}

#[test]
fn without_a_free_descriptor_each_command_that_makes_one_says_emfile_and_leaves_nothing() {
    if !privileged() {
        return;
    }
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
    let before = fds();

    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: it writes two numbers.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    let none = libc::rlimit { rlim_cur: 4, ..limit };
    // SAFETY: it reads two numbers.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const none) }, 0);
    let mut window = [0; 4096];
    let found = [
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
    ];
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

/// Runs `tasks` behind this preparation, in mounts of its own: the exit status and what was said.
fn tasks(preparation: &str) -> (Option<i32>, String) {
    let tests = std::env::current_exe().expect("this file");
    let tasks = tests.ancestors().nth(2).expect("target/debug").join("examples/tasks");
    let script = format!("{preparation}; exec {}", tasks.display());
    let mut command = Command::new("unshare");
    command.args(["--mount", "--propagation", "private", "sh", "-c", &script]);
    let output = command.output().expect("unshare");
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn without_proc_or_on_a_read_only_root_it_works_and_without_sys_it_says_so() {
    if !privileged() {
        return;
    }
    run("unshare", &["--mount", "--propagation", "private", "true"]);
    for preparation in ["umount -lR /proc", "mount --bind / / && mount -o remount,bind,ro /"] {
        let (status, said) = tasks(preparation);
        assert_eq!(status, Some(0), "{preparation}: {said}");
    }
    let (status, said) = tasks("umount -lR /sys");
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("sysfs is not mounted on /sys") && said.lines().count() == 1, "{said}");
}

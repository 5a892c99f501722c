//! Limits reached: what is said then, and that nothing is left.

#[path = "common/attach.rs"]
mod attach;
#[path = "common/btf.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod btf;
mod common;
#[path = "common/struct_ops.rs"]
mod struct_ops;
#[path = "common/walk.rs"]
mod walk;

use std::fs;
use std::process::Command;
use std::sync::{Mutex, MutexGuard};

use attach::PerfEventAttr;
use barebpf::attach::{Place, Target};
use barebpf::btf::{Btf, Error, Kind, btf_get_fd_by_id, btf_load};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info;
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::link::*;
use barebpf::map::{self, map_create, map_get_fd_by_id};
use barebpf::obj::{enable_stats, obj_get, obj_get_path_fd, obj_pin};
use barebpf::prog::{self, prog_get_fd_by_id, prog_load, raw_tracepoint_open};
use barebpf::uapi::{
    AttachType, LinkCreateCgroupFlags, LinkCreateKprobeMultiFlags, LinkCreateNetfilterFlags,
    MapCreateFlags, MapOpenFlags, MapType, ObjFlags, ProgType, StatsType,
};
use barebpf::{Errno, Log, Result};
use btf as types;
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

/// Makes a link, each time it is called.
type Make<'a> = Box<dyn Fn() -> Result<OwnedFd> + 'a>;

/// Something to put a probe on.
extern "C" fn probed() -> u32 {
    std::hint::black_box(7)
}

/// Every function that makes a link, with what it takes; or why that cannot be had here.
fn links<'a>(
    cgroup: &'a attach::Cgroup,
    netns: BorrowedFd<'a>,
) -> Vec<(&'static str, Result<Make<'a>>)> {
    fn make<'a>(make: impl Fn() -> Result<OwnedFd> + 'a) -> Make<'a> {
        Box::new(make)
    }
    let kind = |prog_type, expected_attach_type| {
        let options = prog::Options { expected_attach_type, ..prog::Options::default() };
        prog_load(prog_type, &attach::returns(0), c"GPL", &options, &mut Log::none())
    };
    let event = || {
        let clock = PerfEventAttr { r#type: 1, ..PerfEventAttr::default() };
        attach::perf_event(clock).map_err(|_| Errno::NOENT)
    };
    let task = Prog::load(target(iter::TASK), &program(1, b'.'), c"GPL", &mut Log::none());
    let (ingress, other) = (attach::ingress(), attach::ingress());
    let raw = kind(ProgType::RAW_TRACEPOINT, AttachType(0));
    let here = AttachType::CGROUP_INET_INGRESS;
    let dissector = AttachType::FLOW_DISSECTOR;
    let (tcx, netkit) = (AttachType::TCX_INGRESS, AttachType::NETKIT_PRIMARY);
    let (kprobes, uprobes) = (AttachType::TRACE_KPROBE_MULTI, AttachType::TRACE_UPROBE_MULTI);
    let (raw_tp, multi) = (AttachType::TRACE_RAW_TP, AttachType::TRACE_FENTRY_MULTI);
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).expect("this kernel has BTF");
    let switch = btf.id(Kind::TYPEDEF, "btf_trace_sched_switch").map_err(|_| Errno::NOENT);
    let func = btf.id(Kind::FUNC, "bpf_fentry_test1").map_err(|_| Errno::NOENT);
    let tracer = switch.and_then(|attach_btf_id| {
        let options = prog::Options {
            expected_attach_type: raw_tp,
            attach_btf_id,
            ..prog::Options::default()
        };
        prog_load(ProgType::TRACING, &attach::returns(0), c"GPL", &options, &mut Log::none())
    });
    let types = types::parse(&fs::read("/sys/kernel/btf/vmlinux").expect("as above"));
    let ops = (attach::release() >= (6, 4))
        .then(|| struct_ops::congestion_control(&types, MapCreateFlags::LINK));
    vec![
        ("link_create_iter", task.map(|task| make(move || link_create_iter(&task, TaskInfo::All)))),
        (
            "raw_tracepoint_open",
            raw.map(|raw| make(move || raw_tracepoint_open(raw.as_fd(), Some(c"sched_switch"), 0))),
        ),
        (
            "link_create",
            kind(ProgType::FLOW_DISSECTOR, dissector).map(|prog| {
                make(move || link_create(prog.as_fd(), Target::Fd(netns), dissector, 0))
            }),
        ),
        (
            "link_create of a cgroup",
            Ok(make(move || link_create(other.as_fd(), Target::Fd(cgroup.fd()), here, 0))),
        ),
        (
            "link_create_cgroup",
            Ok(make(move || {
                let flags = LinkCreateCgroupFlags(0);
                link_create_cgroup(ingress.as_fd(), cgroup.fd(), here, flags, Place::Default, 0)
            })),
        ),
        (
            "link_create of a device",
            kind(ProgType::XDP, AttachType::XDP).map(|prog| {
                // In the mode for devices without support of their own.
                let device = Target::Ifindex(attach::LO);
                make(move || link_create(prog.as_fd(), device, AttachType::XDP, 1 << 1))
            }),
        ),
        (
            "link_create_tcx",
            Ok(attach::classifier()).map(|prog| {
                make(move || link_create_tcx(prog.as_fd(), attach::LO, tcx, Place::Default, 0))
            }),
        ),
        (
            "link_create_netkit",
            attach::netkit().ok_or(Errno::OPNOTSUPP).map(|device| {
                let prog = attach::classifier();
                make(move || link_create_netkit(prog.as_fd(), device, netkit, Place::Default, 0))
            }),
        ),
        (
            "link_create_netfilter",
            kind(ProgType::NETFILTER, AttachType::NETFILTER).map(|prog| {
                let none = LinkCreateNetfilterFlags(0);
                make(move || link_create_netfilter(prog.as_fd(), 2, 3, -7, none))
            }),
        ),
        (
            "link_create_struct_ops",
            ops.ok_or(Errno::INVAL).map(|map| make(move || link_create_struct_ops(map.as_fd()))),
        ),
        (
            "link_create_perf_event",
            event().and_then(|event| {
                let prog = kind(ProgType::PERF_EVENT, AttachType(0))?;
                Ok(make(move || link_create_perf_event(prog.as_fd(), event.as_fd(), 0)))
            }),
        ),
        (
            "link_create_kprobe_multi",
            kind(ProgType::KPROBE, kprobes).map(|prog| {
                make(move || {
                    let syms = [Symbol::from(c"bpf_fentry_test1")];
                    let (on, flags) = (Functions::Syms(&syms), LinkCreateKprobeMultiFlags(0));
                    link_create_kprobe_multi(prog.as_fd(), kprobes, on, &[], flags)
                })
            }),
        ),
        (
            "link_create_uprobe_multi",
            kind(ProgType::KPROBE, uprobes).map(|prog| {
                let offsets = [attach::offset_of(probed)];
                make(move || {
                    let pid = std::process::id();
                    let on = Uprobes { offsets: &offsets, pid, ..Uprobes::default() };
                    let file = Executable::Path(c"/proc/self/exe");
                    link_create_uprobe_multi(prog.as_fd(), uprobes, file, &on)
                })
            }),
        ),
        (
            "link_create_tracing",
            tracer.map(|prog| make(move || link_create_tracing(prog.as_fd(), raw_tp, None, 0))),
        ),
        (
            "link_create_tracing_multi",
            func.and_then(|func| {
                let prog = kind(ProgType::TRACING, multi)?;
                Ok(make(move || link_create_tracing_multi(prog.as_fd(), multi, &[func], &[])))
            }),
        ),
    ]
}

/// `token_create` is not among them: it looks for a user namespace first, and a descriptor last.
#[test]
fn without_a_free_descriptor_each_command_that_makes_one_says_emfile_and_leaves_nothing() {
    // What `privileged` reads is a descriptor, too.
    let _alone = alone();
    if !privileged() {
        return;
    }
    let cgroup = attach::Cgroup::new();
    // The devices that links go to are nobody else's.
    attach::in_netns(|netns| {
        // Each is tried with room first: what is refused for another reason would show nothing.
        let (mut makes, mut missing) = (Vec::new(), Vec::new());
        for (name, make) in links(&cgroup, netns) {
            match make.and_then(|make| make().map(|_| make)) {
                Ok(make) => makes.push((name, make)),
                Err(errno) => missing.push(format!("{name} ({errno})")),
            }
        }
        let always =
            ["link_create_iter", "raw_tracepoint_open", "link_create", "link_create_cgroup"];
        let there = |name: &&str| makes.iter().any(|(made, _)| made == name);
        assert!(always.iter().all(there), "{missing:?}");
        if !missing.is_empty() {
            println!("skipped: this kernel makes no {}", missing.join(", "));
        }
        without_a_free_descriptor(&makes);
    });
}

fn without_a_free_descriptor(links: &[(&'static str, Make<'_>)]) {
    let (bpffs, target, insns) = (Bpffs::new(), target(iter::TASK), program(1, b'.'));
    let path = bpffs.c_path("it");
    let load = || Prog::load(target, &insns, c"GPL", &mut Log::none());
    let prog = load().expect("a program");
    let link = link_create_iter(&prog, TaskInfo::All).expect("a link");
    obj_pin(link.as_fd(), &path).expect("a pin");
    let map = || map_create(MapType::HASH, 4, 8, 8, &map::Options::default(), &mut Log::none());
    let made = map().expect("a map");
    let types = attach::some_btf();
    // All of them are this test's own: others come and go.
    let map_id = info::obj_get_info_by_fd_map(made.as_fd()).expect("its info").id;
    let prog_id = attach::id(prog.as_fd(), "prog_id");
    let link_id = attach::id(link.as_fd(), "link_id");
    let btf_id =
        info::obj_get_info_by_fd_btf(types.as_fd(), &mut [], &mut []).expect("its info").id;
    let dir = fs::File::open(bpffs.dir()).expect("bpffs");
    let path_fd = obj_get_path_fd(attach::borrow(&dir), c"it", ObjFlags::empty()).is_ok();
    let bytes = attach::some_types();
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
        ("iter_create", iter_create(link.as_fd()).map(drop)),
        ("obj_get", obj_get(&path, ObjFlags::empty()).map(drop)),
        ("prog_get_fd_by_id", prog_get_fd_by_id(prog_id).map(drop)),
        ("map_get_fd_by_id", map_get_fd_by_id(map_id, MapOpenFlags::empty()).map(drop)),
        ("link_get_fd_by_id", link_get_fd_by_id(link_id).map(drop)),
        ("btf_get_fd_by_id", btf_get_fd_by_id(btf_id, None).map(drop)),
        ("enable_stats", enable_stats(StatsType::RUN_TIME).map(drop)),
        ("try_clone_to_owned", link.as_fd().try_clone_to_owned().map(drop)),
        ("btf_load", btf_load(&bytes, None, &mut Log::none()).map(drop)),
    ];
    found.extend(links.iter().map(|(name, make)| (*name, make().map(drop))));
    if path_fd {
        let got = obj_get_path_fd(attach::borrow(&dir), c"it", ObjFlags::empty());
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
    // Nothing is in the place of what was refused, where one has to be alone.
    for (name, make) in links {
        make().unwrap_or_else(|errno| panic!("{name}, afterwards: {errno}"));
    }
}

#[test]
fn bpffs_has_no_quota_of_names_and_a_name_of_256_bytes_is_too_long() {
    let _alone = alone();
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
    let _alone = alone();
    if !privileged() {
        return;
    }
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

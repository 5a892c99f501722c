//! Links of every type are made, changed, found and ended, by the functions of `barebpf::link`.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that panics has failed, as it should"
)]

#[path = "common/attach.rs"]
mod attach;
#[path = "common/btf.rs"]
#[allow(dead_code, reason = "each test uses a part of it")]
mod btf;
mod common;
#[path = "common/struct_ops.rs"]
mod struct_ops;

use std::fs::{self, File};
use std::sync::{Mutex, MutexGuard};

use attach::{
    Cgroup, Counter, LO, PerfEventAttr, borrow, classifier, closed, fdinfo, has, id, in_netns,
    ingress, link_info, load, map, netkit, offset_of, perf_event, returns, simple, traced, zero,
};
use barebpf::attach::{Neighbour, Place, Target};
use barebpf::btf::{Btf, Kind};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::iter::{self, Name, Plain, Prog, Task, TaskInfo, link_create_iter};
use barebpf::link::*;
use barebpf::prog::{
    Options, Query, TaskFd, TestRun, prog_assoc_struct_ops, prog_load, prog_query, prog_test_run,
    task_fd_query,
};
use barebpf::uapi::*;
use barebpf::{Errno, Log, Result};
use common::{privileged, until};
use struct_ops::congestion_control;

const INGRESS: AttachType = AttachType::CGROUP_INET_INGRESS;

/// The functions that are there to be traced are the whole system's: one test runs them at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// The id of the program that a link holds.
fn holds(link: &OwnedFd) -> u32 {
    id(link.as_fd(), "prog_id")
}

/// The error of what must not have made a link.
fn refused(link: Result<OwnedFd>) -> Errno {
    link.map(drop).unwrap_err()
}

/// What is attached, by id.
fn attached(target: Target<'_>, hook: AttachType) -> Vec<u32> {
    let mut ids = [0; 16];
    let mut query = Query { prog_ids: &mut ids, ..Query::default() };
    prog_query(target, hook, ProgQueryFlags(0), &mut query).unwrap();
    let count = query.count as usize;
    ids[..count].to_vec()
}

fn iterator<K: iter::Kind>(name: Name<'_, K>) -> Option<Prog<K>> {
    let mut window = [0; 4096];
    let id = Btf::vmlinux(&mut window).and_then(|mut btf| btf.id(Kind::FUNC, name.func()));
    let Ok(id) = id else {
        println!("skipped: this kernel has no BTF of {}", name.func());
        return None;
    };
    Some(Prog::load(name.with_id(id), &returns(0), c"GPL", &mut Log::none()).unwrap())
}

#[test]
fn an_iterator_link_takes_another_program_of_its_target_only() {
    if !privileged() {
        return;
    }
    let Some(first) = iterator::<Task>(iter::TASK) else { return };
    let second = iterator(iter::TASK).unwrap();
    let other = iterator::<Plain>(Name::plain("bpf_iter_bpf_map").unwrap()).unwrap();
    let link = link_create_iter(&first, TaskInfo::All).unwrap();
    let update = |new: BorrowedFd<'_>, old| link_update(link.as_fd(), new, old);

    assert_eq!(update(second.as_fd(), None), Ok(()));
    assert_eq!(holds(&link), id(second.as_fd(), "prog_id"));
    assert_eq!(update(first.as_fd(), Some(first.as_fd())), Err(Errno::PERM));
    assert_eq!(holds(&link), id(second.as_fd(), "prog_id"));
    assert_eq!(update(first.as_fd(), Some(second.as_fd())), Ok(()));
    assert_eq!(holds(&link), id(first.as_fd(), "prog_id"));
    assert_eq!(update(other.as_fd(), None), Err(Errno::INVAL));
    assert_eq!(update(other.as_fd(), Some(first.as_fd())), Err(Errno::INVAL));
    assert_eq!(update(closed(), None), Err(Errno::BADF));
    assert_eq!(update(link.as_fd(), None), Err(Errno::INVAL));
    assert_eq!(link_update(first.as_fd(), second.as_fd(), None), Err(Errno::INVAL));
    let map = map(MapCreate::new(MapType::ARRAY, 4, 4, 1));
    assert_eq!(link_update_map(link.as_fd(), map.as_fd(), None), Err(Errno::INVAL));

    assert_eq!(link_detach(link.as_fd()), Err(Errno::OPNOTSUPP));
    assert_eq!(link_detach(first.as_fd()), Err(Errno::INVAL));
    assert_eq!(link_detach(closed()), Err(Errno::BADF));
}

#[test]
fn a_link_is_found_and_opened_by_its_id() {
    if !privileged() {
        return;
    }
    let cgroup = Cgroup::new();
    let link = link_create(ingress().as_fd(), Target::Fd(cgroup.fd()), INGRESS, 0).unwrap();
    let own = id(link.as_fd(), "link_id");
    let (mut last, mut found) = (0, false);
    loop {
        match link_get_next_id(last) {
            Ok(next) => {
                assert!(next > last);
                (last, found) = (next, found || next == own);
            }
            Err(errno) => {
                assert_eq!(errno, Errno::NOENT);
                break;
            }
        }
    }
    assert!(found);
    assert_eq!(link_get_next_id(i32::MAX as u32), Err(Errno::INVAL));
    let again = link_get_fd_by_id(own).unwrap();
    assert_eq!(id(again.as_fd(), "link_id"), own);
    drop((link, again));
    // Whoever walks all links has it for a moment.
    until("the link is gone", || link_get_fd_by_id(own).err() == Some(Errno::NOENT));
    assert_eq!(refused(link_get_fd_by_id(0)), Errno::NOENT);
}

#[test]
fn a_cgroup_link_is_made_updated_listed_and_detached() {
    if !privileged() {
        return;
    }
    let cgroup = Cgroup::new();
    let target = Target::Fd(cgroup.fd());
    let (first, second) = (ingress(), ingress());
    let link = link_create(first.as_fd(), target, INGRESS, 0).unwrap();
    assert_eq!(fdinfo(link.as_fd(), "link_type"), "cgroup");
    assert_eq!(attached(target, INGRESS), [id(first.as_fd(), "prog_id")]);
    let update = |old| link_update(link.as_fd(), second.as_fd(), old);
    assert_eq!(update(Some(second.as_fd())), Err(Errno::PERM));
    assert_eq!(update(Some(first.as_fd())), Ok(()));
    assert_eq!(attached(target, INGRESS), [id(second.as_fd(), "prog_id")]);
    let other = classifier();
    assert_eq!(link_update(link.as_fd(), other.as_fd(), None), Err(Errno::INVAL));

    assert_eq!(link_detach(link.as_fd()), Ok(()));
    assert_eq!(attached(target, INGRESS), []);
    assert_eq!(link_detach(link.as_fd()), Ok(()));
    assert_eq!(update(None), Err(Errno::NOLINK));

    let make = |prog, target, hook, flags| refused(link_create(prog, target, hook, flags));
    let file = File::open("/").unwrap();
    assert_eq!(make(first.as_fd(), Target::Fd(borrow(&file)), INGRESS, 0), Errno::BADF);
    assert_eq!(make(first.as_fd(), Target::Fd(closed()), INGRESS, 0), Errno::BADF);
    assert_eq!(make(closed(), target, INGRESS, 0), Errno::BADF);
    assert_eq!(make(first.as_fd(), target, AttachType::CGROUP_DEVICE, 0), Errno::INVAL);
    assert_eq!(make(first.as_fd(), target, INGRESS, 1), Errno::INVAL);
}

#[test]
fn cgroup_links_stand_where_they_were_put() {
    if !privileged() {
        return;
    }
    let cgroup = Cgroup::new();
    let target = Target::Fd(cgroup.fd());
    let progs = [ingress(), ingress(), ingress()];
    let ids = progs.each_ref().map(|prog| id(prog.as_fd(), "prog_id"));
    let none = LinkCreateCgroupFlags(0);
    let make = |at: usize, place, revision| {
        link_create_cgroup(progs[at].as_fd(), cgroup.fd(), INGRESS, none, place, revision)
    };
    let last = match make(2, Place::First, 0) {
        Err(Errno::INVAL) => {
            println!("skipped: this kernel keeps cgroups' programs in no order");
            return;
        }
        link => link.unwrap(),
    };
    let neighbour = Neighbour::LinkId(id(last.as_fd(), "link_id"));
    let _middle = make(1, Place::Before(neighbour), 0).unwrap();
    let _first = make(0, Place::First, 0).unwrap();
    assert_eq!(attached(target, INGRESS), ids);

    let (spare, after) = (ingress(), Place::After(Neighbour::Link(last.as_fd())));
    let refuse = |place, revision| {
        refused(link_create_cgroup(spare.as_fd(), cgroup.fd(), INGRESS, none, place, revision))
    };
    assert_eq!(refuse(after, 1), Errno::STALE);
    assert_eq!(refuse(Place::After(Neighbour::Prog(progs[0].as_fd())), 0), Errno::INVAL);
    assert_eq!(refuse(Place::After(Neighbour::Link(zero())), 0), Errno::BADF);
    link_detach(last.as_fd()).unwrap();
    assert_eq!(refuse(after, 0), Errno::NOENT);
}

#[test]
fn network_namespaces_take_links() {
    const DISSECTOR: AttachType = AttachType::FLOW_DISSECTOR;
    const LOOKUP: AttachType = AttachType::SK_LOOKUP;
    if !privileged() {
        return;
    }
    in_netns(|netns| {
        let target = Target::Fd(netns);
        let dissector = simple(ProgType::FLOW_DISSECTOR, DISSECTOR);
        let link = link_create(dissector.as_fd(), target, DISSECTOR, 0).unwrap();
        assert_eq!(fdinfo(link.as_fd(), "link_type"), "netns");
        assert_eq!(attached(target, DISSECTOR), [holds(&link)]);
        let make =
            |prog: &OwnedFd, target, hook| refused(link_create(prog.as_fd(), target, hook, 0));
        assert_eq!(make(&dissector, target, DISSECTOR), Errno::TOOBIG);
        let file = File::open("/").unwrap();
        assert_eq!(make(&dissector, Target::Fd(borrow(&file)), DISSECTOR), Errno::INVAL);

        let lookup = load(
            ProgType::SK_LOOKUP,
            &returns(1),
            &Options { expected_attach_type: LOOKUP, ..Options::default() },
        );
        let (first, second) = (
            link_create(lookup.as_fd(), target, LOOKUP, 0).unwrap(),
            link_create(lookup.as_fd(), target, LOOKUP, 0).unwrap(),
        );
        assert_eq!(attached(target, LOOKUP), [holds(&first), holds(&second)]);
        assert_eq!(link_update(first.as_fd(), dissector.as_fd(), None), Err(Errno::INVAL));
        assert_eq!(link_update(first.as_fd(), lookup.as_fd(), Some(lookup.as_fd())), Ok(()));
        assert_eq!(link_detach(second.as_fd()), Ok(()));
        assert_eq!(attached(target, LOOKUP), [holds(&first)]);
        assert_eq!(link_update(second.as_fd(), lookup.as_fd(), None), Err(Errno::NOLINK));
    });
}

#[test]
fn a_device_takes_one_xdp_link() {
    const SKB_MODE: u32 = 1 << 1;
    const DRV_MODE: u32 = 1 << 2;
    if !privileged() {
        return;
    }
    in_netns(|_| {
        let pass = || {
            let options = Options { expected_attach_type: AttachType::XDP, ..Options::default() };
            load(ProgType::XDP, &returns(2), &options)
        };
        let (first, second) = (pass(), pass());
        let make = |ifindex, mode| {
            link_create(first.as_fd(), Target::Ifindex(ifindex), AttachType::XDP, mode)
        };
        assert_eq!(refused(make(9999, SKB_MODE)), Errno::INVAL);
        assert_eq!(refused(make(LO, SKB_MODE | DRV_MODE)), Errno::INVAL);
        assert_eq!(refused(make(LO, DRV_MODE)), Errno::OPNOTSUPP);
        let link = make(LO, SKB_MODE).unwrap();
        assert_eq!(fdinfo(link.as_fd(), "link_type"), "xdp");
        assert_eq!(id(link.as_fd(), "ifindex"), LO);
        assert_eq!(refused(make(LO, SKB_MODE)), Errno::BUSY);
        assert_eq!(
            link_update(link.as_fd(), second.as_fd(), Some(second.as_fd())),
            Err(Errno::PERM)
        );
        assert_eq!(link_update(link.as_fd(), second.as_fd(), Some(first.as_fd())), Ok(()));
        assert_eq!(holds(&link), id(second.as_fd(), "prog_id"));
        assert_eq!(link_detach(link.as_fd()), Ok(()));
        assert_eq!(link_update(link.as_fd(), first.as_fd(), None), Err(Errno::NOLINK));
        drop(make(LO, SKB_MODE).unwrap());
    });
}

/// What tcx and netkit have in common.
fn ordered(
    device: u32,
    hook: AttachType,
    make: impl Fn(BorrowedFd<'_>, u32, Place<'_>, u64) -> Result<OwnedFd>,
) {
    let target = Target::Ifindex(device);
    let progs = [classifier(), classifier(), classifier()];
    let ids = progs.each_ref().map(|prog| id(prog.as_fd(), "prog_id"));
    let last = make(progs[2].as_fd(), device, Place::Default, 0).unwrap();
    let middle = Place::Before(Neighbour::Link(last.as_fd()));
    let middle = make(progs[1].as_fd(), device, middle, 0).unwrap();
    let first = Place::Before(Neighbour::ProgId(ids[1]));
    let _first = make(progs[0].as_fd(), device, first, 0).unwrap();
    assert_eq!(attached(target, hook), ids);

    let spare = classifier();
    let refuse = |device, place, revision| refused(make(spare.as_fd(), device, place, revision));
    assert_eq!(refused(make(progs[0].as_fd(), device, Place::Default, 0)), Errno::EXIST);
    assert_eq!(refuse(9999, Place::Default, 0), Errno::NODEV);
    assert_eq!(refuse(device, Place::First, 1), Errno::STALE);
    assert_eq!(refuse(device, Place::After(Neighbour::Prog(spare.as_fd())), 0), Errno::NOENT);
    assert_eq!(refuse(device, Place::After(Neighbour::Prog(zero())), 0), Errno::BADF);
    let other = ingress();
    assert_eq!(refuse(device, Place::After(Neighbour::Prog(other.as_fd())), 0), Errno::INVAL);
    assert_eq!(refused(make(other.as_fd(), device, Place::Default, 0)), Errno::INVAL);

    let update = |new: &OwnedFd, old| link_update(middle.as_fd(), new.as_fd(), old);
    assert_eq!(update(&spare, Some(spare.as_fd())), Err(Errno::PERM));
    assert_eq!(update(&progs[0], None), Err(Errno::EXIST));
    assert_eq!(update(&spare, Some(progs[1].as_fd())), Ok(()));
    assert_eq!(attached(target, hook), [ids[0], id(spare.as_fd(), "prog_id"), ids[2]]);
    assert_eq!(link_detach(last.as_fd()), Ok(()));
    assert_eq!(attached(target, hook).len(), 2);
    assert_eq!(link_update(last.as_fd(), progs[1].as_fd(), None), Err(Errno::NOLINK));
}

#[test]
fn traffic_control_takes_links_in_order() {
    const HOOK: AttachType = AttachType::TCX_EGRESS;
    if !privileged() || !has("tcx", (6, 6)) {
        return;
    }
    in_netns(|_| {
        ordered(LO, HOOK, |prog, device, place, revision| {
            link_create_tcx(prog, device, HOOK, place, revision)
        });
    });
}

#[test]
fn netkit_takes_links_in_order() {
    const HOOK: AttachType = AttachType::NETKIT_PRIMARY;
    if !privileged() {
        return;
    }
    in_netns(|_| {
        let prog = classifier();
        let on_lo = refused(link_create_netkit(prog.as_fd(), LO, HOOK, Place::Default, 0));
        let Some(device) = netkit() else {
            assert_eq!(on_lo, Errno::INVAL);
            println!("skipped: this kernel has no netkit");
            return;
        };
        assert_eq!(on_lo, Errno::NXIO);
        ordered(device, HOOK, |prog, device, place, revision| {
            link_create_netkit(prog, device, HOOK, place, revision)
        });
        let peer = (2..64).find(|&index| {
            let peer = link_create_netkit(prog.as_fd(), index, HOOK, Place::Default, 0);
            index != device && refused(peer) == Errno::ACCES
        });
        assert!(peer.is_some());
    });
}

#[test]
fn a_netfilter_hook_takes_one_link_for_each_priority() {
    const IPV4: u32 = 2;
    if !privileged() || !has("a link on netfilter", (6, 4)) {
        return;
    }
    in_netns(|_| {
        let accept = || {
            let options =
                Options { expected_attach_type: AttachType::NETFILTER, ..Options::default() };
            load(ProgType::NETFILTER, &returns(1), &options)
        };
        let prog = accept();
        let make = |pf, hook, priority, flags| {
            let flags = LinkCreateNetfilterFlags(flags);
            link_create_netfilter(prog.as_fd(), pf, hook, priority, flags)
        };
        let link = match make(IPV4, 1, -5, 0) {
            Err(Errno::INVAL) => {
                println!("skipped: this kernel was built without links on netfilter");
                return;
            }
            link => link.unwrap(),
        };
        let info: LinkInfoNetfilter = link_info(link.as_fd());
        assert_eq!((info.pf, info.hooknum, info.priority), (IPV4, 1, -5));
        assert_eq!(refused(make(IPV4, 1, -5, 0)), Errno::BUSY);
        drop(make(IPV4, 1, -4, 0).unwrap());
        assert_eq!(refused(make(1, 1, 0, 0)), Errno::AFNOSUPPORT);
        assert_eq!(refused(make(IPV4, 5, 0, 0)), Errno::PROTO);
        assert_eq!(refused(make(IPV4, 1, i32::MIN, 0)), Errno::RANGE);
        assert_eq!(refused(make(IPV4, 1, i32::MAX, 0)), Errno::RANGE);
        let defrag = LinkCreateNetfilterFlags::IP_DEFRAG.0;
        assert_eq!(refused(make(IPV4, 1, -400, defrag)), Errno::RANGE);
        assert_eq!(refused(make(IPV4, 1, 0, 1 << 31)), Errno::OPNOTSUPP);
        let other = ingress();
        let none = LinkCreateNetfilterFlags(0);
        let other = link_create_netfilter(other.as_fd(), IPV4, 1, 0, none);
        assert_eq!(refused(other), Errno::INVAL);
        assert_eq!(link_update(link.as_fd(), accept().as_fd(), None), Err(Errno::OPNOTSUPP));
        assert_eq!(link_detach(link.as_fd()), Ok(()));
        drop(make(IPV4, 1, -5, 0).unwrap());
    });
}

#[test]
fn a_socket_map_takes_a_link() {
    const VERDICT: AttachType = AttachType::SK_SKB_VERDICT;
    if !privileged() {
        return;
    }
    let prog = load(
        ProgType::SK_SKB,
        &returns(1),
        &Options { expected_attach_type: VERDICT, ..Options::default() },
    );
    let sockets = map(MapCreate::new(MapType::SOCKMAP, 4, 4, 1));
    let make = |map: &OwnedFd| link_create(prog.as_fd(), Target::Fd(map.as_fd()), VERDICT, 0);
    let link = match make(&sockets) {
        Err(Errno::INVAL) => {
            println!("skipped: this kernel's socket maps take no links");
            return;
        }
        link => link.unwrap(),
    };
    assert_eq!(fdinfo(link.as_fd(), "link_type"), "sockmap");
    assert_eq!(refused(make(&sockets)), Errno::BUSY);
    let array = map(MapCreate::new(MapType::ARRAY, 4, 4, 1));
    assert_eq!(refused(make(&array)), Errno::INVAL);
    assert_eq!(link_detach(link.as_fd()), Ok(()));
    drop(make(&sockets).unwrap());
}

#[test]
fn a_counter_takes_one_link_with_its_cookie() {
    if !privileged() {
        return;
    }
    // PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK.
    let event = match perf_event(PerfEventAttr { r#type: 1, ..PerfEventAttr::default() }) {
        Ok(event) => event,
        Err(error) => {
            println!("skipped: perf_event_open: {error}");
            return;
        }
    };
    let prog = simple(ProgType::PERF_EVENT, AttachType(0));
    let link = link_create_perf_event(prog.as_fd(), event.as_fd(), 77).unwrap();
    let info: LinkInfoPerfEventEvent = link_info(link.as_fd());
    // Linux 6.1 says nothing of such links.
    if info.perf_event_type != PerfEventType::UNSPEC {
        assert_eq!((info.perf_event_type, info.cookie), (PerfEventType::EVENT, 77));
    }
    let refuse = |prog: &OwnedFd, event| refused(link_create_perf_event(prog.as_fd(), event, 0));
    assert_eq!(refuse(&prog, event.as_fd()), Errno::EXIST);
    assert_eq!(refuse(&prog, prog.as_fd()), Errno::BADF);
    let other = simple(ProgType::TRACEPOINT, AttachType(0));
    let free = perf_event(PerfEventAttr { r#type: 1, ..PerfEventAttr::default() }).unwrap();
    assert_eq!(refuse(&other, free.as_fd()), Errno::INVAL);
    assert_eq!(refuse(&ingress(), free.as_fd()), Errno::INVAL);

    assert_eq!(link_detach(link.as_fd()), Err(Errno::OPNOTSUPP));
    assert_eq!(link_update(link.as_fd(), prog.as_fd(), None), Err(Errno::INVAL));
    let query = |event: &OwnedFd| {
        let fd = event.as_raw_fd() as u32;
        task_fd_query(std::process::id(), fd, &mut TaskFd::default())
    };
    assert_eq!(query(&event), Err(Errno::OPNOTSUPP));
    assert_eq!(query(&free), Err(Errno::NOENT));
}

/// Something to put a probe on.
#[inline(never)]
extern "C" fn probed() -> u32 {
    std::hint::black_box(7)
}

/// The same for a test that runs at the same time.
#[inline(never)]
extern "C" fn multi_probed() -> u32 {
    std::hint::black_box(8)
}

#[test]
fn a_uprobe_by_perf_event_runs_its_program_and_says_where_it_is() {
    if !privileged() {
        return;
    }
    let Ok(kind) = fs::read_to_string("/sys/bus/event_source/devices/uprobe/type") else {
        println!("skipped: this kernel has no uprobes as perf events");
        return;
    };
    let path = std::ffi::CString::new("/proc/self/exe").unwrap();
    let event = perf_event(PerfEventAttr {
        r#type: kind.trim().parse().unwrap(),
        config1: path.as_ptr().expose_provenance() as u64,
        config2: offset_of(probed),
        ..PerfEventAttr::default()
    });
    let event = event.unwrap();
    let counter = Counter::new();
    let prog = load(ProgType::KPROBE, &counter.program(), &Options::default());
    let link = link_create_perf_event(prog.as_fd(), event.as_fd(), 5).unwrap();
    assert_eq!((probed(), counter.get()), (7, 1));

    let mut name = [0; 4096];
    let mut found = TaskFd { name: &mut name, ..TaskFd::default() };
    assert_eq!(task_fd_query(std::process::id(), event.as_raw_fd() as u32, &mut found), Ok(()));
    assert_eq!(found.fd_type, TaskFdType::UPROBE);
    assert_eq!(found.prog_id, id(prog.as_fd(), "prog_id"));
    assert_eq!(found.probe_offset, offset_of(probed));
    assert_eq!(&found.name[..found.name_len as usize], b"/proc/self/exe");
    drop(link);
    assert_eq!((probed(), counter.get()), (7, 1));
}

#[test]
fn many_places_of_a_file_are_probed_by_one_link() {
    const MULTI: AttachType = AttachType::TRACE_UPROBE_MULTI;
    if !privileged() {
        return;
    }
    let counter = Counter::new();
    let options = Options { expected_attach_type: MULTI, ..Options::default() };
    let insns = counter.program();
    let prog = prog_load(ProgType::KPROBE, &insns, c"GPL", &options, &mut Log::none());
    let prog = prog.unwrap();
    let offsets = [offset_of(multi_probed)];
    let exe = Executable::Path(c"/proc/self/exe");
    let make =
        |file, uprobes: &Uprobes<'_>| link_create_uprobe_multi(prog.as_fd(), MULTI, file, uprobes);
    let here =
        Uprobes { offsets: &offsets, pid: std::process::id(), cookies: &[3], ..Uprobes::default() };
    let link = match make(exe, &here) {
        Err(Errno::OPNOTSUPP | Errno::INVAL) => {
            println!("skipped: this kernel has no uprobe_multi");
            return;
        }
        link => link.unwrap(),
    };
    assert_eq!((multi_probed(), counter.get()), (8, 1));
    let info: LinkInfoUprobeMulti = link_info(link.as_fd());
    assert_eq!((info.count, info.pid, info.flags.0), (1, std::process::id(), 0));
    let on_return = Uprobes { flags: LinkCreateUprobeMultiFlags::RETURN, ..here };
    let on_return = make(exe, &on_return).unwrap();
    assert_eq!((multi_probed(), counter.get()), (8, 3));
    drop((link, on_return));
    assert_eq!((multi_probed(), counter.get()), (8, 3));

    // Arrays that differ in length never reach the kernel.
    let refuse = |file, uprobes| refused(make(file, &uprobes));
    assert_eq!(refuse(exe, Uprobes { cookies: &[1, 2], ..here }), Errno::INVAL);
    assert_eq!(refuse(exe, Uprobes { ref_ctr_offsets: &[1, 2], ..here }), Errno::INVAL);
    assert_eq!(refuse(exe, Uprobes { offsets: &[], cookies: &[], ..here }), Errno::INVAL);
    assert_eq!(refuse(exe, Uprobes { pid: i32::MAX as u32, ..here }), Errno::SRCH);
    assert_eq!(refuse(Executable::Path(c"/no/such"), here), Errno::NOENT);
    assert_eq!(refuse(Executable::Path(c"/"), here), Errno::BADF);
    let other = link_create_uprobe_multi(ingress().as_fd(), MULTI, exe, &here);
    assert_eq!(refused(other), Errno::INVAL);
    // Only Linux 7.2 takes a descriptor.
    let file = File::open("/proc/self/exe").unwrap();
    match make(Executable::Fd(borrow(&file)), &here) {
        Ok(_link) => assert_eq!((multi_probed(), counter.get()), (8, 4)),
        Err(errno) => assert_eq!(errno, Errno::INVAL),
    }
}

#[test]
fn many_functions_are_probed_by_one_link() {
    const MULTI: AttachType = AttachType::TRACE_KPROBE_MULTI;
    if !privileged() {
        return;
    }
    let _alone = alone();
    assert_eq!(size_of::<Symbol<'_>>(), 8);
    let counter = Counter::new();
    let options = Options { expected_attach_type: MULTI, ..Options::default() };
    let prog = load(ProgType::KPROBE, &counter.program(), &options);
    let none = LinkCreateKprobeMultiFlags(0);
    let make = |functions, cookies: &[u64]| {
        link_create_kprobe_multi(prog.as_fd(), MULTI, functions, cookies, none)
    };
    let syms = [c"bpf_fentry_test1", c"bpf_fentry_test2"].map(Symbol::from);
    // Arrays that differ in length never reach the kernel.
    assert_eq!(refused(make(Functions::Syms(&syms), &[1])), Errno::INVAL);
    assert_eq!(refused(make(Functions::Addrs(&[1]), &[1, 2])), Errno::INVAL);
    let link = match make(Functions::Syms(&syms), &[1, 2]) {
        Err(Errno::OPNOTSUPP) => {
            println!("skipped: this kernel has no kprobe_multi");
            return;
        }
        link => link.unwrap(),
    };
    let info: LinkInfoKprobeMulti = link_info(link.as_fd());
    assert_eq!(info.count, 2);
    // A program that is traced is run on those functions.
    let tracer = traced("bpf_fentry_test3", AttachType::TRACE_FENTRY).unwrap();
    prog_test_run(tracer.as_fd(), &mut TestRun::default()).unwrap();
    assert_eq!(counter.get(), 2);
    drop(link);

    let missing = [c"bpf_fentry_test1", c"no such function"].map(Symbol::from);
    assert_eq!(refused(make(Functions::Syms(&missing), &[])), Errno::SRCH);
    let long = std::ffi::CString::new([b'x'; 600]).unwrap();
    let long = [Symbol::from(long.as_c_str())];
    assert_eq!(refused(make(Functions::Syms(&long), &[])), Errno::TOOBIG);
    assert_eq!(refused(make(Functions::Syms(&[]), &[])), Errno::INVAL);
    let table = fs::read_to_string("/proc/kallsyms").unwrap();
    let address = table.lines().find(|line| line.ends_with(" bpf_fentry_test1")).unwrap();
    let address = u64::from_str_radix(address.split(' ').next().unwrap(), 16).unwrap();
    let link = make(Functions::Addrs(&[address]), &[]).unwrap();
    prog_test_run(tracer.as_fd(), &mut TestRun::default()).unwrap();
    assert_eq!(counter.get(), 3);
    assert_eq!(link_detach(link.as_fd()), Err(Errno::OPNOTSUPP));
}

#[test]
fn a_traced_function_runs_the_program_of_its_link() {
    const FENTRY: AttachType = AttachType::TRACE_FENTRY;
    if !privileged() {
        return;
    }
    let _alone = alone();
    let prog = match traced("bpf_fentry_test1", FENTRY) {
        Ok(prog) => prog,
        Err(errno) => {
            println!("skipped: this kernel has no function to trace: {errno}");
            return;
        }
    };
    let make = |attach_type, target| link_create_tracing(prog.as_fd(), attach_type, target, 77);
    assert_eq!(refused(make(AttachType::TRACE_FEXIT, None)), Errno::INVAL);
    assert_eq!(refused(make(AttachType::TRACE_ITER, None)), Errno::INVAL);
    assert_eq!(refused(make(FENTRY, Some((prog.as_fd(), 1)))), Errno::INVAL);
    assert_eq!(refused(make(FENTRY, Some((zero(), 1)))), Errno::BADF);
    let link = match make(FENTRY, None) {
        Err(Errno::NOTSUPP) => {
            println!("skipped: this kernel cannot trace functions: {}", Errno::NOTSUPP);
            return;
        }
        link => link.unwrap(),
    };
    let info: LinkInfoTracing = link_info(link.as_fd());
    assert_eq!(info.attach_type, FENTRY);
    assert_eq!(refused(make(FENTRY, None)), Errno::BUSY);
    assert_eq!(link_detach(link.as_fd()), Err(Errno::OPNOTSUPP));
    drop(link);
    drop(make(FENTRY, None).unwrap());
    assert_eq!(refused(link_create_tracing(closed(), FENTRY, None, 0)), Errno::BADF);
}

#[test]
fn many_functions_are_traced_by_one_link() {
    const MULTI: AttachType = AttachType::TRACE_FENTRY_MULTI;
    if !privileged() {
        return;
    }
    let _alone = alone();
    let prog = classifier();
    let refuse = |ids: &[u32], cookies: &[u64]| {
        refused(link_create_tracing_multi(prog.as_fd(), MULTI, ids, cookies))
    };
    // Arrays that differ in length never reach the kernel; nor does it take another sort of program.
    assert_eq!(refuse(&[1, 2], &[1]), Errno::INVAL);
    assert_eq!(refuse(&[1, 2], &[]), Errno::INVAL);
    assert_eq!(refused(link_create_tracing_multi(closed(), MULTI, &[1], &[])), Errno::BADF);

    let counter = Counter::new();
    let options = Options { expected_attach_type: MULTI, ..Options::default() };
    let insns = counter.program();
    let prog = prog_load(ProgType::TRACING, &insns, c"GPL", &options, &mut Log::none());
    let Ok(prog) = prog else {
        println!("skipped: this kernel has no tracing_multi");
        return;
    };
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).unwrap();
    let ids =
        ["bpf_fentry_test1", "bpf_fentry_test2"].map(|name| btf.id(Kind::FUNC, name).unwrap());
    let make =
        |ids: &[u32], cookies: &[u64]| link_create_tracing_multi(prog.as_fd(), MULTI, ids, cookies);
    let link = make(&ids, &[1, 2]).unwrap();
    assert_eq!(fdinfo(link.as_fd(), "link_type"), "tracing_multi");
    let tracer = traced("bpf_fentry_test3", AttachType::TRACE_FENTRY).unwrap();
    prog_test_run(tracer.as_fd(), &mut TestRun::default()).unwrap();
    assert_eq!(counter.get(), 2);
    drop(link);
    assert_eq!(refused(make(&[ids[0], ids[0]], &[])), Errno::INVAL);
    assert_eq!(refused(make(&[], &[])), Errno::INVAL);
}

#[test]
fn a_struct_ops_is_put_into_use_exchanged_and_taken_out() {
    if !privileged() || !has("a link of a struct_ops", (6, 4)) {
        return;
    }
    let array = map(MapCreate::new(MapType::ARRAY, 4, 4, 1));
    assert_eq!(refused(link_create_struct_ops(array.as_fd())), Errno::INVAL);
    assert_eq!(refused(link_create_struct_ops(closed())), Errno::BADF);
    let Ok(bytes) = fs::read("/sys/kernel/btf/vmlinux") else {
        println!("skipped: this kernel has no BTF");
        return;
    };
    let types = btf::parse(&bytes);
    let make = || congestion_control(&types, MapCreateFlags::LINK);
    let (first, second) = (make(), make());
    let known = || {
        let known = fs::read_to_string("/proc/sys/net/ipv4/tcp_available_congestion_control");
        known.unwrap().contains("bare_cc")
    };
    let link = link_create_struct_ops(first.as_fd()).unwrap();
    assert!(known());
    assert_eq!(refused(link_create_struct_ops(second.as_fd())), Errno::EXIST);
    let holds = || {
        let info: LinkInfoStructOps = link_info(link.as_fd());
        info.map_id
    };
    let update = |old| link_update_map(link.as_fd(), second.as_fd(), old);
    assert_eq!(update(Some(second.as_fd())), Err(Errno::PERM));
    assert_eq!(holds(), id(first.as_fd(), "map_id"));
    assert_eq!(update(Some(first.as_fd())), Ok(()));
    assert_eq!(holds(), id(second.as_fd(), "map_id"));
    assert_eq!(link_update_map(link.as_fd(), array.as_fd(), None), Err(Errno::INVAL));
    assert_eq!(link_update(link.as_fd(), ingress().as_fd(), None), Err(Errno::INVAL));
    match link_detach(link.as_fd()) {
        Err(errno) => assert_eq!(errno, Errno::OPNOTSUPP),
        Ok(()) => {
            assert_eq!(update(None), Err(Errno::NOLINK));
            assert!(!known());
        }
    }
    drop(link);
    assert!(!known());
}

#[test]
fn a_program_belongs_to_one_struct_ops() {
    if !privileged() || !has("a link of a struct_ops", (6, 4)) {
        return;
    }
    let Ok(bytes) = fs::read("/sys/kernel/btf/vmlinux") else {
        println!("skipped: this kernel has no BTF");
        return;
    };
    let types = btf::parse(&bytes);
    let make = || congestion_control(&types, MapCreateFlags::LINK);
    let (first, second) = (make(), make());
    let prog = classifier();
    let associate = |map: &OwnedFd| prog_assoc_struct_ops(prog.as_fd(), map.as_fd());
    if associate(&first) == Err(Errno::INVAL) {
        println!("skipped: this kernel associates nothing with a struct_ops");
        return;
    }
    assert_eq!(associate(&first), Ok(()));
    assert_eq!(associate(&second), Err(Errno::BUSY));
    assert_eq!(prog_assoc_struct_ops(closed(), first.as_fd()), Err(Errno::BADF));
}

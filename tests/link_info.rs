//! What links say of themselves, next to what `bpftool` says of them and what they were made with.

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

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use attach::{
    Cgroup, LO, PerfEventAttr, classifier, in_netns, ingress, load, map, netkit, offset_of,
    perf_event, returns, simple,
};
use barebpf::attach::{Place, Target};
use barebpf::fd::OwnedFd;
use barebpf::info::{LinkBuffers, obj_get_info_by_fd_link, obj_get_info_by_fd_map};
use barebpf::iter::{self, CgroupFrom, CgroupInfo, TaskInfo, link_create_iter};
use barebpf::link::*;
use barebpf::prog::{Options, prog_load, raw_tracepoint_open};
use barebpf::uapi::*;
use barebpf::{Errno, Log};
use common::privileged;

/// Every type that a link says of itself in Linux 7.2.
const KINDS: [&str; 14] = [
    "raw_tracepoint",
    "tracing",
    "cgroup",
    "iter",
    "netns",
    "xdp",
    "perf_event",
    "kprobe_multi",
    "struct_ops",
    "netfilter",
    "tcx",
    "uprobe_multi",
    "netkit",
    "sockmap",
];

/// A link, its type's name, what it was made with, and what it says.
struct Case {
    link: OwnedFd,
    kind: &'static str,
    /// The key in `bpftool`'s JSON, what was asked for, what the link's info has.
    facts: Vec<(&'static str, String, String)>,
}

fn info(link: &OwnedFd) -> LinkInfo {
    obj_get_info_by_fd_link(link.as_fd(), &mut LinkBuffers::default()).expect("a link")
}

/// The name that a link gives, and the length that it says it has, without room and with.
fn name(link: &OwnedFd, len: impl Fn(LinkInfo) -> u32) -> String {
    let needed = len(info(link)) as usize;
    let mut name = vec![0xa5; needed + 1];
    let mut buffers = LinkBuffers { name: &mut name[..needed], ..LinkBuffers::default() };
    let found = obj_get_info_by_fd_link(link.as_fd(), &mut buffers).expect("a link");
    assert_eq!(len(found) as usize, needed);
    assert_eq!(name[needed - 1..], [0, 0xa5], "it fits to the byte");
    String::from_utf8(name[..needed - 1].to_vec()).expect("a C name")
}

/// The value of a key in a JSON object without strings that have quotes in them.
fn value<'j>(json: &'j str, key: &str) -> Option<&'j str> {
    let rest = json.split_once(&format!("\"{key}\":"))?.1;
    Some(rest[..rest.find([',', '}', ']'])?].trim_matches('"'))
}

fn raw_tracepoint() -> Case {
    let prog = load(ProgType::RAW_TRACEPOINT, &returns(0), &Options::default());
    let link = raw_tracepoint_open(prog.as_fd(), Some(c"sched_switch"), 0).expect("a link");
    let found = name(&link, |info| LinkInfoRawTracepoint::from(info).tp_name_len);
    let facts = vec![("tp_name", "sched_switch".into(), found)];
    Case { link, kind: "raw_tracepoint", facts }
}

fn iterators(cgroup: &Cgroup) -> [Case; 5] {
    let target = |link: &OwnedFd| name(link, |info| LinkInfoIter::from(info).target_name_len);
    let case = |link, made: &str, more: Vec<_>| {
        let mut facts = vec![("target_name", made.to_owned(), target(&link))];
        facts.extend(more);
        Case { link, kind: "iter", facts }
    };
    let prog = walk::each(iter::TASK, 1);
    let me = std::process::id();
    let link = link_create_iter(&prog, TaskInfo::Tid(me)).expect("a link");
    let tid = LinkInfoIterTask::from(info(&link)).tid.to_string();
    let thread = case(link, "task", vec![("tid", me.to_string(), tid)]);
    let link = link_create_iter(&prog, TaskInfo::Pid(me)).expect("a link");
    let pid = LinkInfoIterTask::from(info(&link)).pid.to_string();
    let process = case(link, "task", vec![("pid", me.to_string(), pid)]);

    let map = walk::hash(1);
    let id = obj_get_info_by_fd_map(map.as_fd()).expect("a map").id.to_string();
    let link = link_create_iter(&walk::each(iter::BPF_MAP_ELEM, 2), map.as_fd()).expect("a link");
    let map_id = LinkInfoIterMap::from(info(&link)).map_id.to_string();
    let elements = case(link, "bpf_map_elem", vec![("map_id", id, map_id)]);

    let order = CgroupIterOrder::DESCENDANTS_POST;
    let params = CgroupInfo { order, from: CgroupFrom::Fd(cgroup.fd()) };
    let link = link_create_iter(&walk::each(iter::CGROUP, 1), params).expect("a link");
    let found = LinkInfoIterCgroup::from(info(&link));
    assert_eq!(found.order, order);
    let id = ("cgroup_id", inode(cgroup), found.cgroup_id.to_string());
    let order = ("order", "descendants_post".into(), "descendants_post".into());
    let below = case(link, "cgroup", vec![id, order]);
    let maps = iter::Name::<iter::Plain>::plain("bpf_iter_bpf_map").expect("it takes nothing");
    let plain = link_create_iter(&walk::each(maps, 1), ()).expect("a link");
    [thread, process, elements, below, case(plain, "bpf_map", vec![])]
}

/// What the kernel knows a cgroup by.
fn inode(cgroup: &Cgroup) -> String {
    let metadata = cgroup.dir().metadata().expect("it is there");
    std::os::unix::fs::MetadataExt::ino(&metadata).to_string()
}

fn in_a_cgroup(cgroup: &Cgroup) -> Case {
    let hook = AttachType::CGROUP_INET_INGRESS;
    let link = link_create(ingress().as_fd(), Target::Fd(cgroup.fd()), hook, 0).expect("a link");
    let found = LinkInfoCgroup::from(info(&link));
    assert_eq!(found.attach_type, hook);
    let facts = vec![("cgroup_id", inode(cgroup), found.cgroup_id.to_string())];
    Case { link, kind: "cgroup", facts }
}

/// Those that belong to the network namespace of this thread; older kernels have fewer of them.
fn in_the_network(netns: barebpf::fd::BorrowedFd<'_>) -> Vec<Case> {
    let mut cases = Vec::new();
    let hook = AttachType::FLOW_DISSECTOR;
    let prog = simple(ProgType::FLOW_DISSECTOR, hook);
    let link = link_create(prog.as_fd(), Target::Fd(netns), hook, 0).expect("a link");
    let found = LinkInfoNetns::from(info(&link));
    assert_eq!(found.attach_type, hook);
    let ns = std::fs::metadata("/proc/thread-self/ns/net").expect("/proc");
    let ino = std::os::unix::fs::MetadataExt::ino(&ns).to_string();
    let facts = vec![("netns_ino", ino, found.netns_ino.to_string())];
    cases.push(Case { link, kind: "netns", facts });

    let options = Options { expected_attach_type: AttachType::XDP, ..Options::default() };
    let prog = load(ProgType::XDP, &returns(2), &options);
    // In the mode for devices without support of their own.
    let link = link_create(prog.as_fd(), Target::Ifindex(LO), AttachType::XDP, 1 << 1);
    let link = link.expect("a link");
    let ifindex = LinkInfoXdp::from(info(&link)).ifindex.to_string();
    cases.push(Case { link, kind: "xdp", facts: vec![("ifindex", LO.to_string(), ifindex)] });

    let hook = AttachType::TCX_EGRESS;
    if let Ok(link) = link_create_tcx(classifier().as_fd(), LO, hook, Place::Default, 0) {
        let found = LinkInfoTcx::from(info(&link));
        assert_eq!(found.attach_type, hook);
        let facts = vec![("ifindex", LO.to_string(), found.ifindex.to_string())];
        cases.push(Case { link, kind: "tcx", facts });
    }
    let options = Options { expected_attach_type: AttachType::NETFILTER, ..Options::default() };
    let none = &mut Log::none();
    let prog = prog_load(ProgType::NETFILTER, &returns(1), c"GPL", &options, none);
    let link = prog.and_then(|prog| {
        link_create_netfilter(prog.as_fd(), 2, 3, -7, LinkCreateNetfilterFlags(0))
    });
    if let Ok(link) = link {
        let found = LinkInfoNetfilter::from(info(&link));
        let facts = vec![
            ("pf", "2".into(), found.pf.to_string()),
            ("hook", "3".into(), found.hooknum.to_string()),
            ("prio", "-7".into(), found.priority.to_string()),
        ];
        cases.push(Case { link, kind: "netfilter", facts });
    }
    let hook = AttachType::NETKIT_PRIMARY;
    if let Some(device) = netkit() {
        let link = link_create_netkit(classifier().as_fd(), device, hook, Place::Default, 0);
        let link = link.expect("a link");
        let found = LinkInfoNetkit::from(info(&link));
        assert_eq!(found.attach_type, hook);
        let facts = vec![("ifindex", device.to_string(), found.ifindex.to_string())];
        cases.push(Case { link, kind: "netkit", facts });
    }
    let hook = AttachType::SK_SKB_VERDICT;
    let sockets = map(MapCreate::new(MapType::SOCKMAP, 4, 4, 1));
    let prog = simple(ProgType::SK_SKB, hook);
    if let Ok(link) = link_create(prog.as_fd(), Target::Fd(sockets.as_fd()), hook, 0) {
        let found = LinkInfoSockmap::from(info(&link));
        assert_eq!(found.attach_type, hook);
        let id = attach::id(sockets.as_fd(), "map_id").to_string();
        cases.push(Case {
            link,
            kind: "sockmap",
            facts: vec![("map_id", id, found.map_id.to_string())],
        });
    }
    cases
}

/// BTF of a function of one pointer, and the id of it.
fn function_btf() -> (OwnedFd, u32) {
    const NAMES: &[u8] = b"\0int\0it\0traced\0";
    let types: [&[u32]; 4] = [
        // int; void *; int (void *it); int traced(void *it), static.
        &[1, 1 << 24, 4, 1 << 24 | 32],
        &[0, 2 << 24, 0],
        &[0, 13 << 24 | 1, 1, 5, 2],
        &[8, 12 << 24, 3],
    ];
    let types: Vec<u32> = types.concat();
    let (len, names) = (types.len() as u32 * 4, NAMES.len() as u32);
    let words = [&[0x1_eb9f, 24, 0, len, len, names][..], &types].concat();
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(NAMES);
    (barebpf::btf::btf_load(&bytes, None, &mut Log::none()).expect("sound BTF"), 4)
}

/// One program traced by another, which takes nothing of ftrace's.
fn tracing() -> Result<(Case, OwnedFd), Errno> {
    let (btf, func) = function_btf();
    let func_info = [FuncInfo { insn_off: 0, type_id: func }];
    let options = Options {
        btf: Some(btf.as_fd()),
        func_info: &func_info,
        expected_attach_type: AttachType::XDP,
        ..Options::default()
    };
    let traced = load(ProgType::XDP, &returns(2), &options);
    let hook = AttachType::TRACE_FEXIT;
    let options = Options {
        expected_attach_type: hook,
        attach_btf_id: func,
        attach: Some(traced.as_fd()),
        ..Options::default()
    };
    let prog = prog_load(ProgType::TRACING, &returns(0), c"GPL", &options, &mut Log::none())?;
    let link = link_create_tracing(prog.as_fd(), hook, None, 9)?;
    let found = LinkInfoTracing::from(info(&link));
    assert_eq!(found.attach_type, hook);
    let id = attach::id(traced.as_fd(), "prog_id").to_string();
    let facts = vec![
        ("target_obj_id", id, found.target_obj_id.to_string()),
        ("target_btf_id", func.to_string(), found.target_btf_id.to_string()),
    ];
    Ok((Case { link, kind: "tracing", facts }, traced))
}

/// A congestion control, which is in use for as long as its link is there.
fn in_struct_ops() -> Result<Case, Errno> {
    if attach::release() < (6, 4) {
        return Err(Errno::OPNOTSUPP);
    }
    let bytes = std::fs::read("/sys/kernel/btf/vmlinux").map_err(|_| Errno::NOENT)?;
    let map = struct_ops::congestion_control(&btf::parse(&bytes), MapCreateFlags::LINK);
    let link = link_create_struct_ops(map.as_fd())?;
    let id = attach::id(map.as_fd(), "map_id").to_string();
    let found = LinkInfoStructOps::from(info(&link)).map_id.to_string();
    Ok(Case { link, kind: "struct_ops", facts: vec![("map_id", id, found)] })
}

/// Where the kernel has a function, by /proc/kallsyms.
fn address_of(func: &str) -> u64 {
    let table = std::fs::read_to_string("/proc/kallsyms").expect("/proc");
    let line = table.lines().find(|line| line.split(' ').nth(2) == Some(func)).expect(func);
    u64::from_str_radix(line.split(' ').next().expect("an address"), 16).expect("hexadecimal")
}

fn kprobe_multi() -> Result<Case, Errno> {
    let hook = AttachType::TRACE_KPROBE_MULTI;
    let options = Options { expected_attach_type: hook, ..Options::default() };
    let prog = prog_load(ProgType::KPROBE, &returns(0), c"GPL", &options, &mut Log::none())?;
    let syms = [c"bpf_fentry_test1", c"bpf_fentry_test2"].map(Symbol::from);
    let flags = LinkCreateKprobeMultiFlags(0);
    let link =
        link_create_kprobe_multi(prog.as_fd(), hook, Functions::Syms(&syms), &[5, 6], flags)?;
    let head = LinkInfoKprobeMulti::from(info(&link));
    assert_eq!((head.count, head.flags), (2, flags));
    // One entry is cut; two and three are all.
    for len in [1, 2, 3] {
        let (mut addrs, mut cookies) = (vec![7; len], vec![7; len]);
        let mut buffers =
            LinkBuffers { addrs: &mut addrs, cookies: &mut cookies, ..LinkBuffers::default() };
        let found = obj_get_info_by_fd_link(link.as_fd(), &mut buffers).expect("a link");
        assert_eq!(LinkInfoKprobeMulti::from(found).count, 2);
        if len >= 2 {
            let mut both = [(addrs[0], cookies[0]), (addrs[1], cookies[1])];
            both.sort_by_key(|it| it.1);
            // Newer kernels find the entry behind a jump's target.
            let near = |addr: u64, func| addr.wrapping_sub(address_of(func)) < 16;
            assert!(near(both[0].0, "bpf_fentry_test1"), "{:#x}", both[0].0);
            assert!(near(both[1].0, "bpf_fentry_test2"), "{:#x}", both[1].0);
            // The kernel sorts by address.
            assert_eq!(both.map(|it| it.1), [5, 6]);
        }
    }
    let facts = vec![("func_cnt", "2".into(), head.count.to_string())];
    Ok(Case { link, kind: "kprobe_multi", facts })
}

fn uprobe_multi() -> Result<Case, Errno> {
    let hook = AttachType::TRACE_UPROBE_MULTI;
    let options = Options { expected_attach_type: hook, ..Options::default() };
    let prog = prog_load(ProgType::KPROBE, &returns(0), c"GPL", &options, &mut Log::none())?;
    let path = std::env::current_exe().expect("this file");
    let path = path.to_str().expect("UTF-8");
    let (place, me) = (offset_of(probed), std::process::id());
    let uprobes = Uprobes { offsets: &[place], pid: me, cookies: &[3], ..Uprobes::default() };
    let file = std::ffi::CString::new(path).expect("no NUL");
    let file = Executable::Path(&file);
    let link = link_create_uprobe_multi(prog.as_fd(), hook, file, &uprobes)?;
    let (mut name, mut offsets, mut cookies) = (vec![0; 4096], [7; 1], [7; 1]);
    let mut buffers = LinkBuffers {
        name: &mut name,
        addrs: &mut offsets,
        cookies: &mut cookies,
        ..LinkBuffers::default()
    };
    let found = obj_get_info_by_fd_link(link.as_fd(), &mut buffers).expect("a link");
    let found = LinkInfoUprobeMulti::from(found);
    assert_eq!((offsets, cookies, found.count), ([place], [3], 1));
    let len = found.path_size as usize;
    let name = String::from_utf8_lossy(&name[..len - 1]).into_owned();
    let facts = vec![
        ("path", path.to_owned(), name),
        ("func_cnt", "1".into(), found.count.to_string()),
        ("pid", me.to_string(), found.pid.to_string()),
    ];
    Ok(Case { link, kind: "uprobe_multi", facts })
}

/// A number out of a file, if it is there.
fn number(path: &str) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

/// On perf events: a tracepoint by its name, a function of the kernel's.
fn tracepoint() -> Result<Case, Errno> {
    let dir = std::env::temp_dir().join(format!("barebpf-tracefs-{}", std::process::id()));
    std::fs::create_dir(&dir).expect("a new directory");
    let mounted = common::mount("tracefs", &dir).is_ok();
    let id = number(dir.join("events/sched/sched_switch/id").to_str().expect("UTF-8"));
    if mounted {
        common::unmount(&dir);
    }
    std::fs::remove_dir(&dir).expect("an empty directory");
    // PERF_TYPE_TRACEPOINT.
    let config = id.ok_or(Errno::NOENT)?;
    let event = PerfEventAttr { r#type: 2, config, ..PerfEventAttr::default() };
    let event = perf_event(event).map_err(|_| Errno::NOENT)?;
    let prog = load(ProgType::TRACEPOINT, &returns(0), &Options::default());
    let link = link_create_perf_event(prog.as_fd(), event.as_fd(), 21)?;
    let found = LinkInfoPerfEventTracepoint::from(info(&link));
    if found.perf_event_type == PerfEventType::UNSPEC {
        return Err(Errno::OPNOTSUPP);
    }
    assert_eq!(found.perf_event_type, PerfEventType::TRACEPOINT);
    // The cookie came with 6.6; the kernel says so for all of them at once.
    assert_eq!(found.cookie, 21);
    let found = name(&link, |info| LinkInfoPerfEventTracepoint::from(info).name_len);
    let facts = vec![("tracepoint", "sched_switch".into(), found)];
    Ok(Case { link, kind: "perf_event", facts })
}

fn kprobe() -> Result<Case, Errno> {
    let kind = number("/sys/bus/event_source/devices/kprobe/type").ok_or(Errno::NOENT)?;
    let func = c"bpf_fentry_test1";
    let event = PerfEventAttr {
        r#type: kind as u32,
        config1: func.as_ptr().expose_provenance() as u64,
        ..PerfEventAttr::default()
    };
    let event = perf_event(event).map_err(|_| Errno::NOENT)?;
    let prog = load(ProgType::KPROBE, &returns(0), &Options::default());
    let link = link_create_perf_event(prog.as_fd(), event.as_fd(), 22)?;
    let found = LinkInfoPerfEventKprobe::from(info(&link));
    if found.perf_event_type == PerfEventType::UNSPEC {
        return Err(Errno::OPNOTSUPP);
    }
    assert_eq!(found.perf_event_type, PerfEventType::KPROBE);
    assert_eq!((found.offset, found.cookie), (0, 22));
    assert!(found.addr.wrapping_sub(address_of("bpf_fentry_test1")) < 16, "{:#x}", found.addr);
    let found = name(&link, |info| LinkInfoPerfEventKprobe::from(info).name_len);
    let facts = vec![("func", "bpf_fentry_test1".into(), found)];
    Ok(Case { link, kind: "perf_event", facts })
}

/// Something to put a probe on.
#[inline(never)]
extern "C" fn probed() -> u32 {
    std::hint::black_box(7)
}

#[test]
fn links_on_perf_events_say_where_they_are() {
    if !privileged() {
        return;
    }
    // PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES; the kernel gives clocks another type.
    let clock = PerfEventAttr { r#type: 1, config: 3, ..PerfEventAttr::default() };
    match perf_event(clock) {
        Ok(event) => {
            let prog = simple(ProgType::PERF_EVENT, AttachType(0));
            let link = link_create_perf_event(prog.as_fd(), event.as_fd(), 77).expect("a link");
            let found = LinkInfoPerfEventEvent::from(info(&link));
            if found.perf_event_type == PerfEventType::UNSPEC {
                println!("skipped: this kernel says nothing of perf events");
                return;
            }
            assert_eq!(found.perf_event_type, PerfEventType::EVENT);
            assert_eq!((found.event_type, found.config, found.cookie), (1, 3, 77));
        }
        Err(error) => println!("skipped: perf_event_open: {error}"),
    }

    let Ok(kind) = std::fs::read_to_string("/sys/bus/event_source/devices/uprobe/type") else {
        println!("skipped: this kernel has no uprobes as perf events");
        return;
    };
    let path = c"/proc/self/exe";
    let (place, kind) = (offset_of(probed), kind.trim().parse().expect("a number"));
    // Bit 0 asks for the return.
    for (config, returns_from) in [(0, false), (1, true)] {
        let event = perf_event(PerfEventAttr {
            r#type: kind,
            config,
            config1: path.as_ptr().expose_provenance() as u64,
            config2: place,
            ..PerfEventAttr::default()
        });
        let event = event.expect("a place in this program");
        let prog = load(ProgType::KPROBE, &returns(0), &Options::default());
        let link = link_create_perf_event(prog.as_fd(), event.as_fd(), 5).expect("a link");
        let found = LinkInfoPerfEventUprobe::from(info(&link));
        let expected = if returns_from { PerfEventType::URETPROBE } else { PerfEventType::UPROBE };
        assert_eq!(found.perf_event_type, expected);
        assert_eq!((u64::from(found.offset), found.cookie), (place, 5));
        let file = name(&link, |info| LinkInfoPerfEventUprobe::from(info).name_len);
        assert_eq!(file, "/proc/self/exe");
        // Cut, it still ends, and says how long it is.
        let mut short = [0xa5; 8];
        let mut buffers = LinkBuffers { name: &mut short[..6], ..LinkBuffers::default() };
        let cut = obj_get_info_by_fd_link(link.as_fd(), &mut buffers).expect("a link");
        assert_eq!(LinkInfoPerfEventUprobe::from(cut).name_len, 15);
        assert_eq!(&short, b"/proc\0\xa5\xa5");
    }
    assert_eq!(probed(), 7);
}

#[test]
fn links_say_what_they_were_made_with_and_what_bpftool_says() {
    if !privileged() {
        return;
    }
    let program = std::env::var_os("BPFTOOL").unwrap_or_else(|| "bpftool".into());
    let version = Command::new(&program).arg("version").output();
    let bpftool = version.is_ok();
    let board = std::env::current_exe().is_ok_and(|path| path == Path::new("/program"));
    if !bpftool && !board {
        println!("skipped: there is no bpftool (package bpftool)");
    }
    let version = version.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = version.unwrap_or_default();
    let cgroup = Cgroup::new();
    in_netns(|netns| {
        let mut cases = vec![raw_tracepoint(), in_a_cgroup(&cgroup)];
        cases.extend(iterators(&cgroup));
        cases.extend(in_the_network(netns));
        let mut others = vec![
            ("struct_ops", in_struct_ops()),
            ("kprobe_multi", kprobe_multi()),
            ("uprobe_multi", uprobe_multi()),
            ("perf_event on a tracepoint", tracepoint()),
            ("perf_event on a function", kprobe()),
        ];
        let (trace, traced) = tracing()
            .map_or_else(|errno| (Err(errno), None), |(case, prog)| (Ok(case), Some(prog)));
        others.push(("tracing", trace));
        let all = board && attach::release() >= (6, 12);
        for (what, case) in others {
            match case {
                Ok(case) => cases.push(case),
                Err(errno) if all => panic!("no link of {what}: {errno}"),
                Err(errno) => println!("no link of {what}: {errno}"),
            }
        }
        let made: BTreeSet<_> = cases.iter().map(|case| case.kind).collect();
        let missing: Vec<_> = KINDS.into_iter().filter(|kind| !made.contains(kind)).collect();
        assert!(!all || missing.is_empty(), "no link of {missing:?}");
        if !missing.is_empty() {
            println!("skipped: no link of {}", missing.join(", "));
        }
        println!("made here: {made:?}");
        let (mut shown, mut hidden) = (0, Vec::new());
        for Case { link, kind, facts } in &cases {
            for (key, made, found) in facts {
                assert_eq!(made, found, "{kind}: {key}");
            }
            let head = info(link);
            let type_name = format!("{:?}", head.r#type);
            assert_eq!(type_name, format!("BPF_LINK_TYPE_{}", kind.to_uppercase()));
            assert_eq!(head.id, attach::id(link.as_fd(), "link_id"));
            if !bpftool {
                continue;
            }
            // Its status is of no use: 7.8 fails behind a complete answer.
            let id = head.id.to_string();
            let output = Command::new(&program).args(["-j", "link", "show", "id", &id]).output();
            let json = String::from_utf8(output.expect("bpftool").stdout).expect("UTF-8");
            assert_eq!(value(&json, "id"), Some(&*head.id.to_string()), "{json}");
            assert_eq!(value(&json, "prog_id"), Some(&*head.prog_id.to_string()), "{json}");
            // It knows some types by name, others by number; and prints what it knows of them.
            let number = head.r#type.0.to_string();
            let shown_type = value(&json, "type").expect("a type");
            assert!(shown_type == *kind || shown_type == number, "{kind} in {json}");
            for (key, _, found) in facts {
                if let Some(value) = value(&json, key) {
                    assert_eq!(value, found, "{kind}: {key} in {json}");
                    shown += 1;
                } else {
                    hidden.push(format!("{key} of {kind}"));
                }
            }
        }
        println!("{} links, {shown} facts that {version:?} shows too, not {hidden:?}", cases.len());
        assert!(!bpftool || shown >= 6, "{shown} facts were compared");
        // Debian 12's 7.1 knows few types; tests/newer-bpftool gets one that knows all of these.
        let version = version.split(['v', '.']).map_while(|part| match part {
            "bpftool " => Some(0),
            number => number.parse().ok(),
        });
        if version.collect::<Vec<u32>>() >= [0, 7, 5].into() {
            assert!(hidden.is_empty(), "{hidden:?}");
            assert!(shown >= 20 || attach::release() < (6, 12), "{shown} facts were compared");
        }
        // What is traced goes last.
        drop((cases, traced));
    });
}

//! What links say of themselves, next to what `bpftool` says of them and what they were made with.

#[path = "common/attach.rs"]
mod attach;
mod common;
#[path = "common/walk.rs"]
mod walk;

use std::process::Command;

use attach::{
    Cgroup, LO, PerfEventAttr, classifier, in_netns, ingress, load, map, offset_of, perf_event,
    returns, simple,
};
use barebpf::attach::{Place, Target};
use barebpf::fd::OwnedFd;
use barebpf::info::{LinkBuffers, obj_get_info_by_fd_link, obj_get_info_by_fd_map};
use barebpf::iter::{self, CgroupFrom, CgroupInfo, TaskInfo, link_create_iter};
use barebpf::link::{link_create, link_create_netfilter, link_create_perf_event, link_create_tcx};
use barebpf::prog::{Options, raw_tracepoint_open};
use barebpf::uapi::*;
use common::privileged;

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

fn iterators(cgroup: &Cgroup) -> [Case; 4] {
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
    [thread, process, elements, case(link, "cgroup", vec![id, order])]
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
    let none = &mut barebpf::Log::none();
    let prog = barebpf::prog::prog_load(ProgType::NETFILTER, &returns(1), c"GPL", &options, none);
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
    let bpftool = Command::new("bpftool").arg("version").output().is_ok();
    if !bpftool {
        println!("skipped: there is no bpftool (package bpftool)");
    }
    let cgroup = Cgroup::new();
    in_netns(|netns| {
        let mut cases = vec![raw_tracepoint(), in_a_cgroup(&cgroup)];
        cases.extend(iterators(&cgroup));
        cases.extend(in_the_network(netns));
        let mut shown = 0;
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
            let show = ["-j", "link", "show", "id", &head.id.to_string()].map(str::to_owned);
            let json = common::run("bpftool", &show.each_ref().map(String::as_str));
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
                    println!("bpftool does not show {key} of {kind}");
                }
            }
        }
        assert!(!bpftool || shown >= 6, "{shown} facts were compared");
        println!("{} links, {shown} facts that bpftool shows too", cases.len());
    });
}

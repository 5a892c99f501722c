//! Every target of the running kernel is walked, and what comes out is counted against what /proc, sysfs
//! or `bpftool` say.

#[path = "common/attach.rs"]
mod attach;
mod common;
#[path = "common/walk.rs"]
mod walk;

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::process::Command;

use attach::{Cgroup, in_netns};
use barebpf::asm::{self, PtrWidth};
use barebpf::btf::{Btf, btf_load};
use barebpf::fd::OwnedFd;
use barebpf::iter::{
    self, CgroupFrom, CgroupInfo, Kind, Name, Plain, Prog, TaskInfo, link_create_iter,
};
use barebpf::map::{self, Map, map_create, map_update_elem};
use barebpf::uapi::insn::{Reg, Size};
use barebpf::uapi::{CgroupIterOrder, MapCreateFlags, MapElemFlags, MapType};
use barebpf::{Errno, Log};
use common::{agree, privileged};
use walk::{all, each, hash, pass, program};

/// Every target, and its id.
fn targets() -> BTreeMap<String, u32> {
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).expect("this kernel has BTF");
    let mut found = BTreeMap::new();
    iter::targets(&mut btf, |func, id| {
        assert_eq!(found.insert(func.to_owned(), id), None, "{func} comes once");
    })
    .expect("sound BTF");
    found
}

/// Whether this kernel has the target. Says so when not.
fn offers(func: &str) -> bool {
    let offers = targets().contains_key(func);
    if !offers {
        println!("skipped: this kernel has no {func}");
    }
    offers
}

fn plain(func: &str) -> Prog<Plain> {
    each(Name::plain(func).expect("it takes nothing"), 1)
}

fn count(prog: &Prog<Plain>) -> usize {
    pass(&link_create_iter(prog, ()).expect("a link"))
}

/// The lines of a file below a header.
fn lines(path: &str, header: usize) -> usize {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.lines().count() - header
}

/// A process of the test's own, with nothing to do and six descriptors.
struct Sleeper(libc::pid_t);

impl Sleeper {
    fn new() -> Self {
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let ready = writer.as_raw_fd();
        // SAFETY: the child makes no call but those below, which take no lock of anyone's.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            // SAFETY: one byte that stays.
            unsafe { libc::write(ready, c".".as_ptr().cast(), 1) };
            // SAFETY: nothing of what is closed is used here any more.
            unsafe { libc::syscall(libc::SYS_close_range, 3, -1, 0) };
            for _ in 0..3 {
                // SAFETY: a number.
                unsafe { libc::dup(0) };
            }
            loop {
                // SAFETY: nothing is handed over.
                unsafe { libc::pause() };
            }
        }
        assert!(pid > 0, "fork: {}", std::io::Error::last_os_error());
        let sleeper = Self(pid);
        reader.read_exact(&mut [0]).expect("it is alive");
        sleeper
    }

    fn info(&self) -> TaskInfo<'static> {
        TaskInfo::Pid(self.0 as u32)
    }
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        // SAFETY: it is ours, and nobody has waited for it.
        unsafe { libc::kill(self.0, libc::SIGKILL) };
        // SAFETY: there is no status to be written.
        let gone = unsafe { libc::waitpid(self.0, std::ptr::null_mut(), 0) };
        assert_eq!(gone, self.0);
    }
}

fn sockets(map_type: MapType) -> Map {
    let options = map::Options::default();
    map_create(map_type, 4, 8, 4, &options, &mut Log::none()).expect("a map")
}

/// A map whose values, four bytes each, belong to sockets.
fn storage() -> Map {
    // An INT of four bytes.
    let mut types = Vec::new();
    for word in [0x1_eb9f_u32, 24, 0, 16, 16, 5, 1, 1 << 24, 4, 1 << 24 | 32] {
        types.extend(word.to_le_bytes());
    }
    types.extend(b"\0int\0");
    let types = btf_load(&types, None, &mut Log::none()).expect("sound BTF");
    let options = map::Options {
        flags: MapCreateFlags::NO_PREALLOC,
        btf: Some(types.as_fd()),
        btf_key_type_id: 1,
        btf_value_type_id: 1,
        ..map::Options::default()
    };
    map_create(MapType::SK_STORAGE, 4, 4, 0, &options, &mut Log::none()).expect("a map")
}

fn put(map: &Map, key: i32, value: &[u8]) {
    map_update_elem(map, &key.to_ne_bytes(), value, MapElemFlags::empty()).expect("room");
}

fn lacks_cmpxchg16b() -> bool {
    let processor = fs::read_to_string("/proc/cpuinfo").expect("/proc");
    cfg!(target_arch = "x86_64") && !processor.split_whitespace().any(|flag| flag == "cx16")
}

/// Walks the target once, with what it takes; how many bytes came out.
fn walk_any(func: &str, id: u32) -> Result<usize, (&'static str, Errno)> {
    fn walk<K: Kind>(
        name: Name<'_, K>,
        id: u32,
        slot: u8,
        info: K::Info<'_>,
    ) -> Result<usize, (&'static str, Errno)> {
        let insns = program(slot, b'.');
        let prog = Prog::load(name.with_id(id), &insns, c"GPL", &mut Log::none());
        let prog = prog.map_err(|errno| ("PROG_LOAD", errno))?;
        let link = link_create_iter(&prog, info).map_err(|errno| ("LINK_CREATE", errno))?;
        let mut iter = iter::iter_create(link.as_fd()).map_err(|errno| ("ITER_CREATE", errno))?;
        Ok(all(&mut iter).len())
    }
    let order = CgroupIterOrder::SELF_ONLY;
    match func {
        "bpf_iter_task" => walk(iter::TASK, id, 1, TaskInfo::All),
        "bpf_iter_task_file" => walk(iter::TASK_FILE, id, 1, TaskInfo::All),
        "bpf_iter_task_vma" => walk(iter::TASK_VMA, id, 1, TaskInfo::All),
        "bpf_iter_cgroup" => {
            walk(iter::CGROUP, id, 1, CgroupInfo { order, from: CgroupFrom::Root })
        }
        "bpf_iter_bpf_map_elem" => walk(iter::BPF_MAP_ELEM, id, 2, hash(3).as_fd()),
        "bpf_iter_bpf_sk_storage_map" => walk(iter::BPF_SK_STORAGE_MAP, id, 2, storage().as_fd()),
        "bpf_iter_sockmap" => walk(iter::SOCKMAP, id, 3, sockets(MapType::SOCKMAP).as_fd()),
        plain => walk(Name::plain(plain).expect("those above take parameters"), id, 1, ()),
    }
}

/// Targets that Linux has had since these releases; of parts that every kernel here is built with.
const SINCE: [(&str, (u32, u32)); 17] = [
    ("task", (5, 8)),
    ("task_file", (5, 8)),
    ("bpf_map", (5, 8)),
    ("netlink", (5, 8)),
    ("bpf_map_elem", (5, 9)),
    ("bpf_prog", (5, 9)),
    ("bpf_sk_storage_map", (5, 9)),
    ("tcp", (5, 9)),
    ("udp", (5, 9)),
    ("sockmap", (5, 10)),
    ("task_vma", (5, 12)),
    ("unix", (5, 15)),
    ("bpf_link", (5, 19)),
    ("ksym", (6, 0)),
    ("cgroup", (6, 1)),
    ("kmem_cache", (6, 13)),
    ("dmabuf", (6, 16)),
];

#[test]
fn every_target_that_btf_names_is_there_to_be_walked() {
    if !privileged() {
        return;
    }
    let targets = targets();
    for (func, id) in &targets {
        match walk_any(func, *id) {
            Ok(count) => println!("{func} ({id}): {count}"),
            // None that BTF names is refused by any kernel of the matrix.
            Err((call, errno)) => panic!("{func} ({id}): {call}: {errno}"),
        }
    }
    for (name, since) in SINCE {
        let there = targets.contains_key(&format!("bpf_iter_{name}"));
        assert!(there || attach::release() < since, "{name} has been there since {since:?}");
    }
    // Functions of other things have that name, too, but no context.
    assert!(
        !targets.contains_key("bpf_iter_num_new") && !targets.contains_key("bpf_iter_run_prog")
    );
}

#[test]
fn the_names_and_ids_are_those_that_a_search_for_each_finds() {
    let Ok(bytes) = fs::read("/sys/kernel/btf/vmlinux") else {
        println!("skipped: this kernel has no BTF");
        return;
    };
    let found = targets();
    // The same out of the names alone, as `strings` would see them.
    let mut btf = Btf::from_slice(&bytes).expect("sound BTF");
    let mut expected = BTreeMap::new();
    for name in bytes.split(|&byte| byte == 0).filter_map(|name| name.strip_prefix(b"bpf_iter__")) {
        let name = std::str::from_utf8(name).expect("a C name");
        let func = format!("bpf_iter_{name}");
        let context = btf.id(barebpf::btf::Kind::STRUCT, &format!("bpf_iter__{name}"));
        if let (Ok(id), Ok(_)) = (btf.id(barebpf::btf::Kind::FUNC, &func), context) {
            expected.insert(func, id);
        }
    }
    assert_eq!(found, expected);
    assert!(found.len() >= 10, "Linux 5.8 had fewer, later ones have more: {}", found.len());
    // A window instead of a mapping, which cuts names in two.
    let file = fs::File::open("/sys/kernel/btf/vmlinux").expect("as above");
    for window in [1000, 4096] {
        let mut window = vec![0; window];
        let mut btf = Btf::from_fd(attach::borrow(&file), &mut window).expect("sound BTF");
        let mut through = BTreeMap::new();
        iter::targets(&mut btf, |func, id| {
            through.insert(func.to_owned(), id);
        })
        .expect("sound BTF");
        assert_eq!(through, expected);
    }
}

#[test]
fn tasks_are_those_of_proc() {
    if !privileged() {
        return;
    }
    let ids = |dir: &Path| -> Vec<u32> {
        let entries = fs::read_dir(dir).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
    };
    // A kernel may keep a thread from root, and then from iterators too.
    let open = |tgid: u32, tid: u32| {
        let link = fs::read_link(format!("/proc/{tgid}/task/{tid}/ns/pid"));
        !link.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied)
    };
    let there = || {
        let threads = |tgid: &u32| {
            let tids = ids(Path::new(&format!("/proc/{tgid}/task")));
            tids.into_iter().filter(|tid| open(*tgid, *tid)).count()
        };
        ids(Path::new("/proc")).iter().map(threads).sum()
    };
    let prog = each(iter::TASK, 1);
    agree("task", || pass(&link_create_iter(&prog, TaskInfo::All).expect("a link")), there);
}

#[test]
fn files_and_mappings_of_a_process_are_those_of_proc() {
    if !privileged() {
        return;
    }
    let sleeper = Sleeper::new();
    let of = |name: &str| format!("/proc/{}/{name}", sleeper.0);
    let prog = each(iter::TASK_FILE, 3);
    let fds = || fs::read_dir(of("fd")).expect("/proc").count();
    agree("task_file", || pass(&link_create_iter(&prog, sleeper.info()).expect("a link")), fds);

    if offers(iter::TASK_VMA.func()) {
        let prog = each(iter::TASK_VMA, 2);
        // The page of vsyscalls belongs to no task.
        let maps = || {
            let maps = fs::read_to_string(of("maps")).expect("/proc");
            maps.lines().filter(|line| !line.ends_with("[vsyscall]")).count()
        };
        agree("task_vma", || pass(&link_create_iter(&prog, sleeper.info()).expect("a link")), maps);
    }
}

#[test]
fn objects_of_bpf_are_those_of_bpftool() {
    if !privileged() {
        return;
    }
    if Command::new("bpftool").arg("version").output().is_err() {
        println!("skipped: there is no bpftool (package bpftool)");
        return;
    }
    let _map = hash(1);
    for what in ["map", "prog", "link"] {
        let func = format!("bpf_iter_bpf_{what}");
        if offers(&func) {
            let prog = plain(&func);
            let link = link_create_iter(&prog, ()).expect("a link");
            let show = || common::run("bpftool", &["-j", what, "show"]).matches("{\"id\":").count();
            agree(&func, || pass(&link), show);
        }
    }
}

#[test]
fn elements_are_those_that_were_put_in() {
    if !privileged() {
        return;
    }
    let prog = each(iter::BPF_MAP_ELEM, 2);
    for entries in [1, 7, 4097] {
        let link = link_create_iter(&prog, hash(entries).as_fd()).expect("a link");
        assert_eq!(pass(&link), entries as usize);
    }

    let tcp = [(); 3].map(|()| TcpListener::bind("0.0.0.0:0").expect("a free port"));
    if offers(iter::BPF_SK_STORAGE_MAP.func()) {
        let (map, seven) = (storage(), 7_u32.to_ne_bytes());
        let first = tcp[0].as_raw_fd().to_ne_bytes();
        match map_update_elem(&map, &first, &seven, MapElemFlags::empty()) {
            // Newer kernels take this memory without a lock, by an instruction that QEMU's processor lacks here.
            Err(Errno::NOMEM) if lacks_cmpxchg16b() => {
                println!(
                    "skipped: without cmpxchg16b this kernel has no memory for a socket's storage"
                );
            }
            first => {
                first.expect("room");
                for socket in &tcp[1..] {
                    put(&map, socket.as_raw_fd(), &seven);
                }
                let prog = each(iter::BPF_SK_STORAGE_MAP, 2);
                assert_eq!(pass(&link_create_iter(&prog, map.as_fd()).expect("a link")), 3);
            }
        }
    }
    if offers(iter::SOCKMAP.func()) {
        let prog = each(iter::SOCKMAP, 3);
        for map_type in [MapType::SOCKMAP, MapType::SOCKHASH] {
            let map = sockets(map_type);
            for (key, socket) in (0..).zip(&tcp) {
                put(&map, key, &(socket.as_raw_fd() as u64).to_ne_bytes());
            }
            assert_eq!(pass(&link_create_iter(&prog, map.as_fd()).expect("a link")), 3);
        }
    }
}

#[test]
fn sockets_are_those_of_proc_in_the_namespace_of_whoever_opens() {
    if !privileged() {
        return;
    }
    let net = |name: &str| lines(&format!("/proc/thread-self/net/{name}"), 1);
    let both = |name: &str| {
        let six = format!("/proc/thread-self/net/{name}6");
        net(name) + if Path::new(&six).exists() { net(&format!("{name}6")) } else { 0 }
    };
    in_netns(|_| {
        let listener = || TcpListener::bind("0.0.0.0:0").expect("a free port");
        let _tcp = ([(); 5].map(|()| listener()), TcpListener::bind("[::]:0"));
        let _udp = [(); 3].map(|()| UdpSocket::bind("0.0.0.0:0").expect("a free port"));
        let name = std::env::temp_dir().join(format!("barebpf-unix-{}", std::process::id()));
        let _unix = (UnixListener::bind(&name), UnixDatagram::pair().expect("a pair"));
        fs::remove_file(&name).expect("our socket");
        // SAFETY: no address.
        let netlink = unsafe { libc::socket(libc::AF_NETLINK, libc::SOCK_RAW, 0) };
        // SAFETY: it is new.
        let _netlink = unsafe { OwnedFd::from_raw_fd(netlink) }.expect("a free number");

        let tcp: (&str, &dyn Fn() -> usize, usize) = ("bpf_iter_tcp", &|| both("tcp"), 5);
        let udp: (&str, &dyn Fn() -> usize, usize) = ("bpf_iter_udp", &|| both("udp"), 3);
        let unix: (&str, &dyn Fn() -> usize, usize) = ("bpf_iter_unix", &|| net("unix"), 3);
        let netlink: (&str, &dyn Fn() -> usize, usize) =
            ("bpf_iter_netlink", &|| net("netlink"), 1);
        for (func, there, least) in [tcp, udp, unix, netlink] {
            if offers(func) {
                let prog = plain(func);
                agree(func, || count(&prog), there);
                assert!(there() >= least, "{func}: those of this test at least");
            }
        }
    });
}

#[test]
fn routes_are_those_of_proc() {
    if !privileged() || !offers("bpf_iter_ipv6_route") {
        return;
    }
    let prog = plain("bpf_iter_ipv6_route");
    agree("ipv6_route", || count(&prog), || lines("/proc/net/ipv6_route", 0));
}

#[test]
fn symbols_are_those_of_kallsyms() {
    if !privileged() || !offers("bpf_iter_ksym") {
        return;
    }
    let prog = plain("bpf_iter_ksym");
    // The last call has no null there, but the last symbol again.
    agree("ksym", || count(&prog) - 1, || lines("/proc/kallsyms", 0));
}

#[test]
fn caches_are_those_of_slabinfo() {
    if !privileged() || !offers("bpf_iter_kmem_cache") {
        return;
    }
    if !Path::new("/proc/slabinfo").exists() {
        println!("skipped: there is no /proc/slabinfo");
        return;
    }
    let prog = plain("bpf_iter_kmem_cache");
    agree("kmem_cache", || count(&prog), || lines("/proc/slabinfo", 2));
}

#[test]
fn cgroups_are_the_directories_in_every_order() {
    if !privileged() || !offers(iter::CGROUP.func()) {
        return;
    }
    let cgroup = Cgroup::new();
    let children = ["a", "a/b", "a/b/c", "d", "e"].map(|name| cgroup.dir().join(name));
    for child in &children {
        fs::create_dir(child).expect("a new cgroup");
    }
    // Each writes the number of its parents, so that the order is seen.
    let prog = levels();
    let walk = |order| {
        let info = CgroupInfo { order, from: CgroupFrom::Fd(cgroup.fd()) };
        let link = link_create_iter(&prog, info).expect("a link");
        let levels = all(&mut iter::iter_create(link.as_fd()).expect("an iterator"));
        let top = *levels.iter().min().expect("one at least");
        levels.into_iter().map(|level| level - top).collect::<Vec<_>>()
    };
    assert_eq!(walk(CgroupIterOrder::SELF_ONLY), [0]);
    assert_eq!(walk(CgroupIterOrder::DESCENDANTS_PRE), [0, 1, 2, 3, 1, 1]);
    assert_eq!(walk(CgroupIterOrder::DESCENDANTS_POST), [3, 2, 1, 1, 1, 0]);
    let up = walk(CgroupIterOrder::ANCESTORS_UP);
    assert!(up.len() >= 2 && up.is_sorted_by(|a, b| a > b) && up.ends_with(&[0]), "{up:?}");

    // By its id, which is the inode of the directory.
    let inode = std::os::unix::fs::MetadataExt::ino(&fs::metadata(cgroup.dir()).expect("it is"));
    let info = CgroupInfo { order: CgroupIterOrder::DESCENDANTS_PRE, from: CgroupFrom::Id(inode) };
    assert_eq!(pass(&link_create_iter(&prog, info).expect("a link")), 6);
    for child in children.iter().rev() {
        fs::remove_dir(child).expect("an empty cgroup");
    }
}

/// Writes `level`, the number of a cgroup's parents, of each.
fn levels() -> Prog<iter::Cgroup> {
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).expect("this kernel has BTF");
    let [level] = btf.find([barebpf::btf::Want::member("cgroup", "level")]).expect("sound BTF");
    let [null, null_too] = asm::jmp_null(PtrWidth::Eight, Reg::R2, 8);
    let head = [
        asm::ld_ctx_ptr(Reg::R2, Reg::R1, 1),
        null,
        null_too,
        asm::ldx_mem(Size::W, Reg::R3, Reg::R2, level.off().expect("a near member")),
        asm::stx_mem(Size::B, Reg::R10, Reg::R3, -1),
    ];
    walk::load(iter::CGROUP, &[&head[..], &walk::write_byte()].concat())
}

#[test]
fn buffers_are_those_of_dma_buf() {
    const BUFFERS: &str = "/sys/kernel/dmabuf/buffers";
    if !privileged() || !offers("bpf_iter_dmabuf") {
        return;
    }
    if !Path::new(BUFFERS).exists() {
        println!("skipped: this kernel does not list dma-bufs in sysfs");
        return;
    }
    let prog = plain("bpf_iter_dmabuf");
    agree("dmabuf", || count(&prog), || fs::read_dir(BUFFERS).expect("sysfs").count());
}

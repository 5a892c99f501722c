//! Names in a bpffs of the test's own, and statistics.

mod common;

use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;

use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info::{Kind, ProgBuffers, kind, obj_get_info_by_fd_map, obj_get_info_by_fd_prog};
use barebpf::map::{Map, Options, map_create, map_lookup_elem, map_update_elem};
use barebpf::obj::{enable_stats, obj_get, obj_get_path_fd, obj_pin, obj_pin_path_fd};
use barebpf::prog::{TestRun, prog_load, prog_test_run};
use barebpf::uapi::insn::Insn;
use barebpf::uapi::{MapElemFlags, MapType, ObjFlags, ProgType, StatsType};
use barebpf::{Errno, Log};

const O_PATH: i32 = 0o10_000_000;
const O_DIRECTORY: i32 = if cfg!(target_arch = "aarch64") { 0o40_000 } else { 0o200_000 };

fn map() -> Map {
    map_create(MapType::ARRAY, 4, 4, 1, &Options::default(), &mut Log::none()).unwrap()
}

fn program() -> OwnedFd {
    let [mut mov, mut exit] = [Insn::zeroed(); 2];
    (mov.code, exit.code) = (0xb7, 0x95);
    let options = barebpf::prog::Options::default();
    prog_load(ProgType::SOCKET_FILTER, &[mov, exit], c"GPL", &options, &mut Log::none()).unwrap()
}

fn borrow(file: &File) -> BorrowedFd<'_> {
    // SAFETY: it stays open for as long as the borrow.
    unsafe { BorrowedFd::borrow_raw(file.as_raw_fd()) }
}

fn id(fd: BorrowedFd<'_>) -> u32 {
    obj_get_info_by_fd_map(fd).unwrap().id
}

#[test]
fn a_pinned_map_is_the_same_map_when_it_is_opened_again() {
    if !common::privileged() {
        return;
    }
    let fs = common::Bpffs::new();
    let path = fs.c_path("map");
    let map = map();
    obj_pin(map.as_fd(), &path).unwrap();
    assert_eq!(obj_pin(map.as_fd(), &path), Err(Errno::EXIST));
    let first = id(map.as_fd());
    map_update_elem(&map, &[0; 4], &[7; 4], MapElemFlags::ANY).unwrap();
    drop(map);
    let again = Map::from_fd(obj_get(&path, ObjFlags::RDONLY).unwrap()).unwrap();
    assert_eq!(id(again.as_fd()), first);
    let mut value = [0; 4];
    map_lookup_elem(&again, &[0; 4], &mut value, MapElemFlags::ANY).unwrap();
    assert_eq!(value, [7; 4]);
    let refused = map_update_elem(&again, &[0; 4], &[8; 4], MapElemFlags::ANY);
    assert_eq!(refused, Err(Errno::PERM));
}

#[test]
fn what_cannot_be_pinned_or_opened_says_why() {
    if !common::privileged() {
        return;
    }
    let fs = common::Bpffs::new();
    let map = map();
    assert_eq!(obj_pin(map.as_fd(), &fs.c_path("a.b")), Err(Errno::PERM));
    assert_eq!(obj_pin(map.as_fd(), &fs.c_path("no/such")), Err(Errno::NOENT));
    assert_eq!(obj_pin(map.as_fd(), c"/dev/barebpf-not-bpffs"), Err(Errno::PERM));
    let file = File::open("/dev/null").unwrap();
    assert_eq!(obj_pin(borrow(&file), &fs.c_path("null")), Err(Errno::INVAL));
    assert_eq!(obj_get(&fs.c_path("none"), ObjFlags(0)).err(), Some(Errno::NOENT));
    assert_eq!(obj_get(c"/dev/null", ObjFlags(0)).err(), Some(Errno::ACCES));
    obj_pin(program().as_fd(), &fs.c_path("prog")).unwrap();
    let prog = obj_get(&fs.c_path("prog"), ObjFlags(0)).unwrap();
    assert_eq!(kind(prog.as_fd()), Ok(Kind::Prog));
    assert_eq!(Map::from_fd(prog).err(), Some(Errno::INVAL));
}

#[test]
fn a_path_may_begin_in_an_open_directory() {
    if !common::privileged() {
        return;
    }
    let fs = common::Bpffs::new();
    let map = map();
    for (name, flags) in [(c"opened", O_DIRECTORY), (c"path", O_DIRECTORY | O_PATH)] {
        let dir = File::options().read(true).custom_flags(flags).open(fs.dir()).unwrap();
        match obj_pin_path_fd(map.as_fd(), borrow(&dir), name) {
            Err(Errno::INVAL) => {
                println!("skipped: this kernel takes no path_fd");
                return;
            }
            result => assert_eq!(result, Ok(())),
        }
        assert!(fs.path(name.to_str().unwrap()).exists());
        let again = obj_get_path_fd(borrow(&dir), name, ObjFlags(0)).unwrap();
        assert_eq!(id(again.as_fd()), id(map.as_fd()));
        let exists = obj_pin_path_fd(map.as_fd(), borrow(&dir), name);
        assert_eq!(exists, Err(Errno::EXIST));
        let none = obj_get_path_fd(borrow(&dir), c"none", ObjFlags(0));
        assert_eq!(none.err(), Some(Errno::NOENT));
    }
    let file = File::open("/dev/null").unwrap();
    let no_dir = obj_pin_path_fd(map.as_fd(), borrow(&file), c"name");
    assert_eq!(no_dir, Err(Errno::NOTDIR));
    let no_dir = obj_get_path_fd(borrow(&file), c"name", ObjFlags(0));
    assert_eq!(no_dir.err(), Some(Errno::NOTDIR));
    // SAFETY: nobody has this number, and nothing here closes it.
    let closed = unsafe { BorrowedFd::borrow_raw(1 << 20) };
    assert_eq!(obj_pin_path_fd(map.as_fd(), closed, c"name"), Err(Errno::BADF));
    let dir = File::open("/tmp").unwrap();
    assert_eq!(obj_pin_path_fd(map.as_fd(), borrow(&dir), c"barebpf"), Err(Errno::PERM));
}

#[test]
fn runs_are_counted_while_statistics_are_on() {
    if !common::privileged() {
        return;
    }
    assert_eq!(enable_stats(StatsType(1000)).err(), Some(Errno::INVAL));
    let prog = program();
    let info = || obj_get_info_by_fd_prog(prog.as_fd(), &mut ProgBuffers::default()).unwrap();
    assert_eq!(info().run_cnt, 0);
    let stats = enable_stats(StatsType::RUN_TIME).unwrap();
    let packet = [0; 64];
    let mut run = TestRun { data_in: &packet, repeat: 5, ..TestRun::default() };
    prog_test_run(prog.as_fd(), &mut run).unwrap();
    // A test run counts or not, by the kernel; real packets do everywhere.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    common_attach(&socket, &prog);
    let to = socket.local_addr().unwrap();
    std::net::UdpSocket::bind("127.0.0.1:0").unwrap().send_to(&packet, to).unwrap();
    // On a busy machine another thread of the kernel takes it in.
    common::until("a run is counted", || info().run_cnt >= 1);
    drop(stats);
}

/// `setsockopt(socket, SOL_SOCKET, SO_ATTACH_BPF, prog)`.
fn common_attach(socket: &std::net::UdpSocket, prog: &OwnedFd) {
    unsafe extern "C" {
        safe fn setsockopt(fd: i32, level: i32, name: i32, value: &i32, len: u32) -> i32;
    }
    assert_eq!(setsockopt(socket.as_raw_fd(), 1, 50, &prog.as_raw_fd(), 4), 0);
}

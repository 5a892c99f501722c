//! Behind every struct that a command writes back into stand bytes that must stay as they are; and the
//! canary can die.

use core::cell::RefCell;
use core::hint::black_box;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use barebpf::uapi::{
    ARMS, Arm, AttachType, Attr, BtfInfo, BtfLoad, Cmd, CommonAttr, CoreRelo, FuncInfo, GetNextId,
    LineInfo, LinkInfo, LinkInfoRawTracepoint, LinkType, MapBatch, MapCreate, MapCreateFlags,
    MapInfo, MapType, ObjGetInfoByFd, ProgInfo, ProgLoad, ProgQuery, ProgTestRun, ProgType,
    RawTracepointOpen, TaskFdQuery, written,
};
use barebpf::{Errno, Result, arch, sys};

const CANARY: [u8; 256] = [0xa5; 256];

/// `r0 = 0; exit`.
const PROGRAM: [u64; 2] = [0xb7, 0x95];

#[repr(C)]
struct Guarded<A> {
    arm: A,
    canary: [u8; 256],
}

/// An address, as `bpf_attr` has it. What it belongs to is borrowed past each call below.
fn address<T: ?Sized>(of: &mut T) -> u64 {
    core::ptr::from_mut(of).cast::<u8>().expose_provenance() as u64
}

/// Runs `cmd` on `arm`: what it returned, and the arm afterwards. The bytes behind it are whole, and
/// those inside changed no further than [`written`] says.
fn guarded<A: Arm>(cmd: Cmd, arm: A) -> (Result<usize>, A)
where
    Attr: From<A>,
{
    // The compiler must believe that the canary can change under its hands.
    let mut guarded = black_box(Guarded { arm, canary: CANARY });
    black_box(&mut guarded);
    // SAFETY: every caller here gives the arm that `cmd` reads, with addresses of what it has borrowed.
    let ret = unsafe { sys::bpf(cmd, &mut guarded.arm) };
    let after = black_box(&mut guarded);
    assert!(after.canary == CANARY, "{cmd:?} wrote past {} bytes", size_of::<A>());
    let (before, after_bytes) = (Attr::from(arm), Attr::from(after.arm));
    let last = (0..168).rev().find(|&at| before.as_bytes()[at] != after_bytes.as_bytes()[at]);
    let end = last.map_or(0, |last| last + 1);
    assert!(end <= written(cmd), "{cmd:?} wrote up to {end}, not {}", written(cmd));
    (ret, after.arm)
}

/// A new object, or why there is none.
fn object<A: Arm>(cmd: Cmd, mut arm: A) -> Result<OwnedFd> {
    // SAFETY: as above.
    let fd = unsafe { sys::bpf(cmd, &mut arm) }?;
    // SAFETY: the kernel has just made it for us.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

fn raw(fd: &impl AsRawFd) -> u32 {
    fd.as_raw_fd() as u32
}

fn permitted() -> bool {
    match object(Cmd::MAP_CREATE, MapCreate::new(MapType::ARRAY, 4, 4, 1)) {
        Ok(_) => true,
        Err(errno) => {
            println!("skipped: bpf(2) is not permitted here ({errno:?}): run this as root");
            false
        }
    }
}

fn load(prog_type: ProgType) -> Result<OwnedFd> {
    let (mut insns, mut license) = (PROGRAM, *b"GPL\0");
    object(Cmd::PROG_LOAD, ProgLoad::new(prog_type, address(&mut insns), 2, address(&mut license)))
}

/// A FUNC_PROTO `void (void)`, and the FUNC `f` of that type.
fn btf() -> Vec<u8> {
    let mut btf = vec![0x9f, 0xeb, 1, 0];
    for word in [24, 0, 24, 24, 3, 0, 13 << 24, 0, 1, 12 << 24, 1_u32] {
        btf.extend(word.to_le_bytes());
    }
    btf.extend(*b"\0f\0");
    btf
}

/// This kernel's release, `6.18` as 618.
fn release() -> u32 {
    let text = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse::<u32>().unwrap());
    numbers.next().unwrap() * 100 + numbers.next().unwrap()
}

/// The arms that have been through [`guarded`] by way of this.
struct Seen(RefCell<BTreeSet<(&'static str, Cmd)>>);

impl Seen {
    fn run<A: Arm>(&self, cmd: Cmd, arm: A) -> (Result<usize>, A)
    where
        Attr: From<A>,
    {
        let name = core::any::type_name::<A>().rsplit("::").next().unwrap();
        self.0.borrow_mut().insert((name, cmd));
        guarded(cmd, arm)
    }
}

#[test]
fn nothing_is_written_behind_any_struct_by_any_command_that_writes() {
    if !permitted() {
        return;
    }
    let seen = Seen(RefCell::default());
    ids_and_info(&seen);
    batches(&seen);
    loads(&seen);
    runs(&seen);
    queries(&seen);
    task_fd(&seen);

    for (arm, cmds) in ARMS {
        for cmd in cmds.iter().filter(|cmd| written(**cmd) > 0) {
            assert!(seen.0.borrow().contains(&(*arm, *cmd)), "{arm} has not been tried on {cmd:?}");
        }
    }
}

fn ids_and_info(seen: &Seen) {
    let map = object(Cmd::MAP_CREATE, MapCreate::new(MapType::ARRAY, 4, 4, 1)).unwrap();
    let prog = load(ProgType::RAW_TRACEPOINT).unwrap();
    let mut name = *b"sched_switch\0";
    let open = RawTracepointOpen::new(raw(&prog), address(&mut name));
    let _link = object(Cmd::RAW_TRACEPOINT_OPEN, open).unwrap();
    let mut types = btf();
    let len = types.len() as u32;
    let _btf = object(Cmd::BTF_LOAD, BtfLoad::new(address(&mut types[..]), len)).unwrap();

    for cmd in
        [Cmd::MAP_GET_NEXT_ID, Cmd::PROG_GET_NEXT_ID, Cmd::BTF_GET_NEXT_ID, Cmd::LINK_GET_NEXT_ID]
    {
        let (ret, after) = seen.run(cmd, GetNextId::new(0));
        assert_eq!(ret, Ok(0), "{cmd:?}");
        assert_ne!(after.next_id, 0, "{cmd:?}");
    }

    // A kernel of the future may know more than we have.
    let mut info = [0_u64; 128];
    let ask = ObjGetInfoByFd::new(raw(&map), address(&mut info), size_of_val(&info) as u32);
    let (ret, after) = seen.run(Cmd::OBJ_GET_INFO_BY_FD, ask);
    assert_eq!(ret, Ok(0));
    assert!((80..size_of_val(&info) as u32).contains(&after.info_len), "{after:?}");
    assert_ne!(info, [0; 128]);
    if release() <= 702 {
        assert!(after.info_len <= size_of::<MapInfo>() as u32, "{after:?}");
    }
}

fn batches(seen: &Seen) {
    let map = object(Cmd::MAP_CREATE, MapCreate::new(MapType::HASH, 4, 4, 8)).unwrap();
    let (mut keys, mut values, mut out) = ([1_u32, 2, 3, 4, 0, 0, 0, 0], [9_u32; 8], [0_u32; 8]);
    let mut batch =
        |count| MapBatch::new(raw(&map), address(&mut keys), address(&mut values), count);

    let (ret, after) = seen.run(Cmd::MAP_UPDATE_BATCH, batch(4));
    assert_eq!((ret, after.count), (Ok(0), 4));

    let mut look = batch(8);
    look.out_batch = address(&mut out);
    let (ret, after) = seen.run(Cmd::MAP_LOOKUP_BATCH, look);
    assert_eq!((ret, after.count), (Err(Errno::NOENT), 4), "4 of 8, and that is the end");

    let mut delete = batch(4);
    delete.values = 0;
    let (ret, after) = seen.run(Cmd::MAP_DELETE_BATCH, delete);
    assert_eq!((ret, after.count), (Ok(0), 4));

    let (ret, after) = seen.run(Cmd::MAP_DELETE_BATCH, delete);
    assert_eq!((ret, after.count), (Err(Errno::NOENT), 0), "they are gone");

    let (ret, after) = seen.run(Cmd::MAP_LOOKUP_AND_DELETE_BATCH, look);
    assert_eq!((ret, after.count), (Err(Errno::NOENT), 0), "nothing is left");
}

fn loads(seen: &Seen) {
    let (mut insns, mut license, mut log) = (PROGRAM, *b"GPL\0", [0_u8; 4096]);
    let plain = ProgLoad::new(
        ProgType::SOCKET_FILTER,
        address(&mut insns),
        insns.len() as u32,
        address(&mut license),
    );
    let mut logged = plain;
    (logged.log_level, logged.log_buf, logged.log_size) = (1, address(&mut log), 4096);
    let (ret, after) = seen.run(Cmd::PROG_LOAD, logged);
    // SAFETY: the kernel has just made it for us.
    drop(unsafe { OwnedFd::from_raw_fd(ret.unwrap() as i32) });
    let mut types = btf();
    let len = types.len() as u32;
    let mut load = BtfLoad::new(address(&mut types[..]), len);
    (load.btf_log_level, load.btf_log_buf, load.btf_log_size) = (1, address(&mut log), 4096);
    let (ret, btf_after) = seen.run(Cmd::BTF_LOAD, load);
    // SAFETY: as above.
    let btf = unsafe { OwnedFd::from_raw_fd(ret.unwrap() as i32) };
    if release() >= 604 {
        assert_ne!(after.log_true_size, 0);
        assert_ne!(btf_after.btf_log_true_size, 0);
    } else {
        println!("skipped: log_true_size is written since Linux 6.4");
    }

    // Records that are longer than the kernel's, and not zero there: it says how long its own are.
    let mut func = [FuncInfo { insn_off: 0, type_id: 2 }; 2];
    let mut line = [LineInfo { insn_off: 0, file_name_off: 1, line_off: 1, line_col: 1025 }; 2];
    let mut relo = [CoreRelo { type_id: 1, access_str_off: 1, ..CoreRelo::zeroed() }; 2];
    (func[1].insn_off, line[1].insn_off, relo[1].insn_off) = (7, 7, 7);

    let mut long = plain;
    (long.prog_btf_fd, long.func_info, long.func_info_cnt) = (raw(&btf), address(&mut func), 1);
    long.func_info_rec_size = 12;
    let (ret, after) = seen.run(Cmd::PROG_LOAD, long);
    assert_eq!((ret, after.func_info_rec_size), (Err(Errno::TOOBIG), 8));

    long.func_info_rec_size = 8;
    let sound = long;
    (long.line_info, long.line_info_cnt, long.line_info_rec_size) = (address(&mut line), 1, 20);
    let (ret, after) = seen.run(Cmd::PROG_LOAD, long);
    assert_eq!((ret, after.line_info_rec_size), (Err(Errno::TOOBIG), 16));

    let mut long = sound;
    (long.core_relos, long.core_relo_cnt, long.core_relo_rec_size) = (address(&mut relo), 1, 20);
    let (ret, after) = seen.run(Cmd::PROG_LOAD, long);
    if release() >= 517 {
        assert_eq!((ret, after.core_relo_rec_size), (Err(Errno::TOOBIG), 16));
    } else {
        println!("skipped: this kernel may have no core_relos");
    }
}

fn runs(seen: &Seen) {
    let filter = load(ProgType::SOCKET_FILTER).unwrap();
    let (mut packet, mut ctx) = ([0_u8; 64], [0_u64; 64]);
    let mut run = ProgTestRun::new(raw(&filter));
    (run.data_in, run.data_size_in) = (address(&mut packet), 64);
    (run.ctx_out, run.ctx_size_out) = (address(&mut ctx), size_of_val(&ctx) as u32);
    (run.retval, run.duration, run.repeat) = (!0, !0, 1);
    let (ret, after) = seen.run(Cmd::PROG_TEST_RUN, run);
    assert_eq!((ret, after.retval, after.data_size_out), (Ok(0), 0, 64));
    assert_ne!(after.duration, !0);
    assert_ne!(after.ctx_size_out, run.ctx_size_out);

    let tracing = load(ProgType::RAW_TRACEPOINT).unwrap();
    let mut run = ProgTestRun::new(raw(&tracing));
    run.retval = !0;
    let (ret, after) = seen.run(Cmd::PROG_TEST_RUN, run);
    assert_eq!((ret, after.retval), (Ok(0), 0));
}

fn queries(seen: &Seen) {
    let mounts = fs::read_to_string("/proc/mounts").unwrap();
    let mut mounts = mounts.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    if let Some(cgroup) = mounts.find(|mount| mount[2] == "cgroup2") {
        let cgroup = File::open(cgroup[1]).unwrap();
        let mut query = ProgQuery::new(raw(&cgroup), AttachType::CGROUP_INET_INGRESS);
        query.prog_cnt = !0;
        let (ret, after) = seen.run(Cmd::PROG_QUERY, query);
        assert_eq!(ret, Ok(0));
        assert_ne!(after.prog_cnt, !0);
    } else {
        println!("skipped: no cgroup2 is mounted");
    }

    let netns = File::open("/proc/self/ns/net").unwrap();
    let mut query = ProgQuery::new(raw(&netns), AttachType::FLOW_DISSECTOR);
    query.prog_cnt = !0;
    let (ret, after) = seen.run(Cmd::PROG_QUERY, query);
    assert_eq!(ret, Ok(0));
    assert_ne!(after.prog_cnt, !0);

    // 1 is the loopback device.
    let mut query = ProgQuery::new(1, AttachType::TCX_INGRESS);
    query.prog_cnt = !0;
    match seen.run(Cmd::PROG_QUERY, query) {
        (Ok(_), after) => {
            assert_ne!(after.prog_cnt, !0);
            assert_ne!(after.revision, 0);
        }
        (Err(errno), _) => println!("skipped: no tcx here ({errno:?}); since Linux 6.6"),
    }
}

fn task_fd(seen: &Seen) {
    let prog = load(ProgType::RAW_TRACEPOINT).unwrap();
    let mut name = *b"sched_switch\0";
    let open = RawTracepointOpen::new(raw(&prog), address(&mut name));
    let link = object(Cmd::RAW_TRACEPOINT_OPEN, open).unwrap();
    let mut buf = [0_u8; 64];
    let mut query = TaskFdQuery::new(std::process::id(), raw(&link));
    (query.buf, query.buf_len) = (address(&mut buf), 64);
    (query.fd_type.0, query.probe_offset, query.probe_addr) = (!0, !0, !0);
    let (ret, after) = seen.run(Cmd::TASK_FD_QUERY, query);
    assert_eq!((ret, after.buf_len, after.fd_type.0), (Ok(0), 12, 0));
    assert_eq!((after.probe_offset, after.probe_addr), (0, 0));
    assert_ne!(after.prog_id, 0);
    assert!(buf.starts_with(&name), "{buf:?}");
}

/// What `BPF_OBJ_GET_INFO_BY_FD` says about `fd`, as `I`; nothing is written behind that.
fn info<I: Copy>(fd: &OwnedFd, ask: I) -> I {
    let mut info = black_box(Guarded { arm: ask, canary: CANARY });
    let len = size_of::<I>() as u32;
    let mut attr = ObjGetInfoByFd::new(raw(fd), address(&mut info), len);
    // SAFETY: `info` is borrowed past this, and `len` bytes long.
    unsafe { sys::bpf(Cmd::OBJ_GET_INFO_BY_FD, &mut attr) }.unwrap();
    let info = black_box(info);
    assert!(info.canary == CANARY);
    assert!(attr.info_len <= len);
    info.arm
}

#[test]
fn info_structs_say_what_was_made_and_nothing_is_written_behind_them() {
    if !permitted() {
        return;
    }
    let mut make = MapCreate::new(MapType::HASH, 4, 16, 5);
    make.map_name = *b"canary.map\0\0\0\0\0\0";
    make.map_flags = MapCreateFlags::NO_PREALLOC;
    let map = object(Cmd::MAP_CREATE, make).unwrap();
    let is = info(&map, MapInfo::zeroed());
    assert_eq!((is.r#type, is.key_size, is.value_size), (MapType::HASH, 4, 16));
    assert_eq!((is.max_entries, is.map_flags), (5, MapCreateFlags::NO_PREALLOC));
    assert_eq!(is.name, make.map_name);
    assert_ne!(is.id, 0);

    let prog = load(ProgType::RAW_TRACEPOINT).unwrap();
    let of_prog = info(&prog, ProgInfo::zeroed());
    assert_eq!((of_prog.r#type, of_prog.xlated_prog_len), (ProgType::RAW_TRACEPOINT, 16));
    assert_eq!((of_prog.func_info_rec_size, of_prog.line_info_rec_size), (8, 16));
    assert!(of_prog.gpl_compatible());

    let mut types = btf();
    let len = types.len() as u32;
    let loaded = object(Cmd::BTF_LOAD, BtfLoad::new(address(&mut types[..]), len)).unwrap();
    let is = info(&loaded, BtfInfo::zeroed());
    assert_eq!((is.btf_size, is.kernel_btf), (len, 0));
    assert_ne!(is.id, 0);

    let mut name = *b"sched_switch\0";
    let open = RawTracepointOpen::new(raw(&prog), address(&mut name));
    let link = object(Cmd::RAW_TRACEPOINT_OPEN, open).unwrap();
    let is = info(&link, LinkInfo::zeroed());
    assert_eq!((is.r#type, is.prog_id), (LinkType::RAW_TRACEPOINT, of_prog.id));
    let mut text = [0_u8; 16];
    let mut ask = LinkInfoRawTracepoint::zeroed();
    (ask.tp_name, ask.tp_name_len) = (address(&mut text), 16);
    let is = info(&link, ask);
    assert_eq!((is.r#type, is.tp_name_len), (LinkType::RAW_TRACEPOINT, 13));
    assert!(text.starts_with(&name));
    assert_eq!(LinkInfoRawTracepoint::from(info(&link, LinkInfo::from(ask))).tp_name_len, 13);
}

#[test]
fn nothing_is_written_behind_the_common_attr() {
    if !permitted() {
        return;
    }
    let mut log = [0_u8; 256];
    let mut common = CommonAttr::zeroed();
    (common.log_buf, common.log_size, common.log_level) = (address(&mut log), 256, 1);
    let mut map = MapCreate::new(MapType(9999), 4, 4, 1);
    let mut guarded = black_box(Guarded { arm: common, canary: CANARY });
    black_box(&mut guarded);
    // SAFETY: `log` is borrowed past this, and its length is the one given.
    let ret = unsafe { sys::bpf_common(Cmd::MAP_CREATE, &mut map, &mut guarded.arm) };
    let after = black_box(guarded);
    assert_eq!(ret, Err(Errno::INVAL));
    assert!(after.canary == CANARY);
    if release() >= 702 {
        assert!(log.starts_with(b"Invalid map_type.\n\0"), "{log:?}");
        assert_eq!(after.arm.log_true_size, 19);
    } else {
        println!("skipped: the common attr is read since Linux 7.2");
    }
}

/// The bytes of an attr, of which the kernel is told that only the first `size` are there.
fn short(cmd: Cmd, attr: Attr, size: usize) -> (Result<usize>, Vec<u8>) {
    let number = if cfg!(target_arch = "x86_64") {
        321
    } else if cfg!(target_arch = "arm") {
        386
    } else {
        280
    };
    let mut bytes = CANARY;
    bytes[..size].copy_from_slice(&attr.as_bytes()[..size]);
    let bytes = black_box(&mut bytes);
    let address = bytes.as_mut_ptr().expose_provenance();
    // SAFETY: 256 bytes are there for the kernel to write, and the attr has no addresses.
    let ret = unsafe { arch::syscall3(number, cmd.0 as usize, address, size) };
    (Errno::split(ret), black_box(bytes)[size..].to_vec())
}

#[test]
fn a_struct_that_is_too_short_kills_the_canary() {
    if !permitted() {
        return;
    }
    let _map = object(Cmd::MAP_CREATE, MapCreate::new(MapType::ARRAY, 4, 4, 1)).unwrap();
    let (ret, behind) = short(Cmd::MAP_GET_NEXT_ID, GetNextId::new(0).into(), 4);
    assert_eq!(ret, Ok(0));
    assert_ne!(behind[..4], CANARY[..4], "next_id, 4 to 8");
    assert_eq!(behind[4..], CANARY[8..]);

    let query = ProgQuery::new(1, AttachType::TCX_INGRESS);
    let (ret, behind) = short(Cmd::PROG_QUERY, query.into(), 32);
    if let Err(errno) = ret {
        println!("skipped: no tcx here ({errno:?}); since Linux 6.6");
        return;
    }
    assert_eq!(behind[..24], CANARY[..24]);
    assert_ne!(behind[24..32], CANARY[..8], "revision, 56 to 64");
    assert_eq!(behind[32..], CANARY[64..]);
}

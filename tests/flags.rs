//! The running kernel accepts each flag where we say that it does, and no bit that has no name there.
//!
//! Each place is asked with one bit at a time, in a call that fails later for another reason: what is
//! refused as a flag says EINVAL.

#![cfg(target_os = "linux")]

use std::fs;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};

use barebpf::uapi::insn::{AluOp, Class, Insn, JmpOp, Source};
use barebpf::uapi::*;
use barebpf::{Errno, Result, sys};

const NO_FD: u32 = u32::MAX;

/// What some place has come to accept after Linux 5.10, and a release where all of them do.
const SINCE: &[(&str, (u32, u32))] = &[
    ("BPF_F_XDP_HAS_FRAGS", (5, 18)),
    ("BPF_F_XDP_DEV_BOUND_ONLY", (6, 3)),
    ("BPF_F_PATH_FD", (6, 5)),
    ("BPF_F_TEST_REG_INVARIANTS", (6, 8)),
    ("BPF_F_TOKEN_FD", (6, 18)),
    ("BPF_F_SEGV_ON_FAULT", (6, 9)),
    ("BPF_F_NO_USER_CONV", (6, 9)),
    ("BPF_F_BEFORE", (6, 18)),
    ("BPF_F_AFTER", (6, 18)),
    ("BPF_F_ID", (6, 18)),
    ("BPF_F_LINK", (6, 18)),
    ("BPF_F_PREORDER", (6, 18)),
    ("BPF_F_RB_OVERWRITE", (6, 19)),
];

fn release() -> (u32, u32) {
    let text = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

fn bpf<A: Arm>(cmd: Cmd, mut attr: A) -> Result<usize> {
    // SAFETY: the tests below fill the arm that `cmd` reads with zeros and live addresses.
    unsafe { sys::bpf(cmd, &mut attr) }
}

fn bpf_fd<A: Arm>(cmd: Cmd, attr: A) -> Result<OwnedFd> {
    // SAFETY: the commands that come here return a new descriptor.
    bpf(cmd, attr).map(|fd| unsafe { OwnedFd::from_raw_fd(fd as RawFd) })
}

/// `attr`, changed.
fn with<A: Arm>(mut attr: A, change: impl FnOnce(&mut A)) -> A {
    change(&mut attr);
    attr
}

fn address<T: ?Sized>(of: &T) -> u64 {
    core::ptr::from_ref(of).cast::<u8>().expose_provenance() as u64
}

/// Loads "return 0".
fn program(prog_type: ProgType, attach_type: AttachType) -> OwnedFd {
    let insns = [
        Insn::new(Class::ALU64.0 | AluOp::MOV.0 | Source::K.0, 0, 0, 0, 0),
        Insn::new(Class::JMP.0 | JmpOp::EXIT.0, 0, 0, 0, 0),
    ];
    let mut attr = ProgLoad::new(prog_type, address(&insns), 2, address(c"GPL"));
    attr.expected_attach_type = attach_type;
    bpf_fd(Cmd::PROG_LOAD, attr).unwrap()
}

fn raw(fd: &OwnedFd) -> u32 {
    use std::os::fd::AsRawFd;
    fd.as_raw_fd() as u32
}

/// Asks for each of the `width` bits, and for each name. `unasked` are the names that this call
/// cannot be made to accept.
fn hold<F: Values>(place: &str, width: u32, unasked: &[&str], ask: impl Fn(u64) -> Result<()>) {
    let (mut wrong, running) = (Vec::new(), release());
    let named = F::VALUES.iter().fold(0, |all, (_, value)| all | value);
    for bit in (0..width).map(|bit| 1_u64 << bit).filter(|bit| named & bit == 0) {
        if running <= (7, 2) && ask(bit) != Err(Errno::INVAL) {
            wrong.push(format!("{bit:#x}, without a name: {:?}", ask(bit)));
        }
    }
    let mut asked = 0;
    for (name, value) in F::VALUES.iter().filter(|(name, _)| !unasked.contains(name)) {
        let known = SINCE.iter().all(|(new, since)| new != name || *since <= running);
        if known && ask(*value) == Err(Errno::INVAL) {
            wrong.push(format!("{name}: refused"));
        }
        asked += u32::from(known);
    }
    println!("{place}: names accepted: {asked}");
    assert!(wrong.is_empty(), "{place}:\n  {}", wrong.join("\n  "));
}

#[test]
fn this_kernel_accepts_the_flags_of_each_place_and_no_others() {
    // Opening by id is the most privileged of them.
    if bpf(Cmd::MAP_GET_FD_BY_ID, MapGetFdById::new(u32::MAX)) == Err(Errno::PERM) {
        println!("skipped: bpf() wants CAP_SYS_ADMIN here: run as root");
        return;
    }
    let map = bpf_fd(Cmd::MAP_CREATE, MapCreate::new(MapType::HASH, 4, 4, 1)).unwrap();

    hold::<ProgLoadFlags>("PROG_LOAD", 32, &[], |flag| {
        // Without instructions: E2BIG.
        let attr = with(ProgLoad::zeroed(), |attr| {
            attr.prog_flags = ProgLoadFlags(flag as u32);
            attr.prog_token_fd = NO_FD as _;
        });
        bpf(Cmd::PROG_LOAD, attr).map(drop)
    });
    hold::<ObjFlags>("OBJ_GET", 32, &[], |flag| {
        let attr = with(Obj::zeroed(), |attr| attr.file_flags = ObjFlags(flag as u32));
        bpf(Cmd::OBJ_GET, attr).map(drop)
    });
    hold::<ObjFlags>("OBJ_PIN", 32, &["BPF_F_RDONLY", "BPF_F_WRONLY"], |flag| {
        let attr = with(Obj::zeroed(), |attr| {
            attr.file_flags = ObjFlags(flag as u32);
            attr.pathname = address(c"/");
            attr.bpf_fd = raw(&map);
        });
        bpf(Cmd::OBJ_PIN, attr).map(drop)
    });
    hold::<ProgAttachFlags>("PROG_ATTACH", 32, &[], |flag| {
        let attr = ProgAttach::new(NO_FD, NO_FD, AttachType::CGROUP_INET_INGRESS);
        let attr = with(attr, |attr| attr.attach_flags = ProgAttachFlags(flag as u32));
        bpf(Cmd::PROG_ATTACH, attr).map(drop)
    });
    hold::<ProgQueryFlags>("PROG_QUERY", 32, &[], |flag| {
        let attr = ProgQuery::new(NO_FD, AttachType::CGROUP_INET_INGRESS);
        let attr = with(attr, |attr| attr.query_flags = ProgQueryFlags(flag as u32));
        bpf(Cmd::PROG_QUERY, attr).map(drop)
    });
    hold::<BtfLoadFlags>("BTF_LOAD", 32, &[], |flag| {
        let attr = with(BtfLoad::zeroed(), |attr| {
            attr.btf_flags = BtfLoadFlags(flag as u32);
            attr.btf_token_fd = -1;
        });
        bpf(Cmd::BTF_LOAD, attr).map(drop)
    });
    hold::<BtfOpenFlags>("BTF_GET_FD_BY_ID", 32, &[], |flag| {
        let attr = with(BtfGetFdById::new(u32::MAX), |attr| {
            attr.open_flags = BtfOpenFlags(flag as u32);
            attr.fd_by_id_token_fd = -1;
        });
        bpf(Cmd::BTF_GET_FD_BY_ID, attr).map(drop)
    });
    hold::<MapOpenFlags>("MAP_GET_FD_BY_ID", 32, &[], |flag| {
        let attr = MapGetFdById::new(u32::MAX);
        let attr = with(attr, |attr| attr.open_flags = MapOpenFlags(flag as u32));
        bpf(Cmd::MAP_GET_FD_BY_ID, attr).map(drop)
    });
    hold::<LinkUpdateFlags>("LINK_UPDATE", 32, &[], |flag| {
        let attr = with(LinkUpdate::zeroed(), |attr| {
            attr.link_fd = NO_FD;
            attr.flags = LinkUpdateFlags(flag as u32);
        });
        bpf(Cmd::LINK_UPDATE, attr).map(drop)
    });

    let prog = program(ProgType::CGROUP_SKB, AttachType::CGROUP_INET_INGRESS);
    hold::<LinkCreateCgroupFlags>("LINK_CREATE on a cgroup", 32, &[], |flag| {
        let attr = with(LinkCreateCgroup::zeroed(), |attr| {
            attr.prog_fd = raw(&prog);
            attr.target_fd = NO_FD;
            attr.attach_type = AttachType::CGROUP_INET_INGRESS;
            attr.flags = LinkCreateCgroupFlags(flag as u32);
        });
        bpf(Cmd::LINK_CREATE, attr).map(drop)
    });

    // Each of these is for another type of program.
    let unasked = ["BPF_F_TEST_RUN_ON_CPU", "BPF_F_TEST_XDP_LIVE_FRAMES"];
    let packet = [0_u8; 64];
    hold::<TestRunFlags>("PROG_TEST_RUN", 32, &unasked, |flag| {
        let attr = with(ProgTestRun::new(raw(&prog)), |attr| {
            attr.data_in = address(&packet);
            attr.data_size_in = 64;
            attr.flags = TestRunFlags(flag as u32);
        });
        bpf(Cmd::PROG_TEST_RUN, attr).map(drop)
    });

    // These want a spin lock in the value, or Linux 7.0 and a value for each CPU.
    let unasked = ["BPF_F_LOCK", "BPF_F_CPU", "BPF_F_ALL_CPUS"];
    let (key, value) = ([0_u8; 4], [0_u8; 4]);
    hold::<MapElemFlags>("MAP_UPDATE_ELEM", 64, &unasked, |flag| {
        let attr = MapElem::new(raw(&map), address(&key), address(&value));
        let attr = with(attr, |attr| attr.flags = MapElemFlags(flag));
        bpf(Cmd::MAP_UPDATE_ELEM, attr).map(drop)
    });
    hold::<MapBatchFlags>("MAP_UPDATE_BATCH", 64, &unasked, |flag| {
        let attr = MapBatch::new(raw(&map), address(&key), address(&value), 1);
        let attr = with(attr, |attr| attr.elem_flags = MapBatchFlags(flag));
        bpf(Cmd::MAP_UPDATE_BATCH, attr).map(drop)
    });

    // These want the BTF of a value.
    let unasked = ["BPF_F_CLONE", "BPF_F_LINK", "BPF_F_VTYPE_BTF_OBJ_FD"];
    let kinds = [
        MapCreate::new(MapType::ARRAY, 4, 4, 1),
        MapCreate::new(MapType::HASH, 4, 4, 1),
        MapCreate::new(MapType::LRU_HASH, 4, 4, 1024),
        MapCreate::new(MapType::PERF_EVENT_ARRAY, 4, 4, 1),
        MapCreate::new(MapType::STACK_TRACE, 4, 32, 1),
        MapCreate::new(MapType::RINGBUF, 0, 0, 1 << 16),
        MapCreate::new(MapType::ARENA, 0, 0, 1),
    ];
    hold::<MapCreateFlags>("MAP_CREATE", 32, &unasked, |flag| {
        let answers = kinds.map(|kind| {
            let attr = with(kind, |attr| {
                attr.map_flags = MapCreateFlags(flag as u32);
                // An arena must be one that user space can map.
                if kind.map_type == MapType::ARENA {
                    attr.map_flags |= MapCreateFlags::MMAPABLE;
                }
                attr.map_token_fd = if flag as u32 == MapCreateFlags::TOKEN_FD.0 { -1 } else { 0 };
            });
            bpf_fd(Cmd::MAP_CREATE, attr).map(drop)
        });
        // The first that is no refusal of the flag.
        *answers.iter().find(|answer| **answer != Err(Errno::INVAL)).unwrap_or(&answers[0])
    });
}

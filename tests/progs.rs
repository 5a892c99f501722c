//! Programs are loaded, run, attached, found and read, by the functions of `barebpf::prog`.

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
mod common;

use attach::{
    Cgroup, LO, borrow, classifier, closed, fdinfo, find_fdinfo, has, id, in_netns, ingress, load,
    map, release, returns, simple, traced, zero,
};
use barebpf::asm::{
    alu64_imm, call_kfunc, exit, ld_map_value, ldx_mem, mov64_imm, mov64_reg, st_mem, stx_mem,
};
use barebpf::attach::{Neighbour, Place, Target};
use barebpf::btf::{Btf, Kind};
use barebpf::fd::BorrowedFd;
use barebpf::link::{link_create, link_create_tcx, link_get_fd_by_id, link_get_next_id};
use barebpf::prog::*;
use barebpf::uapi::insn::{AluOp, Insn, Reg, Size};
use barebpf::uapi::*;
use barebpf::{Errno, Log, sys};
use common::privileged;

const INGRESS: AttachType = AttachType::CGROUP_INET_INGRESS;
const NO_FLAGS: ProgQueryFlags = ProgQueryFlags(0);

#[test]
fn a_refused_program_says_why_and_how_long_its_log_is() {
    if !privileged() || !has("the true size of a log", (6, 4)) {
        return;
    }
    // R0 is read, and nothing has been put into it.
    let bad = [exit()];
    let load = |insns: &[Insn], log: &mut Log<'_>| {
        prog_load(ProgType::SOCKET_FILTER, insns, c"GPL", &Options::default(), log).map(drop)
    };
    let mut buf = [0; 4096];
    let mut log = Log::new(&mut buf);
    assert_eq!(load(&bad, &mut log), Err(Errno::ACCES));
    let text = String::from_utf8_lossy(log.text()).into_owned();
    println!("{text}");
    assert!(text.contains("R0 !read_ok"), "{text}");
    let whole = log.true_size();
    assert_eq!(whole as usize, text.len() + 1);

    let mut short = [0; 32];
    let mut log = Log::new(&mut short);
    assert_eq!(load(&bad, &mut log), Err(Errno::NOSPC));
    assert_eq!(log.true_size(), whole);
    let tail = String::from_utf8_lossy(log.text()).into_owned();
    assert!(!tail.is_empty() && text.ends_with(&tail), "{tail:?}");
    let mut log = Log::with_level(&mut short, 1 | 8);
    assert_eq!(load(&bad, &mut log), Err(Errno::NOSPC));
    let head = String::from_utf8_lossy(log.text()).into_owned();
    assert!(!head.is_empty() && text.starts_with(&head), "{head:?}");

    // A good one, too, when its log does not fit.
    let mut log = Log::with_level(&mut short, 2);
    assert_eq!(load(&returns(0), &mut log), Err(Errno::NOSPC));
    assert_eq!(load(&[], &mut Log::none()), Err(Errno::TOOBIG));
    assert_eq!(load(&returns(0), &mut Log::none()), Ok(()));
}

#[test]
fn a_packet_and_its_context_go_through_a_program_and_come_back() {
    if !privileged() {
        return;
    }
    // __sk_buff has `mark` at 8: it is returned, and 9 comes in its place.
    let mark = 8;
    let insns = [
        ldx_mem(Size::W, Reg::R0, Reg::R1, mark),
        mov64_imm(Reg::R2, 9),
        stx_mem(Size::W, Reg::R1, Reg::R2, mark),
        exit(),
    ];
    let prog = load(ProgType::SCHED_CLS, &insns, &Options::default());
    let packet: Vec<u8> = (0..64).collect();
    let (mut out, mut ctx, mut ctx_out) = ([0; 64], [0; 192], [0; 192]);
    ctx[8] = 5;
    let mut run = TestRun {
        data_in: &packet,
        data_out: &mut out,
        ctx_in: &mut ctx,
        ctx_out: &mut ctx_out,
        repeat: 1,
        ..TestRun::default()
    };
    assert_eq!(prog_test_run(prog.as_fd(), &mut run), Ok(()));
    assert_eq!((run.retval, run.data_size_out, run.ctx_size_out), (5, 64, 192));
    assert_eq!((run.data_out.to_vec(), run.ctx_out[8]), (packet.clone(), 9));

    // Too small: what fits is there, and how much there was.
    let mut short = [0; 20];
    run.data_out = &mut short;
    (run.retval, run.data_size_out, run.ctx_size_out) = (0, 0, 0);
    assert_eq!(prog_test_run(prog.as_fd(), &mut run), Err(Errno::NOSPC));
    assert_eq!((&*run.data_out, run.data_size_out, run.retval), (&packet[..20], 64, 5));
    run.data_out = &mut [];
    let mut short = [0; 12];
    run.ctx_out = &mut short;
    (run.retval, run.data_size_out, run.ctx_size_out) = (0, 0, 0);
    assert_eq!(prog_test_run(prog.as_fd(), &mut run), Err(Errno::NOSPC));
    assert_eq!((run.ctx_out[8], run.ctx_size_out, run.data_size_out), (9, 192, 64));

    // The second of two runs sees what the first has done.
    run.ctx_out = &mut [];
    run.repeat = 2;
    assert_eq!(prog_run(prog.as_fd(), &mut run), Ok(()));
    assert_eq!(run.retval, 9);

    run.data_in = &packet[..13];
    assert_eq!(prog_test_run(prog.as_fd(), &mut run), Err(Errno::INVAL));
    let mut long = [1; 200];
    long[..192].fill(0);
    let mut run = TestRun { data_in: &packet, ctx_in: &mut long, ..TestRun::default() };
    assert_eq!(prog_test_run(prog.as_fd(), &mut run), Err(Errno::TOOBIG));
    assert_eq!(prog_test_run(closed(), &mut run), Err(Errno::BADF));
}

#[test]
fn a_syscall_program_gives_its_context_back_in_place() {
    if !privileged() {
        return;
    }
    let insns = [
        ldx_mem(Size::DW, Reg::R2, Reg::R1, 0),
        alu64_imm(AluOp::ADD, Reg::R2, 1),
        stx_mem(Size::DW, Reg::R1, Reg::R2, 0),
        mov64_imm(Reg::R0, 7),
        exit(),
    ];
    let options = Options { flags: ProgLoadFlags::SLEEPABLE, ..Options::default() };
    let prog = load(ProgType::SYSCALL, &insns, &options);
    let mut ctx = 41_u64.to_le_bytes();
    let mut run = TestRun { ctx_in: &mut ctx, ..TestRun::default() };
    assert_eq!(prog_test_run(prog.as_fd(), &mut run), Ok(()));
    assert_eq!(run.retval, 7);
    assert_eq!(u64::from_le_bytes(ctx), 42);

    // Shorter than what the program reads; a packet for one that takes none.
    let mut run = TestRun { ctx_in: &mut ctx[..4], ..TestRun::default() };
    assert_eq!(prog_test_run(prog.as_fd(), &mut run), Err(Errno::INVAL));
    let mut run = TestRun { ctx_in: &mut ctx, data_in: &[0; 64], ..TestRun::default() };
    assert_eq!(prog_test_run(prog.as_fd(), &mut run), Err(Errno::INVAL));
}

#[test]
fn a_program_runs_on_the_cpu_that_is_asked_for() {
    if !privileged() {
        return;
    }
    let prog = simple(ProgType::RAW_TRACEPOINT, AttachType(0));
    let on = |cpu| {
        let mut run = TestRun { flags: TestRunFlags::RUN_ON_CPU, cpu, ..TestRun::default() };
        prog_test_run(prog.as_fd(), &mut run)
    };
    assert_eq!(on(0), Ok(()));
    assert_eq!(on(1 << 20), Err(Errno::NXIO));
    let tracepoint = simple(ProgType::TRACEPOINT, AttachType(0));
    let none = prog_test_run(tracepoint.as_fd(), &mut TestRun::default());
    assert_eq!(none, Err(Errno::NOTSUPP));
}

#[test]
fn a_cgroup_takes_programs_lists_them_and_lets_them_go() {
    if !privileged() {
        return;
    }
    let cgroup = Cgroup::new();
    let target = Target::Fd(cgroup.fd());
    let (first, second, third) = (ingress(), ingress(), ingress());
    let ids = [&first, &second, &third].map(|prog| id(prog.as_fd(), "prog_id"));
    let multi = AttachOptions { flags: ProgAttachFlags::ALLOW_MULTI, ..AttachOptions::default() };
    let attached = |prog_ids: &mut [u32]| {
        let mut query = Query { prog_ids, ..Query::default() };
        let result = prog_query(target, INGRESS, NO_FLAGS, &mut query);
        (result, query.count, query.attach_flags, query.revision)
    };

    assert_eq!(attached(&mut []).1, 0);
    assert_eq!(prog_attach(first.as_fd(), target, INGRESS, &multi), Ok(()));
    assert_eq!(prog_attach(second.as_fd(), target, INGRESS, &multi), Ok(()));
    assert_eq!(prog_attach(second.as_fd(), target, INGRESS, &multi), Err(Errno::INVAL));
    let mut found = [0; 4];
    let (result, count, flags, revision) = attached(&mut found);
    assert_eq!((result, count, flags), (Ok(()), 2, ProgAttachFlags::ALLOW_MULTI));
    assert_eq!(found, [ids[0], ids[1], 0, 0]);
    let mut one = [0];
    assert_eq!(attached(&mut one), (Err(Errno::NOSPC), 2, flags, revision));
    assert_eq!(one, [ids[0]]);
    let (mut two, mut how) = ([0; 2], [ProgAttachFlags(0); 2]);
    let mut query = Query { prog_ids: &mut two, prog_attach_flags: &mut how, ..Query::default() };
    assert_eq!(prog_query(target, INGRESS, NO_FLAGS, &mut query), Ok(()));
    assert_eq!(
        prog_query(target, INGRESS, ProgQueryFlags::EFFECTIVE, &mut query),
        Err(Errno::INVAL)
    );
    query.prog_attach_flags = &mut [];
    assert_eq!(prog_query(target, INGRESS, ProgQueryFlags::EFFECTIVE, &mut query), Ok(()));
    assert!(query.count >= 2);
    // Arrays that differ in length never reach the kernel.
    let (mut short, mut short_flags) = ([0], [ProgAttachFlags(0)]);
    let mut long = [0; 3];
    let differ = |query: &mut Query<'_>| {
        assert_eq!(prog_query(target, INGRESS, NO_FLAGS, query), Err(Errno::INVAL));
    };
    differ(&mut Query {
        prog_ids: &mut two,
        prog_attach_flags: &mut short_flags,
        ..Query::default()
    });
    differ(&mut Query { prog_ids: &mut two, link_ids: &mut short, ..Query::default() });
    differ(&mut Query { prog_ids: &mut two, link_attach_flags: &mut short, ..Query::default() });
    differ(&mut Query { prog_ids: &mut two, link_ids: &mut long, ..Query::default() });
    differ(&mut Query { link_ids: &mut long, ..Query::default() });
    assert_eq!(how, [ProgAttachFlags::ALLOW_MULTI; 2]);

    // In the place of another; of one that is not there.
    let replace = AttachOptions { replace: Some(first.as_fd()), ..multi };
    assert_eq!(prog_attach(third.as_fd(), target, INGRESS, &replace), Ok(()));
    assert_eq!(attached(&mut found).0, Ok(()));
    assert_eq!(found[..2], [ids[2], ids[1]]);
    assert_eq!(prog_attach(first.as_fd(), target, INGRESS, &replace), Err(Errno::NOENT));

    if release() >= (6, 18) {
        let place = Place::Before(Neighbour::Prog(second.as_fd()));
        let before = AttachOptions { place, ..multi };
        assert_eq!(prog_attach(first.as_fd(), target, INGRESS, &before), Ok(()));
        assert_eq!(attached(&mut found).0, Ok(()));
        assert_eq!(found[..3], [ids[2], ids[0], ids[1]]);
        let (.., revision) = attached(&mut []);
        assert_ne!(revision, 0);
        let stale = revision + 1;
        let detach =
            |revision| prog_detach(Some(first.as_fd()), target, INGRESS, Place::Default, revision);
        assert_eq!(detach(stale), Err(Errno::STALE));
        assert_eq!(detach(revision), Ok(()));
        let place = Place::Before(Neighbour::Prog(zero()));
        let before = AttachOptions { place, ..multi };
        assert_eq!(prog_attach(first.as_fd(), target, INGRESS, &before), Err(Errno::BADF));
        let stale = AttachOptions { expected_revision: revision, ..multi };
        assert_eq!(prog_attach(first.as_fd(), target, INGRESS, &stale), Err(Errno::STALE));
    }

    let detach = |prog| prog_detach(prog, target, INGRESS, Place::Default, 0);
    assert_eq!(detach(Some(first.as_fd())), Err(Errno::NOENT));
    assert_eq!(detach(None), Err(Errno::INVAL));
    assert_eq!(detach(Some(zero())), Err(Errno::BADF));
    let placed = prog_detach(Some(second.as_fd()), target, INGRESS, Place::First, 0);
    assert_eq!(placed, Err(Errno::INVAL));
    assert_eq!(detach(Some(second.as_fd())), Ok(()));
    assert_eq!(detach(Some(third.as_fd())), Ok(()));
    assert_eq!(detach(Some(third.as_fd())), Err(Errno::NOENT));

    // One alone: nobody may join it, whatever it is asked to let go it lets go.
    let alone = AttachOptions::default();
    assert_eq!(prog_attach(first.as_fd(), target, INGRESS, &alone), Ok(()));
    assert_eq!(prog_attach(second.as_fd(), target, INGRESS, &multi), Err(Errno::PERM));
    let linked = link_create(second.as_fd(), target, INGRESS, 0);
    assert_eq!(linked.map(drop), Err(Errno::PERM));
    assert_eq!(detach(Some(second.as_fd())), Ok(()));
    assert_eq!(attached(&mut []).1, 0);

    let attach = |prog: BorrowedFd<'_>, target, hook| prog_attach(prog, target, hook, &alone);
    assert_eq!(attach(first.as_fd(), target, AttachType::CGROUP_DEVICE), Err(Errno::INVAL));
    assert_eq!(attach(first.as_fd(), target, AttachType::TRACE_FENTRY), Err(Errno::INVAL));
    assert_eq!(attach(closed(), target, INGRESS), Err(Errno::BADF));
    let file = std::fs::File::open("/").unwrap();
    assert_eq!(attach(first.as_fd(), Target::Fd(borrow(&file)), INGRESS), Err(Errno::BADF));
    let mut query = Query::default();
    let target = Target::Fd(borrow(&file));
    assert_eq!(prog_query(target, INGRESS, NO_FLAGS, &mut query), Err(Errno::BADF));
}

#[test]
fn a_device_keeps_its_programs_in_the_order_that_was_asked_for() {
    const HOOK: AttachType = AttachType::TCX_INGRESS;
    if !privileged() || !has("tcx", (6, 6)) {
        return;
    }
    in_netns(|_| {
        let target = Target::Ifindex(LO);
        let progs = [classifier(), classifier(), classifier(), classifier()];
        let ids = progs.each_ref().map(|prog| id(prog.as_fd(), "prog_id"));
        let attach = |at: usize, place| {
            let options = AttachOptions { place, ..AttachOptions::default() };
            prog_attach(progs[at].as_fd(), target, HOOK, &options)
        };
        let detach = |prog, place| prog_detach(prog, target, HOOK, place, 0);
        let list = || {
            let (mut found, mut links) = ([0; 8], [0; 8]);
            let mut query =
                Query { prog_ids: &mut found, link_ids: &mut links, ..Query::default() };
            prog_query(target, HOOK, NO_FLAGS, &mut query).unwrap();
            let (count, revision) = (query.count as usize, query.revision);
            (found[..count].to_vec(), links[..count].to_vec(), revision)
        };

        assert_eq!(detach(None, Place::Default), Err(Errno::NOENT));
        assert_eq!(attach(1, Place::Default), Ok(()));
        assert_eq!(attach(0, Place::First), Ok(()));
        assert_eq!(attach(3, Place::Last), Ok(()));
        assert_eq!(attach(2, Place::After(Neighbour::ProgId(ids[1]))), Ok(()));
        assert_eq!(list().0, ids);
        assert_eq!(attach(2, Place::Default), Err(Errno::EXIST));
        let other = classifier();
        let options = AttachOptions {
            place: Place::Before(Neighbour::Prog(other.as_fd())),
            ..AttachOptions::default()
        };
        let attach_other = |options| prog_attach(other.as_fd(), target, HOOK, &options);
        assert_eq!(attach_other(options), Err(Errno::NOENT));
        let stale = AttachOptions { expected_revision: 1, ..AttachOptions::default() };
        assert_eq!(attach_other(stale), Err(Errno::STALE));
        let both = AttachOptions {
            replace: Some(progs[0].as_fd()),
            place: Place::Last,
            ..AttachOptions::default()
        };
        assert_eq!(attach_other(both), Err(Errno::RANGE));
        let replace = AttachOptions { replace: Some(progs[0].as_fd()), ..AttachOptions::default() };
        assert_eq!(attach_other(replace), Ok(()));
        assert_eq!(list().0[0], id(other.as_fd(), "prog_id"));

        // The last one; the one after another; one by itself, though not from where it is not.
        assert_eq!(detach(None, Place::Default), Ok(()));
        assert_eq!(list().0.len(), 3);
        assert_eq!(detach(Some(progs[2].as_fd()), Place::First), Err(Errno::RANGE));
        assert_eq!(detach(None, Place::After(Neighbour::Prog(progs[1].as_fd()))), Ok(()));
        assert_eq!(detach(Some(progs[1].as_fd()), Place::Default), Ok(()));
        assert_eq!(list().0, [id(other.as_fd(), "prog_id")]);

        // What a link attached goes by the link alone.
        let link = link_create_tcx(progs[0].as_fd(), LO, HOOK, Place::First, 0).unwrap();
        assert_eq!(list().1, [id(link.as_fd(), "link_id"), 0]);
        assert_eq!(detach(Some(progs[0].as_fd()), Place::Default), Err(Errno::BUSY));
        assert_eq!(attach(0, Place::Default), Err(Errno::EXIST));
        let none = Target::Ifindex(9999);
        let alone = AttachOptions::default();
        assert_eq!(prog_attach(other.as_fd(), none, HOOK, &alone), Err(Errno::NODEV));
        let gone = prog_detach(Some(other.as_fd()), none, HOOK, Place::Default, 0);
        assert_eq!(gone, Err(Errno::NODEV));
        let mut query = Query::default();
        assert_eq!(prog_query(none, HOOK, NO_FLAGS, &mut query), Err(Errno::NODEV));
    });
}

#[test]
fn a_flow_dissector_is_the_callers_own_namespaces() {
    const HOOK: AttachType = AttachType::FLOW_DISSECTOR;
    if !privileged() {
        return;
    }
    in_netns(|netns| {
        let prog = simple(ProgType::FLOW_DISSECTOR, HOOK);
        let options = AttachOptions::default();
        let attach = |target| prog_attach(prog.as_fd(), target, HOOK, &options);
        assert_eq!(attach(Target::Fd(netns)), Err(Errno::INVAL));
        assert_eq!(attach(Target::Caller), Ok(()));
        let mut found = [0; 2];
        let mut query = Query { prog_ids: &mut found, ..Query::default() };
        assert_eq!(prog_query(Target::Fd(netns), HOOK, NO_FLAGS, &mut query), Ok(()));
        assert_eq!(query.count, 1);
        assert_eq!(found[0], id(prog.as_fd(), "prog_id"));
        let linked = link_create(prog.as_fd(), Target::Fd(netns), HOOK, 0);
        assert_eq!(linked.map(drop), Err(Errno::EXIST));
        let detach = || prog_detach(Some(prog.as_fd()), Target::Caller, HOOK, Place::Default, 0);
        assert_eq!(detach(), Ok(()));
        assert_eq!(detach(), Err(Errno::NOENT));
    });
}

#[test]
fn a_program_is_found_and_opened_by_its_id() {
    if !privileged() {
        return;
    }
    let prog = simple(ProgType::SOCKET_FILTER, AttachType(0));
    let own = id(prog.as_fd(), "prog_id");
    let (mut last, mut found) = (0, false);
    loop {
        match prog_get_next_id(last) {
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
    assert_eq!(prog_get_next_id(i32::MAX as u32), Err(Errno::INVAL));

    let again = prog_get_fd_by_id(own).unwrap();
    assert_ne!(again.as_raw_fd(), prog.as_raw_fd());
    assert_eq!(fdinfo(again.as_fd(), "prog_tag"), fdinfo(prog.as_fd(), "prog_tag"));
    assert_eq!(id(again.as_fd(), "prog_id"), own);
    assert_eq!(prog_get_fd_by_id(0).map(drop), Err(Errno::NOENT));
    assert_eq!(prog_get_fd_by_id(u32::MAX).map(drop), Err(Errno::NOENT));
}

/// The maps that a program holds.
fn map_count(prog: BorrowedFd<'_>) -> u32 {
    let mut info = ProgInfo::zeroed();
    let address = core::ptr::from_mut(&mut info).expose_provenance() as u64;
    let len = size_of::<ProgInfo>() as u32;
    let mut attr = ObjGetInfoByFd::new(prog.as_raw_fd() as u32, address, len);
    // SAFETY: `info` is ours, and as long as said.
    unsafe { sys::bpf(Cmd::OBJ_GET_INFO_BY_FD, &mut attr) }.unwrap();
    info.nr_map_ids
}

#[test]
fn a_program_holds_a_map_that_it_does_not_name() {
    if !privileged() {
        return;
    }
    let prog = simple(ProgType::SOCKET_FILTER, AttachType(0));
    let map = map(MapCreate::new(MapType::ARRAY, 4, 4, 1));
    assert_eq!(map_count(prog.as_fd()), 0);
    assert_eq!(prog_bind_map(prog.as_fd(), map.as_fd()), Ok(()));
    assert_eq!(prog_bind_map(prog.as_fd(), map.as_fd()), Ok(()));
    assert_eq!(map_count(prog.as_fd()), 1);
    assert_eq!(prog_bind_map(map.as_fd(), prog.as_fd()), Err(Errno::INVAL));
    assert_eq!(prog_bind_map(prog.as_fd(), closed()), Err(Errno::BADF));
}

#[test]
fn a_program_is_not_associated_with_what_is_no_struct_ops() {
    if !privileged() {
        return;
    }
    // To kernels before 6.19 the command itself is not valid.
    let prog = simple(ProgType::SOCKET_FILTER, AttachType(0));
    let map = map(MapCreate::new(MapType::ARRAY, 4, 4, 1));
    assert_eq!(prog_assoc_struct_ops(prog.as_fd(), map.as_fd()), Err(Errno::INVAL));
}

#[test]
fn a_stream_without_text_is_read_to_its_end_at_once() {
    if !privileged() {
        return;
    }
    let prog = simple(ProgType::SOCKET_FILTER, AttachType(0));
    let mut buf = [0; 64];
    let read = prog_stream_read_by_fd(prog.as_fd(), StreamId::STDOUT, &mut buf);
    if read == Err(Errno::INVAL) {
        println!("skipped: this kernel has no streams");
        return;
    }
    assert_eq!(read, Ok(0));
    assert_eq!(prog_stream_read_by_fd(prog.as_fd(), StreamId::STDERR, &mut []), Ok(0));
    assert_eq!(prog_stream_read_by_fd(prog.as_fd(), StreamId(3), &mut buf), Err(Errno::NOENT));
    let map = map(MapCreate::new(MapType::ARRAY, 4, 4, 1));
    let other = prog_stream_read_by_fd(map.as_fd(), StreamId::STDOUT, &mut buf);
    assert_eq!(other, Err(Errno::INVAL));
    assert_eq!(prog_stream_read_by_fd(closed(), StreamId::STDOUT, &mut buf), Err(Errno::BADF));
}

#[test]
fn what_a_program_prints_comes_out_of_its_stream() {
    if !privileged() {
        return;
    }
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).unwrap();
    // Linux 7.2 has both and wants the first; the program passes no fifth argument there.
    let names = ["bpf_stream_vprintk", "bpf_stream_vprintk_impl"];
    let Some(print) = names.iter().find_map(|name| btf.id(Kind::FUNC, name).ok()) else {
        println!("skipped: programs of this kernel cannot print");
        return;
    };
    // The format lies in a map that nobody can change any more.
    let mut attr = MapCreate::new(MapType::ARRAY, 4, 16, 1);
    attr.map_flags = MapCreateFlags::RDONLY_PROG;
    let map = map(attr);
    let (key, format) = ([0_u8; 4], *b"hello, stream!\n\0");
    let mut attr = MapElem::new(
        map.as_raw_fd() as u32,
        key.as_ptr().expose_provenance() as u64,
        format.as_ptr().expose_provenance() as u64,
    );
    // SAFETY: key and value are as long as the map has them.
    unsafe { sys::bpf(Cmd::MAP_UPDATE_ELEM, &mut attr) }.unwrap();
    let mut attr = MapFreeze::new(map.as_raw_fd() as u32);
    // SAFETY: no address.
    unsafe { sys::bpf(Cmd::MAP_FREEZE, &mut attr) }.unwrap();

    let [low, high] = ld_map_value(Reg::R2, map.as_raw_fd(), 0);
    let insns = [
        st_mem(Size::DW, Reg::R10, -8, 0),
        mov64_imm(Reg::R1, StreamId::STDOUT.0 as i32),
        low,
        high,
        mov64_reg(Reg::R3, Reg::R10),
        alu64_imm(AluOp::ADD, Reg::R3, -8),
        mov64_imm(Reg::R4, 0),
        mov64_imm(Reg::R5, 0),
        call_kfunc(0, print as i32),
        exit(),
    ];
    let options = Options { flags: ProgLoadFlags::SLEEPABLE, ..Options::default() };
    let prog = load(ProgType::SYSCALL, &insns, &options);
    let mut run = TestRun::default();
    // Memory is taken without waiting for it, which fails at times, and on some kernels always.
    let no_memory = -i32::from(Errno::NOMEM.as_raw());
    for _ in 0..100 {
        prog_test_run(prog.as_fd(), &mut run).unwrap();
        if run.retval as i32 != no_memory {
            break;
        }
    }
    if run.retval as i32 == no_memory {
        println!("skipped: this kernel finds no memory for what a program prints");
        return;
    }
    assert_eq!(run.retval, 0);
    let mut text = Vec::new();
    let mut buf = [0; 4];
    loop {
        match prog_stream_read_by_fd(prog.as_fd(), StreamId::STDOUT, &mut buf).unwrap() {
            0 => break,
            count => text.extend_from_slice(&buf[..count]),
        }
    }
    assert_eq!(text, b"hello, stream!\n");
}

#[test]
fn a_raw_tracepoint_is_opened_by_name_and_found_by_descriptor() {
    if !privileged() {
        return;
    }
    let prog = simple(ProgType::RAW_TRACEPOINT, AttachType(0));
    let open = |prog, name| raw_tracepoint_open(prog, name, 0);
    let link = open(prog.as_fd(), Some(c"sys_enter")).unwrap();
    assert_eq!(fdinfo(link.as_fd(), "link_type"), "raw_tracepoint");
    assert_eq!(open(prog.as_fd(), Some(c"no_such")).map(drop), Err(Errno::NOENT));
    assert_eq!(open(prog.as_fd(), None).map(drop), Err(Errno::FAULT));
    let other = simple(ProgType::SOCKET_FILTER, AttachType(0));
    assert_eq!(open(other.as_fd(), Some(c"sys_enter")).map(drop), Err(Errno::INVAL));
    assert_eq!(open(closed(), Some(c"sys_enter")).map(drop), Err(Errno::BADF));
    match raw_tracepoint_open(prog.as_fd(), Some(c"sys_enter"), 77) {
        // Linux 6.12 knows cookies; 6.18 shows them.
        Ok(link) => {
            let cookie = find_fdinfo(link.as_fd(), "cookie");
            assert!(cookie.is_none_or(|cookie| cookie == "77"));
        }
        Err(errno) => assert_eq!(errno, Errno::INVAL),
    }

    let query = |fd: BorrowedFd<'_>, name: &mut [u8]| {
        let mut found = TaskFd { name, ..TaskFd::default() };
        let result = task_fd_query(std::process::id(), fd.as_raw_fd() as u32, &mut found);
        (result, found.name_len, found.prog_id, found.fd_type)
    };
    let ours = id(prog.as_fd(), "prog_id");
    let mut name = [0xff; 16];
    let found = query(link.as_fd(), &mut name);
    assert_eq!(found, (Ok(()), 9, ours, TaskFdType::RAW_TRACEPOINT));
    assert_eq!(&name[..10], b"sys_enter\0");
    let mut short = [0xff; 4];
    let found = query(link.as_fd(), &mut short);
    assert_eq!(found, (Err(Errno::NOSPC), 9, ours, TaskFdType::RAW_TRACEPOINT));
    assert_eq!(&short, b"sys\0");
    assert_eq!(query(link.as_fd(), &mut []), (Ok(()), 9, ours, TaskFdType::RAW_TRACEPOINT));
    assert_eq!(query(prog.as_fd(), &mut []).0, Err(Errno::NOTSUPP));
    assert_eq!(query(closed(), &mut []).0, Err(Errno::BADF));
    let nobody = task_fd_query(i32::MAX as u32, 0, &mut TaskFd::default());
    assert_eq!(nobody, Err(Errno::NOENT));
}

#[test]
fn a_traced_function_is_opened_without_a_name() {
    if !privileged() {
        return;
    }
    let prog = match traced("bpf_fentry_test1", AttachType::TRACE_FENTRY) {
        Ok(prog) => prog,
        Err(errno) => {
            println!("skipped: this kernel has no function to trace: {errno}");
            return;
        }
    };
    let named = raw_tracepoint_open(prog.as_fd(), Some(c"sys_enter"), 0);
    assert_eq!(named.map(drop), Err(Errno::INVAL));
    let link = match raw_tracepoint_open(prog.as_fd(), None, 0) {
        Err(Errno::NOTSUPP) => {
            println!("skipped: this kernel cannot trace functions: {}", Errno::NOTSUPP);
            return;
        }
        link => link.unwrap(),
    };
    assert_eq!(fdinfo(link.as_fd(), "link_type"), "tracing");
    let twice = raw_tracepoint_open(prog.as_fd(), None, 0);
    assert_eq!(twice.map(drop), Err(Errno::BUSY));
}

#[test]
fn who_lacks_the_capabilities_is_told_so() {
    if !privileged() {
        return;
    }
    let cgroup = Cgroup::new();
    let (prog, skb) = (simple(ProgType::SOCKET_FILTER, AttachType(0)), ingress());
    let strict = release() >= (6, 18);
    let nobody = || {
        // SAFETY: the system call itself changes the calling thread alone, which ends below.
        let ret = unsafe { libc::syscall(libc::SYS_setresuid, 65534, 65534, 65534) };
        assert_eq!(ret, 0);
        let target = Target::Fd(cgroup.fd());
        assert_eq!(prog_get_next_id(0), Err(Errno::PERM));
        assert_eq!(prog_get_fd_by_id(1).map(drop), Err(Errno::PERM));
        assert_eq!(link_get_next_id(0), Err(Errno::PERM));
        assert_eq!(link_get_fd_by_id(1).map(drop), Err(Errno::PERM));
        let query = task_fd_query(std::process::id(), 0, &mut TaskFd::default());
        assert_eq!(query, Err(Errno::PERM));
        let query = prog_query(target, INGRESS, NO_FLAGS, &mut Query::default());
        assert_eq!(query, Err(Errno::PERM));
        let attach = prog_attach(skb.as_fd(), target, INGRESS, &AttachOptions::default());
        assert_eq!(attach, Err(Errno::INVAL));
        let hook = AttachType::TCX_INGRESS;
        let detach = prog_detach(None, Target::Ifindex(LO), hook, Place::Default, 0);
        assert!(!strict || detach == Err(Errno::PERM), "{detach:?}");
        assert_eq!(link_create(skb.as_fd(), target, INGRESS, 0).map(drop), Err(Errno::PERM));
        let load =
            prog_load(ProgType::XDP, &returns(0), c"GPL", &Options::default(), &mut Log::none());
        assert_eq!(load.map(drop), Err(Errno::PERM));
        // Running what is there already takes none.
        let packet = [0; 64];
        let mut run = TestRun { data_in: &packet, ..TestRun::default() };
        assert_eq!(prog_test_run(prog.as_fd(), &mut run), Ok(()));
    };
    let ended = std::thread::scope(|scope| scope.spawn(nobody).join());
    if let Err(panic) = ended {
        std::panic::resume_unwind(panic);
    }
}

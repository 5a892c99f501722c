//! Each function reaches the kernel as the command that it is named after, with its own struct's size:
//! seen by `strace`, which a child of the test runs under.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod common;

use std::collections::BTreeSet;
use std::process::{Command, Stdio, exit};
use std::{env, fs};

use barebpf::asm::{exit as exit_insn, mov64_imm};
use barebpf::attach::{Place, Target};
use barebpf::btf::{Btf, Want, btf_get_fd_by_id, btf_get_next_id, btf_load};
use barebpf::info::{
    LinkBuffers, ProgBuffers, obj_get_info_by_fd_btf, obj_get_info_by_fd_link,
    obj_get_info_by_fd_map, obj_get_info_by_fd_map_hash, obj_get_info_by_fd_prog,
    obj_get_info_by_fd_token,
};
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::link::*;
use barebpf::map::{self, *};
use barebpf::obj::*;
use barebpf::prog::{self, *};
use barebpf::token::token_create;
use barebpf::uapi::insn::{Insn, Reg};
use barebpf::uapi::{self, *};
use barebpf::{Log, sys};

const CHILD: &str = "BAREBPF_TEST_CHILD";

/// No command has this number or one behind it: they tell the functions apart.
const MARK: u32 = 10_000;

const INSNS: [Insn; 2] = [mov64_imm(Reg::R0, 0), exit_insn()];

/// A function, the command, the size, and a call.
type Call<'a> = (&'static str, Cmd, usize, Box<dyn FnOnce() + 'a>);

/// `name = COMMAND(Arm): call;`
macro_rules! calls {
    ($($name:ident = $cmd:ident($arm:ident): $call:expr;)*) => {
        vec![$((
            stringify!($name),
            Cmd::$cmd,
            size_of::<uapi::$arm>(),
            Box::new(|| {
                let _ = $call;
            }) as Box<dyn FnOnce() + '_>,
        )),*]
    };
}

fn with_calls(run: impl FnOnce(Vec<Call<'_>>)) {
    let log = &mut Log::none();
    let map = map_create(MapType::ARRAY, 4, 4, 4, &map::Options::default(), log).unwrap();
    let fd = map.as_fd();
    let options = prog::Options::default();
    let socket = prog_load(ProgType::SOCKET_FILTER, &INSNS, c"GPL", &options, log).unwrap();
    let mut window = [0; 4096];
    let task =
        Btf::vmlinux(&mut window).and_then(|mut btf| btf.find([Want::func("bpf_iter_task")]));
    let task = task.ok().map(|[task]| iter::TASK.with_id(task.id().unwrap()));
    let task = task.map(|task| Prog::load(task, &INSNS, c"GPL", log).unwrap());
    let link = task.as_ref().map(|task| link_create_iter(task, TaskInfo::All).unwrap());

    let btf = btf_get_next_id(0).and_then(|id| btf_get_fd_by_id(id, None));

    let ty = AttachType::TRACE_FENTRY;
    let key = || [0; 4];
    let (elem, batch) = (MapElemFlags(0), MapBatchFlags(0));
    let path = c"/nothing/here";
    let mut calls = calls! {
        map_create = MAP_CREATE(MapCreate):
            map_create(MapType::ARRAY, 4, 4, 4, &map::Options::default(), &mut Log::none());
        map_lookup_elem = MAP_LOOKUP_ELEM(MapElem): map_lookup_elem(&map, &key(), &mut key(), elem);
        map_update_elem = MAP_UPDATE_ELEM(MapElem): map_update_elem(&map, &key(), &key(), elem);
        map_delete_elem = MAP_DELETE_ELEM(MapDeleteElem): map_delete_elem(&map, &key());
        map_get_next_key = MAP_GET_NEXT_KEY(MapGetNextKey): map_get_next_key(&map, None, &mut key());
        prog_load = PROG_LOAD(ProgLoad):
            prog_load(ProgType::XDP, &INSNS, c"GPL", &prog::Options::default(), &mut Log::none());
        obj_pin = OBJ_PIN(Obj): obj_pin(fd, path);
        obj_pin_path_fd = OBJ_PIN(Obj): obj_pin_path_fd(fd, fd, path);
        obj_get = OBJ_GET(Obj): obj_get(path, ObjFlags(0));
        obj_get_path_fd = OBJ_GET(Obj): obj_get_path_fd(fd, path, ObjFlags(0));
        prog_attach = PROG_ATTACH(ProgAttach):
            prog_attach(fd, Target::Fd(fd), ty, &AttachOptions::default());
        prog_detach = PROG_DETACH(ProgAttach):
            prog_detach(Some(fd), Target::Fd(fd), ty, Place::Default, 0);
        prog_test_run = PROG_TEST_RUN(ProgTestRun): prog_test_run(fd, &mut TestRun::default());
        prog_run = PROG_TEST_RUN(ProgTestRun): prog_run(fd, &mut TestRun::default());
        prog_get_next_id = PROG_GET_NEXT_ID(GetNextId): prog_get_next_id(0);
        map_get_next_id = MAP_GET_NEXT_ID(GetNextId): map_get_next_id(0);
        prog_get_fd_by_id = PROG_GET_FD_BY_ID(ProgGetFdById): prog_get_fd_by_id(u32::MAX);
        map_get_fd_by_id = MAP_GET_FD_BY_ID(MapGetFdById): map_get_fd_by_id(u32::MAX, MapOpenFlags(0));
        obj_get_info_by_fd_map = OBJ_GET_INFO_BY_FD(ObjGetInfoByFd): obj_get_info_by_fd_map(fd);
        obj_get_info_by_fd_map_hash = OBJ_GET_INFO_BY_FD(ObjGetInfoByFd):
            obj_get_info_by_fd_map_hash(fd, &mut [0; 32]);
        obj_get_info_by_fd_prog = OBJ_GET_INFO_BY_FD(ObjGetInfoByFd):
            obj_get_info_by_fd_prog(socket.as_fd(), &mut ProgBuffers::default());
        prog_query = PROG_QUERY(ProgQuery):
            prog_query(Target::Fd(fd), ty, ProgQueryFlags(0), &mut Query::default());
        raw_tracepoint_open = RAW_TRACEPOINT_OPEN(RawTracepointOpen): raw_tracepoint_open(fd, None, 0);
        btf_load = BTF_LOAD(BtfLoad): btf_load(&[], None, &mut Log::none());
        btf_get_fd_by_id = BTF_GET_FD_BY_ID(BtfGetFdById): btf_get_fd_by_id(u32::MAX, None);
        task_fd_query = TASK_FD_QUERY(TaskFdQuery): task_fd_query(1, 0, &mut TaskFd::default());
        map_lookup_and_delete_elem = MAP_LOOKUP_AND_DELETE_ELEM(MapElem):
            map_lookup_and_delete_elem(&map, &key(), &mut key(), elem);
        btf_get_next_id = BTF_GET_NEXT_ID(GetNextId): btf_get_next_id(0);
        map_lookup_batch = MAP_LOOKUP_BATCH(MapBatch):
            map_lookup_batch(&map, &mut Cursor::new(&mut key()), &mut key(), &mut key(), batch);
        map_lookup_and_delete_batch = MAP_LOOKUP_AND_DELETE_BATCH(MapBatch):
            map_lookup_and_delete_batch(&map, &mut Cursor::new(&mut key()), &mut key(), &mut key(), batch);
        map_update_batch = MAP_UPDATE_BATCH(MapBatch): map_update_batch(&map, &key(), &key(), batch);
        map_delete_batch = MAP_DELETE_BATCH(MapBatch): map_delete_batch(&map, &key());
        map_freeze = MAP_FREEZE(MapFreeze): map_freeze(fd);
        link_create = LINK_CREATE(LinkCreate): link_create(fd, Target::Fd(fd), ty, 0);
        link_create_cgroup = LINK_CREATE(LinkCreateCgroup):
            link_create_cgroup(fd, fd, ty, LinkCreateCgroupFlags(0), Place::Default, 0);
        link_create_tcx = LINK_CREATE(LinkCreateTcx): link_create_tcx(fd, 1, ty, Place::Default, 0);
        link_create_netkit = LINK_CREATE(LinkCreateNetkit):
            link_create_netkit(fd, 1, ty, Place::Default, 0);
        link_create_netfilter = LINK_CREATE(LinkCreateNetfilter):
            link_create_netfilter(fd, 2, 0, 0, LinkCreateNetfilterFlags(0));
        link_create_struct_ops = LINK_CREATE(LinkCreateStructOps): link_create_struct_ops(fd);
        link_create_perf_event = LINK_CREATE(LinkCreatePerfEvent): link_create_perf_event(fd, fd, 0);
        link_create_kprobe_multi = LINK_CREATE(LinkCreateKprobeMulti): link_create_kprobe_multi(
            fd, ty, Functions::Addrs(&[]), &[], LinkCreateKprobeMultiFlags(0)
        );
        link_create_tracing = LINK_CREATE(LinkCreateTracing): link_create_tracing(fd, ty, None, 0);
        link_create_uprobe_multi = LINK_CREATE(LinkCreateUprobeMulti):
            link_create_uprobe_multi(fd, ty, Executable::Path(path), &Uprobes::default());
        link_create_tracing_multi = LINK_CREATE(LinkCreateTracingMulti):
            link_create_tracing_multi(fd, ty, &[], &[]);
        link_update = LINK_UPDATE(LinkUpdate): link_update(fd, fd, None);
        link_update_map = LINK_UPDATE(LinkUpdateMap): link_update_map(fd, fd, None);
        link_get_fd_by_id = LINK_GET_FD_BY_ID(LinkGetFdById): link_get_fd_by_id(u32::MAX);
        link_get_next_id = LINK_GET_NEXT_ID(GetNextId): link_get_next_id(0);
        enable_stats = ENABLE_STATS(EnableStats): enable_stats(StatsType(99));
        iter_create = ITER_CREATE(IterCreate): iter_create(fd);
        link_detach = LINK_DETACH(LinkDetach): link_detach(fd);
        prog_bind_map = PROG_BIND_MAP(ProgBindMap): prog_bind_map(fd, fd);
        token_create = TOKEN_CREATE(TokenCreate): token_create(fd);
        prog_stream_read_by_fd = PROG_STREAM_READ_BY_FD(ProgStreamRead):
            prog_stream_read_by_fd(fd, StreamId(1), &mut []);
        prog_assoc_struct_ops = PROG_ASSOC_STRUCT_OPS(ProgAssocStructOps): prog_assoc_struct_ops(fd, fd);
    };
    if let (Some(task), Some(link)) = (&task, &link) {
        calls.extend(calls! {
            link_create_iter = LINK_CREATE(LinkCreateIter): link_create_iter(task, TaskInfo::All);
            obj_get_info_by_fd_link = OBJ_GET_INFO_BY_FD(ObjGetInfoByFd):
                obj_get_info_by_fd_link(link.as_fd(), &mut LinkBuffers::default());
        });
    }
    if let Ok(btf) = &btf {
        // Each of the two goes by as what it may be; the command is what this is about.
        calls.extend(calls! {
            obj_get_info_by_fd_btf = OBJ_GET_INFO_BY_FD(ObjGetInfoByFd):
                obj_get_info_by_fd_btf(btf.as_fd(), &mut [], &mut []);
            obj_get_info_by_fd_token = OBJ_GET_INFO_BY_FD(ObjGetInfoByFd):
                obj_get_info_by_fd_token(btf.as_fd());
        });
    }
    run(calls);
}

/// The first and the third argument of each `bpf`, as `strace` saw them.
fn seen(trace: &str) -> Vec<(u32, usize)> {
    let hex = |word: &str| usize::from_str_radix(word.trim().trim_start_matches("0x"), 16).unwrap();
    let calls = trace.lines().filter_map(|line| line.split_once("bpf(")?.1.split_once(')'));
    calls
        .map(|(args, _)| {
            let args: Vec<_> = args.split(',').collect();
            (hex(args.first().unwrap()) as u32, hex(args.get(2).unwrap()))
        })
        .collect()
}

#[test]
fn each_function_is_the_command_that_it_is_named_after() {
    if !common::privileged() {
        return;
    }
    if env::var_os(CHILD).is_some() {
        with_calls(|calls| {
            for (number, (_, _, _, call)) in calls.into_iter().enumerate() {
                // SAFETY: there is no such command.
                let _ = unsafe { sys::bpf(Cmd(MARK + number as u32), &mut IterCreate::new(0)) };
                call();
            }
        });
        exit(0);
    }
    let trace = env::temp_dir().join(format!("barebpf-{}.trace", std::process::id()));
    let strace = Command::new("strace")
        .args(["-f", "-qq", "-e", "trace=bpf", "-e", "raw=bpf", "-e", "signal=none", "-o"])
        .arg(&trace)
        .arg(env::current_exe().unwrap())
        .args(["each_function_is_the_command_that_it_is_named_after", "--exact", "--nocapture"])
        .env(CHILD, "1")
        .stdout(Stdio::null())
        .status();
    let Ok(status) = strace else {
        println!("skipped: there is no strace (package strace)");
        return;
    };
    let seen = seen(&fs::read_to_string(&trace).unwrap_or_default());
    let _ = fs::remove_file(&trace);
    assert!(status.success(), "{status}");

    let mut commands = BTreeSet::new();
    with_calls(|calls| {
        for (number, (name, cmd, size, _)) in calls.iter().enumerate() {
            let mark = |number: usize| move |call: &(u32, usize)| call.0 == MARK + number as u32;
            let from = seen.iter().position(mark(number)).unwrap_or_else(|| panic!("{name}"));
            let rest = seen.get(from + 1..).unwrap();
            let to = rest.iter().position(mark(number + 1)).unwrap_or(rest.len());
            // Before the command itself some ask what the descriptor is.
            assert_eq!(rest.get(..to).unwrap().last(), Some(&(cmd.0, *size)), "{name}");
            let c_name = cmd.name().unwrap().trim_start_matches("BPF_").to_lowercase();
            assert!(name.starts_with(&c_name) || *name == "prog_run", "{name}: {c_name}");
            commands.insert(cmd.0);
        }
    });
    assert!(commands.into_iter().eq(0..39), "not every command has a function here");
}

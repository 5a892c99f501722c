//! Members of kernel structs at run time: found by name in this kernel's BTF, under one name or another,
//! and read by a program that was put together for what was found.

#[path = "common/attach.rs"]
mod attach;
mod common;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::os::fd::AsRawFd as _;

use barebpf::asm::{self, PtrWidth, alu64_imm, call, exit, mov64_imm, mov64_reg, stx_mem};
use barebpf::btf::{Btf, Error, Member, Want};
use barebpf::iter::{self, Prog, TaskInfo, iter_create, link_create_iter};
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, Insn, Reg, Size};
use barebpf::{Errno, Log};
use common::privileged;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// What the program writes of each task.
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout)]
#[repr(C)]
struct Row {
    tid: u32,
    state: u32,
    cpu: u32,
}

/// Where it all is on this kernel.
struct Places {
    target: iter::Target<iter::Task>,
    width: PtrWidth,
    tid: i16,
    state: Member,
    cpu: i16,
}

fn places() -> Result<Places, Error> {
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window)?;
    let [target, pointer, tid, state, old_state, thread, cpu, old_cpu] = btf.find([
        Want::func(iter::TASK.func()),
        Want::pointer(),
        Want::member("task_struct", "pid"),
        Want::member("task_struct", "__state"),
        Want::member("task_struct", "state"),
        Want::member("task_struct", "thread_info"),
        Want::member("thread_info", "cpu"),
        Want::member("task_struct", "cpu"),
    ])?;
    Ok(Places {
        target: iter::TASK.with_id(target.id()?),
        width: pointer.ptr_width()?,
        tid: tid.off()?,
        // Renamed in 5.14, and half as wide since.
        state: state.member().or(old_state.member())?,
        // Moved into another struct in 5.16, on x86.
        cpu: cpu.off().and_then(|cpu| Ok(thread.off()? + cpu)).or(old_cpu.off())?,
    })
}

fn program(places: &Places) -> Result<Prog<iter::Task>, Errno> {
    let state = i16::try_from(places.state.offset().expect("whole bytes")).expect("near");
    let wide = if places.state.size == 8 { Size::DW } else { Size::W };
    let mut program = asm::Program::<32>::new();
    let done = &mut program.label();
    let each: &[Insn] = &[
        asm::ldx_mem(Size::W, Reg::R3, Reg::R2, places.tid),
        stx_mem(Size::W, Reg::R10, Reg::R3, -12),
        asm::ldx_mem(wide, Reg::R3, Reg::R2, state),
        stx_mem(Size::W, Reg::R10, Reg::R3, -8),
        asm::ldx_mem(Size::W, Reg::R3, Reg::R2, places.cpu),
        stx_mem(Size::W, Reg::R10, Reg::R3, -4),
        asm::ld_ctx_ptr(Reg::R1, Reg::R1, 0),
        asm::ld_ptr(places.width, Reg::R1, Reg::R1, 0),
        mov64_reg(Reg::R2, Reg::R10),
        alu64_imm(AluOp::ADD, Reg::R2, -12),
        mov64_imm(Reg::R3, 12),
        call(Helper::SEQ_WRITE),
    ];
    program
        .add(asm::ld_ctx_ptr(Reg::R2, Reg::R1, 1))
        .jmp_null(places.width, Reg::R2, done)
        .extend(each)
        .bind(done)
        .extend(&[mov64_imm(Reg::R0, 0), exit()]);
    let mut buf = vec![0; 1 << 16];
    let mut log = Log::new(&mut buf);
    Prog::load(places.target, program.finish().expect("room"), c"GPL", &mut log)
        .inspect_err(|_| println!("{}", String::from_utf8_lossy(log.text())))
}

/// Keeps this thread on one CPU.
fn stay_on(cpu: usize) {
    // SAFETY: all zero is a set without a CPU.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: the set has room for every CPU.
    unsafe { libc::CPU_SET(cpu, &mut set) };
    // SAFETY: the set is as long as said; 0 is this thread.
    let ret = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
    assert_eq!(ret, 0, "{}", std::io::Error::last_os_error());
}

fn tid() -> u32 {
    // SAFETY: it has no argument.
    unsafe { libc::gettid() as u32 }
}

#[test]
fn members_that_were_renamed_moved_or_resized_are_read_on_this_kernel() {
    if !privileged() {
        return;
    }
    let places = places().expect("every kernel from 5.10 to 7.2 has them");
    println!("state: {:?}; cpu at {}; pid at {}", places.state, places.cpu, places.tid);
    let prog = program(&places).expect("the verifier follows");
    let link = link_create_iter(&prog, TaskInfo::All).expect("a link");

    let last = std::thread::available_parallelism().expect("a number").get() - 1;
    let (mut waits, end) = std::io::pipe().expect("a pipe");
    let fd = waits.as_raw_fd();
    let (tell, hear) = std::sync::mpsc::channel();
    let sleeper = std::thread::spawn(move || {
        stay_on(last);
        tell.send(tid()).expect("somebody hears");
        waits.read(&mut [0]).expect("a pipe")
    });
    let sleeper_tid = hear.recv().expect("it told");
    let stat = format!("/proc/self/task/{sleeper_tid}/stat");
    while !std::fs::read_to_string(&stat).expect("/proc").contains(") S ") {
        std::thread::yield_now();
    }
    stay_on(0);
    let mut rows = BTreeMap::new();
    let mut buf = [Row { tid: 0, state: 0, cpu: 0 }; 256];
    let mut records = iter_create(link.as_fd()).expect("a pass").records(&mut buf);
    while let Some(row) = records.next().expect("a record") {
        rows.insert(row.tid, *row);
    }
    drop(end);
    assert_eq!(sleeper.join().expect("it ends"), 0, "{fd}");
    // TASK_INTERRUPTIBLE; TASK_RUNNING.
    let of = |tid: u32| rows.get(&tid).map(|row| (row.state, row.cpu as usize));
    assert_eq!(of(sleeper_tid), Some((1, last)));
    assert_eq!(of(tid()), Some((0, 0)));
}

/// BTF of one struct with an int in it, eight bytes from its start.
fn synthetic(record: &str, member: &str) -> Vec<u8> {
    let mut names = b"\0int\0".to_vec();
    let mut put = |name: &str| {
        let at = names.len() as u32;
        names.extend(name.as_bytes());
        names.push(0);
        at
    };
    let (record, member, list) = (put(record), put(member), put("list_head"));
    let types = [
        [1, 1 << 24, 4, 1 << 24 | 32].as_slice(),
        &[record, 4 << 24 | 1, 16, member, 1, 64],
        &[list, 4 << 24, 16],
    ]
    .concat();
    let (len, names_len) = (types.len() as u32 * 4, names.len() as u32);
    let words = [&[0x1_eb9f_u32, 24, 0, len, len, names_len][..], &types].concat();
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    bytes.extend(names);
    bytes
}

#[test]
fn a_struct_or_member_by_another_name_is_one_more_alternative() {
    let look = |bytes: &[u8]| -> Result<i16, Error> {
        let [new, old, older] = Btf::from_slice(bytes)?.find([
            Want::member("slab", "__cache"),
            Want::member("slab", "cache"),
            Want::member("page", "cache"),
        ])?;
        new.off().or(old.off()).or(older.off())
    };
    for (record, member) in [("slab", "__cache"), ("slab", "cache"), ("page", "cache")] {
        assert_eq!(look(&synthetic(record, member)), Ok(8), "{record}.{member}");
    }
    for (record, member) in [("page", "__cache"), ("slab", "caches"), ("slabs", "cache")] {
        assert_eq!(look(&synthetic(record, member)), Err(Error::NOT_FOUND), "{record}.{member}");
    }
    let mut cut = synthetic("slab", "cache");
    cut.truncate(60);
    assert!(look(&cut).is_err());
}

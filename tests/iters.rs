//! Iterators: what each kind of target takes, what a pass reads, and what the kernel refuses.

#[path = "common/attach.rs"]
mod attach;
mod common;
#[path = "common/walk.rs"]
mod walk;

use std::fs;
use std::io::Write as _;
use std::os::fd::{AsRawFd as _, IntoRawFd as _};

use attach::borrow;
use barebpf::asm::{self, PtrWidth, alu64_imm, call, exit, mov64_imm, mov64_reg, st_mem};
use barebpf::btf::{Btf, Kind as BtfKind, Want};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::iter::{
    self, Cgroup, CgroupFrom, CgroupInfo, Iter, MapElem, Name, Plain, Prog, ReadError, Task,
    TaskInfo, iter_create, link_create_iter,
};
use barebpf::link::link_update;
use barebpf::map::{self, map_create};
use barebpf::obj::{obj_get, obj_pin};
use barebpf::prog::{Options, prog_load};
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, JmpOp, Reg, Size};
use barebpf::uapi::{AttachType, CgroupIterOrder, MapType, ObjFlags, ProgType};
use barebpf::{Errno, Log};
use common::{Bpffs, agree, privileged};
use walk::{all, each, hash, load, pass, program};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

#[test]
fn a_task_iterator_walks_all_tasks_or_one_thread_or_one_process() {
    if !privileged() {
        return;
    }
    let prog = each(iter::TASK, 1);
    let walk = |info| pass(&link_create_iter(&prog, info).expect("a link"));
    let me = std::process::id();

    // Other tests are threads of this process, too.
    let threads = || fs::read_dir("/proc/self/task").expect("/proc").count();
    agree("threads", || walk(TaskInfo::Pid(me)), threads);
    assert_eq!(walk(TaskInfo::Tid(me)), 1);
    // The kernel has threads of its own.
    let own = walk(TaskInfo::Pid(me));
    assert!(walk(TaskInfo::All) > own);

    // SAFETY: `pidfd_open` reads no memory.
    let pidfd = unsafe { barebpf::arch::syscall2(434, me as usize, 0) };
    let pidfd = Errno::split(pidfd).expect("a pidfd") as i32;
    // SAFETY: it is open, and nobody else has it.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) }.expect("room");
    assert!(walk(TaskInfo::PidFd(pidfd.as_fd())) >= 1);

    // The kernel gives nobody that number: an empty walk, not an error.
    assert_eq!(walk(TaskInfo::Tid(4_194_304)), 0);
}

#[test]
fn a_map_iterator_walks_that_map() {
    if !privileged() {
        return;
    }
    let prog = each(iter::BPF_MAP_ELEM, 2);
    let map = hash(1000);
    let link = link_create_iter(&prog, map.as_fd()).expect("a link");
    // The link holds the map, and the program.
    drop((prog, map));
    assert_eq!(pass(&link), 1000);
}

#[test]
fn a_map_that_the_target_cannot_walk_is_refused() {
    if !privileged() {
        return;
    }
    let map = |map_type, key| {
        map_create(map_type, key, 8, 4, &map::Options::default(), &mut Log::none()).expect("a map")
    };
    let elem = each(iter::BPF_MAP_ELEM, 2);
    let queue = map(MapType::QUEUE, 0);
    assert_eq!(link_create_iter(&elem, queue.as_fd()).err(), Some(Errno::INVAL));
    let sockmap = each(iter::SOCKMAP, 3);
    let array = map(MapType::ARRAY, 4);
    assert_eq!(link_create_iter(&sockmap, array.as_fd()).err(), Some(Errno::INVAL));
    let not_a_map = fs::File::open("/dev/null").expect("/dev/null");
    assert_eq!(link_create_iter(&elem, borrow(&not_a_map)).err(), Some(Errno::INVAL));
}

#[test]
fn a_program_that_reads_more_than_the_map_has_is_refused() {
    if !privileged() {
        return;
    }
    // Reads byte 8 of an 8-byte value.
    let [null, null_too] = asm::jmp_null(PtrWidth::Eight, Reg::R2, 1);
    let insns = [
        asm::ld_ctx_ptr(Reg::R2, Reg::R1, 3),
        null,
        null_too,
        asm::ldx_mem(Size::B, Reg::R3, Reg::R2, 8),
        mov64_imm(Reg::R0, 0),
        exit(),
    ];
    let prog: Prog<MapElem> = load(iter::BPF_MAP_ELEM, &insns);
    let map = hash(1);
    assert_eq!(link_create_iter(&prog, map.as_fd()).err(), Some(Errno::ACCES));
}

#[test]
fn a_cgroup_iterator_walks_in_the_order_it_is_told() {
    if !privileged() {
        return;
    }
    let prog: Prog<Cgroup> = each(iter::CGROUP, 1);
    let walk =
        |order, from| link_create_iter(&prog, CgroupInfo { order, from }).map(|link| pass(&link));
    let root = CgroupFrom::Root;
    assert_eq!(walk(CgroupIterOrder::SELF_ONLY, root), Ok(1));
    assert_eq!(walk(CgroupIterOrder::ANCESTORS_UP, root), Ok(1));
    assert!(walk(CgroupIterOrder::DESCENDANTS_PRE, root).expect("a walk") >= 1);
    assert!(walk(CgroupIterOrder::DESCENDANTS_POST, root).expect("a walk") >= 1);

    assert_eq!(walk(CgroupIterOrder::ORDER_UNSPEC, root), Err(Errno::INVAL));
    assert_eq!(walk(CgroupIterOrder::SELF_ONLY, CgroupFrom::Id(0)), Err(Errno::INVAL));
    assert_eq!(walk(CgroupIterOrder::SELF_ONLY, CgroupFrom::Id(u64::MAX)), Err(Errno::NOENT));
    let not_a_cgroup = fs::File::open("/dev/null").expect("/dev/null");
    let from = CgroupFrom::Fd(borrow(&not_a_cgroup));
    assert_eq!(walk(CgroupIterOrder::SELF_ONLY, from), Err(Errno::BADF));
}

#[test]
fn a_cgroup_iterator_that_has_come_to_its_end_may_be_read_again() {
    if !privileged() {
        return;
    }
    let prog = each(iter::CGROUP, 1);
    let info = CgroupInfo { order: CgroupIterOrder::SELF_ONLY, from: CgroupFrom::Root };
    let link = link_create_iter(&prog, info).expect("a link");
    let mut iter = iter_create(link.as_fd()).expect("an iterator");
    assert_eq!(iter.read(&mut vec![0; iter::CGROUP_READ]), Ok(1));
    // It was gathered whole, and that is the end; only a walk that was cut short is refused.
    assert!(matches!(iter.read(&mut [0; 64]), Ok(0) | Err(Errno::OPNOTSUPP)));
}

#[test]
fn what_a_cgroup_iterator_did_not_gather_at_once_is_lost() {
    if !privileged() {
        return;
    }
    let cgroup = attach::Cgroup::new();
    let children: Vec<_> = (0..9).map(|n| cgroup.dir().join(n.to_string())).collect();
    for child in &children {
        fs::create_dir(child).expect("a new cgroup");
    }
    let prog = each(iter::CGROUP, 1);
    let from = CgroupFrom::Fd(cgroup.fd());
    let info = CgroupInfo { order: CgroupIterOrder::DESCENDANTS_PRE, from };
    let link = link_create_iter(&prog, info).expect("a link");
    assert_eq!(pass(&link), 10);
    let mut iter = iter_create(link.as_fd()).expect("an iterator");
    assert_eq!(iter.read(&mut [0; 3]), Ok(3));
    for _ in 0..2 {
        assert_eq!(iter.read(&mut vec![0; iter::CGROUP_READ]), Err(Errno::OPNOTSUPP));
    }
    for child in &children {
        fs::remove_dir(child).expect("an empty cgroup");
    }
}

#[test]
fn a_plain_target_takes_nothing_and_the_others_are_never_plain() {
    if !privileged() {
        return;
    }
    let name = Name::<Plain>::plain("bpf_iter_bpf_prog").expect("it takes nothing");
    let prog = each(name, 1);
    assert!(pass(&link_create_iter(&prog, ()).expect("a link")) >= 1);

    for taken in [iter::TASK.func(), iter::TASK_FILE.func(), iter::TASK_VMA.func()] {
        assert!(Name::<Plain>::plain(taken).is_none(), "{taken}");
    }
    for taken in [iter::BPF_MAP_ELEM.func(), iter::SOCKMAP.func(), iter::CGROUP.func()] {
        assert!(Name::<Plain>::plain(taken).is_none(), "{taken}");
    }
}

#[test]
fn nobody_is_found_by_the_number_that_says_none() {
    if !privileged() {
        return;
    }
    let prog: Prog<Task> = each(iter::TASK, 1);
    // SAFETY: 0 is open in a test.
    let zero = unsafe { BorrowedFd::borrow_raw(std::io::stdin().as_raw_fd()) };
    assert_eq!(zero.as_raw_fd(), 0);
    for (info, errno) in [
        (TaskInfo::Tid(0), Errno::INVAL),
        (TaskInfo::Pid(0), Errno::INVAL),
        (TaskInfo::PidFd(zero), Errno::BADF),
    ] {
        assert_eq!(link_create_iter(&prog, info).err(), Some(errno), "{info:?}");
    }
    let elem: Prog<MapElem> = each(iter::BPF_MAP_ELEM, 2);
    assert_eq!(link_create_iter(&elem, zero).err(), Some(Errno::BADF));
}

#[test]
fn a_program_that_was_opened_is_for_its_own_target_only() {
    if !privileged() {
        return;
    }
    let bpffs = Bpffs::new();
    let (task, task_file) = (walk::target(iter::TASK), walk::target(iter::TASK_FILE));
    let prog = each(iter::TASK, 1);
    obj_pin(prog.as_fd(), &bpffs.c_path("prog")).expect("a free name");
    drop(prog);
    let open = || obj_get(&bpffs.c_path("prog"), ObjFlags::empty()).expect("the program");
    let refused = |fd: OwnedFd| Prog::from_fd(fd, task).err();

    let prog = Prog::from_fd(open(), task).expect("it is for tasks");
    let link = link_create_iter(&prog, TaskInfo::Tid(std::process::id())).expect("a link");
    assert_eq!(pass(&link), 1);
    let maps = walk::target(Name::<Plain>::plain("bpf_iter_bpf_map").expect("it takes nothing"));
    assert_eq!(Prog::from_fd(open(), task_file).err(), Some(Errno::INVAL));
    assert_eq!(Prog::from_fd(open(), maps).err(), Some(Errno::INVAL));
    assert_eq!(Prog::from_fd(open(), iter::CGROUP.with_id(0)).err(), Some(Errno::INVAL));

    // Another kind of object; another kind of program; one that traces the target's function.
    assert_eq!(refused(hash(1).into_fd()), Some(Errno::INVAL));
    assert_eq!(refused(link), Some(Errno::INVAL));
    assert_eq!(refused(attach::ingress()), Some(Errno::INVAL));
    // Of the right id, and yet no iterator.
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).expect("BTF");
    let (fentry, raw_tp) = (AttachType::TRACE_FENTRY, AttachType::TRACE_RAW_TP);
    for (hook, kind, name) in [
        (fentry, BtfKind::FUNC, iter::TASK.func()),
        (fentry, BtfKind::FUNC, "bpf_fentry_test1"),
        (raw_tp, BtfKind::TYPEDEF, "btf_trace_sched_switch"),
    ] {
        let Ok(id) = btf.id(kind, name) else { continue };
        let options =
            Options { expected_attach_type: hook, attach_btf_id: id, ..Options::default() };
        let insns = [mov64_imm(Reg::R0, 0), exit()];
        match prog_load(ProgType::TRACING, &insns, c"GPL", &options, &mut Log::none()) {
            Ok(tracer) => {
                let prog = Prog::from_fd(tracer, iter::TASK.with_id(id));
                assert_eq!(prog.err(), Some(Errno::INVAL), "{name}");
            }
            Err(errno) => println!("nobody traces {name} here: {errno}"),
        }
    }
}

#[test]
fn an_id_that_is_no_target_is_refused_when_the_program_is_loaded() {
    if !privileged() {
        return;
    }
    for id in [0, 1, u32::MAX] {
        let prog = Prog::load(iter::TASK.with_id(id), &program(1, b'.'), c"GPL", &mut Log::none());
        assert_eq!(prog.err(), Some(Errno::INVAL), "{id}");
    }
}

#[test]
fn a_program_that_is_not_gpl_may_not_write() {
    if !privileged() {
        return;
    }
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).expect("BTF");
    let [target] = btf.find([Want::func(iter::TASK.func())]).expect("sound BTF");
    let target = iter::TASK.with_id(target.id().expect("a target"));
    let mut log = [0; 4096];
    let mut log = Log::new(&mut log);
    let prog = Prog::load(target, &program(1, b'.'), c"Proprietary", &mut log);
    assert_eq!(prog.err(), Some(Errno::INVAL));
    assert!(String::from_utf8_lossy(log.text()).contains("GPL"));
    // 0 before Linux 6.4.
    let size = log.true_size() as usize;
    assert!(size == 0 || size > log.text().len(), "with the NUL");
}

#[test]
fn each_opening_of_a_pinned_link_is_a_pass_of_its_own() {
    if !privileged() {
        return;
    }
    let bpffs = Bpffs::new();
    let map = hash(7);
    let prog = each(iter::BPF_MAP_ELEM, 2);
    let link = link_create_iter(&prog, map.as_fd()).expect("a link");
    obj_pin(link.as_fd(), &bpffs.c_path("link")).expect("a free name");
    drop(link);
    for _ in 0..2 {
        assert_eq!(fs::read(bpffs.path("link")).expect("a pass"), *b".......");
    }
    let link = obj_get(&bpffs.c_path("link"), ObjFlags::empty()).expect("the link");
    assert_eq!(pass(&link), 7);
}

#[test]
fn another_program_reaches_later_passes_only() {
    if !privileged() {
        return;
    }
    let bpffs = Bpffs::new();
    let map = hash(3);
    let (old, new) = (each(iter::BPF_MAP_ELEM, 2), load(iter::BPF_MAP_ELEM, &program(2, b'x')));
    let link = link_create_iter(&old, map.as_fd()).expect("a link");
    obj_pin(link.as_fd(), &bpffs.c_path("link")).expect("a free name");
    let mut opened = iter_create(link.as_fd()).expect("an iterator");

    link_update(link.as_fd(), new.as_fd(), Some(old.as_fd())).expect("the old one was under it");
    assert_eq!(all(&mut opened), b"...");
    assert_eq!(fs::read(bpffs.path("link")).expect("a pass"), b"xxx");

    // It is no longer the old one that is under it.
    let again = link_update(link.as_fd(), old.as_fd(), Some(old.as_fd()));
    assert_eq!(again, Err(Errno::PERM));
    link_update(link.as_fd(), old.as_fd(), None).expect("whatever was under it");
    assert_eq!(fs::read(bpffs.path("link")).expect("a pass"), b"...");
    let other = each(iter::TASK, 1);
    assert_eq!(link_update(link.as_fd(), other.as_fd(), None), Err(Errno::INVAL));
}

#[test]
fn only_an_iterator_link_opens_a_pass() {
    if !privileged() {
        return;
    }
    let map = hash(1);
    assert_eq!(iter_create(map.as_fd()).err(), Some(Errno::INVAL));
    // SAFETY: nothing has that number, so there is nothing to be closed.
    let closed = unsafe { BorrowedFd::borrow_raw(1_000_000) };
    assert_eq!(iter_create(closed).err(), Some(Errno::BADF));
}

#[test]
fn small_reads_give_the_same_as_one_large_one() {
    if !privileged() {
        return;
    }
    let map = hash(500);
    let prog = each(iter::BPF_MAP_ELEM, 2);
    let link = link_create_iter(&prog, map.as_fd()).expect("a link");
    for size in [1, 2, 3, 7, 64, 499] {
        let mut iter = iter_create(link.as_fd()).expect("an iterator");
        let (mut count, mut buf) = (0, vec![0; size]);
        loop {
            match iter.read(&mut buf).expect("a pass") {
                0 => break,
                read => count += read,
            }
        }
        assert_eq!(count, 500, "{size} bytes at a time");
    }
    assert_eq!(iter_create(link.as_fd()).expect("an iterator").read(&mut []), Ok(0));
}

#[test]
fn what_is_made_behind_the_last_call_comes_still_and_the_call_is_not_repeated() {
    if !privileged() {
        return;
    }
    let [null, null_too] = asm::jmp_null(PtrWidth::Eight, Reg::R2, 1);
    let head = [
        asm::ld_ctx_ptr(Reg::R2, Reg::R1, 1),
        st_mem(Size::B, Reg::R10, -1, b'$'.into()),
        null,
        null_too,
        st_mem(Size::B, Reg::R10, -1, b'.'.into()),
    ];
    let insns = [&head[..], &walk::write_byte()].concat();
    let maps = Name::<Plain>::plain("bpf_iter_bpf_map").expect("it takes nothing");
    let link = link_create_iter(&load(maps, &insns), ()).expect("a link");
    let mut iter = iter_create(link.as_fd()).expect("an iterator");
    let mut buf = [0; 4096];
    let mut before = Vec::new();
    while !before.contains(&b'$') {
        let len = iter.read(&mut buf).expect("a pass");
        assert_ne!(len, 0, "it ends with the last call");
        before.extend_from_slice(&buf[..len]);
    }
    // Ids go up, so it stands behind all that have been.
    let _map = hash(1);
    let after = all(&mut iter);
    assert!(!after.is_empty() && after.iter().all(|byte| *byte == b'.'), "{after:?}");
}

/// Writes the key and the value of each element: 12 bytes, or `len` of them.
fn elements(len: i32) -> Prog<MapElem> {
    let [null, null_too] = asm::jmp_null(PtrWidth::Eight, Reg::R2, 13);
    load(
        iter::BPF_MAP_ELEM,
        &[
            asm::ld_ctx_ptr(Reg::R2, Reg::R1, 2),
            null,
            null_too,
            asm::ld_ctx_ptr(Reg::R3, Reg::R1, 3),
            // Null-tested too: the verifier does not know that both come together.
            asm::jmp_imm(JmpOp::JEQ, Reg::R3, 0, 11),
            asm::ldx_mem(Size::W, Reg::R4, Reg::R2, 0),
            asm::stx_mem(Size::W, Reg::R10, Reg::R4, -12),
            asm::ldx_mem(Size::W, Reg::R4, Reg::R3, 0),
            asm::stx_mem(Size::W, Reg::R10, Reg::R4, -8),
            st_mem(Size::W, Reg::R10, -4, 0x0a0a_0a0a),
            asm::ld_ctx_ptr(Reg::R1, Reg::R1, 0),
            asm::ld_ptr(PtrWidth::Eight, Reg::R1, Reg::R1, 0),
            mov64_reg(Reg::R2, Reg::R10),
            alu64_imm(AluOp::ADD, Reg::R2, -12),
            mov64_imm(Reg::R3, len),
            call(Helper::SEQ_WRITE),
            mov64_imm(Reg::R0, 0),
            exit(),
        ],
    )
}

#[derive(Clone, Copy, FromBytes, Immutable, IntoBytes, KnownLayout)]
#[repr(C)]
struct Element {
    key: u32,
    value: u32,
    mark: u32,
}

const NONE: Element = Element { key: 0, value: 0, mark: 0 };

#[test]
fn records_come_whole_whatever_the_buffer() {
    if !privileged() {
        return;
    }
    // 12 bytes a record do not divide the kernel's pages: reads cut records in two.
    let map = hash(5000);
    let link = link_create_iter(&elements(12), map.as_fd()).expect("a link");
    for size in [1, 2, 5, 341, 342, 6000] {
        let mut buf = vec![NONE; size];
        let (front, mut at, mut reads) = (buf.as_ptr(), buf.as_ptr(), 0);
        let iter = iter_create(link.as_fd()).expect("an iterator");
        let mut records = iter.records(&mut buf);
        let mut seen = vec![false; 5000];
        while let Some(record) = records.next().expect("a record") {
            // They are handed out where they were read to: each behind the last, or at the front.
            if std::ptr::eq(record, front) {
                reads += 1;
            } else {
                at = at.wrapping_add(1);
                assert!(std::ptr::eq(record, at), "{record:p} is neither {front:p} nor {at:p}");
            }
            at = record;
            assert_eq!((record.key, record.mark), (record.value, 0x0a0a_0a0a));
            assert!(!std::mem::replace(&mut seen[record.key as usize], true), "{}", record.key);
        }
        assert!(seen.into_iter().all(|seen| seen), "through {size} elements");
        // A read brings as many as there is room for, here or in the kernel's eight pages.
        assert_eq!(reads, 5000_usize.div_ceil(size.min(8 * 4096 / 12)), "through {size} elements");
        assert!(records.next().expect("still the end").is_none());
    }
}

#[test]
fn a_record_that_ends_in_the_middle_is_reported_with_its_length() {
    if !privileged() {
        return;
    }
    let map = hash(7);
    let link = link_create_iter(&elements(8), map.as_fd()).expect("a link");
    let iter = iter_create(link.as_fd()).expect("an iterator");
    let mut buf = [NONE; 3];
    let mut records = iter.records(&mut buf);
    // 56 bytes are four records and eight bytes.
    for _ in 0..4 {
        assert!(records.next().expect("a record").is_some());
    }
    assert_eq!(records.next().err(), Some(ReadError::Fragment(8)));

    let iter = iter_create(link.as_fd()).expect("an iterator");
    assert_eq!(iter.records::<Element>(&mut []).next().err(), Some(ReadError::TooLong(0)));
}

#[test]
fn lines_come_whole_whatever_the_buffer() {
    if !privileged() {
        return;
    }
    // `!` and a newline for each.
    let mut program = program(2, b'!');
    program[3] = st_mem(Size::H, Reg::R10, -2, i16::from_le_bytes(*b"!\n").into());
    program[7] = alu64_imm(AluOp::ADD, Reg::R2, -2);
    program[8] = mov64_imm(Reg::R3, 2);
    let map = hash(300);
    let link = link_create_iter(&load(iter::BPF_MAP_ELEM, &program), map.as_fd()).expect("a link");
    for size in [2, 3, 5, 64, 4096] {
        let mut buf = vec![0; size];
        let mut lines = iter_create(link.as_fd()).expect("an iterator").lines(&mut buf);
        let mut count = 0;
        while let Some(line) = lines.next().expect("a line") {
            assert_eq!(line, b"!");
            count += 1;
        }
        assert_eq!(count, 300, "through {size} bytes");
    }

    // Without a newline it is one line: too long for a small buffer, whole in a large one.
    let link = link_create_iter(&each(iter::BPF_MAP_ELEM, 2), map.as_fd()).expect("a link");
    let (mut small, mut large) = ([0; 64], [0; 512]);
    let mut lines = iter_create(link.as_fd()).expect("an iterator").lines(&mut small);
    assert_eq!(lines.next().err(), Some(ReadError::TooLong(64)));
    let mut lines = iter_create(link.as_fd()).expect("an iterator").lines(&mut large);
    assert_eq!(lines.next().expect("a line").map(<[_]>::len), Some(300));
    assert_eq!(lines.next(), Ok(None));
}

#[test]
fn a_program_that_always_asks_for_another_go_ends_in_again_after_so_many_tries() {
    if !privileged() {
        return;
    }
    let map = hash(1);
    let counter = attach::Counter::new();
    // It counts, and returns 1.
    let mut insns = counter.program();
    let at = insns.len() - 2;
    insns[at] = mov64_imm(Reg::R0, 1);
    let prog: Prog<MapElem> = load(iter::BPF_MAP_ELEM, &insns);
    let link = link_create_iter(&prog, map.as_fd()).expect("a link");
    let mut iter = iter_create(link.as_fd()).expect("an iterator");
    for reads in 1..=2 {
        assert_eq!(iter.read(&mut [0; 64]), Err(Errno::AGAIN));
        // The first time and 1,024 more.
        assert_eq!(counter.get(), 1025 * reads);
    }
}

#[test]
fn a_pass_that_is_left_early_costs_no_more_than_what_was_read() {
    if !privileged() {
        return;
    }
    const ENTRIES: u32 = 1_048_576;
    let options = map::Options::default();
    let map = map_create(MapType::ARRAY, 4, 4, ENTRIES, &options, &mut Log::none());
    let link = link_create_iter(&elements(12), map.expect("a map").as_fd()).expect("a link");
    let start = std::time::Instant::now();
    let mut numbers = Vec::new();
    for _ in 0..2000 {
        let mut iter = iter_create(link.as_fd()).expect("an iterator");
        let read = iter.read(&mut [0; 120]).expect("ten records");
        assert!((12..=120).contains(&read), "{read}");
        numbers.push(iter.as_fd().as_raw_fd());
    }
    // To the end, each would take a tenth of a second or so.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    numbers.sort();
    numbers.dedup();
    assert!(numbers.len() < 1000, "descriptors are closed, and their numbers used again");
}

#[test]
fn millions_of_objects_without_output_are_walked_in_one_read() {
    if !privileged() {
        return;
    }
    // Of each element but one, nothing.
    const ENTRIES: u32 = 2_500_000;
    let mut insns = asm::Program::<24>::new();
    let done = &mut insns.label();
    insns
        .add(asm::ld_ctx_ptr(Reg::R2, Reg::R1, 2))
        .jmp_null(PtrWidth::Eight, Reg::R2, done)
        .add(asm::ldx_mem(Size::W, Reg::R3, Reg::R2, 0))
        .jmp_imm(JmpOp::JNE, Reg::R3, (ENTRIES - 2) as i32, done)
        .add(asm::ld_ctx_ptr(Reg::R1, Reg::R1, 0))
        .add(asm::ld_ptr(PtrWidth::Eight, Reg::R1, Reg::R1, 0))
        .extend(&[mov64_imm(Reg::R3, 4), call(Helper::SEQ_WRITE)])
        .bind(done)
        .extend(&[mov64_imm(Reg::R0, 0), exit()]);
    let prog: Prog<MapElem> = load(iter::BPF_MAP_ELEM, insns.finish().expect("room"));
    let options = map::Options::default();
    let map = map_create(MapType::ARRAY, 4, 8, ENTRIES, &options, &mut Log::none());
    let link = link_create_iter(&prog, map.expect("a map").as_fd()).expect("a link");

    let mut buf = [0; 64];
    // What the kernel says, once for each million, and what is made of it.
    let iter = iter_create(link.as_fd()).expect("an iterator");
    let read = || {
        let fd = iter.as_fd().as_raw_fd();
        // SAFETY: `buf` takes as much as said.
        let read = unsafe { libc::read(fd, buf.as_ptr().cast_mut().cast(), buf.len()) };
        if read < 0 { Err(std::io::Error::last_os_error().raw_os_error()) } else { Ok(read) }
    };
    assert_eq!([read(), read()], [Err(Some(libc::EAGAIN)); 2]);
    assert_eq!(read(), Ok(4));
    let mut iter = iter_create(link.as_fd()).expect("an iterator");
    assert_eq!(iter.read(&mut buf), Ok(4));
    assert_eq!(buf[..4], (ENTRIES - 2).to_ne_bytes());
    assert_eq!(iter.read(&mut buf), Ok(0));
}

#[test]
fn a_million_records_are_each_there_once() {
    if !privileged() {
        return;
    }
    const ENTRIES: u32 = 1_048_576;
    let options = map::Options::default();
    let map = map_create(MapType::ARRAY, 4, 4, ENTRIES, &options, &mut Log::none());
    let link = link_create_iter(&elements(12), map.expect("a map").as_fd()).expect("a link");
    let mut buf = vec![NONE; 2048];
    let mut records = iter_create(link.as_fd()).expect("an iterator").records(&mut buf);
    let mut next = 0;
    while let Some(record) = records.next().expect("a record") {
        assert_eq!((record.key, record.value, record.mark), (next, 0, 0x0a0a_0a0a));
        next += 1;
    }
    assert_eq!(next, ENTRIES);
}

#[test]
fn a_read_that_a_signal_interrupts_is_repeated() {
    extern "C" fn nothing(_: libc::c_int) {}

    // No iterator waits for anything, so the signal would have to come at the right moment: a pipe waits.
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    // SAFETY: all zero is a `sigaction` without flags: above all, without SA_RESTART.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = nothing as *const () as usize;
    let none = std::ptr::null_mut();
    // SAFETY: nobody else here handles this signal, and the handler does nothing.
    let ret = unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, none) };
    assert_eq!(ret, 0);
    // SAFETY: it is open, and `reader` has given it away.
    let reader = unsafe { OwnedFd::from_raw_fd(reader.into_raw_fd()) }.expect("a free number");
    let mut iter = Iter::new(reader);
    // SAFETY: no address.
    let (pid, tid) = (std::process::id() as i32, unsafe { libc::gettid() });
    let interrupt = std::thread::spawn(move || {
        let waits = || {
            let stat = fs::read_to_string(format!("/proc/self/task/{tid}/wchan"));
            stat.is_ok_and(|wchan| wchan.contains("pipe"))
        };
        for _ in 0..10 {
            let start = std::time::Instant::now();
            while !waits() && start.elapsed().as_millis() < 100 {
                std::thread::yield_now();
            }
            // SAFETY: the thread waits in the read below until the last line here.
            assert_eq!(unsafe { libc::syscall(libc::SYS_tgkill, pid, tid, libc::SIGUSR1) }, 0);
        }
        writer.write_all(b"whole").expect("room");
    });
    let mut buf = [0; 64];
    assert_eq!(iter.read(&mut buf), Ok(5));
    interrupt.join().expect("ten signals");
    assert_eq!(&buf[..5], b"whole");
}

#[test]
fn one_object_over_eight_pages_is_too_big_each_time() {
    if !privileged() {
        return;
    }
    // 72 times 456 bytes of stack are 32,832, over the 32,768 that the kernel gathers.
    let mut program = asm::Program::<512>::new();
    let done = &mut program.label();
    program
        .add(asm::ld_ctx_ptr(Reg::R2, Reg::R1, 2))
        .jmp_null(PtrWidth::Eight, Reg::R2, done)
        .add(asm::ld_ctx_ptr(Reg::R6, Reg::R1, 0))
        .add(asm::ld_ptr(PtrWidth::Eight, Reg::R6, Reg::R6, 0));
    for at in (1..=57).map(|word| -8 * word) {
        program.add(st_mem(Size::DW, Reg::R10, at, 0));
    }
    for _ in 0..72 {
        program
            .extend(&[mov64_reg(Reg::R1, Reg::R6), mov64_reg(Reg::R2, Reg::R10)])
            .extend(&[alu64_imm(AluOp::ADD, Reg::R2, -456), mov64_imm(Reg::R3, 456)])
            .add(call(Helper::SEQ_WRITE));
    }
    program.bind(done).extend(&[mov64_imm(Reg::R0, 0), exit()]);
    let prog = load(iter::BPF_MAP_ELEM, program.finish().expect("room"));
    let map = hash(1);
    let link = link_create_iter(&prog, map.as_fd()).expect("a link");
    let mut iter = iter_create(link.as_fd()).expect("an iterator");
    for _ in 0..2 {
        assert_eq!(iter.read(&mut vec![0; 65536]), Err(Errno::TOOBIG));
    }
}

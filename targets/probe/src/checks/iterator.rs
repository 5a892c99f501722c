//! The whole life of an iterator, and of the link that it comes from.

use core::ffi::CStr;

use barebpf::asm::{
    PtrWidth, alu64_imm, call as call_helper, exit, jmp_null, ld_ctx_ptr, ld_ptr, ldx_mem,
    mov64_imm, mov64_reg, st_mem, stx_mem,
};
use barebpf::btf::{self, Btf, Want};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info::{LinkBuffers, ProgBuffers, obj_get_info_by_fd_link, obj_get_info_by_fd_prog};
use barebpf::iter::{self, Iter, Prog, Target, Task, TaskInfo, iter_create, link_create_iter};
use barebpf::link::{link_get_fd_by_id, link_get_next_id, link_update};
use barebpf::obj::{obj_get, obj_pin};
use barebpf::prog::prog_get_fd_by_id;
use barebpf::uapi::helper::Helper;
use barebpf::uapi::insn::{AluOp, Insn, Reg, Size};
use barebpf::uapi::{LinkInfoIter, LinkType, ObjFlags};
use barebpf::{Errno, Log, Result};

use super::abi::linux;
use super::numbers::no_btf;
use super::{Failed, First, Name, World, say};

/// The least window that is still quick: half of what the kernel gives at once.
pub const WINDOW: usize = 2048;

/// How many milliseconds others have before what is not there any more has to be gone.
const PAUSES: u32 = 1000;

/// What the kernel's BTF says.
struct Found {
    target: Target<Task>,
    width: PtrWidth,
    /// Of `task_struct`.
    pid: i16,
    /// Of `bpf_iter_meta`.
    seq: i16,
}

#[inline(never)]
fn find() -> Result<Found, btf::Error> {
    let mut window = [0; WINDOW];
    // Where it is, it stays: moving it takes code.
    let mut btf = Btf::vmlinux(&mut window);
    let btf = btf.as_mut().map_err(|error| *error)?;
    let [target, width, pid, seq] = btf.find([
        Want::func(iter::TASK.func()),
        Want::pointer(),
        Want::member("task_struct", "pid"),
        Want::member("bpf_iter_meta", "seq"),
    ])?;
    Ok(Found {
        target: iter::TASK.with_id(target.id()?),
        width: width.ptr_width()?,
        pid: pid.off()?,
        seq: seq.off()?,
    })
}

/// For each task, its number and a mark, in eight bytes; for the last call, which has no task, 0 and the
/// mark.
static PROGRAM: [Insn; 15] = {
    let [null32, null] = jmp_null(PtrWidth::Eight, Reg::R2, 1);
    [
        ld_ctx_ptr(Reg::R2, Reg::R1, 1),
        mov64_imm(Reg::R3, 0),
        null32,
        null,
        ldx_mem(Size::W, Reg::R3, Reg::R2, 0),
        ld_ctx_ptr(Reg::R1, Reg::R1, 0),
        ld_ptr(PtrWidth::Eight, Reg::R1, Reg::R1, 0),
        stx_mem(Size::W, Reg::R10, Reg::R3, -8),
        st_mem(Size::W, Reg::R10, -4, 0),
        mov64_reg(Reg::R2, Reg::R10),
        alu64_imm(AluOp::ADD, Reg::R2, -8),
        mov64_imm(Reg::R3, 8),
        call_helper(Helper::SEQ_WRITE),
        mov64_imm(Reg::R0, 0),
        exit(),
    ]
};

/// That, with what this kernel's BTF says.
fn program(found: &Found, mark: u8) -> [Insn; 15] {
    let mut insns = PROGRAM;
    let [_, _, null32, null, pid, _, seq, _, store, ..] = &mut insns;
    [*null32, *null] = jmp_null(found.width, Reg::R2, 1);
    pid.off = found.pid;
    *seq = ld_ptr(found.width, Reg::R1, Reg::R1, found.seq);
    store.imm = mark.into();
    insns
}

#[inline(never)]
fn load(target: Target<Task>, insns: &[Insn]) -> Result<Prog<Task>> {
    Prog::load(target, insns, c"GPL", &mut Log::none())
}

#[inline(never)]
fn create(prog: &Prog<Task>, info: TaskInfo<'_>) -> Result<OwnedFd> {
    link_create_iter(prog, info)
}

/// Reads a pass to its end: how many tasks there were; one call must have been without a task.
#[inline(never)]
fn walk(first: &mut First, mut iter: Iter, mark: u8) -> u32 {
    let mut buf = [0; 512];
    let (mut tasks, mut ended) = (0_u32, false);
    while let Some(len) = first.got(Name::READ, iter.read(&mut buf)) {
        if len == 0 {
            first.holds(Name::THE_LAST_CALL_OF_A_PASS, ended);
            break;
        }
        // The length of the buffer is a multiple of a record's, so no record is torn.
        first.holds(Name::READ, len % 8 == 0);
        for record in buf.get(..len).unwrap_or_default().chunks_exact(8) {
            let [a, b, c, d, its, ..] = record else { continue };
            let task = u32::from_le_bytes([*a, *b, *c, *d]);
            // What starts between the last call and the end comes behind it.
            first.holds(Name::READ, *its == mark && !(ended && task == 0));
            (tasks, ended) = (tasks.wrapping_add(u32::from(task != 0)), ended || task == 0);
        }
    }
    tasks
}

#[inline(never)]
fn open_and_walk(first: &mut First, link: BorrowedFd<'_>, mark: u8) -> u32 {
    first.got(Name::ITER_CREATE, iter_create(link)).map_or(0, |iter| walk(first, iter, mark))
}

#[inline(never)]
fn walk_file(first: &mut First, world: &mut impl World, path: &CStr, mark: u8) -> u32 {
    let file = first.got(Name::OPEN, world.open(path));
    file.map_or(0, |file| walk(first, Iter::new(file), mark))
}

#[inline(never)]
fn prog_id(first: &mut First, prog: &Prog<Task>) -> u32 {
    let info = obj_get_info_by_fd_prog(prog.as_fd(), &mut ProgBuffers::default());
    first.got(Name::OBJ_GET_INFO_BY_FD, info).map_or(0, |info| info.id)
}

/// The ids of a link and of the program under it; the link must be this target's.
#[inline(never)]
fn ids(first: &mut First, link: BorrowedFd<'_>) -> [u32; 2] {
    let mut name = [0; 16];
    let mut buffers = LinkBuffers { name: &mut name, ..LinkBuffers::default() };
    let info = obj_get_info_by_fd_link(link, &mut buffers);
    let Some(info) = first.got(Name::OBJ_GET_INFO_BY_FD, info) else { return [0; 2] };
    let len = LinkInfoIter::from(info).target_name_len;
    let its = info.r#type == LinkType::ITER && len == 5 && name.starts_with(b"task\0");
    first.holds(Name::LINK_INFO, its);
    [info.id, info.prog_id]
}

/// Walks all links by their ids: how many there are; this one must be among them.
#[inline(never)]
fn links(first: &mut First, wanted: [u32; 2]) -> u32 {
    let (mut id, mut count, mut seen) = (0, 0_u32, false);
    loop {
        id = match link_get_next_id(id) {
            Ok(id) => id,
            Err(errno) => {
                first.refused(Name::LINK_GET_NEXT_ID, Err(errno), Errno::NOENT);
                break;
            }
        };
        match link_get_fd_by_id(id) {
            Ok(link) if id == wanted[0] => seen = ids(first, link.as_fd()) == wanted,
            // One that has ended, or is still being made.
            Ok(_) | Err(Errno::AGAIN) => {}
            Err(errno) => first.refused(Name::LINK_GET_FD_BY_ID, Err(errno), Errno::NOENT),
        }
        count = count.wrapping_add(1);
    }
    first.holds(Name::LINK_GET_NEXT_ID, seen);
    count
}

/// Waits until there is nothing of this id: the kernel takes things apart a little later. Where something has
/// failed already, that may be why.
#[inline(never)]
fn gone(
    first: &mut First,
    world: &mut impl World,
    name: Name,
    get: fn(u32) -> Result<OwnedFd>,
    id: u32,
) {
    for _ in 0..if first.is_ok() { PAUSES } else { 1 } {
        match get(id) {
            Ok(_) | Err(Errno::AGAIN) => world.pause(),
            Err(errno) => return first.refused(name, Err(errno), Errno::NOENT),
        }
    }
    first.refused(name, Ok(()), Errno::NOENT);
}

/// Lives it through; `path` is a free name on bpffs, and is free again afterwards. A kernel without BTF
/// must say so by name.
///
/// # Errors
///
/// The first call that fails, or does something else than it should.
#[inline(never)]
pub fn check(world: &mut impl World, kernel: u32, path: &CStr) -> Result<(), Failed> {
    let mut first = First::default();
    match find() {
        Ok(found) => with_btf(&mut first, world, kernel, path, &found),
        Err(btf::Error::NO_BTF) => {
            no_btf()?;
            without_btf(&mut first, world);
        }
        Err(error) => return Err(Failed::new(Name::BTF_FIND, error.into())),
    }
    first.result()
}

#[inline(never)]
fn with_btf(first: &mut First, world: &mut impl World, kernel: u32, path: &CStr, found: &Found) {
    let [old, new] = [b'o', b'n'].map(|mark| load(found.target, &program(found, mark)));
    let Some(old) = first.got(Name::PROG_LOAD, old) else { return };
    let Some(new) = first.got(Name::PROG_LOAD, new) else { return };
    let link = create(&old, TaskInfo::All);
    let Some(link) = first.got(Name::LINK_CREATE_ITER, link) else { return };
    let progs = [prog_id(first, &old), prog_id(first, &new)];
    let (target, pid) = (found.target.id(), u32::from(found.pid as u16));
    let mut numbers = [target, pid, found.width.bytes(), 0, 0, 0, 0];
    let [_, _, _, tasks @ ..] = &mut numbers;
    let [id, links] = pinned(first, world, path, (&link, &old, &new), progs, tasks);
    let template = "iterator: BTF id #, task_struct.pid at #, pointers of #; \
                    tasks #, pinned # #, updated #; each pass ended without a task";
    first.say(world, template, &numbers);

    let one = create(&old, TaskInfo::Pid(world.process()));
    let alone = if kernel < linux(6, 1) {
        // It cannot yet, and says so.
        first.refused(Name::LINK_CREATE_ITER, one.map(drop), Errno::TOOBIG);
        0
    } else {
        let one = first.got(Name::LINK_CREATE_ITER, one);
        let tasks = one.map_or(0, |link| open_and_walk(first, link.as_fd(), b'o'));
        first.holds(Name::TASKS_OF_ONE_PROCESS, tasks != 0);
        tasks
    };
    drop((link, old, new));
    first.refused(Name::OBJ_GET, obj_get(path, ObjFlags::empty()).map(drop), Errno::NOENT);
    gone(first, world, Name::LINK_GET_FD_BY_ID, link_get_fd_by_id, id);
    for id in progs {
        gone(first, world, Name::PROG_GET_FD_BY_ID, prog_get_fd_by_id, id);
    }
    let template = if alone == 0 {
        "link: id # of #; this process alone: E2BIG; unpinned, nothing left"
    } else {
        "link: id # of #; this process alone: #; unpinned, nothing left"
    };
    first.say(world, template, &[id, links, alone]);
}

/// What is done while the link is pinned; gives back its id, and how many links there are.
#[inline(never)]
fn pinned(
    first: &mut First,
    world: &mut impl World,
    path: &CStr,
    (link, old, new): (&OwnedFd, &Prog<Task>, &Prog<Task>),
    progs: [u32; 2],
    tasks: &mut [u32; 4],
) -> [u32; 2] {
    let link = link.as_fd();
    tasks[0] = open_and_walk(first, link, b'o');
    if first.got(Name::OBJ_PIN, obj_pin(link, path)).is_none() {
        // What stands there may be another's.
        return [0; 2];
    }
    first.refused(Name::OBJ_PIN, obj_pin(link, path), Errno::EXIST);
    let [id, prog] = ids(first, link);
    first.holds(Name::LINK_INFO, prog == progs[0]);
    tasks[1] = walk_file(first, world, path, b'o');
    tasks[2] = walk_file(first, world, path, b'o');

    // An open iterator keeps the program that it was opened with.
    let opened = first.got(Name::ITER_CREATE, iter_create(link));
    let update = || link_update(link, new.as_fd(), Some(old.as_fd()));
    first.ok(Name::LINK_UPDATE, update());
    first.refused(Name::LINK_UPDATE, update(), Errno::PERM);
    tasks[3] = walk_file(first, world, path, b'n');
    opened.map(|opened| walk(first, opened, b'o'));

    let mut count = 0;
    if let Some(same) = first.got(Name::OBJ_GET, obj_get(path, ObjFlags::empty())) {
        open_and_walk(first, same.as_fd(), b'n');
        let after = ids(first, same.as_fd());
        first.holds(Name::LINK_INFO, after == [id, progs[1]]);
        count = links(first, after);
    }
    first.holds(Name::TASKS, !tasks.contains(&0));
    if first.got(Name::UNLINK, world.unlink(path)).is_none() {
        say(world, "it is still pinned; to end it: rm $", &[], &[path.to_bytes()]);
    }
    [id, count]
}

/// The kernel has no BTF, or the file is only hidden.
fn without_btf(first: &mut First, world: &mut impl World) {
    let prog = load(iter::TASK.with_id(1), &[mov64_imm(Reg::R0, 0), exit()]);
    first.refused(Name::PROG_LOAD, prog.map(drop), Errno::INVAL);
    first.say(world, "iterator: NO_BTF, and prog_load EINVAL: this kernel cannot", &[]);
}

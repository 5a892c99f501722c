//! The whole life of an iterator, and of the link that it comes from.

use core::ffi::CStr;

use barebpf::asm::{
    PtrWidth, alu64_imm, call as call_helper, exit, jmp_null, ld_ctx_ptr, ld_ptr, ldx_mem,
    mov64_imm, mov64_reg, st_mem, stx_mem,
};
use barebpf::btf::{self, Btf, Kind, Want, btf_get_next_id};
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
use super::{Failed, Name, Why, World, call, holds, refused, say};

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
    let mut btf = Btf::vmlinux(&mut window)?;
    let target = btf.id(Kind::FUNC, iter::TASK.func())?;
    let wants = [Want::member("task_struct", "pid"), Want::member("bpf_iter_meta", "seq")];
    let [pid, seq] = btf.find(wants)?;
    Ok(Found {
        target: iter::TASK.with_id(target),
        width: btf.ptr_width()?,
        pid: pid.off()?,
        seq: seq.off()?,
    })
}

/// For each task, its number and `mark`, in eight bytes; for the last call, which has no task, 0 and
/// `mark`.
fn program(found: &Found, mark: u8) -> [Insn; 15] {
    let [null32, null] = jmp_null(found.width, Reg::R2, 1);
    [
        ld_ctx_ptr(Reg::R2, Reg::R1, 1),
        mov64_imm(Reg::R3, 0),
        null32,
        null,
        ldx_mem(Size::W, Reg::R3, Reg::R2, found.pid),
        ld_ctx_ptr(Reg::R1, Reg::R1, 0),
        ld_ptr(found.width, Reg::R1, Reg::R1, found.seq),
        stx_mem(Size::W, Reg::R10, Reg::R3, -8),
        st_mem(Size::W, Reg::R10, -4, i32::from(mark)),
        mov64_reg(Reg::R2, Reg::R10),
        alu64_imm(AluOp::ADD, Reg::R2, -8),
        mov64_imm(Reg::R3, 8),
        call_helper(Helper::SEQ_WRITE),
        mov64_imm(Reg::R0, 0),
        exit(),
    ]
}

fn load(found: &Found, mark: u8) -> Result<Prog<Task>, Failed> {
    Prog::load(found.target, &program(found, mark), c"GPL", &mut Log::none())
        .map_err(call(Name::PROG_LOAD))
}

/// Reads a pass to its end: how many tasks there were, behind which must stand one call without a task.
#[inline(never)]
fn walk(iter: &mut Iter, mark: u8) -> Result<u32, Failed> {
    let mut buf = [0; 512];
    let (mut tasks, mut ended) = (0_u32, false);
    loop {
        let len = iter.read(&mut buf).map_err(call(Name::READ))?;
        if len == 0 {
            holds(Name::THE_LAST_CALL_OF_A_PASS, ended)?;
            return Ok(tasks);
        }
        // The length of the buffer is a multiple of a record's, so no record is torn.
        holds(Name::READ, len % 8 == 0)?;
        for record in buf.get(..len).unwrap_or_default().chunks_exact(8) {
            let [a, b, c, d, its, ..] = record else { continue };
            let task = u32::from_le_bytes([*a, *b, *c, *d]);
            holds(Name::READ, *its == mark && !ended)?;
            (tasks, ended) = (tasks.wrapping_add(u32::from(task != 0)), task == 0);
        }
    }
}

fn open_and_walk(link: BorrowedFd<'_>, mark: u8) -> Result<u32, Failed> {
    walk(&mut iter_create(link).map_err(call(Name::ITER_CREATE))?, mark)
}

fn prog_id(prog: &Prog<Task>) -> Result<u32, Failed> {
    obj_get_info_by_fd_prog(prog.as_fd(), &mut ProgBuffers::default())
        .map(|info| info.id)
        .map_err(call(Name::OBJ_GET_INFO_BY_FD))
}

/// The ids of a link and of the program under it; the link must be this target's.
fn ids(link: BorrowedFd<'_>) -> Result<(u32, u32), Failed> {
    let mut name = [0; 16];
    let mut buffers = LinkBuffers { name: &mut name, ..LinkBuffers::default() };
    let info =
        obj_get_info_by_fd_link(link, &mut buffers).map_err(call(Name::OBJ_GET_INFO_BY_FD))?;
    let len = LinkInfoIter::from(info).target_name_len;
    holds(
        Name::LINK_INFO,
        info.r#type == LinkType::ITER && len == 5 && name.starts_with(b"task\0"),
    )?;
    Ok((info.id, info.prog_id))
}

/// Walks all links by their ids: how many there are; this one must be among them.
fn links(wanted: (u32, u32)) -> Result<u32, Failed> {
    let (mut id, mut count, mut seen) = (0, 0_u32, false);
    loop {
        id = match link_get_next_id(id) {
            Ok(id) => id,
            Err(Errno::NOENT) => break,
            Err(errno) => return Err(call(Name::LINK_GET_NEXT_ID)(errno)),
        };
        match link_get_fd_by_id(id) {
            Ok(link) if id == wanted.0 => seen = ids(link.as_fd())? == wanted,
            // One that has ended, or is still being made.
            Ok(_) | Err(Errno::NOENT | Errno::AGAIN) => {}
            Err(errno) => return Err(call(Name::LINK_GET_FD_BY_ID)(errno)),
        }
        count = count.wrapping_add(1);
    }
    holds(Name::LINK_GET_NEXT_ID, seen)?;
    Ok(count)
}

/// Waits until there is nothing of this id: the kernel takes things apart a little later.
fn gone(
    world: &mut impl World,
    name: Name,
    get: impl Fn() -> Result<OwnedFd>,
) -> Result<(), Failed> {
    for _ in 0..PAUSES {
        match get() {
            Err(Errno::NOENT) => return Ok(()),
            Ok(_) | Err(Errno::AGAIN) => world.pause(),
            Err(errno) => return Err(call(name)(errno)),
        }
    }
    Err(Failed::new(name, Why::SUCCEEDED))
}

/// Lives it through; `path` is a free name on bpffs, and is free again afterwards. A kernel without BTF
/// must say so by name.
///
/// # Errors
///
/// The first call that fails, or does something else than it should.
#[inline(never)]
pub fn check(world: &mut impl World, kernel: u32, path: &CStr) -> Result<(), Failed> {
    let found = match find() {
        Ok(found) => found,
        Err(btf::Error::NO_BTF) => return without_btf(world),
        Err(error) => return Err(Failed::new(Name::BTF_FIND, error.into())),
    };
    let (old, new) = (load(&found, b'o')?, load(&found, b'n')?);
    let progs = [prog_id(&old)?, prog_id(&new)?];
    let link = link_create_iter(&old, TaskInfo::All).map_err(call(Name::LINK_CREATE_ITER))?;
    let mut tasks = [open_and_walk(link.as_fd(), b'o')?, 0, 0, 0];
    holds(Name::TASKS, tasks[0] != 0)?;

    obj_pin(link.as_fd(), path).map_err(call(Name::OBJ_PIN))?;
    let pinned = pinned(world, path, (&link, &old, &new), &mut tasks);
    let unpinned = world.unlink(path).map_err(call(Name::UNLINK));
    let (id, links) = pinned?;
    unpinned?;
    let [first, file, file_again, updated] = tasks;
    let (target, pid) = (found.target.id(), u32::from(found.pid as u16));
    let numbers = [target, pid, found.width.bytes(), first, file, file_again, updated];
    let template = "iterator: BTF id #, task_struct.pid at #, pointers of #; \
                    tasks #, pinned # #, updated #; each pass ended without a task";
    say(world, template, &numbers, &[]);

    let one = one_process(kernel, &old, world.process())?;
    drop((link, old, new));
    refused(Name::OBJ_GET, obj_get(path, ObjFlags::empty()), Errno::NOENT)?;
    gone(world, Name::LINK_GET_FD_BY_ID, || link_get_fd_by_id(id))?;
    for id in progs {
        gone(world, Name::PROG_GET_FD_BY_ID, || prog_get_fd_by_id(id))?;
    }
    let template = match one {
        Some(_) => "link: id # of #; this process alone: #; unpinned, nothing left",
        None => "link: id # of #; this process alone: E2BIG; unpinned, nothing left",
    };
    say(world, template, &[id, links, one.unwrap_or(0)], &[]);
    Ok(())
}

/// What is done while the link is pinned; gives back its id, and how many links there are.
fn pinned(
    world: &mut impl World,
    path: &CStr,
    (link, old, new): (&OwnedFd, &Prog<Task>, &Prog<Task>),
    tasks: &mut [u32; 4],
) -> Result<(u32, u32), Failed> {
    let mut file = |mark| {
        let mut iter = Iter::new(world.open(path).map_err(call(Name::OPEN))?);
        walk(&mut iter, mark)
    };
    let again = obj_pin(link.as_fd(), path);
    refused(Name::OBJ_PIN, again, Errno::EXIST)?;
    let before = ids(link.as_fd())?;
    holds(Name::LINK_INFO, before.1 == prog_id(old)?)?;
    let [_, first, second, updated] = tasks;
    (*first, *second) = (file(b'o')?, file(b'o')?);

    // An open iterator keeps the program that it was opened with.
    let mut opened = iter_create(link.as_fd()).map_err(call(Name::ITER_CREATE))?;
    link_update(link.as_fd(), new.as_fd(), Some(old.as_fd())).map_err(call(Name::LINK_UPDATE))?;
    let again = link_update(link.as_fd(), new.as_fd(), Some(old.as_fd()));
    refused(Name::LINK_UPDATE, again, Errno::PERM)?;
    *updated = file(b'n')?;
    walk(&mut opened, b'o')?;

    let same = obj_get(path, ObjFlags::empty()).map_err(call(Name::OBJ_GET))?;
    open_and_walk(same.as_fd(), b'n')?;
    let after = ids(same.as_fd())?;
    holds(Name::LINK_INFO, after == (before.0, prog_id(new)?))?;
    holds(Name::TASKS, *first != 0 && *second != 0 && *updated != 0)?;
    Ok((after.0, links(after)?))
}

/// A pass over this process; `None` on a kernel that cannot yet, and says so.
fn one_process(kernel: u32, prog: &Prog<Task>, process: u32) -> Result<Option<u32>, Failed> {
    let link = link_create_iter(prog, TaskInfo::Pid(process));
    if kernel < linux(6, 1) {
        refused(Name::LINK_CREATE_ITER, link, Errno::TOOBIG)?;
        return Ok(None);
    }
    let link = link.map_err(call(Name::LINK_CREATE_ITER))?;
    let tasks = open_and_walk(link.as_fd(), b'o')?;
    holds(Name::TASKS_OF_ONE_PROCESS, tasks != 0)?;
    Ok(Some(tasks))
}

/// The kernel has no BTF, or the file is only hidden.
fn without_btf(world: &mut impl World) -> Result<(), Failed> {
    let insns = [mov64_imm(Reg::R0, 0), exit()];
    let prog = Prog::load(iter::TASK.with_id(1), &insns, c"GPL", &mut Log::none());
    refused(Name::PROG_LOAD, prog, Errno::INVAL)?;
    refused(Name::BTF_GET_NEXT_ID, btf_get_next_id(0), Errno::NOENT)?;
    say(world, "iterator: NO_BTF, and prog_load EINVAL: this kernel cannot", &[], &[]);
    Ok(())
}

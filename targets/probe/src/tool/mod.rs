//! The commands: what this kernel has, out of iterators that are put together here, and what is pinned.

mod engine;
mod names;
mod output;
mod table;
mod text;
mod words;

use core::ffi::CStr;

use barebpf::btf::{self, Btf, btf_load};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info::{
    LinkBuffers, ProgBuffers, obj_get_info_by_fd_link, obj_get_info_by_fd_map,
    obj_get_info_by_fd_prog,
};
use barebpf::iter::{
    self, CgroupFrom, CgroupInfo, Iter, Kind, Name as Target, Prog, TaskInfo, iter_create,
    link_create_iter,
};
use barebpf::link::link_update;
use barebpf::map::map_get_fd_by_id;
use barebpf::obj::{obj_get, obj_pin};
use barebpf::uapi::insn::Insn;
use barebpf::uapi::{CgroupIterOrder, LinkType, MapOpenFlags, ObjFlags};
use barebpf::{Errno, Log, Result as Maybe};

use crate::checks::{Failed, Name, Why, abi, call, numbers, say};
use crate::out::Out;
use crate::start::Args;
use crate::sys::{self, Uname};
use engine::{Room, Style, Wish};
use text::{Text, Words, ascii, number};
use words::{HELP, Wrong, command, func};

pub use words::is_command;

type Line = words::Line<'static>;

/// The command `check`, which is the program's own.
pub type Check<'c> = &'c mut dyn FnMut(&mut Out, Option<&CStr>) -> u8;

/// The words are wrong, in this way.
#[inline(always)]
fn usage(name: Name) -> Failed {
    Failed::new(name, Why::USAGE)
}

fn wrong(wrong: Wrong) -> Failed {
    usage(match wrong {
        Wrong::Words => Name::WORDS,
        Wrong::Option => Name::OPTION,
    })
}

/// Runs the next command of `args`; the exit status.
#[inline(never)]
pub fn run(out: &mut Out, args: &mut Args, check: Check<'_>) -> u8 {
    let mut line = Line::new();
    let end = match line.take(args) {
        true => run_line(out, &mut line, check),
        false => Err(usage(Name::WORDS)),
    };
    let name = line.words[0].to_bytes();
    // The first process has only one place to write to.
    let mut err = Out::new(if out.fd == 1 && sys::getpid() != 1 { 2 } else { out.fd });
    let end = match (end, out.failed.take()) {
        (Ok(0), Some(errno)) => Err(call(Name::WRITE)(errno)),
        (end, _) => end,
    };
    match end {
        Ok(status) => status,
        // Whoever read has had enough.
        Err(failed) if failed == Failed::new(Name::WRITE, Errno::PIPE.into()) => 0,
        Err(failed) => {
            let [what, why] = failed.texts();
            let (mut hint, mut it) = (hint(failed), line.reason.bytes());
            if failed == Failed::new(Name::PROG_LOAD, Errno::PERM.into()) {
                // BTF takes the one and not the other.
                it = match btf_load(&[], None, &mut Log::none()) {
                    Err(Errno::PERM) => b" CAP_BPF",
                    _ => b" CAP_PERFMON",
                };
            }
            if what == b"unlink" {
                (hint, it) = (b": still there; to end it: rm ", line.words[1].to_bytes());
            }
            let [mut gap, mut colon, about]: [&[u8]; 3] = [b"", b"", about(failed, &line)];
            if !about.is_empty() {
                gap = b" ";
            }
            if !name.is_empty() {
                colon = b" ";
            }
            let texts = [colon, name, what, gap, about, why, hint, it];
            say(&mut err, "barebpf$$: $$$: $$$", &[], &texts);
            if failed.is_usage() { 2 } else { 1 }
        }
    }
}

fn run_line(out: &mut Out, line: &mut Line, check: Check<'_>) -> Result<u8, Failed> {
    let [_, first, second] = line.words;
    match line.command().map_err(wrong)? {
        command @ 0..=4 => {
            show(out, table(line, command, None, None)?)?;
        }
        5 => show_targets(out, line)?,
        6 => count(out, line, first)?,
        7 => {
            let link = table(line, what(first)?, None, None)?;
            obj_pin(link.as_fd(), second).map_err(call(Name::OBJ_PIN))?;
        }
        8 => {
            let file = sys::open(first).map_err(call(Name::OPEN))?;
            output::cat(&mut Iter::new(file), out)?;
        }
        9 => {
            let place = what(second)?;
            let link = opened(first)?;
            let info = obj_get_info_by_fd_link(link.as_fd(), &mut LinkBuffers::default())
                .map_err(call(Name::OBJ_GET_INFO_BY_FD))?;
            if info.r#type != LinkType::ITER {
                return Err(not_that());
            }
            table(line, place, None, Some(link))?;
        }
        10 => info(out, line, first)?,
        11 => {
            let found = opened(first)?;
            // It is followed where it leads, but would be removed itself.
            if sys::is_link(first).map_err(call(Name::READLINKAT))? {
                return Err(Failed::new(Name::OBJ_GET, Errno::LOOP.into()));
            }
            sys::unlink(first).map_err(call(Name::UNLINK))?;
            drop(found);
        }
        12 => {
            let uname = Uname::get().map_err(call(Name::UNAME))?;
            numbers::check(out, abi::release(uname.release()))?;
        }
        13 => return Ok(check(out, if line.count > 1 { Some(first) } else { None })),
        _ => output::write(out, HELP.as_bytes()),
    }
    Ok(0)
}

/// The table that a word names.
fn what(word: &CStr) -> Result<u32, Failed> {
    command(word.to_bytes(), 0).filter(|place| *place < 5).ok_or(usage(Name::WHAT))
}

fn no_btf(error: btf::Error) -> Failed {
    Failed::new(Name::BTF_FIND, error.into())
}

/// A table's program, and its link: or that link, if there is one, with the program in it.
#[inline(never)]
fn table(
    line: &mut Line,
    place: u32,
    only: Option<u32>,
    mut old: Option<OwnedFd>,
) -> Result<OwnedFd, Failed> {
    let table = table::TABLES.get(place as usize).copied().unwrap_or_default().as_bytes();
    let style = match (line.json, only) {
        (true, _) => Style::Json,
        (_, None) => Style::Table,
        _ => Style::Keys,
    };
    let mut wish = Wish { table, style, only, paths: true };
    let func = func(Words::new(table, b' ').word());
    let func = ascii(func.bytes());
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).map_err(no_btf)?;
    let kernel = engine::target(&mut btf, func).map_err(no_btf)?;
    loop {
        let mut program = Room::new();
        engine::write(&mut program, &mut btf, kernel, &wish).map_err(no_btf)?;
        let insns = program.finish().unwrap_or_default();
        match link(line, func, kernel.id, insns, &mut old) {
            Err(failed)
                if wish.paths && failed == Failed::new(Name::PROG_LOAD, Errno::INVAL.into()) =>
            {
                wish.paths = false;
            }
            result => return result,
        }
    }
}

/// What has this name on bpffs.
#[inline(never)]
fn opened(path: &CStr) -> Result<OwnedFd, Failed> {
    obj_get(path, ObjFlags::empty()).map_err(call(Name::OBJ_GET))
}

/// Writes a pass over a link; how much there was.
#[inline(never)]
fn show(out: &mut Out, link: OwnedFd) -> Result<usize, Failed> {
    let mut iter = iter_create(link.as_fd()).map_err(call(Name::ITER_CREATE))?;
    output::copy(&mut iter, out)
}

/// An object of another kind.
fn not_that() -> Failed {
    Failed::new(Name::OBJ_GET_INFO_BY_FD, Errno::INVAL.into())
}

/// What a target takes, as the place of its option.
fn takes(func: &str) -> Option<usize> {
    if Target::plain(func).is_some() {
        None
    } else if func.starts_with(iter::TASK.func()) {
        Some(0)
    } else if func == iter::CGROUP.func() {
        Some(2)
    } else {
        Some(1)
    }
}

/// Links a program with what its target takes, or puts it into the link that there is.
#[inline(never)]
fn link(
    line: &mut Line,
    func: &str,
    id: u32,
    insns: &[Insn],
    old: &mut Option<OwnedFd>,
) -> Result<OwnedFd, Failed> {
    let takes = takes(func);
    for (place, option) in line.options.iter().enumerate() {
        if option.is_some() && takes != Some(place) {
            return Err(usage(Name::OPTION));
        }
    }
    let option = takes.and_then(|place| line.options.get(place).copied().flatten());
    let option = option.map(Word::new);
    line.reason.clear();
    let dir = match option {
        Some(Word { number: None, path }) if takes == Some(2) => {
            Some(sys::open(path).map_err(call(Name::OPEN))?)
        }
        _ => None,
    };
    let loaded = match takes {
        Some(1) => {
            let map = option.ok_or(usage(Name::MAP_OPTION))?.map()?;
            make(iter::BPF_MAP_ELEM, map.as_fd(), id, insns)
        }
        Some(2) => {
            let from = match (&dir, option) {
                (Some(dir), _) => CgroupFrom::Fd(dir.as_fd()),
                (None, Some(Word { number: Some(id), .. })) => CgroupFrom::Id(id),
                _ => CgroupFrom::Root,
            };
            let order = CgroupIterOrder::DESCENDANTS_PRE;
            make(iter::CGROUP, CgroupInfo { order, from }, id, insns)
        }
        // What takes nothing is as a task's without a number.
        _ => {
            let info = match option {
                None => TaskInfo::All,
                Some(word) => TaskInfo::Pid(word.id().ok_or(usage(Name::NUMBER))?),
            };
            make(iter::TASK, info, id, insns)
        }
    };
    let (made, prog) = loaded.map_err(|errno| refused(line, id, insns, errno))?;
    let Some(old) = old.take() else { return made.map_err(call(Name::LINK_CREATE_ITER)) };
    link_update(old.as_fd(), prog.as_fd(), None).map_err(call(Name::LINK_UPDATE))?;
    Ok(old)
}

/// An id, or else a path.
#[derive(Clone, Copy)]
struct Word {
    number: Option<u64>,
    path: &'static CStr,
}

impl Word {
    fn new(path: &'static CStr) -> Self {
        Self { number: number(path.to_bytes()), path }
    }

    /// What anything but a cgroup is known by.
    fn id(self) -> Option<u32> {
        self.number?.try_into().ok()
    }

    fn map(self) -> Result<OwnedFd, Failed> {
        match self.id() {
            Some(id) => {
                map_get_fd_by_id(id, MapOpenFlags::empty()).map_err(call(Name::GET_FD_BY_ID))
            }
            None => opened(self.path),
        }
    }
}

#[inline(never)]
fn load<K: Kind>(target: iter::Target<K>, insns: &[Insn], log: &mut Log<'_>) -> Maybe<Prog<K>> {
    Prog::load(target, insns, c"GPL", log)
}

/// Why a program was not loaded: one that the verifier refuses is loaded again, for what it says.
#[inline(never)]
fn refused(line: &mut Line, id: u32, insns: &[Insn], errno: Errno) -> Failed {
    if matches!(errno, Errno::ACCES | Errno::INVAL) {
        let mut buf = [0; 16384];
        let mut log = Log::new(&mut buf);
        // The kernel goes by the id alone.
        let again = load(iter::TASK.with_id(id), insns, &mut log);
        let whole = again.is_err_and(|again| again == errno);
        // Of one that does not fit, Linux has the end since 6.4, and says how long it is.
        if whole || log.true_size() > 16384 {
            for said in Words::new(log.text(), b'\n') {
                // It ends with what it counted.
                if !said.starts_with(b"processed ") {
                    line.reason.clear();
                    line.reason.push(b": ").push(said);
                }
            }
        }
    }
    call(Name::PROG_LOAD)(errno)
}

/// The program, and the link if there is one to be had.
fn make<K: Kind>(
    name: Target<'_, K>,
    info: K::Info<'_>,
    id: u32,
    insns: &[Insn],
) -> Maybe<(Maybe<OwnedFd>, OwnedFd)> {
    let prog = load(name.with_id(id), insns, &mut Log::none())?;
    Ok((link_create_iter(&prog, info), prog.into_fd()))
}

/// What this kernel can iterate: whatever has a context, of a name that is used for nothing else.
fn show_targets(out: &mut Out, line: &Line) -> Result<(), Failed> {
    const PREFIX: &[u8] = b"bpf_iter__";
    const SAFE: &[u8] = b"__safe_trusted";
    let mut window = [0; 4096];
    let mut btf = Btf::vmlinux(&mut window).map_err(no_btf)?;
    let template = if line.json { "{\"target\":\"$\",\"takes\":\"$\"}" } else { "$ $" };
    let mut name = Text::new();
    btf.strings(|_, bytes| {
        for byte in bytes {
            if *byte != 0 {
                name.push(&[*byte]);
                continue;
            }
            let target = name.bytes().strip_prefix(PREFIX);
            // `bpf_iter__task__safe_trusted` is the verifier's.
            let target = target.filter(|target| {
                let end = target.len().saturating_sub(SAFE.len());
                target.get(end..) != Some(SAFE)
            });
            if let Some(target) = target {
                let mut padded = Text::new();
                padded.push(target);
                if !line.json {
                    padded.pad(20_u32.saturating_sub(target.len() as u32));
                }
                let takes: &[u8] = match takes(ascii(func(target).bytes())) {
                    None => b"-",
                    Some(0) => b"--pid",
                    Some(1) => b"--map",
                    Some(_) => b"--cgroup",
                };
                say(out, template, &[], &[padded.bytes(), takes]);
            }
            name.clear();
        }
    })
    .map_err(no_btf)
}

fn count(out: &mut Out, line: &mut Line, target: &CStr) -> Result<(), Failed> {
    let func = func(target.to_bytes());
    let func = ascii(func.bytes());
    let kernel = {
        let mut window = [0; 4096];
        let mut btf = Btf::vmlinux(&mut window).map_err(no_btf)?;
        engine::target(&mut btf, func).map_err(no_btf)?
    };
    let mut program = Room::new();
    // An element is known by its key, in the slot behind the map's.
    let slot = if takes(func) == Some(1) { 2 } else { 1 };
    engine::write_count(&mut program, kernel, slot);
    let link = link(line, func, kernel.id, program.finish().unwrap_or_default(), &mut None)?;
    let mut iter = iter_create(link.as_fd()).map_err(call(Name::ITER_CREATE))?;
    let mut count = output::count(&mut iter)?;
    if func == "bpf_iter_ksym" {
        // Its last call has the last symbol again instead of none.
        count = count.saturating_sub(1);
    }
    let template = if line.json { "{\"target\":\"$\",\"count\":#}" } else { "#" };
    let name = func.as_bytes().get(9..).unwrap_or_default();
    say(out, template, &[count], &[name]);
    Ok(())
}

/// The place of an object's table, and its id. What is a link or a program is certain; a map is asked last.
#[inline(never)]
fn object(fd: BorrowedFd<'_>) -> Maybe<(u32, u32)> {
    match obj_get_info_by_fd_link(fd, &mut LinkBuffers::default()) {
        Err(Errno::INVAL) => {}
        info => return info.map(|info| (4, info.id)),
    }
    match obj_get_info_by_fd_prog(fd, &mut ProgBuffers::default()) {
        Err(Errno::INVAL) => obj_get_info_by_fd_map(fd).map(|info| (2, info.id)),
        info => info.map(|info| (3, info.id)),
    }
}

/// Every program, map and link of that id, or the one of that path.
fn info(out: &mut Out, line: &mut Line, word: &'static CStr) -> Result<(), Failed> {
    let (mut places, mut id) = (2..5, Word::new(word).id());
    if id.is_none() {
        let (place, of_path) =
            object(opened(word)?.as_fd()).map_err(call(Name::OBJ_GET_INFO_BY_FD))?;
        (places, id) = (place..place.wrapping_add(1), Some(of_path));
    }
    let mut shown = 0;
    for place in places {
        let link = table(line, place, id, None);
        // Linux before 5.19 cannot walk links.
        if let Err(failed) = &link {
            if place == 4 && *failed == Failed::new(Name::BTF_FIND, btf::Error::NOT_FOUND.into()) {
                continue;
            }
        }
        shown |= show(out, link?)?;
    }
    if shown == 0 {
        return Err(Failed::new(Name::GET_FD_BY_ID, Errno::NOENT.into()));
    }
    Ok(())
}

/// The path or number that failed: what an option says, or else the word of a path; cut, so that there is room
/// for the reason.
#[inline(never)]
fn about(failed: Failed, line: &Line) -> &'static [u8] {
    static ABOUT: [Name; 9] = [
        Name::LINK_CREATE_ITER,
        Name::NUMBER,
        Name::GET_FD_BY_ID,
        Name::LINK_UPDATE,
        Name::OBJ_GET,
        Name::OBJ_GET_INFO_BY_FD,
        Name::OBJ_PIN,
        Name::OPEN,
        Name::READLINKAT,
    ];
    let [_, first, second] = line.words;
    let word = match ABOUT.iter().position(|name| failed.is_of(*name)) {
        None => return b"",
        Some(place) => match line.options.iter().flatten().next() {
            Some(option) => option,
            None if place < 2 => c"",
            None if place == 6 => second,
            None => first,
        },
    };
    let bytes = word.to_bytes();
    bytes.get(..150).unwrap_or(bytes)
}

/// What it means here, or what to do.
fn hint(failed: Failed) -> &'static [u8] {
    static FAILED: [(Name, Why); 12] = [
        (Name::BTF_FIND, Why::NO_BTF),
        (Name::BTF_FIND, Why::NOT_FOUND),
        (Name::PROG_LOAD, Why::errno(Errno::PERM)),
        (Name::PROG_LOAD, Why::errno(Errno::INVAL)),
        (Name::LINK_CREATE_ITER, Why::errno(Errno::TOOBIG)),
        (Name::LINK_UPDATE, Why::errno(Errno::INVAL)),
        (Name::OBJ_PIN, Why::errno(Errno::EXIST)),
        (Name::OBJ_PIN, Why::errno(Errno::PERM)),
        (Name::OBJ_GET, Why::errno(Errno::ACCES)),
        (Name::OBJ_GET_INFO_BY_FD, Why::errno(Errno::INVAL)),
        (Name::GET_FD_BY_ID, Why::errno(Errno::NOENT)),
        (Name::OPEN, Why::errno(Errno::IO)),
    ];
    static HINTS: &str = ": no CONFIG_DEBUG_INFO_BTF, or no sysfs on /sys
: this kernel has no such target
: be root, or have
: this kernel cannot, or lockdown forbids it
: not before Linux 6.1
: it has another target
: the name is taken
: not on bpffs, or a dot in the name
: not on bpffs
: no iterator
: nothing has that id
: no iterator";
    for ((name, why), hint) in FAILED.iter().zip(Words::new(HINTS.as_bytes(), b'\n')) {
        if failed == Failed::new(*name, *why) {
            return hint;
        }
    }
    b""
}

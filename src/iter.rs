//! Iterators: a program and what it walks make a **link**; each **iterator** opened from the link is
//! one pass over the target, read like a file. Pin the link, and each opening of that file is a pass of
//! its own: `cat` reads it afresh every time.
//!
//! 1. Find the target in the kernel's BTF: [`Name::target`]; or see what there is: [`targets`].
//! 2. Load a program for it: [`Prog::load`].
//! 3. Combine both: [`link_create_iter`].
//! 4. Open a pass: [`iter_create`], and [read](Iter::read) it to its end, or its [`Lines`] or [`Records`].
//! 5. Or pin the link: [`obj_pin`](crate::obj::obj_pin). Exchange the program under it:
//!    [`link_update`](crate::link::link_update).
//!
//! # What a program is given
//!
//! Its one argument is a context of slots, eight bytes each, which the constants here list: `{ meta, map,
//! key, value }` is `meta` in slot 0, and so on ([`asm::ld_ctx_ptr`](crate::asm::ld_ctx_ptr)). In `meta`,
//! eight bytes apart, stand the sequence file to write to, the pass's number, and the object's. All that
//! belongs to the object is null in the last call, which has none
//! ([`asm::jmp_null`](crate::asm::jmp_null)). That call comes once in a pass, and is no sign of its end:
//! only a read of 0 bytes is. A task or a map that is made between the two comes behind it. Pointers
//! inside kernel structs are as wide as the kernel's ([`asm::ld_ptr`](crate::asm::ld_ptr)); a map's key and
//! value are bytes of the map.
//!
//! # What a program writes
//!
//! Two helpers write to the pass, and both take `meta`'s sequence file in R1:
//!
//!  - [`SEQ_WRITE`](crate::uapi::helper::Helper::SEQ_WRITE): R2 the bytes, R3 how many;
//!  - [`SEQ_PRINTF`](crate::uapi::helper::Helper::SEQ_PRINTF): R2 a format in memory of the program or of a
//!    map, R3 its length with the NUL, R4 the arguments, 8 bytes each, R5 their length in bytes, at most 96.
//!    The address of a text is an argument for `%s`.
//!
//! What they return may be ignored: where there was no room, the kernel drops what the program wrote for
//! this object, and calls it again for the next read. 0 is what a program returns; 1 is "call again".
//!
//! # What goes with what
//!
//! The kernel takes a target's parameters as an untagged union: the bytes of a map's descriptor are a
//! thread's id to a task iterator, which then walks that one thread without a word. So programs are
//! typed by what their target takes: `Prog<`[`Plain`]`>`, `Prog<`[`Task`]`>`, `Prog<`[`MapElem`]`>`,
//! `Prog<`[`Cgroup`]`>`, and [`link_create_iter`] takes nothing else with them:
//!
//! ```compile_fail,E0308
//! # use barebpf::{fd::BorrowedFd, iter::{Prog, Task, link_create_iter}};
//! fn wrong(program: &Prog<Task>, map: BorrowedFd<'_>) {
//!     let _ = link_create_iter(program, map);
//! }
//! ```
//!
//! One way past that is left, for whoever looks ids up: [`Name::with_id`] takes the id at its word. With
//! another target's id it makes a `Prog<K>` of the wrong `K`, and that is no error of any later call.

#![allow(unsafe_code)]

use core::ffi::CStr;
use core::fmt;
use core::marker::PhantomData;

use crate::btf::{self, Btf};
use crate::debug::Text;
use crate::fd::{BorrowedFd, OwnedFd};
use crate::info::{ProgBuffers, obj_get_info_by_fd_prog};
use crate::prog::{Options, prog_load};
use crate::uapi::insn::Insn;
use crate::uapi::{
    AttachType, CgroupIterOrder, Cmd, IterCreate, IterLinkInfo, IterLinkInfoCgroup,
    IterLinkInfoMap, IterLinkInfoTask, LinkCreateIter, ProgType,
};
use crate::{Errno, Log, Result, sys};

mod read;
mod targets;

pub use read::{Lines, ReadError, Records};
pub use targets::targets;

/// How often one [`Iter::read`] is repeated that the kernel interrupted or told to call again.
///
/// The kernel says "again" after a million objects without output, so this is a billion objects. A
/// program that returns 1 for the first object makes it say so for ever.
const ATTEMPTS: u32 = 1024;

/// What a target takes besides the program: [`Plain`], [`Task`], [`MapElem`] or [`Cgroup`].
#[expect(private_bounds, reason = "this seals the trait")]
pub trait Kind: Pack {
    /// The parameters.
    type Info<'a>;
}

/// How the parameters become the kernel's union; `None` is the null pointer that says "none".
trait Pack {
    fn pack(info: Self::Info<'_>) -> Result<Option<IterLinkInfo>>
    where
        Self: Kind;
}

/// A target that takes nothing.
#[derive(Clone, Copy, Debug)]
pub enum Plain {}

/// `task`, `task_file` and `task_vma` take a [`TaskInfo`].
#[derive(Clone, Copy, Debug)]
pub enum Task {}

/// `bpf_map_elem`, `bpf_sk_storage_map` and `sockmap` take a map.
#[derive(Clone, Copy, Debug)]
pub enum MapElem {}

/// `cgroup` takes a [`CgroupInfo`].
#[derive(Clone, Copy, Debug)]
pub enum Cgroup {}

/// Which tasks. All but [`All`](Self::All) want Linux 6.1; before, [`TOOBIG`](Errno::TOOBIG).
///
/// A thread or process that does not exist is no error: the walk is empty.
#[derive(Clone, Copy, Debug)]
pub enum TaskInfo<'a> {
    /// Every task of the PID namespace of whoever opens the iterator.
    All,
    /// One thread, not 0.
    Tid(u32),
    /// The threads of one process, not 0.
    Pid(u32),
    /// The threads of the process of a pidfd.
    PidFd(BorrowedFd<'a>),
}

/// Which cgroups, and in which order. Linux 6.1.
#[derive(Clone, Copy, Debug)]
pub struct CgroupInfo<'a> {
    /// Any but [`ORDER_UNSPEC`](CgroupIterOrder::ORDER_UNSPEC).
    pub order: CgroupIterOrder,
    /// Where the walk begins.
    pub from: CgroupFrom<'a>,
}

/// Where a walk over cgroups begins.
#[derive(Clone, Copy, Debug)]
pub enum CgroupFrom<'a> {
    /// The root of the v2 hierarchy.
    Root,
    /// A directory of a cgroup file system; for v1, the only way.
    Fd(BorrowedFd<'a>),
    /// A cgroup of the v2 hierarchy by its id, not 0.
    Id(u64),
}

impl Kind for Plain {
    type Info<'a> = ();
}

impl Kind for Task {
    type Info<'a> = TaskInfo<'a>;
}

impl Kind for MapElem {
    type Info<'a> = BorrowedFd<'a>;
}

impl Kind for Cgroup {
    type Info<'a> = CgroupInfo<'a>;
}

/// A number that says "none" when it is 0, from somebody who means one.
fn some(number: u32) -> Result<u32> {
    if number == 0 { Err(Errno::INVAL) } else { Ok(number) }
}

impl Pack for Plain {
    #[inline]
    fn pack((): ()) -> Result<Option<IterLinkInfo>> {
        Ok(None)
    }
}

impl Pack for Task {
    #[inline]
    fn pack(info: TaskInfo<'_>) -> Result<Option<IterLinkInfo>> {
        let mut task = IterLinkInfoTask::zeroed();
        match info {
            TaskInfo::All => return Ok(None),
            TaskInfo::Tid(tid) => task.tid = some(tid)?,
            TaskInfo::Pid(pid) => task.pid = some(pid)?,
            TaskInfo::PidFd(fd) => task.pid_fd = fd.as_attr_some()?,
        }
        Ok(Some(task.into()))
    }
}

impl Pack for MapElem {
    #[inline]
    fn pack(map: BorrowedFd<'_>) -> Result<Option<IterLinkInfo>> {
        Ok(Some(IterLinkInfoMap::new(map.as_attr_some()?).into()))
    }
}

impl Pack for Cgroup {
    #[inline]
    fn pack(info: CgroupInfo<'_>) -> Result<Option<IterLinkInfo>> {
        let mut cgroup = IterLinkInfoCgroup::new(info.order);
        match info.from {
            CgroupFrom::Root => {}
            CgroupFrom::Fd(fd) => cgroup.cgroup_fd = fd.as_attr_some()?,
            CgroupFrom::Id(0) => return Err(Errno::INVAL),
            CgroupFrom::Id(id) => cgroup.cgroup_id = id,
        }
        Ok(Some(cgroup.into()))
    }
}

/// The name of a target, and what it takes.
pub struct Name<'a, K> {
    func: &'a str,
    kind: PhantomData<K>,
}

impl<K> fmt::Debug for Name<'_, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Name").field(&Text(self.func.as_bytes())).finish()
    }
}

impl<K> Clone for Name<'_, K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Name<'_, K> {}

macro_rules! names {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $func:literal;)*) => {$(
        $(#[$doc])*
        #[doc(alias = $func)]
        pub const $name: Name<'static, $kind> = Name { func: $func, kind: PhantomData };
    )*

        /// The functions that take parameters, so none of them is [`Plain`].
        const PARAMETERISED: &[&str] = &[$($func),*];
    };
}

names! {
    /// Tasks: `{ meta, task }` (Linux 5.8).
    TASK: Task = "bpf_iter_task";
    /// Open files of tasks: `{ meta, task, fd, file }` (Linux 5.8). `fd` is 32 bits wide: load 4.
    TASK_FILE: Task = "bpf_iter_task_file";
    /// Mappings of tasks: `{ meta, task, vma }` (Linux 5.12).
    TASK_VMA: Task = "bpf_iter_task_vma";
    /// Elements of a hash or array map: `{ meta, map, key, value }` (Linux 5.9). `LRU_HASH` is one, and each
    /// of the three for every CPU, whose values stand there one after the other, each rounded up to 8 bytes.
    /// Other types of map are [`INVAL`](Errno::INVAL).
    BPF_MAP_ELEM: MapElem = "bpf_iter_bpf_map_elem";
    /// Sockets with storage in a map: `{ meta, map, sk, value }` (Linux 5.9).
    BPF_SK_STORAGE_MAP: MapElem = "bpf_iter_bpf_sk_storage_map";
    /// Sockets in a sockmap or sockhash: `{ meta, map, key, sk }` (Linux 5.10).
    SOCKMAP: MapElem = "bpf_iter_sockmap";
    /// Cgroups: `{ meta, cgroup }` (Linux 6.1). Cannot resume: read with [`CGROUP_READ`] bytes.
    CGROUP: Cgroup = "bpf_iter_cgroup";
}

/// What one read of a `cgroup` iterator has to ask for: as much as the kernel gathers at once, eight of
/// its pages, here of 4 KiB.
///
/// Later reads of the same iterator fail with [`OPNOTSUPP`](Errno::OPNOTSUPP), and what the first did
/// not gather is lost.
pub const CGROUP_READ: usize = 8 * 4096;

impl<'a> Name<'a, Plain> {
    /// Any other target, by the name of its BTF function: `bpf_iter_bpf_map`, `bpf_iter_tcp`. `None` for
    /// those that have a constant in [`iter`](self), which take parameters. In a link's info the same
    /// target is called `bpf_map`, `tcp`.
    ///
    /// What is no target at all, the kernel refuses when a program is loaded for it, with
    /// [`INVAL`](Errno::INVAL) and a log that gives no reason.
    ///
    /// What its programs are given, its context struct says in the kernel's BTF, `bpf_iter__tcp` for
    /// `bpf_iter_tcp`: a member's offset over 8 is its slot, and one smaller than 8 bytes is no pointer and
    /// is loaded by [`asm::ldx_mem`](crate::asm::ldx_mem).
    ///
    /// ```no_run
    /// use barebpf::btf::{Btf, Want};
    ///
    /// # fn main() -> Result<(), barebpf::btf::Error> {
    /// let mut window = [0; 4096];
    /// let mut btf = Btf::vmlinux(&mut window)?;
    /// let wanted = ["sk_common", "uid"].map(|name| Want::member("bpf_iter__tcp", name));
    /// let [sk_common, uid] = btf.find(wanted)?;
    /// println!("slot {}, and 4 bytes at {}", sk_common.off()? / 8, uid.off()?);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn plain(func: &'a str) -> Option<Self> {
        let taken = PARAMETERISED.contains(&func);
        if taken { None } else { Some(Self { func, kind: PhantomData }) }
    }
}

impl<'a, K> Name<'a, K> {
    /// Finds the target in the kernel's BTF.
    ///
    /// # Errors
    ///
    /// As [`Btf::id`](crate::btf::Btf::id), and
    ///
    ///  - [`NOT_FOUND`](crate::btf::Error::NOT_FOUND): this kernel does not have it.
    #[inline]
    pub fn target(self, btf: &mut Btf<'_>) -> Result<Target<K>, btf::Error> {
        btf.id(btf::Kind::FUNC, self.func).map(|id| self.with_id(id))
    }

    /// The BTF function: `bpf_iter_task`.
    #[must_use]
    pub const fn func(self) -> &'a str {
        self.func
    }

    /// The target, given the id of [`func`](Self::func) in the kernel's BTF, which several names looked
    /// up at once ([`Btf::find`](crate::btf::Btf::find)) have yielded.
    ///
    /// The id is taken at its word: that of another target makes a `Prog<K>` of the wrong `K`, whose
    /// parameters the kernel then takes for something else.
    #[must_use]
    pub const fn with_id(self, id: u32) -> Target<K> {
        Target { id, kind: PhantomData }
    }
}

/// A target of the running kernel.
#[derive(Debug)]
pub struct Target<K> {
    id: u32,
    kind: PhantomData<K>,
}

impl<K> Clone for Target<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Target<K> {}

impl<K> Target<K> {
    /// The id of its function in the kernel's BTF.
    #[must_use]
    pub const fn id(self) -> u32 {
        self.id
    }
}

/// A loaded iterator program, for a target that takes `K`.
#[derive(Debug)]
pub struct Prog<K> {
    fd: OwnedFd,
    kind: PhantomData<K>,
}

impl<K: Kind> Prog<K> {
    /// [`prog_load`] for an iterator program, under no name.
    ///
    /// The program's one argument is the target's context, eight bytes a slot; [`asm`](crate::asm) says
    /// what is to be minded there. It returns 0, or 1 to be called again for the same object.
    ///
    /// # Errors
    ///
    /// As [`prog_load`], and
    ///
    ///  - [`INVAL`](Errno::INVAL): the id is no target's; or this kernel has no BTF of its own, or no
    ///    `CONFIG_BPF_EVENTS`; or the license is not GPL-compatible and the program writes or reads
    ///    kernel structs.
    ///  - [`PERM`](Errno::PERM): the caller has not both `CAP_BPF` and `CAP_PERFMON`.
    #[inline]
    pub fn load(
        target: Target<K>,
        insns: &[Insn],
        license: &CStr,
        log: &mut Log<'_>,
    ) -> Result<Self> {
        Self::load_with(target, insns, license, &Options::default(), log)
    }

    /// As [`load`](Self::load), with a name, flags, a token and so on. What says which target it is for
    /// is filled in here.
    ///
    /// # Errors
    ///
    /// As [`load`](Self::load).
    #[inline]
    pub fn load_with(
        target: Target<K>,
        insns: &[Insn],
        license: &CStr,
        options: &Options<'_>,
        log: &mut Log<'_>,
    ) -> Result<Self> {
        let options = Options {
            expected_attach_type: AttachType::TRACE_ITER,
            attach_btf_id: target.id,
            ..*options
        };
        let fd = prog_load(ProgType::TRACING, insns, license, &options, log)?;
        Ok(Self { fd, kind: PhantomData })
    }

    /// A program that [`obj_get`](crate::obj::obj_get) or
    /// [`prog_get_fd_by_id`](crate::prog::prog_get_fd_by_id) opened, if it is an iterator program for
    /// `target`. Needs no privilege, and changes nothing.
    ///
    /// Since Linux 6.0.
    ///
    /// # Errors
    ///
    ///  - [`INVAL`](Errno::INVAL): it is none: another kind of program, or one for another target, or no
    ///    program. A program that traces the target's function with `BPF_TRACE_FENTRY`, say, is told
    ///    apart.
    ///  - [`OPNOTSUPP`](Errno::OPNOTSUPP): this kernel does not say what a program was loaded for.
    ///  - As [`obj_get_info_by_fd_prog`].
    pub fn from_fd(fd: OwnedFd, target: Target<K>) -> Result<Self> {
        let info = obj_get_info_by_fd_prog(fd.as_fd(), &mut ProgBuffers::default())?;
        if info.r#type != ProgType::TRACING || !is_iterator(fd.as_fd())? {
            return Err(Errno::INVAL);
        }
        // The kernel, too, finds the target by this id alone, whatever BTF the program named beside it.
        match info.attach_btf_id {
            0 => Err(Errno::OPNOTSUPP),
            id if id == target.id => Ok(Self { fd, kind: PhantomData }),
            _ => Err(Errno::INVAL),
        }
    }

    /// Lends the descriptor.
    #[must_use]
    #[inline]
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }

    /// Gives the descriptor away, and with it the knowledge of what the target takes.
    #[must_use]
    pub fn into_fd(self) -> OwnedFd {
        self.fd
    }
}

/// Whether a tracing program is an iterator's: its info does not tell.
///
/// Parameters of four gigabytes are too big for an iterator, and are not read; other programs have none to
/// be too big, and are refused for their attach type.
fn is_iterator(prog: BorrowedFd<'_>) -> Result<bool> {
    let mut attr = LinkCreateIter::new(prog.as_attr());
    let info = IterLinkInfo::from(IterLinkInfoTask::zeroed());
    attr.iter_info = sys::address(core::slice::from_ref(&info));
    attr.iter_info_len = u32::MAX;
    // SAFETY: `LinkCreateIter` is the arm that this command reads for an iterator program, and so far as
    // others get, for those too. A length of over a page is refused before `info` is looked at.
    let link = unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys);
    match link {
        Err(Errno::TOOBIG) => Ok(true),
        Err(Errno::INVAL) | Ok(_) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, BPF_TRACE_ITER, iter_info, iter_info_len })`—combines an iterator
/// program with what it walks.
///
/// The link lives as long as a descriptor or a pin of it does; it needs neither the program's descriptor
/// nor, where it walks one, the map's.
///
/// Since Linux 5.8.
///
/// # Errors
///
///  - [`INVAL`]: a number in `info` is 0; a cgroup's order is [`ORDER_UNSPEC`]; a map of a type that the
///    target cannot walk; or the program wants to sleep (`BPF_F_SLEEPABLE`) and the target cannot.
///  - [`BADF`]: a descriptor in `info` is not open, is 0, or is no map, cgroup or pidfd.
///  - [`NOENT`]: no cgroup has that id.
///  - [`ACCES`]: the program reads more of a key or value than the map has.
///  - [`TOOBIG`]: this kernel does not know these parameters (tasks and cgroups before Linux 6.1).
///
/// [`ORDER_UNSPEC`]: CgroupIterOrder::ORDER_UNSPEC
/// [`INVAL`]: Errno::INVAL
/// [`BADF`]: Errno::BADF
/// [`NOENT`]: Errno::NOENT
/// [`ACCES`]: Errno::ACCES
/// [`TOOBIG`]: Errno::TOOBIG
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_iter<K: Kind>(prog: &Prog<K>, info: K::Info<'_>) -> Result<OwnedFd> {
    let mut attr = LinkCreateIter::new(prog.as_fd().as_attr());
    let info = K::pack(info)?;
    if let Some(info) = &info {
        attr.iter_info = sys::address(core::slice::from_ref(info));
        attr.iter_info_len = size_of::<IterLinkInfo>() as u32;
    }
    // SAFETY: `LinkCreateIter` is the arm that this command reads for an iterator program; its one
    // address is zero or `info`, which outlives the call and which the kernel only reads.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_ITER_CREATE, { link_fd })`—opens one pass over the target of an iterator link.
///
/// The pass walks with the program that the link has now; a later
/// [`link_update`](crate::link::link_update) reaches later passes only. Opening the pinned link as a file
/// does the same.
///
/// Since Linux 5.8.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): `link` is no iterator link.
///  - [`BADF`](Errno::BADF): `link` is not open.
///  - [`NOMEM`](Errno::NOMEM), [`MFILE`](Errno::MFILE), [`NFILE`](Errno::NFILE): out of memory or
///    descriptors.
#[doc(alias = "BPF_ITER_CREATE")]
#[inline]
pub fn iter_create(link: BorrowedFd<'_>) -> Result<Iter> {
    let mut attr = IterCreate::new(link.as_attr());
    // SAFETY: `IterCreate` is the arm that this command reads; it holds no address.
    match unsafe { sys::bpf_fd(Cmd::ITER_CREATE, &mut attr) } {
        Ok(fd) => Ok(Iter(OwnedFd::from_sys(fd))),
        Err(errno) => Err(errno),
    }
}

/// One pass over a target. Dropping it early costs nothing.
#[derive(Debug)]
pub struct Iter(OwnedFd);

impl Iter {
    /// Takes a descriptor that is an iterator: an opened pinned link, say.
    ///
    /// With the feature `std`, a file is one: `Iter::new(std::os::fd::OwnedFd::from(file).try_into()?)`.
    #[must_use]
    pub fn new(fd: OwnedFd) -> Self {
        Self(fd)
    }

    /// Reads on, as far as `buf` goes: how many bytes came, 0 at the end (or when `buf` is empty).
    ///
    /// Short reads are normal. The kernel gathers whole objects until it has what was asked for, eight
    /// pages (32 KiB, where a page is 4 KiB) at most; the program runs again for an object that did not
    /// fit. Reads that are interrupted, and those that gathered nothing from a million objects, are
    /// repeated, 1,024 times.
    ///
    /// # Errors
    ///
    ///  - [`TOOBIG`](Errno::TOOBIG): one object's output is over eight pages; so it will be next time.
    ///  - [`AGAIN`](Errno::AGAIN): nothing came out of a billion objects, or the program returned 1 for
    ///    the first one.
    ///  - [`OPNOTSUPP`](Errno::OPNOTSUPP): a `cgroup` iterator was read before; see [`CGROUP_READ`].
    ///  - [`INTR`](Errno::INTR): interrupted 1,024 times.
    ///  - Whatever the target fails with: [`NOENT`](Errno::NOENT) for a cgroup that is gone,
    ///    [`NOMEM`](Errno::NOMEM).
    pub fn read(&mut self, buf: &mut [u8]) -> Result<usize> {
        let mut attempts = ATTEMPTS;
        loop {
            let result = sys::read(self.0.as_raw_fd(), buf);
            let again = matches!(result, Err(Errno::AGAIN | Errno::INTR));
            if attempts == 0 || !again {
                return result;
            }
            attempts = attempts.saturating_sub(1);
        }
    }

    /// Lends the descriptor.
    #[must_use]
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }

    /// Gives the descriptor away.
    #[must_use]
    pub fn into_fd(self) -> OwnedFd {
        self.0
    }
}

#[cfg(feature = "std")]
impl std::io::Read for Iter {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        Ok(Self::read(self, buf)?)
    }
}

//! `BPF_LINK_CREATE` on functions, and on whatever else perf knows.

use core::ffi::CStr;
use core::fmt;
use core::marker::PhantomData;

use crate::debug::Text;
use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys::{self, address, count};
use crate::uapi::{self, AttachType, Cmd, LinkCreateKprobeMultiFlags, LinkCreateUprobeMultiFlags};
use crate::{Errno, Result};

/// The address of `others`, which runs in parallel to `len` entries or is empty.
#[inline]
fn parallel<T>(others: &[T], len: usize) -> Result<u64> {
    if others.is_empty() || others.len() == len { Ok(address(others)) } else { Err(Errno::INVAL) }
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, target_fd, BPF_PERF_EVENT, perf_event.bpf_cookie })`—attaches a
/// program to a perf event: a counter, a tracepoint, a kprobe or a uprobe.
///
/// `bpf_cookie` is what `bpf_get_attach_cookie` returns.
///
/// Since Linux 5.15.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): the program is not for this sort of event.
///  - [`BADF`](Errno::BADF): `event` is no perf event, or a descriptor is not open.
///  - [`EXIST`](Errno::EXIST): the event has a program.
///  - [`TOOBIG`](Errno::TOOBIG): the tracepoint or probe has 64 programs, counting those of other events.
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_perf_event(
    prog: BorrowedFd<'_>,
    event: BorrowedFd<'_>,
    bpf_cookie: u64,
) -> Result<OwnedFd> {
    let mut attr = uapi::LinkCreatePerfEvent::new(prog.as_attr(), event.as_attr());
    attr.bpf_cookie = bpf_cookie;
    // SAFETY: `LinkCreatePerfEvent` is the arm that this command reads for this attach type; it holds no
    // address.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// The name of a kernel function, as [`link_create_kprobe_multi`] takes many of them: 8 bytes, which is
/// what a 64-bit kernel reads, whatever the caller's own width.
///
/// ```
/// use barebpf::link::Symbol;
///
/// let syms = [c"vfs_read", c"vfs_write"].map(Symbol::from);
/// # let _ = syms;
/// ```
#[derive(Clone, Copy, Debug)]
#[repr(transparent)]
pub struct Symbol<'a> {
    address: u64,
    name: PhantomData<&'a CStr>,
}

impl<'a> From<&'a CStr> for Symbol<'a> {
    #[inline]
    fn from(name: &'a CStr) -> Self {
        Self { address: address(name.to_bytes_with_nul()), name: PhantomData }
    }
}

/// Functions of the kernel.
#[derive(Clone, Copy, Debug)]
pub enum Functions<'a> {
    /// By name.
    Syms(&'a [Symbol<'a>]),
    /// By address.
    Addrs(&'a [u64]),
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, attach_type, kprobe_multi.{ syms, addrs, cnt, cookies, flags } })`—
/// attaches a program to many functions of the kernel.
///
/// `attach_type` is [`TRACE_KPROBE_MULTI`](AttachType::TRACE_KPROBE_MULTI), or `TRACE_KPROBE_SESSION` (Linux
/// 6.10), as at loading. `cookies` is empty, or has what `bpf_get_attach_cookie` returns for each function.
///
/// Since Linux 5.18.
///
/// # Errors
///
///  - [`INVAL`]: no function; not as many cookies as functions; the program is of another type or was
///    loaded for another attach type.
///  - [`SRCH`]: one of the names is no function's that can be traced, or two are the same.
///  - [`TOOBIG`]: more than 2²⁰ functions, or a name that is too long.
///  - [`OPNOTSUPP`]: a 32-bit kernel, or one without `CONFIG_FPROBE`.
///  - [`BADF`]: `prog` is not open.
///
/// [`INVAL`]: Errno::INVAL
/// [`SRCH`]: Errno::SRCH
/// [`TOOBIG`]: Errno::TOOBIG
/// [`OPNOTSUPP`]: Errno::OPNOTSUPP
/// [`BADF`]: Errno::BADF
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_kprobe_multi(
    prog: BorrowedFd<'_>,
    attach_type: AttachType,
    functions: Functions<'_>,
    cookies: &[u64],
    flags: LinkCreateKprobeMultiFlags,
) -> Result<OwnedFd> {
    let (syms, addrs, len, cnt) = match functions {
        Functions::Syms(syms) => (address(syms), 0, syms.len(), count(syms)?),
        Functions::Addrs(addrs) => (0, address(addrs), addrs.len(), count(addrs)?),
    };
    let mut attr = uapi::LinkCreateKprobeMulti::new(prog.as_attr(), cnt);
    attr.attach_type = attach_type;
    attr.kprobe_multi_flags = flags;
    (attr.syms, attr.addrs) = (syms, addrs);
    attr.cookies = parallel(cookies, len)?;
    // SAFETY: `LinkCreateKprobeMulti` is the arm that this command reads for such a program. Each address
    // is zero or that of an array of `cnt` entries, borrowed past this call, and those in `syms` are of
    // names, NUL-terminated, that the array borrows; all are only read.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, target_fd, attach_type, tracing.{ target_btf_id, cookie } })`—attaches
/// a program to what it was loaded for: tracing, LSM, raw tracepoints with BTF, extensions.
///
/// `attach_type` is the one of loading. `target`, for a program that extends others, is another program
/// and the id of the function there, in place of those of loading. `cookie` is what
/// `bpf_get_attach_cookie` returns.
///
/// After Linux 5.10, by 6.1; [`raw_tracepoint_open`](crate::prog::raw_tracepoint_open) without a name does
/// it since 5.5.
///
/// # Errors
///
///  - [`INVAL`]: the program is of another type; `attach_type` is not that of loading; a target for a
///    program that does not extend, or one that the program does not fit; or an iterator, which
///    [`link_create_iter`](crate::iter::link_create_iter) is for.
///  - [`BUSY`]: it is attached already; or the function is extended, or traced, and cannot be the other.
///  - [`TOOBIG`]: too many programs on the function: 27 to 38, by architecture.
///  - [`BADF`]: a descriptor is not open, or the target's is 0, which would be none.
///
/// [`INVAL`]: Errno::INVAL
/// [`BUSY`]: Errno::BUSY
/// [`TOOBIG`]: Errno::TOOBIG
/// [`BADF`]: Errno::BADF
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_tracing(
    prog: BorrowedFd<'_>,
    attach_type: AttachType,
    target: Option<(BorrowedFd<'_>, u32)>,
    cookie: u64,
) -> Result<OwnedFd> {
    // An iterator would take the id and the cookie for the address and length of its parameters.
    if attach_type == AttachType::TRACE_ITER {
        return Err(Errno::INVAL);
    }
    let mut attr = uapi::LinkCreateTracing::new(prog.as_attr(), attach_type);
    if let Some((target, target_btf_id)) = target {
        attr.target_fd = target.as_attr_some()?;
        attr.target_btf_id = target_btf_id;
    }
    attr.cookie = cookie;
    // SAFETY: `LinkCreateTracing` is the arm that this command reads for such a program; it holds no
    // address.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// A file of user code.
#[derive(Clone, Copy)]
pub enum Executable<'a> {
    /// By its path.
    Path(&'a CStr),
    /// By a descriptor (Linux 7.2); sets `BPF_F_UPROBE_MULTI_PATH_FD`.
    #[doc(alias = "BPF_F_UPROBE_MULTI_PATH_FD")]
    Fd(BorrowedFd<'a>),
}

impl fmt::Debug for Executable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => f.debug_tuple("Path").field(&Text(path.to_bytes())).finish(),
            Self::Fd(fd) => f.debug_tuple("Fd").field(fd).finish(),
        }
    }
}

/// Places in a file, and whose. The arrays run in parallel: each is empty or as long as `offsets`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uprobes<'a> {
    /// Offsets in the file.
    pub offsets: &'a [u64],
    /// Offsets of the counters that say whether each is used, 0 for none.
    pub ref_ctr_offsets: &'a [u64],
    /// What `bpf_get_attach_cookie` returns at each.
    pub cookies: &'a [u64],
    /// The process, or 0 for all.
    pub pid: u32,
    /// Entry or return.
    pub flags: LinkCreateUprobeMultiFlags,
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, attach_type, uprobe_multi.{ path, offsets, … } })`—attaches a program
/// to many places in one file of user code.
///
/// `attach_type` is [`TRACE_UPROBE_MULTI`](AttachType::TRACE_UPROBE_MULTI), or `TRACE_UPROBE_SESSION` (Linux
/// 6.13), as at loading.
///
/// Since Linux 6.6.
///
/// # Errors
///
///  - [`INVAL`]: no place; the arrays differ in length; the program is of another type or was loaded for
///    another attach type; an offset outside of the file or at no instruction; or
///    [`Executable::Fd`] on a kernel that does not know it.
///  - [`NOENT`], [`ACCES`], [`NOTDIR`], …: no such file, or it may not be reached.
///  - [`BADF`]: not a regular file; or a descriptor is not open.
///  - [`SRCH`]: no such process.
///  - [`TOOBIG`]: more than 2²⁰ places.
///  - [`OPNOTSUPP`]: a 32-bit kernel, or one without `CONFIG_UPROBES`.
///
/// [`INVAL`]: Errno::INVAL
/// [`NOENT`]: Errno::NOENT
/// [`ACCES`]: Errno::ACCES
/// [`NOTDIR`]: Errno::NOTDIR
/// [`BADF`]: Errno::BADF
/// [`SRCH`]: Errno::SRCH
/// [`TOOBIG`]: Errno::TOOBIG
/// [`OPNOTSUPP`]: Errno::OPNOTSUPP
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_uprobe_multi(
    prog: BorrowedFd<'_>,
    attach_type: AttachType,
    file: Executable<'_>,
    uprobes: &Uprobes<'_>,
) -> Result<OwnedFd> {
    let len = uprobes.offsets.len();
    let (path, path_fd, how) = match file {
        Executable::Path(path) => {
            (address(path.to_bytes_with_nul()), 0, LinkCreateUprobeMultiFlags(0))
        }
        Executable::Fd(fd) => (0, fd.as_attr(), LinkCreateUprobeMultiFlags::PATH_FD),
    };
    let (offsets, cnt) = (address(uprobes.offsets), count(uprobes.offsets)?);
    let mut attr = uapi::LinkCreateUprobeMulti::new(prog.as_attr(), path, offsets, cnt);
    attr.attach_type = attach_type;
    attr.ref_ctr_offsets = parallel(uprobes.ref_ctr_offsets, len)?;
    attr.cookies = parallel(uprobes.cookies, len)?;
    attr.uprobe_multi_flags = uprobes.flags | how;
    attr.pid = uprobes.pid;
    attr.path_fd = path_fd;
    // SAFETY: `LinkCreateUprobeMulti` is the arm that this command reads for such a program. Each address
    // is zero, that of an array of `cnt` entries, or that of the path, NUL-terminated; all are borrowed
    // past this call and only read.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_LINK_CREATE, { prog_fd, attach_type, tracing_multi.{ ids, cookies, cnt } })`—attaches a program
/// to many functions of the kernel, named by their ids in the kernel's BTF.
///
/// `attach_type` is [`TRACE_FENTRY_MULTI`](AttachType::TRACE_FENTRY_MULTI), `TRACE_FEXIT_MULTI` or
/// `TRACE_FSESSION_MULTI`, as at loading. `cookies` is empty, or has what `bpf_get_attach_cookie` returns
/// for each function.
///
/// Since Linux 7.2.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): no function, or one twice; not as many cookies as functions; the program is
///    of another type or was loaded for another attach type; or this kernel is too old.
///  - [`TOOBIG`](Errno::TOOBIG): more than 2²⁰ functions; or this kernel is too old.
///  - [`OPNOTSUPP`](Errno::OPNOTSUPP): this kernel was built without what it takes.
///  - [`BADF`](Errno::BADF): `prog` is not open.
#[doc(alias = "BPF_LINK_CREATE")]
#[inline]
pub fn link_create_tracing_multi(
    prog: BorrowedFd<'_>,
    attach_type: AttachType,
    ids: &[u32],
    cookies: &[u64],
) -> Result<OwnedFd> {
    let (addr, cnt) = (address(ids), count(ids)?);
    let mut attr = uapi::LinkCreateTracingMulti::new(prog.as_attr(), attach_type, addr, cnt);
    attr.cookies = parallel(cookies, ids.len())?;
    // SAFETY: `LinkCreateTracingMulti` is the arm that this command reads for such a program. Each address
    // is zero or that of an array of `cnt` entries, borrowed past this call and only read.
    unsafe { sys::bpf_fd(Cmd::LINK_CREATE, &mut attr) }.map(OwnedFd::from_sys)
}

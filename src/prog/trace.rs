//! Tracing as it was before links had a command, and the question what a descriptor traces:
//! `BPF_RAW_TRACEPOINT_OPEN`, `BPF_TASK_FD_QUERY`.

use core::ffi::CStr;

use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys::{self, address, address_mut, count};
use crate::uapi::{self, Cmd, TaskFdType};
use crate::{Errno, Result};

/// `bpf(BPF_RAW_TRACEPOINT_OPEN, { name, prog_fd, cookie })`—attaches a program to a raw tracepoint, by
/// a link.
///
/// `name` is the tracepoint's, without its system, for a program of type `RAW_TRACEPOINT`; `None` is
/// for one that was loaded for its place: tracing, LSM and extensions, where
/// [`link_create_tracing`](crate::link::link_create_tracing) does the same on newer kernels. `cookie` is
/// what `bpf_get_attach_cookie` returns (after Linux 6.1, by 6.12); 0 is none.
///
/// Since Linux 4.17; without a name since 5.5.
///
/// # Errors
///
///  - [`NOENT`]: no tracepoint has that name.
///  - [`INVAL`]: the program is of another type; one that was loaded for its place has a name; or
///    `cookie`, on a kernel that does not know it.
///  - [`FAULT`]: a program that wants a name has none.
///  - [`BUSY`]: the program is attached already (without a name).
///  - [`BADF`]: `prog` is not open.
///
/// [`NOENT`]: Errno::NOENT
/// [`INVAL`]: Errno::INVAL
/// [`FAULT`]: Errno::FAULT
/// [`BUSY`]: Errno::BUSY
/// [`BADF`]: Errno::BADF
#[doc(alias = "BPF_RAW_TRACEPOINT_OPEN")]
#[inline]
pub fn raw_tracepoint_open(
    prog: BorrowedFd<'_>,
    name: Option<&CStr>,
    cookie: u64,
) -> Result<OwnedFd> {
    let name = match name {
        Some(name) => address(name.to_bytes_with_nul()),
        None => 0,
    };
    let mut attr = uapi::RawTracepointOpen::new(prog.as_attr(), name);
    attr.cookie = cookie;
    // SAFETY: `RawTracepointOpen` is the arm that this command reads; its one address is zero or `name`,
    // NUL-terminated and borrowed past this call, which the kernel only reads.
    unsafe { sys::bpf_fd(Cmd::RAW_TRACEPOINT_OPEN, &mut attr) }.map(OwnedFd::from_sys)
}

/// Room for the name that [`task_fd_query`] finds, and what else it found.
#[derive(Default)]
pub struct TaskFd<'a> {
    /// Takes the name, NUL-terminated: a tracepoint, a function or a file; empty where a probe has an
    /// address instead.
    #[doc(alias = "buf")]
    pub name: &'a mut [u8],
    /// Came back: the length of the name without its NUL, whether it fitted or not.
    #[doc(alias = "buf_len")]
    pub name_len: u32,
    /// Came back: the program's id.
    pub prog_id: u32,
    /// Came back: what the descriptor is.
    pub fd_type: TaskFdType,
    /// Came back: the offset from the function, or in the file.
    pub probe_offset: u64,
    /// Came back: the address of a kprobe without a function; of a uprobe, the offset of its reference
    /// counter.
    pub probe_addr: u64,
}

crate::debug::debug_struct! { TaskFd<'_> { name, name_len, prog_id, fd_type, probe_offset, probe_addr } }

/// `bpf(BPF_TASK_FD_QUERY, { pid, fd, buf, buf_len })`—says what program runs for a descriptor of some
/// task, and where.
///
/// `fd` is a number in the descriptor table of `pid`, a thread as the caller's PID namespace numbers it.
/// What came back in `found` is good after [`NOSPC`] as well.
///
/// Since Linux 4.18.
///
/// # Errors
///
///  - [`NOSPC`]: the name did not fit; it is cut, with its NUL.
///  - [`NOENT`]: no such thread; or a perf event without a program.
///  - [`BADF`]: `fd` is not open there.
///  - [`NOTSUPP`]: it is neither a perf event nor a raw tracepoint's link.
///  - [`OPNOTSUPP`]: a perf event that is neither a probe nor a tracepoint.
///  - [`PERM`]: no `CAP_SYS_ADMIN`.
///
/// [`NOSPC`]: Errno::NOSPC
/// [`NOENT`]: Errno::NOENT
/// [`BADF`]: Errno::BADF
/// [`NOTSUPP`]: Errno::NOTSUPP
/// [`OPNOTSUPP`]: Errno::OPNOTSUPP
/// [`PERM`]: Errno::PERM
#[doc(alias = "BPF_TASK_FD_QUERY")]
#[inline]
pub fn task_fd_query(pid: u32, fd: u32, found: &mut TaskFd<'_>) -> Result<()> {
    let mut attr = uapi::TaskFdQuery::new(pid, fd);
    attr.buf_len = count(found.name)?;
    attr.buf = address_mut(found.name);
    // SAFETY: `TaskFdQuery` is the arm that this command reads; its one address is zero or `name`,
    // borrowed exclusively, where the kernel writes `buf_len` bytes at most.
    let result = unsafe { sys::bpf(Cmd::TASK_FD_QUERY, &mut attr) };
    if matches!(result, Ok(_) | Err(Errno::NOSPC)) {
        found.name_len = attr.buf_len;
        found.prog_id = attr.prog_id;
        found.fd_type = attr.fd_type;
        found.probe_offset = attr.probe_offset;
        found.probe_addr = attr.probe_addr;
    }
    result.map(drop)
}

//! Programs: `BPF_PROG_*`, and the commands of tracing that take one.

#![allow(unsafe_code)]

mod attach;
mod run;
mod trace;

use core::ffi::CStr;

use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys::{self, address, address_mut, count, obj_name, path_address};
use crate::uapi::insn::Insn;
use crate::uapi::{
    self, AttachType, Cmd, CoreRelo, FuncInfo, LineInfo, ProgLoadFlags, ProgType, StreamId,
};
use crate::{Errno, Log, Result};

pub use attach::{AttachOptions, Query, prog_attach, prog_detach, prog_query};
pub use run::{TestRun, prog_run, prog_test_run};
pub use trace::{TaskFd, raw_tracepoint_open, task_fd_query};

/// How often [`prog_load`] is tried when a signal is pending.
const ATTEMPTS: u32 = 5;

/// What [`prog_load`] takes besides the program itself. `Options::default()` is none of it.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// What the program will be attached to, where its type leaves a choice.
    pub expected_attach_type: AttachType,
    /// The id, in the kernel's BTF or in that of `attach`, of what the program attaches to.
    pub attach_btf_id: u32,
    /// Where `attach_btf_id` is looked up: a program, or a module's BTF object. `None` is vmlinux.
    pub attach: Option<BorrowedFd<'a>>,
    /// Flags.
    pub flags: ProgLoadFlags,
    /// The name that tools show: up to 15 of `A-Z a-z 0-9 _ .`.
    pub name: &'a str,
    /// The network device that runs it or that it is bound to, by index; 0 is none.
    pub ifindex: u32,
    /// The program's own BTF, which the three tables below refer to.
    pub btf: Option<BorrowedFd<'a>>,
    /// Which function starts where.
    pub func_info: &'a [FuncInfo],
    /// Which source line starts where.
    pub line_info: &'a [LineInfo],
    /// What the kernel is to relocate against its own BTF (Linux 5.17).
    pub core_relos: &'a [CoreRelo],
    /// Maps and BTF objects that instructions name by place (Linux 5.14).
    pub fd_array: &'a [BorrowedFd<'a>],
    /// Whether the program is bound to all that is in `fd_array`, named or not (Linux 6.14).
    pub bind_fd_array: bool,
    /// A token that stands in for capabilities (Linux 6.9); sets `BPF_F_TOKEN_FD`.
    pub token: Option<BorrowedFd<'a>>,
    /// A PKCS#7 signature of the instructions (Linux 6.18), and the keyring to check it against.
    pub signature: &'a [u8],
    /// The serial number of a keyring, or one of the kernel's special ones.
    pub keyring_id: i32,
}

crate::debug::debug_struct! { Options<'_> {
    expected_attach_type, attach_btf_id, attach, flags, name as str, ifindex, btf, func_info,
    line_info, core_relos, fd_array, bind_fd_array, token, signature, keyring_id
} }

/// `bpf(BPF_PROG_LOAD, { prog_type, insns, license, … })`—verifies a program and loads it.
///
/// `license` says under which terms; `c"GPL"` and those like it let the program call GPL-only helpers.
/// When `log` has room, the verifier writes there what it made of the program, whether it takes it or
/// not, and [`Log::true_size`] says how long all of that is.
///
/// A load that a pending signal interrupts is tried five times.
///
/// Since Linux 3.18.
///
/// # Errors
///
///  - [`ACCES`], [`INVAL`]: the verifier refuses the program; the log says why. With an empty log, or
///    one that says `processed 0 insns` and nothing else, `INVAL` means the load itself: a type, a flag, an
///    id or an attach type that this kernel does not have, or a name of other letters or over 15.
///  - [`PERM`]: the caller lacks a capability (`CAP_BPF`, and `CAP_PERFMON` or `CAP_NET_ADMIN` by the
///    type). Before Linux 5.11 also: `RLIMIT_MEMLOCK` is used up.
///  - [`TOOBIG`]: no instruction or too many; or too complex; or a field that this kernel does not know.
///  - [`NOSPC`]: the log did not fit, though the program may be good.
///  - [`BADF`]: a descriptor is not open, or of the wrong kind.
///  - [`AGAIN`]: a signal was pending each time.
///
/// [`ACCES`]: Errno::ACCES
/// [`INVAL`]: Errno::INVAL
/// [`PERM`]: Errno::PERM
/// [`TOOBIG`]: Errno::TOOBIG
/// [`NOSPC`]: Errno::NOSPC
/// [`BADF`]: Errno::BADF
/// [`AGAIN`]: Errno::AGAIN
#[doc(alias = "BPF_PROG_LOAD")]
#[inline]
pub fn prog_load(
    prog_type: ProgType,
    insns: &[Insn],
    license: &CStr,
    options: &Options<'_>,
    log: &mut Log<'_>,
) -> Result<OwnedFd> {
    let mut attr = uapi::ProgLoad::zeroed();
    attr.prog_type = prog_type;
    attr.insn_cnt = count(insns)?;
    attr.insns = address(insns);
    attr.license = path_address(license);
    attr.prog_flags = options.flags;
    if !options.name.is_empty() {
        attr.prog_name = obj_name(options.name)?;
    }
    attr.prog_ifindex = options.ifindex;
    attr.expected_attach_type = options.expected_attach_type;
    if let Some(btf) = options.btf {
        attr.prog_btf_fd = btf.as_attr();
    }
    if !options.func_info.is_empty() {
        attr.func_info_rec_size = size_of::<FuncInfo>() as u32;
        attr.func_info = address(options.func_info);
        attr.func_info_cnt = count(options.func_info)?;
    }
    if !options.line_info.is_empty() {
        attr.line_info_rec_size = size_of::<LineInfo>() as u32;
        attr.line_info = address(options.line_info);
        attr.line_info_cnt = count(options.line_info)?;
    }
    attr.attach_btf_id = options.attach_btf_id;
    if let Some(attach) = options.attach {
        attr.attach_prog_fd = attach.as_attr_some()?;
    }
    if !options.core_relos.is_empty() {
        attr.core_relo_rec_size = size_of::<CoreRelo>() as u32;
        attr.core_relos = address(options.core_relos);
        attr.core_relo_cnt = count(options.core_relos)?;
    }
    attr.fd_array = address(options.fd_array);
    if options.bind_fd_array {
        attr.fd_array_cnt = count(options.fd_array)?;
    }
    if let Some(token) = options.token {
        attr.prog_token_fd = token.as_attr() as i32;
        attr.prog_flags |= ProgLoadFlags::TOKEN_FD;
    }
    if !options.signature.is_empty() {
        attr.signature = address(options.signature);
        attr.signature_size = count(options.signature)?;
    }
    attr.keyring_id = options.keyring_id;
    if !log.is_none() {
        (attr.log_level, attr.log_size, attr.log_buf) = log.request();
    }

    let mut attempts = ATTEMPTS;
    loop {
        // SAFETY: `ProgLoad` is the arm that this command reads. Its addresses are borrowed past this
        // call, each with its own length; only the log is written, and `Log` holds it exclusively.
        let result = unsafe { sys::bpf_fd(Cmd::PROG_LOAD, &mut attr) };
        attempts = attempts.saturating_sub(1);
        if result == Err(Errno::AGAIN) && attempts > 0 {
            continue;
        }
        log.true_size = attr.log_true_size;
        return result.map(OwnedFd::from_sys);
    }
}

/// `bpf(BPF_PROG_GET_NEXT_ID, { start_id })`—the id of the next program after `start_id`; 0 begins.
///
/// Since Linux 4.13.
///
/// # Errors
///
///  - [`NOENT`](Errno::NOENT): there is none: the end.
///  - [`INVAL`](Errno::INVAL): `start_id` is 2³¹ − 1 or more.
///  - [`PERM`](Errno::PERM): no `CAP_SYS_ADMIN`.
#[doc(alias = "BPF_PROG_GET_NEXT_ID")]
#[inline]
pub fn prog_get_next_id(start_id: u32) -> Result<u32> {
    // SAFETY: this is one of those commands.
    unsafe { sys::next_id(Cmd::PROG_GET_NEXT_ID, start_id) }
}

/// `bpf(BPF_PROG_GET_FD_BY_ID, { prog_id })`—opens a program by its id.
///
/// Since Linux 4.13.
///
/// # Errors
///
///  - [`NOENT`](Errno::NOENT): no program has that id, or has it any more.
///  - [`PERM`](Errno::PERM): no `CAP_SYS_ADMIN`.
#[doc(alias = "BPF_PROG_GET_FD_BY_ID")]
#[inline]
pub fn prog_get_fd_by_id(prog_id: u32) -> Result<OwnedFd> {
    let mut attr = uapi::ProgGetFdById::new(prog_id);
    // SAFETY: `ProgGetFdById` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf_fd(Cmd::PROG_GET_FD_BY_ID, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_PROG_BIND_MAP, { prog_fd, map_fd })`—makes a map live as long as a program that does not name
/// it.
///
/// To bind a map twice is no error.
///
/// Since Linux 5.10.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): one is not what it should be.
///  - [`BADF`](Errno::BADF): a descriptor is not open.
///  - [`NOMEM`](Errno::NOMEM): no memory.
#[doc(alias = "BPF_PROG_BIND_MAP")]
#[inline]
pub fn prog_bind_map(prog: BorrowedFd<'_>, map: BorrowedFd<'_>) -> Result<()> {
    let mut attr = uapi::ProgBindMap::new(prog.as_attr(), map.as_attr());
    // SAFETY: `ProgBindMap` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf(Cmd::PROG_BIND_MAP, &mut attr) }.map(drop)
}

/// `bpf(BPF_PROG_STREAM_READ_BY_FD, { stream_buf, stream_buf_len, stream_id, prog_fd })`—takes what a
/// program has written into one of its streams: how many bytes, 0 when there is no more.
///
/// Since Linux 6.17.
///
/// # Errors
///
///  - [`NOENT`](Errno::NOENT): no such stream.
///  - [`INVAL`](Errno::INVAL): `prog` is no program; or this kernel is too old.
///  - [`BADF`](Errno::BADF): `prog` is not open.
#[doc(alias = "BPF_PROG_STREAM_READ_BY_FD")]
#[inline]
pub fn prog_stream_read_by_fd(
    prog: BorrowedFd<'_>,
    stream_id: StreamId,
    buf: &mut [u8],
) -> Result<usize> {
    let (buf, len) = (address_mut(buf), count(buf)?);
    let mut attr = uapi::ProgStreamRead::new(prog.as_attr(), stream_id, buf, len);
    // SAFETY: `ProgStreamRead` is the arm that this command reads; its one address is zero or `buf`,
    // borrowed exclusively past this call, where the kernel writes `len` bytes at most.
    unsafe { sys::bpf(Cmd::PROG_STREAM_READ_BY_FD, &mut attr) }
}

/// `bpf(BPF_PROG_ASSOC_STRUCT_OPS, { map_fd, prog_fd })`—tells a program which `struct_ops` it belongs
/// to, so that kernel functions that it calls can ask.
///
/// Since Linux 6.19 or 7.0.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): `map` is no `struct_ops` map; `prog` is a `struct_ops` program itself, or
///    none; or this kernel is too old.
///  - [`BUSY`](Errno::BUSY): the program belongs to another.
///  - [`BADF`](Errno::BADF): a descriptor is not open.
#[doc(alias = "BPF_PROG_ASSOC_STRUCT_OPS")]
#[inline]
pub fn prog_assoc_struct_ops(prog: BorrowedFd<'_>, map: BorrowedFd<'_>) -> Result<()> {
    let mut attr = uapi::ProgAssocStructOps::new(map.as_attr(), prog.as_attr());
    // SAFETY: `ProgAssocStructOps` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf(Cmd::PROG_ASSOC_STRUCT_OPS, &mut attr) }.map(drop)
}

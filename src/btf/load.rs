//! BTF objects in the kernel: `BPF_BTF_*`.

#![allow(unsafe_code)]

use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys::{self, address, count};
use crate::uapi::{self, BtfLoadFlags, BtfOpenFlags, Cmd};
use crate::{Log, Result};

/// `bpf(BPF_BTF_LOAD, { btf, btf_size, btf_log_buf, … })`—checks BTF and makes an object of it.
///
/// Programs and maps refer to the object for the types of their functions, keys and values. `btf` begins
/// with its header and is at most 16 MiB. `token` stands in for capabilities (Linux 6.9). When `log`
/// has room, the kernel writes there what it read, or where it stopped.
///
/// Since Linux 4.18.
///
/// # Errors
///
///  - [`INVAL`]: the BTF is not valid, or of a kind that this kernel does not know; the log says where.
///    Or `token` is no token, or this kernel has none.
///  - [`TOOBIG`]: `btf` is over 16 MiB.
///  - [`PERM`]: the caller has not `CAP_BPF`, and the token, if there is one, does not permit it. Before
///    Linux 5.11 also: `RLIMIT_MEMLOCK` is used up.
///  - [`NOSPC`]: the log did not fit, though the BTF may be good.
///  - [`BADF`]: `token` is not open.
///
/// [`INVAL`]: crate::Errno::INVAL
/// [`TOOBIG`]: crate::Errno::TOOBIG
/// [`PERM`]: crate::Errno::PERM
/// [`NOSPC`]: crate::Errno::NOSPC
/// [`BADF`]: crate::Errno::BADF
#[doc(alias = "BPF_BTF_LOAD")]
#[inline]
pub fn btf_load(btf: &[u8], token: Option<BorrowedFd<'_>>, log: &mut Log<'_>) -> Result<OwnedFd> {
    let mut attr = uapi::BtfLoad::new(address(btf), count(btf)?);
    if let Some(token) = token {
        attr.btf_token_fd = token.as_raw_fd();
        attr.btf_flags = BtfLoadFlags::TOKEN_FD;
    }
    (attr.btf_log_level, attr.btf_log_size, attr.btf_log_buf) = log.request();
    // SAFETY: `BtfLoad` is the arm that this command reads. Both addresses are borrowed past this call,
    // each with its own length; only the log is written, and `Log` holds it exclusively.
    let result = unsafe { sys::bpf_fd(Cmd::BTF_LOAD, &mut attr) };
    log.true_size = attr.btf_log_true_size;
    result.map(OwnedFd::from_sys)
}

/// `bpf(BPF_BTF_GET_NEXT_ID, { start_id })`—finds the id of the next BTF object after `start_id`; 0 is
/// before the first.
///
/// The kernel's own BTF and that of its modules are among them.
///
/// Since Linux 5.4.
///
/// # Errors
///
///  - [`NOENT`](crate::Errno::NOENT): there is none; the walk is over.
///  - [`PERM`](crate::Errno::PERM): the caller has not `CAP_SYS_ADMIN`.
///  - [`INVAL`](crate::Errno::INVAL): `start_id` is 2³¹ − 1 or more.
#[doc(alias = "BPF_BTF_GET_NEXT_ID")]
#[inline]
pub fn btf_get_next_id(start_id: u32) -> Result<u32> {
    // SAFETY: the command is one of those.
    unsafe { sys::next_id(Cmd::BTF_GET_NEXT_ID, start_id) }
}

/// `bpf(BPF_BTF_GET_FD_BY_ID, { btf_id, fd_by_id_token_fd })`—opens a BTF object by its id.
///
/// `token` stands in for the capability, on kernels that know it here (after Linux 6.12, by 6.18).
///
/// Since Linux 4.18.
///
/// # Errors
///
///  - [`NOENT`](crate::Errno::NOENT): no BTF object has that id, any more.
///  - [`PERM`](crate::Errno::PERM): the caller has not `CAP_SYS_ADMIN`, and the token, if there is one,
///    does not permit it.
///  - [`BADF`](crate::Errno::BADF): `token` is not open.
///  - [`INVAL`](crate::Errno::INVAL): `token` is no token, or this kernel takes none here.
#[doc(alias = "BPF_BTF_GET_FD_BY_ID")]
#[inline]
pub fn btf_get_fd_by_id(btf_id: u32, token: Option<BorrowedFd<'_>>) -> Result<OwnedFd> {
    let mut attr = uapi::BtfGetFdById::new(btf_id);
    if let Some(token) = token {
        attr.fd_by_id_token_fd = token.as_raw_fd();
        attr.open_flags = BtfOpenFlags::TOKEN_FD;
    }
    // SAFETY: `BtfGetFdById` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf_fd(Cmd::BTF_GET_FD_BY_ID, &mut attr) }.map(OwnedFd::from_sys)
}

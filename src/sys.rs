//! The call, on plain numbers: [`bpf`], [`bpf_common`] and [`bpf_logged`]; the handful of others that this
//! crate makes (open, read, close, …) are its own.
//!
//! Nothing else in this crate enters the kernel. It knows no ownership; descriptors that the kernel
//! makes are re-numbered to 3 or above here (see [`fd`](crate::fd)).
//!
//! # Safety
//!
//! Each function that is `unsafe` hands addresses to the kernel; its list says which.

#![allow(unsafe_code)]

use core::ffi::CStr;

use crate::arch::{self, nr};
use crate::fd::{MIN_FD, RawFd};
use crate::uapi::{Arm, Cmd, CommonAttr, GetNextId, OBJ_NAME_LEN};
use crate::{Errno, Log, Result};

const AT_FDCWD: RawFd = -100;
const O_RDONLY: usize = 0;
const O_CLOEXEC: usize = 0o2_000_000;
const F_DUPFD_CLOEXEC: usize = 1030;
const PROT_READ: usize = 1;
const MAP_PRIVATE: usize = 2;

/// `bpf(cmd, attr, sizeof(*attr))`.
///
/// `attr` is `&mut` for every command, because some commands write results back into it. [`Arm`]
/// makes whatever they write valid and in bounds, and every byte that they read ours.
///
/// The value is what the kernel returned: a new descriptor, which may be 0, 1 or 2
/// ([`OwnedFd::from_raw_fd`](crate::fd::OwnedFd::from_raw_fd) moves it), or 0, or what the command says.
///
/// # Errors
///
/// Whatever `cmd` fails with.
///
/// # Safety
///
///  - `attr` is the arm of `union bpf_attr` that `cmd` reads.
///  - Every address inside `attr` is zero, or valid for what `cmd` does with it until this returns.
#[inline]
pub unsafe fn bpf<A: Arm>(cmd: Cmd, attr: &mut A) -> Result<usize> {
    // SAFETY: the caller vouches for `attr`.
    Errno::split(unsafe { bpf_raw(cmd, attr) })
}

/// `bpf(cmd | BPF_COMMON_ATTRS, attr, sizeof(*attr), common, sizeof(*common))`: the same with a log.
///
/// `MAP_CREATE`, `PROG_LOAD` and `BTF_LOAD` write why they failed into the buffer that `common` names,
/// and the true length of that into `common.log_true_size`. Every other command takes `common` and
/// does nothing with it.
///
/// Since Linux 7.2.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): this kernel is older than 7.2; or as `cmd` has it; or `common` and the
///    command's own arm name two different logs.
///  - Whatever else `cmd` fails with.
///
/// # Safety
///
///  - As for [`bpf`], and the log buffer in `common` is valid for writes, too.
#[inline]
pub unsafe fn bpf_common<A: Arm>(cmd: Cmd, attr: &mut A, common: &mut CommonAttr) -> Result<usize> {
    let ret = {
        let cmd = (cmd.0 | Cmd::COMMON_ATTRS.0) as usize;
        let (address, size) = (core::ptr::from_mut(attr).expose_provenance(), size_of::<A>());
        let common_address = core::ptr::from_mut(common).expose_provenance();
        // SAFETY: both structs are exclusively ours, initialized, and as long as we say; the caller
        // vouches for the addresses in them.
        unsafe {
            arch::syscall5(nr::BPF, cmd, address, size, common_address, size_of::<CommonAttr>())
        }
    };
    Errno::split(ret)
}

/// [`bpf`] for any command, with a log where this kernel can give one, and without where it cannot.
///
/// Kernels from 7.2 on are asked by [`bpf_common`]; older ones get the command as it is, and `log` stays
/// empty. A kernel is asked first which one it is, by a call that does nothing on either; a `log` without
/// room costs nothing. `PROG_LOAD` and `BTF_LOAD` have a log of their own on every kernel
/// ([`prog_load`](crate::prog::prog_load), [`btf_load`](crate::btf::btf_load)): leave it out of `attr` here.
/// Commands that write no log on this kernel leave `log` empty, too.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): the log's level is not one; or as `cmd` has it.
///  - Whatever else `cmd` fails with.
///
/// # Safety
///
///  - As for [`bpf`].
pub unsafe fn bpf_logged<A: Arm>(cmd: Cmd, attr: &mut A, log: &mut Log<'_>) -> Result<usize> {
    log.true_size = 0;
    let mut common = CommonAttr::zeroed();
    (common.log_level, common.log_size, common.log_buf) = log.request();
    if common.log_size == 0 || !has_common() {
        // SAFETY: the caller vouches for `attr`.
        return unsafe { bpf(cmd, attr) };
    }
    // SAFETY: the caller vouches for `attr`; the log is `log`'s buffer with its length, which `log` holds
    // exclusively.
    let result = unsafe { bpf_common(cmd, attr, &mut common) };
    log.true_size = common.log_true_size;
    result
}

/// Whether this kernel reads a `bpf_common_attr`: it then minds that there is none at address 0. Others do
/// not know the command.
fn has_common() -> bool {
    let mut attr = GetNextId::new(0);
    let cmd = (Cmd::PROG_LOAD.0 | Cmd::COMMON_ATTRS.0) as usize;
    let (address, size) = (core::ptr::from_mut(&mut attr).expose_provenance(), size_of_val(&attr));
    // SAFETY: `attr` is ours and as long as said. All zero is no program: nothing is loaded.
    let ret = unsafe { arch::syscall5(nr::BPF, cmd, address, size, 0, size_of::<CommonAttr>()) };
    Errno::split(ret) == Err(Errno::FAULT)
}

/// [`bpf`] for a command that makes a descriptor: 3 or above.
///
/// # Safety
///
///  - As for [`bpf`], and `cmd` returns a descriptor.
#[inline]
pub(crate) unsafe fn bpf_fd<A: Arm>(cmd: Cmd, attr: &mut A) -> Result<RawFd> {
    let (address, size) = (core::ptr::from_mut(attr).expose_provenance(), size_of::<A>());
    // SAFETY: `attr` is exclusively ours, initialized, and `size` bytes long; the caller vouches
    // for the addresses in it.
    let ret = unsafe { bpf_moved(cmd, address, size) };
    Errno::split(ret).map(|fd| fd as RawFd)
}

/// One body for all that make descriptors, unless the compiler has room for more.
#[inline]
unsafe fn bpf_moved(cmd: Cmd, address: usize, size: usize) -> usize {
    // SAFETY: the caller vouches for the address and what is there.
    moved(unsafe { arch::inline3(nr::BPF, cmd.0 as usize, address, size) })
}

#[inline]
unsafe fn bpf_raw<A: Arm>(cmd: Cmd, attr: &mut A) -> usize {
    let (address, size) = (core::ptr::from_mut(attr).expose_provenance(), size_of::<A>());
    // SAFETY: `attr` is exclusively ours, initialized, and `size` bytes long; the caller vouches
    // for the addresses in it.
    unsafe { arch::inline3(nr::BPF, cmd.0 as usize, address, size) }
}

/// Tells a new descriptor and an error apart, and moves a descriptor below 3.
#[inline]
pub(crate) fn split_fd(ret: usize) -> Result<RawFd> {
    Errno::split(moved(ret)).map(|fd| fd as RawFd)
}

/// A descriptor below 3 becomes one above; an error stays one.
///
/// Error and value are split once, after the move: that is half the instructions of splitting twice.
#[inline]
fn moved(ret: usize) -> usize {
    if ret < MIN_FD as usize { renumber(ret) } else { ret }
}

#[cold]
#[inline(never)]
fn renumber(low: usize) -> usize {
    // SAFETY: `fcntl` with this command reads no memory.
    let ret = unsafe { arch::syscall3(nr::FCNTL, low, F_DUPFD_CLOEXEC, MIN_FD as usize) };
    // SAFETY: the kernel has just handed `low` to us, and nobody else knows it.
    unsafe { close(low as RawFd) };
    ret
}

/// A copy of `fd` at 3 or above, close-on-exec.
pub(crate) fn dup(fd: RawFd) -> Result<RawFd> {
    // SAFETY: `fcntl` with this command reads no memory.
    split_fd(unsafe { arch::syscall3(nr::FCNTL, fd as usize, F_DUPFD_CLOEXEC, MIN_FD as usize) })
}

/// Closes `fd`. Linux frees the number whatever it returns, so there is nothing to report.
///
/// # Safety
///
///  - Nobody uses `fd` after this.
#[inline(never)]
pub(crate) unsafe fn close(fd: RawFd) {
    // SAFETY: the caller is the last one to use `fd`.
    unsafe { arch::syscall1(nr::CLOSE, fd as usize) };
}

/// Opens `path` for reading, close-on-exec.
pub(crate) fn open(path: &CStr) -> Result<RawFd> {
    let path = path.as_ptr().expose_provenance();
    // The fourth argument is for files that are made.
    // SAFETY: `path` is NUL-terminated and borrowed past this call, which only reads it.
    split_fd(unsafe { arch::syscall3(nr::OPENAT, AT_FDCWD as usize, path, O_RDONLY | O_CLOEXEC) })
}

/// Reads at the descriptor's position.
#[inline]
pub(crate) fn read(fd: RawFd, buf: &mut [u8]) -> Result<usize> {
    let (address, len) = (buf.as_mut_ptr().expose_provenance(), buf.len());
    // SAFETY: `buf` is exclusively ours and takes `len` bytes.
    Errno::split(unsafe { arch::syscall3(nr::READ, fd as usize, address, len) })
}

/// Reads at `offset`; the descriptor's position stays.
#[inline]
pub(crate) fn pread(fd: RawFd, buf: &mut [u8], offset: u64) -> Result<usize> {
    let (address, len) = (buf.as_mut_ptr().expose_provenance(), buf.len());
    // SAFETY: `buf` is exclusively ours and takes `len` bytes.
    Errno::split(unsafe { arch::pread64(fd as usize, address, len, offset) })
}

/// Maps the first `len` bytes of `fd`, private and read-only; the address.
///
/// Nothing that exists is replaced: the kernel chooses the place.
pub(crate) fn map(fd: RawFd, len: usize) -> Result<usize> {
    // SAFETY: without MAP_FIXED the kernel maps where nothing is.
    Errno::split(unsafe {
        arch::syscall6(nr::MMAP, 0, len, PROT_READ, MAP_PRIVATE, fd as usize, 0)
    })
}

/// The address of `slice` as `bpf_attr` holds it: zero-extended on every target; zero when empty.
#[inline]
pub(crate) fn address<T>(slice: &[T]) -> u64 {
    if slice.is_empty() { 0 } else { slice.as_ptr().expose_provenance() as u64 }
}

/// The address of `path` as `bpf_attr` holds it.
#[inline]
pub(crate) fn path_address(path: &CStr) -> u64 {
    path.as_ptr().expose_provenance() as u64
}

/// The same for what the kernel may write to.
#[inline]
pub(crate) fn address_mut<T>(slice: &mut [T]) -> u64 {
    if slice.is_empty() { 0 } else { slice.as_mut_ptr().expose_provenance() as u64 }
}

/// How many elements `slice` has, as `bpf_attr` holds it.
#[inline]
pub(crate) fn count<T>(slice: &[T]) -> Result<u32> {
    u32::try_from(slice.len()).map_err(|_| Errno::TOOBIG)
}

/// The id after `start_id`, of the objects that `cmd` walks.
///
/// # Safety
///
///  - `cmd` is one of the `*_GET_NEXT_ID`.
#[inline]
pub(crate) unsafe fn next_id(cmd: Cmd, start_id: u32) -> Result<u32> {
    let mut attr = GetNextId::new(start_id);
    // SAFETY: `GetNextId` is the arm that these commands read; it holds no address.
    match unsafe { bpf(cmd, &mut attr) } {
        Ok(_) => Ok(attr.next_id),
        Err(errno) => Err(errno),
    }
}

/// A name as `bpf_attr` holds it: at most 15 bytes and a NUL. Which bytes are good, the kernel says.
#[inline]
pub(crate) fn obj_name(name: &str) -> Result<[u8; OBJ_NAME_LEN]> {
    let mut field = [0; OBJ_NAME_LEN];
    if name.len() >= field.len() {
        return Err(Errno::INVAL);
    }
    field.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
    Ok(field)
}

/// Takes a mapping away.
///
/// # Safety
///
///  - [`map`] gave `address` for this `len`, and nobody looks at it any more.
pub(crate) unsafe fn unmap(address: usize, len: usize) {
    // SAFETY: the caller vouches for the mapping and that it is unused.
    unsafe { arch::syscall2(nr::MUNMAP, address, len) };
}

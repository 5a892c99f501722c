//! What is for objects of every kind, or for none: names in bpffs, and statistics.

#![allow(unsafe_code)]

use core::ffi::CStr;

use crate::Result;
use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys::{self, path_address};
use crate::uapi::{Cmd, EnableStats, Obj, ObjFlags, StatsType};

/// `bpf(BPF_OBJ_PIN, { pathname, bpf_fd })`—names a program, map or link in bpffs.
///
/// The name keeps the object alive after its last descriptor is closed, until it is removed: `unlink(2)`. An
/// existing name is never replaced.
///
/// Since Linux 4.4; links since 5.7.
///
/// # Errors
///
///  - [`EXIST`]: `path` exists.
///  - [`NOENT`]: a directory of `path` does not exist; or nothing is mounted on `/sys/fs/bpf`, where sysfs
///    takes no names.
///  - [`PERM`]: `path` is on another file system, or its last part has a `.` in it.
///  - [`ACCES`]: the file mode of the directory forbids it.
///  - [`INVAL`]: `fd` is no program, map or link (an iterator, a BTF object and a token have no
///    name), or is not open.
///
/// [`EXIST`]: crate::Errno::EXIST
/// [`PERM`]: crate::Errno::PERM
/// [`NOENT`]: crate::Errno::NOENT
/// [`ACCES`]: crate::Errno::ACCES
/// [`INVAL`]: crate::Errno::INVAL
#[doc(alias = "BPF_OBJ_PIN")]
#[inline]
pub fn obj_pin(fd: BorrowedFd<'_>, path: &CStr) -> Result<()> {
    let mut attr = Obj::pin(path_address(path), fd.as_attr());
    // SAFETY: `Obj` is the arm that `BPF_OBJ_PIN` reads; its one address is `path`, NUL-terminated
    // and borrowed past this call, which the kernel only reads.
    unsafe { sys::bpf(Cmd::OBJ_PIN, &mut attr) }.map(drop)
}

/// `bpf(BPF_OBJ_PIN, { pathname, bpf_fd, BPF_F_PATH_FD, path_fd })`—names a program, map or link in
/// bpffs, by a path that begins in the directory `path_fd`.
///
/// Since Linux 6.5. A directory opened with `O_PATH` will do; an absolute `path` needs none.
///
/// # Errors
///
/// As [`obj_pin`], and
///
///  - [`INVAL`](crate::Errno::INVAL): this kernel is older than 6.5.
///  - [`BADF`](crate::Errno::BADF): `path_fd` is not open.
///  - [`NOTDIR`](crate::Errno::NOTDIR): `path_fd` is no directory.
#[doc(alias = "BPF_OBJ_PIN")]
#[doc(alias = "BPF_F_PATH_FD")]
#[inline]
pub fn obj_pin_path_fd(fd: BorrowedFd<'_>, path_fd: BorrowedFd<'_>, path: &CStr) -> Result<()> {
    let mut attr = Obj::pin(path_address(path), fd.as_attr());
    attr.file_flags = ObjFlags::PATH_FD;
    attr.path_fd = path_fd.as_raw_fd();
    // SAFETY: as in `obj_pin`.
    unsafe { sys::bpf(Cmd::OBJ_PIN, &mut attr) }.map(drop)
}

/// `bpf(BPF_OBJ_GET, { pathname, file_flags })`—opens what is pinned at `path`.
///
/// Since Linux 4.4; links since 5.7.
///
/// # Errors
///
///  - [`NOENT`]: nothing of that name, or bpffs is not mounted there.
///  - [`ACCES`]: `path` is not on bpffs, or the file's mode forbids it.
///  - [`PERM`]: the last part of `path` has a `.` in it.
///  - [`INVAL`]: a link cannot be opened [`RDONLY`](ObjFlags::RDONLY) or `WRONLY`.
///
/// [`NOENT`]: crate::Errno::NOENT
/// [`ACCES`]: crate::Errno::ACCES
/// [`PERM`]: crate::Errno::PERM
/// [`INVAL`]: crate::Errno::INVAL
#[doc(alias = "BPF_OBJ_GET")]
#[inline]
pub fn obj_get(path: &CStr, file_flags: ObjFlags) -> Result<OwnedFd> {
    let mut attr = Obj::get(path_address(path));
    attr.file_flags = file_flags;
    // SAFETY: `Obj` is the arm that `BPF_OBJ_GET` reads; its one address is `path`, NUL-terminated
    // and borrowed past this call, which the kernel only reads.
    unsafe { sys::bpf_fd(Cmd::OBJ_GET, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_OBJ_GET, { pathname, file_flags | BPF_F_PATH_FD, path_fd })`—opens what is pinned at a path
/// that begins in the directory `path_fd`.
///
/// Since Linux 6.5. A directory opened with `O_PATH` will do; an absolute `path` needs none.
///
/// # Errors
///
/// As [`obj_get`], and
///
///  - [`INVAL`](crate::Errno::INVAL): this kernel is older than 6.5.
///  - [`BADF`](crate::Errno::BADF): `path_fd` is not open.
///  - [`NOTDIR`](crate::Errno::NOTDIR): `path_fd` is no directory.
#[doc(alias = "BPF_OBJ_GET")]
#[doc(alias = "BPF_F_PATH_FD")]
#[inline]
pub fn obj_get_path_fd(
    path_fd: BorrowedFd<'_>,
    path: &CStr,
    file_flags: ObjFlags,
) -> Result<OwnedFd> {
    let mut attr = Obj::get(path_address(path));
    attr.file_flags = file_flags | ObjFlags::PATH_FD;
    attr.path_fd = path_fd.as_raw_fd();
    // SAFETY: as in `obj_get`.
    unsafe { sys::bpf_fd(Cmd::OBJ_GET, &mut attr) }.map(OwnedFd::from_sys)
}

/// `bpf(BPF_ENABLE_STATS, { type })`—counts, for all programs of the system, while the new descriptor
/// is open.
///
/// With [`RUN_TIME`](StatsType::RUN_TIME), [`ProgInfo`](crate::uapi::ProgInfo) has `run_time_ns` and
/// `run_cnt`, for what ran in that time.
///
/// Since Linux 5.8.
///
/// # Errors
///
///  - [`PERM`](crate::Errno::PERM): the caller has not `CAP_SYS_ADMIN`.
///  - [`INVAL`](crate::Errno::INVAL): there are no such statistics.
///  - [`BUSY`](crate::Errno::BUSY): a billion descriptors ask for them already.
///  - [`MFILE`](crate::Errno::MFILE), [`NFILE`](crate::Errno::NFILE): out of descriptors.
#[doc(alias = "BPF_ENABLE_STATS")]
#[inline]
pub fn enable_stats(r#type: StatsType) -> Result<OwnedFd> {
    let mut attr = EnableStats::new(r#type);
    // SAFETY: `EnableStats` is the arm that this command reads; it holds no address.
    unsafe { sys::bpf_fd(Cmd::ENABLE_STATS, &mut attr) }.map(OwnedFd::from_sys)
}

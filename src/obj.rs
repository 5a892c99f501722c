//! Names in bpffs: `BPF_OBJ_PIN` and `BPF_OBJ_GET`.

#![allow(unsafe_code)]

use core::ffi::CStr;

use crate::Result;
use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys::{self, address};
use crate::uapi::{Cmd, Obj, ObjFlags};

/// `bpf(BPF_OBJ_PIN, { pathname, bpf_fd })`—names a program, map or link in bpffs.
///
/// The name keeps the object alive after its last descriptor is closed, until it is unlinked. An
/// existing name is never replaced.
///
/// Since Linux 4.4; links since 5.7.
///
/// # Errors
///
///  - [`EXIST`]: `path` exists.
///  - [`PERM`]: `path` is not on bpffs, or its last part has a `.` in it.
///  - [`NOENT`]: a directory of `path` does not exist.
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
    let mut attr = Obj::zeroed();
    attr.pathname = address(path.to_bytes_with_nul());
    attr.bpf_fd = fd.as_attr();
    // SAFETY: `Obj` is the arm that `BPF_OBJ_PIN` reads; its one address is `path`, NUL-terminated
    // and borrowed past this call, which the kernel only reads.
    unsafe { sys::bpf(Cmd::OBJ_PIN, &mut attr) }.map(drop)
}

/// `bpf(BPF_OBJ_GET, { pathname, file_flags })`—opens what is pinned at `path`.
///
/// Since Linux 4.4; links since 5.7.
///
/// # Errors
///
///  - [`NOENT`]: nothing of that name.
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
    let mut attr = Obj::zeroed();
    attr.pathname = address(path.to_bytes_with_nul());
    attr.file_flags = file_flags;
    // SAFETY: `Obj` is the arm that `BPF_OBJ_GET` reads; its one address is `path`, NUL-terminated
    // and borrowed past this call, which the kernel only reads.
    unsafe { sys::bpf_fd(Cmd::OBJ_GET, &mut attr) }.map(OwnedFd::from_sys)
}

//! What is for objects of every kind, or for none: names in bpffs, walks over ids, and statistics.

#![allow(unsafe_code)]

use core::ffi::CStr;

use crate::fd::{BorrowedFd, OwnedFd};
use crate::sys::{self, path_address};
use crate::uapi::{Cmd, EnableStats, Obj, ObjFlags, ProgGetFdById, StatsType};
use crate::{Errno, Result};

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

/// All objects of one kind, opened one after the other, by ascending id: see [`progs`], [`maps`],
/// [`links`] and [`btfs`].
///
/// An object that ends while the walk is on its way to it is passed over, and so is a link that is still
/// being made; one that was made meanwhile may come or not. What has been handed out stays as long as its
/// descriptor does.
///
/// ```no_run
/// use barebpf::{info::{LinkBuffers, obj_get_info_by_fd_link}, obj};
///
/// # fn main() -> barebpf::Result<()> {
/// for link in obj::links() {
///     let (id, fd) = link?;
///     let info = obj_get_info_by_fd_link(fd.as_fd(), &mut LinkBuffers::default())?;
///     println!("{id}: {:?}", info.r#type);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
///  - [`PERM`](crate::Errno::PERM): the caller has not `CAP_SYS_ADMIN`.
///  - [`MFILE`](crate::Errno::MFILE), [`NFILE`](crate::Errno::NFILE): out of descriptors. The next step
///    goes on behind the object that could not be opened.
#[derive(Debug)]
pub struct Objects {
    get_next_id: Cmd,
    get_fd_by_id: Cmd,
    /// The id that was seen last; [`OVER`] at the end.
    id: u32,
}

/// The id of nothing: ids are positive as 32 bits with a sign.
const OVER: u32 = u32::MAX;

/// All programs. Linux 4.13.
#[must_use]
pub const fn progs() -> Objects {
    Objects { get_next_id: Cmd::PROG_GET_NEXT_ID, get_fd_by_id: Cmd::PROG_GET_FD_BY_ID, id: 0 }
}

/// All maps. Linux 4.13.
#[must_use]
pub const fn maps() -> Objects {
    Objects { get_next_id: Cmd::MAP_GET_NEXT_ID, get_fd_by_id: Cmd::MAP_GET_FD_BY_ID, id: 0 }
}

/// All links. Linux 5.8.
#[must_use]
pub const fn links() -> Objects {
    Objects { get_next_id: Cmd::LINK_GET_NEXT_ID, get_fd_by_id: Cmd::LINK_GET_FD_BY_ID, id: 0 }
}

/// All BTF objects; the kernel's own and its modules' are among them. Linux 5.4.
#[must_use]
pub const fn btfs() -> Objects {
    Objects { get_next_id: Cmd::BTF_GET_NEXT_ID, get_fd_by_id: Cmd::BTF_GET_FD_BY_ID, id: 0 }
}

impl Iterator for Objects {
    type Item = Result<(u32, OwnedFd)>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.id != OVER {
            // SAFETY: it is one of those commands.
            match unsafe { sys::next_id(self.get_next_id, self.id) } {
                Ok(id) => self.id = id,
                Err(errno) => {
                    self.id = OVER;
                    return if errno == Errno::NOENT { None } else { Some(Err(errno)) };
                }
            }
            let mut attr = ProgGetFdById::new(self.id);
            // SAFETY: all of these commands have the id in this place, and take zeros for the rest; no
            // address is among it.
            match unsafe { sys::bpf_fd(self.get_fd_by_id, &mut attr) } {
                Ok(fd) => return Some(Ok((self.id, OwnedFd::from_sys(fd)))),
                Err(Errno::NOENT | Errno::AGAIN) => {}
                Err(errno) => return Some(Err(errno)),
            }
        }
        None
    }
}

impl core::iter::FusedIterator for Objects {}

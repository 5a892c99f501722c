//! What Rust makes of the wrappers: the twins of the functions of these names in wrappers.c.

#![no_std]

use core::ffi::CStr;

use barebpf::Result;
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::iter::{self, Iter};
use barebpf::uapi::ObjFlags;
use barebpf::{link, obj, prog};

#[unsafe(no_mangle)]
pub fn iter_create(link: BorrowedFd<'_>) -> Result<Iter> {
    iter::iter_create(link)
}

#[unsafe(no_mangle)]
pub fn obj_pin(fd: BorrowedFd<'_>, path: &CStr) -> Result<()> {
    obj::obj_pin(fd, path)
}

#[unsafe(no_mangle)]
pub fn obj_get(path: &CStr, file_flags: ObjFlags) -> Result<OwnedFd> {
    obj::obj_get(path, file_flags)
}

#[unsafe(no_mangle)]
pub fn link_update(link: BorrowedFd<'_>, new: BorrowedFd<'_>) -> Result<()> {
    link::link_update(link, new, None)
}

#[unsafe(no_mangle)]
pub fn link_replace(link: BorrowedFd<'_>, new: BorrowedFd<'_>, old: BorrowedFd<'_>) -> Result<()> {
    link::link_update(link, new, Some(old))
}

#[unsafe(no_mangle)]
pub fn prog_get_fd_by_id(id: u32) -> Result<OwnedFd> {
    prog::prog_get_fd_by_id(id)
}

#[unsafe(no_mangle)]
pub fn link_detach(link: BorrowedFd<'_>) -> Result<()> {
    link::link_detach(link)
}

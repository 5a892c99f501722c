//! Where the bytes come from: memory, a mapping, or a file through a window.
//!
//! # Safety
//!
//! The mapping is the one thing here that is not safe. Only the kernel's own BTF is mapped, which
//! never changes and never shrinks; any other file is read.

use super::{Error, MIN_WINDOW};
#[cfg(target_os = "linux")]
use crate::{
    Errno,
    fd::{BorrowedFd, OwnedFd},
    sys,
};

/// Bytes by their place, at least as many as asked for.
pub(super) enum Source<'a> {
    Slice(&'a [u8]),
    #[cfg(target_os = "linux")]
    Mapping(Mapping),
    #[cfg(target_os = "linux")]
    Window {
        fd: BorrowedFd<'a>,
        /// Closes `fd` when it is ours.
        _owner: Option<OwnedFd>,
        window: &'a mut [u8],
        /// The place in the file of the window's first byte.
        start: u32,
        /// How much of the window is filled.
        held: usize,
    },
}

impl<'a> Source<'a> {
    #[cfg(target_os = "linux")]
    pub(super) fn from_fd(fd: BorrowedFd<'a>, window: &'a mut [u8]) -> Result<Self, Error> {
        if window.len() < MIN_WINDOW {
            return Err(Error::SmallWindow);
        }
        Ok(Self::Window { fd, _owner: None, window, start: 0, held: 0 })
    }

    /// Opens the kernel's own.
    #[cfg(target_os = "linux")]
    #[allow(unsafe_code)]
    pub(super) fn vmlinux(window: &'a mut [u8]) -> Result<Self, Error> {
        let file = match sys::open(c"/sys/kernel/btf/vmlinux") {
            Ok(fd) => OwnedFd::from_sys(fd),
            Err(Errno::NOENT | Errno::NOTDIR) => return Err(Error::NoBtf),
            Err(errno) => return Err(errno.into()),
        };
        // SAFETY: the owner is kept beside it, and dropped with it.
        let fd = unsafe { BorrowedFd::borrow_raw(file.as_raw_fd()) };
        let mut source = Self::from_fd(fd, window)?;
        if let Self::Window { _owner, .. } = &mut source {
            *_owner = Some(file);
        }
        Ok(source)
    }

    /// Maps `len` bytes of the kernel's own in place of the window, if this kernel can.
    #[cfg(target_os = "linux")]
    pub(super) fn map(&mut self, len: u32) {
        let Self::Window { fd, .. } = self else { return };
        let len = len as usize;
        if let Ok(address) = sys::map(fd.as_raw_fd(), len) {
            *self = Self::Mapping(Mapping { address, len });
        }
    }

    /// The bytes from `at` on: at least `need` of them, which is at most [`MIN_WINDOW`].
    pub(super) fn at(&mut self, at: u32, need: usize) -> Result<&[u8], Error> {
        let bytes = match self {
            Self::Slice(bytes) => bytes.get(at as usize..),
            #[cfg(target_os = "linux")]
            Self::Mapping(mapping) => mapping.bytes().get(at as usize..),
            #[cfg(target_os = "linux")]
            Self::Window { fd, window, start, held, .. } => {
                // Wraps to a huge number when `at` lies before the window.
                let mut skip = at.wrapping_sub(*start) as usize;
                if skip.saturating_add(need) > *held {
                    (*start, *held, skip) = (at, 0, 0);
                    while *held < need {
                        let rest = window.get_mut(*held..).unwrap_or_default();
                        let place = u64::from(at).saturating_add(*held as u64);
                        let count = sys::pread(fd.as_raw_fd(), rest, place)?;
                        if count == 0 {
                            return Err(Error::Malformed);
                        }
                        *held = held.saturating_add(count);
                    }
                }
                window.get(skip..*held)
            }
        };
        bytes.filter(|bytes| bytes.len() >= need).ok_or(Error::Malformed)
    }
}

/// The kernel's BTF, mapped.
#[cfg(target_os = "linux")]
pub(super) struct Mapping {
    address: usize,
    len: usize,
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
impl Mapping {
    fn bytes(&self) -> &[u8] {
        let address = core::ptr::with_exposed_provenance(self.address);
        // SAFETY: `sys::map` gave `len` readable bytes there, the file's owner is the kernel, which
        // never writes to it again, and the mapping lasts as long as `self`.
        unsafe { core::slice::from_raw_parts(address, self.len) }
    }
}

#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: `sys::map` gave it, and borrows of `bytes` have ended.
        unsafe { sys::unmap(self.address, self.len) };
    }
}

//! Where the bytes come from: memory, a mapping, or a file through a window.
//!
//! # Safety
//!
//! The mapping is the one thing here that is not safe. Only the kernel's own BTF is mapped, which
//! never changes and never shrinks; any other file is read.

#![allow(unsafe_code)]

use super::Error;
#[cfg(target_os = "linux")]
use {
    super::MIN_WINDOW,
    crate::fd::{BorrowedFd, RawFd},
    crate::{Errno, sys},
};

/// Bytes by their place in the file.
///
/// What fails is noted once, in `error`, and there are no bytes then: loops over bytes end by
/// themselves, and whoever asked for the result looks at `error` last.
pub(super) struct Source<'a> {
    bytes: Bytes<'a>,
    /// The place in the file of the first byte at hand.
    start: u32,
    /// How many bytes are at hand.
    held: usize,
    /// What reads more; `NONE` when all is at hand.
    #[cfg(target_os = "linux")]
    fd: RawFd,
    /// Ours to close, or to unmap.
    #[cfg(target_os = "linux")]
    owned: bool,
    pub(super) error: Option<Error>,
}

enum Bytes<'a> {
    All(&'a [u8]),
    #[cfg(target_os = "linux")]
    Window(&'a mut [u8]),
}

#[cfg(target_os = "linux")]
const NONE: RawFd = -1;

impl<'a> Source<'a> {
    pub(super) fn from_slice(bytes: &'a [u8]) -> Self {
        // So that no place in it, with the longest type behind it, is more than 32 bits.
        let bytes = bytes.get(..i32::MAX as usize).unwrap_or(bytes);
        Self {
            held: bytes.len(),
            bytes: Bytes::All(bytes),
            start: 0,
            #[cfg(target_os = "linux")]
            fd: NONE,
            #[cfg(target_os = "linux")]
            owned: false,
            error: None,
        }
    }

    #[cfg(target_os = "linux")]
    pub(super) fn from_fd(fd: BorrowedFd<'a>, window: &'a mut [u8]) -> Self {
        Self::new(fd.as_raw_fd(), false, window)
    }

    #[cfg(target_os = "linux")]
    fn new(fd: RawFd, owned: bool, window: &'a mut [u8]) -> Self {
        let error = if window.len() < MIN_WINDOW { Some(Error::SMALL_WINDOW) } else { None };
        Self { bytes: Bytes::Window(window), start: 0, held: 0, fd, owned, error }
    }

    /// Opens the kernel's own.
    #[cfg(target_os = "linux")]
    pub(super) fn vmlinux(window: &'a mut [u8]) -> Self {
        let (fd, error) = match sys::open(c"/sys/kernel/btf/vmlinux") {
            Ok(fd) => (fd, None),
            Err(Errno::NOENT | Errno::NOTDIR) => (NONE, Some(Error::NO_BTF)),
            Err(errno) => (NONE, Some(errno.into())),
        };
        let mut source = Self::new(fd, fd != NONE, window);
        source.error = error.or(source.error);
        source
    }

    /// Maps `len` bytes of the kernel's own in place of the window, if this kernel can.
    ///
    /// Called on what [`vmlinux`](Self::vmlinux) opened, and on nothing else.
    #[cfg(target_os = "linux")]
    pub(super) fn map(&mut self, len: u32) {
        let len = len as usize;
        if let Ok(address) = sys::map(self.fd, len) {
            let address = core::ptr::with_exposed_provenance(address);
            // SAFETY: `sys::map` gave `len` readable bytes there. They are the kernel's own BTF, to
            // which nobody writes. They are lent for no longer than `self` lasts, as `at` and
            // `drop` have it.
            let bytes = unsafe { core::slice::from_raw_parts(address, len) };
            self.close();
            (self.bytes, self.start, self.held, self.fd) = (Bytes::All(bytes), 0, len, NONE);
        }
    }

    #[cfg(target_os = "linux")]
    fn close(&self) {
        // SAFETY: called when `fd` is ours, and just before it is forgotten.
        unsafe { sys::close(self.fd) };
    }

    /// The bytes from `at` on, as far as they are at hand and lie before `end`: `need` of them or more,
    /// or all up to `end`; or none, and `error` says why.
    pub(super) fn at(&mut self, at: u32, end: u32, need: usize) -> &[u8] {
        let left = end.saturating_sub(at) as usize;
        let need = need.min(left);
        // Wraps to a huge number when `at` lies before what is at hand.
        let mut skip = at.wrapping_sub(self.start) as usize;
        if self.held.saturating_sub(skip) < need {
            if self.error.is_none() {
                self.error = self.fill(at, need);
            }
            if self.error.is_some() {
                return &[];
            }
            skip = 0;
        }
        let bytes: &[u8] = match &self.bytes {
            Bytes::All(bytes) => bytes,
            #[cfg(target_os = "linux")]
            Bytes::Window(window) => window,
        };
        let len = self.held.saturating_sub(skip).min(left);
        bytes.get(skip..skip.wrapping_add(len)).unwrap_or_default()
    }

    /// Fills the window from `at` on, with `need` bytes or more.
    #[cfg(target_os = "linux")]
    fn fill(&mut self, at: u32, need: usize) -> Option<Error> {
        let Bytes::Window(window) = &mut self.bytes else { return Some(Error::MALFORMED) };
        (self.start, self.held) = (at, 0);
        while self.held < need {
            let rest = window.get_mut(self.held..).unwrap_or_default();
            let place = at.wrapping_add(self.held as u32);
            match sys::pread(self.fd, rest, place.into()) {
                Ok(0) => return Some(Error::MALFORMED),
                Ok(count) => self.held = self.held.wrapping_add(count),
                Err(errno) => return Some(errno.into()),
            }
        }
        None
    }

    #[cfg(not(target_os = "linux"))]
    fn fill(&mut self, _at: u32, _need: usize) -> Option<Error> {
        Some(Error::MALFORMED)
    }
}

#[cfg(target_os = "linux")]
impl Drop for Source<'_> {
    fn drop(&mut self) {
        if self.owned {
            match &self.bytes {
                // SAFETY: `map` made it, and what `at` lent has come back.
                Bytes::All(bytes) => unsafe { sys::unmap(bytes.as_ptr().addr(), bytes.len()) },
                Bytes::Window(_) => self.close(),
            }
        }
    }
}

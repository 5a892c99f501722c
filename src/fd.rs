//! Descriptors: [`OwnedFd`], which is never 0, 1 or 2, and [`BorrowedFd`].
//!
//! `bpf_attr` says "none" by 0, and a PID 1 that was given no console starts with an empty table, so
//! its first object would be 0. Everything that comes from the kernel is therefore moved to 3 or
//! above before it is handed out; it stays close-on-exec. Where none of these is free, the new one is closed,
//! and whatever was called fails with [`MFILE`](crate::Errno::MFILE); where `RLIMIT_NOFILE` is 3 or less there
//! is none, and the kernel calls that [`INVAL`](crate::Errno::INVAL).

#![allow(unsafe_code)]

use core::fmt;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;

use crate::{Result, sys};

/// A descriptor's number.
pub type RawFd = i32;

/// The smallest number that an [`OwnedFd`] has.
pub(crate) const MIN_FD: RawFd = 3;

/// A descriptor of ours, 3 or above, closed when dropped.
#[repr(transparent)]
pub struct OwnedFd(RawFd);

/// A descriptor that stays open for `'fd`.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct BorrowedFd<'fd> {
    raw: RawFd,
    _open: PhantomData<&'fd OwnedFd>,
}

impl OwnedFd {
    /// Takes over a descriptor; one below 3 is replaced by a copy at 3 or above, close-on-exec, and
    /// closed.
    ///
    /// # Errors
    ///
    ///  - [`BADF`](crate::Errno::BADF): `raw` is not open. It is not looked at when it is 3 or above.
    ///  - [`MFILE`](crate::Errno::MFILE): no number is free for the copy. `raw` has been closed.
    ///  - [`INVAL`](crate::Errno::INVAL): the same, where `RLIMIT_NOFILE` is 3 or less.
    ///
    /// # Safety
    ///
    ///  - `raw` is open, and nobody else closes it.
    pub unsafe fn from_raw_fd(raw: RawFd) -> Result<Self> {
        sys::split_fd(raw as usize).map(Self)
    }

    /// Takes over a descriptor that [`sys`] has re-numbered already.
    #[inline]
    pub(crate) fn from_sys(raw: RawFd) -> Self {
        debug_assert!(raw >= MIN_FD);
        Self(raw)
    }

    /// Gives the descriptor away: whoever has the number closes it.
    #[must_use]
    pub fn into_raw_fd(self) -> RawFd {
        ManuallyDrop::new(self).0
    }

    /// The number; `self` goes on owning it.
    #[must_use]
    #[inline]
    pub fn as_raw_fd(&self) -> RawFd {
        self.0
    }

    /// Lends the descriptor.
    #[must_use]
    #[inline]
    pub fn as_fd(&self) -> BorrowedFd<'_> {
        BorrowedFd { raw: self.0, _open: PhantomData }
    }
}

impl Drop for OwnedFd {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: the descriptor is ours, and this is the last use of it.
        unsafe { sys::close(self.0) };
    }
}

impl<'fd> BorrowedFd<'fd> {
    /// Borrows a descriptor by its number.
    ///
    /// # Safety
    ///
    ///  - `raw` stays open for `'fd`.
    #[must_use]
    pub const unsafe fn borrow_raw(raw: RawFd) -> Self {
        Self { raw, _open: PhantomData }
    }

    /// The number.
    #[must_use]
    #[inline]
    pub const fn as_raw_fd(self) -> RawFd {
        self.raw
    }

    /// The number as `bpf_attr` holds it.
    #[inline]
    pub(crate) const fn as_attr(self) -> u32 {
        self.raw as u32
    }

    /// The same, where 0 would say "none".
    #[inline]
    pub(crate) const fn as_attr_some(self) -> crate::Result<u32> {
        if self.raw == 0 { Err(crate::Errno::BADF) } else { Ok(self.raw as u32) }
    }

    /// A second descriptor for the same object, 3 or above and close-on-exec.
    ///
    /// # Errors
    ///
    ///  - [`MFILE`](crate::Errno::MFILE): no number is free.
    ///  - [`INVAL`](crate::Errno::INVAL): the same, where `RLIMIT_NOFILE` is 3 or less.
    pub fn try_clone_to_owned(self) -> Result<OwnedFd> {
        sys::dup(self.raw).map(OwnedFd::from_sys)
    }
}

impl<'fd> From<&'fd OwnedFd> for BorrowedFd<'fd> {
    fn from(fd: &'fd OwnedFd) -> Self {
        fd.as_fd()
    }
}

impl fmt::Debug for OwnedFd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnedFd({})", self.0)
    }
}

impl fmt::Debug for BorrowedFd<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BorrowedFd({})", self.raw)
    }
}

#[cfg(feature = "std")]
mod with_std {
    use std::os::fd::{self, AsRawFd as _, FromRawFd as _, IntoRawFd as _};

    use super::{BorrowedFd, OwnedFd};
    use crate::Errno;

    /// Takes over a descriptor of `std`; one below 3 is re-numbered.
    impl TryFrom<fd::OwnedFd> for OwnedFd {
        type Error = Errno;

        fn try_from(fd: fd::OwnedFd) -> Result<Self, Errno> {
            // SAFETY: `fd` was open and is given away here.
            unsafe { Self::from_raw_fd(fd.into_raw_fd()) }
        }
    }

    /// Gives a descriptor to `std`.
    impl From<OwnedFd> for fd::OwnedFd {
        fn from(fd: OwnedFd) -> Self {
            // SAFETY: the descriptor was ours, is open, and is given away here.
            unsafe { Self::from_raw_fd(fd.into_raw_fd()) }
        }
    }

    impl fd::AsFd for OwnedFd {
        fn as_fd(&self) -> fd::BorrowedFd<'_> {
            // SAFETY: `self` keeps it open for as long as the borrow.
            unsafe { fd::BorrowedFd::borrow_raw(self.as_raw_fd()) }
        }
    }

    /// Lends a descriptor to `std`.
    impl<'fd> From<BorrowedFd<'fd>> for fd::BorrowedFd<'fd> {
        fn from(fd: BorrowedFd<'fd>) -> Self {
            // SAFETY: it stays open for `'fd`.
            unsafe { Self::borrow_raw(fd.as_raw_fd()) }
        }
    }

    /// Borrows a descriptor from `std`.
    impl<'fd> From<fd::BorrowedFd<'fd>> for BorrowedFd<'fd> {
        fn from(fd: fd::BorrowedFd<'fd>) -> Self {
            // SAFETY: `std` keeps it open for `'fd`.
            unsafe { Self::borrow_raw(fd.as_raw_fd()) }
        }
    }
}

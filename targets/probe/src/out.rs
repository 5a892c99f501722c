//! Where lines go.

use core::ffi::CStr;

use barebpf::fd::OwnedFd;
use barebpf::{Errno, Result};

use crate::checks::World;
use crate::sys;

/// A descriptor that is written to, and the system behind it.
pub struct Out {
    /// What is written to.
    pub fd: u32,
    /// Why a line did not get there.
    pub failed: Option<Errno>,
}

impl Out {
    /// This descriptor.
    pub fn new(fd: u32) -> Self {
        Self { fd, failed: None }
    }

    /// For the first process: the console if there is one, else the kernel's log.
    pub fn open(init: bool) -> Self {
        if !init || sys::write(1, b"").is_ok() {
            return Self::new(1);
        }
        let _ = sys::mkdir(c"/dev");
        if let Ok(fd) = sys::open_to_write(c"/dev/console") {
            return Self::new(fd);
        }
        let _ = sys::mknod(c"/dev/kmsg", 1, 11);
        Self::new(sys::open_to_write(c"/dev/kmsg").unwrap_or(1))
    }
}

impl World for Out {
    /// By one write: the kernel's log takes each write as a line.
    fn line(&mut self, line: &[u8]) {
        self.failed = sys::write(self.fd, line).err().or(self.failed);
    }

    fn open(&mut self, path: &CStr) -> Result<OwnedFd> {
        sys::open(path)
    }

    fn unlink(&mut self, path: &CStr) -> Result<()> {
        sys::unlink(path)
    }

    fn process(&self) -> u32 {
        sys::getpid()
    }

    fn pause(&mut self) {
        sys::nap();
    }
}

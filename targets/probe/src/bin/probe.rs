//! `/init` of a board, or a command for root on any Linux: checks what the crate says and does on this
//! kernel, one line for each part, and prints one verdict.
//!
//! `probe [PATH]`: PATH is a free name on bpffs, `/sys/fs/bpf/barebpf-probe` if left out.

#![no_std]
#![no_main]

use core::ffi::CStr;

use barebpf::fd::OwnedFd;
use barebpf::{Errno, Result};
use probe::checks::{Failed, Name, Why, World, abi, call, iterator, maps, numbers, refused, say};
use probe::stack::Stack;
use probe::start::Args;
use probe::sys::{self, Uname};

probe::main!(run);

/// How much stack the deepest path may take, with the buffers on it.
const STACK: usize = 8 * 1024;

/// Where the lines go, and why one did not get there.
struct Out(u32, Option<Errno>);

impl Out {
    /// For the first process: the console if there is one, else the kernel's log.
    fn open(init: bool) -> Self {
        if !init || sys::write(1, b"").is_ok() {
            return Self(1, None);
        }
        let _ = sys::mkdir(c"/dev");
        if let Ok(fd) = sys::open_to_write(c"/dev/console") {
            return Self(fd, None);
        }
        let _ = sys::mknod(c"/dev/kmsg", 1, 11);
        Self(sys::open_to_write(c"/dev/kmsg").unwrap_or(1), None)
    }
}

impl World for Out {
    /// By one write: the kernel's log takes each write as a line.
    fn line(&mut self, line: &[u8]) {
        if let Err(errno) = sys::write(self.0, line) {
            self.1 = Some(errno);
        }
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

fn run(args: Args) -> u8 {
    let stack = Stack::paint(args);
    let init = sys::getpid() == 1;
    if !init {
        // What is pinned for a moment is taken away again; what would end this ends it then.
        sys::block_signals();
    }
    let mut out = Out::open(init);
    // The first process is given words of the kernel's command line.
    let path = if init { None } else { { args }.nth(1) };
    let mut first = None;
    if let Err(failed) = mounted(init) {
        first = Some(failed);
    } else {
        parts(&mut out, path.unwrap_or(c"/sys/fs/bpf/barebpf-probe"), |out, failed| {
            say(out, "failed: $ $", &[], &failed.texts());
            first = first.or(Some(failed));
        });
    }
    let used = stack.used();
    say(&mut out, "stack: # bytes, of them # buffers", &[used as u32, numbers::LENT as u32], &[]);
    if used > STACK {
        first = first.or(Some(Failed::new(Name::STACK, Why::DIFFERS)));
    }
    first = first.or(out.1.map(call(Name::WRITE)));
    match first {
        None => say(&mut out, "barebpf: ok", &[], &[]),
        Some(failed) => say(&mut out, "barebpf: FAILED $ $", &[], &failed.texts()),
    }
    if init {
        sys::power_off();
    }
    u8::from(first.is_some() || out.1.is_some())
}

/// Mounts what the first process has to.
fn mounted(init: bool) -> Result<(), Failed> {
    if init {
        for (kind, path) in [(c"proc", c"/proc"), (c"sysfs", c"/sys"), (c"bpf", c"/sys/fs/bpf")] {
            let _ = sys::mkdir(path);
            sys::mount(kind, path).map_err(call(Name::MOUNT))?;
        }
        // Else the kernel's log takes ten lines and leaves out the rest.
        if let Ok(fd) = sys::open_to_write(c"/proc/sys/kernel/printk_devkmsg") {
            let _ = sys::write(fd, b"on\n");
            sys::close(fd);
        }
    }
    Ok(())
}

/// Every part, whether or not another has failed.
fn parts(out: &mut Out, path: &CStr, mut failed: impl FnMut(&mut Out, Failed)) {
    let uname = match Uname::get() {
        Ok(uname) => uname,
        Err(errno) => return failed(out, call(Name::UNAME)(errno)),
    };
    say(out, "kernel: $ $", &[], &[uname.release(), uname.machine()]);
    let kernel = abi::release(uname.release());
    for part in 0..4 {
        let result = match part {
            0 => numbers::check(out, kernel),
            1 => iterator::check(out, kernel, path),
            2 => maps::check(out),
            _ => refused::check(out, kernel),
        };
        if let Err(why) = result {
            failed(out, why);
        }
    }
}

//! `/init` of a board, or a command on any Linux: prints what it finds, and one verdict.

#![no_std]
#![no_main]

use barebpf::Result;
use probe::start::Args;
use probe::sys::{self, Uname};

probe::main!(run);

/// Where the lines go.
struct Out(u32);

impl Out {
    /// The console if there is one, else the kernel's log.
    fn open() -> Self {
        if sys::write(1, b"").is_ok() {
            return Self(1);
        }
        let _ = sys::mkdir(c"/dev");
        if let Ok(fd) = sys::open_to_write(c"/dev/console") {
            return Self(fd);
        }
        let _ = sys::mknod(c"/dev/kmsg", 1, 11);
        Self(sys::open_to_write(c"/dev/kmsg").unwrap_or(1))
    }

    /// One line by one write: the kernel's log takes each write as a line.
    fn line(&self, words: &[&[u8]]) {
        let mut line = [0; 256];
        let mut left = &mut line[..];
        let mut len = 0_usize;
        for word in words.iter().copied().chain([&b"\n"[..]]) {
            let Some((to, rest)) = left.split_at_mut_checked(word.len()) else { break };
            to.copy_from_slice(word);
            left = rest;
            len = len.wrapping_add(word.len());
        }
        let _ = sys::write(self.0, line.get(..len).unwrap_or_default());
    }
}

fn run(_: Args) -> u8 {
    let init = sys::is_init();
    let out = Out::open();
    let verdict = check(&out, init);
    match verdict {
        Ok(()) => out.line(&[b"barebpf: ok"]),
        Err(_) => out.line(&[b"barebpf: FAILED"]),
    }
    if init {
        sys::power_off();
    }
    u8::from(verdict.is_err())
}

fn check(out: &Out, init: bool) -> Result<()> {
    if init {
        for (kind, path) in [(c"proc", c"/proc"), (c"sysfs", c"/sys"), (c"bpf", c"/sys/fs/bpf")] {
            let _ = sys::mkdir(path);
            sys::mount(kind, path)?;
        }
    }
    let uname = Uname::get()?;
    out.line(&[b"kernel ", uname.release(), b" ", uname.machine()]);
    Ok(())
}

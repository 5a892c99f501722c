//! What the first process of a board does: checks what the crate says and does on this kernel, one line
//! for each part, and prints one verdict.

use core::ffi::CStr;

use barebpf::{Errno, Result};

use crate::checks::{Failed, Name, Why, abi, call, iterator, maps, numbers, refused, say};
use crate::out::Out;
use crate::stack::Stack;
use crate::start::Args;
use crate::sys::{self, Uname};

/// A free name, as a rule.
pub const PATH: &CStr = c"/sys/fs/bpf/barebpf-probe";

/// How much stack the deepest path may take, with the buffers on it.
const STACK: usize = 8 * 1024;

/// All of it, and the exit status. The first process is given its arguments: it mounts what it needs before,
/// and what `then` does counts too.
#[inline(never)]
pub fn check(
    out: &mut Out,
    init: Option<Args>,
    path: &CStr,
    then: &mut dyn FnMut(&mut Out) -> bool,
) -> u8 {
    // A command has its own buffers above.
    let stack = Stack::paint(init);
    if init.is_none() {
        // What is pinned for a moment is taken away again; what would end this ends it then.
        sys::block_signals();
    }
    let mut first = None;
    if let Err(failed) = mounted(init.is_some()) {
        first = Some(failed);
    } else {
        parts(out, path, |out, failed| {
            say(out, "failed: $ $", &[], &failed.texts());
            first = first.or(Some(failed));
        });
    }
    let used = stack.used();
    say(out, "stack: # bytes, of them # buffers", &[used as u32, numbers::LENT as u32], &[]);
    if used > STACK {
        first = first.or(Some(Failed::new(Name::STACK, Why::DIFFERS)));
    }
    if !then(out) {
        first = first.or(Some(Failed::new(Name::COMMAND, Why::DIFFERS)));
    }
    first = first.or(out.failed.map(call(Name::WRITE)));
    match first {
        None => say(out, "barebpf: ok", &[], &[]),
        Some(failed) => say(out, "barebpf: FAILED $ $", &[], &failed.texts()),
    }
    u8::from(first.is_some() || out.failed.is_some())
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
            if kernel < abi::linux(5, 11) && why == call(Name::MAP_CREATE)(Errno::PERM) {
                say(
                    out,
                    "EPERM: up to Linux 5.10 also where RLIMIT_MEMLOCK is used up: ulimit -l",
                    &[],
                    &[],
                );
            }
        }
    }
}

//! `/init` of a board: checks what the crate says and does on this kernel, one line for each part, runs the
//! commands that the kernel's command line has behind `--`, and prints one verdict.
//!
//! Or a command for root on any Linux: `probe help`.

#![no_std]
#![no_main]

use core::ffi::CStr;

use barebpf::{Errno, Result};
use probe::checks::{Failed, Name, Why, abi, call, iterator, maps, numbers, refused, say};
use probe::out::Out;
use probe::stack::Stack;
use probe::start::Args;
use probe::sys::{self, Uname};
use probe::tool;

probe::main!(run);

/// A free name, as a rule.
const PATH: &CStr = c"/sys/fs/bpf/barebpf-probe";

/// How much stack the deepest path may take, with the buffers on it.
const STACK: usize = 8 * 1024;

fn run(args: Args) -> u8 {
    let init = sys::getpid() == 1;
    let mut out = Out::open(init);
    let mut words = args;
    words.next();
    if init {
        check(&mut out, args, PATH, Some(words));
        sys::power_off();
    }
    tool::run(&mut out, &mut words, &mut |out, path| check(out, args, path.unwrap_or(PATH), None))
}

/// All of it; the first process mounts what it needs before, and runs the commands that it was given after.
#[inline(never)]
fn check(out: &mut Out, args: Args, path: &CStr, words: Option<Args>) -> u8 {
    // A command has its own buffers above.
    let stack = Stack::paint(words.map(|_| args));
    if words.is_none() {
        // What is pinned for a moment is taken away again; what would end this ends it then.
        sys::block_signals();
    }
    let mut first = None;
    if let Err(failed) = mounted(words.is_some()) {
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
    if words.is_some_and(|words| !commands(out, words)) {
        first = first.or(Some(Failed::new(Name::COMMAND, Why::DIFFERS)));
    }
    first = first.or(out.failed.map(call(Name::WRITE)));
    match first {
        None => say(out, "barebpf: ok", &[], &[]),
        Some(failed) => say(out, "barebpf: FAILED $ $", &[], &failed.texts()),
    }
    u8::from(first.is_some() || out.failed.is_some())
}

/// Whether all succeed. Between them stand commas.
fn commands(out: &mut Out, mut words: Args) -> bool {
    let mut well = true;
    while let Some(word) = { words }.next() {
        // What else stood on the kernel's command line and meant nothing to it comes before.
        if tool::is_command(word) {
            well &= tool::run(out, &mut words, &mut |_, _| 2) == 0;
        } else {
            words.next();
        }
    }
    well
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

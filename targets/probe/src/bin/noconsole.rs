//! `/init` that takes the console away and becomes `/program`: the kernel's own initramfs has a
//! console, and a board's may not.

#![no_std]
#![no_main]

use probe::start::Args;
use probe::sys;

probe::main!(run);

fn run(args: Args) -> u8 {
    let _ = sys::unlink(c"/dev/console");
    for fd in 0..3 {
        sys::close(fd);
    }
    sys::exec(c"/program", args);
    1
}

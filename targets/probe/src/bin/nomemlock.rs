//! `/init` that takes away all memory that may be locked and becomes `/program`: up to Linux 5.10 the
//! kernel counts maps and programs as such.

#![no_std]
#![no_main]

use probe::start::Args;
use probe::sys;

probe::main!(run);

fn run(args: Args) -> u8 {
    sys::no_memlock();
    sys::exec(c"/program", args);
    1
}

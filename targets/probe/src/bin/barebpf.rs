//! The board tool: what this kernel has, out of iterators; what is pinned; `barebpf help` tells all.
//!
//! As `/init` it does what `probe` does, and then runs the commands that the kernel's command line has
//! behind `--`, before its verdict.

#![no_std]
#![no_main]

use probe::init::{PATH, check};
use probe::out::Out;
use probe::start::Args;
use probe::{sys, tool};

probe::main!(run);

fn run(args: Args) -> u8 {
    let init = sys::getpid() == 1;
    let mut out = Out::open(init);
    let mut words = args;
    words.next();
    if init {
        check(&mut out, Some(args), PATH, &mut |out| commands(out, words));
        sys::power_off();
    }
    tool::run(&mut out, &mut words, &mut |out, path| {
        check(out, None, path.unwrap_or(PATH), &mut |_| true)
    })
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

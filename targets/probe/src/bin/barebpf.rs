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
        check(&mut out, Some(args), PATH, &mut |out| {
            // What else stood on the kernel's command line and meant nothing to it comes before.
            while { words }.next().is_some_and(|word| !tool::is_command(word)) {
                words.next();
            }
            { words }.next().is_none() || commands(out, words, &mut |_, _| 2) == 0
        });
        sys::power_off(out.fd);
    }
    commands(&mut out, words, &mut |out, path| {
        check(out, None, path.unwrap_or(PATH), &mut |_| true)
    })
}

/// The worst of their exit statuses. Between them stand commas.
fn commands(out: &mut Out, mut words: Args, check: tool::Check<'_>) -> u8 {
    let mut status = 0;
    loop {
        status = status.max(tool::run(out, &mut words, check));
        if { words }.next().is_none() {
            return status;
        }
    }
}

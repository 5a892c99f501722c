//! `/init` of a board: checks what the crate says and does on this kernel, and prints one verdict.
//!
//! Or a command for root on any Linux: `probe [PATH]`, PATH being a free name on bpffs.

#![no_std]
#![no_main]

use probe::init::{PATH, check};
use probe::out::Out;
use probe::start::Args;
use probe::sys;

probe::main!(run);

fn run(args: Args) -> u8 {
    let mut out = Out::open(sys::getpid() == 1);
    if sys::getpid() == 1 {
        check(&mut out, Some(args), PATH, &mut |_| true);
        sys::power_off(out.fd);
    }
    let mut words = args;
    words.next();
    match (words.next(), words.next()) {
        (Some(path), None) if !path.to_bytes().starts_with(b"-") => {
            check(&mut out, None, path, &mut |_| true)
        }
        (None, _) => check(&mut out, None, PATH, &mut |_| true),
        _ => {
            let _ = sys::write(2, b"usage: probe [PATH]  (a free name on bpffs)\n");
            2
        }
    }
}

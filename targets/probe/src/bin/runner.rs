//! `/init` that runs `/program`, which knows nothing of being first, and prints how it ended as the
//! one verdict.

#![no_std]
#![no_main]

use probe::start::Args;
use probe::sys::{self, End};

probe::main!(run);

fn run(args: Args) -> u8 {
    let places =
        [(c"proc", c"/proc"), (c"sysfs", c"/sys"), (c"bpf", c"/sys/fs/bpf"), (c"tmpfs", c"/tmp")];
    for (kind, path) in places {
        let _ = sys::mkdir(path);
        // A kernel may lack one, and the program may not need it.
        let _ = sys::mount(kind, path);
    }
    let _ = sys::mknod(c"/dev/null", 1, 3);

    match sys::spawn(c"/program", args) {
        Ok(End::Exit(0)) => say(&[b"barebpf: ok\n"]),
        Ok(End::Exit(status)) => say(&[b"barebpf: FAILED exit status ", &digits(status), b"\n"]),
        Ok(End::Signal(signal)) => say(&[b"barebpf: FAILED signal ", &digits(signal), b"\n"]),
        Err(_) => say(&[b"barebpf: FAILED to start the program\n"]),
    }
    sys::power_off(1);
    1
}

fn say(words: &[&[u8]]) {
    for word in words {
        let _ = sys::write(1, word);
    }
}

fn digits(number: u8) -> [u8; 3] {
    let digit = |place: u8| b'0'.wrapping_add((number / place) % 10);
    [digit(100), digit(10), digit(1)]
}

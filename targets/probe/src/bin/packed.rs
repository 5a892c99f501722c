//! What stands before a packed program: it makes that again where it was linked to be, and starts it.
//!
//! `targets/build` puts the packed program at the end of this one's only segment. Memory is never writable and
//! executable at once, but what was written becomes executable: where a policy forbids that (SELinux:
//! `execmem`), use what `targets/build --plain` makes.

#![no_std]
#![no_main]

use core::slice;

use barebpf::Errno;
use probe::lzma::unpack;
use probe::{calls, start, sys};

probe::start_asm!(entry);

/// Where programs are linked to be, see `link.ld`: all but this one.
const BASE: usize = 0x1_0000;

unsafe extern "C" {
    /// How long the program is, where it begins, how long it is packed; and it, packed.
    static image_end: [u32; 3];
}

extern "C" fn entry(stack: *const usize) -> ! {
    match unpacked() {
        // SAFETY: the program is there as the kernel would have loaded it, and the stack as it was left.
        Ok(at) => unsafe { start::enter(at, stack) },
        Err((call, errno)) => failed(call, errno),
    }
}

/// Where the program begins.
fn unpacked() -> Result<usize, (&'static [u8; 8], Errno)> {
    // SAFETY: `targets/build` has put it there, and nothing writes it.
    let [len, at, packed] = unsafe { image_end }.map(|number| number as usize);
    let bytes = (&raw const image_end).wrapping_add(1).cast();
    // SAFETY: so many bytes follow in the same segment, which nothing writes.
    let packed = unsafe { slice::from_raw_parts(bytes, packed) };
    let program = sys::map(BASE, len).map_err(|errno| (b"mmap    ", errno))?;
    unpack(packed, program, cfg!(target_arch = "x86_64"));
    calls::restore(program);
    sys::execute(program).map_err(|errno| (b"mprotect", errno))?;
    Ok(at)
}

/// Says which call, and its errno as a number: the names take more room than all of this.
fn failed(call: &[u8; 8], errno: Errno) -> ! {
    let mut line = *b"unpack: mprotect: errno 000\n";
    let [_, _, _, _, _, _, _, _, name @ .., _, _, _, _, _, _, _, _, a, b, c, _] = &mut line;
    *name = *call;
    let number = errno.as_raw();
    for (digit, number) in [(a, number / 100), (b, number / 10), (c, number)] {
        *digit = b'0' | (number % 10) as u8;
    }
    let _ = sys::write(2, &line);
    sys::exit(1)
}

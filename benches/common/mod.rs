//! What the programs share: a clock, numbers in and out, and an end when something fails.

#![allow(dead_code, reason = "each program uses a part of it")]

use core::ffi::CStr;

use barebpf::arch;
use probe::sys::{exit, write};

/// Nanoseconds on the monotonic clock.
pub fn now() -> u64 {
    const CLOCK_GETTIME: usize = if cfg!(target_arch = "x86_64") { 228 } else { 113 };
    let mut at = [0_u64; 2];
    let address = at.as_mut_ptr().expose_provenance();
    // SAFETY: on 64-bit kernels a `struct timespec` is two words, which the array takes.
    unsafe { arch::syscall2(CLOCK_GETTIME, 1, address) };
    let [seconds, nanoseconds] = at;
    seconds.wrapping_mul(1_000_000_000).wrapping_add(nanoseconds)
}

/// Prints numbers on a line.
pub fn print(numbers: &[u64]) {
    for number in numbers {
        let mut line = *b"                     \0";
        let mut rest = *number;
        for digit in line.iter_mut().rev().skip(1) {
            *digit = b'0'.wrapping_add((rest % 10) as u8);
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let start = line.iter().position(|byte| *byte != b' ').unwrap_or(0);
        let _ = write(1, line.get(start..21).unwrap_or_default());
        let _ = write(1, b" ");
    }
    let _ = write(1, b"\n");
}

/// A decimal number.
pub fn number(text: Option<&CStr>) -> u32 {
    let digits = text.map_or(&b""[..], CStr::to_bytes);
    digits.iter().fold(0, |all, digit| {
        u32::from(digit.wrapping_sub(b'0')).wrapping_add(all.wrapping_mul(10))
    })
}

/// The value, or the end of the program, with what failed and the error's number.
pub fn must<T, E>(what: &[u8], result: Result<T, E>, errno: impl FnOnce(E) -> u16) -> T {
    match result {
        Ok(value) => value,
        Err(error) => {
            let _ = write(2, what);
            print(&[errno(error).into()]);
            exit(1)
        }
    }
}

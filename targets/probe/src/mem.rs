//! The functions that compiled code calls by name. Some targets bring them, some do not; these
//! come first wherever they are linked.
//!
//! An empty `asm!` in each loop keeps the compiler from seeing that the loop is a `memcpy` and
//! calling what it is just compiling.

use core::arch::asm;

/// Keeps what surrounds it a loop.
#[inline(always)]
fn still_a_loop() {
    // SAFETY: it is empty.
    unsafe { asm!("", options(nostack, preserves_flags)) }
}

/// # Safety
///
///  - As C says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    let mut i = 0;
    while i != len {
        // SAFETY: `i` is below `len`; the caller vouches for `len` bytes there.
        let byte = unsafe { *from.wrapping_add(i) };
        // SAFETY: as above.
        unsafe { *to.wrapping_add(i) = byte };
        i = i.wrapping_add(1);
        still_a_loop();
    }
    to
}

/// # Safety
///
///  - As C says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, len: usize) -> *mut u8 {
    if to.addr() <= from.addr() {
        // SAFETY: `memcpy` goes upwards, so it reads each byte before it can be written over.
        return unsafe { memcpy(to, from, len) };
    }
    let mut i = len;
    while i != 0 {
        i = i.wrapping_sub(1);
        // SAFETY: `i` is below `len`; the caller vouches for `len` bytes there.
        let byte = unsafe { *from.wrapping_add(i) };
        // SAFETY: as above.
        unsafe { *to.wrapping_add(i) = byte };
        still_a_loop();
    }
    to
}

/// # Safety
///
///  - As C says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memset(to: *mut u8, byte: i32, len: usize) -> *mut u8 {
    let mut i = 0;
    while i != len {
        // SAFETY: `i` is below `len`; the caller vouches for `len` bytes.
        unsafe { *to.wrapping_add(i) = byte as u8 };
        i = i.wrapping_add(1);
        still_a_loop();
    }
    to
}

/// # Safety
///
///  - As C says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    let mut i = 0;
    while i != len {
        // SAFETY: `i` is below `len`; the caller vouches for `len` bytes there.
        let a = unsafe { *a.wrapping_add(i) };
        // SAFETY: as above.
        let b = unsafe { *b.wrapping_add(i) };
        if a != b {
            return i32::from(a).wrapping_sub(i32::from(b));
        }
        i = i.wrapping_add(1);
        still_a_loop();
    }
    0
}

/// # Safety
///
///  - As C says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, len: usize) -> i32 {
    // SAFETY: the caller vouches for the same.
    unsafe { memcmp(a, b, len) }
}

/// # Safety
///
///  - As C says.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn strlen(string: *const u8) -> usize {
    let mut len: usize = 0;
    // SAFETY: the caller vouches for a NUL, and this is not behind it.
    while unsafe { *string.wrapping_add(len) } != 0 {
        len = len.wrapping_add(1);
        still_a_loop();
    }
    len
}

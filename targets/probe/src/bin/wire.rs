//! Makes calls whose arguments tell their places apart. Before each `bpf` it says what has to be seen
//! where that enters the kernel; `tests/wire` holds it against what an emulator saw, and knows the rest.
//!
//! Standard input is a file with eight bytes of its own behind 4 GiB; they are read and said, too.

#![no_std]
#![no_main]

/// The library's own, for what it keeps to itself: the numbers, and the 64-bit offset of `pread64`.
#[path = "../../../../src/arch/mod.rs"]
#[allow(dead_code, unreachable_pub, unused_imports)]
mod inner;

use core::ptr::from_ref;

use barebpf::arch;
use barebpf::btf::Btf;
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::iter::Iter;
use barebpf::sys::{bpf, bpf_common};
use barebpf::uapi::{Cmd, CommonAttr, IterCreate, MapCreate};
use inner::nr;
use probe::start::Args;
use probe::sys::write;

probe::main!(main);

/// Behind 4 GiB, and no half of it is zero or the other.
const OFFSET: u64 = 0x1_0000_1000;

fn main(_: Args) -> u8 {
    registers();
    structs();
    offset();
    descriptors();
    0
}

/// Negative numbers use every bit of a register.
fn registers() {
    let it = |call: isize, place: isize| (-10 * call - place) as usize;
    let place = |call| [1, 2, 3, 4, 5, 6].map(|place| it(call, place));

    let [a, ..] = place(1);
    say(&[a]);
    // SAFETY: no command has such a number, so the kernel refuses it at once; the same below.
    unsafe { arch::syscall1(nr::BPF, a) };
    let [a, b, ..] = place(2);
    say(&[a, b]);
    // SAFETY: as above.
    unsafe { arch::syscall2(nr::BPF, a, b) };
    let [a, b, c, ..] = place(3);
    say(&[a, b, c]);
    // SAFETY: as above.
    unsafe { arch::syscall3(nr::BPF, a, b, c) };
    let [a, b, c, d, ..] = place(4);
    say(&[a, b, c, d]);
    // SAFETY: as above.
    unsafe { arch::syscall4(nr::BPF, a, b, c, d) };
    let [a, b, c, d, e, _] = place(5);
    say(&[a, b, c, d, e]);
    // SAFETY: as above.
    unsafe { arch::syscall5(nr::BPF, a, b, c, d, e) };
    let [a, b, c, d, e, f] = place(6);
    say(&[a, b, c, d, e, f]);
    // SAFETY: as above.
    unsafe { arch::syscall6(nr::BPF, a, b, c, d, e, f) };
}

/// The call itself, with three arguments and with five.
fn structs() {
    let mut link = IterCreate::new(77);
    let at = from_ref(&link).expose_provenance();
    say(&[33, at, 8]);
    // SAFETY: it is this command's arm, and there is no descriptor 77.
    let _ = unsafe { bpf(Cmd::ITER_CREATE, &mut link) };

    let mut map = MapCreate::zeroed();
    let mut common = CommonAttr::zeroed();
    let at = from_ref(&map).expose_provenance();
    let common_at = from_ref(&common).expose_provenance();
    say(&[0x1_0000, at, size_of::<MapCreate>(), common_at, 24]);
    // SAFETY: it is this command's arm, and neither struct holds an address.
    let _ = unsafe { bpf_common(Cmd::MAP_CREATE, &mut map, &mut common) };
}

fn offset() {
    let mut bytes = [b'?'; 8];
    let at = bytes.as_mut_ptr().expose_provenance();
    // SAFETY: there are eight bytes for it.
    unsafe { inner::pread64(0, at, bytes.len(), OFFSET) };
    let _ = write(1, &bytes);
    let _ = write(1, b"\n");
}

/// The other calls that the library makes; 77 and 78 are not open.
fn descriptors() {
    let mut window = [0; 80];
    // SAFETY: it is not open, and nobody opens it.
    let none = unsafe { BorrowedFd::borrow_raw(77) };
    let _ = none.try_clone_to_owned();
    let _ = Btf::from_fd(none, &mut window);
    // SAFETY: as above.
    if let Ok(fd) = unsafe { OwnedFd::from_raw_fd(78) } {
        let _ = Iter::new(fd).read(&mut window);
    }
    // SAFETY: standard input is ours.
    drop(unsafe { OwnedFd::from_raw_fd(0) });
    let _ = Btf::vmlinux(&mut window);
}

/// `bpf(1,2,` and so on, a comma behind each.
fn say(args: &[usize]) {
    let _ = write(1, b"bpf(");
    for arg in args {
        let mut digits = [0_u8; 20];
        let mut rest = (*arg as isize).unsigned_abs();
        let mut from = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' | (rest % 10) as u8;
            rest /= 10;
            from = from.wrapping_sub(1);
            if rest == 0 {
                break;
            }
        }
        if (*arg as isize) < 0 {
            let _ = write(1, b"-");
        }
        let _ = write(1, digits.get(from..).unwrap_or_default());
        let _ = write(1, b",");
    }
    let _ = write(1, b"\n");
}

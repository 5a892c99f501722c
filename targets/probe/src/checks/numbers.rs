//! Every layout and every number of the crate that this kernel knows, and how many those must be.

use barebpf::Errno;
use barebpf::btf::{self, Btf, btf_get_next_id};

use super::{Failed, Name, Why, World, abi, call, say};

/// A quarter of what the kernel gives at once: the stack is small, and most of it is `abi::Scratch`.
const WINDOW: usize = 1024;

/// Bytes on the stack that are lent to the library and to the check.
pub const LENT: usize = WINDOW + size_of::<abi::Scratch>();

/// From this release on no field is unknown.
const HORIZON: u32 = abi::linux(7, 2);

/// Holds them to this kernel's BTF, and their counts to the committed ones for its release.
///
/// # Errors
///
/// One differs; or more or fewer were found than `abi/counts.tsv` says, and the line for it is printed.
#[inline(never)]
pub fn check(world: &mut impl World, kernel: u32) -> Result<(), Failed> {
    let mut window = [0; WINDOW];
    let mut scratch = abi::SCRATCH;
    in_room(world, kernel, &mut window, &mut scratch)
        .unwrap_or_else(|error| Err(Failed::new(Name::BTF_FIND, error.into())))
}

/// Apart from the buffers, so that what this needs itself lies close together.
#[inline(never)]
fn in_room(
    world: &mut impl World,
    kernel: u32,
    window: &mut [u8],
    scratch: &mut abi::Scratch,
) -> Result<Result<(), Failed>, btf::Error> {
    let mut btf = match Btf::vmlinux(window) {
        Err(btf::Error::NO_BTF) => {
            say(world, "abi: NO_BTF", &[], &[]);
            return Ok(no_btf());
        }
        btf => btf?,
    };
    let found = abi::check(&mut btf, scratch)?;
    if found.wrong != 0 {
        differs(world, &mut btf, &found)?;
        return Ok(Err(Failed::new(Name::ABI, Why::DIFFERS)));
    }
    let [values, fields] = found.counts;
    let unknown = (abi::ALL[0] + abi::ALL[1]).wrapping_sub(values).wrapping_sub(fields);
    let template = "abi: # numbers and # fields are as they should be, # are not known here";
    say(world, template, &[values, fields, unknown], &[]);
    let row = [kernel >> 16, kernel & 0xffff, values, fields];
    if abi::COUNTS.contains(&row) && (kernel < HORIZON || fields == abi::ALL[1]) {
        return Ok(Ok(()));
    }
    let template = "abi: abi/counts.tsv does not say so; its line would be #.#\t#\t#";
    say(world, template, &row, &[]);
    Ok(Err(Failed::new(Name::ABI_COUNTS_TSV, Why::DIFFERS)))
}

/// Whether the kernel has no BTF: that of `vmlinux` would be the first that it lists.
///
/// # Errors
///
/// It has, and only the file is not there.
pub fn no_btf() -> Result<(), Failed> {
    match btf_get_next_id(0) {
        Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(call(Name::BTF_GET_NEXT_ID)(errno)),
        Ok(_) => Err(Failed::new(Name::BTF_FIND, Why::NO_BTF)),
    }
}

/// Prints the last that differs: of a field the offset and the size in bits, of a number the lower and the
/// upper half.
fn differs(
    world: &mut impl World,
    btf: &mut Btf<'_>,
    found: &abi::Found,
) -> Result<(), btf::Error> {
    let (mut name, mut len) = ([0; 48], 0_usize);
    abi::name(btf, found.last.name_off, &mut |piece| {
        for (to, byte) in name.iter_mut().skip(len).zip(piece) {
            *to = *byte;
            len = len.wrapping_add(1);
        }
    })?;
    let ([a, b], [c, d]) = (found.last.ours, found.last.kernel);
    let template = "abi: # differ, the last is $: # and #, this kernel's # and #";
    say(world, template, &[found.wrong, a, b, c, d], &[name.get(..len).unwrap_or_default()]);
    Ok(())
}

//! Every layout and every number of the crate that this kernel knows, and how many those must be.

use barebpf::btf::{self, Btf};

use super::{Failed, Name, Why, World, abi, say};

/// A quarter of what the kernel gives at once: the stack is small, and most of it is `abi::Scratch`.
const WINDOW: usize = 1024;

/// Bytes on the stack that are lent to the library and to the check.
pub const LENT: usize = WINDOW + size_of::<abi::Scratch>();

/// From this release on no field is unknown.
const HORIZON: [u32; 2] = [7, 2];

/// Holds them to this kernel's BTF, and their counts to the committed ones for its release.
///
/// # Errors
///
/// One differs; or more or fewer were found than `abi/counts.tsv` says, and the line for it is printed.
#[inline(never)]
pub fn check(world: &mut impl World, release: &[u8]) -> Result<(), Failed> {
    let mut window = [0; WINDOW];
    let mut scratch = abi::SCRATCH;
    let failed = |error: btf::Error| Failed::new(Name::ABI, error.into());
    let mut btf = match Btf::vmlinux(&mut window) {
        Err(btf::Error::NO_BTF) => {
            // Whether that is true, the iterator's part finds out.
            say(world, "abi: NO_BTF", &[], &[]);
            return Ok(());
        }
        btf => btf.map_err(failed)?,
    };
    let found = abi::check(&mut btf, &mut scratch).map_err(failed)?;
    if let Some(wrong) = found.first {
        differs(world, &mut btf, found.wrong, wrong).map_err(failed)?;
        return Err(Failed::new(Name::ABI, Why::DIFFERS));
    }
    let counts = [found.values, found.fields, found.unknown];
    let template = "abi: # numbers and # fields are as they should be, # are not known here";
    say(world, template, &counts, &[]);
    let kernel = abi::release(release).unwrap_or_default();
    let all = kernel < HORIZON || found.fields as usize == abi::FIELDS;
    if abi::held(release, &found) == Some(true) && all {
        return Ok(());
    }
    let [major, minor] = kernel;
    let template = "abi: abi/counts.tsv does not say so; its line would be #.#\t#\t#";
    say(world, template, &[major, minor, found.values, found.fields], &[]);
    Err(Failed::new(Name::ABI_COUNTS_TSV, Why::DIFFERS))
}

/// Prints the first that differs.
fn differs(
    world: &mut impl World,
    btf: &mut Btf<'_>,
    count: u32,
    wrong: abi::Wrong,
) -> Result<(), btf::Error> {
    let (mut name, mut len) = ([0; 48], 0_usize);
    btf.name(wrong.name_off, |piece| {
        for (to, byte) in name.iter_mut().skip(len).zip(piece) {
            *to = *byte;
            len = len.wrapping_add(1);
        }
    })?;
    let ([a, b], [c, d]) = (wrong.ours, wrong.kernel);
    let template = if wrong.field {
        "abi: # differ, first $: at bit #, # wide; this kernel's at #, # wide"
    } else {
        "abi: # differ, first $: low half #, high #; this kernel's # and #"
    };
    say(world, template, &[count, a, b, c, d], &[name.get(..len).unwrap_or_default()]);
    Ok(())
}

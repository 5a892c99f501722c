//! The job, with aya: find the id of `bpf_iter_task`, load a program, link it, pin the link, take the pin
//! away, open an iterator, read it to the end, print the byte count.
//!
//! `aya-job PATH`: as `targets/probe/src/bin/lifecycle.rs` has it, with the same instructions, all by
//! aya's public functions. An iterator takes the link along there, so the pin goes first. The loader
//! reads the kernel's BTF when it is made, whatever BTF it is given: that is one reading more than the
//! job needs, which its user cannot leave out.

use std::io::Read;

use aya::programs::links::FdLink;
use aya::programs::{Iter, iter::IterLink};
use aya::{Btf, EbpfLoader};

/// An object file that holds the instructions: `benches/run` makes it.
static OBJECT: &[u8] = include_bytes!(env!("JOB_OBJECT"));

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("usage: aya-job PATH")?;
    let btf = Btf::from_sys_fs()?;
    let mut object = EbpfLoader::new().btf(Some(&btf)).load(OBJECT)?;
    let program: &mut Iter = object.program_mut("job").ok_or("no program")?.try_into()?;
    program.load("task", &btf)?;
    let id = program.attach()?;
    let link: FdLink = program.take_link(id)?.try_into()?;
    let link: IterLink = link.pin(&path)?.unpin()?.try_into()?;
    let mut iter = link.into_file()?;
    let (mut bytes, mut buf) = (0, [0; 512]);
    loop {
        match iter.read(&mut buf)? {
            0 => break,
            read => bytes += read,
        }
    }
    println!("bytes {bytes}");
    Ok(())
}

//! What unpacks the board tool gives back what `targets/build` packs, and takes any other bytes for nonsense.

#[path = "../targets/probe/src/calls.rs"]
mod calls;
#[path = "../targets/probe/src/lzma.rs"]
mod lzma;

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Packs with the words of `targets/build`; `None` without Python.
fn pack(bytes: &[u8], words: &str) -> Option<Vec<u8>> {
    let filters = format!("filters=[boards.{words}]");
    python(&format!("lzma.compress(sys.stdin.buffer.read(), lzma.FORMAT_RAW, {filters})"), bytes)
}

/// What an expression of Python makes of bytes.
fn python(expression: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let program = format!("import sys, lzma, boards; sys.stdout.buffer.write({expression})");
    let mut python = Command::new("python3")
        .args(["-B", "-c", &program])
        .env("PYTHONPATH", concat!(env!("CARGO_MANIFEST_DIR"), "/targets"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = python.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || stdin.write_all(&bytes));
    let output = python.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success());
    Some(output.stdout)
}

/// Numbers that look like noise, the same in every run.
fn noise() -> impl Iterator<Item = u8> {
    let mut state = 1_u64;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 56) as u8
    })
}

#[test]
fn what_is_packed_comes_out_again() {
    let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let cases = [
        vec![],
        vec![7],
        b"ab".repeat(5000),
        vec![0; 100_000],
        noise().take(5000).collect(),
        noise().map(|byte| byte & 3).take(60_000).collect(),
        own.into_iter().take(400_000).collect(),
    ];
    for bytes in cases {
        for (words, before) in [("PLACE", false), ("BYTE", true)] {
            let Some(packed) = pack(&bytes, words) else {
                println!("skipped: no python3");
                return;
            };
            let mut unpacked = vec![0xaa; bytes.len()];
            lzma::unpack(&packed, &mut unpacked, before);
            assert!(unpacked == bytes, "{} bytes", bytes.len());
        }
    }
}

#[test]
fn calls_are_again_what_they_were_in_any_bytes() {
    let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    // Calls in abundance, forwards and back, up to the end.
    let jal = noise().take(4000).enumerate();
    let jal =
        jal.map(|(at, byte)| [0xef, byte & 0xf0, byte, byte.rotate_left(3)][at & 3]).collect();
    let call = noise().take(4003).map(|byte| if byte < 60 { 0xe8 } else { byte }).collect();
    let mut changed = false;
    for code in
        [own.into_iter().take(400_000).collect::<Vec<u8>>(), jal, call, vec![0xe8; 9], vec![]]
    {
        for (machine, call) in
            [(62_u8, calls::x86_64 as fn(&mut [u8; 5], u32) -> usize), (243, calls::riscv)]
        {
            // As far as a header says which machine it is for.
            let mut elf = vec![0; 20];
            elf[18] = machine;
            elf.extend(&code);
            let Some(mut packed) = python("boards.calls(sys.stdin.buffer.read())", &elf) else {
                println!("skipped: no python3");
                return;
            };
            changed |= packed != elf;
            calls::each(&mut packed, call);
            assert!(packed == elf, "{machine}, {} bytes", code.len());
        }
    }
    assert!(changed);
    calls::restore(&mut []);
}

#[test]
fn any_other_bytes_are_nonsense_and_nothing_worse() {
    let mut noise = noise();
    for len in (0..2000).chain([100_000]) {
        let packed: Vec<u8> = noise.by_ref().take(len).collect();
        lzma::unpack(&packed, &mut vec![0; len * 2], len & 1 == 0);
    }
}

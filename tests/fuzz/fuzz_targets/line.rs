#![no_main]

#[path = "../../common/line.rs"]
mod line;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| line::lines(&bytes[..bytes.len().min(2048)]));

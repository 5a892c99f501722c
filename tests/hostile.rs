//! Bytes that nobody meant well with: an answer that is right, or an error, and always an end.

#[path = "common/hostile.rs"]
mod hostile;
#[path = "common/line.rs"]
mod line;

use std::fs;
use std::path::Path;

/// The seeds of a fuzz target.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds").join(target);
    let files = fs::read_dir(dir).expect("seeds").flatten();
    let seeds: Vec<_> = files.map(|file| fs::read(file.path()).expect("a seed")).collect();
    assert!(!seeds.is_empty());
    seeds
}

/// Noise that is the same on every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 8
    }

    fn below(&mut self, end: usize) -> usize {
        self.next() as usize % end
    }

    fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// Every truncation, every byte as another one (one in `step` of the values), and several at once.
fn damage(seed: &[u8], step: usize, mut hold: impl FnMut(&[u8])) -> usize {
    // What is not optimised, or interpreted, goes through fewer.
    let step = step
        * if cfg!(miri) {
            61
        } else if cfg!(debug_assertions) {
            4
        } else {
            1
        };
    let mut count = 0;
    let mut hold = |bytes: &[u8]| {
        count += 1;
        hold(bytes);
    };
    hold(seed);
    for len in (0..seed.len()).step_by(if cfg!(miri) { 29 } else { 1 }) {
        hold(&seed[..len]);
    }
    let mut bytes = seed.to_vec();
    for at in 0..seed.len() {
        for value in (at * 7 % step..256).step_by(step) {
            bytes[at] = value as u8;
            hold(&bytes);
        }
        bytes[at] = seed[at];
    }
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    for _ in 0..100_000 / step {
        for _ in 0..noise.below(6) {
            let at = noise.below(seed.len());
            bytes[at] = noise.next() as u8;
        }
        hold(&bytes);
        bytes.copy_from_slice(seed);
    }
    count
}

#[test]
fn damaged_btf_in_memory_is_answered_right_or_refused() {
    let count: usize = seeds("btf").iter().map(|seed| damage(seed, 64, hostile::btf)).sum();
    println!("{count} files");
}

#[test]
#[cfg(not(miri))]
fn damaged_btf_through_windows_is_answered_right_or_refused() {
    let count: usize = seeds("btf").iter().map(|seed| damage(seed, 1024, hostile::window)).sum();
    println!("{count} files");
}

/// Both in memory and through windows, as far as there are system calls.
fn hold_btf(bytes: &[u8]) {
    hostile::btf(bytes);
    if !cfg!(miri) {
        hostile::window(bytes);
    }
}

#[test]
fn noise_is_no_btf_whatever_its_header_says() {
    let mut noise = Noise(0x2545_f491_4f6c_dd1d);
    let longest = if cfg!(miri) { 600 } else { 65_536 };
    let mut len = 0;
    while len <= longest {
        let mut bytes = noise.bytes(len);
        hold_btf(&bytes);
        // The same noise as types, as strings, and as both.
        let end = (len as u32).saturating_sub(24);
        for (types, types_len, strings, strings_len) in [
            (0, end, 0, end),
            (0, end / 2, end / 2, end - end / 2),
            (0, end & !3, 0, u32::MAX - 30),
        ] {
            let header = [0x01_eb9f, 24, types, types_len, strings, strings_len];
            for (place, word) in bytes.chunks_exact_mut(4).zip(header) {
                place.copy_from_slice(&word.to_le_bytes());
            }
            hold_btf(&bytes);
        }
        len = if len < 40 { len + 1 } else { len * 5 / 4 };
    }
}

#[test]
fn headers_of_any_lengths_and_places_are_answered_right_or_refused() {
    let seed = &fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds/btf/layout"));
    let seed = seed.as_ref().expect("a seed");
    let len = seed.len() as u32;
    let odd = [0, 1, 23, 24, 25, 31, 32, 33, len - 33, len - 32, len, i32::MAX as u32, 1 << 31];
    let odd = odd.into_iter().chain((0..40).step_by(13).map(|less| u32::MAX - less));
    let odd: Vec<u32> = odd.collect();
    for (first, second) in
        [(4, 8), (8, 12), (12, 16), (16, 20), (20, 24), (24, 28), (8, 16), (12, 20)]
    {
        for a in &odd {
            for b in odd.iter().step_by(if cfg!(miri) { 7 } else { 1 }) {
                let mut bytes = seed.clone();
                bytes[first..first + 4].copy_from_slice(&a.to_le_bytes());
                bytes[second..second + 4].copy_from_slice(&b.to_le_bytes());
                hold_btf(&bytes);
            }
        }
    }
}

#[test]
fn damage_that_one_question_met_is_forgotten_by_the_next() {
    // One string has no end, and the section ends after the file.
    let name = |at: u32| [at, 12 << 24, 0];
    let strings = b"\0put_thing\0open";
    let (types, len) = ([name(11), name(5)].concat(), strings.len() as u32);
    let header = [0x01_eb9f, 24, 0, 24, 24, len + 1];
    let words = header.iter().chain(&types).flat_map(|word| word.to_le_bytes());
    let bytes: Vec<u8> = words.chain(strings.iter().copied()).collect();
    let mut btf = barebpf::btf::Btf::from_slice(&bytes).expect("BTF");
    let mut seen = hostile::Seen::default();
    assert_eq!(btf.visit(&mut seen), Ok(()));
    let id = btf.id(barebpf::btf::Kind::FUNC, "thing");
    assert!(matches!(id, Ok(2) | Err(barebpf::btf::Error::MALFORMED)), "{id:?}");
    assert_eq!(btf.visit(&mut seen), Ok(()));
}

#[test]
fn infos_of_any_bytes_can_be_looked_at_and_printed() {
    let count: usize = seeds("info").iter().map(|seed| damage(seed, 16, hostile::info)).sum();
    println!("{count} infos");
}

#[test]
#[cfg(not(miri))]
fn passes_cut_anywhere_come_out_whole() {
    let count: usize = seeds("stream").iter().map(|seed| damage(seed, 16, hostile::stream)).sum();
    println!("{count} passes");
}

#[test]
fn command_lines_mean_what_they_say_or_are_refused() {
    let count: usize = seeds("line").iter().map(|seed| damage(seed, 64, line::lines)).sum();
    // And lines of words that are right by themselves, or nearly.
    let words = "tasks files maps progs links targets count pin cat replace info unpin abi check help object 0; \
        -- - --json --JSON --pid --pid=1 --map --cgroup --help -h --nonesuch , ,, tasks, 0 1 007 +1 -1 1x 4294967295 \
        4294967296 18446744073709551615 18446744073709551616 bpf_iter_task bpf_iter_ task_file /sys/fs/bpf/x usage: exists\u{e9}";
    let words: Vec<&str> = words.split_whitespace().chain(["", " ", "tasks ", "\n"]).collect();
    let mut noise = Noise(0xbf58_476d_1ce4_e5b9);
    for _ in 0..if cfg!(miri) { 200 } else { 50_000 } {
        let picked: Vec<&str> =
            (0..noise.below(9)).map(|_| words[noise.below(words.len())]).collect();
        line::lines(picked.join("\0").as_bytes());
    }
    println!("{count} lines");
}

#[test]
fn words_of_any_bytes_and_length_are_read_as_std_does() {
    let mut noise = Noise(0x94d0_49bb_1331_11eb);
    let mut len = 0;
    while len <= if cfg!(miri) { 600 } else { 131_072 } {
        let mut bytes = noise.bytes(len);
        line::lines(&bytes);
        bytes.iter_mut().for_each(|byte| *byte = (*byte).max(1));
        line::lines(&bytes);
        bytes.iter_mut().for_each(|byte| *byte = b'0' + *byte % 10);
        line::lines(&bytes);
        len = if len < 300 { len + 1 } else { len * 5 / 4 };
    }
    for number in (0..20_000_u64).chain((1 << 32) - 1000..(1 << 32) + 1000) {
        line::lines(number.to_string().as_bytes());
    }
}

#[test]
fn any_bytes_are_a_string_of_json_with_all_that_is_utf8_in_it() {
    // Each first byte with each second, and around the bounds of what may follow.
    let odd = [0x01, 0x22, 0x5c, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    for (first, second) in (0..=0xffff_u16).map(|both| (both as u8, (both >> 8) as u8)) {
        line::text(&[first, second]);
        for third in odd.into_iter().filter(|_| first >= 0xe0 && odd.contains(&second)) {
            line::text(&[first, second, third]);
            for fourth in odd {
                line::text(&[first, second, third, fourth, b'x']);
            }
        }
    }
    for code in (0..=0x10_ffff).step_by(if cfg!(miri) { 4099 } else { 19 }) {
        if let Some(it) = char::from_u32(code) {
            line::text(it.to_string().as_bytes());
        }
    }
}

//! What must hold whatever the words of the board tool's command line are: a second reading of them, by
//! `std`, which shares nothing with the tool's. `tests/hostile.rs` feeds it on stable Rust, `tests/fuzz`
//! for as long as one likes.

#[allow(dead_code, unreachable_pub, reason = "the board tool uses all of it")]
#[path = "../../targets/probe/src/tool/text.rs"]
mod text;
#[allow(dead_code, unreachable_pub, reason = "the board tool uses all of it")]
#[path = "../../targets/probe/src/tool/words.rs"]
mod words;

use std::ffi::{CStr, CString};

use text::{Words, ascii, json, number};
use words::{Line, Wrong, func, is_command};

/// Every command: how many words it takes, least and most, whether `--pid` and its kind may stand there,
/// and whether `--json` may.
const COMMANDS: [(&str, usize, usize, bool, bool); 15] = [
    ("tasks", 0, 0, true, true),
    ("files", 0, 0, true, true),
    ("maps", 0, 0, true, true),
    ("progs", 0, 0, true, true),
    ("links", 0, 0, true, true),
    ("targets", 0, 0, false, true),
    ("count", 1, 1, true, true),
    ("pin", 2, 2, true, false),
    ("cat", 1, 1, false, false),
    ("replace", 2, 2, false, false),
    ("info", 1, 1, false, true),
    ("unpin", 1, 1, false, false),
    ("abi", 0, 0, false, false),
    ("check", 0, 1, false, false),
    ("help", 0, 0, false, false),
];

/// A line as it is meant.
#[derive(Debug, Default, PartialEq)]
struct Told<'a> {
    json: bool,
    options: [Option<&'a CStr>; 3],
    words: Vec<&'a CStr>,
}

/// What these words up to a comma are, if they are a line.
fn told<'a>(words: &[&'a CStr]) -> Option<Told<'a>> {
    let (mut it, mut well) = (Told::default(), true);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.to_str().unwrap_or("a word") {
            "--help" | "-h" => return Some(Told { words: vec![c"help"], ..Told::default() }),
            "--json" => it.json = true,
            option @ ("--pid" | "--map" | "--cgroup") => {
                let place = ["--pid", "--map", "--cgroup"].iter().position(|it| *it == option)?;
                let value = words.next();
                well &= value.is_some() && it.options[place].is_none();
                it.options[place] = value.copied();
            }
            _ => {
                well &= !word.to_bytes().starts_with(b"-");
                it.words.push(word);
            }
        }
    }
    (well && it.words.len() <= 3).then_some(it)
}

/// The place of its command, if that is one and may be asked for so.
fn place(told: &Told<'_>) -> Result<u32, bool> {
    let (name, rest) = told.words.split_first().ok_or(false)?;
    let same = |it: &(&str, usize, usize, bool, bool)| it.0.as_bytes() == name.to_bytes();
    let place = COMMANDS.iter().position(same).ok_or(false)?;
    let (_, least, most, selects, json) = COMMANDS[place];
    if !(least..=most).contains(&rest.len()) {
        return Err(false);
    }
    let allowed = (selects || told.options == [None; 3]) && (json || !told.json);
    if allowed { Ok(place as u32) } else { Err(true) }
}

/// Lines of words that NULs stand between, one after the other as a board's first process takes them.
pub fn lines(bytes: &[u8]) {
    let words: Vec<CString> =
        bytes.split(|byte| *byte == 0).map(|it| CString::new(it).unwrap()).collect();
    let words: Vec<&CStr> = words.iter().map(CString::as_c_str).collect();
    let mut args = words.iter().copied();
    // An option takes whatever comes, but for the comma that ends its line.
    for group in words.split(|word| *word == c",") {
        let mut line = Line::new();
        let taken = line.take(&mut args);
        let told = told(group);
        assert_eq!(taken, told.is_some(), "{group:?}");
        let Some(told) = told else { continue };
        assert_eq!((line.json, line.options), (told.json, told.options), "{group:?}");
        assert_eq!(&line.words[..line.count], &told.words[..], "{group:?}");
        let found = line.command().map_err(|wrong| matches!(wrong, Wrong::Option));
        assert_eq!(found, place(&told), "{group:?}");
        assert!(line.reason.bytes().is_empty());
    }
    assert_eq!(args.next(), None, "each line ends where it should");
    for word in words {
        self::word(word);
    }
}

/// One word, as each reads it that may have to.
fn word(word: &CStr) {
    let bytes = word.to_bytes();
    assert_eq!(is_command(word), COMMANDS.iter().any(|it| it.0.as_bytes() == bytes), "{word:?}");
    let digits = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
    let parsed = word.to_str().ok().filter(|_| digits).and_then(|text| text.parse().ok());
    assert_eq!(number(bytes), parsed, "{word:?}");
    let target = bytes.strip_prefix(b"bpf_iter_").unwrap_or(bytes);
    let whole = [b"bpf_iter_", target].concat();
    assert_eq!(func(bytes).bytes(), &whole[..whole.len().min(512)]);
    assert_eq!(ascii(bytes), word.to_str().ok().filter(|text| text.is_ascii()).unwrap_or(""));
    for mark in [b' ', b'\n', b'|', 0] {
        let mut parts: Vec<&[u8]> = bytes.split(|byte| *byte == mark).collect();
        if parts.last() == Some(&&b""[..]) {
            parts.pop();
        }
        assert_eq!(Words::new(bytes, mark).collect::<Vec<_>>(), parts, "{word:?}");
    }
    text(bytes);
}

/// Any bytes, as a string of JSON.
pub fn text(bytes: &[u8]) {
    let mut quoted = Vec::new();
    json(bytes, |piece| quoted.extend_from_slice(piece));
    let quoted = String::from_utf8(quoted).expect("UTF-8");
    let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"')).expect("quotes");
    let (mut plain, mut rest) = (String::new(), inner.chars());
    while let Some(first) = rest.next() {
        assert!(first >= ' ' && first != '"' && first != '\x7f', "{quoted}");
        plain.push(match first {
            '\\' => match rest.next().expect("what is escaped") {
                it @ ('"' | '\\') => it,
                'u' => {
                    let code: String = rest.by_ref().take(4).collect();
                    assert!(
                        code.len() == 4 && code.bytes().all(|it| it.is_ascii_hexdigit()),
                        "{quoted}"
                    );
                    char::from_u32(u32::from_str_radix(&code, 16).expect("digits"))
                        .expect("a character")
                }
                it => panic!("\\{it} in {quoted}"),
            },
            it => it,
        });
    }
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    assert_eq!(plain, String::from_utf8_lossy(&bytes[..end]));
}

//! The words of a command line, and what they say; nothing here asks the system.

use core::ffi::CStr;

use super::text::{Text, Words};

pub const HELP: &str = include_str!("help.txt");

/// The words of a command.
pub struct Line<'a> {
    pub json: bool,
    /// What `--pid`, `--map` and `--cgroup` are followed by.
    pub options: [Option<&'a CStr>; 3],
    pub words: [&'a CStr; 3],
    pub count: usize,
    /// What the verifier said last, where it refused, behind a colon.
    pub reason: Text,
}

/// What is wrong with words.
#[derive(Debug)]
pub enum Wrong {
    /// No command, or not its words.
    Words,
    /// An option that the command does not take.
    Option,
}

impl<'a> Line<'a> {
    #[inline(always)]
    pub const fn new() -> Self {
        Self { json: false, options: [None; 3], words: [c""; 3], count: 0, reason: Text::new() }
    }

    /// Takes all words up to the end or to a comma; whether they can be a line. With `--help` among them they
    /// are a line, and ask for nothing else.
    #[inline(never)]
    pub fn take(&mut self, args: &mut impl Iterator<Item = &'a CStr>) -> bool {
        let (mut well, mut help, mut place) = (true, false, NONE);
        for arg in args {
            let bytes = arg.to_bytes();
            if bytes == b"," {
                break;
            }
            if let Some(option) = self.options.get_mut(place) {
                place = NONE;
                well &= option.replace(arg).is_none();
                continue;
            }
            let mut known = Words::new(b"--pid --map --cgroup --json --help -h", b' ');
            match known.position(|name| name == bytes) {
                Some(3) => self.json = true,
                Some(4 | 5) => help = true,
                Some(option) => place = option,
                None if bytes.first() == Some(&b'-') => well = false,
                None => match self.words.get_mut(self.count) {
                    None => well = false,
                    Some(word) => {
                        *word = arg;
                        self.count = self.count.wrapping_add(1);
                    }
                },
            }
        }
        if help {
            (self.json, self.options) = (false, [None; 3]);
            (self.words, self.count) = ([c"help"; 3], 1);
        }
        help || well && place == NONE
    }

    /// Which command it is.
    pub fn command(&self) -> Result<u32, Wrong> {
        let name = self.words[0].to_bytes();
        let command = command(name, self.count.wrapping_sub(1)).ok_or(Wrong::Words)?;
        let selects = self.options.iter().any(Option::is_some);
        if selects && !matches!(command, 0..=4 | 6 | 7) || self.json && command > 6 && command != 10
        {
            return Err(Wrong::Option);
        }
        Ok(command)
    }
}

/// No option's place.
const NONE: usize = 3;

/// The place of a command in the help, if so many words may follow it.
#[inline(never)]
pub fn command(name: &[u8], args: usize) -> Option<u32> {
    let mut place = 0;
    let mut lines = Words::new(HELP.as_bytes(), b'\n');
    lines.next();
    lines.next();
    for line in lines {
        let mut parts = Words::new(line, b' ');
        parts.next();
        parts.next();
        let same = parts.next() == Some(name);
        let (mut least, mut most) = (0_usize, 0_usize);
        loop {
            let part = parts.word();
            if part.is_empty() {
                break;
            }
            most = most.wrapping_add(1);
            least = if part.starts_with(b"[") { least } else { most };
        }
        if same && least <= args && args <= most {
            return Some(place);
        }
        place = place.wrapping_add(1);
    }
    None
}

/// Whether it is the name of a command.
pub fn is_command(word: &CStr) -> bool {
    (0..3).any(|args| command(word.to_bytes(), args).is_some())
}

/// The name of a target's function.
pub fn func(target: &[u8]) -> Text {
    const PREFIX: &[u8] = b"bpf_iter_";
    let mut func = Text::new();
    func.push(PREFIX).push(target.strip_prefix(PREFIX).unwrap_or(target));
    func
}

//! Every target that the kernel has a name for.

#![forbid(unsafe_code)]

use crate::btf::{Btf, Error, Kind, Want};

/// What the struct of a target's context begins with.
const CONTEXT: &[u8] = b"bpf_iter__";
/// What its function begins with: one byte less.
const FUNC: usize = CONTEXT.len() - 1;
/// Names of this length and longer are left out; the longest of Linux 7.2 has 28 bytes.
const LEN: usize = 64;
/// How many names are looked for in one pass.
const BATCH: usize = 4;

/// Shows every target of this kernel to `seen`: the name of its BTF function, as [`Name`] takes it, and
/// the id that [`with_id`](super::Name::with_id) wants.
///
/// A target is a function `bpf_iter_X` with a struct `bpf_iter__X` for its context. There is no list of
/// them, and no limit to their number: new ones are found as well, and [`plain`](super::Name::plain) unless
/// they have a constant here. A few may be there in name alone, because their subsystem did not come up; the
/// kernel refuses a program for those with [`INVAL`](crate::Errno::INVAL).
///
/// ```no_run
/// use barebpf::{btf::Btf, iter};
///
/// # fn main() -> Result<(), barebpf::btf::Error> {
/// let mut window = [0; 4096];
/// let mut btf = Btf::vmlinux(&mut window)?;
/// iter::targets(&mut btf, |func, id| println!("{id} {func}"))
/// # }
/// ```
///
/// # Errors
///
///  - As [`Btf::find`].
///
/// [`Name`]: super::Name
pub fn targets(btf: &mut Btf<'_>, mut seen: impl FnMut(&str, u32)) -> Result<(), Error> {
    let mut after = 0;
    loop {
        let mut contexts = Contexts { after, places: [0; BATCH], used: 0, start: 0, matched: 0 };
        btf.strings(|at, bytes| contexts.look_at(at, bytes))?;
        let Some(last) = contexts.places.get(..contexts.used).and_then(<[_]>::last) else {
            return Ok(());
        };
        after = *last;

        let mut pairs = [[Text::EMPTY; 2]; BATCH];
        for ([func, context], at) in pairs.iter_mut().zip(contexts.places).take(contexts.used) {
            btf.name(at, |bytes| context.push(bytes))?;
            let (prefix, rest) = context.bytes().split_at_checked(FUNC).unwrap_or_default();
            func.push(prefix);
            func.push(rest.get(1..).unwrap_or_default());
        }
        let ids = btf.find(pairs.each_ref().map(|[func, _]| Want::func(func.text())))?;
        let contexts = pairs.each_ref().map(|[_, name]| Want::new(Kind::STRUCT, name.text()));
        let contexts = btf.find(contexts)?;
        for (([func, _], id), context) in pairs.iter().zip(ids).zip(contexts) {
            if let (Ok(id), Ok(_)) = (id.id(), context.id()) {
                seen(func.text(), id);
            }
        }
    }
}

/// The next few strings that begin as the name of a context does.
struct Contexts {
    /// Where the last one of before stood.
    after: u32,
    places: [u32; BATCH],
    used: usize,
    /// Where the string at hand began, and how much of it has matched.
    start: u32,
    matched: usize,
}

impl Contexts {
    /// Goes on with a piece of the strings.
    fn look_at(&mut self, at: u32, bytes: &[u8]) {
        const NO: usize = usize::MAX;
        for (at, &byte) in (at..).zip(bytes) {
            if byte == 0 {
                (self.start, self.matched) = (at.saturating_add(1), 0);
            } else if self.matched != NO {
                self.matched = match CONTEXT.get(self.matched) {
                    Some(&next) if next == byte => self.matched.wrapping_add(1),
                    _ => NO,
                };
                if self.matched == CONTEXT.len() && self.start > self.after {
                    if let Some(place) = self.places.get_mut(self.used) {
                        *place = self.start;
                        self.used = self.used.saturating_add(1);
                    }
                }
            }
        }
    }
}

/// A name, if it is shorter than the room for it.
#[derive(Clone, Copy)]
struct Text {
    bytes: [u8; LEN],
    len: usize,
}

impl Text {
    const EMPTY: Self = Self { bytes: [0; LEN], len: 0 };

    fn push(&mut self, more: &[u8]) {
        for (to, from) in self.bytes.iter_mut().skip(self.len).zip(more) {
            *to = *from;
            self.len = self.len.saturating_add(1);
        }
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// One that was too long, or is not UTF-8, is the empty name, which is never found.
    fn text(&self) -> &str {
        if self.len < LEN { core::str::from_utf8(self.bytes()).unwrap_or_default() } else { "" }
    }
}

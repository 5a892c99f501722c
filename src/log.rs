//! Why it failed: [`Log`], the buffer that a command writes its reasons into.

#![forbid(unsafe_code)]

/// A buffer for the kernel's log, and what came of it.
///
/// ```no_run
/// use barebpf::{Log, asm::exit, prog::{Options, prog_load}, uapi::ProgType};
///
/// let mut buf = [0; 4096];
/// let mut log = Log::new(&mut buf);
/// let program = [exit()]; // returns what was never set
/// let prog = prog_load(ProgType::SOCKET_FILTER, &program, c"GPL", &Options::default(), &mut log);
/// if let Err(errno) = prog {
///     println!("{errno}: {}", String::from_utf8_lossy(log.text())); // EACCES (13): … R0 !read_ok
/// }
/// ```
#[derive(Debug)]
pub struct Log<'buf> {
    buf: &'buf mut [u8],
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there is no call to ask"))]
    level: u32,
    /// Bytes that the whole log takes, with its NUL, whatever the buffer holds; 0 where the kernel
    /// is older than 6.4 or failed before it wrote a log.
    pub(crate) true_size: u32,
}

impl<'buf> Log<'buf> {
    /// Asks for no log.
    #[must_use]
    #[inline]
    pub const fn none() -> Self {
        Log { buf: &mut [], level: 0, true_size: 0 }
    }

    /// Asks for a log at level 1. An empty buffer asks for none.
    ///
    /// On every kernel, a good program too fails with [`NOSPC`](crate::Errno::NOSPC) when the buffer is
    /// smaller than the log has ever been on the way: the verifier writes down each path that it follows,
    /// and takes back those that were good. So load without a log, and again with one when that fails; or
    /// give 64 KiB and more. Kernels before 6.4 want 128 bytes at least ([`INVAL`](crate::Errno::INVAL)).
    #[must_use]
    pub fn new(buf: &'buf mut [u8]) -> Self {
        Self::with_level(buf, 1)
    }

    /// Asks for a log at `level`: 1 reasons, 2 every state, 4 statistics; 8 (Linux 6.4) keeps the head of
    /// a log that does not fit instead of its tail, and does not make it fit.
    #[must_use]
    pub fn with_level(buf: &'buf mut [u8], level: u32) -> Self {
        let mut log = Log { buf, level, true_size: 0 };
        log.clear();
        log
    }

    /// What an earlier call left there is not the next one's reason.
    #[inline]
    fn clear(&mut self) {
        if let Some(first) = self.buf.first_mut() {
            *first = 0;
        }
    }

    /// Whether there is no room for a log, and none is asked for.
    #[cfg(target_os = "linux")]
    #[inline]
    pub(crate) const fn is_none(&self) -> bool {
        self.buf.is_empty()
    }

    /// What the kernel wrote, up to its NUL.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        let end = self.buf.iter().position(|&byte| byte == 0).unwrap_or(self.buf.len());
        self.buf.get(..end).unwrap_or_default()
    }

    /// How large the buffer has to be for all of the log, in bytes: what the log was at its longest, with
    /// its NUL, which for a good program is more than what [`text`](Self::text) has in the end. Zero before
    /// Linux 6.4, and when the command failed before it wrote a log.
    #[must_use]
    pub const fn true_size(&self) -> u32 {
        self.true_size
    }

    /// `log_level`, `log_size` and `log_buf`; all zero without a buffer, which every kernel accepts.
    #[inline]
    pub(crate) fn request(&mut self) -> (u32, u32, u64) {
        self.clear();
        match u32::try_from(self.buf.len()) {
            Ok(0) => (0, 0, 0),
            size => {
                let address = self.buf.as_mut_ptr().expose_provenance() as u64;
                (self.level, size.unwrap_or(u32::MAX), address)
            }
        }
    }
}

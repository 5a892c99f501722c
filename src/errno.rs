//! What went wrong: [`Errno`] and [`Result`].

#![forbid(unsafe_code)]

use core::fmt;
use core::num::NonZeroU16;

/// `Ok`, or the error number of the call.
pub type Result<T, E = Errno> = core::result::Result<T, E>;

/// The error number of a system call, 1 to 4095: two bytes, as is `Result<()>`.
///
/// A number that has no name here is kept and prints as a number. What an error *means* depends on
/// the call: each function lists its own.
///
/// ```
/// use barebpf::Errno;
///
/// assert_eq!(Errno::PERM.to_string(), "EPERM (1)");
/// assert_eq!(Errno::from_raw(524), Some(Errno::NOTSUPP));
/// ```
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct Errno(NonZeroU16);

/// The largest error number: results above `-4096` are errors, all others are values.
const MAX_ERRNO: u16 = 4095;

macro_rules! errnos {
    ($($(#[$doc:meta])* $name:ident = $c:literal => $value:literal;)*) => {
        impl Errno {
            $(
                #[doc = concat!("`", $c, "`: ")]
                $(#[$doc])*
                #[doc(alias = $c)]
                pub const $name: Self = Self(NonZeroU16::new($value).unwrap());
            )*

            /// Every error number that has a name here, with its C name.
            pub const KNOWN: &'static [(Self, &'static str)] = &[$((Self::$name, $c)),*];

            /// The C name, such as `"EPERM"`.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0.get() {
                    $($value => Some($c),)*
                    _ => None,
                }
            }
        }
    };
}

errnos! {
    /// not permitted.
    PERM = "EPERM" => 1;
    /// no such object, file or entry.
    NOENT = "ENOENT" => 2;
    /// no such process.
    SRCH = "ESRCH" => 3;
    /// interrupted by a signal.
    INTR = "EINTR" => 4;
    /// input or output failed.
    IO = "EIO" => 5;
    /// no such device or address.
    NXIO = "ENXIO" => 6;
    /// too large, or a byte that this kernel does not know is not zero.
    TOOBIG = "E2BIG" => 7;
    /// not executable.
    NOEXEC = "ENOEXEC" => 8;
    /// no such descriptor, or one of the wrong kind.
    BADF = "EBADF" => 9;
    /// call again.
    AGAIN = "EAGAIN" => 11;
    /// no memory for it.
    NOMEM = "ENOMEM" => 12;
    /// access denied; from `PROG_LOAD`, the verifier refused the program.
    ACCES = "EACCES" => 13;
    /// an address is not readable or writable.
    FAULT = "EFAULT" => 14;
    /// in use.
    BUSY = "EBUSY" => 16;
    /// exists already.
    EXIST = "EEXIST" => 17;
    /// the objects are on different file systems or devices.
    XDEV = "EXDEV" => 18;
    /// no such device, or the file cannot be mapped.
    NODEV = "ENODEV" => 19;
    /// a part of the path is not a directory.
    NOTDIR = "ENOTDIR" => 20;
    /// is a directory.
    ISDIR = "EISDIR" => 21;
    /// an argument or a combination of arguments is not valid.
    INVAL = "EINVAL" => 22;
    /// the system has too many open files.
    NFILE = "ENFILE" => 23;
    /// the process has too many open files.
    MFILE = "EMFILE" => 24;
    /// not a terminal; no such control operation.
    NOTTY = "ENOTTY" => 25;
    /// a file is too large.
    FBIG = "EFBIG" => 27;
    /// no space left, in a buffer of the caller's or on a device.
    NOSPC = "ENOSPC" => 28;
    /// not seekable.
    SPIPE = "ESPIPE" => 29;
    /// read-only file system.
    ROFS = "EROFS" => 30;
    /// too many links.
    MLINK = "EMLINK" => 31;
    /// the reader is gone.
    PIPE = "EPIPE" => 32;
    /// out of the domain of the function.
    DOM = "EDOM" => 33;
    /// out of range.
    RANGE = "ERANGE" => 34;
    /// would deadlock.
    DEADLK = "EDEADLK" => 35;
    /// a name is too long.
    NAMETOOLONG = "ENAMETOOLONG" => 36;
    /// the kernel was built without this system call.
    NOSYS = "ENOSYS" => 38;
    /// a directory is not empty.
    NOTEMPTY = "ENOTEMPTY" => 39;
    /// too many symbolic links.
    LOOP = "ELOOP" => 40;
    /// no message of the wanted type.
    NOMSG = "ENOMSG" => 42;
    /// not a stream.
    NOSTR = "ENOSTR" => 60;
    /// no data.
    NODATA = "ENODATA" => 61;
    /// an algorithm that this kernel was built without.
    NOPKG = "ENOPKG" => 65;
    /// the link has been severed.
    NOLINK = "ENOLINK" => 67;
    /// protocol error.
    PROTO = "EPROTO" => 71;
    /// the message is not a valid one.
    BADMSG = "EBADMSG" => 74;
    /// a value does not fit its type.
    OVERFLOW = "EOVERFLOW" => 75;
    /// a descriptor in a bad state: from `OBJ_GET_INFO_BY_FD`, it is not open.
    BADFD = "EBADFD" => 77;
    /// an illegal byte sequence.
    ILSEQ = "EILSEQ" => 84;
    /// too many users.
    USERS = "EUSERS" => 87;
    /// not a socket.
    NOTSOCK = "ENOTSOCK" => 88;
    /// a message is too long.
    MSGSIZE = "EMSGSIZE" => 90;
    /// the protocol is not available.
    NOPROTOOPT = "ENOPROTOOPT" => 92;
    /// the protocol is not supported.
    PROTONOSUPPORT = "EPROTONOSUPPORT" => 93;
    /// the operation is not supported by this object.
    OPNOTSUPP = "EOPNOTSUPP" => 95;
    /// the address family is not supported.
    AFNOSUPPORT = "EAFNOSUPPORT" => 97;
    /// the address is in use.
    ADDRINUSE = "EADDRINUSE" => 98;
    /// the address is not available.
    ADDRNOTAVAIL = "EADDRNOTAVAIL" => 99;
    /// the network is down.
    NETDOWN = "ENETDOWN" => 100;
    /// no buffer space.
    NOBUFS = "ENOBUFS" => 105;
    /// timed out.
    TIMEDOUT = "ETIMEDOUT" => 110;
    /// already under way.
    ALREADY = "EALREADY" => 114;
    /// under way.
    INPROGRESS = "EINPROGRESS" => 115;
    /// the file is stale.
    STALE = "ESTALE" => 116;
    /// not clean: a checksum does not match.
    UCLEAN = "EUCLEAN" => 117;
    /// cancelled.
    CANCELED = "ECANCELED" => 125;
    /// a key is missing.
    NOKEY = "ENOKEY" => 126;
    /// a key has expired.
    KEYEXPIRED = "EKEYEXPIRED" => 127;
    /// a key has been revoked.
    KEYREVOKED = "EKEYREVOKED" => 128;
    /// a key was rejected.
    KEYREJECTED = "EKEYREJECTED" => 129;
    /// not supported; a number of the kernel's own that `bpf(2)` lets out, no libc knows it.
    NOTSUPP = "ENOTSUPP" => 524;
}

impl Errno {
    /// The number, 1 to 4095.
    #[must_use]
    pub const fn as_raw(self) -> u16 {
        self.0.get()
    }

    /// The error with this number; `None` outside 1 to 4095.
    #[must_use]
    pub const fn from_raw(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(number) if number.get() <= MAX_ERRNO => Some(Self(number)),
            _ => None,
        }
    }

    /// Tells error and value of a system call's result apart.
    ///
    /// # Errors
    ///
    /// The one that the kernel returned: `ret` is above `-4096`.
    #[inline]
    pub const fn split(ret: usize) -> Result<usize> {
        if ret > usize::MAX.wrapping_sub(MAX_ERRNO as usize) {
            // The low half of `-ret` is 1 to 4095 here.
            if let Some(number) = NonZeroU16::new((ret as u16).wrapping_neg()) {
                return Err(Self(number));
            }
        }
        Ok(ret)
    }
}

const _: () = {
    assert!(matches!(Errno::split(usize::MAX), Err(Errno::PERM)));
    assert!(matches!(Errno::split((-4095_isize) as usize), Err(errno) if errno.as_raw() == 4095));
    assert!(
        matches!(Errno::split((-4096_isize) as usize), Ok(value) if value == (-4096_isize) as usize)
    );
    assert!(matches!(Errno::split(0), Ok(0)));
    assert!(size_of::<Result<()>>() == 2);
};

/// `EPERM (1)`, or `errno 4000` where there is no name.
impl fmt::Display for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "errno {}", self.0),
        }
    }
}

impl fmt::Debug for Errno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Errno {}

#[cfg(feature = "std")]
impl From<Errno> for std::io::Error {
    fn from(errno: Errno) -> Self {
        Self::from_raw_os_error(errno.as_raw().into())
    }
}

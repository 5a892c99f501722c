//! Where programs are attached: the [`Target`], and the [`Place`] among the others there.

#![forbid(unsafe_code)]

use crate::Result;
use crate::fd::BorrowedFd;

/// What a program is attached to.
#[derive(Clone, Copy, Debug)]
pub enum Target<'a> {
    /// A cgroup, a network namespace, a socket map or a lirc device.
    #[doc(alias = "target_fd")]
    Fd(BorrowedFd<'a>),
    /// A network device of the caller's network namespace, by its index.
    #[doc(alias = "target_ifindex")]
    Ifindex(u32),
    /// The caller's own network namespace, where a hook takes no other: a flow dissector's
    /// [`prog_attach`](crate::prog::prog_attach).
    Caller,
}

impl Target<'_> {
    /// As `bpf_attr` holds it.
    #[inline]
    pub(crate) const fn as_attr(self) -> u32 {
        match self {
            Self::Fd(fd) => fd.as_attr(),
            Self::Ifindex(ifindex) => ifindex,
            Self::Caller => 0,
        }
    }
}

/// Where a program stands among those that are attached to the same hook of the same target. All but
/// [`Default`](Self::Default) is for devices since Linux 6.6, and for cgroups on newer kernels.
#[derive(Clone, Copy, Debug, Default)]
pub enum Place<'a> {
    /// Behind those that are there; where the target has no order, nowhere in particular. To detach:
    /// wherever the program stands.
    #[default]
    Default,
    /// Before all.
    First,
    /// After all.
    Last,
    /// Right before another.
    #[doc(alias = "BPF_F_BEFORE")]
    Before(Neighbour<'a>),
    /// Right after another.
    #[doc(alias = "BPF_F_AFTER")]
    After(Neighbour<'a>),
}

/// A program or link that is attached already.
#[derive(Clone, Copy, Debug)]
pub enum Neighbour<'a> {
    /// A program.
    #[doc(alias = "relative_fd")]
    Prog(BorrowedFd<'a>),
    /// A program, by its id.
    #[doc(alias = "relative_id")]
    ProgId(u32),
    /// A link.
    #[doc(alias = "BPF_F_LINK")]
    Link(BorrowedFd<'a>),
    /// A link, by its id.
    LinkId(u32),
}

// The same bits in every type of flags that has them.
const BEFORE: u32 = 1 << 3;
const AFTER: u32 = 1 << 4;
const ID: u32 = 1 << 5;
const LINK: u32 = 1 << 13;

impl Place<'_> {
    /// The flags and `relative_fd`.
    #[inline]
    pub(crate) fn as_attr(self) -> Result<(u32, u32)> {
        let (side, neighbour) = match self {
            Self::Default => return Ok((0, 0)),
            Self::First => return Ok((BEFORE, 0)),
            Self::Last => return Ok((AFTER, 0)),
            Self::Before(neighbour) => (BEFORE, neighbour),
            Self::After(neighbour) => (AFTER, neighbour),
        };
        let (kind, relative) = match neighbour {
            Neighbour::Prog(fd) => (0, fd.as_attr_some()?),
            Neighbour::ProgId(id) => (ID, id),
            Neighbour::Link(fd) => (LINK, fd.as_attr_some()?),
            Neighbour::LinkId(id) => (LINK | ID, id),
        };
        Ok((side | kind, relative))
    }
}

const _: () = {
    use crate::uapi::{
        LinkCreateCgroupFlags, LinkCreateNetkitFlags, LinkCreateTcxFlags, ProgAttachFlags,
    };
    macro_rules! same {
        ($($ty:ident)*) => {$(
            assert!($ty::BEFORE.0 == BEFORE && $ty::AFTER.0 == AFTER);
            assert!($ty::ID.0 == ID && $ty::LINK.0 == LINK);
        )*};
    }
    same!(ProgAttachFlags LinkCreateCgroupFlags LinkCreateTcxFlags LinkCreateNetkitFlags);
};

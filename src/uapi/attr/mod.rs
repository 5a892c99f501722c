//! `union bpf_attr`: one flat struct per use of the union, and [`Attr`], the union itself.
//!
//! Addresses are `u64`, zero-extended from the caller's width; 0 is none. A descriptor of 0 is none,
//! too, except where it says otherwise. A field without a release is as old as its struct, or its age
//! is not known; a kernel that does not know a field refuses all but zero in it.

mod btf;
mod iter;
mod link;
mod map;
mod obj;
mod prog;

use zerocopy::IntoBytes;

pub use btf::{BtfGetFdById, BtfLoad};
pub use iter::{IterLinkInfo, IterLinkInfoCgroup, IterLinkInfoMap, IterLinkInfoTask};
pub use link::{
    IterCreate, LinkCreate, LinkCreateCgroup, LinkCreateIter, LinkCreateKprobeMulti,
    LinkCreateNetfilter, LinkCreateNetkit, LinkCreatePerfEvent, LinkCreateStructOps, LinkCreateTcx,
    LinkCreateTracing, LinkCreateTracingMulti, LinkCreateUprobeMulti, LinkDetach, LinkGetFdById,
    LinkUpdate, LinkUpdateMap, RawTracepointOpen, TaskFdQuery,
};
pub use map::{
    MapBatch, MapCreate, MapDeleteElem, MapElem, MapFreeze, MapGetFdById, MapGetNextKey,
};
pub use obj::{EnableStats, GetNextId, Obj, ObjGetInfoByFd, TokenCreate};
pub use prog::{
    ProgAssocStructOps, ProgAttach, ProgBindMap, ProgGetFdById, ProgLoad, ProgQuery,
    ProgStreamRead, ProgTestRun,
};

use super::{Cmd, Plain};

/// What `bpf(2)` takes as its second argument: an arm of `union bpf_attr`, or [`Attr`], all of it.
///
/// Sealed: every implementor is at least as long as the last byte that any kernel writes back for
/// the commands that read it, because kernels write past a short size.
///
/// # Safety
///
///  - Any bytes are a valid value, none is padding, and it is long enough as above.
#[expect(private_bounds, reason = "this seals the trait and keeps zerocopy out of the signature")]
pub unsafe trait Arm: Plain + Copy + 'static {}

/// The bytes of `union bpf_attr` that a kernel may write for `cmd`, counted from its start.
///
/// Kernels heed the size that they are given only for the logs' true sizes and, on cgroups,
/// `query.revision`; all else is written at its place, past a short struct if it comes to that.
/// The table is read from the sources (5.10 to 7.2) and held by a test with a canary behind each struct.
#[must_use]
pub const fn written(cmd: Cmd) -> usize {
    match Cmd(cmd.0 & !Cmd::COMMON_ATTRS.0) {
        // log_true_size; further down a record size, when the program's is not the kernel's.
        Cmd::PROG_LOAD => 144,
        // revision, on tcx and netkit whatever the size.
        Cmd::PROG_QUERY => 64,
        // ctx_size_out.
        Cmd::PROG_TEST_RUN => 48,
        // probe_addr.
        Cmd::TASK_FD_QUERY => 48,
        // count.
        Cmd::MAP_LOOKUP_BATCH
        | Cmd::MAP_LOOKUP_AND_DELETE_BATCH
        | Cmd::MAP_UPDATE_BATCH
        | Cmd::MAP_DELETE_BATCH => 36,
        // btf_log_true_size.
        Cmd::BTF_LOAD => 32,
        // next_id.
        Cmd::PROG_GET_NEXT_ID
        | Cmd::MAP_GET_NEXT_ID
        | Cmd::BTF_GET_NEXT_ID
        | Cmd::LINK_GET_NEXT_ID => 8,
        // info_len.
        Cmd::OBJ_GET_INFO_BY_FD => 8,
        _ => 0,
    }
}

macro_rules! arms {
    ($($ty:ident: $($cmd:ident),*;)*) => {
        $(
            const _: () = {
                assert!(size_of::<$ty>() <= size_of::<Attr>());
                $(assert!(size_of::<$ty>() >= written(Cmd::$cmd));)*
            };

            impl Plain for $ty {}

            // SAFETY: zerocopy has derived that any bytes are valid and none is padding; the
            // assertion above is the rest.
            unsafe impl Arm for $ty {}

            /// The arm at the start of the union, all other bytes zero.
            impl From<$ty> for Attr {
                fn from(arm: $ty) -> Self {
                    let mut attr = Self::zeroed();
                    // Always fits, by the assertion beside `Arm`.
                    let _ = arm.write_to_prefix(attr.0.as_mut_bytes());
                    attr
                }
            }
        )*

        /// Each arm with the commands that read it.
        pub const ARMS: &[(&str, &[Cmd])] = &[$((stringify!($ty), &[$(Cmd::$cmd),*])),*];
    };
}

/// `union bpf_attr` itself: 168 bytes, 8-aligned, always fully initialised.
///
/// It is made from any arm and read as any arm. Handing over the whole union is never wrong: kernels
/// that know fewer bytes accept zeros in the rest.
///
/// It is an array underneath rather than a Rust `union`: the size, the alignment and the bytes are
/// the same, and reading it takes no `unsafe`.
///
/// ```
/// use barebpf::uapi::{Attr, IterCreate};
///
/// let attr = Attr::from(IterCreate::new(7));
/// assert_eq!(attr.get::<IterCreate>().link_fd, 7);
/// assert_eq!(attr.as_bytes()[..4], [7, 0, 0, 0]);
/// ```
#[doc(alias = "bpf_attr")]
#[repr(transparent)]
#[derive(
    Clone,
    Copy,
    Debug,
    zerocopy::FromBytes,
    zerocopy::Immutable,
    zerocopy::IntoBytes,
    zerocopy::KnownLayout,
)]
pub struct Attr([u64; 21]);

impl Attr {
    /// All bytes zero.
    #[must_use]
    pub const fn zeroed() -> Self {
        Self([0; 21])
    }

    /// Reads the union as `A`.
    #[must_use]
    pub fn get<A: Arm>(&self) -> A {
        match A::read_from_prefix(self.0.as_bytes()) {
            Ok((arm, _)) => arm,
            // Never: every arm fits, by the assertion beside `Arm`.
            Err(_) => A::new_zeroed(),
        }
    }

    /// All 168 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 168] {
        zerocopy::transmute_ref!(&self.0)
    }
}

impl Default for Attr {
    fn default() -> Self {
        Self::zeroed()
    }
}

impl Plain for Attr {}

// SAFETY: as for each arm; it is as long as any of them.
unsafe impl Arm for Attr {}

const _: () = assert!(size_of::<Attr>() == 168 && align_of::<Attr>() == 8);

arms! {
    MapCreate: MAP_CREATE;
    MapElem: MAP_LOOKUP_ELEM, MAP_UPDATE_ELEM, MAP_DELETE_ELEM, MAP_LOOKUP_AND_DELETE_ELEM;
    MapDeleteElem: MAP_DELETE_ELEM;
    MapGetNextKey: MAP_GET_NEXT_KEY;
    MapFreeze: MAP_FREEZE;
    MapBatch: MAP_LOOKUP_BATCH, MAP_LOOKUP_AND_DELETE_BATCH, MAP_UPDATE_BATCH, MAP_DELETE_BATCH;
    MapGetFdById: MAP_GET_FD_BY_ID;
    ProgLoad: PROG_LOAD;
    ProgAttach: PROG_ATTACH, PROG_DETACH;
    ProgTestRun: PROG_TEST_RUN;
    ProgQuery: PROG_QUERY;
    ProgGetFdById: PROG_GET_FD_BY_ID;
    ProgBindMap: PROG_BIND_MAP;
    ProgStreamRead: PROG_STREAM_READ_BY_FD;
    ProgAssocStructOps: PROG_ASSOC_STRUCT_OPS;
    Obj: OBJ_PIN, OBJ_GET;
    ObjGetInfoByFd: OBJ_GET_INFO_BY_FD;
    GetNextId: PROG_GET_NEXT_ID, MAP_GET_NEXT_ID, BTF_GET_NEXT_ID, LINK_GET_NEXT_ID;
    BtfLoad: BTF_LOAD;
    BtfGetFdById: BTF_GET_FD_BY_ID;
    RawTracepointOpen: RAW_TRACEPOINT_OPEN;
    TaskFdQuery: TASK_FD_QUERY;
    LinkCreate: LINK_CREATE;
    LinkCreateStructOps: LINK_CREATE;
    LinkCreateIter: LINK_CREATE;
    LinkCreatePerfEvent: LINK_CREATE;
    LinkCreateKprobeMulti: LINK_CREATE;
    LinkCreateTracing: LINK_CREATE;
    LinkCreateNetfilter: LINK_CREATE;
    LinkCreateTcx: LINK_CREATE;
    LinkCreateNetkit: LINK_CREATE;
    LinkCreateCgroup: LINK_CREATE;
    LinkCreateUprobeMulti: LINK_CREATE;
    LinkCreateTracingMulti: LINK_CREATE;
    LinkUpdate: LINK_UPDATE;
    LinkUpdateMap: LINK_UPDATE;
    LinkDetach: LINK_DETACH;
    LinkGetFdById: LINK_GET_FD_BY_ID;
    EnableStats: ENABLE_STATS;
    IterCreate: ITER_CREATE;
    TokenCreate: TOKEN_CREATE;
}

kernel_struct! {
    /// `struct bpf_common_attr`: the fourth argument, a log for the call (Linux 7.2).
    ///
    /// `MAP_CREATE`, `PROG_LOAD` and `BTF_LOAD` use it; other commands take it and do nothing.
    #[doc(alias = "bpf_common_attr")]
    pub struct CommonAttr = "struct bpf_common_attr", 24 bytes {
        /// Address of the log, or 0. Where the command has a log of its own, the two are equal or one is 0.
        0 pub log_buf: u64,
        /// Bytes at `log_buf`.
        8 pub log_size: u32,
        /// How much the log says; 0 without a log.
        12 pub log_level: u32,
        /// Written back: bytes that the whole log takes, with the final NUL; more than `log_size` when
        /// it was cut. Not written by errors that come before the log begins.
        16 pub log_true_size: u32,
        20 _zero: [u8; 4],
    }
}

//! `union bpf_attr`: one flat struct per use of the union, and [`Attr`], the union itself.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::{AttachType, Cmd, ObjFlags, ProgType};

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

pub(crate) trait Plain: FromBytes + IntoBytes + Immutable + KnownLayout {}

/// The bytes of `union bpf_attr` that a kernel may write for `cmd`, counted from its start.
///
/// Kernels heed the size that they are given only for `log_true_size` and, on cgroups,
/// `query.revision`; all else is written at its place, past a short struct if it comes to that.
/// The table is read from the sources (5.10 to 7.2) and held by a test with a canary behind each struct.
#[must_use]
pub const fn written(cmd: Cmd) -> usize {
    match cmd {
        Cmd::PROG_LOAD => 144,
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
#[derive(Clone, Copy, Debug, FromBytes, Immutable, IntoBytes, KnownLayout)]
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
    ProgLoad: PROG_LOAD;
    Obj: OBJ_PIN, OBJ_GET;
    LinkCreateIter: LINK_CREATE;
    IterCreate: ITER_CREATE;
}

kernel_struct! {
    /// `BPF_PROG_LOAD`.
    #[doc(alias = "bpf_attr")]
    pub struct ProgLoad = "union bpf_attr", 168 bytes {
        /// What kind of program it is.
        0 pub prog_type: ProgType,
        /// Instructions at `insns`.
        4 pub insn_cnt: u32,
        /// Address of the instructions.
        8 pub insns: u64,
        /// Address of the license, NUL-terminated.
        16 pub license: u64,
        /// How much the log says; 0 is nothing.
        24 pub log_level: u32,
        /// Bytes at `log_buf`.
        28 pub log_size: u32,
        /// Address of the log.
        32 pub log_buf: u64,
        /// Used by old kernels only.
        40 pub kern_version: u32,
        /// Flags.
        44 pub prog_flags: u32,
        /// The name.
        48 pub prog_name: [u8; 16],
        /// Interface.
        64 pub prog_ifindex: u32,
        /// What it will be attached to.
        68 pub expected_attach_type: AttachType,
        /// BTF.
        72 pub prog_btf_fd: u32,
        /// Size of a func_info record.
        76 pub func_info_rec_size: u32,
        /// Address of func_info.
        80 pub func_info: u64,
        /// Records at func_info.
        88 pub func_info_cnt: u32,
        /// Size of a line_info record.
        92 pub line_info_rec_size: u32,
        /// Address of line_info.
        96 pub line_info: u64,
        /// Records at line_info.
        104 pub line_info_cnt: u32,
        /// The id, in the kernel's BTF, of what it attaches to.
        108 pub attach_btf_id: u32,
        /// The program, or BTF object, of what it attaches to.
        112 pub attach_prog_fd: u32,
        /// Number of CO-RE relocations.
        116 pub core_relo_cnt: u32,
        /// Address of an array of descriptors.
        120 pub fd_array: u64,
        /// CO-RE relocations.
        128 pub core_relos: u64,
        /// Size.
        136 pub core_relo_rec_size: u32,
        /// Written back: bytes that the whole log takes.
        140 pub log_true_size: u32,
        /// Token.
        144 pub prog_token_fd: u32,
        /// Count.
        148 pub fd_array_cnt: u32,
        /// Signature.
        152 pub signature: u64,
        /// Size.
        160 pub signature_size: u32,
        /// Keyring.
        164 pub keyring_id: i32,
    }

    /// `BPF_OBJ_PIN`, `BPF_OBJ_GET`.
    #[doc(alias = "bpf_attr")]
    pub struct Obj = "union bpf_attr", 24 bytes {
        /// Address of the path.
        0 pub pathname: u64,
        /// The object to pin.
        8 pub bpf_fd: u32,
        /// How to open it.
        12 pub file_flags: ObjFlags,
        /// The directory.
        16 pub path_fd: i32,
        20 _zero: [u8; 4],
    }

    /// `bpf_attr.link_create`, iterator arm (Linux 5.8).
    #[doc(alias = "bpf_attr")]
    pub struct LinkCreateIter = "union bpf_attr.link_create", 32 bytes {
        /// The iterator program.
        0 pub prog_fd: u32,
        /// Unused by iterators: zero.
        4 pub target_fd: u32,
        /// [`AttachType::TRACE_ITER`].
        8 pub attach_type: AttachType,
        /// Unused by iterators: zero.
        12 pub flags: u32,
        /// Address of a `union bpf_iter_link_info`, or zero.
        16 pub iter_info: u64,
        /// Bytes at `iter_info`.
        24 pub iter_info_len: u32,
        28 _zero: [u8; 4],
    }

    /// `BPF_ITER_CREATE` (Linux 5.8).
    #[doc(alias = "bpf_attr")]
    pub struct IterCreate = "union bpf_attr.iter_create", 8 bytes {
        /// The iterator link.
        0 pub link_fd: u32,
        /// Zero.
        4 pub flags: u32,
    }

    /// `struct bpf_common_attr`: the fourth argument (Linux 7.2).
    #[doc(alias = "bpf_common_attr")]
    pub struct CommonAttr = "struct bpf_common_attr", 24 bytes {
        /// Address of the log.
        0 pub log_buf: u64,
        /// Bytes at `log_buf`.
        8 pub log_size: u32,
        /// How much the log says.
        12 pub log_level: u32,
        /// Written back: bytes that the whole log takes.
        16 pub log_true_size: u32,
        20 _zero: [u8; 4],
    }
}

impl LinkCreateIter {
    /// Attaches `prog_fd` to nothing in particular; set the public fields for the rest.
    #[must_use]
    pub const fn new(prog_fd: u32) -> Self {
        Self { prog_fd, attach_type: AttachType::TRACE_ITER, ..Self::zeroed() }
    }
}

impl IterCreate {
    /// Opens an iterator from `link_fd`.
    #[must_use]
    pub const fn new(link_fd: u32) -> Self {
        Self { link_fd, ..Self::zeroed() }
    }
}

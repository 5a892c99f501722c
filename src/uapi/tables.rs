//! Everything that was written by hand, as tables: each number and each field with its C name.
//!
//! `tests/facts.rs` holds them to `abi/bpf.def`, and they can be held to the running kernel's BTF. They
//! are constants: a program that does not name them does not carry them.

use core::fmt;

use super::*;
use crate::debug::Text;

/// A [`Layout`], its type forgotten.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Record {
    /// The Rust name.
    pub name: &'static str,
    /// [`Layout::C_NAME`]: the C type, and after a dot the member inside that all names start from.
    pub c_name: &'static str,
    /// The size in bytes: that of the C type, or less for a part of it.
    pub size: usize,
    /// The alignment in bytes.
    pub align: usize,
    /// [`Layout::FIELDS`].
    pub fields: &'static [Field],
    /// [`Layout::BITS`].
    pub bits: &'static [Bits],
}

crate::debug::debug_struct! { Record { name as str, c_name as str, size, align, fields, bits } }

/// A [`Values`], its type forgotten.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Numbers {
    /// The Rust name.
    pub name: &'static str,
    /// [`Values::VALUES`].
    pub values: &'static [(&'static str, u64)],
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.name)?;
        let values = self.values.iter().map(|(name, value)| (Text(name.as_bytes()), value));
        f.debug_list().entries(values).finish()
    }
}

macro_rules! values {
    ($($ty:ty;)*) => {
        &[$(Numbers { name: stringify!($ty), values: <$ty as Values>::VALUES }),*]
    };
}

macro_rules! records {
    ($($ty:ty;)*) => {
        &[$(Record {
            name: stringify!($ty),
            c_name: <$ty as Layout>::C_NAME,
            size: size_of::<$ty>(),
            align: align_of::<$ty>(),
            fields: <$ty as Layout>::FIELDS,
            bits: <$ty as Layout>::BITS,
        }),*]
    };
}

/// Every enumeration, every set of flags, and the numbers that are neither.
pub const VALUES: &[Numbers] = values! {
    AttachType;
    BtfLoadFlags;
    BtfOpenFlags;
    CgroupIterOrder;
    Cmd;
    CoreReloKind;
    LinkCreateCgroupFlags;
    LinkCreateKprobeMultiFlags;
    LinkCreateNetfilterFlags;
    LinkCreateNetkitFlags;
    LinkCreateTcxFlags;
    LinkCreateUprobeMultiFlags;
    LinkType;
    LinkUpdateFlags;
    MapBatchFlags;
    MapCreateFlags;
    MapElemFlags;
    MapOpenFlags;
    MapType;
    ObjFlags;
    PerfEventType;
    ProgAttachFlags;
    ProgLoadFlags;
    ProgQueryFlags;
    ProgType;
    StatsType;
    StreamId;
    TaskFdType;
    TestRunFlags;
    types::Lengths;
    btf::FuncLinkage;
    btf::IntEncoding;
    btf::Kind;
    btf::Limits;
    btf::VarLinkage;
    helper::AdjRoomFlags;
    helper::BprmOptsFlags;
    helper::BranchRecordsFlags;
    helper::CsumReplaceFlags;
    helper::GetStackFlags;
    helper::GetStackidFlags;
    helper::GetTunnelKeyFlags;
    helper::Helper;
    helper::KfuncFlags;
    helper::NetnsId;
    helper::PerfEventFlags;
    helper::RedirectFlags;
    helper::SetTunnelKeyFlags;
    helper::SkbStoreBytesFlags;
    helper::SysctlNameFlags;
    helper::TimerFlags;
    insn::AddrSpaceCast;
    insn::AluOp;
    insn::AtomicOp;
    insn::Class;
    insn::CondPseudoJmp;
    insn::EndianTo;
    insn::JmpOp;
    insn::Limits;
    insn::Mode;
    insn::PseudoCall;
    insn::PseudoLd;
    insn::Reg;
    insn::Size;
    insn::Source;
};

/// Every struct, and the union.
pub const RECORDS: &[Record] = records! {
    Attr;
    BtfGetFdById;
    BtfInfo;
    BtfLoad;
    CommonAttr;
    CoreRelo;
    EnableStats;
    FuncInfo;
    GetNextId;
    IterCreate;
    IterLinkInfo;
    IterLinkInfoCgroup;
    IterLinkInfoMap;
    IterLinkInfoTask;
    LineInfo;
    LinkCreate;
    LinkCreateCgroup;
    LinkCreateIter;
    LinkCreateKprobeMulti;
    LinkCreateNetfilter;
    LinkCreateNetkit;
    LinkCreatePerfEvent;
    LinkCreateStructOps;
    LinkCreateTcx;
    LinkCreateTracing;
    LinkCreateTracingMulti;
    LinkCreateUprobeMulti;
    LinkDetach;
    LinkGetFdById;
    LinkInfo;
    LinkInfoCgroup;
    LinkInfoIter;
    LinkInfoIterCgroup;
    LinkInfoIterMap;
    LinkInfoIterTask;
    LinkInfoKprobeMulti;
    LinkInfoNetfilter;
    LinkInfoNetkit;
    LinkInfoNetns;
    LinkInfoPerfEvent;
    LinkInfoPerfEventEvent;
    LinkInfoPerfEventKprobe;
    LinkInfoPerfEventTracepoint;
    LinkInfoPerfEventUprobe;
    LinkInfoRawTracepoint;
    LinkInfoSockmap;
    LinkInfoStructOps;
    LinkInfoTcx;
    LinkInfoTracing;
    LinkInfoUprobeMulti;
    LinkInfoXdp;
    LinkUpdate;
    LinkUpdateMap;
    MapBatch;
    MapCreate;
    MapDeleteElem;
    MapElem;
    MapFreeze;
    MapGetFdById;
    MapGetNextKey;
    MapInfo;
    Obj;
    ObjGetInfoByFd;
    ProgAssocStructOps;
    ProgAttach;
    ProgBindMap;
    ProgGetFdById;
    ProgInfo;
    ProgLoad;
    ProgQuery;
    ProgStreamRead;
    ProgTestRun;
    RawTracepointOpen;
    TaskFdQuery;
    TokenCreate;
    TokenInfo;
    btf::Array;
    btf::DeclTag;
    btf::Enum;
    btf::Enum64;
    btf::Header;
    btf::HeaderWithLayout;
    btf::Layout;
    btf::Member;
    btf::Param;
    btf::Type;
    btf::Var;
    btf::VarSecinfo;
    insn::Insn;
};

/// The union has no fields of its own: its arms have them.
impl Layout for Attr {
    const C_NAME: &'static str = "union bpf_attr";
    const FIELDS: &'static [Field] = &[];
    const BITS: &'static [Bits] = &[];
}

/// The union has no fields of its own: its arms have them.
impl Layout for IterLinkInfo {
    const C_NAME: &'static str = "union bpf_iter_link_info";
    const FIELDS: &'static [Field] = &[];
    const BITS: &'static [Bits] = &[];
}

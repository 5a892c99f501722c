//! What `<linux/bpf.h>` and `<linux/btf.h>` say, as of Linux 7.2: plain data, no calls.
//!
//! Names are the kernel's without their prefix, and each item is found by its C name too. [`insn`],
//! [`helper`] and [`btf`] are modules of their own, because their names are short.
//!
//! Structs hold fixed-width integers, arrays of them and transparent newtypes, so they have one
//! layout on every target that this crate supports. Padding is a private field that is zero.
//! `zeroed()` makes each; `new(…)`, where there is one, takes what is always needed.

#[macro_use]
mod macros;

mod attr;
pub mod btf;
mod cmd;
mod flags;
pub mod helper;
mod info;
pub mod insn;
pub mod tables;
mod types;

pub use attr::{
    ARMS, Arm, Attr, BtfGetFdById, BtfLoad, CommonAttr, EnableStats, GetNextId, IterCreate,
    IterLinkInfo, IterLinkInfoCgroup, IterLinkInfoMap, IterLinkInfoTask, LinkCreate,
    LinkCreateCgroup, LinkCreateIter, LinkCreateKprobeMulti, LinkCreateNetfilter, LinkCreateNetkit,
    LinkCreatePerfEvent, LinkCreateStructOps, LinkCreateTcx, LinkCreateTracing,
    LinkCreateTracingMulti, LinkCreateUprobeMulti, LinkDetach, LinkGetFdById, LinkUpdate,
    LinkUpdateMap, MapBatch, MapCreate, MapDeleteElem, MapElem, MapFreeze, MapGetFdById,
    MapGetNextKey, Obj, ObjGetInfoByFd, ProgAssocStructOps, ProgAttach, ProgBindMap, ProgGetFdById,
    ProgLoad, ProgQuery, ProgStreamRead, ProgTestRun, RawTracepointOpen, TaskFdQuery, TokenCreate,
    written,
};
pub use cmd::Cmd;
pub use flags::{
    BtfLoadFlags, BtfOpenFlags, LinkCreateCgroupFlags, LinkCreateKprobeMultiFlags,
    LinkCreateNetfilterFlags, LinkCreateNetkitFlags, LinkCreateTcxFlags,
    LinkCreateUprobeMultiFlags, LinkUpdateFlags, MapBatchFlags, MapCreateFlags, MapElemFlags,
    MapOpenFlags, ObjFlags, ProgAttachFlags, ProgLoadFlags, ProgQueryFlags, TestRunFlags,
};
pub use info::{
    BtfInfo, CoreRelo, FuncInfo, LineInfo, LinkInfo, LinkInfoCgroup, LinkInfoIter,
    LinkInfoIterCgroup, LinkInfoIterMap, LinkInfoIterTask, LinkInfoKprobeMulti, LinkInfoNetfilter,
    LinkInfoNetkit, LinkInfoNetns, LinkInfoPerfEvent, LinkInfoPerfEventEvent,
    LinkInfoPerfEventKprobe, LinkInfoPerfEventTracepoint, LinkInfoPerfEventUprobe,
    LinkInfoRawTracepoint, LinkInfoSockmap, LinkInfoStructOps, LinkInfoTcx, LinkInfoTracing,
    LinkInfoUprobeMulti, LinkInfoXdp, MapInfo, ProgInfo, TokenInfo,
};
pub use macros::{Bits, Field, Layout, Values};
pub use types::{
    AttachType, CgroupIterOrder, CoreReloKind, LinkType, MapType, OBJ_NAME_LEN, PerfEventType,
    ProgType, StatsType, StreamId, TAG_SIZE, TaskFdType,
};

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

/// Any bytes are a valid value, and none of its own bytes is padding.
pub(crate) trait Plain: FromBytes + IntoBytes + Immutable + KnownLayout {}

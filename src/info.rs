//! What an object says of itself: `BPF_OBJ_GET_INFO_BY_FD`, by the kind of object.
//!
//! The command takes any descriptor, and the struct in its place goes by what that is: the lengths of a
//! program's arrays are, to a link, the address of a name. So each function here first makes sure of
//! the kind, by a command that only that kind gets far enough into to fail in a way of its own.

#![allow(unsafe_code)]

use zerocopy::{FromBytes, IntoBytes};

use crate::fd::BorrowedFd;
use crate::sys::{self, address_mut, count};
use crate::uapi::insn::Insn;
use crate::uapi::{
    BtfInfo, Cmd, FuncInfo, LineInfo, LinkInfo, LinkInfoIter, LinkInfoKprobeMulti,
    LinkInfoPerfEvent, LinkInfoPerfEventKprobe, LinkInfoRawTracepoint, LinkInfoUprobeMulti,
    LinkType, LinkUpdate, MapBatch, MapInfo, ObjGetInfoByFd, PerfEventType, ProgBindMap, ProgInfo,
    TokenInfo,
};
use crate::{Errno, Result};

/// A descriptor's number that is never open.
const NO_FD: u32 = u32::MAX;

/// What a descriptor is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A program.
    Prog,
    /// A map.
    Map,
    /// A link.
    Link,
    /// None of these: a BTF object, a token, or nothing that `bpf(2)` made.
    Other,
}

/// Tells programs, maps and links apart: what [`obj_get`](crate::obj::obj_get) returns may be any.
///
/// The kernel has no command for it. This asks for things that only one kind can be asked for, and that
/// then fail or do nothing; nothing is changed, and no privilege is needed. Linux 5.10.
///
/// # Errors
///
///  - Whatever the kernel, or what guards it, says instead of answering: [`PERM`](Errno::PERM).
pub fn kind(fd: BorrowedFd<'_>) -> Result<Kind> {
    if is_prog(fd)? {
        Ok(Kind::Prog)
    } else if is_link(fd)? {
        Ok(Kind::Link)
    } else if is_map(fd)? {
        Ok(Kind::Map)
    } else {
        Ok(Kind::Other)
    }
}

/// Binding a map that does not exist: a program gets as far as looking for it.
fn is_prog(fd: BorrowedFd<'_>) -> Result<bool> {
    let mut attr = ProgBindMap::new(fd.as_attr(), NO_FD);
    // SAFETY: `ProgBindMap` is the arm that this command reads; it holds no address.
    second_is_bad(unsafe { sys::bpf(Cmd::PROG_BIND_MAP, &mut attr) })
}

/// Updating to a program that does not exist: a link gets as far as looking for it.
fn is_link(fd: BorrowedFd<'_>) -> Result<bool> {
    let mut attr = LinkUpdate::new(fd.as_attr(), NO_FD);
    // SAFETY: `LinkUpdate` is the arm that this command reads; it holds no address.
    second_is_bad(unsafe { sys::bpf(Cmd::LINK_UPDATE, &mut attr) })
}

/// The first descriptor is open, so `BADF` is the second's, and the first was of the right kind.
fn second_is_bad(result: Result<usize>) -> Result<bool> {
    match result {
        Err(Errno::BADF) => Ok(true),
        Err(Errno::INVAL) | Ok(_) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// Looking up no elements: nothing to do, or no batches for this type, or no reading through this
/// descriptor; but `EINVAL` for what is no map.
fn is_map(fd: BorrowedFd<'_>) -> Result<bool> {
    let mut attr = MapBatch::new(fd.as_attr(), 0, 0, 0);
    // SAFETY: `MapBatch` is the arm that this command reads; it holds no address.
    match unsafe { sys::bpf(Cmd::MAP_LOOKUP_BATCH, &mut attr) } {
        Ok(_) | Err(Errno::NOTSUPP | Errno::PERM) => Ok(true),
        Err(Errno::INVAL) => Ok(false),
        Err(errno) => Err(errno),
    }
}

/// An object of the right kind passes, another is `EINVAL`.
fn require(is: bool) -> Result<()> {
    if is { Ok(()) } else { Err(Errno::INVAL) }
}

/// Fills `info` as far as this kernel goes; what it does not know stays zero.
///
/// # Safety
///
///  - Every address in `info`, at the place where the kernel has it for objects of `fd`'s kind, is zero
///    or valid for writes of what the length beside it says, until this returns.
#[inline]
unsafe fn get<T: FromBytes + IntoBytes>(fd: BorrowedFd<'_>, info: &mut T) -> Result<()> {
    let address = core::ptr::from_mut(info).expose_provenance() as u64;
    let mut attr = ObjGetInfoByFd::new(fd.as_attr(), address, size_of::<T>() as u32);
    // SAFETY: `ObjGetInfoByFd` is the arm that this command reads. `info` is exclusively ours and
    // takes `info_len` bytes of anything; the caller vouches for the addresses in it.
    unsafe { sys::bpf(Cmd::OBJ_GET_INFO_BY_FD, &mut attr) }.map(drop)
}

/// Where [`obj_get_info_by_fd_prog`] puts arrays. An empty one is not asked for.
#[derive(Default)]
pub struct ProgBuffers<'b> {
    /// Instructions, as the verifier left them.
    pub xlated_prog_insns: &'b mut [Insn],
    /// Machine code.
    pub jited_prog_insns: &'b mut [u8],
    /// Ids of the maps that it uses.
    pub map_ids: &'b mut [u32],
    /// Each function's address.
    pub jited_ksyms: &'b mut [u64],
    /// Each function's length in bytes of machine code.
    pub jited_func_lens: &'b mut [u32],
    /// Which function starts where.
    pub func_info: &'b mut [FuncInfo],
    /// Which source line starts where.
    pub line_info: &'b mut [LineInfo],
    /// Each line's address in the machine code.
    pub jited_line_info: &'b mut [u64],
    /// Each function's tag.
    pub prog_tags: &'b mut [[u8; 8]],
}

crate::debug::debug_struct! { ProgBuffers<'_> {
    xlated_prog_insns, jited_prog_insns, map_ids, jited_ksyms, jited_func_lens, func_info,
    line_info, jited_line_info, prog_tags
} }

/// `bpf(BPF_OBJ_GET_INFO_BY_FD, { bpf_fd, info })`—says what is known about a program.
///
/// Each array is filled as far as it and the program go; the count (or the length in bytes) in the info
/// is what there is, so a larger one than the array's says that it was cut. Arrays, and the lengths of
/// code, are for those with `CAP_BPF`; without it their counts are zero. The addresses of machine code
/// may be hidden even then, and the array's address in the info is zero.
///
/// Since Linux 4.13; here 5.10.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): `fd` is no program.
///  - [`TOOBIG`](Errno::TOOBIG): an array has more than 2³² − 1 entries, or this kernel does not have it.
///  - [`BADFD`](Errno::BADFD): `fd` is not open.
///  - [`NOMEM`](Errno::NOMEM): no memory for a copy of the instructions.
#[doc(alias = "BPF_OBJ_GET_INFO_BY_FD")]
#[doc(alias = "bpf_prog_info")]
pub fn obj_get_info_by_fd_prog(
    fd: BorrowedFd<'_>,
    buffers: &mut ProgBuffers<'_>,
) -> Result<ProgInfo> {
    require(is_prog(fd)?)?;
    let mut info = ProgInfo::zeroed();
    let bytes = size_of_val(&*buffers.xlated_prog_insns);
    info.xlated_prog_len = u32::try_from(bytes).map_err(|_| Errno::TOOBIG)?;
    info.xlated_prog_insns = address_mut(buffers.xlated_prog_insns);
    info.jited_prog_len = count(buffers.jited_prog_insns)?;
    info.jited_prog_insns = address_mut(buffers.jited_prog_insns);
    info.nr_map_ids = count(buffers.map_ids)?;
    info.map_ids = address_mut(buffers.map_ids);
    info.nr_jited_ksyms = count(buffers.jited_ksyms)?;
    info.jited_ksyms = address_mut(buffers.jited_ksyms);
    info.nr_jited_func_lens = count(buffers.jited_func_lens)?;
    info.jited_func_lens = address_mut(buffers.jited_func_lens);
    // Kernels refuse a record's size that is not theirs, so none writes more than we have.
    info.nr_func_info = count(buffers.func_info)?;
    info.func_info = address_mut(buffers.func_info);
    info.func_info_rec_size = size_of::<FuncInfo>() as u32;
    info.nr_line_info = count(buffers.line_info)?;
    info.line_info = address_mut(buffers.line_info);
    info.line_info_rec_size = size_of::<LineInfo>() as u32;
    info.nr_jited_line_info = count(buffers.jited_line_info)?;
    info.jited_line_info = address_mut(buffers.jited_line_info);
    info.jited_line_info_rec_size = size_of::<u64>() as u32;
    info.nr_prog_tags = count(buffers.prog_tags)?;
    info.prog_tags = address_mut(buffers.prog_tags);
    // SAFETY: `fd` is a program, so `ProgInfo` is the struct that the kernel reads. Each address is that
    // of a slice that we hold exclusively, with its own count of entries of the kernel's size.
    unsafe { get(fd, &mut info) }?;
    if info.xlated_prog_len == 0 {
        // Without CAP_BPF the kernel stops before this one, and leaves what we sent.
        info.nr_prog_tags = 0;
    }
    Ok(info)
}

/// `bpf(BPF_OBJ_GET_INFO_BY_FD, { bpf_fd, info })`—says what is known about a map.
///
/// Since Linux 4.13; here 5.6.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): `fd` is no map.
///  - [`BADF`](Errno::BADF): `fd` is not open.
#[doc(alias = "BPF_OBJ_GET_INFO_BY_FD")]
#[doc(alias = "bpf_map_info")]
pub fn obj_get_info_by_fd_map(fd: BorrowedFd<'_>) -> Result<MapInfo> {
    require(is_map(fd)?)?;
    let mut info = MapInfo::zeroed();
    // SAFETY: `info` is all zero, and so is every address in it.
    unsafe { get(fd, &mut info) }?;
    Ok(info)
}

/// `bpf(BPF_OBJ_GET_INFO_BY_FD, { bpf_fd, info: { hash } })`—the same, and the SHA-256 of the contents
/// of a frozen array.
///
/// After Linux 6.12, by 6.18.
///
/// # Errors
///
/// As [`obj_get_info_by_fd_map`], and
///
///  - [`PERM`](Errno::PERM): the map is not frozen.
///  - [`INVAL`](Errno::INVAL): maps of this type have no hash.
///  - [`TOOBIG`](Errno::TOOBIG): this kernel makes no hashes.
#[doc(alias = "BPF_OBJ_GET_INFO_BY_FD")]
#[doc(alias = "bpf_map_info")]
pub fn obj_get_info_by_fd_map_hash(fd: BorrowedFd<'_>, hash: &mut [u8; 32]) -> Result<MapInfo> {
    require(is_map(fd)?)?;
    let mut info = MapInfo::zeroed();
    info.hash = address_mut(hash);
    info.hash_size = size_of_val(hash) as u32;
    // SAFETY: `fd` is a map, so `MapInfo` is the struct that the kernel reads; its one address is
    // `hash`, exclusively ours, with its length.
    unsafe { get(fd, &mut info) }?;
    Ok(info)
}

/// `bpf(BPF_OBJ_GET_INFO_BY_FD, { bpf_fd, info: { btf, name } })`—says what is known about a BTF object,
/// and gives its bytes and its name.
///
/// Both buffers may be empty, and are filled as far as they go: `btf_size` in the info is the size of
/// the whole BTF, `name_len` that of the name, which takes a NUL more. A user's BTF has an empty name, the
/// kernel's own is `vmlinux`, its modules' are theirs.
///
/// Since Linux 4.18; here 5.10. Names are newer (by 6.1).
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): `fd` is a program, a map or a link.
///  - [`TOOBIG`](Errno::TOOBIG): a buffer of 4 GiB, or this kernel has no names for BTF.
///  - [`BADF`](Errno::BADF), [`BADFD`](Errno::BADFD): `fd` is not open.
#[doc(alias = "BPF_OBJ_GET_INFO_BY_FD")]
#[doc(alias = "bpf_btf_info")]
pub fn obj_get_info_by_fd_btf(
    fd: BorrowedFd<'_>,
    btf: &mut [u8],
    name: &mut [u8],
) -> Result<BtfInfo> {
    require(kind(fd)? == Kind::Other)?;
    let mut info = BtfInfo::zeroed();
    info.btf = address_mut(btf);
    info.btf_size = count(btf)?;
    info.name = address_mut(name);
    info.name_len = count(name)?;
    // SAFETY: BTF objects read `BtfInfo`, whose addresses are slices that we hold exclusively, with their
    // lengths. `fd` is that or a token, which reads nothing of its info; all others have been told apart.
    match unsafe { get(fd, &mut info) } {
        // The name was cut, and the struct written.
        Ok(()) | Err(Errno::NOSPC) => Ok(info),
        Err(errno) => Err(errno),
    }
}

/// `bpf(BPF_OBJ_GET_INFO_BY_FD, { bpf_fd, info })`—says what a token permits.
///
/// After Linux 6.12, by 6.18.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): `fd` is a program, a map, a link, or nothing that has an info on this
///    kernel.
///  - [`BADF`](Errno::BADF), [`BADFD`](Errno::BADFD): `fd` is not open.
#[doc(alias = "BPF_OBJ_GET_INFO_BY_FD")]
#[doc(alias = "bpf_token_info")]
pub fn obj_get_info_by_fd_token(fd: BorrowedFd<'_>) -> Result<TokenInfo> {
    require(kind(fd)? == Kind::Other)?;
    let mut info = TokenInfo::zeroed();
    // SAFETY: `info` is all zero, and so is every address in it.
    unsafe { get(fd, &mut info) }?;
    Ok(info)
}

/// Where [`obj_get_info_by_fd_link`] puts names and arrays. An empty one is not asked for, and one that
/// this type of link does not have is left alone.
#[derive(Debug, Default)]
pub struct LinkBuffers<'b> {
    /// The tracepoint's, target's, function's or file's name, with a NUL.
    pub name: &'b mut [u8],
    /// Each function's address, or each place in the file.
    pub addrs: &'b mut [u64],
    /// Each function's or place's cookie; functions want `addrs` as well.
    pub cookies: &'b mut [u64],
    /// Each place's offset of the reference counter.
    pub ref_ctr_offsets: &'b mut [u64],
}

impl LinkBuffers<'_> {
    /// Entries that every array which is asked for has.
    fn entries(&self, used: &[usize]) -> Result<u32> {
        let entries = used.iter().copied().filter(|&len| len != 0).min().unwrap_or(0);
        u32::try_from(entries).map_err(|_| Errno::TOOBIG)
    }

    /// The info to ask with, for a link that said `found` of itself; `None` if there is nothing to ask.
    fn ask(&mut self, found: LinkInfo) -> Result<Option<LinkInfo>> {
        let (name, name_len) = (address_mut(self.name), count(self.name)?);
        Ok(match found.r#type {
            LinkType::RAW_TRACEPOINT if name_len != 0 => {
                let mut ask = LinkInfoRawTracepoint::zeroed();
                (ask.tp_name, ask.tp_name_len) = (name, name_len);
                Some(ask.into())
            }
            LinkType::ITER if name_len != 0 => {
                let mut ask = LinkInfoIter::zeroed();
                (ask.target_name, ask.target_name_len) = (name, name_len);
                Some(ask.into())
            }
            // The names of all four are at one place.
            LinkType::PERF_EVENT if name_len != 0 => {
                match LinkInfoPerfEvent::from(found).perf_event_type {
                    PerfEventType::UPROBE
                    | PerfEventType::URETPROBE
                    | PerfEventType::KPROBE
                    | PerfEventType::KRETPROBE
                    | PerfEventType::TRACEPOINT => {
                        let mut ask = LinkInfoPerfEventKprobe::zeroed();
                        (ask.func_name, ask.name_len) = (name, name_len);
                        Some(ask.into())
                    }
                    _ => None,
                }
            }
            LinkType::KPROBE_MULTI if !self.addrs.is_empty() => {
                let mut ask = LinkInfoKprobeMulti::zeroed();
                ask.count = self.entries(&[self.addrs.len(), self.cookies.len()])?;
                ask.addrs = address_mut(self.addrs);
                ask.cookies = address_mut(self.cookies);
                Some(ask.into())
            }
            LinkType::UPROBE_MULTI => {
                let mut ask = LinkInfoUprobeMulti::zeroed();
                let used = [self.addrs.len(), self.cookies.len(), self.ref_ctr_offsets.len()];
                ask.count = self.entries(&used)?;
                (ask.path, ask.path_size) = (name, name_len);
                ask.offsets = address_mut(self.addrs);
                ask.cookies = address_mut(self.cookies);
                ask.ref_ctr_offsets = address_mut(self.ref_ctr_offsets);
                Some(ask.into())
            }
            _ => None,
        })
    }
}

/// `bpf(BPF_OBJ_GET_INFO_BY_FD, { bpf_fd, info })`—says what is known about a link.
///
/// Its [`type`](LinkInfo::type) says which arm the rest is; `From` makes that of it. Lengths and counts
/// there are those of what there is, a name's with its NUL. A buffer that is too small holds the
/// beginning, a name's ends in a NUL even so; but a path that does not fit is not there at all, and
/// neither are the arrays beside it. Addresses in the info are zero or those of the buffers.
///
/// Since Linux 5.8; here 5.10.
///
/// # Errors
///
///  - [`INVAL`](Errno::INVAL): `fd` is no link.
///  - [`TOOBIG`](Errno::TOOBIG): a buffer of 2³² entries, or one that this kernel does not have.
///  - [`OPNOTSUPP`](Errno::OPNOTSUPP): the link is on a perf event that this kernel has nothing to say of.
///  - [`NOENT`](Errno::NOENT), [`NOMEM`](Errno::NOMEM): a part of what it tells is gone, or no memory.
///  - [`BADFD`](Errno::BADFD): `fd` is not open.
#[doc(alias = "BPF_OBJ_GET_INFO_BY_FD")]
#[doc(alias = "bpf_link_info")]
pub fn obj_get_info_by_fd_link(
    fd: BorrowedFd<'_>,
    buffers: &mut LinkBuffers<'_>,
) -> Result<LinkInfo> {
    require(is_link(fd)?)?;
    let mut found = LinkInfo::zeroed();
    // SAFETY: `found` is all zero, and so is every address in it.
    unsafe { get(fd, &mut found) }?;
    let Some(mut ask) = buffers.ask(found)? else {
        return Ok(found);
    };
    // SAFETY: `fd` is a link, and of the type that `ask` was made for, since a link's never changes. Each
    // address is that of a slice that we hold exclusively, and no count is larger than its length.
    match unsafe { get(fd, &mut ask) } {
        Ok(()) => Ok(ask),
        // Cut; the struct was not written, and what was found before is still true.
        Err(Errno::NOSPC | Errno::NAMETOOLONG) => Ok(found),
        Err(errno) => Err(errno),
    }
}

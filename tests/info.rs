//! What objects say of themselves, with every array and name that they have; and what happens to
//! buffers that are too small, or meant for another kind of object.

mod common;

use std::ffi::CString;
use std::os::fd::AsRawFd;

use barebpf::btf::{Btf, Kind as BtfKind, btf_load};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info::{
    Kind, LinkBuffers, ProgBuffers, kind, obj_get_info_by_fd_btf, obj_get_info_by_fd_link,
    obj_get_info_by_fd_map, obj_get_info_by_fd_map_hash, obj_get_info_by_fd_prog,
    obj_get_info_by_fd_token,
};
use barebpf::iter::{self, link_create_iter};
use barebpf::map::{Map, map_create, map_freeze};
use barebpf::prog::{Options, prog_load, raw_tracepoint_open};
use barebpf::uapi::insn::Insn;
use barebpf::uapi::{
    AttachType, Cmd, FuncInfo, LineInfo, LinkCreateUprobeMulti, LinkInfo, LinkInfoIter,
    LinkInfoRawTracepoint, LinkInfoUprobeMulti, LinkType, MapType, ProgType,
};
use barebpf::{Errno, Log, sys};

fn insn(code: u8) -> Insn {
    let mut insn = Insn::zeroed();
    insn.code = code;
    insn
}

/// `r0 = 0; exit`.
fn program() -> [Insn; 2] {
    [insn(0xb7), insn(0x95)]
}

fn load(prog_type: ProgType, options: &Options<'_>) -> OwnedFd {
    prog_load(prog_type, &program(), c"GPL", options, &mut Log::none()).unwrap()
}

fn map() -> Map {
    let options = barebpf::map::Options::default();
    map_create(MapType::ARRAY, 4, 4, 1, &options, &mut Log::none()).unwrap()
}

/// INT `f`, a FUNC_PROTO that returns it, and the FUNC `f` of that type.
fn types() -> Vec<u8> {
    let mut btf = vec![0x9f, 0xeb, 1, 0];
    for word in [24, 0, 40, 40, 3] {
        btf.extend(u32::to_le_bytes(word));
    }
    for word in [1, 1 << 24, 4, 32, 0, 13 << 24, 1, 1, 12 << 24, 2] {
        btf.extend(u32::to_le_bytes(word));
    }
    btf.extend(*b"\0f\0");
    btf
}

fn types_object() -> OwnedFd {
    btf_load(&types(), None, &mut Log::none()).unwrap()
}

fn raw_tracepoint() -> OwnedFd {
    let prog = load(ProgType::RAW_TRACEPOINT, &Options::default());
    raw_tracepoint_open(prog.as_fd(), Some(c"sched_switch"), 0).unwrap()
}

#[test]
fn a_program_gives_its_instructions_ids_functions_and_lines() {
    if !common::privileged() {
        return;
    }
    let btf = types_object();
    let mut line = LineInfo::zeroed();
    (line.file_name_off, line.line_off, line.line_col) = (1, 1, 7 << 10 | 3);
    let mut func = FuncInfo::zeroed();
    func.type_id = 3;
    let options = Options {
        name: "informed",
        btf: Some(btf.as_fd()),
        func_info: &[func],
        line_info: &[line],
        ..Options::default()
    };
    let prog = load(ProgType::SOCKET_FILTER, &options);
    let bound = map();
    barebpf::prog::prog_bind_map(prog.as_fd(), bound.as_fd()).unwrap();

    let mut insns = [Insn::zeroed(); 4];
    let (mut jited, mut maps, mut ksyms, mut lens) = ([0; 8192], [0; 2], [0; 2], [0; 2]);
    let (mut funcs, mut lines) = ([FuncInfo::zeroed(); 2], [LineInfo::zeroed(); 2]);
    let (mut jited_lines, mut tags) = ([0; 2], [[0; 8]; 2]);
    let mut buffers = ProgBuffers {
        xlated_prog_insns: &mut insns,
        jited_prog_insns: &mut jited,
        map_ids: &mut maps,
        jited_ksyms: &mut ksyms,
        jited_func_lens: &mut lens,
        func_info: &mut funcs,
        line_info: &mut lines,
        jited_line_info: &mut jited_lines,
        prog_tags: &mut tags,
    };
    let info = obj_get_info_by_fd_prog(prog.as_fd(), &mut buffers).unwrap();
    assert_eq!(info.r#type, ProgType::SOCKET_FILTER);
    assert_eq!(&info.name, b"informed\0\0\0\0\0\0\0\0");
    assert!(info.gpl_compatible());
    assert_eq!(info.xlated_prog_len, 16);
    assert_eq!(insns[..2], program());
    assert_eq!(insns[2..], [Insn::zeroed(); 2]);
    assert_eq!(info.nr_map_ids, 1);
    let id = obj_get_info_by_fd_map(bound.as_fd()).unwrap().id;
    assert_eq!(maps, [id, 0]);
    assert_eq!((info.nr_func_info, info.nr_line_info, info.nr_prog_tags), (1, 1, 1));
    assert_eq!((funcs[0].type_id, funcs[1].type_id), (3, 0));
    assert_eq!((lines[0].line(), lines[0].column(), lines[1].line()), (7, 3, 0));
    assert_eq!(tags, [info.tag, [0; 8]]);
    let btf_info = obj_get_info_by_fd_btf(btf.as_fd(), &mut [], &mut []).unwrap();
    assert_eq!(info.btf_id, btf_info.id);
    // The machine code may not be there, or not for us to see.
    let len = info.jited_prog_len as usize;
    if len != 0 && info.jited_prog_insns != 0 {
        assert!(jited[..len].iter().any(|&byte| byte != 0));
        assert!(jited[len..].iter().all(|&byte| byte == 0));
        assert_ne!((ksyms[0], lens[0], jited_lines[0]), (0, 0, 0));
        assert_eq!((ksyms[1], lens[1], jited_lines[1]), (0, 0, 0));
    }
}

#[test]
fn arrays_that_are_too_small_are_cut_and_the_counts_are_true() {
    if !common::privileged() {
        return;
    }
    let prog = load(ProgType::SOCKET_FILTER, &Options::default());
    let none = obj_get_info_by_fd_prog(prog.as_fd(), &mut ProgBuffers::default()).unwrap();
    assert_eq!((none.xlated_prog_len, none.nr_prog_tags), (16, 1));
    let mut insns = [Insn::zeroed(); 3];
    let (short, behind) = insns.split_at_mut(1);
    let mut buffers = ProgBuffers { xlated_prog_insns: short, ..ProgBuffers::default() };
    let cut = obj_get_info_by_fd_prog(prog.as_fd(), &mut buffers).unwrap();
    assert_eq!(cut.xlated_prog_len, 16);
    assert_eq!((short[0], behind), (program()[0], &mut [Insn::zeroed(); 2][..]));
}

/// To the kernel the arrays of a program would be names of a link, and the other way round.
#[test]
fn an_object_of_another_kind_never_sees_the_buffers() {
    if !common::privileged() {
        return;
    }
    let prog = load(ProgType::SOCKET_FILTER, &Options::default());
    let (map, btf, link) = (map(), types_object(), raw_tracepoint());
    let file = std::fs::File::open("/dev/null").unwrap();
    // SAFETY: `file` is open until the end of this function.
    let file = unsafe { BorrowedFd::borrow_raw(file.as_raw_fd()) };
    let all = [
        (Kind::Prog, prog.as_fd()),
        (Kind::Map, map.as_fd()),
        (Kind::Link, link.as_fd()),
        (Kind::Other, btf.as_fd()),
        (Kind::Other, file),
    ];
    for (is, fd) in all {
        assert_eq!(kind(fd), Ok(is));
        let mut insns = [Insn::zeroed(); 64];
        let mut tags = [[0; 8]; 64];
        let mut buffers = ProgBuffers {
            xlated_prog_insns: &mut insns,
            prog_tags: &mut tags,
            ..ProgBuffers::default()
        };
        let as_prog = obj_get_info_by_fd_prog(fd, &mut buffers);
        assert_eq!(as_prog.err(), (is != Kind::Prog).then_some(Errno::INVAL));
        let as_map = obj_get_info_by_fd_map(fd);
        assert_eq!(as_map.err(), (is != Kind::Map).then_some(Errno::INVAL));
        let mut name = [0; 64];
        let mut buffers = LinkBuffers { name: &mut name, ..LinkBuffers::default() };
        let as_link = obj_get_info_by_fd_link(fd, &mut buffers);
        assert_eq!(as_link.err(), (is != Kind::Link).then_some(Errno::INVAL));
        let (mut bytes, mut name) = ([0; 64], [0; 64]);
        let as_btf = obj_get_info_by_fd_btf(fd, &mut bytes, &mut name);
        let is_btf = fd.as_raw_fd() == btf.as_raw_fd();
        match as_btf.err() {
            Some(Errno::TOOBIG) if is_btf => println!("this kernel has no names for BTF"),
            errno => assert_eq!(errno, (!is_btf).then_some(Errno::INVAL)),
        }
        if !is_btf {
            assert_eq!((bytes, name), ([0; 64], [0; 64]));
            assert_eq!(obj_get_info_by_fd_token(fd).err(), Some(Errno::INVAL));
        }
    }
    // Nothing was changed by asking.
    let mut buffers = ProgBuffers::default();
    assert_eq!(obj_get_info_by_fd_prog(prog.as_fd(), &mut buffers).unwrap().nr_map_ids, 0);
    // SAFETY: nobody has this number, and nothing here closes it.
    let closed = unsafe { BorrowedFd::borrow_raw(1 << 20) };
    assert_eq!(obj_get_info_by_fd_map(closed).err(), Some(Errno::BADF));
    let mut buffers = ProgBuffers::default();
    assert_eq!(obj_get_info_by_fd_prog(closed, &mut buffers).err(), Some(Errno::BADFD));
    let mut buffers = LinkBuffers::default();
    assert_eq!(obj_get_info_by_fd_link(closed, &mut buffers).err(), Some(Errno::BADFD));
}

#[test]
fn btf_gives_its_bytes_and_its_name() {
    if !common::privileged() {
        return;
    }
    let (types, btf) = (types(), types_object());
    let mut bytes = [0xa5; 128];
    let mut name = [0xa5; 8];
    let info = match obj_get_info_by_fd_btf(btf.as_fd(), &mut bytes, &mut name) {
        Err(Errno::TOOBIG) => {
            println!("skipped: this kernel has no names for BTF");
            return;
        }
        result => result.unwrap(),
    };
    assert_eq!((info.btf_size as usize, info.name_len, info.kernel_btf), (types.len(), 0, 0));
    let (inside, behind) = bytes.split_at(types.len());
    assert_eq!(inside, types);
    assert!(behind.iter().all(|&byte| byte == 0xa5));
    assert_eq!(name, [0, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5]);

    let mut id = 0;
    while let Ok(next) = barebpf::btf::btf_get_next_id(id) {
        id = next;
        let Ok(fd) = barebpf::btf::btf_get_fd_by_id(id, None) else { continue };
        let (mut name, mut short) = ([0xa5; 16], [0xa5; 4]);
        let info = obj_get_info_by_fd_btf(fd.as_fd(), &mut [], &mut name).unwrap();
        if name.starts_with(b"vmlinux\0") {
            assert_eq!((info.name_len, info.kernel_btf), (7, 1));
            let info = obj_get_info_by_fd_btf(fd.as_fd(), &mut [], &mut short[..3]).unwrap();
            assert_eq!((info.name_len, &short), (7, b"vm\0\xa5"));
            return;
        }
    }
    println!("skipped: the kernel has no BTF of its own");
}

#[test]
fn links_give_their_names() {
    if !common::privileged() {
        return;
    }
    let link = raw_tracepoint();
    let mut name = [0xa5; 16];
    let mut buffers = LinkBuffers { name: &mut name, ..LinkBuffers::default() };
    let info = obj_get_info_by_fd_link(link.as_fd(), &mut buffers).unwrap();
    assert_eq!(info.r#type, LinkType::RAW_TRACEPOINT);
    assert_eq!(LinkInfoRawTracepoint::from(info).tp_name_len, 13);
    assert_eq!(&name, b"sched_switch\0\xa5\xa5\xa5");

    let mut window = [0; 4096];
    let id = Btf::vmlinux(&mut window).and_then(|mut btf| btf.id(BtfKind::FUNC, "bpf_iter_task"));
    let Ok(id) = id else {
        println!("skipped: the kernel has no BTF of its own");
        return;
    };
    let target = iter::TASK.with_id(id);
    let prog = iter::Prog::load(target, &program(), c"GPL", &mut Log::none()).unwrap();
    let link = link_create_iter(&prog, iter::TaskInfo::All).unwrap();
    let mut name = [0xa5; 8];
    let mut buffers = LinkBuffers { name: &mut name, ..LinkBuffers::default() };
    let info = obj_get_info_by_fd_link(link.as_fd(), &mut buffers).unwrap();
    assert_eq!(info.r#type, LinkType::ITER);
    assert_eq!(LinkInfoIter::from(info).target_name_len, 5);
    assert_eq!(&name, b"task\0\xa5\xa5\xa5");
}

#[test]
fn a_name_that_does_not_fit_is_cut_and_its_length_is_true() {
    if !common::privileged() {
        return;
    }
    let link = raw_tracepoint();
    let mut name = [0xa5; 8];
    let mut buffers = LinkBuffers { name: &mut name[..6], ..LinkBuffers::default() };
    let info = obj_get_info_by_fd_link(link.as_fd(), &mut buffers).unwrap();
    assert_eq!(LinkInfoRawTracepoint::from(info).tp_name_len, 13);
    assert_eq!(&name, b"sched\0\xa5\xa5");
    let info = obj_get_info_by_fd_link(link.as_fd(), &mut LinkBuffers::default()).unwrap();
    assert_eq!(LinkInfoRawTracepoint::from(info).tp_name_len, 13);
}

#[test]
fn a_link_on_many_places_gives_the_path_and_each_place() {
    if !common::privileged() {
        return;
    }
    // Nobody runs this file, so nobody's instructions are changed.
    let path = std::env::temp_dir().join(format!("barebpf-probed-{}", std::process::id()));
    std::fs::write(&path, [0x90; 8192]).unwrap();
    let c_path = CString::new(path.to_str().unwrap()).unwrap();
    let options =
        Options { expected_attach_type: AttachType::TRACE_UPROBE_MULTI, ..Options::default() };
    let prog = load(ProgType::KPROBE, &options);
    let (offsets, cookies) = ([4096_u64, 4100, 4104], [7_u64, 8, 9]);
    let address = |slice: &[u64]| slice.as_ptr().expose_provenance() as u64;
    let mut attr = LinkCreateUprobeMulti::new(
        prog.as_raw_fd() as u32,
        c_path.as_ptr().expose_provenance() as u64,
        address(&offsets),
        3,
    );
    attr.cookies = address(&cookies);
    // SAFETY: this is the arm for such a program, and all its addresses are alive.
    let link = match unsafe { sys::bpf(Cmd::LINK_CREATE, &mut attr) } {
        // SAFETY: the kernel has just made it.
        Ok(fd) => unsafe { OwnedFd::from_raw_fd(fd as i32) }.unwrap(),
        Err(errno) => {
            println!("skipped: no link on many places here ({errno})");
            std::fs::remove_file(&path).unwrap();
            return;
        }
    };
    let ask = |name: &mut [u8], addrs: &mut [u64], cookies: &mut [u64]| {
        let mut buffers = LinkBuffers { name, addrs, cookies, ..LinkBuffers::default() };
        obj_get_info_by_fd_link(link.as_fd(), &mut buffers)
    };
    let whole: fn(LinkInfo) -> LinkInfoUprobeMulti = LinkInfoUprobeMulti::from;
    let path_size = c_path.as_bytes_with_nul().len();

    let info = whole(ask(&mut [], &mut [], &mut []).unwrap());
    assert_eq!(
        (info.r#type, info.count, info.path_size as usize),
        (LinkType::UPROBE_MULTI, 3, path_size)
    );

    let (mut name, mut places, mut of_places) = ([0xa5; 256], [!0; 4], [!0; 4]);
    let info = whole(ask(&mut name, &mut places, &mut of_places).unwrap());
    assert_eq!((info.count, info.path_size as usize), (3, path_size));
    assert_eq!(&name[..path_size], c_path.as_bytes_with_nul());
    assert_eq!((places, of_places), ([4096, 4100, 4104, !0], [7, 8, 9, !0]));

    // The shorter array decides, and nothing is written behind it.
    let (mut places, mut of_places) = ([!0; 4], [!0; 4]);
    let info = whole(ask(&mut [], &mut places, &mut of_places[..2]).unwrap());
    assert_eq!((info.count, places, of_places), (3, [4096, 4100, !0, !0], [7, 8, !0, !0]));

    let mut name = [0xa5; 8];
    let info = whole(ask(&mut name[..4], &mut [], &mut []).unwrap());
    assert_eq!((info.path_size as usize, name), (path_size, [0xa5; 8]));
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn a_frozen_array_has_a_hash_where_the_kernel_makes_them() {
    if !common::privileged() {
        return;
    }
    let map = map();
    let mut hash = [0; 32];
    match obj_get_info_by_fd_map_hash(map.as_fd(), &mut hash) {
        Err(Errno::PERM) => {}
        Err(Errno::TOOBIG) => {
            println!("skipped: this kernel makes no hashes of maps");
            return;
        }
        other => panic!("{other:?}"),
    }
    map_freeze(map.as_fd()).unwrap();
    let info = obj_get_info_by_fd_map_hash(map.as_fd(), &mut hash).unwrap();
    assert_eq!((info.r#type, info.max_entries), (MapType::ARRAY, 1));
    assert_ne!(hash, [0; 32]);
    let options = barebpf::map::Options::default();
    let other = map_create(MapType::HASH, 4, 4, 1, &options, &mut Log::none()).unwrap();
    let refused = obj_get_info_by_fd_map_hash(other.as_fd(), &mut hash);
    assert_eq!(refused.err(), Some(Errno::INVAL));
}

//! The unions: made of every arm, read as every arm, printed.

use std::collections::BTreeSet;

use barebpf::btf::Want;
use barebpf::uapi::*;
use zerocopy::{FromBytes, IntoBytes};

/// 1, 2, 3 …: no byte is like its neighbour, and none is 0.
fn pattern<const N: usize>() -> [u8; N] {
    core::array::from_fn(|at| at as u8 + 1)
}

/// One arm there and back; its name.
fn attr_round_trip<A: Arm + Default + IntoBytes>() -> &'static str
where
    Attr: From<A>,
{
    let attr = Attr::read_from_bytes(&pattern::<168>()).unwrap();
    let arm: A = attr.get();
    let (size, back) = (size_of::<A>(), Attr::from(arm));
    assert_eq!(back.as_bytes()[..size], pattern::<168>()[..size]);
    assert!(back.as_bytes()[size..].iter().all(|byte| *byte == 0));
    assert_eq!(*Attr::from(A::default()).as_bytes(), [0; 168]);
    core::any::type_name::<A>().rsplit("::").next().unwrap()
}

macro_rules! attr_round_trips {
    ($($ty:ident)*) => { BTreeSet::from([$(attr_round_trip::<$ty>()),*]) };
}

#[test]
fn attr_is_made_of_every_arm_and_read_as_every_arm() {
    let seen = attr_round_trips!(
        MapCreate MapElem MapDeleteElem MapGetNextKey MapFreeze MapBatch MapGetFdById
        ProgLoad ProgAttach ProgTestRun ProgQuery ProgGetFdById ProgBindMap ProgStreamRead
        ProgAssocStructOps Obj ObjGetInfoByFd GetNextId BtfLoad BtfGetFdById RawTracepointOpen
        TaskFdQuery LinkCreate LinkCreateStructOps LinkCreateIter LinkCreatePerfEvent
        LinkCreateKprobeMulti LinkCreateTracing LinkCreateNetfilter LinkCreateTcx LinkCreateNetkit
        LinkCreateCgroup LinkCreateUprobeMulti LinkCreateTracingMulti LinkUpdate LinkUpdateMap
        LinkDetach LinkGetFdById EnableStats IterCreate TokenCreate
    );
    assert_eq!(seen, ARMS.iter().map(|(name, _)| *name).collect());
}

#[test]
fn every_command_has_an_arm() {
    for (cmd, name) in Cmd::KNOWN.iter().filter(|(cmd, _)| *cmd != Cmd::COMMON_ATTRS) {
        assert!(ARMS.iter().any(|(_, cmds)| cmds.contains(cmd)), "{name}");
    }
}

macro_rules! union_round_trips {
    ($union:ident, $size:literal: $($arm:ident)*) => {$({
        let union = $union::read_from_bytes(&pattern::<$size>()).unwrap();
        let arm = $arm::from(union);
        assert_eq!(arm.as_bytes(), pattern::<$size>(), stringify!($arm));
        assert_eq!($union::from(arm).as_bytes(), pattern::<$size>(), stringify!($arm));
        assert_eq!($arm::default().as_bytes(), [0; $size], stringify!($arm));
    })*};
}

#[test]
fn link_info_and_iter_link_info_are_made_of_every_arm_and_read_as_every_arm() {
    union_round_trips!(IterLinkInfo, 16: IterLinkInfoMap IterLinkInfoCgroup IterLinkInfoTask);
    union_round_trips!(LinkInfo, 64:
        LinkInfoRawTracepoint LinkInfoTracing LinkInfoCgroup LinkInfoIter LinkInfoIterMap
        LinkInfoIterCgroup LinkInfoIterTask LinkInfoNetns LinkInfoXdp LinkInfoStructOps
        LinkInfoNetfilter LinkInfoKprobeMulti LinkInfoUprobeMulti LinkInfoPerfEvent
        LinkInfoPerfEventUprobe LinkInfoPerfEventKprobe LinkInfoPerfEventTracepoint
        LinkInfoPerfEventEvent LinkInfoTcx LinkInfoNetkit LinkInfoSockmap
    );
}

#[test]
fn the_head_of_a_link_info_is_that_of_all_its_arms() {
    let mut iter = LinkInfoIterMap::zeroed();
    (iter.r#type, iter.id, iter.prog_id, iter.map_id) = (LinkType::ITER, 3, 5, 7);
    let info = LinkInfo::from(iter);
    assert_eq!((info.r#type, info.id, info.prog_id), (LinkType::ITER, 3, 5));
    assert_eq!(LinkInfoIterMap::from(info).map_id, 7);
}

#[test]
fn written_heeds_no_common_attrs_bit() {
    let common = Cmd(Cmd::PROG_QUERY.0 | Cmd::COMMON_ATTRS.0);
    assert_eq!((written(common), written(Cmd::PROG_QUERY)), (64, 64));
    assert_eq!((written(Cmd::MAP_CREATE), written(Cmd(9999))), (0, 0));
}

#[test]
fn names_are_printed_and_numbers_without_a_name_are_numbers() {
    let text = |value: &dyn core::fmt::Debug| format!("{value:?}");
    assert_eq!(text(&IterCreate::new(7)), "IterCreate { link_fd: 7, flags: 0 }");
    let link = LinkCreate::new(3, 4, AttachType::CGROUP_DEVICE);
    assert_eq!(
        text(&link),
        "LinkCreate { prog_fd: 3, target_fd: 4, attach_type: BPF_CGROUP_DEVICE, flags: 0 }"
    );
    let mut update = LinkUpdate::new(3, 4);
    (update.flags, update.old_prog_fd) = (LinkUpdateFlags(0x104), 5);
    assert_eq!(
        text(&update),
        "LinkUpdate { link_fd: 3, new_prog_fd: 4, flags: BPF_F_REPLACE | 0x100, old_prog_fd: 5 }"
    );
    let map = text(&MapCreate::new(MapType(9999), 4, 8, 16));
    assert!(map.starts_with("MapCreate { map_type: MapType(9999), key_size: 4, "), "{map}");
    let mut info = LinkInfo::zeroed();
    info.r#type = LinkType(16);
    assert_eq!(text(&info), "LinkInfo { type: LinkType(16), id: 0, prog_id: 0 }");
}

#[test]
fn text_is_printed_as_it_is_written_with_ascii_alone() {
    let text = format!("{:?}", Want::member("a\"b\\", "\u{e9}\n"));
    assert_eq!(text, r#"Want { kind: None, name: "a\"b\\", member: "\xc3\xa9\x0a" }"#);
    let numbers = tables::VALUES.iter().find(|numbers| numbers.name == "StatsType").unwrap();
    assert_eq!(format!("{numbers:?}"), r#"StatsType [("BPF_STATS_RUN_TIME", 0)]"#);
}

#[test]
fn the_lowest_bit_alone_says_gpl_compatible() {
    let mut bytes = [0; 232];
    bytes[84] = 1;
    assert!(ProgInfo::read_from_bytes(&bytes).unwrap().gpl_compatible());
    bytes[84..88].copy_from_slice(&[0xfe, 0xff, 0xff, 0xff]);
    assert!(!ProgInfo::read_from_bytes(&bytes).unwrap().gpl_compatible());
}

#[test]
fn line_and_column_share_a_word() {
    let line = LineInfo { line_col: 1234 << 10 | 56, ..LineInfo::default() };
    assert_eq!((line.line(), line.column()), (1234, 56));
}

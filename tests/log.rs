//! The kernel's reasons: any command may be asked for them, on a kernel that has none to give, too.

mod common;

use barebpf::fd::OwnedFd;
use barebpf::map::{self, map_create};
use barebpf::prog::{self, prog_load};
use barebpf::uapi::insn::Insn;
use barebpf::uapi::{
    Arm, BtfLoad, Cmd, CommonAttr, GetNextId, LinkCreate, MapCreate, MapCreateFlags, MapFreeze,
    MapType, ProgType,
};
use barebpf::{Errno, Log, Result, sys};
use common::privileged;

/// Whether this kernel has `bpf_common_attr`, by its release: 7.2 or later.
fn since_7_2() -> bool {
    let text = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("/proc");
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).map(|n| n.parse::<u32>());
    let mut next = || numbers.next().expect("a release").expect("a number");
    let new = (next(), next()) >= (7, 2);
    println!("{}: logs for any command: {new}", text.trim());
    new
}

/// The command with a log and without: the same result.
fn both<A: Arm>(cmd: Cmd, attr: A, log: &mut Log<'_>) -> Result<usize> {
    let (mut with, mut without) = (attr, attr);
    // SAFETY: the callers give no address, and what is made is closed with the process.
    let result = unsafe { sys::bpf_logged(cmd, &mut with, log) };
    // SAFETY: as above.
    let plain = unsafe { sys::bpf(cmd, &mut without) };
    // Two descriptors are not the same number.
    assert_eq!(result.map(drop), plain.map(drop), "{cmd:?}");
    result
}

#[test]
fn any_command_does_the_same_with_a_log_as_without() {
    if !privileged() {
        return;
    }
    let logs = since_7_2();
    let mut buf = [0xff; 512];
    let log = &mut Log::new(&mut buf);
    let map = both(Cmd::MAP_CREATE, MapCreate::new(MapType::ARRAY, 4, 4, 1), log).expect("a map");
    // SAFETY: it is new.
    let map = unsafe { OwnedFd::from_raw_fd(map as i32) }.expect("a free number");
    let freeze = MapFreeze::new(map.as_raw_fd() as u32);
    assert_eq!(both(Cmd::MAP_GET_NEXT_ID, GetNextId::new(0), log), Ok(0));
    assert_eq!(both(Cmd::MAP_GET_NEXT_ID, GetNextId::new(u32::MAX), log), Err(Errno::INVAL));
    let nothing = LinkCreate::zeroed();
    assert!(both(Cmd::LINK_CREATE, nothing, log).is_err());
    assert_eq!(both(Cmd(9999), nothing, log), Err(Errno::INVAL));
    assert_eq!((log.text(), log.true_size()), (&b""[..], 0), "they say nothing, and keep nothing");
    // Once; a frozen map is not frozen again.
    // SAFETY: no address.
    let frozen = unsafe { sys::bpf_logged(Cmd::MAP_FREEZE, &mut freeze.clone(), log) };
    assert_eq!(frozen, Ok(0));

    let mut flagged = MapCreate::new(MapType::ARRAY, 4, 4, 1);
    flagged.map_flags = MapCreateFlags(1 << 31);
    for (attr, reason) in
        [(MapCreate::new(MapType(4000), 4, 4, 1), &b"Invalid map_type."[..]), (flagged, b"")]
    {
        assert_eq!(both(Cmd::MAP_CREATE, attr, log), Err(Errno::INVAL));
        let text = String::from_utf8_lossy(log.text()).into_owned();
        if logs && !reason.is_empty() {
            assert!(log.text().starts_with(reason), "{text:?}");
            assert_eq!(log.true_size() as usize, text.len() + 1);
        }
        assert!(logs || text.is_empty(), "{text:?}");
    }
    // Its own log is left out, and this one is used; nothing of it where there are none.
    let types = [0_u8; 24];
    let attr = BtfLoad::new(types.as_ptr().expose_provenance() as u64, 24);
    assert_eq!(both(Cmd::BTF_LOAD, attr, log), Err(Errno::INVAL));
    assert_eq!(log.text().is_empty(), !logs, "{}", String::from_utf8_lossy(log.text()));
    // And a command that has nothing to say takes that away again.
    assert_eq!(both(Cmd::MAP_GET_NEXT_ID, GetNextId::new(0), log), Ok(0));
    assert_eq!((log.text(), log.true_size()), (&b""[..], 0));
}

#[test]
fn the_functions_that_take_a_log_work_with_one_on_every_kernel() {
    if !privileged() {
        return;
    }
    let logs = since_7_2();
    let mut buf = [0xff; 4096];
    let log = &mut Log::new(&mut buf);
    let options = map::Options::default();
    drop(map_create(MapType::ARRAY, 4, 4, 1, &options, log).expect("a map"));
    assert_eq!(log.text(), b"");
    let wrong = map_create(MapType(4000), 4, 4, 1, &options, log);
    assert_eq!(wrong.err(), Some(Errno::INVAL));
    assert_eq!(log.text(), if logs { &b"Invalid map_type.\n"[..] } else { b"" });
    // These two have had logs all along.
    let mut exit = Insn::zeroed();
    exit.code = 0x95;
    let options = prog::Options::default();
    let wrong = prog_load(ProgType::SOCKET_FILTER, &[exit], c"GPL", &options, log);
    assert_eq!(wrong.err(), Some(Errno::ACCES));
    assert!(String::from_utf8_lossy(log.text()).contains("R0 !read_ok"));
    let wrong = barebpf::btf::btf_load(&[0; 24], None, log);
    assert_eq!(wrong.err(), Some(Errno::INVAL));
    assert!(!log.text().is_empty());
}

#[test]
fn a_level_that_is_none_is_refused_where_logs_are_read() {
    if !privileged() {
        return;
    }
    let mut buf = [0; 512];
    let log = &mut Log::with_level(&mut buf, 0);
    let mut attr = MapCreate::new(MapType::ARRAY, 4, 4, 1);
    // SAFETY: no address.
    let made = unsafe { sys::bpf_logged(Cmd::MAP_CREATE, &mut attr, log) };
    if since_7_2() {
        assert_eq!(made, Err(Errno::INVAL));
    } else {
        // SAFETY: it is new.
        drop(unsafe { OwnedFd::from_raw_fd(made.expect("a map") as i32) });
    }
}

#[test]
fn no_room_for_a_log_is_no_log() {
    if !privileged() {
        return;
    }
    let options = map::Options::default();
    let _map = map_create(MapType::ARRAY, 4, 4, 1, &options, &mut Log::none()).expect("a map");
    let (mut common, mut attr) = (CommonAttr::zeroed(), GetNextId::new(0));
    // SAFETY: no address.
    let asked = unsafe { sys::bpf_common(Cmd::MAP_GET_NEXT_ID, &mut attr, &mut common) };
    assert_eq!(asked, if since_7_2() { Ok(0) } else { Err(Errno::INVAL) });
    // SAFETY: no address.
    let asked = unsafe { sys::bpf_logged(Cmd::MAP_GET_NEXT_ID, &mut attr, &mut Log::none()) };
    assert_eq!(asked, Ok(0));
}

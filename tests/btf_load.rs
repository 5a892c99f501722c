//! BTF made by hand goes into the kernel, is found there, and is of use.

mod common;

use barebpf::btf::{btf_get_fd_by_id, btf_get_next_id, btf_load};
use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::info::{obj_get_info_by_fd_btf, obj_get_info_by_fd_map};
use barebpf::map::{Options, map_create};
use barebpf::uapi::MapType;
use barebpf::{Errno, Log, Result};

/// An INT of 4 bytes with this name; 0 for none.
fn int(name: u32) -> Vec<u8> {
    let mut btf = vec![0x9f, 0xeb, 1, 0];
    for word in [24, 0, 16, 16, 5, name, 1 << 24, 4, 32] {
        btf.extend(u32::to_le_bytes(word));
    }
    btf.extend(*b"\0int\0");
    btf
}

fn load(btf: &[u8]) -> Result<OwnedFd> {
    btf_load(btf, None, &mut Log::none())
}

fn id(fd: BorrowedFd<'_>) -> u32 {
    obj_get_info_by_fd_btf(fd, &mut [], &mut []).unwrap().id
}

#[test]
fn an_object_is_found_among_the_ids_and_opened_by_its_own() {
    if !common::privileged() {
        return;
    }
    let btf = load(&int(1)).unwrap();
    let id = id(btf.as_fd());
    let (mut last, mut found) = (0, false);
    let end = loop {
        match btf_get_next_id(last) {
            Ok(next) => {
                assert!(next > last);
                found |= next == id;
                last = next;
            }
            Err(errno) => break errno,
        }
    };
    assert_eq!((end, found), (Errno::NOENT, true));
    assert_eq!(btf_get_next_id(i32::MAX as u32), Err(Errno::INVAL));

    let again = btf_get_fd_by_id(id, None).unwrap();
    let mut bytes = [0; 45];
    obj_get_info_by_fd_btf(again.as_fd(), &mut bytes, &mut []).unwrap();
    assert_eq!(bytes[..], int(1));
    assert_eq!(btf_get_fd_by_id(u32::MAX, None).err(), Some(Errno::NOENT));
    assert_eq!(btf_get_fd_by_id(id, Some(btf.as_fd())).err(), Some(Errno::INVAL));
}

#[test]
fn a_map_says_what_its_keys_and_values_are() {
    if !common::privileged() {
        return;
    }
    let btf = load(&int(1)).unwrap();
    let options = Options {
        btf: Some(btf.as_fd()),
        btf_key_type_id: 1,
        btf_value_type_id: 1,
        ..Options::default()
    };
    let make = |value_size, options| {
        map_create(MapType::ARRAY, 4, value_size, 1, options, &mut Log::none())
    };
    let map = make(4, &options).unwrap();
    let info = obj_get_info_by_fd_map(map.as_fd()).unwrap();
    assert_eq!(info.btf_id, id(btf.as_fd()));
    assert_eq!((info.btf_key_type_id, info.btf_value_type_id), (1, 1));
    assert_eq!(make(8, &options).err(), Some(Errno::INVAL));
    let wrong = Options { btf_value_type_id: 2, ..options };
    assert_eq!(make(4, &wrong).err(), Some(Errno::INVAL));
}

#[test]
fn the_log_shows_the_types_and_where_they_end() {
    if !common::privileged() {
        return;
    }
    let mut buf = [0xff; 4096];
    let mut log = Log::new(&mut buf);
    btf_load(&int(1), None, &mut log).unwrap();
    let text = String::from_utf8(log.text().to_vec()).unwrap();
    assert!(text.contains("[1] INT int size=4"), "{text}");
    if log.true_size() != 0 {
        assert_eq!(log.true_size() as usize, text.len() + 1);
    }

    // A name that is not there.
    let mut log = Log::new(&mut buf);
    assert_eq!(btf_load(&int(77), None, &mut log).err(), Some(Errno::INVAL));
    let text = String::from_utf8(log.text().to_vec()).unwrap();
    assert!(text.contains("Invalid name_offset"), "{text}");
}

#[test]
fn a_log_that_does_not_fit_fails_good_types_and_says_how_long_it_is() {
    if !common::privileged() {
        return;
    }
    let mut buf = [0; 16];
    let mut log = Log::new(&mut buf);
    match btf_load(&int(1), None, &mut log).err() {
        Some(Errno::NOSPC) => assert!(log.true_size() > 16),
        // Before 6.4 a log of less than 128 bytes is none.
        other => assert_eq!((other, log.true_size()), (Some(Errno::INVAL), 0)),
    }
}

#[test]
fn what_is_no_btf_is_refused() {
    if !common::privileged() {
        return;
    }
    assert!(load(&[]).is_err());
    assert_eq!(load(&int(1)[..20]).err(), Some(Errno::INVAL));
    assert_eq!(load(&int(1)[..44]).err(), Some(Errno::INVAL));
    let mut magic = int(1);
    magic[0] = 0;
    assert_eq!(load(&magic).err(), Some(Errno::INVAL));
    assert_eq!(load(&vec![0; (16 << 20) + 1]).err(), Some(Errno::TOOBIG));
    // SAFETY: nobody has this number, and nothing here closes it.
    let closed = unsafe { BorrowedFd::borrow_raw(1 << 20) };
    // Before 6.9 there are no tokens.
    let refused = btf_load(&int(1), Some(closed), &mut Log::none()).err();
    assert!(matches!(refused, Some(Errno::BADF | Errno::INVAL)), "{refused:?}");
}

//! The error numbers: what the C library's header says, and what the type promises.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use barebpf::{Errno, Result};

/// Every `E…` of `<errno.h>`, as the C compiler has it.
fn header() -> BTreeMap<String, u16> {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".into());
    let mut child = Command::new(&compiler)
        .args(["-E", "-dM", "-xc", "-include", "errno.h", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|err| panic!("{compiler}: {err}"));
    child.stdin.take().unwrap().write_all(b"\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{compiler} fails");
    let defines: BTreeMap<_, _> = str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("#define E")?.split_once(' '))
        .map(|(name, value)| (format!("E{name}"), value.to_owned()))
        .collect();
    // `#define EWOULDBLOCK EAGAIN`
    let number = |value: &String| value.parse().ok().or_else(|| defines.get(value)?.parse().ok());
    defines.iter().filter_map(|(name, value)| Some((name.clone(), number(value)?))).collect()
}

#[test]
fn each_name_has_the_number_of_the_c_header() {
    let header = header();
    for (errno, name) in Errno::KNOWN {
        // The kernel's own: `include/linux/errno.h`, which programs do not get.
        let number = if *name == "ENOTSUPP" { 524 } else { header[*name] };
        assert_eq!(errno.as_raw(), number, "{name}");
    }
}

#[test]
fn no_name_and_no_number_is_there_twice() {
    let names: BTreeSet<_> = Errno::KNOWN.iter().map(|(_, name)| name).collect();
    let numbers: BTreeSet<_> = Errno::KNOWN.iter().map(|(errno, _)| errno).collect();
    assert_eq!((names.len(), numbers.len()), (Errno::KNOWN.len(), Errno::KNOWN.len()));
}

#[test]
fn a_number_prints_with_its_c_name_or_alone() {
    for number in 1..=4095 {
        let errno = Errno::from_raw(number).unwrap();
        let known = Errno::KNOWN.iter().find(|(known, _)| *known == errno).map(|(_, name)| *name);
        let mut text = String::new();
        match known {
            Some(name) => write!(text, "{name} ({number})").unwrap(),
            None => write!(text, "errno {number}").unwrap(),
        }
        assert_eq!(errno.name(), known);
        assert_eq!(errno.to_string(), text);
        assert_eq!(format!("{errno:?}"), text);
    }
    assert_eq!(Errno::NOTSUPP.to_string(), "ENOTSUPP (524)");
}

#[test]
fn only_1_to_4095_are_error_numbers() {
    assert_eq!(Errno::from_raw(0), None);
    assert_eq!(Errno::from_raw(4096), None);
    assert_eq!(Errno::from_raw(u16::MAX), None);
    assert_eq!(Errno::from_raw(4095).unwrap().as_raw(), 4095);
}

#[test]
fn only_the_last_4095_results_are_errors() {
    for number in 1..=4095_u16 {
        let ret = 0_usize.wrapping_sub(number.into());
        assert_eq!(Errno::split(ret).unwrap_err().as_raw(), number);
    }
    for value in [0, 1, 3, 0xffff, isize::MAX as usize, usize::MAX - 4095, usize::MAX - 0xffff] {
        assert_eq!(Errno::split(value), Ok(value));
    }
}

#[test]
fn an_error_is_two_bytes_and_so_is_a_result_without_value() {
    assert_eq!((size_of::<Errno>(), size_of::<Option<Errno>>()), (2, 2));
    assert_eq!(size_of::<Result<()>>(), 2);
}

#[test]
fn it_is_an_error_to_whoever_asks() {
    let error: Box<dyn core::error::Error + Send + Sync> = Errno::PERM.into();
    assert_eq!(error.to_string(), "EPERM (1)");
    assert_eq!(error.downcast_ref(), Some(&Errno::PERM));
}

#[cfg(feature = "std")]
#[test]
fn an_error_of_std_has_the_same_number() {
    use barebpf::{btf, iter::ReadError};
    for (errno, _) in Errno::KNOWN {
        let error = std::io::Error::from(*errno);
        assert_eq!(error.raw_os_error(), Some(i32::from(errno.as_raw())));
        let of_btf = std::io::Error::from(btf::Error::from(*errno));
        let of_a_read = std::io::Error::from(ReadError::Read(*errno));
        assert_eq!([of_btf, of_a_read].map(|it| it.raw_os_error()), [error.raw_os_error(); 2]);
    }
    let error = std::io::Error::from(btf::Error::NO_BTF);
    assert_eq!((error.raw_os_error(), error.to_string()), (None, btf::Error::NO_BTF.to_string()));
    let error = std::io::Error::from(ReadError::Fragment(3));
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidData);
    assert_eq!(error.to_string(), ReadError::Fragment(3).to_string());
}

//! Signals that arrive all the time: what is loaded and read is whole all the same.

mod common;
#[path = "common/walk.rs"]
mod walk;

use std::mem::zeroed;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use barebpf::iter::{self, Prog, iter_create, link_create_iter};
use barebpf::{Errno, Log};
use common::privileged;
use walk::{hash, program, target};

const ENTRIES: u32 = 20_000;

/// How many signals have come.
static SIGNALS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count(_: i32) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

/// A signal to this thread at each interval, until this is dropped; calls that it interrupts are not
/// started again by the kernel.
struct Timer(libc::timer_t);

impl Timer {
    fn every(interval: Duration) -> Self {
        // SAFETY: all zeros is an action without flags, SA_RESTART among them.
        let mut action: libc::sigaction = unsafe { zeroed() };
        action.sa_sigaction = count as extern "C" fn(i32) as usize;
        // SAFETY: the handler only counts.
        let ret = unsafe { libc::sigaction(libc::SIGUSR1, &raw const action, null_mut()) };
        assert_eq!(ret, 0);
        // SAFETY: all zeros is valid.
        let mut event: libc::sigevent = unsafe { zeroed() };
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = libc::SIGUSR1;
        // SAFETY: it asks for a number.
        event.sigev_notify_thread_id = unsafe { libc::gettid() };
        let mut timer = null_mut();
        // SAFETY: both are ours.
        let ret =
            unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, &raw mut timer) };
        assert_eq!(ret, 0);
        let time = libc::timespec { tv_sec: 0, tv_nsec: interval.subsec_nanos() as libc::c_long };
        let times = libc::itimerspec { it_interval: time, it_value: time };
        // SAFETY: the timer is ours.
        let ret = unsafe { libc::timer_settime(timer, 0, &raw const times, null_mut()) };
        assert_eq!(ret, 0);
        Self(timer)
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        // SAFETY: it is ours, and this is its last use.
        let ret = unsafe { libc::timer_delete(self.0) };
        assert_eq!(ret, 0);
    }
}

/// Loads and reads for a second, with so many signals; how many loads succeeded, and how many were given up.
fn second(interval: Duration, at_least: u32) -> (u32, u32) {
    let (map, target, insns) = (hash(ENTRIES), target(iter::BPF_MAP_ELEM), program(2, b'.'));
    let sure = Prog::load(target, &insns, c"GPL", &mut Log::none()).expect("without signals");
    let (mut loaded, mut given_up, mut buf) = (0, 0, vec![0; 4096]);
    let before = SIGNALS.load(Ordering::Relaxed);
    let timer = Timer::every(interval);
    let until = Instant::now() + Duration::from_secs(1);
    let come = || SIGNALS.load(Ordering::Relaxed) - before;
    // A busy machine merges some.
    let last = until + Duration::from_secs(9);
    while Instant::now() < until || come() < at_least && Instant::now() < last {
        let prog = match Prog::load(target, &insns, c"GPL", &mut Log::none()) {
            Ok(prog) => {
                loaded += 1;
                Some(prog)
            }
            Err(errno) => {
                assert_eq!(errno, Errno::AGAIN);
                given_up += 1;
                None
            }
        };
        let prog = prog.as_ref().unwrap_or(&sure);
        let link = link_create_iter(prog, map.as_fd()).expect("a link");
        let (mut iter, mut len) = (iter_create(link.as_fd()).expect("an iterator"), 0);
        loop {
            let read = iter.read(&mut buf).expect("a pass that signals do not break");
            assert!(buf[..read].iter().all(|byte| *byte == b'.'));
            len += read;
            if read == 0 {
                break;
            }
        }
        assert_eq!(len, ENTRIES as usize);
    }
    drop(timer);
    let signals = come();
    assert!(signals >= at_least, "{signals} signals of {at_least}");
    println!("{signals} signals, {loaded} loads, {given_up} given up");
    (loaded, given_up)
}

/// One at a time: the count of signals is shared.
#[test]
fn a_signal_every_millisecond_or_every_50_microseconds_leaves_loads_and_reads_whole() {
    if !privileged() {
        return;
    }
    let (loaded, given_up) = second(Duration::from_millis(1), 300);
    assert!(loaded > 0 && given_up == 0, "{loaded} loads, {given_up} given up");
    second(Duration::from_micros(50), 2000);
}

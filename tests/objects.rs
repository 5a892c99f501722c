//! Walks over the ids of programs, maps, links and BTF objects, while others come and go.

#[path = "common/attach.rs"]
mod attach;
mod common;
#[path = "common/walk.rs"]
mod walk;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use attach::{ingress, some_btf};
use barebpf::Errno;
use barebpf::fd::BorrowedFd;
use barebpf::info::{
    LinkBuffers, ProgBuffers, obj_get_info_by_fd_btf, obj_get_info_by_fd_link,
    obj_get_info_by_fd_map, obj_get_info_by_fd_prog,
};
use barebpf::iter::{self, TaskInfo, link_create_iter};
use barebpf::map::map_get_fd_by_id;
use barebpf::obj::{Objects, btfs, links, maps, progs};
use barebpf::uapi::MapOpenFlags;
use common::privileged;

/// A walk, and what an object says that its id is.
type Walk = (&'static str, fn() -> Objects, fn(BorrowedFd<'_>) -> barebpf::Result<u32>);

const WALKS: [Walk; 4] = [
    (
        "programs",
        || progs(),
        |fd| obj_get_info_by_fd_prog(fd, &mut ProgBuffers::default()).map(|info| info.id),
    ),
    ("maps", || maps(), |fd| obj_get_info_by_fd_map(fd).map(|info| info.id)),
    (
        "links",
        || links(),
        |fd| obj_get_info_by_fd_link(fd, &mut LinkBuffers::default()).map(|info| info.id),
    ),
    (
        "BTF objects",
        || btfs(),
        |fd| obj_get_info_by_fd_btf(fd, &mut [], &mut []).map(|info| info.id),
    ),
];

struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_walk_gives_what_stays_and_passes_over_what_ends_meanwhile() {
    if !privileged() {
        return;
    }
    // Before Linux 5.11 objects count as locked memory, for a while after their end, too.
    let none = libc::rlimit { rlim_cur: libc::RLIM_INFINITY, rlim_max: libc::RLIM_INFINITY };
    // Where that is not allowed, the kernel counts otherwise.
    // SAFETY: it is only read.
    unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const none) };
    let prog = walk::each(iter::TASK, 1);
    let (map, btf) = (walk::hash(1), some_btf());
    let link = link_create_iter(&prog, TaskInfo::All).expect("a link");
    let own = [prog.as_fd(), map.as_fd(), link.as_fd(), btf.as_fd()];
    let own: Vec<_> = WALKS.iter().zip(own).map(|((.., id), fd)| id(fd).expect("an id")).collect();

    let (over, lost) = (AtomicBool::new(false), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for at in 0..4 {
            let (prog, over) = (&prog, &over);
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    match at {
                        0 => drop(ingress()),
                        1 => drop(walk::hash(1)),
                        2 => drop(link_create_iter(prog, TaskInfo::All).expect("a link")),
                        _ => drop(some_btf()),
                    }
                }
            });
        }
        // What a walk by hand would have to bear.
        scope.spawn(|| {
            let mut last = 0;
            while !over.load(Ordering::Relaxed) {
                match barebpf::map::map_get_next_id(last) {
                    Ok(id) => {
                        if map_get_fd_by_id(id, MapOpenFlags(0)).err() == Some(Errno::NOENT) {
                            lost.fetch_add(1, Ordering::Relaxed);
                        }
                        last = id;
                    }
                    Err(_) => last = 0,
                }
            }
        });

        // However this walk ends, so do the others.
        let _ends = Ends(&over);
        // Four seconds at least, and until the race has been seen.
        let start = Instant::now();
        let mut rounds = 0;
        let raced = || lost.load(Ordering::Relaxed) > 0;
        while start.elapsed() < Duration::from_secs(if raced() { 4 } else { 120 }) {
            for ((what, walk, id_of), own) in WALKS.iter().zip(&own) {
                let (mut last, mut met) = (0, false);
                for object in walk() {
                    let (id, fd) = object.unwrap_or_else(|errno| panic!("{what}: {errno}"));
                    assert!(id > last, "{what}: {id} comes behind {last}");
                    assert_eq!(id_of(fd.as_fd()), Ok(id), "{what}");
                    (last, met) = (id, met || id == *own);
                }
                assert!(met, "{what}: {own} was there all the time");
            }
            rounds += 1;
        }
        println!("{rounds} walks over each kind");
    });
    let lost = lost.into_inner();
    println!("{lost} maps ended between their id and their descriptor");
    assert!(lost > 0, "the race that the walks are to bear has not happened");
}

#[test]
fn a_walk_without_the_capability_says_so_once() {
    if !privileged() {
        return;
    }
    let without = || {
        attach::without_capabilities();
        for (what, walk, _) in WALKS {
            let mut walk = walk();
            assert_eq!(walk.next().map(|it| it.err()), Some(Some(Errno::PERM)), "{what}");
            assert!(walk.next().is_none(), "{what}: that is the end");
            assert!(walk.next().is_none(), "{what}: and stays it");
        }
    };
    // Capabilities are a thread's own.
    std::thread::scope(|scope| scope.spawn(without).join()).expect("as it should be");
}

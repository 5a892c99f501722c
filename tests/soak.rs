//! Many rounds, and many at once: what is made is gone afterwards, and is never taken for another's.
//!
//! `BAREBPF_SOAK_ROUNDS` says how many rounds; 2,000 if it is not set, 400 before Linux 5.11: boards with
//! that are emulated.

#[path = "common/attach.rs"]
mod attach;
mod common;
#[path = "common/walk.rs"]
mod walk;

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Instant;

use barebpf::asm::mov64_imm;
use barebpf::fd::BorrowedFd;
use barebpf::info::{
    LinkBuffers, ProgBuffers, obj_get_info_by_fd_link, obj_get_info_by_fd_map,
    obj_get_info_by_fd_prog,
};
use barebpf::iter::{self, MapElem, Prog, iter_create, link_create_iter};
use barebpf::link::{link_get_fd_by_id, link_get_next_id, link_update};
use barebpf::map::map_get_fd_by_id;
use barebpf::obj::{obj_pin, progs};
use barebpf::prog::prog_get_fd_by_id;
use barebpf::uapi::insn::Reg;
use barebpf::uapi::{LinkInfoIterMap, LinkType, MapOpenFlags};
use barebpf::{Errno, Log};
use common::{Bpffs, privileged, until};
use walk::{all, hash, program, target};

fn rounds() -> u32 {
    let rounds = std::env::var("BAREBPF_SOAK_ROUNDS");
    let few = if attach::release() < (5, 11) { 400 } else { 2000 };
    rounds.map_or(few, |rounds| rounds.parse().expect("a number"))
}

/// Descriptors and memory are counted for the whole process: one test at a time.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(|poison| poison.into_inner())
}

/// Of this process: open descriptors, and resident memory in kB.
fn own() -> [u64; 2] {
    let fds = fs::read_dir("/proc/self/fd").expect("/proc").count() as u64;
    [fds, kb("/proc/self/status", "VmRSS:")]
}

/// Up to Linux 5.10 programs and maps count as memory that their user locks: how many bytes of it there may
/// be. Enough for what is taken apart a little later; not for what each round would leave.
fn lock_at_most(bytes: libc::rlim_t) {
    if attach::release() < (5, 11) {
        let limit = libc::rlimit { rlim_cur: bytes, rlim_max: libc::RLIM_INFINITY };
        // SAFETY: it reads two numbers.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_MEMLOCK, &raw const limit) }, 0);
    }
}

/// How many programs with this tag there are.
fn tagged(tag: [u8; 8]) -> usize {
    let infos = progs().flatten().filter_map(|(_, prog)| {
        obj_get_info_by_fd_prog(prog.as_fd(), &mut ProgBuffers::default()).ok()
    });
    infos.filter(|info| info.tag == tag).count()
}

fn kb(file: &str, name: &str) -> u64 {
    let text = fs::read_to_string(file).expect("/proc");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("it is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

/// Of the whole system, in kB: what programs take is among both.
fn system() -> [u64; 2] {
    ["VmallocUsed:", "Slab:"].map(|name| kb("/proc/meminfo", name))
}

fn link_id(link: BorrowedFd<'_>) -> u32 {
    obj_get_info_by_fd_link(link, &mut LinkBuffers::default()).expect("a link").id
}

fn prog_id(prog: &Prog<impl iter::Kind>) -> u32 {
    obj_get_info_by_fd_prog(prog.as_fd(), &mut ProgBuffers::default()).expect("a program").id
}

fn gone<T>(get: impl Fn(u32) -> barebpf::Result<T>, id: u32) {
    until(&format!("{id} is gone"), || get(id).err() == Some(Errno::NOENT));
}

#[test]
fn rounds_of_load_link_iterator_pin_unpin_and_close_leave_nothing() {
    // What `privileged` reads is a descriptor, too.
    let _alone = alone();
    if !privileged() {
        return;
    }
    let (bpffs, target) = (Bpffs::new(), target(iter::TASK));
    // Nobody else's: the number of this process gives it a tag of its own.
    let mut insns = vec![mov64_imm(Reg::R0, std::process::id() as i32)];
    insns.extend(program(1, b'.'));
    let (path, c_path) = (bpffs.path("it"), bpffs.c_path("it"));
    let mut ids = Vec::new();
    lock_at_most(1 << 20);
    let tag = {
        let prog = Prog::load(target, &insns, c"GPL", &mut Log::none()).expect("a program");
        let info = obj_get_info_by_fd_prog(prog.as_fd(), &mut ProgBuffers::default());
        let tag = info.expect("a program").tag;
        assert_eq!(tagged(tag), 1);
        tag
    };
    let round = || {
        let prog = Prog::load(target, &insns, c"GPL", &mut Log::none()).expect("a program");
        let link = link_create_iter(&prog, iter::TaskInfo::All).expect("a link");
        let iter = iter_create(link.as_fd()).expect("an iterator");
        obj_pin(link.as_fd(), &c_path).expect("a pin");
        fs::remove_file(&path).expect("unpinned");
        let last = (prog_id(&prog), link_id(link.as_fd()));
        drop(iter);
        last
    };
    (0..100).for_each(|_| _ = round());
    let (before, system_before, start) = (own(), system(), Instant::now());
    for number in 0..rounds() {
        let last = round();
        if number % 64 == 0 || number + 1 == rounds() {
            ids.push(last);
        }
        // Of many rounds, not all ids are kept.
        if ids.len() > 64 {
            ids.drain(..32).for_each(|(prog, link)| {
                gone(prog_get_fd_by_id, prog);
                gone(link_get_fd_by_id, link);
            });
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    for (prog, link) in ids {
        gone(prog_get_fd_by_id, prog);
        gone(link_get_fd_by_id, link);
    }
    // All ids are walked: a link, an iterator or a pin that is left has its program.
    until("no program is left", || tagged(tag) == 0);
    let (after, system_after) = (own(), system());
    println!(
        "note: {} rounds in {seconds:.1} s: descriptors {} then {}, resident {} then {} kB; of the system: vmalloc \
         {} then {} kB, slab {} then {} kB",
        rounds(),
        before[0],
        after[0],
        before[1],
        after[1],
        system_before[0],
        system_after[0],
        system_before[1],
        system_after[1]
    );
    assert_eq!(before[0], after[0], "descriptors");
    assert!(after[1] <= before[1] + 256, "resident: {} kB, then {}", before[1], after[1]);
    assert!(fs::read_dir(bpffs.dir()).expect("bpffs").all(|it| it.unwrap().file_name() != "it"));
}

/// What a link of ours must be: its map, and the programs that it may have.
type Known = HashMap<u32, (u32, [u32; 2])>;

/// One thread's work: a link over its own map, read, its program replaced, read again, and closed.
fn worker(byte: u8, rounds: u32, known: &Mutex<Known>) {
    let (entries, target) = (u32::from(byte), target(iter::BPF_MAP_ELEM));
    for _ in 0..rounds {
        let map = hash(entries);
        let load = |byte| -> Prog<MapElem> {
            let insns = program(2, byte);
            Prog::load(target, &insns, c"GPL", &mut Log::none()).expect("a program")
        };
        let (old, new) = (load(byte), load(byte | 0x80));
        let link = link_create_iter(&old, map.as_fd()).expect("a link");
        let info = obj_get_info_by_fd_map(map.as_fd()).expect("a map");
        let progs = [prog_id(&old), prog_id(&new)];
        known.lock().unwrap().insert(link_id(link.as_fd()), (info.id, progs));
        let read = || all(&mut iter_create(link.as_fd()).expect("an iterator"));
        assert_eq!(read(), vec![byte; entries as usize]);
        link_update(link.as_fd(), new.as_fd(), Some(old.as_fd())).expect("replaced");
        assert_eq!(read(), vec![byte | 0x80; entries as usize]);
        drop((link, old, new, map));
    }
}

/// All links by their ids; how many of ours there were. Each must be what it was made as.
fn pass(known: &Mutex<Known>) -> u32 {
    let (mut id, mut ours) = (0, 0);
    loop {
        id = match link_get_next_id(id) {
            Ok(id) => id,
            Err(errno) => {
                assert_eq!(errno, Errno::NOENT);
                return ours;
            }
        };
        let link = match link_get_fd_by_id(id) {
            Ok(link) => link,
            Err(errno) => {
                assert!(matches!(errno, Errno::NOENT | Errno::AGAIN), "{errno}");
                continue;
            }
        };
        let mut name = [0; 32];
        let mut buffers = LinkBuffers { name: &mut name, ..LinkBuffers::default() };
        let Ok(info) = obj_get_info_by_fd_link(link.as_fd(), &mut buffers) else {
            // Not ours: a name that is longer.
            assert!(!known.lock().unwrap().contains_key(&id));
            continue;
        };
        assert_eq!(info.id, id);
        let Some((map, progs)) = known.lock().unwrap().get(&id).copied() else { continue };
        assert_eq!(info.r#type, LinkType::ITER);
        assert!(progs.contains(&info.prog_id), "{} of {progs:?}", info.prog_id);
        assert_eq!(LinkInfoIterMap::from(info).map_id, map);
        assert!(name.starts_with(b"bpf_map_elem\0"), "{name:?}");
        ours += 1;
    }
}

#[test]
fn eight_threads_make_read_replace_and_close_while_one_walks_all_links_and_takes_none_for_another()
{
    // What `privileged` reads is a descriptor, too.
    let _alone = alone();
    if !privileged() {
        return;
    }
    let (known, done, seen) = (Mutex::default(), AtomicBool::new(false), AtomicU32::new(0));
    let passes = AtomicU32::new(0);
    let each = (rounds() / 20).max(1);
    lock_at_most(4 << 20);
    let run = |rounds| {
        std::thread::scope(|scope| {
            let threads = (1..=8).map(|byte| {
                let known = &known;
                scope.spawn(move || worker(b'@' + byte, rounds, known))
            });
            let threads: Vec<_> = threads.collect();
            done.store(false, Ordering::Relaxed);
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    passes.fetch_add(1, Ordering::Relaxed);
                    seen.fetch_add(pass(&known), Ordering::Relaxed);
                }
            });
            let ends: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
            done.store(true, Ordering::Relaxed);
            assert!(ends.into_iter().all(|end| end.is_ok()));
        });
    };
    run(2);
    let before = own();
    run(each);
    let after = own();
    let known = known.into_inner().unwrap();
    for (link, (map, progs)) in &known {
        gone(link_get_fd_by_id, *link);
        gone(|id| map_get_fd_by_id(id, MapOpenFlags::empty()), *map);
        progs.iter().for_each(|prog| gone(prog_get_fd_by_id, *prog));
    }
    let (made, seen) = (known.len(), seen.load(Ordering::Relaxed));
    let passes = passes.into_inner();
    println!(
        "note: 8 threads made {made} links, the walker met {seen} in {passes} passes: descriptors {} then {}, \
         resident {} then {} kB",
        before[0], after[0], before[1], after[1]
    );
    assert!(seen > 0, "the walker met none");
    assert_eq!(before[0], after[0], "descriptors");
    assert!(after[1] <= before[1] + 4096, "resident: {} kB, then {}", before[1], after[1]);
}

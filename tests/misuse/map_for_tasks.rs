use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::iter::{Prog, Task, link_create_iter};

fn link(tasks: &Prog<Task>, map: BorrowedFd<'_>) -> barebpf::Result<OwnedFd> {
    link_create_iter(tasks, map)
}

fn main() {
    let _ = link;
}

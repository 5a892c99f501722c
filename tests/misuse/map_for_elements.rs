use barebpf::fd::{BorrowedFd, OwnedFd};
use barebpf::iter::{MapElem, Prog, link_create_iter};

fn link(elements: &Prog<MapElem>, map: BorrowedFd<'_>) -> barebpf::Result<OwnedFd> {
    link_create_iter(elements, map)
}

fn main() {
    let _ = link;
}

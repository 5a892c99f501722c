use barebpf::fd::OwnedFd;
use barebpf::iter::{Iter, iter_create};

fn open(link: OwnedFd) -> barebpf::Result<Iter> {
    let lent = link.as_fd();
    drop(link);
    iter_create(lent)
}

fn main() {
    let _ = open;
}

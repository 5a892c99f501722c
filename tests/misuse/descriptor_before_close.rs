use barebpf::fd::OwnedFd;
use barebpf::iter::{Iter, iter_create};

fn open(link: OwnedFd) -> barebpf::Result<Iter> {
    let lent = link.as_fd();
    let iter = iter_create(lent);
    drop(link);
    iter
}

fn main() {
    let _ = open;
}

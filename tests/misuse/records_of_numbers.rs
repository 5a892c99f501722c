use barebpf::iter::{Iter, Records};

fn records(iter: Iter, buf: &mut [u32]) -> Records<'_, u32> {
    iter.records(buf)
}

fn main() {
    let _ = records;
}

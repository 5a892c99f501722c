use barebpf::iter::{Iter, Records};

fn records(iter: Iter, buf: &mut [bool]) -> Records<'_, bool> {
    iter.records(buf)
}

fn main() {
    let _ = records;
}

use barebpf::iter::{Iter, Records};

fn records(iter: Iter, buf: &mut [[u32; 0]]) -> Records<'_, [u32; 0]> {
    iter.records(buf)
}

fn main() {
    let _: fn(Iter, &mut [[u32; 0]]) -> Records<'_, [u32; 0]> = records;
}

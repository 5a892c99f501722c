use barebpf::iter::{ReadError, Records};

fn sum(mut records: Records<'_, u32>) -> Result<Option<u32>, ReadError> {
    let first = records.next()?;
    let second = records.next()?;
    Ok(first.zip(second).map(|(first, second)| *first ^ *second))
}

fn main() {
    let _ = sum;
}

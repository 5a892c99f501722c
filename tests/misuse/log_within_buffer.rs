use barebpf::Log;

fn log<'b>(buf: &'b mut [u8; 256]) -> Log<'b> {
    Log::new(buf)
}

fn main() {
    let _ = log;
}

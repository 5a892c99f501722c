use barebpf::Log;

fn log<'b>() -> Log<'b> {
    let mut buf = [0; 256];
    Log::new(&mut buf)
}

fn main() {
    let _ = log;
}

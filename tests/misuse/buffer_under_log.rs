use barebpf::Log;

fn text() -> usize {
    let mut buf = [0; 256];
    let log = Log::new(&mut buf);
    buf[0] = 1;
    log.text().len()
}

fn main() {
    let _ = text;
}

use barebpf::Log;

fn text() -> usize {
    let mut buf = [0; 256];
    let log = Log::new(&mut buf);
    let len = log.text().len();
    buf[0] = 1;
    len
}

fn main() {
    let _ = text;
}

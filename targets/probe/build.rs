//! Passes the link script and the few options that make a small static file, in the words of
//! whatever links: an `ld`, or a compiler driver that wants them behind `-Wl,`.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=link.ld");

    // `targets/config.toml` says so; without it rustc calls a compiler driver.
    let is_ld = env::var("CARGO_ENCODED_RUSTFLAGS").is_ok_and(|it| it.contains("linker-flavor=ld"));
    let script = format!("-T{}/link.ld", env::var("CARGO_MANIFEST_DIR").unwrap_or_default());

    let arg = |arg: &str| println!("cargo::rustc-link-arg-bins={arg}");
    if !is_ld {
        for word in ["-static", "-nostdlib", "-nostartfiles", "-no-pie"] {
            arg(word);
        }
    }
    let words = ["--nmagic", "--gc-sections", "--build-id=none", "-znorelro"];
    for word in words.into_iter().chain([script.as_str()]) {
        if is_ld { arg(word) } else { arg(&format!("-Wl,{word}")) }
    }
    let base = if is_ld { "--defsym=BASE=0x100000" } else { "-Wl,--defsym=BASE=0x100000" };
    println!("cargo::rustc-link-arg-bin=packed={base}");
}

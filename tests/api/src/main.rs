//! Prints the public API in the rustdoc JSON file that its argument names, an item a line. What derives and
//! macros of other crates add is left out: of flags, all but the constants.

fn main() {
    let file = std::env::args().nth(1).expect("usage: api FILE.json");
    let api = public_api::Builder::from_rustdoc_json(file)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build();
    let api = api.unwrap_or_else(|error| {
        eprintln!("{error}");
        std::process::exit(77)
    });
    let text = api.to_string();
    let flags: Vec<String> = text
        .lines()
        .filter_map(|line| line.strip_prefix("impl bitflags::traits::Flags for "))
        .map(|name| format!("{name}::"))
        .collect();
    for line in text.lines() {
        let added = line.contains("zerocopy::") && line.starts_with("impl")
            || line.contains("bitflags::")
            || line
                .ends_with("::fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result");
        let of_flags = flags.iter().any(|name| {
            line.contains(name.as_str())
                && !line.starts_with("pub const barebpf")
                && !line.starts_with("pub barebpf")
                || line.starts_with("impl ") && line.ends_with(name.trim_end_matches(':'))
        });
        if !added && !of_flags {
            println!("{line}");
        }
    }
}

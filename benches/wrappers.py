"""Instructions of a wrapper in a release build, beside C's with the same contract."""

import re
import tempfile
from pathlib import Path

import boards

HERE = Path(__file__).resolve().parent
MOST = 2  # instructions more than C
COMPILERS = {
    "x86_64": ("", []),
    "aarch64": ("aarch64-linux-gnu-", []),
    "riscv64": ("riscv64-linux-gnu-", []),
    "armv7": ("arm-linux-gnueabihf-", ["-marm"]),
}


def counts(cross, path):
    """Instructions of each function, with the parts that the compiler put aside; what fills up to the
    next one is none."""
    found = {}
    name = None
    text = boards.run(f"{cross}objdump", "-d", "--no-show-raw-insn", path)
    for line in text.splitlines():
        if head := re.fullmatch(r"[0-9a-f]+ <([a-z_]+)(\.cold)?>:", line):
            name = head[1]
            found.setdefault(name, [])
        elif re.match(r"[0-9a-f]+ <(?!\.L)", line):  # labels inside a function go on with it
            name = None
        elif name and (code := re.match(r"\s+[0-9a-f]+:\s+(.+)", line)):
            if not re.match(r"nop|data16|cs nop|xchg +%ax,%ax|\.(word|short)", code[1]):
                found[name].append(code[1])
    # What enters the kernel elsewhere was not inlined, and not counted.
    for name, lines in found.items():
        enters = any(re.match(r"syscall|svc|ecall", line) for line in lines)
        if lines and not enters:
            raise boards.Failure(f"{path}: {name} does not enter the kernel where it is counted")
    return {name: len(lines) for name, lines in found.items() if lines}


def compile_both(board, work):
    """The counts of C and of Rust; None for Rust where rustup has no such target."""
    cross, flags = COMPILERS[board]
    c = Path(work, f"{board}.o")
    words = ["-O2", "-ffunction-sections", "-fno-pie", "-fno-stack-protector"]
    boards.run(f"{cross}gcc", *words, *flags, "-c", HERE / "wrappers.c", "-o", c)
    triple, _ = boards.rustup_target(boards.BOARDS[board], wait=120)
    if not triple:
        return counts(cross, c), None
    target = HERE / "wrappers/target"
    words = ["cargo", "rustc", "--release", "--locked", "--quiet", "--target", triple]
    folder = target / triple / "release/deps"
    for old in folder.glob("wrappers-*.o"):
        old.unlink()
    # cargo does not see that the object is gone; the time of the source tells it.
    (HERE / "wrappers.rs").touch()
    boards.run(*words, "--", "--emit=obj", "-Ccodegen-units=1", cwd=HERE / "wrappers")
    [rust] = folder.glob("wrappers-*.o")
    return counts(cross, c), counts(cross, rust)


def measure_all():
    """For each architecture, the counts of both."""
    with tempfile.TemporaryDirectory() as work:
        return {board: compile_both(board, work) for board in COMPILERS}


def gates(marks, table):
    found = measure_all()
    source = (HERE / "wrappers.rs").read_text()
    names = re.findall(r"^pub fn (\w+)", source, re.MULTILINE)
    rows = [["instructions of a wrapper, Rust and C", *found]]
    for name in names:
        row = [name]
        for c, rust in found.values():
            row.append(f"{rust[name]} {c[name]}" if rust else f"- {c[name]}")
        rows.append(row)
    table(rows)
    for board, (c, rust) in found.items():
        if rust is None:
            print(f"note: skipped: rustup has no target for {board}, no wrapper was counted")
            continue
        most = max(rust[name] - c[name] for name in names)
        marks.hold(f"instructions that a wrapper has more than C on {board}", most, MOST)

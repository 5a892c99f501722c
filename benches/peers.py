"""Builds the peers: libbpf 1.7 from the sources that the crate libbpf-sys brings, Debian's libbpf, and
aya. What is built is kept in the cache, under what it was made from."""

import json
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

import boards
import kernels

HERE = Path(__file__).resolve().parent
LIBBPF = "1.7"
STATIC = ["-l:libelf.a", "-l:libz.a", "-static"]
NEEDS = {  # what there has to be, and the package that brings it
    "/usr/lib/*/libbpf.a": "libbpf-dev",
    "/usr/lib/*/libelf.a": "libelf-dev",
    "/usr/lib/*/libz.a": "zlib1g-dev",
    "/usr/bin/valgrind": "valgrind",
    "/usr/bin/strip": "binutils",
    "/usr/bin/gcc": "gcc",
    "/usr/bin/make": "make",
    "/usr/bin/pkg-config": "pkg-config",
}
CROSS = {
    "/usr/bin/aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
    "/usr/bin/riscv64-linux-gnu-gcc": "gcc-riscv64-linux-gnu",
    "/usr/bin/arm-linux-gnueabihf-gcc": "gcc-arm-linux-gnueabihf",
}


def missing(needs):
    return sorted({p for pattern, p in needs.items() if not list(Path("/").glob(pattern[1:]))})


def texts(*names):
    return [(HERE / name).read_text() for name in names]


def gcc():
    return boards.output("gcc", "--version").splitlines()[0]


def fetch(project):
    """The packages of a small project, as cargo knows them."""
    boards.run("cargo", "fetch", "--locked", "--quiet", cwd=HERE / project)
    words = ["cargo", "metadata", "--format-version=1", "--locked", "--offline"]
    found = subprocess.run(words, cwd=HERE / project, capture_output=True, text=True, check=True)
    return {it["name"]: it for it in json.loads(found.stdout)["packages"]}


def as_header(program):
    """The instructions as what C reads."""
    return "".join(f"{word:#018x}ULL,\n" for (word,) in struct.iter_unpack("<Q", program))


FLAGS = ["-O2", "-ffunction-sections", "-fdata-sections"]


def c_programs(name, key, program, library, include):
    """The job and the search with one libbpf; gives back their folder."""

    def make(folder):
        (folder / "program.h").write_text(as_header(program))
        with tempfile.TemporaryDirectory(prefix=".build-", dir=boards.CACHE) as work:
            if include:
                Path(work, "bpf").symlink_to(include)
            for it in ("job", "search"):
                words = ["gcc", *FLAGS, "-Wl,--gc-sections", "-I", work, "-I", folder]
                boards.run(*words, HERE / f"{it}.c", library, *STATIC, "-o", folder / it)
                boards.run("strip", "--strip-all", folder / it)

    return kernels.cached(name, [key, program.hex(), texts("job.c", "search.c")], make)


def libbpf(program):
    """libbpf 1.7, -O2; gives back its version and the folder with `job` and `search`."""
    package = fetch("libbpf")["libbpf-sys"]
    source = Path(package["manifest_path"]).parent / "libbpf/src"
    key = [package["version"], gcc(), FLAGS]

    def make(folder):
        with tempfile.TemporaryDirectory(prefix=".build-", dir=boards.CACHE) as work:
            words = ["make", "-s", f"-j{os.cpu_count()}", "-C", source, "BUILD_STATIC_ONLY=1"]
            words += [f"CFLAGS={' '.join(FLAGS)}", f"OBJDIR={work}"]
            boards.run(*words, f"{work}/libbpf.a")
            shutil.copy(Path(work, "libbpf.a"), folder)

    library = kernels.cached("bench-libbpf", key, make) / "libbpf.a"
    name = "bench-libbpf-programs"
    return package["version"].split("+")[0], c_programs(name, key, program, library, source)


def debian(program):
    """Debian's libbpf."""
    version = boards.output("dpkg-query", "-W", "-f", "${Version}", "libbpf-dev")
    key = [version, gcc(), FLAGS]
    name = "bench-debian-programs"
    return version.split(":")[-1].split("-")[0], c_programs(name, key, program, "-l:libbpf.a", None)


def as_object(program, folder):
    """An object file for BPF with the instructions: what a compiler for BPF would leave."""
    lines = "".join(f".8byte {word:#x}\n" for (word,) in struct.iter_unpack("<Q", program))
    (folder / "job.S").write_text(
        '.section iter/task,"ax",@progbits\n.globl job\n.type job,@function\n'
        f"job:\n{lines}.size job,.-job\n"
        '.section license,"aw",@progbits\n.globl gpl\n.type gpl,@object\n'
        'gpl: .asciz "GPL"\n.size gpl,4\n'
    )
    path = folder / "job.o"
    boards.run("gcc", "-c", folder / "job.S", "-o", path)
    boards.run("objcopy", *(f"-R{name}" for name in (".text", ".data", ".bss")), path)
    elf = bytearray(path.read_bytes())
    elf[18:20] = (247).to_bytes(2, "little")  # the machine: BPF
    path.write_bytes(elf)
    return path


def aya(program):
    """The newest aya that this Rust builds; gives back its version and the program."""
    version = fetch("aya")["aya"]["version"]
    triple, _ = boards.rustup_target(boards.BOARDS["x86_64"], wait=120)
    if not triple:
        raise boards.Failure("rustup has no static target for x86_64, which aya needs")
    recipe = [version, boards.output("rustc", "-V"), triple, program.hex(), as_object.__doc__]
    recipe += texts("aya/src/main.rs", "aya/Cargo.toml", "aya/Cargo.lock")

    def make(folder):
        with tempfile.TemporaryDirectory(prefix=".build-", dir=boards.CACHE) as work:
            env = {**os.environ, "JOB_OBJECT": str(as_object(program, folder))}
            env["RUSTFLAGS"] = "-Ctarget-feature=+crt-static"
            words = ["cargo", "build", "--release", "--locked", "--quiet", "--target", triple]
            boards.run(*words, "--target-dir", work, cwd=HERE / "aya", env=env)
            shutil.copy(Path(work, triple, "release/aya-job"), folder / "job")

    return version, kernels.cached("bench-aya", recipe, make)

"""The boards, their kernels, and what `build` and `boot` share."""

import contextlib
import fcntl
import lzma
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROBE = HERE / "probe"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "barebpf"


class Failure(Exception):
    """One line for the user; exit status 1."""


class Missing(Failure):
    """Something that `what` could not find, and the packages that bring it."""

    def __init__(self, what, *packages):
        self.packages = packages
        super().__init__(f"{what}; to get it: apt-get install {' '.join(packages)}")


class Gone(Failure):
    """A kernel that Debian no longer serves."""


@dataclass
class Kernel:
    """A kernel and the machine that runs it."""

    version: str
    arch: str  # as Debian says it
    machine: str  # a key of MACHINES
    suites: tuple = ()  # where to look for the package
    flavour: str = ""
    config: str = ""  # a custom kernel: its fragment in kernel/


@dataclass
class Board:
    triple: str
    rustup: tuple  # targets that rustup may have, the best first
    kernels: dict = field(default_factory=dict)


OLD, MID, NEW = ("bullseye",), ("bookworm",), ("trixie",)
SID = ("sid", "trixie-backports")


def debian(version, arch, suites, flavour):
    machine = {"armhf": "arm"}.get(arch, arch)
    return Kernel(version, arch, machine, suites, flavour)


def cloud(arch):
    suites = {"5.10": OLD, "6.1": MID, "6.12": NEW, "7.2": SID}
    return {v: debian(v, arch, s, f"cloud-{arch}") for v, s in suites.items()}


ARM_CUSTOM = Kernel("6.12", "armhf", "arm", NEW, config="armv7")

BOARDS = {
    "aarch64": Board(
        "aarch64-unknown-linux-musl",
        ("aarch64-unknown-linux-musl", "aarch64-unknown-linux-gnu"),
        cloud("arm64"),
    ),
    "armv7": Board(
        "armv7-unknown-linux-musleabihf",
        ("armv7-unknown-linux-musleabihf", "armv7-unknown-linux-gnueabihf"),
        {
            "6.12": ARM_CUSTOM,
            "armmp-6.1": debian("6.1", "armhf", MID, "armmp"),
            "arm64-6.1": cloud("arm64")["6.1"],
            "arm64-7.2": cloud("arm64")["7.2"],
        },
    ),
    "thumbv7": Board(
        "thumbv7neon-unknown-linux-musleabihf",
        ("thumbv7neon-unknown-linux-gnueabihf",),
        {"6.12": ARM_CUSTOM},
    ),
    "riscv64": Board(
        "riscv64gc-unknown-linux-musl",
        ("riscv64gc-unknown-linux-musl", "riscv64gc-unknown-linux-gnu"),
        {
            "6.12": debian("6.12", "riscv64", NEW, "riscv64"),
            "7.2": debian("7.2", "riscv64", SID, "riscv64"),
        },
    ),
    "riscv32": Board(
        "riscv32gc-unknown-linux-musl",
        (),
        {"6.12": Kernel("6.12", "riscv32", "riscv32", NEW, config="riscv32")},
    ),
    "x86_64": Board(
        "x86_64-unknown-linux-musl",
        ("x86_64-unknown-linux-musl", "x86_64-unknown-linux-gnu"),
        cloud("amd64"),
    ),
}


def usage(message):
    """Says what is wrong and what there is; exit status 2."""
    print(message, file=sys.stderr)
    for name, board in BOARDS.items():
        print(f"  {name:8} {' '.join(board.kernels)}", file=sys.stderr)
    sys.exit(2)


def run(*command, **options):
    """Runs a command quietly; its own words are the message when it fails."""
    with subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        **options,
    ) as child:
        try:
            text, _ = child.communicate()
        except BaseException:
            # With all that it started.
            os.killpg(child.pid, signal.SIGKILL)
            raise
    if child.returncode != 0:
        tail = "\n".join(text.splitlines()[-15:])
        raise Failure(f"{' '.join(map(str, command[:4]))} …: exit status {child.returncode}\n{tail}")
    return text


@contextlib.contextmanager
def lock(path):
    """One process at a time; ends with the process, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# Building


def output(*command):
    """What a command prints, or an empty string."""
    try:
        return subprocess.run(
            command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def rustlib(rustc):
    sysroot = output(rustc, "--print", "sysroot")
    return Path(sysroot, "lib/rustlib") if sysroot else None


def linker(lib):
    """rust-lld comes with rustup's rustc; else any ld.lld will do, though on RISC-V one before 15 makes calls
    of twice the size."""
    for lib in filter(None, [lib, rustlib("rustc")]):
        for path in sorted(lib.glob("*/bin/rust-lld")):
            return path
    for name in ["ld.lld", *(f"ld.lld-{n}" for n in range(30, 13, -1))]:
        if path := shutil.which(name):
            return path
    raise Missing("no ld.lld and no rust-lld", "lld")


def rustup_target(board, wait):
    """A target of this board that rustup's stable Rust has, or gets within `wait` seconds."""
    lib = shutil.which("rustup") and rustlib("rustc")
    if not lib:
        return None, None
    for triple in board.rustup:
        if any((lib / triple / "lib").glob("libcore-*")):
            return triple, lib
    for triple in board.rustup:
        try:
            subprocess.run(
                ["rustup", "target", "add", triple],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=wait,
                check=True,
            )
            return triple, lib
        except subprocess.TimeoutExpired:
            break
        except subprocess.CalledProcessError:
            continue
    return None, None


def rust_with_source():
    """A rustc that has the source of `core` beside it, and its cargo."""
    for folder in [None, "/usr/bin"]:
        rustc, cargo = shutil.which("rustc", path=folder), shutil.which("cargo", path=folder)
        lib = rustc and cargo and rustlib(rustc)
        if lib and (lib / "src/rust/library/core/Cargo.toml").exists():
            return rustc, cargo, lib
    return None


def trim(elf):
    """Leaves out the section headers, which nothing needs at run time."""
    wide = elf[4] == 2
    word, phoff_at, shoff_at, sizes_at = (8, 32, 40, 54) if wide else (4, 28, 32, 42)

    def number(at, size):
        return int.from_bytes(elf[at : at + size], "little")

    end = 0
    for i in range(number(sizes_at + 2, 2)):
        at = number(phoff_at, word) + i * number(sizes_at, 2)
        offset, size = (8, 32) if wide else (4, 16)
        end = max(end, number(at + offset, word) + number(at + size, word))
    out = bytearray(elf[:end])
    out[shoff_at : shoff_at + word] = bytes(word)
    out[sizes_at + 6 : sizes_at + 10] = bytes(4)
    return bytes(out)


# As probe/src/lzma.rs unpacks: the context is a place, or a byte.
PLACE = {"id": lzma.FILTER_LZMA1, "preset": 9 | lzma.PRESET_EXTREME, "lc": 0, "lp": 1, "pb": 1}
BYTE = {**PLACE, "lc": 3, "lp": 0}
X86_64, RISCV = 62, 243

PACKED = {"barebpf"}  # What is larger than 32 KiB


def machine_of(elf):
    return int.from_bytes(elf[18:20], "little")


def calls(elf):
    """Makes calls say where they lead to; probe/src/calls.rs makes them what they were."""
    machine, out, at = machine_of(elf), bytearray(elf), 0
    while at + 5 <= len(out):
        word = int.from_bytes(out[at : at + 4], "little")
        if machine == X86_64 and out[at] == 0xE8:
            far = int.from_bytes(out[at + 1 : at + 5], "little")
            out[at + 1 : at + 5] = (far + at & 0xFFFFFFFF).to_bytes(4, "little")
            at += 5
        elif machine == RISCV and word & 0xFFF == 0xEF:
            far = (word >> 31) << 20 | word & 0xFF000 | (word >> 20 & 1) << 11 | (word >> 21 & 0x3FF) << 1
            half = (far + at & 0x1FFFFF) >> 1
            out[at + 1 : at + 4] = (half >> 16 << 4, half >> 8 & 0xFF, half & 0xFF)
            at += 4
        else:
            at += 2 if machine == RISCV else 1
    return bytes(out)


def pack(stub, elf):
    """Puts a program of one segment behind the one that unpacks it: in its segment, and in its words."""
    wide = stub[4] == 2
    # How far the search goes is a matter of luck.
    words = BYTE if machine_of(elf) == X86_64 else PLACE
    tries = ({**words, "nice_len": length} for length in (32, 64, 128, 273))
    packed = min((lzma.compress(calls(elf), lzma.FORMAT_RAW, filters=[it]) for it in tries), key=len)
    entry = int.from_bytes(elf[24 : 32 if wide else 28], "little")
    out = bytearray(stub + bytes(-len(stub) % 8))
    for number in (len(elf), entry, len(packed)):
        out += number.to_bytes(4, "little")
    out += packed
    # The segment's sizes, in the file and in memory.
    for at in (64 + 32, 64 + 40) if wide else (52 + 16, 52 + 20):
        out[at : at + 4] = len(out).to_bytes(4, "little")
    return bytes(out)


def build(name, binary="probe", how=None, plain=False):
    """Builds one program for a board, packed if it is large and may be; gives back its path."""
    board = BOARDS[name]
    env = {k: v for k, v in os.environ.items() if not k.endswith("RUSTFLAGS")}
    triple = lib = None
    if how != "source":
        triple, lib = rustup_target(board, wait=120)
    if triple:
        how, cargo, extra = "rustup", "cargo", []
    elif how == "rustup":
        raise Failure(f"rustup has no target for {name}, or cannot get one now")
    elif found := rust_with_source():
        how, triple = "source", board.triple
        env["RUSTC"], cargo, lib = found
        env["RUSTC_BOOTSTRAP"] = "1"
        extra = ["-Zbuild-std=core"]
    else:
        raise Missing(
            f"no rustup target for {name}, and no source of core to build one",
            *("rustc-web", "cargo-web", "rust-web-src"),
        )

    # Pieces that are put together once only are packed worse than repeated ones.
    flags = ["-Cllvm-args=-enable-machine-outliner=never"] if binary in PACKED and not plain else []
    if "riscv" in triple:
        flags.append("-Ctarget-feature=+relax")
    flags.append(f"-Clinker={linker(lib)}")
    target = Path(env.get("CARGO_TARGET_DIR") or PROBE / "target") / how
    command = [
        *(cargo, "build", "--release", "--locked", "--quiet", "--bin", binary, "--target", triple),
        *("--config", HERE / "config.toml"),
        *("--config", f"build.rustflags={flags}"),
        *("--target-dir", target, *extra),
    ]
    run(*command, cwd=PROBE, env=env)

    elf = trim((target / triple / "release" / binary).read_bytes())
    path = target.parent / "boards" / how / name / binary
    if binary in PACKED:
        if plain:
            path = path.with_name(f"{binary}-plain")
        else:
            elf = pack(build(name, "packed", how).read_bytes(), elf)
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}")
    new.write_bytes(elf)
    new.chmod(0o755)
    new.replace(path)
    return path

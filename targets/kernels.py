"""Kernels: out of Debian's packages, or built from Debian's source; kept in the cache."""

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from boards import CACHE, HERE, Failure, Gone, Missing, lock, run

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")

# What builds a custom kernel: its `make` words, the packages, the image.
CUSTOM = {
    "armhf": ("arm", "arm-linux-gnueabihf-", "gcc-arm-linux-gnueabihf", "arch/arm/boot/zImage"),
    "riscv32": ("riscv", "riscv64-linux-gnu-", "gcc-riscv64-linux-gnu", "arch/riscv/boot/Image"),
}
TOOLS = {
    "make": "make",
    "gcc": "gcc",
    "flex": "flex",
    "bison": "bison",
    "bc": "bc",
    "pahole": "dwarves",
    "xz": "xz-utils",
}
HEADERS = {"gelf.h": "libelf-dev", "zlib.h": "zlib1g-dev"}


# The cache: a folder an entry, made elsewhere and put in place at once, with the checksums of what
# is in it. What cannot be there again unchanged is thrown away.


def checksum(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sound(entry):
    """Whether every file of an entry is what it was when it was made."""
    try:
        sums = json.loads((entry / "sums").read_text())
        return bool(sums) and all(checksum(entry / name) == it for name, it in sums.items())
    except (OSError, ValueError):
        return False


def path_of(name, recipe):
    return CACHE / f"{name}-{hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:12]}"


def cached(name, recipe, make):
    """The folder `name`, made by `make(folder)` unless it is there; `recipe` is what decides."""
    entry = path_of(name, recipe)
    with lock(CACHE / "locks" / entry.name):
        if sound(entry):
            return entry
        if entry.exists():
            print(f"{entry} is damaged: made again", flush=True)
            shutil.rmtree(entry)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=CACHE) as work:
            new = Path(work, "entry")
            new.mkdir()
            make(new)
            sums = {file.name: checksum(file) for file in new.iterdir()}
            (new / "sums").write_text(json.dumps(sums, indent=1) + "\n")
            new.rename(entry)
    return entry


def entry_of(kernel):
    """Name and recipe of a kernel's entry."""
    if kernel.config:
        return f"linux-{kernel.version}-{kernel.config}", [fragment(kernel), kernel.suites]
    return f"linux-{kernel.version}-{kernel.flavour}-{kernel.arch}", [kernel.suites]


# Debian


def mirror():
    """Where this machine gets its Debian packages."""
    if url := os.environ.get("DEBIAN_MIRROR"):
        return url
    uris = run("apt-get", "indextargets", "--format", "$(REPO_URI)").split()
    for uri in uris:
        if uri.rstrip("/").endswith("/debian"):
            return uri
    raise Failure("apt here knows no Debian mirror: set DEBIAN_MIRROR to the address of one")


class Apt:
    """apt with a configuration of its own: one suite, one architecture, nothing of the system's.

    apt itself checks signatures and checksums, so a download cut short is noticed."""

    def __init__(self, root, suite, arch):
        if not KEYRING.exists():
            raise Missing("Debian's keys are not here", "debian-archive-keyring")
        self.root = Path(root)
        for folder in ["lists/partial", "archives/partial"]:
            (self.root / folder).mkdir(parents=True)
        (self.root / "status").touch()
        kind, arch = ("deb-src", "amd64") if arch == "source" else ("deb", arch)
        (self.root / "sources.list").write_text(
            f"{kind} [arch={arch} signed-by={KEYRING}] {mirror()} {suite} main\n"
        )
        (self.root / "apt.conf").write_text(
            f'Dir::State "{root}"; Dir::State::status "{root}/status"; Dir::Cache "{root}";\n'
            f'Dir::Etc::main "none"; Dir::Etc::parts "{root}/lists/partial";\n'
            f'Dir::Etc::sourceparts "{root}/lists/partial";\n'
            f'Dir::Etc::sourcelist "{root}/sources.list";\n'
            f'APT::Architecture "{arch}"; APT::Architectures "{arch}"; APT::Sandbox::User "";\n'
            'Acquire::Languages "none"; Acquire::Retries "3"; Acquire::GzipIndexes "true";\n'
            # Signed lists past their date will do: an old kernel is as good as a new one here.
            'Acquire::Check-Valid-Until "false";\n'
        )
        print(f"reading the list of {suite} {kind} {arch}", flush=True)
        self("apt-get", "update", "-qq", "--error-on=any")

    def __call__(self, *command, **options):
        return run(*command, env={**os.environ, "APT_CONFIG": f"{self.root}/apt.conf"}, **options)

    def packages(self):
        """Name to version of everything that is served."""
        found = {}
        name = ""
        for line in self("apt-cache", "dumpavail").splitlines():
            if line.startswith("Package: "):
                name = line[9:]
            elif line.startswith("Version: "):
                found.setdefault(name, []).append(line[9:])
        return found

    def newest(self, pattern):
        """The newest package with such a name, as `name=version`; None if there is none."""
        found = [
            (version, name)
            for name, versions in self.packages().items()
            if re.fullmatch(pattern, name)
            for version in versions
        ]

        def order(a, b):
            older = ["dpkg", "--compare-versions", a[0], "lt", b[0]]
            return -1 if subprocess.run(older, check=False).returncode == 0 else 1

        if not found:
            return None
        version, name = max(found, key=functools.cmp_to_key(order))
        return f"{name}={version}"

    def fetch(self, package):
        """Downloads a package; gives back the file."""
        print(f"fetching {package}", flush=True)
        self("apt-get", "download", "-qq", package, cwd=self.root)
        return next(self.root.glob("*.deb"))


def from_suites(suites, arch, what, get):
    """What `get(apt)` brings, from the first suite that has it."""
    for suite in suites:
        with tempfile.TemporaryDirectory(prefix=".apt-", dir=CACHE) as root:
            try:
                if found := get(Apt(root, suite, arch)):
                    return found
            except Failure as failure:
                # The suite, or a package that its list still names, is no longer there.
                if "404" not in str(failure):
                    raise
    raise Gone(f"Debian serves no {what} for {arch} in {' or '.join(suites)}")


def fetch(suites, arch, pattern, inside, to):
    """Gets one file out of the newest package with such a name; gives back `name=version`."""

    def get(apt):
        if package := apt.newest(pattern):
            member(apt.fetch(package), inside, to)
        return package

    return from_suites(suites, arch, pattern, get)


def member(deb, pattern, to):
    """Copies the one file out of a package whose path matches."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb], stdout=subprocess.PIPE) as tar:
        with tarfile.open(fileobj=tar.stdout, mode="r|") as files:
            for it in files:
                if it.isfile() and re.fullmatch(pattern, it.name):
                    with open(to, "wb") as out:
                        shutil.copyfileobj(files.extractfile(it), out)
                    tar.kill()
                    return
    raise Failure(f"{deb.name} holds no {pattern}")


def from_package(kernel, folder):
    """The kernel out of Debian's package; from 7.x on that is `linux-binary-…`."""
    kind = "binary" if int(kernel.version.split(".")[0]) >= 7 else "image"
    pattern = rf"linux-{kind}-{re.escape(kernel.version)}\.[0-9][^-]*(-\d+)?-{kernel.flavour}"
    inside = r"\./(boot/vmlinu[xz]-.*|usr/lib/modules/.*/vmlinu[xz])"
    package = fetch(kernel.suites, kernel.arch, pattern, inside, folder / "kernel")
    (folder / "about").write_text(package + "\n")


# Custom kernels


def fragment(kernel):
    names = ["bpf", "init", kernel.config]
    return "".join((HERE / "kernel" / f"{name}.config").read_text() for name in names)


def need_tools(cross):
    """The packages that are missing to build a kernel."""
    tools = {**TOOLS, f"{CUSTOM[cross][1]}gcc": CUSTOM[cross][2]}
    missing = [package for tool, package in tools.items() if not shutil.which(tool)]
    missing += [p for h, p in HEADERS.items() if not Path("/usr/include", h).exists()]
    return missing


def source(version, suites):
    """Debian's source of that kernel, as a tar file."""

    def make(folder):
        pattern, inside = rf"linux-source-{re.escape(version)}", r"\./usr/src/.*\.tar\.xz"
        package = fetch(suites, "amd64", pattern, inside, folder / "linux.tar.xz")
        (folder / "about").write_text(package + "\n")

    return cached(f"source-{version}", [suites], make)


def from_source(kernel, folder):
    """Builds the kernel: nothing but what the fragments ask for."""
    make_arch, cross, _, image = CUSTOM[kernel.arch]
    if missing := need_tools(kernel.arch):
        raise Missing(f"tools to build Linux {kernel.version} for {kernel.arch}", *missing)
    tar = source(kernel.version, kernel.suites)
    print(f"building Linux {kernel.version} for {kernel.arch}: minutes, once", flush=True)
    with tempfile.TemporaryDirectory(prefix=".build-", dir=CACHE) as work:
        run("tar", "xf", tar / "linux.tar.xz", "-C", work, "--strip-components=1")
        wanted = fragment(kernel)
        Path(work, "wanted").write_text(wanted)
        # Dates and names left out, the same source and compiler make the same kernel.
        fixed = ["KBUILD_BUILD_TIMESTAMP=1970-01-01", "KBUILD_BUILD_USER=-", "KBUILD_BUILD_HOST=-"]
        make = ["make", "-s", f"ARCH={make_arch}", f"CROSS_COMPILE={cross}", *fixed]
        run(*make, f"KCONFIG_ALLCONFIG={work}/wanted", "allnoconfig", cwd=work)
        config = Path(work, ".config").read_text().splitlines()
        for line in [*wanted.splitlines(), "CONFIG_BPF_EVENTS=y"]:
            if line.startswith("CONFIG_") and line not in config:
                raise Failure(f"{kernel.config}: the kernel's configuration lost {line}")
        run(*make, f"-j{os.cpu_count()}", Path(image).name, cwd=work)
        shutil.copy(Path(work, image), folder / "kernel")
        shutil.copy(Path(work, ".config"), folder / "config")
    shutil.copy(tar / "about", folder / "about")


def get(kernel):
    """The folder with the kernel's file."""
    make = from_source if kernel.config else from_package
    name, recipe = entry_of(kernel)
    return cached(name, recipe, lambda folder: make(kernel, folder)) / "kernel"


def opensbi():
    """The firmware for 32-bit RISC-V, which Debian's QEMU does not bring."""
    suites = ["trixie", "sid", "bookworm"]

    def make(folder):
        if missing := need_tools("riscv32"):
            raise Missing("tools to build OpenSBI", *missing)
        with tempfile.TemporaryDirectory(prefix=".build-", dir=CACHE) as tree:

            def get(apt):
                command = ["apt-get", "source", "-qq", "--download-only", "--tar-only", "opensbi"]
                apt(*command, cwd=apt.root)
                tar = next(apt.root.glob("opensbi_*.orig.tar.*"))
                run("tar", "xf", tar, "-C", tree, "--strip-components=1")
                return tar.name

            name = from_suites(suites, "source", "opensbi", get)
            print(f"building {name}", flush=True)
            words = ["CROSS_COMPILE=riscv64-linux-gnu-", "PLATFORM=generic"]
            run("make", *words, "PLATFORM_RISCV_XLEN=32", f"-j{os.cpu_count()}", cwd=tree)
            shutil.copy(Path(tree, "build/platform/generic/firmware/fw_dynamic.bin"), folder)
            (folder / "about").write_text(name + "\n")

    return cached("opensbi-riscv32", suites, make) / "fw_dynamic.bin"


def there(kernel):
    """Whether the cache has it."""
    name, recipe = entry_of(kernel)
    return sound(path_of(name, recipe))

"""How cost grows with the size of the BTF and with the number of objects; and a chart of it.

The BTF is that of kernels in the matrix of targets/; what is larger than any is two of them joined, as
the BTF of a module stands on the kernel's."""

import contextlib
import lzma
import re
import statistics
import struct
import zlib
from pathlib import Path

import boards
import kernels
import measure

MAGIC = b"\x9f\xeb\x01\x00\x18\x00\x00\x00"
ROUNDS = 9
ELEMENTS = (1_000, 10_000, 100_000, 1_000_000)
FUNC = 12
# What follows a record, once or `vlen` times: n is the offset of a name, t the id of a type, x neither.
ONCE = {1: "x", 3: "ttx", 14: "x", 17: "x"}
EACH = {4: "ntx", 5: "ntx", 6: "nx", 13: "nt", 15: "txx", 19: "nxx"}
REFERS = {2, 8, 9, 10, 11, 12, 13, 14, 17, 18}  # kinds whose third word is a type's id


def sections(btf):
    types, types_len, strings, strings_len = struct.unpack_from("<4I", btf, 8)
    return btf[24 + types :][:types_len], btf[24 + strings :][:strings_len]


def assemble(types, strings):
    return MAGIC + struct.pack("<4I", 0, len(types), len(types), len(strings)) + types + strings


def unpacked(image):
    """The kernel itself, and whatever in it can be decompressed."""
    yield image
    for found in re.finditer(rb"\x1f\x8b\x08|\xfd7zXZ\x00", image):
        gzip = found[0][0] == 0x1F
        tool = zlib.decompressobj(31) if gzip else lzma.LZMADecompressor()
        with contextlib.suppress(zlib.error, lzma.LZMAError):
            yield tool.decompress(image[found.start() :])


def extract(kernel):
    """The longest BTF in a kernel."""
    return next(filter(None, map(longest_in, unpacked(kernel))), b"")


def longest_in(image):
    longest, at = b"", image.find(MAGIC)
    while at >= 0:
        types, types_len, strings, len_ = struct.unpack_from("<4I", image, at + 8)
        size = 24 + strings + len_
        if types == 0 and strings == types_len and len_ and len(longest) < size <= len(image) - at:
            longest = image[at : at + size]
        at = image.find(MAGIC, at + 1)
    return longest


def walk(types):
    """Place, name, kind and what follows, of each record."""
    at = 0
    while at < len(types):
        name, info = struct.unpack_from("<II", types, at)
        kind, vlen = info >> 24 & 0x7F, info & 0xFFFFFF
        yield at, name, kind, ONCE.get(kind) or EACH.get(kind, "") * vlen
        at += 12 + 4 * len(ONCE.get(kind) or EACH.get(kind, "") * vlen)


def join(first, second):
    """Both as one: what the second refers to is moved along."""
    types, strings = sections(first)
    more, names = sections(second)
    ids = sum(1 for _ in walk(types))
    words = list(struct.unpack(f"<{len(more) // 4}I", more))
    for at, _, kind, behind in walk(more):
        shape = "nx" + ("t" if kind in REFERS else "x") + behind
        for i, what in enumerate(shape, at // 4):
            if words[i] and what != "x":
                words[i] += len(strings) if what == "n" else ids
    return assemble(types + struct.pack(f"<{len(words)}I", *words), strings + names)


def half(btf):
    """The first half of it, as good as a whole one for a search by name."""
    types, strings = sections(btf)
    end = next(at for at, *_ in walk(types) if at >= len(types) // 2)
    return assemble(types[:end], strings[: strings.index(b"\0", len(strings) // 2) + 1])


def last_function(btf):
    """The one that takes the longest walk."""
    types, strings = sections(btf)
    found = [name for _, name, kind, _ in walk(types) if kind == FUNC and name < len(strings)]
    return strings[found[-1] : strings.index(b"\0", found[-1])].decode()


def files():
    """BTF files of growing size, each with the name to look for."""
    arm64 = boards.BOARDS["aarch64"].kernels
    wanted = [arm64["5.10"], arm64["6.1"], arm64["6.12"], arm64["7.2"]]
    small = boards.BOARDS["armv7"].kernels["6.12"]
    if kernels.there(small):  # else it would have to be built
        wanted.insert(0, small)

    def make(folder):
        found = [extract(kernels.get(kernel).read_bytes()) for kernel in wanted]
        found = [half(found[0]), *found, join(found[-2], found[-1])]
        for btf in filter(None, found):
            (folder / f"{len(btf)}.btf").write_bytes(btf)

    recipe = [[kernels.entry_of(kernel) for kernel in wanted], Path(__file__).read_text()]
    folder = kernels.cached("bench-btf", recipe, make)
    paths = sorted(folder.glob("*.btf"), key=lambda path: path.stat().st_size)
    return [(path, last_function(path.read_bytes())) for path in paths]


def measure_all(ours, printed, table, chart):
    search, program = ours("search"), ours("elements")
    rows = [["BTF, to its last function", "mapped µs", "kB", "4 KiB preads µs", "kB"]]
    lines = {"mapped": [], "4 KiB preads": []}
    for path, name in files():
        size = path.stat().st_size / 1e6
        row = [f"{size:.1f} MB"]
        for way, what in (("file", "mapped"), ("file-window", "4 KiB preads")):
            times = [printed(search, way, path, name)[0][1] / 1e3 for _ in range(ROUNDS)]
            lines[what].append((size, statistics.median(times)))
            own = measure.trace(search, way, path, name).own
            row += [f"{lines[what][-1][1]:,.0f}", str(own)]
        rows.append(row)
    table(rows)
    print()
    rows = [["elements of a map, as records", "ms", "kB"]]
    points = []
    for count in ELEMENTS:
        times = [printed(program, count, "records")[0][2] / 1e6 for _ in range(ROUNDS)]
        points.append((count, statistics.median(times)))
        own = measure.trace(program, count, "records").own
        rows.append([f"{count:,}", f"{points[-1][1]:,.2f}", str(own)])
    table(rows)
    if chart:
        # What an empty map takes, BTF and all, is not what grows.
        base = statistics.median(printed(program, 1, "records")[0][2] / 1e6 for _ in range(ROUNDS))
        points = [(count / 1000, max(ms - base, 0.01)) for count, ms in points]
        panels = [
            ("Find a name in BTF: µs by MB", lines),
            ("Read records: ms by thousand elements", {"records": points}),
        ]
        chart.write_text(draw(panels))


COLOURS = ("#1f6feb", "#bc4c00")


def draw(panels):
    """An SVG with a panel for each: a title, and lines from zero on."""
    wide, high, left, top = 300, 180, 60, 40
    width = len(panels) * (wide + left + 30)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {high + top + 40}" '
        'font-family="sans-serif" font-size="12">',
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for index, (title, lines) in enumerate(panels):
        x0, y0 = index * (wide + left + 30) + left, top + high
        most_x = max(x for points in lines.values() for x, _ in points)
        most_y = max(y for points in lines.values() for _, y in points)
        out.append(f'<text x="{x0}" y="20" font-weight="bold">{title}</text>')
        axes = f"M{x0},{top} V{y0} H{x0 + wide}"
        out.append(f'<path d="{axes}" fill="none" stroke="#888"/>')
        for part in (0.5, 1):
            x, y = x0 + part * wide, y0 - part * high
            out.append(f'<text x="{x}" y="{y0 + 16}" text-anchor="end">{part * most_x:,.3g}</text>')
            label = f"{part * most_y:,.4g}"
            out.append(f'<text x="{x0 - 5}" y="{y + 5}" text-anchor="end">{label}</text>')
        for (name, points), colour in zip(lines.items(), COLOURS):
            places = [(x0 + x / most_x * wide, y0 - y / most_y * high) for x, y in points]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            out.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
            out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
            x, y = places[-1]
            out.append(
                f'<text x="{x - 8:.1f}" y="{y - 6:.1f}" text-anchor="end" fill="{colour}">{name}</text>'
            )
    return "\n".join([*out, "</svg>", ""])

"""Prints the facts of <linux/bpf.h>, <linux/bpf_common.h> and <linux/btf.h> that are in scope.

Nothing is parsed out of the text: gcc says which macros there are and where, what every name is worth,
and, in DWARF, how every struct, union and enumeration is laid out. Started by abi/extract.
"""

import fnmatch
import io
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

from elftools.elf.elffile import ELFFile

HEADERS = ("linux/bpf_common.h", "linux/bpf.h", "linux/btf.h")
SOURCE = "".join(f"#include <{name}>\n" for name in HEADERS)


def die(message):
    sys.exit(f"abi/extract: {message}")


def gcc(include, source, *options):
    """Runs gcc on `source`, with no other headers than those in `include`."""
    command = ["gcc", "-nostdinc", "-ffreestanding", "-isystem", f"{include}/x86_64-linux-gnu",
               "-isystem", include, "-m64", "-w", "-x", "c", *options, "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=False)
    if done.returncode:
        die(f"gcc: {done.stderr.strip()}")
    return done.stdout


def header_of(file):
    """Which of the headers a file name of gcc's is, or None."""
    return next((name for name in HEADERS if file.endswith(f"/{name}")), None)


def macros(include):
    """The macros of the headers: (place, name, has parameters, has a body)."""
    file, line = None, 0
    for text in gcc(include, SOURCE, "-E", "-dD").splitlines():
        if mark := re.match(r'# (\d+) "(.*?)"', text):
            file, line = header_of(mark[2]), int(mark[1])
            continue
        if file and (define := re.match(r"#define (\w+)(\()?(.*)", text)):
            yield (HEADERS.index(file), line, 0), define[1], bool(define[2]), bool(define[3].strip())
        line += 1


def text(die_, attribute="DW_AT_name"):
    found = die_.attributes.get(attribute)
    return found.value.decode() if found else None


def number(die_, attribute):
    found = die_.attributes.get(attribute)
    return found.value if found else None


class Types:
    """The types that the headers declare, out of DWARF."""

    def __init__(self, elf):
        dwarf = elf.get_dwarf_info()
        self.dies = {}
        for unit in dwarf.iter_CUs():
            lines = dwarf.line_program_for_CU(unit).header
            directories = [name.decode() for name in lines.include_directory]
            self.files = [f"{directories[file.dir_index]}/{file.name.decode()}" for file in lines.file_entry]
            for entry in unit.iter_DIEs():
                self.dies[entry.offset - unit.cu_offset] = entry

    def target(self, entry):
        """The type of `entry`, typedefs and qualifiers taken off."""
        while True:
            reference = entry.attributes.get("DW_AT_type")
            if reference is None:
                return None
            entry = self.dies[reference.value]
            if entry.tag not in ("DW_TAG_typedef", "DW_TAG_const_type", "DW_TAG_volatile_type"):
                return entry

    def place(self, entry):
        file = number(entry, "DW_AT_decl_file")
        name = header_of(self.files[file]) if file is not None else None
        return name and (HEADERS.index(name), number(entry, "DW_AT_decl_line"), 0)

    def enumerators(self):
        for entry in self.dies.values():
            if entry.tag == "DW_TAG_enumeration_type" and (place := self.place(entry)):
                for index, child in enumerate(entry.iter_children()):
                    yield (*place[:2], index), text(child)

    def records(self):
        """Named structs and unions at the top: (place, C spelling, entry)."""
        for entry in self.dies.values():
            kind = {"DW_TAG_structure_type": "struct", "DW_TAG_union_type": "union"}.get(entry.tag)
            if kind and text(entry) and number(entry, "DW_AT_byte_size") is not None \
                    and (place := self.place(entry)):
                yield place, f"{kind} {text(entry)}", entry

    def size(self, entry):
        """The size in bytes of a member's type."""
        kind = self.target(entry)
        if kind is None:
            die(f"{text(entry)} has no type")
        if kind.tag != "DW_TAG_array_type":
            return number(kind, "DW_AT_byte_size")
        length = self.size(kind)
        for dimension in kind.iter_children():
            upper = number(dimension, "DW_AT_upper_bound")
            length *= number(dimension, "DW_AT_count") or (0 if upper is None else upper + 1)
        return length

    def leaves(self, entry, path="", base=0):
        """The fields that hold no further fields: (is bit-field, path, offset, size), in order."""
        for member in entry.iter_children():
            if member.tag != "DW_TAG_member":
                continue
            name = text(member)
            inside = f"{path}.{name}" if path and name else name or path
            bits = number(member, "DW_AT_bit_size")
            if bits is not None:
                if name:
                    yield True, inside, base * 8 + number(member, "DW_AT_data_bit_offset"), bits
                continue
            offset = base + (number(member, "DW_AT_data_member_location") or 0)
            kind = self.target(member)
            if kind.tag in ("DW_TAG_structure_type", "DW_TAG_union_type"):
                yield from self.leaves(kind, inside, offset)
            else:
                yield False, inside, offset, self.size(member)


def compiled(include, source):
    """The object file that gcc makes of the headers and `source`."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "facts.o")
        gcc(include, SOURCE + source, "-c", "-g", "-gdwarf-5", "-fno-eliminate-unused-debug-types",
            "-o", str(path))
        return ELFFile(io.BytesIO(path.read_bytes()))


def evaluate(include, expressions):
    """What gcc makes of constant expressions, as 64 bits each."""
    rows = "".join(f"    (unsigned long long)({expression}),\n" for expression in expressions)
    elf = compiled(include, f"const unsigned long long facts[] = {{\n{rows}}};\n")
    symbol = elf.get_section_by_name(".symtab").get_symbol_by_name("facts")[0]
    section = elf.get_section(symbol["st_shndx"]).data()
    return struct.unpack_from(f"<{len(expressions)}Q", section, symbol["st_value"])


class Scope:
    """The list of what is left out: a pattern and a reason a line."""

    def __init__(self, path):
        self.patterns = {}
        for line in path.read_text().splitlines():
            if line and not line.startswith("#"):
                pattern, _, reason = line.partition("  ")
                if not reason.strip():
                    die(f"{path.name}: {pattern} has no reason")
                self.patterns[pattern] = 0

    def holds(self, name):
        hits = [pattern for pattern in self.patterns if fnmatch.fnmatchcase(name, pattern)]
        for pattern in hits:
            self.patterns[pattern] += 1
        return not hits

    def stale(self):
        return [pattern for pattern, hits in self.patterns.items() if not hits]


def literal(value):
    """As C reads it, without a suffix."""
    return str(value) if value < 1 << 63 else hex(value)


def main(include, out):
    scope = Scope(out)
    types = Types(compiled(include, ""))

    names, troubles = {}, []
    for place, name in types.enumerators():
        names[name] = place
    for place, name, parameters, body in macros(include):
        # A guard has no body; a macro that repeats an enumerator adds nothing.
        if not body or name in names or not scope.holds(name):
            continue
        if parameters:
            troubles.append(f"{name}(…) is a macro with parameters, on no list")
        else:
            names[name] = place
    names = [name for name in sorted(names, key=names.get) if scope.holds(name)]

    records = [(name, entry) for _, name, entry in sorted(types.records(), key=lambda r: r[0])
               if scope.holds(name)]
    aligns = evaluate(include, [f"_Alignof({name})" for name, _ in records])

    troubles += [f"{out.name}: nothing is called {pattern}" for pattern in scope.stale()]
    if troubles:
        die("\n".join(troubles))

    negative = evaluate(include, [f"({name}) < 0" for name in names])
    for name, value, below in zip(names, evaluate(include, names), negative):
        print(f"VALUE({name}, {literal(value - (1 << 64) if below else value)})")
    for (name, entry), align in zip(records, aligns):
        print(f"\nSIZE({name}, {number(entry, 'DW_AT_byte_size')}, {align})")
        for bits, path, offset, size in types.leaves(entry):
            print(f"{'BITS' if bits else 'FIELD'}({name}, {path}, {offset}, {size})")


if __name__ == "__main__":
    main(sys.argv[1], pathlib.Path(sys.argv[2]))

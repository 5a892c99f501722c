"""What one process costs: times, and what a tracer sees of its system calls and pages."""

import ctypes
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import boards

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long] * 4
libc.ptrace.restype = ctypes.c_long

TRACEME, CONT, GETREGS, SYSCALL, SETOPTIONS = 0, 7, 12, 24, 0x4200
O_TRACESYSGOOD, O_TRACEEXIT, O_EXITKILL = 1, 0x40, 0x100000
EVENT_EXIT = 6
ADDR_NO_RANDOMIZE = 0x0040000
# x86_64: registers in `struct user_regs_struct`, and numbers of calls.
RSI, RDI, ORIG_RAX, RDX = 13, 14, 15, 12
READ, BPF = 0, 321
PROG_LOAD, TRACING = 5, 26


def quiet():
    return os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)


@dataclass
class Cost:
    cpu: float  # user and system, of the whole process, in microseconds
    wall: float


def spend(*command):
    """Runs a program to its end. The child is spawned, not forked: it pays for no copy of this one."""
    null = quiet()
    start = time.perf_counter()
    pid = os.posix_spawn(
        command[0],
        [str(word) for word in command],
        {},
        file_actions=[(os.POSIX_SPAWN_DUP2, null, fd) for fd in (0, 1)],
    )
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    os.close(null)
    if status != 0:
        raise boards.Failure(f"{command[0]}: wait status {status:#x}")
    return Cost(cpu=(used.ru_utime + used.ru_stime) * 1e6, wall=wall * 1e6)


@dataclass
class Seen:
    """What a tracer saw of one run."""

    calls: int = 1  # with execve
    reads: int = 0  # of these, as many as there are tasks for
    own: int = 0  # kB that were resident at most, the kernel's BTF apart
    btf: int = 0  # kB of the kernel's BTF that were resident at most
    programs: list = field(default_factory=list)  # the instructions of each tracing program


def ptrace(request, pid, data=0):
    if libc.ptrace(request, pid, 0, data) == -1:
        number = ctypes.get_errno()
        raise OSError(number, f"ptrace {request}: {os.strerror(number)}")


def resident(pid):
    """kB in memory: of the kernel's BTF, and of all else."""
    btf = own = 0
    is_btf = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, *rest = line.split()
        if not name.endswith(":"):
            is_btf = line.endswith(("/sys/kernel/btf/vmlinux", ".btf"))
        elif name == "Rss:":
            if is_btf:
                btf += int(rest[0])
            else:
                own += int(rest[0])
    return own, btf


def trace(*command):
    """Runs a program, and looks at its pages at every system call and at its end: what is resident only
    grows in between. What it had before execve was another's."""
    null = quiet()
    pid = os.fork()
    if pid == 0:
        try:
            os.dup2(null, 0)
            os.dup2(null, 1)
            ptrace(TRACEME, 0)
            # Where in a page the stack begins decides over a page.
            libc.personality(ADDR_NO_RANDOMIZE)
            os.execve(command[0], [str(word) for word in command], {})
        finally:
            os._exit(127)
    os.close(null)
    seen, entering = Seen(), True
    os.waitpid(pid, 0)  # stopped behind execve
    ptrace(SETOPTIONS, pid, O_TRACESYSGOOD | O_TRACEEXIT | O_EXITKILL)
    regs = (ctypes.c_ulonglong * 27)()
    deliver = 0
    while True:
        ptrace(SYSCALL, pid, deliver)
        deliver = 0
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            break
        if status >> 16 == EVENT_EXIT:
            own, btf = resident(pid)
            seen.own, seen.btf = max(seen.own, own), max(seen.btf, btf)
        elif os.WSTOPSIG(status) == signal.SIGTRAP | 0x80:
            if entering:
                own, btf = resident(pid)
                seen.own, seen.btf = max(seen.own, own), max(seen.btf, btf)
                seen.calls += 1
                ptrace(GETREGS, pid, ctypes.addressof(regs))
                seen.reads += regs[ORIG_RAX] == READ
                if regs[ORIG_RAX] == BPF and regs[RDI] == PROG_LOAD:
                    note_program(pid, regs[RSI], seen)
            entering = not entering
        else:
            deliver = os.WSTOPSIG(status)
    if status != 0:
        raise boards.Failure(f"{command[0]} under a tracer: wait status {status:#x}")
    return seen


def note_program(pid, attr, seen):
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:

        def words(at, size):
            memory.seek(at)
            return int.from_bytes(memory.read(size), "little")

        if words(attr, 4) == TRACING:
            count, at = words(attr + 4, 4), words(attr + 8, 8)
            memory.seek(at)
            seen.programs.append(memory.read(8 * count))


def instructions(*command):
    """Instructions in user space, as valgrind counts them."""
    words = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, env={"PATH": os.environ["PATH"]}
    )
    for line in done.stderr.splitlines():
        if "Collected : " in line and done.returncode == 0:
            return int(line.split()[-1])
    raise boards.Failure(f"valgrind {command[0]}: {done.stderr[-500:]}")

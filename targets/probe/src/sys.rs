//! The system calls that a first process makes beside `bpf(2)`.

use core::ffi::CStr;

use barebpf::arch;
use barebpf::fd::OwnedFd;
use barebpf::{Errno, Result};

use crate::start::Args;

/// The numbers, in the order `x86_64`, `arm`, and the table that `aarch64` and RISC-V share.
macro_rules! numbers {
    ($($name:ident $x86_64:literal $arm:literal $generic:literal)*) => {
        mod nr {$(
            pub(super) const $name: usize = if cfg!(target_arch = "x86_64") {
                $x86_64
            } else if cfg!(target_arch = "arm") {
                $arm
            } else {
                $generic
            };
        )*}
    };
}

numbers! {
    WRITE        1   4  64
    IOCTL       16  54  29
    GETPID      39  20 172
    RT_SIGPROCMASK 14 175 135
    CLONE       56 120 220
    EXECVE      59  11 221
    UNAME       63 122 160
    MOUNT      165  21  40
    REBOOT     169  88 142
    CLOCK_NANOSLEEP 230 407 115
    EXIT_GROUP 231 248  94
    WAITID     247 280  95
    PRLIMIT64   302 369 261
    OPENAT     257 322  56
    CLOSE        3   6  57
    MMAP         9 192 222
    MPROTECT    10 125 226
    MKDIRAT    258 323  34
    MKNODAT    259 324  33
    UNLINKAT   263 328  35
    READLINKAT 267 332  78
}

const AT_FDCWD: usize = -100_isize as usize;

/// Ends the program.
#[inline(always)]
pub fn exit(status: u8) -> ! {
    loop {
        // SAFETY: it does not return.
        unsafe { arch::syscall1(nr::EXIT_GROUP, usize::from(status)) };
    }
}

fn address(path: &CStr) -> usize {
    path.as_ptr().expose_provenance()
}

/// Writes what it can of `bytes`.
///
/// # Errors
///
/// As `write(2)`.
#[inline(always)]
pub fn write(fd: u32, bytes: &[u8]) -> Result<usize> {
    let at = bytes.as_ptr().expose_provenance();
    // SAFETY: the kernel only reads, and no further than `bytes`.
    Errno::split(unsafe { arch::syscall3(nr::WRITE, fd as usize, at, bytes.len()) })
}

/// The number of this process.
#[must_use]
pub fn getpid() -> u32 {
    // SAFETY: it takes no argument and touches no memory.
    unsafe { arch::syscall1(nr::GETPID, 0) as u32 }
}

/// Makes a directory.
///
/// # Errors
///
/// As `mkdir(2)`.
pub fn mkdir(path: &CStr) -> Result<()> {
    // SAFETY: `path` ends with a NUL, and the kernel only reads it.
    Errno::split(unsafe { arch::syscall3(nr::MKDIRAT, AT_FDCWD, address(path), 0o755) }).map(drop)
}

/// Makes a character device that only root can use.
///
/// # Errors
///
/// As `mknod(2)`.
pub fn mknod(path: &CStr, major: u8, minor: u8) -> Result<()> {
    let (mode, dev) = (0o020_600, usize::from(major) << 8 | usize::from(minor));
    // SAFETY: `path` ends with a NUL, and the kernel only reads it.
    Errno::split(unsafe { arch::syscall4(nr::MKNODAT, AT_FDCWD, address(path), mode, dev) })
        .map(drop)
}

/// Removes a name.
///
/// # Errors
///
/// As `unlink(2)`.
pub fn unlink(path: &CStr) -> Result<()> {
    // SAFETY: `path` ends with a NUL, and the kernel only reads it.
    Errno::split(unsafe { arch::syscall3(nr::UNLINKAT, AT_FDCWD, address(path), 0) }).map(drop)
}

/// Whether the name itself leads elsewhere.
///
/// # Errors
///
/// As `readlink(2)`, but `EINVAL`, which says that it does not.
pub fn is_link(path: &CStr) -> Result<bool> {
    let mut byte = 0_u8;
    let at = (&raw mut byte).expose_provenance();
    // SAFETY: `path` ends with a NUL, and the kernel writes one byte at most, which is ours.
    let ret = unsafe { arch::syscall4(nr::READLINKAT, AT_FDCWD, address(path), at, 1) };
    match Errno::split(ret) {
        Err(Errno::INVAL) => Ok(false),
        ret => ret.map(|_| true),
    }
}

/// Opens for writing; the descriptor may be any number, 0 too.
///
/// # Errors
///
/// As `open(2)`.
pub fn open_to_write(path: &CStr) -> Result<u32> {
    // SAFETY: `path` ends with a NUL, and the kernel only reads it.
    Errno::split(unsafe { arch::syscall4(nr::OPENAT, AT_FDCWD, address(path), 1, 0) })
        .map(|fd| fd as u32)
}

/// Opens for reading.
///
/// # Errors
///
/// As `open(2)`.
pub fn open(path: &CStr) -> Result<OwnedFd> {
    const O_CLOEXEC: usize = 0o2_000_000;
    // SAFETY: `path` ends with a NUL, and the kernel only reads it.
    let fd = unsafe { arch::syscall4(nr::OPENAT, AT_FDCWD, address(path), O_CLOEXEC, 0) };
    let fd = Errno::split(fd)?;
    // SAFETY: it has just been opened, and nobody else knows it.
    unsafe { OwnedFd::from_raw_fd(fd as i32) }
}

/// Sleeps for a millisecond.
pub fn nap() {
    // Its time is of 64 bits everywhere; on riscv32 it has the number that 32-bit ARM has.
    const NR: usize = if cfg!(target_arch = "riscv32") { 407 } else { nr::CLOCK_NANOSLEEP };
    const CLOCK_MONOTONIC: usize = 1;
    let time = [0_i64, 1_000_000];
    let at = time.as_ptr().expose_provenance();
    // SAFETY: the kernel reads two numbers from `time`, and has nothing to write.
    unsafe { arch::syscall4(NR, CLOCK_MONOTONIC, 0, at, 0) };
}

/// Holds back every signal that can be held back, for good.
pub fn block_signals() {
    const SIG_BLOCK: usize = 0;
    let all = u64::MAX.to_ne_bytes();
    let at = all.as_ptr().expose_provenance();
    // SAFETY: the kernel only reads the set, which is as long as said.
    unsafe { arch::syscall4(nr::RT_SIGPROCMASK, SIG_BLOCK, at, 0, all.len()) };
}

/// Sets the limit of locked memory to nothing.
pub fn no_memlock() {
    const RLIMIT_MEMLOCK: usize = 8;
    let limit = [0_u64; 2];
    let at = limit.as_ptr().expose_provenance();
    // SAFETY: the kernel reads two numbers and writes nothing.
    unsafe { arch::syscall4(nr::PRLIMIT64, 0, RLIMIT_MEMLOCK, at, 0) };
}

/// Closes a descriptor that nobody else has.
pub fn close(fd: u32) {
    // SAFETY: no memory is involved.
    unsafe { arch::syscall1(nr::CLOSE, fd as usize) };
}

/// Memory of this program alone, all zero, in a place where there was none.
///
/// # Errors
///
/// As `mmap(2)`; `EEXIST` too before Linux 4.17, which knows no `MAP_FIXED_NOREPLACE`.
pub fn map(at: usize, len: usize) -> Result<&'static mut [u8]> {
    const READ_WRITE: usize = 1 | 2;
    const PRIVATE_ANONYMOUS_FIXED_NOREPLACE: usize = 2 | 0x20 | 0x10_0000;
    const NONE: usize = -1_isize as usize;
    let flags = PRIVATE_ANONYMOUS_FIXED_NOREPLACE;
    // SAFETY: it takes nothing from anybody, or fails.
    let ret = unsafe { arch::syscall6(nr::MMAP, at, len, READ_WRITE, flags, NONE, 0) };
    if Errno::split(ret)? != at {
        return Err(Errno::EXIST);
    }
    // SAFETY: it is there, all of it, and nobody else knows of it.
    Ok(unsafe { core::slice::from_raw_parts_mut(core::ptr::with_exposed_provenance_mut(at), len) })
}

/// Makes of written memory instructions, which can be written no more.
///
/// # Errors
///
/// As `mprotect(2)`.
pub fn execute(program: &mut [u8]) -> Result<()> {
    const READ_EXECUTE: usize = 1 | 4;
    let (at, len) = (program.as_mut_ptr().expose_provenance(), program.len());
    synchronize(at, len);
    // SAFETY: whoever has the slice has no use for it any more.
    Errno::split(unsafe { arch::syscall3(nr::MPROTECT, at, len, READ_EXECUTE) }).map(drop)
}

/// Lets instructions be fetched as they were written. `x86_64` does by itself.
fn synchronize(at: usize, len: usize) {
    #[cfg(target_arch = "aarch64")]
    {
        // No cache line is shorter.
        const LINE: usize = 16;
        let end = at.wrapping_add(len);
        let mut line = at;
        while line < end {
            // SAFETY: it is mapped; this writes back what is there.
            unsafe { core::arch::asm!("dc cvau, {}", in(reg) line, options(nostack)) };
            line = line.wrapping_add(LINE);
        }
        // SAFETY: a barrier.
        unsafe { core::arch::asm!("dsb ish", options(nostack)) };
        line = at;
        while line < end {
            // SAFETY: it is mapped; this forgets what was fetched.
            unsafe { core::arch::asm!("ic ivau, {}", in(reg) line, options(nostack)) };
            line = line.wrapping_add(LINE);
        }
        // SAFETY: barriers.
        unsafe { core::arch::asm!("dsb ish", "isb", options(nostack)) };
    }
    #[cfg(target_arch = "arm")]
    {
        const CACHEFLUSH: usize = 0xf_0002;
        // SAFETY: it only writes caches back.
        unsafe { arch::syscall3(CACHEFLUSH, at, at.wrapping_add(len), 0) };
    }
    #[cfg(any(target_arch = "riscv32", target_arch = "riscv64"))]
    {
        const RISCV_FLUSH_ICACHE: usize = 259;
        // SAFETY: it only orders what is fetched behind what was written.
        unsafe { arch::syscall3(RISCV_FLUSH_ICACHE, at, at.wrapping_add(len), 0) };
    }
    #[cfg(target_arch = "x86_64")]
    let _ = (at, len);
}

/// Mounts a file system that needs no device.
///
/// # Errors
///
/// As `mount(2)`.
pub fn mount(kind: &CStr, path: &CStr) -> Result<()> {
    let (kind, path) = (address(kind), address(path));
    // SAFETY: both strings end with a NUL, the kernel only reads them, and there is no data.
    Errno::split(unsafe { arch::syscall5(nr::MOUNT, kind, path, kind, 0, 0) }).map(drop)
}

/// Becomes the program at `path`, with this program's arguments, its own name first, and without an
/// environment.
pub fn exec(path: &CStr, args: Args) -> Errno {
    let env = [core::ptr::null::<u8>()];
    let (argv, envp) = (args.address(), env.as_ptr().expose_provenance());
    // SAFETY: `path` ends with a NUL and both lists with a null; the kernel only reads them.
    match Errno::split(unsafe { arch::syscall3(nr::EXECVE, address(path), argv, envp) }) {
        Err(errno) => errno,
        Ok(_) => exit(0),
    }
}

/// How a process ended.
pub enum End {
    /// With this exit status.
    Exit(u8),
    /// By this signal.
    Signal(u8),
}

/// Runs the program at `path` in a child, with this program's arguments, to its end.
///
/// # Errors
///
/// As `fork(2)` and `waitid(2)`.
pub fn spawn(path: &CStr, args: Args) -> Result<End> {
    const SIGCHLD: usize = 17;
    const P_PID: usize = 1;
    const WEXITED: usize = 4;
    const CLD_EXITED: u32 = 1;

    // SAFETY: the child has a copy of this memory, this stack in it, and runs the program at once.
    let pid = Errno::split(unsafe { arch::syscall5(nr::CLONE, SIGCHLD, 0, 0, 0, 0) })?;
    if pid == 0 {
        exec(path, args);
        exit(127);
    }
    // `struct siginfo`: si_code is its third number; si_status its fifth or, where a pointer's
    // alignment sets the third apart, its sixth, behind a process and a user.
    let mut info = [0_u32; 32];
    let at = info.as_mut_ptr().expose_provenance();
    // SAFETY: the kernel writes 128 bytes, the size of the array.
    Errno::split(unsafe { arch::syscall5(nr::WAITID, P_PID, pid, at, WEXITED, 0) })?;
    let status = if cfg!(target_pointer_width = "64") { info[6] } else { info[5] } as u8;
    Ok(if info[2] == CLD_EXITED { End::Exit(status) } else { End::Signal(status) })
}

/// Turns the machine off, once what was written to this terminal is out: a busy one would lose the end of it.
pub fn power_off(fd: u32) {
    const TCSBRK: usize = 0x5409;
    // SAFETY: with 1 as its argument it waits, as `tcdrain(3)`, and touches no memory.
    unsafe { arch::syscall3(nr::IOCTL, fd as usize, TCSBRK, 1) };
    const MAGIC: usize = 0xfee1_dead;
    const MAGIC2: usize = 0x2812_1969;
    const POWER_OFF: usize = 0x4321_fedc;
    // SAFETY: it returns only when it fails, and touches no memory.
    unsafe { arch::syscall4(nr::REBOOT, MAGIC, MAGIC2, POWER_OFF, 0) };
}

/// `struct new_utsname`: six names, each ended by a NUL.
pub struct Uname([u8; 65 * 6]);

impl Uname {
    /// Asks the kernel.
    ///
    /// # Errors
    ///
    /// As `uname(2)`.
    pub fn get() -> Result<Self> {
        let mut it = Self([0; 65 * 6]);
        let at = it.0.as_mut_ptr().expose_provenance();
        // SAFETY: the kernel writes 390 bytes, the size of the array.
        Errno::split(unsafe { arch::syscall1(nr::UNAME, at) })?;
        Ok(it)
    }

    fn name(&self, index: usize) -> &[u8] {
        let name = self.0.chunks_exact(65).nth(index).unwrap_or_default();
        let len = name.iter().position(|byte| *byte == 0).unwrap_or(0);
        name.get(..len).unwrap_or_default()
    }

    /// The kernel's release, such as `6.12.1`.
    #[must_use]
    pub fn release(&self) -> &[u8] {
        self.name(2)
    }

    /// The machine, such as `armv7l`.
    #[must_use]
    pub fn machine(&self) -> &[u8] {
        self.name(4)
    }
}

//! Running a program by hand: `BPF_PROG_TEST_RUN`.

use crate::fd::BorrowedFd;
use crate::sys::{self, address, address_mut, count};
use crate::uapi::{self, Cmd, TestRunFlags};
use crate::{Errno, Result};

/// What [`prog_test_run`] runs a program on, and what came of it. `TestRun::default()` is nothing.
///
/// Each type of program takes some of it, and refuses the rest ([`INVAL`](Errno::INVAL)).
#[derive(Default)]
pub struct TestRun<'a> {
    /// The packet, with its link layer: 14 bytes at least.
    pub data_in: &'a [u8],
    /// Takes the packet as the program left it.
    pub data_out: &'a mut [u8],
    /// The context; its shape is the program type's (Linux 5.2). A `BPF_PROG_TYPE_SYSCALL` program's is
    /// written back here.
    pub ctx_in: &'a mut [u8],
    /// Takes the context as the program left it, where that is not written back (Linux 5.2).
    pub ctx_out: &'a mut [u8],
    /// How many times; 0 is once.
    pub repeat: u32,
    /// How (Linux 5.10).
    pub flags: TestRunFlags,
    /// With [`RUN_ON_CPU`](TestRunFlags::RUN_ON_CPU): where (Linux 5.10).
    pub cpu: u32,
    /// With [`XDP_LIVE_FRAMES`](TestRunFlags::XDP_LIVE_FRAMES): packets that run together, 256 at most;
    /// 0 is 64 (Linux 5.18).
    pub batch_size: u32,
    /// Came back: what the program returned, the last time.
    pub retval: u32,
    /// Came back: nanoseconds of one run, on average.
    pub duration: u32,
    /// Came back: bytes of the packet, whether they fitted or not.
    pub data_size_out: u32,
    /// Came back: bytes of the context for `ctx_out`, whether they fitted or not.
    pub ctx_size_out: u32,
}

crate::debug::debug_struct! { TestRun<'_> {
    data_in, data_out, ctx_in, ctx_out, repeat, flags, cpu, batch_size, retval, duration,
    data_size_out, ctx_size_out
} }

/// `bpf(BPF_PROG_TEST_RUN, { prog_fd, data_in, data_out, ctx_in, ctx_out, repeat, … })`—runs a program
/// now.
///
/// Packets, and programs of type `SYSCALL`, XDP, raw tracepoint, flow dissector, socket lookup and
/// netfilter; some since later than the command. What came back in `run` is good after [`NOSPC`] as well.
///
/// What a program does to memory is beyond Rust's rules, as a debugger is: one may write to the caller's
/// memory by address (`bpf_probe_write_user`), and so does a `struct_ops` of the kernel's own test type,
/// `bpf_dummy_ops`, whose context holds addresses.
///
/// Since Linux 4.12.
///
/// # Errors
///
///  - [`NOSPC`]: `data_out` or `ctx_out` is too small; what fits is there.
///  - [`NOTSUPP`]: no program of this type can be run like this.
///  - [`INVAL`]: something that this type does not take, or lacks; a packet of under 14 bytes; a context
///    that is shorter than what the program reads.
///  - [`TOOBIG`]: `ctx_in` is longer than the type's context, and not zero there; or `batch_size`.
///  - [`INTR`]: a signal came.
///  - [`NXIO`]: there is no such CPU.
///  - [`BADMSG`]: the packet's checksum is wrong afterwards ([`SKB_CHECKSUM_COMPLETE`]).
///  - [`BADF`]: `prog` is not open.
///
/// [`SKB_CHECKSUM_COMPLETE`]: TestRunFlags::SKB_CHECKSUM_COMPLETE
/// [`NOSPC`]: Errno::NOSPC
/// [`NOTSUPP`]: Errno::NOTSUPP
/// [`INVAL`]: Errno::INVAL
/// [`TOOBIG`]: Errno::TOOBIG
/// [`INTR`]: Errno::INTR
/// [`NXIO`]: Errno::NXIO
/// [`BADMSG`]: Errno::BADMSG
/// [`BADF`]: Errno::BADF
#[doc(alias = "BPF_PROG_TEST_RUN")]
#[doc(alias = "BPF_PROG_RUN")]
#[inline]
pub fn prog_test_run(prog: BorrowedFd<'_>, run: &mut TestRun<'_>) -> Result<()> {
    let mut attr = uapi::ProgTestRun::new(prog.as_attr());
    attr.data_size_in = count(run.data_in)?;
    attr.data_size_out = count(run.data_out)?;
    attr.data_in = address(run.data_in);
    // No size would be no limit, but then this is zero, and nothing is written.
    attr.data_out = address_mut(run.data_out);
    attr.repeat = run.repeat;
    attr.ctx_size_in = count(run.ctx_in)?;
    attr.ctx_size_out = count(run.ctx_out)?;
    attr.ctx_in = address_mut(run.ctx_in);
    attr.ctx_out = address_mut(run.ctx_out);
    attr.flags = run.flags;
    attr.cpu = run.cpu;
    attr.batch_size = run.batch_size;
    // SAFETY: `ProgTestRun` is the arm that this command reads. Its addresses are zero or borrowed past
    // this call, each with its own length; all that may be written are borrowed exclusively.
    let result = unsafe { sys::bpf(Cmd::PROG_TEST_RUN, &mut attr) };
    if matches!(result, Ok(_) | Err(Errno::NOSPC)) {
        run.retval = attr.retval;
        run.duration = attr.duration;
        run.data_size_out = attr.data_size_out;
        run.ctx_size_out = attr.ctx_size_out;
    }
    result.map(drop)
}

/// `BPF_PROG_RUN` is the second name of `BPF_PROG_TEST_RUN`, and this of the function.
pub use self::prog_test_run as prog_run;

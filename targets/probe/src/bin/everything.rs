//! Calls every public function of the library with values that the compiler cannot see through. It is
//! there to be linked: in release the panic handler calls a function that does not exist, so none of all
//! this can panic, and there is no heap. `tests/no-panic` holds the names here to those in `src`, and
//! `Debug` is called for every type that has it. Whoever runs it calls the kernel with a descriptor that is
//! not open.

#![no_std]
#![no_main]

use core::fmt::{self, Debug, Display, Write};
use core::hint::black_box as it;

use barebpf::asm::{self, *};
use barebpf::attach::{Neighbour, Place, Target};
use barebpf::btf::{self, Kind, *};
use barebpf::fd::{BorrowedFd, OwnedFd, RawFd};
use barebpf::info::{self, *};
use barebpf::iter::{
    self, Cgroup, CgroupFrom, CgroupInfo, Iter, Lines, MapElem, Name, Plain, Prog, ReadError,
    Records, Task, TaskInfo, iter_create, link_create_iter, targets,
};
use barebpf::link::*;
use barebpf::map::{self, *};
use barebpf::obj::{self, *};
use barebpf::prog::{self, *};
use barebpf::sys::{bpf, bpf_common, bpf_logged};
use barebpf::token::token_create;
use barebpf::uapi::btf::*;
use barebpf::uapi::helper::*;
use barebpf::uapi::insn::*;
use barebpf::uapi::tables::{self, Numbers, Record};
use barebpf::uapi::{self, Layout, *};
use barebpf::{Errno, Log, Result, arch};
use probe::start::Args;
use probe::sys::write;

probe::main!(main);

fn main(_: Args) -> u8 {
    let (mut buf, mut rest) = ([0_u8; 256], [0_u8; 64]);
    ground();
    structs();
    numbers();
    instructions();
    let fd = it(borrowed());
    let _ = it(descriptors(fd));
    let _ = it(read_btf(fd, &mut buf));
    let _ = it(commands(fd, &mut buf, &mut rest));
    let _ = it(maps(fd, &mut buf, &mut rest));
    let _ = it(links(fd));
    let _ = it(iterators(fd, &mut buf));
    let _ = it(infos(fd, &mut buf));
    0
}

struct Out;

impl Write for Out {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let _ = write(1, text.as_bytes());
        Ok(())
    }
}

/// Prints it both ways that `Debug` has.
fn debug(what: &dyn Debug) {
    let what = it(what);
    let _ = writeln!(Out, "{what:?} {what:#?}");
}

fn display(what: &dyn Display) {
    let _ = writeln!(Out, "{}", it(what));
}

fn borrowed() -> BorrowedFd<'static> {
    // SAFETY: it is not open, and nobody opens it.
    unsafe { BorrowedFd::borrow_raw(it(77)) }
}

fn owned() -> Result<OwnedFd> {
    // SAFETY: it is not open, and nobody opens it.
    unsafe { OwnedFd::from_raw_fd(it(77)) }
}

fn ground() {
    let nr = it(usize::MAX);
    // SAFETY: there is no call of this number.
    it(unsafe { arch::syscall1(nr, 1) });
    // SAFETY: as above.
    it(unsafe { arch::syscall2(nr, 1, 2) });
    // SAFETY: as above.
    it(unsafe { arch::syscall3(nr, 1, 2, 3) });
    // SAFETY: as above.
    it(unsafe { arch::syscall4(nr, 1, 2, 3, 4) });
    // SAFETY: as above.
    it(unsafe { arch::syscall5(nr, 1, 2, 3, 4, 5) });
    // SAFETY: as above.
    let ret = unsafe { arch::syscall6(nr, 1, 2, 3, 4, 5, 6) };
    if let Err(errno) = Errno::split(it(ret)) {
        it(errno.name());
        it(errno.as_raw());
        debug(&errno);
        display(&errno);
    }
    debug(&Errno::from_raw(it(5)));
    let (cmd, mut attr, mut common) = (Cmd(it(99)), Attr::zeroed(), CommonAttr::zeroed());
    // SAFETY: there is no command of this number.
    let _ = it(unsafe { bpf(cmd, &mut attr) });
    // SAFETY: there is no command of this number.
    let _ = it(unsafe { bpf_common(cmd, &mut attr, &mut common) });
    // SAFETY: there is no command of this number.
    let _ = it(unsafe { bpf_logged(cmd, &mut attr, &mut Log::new(it(&mut [0; 64]))) });
    it(written(cmd));
    it(attr.as_bytes());
    debug(&attr);
    debug(&Attr::default());
}

macro_rules! each {
    ($do:ident: $($ty:ty)*) => { $($do::<$ty>();)* };
}

fn record<T: Layout + Default + Copy + Debug>() {
    debug(&it(T::default()));
    it((T::C_NAME, T::FIELDS, T::BITS));
}

fn arm<T: Layout + Default + Copy + Debug + Arm>()
where
    Attr: From<T>,
{
    record::<T>();
    let attr = it(Attr::from(it(T::default())));
    it(attr.get::<T>());
}

fn union<T, U>()
where
    T: Copy + Default + Into<U>,
    U: Copy + Default + Into<T>,
{
    let whole: U = it(T::default()).into();
    let part: T = it(whole).into();
    it(part);
}

macro_rules! arms_of {
    ($union:ty: $($ty:ty)*) => { $(record::<$ty>(); union::<$ty, $union>();)* };
}

fn structs() {
    each!(arm:
        uapi::MapElem MapDeleteElem MapGetNextKey MapFreeze MapBatch MapGetFdById
        ProgAttach ProgTestRun ProgQuery ProgGetFdById ProgBindMap ProgStreamRead ProgAssocStructOps Obj
        ObjGetInfoByFd GetNextId BtfLoad BtfGetFdById RawTracepointOpen TaskFdQuery LinkCreate
        LinkCreateStructOps LinkCreateIter LinkCreatePerfEvent LinkCreateKprobeMulti LinkCreateTracing
        LinkCreateNetfilter LinkCreateTcx LinkCreateNetkit LinkCreateCgroup LinkCreateUprobeMulti
        LinkCreateTracingMulti LinkUpdate LinkUpdateMap LinkDetach LinkGetFdById EnableStats IterCreate
        TokenCreate MapCreate ProgLoad
    );
    each!(record:
        CommonAttr BtfInfo TokenInfo FuncInfo LineInfo CoreRelo Type Array uapi::btf::Member Enum Enum64
        Param Var VarSecinfo DeclTag LinkInfo IterLinkInfo ProgInfo MapInfo Insn Header HeaderWithLayout
        uapi::btf::Layout
    );
    arms_of!(LinkInfo:
        LinkInfoRawTracepoint LinkInfoTracing LinkInfoCgroup LinkInfoIter LinkInfoIterMap
        LinkInfoIterCgroup LinkInfoIterTask LinkInfoNetns LinkInfoXdp LinkInfoStructOps
        LinkInfoNetfilter LinkInfoKprobeMulti LinkInfoUprobeMulti LinkInfoPerfEvent
        LinkInfoPerfEventUprobe LinkInfoPerfEventKprobe LinkInfoPerfEventTracepoint
        LinkInfoPerfEventEvent LinkInfoTcx LinkInfoNetkit LinkInfoSockmap
    );
    arms_of!(IterLinkInfo: IterLinkInfoMap IterLinkInfoCgroup IterLinkInfoTask);

    let n = it(1_u32);
    let address = it(1_u64);
    it(MapCreate::new(MapType(n), n, n, n));
    it(uapi::MapElem::new(n, address, address));
    it(MapDeleteElem::new(n, address));
    it(MapGetNextKey::new(n, address, address));
    it(MapFreeze::new(n));
    it(MapBatch::new(n, address, address, n));
    it(MapGetFdById::new(n));
    it(ProgLoad::new(ProgType(n), address, n, address));
    it(ProgAttach::new(n, n, AttachType(n)));
    it(ProgTestRun::new(n));
    it(ProgQuery::new(n, AttachType(n)));
    it(ProgGetFdById::new(n));
    it(ProgBindMap::new(n, n));
    it(ProgStreamRead::new(n, StreamId(n), address, n));
    it(ProgAssocStructOps::new(n, n));
    it(Obj::pin(address, n));
    it(Obj::get(address));
    it(ObjGetInfoByFd::new(n, address, n));
    it(GetNextId::new(n));
    it(BtfLoad::new(address, n));
    it(BtfGetFdById::new(n));
    it(RawTracepointOpen::new(n, address));
    it(TaskFdQuery::new(n, n));
    it(LinkCreate::new(n, n, AttachType(n)));
    it(LinkCreateStructOps::new(n));
    it(LinkCreateIter::new(n));
    it(LinkCreatePerfEvent::new(n, n));
    it(LinkCreateKprobeMulti::new(n, n));
    it(LinkCreateTracing::new(n, AttachType(n)));
    it(LinkCreateNetfilter::new(n, n, n, 1));
    it(LinkCreateTcx::new(n, n, AttachType(n)));
    it(LinkCreateNetkit::new(n, n, AttachType(n)));
    it(LinkCreateCgroup::new(n, n, AttachType(n)));
    it(LinkCreateUprobeMulti::new(n, address, address, n));
    it(LinkCreateTracingMulti::new(n, AttachType(n), address, n));
    it(LinkUpdate::new(n, n));
    it(LinkUpdateMap::new(n, n));
    it(LinkDetach::new(n));
    it(LinkGetFdById::new(n));
    it(EnableStats::new(StatsType(n)));
    it(IterCreate::new(n));
    it(TokenCreate::new(n));
    it(IterLinkInfoMap::new(n));
    it(IterLinkInfoCgroup::new(CgroupIterOrder(n)));

    it(it(ProgInfo::zeroed()).gpl_compatible());
    let line = it(LineInfo::zeroed());
    it(line.line() ^ line.column());
    let record = it(Type::zeroed());
    debug(&(record.vlen(), record.kind(), record.kind_flag()));
    let member = it(uapi::btf::Member::zeroed());
    it(member.bit_offset() ^ member.bitfield_size());
    let int = it(Int(1));
    debug(&(int, int.encoding(), int.offset(), int.bits()));

    for record in it(tables::RECORDS) {
        let _: &Record = record;
        it(record.fields.len());
        debug(record);
    }
    for numbers in it(tables::VALUES) {
        let _: &Numbers = numbers;
        it(numbers.values.len());
        debug(numbers);
    }
    let bits: Option<&Bits> = it(ProgInfo::BITS).first();
    let field: Option<&Field> = it(ProgInfo::FIELDS).first();
    it((bits, field, ARMS));
    debug(&bits);
    debug(&field);
}

macro_rules! enums {
    ($($ty:ident)*) => {$({
        let value = $ty(it(1));
        it(value.name());
        debug(&value);
        it($ty::KNOWN);
        it(<$ty as Values>::VALUES);
    })*};
}

macro_rules! flags {
    ($($ty:ident)*) => {$({
        let value = $ty(it(5));
        debug(&value);
        it($ty::KNOWN);
        it(<$ty as Values>::VALUES);
        it((value | $ty(it(2))) & !value ^ value - value);
        it(value.contains($ty(it(1))));
        it(value.iter().count());
        it(value.iter_names().count());
        it($ty::from_name(it("RDONLY")));
    })*};
}

fn numbers() {
    enums! {
        Cmd MapType ProgType AttachType LinkType PerfEventType TaskFdType StatsType CgroupIterOrder
        StreamId CoreReloKind Helper NetnsId Kind VarLinkage FuncLinkage Class Size Mode
        Source AluOp EndianTo JmpOp CondPseudoJmp AtomicOp Reg PseudoLd PseudoCall AddrSpaceCast
    }
    flags! {
        MapCreateFlags MapElemFlags MapBatchFlags MapOpenFlags ObjFlags ProgLoadFlags ProgAttachFlags
        ProgQueryFlags TestRunFlags BtfLoadFlags BtfOpenFlags LinkCreateCgroupFlags LinkCreateTcxFlags
        LinkCreateNetkitFlags LinkCreateKprobeMultiFlags LinkCreateUprobeMultiFlags
        LinkCreateNetfilterFlags LinkUpdateFlags SkbStoreBytesFlags CsumReplaceFlags GetTunnelKeyFlags
        SetTunnelKeyFlags GetStackidFlags GetStackFlags PerfEventFlags AdjRoomFlags SysctlNameFlags
        BranchRecordsFlags BprmOptsFlags RedirectFlags TimerFlags KfuncFlags IntEncoding
    }
    it(MapElemFlags::on_cpu(it(1)));
    it(MapBatchFlags::on_cpu(it(1)));
    it(AdjRoomFlags::encap_l2(it(1)));
}

fn instructions() {
    let (dst, src) = (Reg(it(1)), Reg(it(2)));
    let (alu, jmp, size) = (AluOp(it(0)), JmpOp(it(0)), asm_size());
    let (imm, off) = (it(1_i32), it(1_i16));
    let insn = Insn::new(it(1), it(1), it(1), off, imm);
    it(insn.dst_reg() ^ insn.src_reg());
    let ones = [
        alu64_reg(alu, dst, src),
        alu32_reg(alu, dst, src),
        alu64_imm(alu, dst, imm),
        alu32_imm(alu, dst, imm),
        alu64_signed_reg(alu, dst, src),
        alu32_signed_reg(alu, dst, src),
        neg64(dst),
        mov64_reg(dst, src),
        mov32_reg(dst, src),
        mov64_imm(dst, imm),
        mov32_imm(dst, imm),
        movsx64_reg(dst, src, off),
        movsx32_reg(dst, src, off),
        to_le(dst, imm),
        to_be(dst, imm),
        bswap(dst, imm),
        addr_space_cast(dst, src, it(1), it(0)),
        ldx_mem(size, dst, src, off),
        ldx_memsx(size, dst, src, off),
        stx_mem(size, dst, src, off),
        st_mem(size, dst, off, imm),
        atomic_op(size, AtomicOp(imm), dst, src, off),
        ld_abs(size, imm),
        ld_ind(size, src, imm),
        asm::jmp_reg(jmp, dst, src, off),
        asm::jmp_imm(jmp, dst, imm, off),
        jmp32_reg(jmp, dst, src, off),
        jmp32_imm(jmp, dst, imm, off),
        asm::jmp_a(off),
        jmp32_a(imm),
        may_goto(off),
        jmp_x(dst),
        call(Helper(imm)),
        asm::call_rel(imm),
        call_kfunc(off, imm),
        exit(),
        ld_ctx_ptr(dst, src, it(200)),
        ld_ptr(it(PtrWidth::Four), dst, src, off),
    ];
    let twos = [
        asm::jmp_null(it(PtrWidth::Four), dst, off),
        ld_imm64(dst, it(1)),
        ld_map_fd(dst, imm),
        ld_map_idx(dst, imm),
        ld_map_value(dst, imm, imm),
        ld_map_idx_value(dst, imm, imm),
        ld_btf_id(dst, imm, imm),
        asm::ld_func(dst, imm),
    ];

    let mut program = it(Program::<64>::new());
    let (mut a, mut b) = (program.label(), Program::<64>::default().label());
    program
        .add(exit())
        .extend(it(&ones))
        .extend(it(twos.as_flattened()))
        .jmp_reg(jmp, dst, src, &mut a)
        .jmp_imm(jmp, dst, imm, &mut a)
        .jmp_a(&mut b)
        .call_rel(&mut b)
        .ld_func(dst, &mut b)
        .jump(insn, it(&mut a))
        .st_bytes(dst, off, it(b"bytes"))
        .jmp_null(it(PtrWidth::Four), dst, &mut b)
        .bind(it(&mut a))
        .bind(it(&mut b));
    debug(&program);
    match program.finish() {
        Ok(insns) => debug(&insns.len()),
        Err(error) => {
            debug(&error);
            display(&error);
        }
    }
    let label: &Label = &a;
    debug(label);
    debug(&it(PtrWidth::Eight));
    debug(&it(PtrWidth::Eight).bytes());
}

fn asm_size() -> Size {
    it(PtrWidth::Eight).size()
}

fn descriptors(fd: BorrowedFd<'_>) -> Result<RawFd> {
    debug(&fd);
    let copy = fd.try_clone_to_owned()?;
    debug(&copy);
    it(BorrowedFd::from(&copy));
    it(copy.as_fd().as_raw_fd() ^ copy.as_raw_fd());
    Ok(copy.into_raw_fd())
}

struct See(u32);

impl Visit for See {
    fn head(&mut self, head: &Head) -> bool {
        debug(head);
        it(head.id != self.0)
    }

    fn entry(&mut self, _: &Head, words: [u32; 3]) {
        it(words);
    }
}

fn read_btf(fd: BorrowedFd<'_>, window: &mut [u8]) -> Result<(), btf::Error> {
    let bytes = [0; 64];
    let _ = it(Btf::from_slice(it(&bytes)));
    let _ = it(Btf::from_fd(fd, window));
    let mut btf = Btf::vmlinux(window)?;
    it(btf.id(Kind(it(4)), it("task_struct"))?);
    let wants = [
        Want::new(Kind(it(4)), it("task_struct")),
        Want::func(it("bpf_iter_task")),
        Want::member(it("task_struct"), it("pid")),
        Want::pointer(),
    ];
    debug(&wants);
    let found: [Found; 4] = btf.find(it(wants))?;
    debug(&found);
    for found in it(found) {
        let _ = it((found.id(), found.size_or_type(), found.ptr_width(), found.off()));
        if let Ok(member) = found.member() {
            let member: btf::Member = member;
            it(member.offset());
            debug(&member);
        }
    }
    it(btf.ptr_width()?);
    let _ = it(iter::TASK.target(&mut btf));
    btf.strings(|at, bytes| {
        it((at, bytes));
    })?;
    btf.name(it(1), |bytes| {
        it(bytes);
    })?;
    if let Err(error) = btf.visit(it(&mut See(1))) {
        debug(&error);
        display(&error);
        it((error.errno(), error.unknown_kind()));
    }
    Ok(())
}

fn commands(fd: BorrowedFd<'_>, buf: &mut [u8], rest: &mut [u8]) -> Result<()> {
    let insns = [exit(); 4];
    let path = it(c"/sys/fs/bpf/name");
    let mut log = Log::with_level(it(&mut *buf), it(2));
    it(log.text());
    it(log.true_size());
    debug(&log);

    let options = it(prog::Options { name: it("name"), ..prog::Options::default() });
    let _ = it(prog_load(ProgType(it(1)), it(&insns), c"GPL", &options, &mut log));
    debug(&options);
    let _ = it(btf_load(it(rest), it(Some(fd)), &mut log));
    let _ = it(btf_get_next_id(it(1)));
    let _ = it(btf_get_fd_by_id(it(1), it(Some(fd))));
    let _ = it(prog_get_next_id(it(1)));
    let _ = it(prog_get_fd_by_id(it(1)));
    let _ = it(prog_bind_map(fd, fd));
    let _ = it(prog_stream_read_by_fd(fd, StreamId(it(1)), it(rest)));
    let _ = it(prog_assoc_struct_ops(fd, fd));

    for place in it([
        Place::Default,
        Place::First,
        Place::Last,
        Place::Before(Neighbour::Prog(fd)),
        Place::After(Neighbour::LinkId(1)),
    ]) {
        debug(&place);
        let target = it(Target::Fd(fd));
        debug(&target);
        let options = it(AttachOptions { place, ..AttachOptions::default() });
        debug(&options);
        let _ = it(prog_attach(fd, target, AttachType(it(1)), &options));
        let _ = it(prog_detach(it(Some(fd)), target, AttachType(it(1)), place, it(1)));
        let _ = it(link_create_cgroup(
            fd,
            fd,
            AttachType(it(1)),
            LinkCreateCgroupFlags(it(1)),
            place,
            it(1),
        ));
        let _ = it(link_create_tcx(fd, it(1), AttachType(it(1)), place, it(1)));
        let _ = it(link_create_netkit(fd, it(1), AttachType(it(1)), place, it(1)));
    }
    let mut ids = [0; 4];
    let mut query = it(Query { prog_ids: &mut ids, ..Query::default() });
    let _ = it(prog_query(
        Target::Ifindex(it(1)),
        AttachType(it(1)),
        ProgQueryFlags(it(0)),
        &mut query,
    ));
    debug(&query);
    let mut run = it(TestRun { data_in: it(&[1; 64]), data_out: it(rest), ..TestRun::default() });
    let _ = it(prog_test_run(fd, &mut run));
    let _ = it(prog_run(fd, &mut run));
    debug(&run);
    let _ = it(raw_tracepoint_open(fd, it(Some(path)), it(1)));
    let mut found = it(TaskFd { name: it(rest), ..TaskFd::default() });
    let _ = it(task_fd_query(it(1), it(1), &mut found));
    debug(&found);

    let _ = it(obj_pin(fd, path));
    let _ = it(obj_pin_path_fd(fd, fd, path));
    let _ = it(obj_get(path, ObjFlags(it(0))));
    let _ = it(obj_get_path_fd(fd, path, ObjFlags(it(0))));
    let _ = it(enable_stats(StatsType(it(0))));
    for objects in it([progs(), obj::maps(), obj::links(), btfs()]) {
        let mut objects: Objects = it(objects);
        debug(&objects);
        let _ = it(objects.next());
    }
    it(token_create(fd)?);
    Ok(())
}

fn maps(fd: BorrowedFd<'_>, buf: &mut [u8], value: &mut [u8]) -> Result<()> {
    let (mut key, mut place) = ([0; 4], [0; 8]);
    let _ = it(map_get_next_id(it(1)));
    let _ = it(map_get_fd_by_id(it(1), MapOpenFlags(it(0))));
    let _ = it(map_freeze(fd));
    let options = it(map::Options { name: it("name"), ..map::Options::default() });
    let _ = it(map_create(MapType(it(1)), it(4), it(4), it(4), &options, &mut Log::new(buf)));
    debug(&options);
    let map: Map = it(Map::from_fd(owned()?))?;
    debug(&map);
    debug(&(map.map_type(), map.key_size(), map.value_size(), map.value_len()));
    let flags = MapElemFlags(it(0));
    let _ = it(map_lookup_elem(&map, it(&key), it(value), flags));
    let _ = it(map_update_elem(&map, it(&key), it(value), flags));
    let _ = it(map_delete_elem(&map, it(&key)));
    let _ = it(map_lookup_and_delete_elem(&map, it(&key), it(value), flags));
    let _ = it(map_get_next_key(&map, None, it(&mut key)));
    let flags = MapBatchFlags(it(0));
    let mut cursor = Cursor::new(it(&mut place));
    let _ = it(map_lookup_batch(&map, &mut cursor, it(&mut key), it(value), flags));
    let _ = it(map_lookup_and_delete_batch(&map, &mut cursor, it(&mut key), it(value), flags));
    debug(&cursor);
    it(cursor.is_at_end());
    cursor.rewind();
    let _ = it(map_update_batch(&map, it(&key), it(value), flags));
    if let Err(error) = it(map_delete_batch(&map, it(&key))) {
        let error: BatchError = error;
        debug(&error);
        display(&error);
        it(Errno::from(error));
    }
    it(map.as_fd());
    drop(map.into_fd());
    Ok(())
}

fn links(fd: BorrowedFd<'_>) -> Result<()> {
    let path = it(c"name");
    let (numbers, ids) = ([1_u64; 3], [1_u32; 3]);
    let attach_type = AttachType(it(1));
    let _ = it(link_create(fd, it(Target::Caller), attach_type, it(1)));
    let flags = LinkCreateNetfilterFlags(it(0));
    let _ = it(link_create_netfilter(fd, it(1), it(1), it(1), flags));
    let _ = it(link_create_struct_ops(fd));
    let _ = it(link_create_perf_event(fd, fd, it(1)));
    for functions in it([Functions::Syms(&[Symbol::from(path)]), Functions::Addrs(&numbers)]) {
        debug(&functions);
        let flags = LinkCreateKprobeMultiFlags(it(0));
        let _ = it(link_create_kprobe_multi(fd, attach_type, functions, it(&numbers), flags));
    }
    let _ = it(link_create_tracing(fd, attach_type, it(Some((fd, 1))), it(1)));
    let uprobes = it(Uprobes { offsets: &numbers, cookies: &numbers, ..Uprobes::default() });
    for file in it([Executable::Path(path), Executable::Fd(fd)]) {
        debug(&uprobes);
        debug(&file);
        let _ = it(link_create_uprobe_multi(fd, attach_type, file, &uprobes));
    }
    let _ = it(link_create_tracing_multi(fd, attach_type, it(&ids), it(&numbers)));
    let _ = it(link_update(fd, fd, it(Some(fd))));
    let _ = it(link_update_map(fd, fd, it(Some(fd))));
    let _ = it(link_detach(fd));
    let _ = it(link_get_next_id(it(1)));
    it(link_get_fd_by_id(it(1))?);
    Ok(())
}

fn iterators(fd: BorrowedFd<'_>, buf: &mut [u8]) -> Result<()> {
    if let Ok(mut btf) = Btf::from_fd(fd, &mut [0; 64]) {
        let _ = it(targets(&mut btf, |func, id| {
            it((func, id));
        }));
    }
    let insns = [exit(); 4];
    let target = iter::TASK.with_id(it(1));
    it(Clone::clone(it(&target)));
    it(Clone::clone(it(&iter::TASK)));
    it(iter::TASK.func());
    debug(&iter::TASK);
    it(target.id());
    debug(&target);
    let task: Prog<Task> = Prog::load(target, it(&insns), c"GPL", &mut Log::none())?;
    debug(&task);
    for info in it([TaskInfo::All, TaskInfo::Tid(1), TaskInfo::Pid(1), TaskInfo::PidFd(fd)]) {
        debug(&info);
        let _ = it(link_create_iter(&task, info));
    }
    it(task.as_fd());
    let task: Result<Prog<Task>> = Prog::from_fd(it(task.into_fd()), target);
    drop(it(task)?.into_fd());

    let options = it(prog::Options::default());
    let log = &mut Log::none();
    let map: Prog<MapElem> =
        Prog::load_with(iter::BPF_MAP_ELEM.with_id(it(1)), it(&insns), c"GPL", &options, log)?;
    let _ = it(link_create_iter(&map, fd));
    let cgroup: Prog<Cgroup> = Prog::load(iter::CGROUP.with_id(it(1)), it(&insns), c"GPL", log)?;
    for from in it([CgroupFrom::Root, CgroupFrom::Fd(fd), CgroupFrom::Id(1)]) {
        let info = it(CgroupInfo { order: CgroupIterOrder(it(1)), from });
        debug(&info);
        let _ = it(link_create_iter(&cgroup, info));
    }
    if let Some(name) = Name::plain(it("bpf_iter_bpf_map")) {
        let plain: Prog<Plain> = Prog::load(name.with_id(it(1)), it(&insns), c"GPL", log)?;
        let _ = it(link_create_iter(&plain, ()));
    }
    drop(it(iter_create(fd)));
    let mut iter = Iter::new(owned()?);
    debug(&iter);
    let _ = it(iter.read(it(buf)));
    it(iter.as_fd());
    let mut lines: Lines<'_> = Iter::new(iter.into_fd()).lines(it(buf));
    while let Some(line) = it(lines.next()).map_err(read_error)? {
        it(line);
    }
    debug(&lines);
    let mut elements = [[0_u32; 3]; 8];
    let mut records: Records<'_, [u32; 3]> = iter_create(fd)?.records(it(&mut elements));
    while let Some(record) = it(records.next()).map_err(read_error)? {
        it(record);
    }
    debug(&records);
    Ok(())
}

fn read_error(error: ReadError) -> Errno {
    debug(&error);
    display(&error);
    match error {
        ReadError::Read(errno) => errno,
        _ => Errno::INVAL,
    }
}

fn infos(fd: BorrowedFd<'_>, buf: &mut [u8]) -> Result<()> {
    let (mut hash, mut numbers) = ([0; 32], [0; 4]);
    let kind: Result<info::Kind> = info::kind(fd);
    debug(&kind);
    let mut prog = it(ProgBuffers { jited_prog_insns: it(buf), ..ProgBuffers::default() });
    let _ = it(obj_get_info_by_fd_prog(fd, &mut prog));
    debug(&prog);
    let _ = it(obj_get_info_by_fd_map(fd));
    let _ = it(obj_get_info_by_fd_map_hash(fd, &mut hash));
    let _ = it(obj_get_info_by_fd_btf(fd, it(buf), it(&mut hash)));
    let _ = it(obj_get_info_by_fd_token(fd));
    let mut link = it(LinkBuffers { name: it(buf), addrs: &mut numbers, ..LinkBuffers::default() });
    let _ = it(obj_get_info_by_fd_link(fd, &mut link));
    debug(&link);
    Ok(())
}

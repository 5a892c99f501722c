//! What is shown of each kind of object. One line for a column:
//!
//! `TITLE KIND[WIDTH] SLOT [[STRUCT.]MEMBER…]`
//!
//! The first line is the target, and the STRUCT of members that name none.
//!
//! SLOT is that of the context, where the way begins; each member on it but the last is a pointer to
//! the next one's struct, and without any the slot is a number itself. `A.B|C.D`: what the kernel has under
//! either name, the first if both. `A.B+C.D`: the one in the other. A column without a member in this kernel has
//! no value.
//!
//! | kind | is |
//! | --- | --- |
//! | `u` | a number |
//! | `f` | flags: a number, in text as hexadecimal digits |
//! | `h` | eight bytes, as hexadecimal digits |
//! | `t` | a text inside the struct, of at most that many bytes |
//! | `z` | a text elsewhere; in the last column only |
//! | `p` | a `struct path`, as a file's name: four steps, to the text of its last part; in the last column only |
//! | `s` | the state of a task, as the letter that `ps` has for it |
//! | `M` `P` `L` `I` | the type of a map, program, link or inode, in whose mode it begins at bit 12 |
//! | `o` | a number behind a line, with its title, of what a link of that type is attached to: if it is not 0. Over 100: of the task, if that kind is 1 (a thread) or 2 (a process) |
//!
//! Widths of texts are multiples of four. The last column is a text, which is not padded. At most four steps.
//! Of alternatives, each way has one step.

/// In the order of the commands.
pub const TABLES: [&str; 5] = [TASKS, FILES, MAPS, PROGS, LINKS];

const TASKS: &str = "task task_struct
PID u7 1 tgid
TID u7 1 pid
PPID u7 1 real_parent tgid
UID u10 1 cred cred.euid
S s1 1 __state|state
COMMAND t16 1 comm";

const FILES: &str = "task_file task_struct
COMMAND t16 1 comm
PID u7 1 tgid
FD u7 2
TYPE I8 3 file.f_inode inode.i_mode
SIZE u10 3 file.f_inode inode.i_size
NODE u10 3 file.f_inode inode.i_ino
NAME p400 3 file.f_path path.dentry dentry.d_name qstr.name";

const MAPS: &str = "bpf_map bpf_map
ID u10 1 id
TYPE M24 1 map_type
FLAGS f5 1 map_flags
KEY u5 1 key_size
VALUE u8 1 value_size
MAX_ENTRIES u11 1 max_entries
NAME t16 1 name";

const PROGS: &str = "bpf_prog bpf_prog
ID u10 1 aux bpf_prog_aux.id
TYPE P24 1 type
TAG h016 1 tag
INSNS u7 1 len
JITED u7 1 jited_len
UID u10 1 aux bpf_prog_aux.user user_struct.uid
NAME t16 1 aux bpf_prog_aux.name";

const LINKS: &str = "bpf_link bpf_link
ID u10 1 id
TYPE L16 1 type
PROG u10 1 prog bpf_prog.aux bpf_prog_aux.id
AT z64 1 prog bpf_prog.aux bpf_prog_aux.attach_func_name
map_id o4 1 bpf_iter_link.aux+bpf_iter_aux_info.map bpf_map.id
cgroup_id o4 1 bpf_iter_link.aux+bpf_iter_aux_info.cgroup cgroup.kn kernfs_node.id
tid o104 1 bpf_iter_link.aux+bpf_iter_aux_info.task
pid o204 1 bpf_iter_link.aux+bpf_iter_aux_info.task
cgroup_id o3 1 bpf_cgroup_link.cgroup cgroup.kn kernfs_node.id
netns_ino o5 1 bpf_netns_link.net net.ns+ns_common.inum
ifindex o6 1 bpf_xdp_link.dev net_device.ifindex
ifindex o11 1 tcx_link.dev net_device.ifindex";

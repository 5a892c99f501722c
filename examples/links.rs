//! Every link of the running system, and what it holds a program to. Needs root.
//!
//! ```text
//! $ cargo run --release --example links
//!     ID TYPE              PROG WHAT
//!      3 raw_tracepoint      41 sched_switch
//!      7 cgroup              52 cgroup 6172
//!     12 iter                60 task
//! 3 links
//! ```

use barebpf::info::{LinkBuffers, obj_get_info_by_fd_link};
use barebpf::obj::links;
use barebpf::uapi::{LinkInfo, LinkInfoCgroup, LinkInfoNetns, LinkInfoStructOps};
use barebpf::uapi::{LinkInfoNetfilter, LinkInfoSockmap, LinkInfoTcx, LinkInfoXdp, LinkType};

mod why;

/// Its name, where it has one; else the number of what it is on.
fn what(info: LinkInfo, name: &[u8]) -> String {
    match info.r#type {
        LinkType::CGROUP => format!("cgroup {}", LinkInfoCgroup::from(info).cgroup_id),
        LinkType::NETNS => format!("netns {}", LinkInfoNetns::from(info).netns_ino),
        LinkType::XDP => format!("ifindex {}", LinkInfoXdp::from(info).ifindex),
        LinkType::TCX => format!("ifindex {}", LinkInfoTcx::from(info).ifindex),
        LinkType::SOCKMAP => format!("map {}", LinkInfoSockmap::from(info).map_id),
        LinkType::STRUCT_OPS => format!("map {}", LinkInfoStructOps::from(info).map_id),
        LinkType::NETFILTER => format!("priority {}", LinkInfoNetfilter::from(info).priority),
        _ => name.split(|&byte| byte == 0).take(1).map(String::from_utf8_lossy).collect(),
    }
}

fn main() {
    let mut count = 0;
    why::print(b"    ID TYPE              PROG WHAT\n");
    // One that has ended meanwhile, or is still being made, is passed over.
    for link in links() {
        let (id, link) = why::ok("LINK_GET_NEXT_ID", link);
        let mut name = [0; 256];
        let mut buffers = LinkBuffers { name: &mut name, ..LinkBuffers::default() };
        let Ok(info) = obj_get_info_by_fd_link(link.as_fd(), &mut buffers) else { continue };
        let kind = format!("{:?}", info.r#type).replace("BPF_LINK_TYPE_", "").to_lowercase();
        let row = format!("{id:6} {kind:15} {:6} {}", info.prog_id, what(info, &name));
        why::print(format!("{}\n", row.trim_end()).as_bytes());
        count += 1;
    }
    why::note(format_args!("{count} links"));
}

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

use barebpf::Errno;
use barebpf::info::{LinkBuffers, obj_get_info_by_fd_link};
use barebpf::link::{link_get_fd_by_id, link_get_next_id};
use barebpf::uapi::{LinkInfo, LinkInfoCgroup, LinkInfoNetns, LinkInfoStructOps};
use barebpf::uapi::{LinkInfoNetfilter, LinkInfoSockmap, LinkInfoTcx, LinkInfoXdp, LinkType};

mod why;
use why::failed;

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
    let (mut id, mut count) = (0, 0);
    println!("    ID TYPE              PROG WHAT");
    loop {
        id = match link_get_next_id(id) {
            Ok(id) => id,
            Err(Errno::NOENT) => break,
            Err(errno) => failed("LINK_GET_NEXT_ID", errno, b""),
        };
        let link = match link_get_fd_by_id(id) {
            Ok(link) => link,
            // It has ended since, or is still being made.
            Err(Errno::NOENT | Errno::AGAIN) => continue,
            Err(errno) => failed("LINK_GET_FD_BY_ID", errno, b""),
        };
        let mut name = [0; 256];
        let mut buffers = LinkBuffers { name: &mut name, ..LinkBuffers::default() };
        let Ok(info) = obj_get_info_by_fd_link(link.as_fd(), &mut buffers) else { continue };
        let kind = format!("{:?}", info.r#type).replace("BPF_LINK_TYPE_", "").to_lowercase();
        let row = format!("{id:6} {kind:15} {:6} {}", info.prog_id, what(info, &name));
        println!("{}", row.trim_end());
        count += 1;
    }
    eprintln!("{count} links");
}

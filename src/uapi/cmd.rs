//! The first argument of `bpf(2)`, and the open enumerations and flags that go into the second.

kernel_enum! {
    /// `enum bpf_cmd`: the first argument of `bpf(2)`.
    #[doc(alias = "bpf_cmd")]
    pub struct Cmd: u32 {
        /// Load a program (Linux 3.18).
        PROG_LOAD = "BPF_PROG_LOAD" => 5;
        /// Pin an object under a bpffs path (Linux 4.4).
        OBJ_PIN = "BPF_OBJ_PIN" => 6;
        /// Open a pinned object (Linux 4.4).
        OBJ_GET = "BPF_OBJ_GET" => 7;
        /// Attach a program through a link (Linux 5.7).
        LINK_CREATE = "BPF_LINK_CREATE" => 28;
        /// Open an iterator (Linux 5.8).
        ITER_CREATE = "BPF_ITER_CREATE" => 33;
        /// Or-ed into any command: a fourth and fifth argument follow (Linux 7.2).
        COMMON_ATTRS = "BPF_COMMON_ATTRS" => 1 << 16;
    }

    /// `enum bpf_prog_type`.
    #[doc(alias = "bpf_prog_type")]
    pub struct ProgType: u32 {
        /// Tracing, and iterators (Linux 5.5).
        TRACING = "BPF_PROG_TYPE_TRACING" => 26;
    }

    /// `enum bpf_attach_type`.
    #[doc(alias = "bpf_attach_type")]
    pub struct AttachType: u32 {
        /// An iterator (Linux 5.8).
        TRACE_ITER = "BPF_TRACE_ITER" => 28;
    }
}

kernel_flags! {
    /// `file_flags` of `BPF_OBJ_PIN` and `BPF_OBJ_GET`.
    pub struct ObjFlags: u32 {
        /// Since Linux 4.15.
        RDONLY = "BPF_F_RDONLY" => 1 << 3;
    }
}

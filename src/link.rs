//! Links: `BPF_LINK_*`.

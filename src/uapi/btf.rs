//! `<linux/btf.h>`: the header of BTF, its type records, and what follows each kind of them.
//!
//! A record is a [`Type`]; what comes after it depends on [`Type::kind`]:
//!
//! | kind                                         | trailer                                |
//! |----------------------------------------------|----------------------------------------|
//! | `INT`                                        | [`Int`]                                |
//! | `ARRAY`                                      | [`Array`]                              |
//! | `STRUCT`, `UNION`                            | [`Type::vlen`] times [`Member`]        |
//! | `ENUM`, `ENUM64`                             | `vlen` times [`Enum`], [`Enum64`]      |
//! | `FUNC_PROTO`                                 | `vlen` times [`Param`]                 |
//! | `VAR`, `DATASEC`                             | [`Var`], `vlen` times [`VarSecinfo`]   |
//! | `DECL_TAG`                                   | [`DeclTag`]                            |
//! | all others                                   | nothing                                |
//!
//! The masks are the wide ones of Linux 7.2. Older kernels keep the bits between zero, so they
//! read every file.

kernel_struct! {
    /// `struct btf_header` as every file has it, up to the strings.
    ///
    /// `hdr_len` tells whether more follows; all offsets count from the end of the whole header.
    #[doc(alias = "btf_header")]
    pub struct Header = "struct btf_header", 24 bytes {
        /// [`MAGIC`]; with its bytes swapped in a file of the other byte order.
        0 pub magic: u16,
        /// [`VERSION`].
        2 pub version: u8,
        /// No flags are known.
        3 pub flags: u8,
        /// Bytes of the header: 24, or more.
        4 pub hdr_len: u32,
        /// Where the type records start.
        8 pub type_off: u32,
        /// Bytes of type records.
        12 pub type_len: u32,
        /// Where the strings start.
        16 pub str_off: u32,
        /// Bytes of strings.
        20 pub str_len: u32,
    }

    /// `struct btf_header` with the section that says how long the records of each kind are.
    #[doc(alias = "btf_header")]
    pub struct HeaderWithLayout = "struct btf_header", 32 bytes {
        /// [`MAGIC`].
        0 pub magic: u16,
        /// [`VERSION`].
        2 pub version: u8,
        /// No flags are known.
        3 pub flags: u8,
        /// Bytes of the header: 32, or more.
        4 pub hdr_len: u32,
        /// Where the type records start.
        8 pub type_off: u32,
        /// Bytes of type records.
        12 pub type_len: u32,
        /// Where the strings start.
        16 pub str_off: u32,
        /// Bytes of strings.
        20 pub str_len: u32,
        /// Where the layouts start.
        24 pub layout_off: u32,
        /// Bytes of layouts, one [`Layout`] for each kind from 0 on; zero when there are none.
        28 pub layout_len: u32,
    }

    /// `struct btf_layout`: how long the records of one kind are.
    #[doc(alias = "btf_layout")]
    pub struct Layout = "struct btf_layout", 4 bytes {
        /// Bytes after the [`Type`], once.
        0 pub info_sz: u8,
        /// Bytes after these, [`Type::vlen`] times.
        1 pub elem_sz: u8,
        /// No flags are known.
        2 pub flags: u16,
    }

    /// `struct btf_type`: the start of every type record.
    #[doc(alias = "btf_type")]
    pub struct Type = "struct btf_type", 12 bytes {
        /// Where the name is in the strings; 0 for none.
        0 pub name_off: u32,
        /// Taken apart by [`vlen`](Self::vlen), [`kind`](Self::kind) and
        /// [`kind_flag`](Self::kind_flag).
        4 pub info: u32,
        /// The size in bytes, of `INT`, `FLOAT`, `ENUM`, `ENUM64`, `STRUCT`, `UNION` and `DATASEC`;
        /// else the id of the type that this one refers to.
        8 pub size_or_type: u32 = "size" | "type",
    }

    /// `struct btf_array`: after an `ARRAY`.
    #[doc(alias = "btf_array")]
    pub struct Array = "struct btf_array", 12 bytes {
        /// The type of an element.
        0 pub r#type: u32 = "type",
        /// The type of an index.
        4 pub index_type: u32,
        /// How many elements.
        8 pub nelems: u32,
    }

    /// `struct btf_member`: after a `STRUCT` or `UNION`, one for each member.
    #[doc(alias = "btf_member")]
    pub struct Member = "struct btf_member", 12 bytes {
        /// Where the name is in the strings; 0 for an anonymous struct or union.
        0 pub name_off: u32,
        /// The type of the member.
        4 pub r#type: u32 = "type",
        /// The offset in bits; with [`Type::kind_flag`] it is
        /// [`bit_offset`](Self::bit_offset) and [`bitfield_size`](Self::bitfield_size).
        8 pub offset: u32,
    }

    /// `struct btf_enum`: after an `ENUM`, one for each enumerator.
    #[doc(alias = "btf_enum")]
    pub struct Enum = "struct btf_enum", 8 bytes {
        /// Where the name is in the strings.
        0 pub name_off: u32,
        /// The value; unsigned without [`Type::kind_flag`].
        4 pub val: i32,
    }

    /// `struct btf_enum64`: after an `ENUM64`, one for each enumerator.
    #[doc(alias = "btf_enum64")]
    pub struct Enum64 = "struct btf_enum64", 12 bytes {
        /// Where the name is in the strings.
        0 pub name_off: u32,
        /// The lower half of the value.
        4 pub val_lo32: u32,
        /// The upper half of the value.
        8 pub val_hi32: u32,
    }

    /// `struct btf_param`: after a `FUNC_PROTO`, one for each parameter.
    #[doc(alias = "btf_param")]
    pub struct Param = "struct btf_param", 8 bytes {
        /// Where the name is in the strings; 0 for none.
        0 pub name_off: u32,
        /// The type of the parameter. A last one of 0 without a name stands for `...`.
        4 pub r#type: u32 = "type",
    }

    /// `struct btf_var`: after a `VAR`.
    #[doc(alias = "btf_var")]
    pub struct Var = "struct btf_var", 4 bytes {
        /// Who can see the variable.
        0 pub linkage: VarLinkage,
    }

    /// `struct btf_var_secinfo`: after a `DATASEC`, one for each variable.
    #[doc(alias = "btf_var_secinfo")]
    pub struct VarSecinfo = "struct btf_var_secinfo", 12 bytes {
        /// The `VAR`.
        0 pub r#type: u32 = "type",
        /// Where it is in the section, in bytes.
        4 pub offset: u32,
        /// Its size in bytes.
        8 pub size: u32,
    }

    /// `struct btf_decl_tag`: after a `DECL_TAG`.
    #[doc(alias = "btf_decl_tag")]
    pub struct DeclTag = "struct btf_decl_tag", 4 bytes {
        /// Which member or parameter is tagged; −1 for the whole.
        0 pub component_idx: i32,
    }
}

impl Type {
    /// How many members, enumerators, parameters or variables follow; the linkage of a `FUNC`, a
    /// [`FuncLinkage`].
    #[doc(alias = "BTF_INFO_VLEN")]
    #[must_use]
    pub const fn vlen(self) -> u32 {
        self.info & MAX_VLEN
    }

    /// What kind of type it is.
    #[doc(alias = "BTF_INFO_KIND")]
    #[must_use]
    pub const fn kind(self) -> Kind {
        Kind((self.info >> 24 & MAX_KIND) as u8)
    }

    /// A struct or union has bit-fields, an enumeration is signed, a forward is of a union, a tag is
    /// an attribute.
    #[doc(alias = "BTF_INFO_KFLAG")]
    #[must_use]
    pub const fn kind_flag(self) -> bool {
        self.info >> 31 != 0
    }
}

impl Member {
    /// The offset in bits, when the struct has [`Type::kind_flag`].
    #[doc(alias = "BTF_MEMBER_BIT_OFFSET")]
    #[must_use]
    pub const fn bit_offset(self) -> u32 {
        self.offset & 0xff_ffff
    }

    /// The width in bits, when the struct has [`Type::kind_flag`]; 0 if it is no bit-field.
    #[doc(alias = "BTF_MEMBER_BITFIELD_SIZE")]
    #[must_use]
    pub const fn bitfield_size(self) -> u32 {
        self.offset >> 24
    }
}

/// The word after an `INT`.
#[repr(transparent)]
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    Eq,
    Hash,
    PartialEq,
    zerocopy::FromBytes,
    zerocopy::Immutable,
    zerocopy::IntoBytes,
    zerocopy::KnownLayout,
)]
pub struct Int(pub u32);

impl Int {
    /// Signed, character or boolean.
    #[doc(alias = "BTF_INT_ENCODING")]
    #[must_use]
    pub const fn encoding(self) -> IntEncoding {
        IntEncoding(self.0 >> 24 & 0xf)
    }

    /// Where the value starts, in bits.
    #[doc(alias = "BTF_INT_OFFSET")]
    #[must_use]
    pub const fn offset(self) -> u32 {
        self.0 >> 16 & 0xff
    }

    /// The width in bits.
    #[doc(alias = "BTF_INT_BITS")]
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0 & 0xff
    }
}

kernel_enum! {
    /// `BTF_KIND_*`: what a type record describes.
    pub struct Kind: u8 {
        /// Type 0, which has no record: `void`.
        UNKN = "BTF_KIND_UNKN" => 0;
        /// Integer.
        INT = "BTF_KIND_INT" => 1;
        /// Pointer.
        PTR = "BTF_KIND_PTR" => 2;
        /// Array.
        ARRAY = "BTF_KIND_ARRAY" => 3;
        /// Struct.
        STRUCT = "BTF_KIND_STRUCT" => 4;
        /// Union.
        UNION = "BTF_KIND_UNION" => 5;
        /// Enumeration of at most 32 bits.
        ENUM = "BTF_KIND_ENUM" => 6;
        /// A struct or union that is only declared.
        FWD = "BTF_KIND_FWD" => 7;
        /// Another name for a type.
        TYPEDEF = "BTF_KIND_TYPEDEF" => 8;
        /// `volatile`.
        VOLATILE = "BTF_KIND_VOLATILE" => 9;
        /// `const`.
        CONST = "BTF_KIND_CONST" => 10;
        /// `restrict`.
        RESTRICT = "BTF_KIND_RESTRICT" => 11;
        /// A function; its type is a `FUNC_PROTO`.
        FUNC = "BTF_KIND_FUNC" => 12;
        /// Parameters and result of a function.
        FUNC_PROTO = "BTF_KIND_FUNC_PROTO" => 13;
        /// A variable.
        VAR = "BTF_KIND_VAR" => 14;
        /// A section with its variables.
        DATASEC = "BTF_KIND_DATASEC" => 15;
        /// Floating-point number.
        FLOAT = "BTF_KIND_FLOAT" => 16;
        /// A note on a declaration.
        DECL_TAG = "BTF_KIND_DECL_TAG" => 17;
        /// A note on a type.
        TYPE_TAG = "BTF_KIND_TYPE_TAG" => 18;
        /// Enumeration of 64 bits.
        ENUM64 = "BTF_KIND_ENUM64" => 19;
    }

    /// Who can see a variable.
    pub struct VarLinkage: u32 {
        /// Its own file.
        STATIC = "BTF_VAR_STATIC" => 0;
        /// All, and it is defined here.
        GLOBAL_ALLOCATED = "BTF_VAR_GLOBAL_ALLOCATED" => 1;
        /// All, and it is defined elsewhere.
        GLOBAL_EXTERN = "BTF_VAR_GLOBAL_EXTERN" => 2;
    }

    /// `enum btf_func_linkage`: who can see a function.
    #[doc(alias = "btf_func_linkage")]
    pub struct FuncLinkage: u32 {
        /// Its own file.
        STATIC = "BTF_FUNC_STATIC" => 0;
        /// All, and it is defined here.
        GLOBAL = "BTF_FUNC_GLOBAL" => 1;
        /// All, and it is defined elsewhere.
        EXTERN = "BTF_FUNC_EXTERN" => 2;
    }
}

kernel_flags! {
    /// How an `INT` is to be read; no flag is an unsigned number.
    pub struct IntEncoding: u32 {
        /// Signed.
        SIGNED = "BTF_INT_SIGNED" => 1 << 0;
        /// A character.
        CHAR = "BTF_INT_CHAR" => 1 << 1;
        /// A boolean.
        BOOL = "BTF_INT_BOOL" => 1 << 2;
    }
}

kernel_values! {
    /// The numbers below.
    struct Limits {
        /// The first two bytes, as a little-endian number.
        MAGIC: u16 = "BTF_MAGIC" => 0xeb9f;
        /// The only version there is.
        VERSION: u8 = "BTF_VERSION" => 1;
        /// Also the mask of the kind in `info`, once shifted down by 24.
        MAX_KIND: u32 = "BTF_MAX_KIND" => 0x7f;
        /// The largest type id that the kernel accepts from a loader.
        MAX_TYPE: u32 = "BTF_MAX_TYPE" => 0xf_ffff;
        /// The largest offset into the strings that the kernel accepts.
        MAX_NAME_OFFSET: u32 = "BTF_MAX_NAME_OFFSET" => 0xff_ffff;
        /// Also the mask of the vlen in `info`.
        MAX_VLEN: u32 = "BTF_MAX_VLEN" => 0xff_ffff;
    }
}

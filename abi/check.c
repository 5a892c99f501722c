/* Holds bpf.def to the real headers. Compiled by abi/check for each architecture, never run. */

#include <linux/bpf_common.h>
#include <linux/bpf.h>
#include <linux/btf.h>

#define VALUE(name, value) \
	_Static_assert((name) == (value), "VALUE(" #name ", " #value ")");
#define SIZE(type, size, align) \
	_Static_assert(sizeof(type) == (size) && _Alignof(type) == (align), \
		       "SIZE(" #type ", " #size ", " #align ")");
#define FIELD(type, path, offset, size) \
	_Static_assert(__builtin_offsetof(type, path) == (offset) && \
		       sizeof(((type *)0)->path) == (size), \
		       "FIELD(" #type ", " #path ", " #offset ", " #size ")");
#define BITS(type, path, first, bits)
#define WRITES(cmd, path, end) \
	_Static_assert((cmd) >= 0 && __builtin_offsetof(union bpf_attr, path) + \
		       sizeof(((union bpf_attr *)0)->path) == (end), \
		       "WRITES(" #cmd ", " #path ", " #end ")");
#include "bpf.def"
#include "writes.def"

#undef VALUE
#undef SIZE
#undef FIELD
#undef BITS

/*
 * A bit-field has no address, and reading one back is no constant expression. So all of its bits are
 * set in a constant, and the optimiser is left to see that the byte they should be in holds just them:
 * if not, a call remains of a function that is an error to call.
 */
#define VALUE(name, value)
#define SIZE(type, size, align)
#define FIELD(type, path, offset, size)
#define JOIN(a, b) a##b
#define WRONG(line) JOIN(wrong_at_line_, line)
#define MASK(bits) ((1u << (bits)) - 1)
#define BITS(type, path, first, bits) { \
	static const union { type it; unsigned char bytes[sizeof(type)]; } \
		set = { .it = { .path = MASK(bits) } }; \
	extern void WRONG(__LINE__)(void) \
		__attribute__((error("BITS(" #type ", " #path ", " #first ", " #bits ")"))); \
	_Static_assert((first) % 8 + (bits) <= 8, #type "." #path " is not inside a byte"); \
	if (set.bytes[(first) / 8] != MASK(bits) << (first) % 8) \
		WRONG(__LINE__)(); \
}

void check_bits(void)
{
#include "bpf.def"
}

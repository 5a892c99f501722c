/* What C at -O2 makes of the same contract: a descriptor is kept at 3 or above, and error and value are
 * told apart. The twins of the functions of these names in wrappers.rs. */

#include <stddef.h>
#include <stdint.h>
#include <linux/bpf.h>

typedef unsigned long word;

#if defined(__x86_64__)
enum { BPF = 321, FCNTL = 72, CLOSE = 3 };

static inline __attribute__((always_inline)) word call(word nr, word a, word b, word c)
{
	word ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
enum { BPF = 280, FCNTL = 25, CLOSE = 57 };

static inline __attribute__((always_inline)) word call(word nr, word a, word b, word c)
{
	register word x8 __asm__("x8") = nr;
	register word x0 __asm__("x0") = a;
	register word x1 __asm__("x1") = b;
	register word x2 __asm__("x2") = c;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}
#elif defined(__riscv)
enum { BPF = 280, FCNTL = 25, CLOSE = 57 };

static inline __attribute__((always_inline)) word call(word nr, word a, word b, word c)
{
	register word a7 __asm__("a7") = nr;
	register word a0 __asm__("a0") = a;
	register word a1 __asm__("a1") = b;
	register word a2 __asm__("a2") = c;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
	return a0;
}
#elif defined(__arm__)
enum { BPF = 386, FCNTL = 55, CLOSE = 6 };

static inline __attribute__((always_inline)) word call(word nr, word a, word b, word c)
{
	register word r7 __asm__("r7") = nr;
	register word r0 __asm__("r0") = a;
	register word r1 __asm__("r1") = b;
	register word r2 __asm__("r2") = c;

	__asm__ volatile("svc 0" : "+r"(r0) : "r"(r7), "r"(r1), "r"(r2) : "memory");
	return r0;
}
#endif

/* One of them: `error` is 0 when there is a value. */
struct result {
	uint16_t error;
	int32_t value;
};

static inline __attribute__((always_inline)) struct result split(word ret)
{
	if (ret > -4096UL)
		return (struct result){ .error = (uint16_t)-ret };
	return (struct result){ .value = (int32_t)ret };
}

static inline __attribute__((always_inline)) uint16_t only_error(word ret)
{
	return ret > -4096UL ? (uint16_t)-ret : 0;
}

__attribute__((cold, noinline)) static word renumber(word low)
{
	word ret = call(FCNTL, low, 1030, 3);

	call(CLOSE, low, 0, 0);
	return ret;
}

static inline __attribute__((always_inline)) struct result descriptor(word ret)
{
	return split(ret < 3 ? renumber(ret) : ret);
}

/* The structs of the arms, with no more than the kernel looks at: as the crate has them. */
struct iter_create { uint32_t link_fd, flags; };
struct obj { uint64_t pathname; uint32_t bpf_fd, file_flags; int32_t path_fd; uint32_t zero; };
struct link_update { uint32_t link_fd, new_prog_fd, flags, old_prog_fd; };
struct get_fd { uint32_t id, zero; };
struct link_detach { uint32_t link_fd, zero; };

struct result iter_create(int link)
{
	struct iter_create attr = { .link_fd = link };

	return descriptor(call(BPF, BPF_ITER_CREATE, (word)&attr, sizeof(attr)));
}

uint16_t obj_pin(int fd, const char *path)
{
	struct obj attr = { .pathname = (uintptr_t)path, .bpf_fd = fd };

	return only_error(call(BPF, BPF_OBJ_PIN, (word)&attr, sizeof(attr)));
}

struct result obj_get(const char *path, uint32_t file_flags)
{
	struct obj attr = { .pathname = (uintptr_t)path, .file_flags = file_flags };

	return descriptor(call(BPF, BPF_OBJ_GET, (word)&attr, sizeof(attr)));
}

uint16_t link_update(int link, int new)
{
	struct link_update attr = { .link_fd = link, .new_prog_fd = new };

	return only_error(call(BPF, BPF_LINK_UPDATE, (word)&attr, sizeof(attr)));
}

uint16_t link_replace(int link, int new, int old)
{
	struct link_update attr = { link, new, BPF_F_REPLACE, old };

	return only_error(call(BPF, BPF_LINK_UPDATE, (word)&attr, sizeof(attr)));
}

struct result prog_get_fd_by_id(uint32_t id)
{
	struct get_fd attr = { .id = id };

	return descriptor(call(BPF, BPF_PROG_GET_FD_BY_ID, (word)&attr, sizeof(attr)));
}

uint16_t link_detach(int link)
{
	struct link_detach attr = { .link_fd = link };

	return only_error(call(BPF, BPF_LINK_DETACH, (word)&attr, sizeof(attr)));
}

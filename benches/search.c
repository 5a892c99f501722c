/* The search alone, with libbpf: the id of FUNC bpf_iter_task, from an empty process on. Prints it and
 * the nanoseconds that the first call took. */

#include <stdio.h>
#include <time.h>

#include <bpf/btf.h>

static long now(void)
{
	struct timespec at;

	clock_gettime(CLOCK_MONOTONIC, &at);
	return at.tv_sec * 1000000000L + at.tv_nsec;
}

int main(void)
{
	long start = now(), end;
	struct btf *btf = btf__load_vmlinux_btf();
	int id = btf ? btf__find_by_name_kind(btf, "bpf_iter_task", BTF_KIND_FUNC) : -1;

	end = now();
	printf("%d %ld\n", id, end - start);
	return id < 0;
}

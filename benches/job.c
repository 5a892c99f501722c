/* The job, with libbpf: find the id of bpf_iter_task, load a program, link it, pin the link, open an
 * iterator, read it to the end, take the pin away, print the byte count.
 *
 * `job PATH`: as targets/probe/src/bin/lifecycle.rs has it, with the same instructions. */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <linux/bpf.h>

/* The instructions that lifecycle was seen to load: benches/run makes this file. */
static const unsigned long long program[] = {
#include "program.h"
};

static int failed(const char *call, int error)
{
	printf("%s %d\n", call, error < 0 ? -error : errno);
	return 1;
}

int main(int argc, char **argv)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = BPF_TRACE_ITER);
	int id, prog, link, iter, status = 1;
	long bytes = 0;
	char buf[512];
	struct btf *btf;
	ssize_t n;

	if (argc != 2)
		return 2;
	btf = btf__load_vmlinux_btf();
	if (!btf)
		return failed("btf", 0);
	id = btf__find_by_name_kind(btf, "bpf_iter_task", BTF_KIND_FUNC);
	btf__free(btf);
	if (id < 0)
		return failed("btf", id);
	opts.attach_btf_id = id;
	prog = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", (const struct bpf_insn *)program,
			     sizeof(program) / sizeof(*program), &opts);
	if (prog < 0)
		return failed("load", prog);
	link = bpf_link_create(prog, 0, BPF_TRACE_ITER, NULL);
	if (link < 0)
		return failed("link", link);
	if (bpf_obj_pin(link, argv[1]) < 0)
		return failed("pin", 0);
	iter = bpf_iter_create(link);
	if (iter < 0) {
		failed("iter", iter);
		goto unpin;
	}
	while ((n = read(iter, buf, sizeof(buf))) > 0)
		bytes += n;
	if (n < 0)
		failed("read", 0);
	else
		status = 0;
	close(iter);
unpin:
	if (unlink(argv[1]) < 0)
		return failed("unpin", 0);
	close(link);
	close(prog);
	if (!status && printf("bytes %ld\n", bytes) < 0)
		status = 1;
	return status;
}

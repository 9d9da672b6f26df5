// SPDX-License-Identifier: GPL-2.0
/*
 * convert: between the file people keep and the bytes fuzz engines mutate.
 *
 * The bytes are the program's (prog/bytes.c) and then the schedule's
 * (prog/schedule_bytes.c). Header and story do not go with them: a fuzz entry
 * has one target and knows it, and what the bytes lead to is for it to find.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/exec/convert.h"

int convert_to_bytes(const struct svm *svm, u8 *bytes, size_t size)
{
	struct op_table ops = target_ops(svm->target);
	int n = prog_encode(&ops, &svm->program, bytes, size);
	int m = 0;

	if (n >= 0 && svm->has_schedule)
		m = schedule_encode(&svm->schedule, bytes + n, size - (size_t)n);
	return n < 0 || m < 0 ? -1 : n + m;
}

void convert_from_bytes(const struct target *t, const u8 *bytes, size_t len,
			struct svm *svm)
{
	struct op_table ops = target_ops(t);
	size_t used;

	prog_decode(&ops, bytes, len, &svm->program, &used);
	schedule_decode(bytes + used, len - used, &svm->schedule);
	svm->has_schedule = svm->schedule.nr != 0;
	if (t->body)
		svm->program.nr_tasks = t->nr_fixed;
	for (u32 i = 0; t->body && i < t->nr_fixed; i++)
		svm->program.task[i].nr_calls = 0;
	strcpy(svm->story, "Made from bytes.\n");
	svm->target = t;
	svm->mutation = M_none;
	svm->original = false;
	svm->expect = NULL;
	svm->needs[0] = 0;
}

static bool has_names(const struct schedule *s)
{
	for (u32 i = 0; i < s->nr; i++)
		if (s->seg[i].kind != SEGMENT_STEPS &&
		    s->seg[i].kind != SEGMENT_CHOOSE)
			return true;
	return false;
}

int convert_resolve(struct svm *svm)
{
	struct rt_result r;
	struct exec x = {
		.target = svm->target,
		.program = &svm->program,
		.strategy = &strategy_replay,
		.schedule = &svm->schedule,
		.detail = true,
	};

	if (!svm->has_schedule || !has_names(&svm->schedule))
		return 0;
	if (mutation_choose(svm->original ? "original" :
			    mutations[svm->mutation].name, svm->target)) {
		fprintf(stderr, "%s has no original defects to turn on\n",
			svm->target->name);
		return -1;
	}
	if (svm_conditions(svm))
		return -1;
	exec_run(&x, &r);
	if (r.outcome == RT_DIVERGED) {
		fprintf(stderr, "HARNESS: the schedule cannot be followed: %s\n",
			r.diverged);
		return -1;
	}
	rt_export_schedule(&svm->schedule, false);
	return 0;
}

/* The whole of a file, or NULL with errno. */
static u8 *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	size_t size = 1 << 20;
	u8 *bytes = f ? malloc(size) : NULL;

	if (bytes)
		*len = fread(bytes, 1, size, f);
	if (bytes && (ferror(f) || *len == size)) {
		if (!ferror(f))
			errno = EFBIG;
		free(bytes);
		bytes = NULL;
	}
	if (f)
		fclose(f);
	return bytes;
}

static bool is_text(const char *path)
{
	size_t n = strlen(path);

	return n > 4 && !strcmp(path + n - 4, ".svm");
}

static int text_to_bytes(const char *path, FILE *out)
{
	static struct svm svm;
	static u8 bytes[CONVERT_BYTES_MAX];
	int n;

	if (svm_read(path, &svm))
		return EXIT_USAGE;
	if (has_names(&svm.schedule) && !rt_deterministic) {
		fprintf(stderr, "%s: its schedule has names, which a replay makes steps of; threads cannot, use svmtorture convert\n",
			path);
		return EXIT_USAGE;
	}
	if (has_names(&svm.schedule) && svm.memory != RT_MEMORY_SC &&
	    !rt_has_memory()) {
		fprintf(stderr, "%s: skipped: its schedule has names, and its memory is one that this build does not have\n",
			path);
		return EXIT_VACUOUS;
	}
	if (has_names(&svm.schedule) &&
	    (exec_setup(svm.target) || convert_resolve(&svm)))
		return EXIT_HARNESS;
	n = convert_to_bytes(&svm, bytes, sizeof(bytes));
	if (n < 0) {
		fprintf(stderr, "%s: longer than %d bytes\n", path,
			CONVERT_BYTES_MAX);
		return EXIT_USAGE;
	}
	fwrite(bytes, 1, (size_t)n, out);
	return EXIT_PASS;
}

static int bytes_to_text(const char *path, const struct target *t, FILE *out)
{
	static struct svm svm;
	static char text[SVM_TEXT_MAX];
	size_t len;
	u8 *bytes;

	if (!t) {
		fprintf(stderr, "%s: is not named .svm, so it is bytes; --target says of which target\n",
			path);
		return EXIT_USAGE;
	}
	bytes = read_file(path, &len);
	if (!bytes) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return EXIT_USAGE;
	}
	convert_from_bytes(t, bytes, len, &svm);
	free(bytes);
	if (svm_print(&svm, text, sizeof(text)) < 0) {
		fprintf(stderr, "%s: its text is too long\n", path);
		return EXIT_USAGE;
	}
	fputs(text, out);
	return EXIT_PASS;
}

int convert_file(const char *path, const struct target *t, FILE *out)
{
	int code = is_text(path) ? text_to_bytes(path, out) :
				   bytes_to_text(path, t, out);

	if (code == EXIT_PASS && (fflush(out) || ferror(out))) {
		fprintf(stderr, "HARNESS: cannot write: %s\n", strerror(errno));
		code = EXIT_HARNESS;
	}
	return code;
}

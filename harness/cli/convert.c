// SPDX-License-Identifier: GPL-2.0
/*
 * convert: the verb; the two ways are harness/exec/convert.c.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/exec/convert.h"
#include "harness/exec/file.h"

static const struct argp_option options[] = {
	{ "target", LONG('t'), "NAME", 0,
	  "Target whose ops the bytes are read as; see 'list targets'", 0 },
	{ "out", LONG('o'), "FILE", 0, "Where the result goes (default: stdout)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct convert_options {
	const char *path, *out;
	const struct target *target;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct convert_options *o = state->input;

	switch (key) {
	case LONG('t'):
		o->target = cli_target(state, arg);
		break;
	case LONG('o'):
		o->out = arg;
		break;
	default:
		return cli_file(key, arg, state, &o->path);
	}
	return 0;
}

/* The whole result or none: a failed conversion leaves an old file alone. */
static int write_out(const char *path, const char *data, size_t size)
{
	if (!path) {
		fwrite(data, 1, size, stdout);
		return EXIT_PASS;	/* main() looks at stdout */
	}
	if (!file_write(path, data, size))
		return EXIT_PASS;
	fprintf(stderr, "HARNESS: %s: cannot write: %s\n", path,
		strerror(errno));
	return EXIT_HARNESS;
}

int cmd_convert(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "FILE",
		"Turns a reproducer's text into the bytes a fuzz engine "
		"mutates, and any bytes into the text of a reproducer of "
		"--target. A FILE named *.svm is text, any other is bytes.\v"
		"Bytes hold the program and the schedule; target, mutation and "
		"story are the text's alone. Any bytes mean something: text "
		"made of them expects 'pass', and bytes made of that text "
		"give the same text again.\n\n"
		"Exit codes: 0 converted, 2 bad FILE, 3 the result cannot be "
		"written or a schedule of names cannot be followed, 4 to follow "
		"it takes another build.\n\n"
		"Example:\n"
		"  svmtorture convert corpus/clean/cow_after_fork.svm --out seed\n"
		"  svmtorture convert seed --target mm",
		NULL, NULL, NULL,
	};
	struct convert_options o = { NULL, NULL, NULL };
	char *data = NULL;
	size_t size;
	FILE *memory;
	int code;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	memory = open_memstream(&data, &size);
	if (!memory) {
		perror("svmtorture: convert");
		return EXIT_HARNESS;
	}
	code = convert_file(o.path, o.target, memory);
	fclose(memory);
	if (code == EXIT_PASS)
		code = write_out(o.out, data, size);
	free(data);
	return code;
}

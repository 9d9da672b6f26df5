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

static const struct argp_option options[] = {
	{ "target", 't', "NAME", 0, "Whose ops bytes are read as", 0 },
	{ "out", 'o', "FILE", 0, "Where the result goes (default: stdout)", 0 },
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
	case 't':
		o->target = cli_target(state, arg);
		break;
	case 'o':
		o->out = arg;
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "one FILE at a time");
		o->path = arg;
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "FILE is needed");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

/* The whole result or none: a failed conversion leaves an old file alone. */
static int write_out(const char *path, const char *data, size_t size)
{
	FILE *out = path ? fopen(path, "wb") : stdout;
	bool bad;

	if (!out) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return EXIT_HARNESS;
	}
	bad = fwrite(data, 1, size, out) != size;
	bad |= fflush(out) != 0;
	if (path)
		bad |= fclose(out) != 0;
	if (!bad)
		return EXIT_PASS;
	fprintf(stderr, "%s: cannot write\n", path ? path : "stdout");
	return EXIT_HARNESS;
}

int cmd_convert(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "FILE",
		"Turns a reproducer's text (.svm) into the bytes a fuzzer "
		"mutates, and any bytes into the text of a reproducer of "
		"--target.",
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

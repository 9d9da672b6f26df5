// SPDX-License-Identifier: GPL-2.0
/*
 * shrink: a reproducer in, a small named one out.
 */
#include <stdio.h>
#include <string.h>

#include "harness/cli/cli.h"

#define TRIES_DEFAULT	50000

static const struct argp_option options[] = {
	{ "out", 'o', "FILE", 0, "Where the result goes (required)", 0 },
	{ "tries", 'n', "N", 0, "Executions to spend (default: 50000)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct shrink_options {
	const char *path, *out;
	u32 tries;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct shrink_options *o = state->input;

	switch (key) {
	case 'o':
		o->out = arg;
		break;
	case 'n':
		o->tries = cli_number(state, "--tries", arg, 1, 1000000000);
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "one FILE at a time");
		o->path = arg;
		break;
	case ARGP_KEY_END:
		if (!o->path || !o->out)
			argp_error(state, "FILE and --out FILE are needed");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int cmd_shrink(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "FILE",
		"Removes calls, simplifies arguments and drops preemptions "
		"while the same class of failure remains, then names the "
		"switch points so that the file survives edits of the code.",
		NULL, NULL, NULL,
	};
	static struct svm svm;
	struct shrink_options o = { .tries = TRIES_DEFAULT };
	struct shrink_stats st;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!rt_deterministic) {
		fprintf(stderr, "%s: threads cannot be replayed; use svmtorture shrink\n",
			program_name);
		return EXIT_USAGE;
	}
	if (svm_read(o.path, &svm))
		return EXIT_USAGE;
	if (mutation_choose(svm.original ? "original" :
			    mutations[svm.mutation].name, svm.target)) {
		fprintf(stderr, "%s: unknown mutation\n", o.path);
		return EXIT_USAGE;
	}
	if (exec_setup(svm.target))
		return EXIT_HARNESS;
	if (shrink(&svm, o.tries, &st)) {
		fprintf(stderr, "%s: does not fail, so there is nothing to keep\n",
			o.path);
		return EXIT_VACUOUS;
	}
	if (svm_write(o.out, &svm))
		return EXIT_HARNESS;
	fprintf(stderr, "%s: %u calls (from %u), %u preemptions (from %u), %u steps (from %u), %u executions\n",
		o.out, st.calls_after, st.calls_before, st.preemptions_after,
		st.preemptions_before, st.steps_after, st.steps_before,
		st.tries);
	return EXIT_PASS;
}

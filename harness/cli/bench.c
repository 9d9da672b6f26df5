// SPDX-License-Identifier: GPL-2.0
/*
 * bench: the verb; the measuring is harness/bench/.
 */
#include "harness/bench.h"
#include "harness/cli/cli.h"

static const struct argp_option options[] = {
	{ "json", LONG('j'), NULL, 0, "One JSON object a line", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct bench_options {
	const char *name;
	bool json;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct bench_options *o = state->input;

	switch (key) {
	case LONG('j'):
		o->json = true;
		break;
	case ARGP_KEY_ARG:
		if (state->arg_num)
			argp_error(state, "one NAME at a time");
		o->name = arg;
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int cmd_bench(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "[NAME]",
		"Measures the engine on this machine: one line per figure, "
		"name value unit; process CPU time, median of 5. With NAME "
		"only the figures whose name begins so.\v"
		"The yardstick figures time what any machine can do "
		"(swapcontext, a pthread hand-off), so that runs on two "
		"machines can be compared.\n\n"
		"Exit codes: 0 measured, 2 no figure of that name.\n\n"
		"Example:\n  svmtorture bench fiber",
		NULL, NULL, NULL,
	};
	struct bench_options o = { NULL, false };

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	return bench_main(o.name, o.json);
}

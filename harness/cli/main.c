// SPDX-License-Identifier: GPL-2.0
/*
 * svmtorture: parse the verb, dispatch, exit with the verdict.
 *
 * svmtorture and svmtorture-native are this same main over two runtimes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/campaign/campaign.h"
#include "harness/cli/cli.h"

const char *program_name;

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} verbs[] = {
	{ "run",     cmd_run,	  "hammer a target until something fails or the budget is used up" },
	{ "replay",  cmd_replay,  "run one reproducer (.svm) again, exactly" },
	{ "shrink",  cmd_shrink,  "make a reproducer small and name its switch points" },
	{ "convert", cmd_convert, "turn a reproducer's text into bytes for fuzzers, and back" },
	{ "list",    cmd_list,	  "targets, ops, oracles, strategies, mutations, events" },
	{ "bench",   cmd_bench,	  "measure the engine on this machine" },
};

static void usage(FILE *out)
{
	fprintf(out, "Usage: %s VERB [OPTION...]\n\n"
		"Hammers a userspace port of Linux's GPU shared virtual memory code (%s).\n\n",
		program_name, rt_deterministic ?
		"one thread, every interleaving chosen and replayable" :
		"real threads, the machine schedules");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(out, "  %-8s  %s\n", verbs[i].name, verbs[i].help);
	fprintf(out, "\n'%s VERB --help' tells the options of a verb.\n"
		"Exit codes: 0 passed, 1 a finding, 2 usage, 3 the harness is broken,\n"
		"4 vacuous (the race under test never happened) or skipped, 5 cut short.\n",
		program_name);
}

int main(int argc, char **argv)
{
	char name[64];

	program_name = rt_deterministic ? "svmtorture" : "svmtorture-native";
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return EXIT_PASS;
	}
	if (!strcmp(argv[1], "--version")) {
		printf("%s %s\n", program_name, build_commit);
		return EXIT_PASS;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name))
			continue;
		snprintf(name, sizeof(name), "%s %s", program_name, argv[1]);
		argv[1] = name;
		return verbs[i].run(argc - 1, argv + 1);
	}
	fprintf(stderr, "%s: unknown verb '%s'\n\n", program_name, argv[1]);
	usage(stderr);
	return EXIT_USAGE;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * svmtorture: parse the verb, dispatch, exit with the verdict.
 *
 * svmtorture and svmtorture-native are this same main over two runtimes.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/campaign/campaign.h"
#include "harness/cli/cli.h"
#include "harness/report/report.h"

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
	{ "list",    cmd_list,	  "targets, ops, oracles, strategies, mutations, events, windows" },
	{ "outcomes", cmd_outcomes, "say what a reproducer's program can come to, for a comparison" },
	{ "bench",   cmd_bench,	  "measure the engine on this machine" },
	{ "explore-pthread", cmd_explore,
	  "explore the interleavings of an ordinary pthread program (.c)" },
};

static void usage(FILE *out)
{
	fprintf(out, "Usage: %s VERB [OPTION...]\n\n"
		"Hammers a userspace port of Linux's GPU shared virtual memory code (%s).\n\n",
		program_name, rt_deterministic ?
		"one thread, every interleaving chosen and replayable" :
		"real threads, the machine schedules");
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(out, "  %-15s  %s\n", verbs[i].name, verbs[i].help);
	fprintf(out, "\n'%s VERB --help' tells the options of a verb.\n\n"
		"To begin with:\n"
		"  %s run --target nouveau-onepage --executions 100000\n"
		"  %s run --target nouveau-onepage --mutate nv_skip_retry%s\n"
		"The first hammers the correct code and passes; the second has a known bug\n"
		"turned on, finds it, and prints how to go on from there.\n\n"
		"Exit codes of every verb: 0 passed, 1 a finding, 2 usage or bad input,\n"
		"3 the harness or its machine is broken, 4 vacuous (what is under test never\n"
		"happened) or skipped, 5 cut short by a signal.\n",
		program_name, program_name, program_name,
		rt_deterministic ? " --strategy pct" : "");
}

/*
 * A descriptor that the caller closed would be given to the next file opened,
 * and talk would go into a reproducer. Opened the wrong way round, so that use
 * fails as it should.
 */
static void keep_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			_exit(EXIT_HARNESS);
}

/*
 * A verb that passed and could not say so did not pass; a finding outranks
 * that. A reader that has gone (| head) had enough, which is no error.
 */
static int finish(int code)
{
	struct pollfd out = { .fd = STDOUT_FILENO };
	bool bad = fflush(stdout) != 0;
	int error = errno;

	bad |= ferror(stdout) != 0;
	if (!bad || code != EXIT_PASS ||
	    (poll(&out, 1, 0) > 0 && (out.revents & POLLERR)))
		return code;
	fprintf(stderr, "HARNESS: stdout: cannot write: %s\n", strerror(error));
	return EXIT_HARNESS;
}

int main(int argc, char **argv)
{
	char name[64];

	program_name = report_program();
	argp_err_exit_status = EXIT_USAGE;
	keep_standard_streams();
	/* As errors of write(), told with what they are about. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 2) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "--usage") ||
	    !strcmp(argv[1], "-?") || !strcmp(argv[1], "help")) {
		usage(stdout);
		return finish(EXIT_PASS);
	}
	if (!strcmp(argv[1], "--version")) {
		printf("%s %s\n", program_name, build_commit);
		return finish(EXIT_PASS);
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name))
			continue;
		snprintf(name, sizeof(name), "%s %s", program_name, argv[1]);
		argv[1] = name;
		return finish(verbs[i].run(argc - 1, argv + 1));
	}
	fprintf(stderr, "%s: unknown verb '%s'\n\n", program_name, argv[1]);
	usage(stderr);
	return EXIT_USAGE;
}

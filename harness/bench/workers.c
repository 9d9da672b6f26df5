// SPDX-License-Identifier: GPL-2.0
/*
 * workers: what two workers of one campaign are worth beside two campaigns that
 * know nothing of each other, on the machine as it is just then.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/bench/figure.h"
#include "harness/rt/engine.h"

extern char **environ;

#define EACH	"20000"
#define BOTH	"40000"

/* Where findings would go: there are none, or the figure is broken. */
static char out[] = P_tmpdir "/svmtorture-bench-XXXXXX";

/* A campaign of this very program, with nothing to say. -1: none was begun. */
static pid_t campaign(const char *executions, const char *jobs,
		      const char *seed)
{
	char *const argv[] = {
		"svmtorture", "run", "--target", "nouveau-onepage", "--strategy",
		"random", "--executions", (char *)executions, "--jobs",
		(char *)jobs, "--seed", (char *)seed, "--out", out, NULL
	};
	posix_spawn_file_actions_t quiet;
	pid_t pid = -1;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", 1, 0);
	posix_spawn_file_actions_addopen(&quiet, 2, "/dev/null", 1, 0);
	if (posix_spawn(&pid, "/proc/self/exe", &quiet, NULL, argv, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&quiet);
	return pid;
}

static bool passed(pid_t pid)
{
	int status;

	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

enum figure_answer bench_two_workers(double *value)
{
	double start, apart, together;
	pid_t a, b;
	bool ok;

	if (!rt_deterministic)
		return FIGURE_ABSENT;
	if (!mkdtemp(out)) {
		fprintf(stderr, "HARNESS: bench: no folder to be had in %s\n",
			P_tmpdir);
		return FIGURE_BROKEN;
	}
	start = bench_wall();
	a = campaign(EACH, "1", "1");
	b = campaign(EACH, "1", "2");
	ok = passed(a);
	ok &= passed(b);
	apart = bench_wall() - start;
	start = bench_wall();
	ok &= passed(campaign(BOTH, "2", "1"));
	together = bench_wall() - start;
	rmdir(out);
	memset(strchr(out, 0) - 6, 'X', 6);
	if (!ok) {
		fprintf(stderr, "HARNESS: bench: a campaign of nouveau-onepage did not pass\n");
		return FIGURE_BROKEN;
	}
	*value = apart / together;
	return FIGURE_OK;
}

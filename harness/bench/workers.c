// SPDX-License-Identifier: GPL-2.0
/*
 * workers: what two workers of one campaign are worth beside two campaigns that
 * know nothing of each other: the CPU time that the same number of executions
 * takes. Both run side by side, turn about, so that whatever else the machine
 * does meets both alike; the wall would time that.
 *
 * What workers cost each other by what they share is in it: cache lines above
 * all. Waiting for each other would not be; there is nothing they wait for.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/bench/figure.h"
#include "harness/rt/engine.h"

extern char **environ;

#define TURNS	4
#define EACH	"5000"
#define BOTH	"10000"

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

static double seconds(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec * 1e-6;
}

/* Add what the campaign took, its workers included. */
static bool passed(pid_t pid, double *cpu)
{
	struct rusage used;
	int status;

	if (pid <= 0 || wait4(pid, &status, 0, &used) != pid || status)
		return false;
	*cpu += seconds(&used.ru_utime) + seconds(&used.ru_stime);
	return true;
}

static bool take_turn(double *apart, double *together)
{
	pid_t a = campaign(EACH, "1", "1"), b = campaign(EACH, "1", "2");
	bool ok = passed(a, apart);

	ok &= passed(b, apart);
	return ok & passed(campaign(BOTH, "2", "1"), together);
}

enum figure_answer bench_two_workers(double *value)
{
	double apart = 0, together = 0;
	bool ok = true;

	if (!rt_deterministic)
		return FIGURE_ABSENT;
	if (!mkdtemp(out)) {
		fprintf(stderr, "HARNESS: bench: no folder to be had in %s\n",
			P_tmpdir);
		return FIGURE_BROKEN;
	}
	for (int i = 0; i < TURNS && ok; i++)
		ok = take_turn(&apart, &together);
	rmdir(out);
	memset(strchr(out, 0) - 6, 'X', 6);
	if (!ok) {
		fprintf(stderr, "HARNESS: bench: a campaign of nouveau-onepage did not pass\n");
		return FIGURE_BROKEN;
	}
	*value = apart / together;
	return FIGURE_OK;
}

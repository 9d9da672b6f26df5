// SPDX-License-Identifier: GPL-2.0
/*
 * common: what several verbs parse, with messages that say what would do; and
 * how those that are no campaign end when they are interrupted.
 */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/cli/cli.h"
#include "harness/exec/memory.h"
#include "harness/rt/hooks.h"

const struct target *cli_target(const struct argp_state *state, const char *name)
{
	const struct target *t = target_find(name);
	char known[512] = "";

	if (t)
		return t;
	for (int i = 0; targets[i]; i++) {
		size_t n = strlen(known);

		snprintf(known + n, sizeof(known) - n, " %s", targets[i]->name);
	}
	argp_error(state, "unknown target '%s'; there are:%s", name, known);
	return NULL;
}

u64 cli_number(const struct argp_state *state, const char *what,
	       const char *text, u64 min, u64 max)
{
	bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
	char *end;
	u64 v;

	/* No octal: who writes 010 means ten. No blank and no sign either. */
	errno = 0;
	v = strtoull(text, &end, hex ? 16 : 10);
	if (errno || !isdigit((unsigned char)text[0]) || *end || v < min ||
	    v > max)
		argp_error(state, "%s: '%s' is not a number from %llu to %llu",
			   what, text, min, max);
	return v;
}

error_t cli_file(int key, char *arg, const struct argp_state *state,
		 const char **path)
{
	if (key == ARGP_KEY_NO_ARGS)
		argp_error(state, "FILE is needed");
	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (state->arg_num)
		argp_error(state, "one FILE at a time");
	*path = arg;
	return 0;
}

void cli_sim_only(const struct argp_state *state, const char *option)
{
	if (!rt_deterministic)
		argp_error(state, "%s: this program runs on threads and the machine schedules; only svmtorture has it",
			   option);
}

const struct strategy *cli_strategy(const struct argp_state *state,
				    const char *text)
{
	const char *colon = strchr(text, ':');
	char name[32], err[160] = "";
	const struct strategy *s;
	size_t len = colon ? (size_t)(colon - text) : strlen(text);

	cli_sim_only(state, "--strategy");
	snprintf(name, sizeof(name), "%.*s", (int)len, text);
	s = strategy_find(name);
	if (!s)
		argp_error(state, "unknown strategy '%s'; see '%s list strategies'",
			   name, program_name);
	if (s->setup && s->setup(colon ? colon + 1 : NULL, err, sizeof(err)))
		argp_error(state, "--strategy %s: %s", text, err);
	if (!s->setup && colon)
		argp_error(state, "--strategy %s: takes no argument", name);
	return s;
}

bool cli_lacks(const struct svm *svm, const char *path)
{
	if (svm->memory != RT_MEMORY_SC && !rt_has_memory()) {
		fprintf(stderr, "%s: skipped: its memory is %s, which this build does not have\n",
			path, memory_name(svm->memory));
		return true;
	}
	/* The one flavour there is to need. */
	if (!svm->needs[0] || &rt_hooks)
		return false;
	fprintf(stderr, "%s: skipped: it needs the flavour '%s', which this build is not\n",
		path, svm->needs);
	return true;
}

/* -- interrupts ----------------------------------------------------------- */

static char cut_line[512];
static pid_t cut_owner;

/* Only what a handler may do. A child (native's) leaves it to its parent. */
static void cut(int sig)
{
	ssize_t n;

	if (getpid() != cut_owner)
		return;
	n = write(STDERR_FILENO, cut_line, strlen(cut_line));
	(void)n;
	_exit(EXIT_CUT);
}

static void cut_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
}

void cli_cut_on_signals(const char *verb, const char *what)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = cut,
				.sa_flags = SA_ONSTACK | SA_RESTART }, old;

	snprintf(cut_line, sizeof(cut_line) - 1,
		 "svmtorture:--- end: CUT %s %.400s: interrupted, nothing was written",
		 verb, what);
	strcat(cut_line, "\n");
	cut_owner = getpid();
	cut_signals(&sa.sa_mask);
	/* What is ignored already stays so: that is how nohup works. */
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
}

void cli_hold_signals(void)
{
	sigset_t set;

	cut_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * common: what several verbs parse, with messages that say what would do.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/cli.h"

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
	char *end;
	u64 v;

	errno = 0;
	v = strtoull(text, &end, 0);
	if (errno || end == text || *end || text[0] == '-' || v < min || v > max)
		argp_error(state, "%s: '%s' is not a number from %llu to %llu",
			   what, text, min, max);
	return v;
}

const struct strategy *cli_strategy(const struct argp_state *state,
				    const char *text)
{
	const char *colon = strchr(text, ':');
	char name[32], err[160] = "";
	const struct strategy *s;
	size_t len = colon ? (size_t)(colon - text) : strlen(text);

	if (!rt_deterministic)
		argp_error(state, "--strategy: this program runs on threads; the machine schedules");
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

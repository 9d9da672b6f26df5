// SPDX-License-Identifier: GPL-2.0
/*
 * lines: what a campaign says about itself on stderr.
 *
 * The start and the end line carry the same parameters, made by one function,
 * so that a log read from either end tells what was run. Progress is one line:
 * rewritten on a terminal, one a minute elsewhere. Its counters are the
 * target's interest counters; one that stays zero means nothing was tested.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/campaign/campaign.h"

static void parameters(const struct campaign *c, char *buf, size_t size)
{
	int n = snprintf(buf, size, "target=%s runtime=%s", c->target->name,
			 rt_runtime_name);

	if (c->strategy)
		n += snprintf(buf + n, size - n, " strategy=%s",
			      c->strategy_text);
	n += snprintf(buf + n, size - n, " seed=0x%llx", c->seed);
	if (c->executions != CAMPAIGN_UNLIMITED)
		n += snprintf(buf + n, size - n, " executions=%llu",
			      c->executions);
	if (c->seconds)
		n += snprintf(buf + n, size - n, " budget=%us", c->seconds);
	if (c->jobs > 1)
		n += snprintf(buf + n, size - n, " jobs=%u", c->jobs);
	if (c->program_path)
		n += snprintf(buf + n, size - n, " program=%s",
			      c->program_path);
	snprintf(buf + n, size - n, " mutation=%s commit=%s", c->mutate,
		 build_commit);
}

void campaign_start_line(const struct campaign *c)
{
	char buf[1024];

	parameters(c, buf, sizeof(buf));
	fprintf(stderr, "svmtorture:--- start: %s\n", buf);
}

void campaign_end_line(const struct campaign *c, const struct tally *sum,
		       const char *verdict, double seconds)
{
	char buf[1024];

	parameters(c, buf, sizeof(buf));
	fprintf(stderr, "svmtorture:--- end: %s %s done=%llu seconds=%.1f%s%s\n",
		verdict, buf, sum->executions, seconds,
		sum->summary[0] ? " " : "", sum->summary);
}

/* 31.0k, 1.25M: three figures are enough to see a rate change. */
static const char *human(double v, char *buf, size_t size)
{
	if (v >= 1e6)
		snprintf(buf, size, "%.2fM", v / 1e6);
	else if (v >= 1e4)
		snprintf(buf, size, "%.1fk", v / 1e3);
	else
		snprintf(buf, size, "%.0f", v);
	return buf;
}

void campaign_progress(const struct campaign *c, const struct tally *sum,
		       double seconds, bool last)
{
	double done = sum->executions ? (double)sum->executions : 1;
	bool tty = isatty(STDERR_FILENO);
	char rate[16];

	fprintf(stderr, "%s%8s exec/s %10llu done   switches %.1f",
		tty ? "\r" : "",
		human(seconds > 0 ? sum->executions / seconds : 0, rate,
		      sizeof(rate)),
		sum->executions, sum->switches / done);
	for (const u16 *k = c->target->counters; k && *k != EV_none; k++)
		fprintf(stderr, "   %s %.2f", event_defs[*k].name,
			sum->count[*k] / done);
	fprintf(stderr, "%s", tty && !last ? "\033[K" : "\n");
}

// SPDX-License-Identifier: GPL-2.0
/*
 * lines: what a campaign says about itself on stderr.
 *
 * The start and the end line carry the same parameters, made by one function,
 * so that a log read from either end tells what was run. Progress is one line:
 * rewritten on a terminal, one a minute elsewhere. Its counters are the
 * target's interest counters; one that stays zero means nothing was tested.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/campaign/campaign.h"
#include "harness/exec/faults.h"
#include "harness/exec/memory.h"

/* Two paths as long as they come, and the rest. */
#define LINE_SIZE	(2 * CAMPAIGN_PATH_MAX + 1024)

__attribute__((format(printf, 2, 3)))
static void add(char line[LINE_SIZE], const char *fmt, ...)
{
	size_t n = strlen(line);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line + n, LINE_SIZE - n, fmt, ap);
	va_end(ap);
}

static void parameters(const struct campaign *c, char line[LINE_SIZE])
{
	char faults[FAULTS_TEXT_MAX];

	add(line, "target=%s runtime=%s", c->target->name, rt_runtime_name);
	if (c->strategy)
		add(line, " strategy=%.64s", c->strategy_text);
	add(line, " seed=0x%llx", c->seed);
	if (c->executions != CAMPAIGN_UNLIMITED)
		add(line, " executions=%llu", c->executions);
	if (c->seconds)
		add(line, " budget=%us", c->seconds);
	if (c->jobs > 1)
		add(line, " jobs=%u", c->jobs);
	if (c->shards > 1)
		add(line, " shard=%u/%u", c->shard, c->shards);
	if (c->steps_max)
		add(line, " steps=%u", c->steps_max);
	if (c->only)
		add(line, " only=%s", c->only->name);
	if (c->known)
		add(line, " known=%s", c->known);
	if (c->program_path)
		add(line, " program=%s", c->program_path);
	if (c->fail_alloc == CAMPAIGN_FAIL_ALL)
		add(line, " fail-alloc=all");
	else if (c->fail_alloc)
		add(line, " fail-alloc=%u", c->fail_alloc);
	if (c->faults)
		add(line, " faults=%s", faults_print(c->faults, faults));
	if (c->memory != RT_MEMORY_SC)
		add(line, " memory=%s", memory_name(c->memory));
	if (c->points && !strcmp(c->points, CAMPAIGN_POINTS_RACES))
		add(line, " points=races");
	add(line, " mutation=%s commit=%s", c->mutate, build_commit);
}

void campaign_start_line(const struct campaign *c)
{
	char line[LINE_SIZE] = "";

	parameters(c, line);
	fprintf(stderr, "svmtorture:--- start: %s\n", line);
}

void campaign_end_line(const struct campaign *c, const struct tally *sum,
		       const char *verdict, double seconds)
{
	char line[LINE_SIZE] = "";

	parameters(c, line);
	if (c->fail_alloc)
		add(line, " failed=%llu last=%u", sum->failed, sum->fail_last);
	if (c->known)
		add(line, " passed-over=%llu", sum->passed_over);
	if (sum->points[0])
		add(line, " promoted=%s", sum->points);
	fprintf(stderr, "svmtorture:--- end: %s %s done=%llu seconds=%.1f%s%s\n",
		verdict, line, sum->executions, seconds,
		sum->summary[0] ? " " : "", sum->summary);
}

u32 campaign_idle_faults(const struct campaign *c, const struct tally *sum,
			 int code)
{
	if (code == EXIT_FINDING || code == EXIT_HARNESS)
		return 0;
	return c->faults & ~sum->faults_offered;
}

void campaign_faults_line(const struct campaign *c, const struct tally *sum,
			  int code)
{
	u32 idle = campaign_idle_faults(c, sum, code);
	char faults[FAULTS_TEXT_MAX];

	if (idle)
		fprintf(stderr, "faults: %s: %llu executions had nothing to act on\n",
			faults_print(idle, faults), sum->executions);
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

	fprintf(stderr, "%s%8s exec/s %10llu done", tty ? "\r" : "",
		human(seconds > 0 ? sum->executions / seconds : 0, rate,
		      sizeof(rate)),
		sum->executions);
	if (rt_deterministic)	/* threads are switched by the host, unseen */
		fprintf(stderr, "   switches %.1f", sum->switches / done);
	for (const u16 *k = c->target->counters; k && *k != EV_none; k++)
		fprintf(stderr, "   %s %.2f", event_defs[*k].name,
			sum->count[*k] / done);
	fprintf(stderr, "%s", tty && !last ? "\033[K" : "\n");
}

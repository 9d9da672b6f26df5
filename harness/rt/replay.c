// SPDX-License-Identifier: GPL-2.0
/*
 * replay: follow a schedule, or say where it cannot be followed.
 *
 * A segment is finished when its task took its steps, stands before its named
 * point, exited, or cannot go on, whichever it says. If its task cannot go on
 * before that, the replay is lost: the code under test is not the one that the
 * schedule was made with, and any other way to go on would be another
 * schedule under the same name. "Until blocked" is the exception by intent: it
 * is finished however its task stopped. After the last segment the default
 * rule of schedule.h goes on.
 *
 * "choose NAME n" is armed once the segment before it is used up (if that
 * counts steps: during its last one) and answers the next rt_choose() of that
 * name; the name "any" takes the next one, whatever it is.
 *
 * An execution that ended with segments left over is not the one asked for,
 * unless it ended with a failure in the last of them.
 *
 * Lenient, a segment that cannot be followed is skipped: for the shrinker,
 * whose schedules are guesses, and for runs with a mutation off.
 *
 * rt_config.trace is followed byte by byte instead, if given.
 */
#include "harness/rt/strategy.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX	(SCHEDULE_NAME_MAX + 32)

static const struct schedule none;

static struct {
	const struct schedule *s;
	const u8 *trace;
	u32 trace_len, trace_pos;
	bool lenient;
	u32 pos;			/* the segment in progress */
	u32 taken;			/* steps of it */
	u32 seen;			/* how often its point was met */
	u32 armed;			/* CHOOSE segments before are used */
	bool used[SCHEDULE_SEGMENTS_MAX];
	bool is_lost;
	char lost[256];
} replay;

static void set_lost(const char *fmt, ...)
	__attribute__((format(printf, 1, 2)));
static void set_lost(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(replay.lost, sizeof(replay.lost), fmt, args);
	va_end(args);
	replay.is_lost = true;
}

static const char *text(const struct segment *g, char *buf)
{
	int n = snprintf(buf, TEXT_MAX, "%c%u", g->role, g->index);

	switch (g->kind) {
	case SEGMENT_STEPS:
		snprintf(buf + n, TEXT_MAX - (size_t)n, " %u steps", g->count);
		break;
	case SEGMENT_UNTIL:
		n += snprintf(buf + n, TEXT_MAX - (size_t)n, " until %s", g->name);
		if (g->count > 1)
			snprintf(buf + n, TEXT_MAX - (size_t)n, " #%u", g->count);
		break;
	case SEGMENT_EXIT:
		strcat(buf, " until exit");
		break;
	case SEGMENT_BLOCK:
		strcat(buf, " until blocked");
		break;
	default:
		snprintf(buf, TEXT_MAX, "choose %s %u", g->name, g->count);
		break;
	}
	return buf;
}

static int replay_setup(const char *arg, char *err, size_t size)
{
	if (!arg)
		return 0;
	snprintf(err, size, "replay takes no argument, got \"%s\"", arg);
	return -1;
}

static bool replay_begin(const struct rt_config *config, struct prng *prng)
{
	replay.s = config->schedule ? config->schedule : &none;
	replay.trace = config->trace;
	replay.trace_len = config->trace_len;
	replay.trace_pos = 0;
	replay.lenient = config->lenient;
	replay.pos = replay.taken = replay.seen = replay.armed = 0;
	memset(replay.used, 0, replay.s->nr * sizeof(replay.used[0]));
	replay.is_lost = false;
	return true;
}

/* Two that spin would wake each other for ever, and a third that they wait for
 * would never run. */
static int by_default(const struct strategy_view *v)
{
	u32 busy = v->enabled & ~v->spinning;

	if (v->enabled & (1u << v->current))
		return v->current;
	return __builtin_ctz(busy ? busy : v->enabled);
}

static int find_task(const struct segment *g, u32 nr_tasks)
{
	for (u32 i = 0; i < nr_tasks; i++)
		if (rt_role((int)i) == g->role && rt_index((int)i) == g->index)
			return (int)i;
	return -1;
}

static bool stands_before(const struct strategy_view *v, int task,
			  const char *name)
{
	char here[SCHEDULE_NAME_MAX];

	rt_point_name(v->task[task].site, v->task[task].obj, here,
		      sizeof(here));
	return !strcmp(here, name);
}

/* Called once a pick: the task has just arrived where it stands. */
static bool finished(const struct strategy_view *v, const struct segment *g,
		     int task)
{
	switch (g->kind) {
	case SEGMENT_STEPS:
		return replay.taken == g->count;
	case SEGMENT_UNTIL:
		if (replay.taken && stands_before(v, task, g->name))
			replay.seen++;
		return replay.seen == g->count;
	case SEGMENT_EXIT:
		return rt_exited(task);
	default:
		return !(v->enabled & (1u << task));
	}
}

static void next_segment(void)
{
	replay.pos++;
	replay.taken = replay.seen = 0;
}

static void lost_in(const struct strategy_view *v, const struct segment *g,
		    int task)
{
	char buf[TEXT_MAX], here[SCHEDULE_NAME_MAX];
	u32 nr = replay.pos + 1;

	text(g, buf);
	if (task < 0)
		set_lost("segment %u (%s): there is no such task", nr, buf);
	else if (rt_exited(task))
		set_lost("segment %u (%s): the task exited, after %u steps of it",
			 nr, buf, replay.taken);
	else
		set_lost("segment %u (%s): the task cannot run, it stands before %s, after %u steps of it",
			 nr, buf, rt_point_name(v->task[task].site,
						v->task[task].obj, here,
						sizeof(here)), replay.taken);
}

static int follow_trace(const struct strategy_view *v)
{
	u32 pos = replay.trace_pos;
	int n;

	if (pos == replay.trace_len)
		return by_default(v);
	n = replay.trace[pos];
	replay.trace_pos++;
	if (n < RT_TASKS_MAX && (v->enabled & (1u << n)))
		return n;
	set_lost("decision %u of %u cannot be made", pos + 1,
		 replay.trace_len);
	return STRATEGY_LOST;
}

static int replay_pick(const struct strategy_view *v, struct prng *prng)
{
	if (replay.trace)
		return follow_trace(v);
	while (replay.pos < replay.s->nr) {
		const struct segment *g = &replay.s->seg[replay.pos];
		int task;

		if (g->kind == SEGMENT_CHOOSE) {
			next_segment();
			continue;
		}
		task = find_task(g, v->nr_tasks);
		if (task >= 0 && finished(v, g, task)) {
			next_segment();
			continue;
		}
		if (task >= 0 && (v->enabled & (1u << task))) {
			replay.taken++;
			return task;
		}
		if (!replay.lenient) {
			lost_in(v, g, task);
			return STRATEGY_LOST;
		}
		next_segment();
	}
	return by_default(v);
}

/* CHOOSE segments below this are armed. */
static u32 armed_end(void)
{
	const struct schedule *s = replay.s;
	u32 end = replay.pos;

	if (end < s->nr && s->seg[end].kind == SEGMENT_STEPS &&
	    replay.taken == s->seg[end].count)
		end++;
	while (end < s->nr && s->seg[end].kind == SEGMENT_CHOOSE)
		end++;
	return end;
}

static int trace_answer(u32 n)
{
	u8 byte;

	if (replay.trace_pos == replay.trace_len)
		return 0;
	byte = replay.trace[replay.trace_pos++];
	if ((byte & RT_TRACE_CHOICE) && (byte & ~RT_TRACE_CHOICE) < n)
		return byte & ~RT_TRACE_CHOICE;
	set_lost("decision %u of %u is not an answer", replay.trace_pos,
		 replay.trace_len);
	return STRATEGY_LOST;
}

static int replay_choose(u32 n, const char *why, struct prng *prng)
{
	const struct schedule *s = replay.s;
	u32 end = armed_end();
	char buf[TEXT_MAX];

	if (replay.trace)
		return trace_answer(n);
	while (replay.armed < end && (replay.used[replay.armed] ||
				      s->seg[replay.armed].kind != SEGMENT_CHOOSE))
		replay.armed++;
	for (u32 i = replay.armed; i < end; i++) {
		const struct segment *g = &s->seg[i];

		if (g->kind != SEGMENT_CHOOSE || replay.used[i] ||
		    (strcmp(g->name, "any") &&
		     strncmp(g->name, why, SCHEDULE_NAME_MAX - 1)))
			continue;
		replay.used[i] = true;
		if (g->count < n)
			return (int)g->count;
		if (replay.lenient)
			return 0;
		set_lost("segment %u (%s): there are only %u answers", i + 1,
			 text(g, buf), n);
		return STRATEGY_LOST;
	}
	return 0;
}

static bool carried_out(const struct segment *g, u32 i, u32 nr_tasks)
{
	u32 taken = i == replay.pos ? replay.taken : 0;
	int task;

	switch (g->kind) {
	case SEGMENT_CHOOSE:
		return replay.used[i];
	case SEGMENT_STEPS:
		return taken == g->count;
	case SEGMENT_EXIT:
		task = find_task(g, nr_tasks);
		return task >= 0 && rt_exited(task);
	case SEGMENT_BLOCK:
		return taken;
	default:
		return false;
	}
}

/* The first segment that was not carried out, or nr. */
static u32 first_left(u32 nr_tasks)
{
	const struct schedule *s = replay.s;
	u32 i;

	for (i = 0; i < replay.pos && i < s->nr; i++)
		if (s->seg[i].kind == SEGMENT_CHOOSE && !replay.used[i])
			return i;
	for (; i < s->nr; i++)
		if (!carried_out(&s->seg[i], i, nr_tasks))
			break;
	return i;
}

static void replay_end(const struct rt_result *r)
{
	const struct schedule *s = replay.s;
	u32 left;
	char buf[TEXT_MAX];

	if (replay.lenient || replay.is_lost)
		return;
	if (replay.trace) {
		if (replay.trace_pos < replay.trace_len)
			set_lost("the execution ended at decision %u of %u",
				 replay.trace_pos, replay.trace_len);
		return;
	}
	left = first_left(r->nr_tasks);
	if (left == s->nr)
		return;
	if (s->seg[left].kind == SEGMENT_CHOOSE)
		set_lost("segment %u of %u (%s) was never asked for", left + 1,
			 s->nr, text(&s->seg[left], buf));
	else if (r->outcome == RT_DONE || left + 1 < s->nr)
		set_lost("the execution ended in segment %u of %u (%s)",
			 left + 1, s->nr, text(&s->seg[left], buf));
}

const char *strategy_replay_lost(void)
{
	return replay.is_lost ? replay.lost : NULL;
}

const struct strategy strategy_replay = {
	.name	= "replay",
	.help	= "follow the schedule of a reproducer, segment by segment",
	.setup	= replay_setup,
	.begin	= replay_begin,
	.pick	= replay_pick,
	.every_step = true,
	.choose	= replay_choose,
	.end	= replay_end,
	.lost	= strategy_replay_lost,
};

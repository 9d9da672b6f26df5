// SPDX-License-Identifier: GPL-2.0
/*
 * twice: prove that nothing chooses but the strategy (after shuttle's
 * UncontrolledNondeterminismCheckScheduler).
 *
 * Each execution is made two times. The first is the inner strategy's; at each
 * step it is written down which tasks could run, what each of them was about
 * to do, and who was picked. The second is given the same picks, whatever the
 * inner strategy might have learned meanwhile, and must show the same sets and
 * the same pending operations at each step, ask the same choices and end after
 * as many steps. Anything else, and the code under test or the harness reads a
 * clock, an address, memory that was not reset: broken() says where.
 *
 * Operations are compared by verb, arg and rt_arena_offset(), never by
 * address.
 */
#include "harness/rt/strategy.h"

#include <stdio.h>
#include <string.h>

#define RECORDS_MAX	(2 * RT_STEPS_MAX)

struct record {
	u64 hash;
	u32 enabled;		/* 0: a choice */
	u32 answer;		/* or the task picked */
};

static struct record record[RECORDS_MAX];
static u32 nr, at;
static bool second;
static const struct strategy *inner = &strategy_random;
static char text[256];

static int twice_setup(const char *arg, char *err, size_t size)
{
	const char *colon = arg ? strchr(arg, ':') : NULL;
	char name[32];

	second = false;
	text[0] = 0;
	inner = &strategy_random;
	if (arg) {
		snprintf(name, sizeof(name), "%.*s",
			 colon ? (int)(colon - arg) : (int)strlen(arg), arg);
		inner = strategy_find(name);
	}
	if (!inner || inner == &strategy_twice) {
		snprintf(err, size, "twice:%s: the argument is another strategy",
			 arg);
		return -1;
	}
	return inner->setup ? inner->setup(colon ? colon + 1 : NULL, err, size)
			    : 0;
}

static bool twice_begin(const struct rt_config *config, struct prng *prng)
{
	at = 0;
	if (second)
		return true;
	nr = 0;
	text[0] = 0;
	return inner->begin(config, prng);
}

static u64 mix(u64 hash, u64 word)
{
	hash = (hash ^ word) * 0x9e3779b97f4a7c15ull;
	return hash ^ hash >> 29;
}

static u64 mix_string(u64 hash, const char *s)
{
	for (; s && *s; s++)
		hash = mix(hash, (u8)*s);
	return mix(hash, s ? 1 : 2);
}

static u64 hash_view(const struct strategy_view *v)
{
	u64 hash = mix(v->step, v->relaxed);

	for (u32 i = 0; i < v->nr_tasks; i++) {
		const struct strategy_task *t = &v->task[i];

		hash = mix_string(hash, t->site->verb);
		hash = mix_string(hash, t->site->arg);
		hash = mix(hash, t->obj ? rt_arena_offset(t->obj) : 0);
	}
	return hash;
}

static int task_list(char *buf, size_t size, u32 set)
{
	int n = 0;

	buf[0] = 0;
	for (; set && n + 8 < (int)size; set &= set - 1) {
		int i = __builtin_ctz(set);

		n += snprintf(buf + n, size - (size_t)n, "%s%c%u",
			      n ? " " : "", rt_role(i), rt_index(i));
	}
	return n;
}

static void differs(const struct strategy_view *v, const struct record *r)
{
	char was[64], is[64];

	if (text[0])
		return;
	task_list(was, sizeof(was), r->enabled);
	task_list(is, sizeof(is), v->enabled);
	if (v->enabled != r->enabled)
		snprintf(text, sizeof(text),
			 "step %u: {%s} could run at first, {%s} in the repetition",
			 v->step + 1, was, is);
	else
		snprintf(text, sizeof(text),
			 "step %u: the tasks stand at other points in the repetition than at first",
			 v->step + 1);
}

static int twice_pick(const struct strategy_view *v, struct prng *prng)
{
	struct record *r = &record[at];

	if (at == RECORDS_MAX)
		return STRATEGY_END;
	at++;
	if (!second) {
		r->hash = hash_view(v);
		r->enabled = v->enabled;
		nr = at;
		if ((v->enabled & (v->enabled - 1)) || inner->every_step)
			r->answer = (u32)inner->pick(v, prng);
		else
			r->answer = (u32)__builtin_ctz(v->enabled);
		return (int)r->answer;
	}
	if (at > nr || r->enabled != v->enabled || r->hash != hash_view(v)) {
		if (at > nr)
			snprintf(text, sizeof(text),
				 "step %u: the repetition goes on, the first ended",
				 v->step + 1);
		else
			differs(v, r);
		return STRATEGY_END;
	}
	return (int)r->answer;
}

static int twice_choose(u32 n, const char *why, struct prng *prng)
{
	struct record *r = &record[at];
	u64 hash = mix_string(n, why);

	if (at == RECORDS_MAX)
		return 0;
	at++;
	if (!second) {
		r->hash = hash;
		r->enabled = 0;
		r->answer = 0;
		nr = at;
		if (inner->choose)
			r->answer = (u32)inner->choose(n, why, prng);
		return (int)r->answer;
	}
	if (at <= nr && !r->enabled && r->hash == hash)
		return (int)r->answer;
	if (!text[0])
		snprintf(text, sizeof(text),
			 "choice %s of %u was not there at first", why, n);
	return 0;
}

static void twice_end(const struct rt_result *result)
{
	if (!second && inner->end)
		inner->end(result);
	if (second && !text[0] && at != nr)
		snprintf(text, sizeof(text),
			 "the repetition ended at decision %u, the first at %u",
			 at, nr);
	second = !second;
}

static const char *twice_broken(void)
{
	if (text[0])
		return text;
	return inner->broken ? inner->broken() : NULL;
}

static const char *twice_lost(void)
{
	return inner->lost ? inner->lost() : NULL;
}

static const char *twice_summary(void)
{
	return inner->summary ? inner->summary() : NULL;
}

const struct strategy strategy_twice = {
	.name	= "twice",
	.help	= "twice:STRATEGY  make each execution two times and demand that they are the same (shuttle)",
	.setup	= twice_setup,
	.begin	= twice_begin,
	.pick	= twice_pick,
	.every_step = true,
	.choose	= twice_choose,
	.end	= twice_end,
	.repeat	= 2,
	.broken	= twice_broken,
	.lost	= twice_lost,
	.summary = twice_summary,
};

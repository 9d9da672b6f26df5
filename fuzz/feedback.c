// SPDX-License-Identifier: GPL-2.0
/*
 * feedback: what an execution is told apart by beside the edges it took. Edges
 * say which code ran, and nothing of who ran between; so that engines keep an
 * input for a new interleaving, two kinds of pair are counted as well:
 *
 *	switches	the point where a task was left, and the one where
 *			another went on
 *	reads		the site that wrote an object last, and the site of
 *			another task that reads it
 *
 * Reads are on unless the environment says otherwise. Switches are not: by
 * themselves they found mutations no sooner than edges do, and beside reads they
 * made it no better (results/fuzz.md).
 *
 * A task is its role, so that P0 and P1 are one. An object is compared by its
 * address within one execution, and nothing is made of addresses: a site is
 * hashed by what it says.
 *
 * It is a strategy around replay, since a strategy is who sees every pick.
 */
#include <stdio.h>
#include <string.h>

#include "fuzz/fuzz.h"

#define PLACES	1024		/* objects of an execution, half of it used */
#define SITES	2048		/* sites whose hash is kept */

struct access {
	u32 hash;		/* of site and role; 0: nobody */
	int task;
};

struct place {
	const void *obj;
	u32 execution;
	struct access writer;
};

static bool switches, reads = true;
static u8 seen[2 * FEEDBACK_COUNTERS];
static struct place place[PLACES];
static u32 nr_places, execution;
static struct {
	const struct rt_site *site;
	u32 hash;
} site_hash[SITES];
static u32 nr_sites;

int feedback_setup(const char *text)
{
	if (!text)
		return 0;
	switches = reads = false;
	if (!strcmp(text, "none"))
		return 0;
	while (*text) {
		size_t n = strcspn(text, ",");

		if (n == 8 && !strncmp(text, "switches", n)) {
			switches = true;
		} else if (n == 5 && !strncmp(text, "reads", n)) {
			reads = true;
		} else {
			fprintf(stderr, "HARNESS: SVMTORTURE_FEEDBACK: \"%s\" is not switches, reads or none\n",
				text);
			return -1;
		}
		text += n + (text[n] == ',');
	}
	return 0;
}

void feedback_totals(u32 *nr_switches, u32 *nr_reads)
{
	*nr_switches = *nr_reads = 0;
	for (u32 i = 0; i < FEEDBACK_COUNTERS; i++) {
		*nr_switches += seen[i];
		*nr_reads += seen[FEEDBACK_COUNTERS + i];
	}
}

static u32 mix(u32 hash, u32 word)
{
	hash = (hash ^ word) * 0x9e3779b1u;
	return hash ^ hash >> 15;
}

static u32 mix_text(u32 hash, const char *text)
{
	for (; text && *text; text++)
		hash = (hash ^ (u8)*text) * 0x01000193u;
	return hash;
}

static u32 hash_of(const struct rt_site *site)
{
	u32 at = (u32)((size_t)site >> 3) % SITES;

	for (; site_hash[at].site; at = (at + 1) % SITES)
		if (site_hash[at].site == site)
			return site_hash[at].hash;
	if (nr_sites == SITES / 2)
		return 1;
	nr_sites++;
	site_hash[at].site = site;
	site_hash[at].hash = mix_text(mix_text(mix(1, site->kind), site->verb),
				      site->arg);
	return site_hash[at].hash;
}

static void count(u32 kind, u32 a, u32 b)
{
	u32 counter = kind * FEEDBACK_COUNTERS +
		      mix(mix(0, a), b) % FEEDBACK_COUNTERS;

	seen[counter] = 1;
	feedback_count(counter);
}

static u32 op_hash(const struct rt_site *site, int task)
{
	return mix(hash_of(site), (u32)rt_role(task));
}

/* NULL: there is no room for more. */
static struct place *place_of(const void *obj)
{
	u32 at = mix(0, (u32)((size_t)obj >> 4)) % PLACES;

	for (; place[at].execution == execution; at = (at + 1) % PLACES)
		if (place[at].obj == obj)
			return &place[at];
	if (nr_places == PLACES / 2)
		return NULL;
	nr_places++;
	place[at] = (struct place){ .obj = obj, .execution = execution };
	return &place[at];
}

static void note_access(const struct strategy_task *t, int n)
{
	u8 kind = t->site->kind;
	bool writes = kind == RT_STORE || kind == RT_RMW || kind == RT_LOCK;
	struct place *p;

	if (!t->obj || (kind != RT_LOAD && !writes))
		return;
	p = place_of(t->obj);
	if (!p)
		return;
	if (kind != RT_STORE && p->writer.hash && p->writer.task != n)
		count(1, p->writer.hash, op_hash(t->site, n));
	if (writes)
		p->writer = (struct access){ op_hash(t->site, n), n };
}

static bool fuzz_begin(const struct rt_config *config, struct prng *prng)
{
	execution++;
	nr_places = 0;
	return strategy_replay.begin(config, prng);
}

static int fuzz_pick(const struct strategy_view *v, struct prng *prng)
{
	int n = strategy_replay.pick(v, prng);
	const struct strategy_task *t;

	if (n < 0)
		return n;
	t = &v->task[n];
	/* Where the task that ran stands now is where it was left. */
	if (switches && n != v->current && v->current >= 0)
		count(0, op_hash(v->task[v->current].site, v->current),
		      op_hash(t->site, n));
	if (reads)
		note_access(t, n);
	return n;
}

static int fuzz_choose(u32 n, const char *why, struct prng *prng)
{
	return strategy_replay.choose(n, why, prng);
}

const struct strategy strategy_fuzz = {
	.name	= "fuzz",
	.help	= "the schedule of a fuzz engine's input",
	.begin	= fuzz_begin,
	.pick	= fuzz_pick,
	.every_step = true,
	.choose	= fuzz_choose,
};

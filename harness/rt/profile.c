// SPDX-License-Identifier: GPL-2.0
/*
 * profile: see profile.h. A table by address finds a location; its slots carry
 * the number of the profile they belong to, so that nothing is ever cleared.
 */
#include "harness/rt/profile.h"

#define SLOTS	(4 * PROFILE_LOCATIONS)

static struct profile profile;
static u32 generation;
static struct {
	u32 generation;
	u32 location;
} slots[SLOTS];

/* The steps of the last execution, in order. */
static struct note {
	const void *obj;
	const struct rt_site *site;
	u32 task;
} notes[RT_STEPS_MAX];
static u32 nr_notes;
static u64 program;		/* rt_config.program of it */

static struct profile_location *find(const void *obj)
{
	u32 at = (u32)(((u64)(size_t)obj * 0x9e3779b97f4a7c15ull) >> 40) % SLOTS;
	struct profile_location *l;

	for (; slots[at].generation == generation; at = (at + 1) % SLOTS)
		if (profile.location[slots[at].location].obj == obj)
			return &profile.location[slots[at].location];
	if (profile.nr == PROFILE_LOCATIONS)
		return NULL;
	slots[at].generation = generation;
	slots[at].location = profile.nr;
	l = &profile.location[profile.nr++];
	*l = (struct profile_location){ .obj = obj };
	return l;
}

static void count_steps(void)
{
	__builtin_memset(profile.steps, 0, sizeof(profile.steps));
	for (u32 i = 0; i < nr_notes; i++)
		profile.steps[notes[i].task]++;
}

static void count_locations(void)
{
	profile.nr = 0;
	generation++;
	for (const struct note *n = notes; n < notes + nr_notes; n++) {
		struct profile_location *l;

		/* M0 comes after everybody: nothing is decided by what it does. */
		if (!n->task || !n->obj)
			continue;
		l = find(n->obj);
		if (!l)
			continue;
		l->tasks |= 1u << n->task;
		l->written |= strategy_writes(n->site);
		l->total++;
		l->count[n->task]++;
	}
}

const struct profile *profile_begin(const struct rt_config *config,
				    enum profile_part part)
{
	bool known = config->program && program == config->program;

	if (known && part == PROFILE_OF_STEPS)
		count_steps();
	if (known && part == PROFILE_OF_LOCATIONS)
		count_locations();
	nr_notes = 0;
	program = config->program;
	return known && part != PROFILE_OF_NOTHING ? &profile : NULL;
}

void profile_note(const struct strategy_view *v, int n)
{
	const struct strategy_task *t = &v->task[n];

	if (likely(nr_notes < RT_STEPS_MAX))
		notes[nr_notes++] = (struct note){ t->obj, t->site, (u32)n };
}

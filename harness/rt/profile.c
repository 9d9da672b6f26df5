// SPDX-License-Identifier: GPL-2.0
/*
 * profile: see profile.h. Two profiles take turns: one is filled while the
 * other is used. A table by address finds a location; its slots carry the
 * number of the profile they belong to, so that nothing is ever cleared.
 */
#include "harness/rt/profile.h"

#define SLOTS	(4 * PROFILE_LOCATIONS)

static struct profile profiles[2];
static u32 filling;		/* index in profiles[] */
static u32 generation;
static bool any;		/* the other one was filled */
static struct {
	u32 generation;
	u32 location;
} slots[SLOTS];

const struct profile *profile_begin(const struct rt_config *config)
{
	const struct profile *last = &profiles[filling];
	struct profile *p;

	filling ^= 1;
	p = &profiles[filling];
	p->program = config->program;
	p->nr = 0;
	__builtin_memset(p->steps, 0, sizeof(p->steps));
	generation++;
	if (!any) {
		any = true;
		return NULL;
	}
	return config->program && last->program == config->program ? last :
								     NULL;
}

static struct profile_location *find(struct profile *p, const void *obj)
{
	u32 at = (u32)(((u64)(size_t)obj * 0x9e3779b97f4a7c15ull) >> 40) % SLOTS;
	struct profile_location *l;

	for (; slots[at].generation == generation; at = (at + 1) % SLOTS)
		if (p->location[slots[at].location].obj == obj)
			return &p->location[slots[at].location];
	if (p->nr == PROFILE_LOCATIONS)
		return NULL;
	slots[at].generation = generation;
	slots[at].location = p->nr;
	l = &p->location[p->nr++];
	*l = (struct profile_location){ .obj = obj };
	return l;
}

void profile_note(const struct strategy_view *v, int n)
{
	struct profile *p = &profiles[filling];
	const struct strategy_task *t = &v->task[n];
	struct profile_location *l;

	p->steps[n]++;
	/* M0 comes after everybody: nothing is decided by what it does. */
	if (!n || !t->obj)
		return;
	l = find(p, t->obj);
	if (!l)
		return;
	l->tasks |= 1u << n;
	l->written |= strategy_writes(t->site);
	l->total++;
	l->count[n]++;
}

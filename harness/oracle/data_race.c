// SPDX-License-Identifier: GPL-2.0
/*
 * data-race: two accesses of one place, one of them a write and one of them
 * plain, that nothing orders. Told by harness/hooks/race.c, so only in the race
 * preset; the other side is the earlier access.
 */
#include "harness/oracle/oracle.h"

static const char *access(u64 flags)
{
	static const char *const name[] = {
		"plain read", "plain write", "marked read", "marked write",
	};

	return name[flags & 3];
}

static void data_race_event(const struct view *v, const struct event *e)
{
	oracle_raise(&oracle_data_race, (u32)e->b, "",
		     "A %s and, before it, a %s of one place: no lock, atomic or barrier orders them.",
		     access(e->c), access(e->c >> 8));
}

static const u16 kinds[] = { EV_data_race, 0 };

const struct oracle oracle_data_race = {
	.name	= "data-race",
	.claim	= "two accesses of one place are ordered, unless both only read or both are marked",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= data_race_event,
	.stateless = true,
};

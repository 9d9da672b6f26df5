// SPDX-License-Identifier: GPL-2.0
/*
 * v12-wait: nobody sleeps for what is already over.
 *
 * An invalidation sleeps for device faults that overlap it, and has asked each
 * of them to give way; a device fault sleeps for active ranges that overlap it.
 * Judged whenever one of them goes to sleep, for the first time or again: then
 * what it waits for must still be there.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/v12.h"

#define RANGES	24

static struct range {
	u32 seq;		/* 0: unused */
	u32 mm;
	u64 start, end;
} ranges[RANGES] __machine;

static void range_add(const struct event *e)
{
	for (u32 i = 0; i < RANGES; i++) {
		if (ranges[i].seq)
			continue;
		ranges[i] = (struct range){
			.seq = e->seq, .mm = (u32)e->a, .start = e->b,
			.end = e->c,
		};
		return;
	}
}

static void range_del(const struct event *e)
{
	for (u32 i = 0; i < RANGES; i++)
		if (ranges[i].seq && ranges[i].mm == e->a &&
		    ranges[i].start == e->b && ranges[i].end == e->c) {
			ranges[i].seq = 0;
			return;
		}
}

/* A device fault sleeps. */
static void range_asleep(const struct event *e)
{
	for (u32 i = 0; i < RANGES; i++)
		if (ranges[i].seq && ranges[i].mm == e->a &&
		    ranges[i].start < e->c && e->b < ranges[i].end)
			return;
	oracle_raise(&oracle_v12_wait, 0, "",
		     "A device fault at 0x%llx of mm%u sleeps for active ranges, and none overlaps it.",
		     e->b, (u32)e->a);
}

/* An invalidation sleeps. */
static void asleep(const struct event *e)
{
	const struct v12_fault *f = v12_overlapping(e);
	u32 mm = VIEW_V12_WAIT_MM(e->a);

	if (!f)
		oracle_raise(&oracle_v12_wait, 0, "",
			     "An invalidation of 0x%llx..0x%llx in mm%u sleeps for device faults, and none that overlaps it is listed.",
			     e->b, e->c, mm);
	if (!f->backoff)
		oracle_raise(&oracle_v12_wait, f->seq, "",
			     "An invalidation of 0x%llx..0x%llx in mm%u sleeps for a device fault that was not asked to give way.",
			     e->b, e->c, mm);
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_v12_range_add:
		range_add(e);
		break;
	case EV_v12_range_del:
		range_del(e);
		break;
	case EV_v12_range_asleep:
		range_asleep(e);
		break;
	case EV_v12_asleep:
		asleep(e);
		break;
	}
}

static const u16 kinds[] = {
	EV_v12_range_add, EV_v12_range_del, EV_v12_range_asleep,
	EV_v12_asleep, 0
};

const struct oracle oracle_v12_wait = {
	.name	= "v12-wait",
	.claim	= "who sleeps for a device fault or a range sleeps for one that is there and overlaps",
	.spec	= "I-B9",
	.kinds	= kinds,
	.event	= event,
};

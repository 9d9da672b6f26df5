// SPDX-License-Identifier: GPL-2.0
/*
 * signalling: nothing that a fence's signal depends on waits for memory.
 *
 * Between the begin and the end of a signalling section a task allocates
 * nothing, and takes no reservation, under which others allocate.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view.h"

static u8 inside[RT_TASKS_MAX] __machine;

static void event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_fence_section) {
		inside[e->task] = (u8)e->a;
		return;
	}
	if (!inside[e->task])
		return;
	oracle_raise(&oracle_signalling, 0, "",
		     "A task in a signalling section %s.",
		     e->kind == EV_alloc ? "allocates memory" :
					   "takes a reservation");
}

static const u16 kinds[] = { EV_fence_section, EV_alloc, EV_resv_lock, 0 };

const struct oracle oracle_signalling = {
	.name	= "signalling",
	.claim	= "in a signalling section nothing is allocated and no reservation taken",
	.spec	= "I-E9",
	.kinds	= kinds,
	.event	= event,
};

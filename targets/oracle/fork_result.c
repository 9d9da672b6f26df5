// SPDX-License-Identifier: GPL-2.0
/*
 * fork-result: fork() runs out of memory only if there was none.
 *
 * It may meet a lent page that somebody has locked, and a page that is pinned;
 * neither is a lack of memory, and neither may be called so.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define ENOMEM	12
#define SCARCE	8	/* free pages; with fewer, a zone may have had none */

/* By task, of the fork it is in. */
static struct {
	u32 seq;		/* 0: in none */
	bool no_memory;
} fork[RT_TASKS_MAX] __machine;

static void begin(const struct event *e)
{
	fork[e->task].seq = e->seq;
	fork[e->task].no_memory = false;
}

static void end(const struct view *v, const struct event *e)
{
	u32 seq = fork[e->task].seq;

	fork[e->task].seq = 0;
	if (!seq || (s64)e->c != -ENOMEM || fork[e->task].no_memory ||
	    v->nr_free() <= SCARCE)
		return;
	oracle_raise(&oracle_fork_result, seq, "",
		     "fork of mm%llu found no memory; %u page(s) are free and no allocation failed.",
		     e->a, v->nr_free());
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_fork_begin:
		begin(e);
		break;
	case EV_fork_end:
		end(v, e);
		break;
	case EV_alloc:
		fork[e->task].no_memory |= !e->a;
		break;
	case EV_fault_injected:
		fork[e->task].no_memory = true;
		break;
	}
}

static const u16 kinds[] = {
	EV_fork_begin, EV_fork_end, EV_alloc, EV_fault_injected, 0
};

const struct oracle oracle_fork_result = {
	.name	= "fork-result",
	.claim	= "fork runs out of memory only if there was none",
	.spec	= "I-D15",
	.kinds	= kinds,
	.event	= event,
};

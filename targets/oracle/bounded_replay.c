// SPDX-License-Identifier: GPL-2.0
/*
 * bounded-replay: an access does not fault for ever.
 *
 * Faulting often is no sign by itself. A replay sets every stalled access
 * going again, also those whose entry the handler has not reached, and a
 * cancel may meet its client just then. But an entry that was served says that
 * the access is now possible: if nobody but the handler changes its page, the
 * access cannot fault again more than a few times after that. Nor may its
 * entries be parsed over and over and left to the replay, or cancelled without
 * effect: one that is forbidden is killed. Counted per task, for the same
 * address and access within one call.
 *
 * An atomic access may want the page to itself, and take it from who was served.
 * It may do so once a call: another task's first fault for it is a change, and
 * those after it are not, or two calls could keep each other going.
 *
 * Entries that waited for a slot are written by the handler, not by their
 * task, and are not counted.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define BATCHES	4	/* K of I-A7 */
#define PARSED	40	/* more than the others of a program can replay it */

static struct {
	bool in_call;
	u8 page, access;
	u8 served, parsed;
	u32 seq;		/* of the first fault; 0: none in this call */
} last[RT_TASKS_MAX] __machine;

static u32 faulted __machine;	/* mask of tasks whose seq is not 0 */

/* Whose access an entry speaks for. */
static struct {
	u32 id;
	u8 task;
} owner[LEDGER_FAULTS] __machine;

static void changed(u32 first, u32 end)
{
	for (u32 mask = faulted; mask; mask &= mask - 1) {
		u32 task = (u32)__builtin_ctz(mask);

		if (last[task].page >= first && last[task].page < end)
			last[task].served = last[task].parsed = 0;
	}
}

static void raised(const struct event *e)
{
	u32 page = ledger_page(e->b), i = (u32)e->a % LEDGER_FAULTS;

	if (page >= PROG_PAGES || e->c == LEDGER_PREFETCH ||
	    !last[e->task].in_call)
		return;
	owner[i].id = (u32)e->a;
	owner[i].task = e->task;
	if (!last[e->task].seq || last[e->task].page != page ||
	    last[e->task].access != (u8)e->c) {
		last[e->task].page = (u8)page;
		last[e->task].access = (u8)e->c;
		last[e->task].served = last[e->task].parsed = 0;
		last[e->task].seq = e->seq;
		if (e->c == LEDGER_ATOMIC)
			changed(page, page + 1);
		faulted |= 1u << e->task;
	} else if (last[e->task].served > BATCHES ||
		   last[e->task].parsed > PARSED) {
		oracle_raise(&oracle_bounded_replay, last[e->task].seq, "",
			     "A %s at 0x%llx was parsed %u and served %u times in one call and faults again; nobody else changed that page.",
			     e->c == LEDGER_READ ? "read" : "write", e->b,
			     last[e->task].parsed, last[e->task].served);
	}
}

/* An entry is parsed, or served. */
static void handled(const struct event *e)
{
	u32 i = (u32)e->a % LEDGER_FAULTS, task = owner[i].task;

	if (e->a && owner[i].id == (u32)e->a && last[task].seq &&
	    last[task].page == ledger_page(e->b)) {
		last[task].served += e->kind == EV_fault_served;
		last[task].parsed += e->kind == EV_fault_parsed;
	}
}

static void event(const struct view *v, const struct event *e)
{
	u32 page, end;

	switch (e->kind) {
	case EV_call_begin:
	case EV_call_end:
		last[e->task].in_call = e->kind == EV_call_begin;
		last[e->task].seq = 0;
		faulted &= ~(1u << e->task);
		return;
	case EV_fault_raised:
		raised(e);
		return;
	case EV_fault_served:
	case EV_fault_parsed:
		handled(e);
		return;
	case EV_gpu_space:
	case EV_gpu_space_gone:
		changed(0, PROG_PAGES);
		return;
	}
	if (ledger.batch && e->task == ledger.batch_task)
		return;
	page = ledger_page(e->b);
	end = page + 1;
	if (e->kind != EV_pte_set)
		ledger_range(e->b, e->c, &page, &end);
	changed(page, end);
}

static const u16 kinds[] = {
	EV_call_begin, EV_call_end, EV_fault_raised, EV_fault_served,
	EV_fault_parsed, EV_gpu_space, EV_gpu_space_gone, EV_pte_set,
	EV_vma_set, EV_inv_begin, 0
};

const struct oracle oracle_bounded_replay = {
	.name	= "bounded-replay",
	.claim	= "an access that faults is served or cancelled within a few batches",
	.spec	= "I-A7",
	.kinds	= kinds,
	.event	= event,
};

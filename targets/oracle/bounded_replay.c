// SPDX-License-Identifier: GPL-2.0
/*
 * bounded-replay: an access does not fault for ever.
 *
 * A replay sets every stalled access going again, also those whose entry the
 * handler has not reached yet; such an access faults once or twice more than
 * it should have to. But if nothing changes its page meanwhile it is served or
 * killed after a few batches. Counted per task: the same address and access
 * again within one call. A change by anyone but the handler starts afresh.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define BATCHES	4	/* K of I-A7 */

static struct {
	u8 page, access;
	u8 raised;		/* 0: nothing raised in this call */
	u32 seq;		/* of the first */
} last[RT_TASKS_MAX] __machine;

static void raised(const struct event *e)
{
	u32 page = ledger_page(e->b);

	if (page >= PROG_PAGES || e->c == LEDGER_PREFETCH)
		return;
	if (!last[e->task].raised || last[e->task].page != page ||
	    last[e->task].access != (u8)e->c) {
		last[e->task].page = (u8)page;
		last[e->task].access = (u8)e->c;
		last[e->task].raised = 1;
		last[e->task].seq = e->seq;
		return;
	}
	if (++last[e->task].raised > BATCHES + 1)
		oracle_raise(&oracle_bounded_replay, last[e->task].seq, "",
			     "A %s at 0x%llx has faulted %u times in one call, and nothing changed that page.",
			     e->c == LEDGER_READ ? "read" : "write", e->b,
			     last[e->task].raised);
}

static void changed(u32 first, u32 end)
{
	for (u32 task = 0; task < RT_TASKS_MAX; task++)
		if (last[task].page >= first && last[task].page < end)
			last[task].raised = 0;
}

static void event(const struct view *v, const struct event *e)
{
	u32 page, end;

	switch (e->kind) {
	case EV_call_begin:
		last[e->task].raised = 0;
		return;
	case EV_fault_raised:
		raised(e);
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
	EV_call_begin, EV_fault_raised, EV_gpu_space, EV_gpu_space_gone,
	EV_pte_set, EV_vma_set, EV_inv_begin, 0
};

const struct oracle oracle_bounded_replay = {
	.name	= "bounded-replay",
	.claim	= "an access that faults is served or cancelled within a few batches",
	.spec	= "I-A7",
	.kinds	= kinds,
	.event	= event,
};

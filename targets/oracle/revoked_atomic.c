// SPDX-License-Identifier: GPL-2.0
/*
 * revoked-atomic: a fault handler takes the right to atomics away from a GPU
 * only for an invalidation.
 *
 * A page that is lent, or stands behind a device page, has an entry of the CPU
 * that says nothing about the GPU, so a handler that makes the GPU's entry what
 * the CPU's is would unmap it: the next atomic faults, though nobody wanted the
 * page back. What an invalidation
 * of the address takes is another matter, and so is the end of the mm.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* Has @pfn been taken from the CPU, whose entry is @cpu, and is it still? */
static bool stands_aside(u32 cpu, u32 pfn)
{
	return VIEW_KIND(cpu) == VIEW_EXCLUSIVE_WRITE ||
	       (VIEW_KIND(cpu) == VIEW_DEVICE_WRITE &&
		ledger_page_of(VIEW_PFN(cpu))->backing == pfn);
}

static void event(const struct view *v, const struct event *e)
{
	u32 space = (u32)e->a, page = ledger_page(e->b), mm;

	if (!ledger.batch || e->task != ledger.batch_task ||
	    !((u32)e->c & VIEW_A) || e->a >= VIEW_SPACES || page >= PROG_PAGES)
		return;
	mm = ledger.space_mm[space];
	if (mm >= PROG_MMS || ledger.mm_state[mm] != VIEW_MM_LIVE ||
	    !stands_aside(ledger.cpu[mm][page], VIEW_PFN(e->c)) ||
	    ledger_excused(space, page))
		return;
	oracle_raise(&oracle_revoked_atomic, ledger.cpu_seq[mm][page], "",
		     "GPU space %u had 0x%llx for its atomics, and the handler unmaps it; mm%u's entry is still %s.",
		     space, e->b, mm, ledger_word_name(ledger.cpu[mm][page]));
}

static const u16 kinds[] = { EV_gpu_unmap, 0 };

const struct oracle oracle_revoked_atomic = {
	.name	= "revoked-atomic",
	.claim	= "a fault handler unmaps a page it has lent only for an invalidation",
	.spec	= "Q-A12",
	.kinds	= kinds,
	.event	= event,
	.stateless = true,
};

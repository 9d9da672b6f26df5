// SPDX-License-Identifier: GPL-2.0
/*
 * stale-gpu-tlb: once a change of the GPU's page table is complete, its TLB
 * remembers nothing the table does not say.
 *
 * Between the change and the flush, under the space's mutex, it may.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* The TLB word gives nothing that the table's does not. */
static bool subset(u32 tlb, u32 entry)
{
	return VIEW_KIND(tlb) == VIEW_NONE ||
	       (VIEW_KIND(entry) == VIEW_KIND(tlb) &&
		VIEW_PFN(entry) == VIEW_PFN(tlb) &&
		!(tlb & ~entry & (VIEW_W | VIEW_A)) &&
		!((tlb ^ entry) & VIEW_VRAM));
}

static void check(u32 space, u32 page)
{
	u32 tlb = ledger.gpu_tlb[space][page];
	u32 entry = ledger.gpu[space][page];

	if (subset(tlb, entry))
		return;
	oracle_raise(&oracle_stale_gpu_tlb, ledger.gpu_seq[space][page],
		     ledger_page_name(VIEW_PFN(tlb)),
		     "The TLB of GPU space %u holds %s for 0x%llx; its page table says %s and no change is in progress.",
		     space, ledger_word_name(tlb), VIEW_VA(page),
		     ledger_word_name(entry));
}

static void event(const struct view *v, const struct event *e)
{
	u32 space = (u32)e->a, page = ledger_page(e->b), first, last;

	if (space >= VIEW_SPACES)
		return;
	if (e->kind == EV_gpu_op_end) {
		ledger_range(e->b, e->c, &first, &last);
		for (page = first; page < last; page++)
			check(space, page);
		return;
	}
	if (page < PROG_PAGES && !(ledger.gpu_owed[space] >> page & 1))
		check(space, page);
}

static void quiesce(const struct view *v)
{
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1)
		for (u32 page = 0; page < PROG_PAGES; page++)
			check((u32)__builtin_ctz(mask), page);
}

static const u16 kinds[] = {
	EV_gpu_op_end, EV_gpu_load, EV_gpu_store, 0
};

const struct oracle oracle_stale_gpu_tlb = {
	.name	= "stale-gpu-tlb",
	.claim	= "after a change of the GPU's page table its TLB is a subset of it",
	.spec	= "I-A3",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

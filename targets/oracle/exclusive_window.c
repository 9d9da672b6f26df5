// SPDX-License-Identifier: GPL-2.0
/*
 * exclusive-window: from the success of make_device_exclusive_range() until the
 * caller unlocks the page, no CPU has a way to it.
 *
 * That is the time in which the driver tells its device to go ahead. So there is
 * no present entry of the page and no translation to it in any CPU's TLB, in
 * any mm. What was tried and failed is not locked by the task any more; entries
 * that were replaced on the way stay, and the next access brings them back.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void __attribute__((noreturn))
fail(u32 pfn, const char *what)
{
	oracle_raise(&oracle_exclusive_window, ledger_page_of(pfn)->locked_seq,
		     ledger_page_name(pfn),
		     "page#%u was made exclusive, its lock is still held, and %s.",
		     pfn, what);
}

static void made(const struct view *v, u32 pfn, u8 task)
{
	const struct ledger_page *p = ledger_page_of(pfn);

	if (p->locker != task + 1)
		oracle_raise(&oracle_exclusive_window, p->locked_seq,
			     ledger_page_name(pfn),
			     "page#%u was made exclusive and its maker has not locked it.",
			     pfn);
	if (p->present || p->mapcount)
		fail(pfn, "an entry maps it");
	if (ledger_in_tlb(v, pfn))
		fail(pfn, "a CPU's TLB has it");
}

static void failed(u32 pfn, u8 task)
{
	const struct ledger_page *p = ledger_page_of(pfn);

	if (pfn && p->locker == task + 1)
		oracle_raise(&oracle_exclusive_window, p->locked_seq,
			     ledger_page_name(pfn),
			     "page#%u could not be made exclusive and is still locked.",
			     pfn);
}

static void event(const struct view *v, const struct event *e)
{
	u32 pfn = VIEW_PFN(e->c);

	switch (e->kind) {
	case EV_exclusive_made:
		if (e->c < VIEW_PFNS)
			made(v, (u32)e->c, e->task);
		break;
	case EV_exclusive_failed:
		if (e->c < VIEW_PFNS)
			failed((u32)e->c, e->task);
		break;
	case EV_pte_set:
		if (VIEW_KIND(e->c) == VIEW_PRESENT &&
		    ledger_names_page((u32)e->c) && ledger_page_of(pfn)->lent)
			fail(pfn, "an entry for it was set");
		break;
	case EV_tlb_fill:
		if (ledger_names_page((u32)e->c) && ledger_page_of(pfn)->lent)
			fail(pfn, "a CPU's TLB was filled with it");
		break;
	case EV_cpu_store:
		pfn = VIEW_DATA_PFN(e->c);
		if (pfn && pfn < VIEW_PFNS && ledger_page_of(pfn)->lent)
			fail(pfn, "a CPU stored to it");
		break;
	}
}

static const u16 kinds[] = {
	EV_exclusive_made, EV_exclusive_failed, EV_pte_set, EV_tlb_fill,
	EV_cpu_store, 0
};

const struct oracle oracle_exclusive_window = {
	.name	= "exclusive-window",
	.claim	= "while the page is locked by who made it exclusive, no CPU has an entry or a translation for it",
	.spec	= "I-D2 I-D12",
	.kinds	= kinds,
	.event	= event,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * stale-tlb: a CPU goes on with what its TLB remembers only until the flush
 * that is owed.
 *
 *	munmap()				another CPU
 *	clear PTE
 *						store, old page	[allowed]
 *	flush TLBs
 *						store, old page	[not allowed]
 *
 * Whoever takes something away from an entry owes a flush of it: to the end of
 * its gather (munmap, MADV_DONTNEED, mprotect, exit, reaping), of its fork, or
 * else of its bracket (copy on write). A flush by anybody pays. fork is why
 * stores through a writable entry to a page already shared with the child are
 * allowed: the child does not run before the flush.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void raise_left(u32 mm, u32 page, u32 cpu, u32 word, const char *when)
{
	oracle_raise(&oracle_stale_tlb, ledger.cpu_seq[mm][page],
		     ledger_page_name(VIEW_PFN(word)),
		     "%s a CPU TLB (task %u) still holds %s for mm%u at 0x%llx; the entry is %s.",
		     when, cpu, ledger_word_name(word), mm, VIEW_VA(page),
		     ledger_word_name(ledger.cpu[mm][page]));
}

/* The operation that owed these flushes is over. */
static void settled(const struct view *v, u32 mm)
{
	u32 cpu, word;

	for (u32 mask = ledger.settled; mask; mask &= mask - 1) {
		u32 page = (u32)__builtin_ctz(mask);

		if (!ledger.tlb_cpus[mm][page])
			continue;
		word = ledger_stale_tlb(v, mm, page, &cpu);
		if (word)
			raise_left(mm, page, cpu, word,
				   "After the flush that was owed");
	}
}

static void used(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), page = ledger_page(e->b), word;
	u32 need = VIEW_WORD(VIEW_PRESENT, 0, VIEW_DATA_PFN(e->c)) |
		   (e->kind == EV_cpu_store ? VIEW_W : 0);

	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	word = ledger.cpu[mm][page];
	if (ledger_allows(word, need) || ledger.tlb_owed[mm][page])
		return;
	oracle_raise(&oracle_stale_tlb, ledger.cpu_seq[mm][page],
		     ledger_page_name(VIEW_DATA_PFN(e->c)),
		     "A %s at 0x%llx in mm%u went to page#%u; the entry is %s and no flush of it is owed.",
		     e->kind == EV_cpu_store ? "store" : "load", e->b, mm,
		     VIEW_DATA_PFN(e->c), ledger_word_name(word));
}

static void filled(const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), page = ledger_page(e->b);

	if (mm >= PROG_MMS || page >= PROG_PAGES ||
	    ledger_allows(ledger.cpu[mm][page], (u32)e->c) ||
	    ledger.tlb_owed[mm][page])
		return;
	oracle_raise(&oracle_stale_tlb, ledger.cpu_seq[mm][page],
		     ledger_page_name(VIEW_PFN(e->c)),
		     "A CPU TLB was filled with %s for mm%u at 0x%llx; the entry is %s and no flush of it is owed.",
		     ledger_word_name((u32)e->c), mm, e->b,
		     ledger_word_name(ledger.cpu[mm][page]));
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_cpu_load:
	case EV_cpu_store:
		used(e);
		break;
	case EV_tlb_fill:
		filled(e);
		break;
	case EV_inv_closed:
		if (ledger.bracket != LEDGER_UNKNOWN)
			settled(v, ledger.brackets[ledger.bracket].mm);
		break;
	default:
		if (e->a < PROG_MMS)
			settled(v, (u32)e->a);
	}
}

static void quiesce(const struct view *v)
{
	u32 cpu, word;

	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			word = ledger_stale_tlb(v, mm, page, &cpu);
			if (word)
				raise_left(mm, page, cpu, word,
					   "With no operation in flight");
		}
	}
}

static const u16 kinds[] = {
	EV_cpu_load, EV_cpu_store, EV_tlb_fill, EV_gather_end, EV_fork_end,
	EV_inv_closed, 0
};

const struct oracle oracle_stale_tlb = {
	.name	= "stale-tlb",
	.claim	= "a CPU TLB disagrees with the page table only while somebody still owes the flush",
	.spec	= "I-M17",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * data: every load returns what was stored last.
 *
 * Each virtual page of each mm has a shadow, the value a program must read
 * there. Stores move it; zapping a page zeroes it; copy on write does not
 * touch it, which is the point: a lost or a torn copy shows as a load that
 * disagrees. fork hands the parent's shadows to the child, entry by entry.
 *
 * Between a change of an entry and the TLB flush that is owed for it, accesses
 * may still go to the old page:
 *
 *  - the entry now names another page or none: a load may return what the old
 *    page held when the entry changed, or what such late accesses stored since;
 *    a store changes nothing that the page tables can reach;
 *  - the entry names the same page with fewer rights: it is the page, so a
 *    store moves the shadow, and in fork also the child's, whose entry for the
 *    page may already be there.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define MIXED	0xffff		/* more than one old page is in some TLB */

static struct {
	u32 value[PROG_MMS][PROG_PAGES];
	u32 stale_value[PROG_MMS][PROG_PAGES];
	u16 stale_pfn[PROG_MMS][PROG_PAGES];	/* 0: none */
	u32 store_seq[PROG_MMS][PROG_PAGES];
} data __machine;

static void pte_set(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 old = ledger.old_word, parent;
	u16 *stale;

	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	parent = ledger.fork_parent[mm];
	if (VIEW_KIND(old) == VIEW_NONE) {
		if (parent != LEDGER_UNKNOWN &&
		    ledger.fork_task[parent] == e->task)
			data.value[mm][page] = data.value[parent][page];
		return;
	}
	if (ledger_readable(old) && VIEW_PFN(word) != VIEW_PFN(old)) {
		stale = &data.stale_pfn[mm][page];
		if (ledger.old_tlb_owed && *stale && *stale != VIEW_PFN(old))
			*stale = MIXED;
		else
			*stale = (u16)VIEW_PFN(old);
		data.stale_value[mm][page] = data.value[mm][page];
	}
	if (VIEW_KIND(word) == VIEW_NONE && ledger_zapping(e->task, mm)) {
		data.value[mm][page] = 0;
		data.store_seq[mm][page] = e->seq;
	}
}

static void store(u32 mm, u32 page, u32 pfn, const struct event *e)
{
	u32 word = ledger.cpu[mm][page], value = VIEW_DATA_VALUE(e->c);
	u32 child = ledger.fork_child[mm];

	if (VIEW_KIND(word) == VIEW_PRESENT && VIEW_PFN(word) == pfn) {
		data.value[mm][page] = value;
		data.store_seq[mm][page] = e->seq;
		if (child != LEDGER_UNKNOWN &&
		    VIEW_KIND(ledger.cpu[child][page]) == VIEW_PRESENT &&
		    VIEW_PFN(ledger.cpu[child][page]) == pfn)
			data.value[child][page] = value;
	} else if (data.stale_pfn[mm][page] == pfn) {
		data.stale_value[mm][page] = value;
	}
}

static void load(u32 mm, u32 page, u32 pfn, const struct event *e,
		 const char *who)
{
	u32 word = ledger.cpu[mm][page], value = VIEW_DATA_VALUE(e->c);
	u32 expected = data.value[mm][page];

	if (VIEW_KIND(word) != VIEW_PRESENT || VIEW_PFN(word) != pfn) {
		if (data.stale_pfn[mm][page] != pfn)
			return;
		expected = data.stale_value[mm][page];
	}
	if (value == expected)
		return;
	oracle_raise(&oracle_data, data.store_seq[mm][page],
		     ledger_page_name(pfn),
		     "A %s load at 0x%llx in mm%u returned %u from page#%u; the value there is %u.",
		     who, e->b, mm, value, pfn, expected);
}

static void gpu_access(const struct event *e)
{
	u32 page = ledger_page(e->b), pfn = VIEW_DATA_PFN(e->c);
	u32 space = (u32)e->a, mm, word;

	if (space >= VIEW_SPACES || page >= PROG_PAGES)
		return;
	mm = ledger.space_mm[space];
	if (mm >= PROG_MMS)
		return;
	word = ledger.cpu[mm][page];
	if (VIEW_KIND(word) != VIEW_PRESENT || VIEW_PFN(word) != pfn) {
		if (ledger_excused(space, page))
			return;
		oracle_raise(&oracle_data, ledger.cpu_seq[mm][page],
			     ledger_page_name(pfn),
			     "A GPU %s at 0x%llx in space %u went to page#%u; mm%u's entry there is %s.",
			     e->kind == EV_gpu_store ? "store" : "load", e->b,
			     space, pfn, mm, ledger_word_name(word));
	}
	if (e->kind == EV_gpu_store)
		store(mm, page, pfn, e);
	else
		load(mm, page, pfn, e, "GPU");
}

static void event(const struct view *v, const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a), page;

	switch (e->kind) {
	case EV_mm_new:
		mm = (u32)e->b;
		for (page = 0; mm < PROG_MMS && page < PROG_PAGES; page++) {
			data.value[mm][page] = 0;
			data.stale_pfn[mm][page] = 0;
			data.store_seq[mm][page] = 0;
		}
		break;
	case EV_pte_set:
		pte_set(e);
		break;
	case EV_gpu_load:
	case EV_gpu_store:
		gpu_access(e);
		break;
	default:
		page = ledger_page(e->b);
		if (mm >= PROG_MMS || page >= PROG_PAGES)
			return;
		if (e->kind == EV_cpu_store)
			store(mm, page, VIEW_DATA_PFN(e->c), e);
		else
			load(mm, page, VIEW_DATA_PFN(e->c), e, "CPU");
	}
}

/* What a program would read now, had it another call. */
static void quiesce(const struct view *v)
{
	if (!ledger_live())
		return;
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.cpu[mm][page], pfn = VIEW_PFN(word);
			u32 value;

			if (VIEW_KIND(word) != VIEW_PRESENT || pfn >= VIEW_PFNS)
				continue;
			value = v->page(pfn).value;
			if (value != data.value[mm][page])
				oracle_raise(&oracle_data,
					     data.store_seq[mm][page],
					     ledger_page_name(pfn),
					     "page#%u, which mm%u maps at 0x%llx, holds %u; the value there is %u.",
					     pfn, mm, VIEW_VA(page), value,
					     data.value[mm][page]);
		}
	}
}

static const u16 kinds[] = {
	EV_mm_new, EV_pte_set, EV_cpu_load, EV_cpu_store, EV_gpu_load,
	EV_gpu_store, 0
};

const struct oracle oracle_data = {
	.name	= "data",
	.claim	= "a load returns the value stored last, or, before an owed TLB flush, one that was current since",
	.spec	= "I-M20 I-A16",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

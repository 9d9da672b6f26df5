// SPDX-License-Identifier: GPL-2.0
/*
 * freed-page: nothing names a page that is free.
 *
 * Judged when the last reference goes, not when a bracket ends: munmap() and
 * its like end their bracket before they flush the TLBs, and may, because the
 * pages stay referenced by the gather until the flush is done. By then the
 * page has also lost what made it somebody's. Judged again when it is handed
 * out: nothing may have come to name it meanwhile. The LRU takes no reference,
 * so it may only be given a page that somebody has.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static bool names(u32 word, u32 pfn)
{
	return VIEW_KIND(word) != VIEW_NONE && VIEW_PFN(word) == pfn &&
	       !(word & VIEW_ZERO);
}

static void __attribute__((noreturn))
fail_cpu(u32 mm, u32 page, u32 word, const char *what)
{
	oracle_raise(&oracle_freed_page, ledger.cpu_seq[mm][page],
		     ledger_page_name(VIEW_PFN(word)),
		     "page#%u is free and mm%u's %s for 0x%llx is %s.",
		     VIEW_PFN(word), mm, what, VIEW_VA(page),
		     ledger_word_name(word));
}

static void __attribute__((noreturn))
fail_gpu(u32 space, u32 page, u32 word, const char *what)
{
	oracle_raise(&oracle_freed_page, ledger.gpu_seq[space][page],
		     ledger_page_name(VIEW_PFN(word)),
		     "page#%u is free and the %s of GPU space %u for 0x%llx is %s.",
		     VIEW_PFN(word), what, space, VIEW_VA(page),
		     ledger_word_name(word));
}

static void freed_mm(const struct view *v, u32 mm, u32 pfn)
{
	bool tlb = ledger_page_of(pfn)->in_tlb;

	for (u32 page = 0; page < PROG_PAGES; page++) {
		u32 mask = tlb ? ledger.tlb_cpus[mm][page] : 0;

		if (names(ledger.cpu[mm][page], pfn))
			fail_cpu(mm, page, ledger.cpu[mm][page], "entry");
		for (; mask; mask &= mask - 1) {
			u32 cpu = (u32)__builtin_ctz(mask);
			u32 word = (u32)v->cpu_tlb(cpu, mm, VIEW_VA(page));

			if (names(word, pfn))
				fail_cpu(mm, page, word, "TLB entry");
		}
	}
}

static void freed_space(u32 space, u32 pfn)
{
	for (u32 page = 0; page < PROG_PAGES; page++) {
		if (names(ledger.gpu[space][page], pfn))
			fail_gpu(space, page, ledger.gpu[space][page], "entry");
		if (names(ledger.gpu_tlb[space][page], pfn))
			fail_gpu(space, page, ledger.gpu_tlb[space][page],
				 "TLB entry");
	}
}

static void check_flags(const struct view *v, u32 pfn)
{
	struct view_page p = v->page(pfn);
	const char *left = NULL;

	if (p.locked)
		left = "locked";
	else if (p.exclusive)
		left = "ANON_EXCLUSIVE";
	else if (p.lru)
		left = "on the LRU";
	else if (p.anon)
		left = "anonymous";
	else if (p.mapping != VIEW_MAPPING_NONE)
		left = "in a mapping";
	else if (p.mapcount)
		left = "counted as mapped";
	if (left)
		oracle_raise(&oracle_freed_page, 0, ledger_page_name(pfn),
			     "page#%u was freed while it is %s.", pfn, left);
}

/* What holds a device page's data must last as long as the device page. */
static void check_backing(u32 pfn)
{
	u32 device = ledger_page_of(pfn)->backs;

	if (device && ledger_page_of(device)->allocated &&
	    ledger_page_of(device)->backing == pfn)
		oracle_raise(&oracle_freed_page, ledger_page_seq(device),
			     ledger_page_name(pfn),
			     "page#%u is free and holds the data of device page#%u, which is not.",
			     pfn, device);
}

static void event(const struct view *v, const struct event *e)
{
	u32 pfn = (u32)e->a;
	const struct ledger_page *p;

	if (!pfn || pfn >= VIEW_PFNS)
		return;
	p = ledger_page_of(pfn);
	if (e->kind == EV_page_lru) {
		if (e->b && !p->allocated)
			oracle_raise(&oracle_freed_page, p->seq,
				     ledger_page_name(pfn),
				     "page#%u is free and was put on the LRU.",
				     pfn);
		return;
	}
	if (e->kind == EV_page_free)
		check_flags(v, pfn);
	check_backing(pfn);
	for (u32 mm = 0; mm < PROG_MMS; mm++)
		if (ledger_mm_exists(mm) && (p->named || p->in_tlb))
			freed_mm(v, mm, pfn);
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1)
		freed_space((u32)__builtin_ctz(mask), pfn);
}

static bool is_free(const struct view *v, u32 word)
{
	u32 pfn = VIEW_PFN(word);

	return VIEW_KIND(word) != VIEW_NONE && pfn && pfn < VIEW_PFNS &&
	       !v->page(pfn).refcount;
}

static void quiesce_mm(const struct view *v, u32 mm)
{
	for (u32 page = 0; page < PROG_PAGES; page++) {
		u32 mask = ledger_live() ? ledger.tlb_cpus[mm][page] : ~0u;

		if (is_free(v, ledger.cpu[mm][page]))
			fail_cpu(mm, page, ledger.cpu[mm][page], "entry");
		for (; mask; mask &= mask - 1) {
			u32 cpu = (u32)__builtin_ctz(mask);
			u32 word = (u32)v->cpu_tlb(cpu, mm, VIEW_VA(page));

			if (is_free(v, word))
				fail_cpu(mm, page, word, "TLB entry");
		}
	}
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++)
		if (ledger_mm_exists(mm))
			quiesce_mm(v, mm);
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		for (u32 page = 0; page < PROG_PAGES; page++) {
			if (is_free(v, ledger.gpu[space][page]))
				fail_gpu(space, page, ledger.gpu[space][page],
					 "entry");
			if (is_free(v, ledger.gpu_tlb[space][page]))
				fail_gpu(space, page,
					 ledger.gpu_tlb[space][page],
					 "TLB entry");
		}
	}
}

static const u16 kinds[] = { EV_page_free, EV_page_alloc, EV_page_lru, 0 };

const struct oracle oracle_freed_page = {
	.name	= "freed-page",
	.claim	= "no page table, no TLB, of a CPU or a GPU, and no LRU list names a free page",
	.spec	= "I-M3 I-A15",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * anon-exclusive: who may write an anonymous page in place is its only user.
 *
 * Judged whenever an entry or the flag is set, over all entries of any kind that
 * name the page then; a page of a file is nobody's alone and is not judged.
 * fork therefore must take the parent's write right and the page's flag before
 * the child's entry appears, which is what it does: it holds both PTLs.
 *
 * A pinned page keeps its flag, or the I/O that it is pinned for is not the
 * owner's any more. Only fork may take it from one whose pin came without a
 * lock, while fork was on its way: that pin is given back.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static bool is_exclusive(const struct view *v, u32 pfn)
{
	if (ledger_live())
		return ledger_page_of(pfn)->exclusive;
	return v->page(pfn).exclusive;
}

/* An entry that says "this mm has the page", a READ migration entry apart. */
static bool maps(u32 word, u32 pfn)
{
	return VIEW_KIND(word) != VIEW_NONE &&
	       VIEW_KIND(word) != VIEW_MIGRATION_READ && VIEW_PFN(word) == pfn;
}

/* The entry (mm, page) against the page's flag and all other entries. */
static void check(const struct view *v, u32 mm, u32 page)
{
	u32 word = ledger.cpu[mm][page], pfn = VIEW_PFN(word);
	bool excl = is_exclusive(v, pfn);

	if (VIEW_KIND(word) == VIEW_PRESENT && ledger_writes(word) && !excl)
		oracle_raise(&oracle_anon_exclusive, ledger_page_seq(pfn),
			     ledger_page_name(pfn),
			     "mm%u's entry at 0x%llx is %s and the page is not ANON_EXCLUSIVE.",
			     mm, VIEW_VA(page), ledger_word_name(word));
	if (ledger_live() && ledger_page_of(pfn)->named < 2)
		return;
	for (u32 m = 0; m < PROG_MMS; m++) {
		if (!ledger_mm_exists(m))
			continue;
		for (u32 i = 0; i < PROG_PAGES; i++) {
			u32 other = ledger.cpu[m][i];

			if (!maps(other, pfn) || (m == mm && i == page))
				continue;
			if (excl)
				oracle_raise(&oracle_anon_exclusive,
					     ledger.cpu_seq[m][i],
					     ledger_page_name(pfn),
					     "page#%u is ANON_EXCLUSIVE and two entries name it: mm%u at 0x%llx and mm%u at 0x%llx.",
					     pfn, m, VIEW_VA(i), mm, VIEW_VA(page));
			if (ledger_writes(other) || ledger_writes(word))
				oracle_raise(&oracle_anon_exclusive,
					     ledger.cpu_seq[m][i],
					     ledger_page_name(pfn),
					     "page#%u is shared and an entry lets it be written: mm%u at 0x%llx is %s, mm%u at 0x%llx is %s.",
					     pfn, m, VIEW_VA(i), ledger_word_name(other),
					     mm, VIEW_VA(page), ledger_word_name(word));
		}
	}
}

/* Entries of anonymous pages: what a file's page allows is everybody's. */
static bool judged(const struct view *v, u32 word)
{
	return ledger_names_page(word) &&
	       VIEW_KIND(word) != VIEW_MIGRATION_READ &&
	       ledger_is_anon(v, VIEW_PFN(word));
}

/* The flag of @pfn is set: no two entries may name it. */
static void now_exclusive(u32 pfn)
{
	u32 nr = 0;

	if (!pfn || pfn >= VIEW_PFNS || ledger_page_of(pfn)->named < 2)
		return;
	for (u32 mm = 0; mm < PROG_MMS; mm++)
		for (u32 page = 0; page < PROG_PAGES; page++)
			if (ledger_mm_exists(mm) &&
			    maps(ledger.cpu[mm][page], pfn) && nr++)
				oracle_raise(&oracle_anon_exclusive,
					     ledger.cpu_seq[mm][page],
					     ledger_page_name(pfn),
					     "page#%u becomes ANON_EXCLUSIVE and mm%u's entry at 0x%llx is not the only one that names it.",
					     pfn, mm, VIEW_VA(page));
}

/* The flag of @pfn is gone; the task of @e does it. */
static void not_exclusive(u32 pfn, const struct event *e)
{
	const struct ledger_page *p;

	if (!pfn || pfn >= VIEW_PFNS)
		return;
	for (u32 mm = 0; mm < PROG_MMS; mm++)
		if (ledger.fork_child[mm] != LEDGER_UNKNOWN &&
		    ledger.fork_task[mm] == e->task)
			return;
	p = ledger_page_of(pfn);
	if (p->held[VIEW_REF_PIN])
		oracle_raise(&oracle_anon_exclusive, p->pin_seq,
			     ledger_page_name(pfn),
			     "page#%u is pinned and not ANON_EXCLUSIVE any more.",
			     pfn);
}

static void event(const struct view *v, const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;

	if (e->kind == EV_page_exclusive) {
		if (e->b)
			now_exclusive(mm);
		else
			not_exclusive(mm, e);
		return;
	}
	/* The same page with no more rights can break nothing. */
	if (mm < PROG_MMS && page < PROG_PAGES && judged(v, word) &&
	    (!ledger_allows(ledger.old_word, word) || word & VIEW_PROT_NONE))
		check(v, mm, page);
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++)
			if (judged(v, ledger.cpu[mm][page]))
				check(v, mm, page);
	}
}

static const u16 kinds[] = { EV_pte_set, EV_page_exclusive, 0 };

const struct oracle oracle_anon_exclusive = {
	.name	= "anon-exclusive",
	.claim	= "a writable entry and a pin have an ANON_EXCLUSIVE page, and no second entry names such a page",
	.spec	= "I-M4 I-M5",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * pte-permission: an entry gives no more than its VMA does.
 *
 * The VMA's rights count as of the moment an entry is set: mprotect() changes
 * the VMA first and walks the entries after, so entries it has not yet reached
 * are judged when its bracket ends, not while it runs; then also what a page
 * gave that is not present, because it comes back with it (I-D7). Who puts back
 * what a migration took away may be ahead of the walk in the same way. munmap()
 * likewise takes the VMAs away first; entries left behind show when its bracket
 * ends.
 *
 * The zero page, a device's registers, the kinds of entry a page may be named
 * by, and the place it has in what the VMA maps are here too: they are limits on
 * a single word.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static const char *const prot_name[] = { "no VMA", "none", "r", "rw" };

static void check_kind(u32 mm, u32 page, u32 word)
{
	u32 kind = VIEW_KIND(word), pfn = VIEW_PFN(word);
	const char *wrong = NULL;

	if (kind == VIEW_PRESENT && !pfn && !(word & VIEW_ZERO))
		wrong = "the zero page as if it were an ordinary one";
	else if (kind == VIEW_PRESENT && pfn >= VIEW_PFNS && word & VIEW_ZERO &&
		 (!ledger_live() ||
		  ledger.vma[mm][page] == VIEW_VMA_SPECIAL + 1))
		return;		/* a device's register */
	else if (kind == VIEW_PRESENT && pfn && word & VIEW_ZERO)
		wrong = "an ordinary page as if it were the zero page";
	else if (kind == VIEW_PRESENT && !pfn && word & VIEW_W)
		wrong = "the zero page for writing";
	else if (kind != VIEW_PRESENT && !pfn)
		wrong = "the zero page as if it could move";
	else if ((kind == VIEW_PRESENT || ledger_lent(word)) &&
		 pfn >= VIEW_DEVICE_PFN)
		wrong = "device memory as present";
	else if (ledger_device_private(word) && pfn < VIEW_DEVICE_PFN)
		wrong = "a system page as device memory";
	else if (pfn >= VIEW_PFNS)
		wrong = "a page there is not";
	else if (ledger_live() && ledger_device_private(word) &&
		 !ledger.device[pfn - VIEW_DEVICE_PFN])
		wrong = "device memory of no device";
	if (wrong)
		oracle_raise(&oracle_pte_permission, 0, ledger_page_name(pfn),
			     "mm%u's entry at 0x%llx (%s) maps %s.", mm,
			     VIEW_VA(page), ledger_word_name(word), wrong);
}

/*
 * An anonymous page is found again by its index, so it must be the address's.
 * What a migration entry names may already have given its place to another.
 */
static void check_index(u32 mm, u32 page, u32 word)
{
	const struct ledger_page *p;

	if (!ledger_live() || !ledger_names_page(word) ||
	    ledger_migrating(word) || !ledger.vma[mm][page])
		return;
	p = ledger_page_of(VIEW_PFN(word));
	if (p->mapping == VIEW_MAPPING_ANON &&
	    p->index != ledger.vma_index[mm][page])
		oracle_raise(&oracle_pte_permission, 0,
			     ledger_page_name(VIEW_PFN(word)),
			     "mm%u's entry at 0x%llx is %s, an anonymous page of index %u; the VMA has index %u there.",
			     mm, VIEW_VA(page), ledger_word_name(word),
			     p->index, ledger.vma_index[mm][page]);
	if (ledger.vma[mm][page] == VIEW_VMA_ANON + 1 &&
	    p->mapping != VIEW_MAPPING_ANON)
		oracle_raise(&oracle_pte_permission, 0,
			     ledger_page_name(VIEW_PFN(word)),
			     "mm%u's entry at 0x%llx is %s, which is not an anonymous page; the VMA is anonymous.",
			     mm, VIEW_VA(page), ledger_word_name(word));
}

static void check_prot(u32 mm, u32 page, u32 word)
{
	u32 prot = ledger.prot[mm][page];

	if (VIEW_KIND(word) == VIEW_NONE)
		return;
	if (prot == VIEW_UNMAPPED || (ledger_writes(word) && prot < VIEW_PROT_RW) ||
	    (ledger_readable(word) && prot < VIEW_PROT_R))
		oracle_raise(&oracle_pte_permission, ledger.cpu_seq[mm][page],
			     ledger_page_name(VIEW_PFN(word)),
			     "mm%u's entry at 0x%llx is %s; the VMA's rights there are: %s.",
			     mm, VIEW_VA(page), ledger_word_name(word),
			     prot_name[prot < ARRAY_SIZE(prot_name) ? prot : 0]);
}

/* Every entry of the range, where the operation says it is done with it. */
static void inv_end(void)
{
	const struct ledger_bracket *b;

	if (ledger.bracket == LEDGER_UNKNOWN)
		return;
	b = &ledger.brackets[ledger.bracket];
	if (b->event != LEDGER_UNMAP && b->event != LEDGER_PROTECTION_VMA)
		return;
	for (u32 page = b->first; page < b->end; page++)
		check_prot(b->mm, page, ledger.cpu[b->mm][page]);
}

/*
 * mprotect() or munmap() of another task has changed the VMAs and has yet to
 * reach the entry: its bracket's end is when it counts.
 */
static bool ahead_of_walk(u32 mm, u8 task, u32 old, u32 word)
{
	return ledger.protecting[mm] && ledger.protecting[mm] != task + 1 &&
	       (ledger_migrating(old) || ledger_migrating(word) ||
		ledger_lent(old));
}

/*
 * The page's own entry was taken away a moment ago, by who has the page locked,
 * and gives way to one that gives no more; or it is put back.
 */
static bool taken_away(const struct event *e, u32 mm, u32 page, u32 word)
{
	u32 was = ledger.was[mm][page];

	return VIEW_KIND(ledger.old_word) == VIEW_NONE &&
	       ledger_names_page(word) && VIEW_PFN(was) == VIEW_PFN(word) &&
	       ledger_page_of(VIEW_PFN(word))->locker == e->task + 1 &&
	       (ledger_writes(was) || !ledger_writes(word));
}

/* As a split writes a huge entry's parts, of PROT_NONE too. */
static bool gives_no_more(u32 old, u32 word)
{
	if (VIEW_KIND(old) != VIEW_PRESENT)
		return false;
	return ledger_allows(old, word) ||
	       (VIEW_KIND(word) == VIEW_PRESENT && word & VIEW_PROT_NONE &&
		VIEW_PFN(old) == VIEW_PFN(word) &&
		(!(word & VIEW_W) || old & VIEW_W));
}

static void set(const struct event *e, u32 mm, u32 page, u32 word)
{
	u32 old = ledger.old_word;

	check_kind(mm, page, word);
	if (VIEW_KIND(old) != VIEW_PRESENT || VIEW_PFN(old) != VIEW_PFN(word))
		check_index(mm, page, word);
	/* Losing rights is never wrong, even if not all are lost yet. */
	if (gives_no_more(old, word))
		return;
	if (VIEW_PFN(old) == VIEW_PFN(word) && VIEW_KIND(word) != VIEW_PRESENT &&
	    ledger_writes(old) && !ledger_migrating(old))
		return;
	if (taken_away(e, mm, page, word))
		return;
	if (!ahead_of_walk(mm, e->task, old, word))
		check_prot(mm, page, word);
}

static void event(const struct view *v, const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;

	switch (e->kind) {
	case EV_pte_set:
		if (mm >= PROG_MMS || page >= PROG_PAGES ||
		    VIEW_KIND(word) == VIEW_NONE)
			return;
		set(e, mm, page, word);
		break;
	case EV_inv_end:
		inv_end();
		break;
	case EV_page_lru:
		if (e->b && e->a >= VIEW_DEVICE_PFN)
			oracle_raise(&oracle_pte_permission, 0,
				     ledger_page_name((u32)e->a),
				     "page#%llu, device memory, was put on the LRU.",
				     e->a);
		break;
	case EV_page_mapcount:
		if (!e->a)
			oracle_raise(&oracle_pte_permission, 0, "page#0",
				     "The zero page was counted as mapped.");
		break;
	case EV_page_get:
		if (!e->a && (e->c == VIEW_REF_PTE || e->c == VIEW_REF_PIN))
			oracle_raise(&oracle_pte_permission, 0, "page#0",
				     "The zero page was %s.", e->c == VIEW_REF_PIN ?
				     "pinned" : "given a page table reference");
		break;
	case EV_cpu_store:
	case EV_gpu_store:
	case EV_gup_store:
		if (!VIEW_DATA_PFN(e->c))
			oracle_raise(&oracle_pte_permission, 0, "page#0",
				     "A store at 0x%llx went to the zero page.",
				     e->b);
		break;
	}
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.cpu[mm][page];

			if (VIEW_KIND(word) == VIEW_NONE)
				continue;
			check_kind(mm, page, word);
			check_index(mm, page, word);
			check_prot(mm, page, word);
		}
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_inv_end, EV_page_lru, EV_page_get, EV_page_mapcount,
	EV_cpu_store, EV_gpu_store, EV_gup_store, 0
};

const struct oracle oracle_pte_permission = {
	.name	= "pte-permission",
	.claim	= "an entry lies in a VMA, at its page's place, gives no more than the VMA does, and never lets the zero page be written",
	.spec	= "I-M7 I-M8 I-M18 I-M19 I-D7",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

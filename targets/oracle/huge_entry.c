// SPDX-License-Identifier: GPL-2.0
/*
 * huge-entry: what one entry for many pages says, it says of all of them, and
 * a split changes its form alone.
 *
 * Such an entry is told page by page. At rest the pages of one have it
 * together, with the same rights, in frames that are in a row and begin on
 * their natural boundary, or a device that maps them as one block would reach
 * others. When it is split each page keeps what was known of it: that it was
 * written may be known nowhere else. Whether it may be read at all is not
 * compared: a split may come between mprotect()'s change of the VMA, from which
 * it takes that, and its change of the entry.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define ROW	8		/* pages of a huge entry */
#define KEPT	(VIEW_W | VIEW_DIRTY | VIEW_YOUNG | VIEW_SOFT_DIRTY | \
		 VIEW_UFFD_WP)

static u32 seen __machine;	/* mask of mms that had one */

static void split(u32 mm, u32 page, u32 old, u32 word)
{
	u32 lost = old & ~word & KEPT;

	if (lost)
		oracle_raise(&oracle_huge_entry, 0,
			     ledger_page_name(VIEW_PFN(word)),
			     "The split of mm%u's huge entry at 0x%llx forgot that page#%u was %s.",
			     mm, VIEW_VA(page), VIEW_PFN(word),
			     lost & VIEW_DIRTY ? "written" :
			     lost & VIEW_W ? "writable" : "used");
}

static void event(const struct view *v, const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 old = ledger.old_word;

	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	if (word & VIEW_HUGE) {
		seen |= 1u << mm;
		return;
	}
	if (old & VIEW_HUGE && VIEW_KIND(word) == VIEW_PRESENT &&
	    VIEW_PFN(old) == VIEW_PFN(word))
		split(mm, page, old, word);
}

/* @row is the first of its pages. */
static void check_row(u32 mm, u32 row)
{
	u32 first = ledger.cpu[mm][row];

	for (u32 i = 0; i < ROW; i++) {
		u32 word = ledger.cpu[mm][row + i];

		if (!((first | word) & VIEW_HUGE))
			continue;
		if ((word ^ first) & 0xffff || VIEW_PFN(first) % ROW ||
		    VIEW_PFN(word) != VIEW_PFN(first) + i)
			oracle_raise(&oracle_huge_entry, ledger.cpu_seq[mm][row + i],
				     ledger_page_name(VIEW_PFN(word)),
				     "mm%u has page#%u at 0x%llx as the first of a huge entry, and page#%u at 0x%llx.",
				     mm, VIEW_PFN(first), VIEW_VA(row),
				     VIEW_PFN(word), VIEW_VA(row + i));
	}
}

static void quiesce(const struct view *v)
{
	u32 mask = ledger_live() ? seen : (1u << PROG_MMS) - 1;

	for (; mask; mask &= mask - 1) {
		u32 mm = (u32)__builtin_ctz(mask);

		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 row = 0; row < PROG_PAGES; row += ROW)
			check_row(mm, row);
	}
}

static const u16 kinds[] = { EV_pte_set, 0 };

const struct oracle oracle_huge_entry = {
	.name	= "huge-entry",
	.claim	= "the pages of a huge entry are in a row and have it together, and its split forgets nothing of them",
	.spec	= "core.md 3.2",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

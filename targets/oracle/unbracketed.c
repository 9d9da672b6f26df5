// SPDX-License-Identifier: GPL-2.0
/*
 * unbracketed: secondary MMUs hear of a change before it is made.
 *
 * An entry they may have copied loses something only while a bracket that
 * covers it is open, in that mm. What they may have copied is a present page,
 * a device's own, or one that was lent to them. What only adds (nothing to
 * something, read to write of the same page, the end of a migration, which
 * nobody copies) needs none; nor do young, dirty and soft-dirty. A huge entry
 * that is split loses its form, which was copied too. Any open bracket will do,
 * not only the caller's own: between its start and its end nothing may be
 * copied from the range.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static bool lowers(u32 old, u32 word)
{
	u32 from = VIEW_KIND(old), to = VIEW_KIND(word);

	if (from == VIEW_PRESENT && to == VIEW_PRESENT)
		return VIEW_PFN(old) != VIEW_PFN(word) ||
		       (old & ~word & (VIEW_W | VIEW_HUGE)) ||
		       (!(old & VIEW_PROT_NONE) && word & VIEW_PROT_NONE);
	if (from == VIEW_PRESENT)
		return !(old & VIEW_PROT_NONE);
	if (from < VIEW_DEVICE_READ)
		return false;
	return VIEW_PFN(old) != VIEW_PFN(word) ||
	       (from != to && !(from == VIEW_DEVICE_READ &&
				to == VIEW_DEVICE_WRITE));
}

static void event(const struct view *v, const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b);
	u32 old = ledger.old_word, word = (u32)e->c;

	if (mm >= PROG_MMS || page >= PROG_PAGES || !lowers(old, word) ||
	    ledger_covered(mm, page))
		return;
	oracle_raise(&oracle_unbracketed, 0, ledger_page_name(VIEW_PFN(old)),
		     "mm%u's entry at 0x%llx went from %s to %s outside every open invalidation bracket.",
		     mm, VIEW_VA(page), ledger_word_name(old),
		     ledger_word_name(word));
}

static const u16 kinds[] = { EV_pte_set, 0 };

const struct oracle oracle_unbracketed = {
	.name	= "unbracketed",
	.claim	= "an entry loses rights or its page only inside an open invalidation bracket that covers it",
	.spec	= "I-M9",
	.kinds	= kinds,
	.event	= event,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * v12-invalidate: when a mirror's callback returns, nothing of what it was told
 * to take away is left, in the mirror's table or in the device's; for a page
 * without a bracket, before device faults are let in again.
 *
 * What must go depends on why: for an end of the mapping, all; for fork and
 * write-back, the right to write; for mprotect(), what the VMA no longer gives.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/v12.h"

/* What may be left of a present entry. */
enum left { LEFT_NOTHING, LEFT_READ, LEFT_ALL };

static enum left allowed(const struct ledger_bracket *b, u32 page)
{
	switch (b->event) {
	case LEDGER_PROTECTION_PAGE:
	case LEDGER_SOFT_DIRTY:
		return LEFT_READ;
	case LEDGER_PROTECTION_VMA:
		if (ledger.prot[b->mm][page] == VIEW_PROT_RW)
			return LEFT_ALL;
		return ledger.prot[b->mm][page] == VIEW_PROT_R ? LEFT_READ :
			LEFT_NOTHING;
	default:
		return LEFT_NOTHING;
	}
}

static void check(const struct ledger_bracket *b, u32 space, u32 page, u32 word,
		  const char *where)
{
	enum left left = allowed(b, page);

	if (VIEW_KIND(word) != VIEW_PRESENT || left == LEFT_ALL ||
	    (left == LEFT_READ && !(word & VIEW_W)))
		return;
	oracle_raise(&oracle_v12_invalidate, b->seq,
		     ledger_page_name(VIEW_PFN(word)),
		     "The callback for an invalidation of mm%u returned and %s of GPU space %u has %s at 0x%llx.",
		     b->mm, where, space, ledger_word_name(word),
		     VIEW_VA(page));
}

/* A page that was told of after the change may be there again at once. */
static bool of_page(const struct ledger_bracket *b)
{
	return b->id & VIEW_V12_PAGE_ID;
}

/* The bracket that is judged now; NULL: none. */
static const struct ledger_bracket *judged(const struct event *e)
{
	const struct ledger_bracket *b;

	if (e->kind == EV_v12_page_done) {
		for (u32 mask = ledger.open; mask; mask &= mask - 1) {
			b = &ledger.brackets[__builtin_ctz(mask)];
			if (of_page(b) && b->task == e->task && b->mm == e->a)
				return b;
		}
		return NULL;
	}
	if (ledger.bracket == LEDGER_UNKNOWN || e->c & 2)
		return NULL;
	b = &ledger.brackets[ledger.bracket];
	return b->blockable && !of_page(b) ? b : NULL;
}

static void event(const struct view *v, const struct event *e)
{
	const struct ledger_bracket *b = judged(e);

	if (!b)
		return;
	for (u32 mask = ledger.space_of[b->mm]; mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		if (e->kind == EV_callback_end &&
		    ledger.notifier[space] != e->b)
			continue;
		for (u32 page = b->first; page < b->end; page++) {
			check(b, space, page, v12_entry(v, space, page),
			      "the mirror table");
			check(b, space, page, ledger.gpu[space][page],
			      "the device");
		}
	}
}

static const u16 kinds[] = { EV_callback_end, EV_v12_page_done, 0 };

const struct oracle oracle_v12_invalidate = {
	.name	= "v12-invalidate",
	.claim	= "when a callback returns, nothing that it was to take away is left in a mirror's table or its device's",
	.spec	= "I-B7",
	.kinds	= kinds,
	.event	= event,
};

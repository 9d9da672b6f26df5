// SPDX-License-Identifier: GPL-2.0
/*
 * stale-pte: no device PTE outlives the CPU mapping it was copied from.
 *
 * Where the two disagree, an invalidation that covers the address must be
 * between its start and its callback to this GPU space. That is tested where
 * an entry changes on either side, where such a callback ends, and where such
 * an invalidation is called off. A device with memory of its own may name the
 * page of its that the CPU names, or the data of that, or what its own
 * migration is moving (ledger_space_allows()). Entries with the right to
 * atomics are oracle mirror's and atomic-exclusive's.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void check(u32 space, u32 page, const char *when)
{
	u32 word = ledger.gpu[space][page], mm = ledger.space_mm[space];
	u32 seq;

	if (VIEW_KIND(word) != VIEW_PRESENT || word & VIEW_A ||
	    mm >= PROG_MMS || ledger_space_allows(space, page, word) ||
	    ledger_excused(space, page))
		return;
	/* The event this one contradicts is the older of the two changes. */
	seq = ledger.gpu_seq[space][page] < ledger.cpu_seq[mm][page] ?
		ledger.gpu_seq[space][page] : ledger.cpu_seq[mm][page];
	oracle_raise(&oracle_stale_pte, seq, ledger_page_name(VIEW_PFN(word)),
		     "%sGPU space %u maps %s at 0x%llx; mm%u's entry there is %s.",
		     when, space, ledger_word_name(word), VIEW_VA(page), mm,
		     ledger_word_name(ledger.cpu[mm][page]));
}

/* @cleared: only spaces whose callback in this bracket has finished. */
static void check_bracket(bool cleared, const char *when)
{
	const struct ledger_bracket *b;
	u32 spaces = ~0u;

	if (ledger.bracket == LEDGER_UNKNOWN)
		return;
	b = &ledger.brackets[ledger.bracket];
	if (cleared)
		spaces = b->cleared;
	for (u32 mask = spaces & ledger.space_of[b->mm]; mask; mask &= mask - 1)
		for (u32 page = b->first; page < b->end; page++)
			check((u32)__builtin_ctz(mask), page, when);
}

static void event(const struct view *v, const struct event *e)
{
	u32 page = ledger_page(e->b), spaces;

	switch (e->kind) {
	case EV_pte_set:
		if (e->a >= PROG_MMS || page >= PROG_PAGES)
			return;
		spaces = ledger.space_of[e->a];
		for (; spaces; spaces &= spaces - 1)
			check((u32)__builtin_ctz(spaces), page, "");
		break;
	case EV_gpu_map:
		if (e->a < VIEW_SPACES && page < PROG_PAGES)
			check((u32)e->a, page, "");
		break;
	case EV_callback_end:
		if (!(e->c & 2))
			check_bracket(true, "After its callback, ");
		break;
	case EV_inv_open:
		check_bracket(false, "With the invalidation open, ");
		break;
	case EV_inv_refused:
		check_bracket(false, "With the invalidation called off, ");
		break;
	}
}

static void quiesce(const struct view *v)
{
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		if (ledger.space_mm[space] < PROG_MMS &&
		    ledger.mm_state[ledger.space_mm[space]] == VIEW_MM_LIVE)
			for (u32 page = 0; page < PROG_PAGES; page++)
				check(space, page, "");
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_gpu_map, EV_callback_end, EV_inv_open, EV_inv_refused, 0
};

const struct oracle oracle_stale_pte = {
	.name	= "stale-pte",
	.claim	= "no device PTE outlives the CPU mapping it was copied from",
	.spec	= "I-A1 I-A2 I-T1 I-T2",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

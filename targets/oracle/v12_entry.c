// SPDX-License-Identifier: GPL-2.0
/*
 * v12-entry: a mirror's table says what the CPU's does.
 *
 * A valid entry names the page that the CPU's names, and is writable only if
 * that is; or an invalidation that covers it is on its way to the mirror.
 * Judged where an entry is made, over the range of a device fault that
 * succeeded, and at rest.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/v12.h"

/* What the CPU's entry was counts too while its invalidation is on its way. */
static bool right(u32 space, u32 page, u32 word)
{
	u32 mm = ledger.space_mm[space], cpu = ledger.cpu[mm][page];

	if (ledger_allows(cpu, word))
		return true;
	return ledger_excused(space, page);
}

static void raise(u32 space, u32 page, u32 word, const char *when)
{
	u32 mm = ledger.space_mm[space];

	oracle_raise(&oracle_v12_entry, ledger.cpu_seq[mm][page],
		     ledger_page_name(VIEW_PFN(word)),
		     "%sthe mirror table of GPU space %u has %s at 0x%llx; mm%u's entry there is %s.",
		     when, space, ledger_word_name(word), VIEW_VA(page), mm,
		     ledger_word_name(ledger.cpu[mm][page]));
}

static void check(const struct view *v, u32 space, u32 page, const char *when)
{
	u32 word = v12_entry(v, space, page);

	if (ledger.space_mm[space] < PROG_MMS &&
	    VIEW_KIND(word) == VIEW_PRESENT && !right(space, page, word))
		raise(space, page, word, when);
}

static bool names(u32 cpu, u32 word)
{
	return VIEW_KIND(cpu) != VIEW_NONE && VIEW_PFN(cpu) == VIEW_PFN(word);
}

/* It names a page the CPU has, or had last if that is being taken away. */
static void made(const struct event *e)
{
	u32 space = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 mm;

	if (space >= VIEW_SPACES || page >= PROG_PAGES ||
	    VIEW_KIND(word) != VIEW_PRESENT || word & VIEW_DIRTY)
		return;
	mm = ledger.space_mm[space];
	if (mm >= PROG_MMS || !(ledger.spaces >> space & 1))
		return;
	if (!right(space, page, word) ||
	    (!names(ledger.cpu[mm][page], word) &&
	     !names(ledger.was[mm][page], word)))
		raise(space, page, word, "Made by a device fault, ");
}

static void event(const struct view *v, const struct event *e)
{
	u32 space = (u32)(e->a & 0xff), first, last;

	if (e->kind == EV_v12_entry) {
		made(e);
		return;
	}
	if (space >= VIEW_SPACES || e->a >> 8 ||
	    !(ledger.spaces >> space & 1))
		return;
	ledger_range(e->b, e->c, &first, &last);
	for (u32 page = first; page < last; page++)
		check(v, space, page, "After a device fault, ");
}

static void quiesce(const struct view *v)
{
	for (u32 mask = ledger.spaces; v->hmm_v12 && mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		if (ledger.space_mm[space] < PROG_MMS &&
		    ledger.mm_state[ledger.space_mm[space]] == VIEW_MM_LIVE)
			for (u32 page = 0; page < PROG_PAGES; page++)
				check(v, space, page, "At rest, ");
	}
}

static const u16 kinds[] = { EV_v12_entry, EV_v12_fault_done, 0 };

const struct oracle oracle_v12_entry = {
	.name	= "v12-entry",
	.claim	= "a valid entry of a mirror's table names the CPU's page, with no more rights",
	.spec	= "I-B4 I-B5",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

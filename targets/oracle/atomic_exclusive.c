// SPDX-License-Identifier: GPL-2.0
/*
 * atomic-exclusive: who may do atomics on a page has it to himself.
 *
 * An entry of a GPU with the right to atomics stands beside an entry of the
 * CPU that cannot be used: the page is lent, or stands behind a device page. It
 * may be late only in the way any entry may, while an invalidation of the
 * address has not finished with this space.
 *
 * The page itself is stricter. No bracket excuses a CPU that can reach the page,
 * in whichever mm, while the GPU's table or TLB still has the right: the GPU
 * loses it before a CPU's entry is set, and a CPU's TLB is flushed before the
 * GPU gets it. A mirror without a TLB is held to the same by its entries.
 *
 * What a holder of a reference stores is not excluded by lending a page.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* Entries and TLB entries with the right, of all spaces: an upper bound. Most
 * executions have none, and pay for one test. */
static u32 granted __machine;

static bool atomic(u32 word)
{
	return VIEW_KIND(word) == VIEW_PRESENT && word & VIEW_A;
}

/* Where @pfn may be the object of an atomic: its seq, or 0. */
static u32 held_by_gpu(u32 pfn, u32 *space, u32 *page)
{
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1) {
		*space = (u32)__builtin_ctz(mask);
		for (*page = 0; *page < PROG_PAGES; ++*page) {
			u32 word = ledger.gpu[*space][*page];
			u32 tlb = ledger.gpu_tlb[*space][*page];

			if ((atomic(word) && VIEW_PFN(word) == pfn) ||
			    (atomic(tlb) && VIEW_PFN(tlb) == pfn))
				return ledger.gpu_seq[*space][*page];
		}
	}
	return 0;
}

static void __attribute__((noreturn, cold))
fail(u32 pfn, u32 space, u32 page, u32 seq, const char *what)
{
	oracle_raise(&oracle_atomic_exclusive, seq, ledger_page_name(pfn),
		     "%s page#%u, and GPU space %u may do atomics on it at 0x%llx.",
		     what, pfn, space, VIEW_VA(page));
}

/* A CPU has got a way to the page of @word. */
static void reached(u32 word, const char *what)
{
	u32 space, page, seq;

	if (!granted || !ledger_readable(word) || !ledger_names_page(word))
		return;
	seq = held_by_gpu(VIEW_PFN(word), &space, &page);
	if (seq)
		fail(VIEW_PFN(word), space, page, seq, what);
}

static void check_entry(u32 space, u32 page)
{
	u32 word = ledger.gpu[space][page], mm = ledger.space_mm[space], seq;

	if (!atomic(word) || mm >= PROG_MMS ||
	    ledger_space_allows(space, page, word) ||
	    ledger_excused(space, page))
		return;
	seq = ledger.gpu_seq[space][page] < ledger.cpu_seq[mm][page] ?
		ledger.gpu_seq[space][page] : ledger.cpu_seq[mm][page];
	oracle_raise(&oracle_atomic_exclusive, seq,
		     ledger_page_name(VIEW_PFN(word)),
		     "GPU space %u may do atomics on page#%u at 0x%llx; mm%u's entry there is %s.",
		     space, VIEW_PFN(word), VIEW_VA(page), mm,
		     ledger_word_name(ledger.cpu[mm][page]));
}

/* The GPU has got the right to @pfn. */
static void gained(const struct view *v, const struct event *e)
{
	const u32 space = (u32)e->a, page = ledger_page(e->b);
	const u32 pfn = VIEW_PFN(e->c);

	if (space >= VIEW_SPACES || page >= PROG_PAGES || !atomic((u32)e->c) ||
	    !pfn || pfn >= VIEW_PFNS)
		return;
	granted++;
	if (e->kind == EV_gpu_map)
		check_entry(space, page);
	if (ledger_page_of(pfn)->present)
		fail(pfn, space, page, ledger_page_of(pfn)->exclusive_seq,
		     "An entry maps");
	if (ledger_in_tlb(v, pfn))
		fail(pfn, space, page, ledger_page_of(pfn)->exclusive_seq,
		     "A CPU's TLB has");
}

static void check_mm(u32 mm, u32 first, u32 end)
{
	for (u32 mask = ledger.space_of[mm]; mask; mask &= mask - 1)
		for (u32 page = first; page < end; page++)
			check_entry((u32)__builtin_ctz(mask), page);
}

static void event(const struct view *v, const struct event *e)
{
	const struct ledger_bracket *b;
	u32 page = ledger_page(e->b);

	if (e->kind == EV_gpu_map || e->kind == EV_gpu_tlb_fill) {
		gained(v, e);
		return;
	}
	if (!granted)
		return;
	switch (e->kind) {
	case EV_pte_set:
		if (e->a >= PROG_MMS || page >= PROG_PAGES)
			break;
		reached((u32)e->c, "A CPU's entry is set for");
		check_mm((u32)e->a, page, page + 1);
		break;
	case EV_tlb_fill:
		reached((u32)e->c, "A CPU's TLB is filled with");
		break;
	case EV_inv_open:
	case EV_inv_refused:
		if (ledger.bracket == LEDGER_UNKNOWN)
			break;
		b = &ledger.brackets[ledger.bracket];
		check_mm(b->mm, b->first, b->end);
		break;
	}
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		u32 space, page;

		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		check_mm(mm, 0, PROG_PAGES);
		for (u32 i = 0; i < PROG_PAGES; i++) {
			u32 word = ledger.cpu[mm][i];

			if (ledger_readable(word) && ledger_names_page(word) &&
			    held_by_gpu(VIEW_PFN(word), &space, &page))
				fail(VIEW_PFN(word), space, page, 0,
				     "At rest an entry maps");
		}
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_tlb_fill, EV_gpu_map, EV_gpu_tlb_fill, EV_inv_open,
	EV_inv_refused, 0
};

const struct oracle oracle_atomic_exclusive = {
	.name	= "atomic-exclusive",
	.claim	= "no CPU has a way to a page that a GPU may do atomics on",
	.spec	= "I-A18 I-C3 I-D3",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

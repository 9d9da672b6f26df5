// SPDX-License-Identifier: GPL-2.0
/*
 * mirror: a device that may do atomics on a page is the only one that has it,
 * and a mirror that is closed leaves nothing.
 *
 * An entry with the right to atomics stands for a page that the CPU has lent:
 * where it is no longer, an invalidation of it is on its way to this mirror.
 * Closing a mirror takes its notifier back and brings home every page of the
 * device that nobody was just busy with, also those of other mirrors. One whose
 * lock was made to look taken seemed busy: of an execution in which that
 * happened nothing is said.
 *
 * The other entries of a mirror are copies of the CPU's and judged as such: by
 * stale-pte as long as they stand, by unchecked-map when they are made.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static u32 closing[VIEW_SPACES] __machine;	/* seq of gpu_space_gone */
static bool made_busy __machine;

static void check(u32 space, u32 page)
{
	u32 word = ledger.gpu[space][page], mm = ledger.space_mm[space];
	u32 seq;

	if (VIEW_KIND(word) != VIEW_PRESENT || !(word & VIEW_A) ||
	    mm >= PROG_MMS || ledger_space_allows(space, page, word) ||
	    ledger_excused(space, page))
		return;
	seq = ledger.gpu_seq[space][page] < ledger.cpu_seq[mm][page] ?
		ledger.gpu_seq[space][page] : ledger.cpu_seq[mm][page];
	oracle_raise(&oracle_mirror, seq, ledger_page_name(VIEW_PFN(word)),
		     "GPU space %u may do atomics on page#%u at 0x%llx; mm%u's entry there is %s.",
		     space, VIEW_PFN(word), VIEW_VA(page), mm,
		     ledger_word_name(ledger.cpu[mm][page]));
}

static void check_bracket(void)
{
	const struct ledger_bracket *b;

	if (ledger.bracket == LEDGER_UNKNOWN)
		return;
	b = &ledger.brackets[ledger.bracket];
	for (u32 mask = ledger.space_of[b->mm]; mask; mask &= mask - 1)
		for (u32 page = b->first; page < b->end; page++)
			check((u32)__builtin_ctz(mask), page);
}

/* A page that nobody touched since the closing began was forgotten. */
static void check_left(u32 dev, u32 since)
{
	for (u32 i = 0; i < VIEW_PFNS - VIEW_DEVICE_PFN; i++) {
		const struct ledger_page *p;

		if (ledger.device[i] != dev + 1)
			continue;
		p = ledger_page_of(VIEW_DEVICE_PFN + i);
		if (p->allocated && p->devices && p->seq < since &&
		    !p->locker && p->locked_seq < since)
			oracle_raise(&oracle_mirror, p->seq,
				     ledger_page_name(VIEW_DEVICE_PFN + i),
				     "A mirror of device %u was closed and page#%u of it was left where it was.",
				     dev, VIEW_DEVICE_PFN + i);
	}
}

static void closed(const struct event *e)
{
	for (u32 i = 0; i < LEDGER_SUBS; i++) {
		const struct ledger_sub *s = &ledger.intervals[i];

		if (s->state == SUB_LIVE && s->object == ledger.notifier[e->a])
			oracle_raise(&oracle_mirror, s->seq, "",
				     "A mirror of mm%u was closed and its notifier is still there.",
				     s->mm);
	}
	if (!made_busy)
		check_left((u32)e->b, closing[e->a]);
}

static void event(const struct view *v, const struct event *e)
{
	u32 page = ledger_page(e->b);

	switch (e->kind) {
	case EV_pte_set:
		if (e->a >= PROG_MMS || page >= PROG_PAGES)
			return;
		for (u32 mask = ledger.space_of[e->a]; mask; mask &= mask - 1)
			check((u32)__builtin_ctz(mask), page);
		break;
	case EV_gpu_map:
		if (e->a < VIEW_SPACES && page < PROG_PAGES)
			check((u32)e->a, page);
		break;
	case EV_inv_open:
	case EV_inv_refused:
		check_bracket();
		break;
	case EV_gpu_space_gone:
		if (e->a < VIEW_SPACES)
			closing[e->a] = e->seq;
		break;
	case EV_fault_injected:
		made_busy = true;
		break;
	case EV_dmirror_close:
		if (e->a < VIEW_SPACES)
			closed(e);
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
				check(space, page);
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_gpu_map, EV_inv_open, EV_inv_refused,
	EV_gpu_space_gone, EV_dmirror_close, EV_fault_injected, 0
};

const struct oracle oracle_mirror = {
	.name	= "mirror",
	.claim	= "a device with the right to atomics has the page to itself, and a closed mirror leaves nothing",
	.spec	= "I-T3 I-T5 I-D3",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

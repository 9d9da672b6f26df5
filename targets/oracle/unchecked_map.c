// SPDX-License-Identifier: GPL-2.0
/*
 * unchecked-map: what a driver maps is true when it maps it.
 *
 * hmm_range_fault() is lockless: its result may be wrong when it returns, and
 * nobody is to blame. The driver is, if it programs the device with it after
 * all: then, under its lock and after a clean mmu_interval_read_retry(), the
 * CPU entry is what is being mapped, or an invalidation that covers it is on
 * its way and waits for that very lock.
 *
 * driver_map announces such a write; the next gpu_map of the page is the write.
 * A driver that did ask the sequence was made to wait until its notifier was in
 * the mm's tree; one that was inserted in the middle of an invalidation is not, and
 * nobody calls it.
 * Whoever writes it, nothing becomes valid inside a bracket that has called
 * this space back, interval notifiers first: nobody would take it away again.
 * Nor between the callback's turn at the driver's lock and its end.
 * A migration or exclusive access that the driver asked for itself is an
 * exception, and only for its own spaces.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static u32 announced[VIEW_SPACES] __machine;	/* mask of program pages */

/*
 * A bracket that will not call this space again, and has not ended. One that
 * was refused is not one: it is being called off.
 */
static u32 called_bracket(u32 space, u32 mm, u32 page)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		const struct ledger_bracket *b =
			&ledger.brackets[__builtin_ctz(mask)];

		if (b->mm == mm && page >= b->first && page < b->end &&
		    (b->phase == BRACKET_OPEN || b->called >> space & 1) &&
		    b->phase != BRACKET_END && !b->refused &&
		    !ledger_own_bracket(space, b))
			return b->seq;
	}
	return 0;
}

/* The notifier of @space is inserted and has never been in the tree: the seq of
 * its insertion, or 0. */
static u32 deferred_since(u32 space)
{
	for (u32 i = 0; i < LEDGER_SUBS; i++) {
		const struct ledger_sub *s = &ledger.intervals[i];

		if (s->state == SUB_LIVE && s->object == ledger.notifier[space])
			return s->tree_seq ? 0 : s->seq;
	}
	return 0;
}

static u32 waiting __machine;		/* tasks in a callback, no lock taken yet */
static u32 turn[RT_TASKS_MAX] __machine;	/* by task: seq of the first */

static void check_after_turn(u32 space, const struct ledger_bracket *b, u32 seq)
{
	for (u32 page = b->first; page < b->end; page++) {
		u32 word = ledger.gpu[space][page];

		if (VIEW_KIND(word) == VIEW_PRESENT &&
		    ledger.gpu_seq[space][page] > seq)
			oracle_raise(&oracle_unchecked_map,
				     ledger.gpu_seq[space][page],
				     ledger_page_name(VIEW_PFN(word)),
				     "%s became valid at 0x%llx in GPU space %u after the callback for an invalidation of mm%u had its turn at the driver's lock.",
				     ledger_word_name(word), VIEW_VA(page),
				     space, b->mm);
	}
}

/*
 * A callback takes the driver's lock and clears. Whoever maps after that, and
 * before the callback has returned, maps what nobody will take away again.
 */
static void callback(const struct event *e)
{
	const struct ledger_bracket *b;

	if (e->kind == EV_callback_begin) {
		waiting |= 1u << e->task;
		turn[e->task] = ~0u;
		return;
	}
	waiting &= ~(1u << e->task);
	if (ledger.bracket == LEDGER_UNKNOWN || e->c & 2)
		return;
	b = &ledger.brackets[ledger.bracket];
	for (u32 mask = b->called; mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		if (ledger.notifier[space] == e->b &&
		    !ledger_own_bracket(space, b))
			check_after_turn(space, b, turn[e->task]);
	}
}

static void event(const struct view *v, const struct event *e)
{
	u32 space = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 mm, seq;
	bool told;

	switch (e->kind) {
	case EV_lock:
		if (waiting >> e->task & 1) {
			waiting &= ~(1u << e->task);
			turn[e->task] = e->seq;
		}
		return;
	case EV_callback_begin:
	case EV_callback_end:
		callback(e);
		return;
	}
	if (space >= VIEW_SPACES || page >= PROG_PAGES)
		return;
	if (e->kind == EV_driver_map) {
		announced[space] |= 1u << page;
		return;
	}
	told = announced[space] >> page & 1;
	announced[space] &= ~(1u << page);
	mm = ledger.space_mm[space];
	if (mm >= PROG_MMS || VIEW_KIND(word) != VIEW_PRESENT)
		return;
	if (told && !ledger_space_allows(space, page, word) &&
	    !ledger_called_back(space, page))
		oracle_raise(&oracle_unchecked_map, ledger.cpu_seq[mm][page],
			     ledger_page_name(VIEW_PFN(word)),
			     "The driver maps %s at 0x%llx in GPU space %u; mm%u's entry there is %s.",
			     ledger_word_name(word), VIEW_VA(page), space, mm,
			     ledger_word_name(ledger.cpu[mm][page]));
	seq = told ? deferred_since(space) : 0;
	if (seq)
		oracle_raise(&oracle_unchecked_map, seq,
			     ledger_page_name(VIEW_PFN(word)),
			     "The driver maps %s at 0x%llx in GPU space %u, whose notifier no invalidation of mm%u calls yet.",
			     ledger_word_name(word), VIEW_VA(page), space, mm);
	seq = called_bracket(space, mm, page);
	if (seq)
		oracle_raise(&oracle_unchecked_map, seq,
			     ledger_page_name(VIEW_PFN(word)),
			     "%s becomes valid at 0x%llx in GPU space %u inside an invalidation of mm%u that has already called it back.",
			     ledger_word_name(word), VIEW_VA(page), space, mm);
}

static const u16 kinds[] = {
	EV_driver_map, EV_gpu_map, EV_lock, EV_callback_begin,
	EV_callback_end, 0
};

const struct oracle oracle_unchecked_map = {
	.name	= "unchecked-map",
	.claim	= "a driver maps only what the CPU maps then, or what an invalidation on its way will take back",
	.spec	= "I-M15 I-A4",
	.kinds	= kinds,
	.event	= event,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * v12-update-order: a device hears of a page before it hears that the page is
 * gone, and of nothing after its mirror was released.
 *
 * While an invalidation is under way whose own call of a mirror's update has
 * returned, no update of a device fault of its range may begin, nor still run:
 * it would expose what goes. What the CPU maps there later is told of by a
 * fault that begins when the invalidation is over.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/v12.h"

static u8 told[LEDGER_BRACKETS] __machine;	/* spaces, by bracket */
static u32 released[VIEW_SPACES] __machine;	/* seq; 0: not */

/* By task: the update of a device fault that it is in. */
static struct running {
	u32 seq;		/* 0: none */
	u8 space, first, last;
} running[RT_TASKS_MAX] __machine;

static void __attribute__((noreturn)) late(u32 space, u32 page, u32 seq)
{
	oracle_raise(&oracle_v12_update_order, seq, "",
		     "A device fault tells GPU space %u of 0x%llx after an invalidation that is under way has told it that what is there goes.",
		     space, VIEW_VA(page));
}

/* A device fault begins to tell: no invalidation may have done so already. */
static void begins(const struct event *e, u32 space)
{
	u32 first, last;

	ledger_range(e->b, e->c, &first, &last);
	running[e->task] = (struct running){
		.seq = e->seq, .space = (u8)space, .first = (u8)first,
		.last = (u8)last,
	};
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);
		const struct ledger_bracket *b = &ledger.brackets[i];

		if (told[i] >> space & 1 && b->phase != BRACKET_END &&
		    first < b->end && b->first < last)
			late(space, first > b->first ? first : b->first,
			     b->seq);
	}
}

/* An invalidation has told: no device fault may still be at it. */
static void tells(const struct ledger_bracket *b, u32 space)
{
	for (u32 task = 0; task < RT_TASKS_MAX; task++) {
		const struct running *r = &running[task];

		if (r->seq && r->space == space && r->first < b->end &&
		    b->first < r->last)
			late(space, r->first > b->first ? r->first : b->first,
			     r->seq);
	}
}

static bool callbacks_of(const struct event *e, u32 i, u32 mm)
{
	return ledger.brackets[i].task == e->task &&
	       ledger.brackets[i].mm == mm &&
	       ledger.brackets[i].phase == BRACKET_START;
}

static void update(const struct event *e)
{
	u32 space = VIEW_V12_SPACE(e->a);

	if (space >= VIEW_SPACES)
		return;
	if (released[space])
		oracle_raise(&oracle_v12_update_order, released[space], "",
			     "The device of GPU space %u is updated after its mirror was released.",
			     space);
	if (v12_is_fault(VIEW_V12_ETYPE(e->a))) {
		if (e->kind == EV_v12_update_begin)
			begins(e, space);
		else
			running[e->task].seq = 0;
		return;
	}
	if (e->kind != EV_v12_update_end)
		return;
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);

		if (!callbacks_of(e, i, ledger.space_mm[space]))
			continue;
		told[i] |= (u8)(1u << space);
		tells(&ledger.brackets[i], space);
	}
}

/* The mirrors have forgotten the page: what comes now is of another. */
static void page_done(const struct event *e)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);

		if (callbacks_of(e, i, (u32)e->a))
			told[i] = 0;
	}
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_inv_begin:
		if (ledger.bracket != LEDGER_UNKNOWN)
			told[ledger.bracket] = 0;
		break;
	case EV_v12_released:
		if (e->a < VIEW_SPACES)
			released[e->a] = e->seq;
		break;
	case EV_v12_page_done:
		page_done(e);
		break;
	default:
		update(e);
	}
}

static const u16 kinds[] = {
	EV_inv_begin, EV_v12_update_begin, EV_v12_update_end, EV_v12_released,
	EV_v12_page_done, 0
};

const struct oracle oracle_v12_update_order = {
	.name	= "v12-update-order",
	.claim	= "a device is told of a page before it is told that the page is gone, and of nothing once released",
	.spec	= "I-B1 I-B10",
	.kinds	= kinds,
	.event	= event,
};

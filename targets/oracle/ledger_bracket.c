// SPDX-License-Identifier: GPL-2.0
/*
 * ledger_bracket: invalidation brackets and the notifiers they call.
 *
 * A bracket's slot keeps its data after the bracket closed, until another
 * takes the slot: oracles that hear the closing event still find it there.
 */
#include "targets/oracle/ledger.h"

static u8 find(u32 id)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);

		if (ledger.brackets[i].id == id)
			return (u8)i;
	}
	return LEDGER_UNKNOWN;
}

u32 ledger_covered(u32 mm, u32 page)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		const struct ledger_bracket *b =
			&ledger.brackets[__builtin_ctz(mask)];

		if (b->mm == mm && b->phase == BRACKET_OPEN &&
		    page >= b->first && page < b->end)
			return b->seq;
	}
	return 0;
}

/* @own: those that the space's device ignores, being its own, count as well. */
static bool on_its_way(u32 space, u32 page, bool own)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		const struct ledger_bracket *b =
			&ledger.brackets[__builtin_ctz(mask)];

		if (b->mm == ledger.space_mm[space] &&
		    b->phase == BRACKET_START &&
		    !(b->cleared >> space & 1) &&
		    page >= b->first && page < b->end &&
		    (own || !ledger.space_device[space] ||
		     !ledger_own_bracket(space, b)))
			return true;
	}
	return false;
}

bool ledger_excused(u32 space, u32 page)
{
	return on_its_way(space, page, true);
}

bool ledger_called_back(u32 space, u32 page)
{
	return on_its_way(space, page, false);
}

const struct ledger_bracket *ledger_bracket_of(u32 task, u32 mm)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		const struct ledger_bracket *b =
			&ledger.brackets[__builtin_ctz(mask)];

		if (b->mm == mm && b->task == task)
			return b;
	}
	return NULL;
}

static void inv_begin(const struct event *e)
{
	u32 first, last, mm = VIEW_BRACKET_MM(e->a);
	u32 i = (u32)__builtin_ctz(~ledger.open);

	ledger.bracket = LEDGER_UNKNOWN;
	if (i >= LEDGER_BRACKETS || mm >= PROG_MMS)
		return;
	ledger_range(e->b, e->c, &first, &last);
	ledger.brackets[i] = (struct ledger_bracket){
		.id = VIEW_BRACKET_ID(e->a),
		.seq = e->seq,
		.phase = BRACKET_START,
		.mm = (u8)mm,
		.event = (u8)VIEW_BRACKET_EVENT(e->a),
		.task = e->task,
		.first = (u8)first,
		.end = (u8)last,
		.blockable = VIEW_BRACKET_BLOCKABLE(e->a),
	};
	ledger.open |= 1u << i;
	ledger.bracket = (u8)i;
}

static struct ledger_sub *sub_find(struct ledger_sub *subs, u64 object)
{
	for (u32 i = 0; i < LEDGER_SUBS; i++)
		if (subs[i].object == object)
			return &subs[i];
	return NULL;
}

/* A slot never used, or the one whose owner has been gone longest. */
static struct ledger_sub *sub_new(struct ledger_sub *subs)
{
	struct ledger_sub *best = NULL;

	for (u32 i = 0; i < LEDGER_SUBS; i++) {
		if (subs[i].state == SUB_NONE)
			return &subs[i];
		if (subs[i].state == SUB_GONE &&
		    (!best || subs[i].seq < best->seq))
			best = &subs[i];
	}
	return best;
}

static void sub_live(struct ledger_sub *subs, const struct event *e)
{
	struct ledger_sub *s = sub_find(subs, e->b);

	if (s && s->state == SUB_LIVE) {
		ledger.sub = (u8)(s - subs);
		return;
	}
	if (!s)
		s = sub_new(subs);
	ledger.sub = LEDGER_UNKNOWN;
	if (!s)
		return;
	*s = (struct ledger_sub){
		.object = e->b,
		.seq = e->seq,
		.mm = (u8)e->a,
		.task = e->task,
		.state = SUB_LIVE,
	};
	ledger.sub = (u8)(s - subs);
}

static void sub_gone(struct ledger_sub *subs, const struct event *e)
{
	struct ledger_sub *s = sub_find(subs, e->b);

	ledger.sub = LEDGER_UNKNOWN;
	if (!s)
		return;
	s->state = SUB_GONE;
	s->seq = e->seq;
	ledger.sub = (u8)(s - subs);
}

static void itree_change(const struct event *e)
{
	struct ledger_sub *s;

	if (e->c)
		sub_live(ledger.intervals, e);
	s = sub_find(ledger.intervals, e->b);
	if (!s)
		return;
	s->in_tree = !!e->c;
	s->first = (u8)VIEW_ITREE_FIRST(e->c);
	s->end = (u8)VIEW_ITREE_END(e->c);
	s->tree_seq = e->seq;
}

void ledger_sub_event(const struct event *e)
{
	struct ledger_sub *s;

	switch (e->kind) {
	case EV_itree_change:
		itree_change(e);
		break;
	case EV_mni_insert:
		sub_live(ledger.intervals, e);
		break;
	case EV_mni_removed:
		sub_gone(ledger.intervals, e);
		break;
	case EV_mn_register:
		sub_live(ledger.hlist, e);
		break;
	case EV_mn_unhashed:
		s = sub_find(ledger.hlist, e->b);
		if (s)
			s->tree_seq = e->seq;
		break;
	case EV_mn_dead:
		sub_gone(ledger.hlist, e);
		break;
	}
}

static void callback(const struct event *e, struct ledger_bracket *b)
{
	bool interval = e->c & 1;
	struct ledger_sub *subs = interval ? ledger.intervals : ledger.hlist;
	struct ledger_sub *s = sub_find(subs, e->b);

	ledger.sub = s ? (u8)(s - subs) : LEDGER_UNKNOWN;
	if (s) {
		if (e->kind == EV_callback_begin)
			s->running++;
		else if (s->running)
			s->running--;
	}
	if (!b)
		return;
	if (e->kind == EV_callback_begin) {
		if (!interval && !b->hlist) {
			b->hlist = e->seq;
			b->ordered = b->counted;
		}
		return;
	}
	if (e->c & 2) {
		b->refused = true;
		return;
	}
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		if (ledger.notifier[space] != e->b)
			continue;
		b->cleared |= (u8)(1u << space);
		if (interval || b->ordered)
			b->called |= (u8)(1u << space);
	}
}

void ledger_bracket_event(const struct event *e)
{
	struct ledger_bracket *b;

	if (e->kind == EV_inv_begin) {
		inv_begin(e);
		return;
	}
	ledger.bracket = find(VIEW_BRACKET_ID(e->a));
	b = ledger.bracket == LEDGER_UNKNOWN ? NULL :
		&ledger.brackets[ledger.bracket];
	if (e->kind == EV_callback_begin || e->kind == EV_callback_end) {
		callback(e, b);
		return;
	}
	ledger.settled = 0;
	if (!b)
		return;
	switch (e->kind) {
	case EV_inv_interval:
		b->counted = true;
		break;
	case EV_inv_open:
		b->phase = BRACKET_OPEN;
		break;
	case EV_inv_end:
		b->phase = BRACKET_END;
		break;
	case EV_inv_refused:
	case EV_inv_closed:
		b->phase = BRACKET_NONE;
		ledger.open &= ~(1u << ledger.bracket);
		ledger_settle(e->task, b->mm);
		break;
	}
}

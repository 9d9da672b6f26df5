// SPDX-License-Identifier: GPL-2.0
/*
 * notifier-lifetime: no callback after the notifier was taken back.
 *
 * For an interval notifier that is the return of
 * mmu_interval_notifier_remove(), and then it is out of the tree; for a
 * notifier on the mm's list the end of the SRCU period after it came off the
 * list: a walker that had already found it may still call it before that. The
 * mm's release takes all of them off and waits, so when exit_mmap() begins to
 * unmap none is called any more.
 *
 * A walk calls each interval that it overlaps once, not twice and not never.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static const struct ledger_sub *sub(const struct event *e)
{
	bool interval = e->kind == EV_mni_removed ||
		(e->kind == EV_callback_begin && e->c & 1);

	if (ledger.sub == LEDGER_UNKNOWN)
		return NULL;
	return interval ? &ledger.intervals[ledger.sub] :
		&ledger.hlist[ledger.sub];
}

/* By bracket, the intervals that were called. */
static u16 met[LEDGER_BRACKETS] __machine;
static u32 released __machine;		/* mask of mms that are being unmapped */

/* exit_mmap() unmaps; the reaper, beside it, may not block. */
static void begin(void)
{
	const struct ledger_bracket *b;

	if (ledger.bracket == LEDGER_UNKNOWN)
		return;
	met[ledger.bracket] = 0;
	b = &ledger.brackets[ledger.bracket];
	if (ledger.mm_state[b->mm] == VIEW_MM_EXITING &&
	    b->event == LEDGER_UNMAP && b->blockable)
		released |= 1u << b->mm;
}

/* Intervals that were in the tree before the bracket was begun. */
static void check_missed(void)
{
	const struct ledger_bracket *b;

	if (ledger.bracket == LEDGER_UNKNOWN)
		return;
	b = &ledger.brackets[ledger.bracket];
	for (u32 i = 0; i < LEDGER_SUBS; i++) {
		const struct ledger_sub *s = &ledger.intervals[i];

		if (s->state == SUB_LIVE && s->in_tree && s->mm == b->mm &&
		    s->first < b->end && b->first < s->end &&
		    s->tree_seq < b->seq && !(met[ledger.bracket] >> i & 1))
			oracle_raise(&oracle_notifier_lifetime, s->tree_seq, "",
				     "An invalidation of mm%u is open and an interval notifier in its tree that it overlaps was not called.",
				     b->mm);
	}
}

/* Who began to walk the list before @s came off it holds the period open. */
static void check_walkers(const struct ledger_sub *s)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		const struct ledger_bracket *b =
			&ledger.brackets[__builtin_ctz(mask)];

		if (b->mm == s->mm && b->phase == BRACKET_START && b->hlist &&
		    b->hlist < s->tree_seq && !b->refused)
			oracle_raise(&oracle_notifier_lifetime, b->hlist, "",
				     "A notifier of mm%u is freed, and an invalidation that walked the list when it came off is still on it.",
				     s->mm);
	}
}

static void callback(const struct event *e, const struct ledger_sub *s)
{
	u16 bit = (u16)(1u << ledger.sub);

	if (s->state == SUB_GONE)
		oracle_raise(&oracle_notifier_lifetime, s->seq, "",
			     "A callback of %s notifier of mm%u begins after %s.",
			     e->c & 1 ? "an interval" : "a", s->mm,
			     e->c & 1 ? "its removal returned" :
			     "its grace period was over");
	if (!(e->c & 1) && released >> s->mm & 1)
		oracle_raise(&oracle_notifier_lifetime, s->seq, "",
			     "A callback of a notifier of mm%u begins after the mm's release.",
			     s->mm);
	if (!(e->c & 1) || ledger.bracket == LEDGER_UNKNOWN)
		return;
	/* An address on a stack may hold another notifier by now. */
	if (met[ledger.bracket] & bit &&
	    s->seq < ledger.brackets[ledger.bracket].seq)
		oracle_raise(&oracle_notifier_lifetime,
			     ledger.brackets[ledger.bracket].seq, "",
			     "One invalidation of mm%u called the same interval notifier twice.",
			     s->mm);
	met[ledger.bracket] |= bit;
}

static void event(const struct view *v, const struct event *e)
{
	const struct ledger_sub *s;

	if (e->kind == EV_inv_begin) {
		begin();
		return;
	}
	if (e->kind == EV_inv_open) {
		check_missed();
		return;
	}
	s = sub(e);
	if (!s)
		return;
	if (e->kind == EV_callback_begin) {
		callback(e, s);
		return;
	}
	if (e->kind == EV_mn_dead)
		check_walkers(s);
	if (e->kind == EV_mni_removed && s->in_tree)
		oracle_raise(&oracle_notifier_lifetime, 0, "",
			     "The removal of an interval notifier of mm%u returned and it is still in the tree.",
			     s->mm);
	if (s->running)
		oracle_raise(&oracle_notifier_lifetime, 0, "",
			     "%s of mm%u was %s while a callback was inside it.",
			     e->kind == EV_mni_removed ? "An interval notifier" :
			     "A notifier", s->mm,
			     e->kind == EV_mni_removed ? "removed" : "freed");
}

static const u16 kinds[] = {
	EV_inv_begin, EV_inv_open, EV_callback_begin, EV_mni_removed,
	EV_mn_dead, 0
};

const struct oracle oracle_notifier_lifetime = {
	.name	= "notifier-lifetime",
	.claim	= "a walk calls each interval once, and no notifier once it was removed or its mm released",
	.spec	= "I-M13 I-M12",
	.kinds	= kinds,
	.event	= event,
};

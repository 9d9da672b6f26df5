// SPDX-License-Identifier: GPL-2.0
/*
 * notifier-seq: the collision-retry lock of interval notifiers.
 *
 * A bracket is in active_invalidate_ranges from somewhere between the entry of
 * range_start and inv_interval to somewhere between the entry of range_end (or
 * a callback's refusal) and inv_closed (inv_refused). So the count told by
 * subs_seq has a lower and an upper bound, and the two meet when no bracket is
 * on its way in or out.
 *
 * Who is refused has taken back by then what it had counted, and nobody else
 * would: judged at once, of what that task told, since among many brackets the
 * bounds may hide it.
 *
 * Who closes the last bracket also does what was deferred, in the same hold of
 * the lock.
 *
 * Where an insert makes the sequence odd, itree_change comes before subs_seq:
 * the tree never changes while the sequence told last is odd.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static struct {
	u64 seq;		/* 0: no subs_seq yet */
	u32 active;
	u32 deferred;
	u32 at;			/* seq of that subs_seq event */
	u8 closer;		/* holds the lock and closed the last one: task + 1 */
	s8 of[RT_TASKS_MAX];	/* of active: what each task has told */
} subs[PROG_MMS] __machine;

static void check_count(u32 mm)
{
	u32 sure = 0, maybe = 0;

	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		const struct ledger_bracket *b =
			&ledger.brackets[__builtin_ctz(mask)];

		if (b->mm != mm)
			continue;
		if (b->counted && b->phase != BRACKET_END && !b->refused)
			sure++;
		else
			maybe++;
	}
	if (subs[mm].active >= sure && subs[mm].active <= sure + maybe)
		return;
	oracle_raise(&oracle_notifier_seq, subs[mm].at, "",
		     "active_invalidate_ranges of mm%u is %u; %u bracket(s) are counted and %u on their way in or out.",
		     mm, subs[mm].active, sure, maybe);
}

static void subs_seq(const struct event *e, u32 mm)
{
	if (e->b < subs[mm].seq)
		oracle_raise(&oracle_notifier_seq, subs[mm].at, "",
			     "invalidate_seq of mm%u went back from %llu to %llu.",
			     mm, subs[mm].seq, e->b);
	if (e->b & 1 && !e->c)
		oracle_raise(&oracle_notifier_seq, subs[mm].at, "",
			     "invalidate_seq of mm%u is %llu, odd, and no invalidation is active.",
			     mm, e->b);
	subs[mm].seq = e->b;
	subs[mm].of[e->task] += (s8)((u32)e->c - subs[mm].active);
	subs[mm].active = (u32)e->c;
	subs[mm].at = e->seq;
	subs[mm].closer = e->c ? 0 : e->task + 1;
	check_count(mm);
}

static void unlocked(u8 task)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (subs[mm].closer != task + 1)
			continue;
		subs[mm].closer = 0;
		if (subs[mm].deferred)
			oracle_raise(&oracle_notifier_seq, subs[mm].at, "",
				     "The last invalidation of mm%u is over and %u notifier(s) are still on deferred_list.",
				     mm, subs[mm].deferred);
	}
}

/* What @task has counted is its open brackets; that of the event is no more. */
static void refused(u32 task, u32 mm)
{
	int own = 0;

	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		const struct ledger_bracket *b =
			&ledger.brackets[__builtin_ctz(mask)];

		own += b->mm == mm && b->task == task && b->counted;
	}
	if (subs[mm].of[task] > own)
		oracle_raise(&oracle_notifier_seq, subs[mm].at, "",
			     "A bracket of mm%u was refused and is counted in active_invalidate_ranges for ever.",
			     mm);
}

static void over(const struct event *e)
{
	u32 mm;

	if (ledger.bracket == LEDGER_UNKNOWN)
		return;
	mm = ledger.brackets[ledger.bracket].mm;
	if (!subs[mm].seq)
		return;
	if (e->kind == EV_inv_refused)
		refused(e->task, mm);
	check_count(mm);
}

static void check_odd(const struct event *e, u32 mm, const char *what)
{
	if (!(e->c & 1))
		oracle_raise(&oracle_notifier_seq, 0, "",
			     "%s gave an interval notifier of mm%u the even sequence %llu.",
			     what, mm, e->c);
}

static void event(const struct view *v, const struct event *e)
{
	u32 mm = (u32)e->a;

	if (e->kind == EV_unlock) {
		unlocked(e->task);
		return;
	}
	if (e->kind == EV_inv_closed || e->kind == EV_inv_refused) {
		over(e);
		return;
	}
	if (e->kind == EV_mm_new) {
		if (e->b < PROG_MMS) {
			subs[e->b].seq = 0;
			subs[e->b].active = subs[e->b].deferred = 0;
			__builtin_memset(subs[e->b].of, 0,
					 sizeof(subs[e->b].of));
		}
		return;
	}
	if (mm >= PROG_MMS)
		return;
	switch (e->kind) {
	case EV_subs_seq:
		subs_seq(e, mm);
		break;
	case EV_deferred:
		subs[mm].deferred = (u32)e->c;
		break;
	case EV_itree_change:
		if (subs[mm].seq & 1)
			oracle_raise(&oracle_notifier_seq, subs[mm].at, "",
				     "The interval tree of mm%u changed (%s) while invalidate_seq is %llu.",
				     mm, e->c ? "insert" : "remove",
				     subs[mm].seq);
		break;
	case EV_mni_insert:
		check_odd(e, mm, "mmu_interval_notifier_insert()");
		break;
	case EV_mni_seq:
		check_odd(e, mm, "mmu_interval_set_seq()");
		break;
	}
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		struct view_mm m;

		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		m = v->mm(mm);
		if (m.active_ranges || m.invalidate_seq & 1 || m.deferred)
			oracle_raise(&oracle_notifier_seq, subs[mm].at, "",
				     "mm%u is at rest with invalidate_seq %llu, active_invalidate_ranges %u and %u deferred.",
				     mm, m.invalidate_seq, m.active_ranges,
				     m.deferred);
	}
}

static const u16 kinds[] = {
	EV_mm_new, EV_subs_seq, EV_deferred, EV_itree_change, EV_mni_insert,
	EV_mni_seq, EV_inv_refused, EV_inv_closed, EV_unlock, 0
};

const struct oracle oracle_notifier_seq = {
	.name	= "notifier-seq",
	.claim	= "active ranges are the open brackets; the sequence is odd only while there are some, and the tree is frozen then",
	.spec	= "I-M10 I-M11 I-M12",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * notifier-lifetime: no callback after the notifier was taken back.
 *
 * For an interval notifier that is the return of
 * mmu_interval_notifier_remove(), and then it is out of the tree; for a notifier on the mm's list the end of
 * the SRCU period after it came off the list: a walker that had already found
 * it may still call it before that. A walk calls each interval once.
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

/* The newest bracket each interval was called in. */
static u32 met[LEDGER_SUBS] __machine;

static void callback(const struct event *e, const struct ledger_sub *s)
{
	u32 id = VIEW_BRACKET_ID(e->a);

	if (s->state == SUB_GONE)
		oracle_raise(&oracle_notifier_lifetime, s->seq, "",
			     "A callback of %s notifier of mm%u begins after %s.",
			     e->c & 1 ? "an interval" : "a", s->mm,
			     e->c & 1 ? "its removal returned" :
			     "its grace period was over");
	if (!(e->c & 1) || ledger.bracket == LEDGER_UNKNOWN)
		return;
	/* An address on a stack may hold another notifier by now. */
	if (met[ledger.sub] == id &&
	    s->seq < ledger.brackets[ledger.bracket].seq)
		oracle_raise(&oracle_notifier_lifetime,
			     ledger.brackets[ledger.bracket].seq, "",
			     "One invalidation of mm%u called the same interval notifier twice.",
			     s->mm);
	met[ledger.sub] = id;
}

static void event(const struct view *v, const struct event *e)
{
	const struct ledger_sub *s = sub(e);

	if (!s)
		return;
	if (e->kind == EV_callback_begin) {
		callback(e, s);
		return;
	}
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
	EV_callback_begin, EV_mni_removed, EV_mn_dead, 0
};

const struct oracle oracle_notifier_lifetime = {
	.name	= "notifier-lifetime",
	.claim	= "no callback begins or is still running once its notifier was removed",
	.spec	= "I-M13 I-M12",
	.kinds	= kinds,
	.event	= event,
};

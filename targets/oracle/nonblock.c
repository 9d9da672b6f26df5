// SPDX-License-Identifier: GPL-2.0
/*
 * nonblock: an invalidation that must not sleep does not sleep, and one that
 * was refused did not happen.
 *
 * Only the OOM reaper starts such a bracket. Its callbacks may try locks, not
 * wait for them. On -EAGAIN the caller has changed no entry and does not call
 * range_end.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static u32 in_start __machine;	/* tasks in a start that must not sleep */

static const struct ledger_bracket *current_bracket(void)
{
	return ledger.bracket == LEDGER_UNKNOWN ? NULL :
		&ledger.brackets[ledger.bracket];
}

static bool prefix(const char *s, const char *with)
{
	while (*with)
		if (*s++ != *with++)
			return false;
	return true;
}

/* Verbs of locks that sleep until they get it; trylocks end otherwise. */
static bool sleeps(const char *verb)
{
	const char *end = verb;

	while (*end)
		end++;
	if (end - verb >= 7 && prefix(end - 7, "trylock"))
		return false;
	return prefix(verb, "mutex_lock") || prefix(verb, "down_");
}

static void locked(const struct event *e)
{
	const char *verb = (const char *)(size_t)e->a;

	if (!(in_start >> e->task & 1) || !verb || !sleeps(verb))
		return;
	oracle_raise(&oracle_nonblock, 0, "",
		     "%s() in an invalidation that must not sleep.", verb);
}

static void refused(const struct ledger_bracket *b, u8 task)
{
	in_start &= ~(1u << task);
	if (!b)
		return;
	if (b->blockable)
		oracle_raise(&oracle_nonblock, b->seq, "",
			     "An invalidation of mm%u that may sleep was refused.",
			     b->mm);
	if (b->touched)
		oracle_raise(&oracle_nonblock, b->seq, "",
			     "The refused invalidation of mm%u had already changed entries of its range.",
			     b->mm);
}

static void event(const struct view *v, const struct event *e)
{
	const struct ledger_bracket *b = current_bracket();

	switch (e->kind) {
	case EV_lock:
		locked(e);
		break;
	case EV_inv_begin:
		if (b && !b->blockable)
			in_start |= 1u << e->task;
		break;
	case EV_inv_open:
		in_start &= ~(1u << e->task);
		break;
	case EV_inv_refused:
		refused(b, e->task);
		break;
	case EV_inv_end:
		if (!b)
			oracle_raise(&oracle_nonblock, 0, "",
				     "range_end of an invalidation of mm%u that was refused, or is over.",
				     VIEW_BRACKET_MM(e->a));
		break;
	}
}

static const u16 kinds[] = {
	EV_lock, EV_inv_begin, EV_inv_open, EV_inv_refused, EV_inv_end, 0
};

const struct oracle oracle_nonblock = {
	.name	= "nonblock",
	.claim	= "an invalidation that must not sleep waits for no lock, and a refused one changes nothing",
	.spec	= "I-M14",
	.kinds	= kinds,
	.event	= event,
};

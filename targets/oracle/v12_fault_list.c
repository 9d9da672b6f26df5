// SPDX-License-Identifier: GPL-2.0
/*
 * v12-fault-list: an invalidation and a device fault that overlap exclude each
 * other, and the list they meet at is true.
 *
 * An invalidation that has waited for device faults has none left that
 * overlaps, and none begins before it is over: before the end of its bracket,
 * or, for a page that is told of after the change, before its callbacks have
 * returned. A fault is asked to give way only while it is on the list.
 *
 * Pages are on the list of a hmm, and go with it: when the last mirror of an mm
 * is unregistered and another one registered, the new hmm knows nothing of a
 * page that the old one has not done with. Nor need it: the entry changed before
 * any notifier was told, so that no fault of the new one can have seen it as it
 * was.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/v12.h"

struct v12_fault v12_faults[V12_FAULTS] __machine;

static u32 waited[LEDGER_BRACKETS] __machine;	/* seq of its v12_waited; 0 */

struct v12_fault *v12_fault_of(u64 a)
{
	for (u32 i = 0; i < V12_FAULTS; i++)
		if (v12_faults[i].id == VIEW_V12_FAULT_ID(a))
			return &v12_faults[i];
	return NULL;
}

struct v12_fault *v12_overlapping(const struct event *e)
{
	u32 mm = VIEW_V12_WAIT_MM(e->a), space = VIEW_V12_WAIT_SPACE(e->a);

	for (u32 i = 0; i < V12_FAULTS; i++) {
		struct v12_fault *f = &v12_faults[i];

		if (f->id && f->mm == mm && f->start < e->c &&
		    e->b < f->end &&
		    (space == VIEW_V12_ALL || f->space == space))
			return f;
	}
	return NULL;
}

static void check_count(const struct view *v, u32 mm)
{
	struct view_v12_faults n;

	if (!v->hmm_v12 || mm >= PROG_MMS)
		return;
	n = v->hmm_v12->faults(mm);
	if (n.count != n.listed)
		oracle_raise(&oracle_v12_fault_list, 0, "",
			     "ndevice_faults of mm%u is %u and %u fault(s) are listed.",
			     mm, n.count, n.listed);
}

/* Brackets that have waited, and are not over. */
static void check_begins(const struct event *e, u32 mm)
{
	u32 first, last;

	ledger_range(e->b, e->c, &first, &last);
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);
		const struct ledger_bracket *b = &ledger.brackets[i];

		if (waited[i] && b->mm == mm && b->phase != BRACKET_END &&
		    first < b->end && b->first < last)
			oracle_raise(&oracle_v12_fault_list, waited[i], "",
				     "A device fault at 0x%llx of mm%u begins while an invalidation that covers it, and waited for faults to end, is under way.",
				     e->b, mm);
	}
}

static void listed(const struct view *v, const struct event *e)
{
	u32 mm = VIEW_V12_FAULT_MM(e->a);

	check_count(v, mm);
	check_begins(e, mm);
	for (u32 i = 0; i < V12_FAULTS; i++) {
		if (v12_faults[i].id)
			continue;
		v12_faults[i] = (struct v12_fault){
			.id = VIEW_V12_FAULT_ID(e->a),
			.seq = e->seq,
			.mm = mm,
			.space = VIEW_V12_FAULT_SPACE(e->a),
			.start = e->b,
			.end = e->c,
		};
		return;
	}
}

static void unlisted(const struct view *v, const struct event *e)
{
	struct v12_fault *f = v12_fault_of(e->a);

	check_count(v, VIEW_V12_FAULT_MM(e->a));
	if (f)
		f->id = 0;
}

static void backoff(const struct event *e)
{
	struct v12_fault *f = v12_fault_of(e->a);

	if (!f)
		oracle_raise(&oracle_v12_fault_list, 0, "",
			     "A device fault at 0x%llx that is on no list was asked to give way.",
			     e->b);
	f->backoff = true;
}

/* What this task invalidates, whose callbacks are running. */
static void was_waited(const struct event *e)
{
	u32 mm = VIEW_V12_WAIT_MM(e->a);

	if (VIEW_V12_WAIT_SPACE(e->a) != VIEW_V12_ALL)
		return;
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);
		const struct ledger_bracket *b = &ledger.brackets[i];

		if (b->mm == mm && b->task == e->task &&
		    b->phase == BRACKET_START)
			waited[i] = e->seq;
	}
}

/* A device is told to give up what a listed fault of its may be filling. */
static void tells(const struct event *e)
{
	u32 space = VIEW_V12_SPACE(e->a);

	if (v12_is_fault(VIEW_V12_ETYPE(e->a)))
		return;
	for (u32 i = 0; i < V12_FAULTS; i++) {
		const struct v12_fault *f = &v12_faults[i];

		if (f->id && f->space == space && f->start < e->c &&
		    e->b < f->end)
			oracle_raise(&oracle_v12_fault_list, f->seq, "",
				     "GPU space %u is told to give up 0x%llx..0x%llx while a device fault of it that overlaps is listed.",
				     space, e->b, e->c);
	}
}

/* The mirrors have forgotten the page: device faults may ask for it again. */
static void page_done(const struct event *e)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);

		if (ledger.brackets[i].mm == e->a &&
		    ledger.brackets[i].task == e->task &&
		    ledger.brackets[i].phase == BRACKET_START)
			waited[i] = 0;
	}
}

static void another_hmm(u32 mm)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		u32 i = (u32)__builtin_ctz(mask);

		if (ledger.brackets[i].mm == mm &&
		    ledger.brackets[i].id & VIEW_V12_PAGE_ID)
			waited[i] = 0;
	}
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_v12_hmm:
		another_hmm((u32)e->a);
		break;
	case EV_v12_page_done:
		page_done(e);
		break;
	case EV_v12_update_begin:
		tells(e);
		break;
	case EV_inv_begin:
		if (ledger.bracket != LEDGER_UNKNOWN)
			waited[ledger.bracket] = 0;
		break;
	case EV_v12_listed:
		listed(v, e);
		break;
	case EV_v12_unlisted:
		unlisted(v, e);
		break;
	case EV_v12_backoff:
		backoff(e);
		break;
	case EV_v12_waited:
		was_waited(e);
		break;
	}
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		check_count(v, mm);
		if (v->hmm_v12 && v->hmm_v12->faults(mm).listed)
			oracle_raise(&oracle_v12_fault_list, 0, "",
				     "A device fault of mm%u is still listed, and none is in progress.",
				     mm);
	}
}

static const u16 kinds[] = {
	EV_inv_begin, EV_v12_hmm, EV_v12_listed, EV_v12_unlisted, EV_v12_backoff,
	EV_v12_waited, EV_v12_page_done, EV_v12_update_begin, 0
};

const struct oracle oracle_v12_fault_list = {
	.name	= "v12-fault-list",
	.claim	= "no device fault is listed beside an invalidation that overlaps it and has waited for it",
	.spec	= "I-B2 I-B3 I-B12",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

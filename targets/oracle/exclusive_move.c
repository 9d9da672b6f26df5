// SPDX-License-Identifier: GPL-2.0
/*
 * exclusive-move: a page that is lent to a device can be moved.
 *
 * Lending ends when a CPU touches the page, and none may for ever; if that kept
 * the page where it is, memory could not be taken out of use, nor compacted. So
 * who moves it takes it back. Judged is an attempt that failed: it had the page
 * locked, nobody has locked it since, and the page is still lent by an entry
 * that was there when the attempt began.
 *
 * What stands against a move otherwise, a reference or a lock, is no concern of
 * this one: then too the page was taken back first.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static u32 begun[RT_TASKS_MAX] __machine;	/* seq of move_begin */

static void ended(const struct event *e)
{
	const struct ledger_page *p;

	if (!e->c || !e->a || e->a >= VIEW_DEVICE_PFN)
		return;
	p = ledger_page_of((u32)e->a);
	if (!p->exclusives || p->exclusive_seq > begun[e->task] ||
	    p->locker || p->unlocker != e->task + 1 ||
	    p->locked_seq < begun[e->task])
		return;
	oracle_raise(&oracle_exclusive_move, p->exclusive_seq,
		     ledger_page_name((u32)e->a),
		     "page#%u did not move, and is lent by an entry that nobody was asked to give up.",
		     (u32)e->a);
}

static void event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_move_begin)
		begun[e->task] = e->seq;
	else
		ended(e);
}

static const u16 kinds[] = { EV_move_begin, EV_move_end, 0 };

const struct oracle oracle_exclusive_move = {
	.name	= "exclusive-move",
	.claim	= "a page that is lent to a device is taken back by who wants to move it",
	.spec	= "I-D14",
	.kinds	= kinds,
	.event	= event,
};

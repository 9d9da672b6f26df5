// SPDX-License-Identifier: GPL-2.0
/*
 * finite-time: memory that can be taken out of use can be taken out of use.
 *
 * A page of ZONE_MOVABLE may be asked to leave at any time, so nobody may have it
 * for an unbounded time without a way to be asked for it. References that code in
 * flight has, or I/O, or get_user_pages(), are dropped by themselves: they may
 * delay a move. A pin for a device's atomics is dropped when a CPU touches the
 * page, which may never be: so, for each of them,
 *
 *  - somebody can be asked: the driver has a callback (judged at rest);
 *  - who wants to move the page does ask (judged when a page did not move that
 *    was pinned before this attempt began);
 *  - and he gets it: not every attempt of one request may be refused, with the
 *    same pin standing and nothing else, for longer than STEPS events.
 *
 * Elsewhere a move of a pinned page fails at once, and that is no breach: it is
 * not on the LRU.
 *
 * An entry that lends a page (I-D14) is exclusive-move's: whoever moves the page
 * takes that back himself, so not even one attempt may fail for it.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define MOVABLE	1	/* enum zone_type, as view_page.zone gives it */
#define STEPS	5000	/* N of I-C1; programs of four tasks take hundreds */

/* By frame: seq since when a device page stands for it. */
static u32 since[VIEW_DEVICE_PFN] __machine;

/* By task: the request it is in. */
static struct {
	u32 attempt;		/* seq before which this attempt did not begin */
	u32 round;		/* its number */
	u32 latest;		/* seq of the newest event of this request */
	u8 asked;		/* pfn that was asked for last */
	u8 stuck;		/* pfn that is refused */
	u32 stuck_since;	/* seq of the first refusal; 0: none */
	u32 stuck_pin;		/* since[] of it then */
} request[RT_TASKS_MAX] __machine;

static void refused(u32 pfn, const struct event *e)
{
	u32 task = e->task;

	if (request[task].stuck != pfn || !request[task].stuck_since ||
	    request[task].stuck_pin != since[pfn]) {
		request[task].stuck = (u8)pfn;
		request[task].stuck_since = e->seq;
		request[task].stuck_pin = since[pfn];
	} else if (e->seq - request[task].stuck_since > STEPS) {
		oracle_raise(&oracle_finite_time, since[pfn],
			     ledger_page_name(pfn),
			     "page#%u is to be moved; who has it for a device has refused for %u events.",
			     pfn, e->seq - request[task].stuck_since);
	}
}

static void blocked(const struct event *e)
{
	u32 pfn = (u32)e->a, task = e->task;

	/* The attempts before this one are over. */
	if (request[task].round != (u32)e->b) {
		if (request[task].round)
			request[task].attempt = request[task].latest;
		request[task].round = (u32)e->b;
	}
	request[task].latest = e->seq;
	if (pfn >= VIEW_DEVICE_PFN || !since[pfn] ||
	    since[pfn] > request[task].attempt ||
	    !ledger_page_of(pfn)->held[VIEW_REF_ATOMIC_PIN])
		return;
	if (request[task].asked != pfn)
		oracle_raise(&oracle_finite_time, since[pfn],
			     ledger_page_name(pfn),
			     "page#%u is to be moved and pinned for a device, and nobody has asked for it.",
			     pfn);
	refused(pfn, e);
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_page_backing:
		for (u32 pfn = 0; pfn < VIEW_DEVICE_PFN && !e->b; pfn++)
			if (since[pfn] && !ledger_page_of(pfn)->backs)
				since[pfn] = 0;
		if (e->b && e->b < VIEW_DEVICE_PFN)
			since[e->b] = e->seq;
		break;
	case EV_offline_begin:
		request[e->task].attempt = request[e->task].latest = e->seq;
		request[e->task].round = request[e->task].stuck_since = 0;
		request[e->task].asked = 0;
		break;
	case EV_page_revoke:
		request[e->task].asked = (u8)e->a;
		break;
	case EV_offline_blocked:
		blocked(e);
		break;
	}
}

/* Whoever has a page that can be asked to leave can be asked himself. */
static void quiesce(const struct view *v)
{
	for (u32 i = VIEW_DEVICE_PFN; i < VIEW_PFNS; i++) {
		struct view_page p, old;

		if (ledger_live() && !ledger.pages[i / LEDGER_BLOCK]) {
			i |= LEDGER_BLOCK - 1;
			continue;
		}
		p = v->page(i);
		if (!p.refcount || !p.backing || p.backing >= VIEW_DEVICE_PFN)
			continue;
		old = v->page(p.backing);
		if (old.zone == MOVABLE && !old.revocable)
			oracle_raise(&oracle_finite_time, since[p.backing],
				     ledger_page_name(p.backing),
				     "page#%u, of ZONE_MOVABLE, is pinned for a device that nobody can ask for it.",
				     p.backing);
	}
}

static const u16 kinds[] = {
	EV_page_backing, EV_offline_begin, EV_page_revoke, EV_offline_blocked, 0
};

const struct oracle oracle_finite_time = {
	.name	= "finite-time",
	.claim	= "who has a page of ZONE_MOVABLE for a device can be asked for it, is asked, and gives it back",
	.spec	= "I-C1 I-C2",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

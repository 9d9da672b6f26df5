// SPDX-License-Identifier: GPL-2.0
/*
 * window-bounds: a form that serves several pages at once stays in its request
 * array.
 *
 * The accessor of the array refuses what is outside, and tells; so does that of
 * what SVM_BIND hands to PFNMAP. A window that is announced is one of at most 16
 * pages, in order.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define WINDOW_PAGES	16

static void event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_window_index)
		oracle_raise(&oracle_window_bounds, 0, "",
			     "Index %lld of a request array of %llu is used.",
			     (s64)e->b, e->c);
	if (e->b >= e->c || e->c - e->b > WINDOW_PAGES * VIEW_PAGE_SIZE)
		oracle_raise(&oracle_window_bounds, 0, "",
			     "A window goes from 0x%llx to 0x%llx.", e->b, e->c);
}

static const u16 kinds[] = { EV_window_index, EV_svm_window, 0 };

const struct oracle oracle_window_bounds = {
	.name	= "window-bounds",
	.claim	= "a fault handler's window has at most 16 pages, and no index of its array is outside",
	.spec	= "I-A11",
	.kinds	= kinds,
	.event	= event,
	.stateless = true,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * pin-balance: a page that was pinned for a device, and is not any more, is as it
 * was before.
 *
 * While it is pinned it is off the LRU, and not freed. At rest, what is not pinned
 * has no reference of a driver, and is on the LRU again if anybody maps it; and
 * what is pinned is stood for by a device page that somebody maps: a pin without
 * one will never go.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* Frames that a device page has stood for. */
static u64 lent_once[VIEW_DEVICE_PFN / 64] __machine;

_Static_assert(VIEW_DEVICE_PFN % 64 == 0, "a bit a frame");

static void event(const struct view *v, const struct event *e)
{
	u32 pfn = (u32)e->a;
	const struct ledger_page *p;

	if (e->kind == EV_page_backing) {
		if (e->b < VIEW_DEVICE_PFN)
			lent_once[e->b / 64] |= 1ull << e->b % 64;
		return;
	}
	if (!pfn || pfn >= VIEW_PFNS || (e->kind == EV_page_lru && !e->b))
		return;
	p = ledger_page_of(pfn);
	if (p->held[VIEW_REF_ATOMIC_PIN])
		oracle_raise(&oracle_pin_balance, p->locked_seq,
			     ledger_page_name(pfn),
			     "page#%u is pinned for a device, and was %s.", pfn,
			     e->kind == EV_page_free ? "freed" :
			     "put on the LRU");
}

static void __attribute__((noreturn))
fail(u32 pfn, const struct ledger_page *p, const char *what)
{
	oracle_raise(&oracle_pin_balance, p->locked_seq, ledger_page_name(pfn),
		     "page#%u %s.", pfn, what);
}

static void check(const struct view *v, u32 pfn)
{
	const struct ledger_page *p = ledger_page_of(pfn);
	u32 device = p->backs;
	bool lent = device && ledger_page_of(device)->backing == pfn;

	if (!p->allocated)
		return;
	if (p->held[VIEW_REF_ATOMIC_PIN] && !lent)
		fail(pfn, p, "is pinned for a device, and none of its pages stands for it");
	if (p->held[VIEW_REF_ATOMIC_PIN] && !ledger_page_of(device)->named)
		fail(pfn, p, "is pinned for a device, and nobody maps what stands for it");
	if (!p->held[VIEW_REF_ATOMIC_PIN] && p->held[VIEW_REF_DRIVER] &&
	    p->mapping == VIEW_MAPPING_ANON)
		fail(pfn, p, "is not pinned any more, and still isolated for a device");
	if (!p->held[VIEW_REF_ATOMIC_PIN] && p->present &&
	    lent_once[pfn / 64] >> pfn % 64 & 1 &&
	    p->mapping == VIEW_MAPPING_ANON && !v->page(pfn).lru)
		fail(pfn, p, "is mapped, and not on the LRU");
}

static void quiesce(const struct view *v)
{
	if (!ledger_live())
		return;
	for (u32 pfn = 1; pfn < VIEW_DEVICE_PFN; pfn++) {
		if (!ledger.pages[pfn / LEDGER_BLOCK])
			pfn |= LEDGER_BLOCK - 1;
		else
			check(v, pfn);
	}
}

static const u16 kinds[] = { EV_page_lru, EV_page_free, EV_page_backing, 0 };

const struct oracle oracle_pin_balance = {
	.name	= "pin-balance",
	.claim	= "a pinned page is neither freed nor on the LRU, and when its pin goes it is as before",
	.spec	= "I-C5 I-C8",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
	.end	= quiesce,
};

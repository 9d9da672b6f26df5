// SPDX-License-Identifier: GPL-2.0
/*
 * pin-pairing: a device page that stands for another is in use and has pinned it,
 * and it is the only one.
 *
 * Judged where a device page begins to stand for a page, and at rest, by what the
 * view says: there each such page carries one pin, and each pin has its device
 * page. A page that is nobody's, and a driver's before, is the memory of the
 * device page itself.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* By frame of the system: the device page that stands for it; 0: none. */
static u8 lender[VIEW_DEVICE_PFN] __machine;

static void __attribute__((noreturn))
fail_two(u32 pfn, u32 one, u32 other)
{
	oracle_raise(&oracle_pin_pairing, ledger_page_seq(one),
		     ledger_page_name(pfn),
		     "page#%u and page#%u, of a device, both stand for page#%u.",
		     one, other, pfn);
}

static bool own_memory(u32 pfn)
{
	const struct ledger_page *p = ledger_page_of(pfn);

	return p->mapping == VIEW_MAPPING_NONE && p->held[VIEW_REF_DRIVER] &&
	       !p->held[VIEW_REF_ATOMIC_PIN];
}

static void event(const struct view *v, const struct event *e)
{
	u32 dpage = (u32)e->a, pfn = (u32)e->b;

	for (u32 i = 0; i < VIEW_DEVICE_PFN && !pfn; i++)
		if (lender[i] == dpage)
			lender[i] = 0;
	if (!pfn || pfn >= VIEW_DEVICE_PFN || own_memory(pfn))
		return;
	if (lender[pfn] && lender[pfn] != dpage)
		fail_two(pfn, lender[pfn], dpage);
	lender[pfn] = (u8)dpage;
	if (!ledger_page_of(pfn)->held[VIEW_REF_ATOMIC_PIN])
		oracle_raise(&oracle_pin_pairing, ledger_page_seq(pfn),
			     ledger_page_name(pfn),
			     "page#%u of a device stands for page#%u, which is not pinned for it.",
			     dpage, pfn);
}

static void check_pins(const u8 *by)
{
	for (u32 pfn = 1; pfn < VIEW_DEVICE_PFN; pfn++) {
		const struct ledger_page *p;

		if (!ledger.pages[pfn / LEDGER_BLOCK]) {
			pfn |= LEDGER_BLOCK - 1;
			continue;
		}
		p = ledger_page_of(pfn);
		if (p->held[VIEW_REF_ATOMIC_PIN] ==
		    (by[pfn] && lender[pfn] == by[pfn]))
			continue;
		oracle_raise(&oracle_pin_pairing, p->seq, ledger_page_name(pfn),
			     "page#%u is pinned %u time(s) for a device; %s stands for it.",
			     pfn, p->held[VIEW_REF_ATOMIC_PIN],
			     by[pfn] ? "one page of it" : "none of its pages");
	}
}

static void quiesce(const struct view *v)
{
	u8 by[VIEW_DEVICE_PFN] = { 0 };

	for (u32 i = VIEW_DEVICE_PFN; i < VIEW_PFNS; i++) {
		struct view_page p;

		if (ledger_live() && !ledger.pages[i / LEDGER_BLOCK]) {
			i |= LEDGER_BLOCK - 1;
			continue;
		}
		p = v->page(i);
		if (!p.backing || p.backing >= VIEW_DEVICE_PFN)
			continue;
		if (!p.refcount)
			oracle_raise(&oracle_pin_pairing, ledger_page_seq(i),
				     ledger_page_name(i),
				     "page#%u of a device is free and stands for page#%u.",
				     i, p.backing);
		if (by[p.backing])
			fail_two(p.backing, by[p.backing], i);
		by[p.backing] = (u8)i;
	}
	if (ledger_live())
		check_pins(by);
}

static const u16 kinds[] = { EV_page_backing, 0 };

const struct oracle oracle_pin_pairing = {
	.name	= "pin-pairing",
	.claim	= "a device page that stands for a page has the one pin of it, and no other stands for it",
	.spec	= "I-C4 I-C7",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

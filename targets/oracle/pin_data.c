// SPDX-License-Identifier: GPL-2.0
/*
 * pin-data: while a page is pinned for a device, no CPU changes what is in it.
 *
 * What a GPU stores there, or somebody who has taken the page for I/O before, is
 * theirs to do. What is read is oracle data's.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void event(const struct view *v, const struct event *e)
{
	u32 pfn = e->kind == EV_page_copy ? (u32)e->b : VIEW_DATA_PFN(e->c);
	const struct ledger_page *p;

	if (!pfn || pfn >= VIEW_PFNS)
		return;
	p = ledger_page_of(pfn);
	if (p->held[VIEW_REF_ATOMIC_PIN])
		oracle_raise(&oracle_pin_data, p->locked_seq,
			     ledger_page_name(pfn),
			     "page#%u is pinned for a device, and a CPU has %s.",
			     pfn, e->kind == EV_page_copy ?
			     "copied another page into it" : "stored to it");
}

static const u16 kinds[] = { EV_cpu_store, EV_page_copy, 0 };

const struct oracle oracle_pin_data = {
	.name	= "pin-data",
	.claim	= "what is in a page that is pinned for a device changes by the device only",
	.spec	= "I-C6",
	.kinds	= kinds,
	.event	= event,
};

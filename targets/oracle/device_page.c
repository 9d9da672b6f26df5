// SPDX-License-Identifier: GPL-2.0
/*
 * device-page: a page of a device is handed out by a pgmap that lives, and is
 * on the driver's free list exactly when nobody has it.
 *
 * The driver's counters are judged when nobody is inside it: a page is popped,
 * counted and initialised one after the other.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void handed_out(const struct event *e)
{
	u32 i = (u32)e->a - VIEW_DEVICE_PFN;

	if (e->a < VIEW_DEVICE_PFN || e->a >= VIEW_PFNS)
		return;
	if (!ledger.device[i] || ledger.dying[i])
		oracle_raise(&oracle_device_page, 0,
			     ledger_page_name((u32)e->a),
			     "page#%llu was handed out by %s.", e->a,
			     ledger.device[i] ? "a dying pgmap" :
			     "no pgmap");
}

static void gone(const struct event *e)
{
	for (u64 pfn = e->b; pfn < e->b + e->c && pfn < VIEW_PFNS; pfn++)
		if (ledger_page_seq((u32)pfn) &&
		    ledger_page_of((u32)pfn)->allocated)
			oracle_raise(&oracle_device_page,
				     ledger_page_seq((u32)pfn),
				     ledger_page_name((u32)pfn),
				     "The pgmap of page#%llu is gone and the page is in use.",
				     pfn);
}

static void event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_page_alloc)
		handed_out(e);
	else
		gone(e);
}

static void check(const struct view *v, u32 dev)
{
	struct view_device d = v->device(dev);
	u32 used = 0;

	if (!d.live)
		return;
	for (u32 pfn = d.frames ? VIEW_DEVICE_PFN : d.start;
	     pfn < VIEW_PFNS && (d.frames || pfn < d.start + d.nr); pfn++)
		used += (!d.frames ||
			 d.frames >> (pfn - VIEW_DEVICE_PFN) & 1) &&
			v->page(pfn).refcount > 0;
	if (d.allocated != used)
		oracle_raise(&oracle_device_page, 0, "",
			     "Device %u counts %u page(s) handed out; %u have references.",
			     dev, d.allocated, used);
	if (d.free_twice)
		oracle_raise(&oracle_device_page, 0, "",
			     "A page of device %u is on its free list twice, or in use.",
			     dev);
	if (d.nr_free + used != d.nr)
		oracle_raise(&oracle_device_page, 0, "",
			     "Device %u has %u page(s), %u in use and %u on its free list.",
			     dev, d.nr, used, d.nr_free);
	if (d.nr ? d.ref <= used : d.ref)
		oracle_raise(&oracle_device_page, 0, "",
			     "The pgmaps of device %u have %u reference(s); %u page(s) are in use.",
			     dev, d.ref, used);
}

static void quiesce(const struct view *v)
{
	for (u32 dev = 0; v->device && dev < LEDGER_DEVICES; dev++)
		check(v, dev);
}

static const u16 kinds[] = { EV_page_alloc, EV_pgmap_gone, 0 };

const struct oracle oracle_device_page = {
	.name	= "device-page",
	.claim	= "a device's page is handed out by a living pgmap, and is on the free list when nobody has it",
	.spec	= "I-M22 I-T4",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

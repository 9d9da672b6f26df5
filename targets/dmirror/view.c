// SPDX-License-Identifier: GPL-2.0
/*
 * view: the devices' half of what oracles may ask; see targets/view.h. A file
 * that is open is a GPU space: its table has the entries. There is no TLB in
 * front of it. The CPU's half is the mm's own, copied at boot.
 */
#include "targets/dmirror/dmirror.h"
#include "targets/dmirror/test_hmm.h"

struct view view_dmirror __machine;

static struct view_svmm dmirror_view_svmm(u32 space)
{
	const struct dmirror *dmirror = dmirror_of_space(space);

	if (!dmirror)
		return (struct view_svmm){ .live = false };
	return (struct view_svmm){
		.live = true,
		.mm = dmirror->notifier.mm->slot,
		.notifier = &dmirror->notifier,
	};
}

static u64 dmirror_view_tlb(u32 space, u64 va)
{
	return VIEW_NONE;
}

static struct view_page dmirror_view_page(u32 pfn)
{
	struct view_page v = view_mm.page(pfn);
	const struct page *page = pfn_to_page(pfn);

	/* On the free list the same word is a link. */
	if (is_zone_device_page(page) && v.refcount > 0 &&
	    page->zone_device_data)
		v.backing = (u32)page_to_pfn(page->zone_device_data);
	if (!is_zone_device_page(page) && page_lender(page)) {
		v.taken += GUP_PIN_COUNTING_BIAS;
		v.revocable = true;
	}
	return v;
}

/* Both arrays: a chunk that is being removed has pages out still. */
static void add_chunk(struct view_device *v, const struct dmirror_chunk *chunk)
{
	if (!chunk)
		return;
	if (!v->nr || chunk->pagemap.start < v->start)
		v->start = (u32)chunk->pagemap.start;
	v->nr += chunk->pagemap.nr;
	v->frames |= (~0ull >> (64 - chunk->pagemap.nr)) <<
		     (chunk->pagemap.start - DEVICE_PFN);
	v->ref += __atomic_load_n(&chunk->pagemap.ref, __ATOMIC_RELAXED);
}

static struct view_device dmirror_view_device(u32 dev)
{
	const struct dmirror_device *mdevice = dmirror_device(dev);
	struct view_device v = { .live = mdevice };
	const struct page *page;
	u64 seen = 0;

	if (!mdevice)
		return v;
	for (u32 i = 0; i < DEVMEM_CHUNKS; i++) {
		add_chunk(&v, mdevice->devmem_chunks[i]);
		add_chunk(&v, mdevice->removed[i]);
	}
	v.allocated = (u32)(mdevice->calloc - mdevice->cfree);
	for (page = mdevice->free_pages; page && v.nr_free <= v.nr;
	     page = page->zone_device_data) {
		u64 bit = 1ull << (page_to_pfn(page) - DEVICE_PFN);

		v.free_twice |= seen & bit || page->_refcount > 0;
		seen |= bit;
		v.nr_free++;
	}
	return v;
}

void dmirror_view_boot(void)
{
	view_dmirror = view_mm;
	view_dmirror.page = dmirror_view_page;
	view_dmirror.device = dmirror_view_device;
	view_dmirror.svmm = dmirror_view_svmm;
	view_dmirror.gpu_entry = dmirror_entry;
	view_dmirror.gpu_tlb = dmirror_view_tlb;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * test_hmm_pin: pages that the device works on in place, while the CPU cannot
 * reach them: MIGRATE_PIN.
 *
 * Models what "SVM atomics" (first posting, February 2021, 5/9) added to
 * lib/test_hmm.c; spec atomics-v1-pin.md 4.4. What the migration does to such a
 * page is in mm/migrate_device_pin.c.
 *
 *	CPU's entry -----> device page -- zone_device_data --> old page
 *	mirror's entry, for atomics --------------------------> old page
 *
 * A device page of this kind has no memory of its own. The old page is off the
 * LRU and pinned, once, and both belong to the device page that stands for it: a
 * CPU that touches it, whoever evicts the device's pages, and who wants to move
 * the old page give it back to its place (MIGRATE_PFN_UNPIN); a device page that
 * nobody maps any more lets go of it.
 *
 * Lock order: see test_hmm.c. The lock of the old page is only tried, by who has
 * that of the device page.
 *
 * Differences from what was posted:
 *  - there the entry of the mirror has the pin, and who invalidates it drops
 *    that, and no more: another process may map the device page still, and the
 *    isolation is never undone (dm_q_c1_invalidation_unpins);
 *  - a mover can ask for the page; there it is pinned in ZONE_MOVABLE too, and
 *    nobody can;
 *  - what was invalidated since setup is not stored, see test_hmm_migrate.c.
 */
#include <linux/errno.h>
#include <linux/memremap.h>
#include <linux/pagemap.h>

#include "targets/dmirror/test_hmm.h"
#include "targets/mutation.h"

/* The old page goes its own way; it is pinned no longer. Atomic. */
static void dmirror_let_go(struct page *old)
{
	page_set_lender(old, NULL);
	page_ref_put(old, VIEW_REF_ATOMIC_PIN);
}

bool dmirror_page_pins(const struct page *dpage)
{
	const struct page *old = dpage->zone_device_data;

	return old && page_lender(old) == dpage;
}

bool dmirror_pin_free(struct page *dpage)
{
	struct page *old = dpage->zone_device_data;

	if (old && !dmirror_page_pins(dpage))
		return false;
	dmirror_set_backing(dpage, NULL);
	if (old) {
		dmirror_let_go(old);
		page_ref_put(old, VIEW_REF_DRIVER);
	}
	return true;
}

unsigned long dmirror_pin_dst(struct page *dpage)
{
	struct page *old = dpage->zone_device_data;

	return folio_trylock(page_folio(old)) ?
		migrate_pfn(page_to_pfn(old)) | MIGRATE_PFN_UNPIN : 0;
}

void dmirror_pins_came_back(const unsigned long *src, const unsigned long *dst,
			    unsigned long npages)
{
	for (; npages; npages--, src++, dst++) {
		if (!(*dst & MIGRATE_PFN_UNPIN) ||
		    !(*src & MIGRATE_PFN_MIGRATE))
			continue;
		page_set_lender(migrate_pfn_to_page(*dst), NULL);
		dmirror_set_backing(migrate_pfn_to_page(*src), NULL);
	}
}

/* The posted form: the mirror's entry, which goes, had the pin. */
void dmirror_pin_invalidated(void *entry)
{
	struct page *old = xa_untag_pointer(entry), *dpage;

	if (!mutated(dm_q_c1_invalidation_unpins) || !old ||
	    xa_pointer_tag(entry) != DPT_XA_TAG_ATOMIC)
		return;
	dpage = page_lender(old);
	if (!dpage)
		return;
	dmirror_let_go(old);
	dmirror_set_backing(dpage, NULL);
}

/* A mover has @page, which a device page stands for, and wants it. 0, -EBUSY,
 * -ENOMEM. */
int dmirror_devmem_revoke(struct page *page)
{
	struct page *dpage = page_lender(page);
	unsigned long src = 0, dst = 0;
	int ret = -EBUSY;

	if (!dpage)
		return ret;
	if (migrate_device_range(&src, page_to_pfn(dpage), 1))
		return -ENOMEM;
	/* It may stand for another page by now, or for none. */
	if (src & MIGRATE_PFN_MIGRATE && page_lender(page) == dpage)
		dst = dmirror_pin_dst(dpage);
	migrate_device_pages(&src, &dst, 1);
	if (dst && src & MIGRATE_PFN_MIGRATE) {
		dmirror_pins_came_back(&src, &dst, 1);
		ret = 0;
	}
	migrate_device_finalize(&src, &dst, 1);
	return ret;
}

/* -- MIGRATE_PIN -- */

/* What is collected, and mapped indeed, gets a device page in its place. */
static void dmirror_pin_alloc(struct dmirror_batch *batch,
			      struct dmirror_device *mdevice)
{
	const struct migrate_vma *args = &batch->args;

	for (unsigned long i = 0; i < args->npages; i++) {
		struct page *old = migrate_pfn_to_page(args->src[i]), *dpage;

		/* The zero page is collected as a hole. */
		if (!(args->src[i] & MIGRATE_PFN_MIGRATE) || !old)
			continue;
		dpage = dmirror_devmem_alloc_pin(mdevice, old);
		if (dpage)
			args->dst[i] = migrate_pfn(page_to_pfn(dpage)) |
				       (args->src[i] & MIGRATE_PFN_WRITE);
	}
}

/* Only now is it known which did move: those the mirror gets, and the device
 * pages of the others stand for nothing. */
static void dmirror_pin_map(struct dmirror_batch *batch,
			    struct dmirror *dmirror,
			    struct hmm_dmirror_cmd *cmd)
{
	const struct migrate_vma *args = &batch->args;
	unsigned long addr = args->start;

	mutex_lock(&dmirror->mutex);
	for (unsigned long i = 0; i < args->npages; i++, addr += PAGE_SIZE) {
		struct page *dpage = migrate_pfn_to_page(args->dst[i]);
		struct page *old;

		if (!dpage)
			continue;
		old = dpage->zone_device_data;
		if (!(args->src[i] & MIGRATE_PFN_MIGRATE)) {
			page_set_lender(old, NULL);
			dmirror_set_backing(dpage, NULL);
			continue;
		}
		cmd->cpages++;
		if (!dmirror_window_stale(batch->window, addr))
			dmirror_pt_store(dmirror, addr >> PAGE_SHIFT,
					 xa_tag_pointer(old,
							DPT_XA_TAG_ATOMIC));
	}
	mutex_unlock(&dmirror->mutex);
}

static void dmirror_batch_pin(struct dmirror *dmirror,
			      struct dmirror_batch *batch,
			      struct hmm_dmirror_cmd *cmd)
{
	dmirror_pin_alloc(batch, dmirror->mdevice);
	migrate_vma_pages(&batch->args);
	dmirror_pin_map(batch, dmirror, cmd);
	migrate_vma_finalize(&batch->args);
}

int dmirror_migrate_pin(struct dmirror *dmirror, struct hmm_dmirror_cmd *cmd)
{
	return dmirror_migrate(dmirror, cmd, MIGRATE_VMA_SELECT_SYSTEM |
			       MIGRATE_VMA_KEEP_ARRAYS, dmirror_batch_pin);
}

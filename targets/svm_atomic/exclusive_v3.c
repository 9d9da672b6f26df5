// SPDX-License-Identifier: GPL-2.0
/*
 * exclusive_v3: device-exclusive access as it was first posted.
 *
 * Models what "mm: Device exclusive memory access" (v3 5/8, February 2021) did
 * otherwise than the merged form in mm/rmap_exclusive.c, memory.c and
 * memory_copy.c; they ask exclusive_form. Spec device-exclusive.md 2, 3.1, 6.
 * Lock order: rmap.c.
 *
 *			as posted			as merged
 *	bracket		CLEAR, of nobody		EXCLUSIVE, of the caller
 *	fork		copies the entry, for reading	gives the page back first
 *	success		nothing maps the page		and it came from there
 *	pages		files' too			anonymous ones
 *
 * The first two are rules, and are kept. The others were mistakes:
 *
 *	driver				another CPU
 *	find page A at va
 *					zap va; a store puts B there
 *	walk A: nothing maps it
 *	[must be a failure: va is B's]				(W-D4)
 *
 *	lend page A of a file,
 *	mapped at va
 *					fault at another va that maps A: nobody
 *					is told, the CPU has A beside the device
 *								(W-D5, Q-D6)
 *
 * A copied entry is a second one for its page, so a page may be lent in one mm
 * and mapped in another: walks of its rmap meet both.
 *
 * Differences:
 *  - the two mistakes are mended as the merged form has it; they are rows of
 *    mutations.def;
 *  - ANON_EXCLUSIVE is newer than the series: a copied entry clears it, and a
 *    page that may be pinned is given back and copied as if it had been mapped;
 *  - no temporary stacks of exec to skip.
 */
#include <linux/mmu_notifier.h>

#include "targets/mutation.h"
#include "targets/svm_atomic/exclusive_v3.h"

static bool v3_may_lend(const struct folio *folio)
{
	return folio_test_anon(folio) || mutated(v3_d5_lends_file_pages);
}

static bool v3_made(const struct folio *folio, bool valid)
{
	return (valid || mutated(v3_d4_mapped_nowhere_will_do)) &&
	       !folio_mapped(folio);
}

const struct exclusive_form exclusive_v3 = {
	.name	= "v3",
	.event	= MMU_NOTIFY_CLEAR,
	.fork_copies = true,
	.may_lend = v3_may_lend,
	.made	= v3_made,
};

int make_device_exclusive_range_v3(struct mm_struct *mm, unsigned long start,
				   unsigned long end, struct page **pages)
{
	return make_device_exclusive_range(mm, start, end, pages, NULL);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * test_rmap: who is on which anon_vma, and in which order a walk meets them.
 */
#include <linux/pagemap.h>
#include <linux/rmap.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

/* What a walk met: slot and program page, in order, and where it found it. */
struct met {
	u32 nr, nr_mapped;
	u32 slot[PROG_MMS];
	u32 page[PROG_MMS];
};

static bool met_one(struct folio *folio, struct vm_area_struct *vma,
		    unsigned long addr, void *arg)
{
	DEFINE_FOLIO_VMA_WALK(pvmw, folio, vma, addr, PVMW_SYNC);
	struct met *met = arg;

	CUT_CHECK(met->nr < PROG_MMS);
	met->slot[met->nr] = vma->vm_mm->slot;
	met->page[met->nr++] = VIEW_PAGE(addr);
	while (page_vma_mapped_walk(&pvmw))
		met->nr_mapped++;
	return true;
}

/* Walks the page that is mapped at @page of @slot. */
static struct met walk(u32 slot, u32 page)
{
	struct folio *folio = test_folio(slot, page);
	struct met met = { 0 };
	struct rmap_walk_control rwc = { .rmap_one = met_one, .arg = &met };

	CUT_CHECK(folio_trylock(folio));
	rmap_walk(folio, &rwc);
	folio_unlock(folio);
	return met;
}

/* A page of the parent is looked for in the child; one of the child is not
 * looked for in the parent. */
void rmap_fork_finds_both(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct met met;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	met = walk(0, 0);
	CUT_CHECK(met.nr == 1 && met.nr_mapped == 1 && met.page[0] == 0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	met = walk(0, 0);
	CUT_CHECK(met.nr == 2 && met.nr_mapped == 2);
	CUT_CHECK(met.slot[0] == 0 && met.slot[1] == child->slot);
	CUT_CHECK(test_store(child, 0, 2) == 0);
	met = walk(child->slot, 0);
	CUT_CHECK(met.nr == 1 && met.slot[0] == child->slot);
	met = walk(0, 0);
	CUT_CHECK(met.nr == 2 && met.nr_mapped == 1);
	mmput(child);
	met = walk(0, 0);
	CUT_CHECK(met.nr == 1 && met.slot[0] == 0);
	mm_leave(mm);
}

/* The child lives on without the parent, whose anon_vma it still needs. */
void rmap_child_outlives_parent(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child, *grandchild;
	struct met met;

	CUT_CHECK(test_store(mm, 1, 1) == 0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), 8 * PAGE_SIZE) == 0);
	grandchild = dup_mm(child);
	CUT_CHECK(!IS_ERR(grandchild));
	met = walk(child->slot, 1);
	CUT_CHECK(met.nr == 2 && met.nr_mapped == 2);
	CUT_CHECK(met.slot[0] == child->slot);
	CUT_CHECK(met.slot[1] == grandchild->slot);
	mmput(child);
	CUT_CHECK(test_load(grandchild, 1) == 1);
	mmput(grandchild);
	mm_leave(mm);
}

/* Both halves of a split VMA keep their pages, at their addresses. */
void rmap_split_finds_both(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct met met;

	CUT_CHECK(test_store(mm, 1, 1) == 0);
	CUT_CHECK(test_store(mm, 6, 6) == 0);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(3), 2 * PAGE_SIZE) == 0);
	met = walk(0, 1);
	CUT_CHECK(met.nr == 1 && met.nr_mapped == 1 && met.page[0] == 1);
	met = walk(0, 6);
	CUT_CHECK(met.nr == 1 && met.nr_mapped == 1 && met.page[0] == 6);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(6), PAGE_SIZE, PROT_READ) == 0);
	met = walk(0, 6);
	CUT_CHECK(met.nr == 1 && met.nr_mapped == 1 && met.page[0] == 6);
	mm_leave(mm);
}

/* A VMA that moved keeps its page offsets, so its pages are found there. */
void rmap_remap_finds_it(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct met met;

	CUT_CHECK(test_store(mm, 2, 2) == 0);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(do_mremap(mm, VIEW_VA(0), 8 * PAGE_SIZE, VIEW_VA(8)) == 0);
	CUT_CHECK(test_load(mm, 10) == 2);
	met = walk(0, 10);
	CUT_CHECK(met.nr == 2 && met.nr_mapped == 2);
	CUT_CHECK(met.slot[0] == child->slot && met.page[0] == 2);
	CUT_CHECK(met.slot[1] == 0 && met.page[1] == 10);
	mmput(child);
	mm_leave(mm);
}

/* Two threads give one VMA its first page each: it gets one anon_vma. */
void rmap_prepare_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct met met;

	CUT_CHECK(test_store(mm, index, 1) == 0);
	met = walk(0, index);
	CUT_CHECK(met.nr == 1 && met.nr_mapped == 1);
	mm_leave(mm);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * test_v3: what device-exclusive access as first posted promises, one task at a
 * time.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>

#include "targets/mm/internal.h"
#include "targets/svm_atomic/exclusive_v3.h"
#include "targets/svm_atomic/tests/v3_test.h"

void v3_boot(void)
{
	exclusive_form = &exclusive_v3;
	mm_boot();
	nouveau_boot(&nouveau_svm_v3);
}

void v3_halt(void)
{
	mm_halt();
	nouveau_halt();
}

long v3_atomic(u32 client, u32 page)
{
	return gpu_access(0, client, VIEW_VA(page), GPU_ATOMIC, 0);
}

u32 v3_kind(u32 slot, u32 page)
{
	return VIEW_KIND(view_mm.cpu_entry(slot, VIEW_VA(page)));
}

u32 v3_load(struct mm_struct *mm, u32 page)
{
	u32 value;

	return cpu_load(mm, VIEW_VA(page), &value) ? ~0u : value;
}

u32 v3_load_as(u32 slot, u32 page)
{
	struct mm_struct *mm = mm_enter(slot);
	u32 value;

	CUT_CHECK(mm);
	value = v3_load(mm, page);
	mm_leave(mm);
	return value;
}

/* D1: each side gets it back by asking. */
void v3_lends_and_restores(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5));
	CUT_CHECK(v3_atomic(0, 0) == 5);
	CUT_CHECK(v3_kind(0, 0) == VIEW_EXCLUSIVE_WRITE);
	CUT_CHECK(gpu_entry(0, VIEW_VA(0)) & VIEW_A);
	CUT_CHECK(v3_atomic(1, 0) == 6);
	CUT_CHECK(v3_kind(0, 0) == VIEW_EXCLUSIVE_WRITE);
	CUT_CHECK(v3_load(mm, 0) == 7);
	CUT_CHECK(v3_kind(0, 0) == VIEW_PRESENT);
	CUT_CHECK(gpu_entry(0, VIEW_VA(0)) == VIEW_NONE);
	CUT_CHECK(v3_atomic(0, 0) == 7);
	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 20));
	CUT_CHECK(v3_atomic(0, 0) == 20);
	CUT_CHECK(v3_load(mm, 0) == 21);
	mm_leave(mm);
}

/* D8: a hole, the zero page, a shared page; not what must not be written, not
 * a file's. */
void v3_takes_what_it_may(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct file *file = file_slot_get(0);

	CUT_CHECK(v3_atomic(0, 0) == 0);
	CUT_CHECK(v3_load(mm, 1) == 0 && v3_atomic(0, 1) == 0);
	CUT_CHECK(!cpu_store(mm, VIEW_VA(2), 2));
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(v3_atomic(0, 2) == 2 && v3_load(child, 2) == 2);
	mmput(child);
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(3), PAGE_SIZE, PROT_READ));
	CUT_CHECK(v3_atomic(0, 3) == -EFAULT);
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(3), PAGE_SIZE, PROT_NONE));
	CUT_CHECK(v3_atomic(0, 3) == -EFAULT);
	CUT_CHECK(!vm_munmap(mm, VIEW_VA(3), PAGE_SIZE));
	CUT_CHECK(v3_atomic(0, 3) == -EFAULT);
	CUT_CHECK(!ksys_mmap(mm, VIEW_VA(4), PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_SHARED, file, 0));
	CUT_CHECK(v3_atomic(0, 4) == -EFAULT);
	CUT_CHECK(!ksys_mmap(mm, VIEW_VA(5), PAGE_SIZE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE, file, 0));
	CUT_CHECK(v3_atomic(0, 5) >= 0);
	CUT_CHECK(v3_kind(0, 5) == VIEW_EXCLUSIVE_WRITE);
	fput(file);
	mm_leave(mm);
}

/* D3: parent and child have the entry, neither may write through it, and each
 * goes on with what was there. */
void v3_fork_copies_for_reading(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5) && v3_atomic(0, 0) == 5);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(v3_kind(0, 0) == VIEW_EXCLUSIVE_READ);
	CUT_CHECK(v3_kind(child->slot, 0) == VIEW_EXCLUSIVE_READ);
	CUT_CHECK(gpu_entry(0, VIEW_VA(0)) == VIEW_NONE);
	CUT_CHECK(v3_load(child, 0) == 6);
	CUT_CHECK(v3_kind(0, 0) == VIEW_EXCLUSIVE_READ);
	CUT_CHECK(v3_atomic(0, 0) == 6);
	CUT_CHECK(v3_load(child, 0) == 6);
	CUT_CHECK(!cpu_store(child, VIEW_VA(0), 9));
	CUT_CHECK(v3_load(mm, 0) == 7);
	mmput(child);
	/* Lent while a child has it still: a copy, and the child's is its own. */
	CUT_CHECK(v3_atomic(0, 0) == 7);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 30));
	CUT_CHECK(v3_load(child, 0) == 8);
	mmput(child);
	mm_leave(mm);
}

/* Who holds a pin writes to the parent's page, so the child has another. */
void v3_fork_copies_pinned(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *page;

	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5));
	CUT_CHECK(pin_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE, &page) == 1);
	CUT_CHECK(v3_atomic(0, 0) == 5);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(v3_kind(0, 0) == VIEW_PRESENT);
	CUT_CHECK(v3_kind(child->slot, 0) == VIEW_PRESENT);
	CUT_CHECK(VIEW_PFN(view_mm.cpu_entry(0, VIEW_VA(0))) ==
		  page_to_pfn(page));
	CUT_CHECK(VIEW_PFN(view_mm.cpu_entry(child->slot, VIEW_VA(0))) !=
		  page_to_pfn(page));
	CUT_CHECK(v3_load(child, 0) == 6);
	unpin_user_page(page);
	mmput(child);
	mm_leave(mm);
}

/* D2: rights that went while the page was lent do not come back with it. */
void v3_protection_holds(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5) && v3_atomic(0, 0) == 5);
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, PROT_READ));
	CUT_CHECK(v3_kind(0, 0) == VIEW_EXCLUSIVE_READ);
	CUT_CHECK(v3_atomic(0, 0) == -EFAULT);
	CUT_CHECK(cpu_store(mm, VIEW_VA(0), 6) == -EFAULT);
	CUT_CHECK(v3_load(mm, 0) == 6);
	CUT_CHECK(!do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
			       PROT_READ | PROT_WRITE));
	CUT_CHECK(v3_atomic(0, 0) == 6);
	mm_leave(mm);
}

/* D4: unmapped, dropped, or left behind. */
void v3_goes_with_its_mapping(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	for (u32 page = 0; page < 3; page++) {
		CUT_CHECK(!cpu_store(mm, VIEW_VA(page), 5));
		CUT_CHECK(v3_atomic(0, page) == 5);
	}
	CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE));
	CUT_CHECK(gpu_entry(0, VIEW_VA(0)) == VIEW_NONE);
	CUT_CHECK(v3_load(mm, 0) == 0 && v3_atomic(0, 0) == 0);
	CUT_CHECK(!vm_munmap(mm, VIEW_VA(1), PAGE_SIZE));
	CUT_CHECK(v3_atomic(0, 1) == -EFAULT);
	mm_leave(mm);
}

/* Lent in the parent, mapped in the child: the second is no obstacle, the first
 * is taken back. */
void v3_moves_when_wanted(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u32 pfn;

	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 5) && v3_atomic(0, 0) == 5);
	child = dup_mm(mm);
	CUT_CHECK(!IS_ERR(child));
	CUT_CHECK(v3_load(child, 0) == 6);
	pfn = VIEW_PFN(view_mm.cpu_entry(0, VIEW_VA(0)));
	CUT_CHECK(!offline_pages(pfn));
	CUT_CHECK(v3_kind(0, 0) == VIEW_PRESENT);
	CUT_CHECK(VIEW_PFN(view_mm.cpu_entry(0, VIEW_VA(0))) != pfn);
	CUT_CHECK(v3_load(mm, 0) == 6);
	CUT_CHECK(v3_load(child, 0) == 6);
	mmput(child);
	mm_leave(mm);
}

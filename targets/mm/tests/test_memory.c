// SPDX-License-Identifier: GPL-2.0
/*
 * test_memory: mappings of every kind: what a fault, munmap, mprotect, fork and
 * mremap make of files, shared memory and pages on the move.
 */
#include <linux/fs.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>

#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

#define RW		(PROT_READ | PROT_WRITE)
#define FILE_PAGE	8	/* where the tests map a file of FILE_PAGES pages */

/* Pages [page, page + count) of slot 0 map @file from page @pgoff on. */
static void map_file(struct mm_struct *mm, u32 page, u32 count,
		     unsigned long flags, u32 pgoff)
{
	struct file *file = file_slot_get(0);

	CUT_CHECK(!IS_ERR(file));
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(page), count * PAGE_SIZE, RW, flags,
			    file, pgoff) == 0);
	fput(file);
}

static void map_shmem(struct mm_struct *mm, u32 page, u32 count)
{
	CUT_CHECK(ksys_mmap(mm, VIEW_VA(page), count * PAGE_SIZE, RW,
			    MAP_SHARED | MAP_ANONYMOUS, NULL, 0) == 0);
}

static struct mm_struct *must_fork(struct mm_struct *mm)
{
	struct mm_struct *child = dup_mm(mm);

	CUT_CHECK(!IS_ERR(child));
	return child;
}

static void boot_file(unsigned long flags)
{
	struct mm_struct *mm;

	mm_test_boot();
	mm = mm_enter(0);
	map_file(mm, FILE_PAGE, FILE_PAGES, flags, 0);
	mm_leave(mm);
}

void memory_shared_boot(void)
{
	boot_file(MAP_SHARED);
}

void memory_private_boot(void)
{
	boot_file(MAP_PRIVATE);
}

void memory_written_boot(void)
{
	struct mm_struct *mm;

	mm_test_boot();
	mm = mm_enter(0);
	CUT_CHECK(test_store(mm, 0, 5) == 0);
	mm_leave(mm);
}

/* A real file hears of the first store, shared memory does not care. */
void memory_write_notify(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u64 word;

	map_shmem(mm, 0, 1);
	map_file(mm, 1, 1, MAP_SHARED, 0);
	map_file(mm, 2, 1, MAP_PRIVATE, 0);
	CUT_CHECK(!test_load(mm, 0) && !test_load(mm, 1) && !test_load(mm, 2));
	CUT_CHECK(test_entry(0, 0) & VIEW_W);
	CUT_CHECK(!(test_entry(0, 1) & VIEW_W));
	CUT_CHECK(!(test_entry(0, 2) & VIEW_W));
	CUT_CHECK(VIEW_PFN(test_entry(0, 1)) == VIEW_PFN(test_entry(0, 2)));
	CUT_CHECK(test_store(mm, 0, 5) == 0 && test_store(mm, 1, 6) == 0);
	word = test_entry(0, 1);
	CUT_CHECK(word & VIEW_W && word & VIEW_DIRTY);
	CUT_CHECK(view_mm.page(VIEW_PFN(word)).dirty);
	CUT_CHECK(test_load(mm, 2) == 6);
	CUT_CHECK(view_mm.mm(0).rss == 3);

	/* mprotect gives back to a shared entry what it knows it had. */
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), 2 * PAGE_SIZE, PROT_READ) == 0);
	CUT_CHECK(!(test_entry(0, 0) & VIEW_W) && !(test_entry(0, 1) & VIEW_W));
	CUT_CHECK(test_store(mm, 1, 7) == -EFAULT);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(0), 2 * PAGE_SIZE, RW) == 0);
	CUT_CHECK(test_entry(0, 0) & VIEW_W && test_entry(0, 1) & VIEW_W);
	mm_leave(mm);
}

/* A private store copies; what others see of the file stays. */
void memory_private_copies(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct view_page page;
	u32 value, cached;

	map_file(mm, 0, 2, MAP_PRIVATE, 0);
	map_file(mm, 2, 2, MAP_SHARED, 0);
	CUT_CHECK(test_store(mm, 2, 4) == 0 && test_store(mm, 3, 5) == 0);
	cached = VIEW_PFN(test_entry(0, 2));
	CUT_CHECK(test_store(mm, 0, 6) == 0);		/* nothing there yet */
	CUT_CHECK(test_load(mm, 1) == 5 && test_store(mm, 1, 7) == 0);
	CUT_CHECK(test_load(mm, 2) == 4 && test_load(mm, 3) == 5);
	page = view_mm.page(VIEW_PFN(test_entry(0, 0)));
	CUT_CHECK(page.anon && page.exclusive && page.refcount == 1);
	CUT_CHECK(view_mm.page(cached).mapcount == 1);
	CUT_CHECK(test_load(mm, 0) == 6 && test_load(mm, 1) == 7);
	CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(0), 2 * PAGE_SIZE) == 0);
	CUT_CHECK(test_load(mm, 0) == 4 && test_load(mm, 1) == 5);
	/* Beyond the end there is nothing. */
	map_file(mm, 4, 2, MAP_SHARED, FILE_PAGES - 1);
	CUT_CHECK(cpu_load(mm, VIEW_VA(4), &value) == 0);
	CUT_CHECK(cpu_load(mm, VIEW_VA(5), &value) == -EFAULT);
	mm_leave(mm);
}

/* Shared memory is one in parent and child, also where it was not read yet. */
void memory_child_shares(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	map_shmem(mm, 0, 2);
	map_file(mm, 2, 1, MAP_PRIVATE, 0);
	CUT_CHECK(test_store(mm, 0, 1) == 0 && test_store(mm, 2, 3) == 0);
	child = must_fork(mm);
	/* Only what a fault would not find again is copied. */
	CUT_CHECK(test_entry(child->slot, 0) == VIEW_NONE);
	CUT_CHECK(VIEW_KIND(test_entry(child->slot, 2)) == VIEW_PRESENT);
	CUT_CHECK(test_load(child, 0) == 1 && test_store(child, 1, 2) == 0);
	CUT_CHECK(test_load(mm, 1) == 2 && test_store(mm, 0, 4) == 0);
	CUT_CHECK(test_load(child, 0) == 4);
	CUT_CHECK(test_store(child, 2, 5) == 0 && test_load(mm, 2) == 3);
	mmput(child);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), PAGE_SIZE) == 0);
	CUT_CHECK(test_load(mm, 1) == 2);
	mm_leave(mm);
}

/* A VMA that is cut maps the pages it mapped before. */
void memory_split_keeps_pages(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 page;

	map_file(mm, FILE_PAGE, FILE_PAGES, MAP_SHARED, 0);
	for (page = 0; page < FILE_PAGES; page++)
		CUT_CHECK(test_store(mm, FILE_PAGE + page, page + 1) == 0);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(FILE_PAGE + 3), PAGE_SIZE) == 0);
	CUT_CHECK(do_mprotect(mm, VIEW_VA(FILE_PAGE + 5), PAGE_SIZE,
			      PROT_READ) == 0);
	CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(FILE_PAGE),
				      3 * PAGE_SIZE) == 0);
	CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(FILE_PAGE + 4),
				      4 * PAGE_SIZE) == 0);
	for (page = 0; page < FILE_PAGES; page++)
		CUT_CHECK(test_load(mm, FILE_PAGE + page) ==
			  (page == 3 ? ~0u : page + 1));
	CUT_CHECK(test_store(mm, FILE_PAGE + 5, 1) == -EFAULT);
	mm_leave(mm);
}

/* A page table goes with the last VMA of its span, not before. */
void memory_tables_go_by_range(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	pmd_t *pmd = pmd_offset(mm, VIEW_VA(0));

	CUT_CHECK(test_store(mm, 0, 1) == 0 && test_store(mm, 7, 8) == 0);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(PTRS_PER_PTE), PAGE_SIZE, RW) == 0);
	CUT_CHECK(test_store(mm, PTRS_PER_PTE, 1) == 0);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), 7 * PAGE_SIZE) == 0);
	CUT_CHECK(!pmd_none(pmd) && test_load(mm, 7) == 8);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(7), PAGE_SIZE) == 0);
	CUT_CHECK(pmd_none(pmd) && !pmd_none(pmd + 1));
	CUT_CHECK(test_load(mm, PTRS_PER_PTE) == 1);
	CUT_CHECK(mmap_anon(mm, VIEW_VA(3), PAGE_SIZE, RW) == 0);
	CUT_CHECK(test_store(mm, 3, 4) == 0 && !pmd_none(pmd));
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), PROG_PAGES * PAGE_SIZE) == 0);
	CUT_CHECK(pmd_none(pmd) && pmd_none(pmd + 1) && !mm->mmap);
	mm_leave(mm);
}

/* The reaper leaves what is not this process's alone. */
void memory_reap_spares_shared(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	map_shmem(mm, 8, 1);
	map_file(mm, 9, 1, MAP_PRIVATE, 0);
	CUT_CHECK(test_store(mm, 8, 1) == 0 && test_store(mm, 9, 2) == 0);
	CUT_CHECK(test_store(mm, 0, 3) == 0);
	CUT_CHECK(oom_reap_task_mm(mm) == 0);
	CUT_CHECK(VIEW_KIND(test_entry(0, 8)) == VIEW_PRESENT);
	CUT_CHECK(test_entry(0, 9) == VIEW_NONE);
	CUT_CHECK(test_entry(0, 0) == VIEW_NONE);
	CUT_CHECK(test_load(mm, 8) == 1);
	CUT_CHECK(cpu_load(mm, VIEW_VA(9), &value) == -EFAULT);
	mm_leave(mm);
}

/* Two threads' first faults of a file's page; it is mapped once. */
void memory_file_faults_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_load(mm, FILE_PAGE) == 0);
	CUT_CHECK(test_load(mm, FILE_PAGE) == 0);
	mm_leave(mm);
}

/* A store asks the file while its entry is taken away. */
void memory_mkwrite_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	if (index) {
		CUT_CHECK(do_madvise_dontneed(mm, VIEW_VA(FILE_PAGE),
					      PAGE_SIZE) == 0);
	} else {
		CUT_CHECK(test_load(mm, FILE_PAGE) == 0);
		CUT_CHECK(test_store(mm, FILE_PAGE, 6) == 0);
		CUT_CHECK(!cpu_increment(mm, VIEW_VA(FILE_PAGE), &value));
		CUT_CHECK(value == 6 && test_load(mm, FILE_PAGE) == 7);
	}
	mm_leave(mm);
}

/* Truncate finds the VMA through the file while munmap frees its table. */
void memory_truncate_munmap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct file *file = file_slot_get(0);
	int ret;

	if (index) {
		truncate_setsize(file_inode(file), 0);
	} else {
		ret = test_store(mm, FILE_PAGE, 1);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
		CUT_CHECK(vm_munmap(mm, VIEW_VA(FILE_PAGE),
				    FILE_PAGES * PAGE_SIZE) == 0);
	}
	fput(file);
	mm_leave(mm);
}

void memory_mremap_moves(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn;

	CUT_CHECK(test_store(mm, 1, 1) == 0 && test_store(mm, 2, 2) == 0);
	pfn = VIEW_PFN(test_entry(0, 2));
	/* The middle of a VMA, over two tables. */
	CUT_CHECK(do_mremap(mm, VIEW_VA(1), 4 * PAGE_SIZE, VIEW_VA(10)) == 0);
	CUT_CHECK(test_load(mm, 1) == ~0u && test_load(mm, 4) == ~0u);
	CUT_CHECK(test_load(mm, 10) == 1 && test_load(mm, 11) == 2);
	CUT_CHECK(test_load(mm, 12) == 0 && test_load(mm, 0) == 0);
	CUT_CHECK(VIEW_PFN(test_entry(0, 11)) == pfn);
	CUT_CHECK(test_entry(0, 11) & VIEW_SOFT_DIRTY);
	CUT_CHECK(view_mm.page(pfn).index == VIEW_VA(2) >> PAGE_SHIFT);
	CUT_CHECK(do_mremap(mm, VIEW_VA(11), PAGE_SIZE, VIEW_VA(2)) == 0);
	CUT_CHECK(test_load(mm, 2) == 2 && test_load(mm, 11) == ~0u);
	CUT_CHECK(test_store(mm, 2, 3) == 0 && test_store(mm, 10, 4) == 0);
	/* A hole, an overlap, something in the way. */
	CUT_CHECK(do_mremap(mm, VIEW_VA(11), PAGE_SIZE, VIEW_VA(1)) == -EFAULT);
	CUT_CHECK(do_mremap(mm, VIEW_VA(10), 2 * PAGE_SIZE, VIEW_VA(3)) ==
		  -EFAULT);
	CUT_CHECK(do_mremap(mm, VIEW_VA(2), 2 * PAGE_SIZE, VIEW_VA(3)) ==
		  -EINVAL);
	CUT_CHECK(do_mremap(mm, VIEW_VA(2), PAGE_SIZE, VIEW_VA(10)) == -EEXIST);
	mm_leave(mm);
}

/* Whoever stores through the old address stores before the move, or not. */
void memory_mremap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	int ret;

	if (index) {
		ret = test_store(mm, 0, 6);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
		ret = test_store(mm, 0, 7);
		CUT_CHECK(ret == 0 || ret == -EFAULT);
	} else {
		CUT_CHECK(do_mremap(mm, VIEW_VA(0), PAGE_SIZE,
				    VIEW_VA(9)) == 0);
		ret = (int)test_load(mm, 9);
		CUT_CHECK(ret >= 5 && ret <= 7);
		CUT_CHECK(test_load(mm, 0) == ~0u);
	}
	mm_leave(mm);
}

#define INCREMENTS	3
void memory_increments_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 i, value;

	for (i = 0; i < INCREMENTS; i++)
		CUT_CHECK(cpu_increment(mm, VIEW_VA(0), &value) == 0);
	mm_leave(mm);
}

void memory_increments_halt(void)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(test_load(mm, 0) == 5 + 2 * INCREMENTS);
	mm_leave(mm);
	mm_test_halt();
}

/* One attempt of the kernel's to move the page at @page of slot 0. */
static void move_page(u32 page)
{
	u64 word = test_entry(0, page);
	struct folio *folio = page_folio(pfn_to_page(VIEW_PFN(word)));
	bool isolated;

	if (VIEW_KIND(word) != VIEW_PRESENT || !folio_try_get(folio))
		return;
	isolated = folio_isolate_lru(folio);
	folio_put(folio);
	if (isolated)
		migrate_folio_unmap_and_move(folio, GFP_HIGHUSER_MOVABLE);
}

/* A page on the move comes back with the rights of the day. */
void memory_move_mprotect_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		move_page(0);
	} else {
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE,
				      PROT_READ) == 0);
		CUT_CHECK(test_load(mm, 0) == 5);
		CUT_CHECK(test_store(mm, 0, 6) == -EFAULT);
		CUT_CHECK(do_mprotect(mm, VIEW_VA(0), PAGE_SIZE, RW) == 0);
		CUT_CHECK(test_store(mm, 0, 7) == 0);
		CUT_CHECK(test_load(mm, 0) == 7);
	}
	mm_leave(mm);
}

/* A page on the move is shared by fork like any other. */
void memory_move_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;

	if (index) {
		move_page(0);
	} else {
		child = must_fork(mm);
		CUT_CHECK(test_store(mm, 0, 6) == 0);
		CUT_CHECK(test_load(child, 0) == 5);
		CUT_CHECK(test_store(child, 0, 7) == 0);
		CUT_CHECK(test_load(mm, 0) == 6 && test_load(child, 0) == 7);
		mmput(child);
	}
	mm_leave(mm);
}

/* And moves with its mapping. */
void memory_move_mremap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		move_page(0);
	} else {
		CUT_CHECK(do_mremap(mm, VIEW_VA(0), PAGE_SIZE,
				    VIEW_VA(9)) == 0);
		CUT_CHECK(test_load(mm, 9) == 5 && test_load(mm, 0) == ~0u);
	}
	mm_leave(mm);
}

/* The child of a pinned page's owner gets its own; the owner keeps it. */
void memory_fork_copies_pinned(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	struct page *pinned;
	u32 pfn;

	CUT_CHECK(test_store(mm, 0, 5) == 0 && test_store(mm, 1, 6) == 0);
	CUT_CHECK(pin_user_pages_fast(VIEW_VA(0), 1, FOLL_WRITE, &pinned) == 1);
	pfn = VIEW_PFN(test_entry(0, 0));
	child = must_fork(mm);
	CUT_CHECK(test_entry(0, 0) & VIEW_W);
	CUT_CHECK(VIEW_PFN(test_entry(child->slot, 0)) != pfn);
	CUT_CHECK(test_entry(child->slot, 0) & VIEW_W);
	CUT_CHECK(!(test_entry(0, 1) & VIEW_W));
	CUT_CHECK(test_load(child, 0) == 5 && test_load(child, 1) == 6);
	CUT_CHECK(test_store(mm, 0, 7) == 0 && test_load(child, 0) == 5);
	CUT_CHECK(VIEW_PFN(test_entry(0, 0)) == pfn);
	unpin_user_page(pinned);
	mmput(child);
	mm_leave(mm);
}

static bool ignore_invalidate(struct mmu_interval_notifier *interval_sub,
			      const struct mmu_notifier_range *range,
			      unsigned long cur_seq)
{
	mmu_interval_set_seq(interval_sub, cur_seq);
	return true;
}

/* The first interval of an mm comes while a move has a bracket of it open. */
void memory_register_race(u32 index)
{
	static const struct mmu_interval_notifier_ops ops = {
		.invalidate = ignore_invalidate,
	};
	struct mm_struct *mm = mm_enter(0);
	struct mmu_interval_notifier sub;

	if (index) {
		move_page(0);
		CUT_CHECK(test_load(mm, 0) == 5);
	} else {
		CUT_CHECK(!mmu_interval_notifier_insert(&sub, mm, VIEW_VA(0),
							PAGE_SIZE, &ops));
		mmu_interval_notifier_remove(&sub);
	}
	mm_leave(mm);
}

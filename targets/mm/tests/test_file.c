// SPDX-License-Identifier: GPL-2.0
/*
 * test_file: files and the page cache: finding, making, reading, writing,
 * cutting and mapping pages of them, against each other.
 */
#include <linux/highmem.h>
#include <linux/pagemap.h>
#include <linux/sched.h>

#include "targets/kernel/kernel.h"
#include "targets/mm/internal.h"
#include "targets/mm/tests/mm_test.h"

#define MAP_PAGE	8	/* program page the file is mapped at */

static struct file *file __machine;
static struct folio *found[2] __machine;

static struct address_space *mapping(void)
{
	return file->f_mapping;
}

/* Both the file and its number are the first of the machine. */
void file_test_boot(void)
{
	mm_test_boot();
	file = file_slot_get(0);
}

void file_test_halt(void)
{
	fput(file);
	mm_test_halt();
	CUT_CHECK(!inode_by_number(0));
}

/* File pages [0, 4) at MAP_PAGE; shared or private. */
static void map_file(unsigned long flags)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(!ksys_mmap(mm, VIEW_VA(MAP_PAGE), 4 * PAGE_SIZE,
			     PROT_READ | PROT_WRITE, flags, file, 0));
	mm_leave(mm);
}

static u32 cached_pfn(u32 index)
{
	struct page *page = mapping()->i_pages[index];

	return page ? page_to_pfn(page) : 0;
}

/* -- one task -- */

void file_names_are_files(u32 index)
{
	struct file *again = file_slot_get(0), *other = file_slot_get(1);
	struct inode *inode = file_inode(file);

	CUT_CHECK(again != file && file_inode(again) == inode);
	CUT_CHECK(file_inode(other) != inode && !shmem_file(other));
	CUT_CHECK(inode_by_number(0) == inode && inode->i_ino == 0);
	CUT_CHECK(inode_by_number(1) == file_inode(other));
	CUT_CHECK(i_size_pages(inode) == FILE_PAGES);
	CUT_CHECK(!inode_by_number(VIEW_FILES));
	fput(again);
	fput(other);
	CUT_CHECK(inode_by_number(1));
}

void file_reads_what_it_wrote(u32 index)
{
	u32 value = 1, pfn;

	CUT_CHECK(vfs_read_page(file, 3, &value) == 1 && !value);
	pfn = cached_pfn(3);
	CUT_CHECK(pfn);
	CUT_CHECK(vfs_write_page(file, 3, 7) == 1 && cached_pfn(3) == pfn);
	CUT_CHECK(vfs_read_page(file, 3, &value) == 1 && value == 7);
	CUT_CHECK(!vfs_read_page(file, FILE_PAGES, &value));
	CUT_CHECK(vfs_write_page(file, FILE_PAGES + 1, 8) == 1);
	CUT_CHECK(i_size_pages(file_inode(file)) == FILE_PAGES + 2);
	CUT_CHECK(vfs_read_page(file, FILE_PAGES + 1, &value) == 1 &&
		  value == 8);
	CUT_CHECK(vfs_write_page(file, PROG_PAGES, 9) == -EFBIG);
	CUT_CHECK(!vfs_read_page(file, PROG_PAGES, &value));
	CUT_CHECK(view_mm.page(pfn).refcount == 1);
	truncate_setsize(file_inode(file), 3 * PAGE_SIZE);
	CUT_CHECK(!cached_pfn(3) && !mapping()->nrpages);
	truncate_setsize(file_inode(file), 4 * PAGE_SIZE);
	CUT_CHECK(vfs_read_page(file, 3, &value) == 1 && !value);
}

/* Its pages go with the last user, and its number is never given again. */
void file_shmem_goes_with_its_file(u32 index)
{
	struct file *shmem = shmem_file_setup(2 * PAGE_SIZE), *more;
	u32 value = 1, was = nr_free_pages(), n;

	CUT_CHECK(shmem_file(shmem) && file_inode(shmem)->i_ino == 1);
	CUT_CHECK(vfs_read_page(shmem, 1, &value) == 1 && !value);
	CUT_CHECK(nr_free_pages() == was);
	CUT_CHECK(vfs_write_page(shmem, 1, 5) == 1);
	CUT_CHECK(vfs_read_page(shmem, 1, &value) == 1 && value == 5);
	CUT_CHECK(nr_free_pages() == was - 1);
	get_file(shmem);
	fput(shmem);
	CUT_CHECK(inode_by_number(1));
	fput(shmem);
	CUT_CHECK(!inode_by_number(1) && nr_free_pages() == was);
	for (n = 2; n < VIEW_FILES; n++) {
		more = shmem_file_setup(PAGE_SIZE);
		CUT_CHECK(file_inode(more)->i_ino == n);
		fput(more);
	}
	CUT_CHECK(shmem_file_setup(PAGE_SIZE) == ERR_PTR(-ENFILE));
	CUT_CHECK(file_slot_get(1) == ERR_PTR(-ENFILE));
	CUT_CHECK(shmem_file_setup(-1) == ERR_PTR(-EINVAL));
	CUT_CHECK(shmem_file_setup((PROG_PAGES + 1) * PAGE_SIZE) ==
		  ERR_PTR(-EINVAL));
}

void file_page_is_replaced(u32 index)
{
	struct folio *old = filemap_get_create_folio(mapping(), 2);
	struct folio *new = page_folio(alloc_page(GFP_HIGHUSER_MOVABLE));

	CUT_CHECK(folio_trylock(new));
	replace_page_cache_folio(old, new);
	CUT_CHECK(!folio_mapping(old) && folio_ref_count(old) == 1);
	CUT_CHECK(folio_mapping(new) == mapping() && new->page.index == 2);
	CUT_CHECK(folio_ref_count(new) == 2 && mapping()->nrpages == 1);
	CUT_CHECK(cached_pfn(2) == folio_pfn(new));
	folio_unlock(old);
	folio_put(old);
	folio_unlock(new);
	folio_put(new);
}

/* -- two at once -- */

/* Two want a page nobody has: both get the same one. */
void file_creates_once(u32 index)
{
	struct folio *folio = filemap_get_create_folio(mapping(), 0);

	CUT_CHECK(folio_mapping(folio) == mapping());
	found[index] = folio;
	folio_unlock(folio);
	folio_put(folio);
}

void file_creates_once_halt(void)
{
	CUT_CHECK(found[0] == found[1] && mapping()->nrpages == 1);
	file_test_halt();
}

/* Two open a name for the first time: one file. */
void file_is_made_once(u32 index)
{
	struct file *f = file_slot_get(1);

	CUT_CHECK(file_inode(f) == inode_by_number(1));
	fput(f);
}

/* One comes after the other: the page is there as written, or nothing is. */
void file_write_meets_truncate(u32 index)
{
	if (index)
		truncate_setsize(file_inode(file), 0);
	else
		CUT_CHECK(vfs_write_page(file, 3, 7) == 1);
}

void file_write_meets_truncate_halt(void)
{
	u32 value = 0;

	if (i_size_pages(file_inode(file))) {
		CUT_CHECK(i_size_pages(file_inode(file)) == 4);
		CUT_CHECK(vfs_read_page(file, 3, &value) == 1 && value == 7);
	} else {
		CUT_CHECK(!mapping()->nrpages);
	}
	file_test_halt();
}

void file_written_boot(void)
{
	file_test_boot();
	CUT_CHECK(vfs_write_page(file, 0, 1) == 1);
}

/* Cut and grown again: a read finds what was written, or zeroes, or no page. */
void file_read_meets_regrowth(u32 index)
{
	u32 value, i;

	if (index) {
		truncate_setsize(file_inode(file), 0);
		truncate_setsize(file_inode(file), PAGE_SIZE);
		return;
	}
	for (i = 0; i < 8; i++)
		if (vfs_read_page(file, 0, &value))
			CUT_CHECK(value <= 1);
}

/* -- mapped -- */

void file_shared_boot(void)
{
	file_test_boot();
	map_file(MAP_SHARED);
}

/* The pages are there already: what meets truncate is the fault alone. */
void file_cached_boot(void)
{
	u32 i;

	file_test_boot();
	for (i = 0; i < 4; i++)
		CUT_CHECK(vfs_write_page(file, i, 1) == 1);
	map_file(MAP_SHARED);
}

void file_private_boot(void)
{
	file_test_boot();
	map_file(MAP_PRIVATE);
}

/* After truncate nothing of the file is mapped behind its end. */
static void nothing_mapped(void)
{
	u32 page;

	for (page = 0; page < 4; page++)
		CUT_CHECK(!test_entry(0, MAP_PAGE + page));
}

/* A store beside truncate lands in the file before it ends, or is an error. */
void file_store_meets_truncate(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 page;
	int ret;

	if (index)
		truncate_setsize(file_inode(file), 0);
	for (page = 0; !index && page < 4; page++) {
		ret = test_store(mm, MAP_PAGE + page, 5);
		CUT_CHECK(!ret || ret == -EFAULT);
	}
	mm_leave(mm);
}

/* A page to be written through a mapping is the file's, and locked, or none. */
void file_mkwrite_meets_truncate(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct vm_fault vmf = { .flags = FAULT_FLAG_WRITE };
	struct folio *folio;

	if (index) {
		truncate_setsize(file_inode(file), 0);
		mm_leave(mm);
		return;
	}
	mmap_read_lock(mm);
	vmf.vma = vma_lookup(mm, VIEW_VA(MAP_PAGE));
	folio = filemap_get_folio(mapping(), 0);
	if (folio) {
		vmf.page = &folio->page;
		if (filemap_page_mkwrite(&vmf) == VM_FAULT_LOCKED) {
			CUT_CHECK(cached_pfn(0) == folio_pfn(folio));
			CUT_CHECK(folio_test_dirty(folio));
			folio_unlock(folio);
		}
		folio_put(folio);
	}
	mmap_read_unlock(mm);
	mm_leave(mm);
}

void file_load_meets_truncate(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value, page;

	if (index)
		truncate_setsize(file_inode(file), 0);
	for (page = 0; !index && page < 4; page++) {
		value = test_load(mm, MAP_PAGE + page);
		CUT_CHECK(value == ~0u || !value);
	}
	mm_leave(mm);
}

/* Cut and written again: a fault maps the new page, or is an error. */
void file_load_meets_rewrite(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	if (index) {
		truncate_setsize(file_inode(file), 0);
		CUT_CHECK(vfs_write_page(file, 0, 2) == 1);
	} else {
		value = test_load(mm, MAP_PAGE);
		CUT_CHECK(value == ~0u || !value || value == 2);
	}
	mm_leave(mm);
}

void file_rewrite_halt(void)
{
	struct mm_struct *mm = mm_enter(0);
	u32 pfn = VIEW_PFN(test_entry(0, MAP_PAGE));

	CUT_CHECK(!pfn || pfn == cached_pfn(0));
	CUT_CHECK(test_load(mm, MAP_PAGE) == 2);
	mm_leave(mm);
	file_test_halt();
}

void file_cut_halt(void)
{
	nothing_mapped();
	CUT_CHECK(!mapping()->nrpages);
	file_test_halt();
}

/* A file whose mapping is its last user goes when that is unmapped. */
void file_goes_with_its_mapping(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 was = nr_free_pages();

	CUT_CHECK(!ksys_mmap(mm, VIEW_VA(MAP_PAGE), 2 * PAGE_SIZE,
			     PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, NULL, 0));
	CUT_CHECK(inode_by_number(1));
	CUT_CHECK(!test_store(mm, MAP_PAGE, 5));
	CUT_CHECK(nr_free_pages() == was - 1);
	CUT_CHECK(!vm_munmap(mm, VIEW_VA(MAP_PAGE), 2 * PAGE_SIZE));
	CUT_CHECK(!inode_by_number(1) && nr_free_pages() == was);
	mm_leave(mm);
}

/* -- without memory -- */

/* Calls on files and their mappings; the first error, or 0. */
static int one_of_each(struct mm_struct *mm)
{
	struct file *f = file_slot_get(1);
	int ret = PTR_ERR_OR_ZERO(f);
	u32 value;

	if (ret)
		return ret;
	ret = min(vfs_read_page(f, 0, &value), 0);
	if (!ret)
		ret = min(vfs_write_page(f, 1, 3), 0);
	if (!ret)
		ret = ksys_mmap(mm, VIEW_VA(MAP_PAGE), 4 * PAGE_SIZE,
				PROT_READ | PROT_WRITE, MAP_PRIVATE, f, 0);
	if (!ret)
		ret = test_store(mm, MAP_PAGE + 1, 4);
	if (!ret)
		ret = cpu_load(mm, VIEW_VA(MAP_PAGE + 2), &value);
	if (!ret)
		ret = vm_munmap(mm, VIEW_VA(MAP_PAGE + 1), PAGE_SIZE);
	truncate_setsize(file_inode(f), FILE_PAGES * PAGE_SIZE / 2);
	truncate_setsize(file_inode(f), FILE_PAGES * PAGE_SIZE);
	fput(f);
	return ret;
}

/* The pages of the file of one_of_each() are not to be counted. */
static void forget_cache(void)
{
	struct inode *inode = inode_by_number(1);

	if (!inode)
		return;
	truncate_setsize(inode, 0);
	truncate_setsize(inode, FILE_PAGES * PAGE_SIZE);
}

/* Each allocation of it fails once: -ENOMEM, and all is as if nothing was. */
void file_survives_failures(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 was = nr_free_pages(), failed = 0;
	int ret;

	do {
		kernel_fail_nth(kernel_alloc_count() + 1 + failed++);
		ret = one_of_each(mm);
		kernel_fail_nth(~0u);
		CUT_CHECK(!ret || ret == -ENOMEM);
		CUT_CHECK(!vm_munmap(mm, VIEW_VA(MAP_PAGE), 4 * PAGE_SIZE));
		forget_cache();
		CUT_CHECK(nr_free_pages() == was);
	} while (ret);
	CUT_CHECK(failed > 5);
	mm_leave(mm);
}

void file_failures_halt(void)
{
	kernel_fail_nth(0);
	file_test_halt();
}

void file_failures_boot(void)
{
	kernel_fail_nth(~0u);
	file_test_boot();
}

// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of files: the page cache, and the values of what is shared
 * through it, moved, copied or reached by references; in both directions, see
 * test_svm_oracles.c.
 */
#include "harness/tests/svm_world_pages.h"

/* -- page-cache -- */
static void truncate_to(u32 pages)
{
	w.file[0].nr_pages = pages;
	emit(EV_file_size, 0, pages, 0);
}
static void pc_shared(void)
{
	file_base(VIEW_VMA_SHMEM);
	cache_new(0, 1, 9);
	map_file(0, 5, 9, RW);
	fill(0, 5);
	store(0, 5, 9, 51);
	load(0, 5, 9, 51);
	quiesce();
}
static void pc_truncated(bool zapped)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	pc_shared();
	truncate_to(1);
	emit(EV_gather_begin, 0, 0, 0);
	inv_open(b, 5, 3);
	if (zapped)
		zap(0, 5, 9);
	inv_close(b);
	if (zapped) {
		flush(0, 5, 1);
		put(9, VIEW_REF_GATHER);
	}
	emit(EV_gather_end, 0, 0, 0);
}
static void pc_truncate(void)
{
	pc_truncated(true);
	cache_del(0, 1, 9);
	emit(EV_truncate_end, 0, 1, 0);
	quiesce();
}
static void pc_del_mapped(void) { pc_truncated(false); cache_del(0, 1, 9); }
static void pc_left_in_cache(void)
{
	pc_truncated(true);
	emit(EV_truncate_end, 0, 1, 0);
}
static void pc_private_copy_left(void)
{
	file_base(VIEW_VMA_PRIVATE);
	alloc(8);
	mapping(8, VIEW_MAPPING_ANON, 2);
	exclusive(8, true);
	set(0, 6, word(8, RW));
	truncate_to(1);
	emit(EV_truncate_end, 0, 1, 0);
}
static void pc_grown_meanwhile(void)
{
	file_base(VIEW_VMA_SHMEM);
	truncate_to(1);
	cache_new(0, 1, 9);
	w.page[9].value = 5;
	emit(EV_file_store, 0, 1, VIEW_DATA(9, 5));
	w.file[0].nr_pages = 2;
	emit(EV_file_grown, 0, 2, 0);
	map_file(0, 5, 9, RW);
	emit(EV_truncate_end, 0, 1, 0);
	quiesce();
}
static void pc_two_pages(void)
{
	pc_shared();
	cache_new(0, 1, 10);
}
static void pc_del_other(void)
{
	pc_shared();
	alloc(10);
	cache_del(0, 1, 10);
}
static void pc_mapped_gone(void)
{
	pc_truncated(true);
	get(9, VIEW_REF_TMP);
	cache_del(0, 1, 9);
	map_file(0, 5, 9, RW);
}
static void pc_wrong_index(void)
{
	file_base(VIEW_VMA_SHMEM);
	cache_new(0, 1, 9);
	map_file(0, 6, 9, RW);
}
static void pc_past_end(void)
{
	file_base(VIEW_VMA_SHMEM);
	cache_new(0, 1, 9);
	w.file[0].nr_pages = 1;
	quiesce();
}
static void pc_unsaid(void) { pc_shared(); w.cached[0][1] = 0; quiesce(); }
static void pc_native(void)
{
	deaf = true;
	file_base(VIEW_VMA_SHMEM);
	w.cached[0][3] = 9;
	w.page[9] = (struct view_page){ .refcount = 1, .index = 2,
					.mapping = VIEW_MAPPING_FILE };
	quiesce();
}

static void page_cache(void)
{
	SILENT(pc_shared);
	SILENT(pc_truncate);
	SILENT(pc_grown_meanwhile);
	RAISES("page-cache", pc_del_mapped);
	RAISES("page-cache", pc_left_in_cache);
	RAISES("page-cache", pc_private_copy_left);
	RAISES("page-cache", pc_two_pages);
	RAISES("page-cache", pc_del_other);
	RAISES("page-cache", pc_mapped_gone);
	RAISES("page-cache", pc_wrong_index);
	RAISES("page-cache", pc_past_end);
	RAISES("page-cache", pc_unsaid);
	RAISES("page-cache", pc_native);
}

/* -- data, of files -- */
static void fd_shared(u32 value)
{
	pc_shared();
	new_mm(1);
	vma_map(1, VIEW_VMA_SHMEM, 0, 0, 2, 4);
	vma(1, VIEW_PROT_RW, 2, 4);
	map_file(1, 3, 9, RW);
	fill(1, 3);
	load(1, 3, 9, value);
}
static void fd_seen_by_all(void) { fd_shared(51); quiesce(); }
static void fd_not_seen(void) { fd_shared(0); }
static void fd_read_write(u32 value)
{
	pc_shared();
	emit(EV_file_load, 0, 1, VIEW_DATA(9, 51));
	w.page[9].value = 52;
	emit(EV_file_store, 0, 1, VIEW_DATA(9, 52));
	load(0, 5, 9, 52);
	emit(EV_file_load, 0, 1, VIEW_DATA(9, value));
}
static void fd_read(void) { fd_read_write(52); quiesce(); }
static void fd_read_old(void) { fd_read_write(51); }
static void fd_read_other_page(void)
{
	pc_shared();
	alloc(10);
	emit(EV_file_load, 0, 1, VIEW_DATA(10, 51));
}
static void fd_private(u32 value, bool copied)
{
	u64 b = inv(2, 0, LEDGER_CLEAR);

	file_base(VIEW_VMA_PRIVATE);
	cache_new(0, 1, 9);
	w.page[9].value = 51;
	emit(EV_file_store, 0, 1, VIEW_DATA(9, 51));
	map_file(0, 5, 9, RO);
	load(0, 5, 9, 51);
	alloc(10);
	if (copied)
		copy(9, 10);
	inv_open(b, 5, 1);
	set(0, 5, 0);
	flush(0, 5, 1);
	mapping(10, VIEW_MAPPING_ANON, 1);
	exclusive(10, true);
	mapcount(10, 1);
	get(10, VIEW_REF_PTE);
	put(10, VIEW_REF_TMP);
	set(0, 5, word(10, RW));
	mapcount(9, -1);
	put(9, VIEW_REF_PTE);
	inv_close(b);
	w.page[9].value = 60;
	emit(EV_file_store, 0, 1, VIEW_DATA(9, 60));
	load(0, 5, 10, value);
}
static void fd_copy(void) { fd_private(51, true); quiesce(); }
static void fd_copy_follows(void) { fd_private(60, true); }
static void fd_copy_missing(void) { fd_private(0, false); }
static void fd_private_store(void)
{
	file_base(VIEW_VMA_PRIVATE);
	cache_new(0, 1, 9);
	map_file(0, 5, 9, RW);
	store(0, 5, 9, 1);
}
static void fd_moved(bool copied)
{
	pc_shared();
	get(9, VIEW_REF_ISOLATE);
	lock(9);
	emit(EV_move_begin, 9, 0, 0);
	inv_open(inv(3, 0, LEDGER_CLEAR), 5, 1);
	set(0, 5, 0);
	flush(0, 5, 1);
	set(0, 5, entry(VIEW_MIGRATION_WRITE, 9));
	mapcount(9, -1);
	put(9, VIEW_REF_PTE);
	inv_close(inv(3, 0, LEDGER_CLEAR));
	alloc(10);
	lock(10);
	if (copied)
		copy(9, 10);
	mapping(10, VIEW_MAPPING_FILE, 1);
	cache_del(0, 1, 9);
	cache_add(0, 1, 10);
	map_file(0, 5, 10, RW);
	emit(EV_move_end, 9, 10, 0);
	unlock(10);
	put(10, VIEW_REF_TMP);
	unlock(9);
	put(9, VIEW_REF_ISOLATE);
	quiesce();
}
static void fd_move(void) { fd_moved(true); }
static void fd_move_lost(void) { fd_moved(false); }

/* -- data, elsewhere -- */
static void dm_mremap(u32 value)
{
	u64 b = inv(2, 0, LEDGER_UNMAP);

	base();
	vma(0, VIEW_PROT_RW, 9, 1);
	inv_open(b, 0, 1);
	set(0, 0, 0);
	set(0, 9, word(7, RW));
	flush(0, 0, 1);
	inv_close(b);
	vma(0, VIEW_UNMAPPED, 0, 1);
	load(0, 9, 7, value);
}
static void dm_moves(void) { dm_mremap(70); quiesce(); }
static void dm_moved_wrong(void) { dm_mremap(0); }
static void dm_late_store(void)	/* between the clear and the flush */
{
	base();
	get(7, VIEW_REF_ISOLATE);
	lock(7);
	inv_open(inv(2, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, 0);
	store(0, 0, 7, 71);
	flush(0, 0, 1);
	set(0, 0, entry(VIEW_MIGRATION_WRITE, 7));
	inv_close(inv(2, 0, LEDGER_CLEAR));
	put_back(0, 0, 7, RW);
	put(7, VIEW_REF_PTE);
	mapcount(7, -1);
	emit(EV_unlock, 0, 0, 0);
	unlock(7);
	put(7, VIEW_REF_ISOLATE);
	load(0, 0, 7, 71);
	quiesce();
}
static void pin(u32 pfn)
{
	w.page[pfn].refcount += 1024;
	emit(EV_page_get, pfn, (u64)w.page[pfn].refcount, VIEW_REF_PIN);
}
static void gup_store(u32 page, u32 pfn, u32 value)
{
	w.page[pfn].value = value;
	emit(EV_gup_store, VIEW_CPU(0, 1), VIEW_VA(page), VIEW_DATA(pfn, value));
}
static void dm_pinned(void)
{
	base();
	pin(7);
	gup_store(0, 7, 72);
	load(0, 0, 7, 72);
	quiesce();
}
static void dm_pin_zapped(void)
{
	base();
	pin(7);
	unmap();
	gup_store(0, 7, 72);
}
static void unpin(u32 pfn)
{
	w.page[pfn].refcount -= 1024;
	emit(EV_page_put, pfn, (u64)w.page[pfn].refcount, VIEW_REF_PIN);
}
/* gup_fast comes late: it pins what is zapped by now, and gives it back. */
static void dm_pin_zapped_and_replaced(void)
{
	base();
	pin(7);
	unmap();
	pin(7);
	unpin(7);
	vma(0, VIEW_PROT_RW, 0, 1);
	alloc(8);
	mapping(8, VIEW_MAPPING_ANON, 0);
	exclusive(8, true);
	set(0, 0, word(8, RW));
	gup_store(0, 7, 72);
}
static void dm_pin_replaced(void)
{
	base();
	pin(7);
	inv_open(inv(2, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, 0);
	flush(0, 0, 1);
	alloc(8);
	mapping(8, VIEW_MAPPING_ANON, 0);
	exclusive(8, true);
	set(0, 0, word(8, RW));
	gup_store(0, 7, 72);
}

static void data(void)
{
	SILENT(fd_seen_by_all);
	SILENT(fd_read);
	SILENT(fd_copy);
	SILENT(fd_move);
	SILENT(dm_moves);
	SILENT(dm_late_store);
	SILENT(dm_pinned);
	SILENT(dm_pin_zapped);
	SILENT(dm_pin_zapped_and_replaced);
	RAISES("data", fd_not_seen);
	RAISES("data", fd_read_old);
	RAISES("data", fd_read_other_page);
	RAISES("data", fd_copy_follows);
	RAISES("data", fd_copy_missing);
	RAISES("data", fd_private_store);
	RAISES("data", fd_move_lost);
	RAISES("data", dm_moved_wrong);
	RAISES("data", dm_pin_replaced);
	CHECK(strstr(raised_text, "is lost"));
}

/* -- what the others say of files -- */
static void ref_cache(void) { pc_shared(); put(9, VIEW_REF_CACHE); quiesce(); }
static void ref_pin_left(void) { base(); pin(7); put(7, VIEW_REF_GUP); }
static void ref_rss(void) { base(); w.mm[0].rss++; quiesce(); }
static void ref_exclusive_kept(void)
{
	base();
	get(7, VIEW_REF_DEXCL);
	quiesce();
}
static void perm_index(void)
{
	base();
	vma_map(0, VIEW_VMA_ANON, 0, 16, 0, 8);
	alloc(8);
	mapping(8, VIEW_MAPPING_ANON, 16);
	exclusive(8, true);
	set(0, 1, word(8, RW));
}
static void perm_file_in_anon(void)
{
	base();
	vma_map(0, VIEW_VMA_ANON, 0, 16, 0, 8);
	new_file(0, 8);
	cache_new(0, 1, 9);
	map_file(0, 1, 9, RO);
}
static void end_file(void)
{
	file_base(VIEW_VMA_SHMEM);
	w.mm[0].state = VIEW_MM_UNUSED;
	end();
}

static void files(void)
{
	RAISES("refcount", ref_cache);
	RAISES("refcount", ref_pin_left);
	RAISES("refcount", ref_rss);
	RAISES("refcount", ref_exclusive_kept);
	RAISES("pte-permission", perm_index);
	RAISES("pte-permission", perm_file_in_anon);
	RAISES("end-state", end_file);
}

static const struct test tests[] = {
	TEST(page_cache),
	TEST(data),
	TEST(files),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_file", tests)

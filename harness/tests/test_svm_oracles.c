// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles, each in both directions: the story that must be caught, and
 * its nearest neighbour that is legal. Numbers of traps are those of the
 * spec's list of false positives.
 */
#include "harness/tests/svm_world.h"

/* -- refcount -- */
static void ref_legal(void) { base(); unmap(); quiesce(); }
static void ref_put_of_nobody(void) { base(); put(7, VIEW_REF_GUP); }
static void ref_wrong_count(void)
{
	base();
	w.page[7].refcount++;
	get(7, VIEW_REF_TMP);
}
static void ref_left(void) { base(); get(7, VIEW_REF_TMP); quiesce(); }
static void ref_mapcount(void) { base(); w.page[7].mapcount++; quiesce(); }
static void ref_alloc_in_use(void) { base(); alloc(7); }
static void ref_get_of_free(void) { base(); get(9, VIEW_REF_TMP); }
static void ref_mapcount_below_zero(void) { base(); mapcount(7, -2); }
static void ref_map_kept(void)
{
	base();
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 2);
	set(0, 0, 0);
	emit(EV_unlock, 0, 0, 0);
}
static void ref_map_of_another(void)
{
	base();
	map(0, 1, 8);
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 2);
	set(0, 0, 0);
	mapcount(8, -1);
	emit(EV_unlock, 0, 0, 0);
}
static void ref_map_kept_before_another(void)
{
	base();
	map(0, 1, 8);
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 2);
	set(0, 0, 0);
	zap(0, 1, 8);
	emit(EV_unlock, 0, 0, 0);
}
static void ref_maps_that_add_up(void)	/* 7 = 3 + 4 */
{
	base();
	map(0, 1, 3);
	map(0, 2, 4);
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 2);
	set(0, 0, 0);
	mapcount(3, -1);
	mapcount(4, -1);
	emit(EV_unlock, 0, 0, 0);
}
static void ref_map_in_flight(void)
{
	base();
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 2);
	set(0, 0, 0);
	task = 2;
	emit(EV_unlock, 0, 0, 0);
	task = 1;
	mapcount(7, -1);
	emit(EV_unlock, 0, 0, 0);
}
static void ref_map_of_two_tasks(void)
{
	ref_map_in_flight();
	task = 2;
	set(0, 0, word(7, RO));
	task = 1;
	mapcount(7, 1);
	emit(EV_unlock, 0, 0, 0);
}
static void ref_maps_without_entries(void)
{
	base();
	for (task = 1; task < 3; task++)
		for (u32 pfn = 1; pfn < VIEW_PFNS; pfn++)
			mapcount(pfn, 1);
}
static void ref_freed_mapped(void)
{
	base();
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 2);
	set(0, 0, 0);
	put(7, VIEW_REF_PTE);
}
static void ref_freed_in_use(void) { base(); emit(EV_page_free, 7, 0, 0); }
static void ref_native(void)
{
	deaf = true;
	base();
	get(7, VIEW_REF_TMP);
	quiesce();
}
static void ref_exiting(void)	/* trap 10 */
{
	base();
	exit_mm(0);
	quiesce();
}

static void refcount(void)
{
	SILENT(ref_legal);
	SILENT(ref_exiting);
	RAISES("refcount", ref_put_of_nobody);
	CHECK_STR(raised_subject, "page#7");
	CHECK(strstr(raised_text, "page#7 was dropped that nobody held"));
	RAISES("refcount", ref_wrong_count);
	RAISES("refcount", ref_left);
	CHECK(strstr(raised_text, "1 temporary reference"));
	RAISES("refcount", ref_mapcount);
	RAISES("refcount", ref_alloc_in_use);
	RAISES("refcount", ref_get_of_free);
	RAISES("refcount", ref_mapcount_below_zero);
	RAISES("refcount", ref_freed_in_use);
	CHECK(strstr(raised_text, "page#7 was freed with 1 references held"));
	SILENT(ref_map_in_flight);
	RAISES("refcount", ref_map_kept);
	CHECK(strstr(raised_text, "did not change as its entries did"));
	RAISES("refcount", ref_map_of_another);
	CHECK_STR(raised_subject, "page#7");
	RAISES("refcount", ref_map_kept_before_another);
	CHECK_STR(raised_subject, "page#7");
	CHECK(strstr(raised_text, "mapcount of page#7, now 1, did not change"));
	RAISES("refcount", ref_maps_that_add_up);
	CHECK_STR(raised_subject, "page#7");
	RAISES("refcount", ref_map_of_two_tasks);
	RAISES("refcount", ref_maps_without_entries);
	CHECK(strstr(raised_text, "more pages are out of step"));
	RAISES("refcount", ref_freed_mapped);
	CHECK(strstr(raised_text, "freed with a mapcount of 1"));
	RAISES("refcount", ref_native);
	CHECK(strstr(raised_text, "refcount of page#7 is 2; 1 entries"));
}

/* -- freed-page -- */
static void freed_before_flush(void)
{
	base();
	unmap_to_bracket_end();
	put(7, VIEW_REF_GATHER);
}
static void freed_bracket_closed(void)	/* trap 1 */
{
	base();
	unmap_to_bracket_end();
}
static void freed_mapped_by_gpu(void)
{
	base();
	new_space(0, 0);
	alloc(9);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 3, 1);
	gpu_set(0, 3, word(9, VIEW_VRAM));
	put(9, VIEW_REF_TMP);
}
static void freed_in_gpu_tlb(void)
{
	base();
	new_space(0, 0);
	alloc(9);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 3, 1);
	gpu_set(0, 3, word(9, VIEW_VRAM));
	gpu_fill(0, 3);
	gpu_set(0, 3, 0);
	put(9, VIEW_REF_TMP);
}
static void freed_still_mapped(void)
{
	base();
	get(7, VIEW_REF_TMP);
	mapcount(7, -1);
	put(7, VIEW_REF_PTE);
	put(7, VIEW_REF_TMP);
}
static void freed_locked(void)
{
	base();
	alloc(9);
	w.page[9].locked = true;
	put(9, VIEW_REF_TMP);
}
static void freed_exclusive(void)
{
	base();
	keeps_flags = true;
	unmap();
}
static void freed_named_meanwhile(void)
{
	base();
	new_space(0, 0);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 3, 1);
	gpu_set(0, 3, word(9, VIEW_VRAM));
	alloc(9);
}
static void freed_listed(void)
{
	base();
	alloc(9);
	put(9, VIEW_REF_TMP);
	emit(EV_page_lru, 9, 1, 0);
}
static void freed_native(void)
{
	deaf = true;
	base();
	w.page[7] = (struct view_page){ .refcount = 1, .mapcount = 1,
					.exclusive = true };
	w.tlb[3][0][2] = word(11, RO);
	quiesce();
}

static void freed_page(void)
{
	SILENT(freed_bracket_closed);
	SILENT(ref_legal);
	RAISES("freed-page", freed_before_flush);
	CHECK(strstr(raised_text, "page#7 is free and mm0's TLB entry"));
	CHECK(raised_other);
	RAISES("freed-page", freed_mapped_by_gpu);
	RAISES("freed-page", freed_in_gpu_tlb);
	RAISES("freed-page", freed_still_mapped);
	RAISES("freed-page", freed_locked);
	RAISES("freed-page", freed_exclusive);
	CHECK(strstr(raised_text, "freed while it is ANON_EXCLUSIVE"));
	RAISES("freed-page", freed_named_meanwhile);
	RAISES("freed-page", freed_listed);
	CHECK(strstr(raised_text, "put on the LRU"));
	RAISES("freed-page", freed_native);
}

/* -- anon-exclusive -- */
static void excl_pinned(void)
{
	base();
	get(7, VIEW_REF_PIN);
	exclusive(7, false);
}
static void excl_pin_meets_fork(void)	/* without a lock; given back */
{
	base();
	get(7, VIEW_REF_PIN);
	fork_to_entry();
	put(7, VIEW_REF_PIN);
	fork_from_entry();
}
static void excl_fork(void)
{
	base();
	fork_to_entry();
	fork_from_entry();
	quiesce();
}
static void excl_fork_keeps_flag(void)
{
	base();
	fork_to_entry();
	exclusive(7, true);
	set(1, 0, word(7, RO | VIEW_YOUNG));
	quiesce();
}
static void excl_fork_keeps_write(void)
{
	base();
	task = 2;
	new_mm(1);
	emit(EV_fork_begin, 0, 1, 0);
	vma(1, VIEW_PROT_RW, 0, 8);
	exclusive(7, false);
	get(7, VIEW_REF_PTE);
	mapcount(7, 1);
	set(1, 0, word(7, RO));
}
static void excl_write_unflagged(void)
{
	base();
	alloc(8);
	mapping(8, VIEW_MAPPING_ANON, 1);
	set(0, 1, word(8, RW));
}
static void excl_native(void)
{
	deaf = true;
	base();
	w.page[7].exclusive = false;
	quiesce();
}

static void anon_exclusive(void)
{
	SILENT(excl_fork);
	RAISES("anon-exclusive", excl_fork_keeps_flag);
	RAISES("anon-exclusive", excl_fork_keeps_write);
	RAISES("anon-exclusive", excl_write_unflagged);
	RAISES("anon-exclusive", excl_native);
	RAISES("anon-exclusive", excl_pinned);
	SILENT(excl_pin_meets_fork);
}

/* -- pte-permission -- */
static void perm_mprotect(u32 prot, u64 left)
{
	u64 b = inv(1, 0, LEDGER_PROTECTION_VMA);

	base();
	emit(EV_gather_begin, 0, 0, 0);
	vma(0, prot, 0, 1);
	inv_open(b, 0, 1);
	store(0, 0, 7, 71);
	if (left != RW)
		set(0, 0, word(7, left));
	inv_close(b);
	flush(0, 0, 1);
	emit(EV_gather_end, 0, 0, 0);
	quiesce();
}
static void perm_legal(void) { perm_mprotect(VIEW_PROT_R, RO); }
static void perm_kept(void) { perm_mprotect(VIEW_PROT_R, RW); }
static void perm_prot_none(void)
{
	perm_mprotect(VIEW_PROT_NO, VIEW_PROT_NONE);
}
static void perm_prot_none_kept(void)
{
	perm_mprotect(VIEW_PROT_NO, VIEW_PROT_NONE | RW);
}
static void perm_write(void)
{
	base();
	vma(0, VIEW_PROT_R, 3, 1);
	map(0, 3, 8);
}
static void perm_prot_none_no_vma(void)
{
	base();
	set(0, 9, word(7, VIEW_PROT_NONE));
}
/* Under a munmap() that has not yet got there, a huge entry is split. */
static void perm_split(u64 part)
{
	new_mm(0);
	vma(0, VIEW_PROT_RW, 0, 8);
	map(0, 0, 7);
	vma(0, VIEW_PROT_NO, 0, 8);
	inv_open(inv(1, 0, LEDGER_PROTECTION_VMA), 0, 8);
	set(0, 0, word(7, VIEW_PROT_NONE));
	inv_close(inv(1, 0, LEDGER_PROTECTION_VMA));
	flush(0, 0, 1);
	vma(0, VIEW_UNMAPPED, 0, 8);
	inv_open(inv(2, 0, LEDGER_CLEAR), 0, 8);
	set(0, 0, part);
}
static void perm_prot_none_split(void) { perm_split(word(7, VIEW_PROT_NONE)); }
static void perm_split_writes(void) { perm_split(word(7, VIEW_PROT_NONE | RW)); }
static void perm_split_reads(void) { perm_split(word(7, RO)); }
static void perm_no_vma(void) { base(); map(0, 9, 8); }
static void perm_left_by_munmap(void)
{
	base();
	vma(0, VIEW_UNMAPPED, 0, 1);
	inv_open(inv(1, 0, LEDGER_UNMAP), 0, 1);
	inv_close(inv(1, 0, LEDGER_UNMAP));
}
static void perm_zero_write(void) { base(); set(0, 1, word(0, ZERO | RW)); }
static void perm_zero_read(void) { base(); set(0, 1, word(0, ZERO)); quiesce(); }
static void perm_zero_ref(void) { base(); get(0, VIEW_REF_PTE); }
static void perm_zero_gup(void) { base(); get(0, VIEW_REF_GUP); }
static void perm_zero_store(void) { perm_zero_read(); store(0, 1, 0, 1); }
static void perm_native(void)
{
	deaf = true;
	base();
	w.prot[0][0] = VIEW_PROT_R;
	quiesce();
}

static void pte_permission(void)
{
	SILENT(perm_legal);
	SILENT(perm_zero_read);
	SILENT(perm_zero_gup);
	RAISES("pte-permission", perm_kept);
	RAISES("pte-permission", perm_write);
	SILENT(perm_prot_none);
	RAISES("pte-permission", perm_prot_none_kept);
	CHECK(strstr(raised_text, "is page#7 rw prot_none; the VMA"));
	RAISES("pte-permission", perm_prot_none_no_vma);
	CHECK(strstr(raised_text, "is page#7 ro prot_none; the VMA"));
	SILENT(perm_prot_none_split);
	RAISES("pte-permission", perm_split_writes);
	RAISES("pte-permission", perm_split_reads);
	RAISES("pte-permission", perm_no_vma);
	RAISES("pte-permission", perm_left_by_munmap);
	RAISES("pte-permission", perm_zero_write);
	RAISES("pte-permission", perm_zero_ref);
	RAISES("pte-permission", perm_zero_store);
	RAISES("pte-permission", perm_native);
}

/* -- unbracketed -- */
static void unbr_none(void) { base(); set(0, 0, 0); }
static void unbr_start_only(void)
{
	base();
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, 0);
}
static void unbr_elsewhere(void)
{
	base();
	inv_open(inv(1, 0, LEDGER_CLEAR), 1, 3);
	set(0, 0, word(7, RO));
}
static void unbr_other_mm(void)
{
	base();
	new_mm(1);
	inv_open(inv(1, 1, LEDGER_CLEAR), 0, 8);
	set(0, 0, 0);
}
static void unbr_after_end(void)
{
	base();
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 1);
	emit(EV_inv_end, inv(1, 0, LEDGER_CLEAR), 0, 0);
	set(0, 0, 0);
}
static void unbr_upgrade(void)
{
	base();
	set(0, 1, word(0, ZERO));
	set(0, 0, word(7, RW | VIEW_DIRTY | VIEW_YOUNG));
	set(0, 0, word(7, RW));
}

static void unbracketed(void)
{
	SILENT(unbr_upgrade);
	SILENT(ref_legal);
	RAISES("unbracketed", unbr_none);
	RAISES("unbracketed", unbr_start_only);
	RAISES("unbracketed", unbr_elsewhere);
	RAISES("unbracketed", unbr_other_mm);
	RAISES("unbracketed", unbr_after_end);
}

/* -- end-state, ledger, the lists -- */
static void end_clean(void)
{
	base();
	exit_mm(0);
	unmap();
	w.mm[0] = (struct view_mm){ .state = VIEW_MM_DEAD };
	end();
}
static void end_page(void)
{
	end_clean();
	alloc(9);
	end();
}
static void end_mm(void) { base(); unmap(); end(); }
static void end_interval(void)
{
	end_clean();
	w.mm[0].intervals = 1;
	end();
}
static void end_bracket(void)
{
	end_clean();
	inv_open(inv(2, 0, LEDGER_CLEAR), 0, 1);
	end();
}
static void end_lost_page(void)
{
	end_clean();
	w.lost = 1;
	end();
}
static void end_native(void)
{
	deaf = true;
	end_page();
}
static void ledger_entry(void)
{
	base();
	w.cpu[0][3] = word(9, RO);
	quiesce();
}
static void ledger_vma(void)
{
	base();
	w.prot[0][5] = VIEW_PROT_R;
	quiesce();
}
static void ledger_gpu_entry(void)
{
	gpu_base();
	w.gpu[0][3] = word(9, RO);
	quiesce();
}
static void ledger_gpu_tlb(void)
{
	gpu_base();
	w.gpu_tlb[0][3] = word(9, RO);
	quiesce();
}
static void ledger_gather(void)
{
	base();
	emit(EV_gather_begin, 0, 0, 0);
	quiesce();
}

static void end_state(void)
{
	SILENT(end_clean);
	RAISES("end-state", end_page);
	CHECK(strstr(raised_text, "page#9 was never freed"));
	RAISES("end-state", end_lost_page);
	RAISES("end-state", end_mm);
	CHECK(strstr(raised_text, "never destroyed"));
	RAISES("end-state", end_interval);
	RAISES("end-state", end_bracket);
	RAISES("end-state", end_native);
	RAISES("ledger", ledger_entry);
	RAISES("ledger", ledger_vma);
	RAISES("ledger", ledger_gpu_entry);
	RAISES("ledger", ledger_gpu_tlb);
	RAISES("ledger", ledger_gather);
}

/* A mirror without a fault buffer is not held to what that asks of a driver. */
static void lists_are_apart(void)	/* trap 12 */
{
	for (const struct oracle *const *o = svm_oracles_mm; *o; o++) {
		CHECK(strcmp((*o)->name, "ring"));
		CHECK(strcmp((*o)->name, "fault-ledger"));
		CHECK(strcmp((*o)->name, "stale-gpu-tlb"));
		CHECK((*o)->claim);
	}
	CHECK(svm_oracles_mm[0] == &oracle_ledger);
	CHECK(svm_oracles_nouveau[0] == &oracle_ledger);
}

static const struct test tests[] = {
	TEST(refcount),
	TEST(freed_page),
	TEST(anon_exclusive),
	TEST(pte_permission),
	TEST(unbracketed),
	TEST(end_state),
	TEST(lists_are_apart),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles", tests)

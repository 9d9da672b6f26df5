// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of non-blocking brackets, of an mm's life, of CPU TLBs and of
 * data, in both directions; see test_svm_oracles.c.
 */
#include "harness/tests/svm_world.h"

/* -- nonblock -- */
static void nb_locks(const char *verb, u32 flags)
{
	base();
	inv_begin(VIEW_BRACKET(1, 0, LEDGER_UNMAP, flags), 0, 1);
	emit(EV_lock, (u64)(size_t)verb, 0, 1);
}
static void nb_mutex(void) { nb_locks("mutex_lock", 0); }
static void nb_rwsem(void) { nb_locks("down_read", 0); }
static void nb_trylock(void) { nb_locks("mutex_trylock", 0); }
static void nb_rwsem_trylock(void) { nb_locks("down_read_trylock", 0); }
static void nb_spin(void) { nb_locks("spin_lock", 0); }
static void nb_blockable(void) { nb_locks("mutex_lock", 1); }
static void nb_open(void)
{
	base();
	inv_open(VIEW_BRACKET(1, 0, LEDGER_UNMAP, 0), 0, 1);
	emit(EV_lock, (u64)(size_t)"mutex_lock", 0, 1);
}
static void nb_end_refused(void)
{
	base();
	inv_begin(VIEW_BRACKET(1, 0, LEDGER_UNMAP, 0), 0, 1);
	emit(EV_inv_refused, VIEW_BRACKET(1, 0, LEDGER_UNMAP, 0), 0, 0);
	emit(EV_inv_end, VIEW_BRACKET(1, 0, LEDGER_UNMAP, 0), 0, 0);
}
static void nb_blockable_refused(void)
{
	base();
	inv_begin(inv(1, 0, LEDGER_UNMAP), 0, 1);
	emit(EV_inv_refused, inv(1, 0, LEDGER_UNMAP), 0, 0);
}
static void nb_touched(void)
{
	base();
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 1);
	task = 2;
	inv_begin(VIEW_BRACKET(2, 0, LEDGER_UNMAP, 0), 0, 1);
	set(0, 0, word(7, RO));
	emit(EV_inv_refused, VIEW_BRACKET(2, 0, LEDGER_UNMAP, 0), 0, 0);
}

static void nonblock(void)
{
	SILENT(nb_trylock);
	SILENT(nb_rwsem_trylock);
	SILENT(nb_spin);
	SILENT(nb_blockable);
	SILENT(nb_open);
	RAISES("nonblock", nb_mutex);
	RAISES("nonblock", nb_rwsem);
	RAISES("nonblock", nb_end_refused);
	RAISES("nonblock", nb_blockable_refused);
	RAISES("nonblock", nb_touched);
}

/* -- mm-lifetime -- */
static void mml_zap_in_exit(void)	/* trap 10 */
{
	base();
	exit_mm(0);
	unmap();
	emit(EV_mm_dead, 0, 0, 0);
}
static void mml_set_in_exit(void)
{
	base();
	exit_mm(0);
	set(0, 1, word(0, ZERO));
}
static void mml_set_when_dead(void)
{
	base();
	exit_mm(0);
	emit(EV_mm_dead, 0, 0, 0);
	set(0, 0, 0);
}
static void mml_load_in_exit(void) { base(); exit_mm(0); load(0, 0, 7, 70); }
static void mml_exit_twice(void)
{
	base();
	exit_mm(0);
	emit(EV_mm_exit, 0, 0, 0);
}
static void mml_exit_with_users(void) { base(); emit(EV_mm_exit, 0, 0, 0); }
static void mml_get_from_zero(void) { base(); exit_mm(0); users(0, 1, 1); }
static void mml_below_zero(void) { base(); users(0, -1, 1); }
static void mml_drop_tells_no_users(void)
{
	base();
	users(0, 2, 2);
	emit(EV_mm_users, 0, 0, 1);
	users(0, 1, 1);
	exit_mm(0);
}

static void mm_lifetime(void)
{
	SILENT(mml_zap_in_exit);
	SILENT(mml_drop_tells_no_users);
	RAISES("mm-lifetime", mml_set_in_exit);
	RAISES("mm-lifetime", mml_set_when_dead);
	RAISES("mm-lifetime", mml_load_in_exit);
	RAISES("mm-lifetime", mml_exit_twice);
	RAISES("mm-lifetime", mml_exit_with_users);
	RAISES("mm-lifetime", mml_get_from_zero);
	RAISES("mm-lifetime", mml_below_zero);
}

/* -- stale-tlb -- */
static void tlb_used_in_debt(void)	/* trap 1 */
{
	base();
	unmap_to_bracket_end();
	task = 1;
	load(0, 0, 7, 70);
	store(0, 0, 7, 71);
	load(0, 0, 7, 71);
	task = 2;
	flush(0, 0, 1);
	put(7, VIEW_REF_GATHER);
	emit(EV_gather_end, 0, 0, 0);
	quiesce();
}
static void tlb_used_after(void)
{
	base();
	unmap();
	task = 1;
	load(0, 0, 7, 70);
}
static void tlb_left_by_gather(void)
{
	base();
	unmap_to_bracket_end();
	emit(EV_gather_end, 0, 0, 0);
}
/* While task 2 owes a flush of page 0, task 1 takes away what stands there now. */
static void tlb_taken_meanwhile(bool unmaps)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	base();
	emit(EV_pgmap_new, 0, VIEW_DEVICE_PFN, 8);
	task = 2;
	emit(EV_gather_begin, 0, 0, 0);
	inv_open(b, 0, 1);
	zap(0, 0, 7);
	inv_close(b);
	task = 1;
	b = inv(2, 0, unmaps ? LEDGER_CLEAR : LEDGER_MIGRATE);
	if (unmaps)
		emit(EV_gather_begin, 0, 0, 0);
	inv_open(b, 0, 1);
	set(0, 0, VIEW_WORD(VIEW_DEVICE_WRITE, 0, VIEW_DEVICE_PFN));
	set(0, 0, 0);
	inv_close(b);
	if (unmaps)
		emit(EV_gather_end, 0, 0, 0);
}
static void tlb_moved_meanwhile(void) { tlb_taken_meanwhile(false); }
static void tlb_unmapped_meanwhile(void) { tlb_taken_meanwhile(true); }
static void tlb_paid_by_other(void)
{
	base();
	unmap_to_bracket_end();
	task = 3;
	flush(0, 0, 8);
	task = 2;
	emit(EV_gather_end, 0, 0, 0);
}
static void tlb_fork_store(void)	/* trap 2 */
{
	base();
	fork_to_entry();
	task = 1;
	store(0, 0, 7, 99);
	task = 2;
	fork_from_entry();
	fill(1, 0);
	load(1, 0, 7, 99);
	load(0, 0, 7, 99);
	quiesce();
}
static void tlb_fork_no_flush(void)
{
	base();
	fork_to_entry();
	inv_close(inv(1, 0, LEDGER_PROTECTION_PAGE));
	emit(EV_fork_end, 0, 1, 0);
}
static void tlb_store_read_only(void)
{
	base();
	fork_to_entry();
	fork_from_entry();
	task = 1;
	store(0, 0, 7, 99);
}
static void tlb_copy(bool flushed)
{
	u64 b = inv(2, 0, LEDGER_CLEAR);

	base();
	fork_to_entry();
	fork_from_entry();
	task = 1;
	fill(0, 0);
	alloc(8);
	w.page[8].value = 70;
	emit(EV_page_copy, 7, 8, 70);
	inv_open(b, 0, 1);
	set(0, 0, 0);
	if (flushed)
		flush(0, 0, 1);
	exclusive(8, true);
	mapcount(8, 1);
	get(8, VIEW_REF_PTE);
	put(8, VIEW_REF_TMP);
	set(0, 0, word(8, RW));
	mapcount(7, -1);
	put(7, VIEW_REF_PTE);
	inv_close(b);
	fill(0, 0);
	load(0, 0, 8, 70);
	quiesce();
}
static void tlb_cow(void) { tlb_copy(true); }
static void tlb_cow_no_flush(void) { tlb_copy(false); }
static void tlb_fill_wrong(void)
{
	base();
	emit(EV_tlb_fill, VIEW_CPU(0, 1), VIEW_VA(0), word(8, RW));
}
static void tlb_upgrade_unflushed(void)
{
	u64 b = inv(1, 0, LEDGER_PROTECTION_VMA);

	base();
	emit(EV_gather_begin, 0, 0, 0);
	inv_open(b, 0, 1);
	set(0, 0, 0);
	set(0, 0, word(7, RW));
	inv_close(b);
	emit(EV_gather_end, 0, 0, 0);
	load(0, 0, 7, 70);
	quiesce();
}
static void tlb_native(void)
{
	deaf = true;
	base();
	w.tlb[4][0][0] = word(7, RW);
	w.cpu[0][0] = word(7, RO);
	quiesce();
}

static void stale_tlb(void)
{
	SILENT(tlb_used_in_debt);
	SILENT(tlb_paid_by_other);
	SILENT(tlb_moved_meanwhile);
	SILENT(tlb_fork_store);
	SILENT(tlb_cow);
	SILENT(tlb_upgrade_unflushed);
	RAISES("stale-tlb", tlb_used_after);
	RAISES("stale-tlb", tlb_left_by_gather);
	RAISES("stale-tlb", tlb_unmapped_meanwhile);
	RAISES("stale-tlb", tlb_fork_no_flush);
	RAISES("stale-tlb", tlb_store_read_only);
	RAISES("stale-tlb", tlb_cow_no_flush);
	RAISES("stale-tlb", tlb_fill_wrong);
	RAISES("stale-tlb", tlb_native);
}

/* -- data -- */
static void data_wrong(void) { base(); load(0, 0, 7, 3); }
static void data_right(void) { base(); load(0, 0, 7, 70); quiesce(); }
/* A store through a TLB while mremap() has the entry in its hands. */
static void data_moved_with(u32 value)
{
	u64 b = inv(1, 0, LEDGER_UNMAP);

	base();
	task = 2;
	inv_open(b, 0, 2);
	set(0, 0, 0);
	task = 1;
	store(0, 0, 7, 71);
	task = 2;
	set(0, 1, word(7, RW));
	flush(0, 0, 2);
	inv_close(b);
	load(0, 1, 7, value);
}
static void data_moved_late_store(void) { data_moved_with(71); }
static void data_moved_lost_store(void) { data_moved_with(70); }
static void data_lost_copy(void)
{
	tlb_copy(true);
	store(0, 0, 8, 71);
	w.page[8].value = 70;
	quiesce();
}
static void data_fork_isolated(void)
{
	tlb_copy(true);
	store(0, 0, 8, 71);
	task = 3;
	fill(1, 0);
	load(1, 0, 7, 71);
}
static void data_zeroed(u32 value)
{
	base();
	unmap();
	vma(0, VIEW_PROT_RW, 0, 1);
	map(0, 0, 8);
	w.page[8].value = value;
	fill(0, 0);
	load(0, 0, 8, value);
}
static void data_fresh(void) { data_zeroed(0); }
static void data_old_content(void) { data_zeroed(70); }
static void data_stale_wrong(void)	/* trap 1, the value side */
{
	base();
	unmap_to_bracket_end();
	task = 1;
	load(0, 0, 7, 5);
}
static void data_gpu(u32 value)
{
	base();
	new_space(0, 0);
	driver_map(0, 0, word(7, RW));
	gpu_fill(0, 0);
	w.page[7].value = 80;
	emit(EV_gpu_store, 0, VIEW_VA(0), VIEW_DATA(7, 80));
	load(0, 0, 7, 80);
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(7, value));
	quiesce();
}
static void data_gpu_elsewhere(void)
{
	gpu_base();
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(9, 0));
}
static void data_gpu_right(void) { data_gpu(80); }
static void data_gpu_wrong(void) { data_gpu(70); }

static void data(void)
{
	SILENT(data_right);
	SILENT(data_moved_late_store);
	RAISES("data", data_moved_lost_store);
	SILENT(data_fresh);
	SILENT(data_gpu_right);
	RAISES("data", data_wrong);
	CHECK(strstr(raised_text, "returned 3 from page#7; the value there is 70"));
	RAISES("data", data_lost_copy);
	RAISES("data", data_fork_isolated);
	RAISES("data", data_old_content);
	RAISES("data", data_stale_wrong);
	RAISES("data", data_gpu_wrong);
	RAISES("data", data_gpu_elsewhere);
}

static const struct test tests[] = {
	TEST(nonblock),
	TEST(mm_lifetime),
	TEST(stale_tlb),
	TEST(data),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_data", tests)

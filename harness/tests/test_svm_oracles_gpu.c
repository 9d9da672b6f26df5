// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of a GPU and its driver, in both directions; see test_svm_oracles.c.
 * What becomes of a fault is in test_svm_oracles_fault.c.
 */
#include "harness/tests/svm_world_pages.h"

/* -- unchecked-map, stale-pte, stale-gpu-tlb, unmanaged -- */
static void pte_mapped_before_callback(void)	/* nouveau.md 16, N3 */
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	gpu_base();
	emit(EV_gather_begin, 0, 0, 0);
	inv_begin(b, 0, 1);
	driver_map(0, 0, word(7, RW));
	gpu_fill(0, 0);
	clear_callback(b, 0, 0, 1);
	emit(EV_inv_open, b, 0, 0);
	zap(0, 0, 7);
	inv_close(b);
	flush(0, 0, 1);
	put(7, VIEW_REF_GATHER);
	emit(EV_gather_end, 0, 0, 0);
	quiesce();
}
static void pte_mapped_after_callback(void)	/* swapped callbacks */
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	gpu_base();
	inv_begin(b, 0, 1);
	clear_callback(b, 0, 0, 1);
	driver_map(0, 0, word(7, RW));
	emit(EV_inv_open, b, 0, 0);
	set(0, 0, 0);
}
static void pte_callback_clears_nothing(void)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	gpu_base();
	driver_map(0, 0, word(7, RW));
	inv_begin(b, 0, 1);
	emit(EV_callback_begin, b, HLIST, 0);
	emit(EV_callback_end, b, HLIST, 0);
	emit(EV_inv_open, b, 0, 0);
	set(0, 0, word(7, RO));
}
static void pte_excused(bool called_off)
{
	u64 b = VIEW_BRACKET(2, 0, LEDGER_UNMAP, 0);

	base();
	fork_to_entry();
	fork_from_entry();
	new_space(0, 0);
	inv_begin(b, 0, 8);
	gpu_set(0, 0, word(7, RW));
	if (called_off)
		emit(EV_inv_refused, b, 0, 0);
	else
		clear_callback(b, 0, 0, 8);
}
static void pte_cleared_in_time(void) { pte_excused(false); }
static void pte_called_off(void) { pte_excused(true); }
static void pte_native(void)
{
	deaf = true;
	gpu_base();
	gpu_set(0, 0, word(7, RW));
	w.cpu[0][0] = word(7, RO);
	w.tlb[1][0][0] = 0;
	quiesce();
}
static void map_wrong_page(void)
{
	gpu_base();
	driver_map(0, 0, word(9, RO));
}
static void map_wrong_right(void)
{
	base();
	fork_to_entry();
	fork_from_entry();
	new_space(0, 0);
	driver_map(0, 0, word(7, RW));
}
static void map_gone(void)	/* M1: N1 of nouveau.md 16 */
{
	gpu_base();
	emit(EV_hmm_range_fault, 0, VIEW_VA(0), 0);
	unmap();
	task = 3;
	emit(EV_read_retry, 0, SUB, 0);
	driver_map(0, 0, word(7, RW));
}
static void map_retried(void)	/* traps 3 and 8 */
{
	gpu_base();
	emit(EV_batch_begin, 1, 0, 0);
	emit(EV_hmm_range_fault, 0, VIEW_VA(0), 0);
	task = 2;
	unmap();
	task = 1;
	emit(EV_read_retry, 0, SUB, 1);
	emit(EV_batch_end, 1, 0, 0);
	quiesce();
}
static void map_waited_for(void)
{
	gpu_base();
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	driver_map(0, 0, word(9, RO));
}
static void map_in_open(void)
{
	gpu_base();
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 1);
	driver_map(0, 0, word(7, RW));
}
static void map_in_own_migration(void)
{
	gpu_base();
	inv_open(inv(1, 0, LEDGER_MIGRATE), 0, 1);
	gpu_set(0, 0, word(7, RW));
}
static void gtlb(bool flushed)
{
	gpu_base();
	driver_map(0, 0, word(7, RW));
	gpu_fill(0, 0);
	gpu_set(0, 0, 0);
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(7, 70));
	if (flushed)
		gpu_flush(0, 0, 1);
	gpu_done(0, 0, 1);
	quiesce();
}
static void gtlb_flushed(void) { gtlb(true); }
static void gtlb_left(void) { gtlb(false); }
static void gtlb_native(void)
{
	deaf = true;
	gpu_base();
	w.gpu_tlb[0][0] = word(7, RW);
	quiesce();
}
static void unman_inside(void)
{
	gpu_base();
	vma(0, VIEW_PROT_RW, 14, 1);
	map(0, 14, 8);
	driver_map(0, 14, word(8, RW));
}
static void unman_below(void)
{
	gpu_base();
	vma(0, VIEW_PROT_RW, 13, 1);
	map(0, 13, 8);
	driver_map(0, 13, word(8, RW));
	quiesce();
}

static void gpu_tables(void)
{
	SILENT(pte_mapped_before_callback);
	SILENT(pte_cleared_in_time);
	SILENT(map_retried);
	SILENT(map_waited_for);
	SILENT(map_in_own_migration);
	SILENT(gtlb_flushed);
	SILENT(unman_below);
	RAISES("stale-pte", pte_mapped_after_callback);
	RAISES("stale-pte", pte_callback_clears_nothing);
	CHECK(strstr(raised_text, "GPU space 0 maps page#7 rw at 0x10000; "
		     "mm0's entry there is page#7 ro."));
	RAISES("stale-pte", pte_called_off);
	RAISES("stale-pte", pte_native);
	RAISES("unchecked-map", map_wrong_page);
	RAISES("unchecked-map", map_wrong_right);
	RAISES("unchecked-map", map_gone);
	RAISES("unchecked-map", map_in_open);
	RAISES("stale-gpu-tlb", gtlb_left);
	RAISES("stale-gpu-tlb", gtlb_native);
	RAISES("unmanaged", unman_inside);
}

/* -- ring, interval-leak, mm-ref, svmm-lifetime -- */
static void ring_wraps(void)
{
	gpu_base();
	for (u32 id = 1; id < 20; id++) {
		raise_fault(id, 0, LEDGER_READ);
		emit(EV_call_begin, 0, 0, 0);
		task = 5;
		emit(EV_call_begin, 0, 0, 0);
		task = 1;
		parse(id, 0);
		emit(EV_ring_get, 0, id % 8, 0);
	}
}
static void ring_given_back_valid(void)
{
	gpu_base();
	raise_fault(1, 0, LEDGER_READ);
	raise_fault(2, 1, LEDGER_READ);
	w.ring.valid = 3;
	parse(1, 0);
	w.ring.valid = 2;
	emit(EV_ring_get, 0, 1, 0);	/* the other is not given back */
	parse(2, 1);
	emit(EV_ring_get, 0, 2, 0);
}
static void ring_get_first(void)
{
	gpu_base();
	raise_fault(1, 0, LEDGER_READ);
	emit(EV_ring_get, 0, 1, 0);
}
static void ring_parse_twice(void)
{
	gpu_base();
	raise_fault(1, 0, LEDGER_READ);
	raise_fault(2, 1, LEDGER_READ);
	emit(EV_fault_parsed, 1, VIEW_VA(0), 0);
	emit(EV_fault_parsed, 2, VIEW_VA(0), 0);
}
static void ring_parse_empty(void)
{
	gpu_base();
	emit(EV_fault_parsed, 1, VIEW_VA(0), 0);
}
static void ring_no_such_get(void) { gpu_base(); emit(EV_ring_get, 0, 8, 0); }
static void ring_no_such_slot(void)
{
	gpu_base();
	emit(EV_fault_parsed, 1, VIEW_VA(0), 9);
}
static void ring_overwrite(void)
{
	gpu_base();
	emit(EV_ring_put, 0, 7, 0);
	emit(EV_ring_put, 0, 0, 0);
}
static void ring_pointer(void)
{
	deaf = true;
	gpu_base();
	w.ring.sw_get = 8;
	quiesce();
}
static void leak_interval(bool removed)
{
	gpu_base();
	emit(EV_mni_insert, 0, SUB + 1, 1);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	emit(EV_mni_insert, 0, SUB, 1);
	if (removed)
		emit(EV_mni_removed, 0, SUB, 0);
	emit(EV_batch_end, 1, 0, 0);
}
static void leak_no(void) { leak_interval(true); }
static void leak_yes(void) { leak_interval(false); }
static void mmref(s32 users_left, s32 count_left)
{
	gpu_base();
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	users(0, 2, 1);
	users(0, 2, 2);
	task = 3;
	users(0, 3, 2);
	task = 4;
	users(0, 2 + users_left, 2);
	if (!count_left)
		users(0, 0, 1);
	emit(EV_batch_end, 1, 0, 0);
}
static void mmref_balanced(void) { mmref(0, 0); }
static void mmref_user(void) { mmref(1, 0); }
static void mmref_count(void) { mmref(0, 1); }
static void batch_says(u64 intervals, u64 mm_refs)
{
	gpu_base();
	emit(EV_batch_begin, 1, 0, 0);
	emit(EV_batch_end, 1, intervals, mm_refs);
}
static void leak_counted(void) { batch_says(1, 0); }
static void mmref_counted(void) { batch_says(0, 1); }
static void mmref_last_user(void)
{
	gpu_base();
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	users(0, 2, 1);
	task = 3;
	users(0, 1, 1);
	task = 4;
	exit_mm(0);
	unmap();
	task = 4;
	emit(EV_mm_dead, 0, 0, 0);
	users(0, 0, 0);
	emit(EV_batch_end, 1, 0, 0);
}
static void svmm_legal(void)
{
	gpu_base();
	emit(EV_svmm_new, 0, 0, 0);
	emit(EV_svmm_use, 0, 0, 0);
	emit(EV_svmm_gone, 0, 0, 0);
	emit(EV_svmm_free, 0, 0, 0);
}
static void svmm_null(void)
{
	gpu_base();
	emit(EV_svmm_gone, 0, 0, 0);
	emit(EV_svmm_use, 0, 0, 1);
}
static void svmm_freed_twice(void) { svmm_legal(); emit(EV_svmm_free, 0, 0, 0); }
static void svmm_freed(void) { svmm_legal(); emit(EV_svmm_use, 0, 0, 0); }

static void driver(void)
{
	SILENT(ring_wraps);
	SILENT(leak_no);
	SILENT(mmref_balanced);
	SILENT(mmref_last_user);
	SILENT(svmm_legal);
	RAISES("ring", ring_given_back_valid);
	CHECK_STR(raised_text, "Slot 1 was given back with its valid bit set.");
	RAISES("ring", ring_get_first);
	RAISES("ring", ring_parse_twice);
	RAISES("ring", ring_parse_empty);
	RAISES("ring", ring_no_such_get);
	RAISES("ring", ring_no_such_slot);
	CHECK(strstr(raised_text, "the ring has 8"));
	RAISES("ring", ring_overwrite);
	RAISES("ring", ring_pointer);
	RAISES("interval-leak", leak_yes);
	RAISES("interval-leak", leak_counted);
	RAISES("mm-ref", mmref_user);
	RAISES("mm-ref", mmref_count);
	CHECK(strstr(raised_text, "mm_count"));
	RAISES("mm-ref", mmref_counted);
	RAISES("svmm-lifetime", svmm_null);
	RAISES("svmm-lifetime", svmm_freed);
	RAISES("svmm-lifetime", svmm_freed_twice);
}

static const struct test tests[] = {
	TEST(gpu_tables),
	TEST(driver),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_gpu", tests)

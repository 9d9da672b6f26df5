// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of a GPU that has memory and atomics of its own, in both
 * directions; see test_svm_oracles.c. Only the list of such a target listens:
 * a mirror's oracles would see some of it first.
 */
#define WORLD_LISTS svm_oracles_nouveau_exclusive
#include "harness/tests/svm_world_pages.h"

#define DPAGE	130u		/* device memory */
#define A	VIEW_A
#define CALLBACK(b)	clear_callback(b, 0, 0, 1)

/* -- atomic-exclusive -- */
/* Page 0, page#7, is lent, and GPU space 0 has it for its atomics. */
static void granted(void)
{
	gpu_base();
	lend();
	lent();
	driver_map(0, 0, word(7, RW | A));
	unlock_lent();
}
static void ae_granted(void) { granted(); gpu_fill(0, 0); quiesce(); }
/* A CPU takes it back; @flushed: as a driver does. */
static void take_back(bool cleared, bool flushed)
{
	u64 b = inv(10, 0, LEDGER_EXCLUSIVE);

	task = 2;
	lock(7);
	inv_begin(b, 0, 1);
	if (cleared && flushed) {
		CALLBACK(b);
	} else if (cleared) {
		emit(EV_callback_begin, b, HLIST, 0);
		gpu_set(0, 0, 0);
		emit(EV_callback_end, b, HLIST, 0);
	}
	emit(EV_inv_open, b, 0, 0);
	get(7, VIEW_REF_PTE);
	put(7, VIEW_REF_DEXCL);
	mapcount(7, 1);
	set(0, 0, word(7, RW));
	unlock(7);
	inv_close(b);
}
static void ae_revoked(void) { granted(); gpu_fill(0, 0); take_back(true, true); quiesce(); }
static void ae_not_revoked(void) { granted(); take_back(false, false); }
static void ae_in_gpu_tlb(void) { granted(); gpu_fill(0, 0); take_back(true, false); }
static void ae_never_lent(void) { gpu_base(); gpu_set(0, 0, word(7, RW | A)); }
static void ae_in_cpu_tlb(void)
{
	granted();
	emit(EV_tlb_fill, VIEW_CPU(0, 3), VIEW_VA(0), word(7, RO));
}
/* A file's page has many mappings, and lending it took one away (V3, W-D5). */
static void ae_other_mm(void)
{
	granted();
	mapping(7, VIEW_MAPPING_FILE, 0);
	new_mm(1);
	vma(1, VIEW_PROT_R, 0, 8);
	get(7, VIEW_REF_PTE);
	mapcount(7, 1);
	set(1, 3, word(7, RO));
}
/* The CPU was given a device page for page#7: nobody can map that. */
static void ae_behind(u32 behind)
{
	gpu_base();
	new_device(1, DPAGE, 4);
	device_alloc(1, DPAGE, 9);
	w.page[DPAGE].backing = behind;
	emit(EV_page_backing, DPAGE, behind, 0);
	get(7, VIEW_REF_ISOLATE);
	lock(7);
	take_away(0, 0, 7, entry(VIEW_MIGRATION_WRITE, 7));
	emit(EV_migrate_moved, 1, 7, DPAGE);
	mapping(DPAGE, VIEW_MAPPING_ANON, 0);
	gpu_set(0, 0, word(7, RW | A));
	mapcount(DPAGE, 1);
	exclusive(DPAGE, true);
	set(0, 0, entry(VIEW_DEVICE_WRITE, DPAGE));
	unlock(7);
}
static void ae_pinned(void) { ae_behind(7); }
static void ae_another_behind(void) { ae_behind(9); }

static void atomic_exclusive(void)
{
	SILENT(ae_granted);
	SILENT(ae_revoked);
	SILENT(ae_pinned);
	RAISES("atomic-exclusive", ae_not_revoked);
	RAISES("atomic-exclusive", ae_in_gpu_tlb);
	RAISES("stale-tlb", ae_in_cpu_tlb);	/* is earlier in the list */
	RAISES("atomic-exclusive", ae_other_mm);
	RAISES("atomic-exclusive", ae_never_lent);
	RAISES("atomic-exclusive", ae_another_behind);
}

/* -- torn-atomic -- */
static void atomic_begin(u32 value)
{
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(7, value));
	emit(EV_gpu_atomic_begin, 0, VIEW_VA(0), VIEW_DATA(7, value));
}
static void atomic_end(u32 value)
{
	w.page[7].value = value;
	emit(EV_gpu_store, 0, VIEW_VA(0), VIEW_DATA(7, value));
	emit(EV_gpu_atomic_end, 0, VIEW_VA(0), VIEW_DATA(7, value));
}
static void ta_count(void)	/* 2 of the GPU, 1 of a CPU */
{
	granted();
	atomic_begin(70);
	atomic_end(71);
	atomic_begin(71);
	atomic_end(72);
	take_back(true, true);
	fill(0, 0);
	load(0, 0, 7, 72);
	store(0, 0, 7, 73);
	quiesce();
}
static void ta_cpu_between(bool stores)
{
	granted();
	atomic_begin(70);
	take_back(true, true);
	fill(0, 0);
	if (stores)
		store(0, 0, 7, 71);
	else
		load(0, 0, 7, 70);
}
static void ta_cpu_stores(void) { ta_cpu_between(true); }
static void ta_cpu_loads(void) { ta_cpu_between(false); }
static void ta_gpu_between(void)
{
	granted();
	atomic_begin(70);
	task = 3;
	w.page[7].value = 5;
	emit(EV_gpu_store, 0, VIEW_VA(0), VIEW_DATA(7, 5));
}
static void ta_two(void) { granted(); atomic_begin(70); task = 3; atomic_begin(70); }
static void ta_adds_two(void) { granted(); atomic_begin(70); atomic_end(72); }
static void ta_by_reference(void)	/* device-exclusive.md X9 */
{
	granted();
	atomic_begin(70);
	task = 3;
	w.page[7].value = 90;
	emit(EV_gup_store, VIEW_CPU(0, 0), VIEW_VA(0), VIEW_DATA(7, 90));
	task = 1;
	atomic_end(71);
}
static void ta_count_is_off(void)
{
	granted();
	atomic_begin(70);
	atomic_end(71);
	w.page[7].value = 70;
	quiesce();
}

static void torn_atomic(void)
{
	SILENT(ta_count);
	SILENT(ta_by_reference);
	RAISES("torn-atomic", ta_cpu_stores);
	RAISES("torn-atomic", ta_cpu_loads);
	RAISES("torn-atomic", ta_gpu_between);
	RAISES("torn-atomic", ta_two);
	RAISES("torn-atomic", ta_adds_two);
	RAISES("torn-atomic", ta_count_is_off);
}

/* -- device memory: stale-pte, unchecked-map, stale-gpu-tlb, data -- */
/* Page 0's data is in DPAGE; its CPU entry is of @kind. */
static void in_vram(u32 kind)
{
	gpu_base();
	emit(EV_svmm_new, 0, 0, 2);
	new_device(1, DPAGE, 4);
	alloc(DPAGE);
	lock(DPAGE);
	emit(EV_svm_bind, 0, VIEW_VA(0), VIEW_VA(1));
	get(7, VIEW_REF_ISOLATE);
	lock(7);
	take_away(0, 0, 7, entry(VIEW_MIGRATION_WRITE, 7));
	copy(7, DPAGE);
	emit(EV_migrate_moved, 1, 7, DPAGE);
	mapping(DPAGE, VIEW_MAPPING_ANON, 0);
	if (!kind)
		return;
	mapcount(DPAGE, 1);
	exclusive(DPAGE, kind == VIEW_DEVICE_WRITE);
	set(0, 0, entry(kind, DPAGE));
	unlock(7);
	unlock(DPAGE);
	emit(EV_svm_bind_end, 0, 0, 0);
}
static void vram(u32 kind, u64 bits)
{
	in_vram(kind);
	gpu_set(0, 0, word(DPAGE, VIEW_VRAM | bits));
	gpu_done(0, 0, 1);
}
static void vr_mapped(void) { vram(VIEW_DEVICE_WRITE, RW); }
static void vr_before_finalize(void) { vram(0, RW); }	/* trap 5 */
static void vr_read_only(void) { vram(VIEW_DEVICE_READ, RW); }
static void vr_other_page(void)
{
	in_vram(VIEW_DEVICE_WRITE);
	gpu_set(0, 0, word(DPAGE + 1, VIEW_VRAM));
}
static void vr_not_its_own(void)	/* nobody's SVM_BIND */
{
	in_vram(0);
	emit(EV_svm_bind_end, 0, 0, 0);
	gpu_set(0, 0, word(DPAGE, VIEW_VRAM | RW));
}
static void vr_kept(void)
{
	vr_mapped();
	inv_open(inv(30, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, 0);
}
static void vr_faulted_in(void)
{
	in_vram(VIEW_DEVICE_WRITE);
	driver_map(0, 0, word(DPAGE, VIEW_VRAM | RW));
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(DPAGE, 70));
}
static void vr_wrong_data(void)		/* the copy was never made */
{
	in_vram(VIEW_DEVICE_WRITE);
	driver_map(0, 0, word(DPAGE, VIEW_VRAM | RW));
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(DPAGE, 0));
}
static void vr_freed(void)
{
	vr_mapped();
	mapcount(DPAGE, -1);
	put(DPAGE, VIEW_REF_TMP);
}
static void vr_store_after_copy(void)	/* W-A9 */
{
	in_vram(0);
	w.page[7].value = 71;
	emit(EV_gpu_store, 0, VIEW_VA(0), VIEW_DATA(7, 71));
	mapcount(DPAGE, 1);
	exclusive(DPAGE, true);
	set(0, 0, entry(VIEW_DEVICE_WRITE, DPAGE));
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(DPAGE, 70));
}
static void vr_tlb(void)		/* another aperture is another page */
{
	vr_mapped();
	w.gpu_tlb[0][0] = word(DPAGE, RW);
	emit(EV_gpu_tlb_fill, 0, VIEW_VA(0), word(DPAGE, RW));
	gpu_done(0, 0, 1);
}

static void device_memory(void)
{
	SILENT(vr_mapped);
	SILENT(vr_before_finalize);
	SILENT(vr_faulted_in);
	RAISES("stale-pte", vr_read_only);
	RAISES("stale-pte", vr_other_page);
	RAISES("stale-pte", vr_not_its_own);
	RAISES("stale-pte", vr_kept);
	RAISES("data", vr_wrong_data);
	RAISES("data", vr_store_after_copy);
	RAISES("freed-page", vr_freed);
	RAISES("stale-gpu-tlb", vr_tlb);
}

/* -- fork-result -- */
static void fork_says(s64 err)
{
	fork_to_entry();
	inv_close(inv(1, 0, LEDGER_PROTECTION_PAGE));
	flush(0, 0, 16);
	emit(EV_fork_end, 0, 1, (u64)err);
}
static void fr_good(void) { base(); fork_says(0); }
static void fr_no_memory(void) { base(); fork_says(-12); }
static void fr_interrupted(void) { base(); fork_says(-4); }
static void fr_failed(void)
{
	base();
	fork_to_entry();
	emit(EV_alloc, 0, 64, 0);
	inv_close(inv(1, 0, LEDGER_PROTECTION_PAGE));
	flush(0, 0, 16);
	emit(EV_fork_end, 0, 1, (u64)-12ll);
}

static void fork_result(void)
{
	SILENT(fr_good);
	SILENT(fr_interrupted);
	SILENT(fr_failed);
	RAISES("fork-result", fr_no_memory);
}

/* -- range-timeout, window-bounds -- */
/* Three passes; @ms goes by in each of the first two, @wait before each. */
static void passes(u64 ms, u64 wait, bool busy)
{
	gpu_base();
	if (busy)
		inv_begin(inv(3, 0, LEDGER_CLEAR), 5, 1);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	emit(EV_mni_insert, 0, SUB, 1);
	for (u32 i = 0; i < 3; i++) {
		clock_ns += wait * 1000000;
		emit(EV_read_begin, 0, SUB, 1);
		clock_ns += ms * 1000000;
		emit(EV_hmm_range_fault, 0, VIEW_VA(0), (u64)-16ll);
	}
	emit(EV_mni_removed, 0, SUB, 0);
	emit(EV_batch_end, 1, 0, 0);
}
static void rt_in_time(void) { passes(450, 0, false); }
static void rt_waits_long(void) { passes(10, 5000, true); }
static void rt_too_long(void) { passes(600, 0, true); }
static void rt_spins(void) { passes(0, 600, false); }
static void wb_whole(void) { emit(EV_svm_window, 0, VIEW_VA(0), VIEW_VA(16)); }
static void wb_long(void) { emit(EV_svm_window, 0, VIEW_VA(0), VIEW_VA(17)); }
static void wb_empty(void) { emit(EV_svm_window, 0, VIEW_VA(3), VIEW_VA(3)); }
static void wb_outside(void) { emit(EV_window_index, 0, 16, 16); }

static void bounds(void)
{
	SILENT(rt_in_time);
	SILENT(rt_waits_long);
	RAISES("range-timeout", rt_too_long);
	RAISES("range-timeout", rt_spins);
	SILENT(wb_whole);
	RAISES("window-bounds", wb_long);
	RAISES("window-bounds", wb_empty);
	RAISES("window-bounds", wb_outside);
}

/* -- atomics of a device that tells them from stores -- */
static void atomic_entry(bool atomics, u64 bits)
{
	gpu_base();
	w.svmm[0].atomics = atomics;
	if (bits & A) {
		lend();
		lent();
	}
	emit(EV_fault_raised, 1, VIEW_VA(0), LEDGER_ATOMIC);
	w.ring.put = 1;
	emit(EV_ring_put, 0, 1, 0);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	emit(EV_fault_parsed, 1, VIEW_VA(0), 0);
	emit(EV_fault_lookup, 1, 0, 0);
	task = bits & A ? 1 : 4;
	driver_map(0, 0, word(7, bits));
	task = 4;
	emit(EV_fault_served, 1, VIEW_VA(0), 0);
}
static void at_served(void) { atomic_entry(true, RW | A); }
static void at_as_a_write(void) { atomic_entry(false, RW); }
static void at_without(void) { atomic_entry(true, RW); }
static void at_cancel(u32 kind)
{
	gpu_base();
	w.svmm[0].atomics = true;
	new_file(0, 8);
	vma_map(0, kind, 0, 0, 0, 8);
	emit(EV_fault_raised, 1, VIEW_VA(1), LEDGER_ATOMIC);
	w.ring.put = 1;
	emit(EV_ring_put, 0, 1, 0);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	emit(EV_fault_parsed, 1, VIEW_VA(1), 0);
	emit(EV_fault_lookup, 1, 0, 0);
	emit(EV_fault_cancel, 1, VIEW_VA(1), LEDGER_ATOMIC);
}
static void at_file(void) { at_cancel(VIEW_VMA_SHMEM); }
static void at_anon(void) { at_cancel(VIEW_VMA_ANON); }

static void atomics(void)
{
	SILENT(at_served);
	SILENT(at_as_a_write);
	SILENT(at_file);
	RAISES("fault-ledger", at_without);
	RAISES("false-cancel", at_anon);
}

static const struct test tests[] = {
	TEST(atomic_exclusive),
	TEST(torn_atomic),
	TEST(device_memory),
	TEST(fork_result),
	TEST(bounds),
	TEST(atomics),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_exclusive", tests)

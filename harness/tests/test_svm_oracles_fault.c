// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of what becomes of a GPU's fault: it is served, cancelled or left
 * to a replay. In both directions; see test_svm_oracles.c.
 */
#include "harness/tests/svm_world_pages.h"

/* -- false-cancel -- */
static void cancel(u32 page, u32 access, void (*before)(void),
		   void (*during)(void))
{
	gpu_base();
	if (before)
		before();
	raise_fault(1, page, access);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	parse(1, page);
	emit(EV_mni_insert, 0, SUB, 1);
	if (during)
		during();
	task = 4;
	emit(EV_mni_removed, 0, SUB, 0);
	emit(EV_fault_cancel, 1, VIEW_VA(page), access);
	emit(EV_gpu_cancel, 0, 0, 1);
	emit(EV_batch_end, 1, 0, 0);
}
static void forbid(void) { vma(0, VIEW_PROT_R, 1, 1); }
static void allow(void) { vma(0, VIEW_PROT_RW, 1, 1); }
static void forbid_and_allow(void) { task = 3; forbid(); allow(); }
static void busy_once(void) { emit(EV_hmm_range_fault, 0, VIEW_VA(1), (u64)-16ll); }
static void busy_alone(void) { busy_once(); emit(EV_read_retry, 0, SUB, 1); }
static void other_begins(void) { task = 3; inv_begin(inv(7, 0, LEDGER_CLEAR), 3, 1); task = 4; }
/* and somebody else is to blame */
static void busy_long(void) { busy_once(); other_begins(); emit(EV_read_retry, 0, SUB, 1); }
static void busy_then_failed(void)
{
	busy_long();
	emit(EV_hmm_range_fault, 0, VIEW_VA(1), (u64)-14ll);
}
static void reap(void) { task = 3; emit(EV_mm_unstable, 0, 0, 0); }
static void cancel_allowed(void) { cancel(1, LEDGER_WRITE, NULL, NULL); }
static void cancel_read_only(void) { cancel(1, LEDGER_WRITE, forbid, NULL); }
static void cancel_read(void) { cancel(1, LEDGER_READ, forbid, NULL); }
static void cancel_hole(void) { cancel(9, LEDGER_READ, NULL, NULL); }
static void cancel_back(void)	/* trap 9 */
{
	cancel(1, LEDGER_WRITE, NULL, forbid_and_allow);
}
static void cancel_before_batch(void)
{
	cancel(1, LEDGER_WRITE, forbid_and_allow, NULL);
}
static void cancel_busy_once(void) { cancel(1, LEDGER_WRITE, NULL, busy_once); }
static void cancel_timeout(void) { cancel(1, LEDGER_WRITE, NULL, busy_long); }
static void cancel_own_doing(void) { cancel(1, LEDGER_WRITE, NULL, busy_alone); }
static void cancel_not_timeout(void)
{
	cancel(1, LEDGER_WRITE, NULL, busy_then_failed);
}
static void cancel_reaped(void) { cancel(1, LEDGER_WRITE, NULL, reap); }
static void map_file_to(u32 end)
{
	new_file(0, end);
	vma_map(0, VIEW_VMA_FILE, 0, 4, 1, 1);
}
static void past_end(void) { map_file_to(4); }
static void before_end(void) { map_file_to(5); }
static void truncate(void) { task = 3; emit(EV_file_size, 0, 2, 0); }
static void cancel_past_end(void) { cancel(1, LEDGER_WRITE, past_end, NULL); }
static void cancel_truncated(void)
{
	cancel(1, LEDGER_WRITE, before_end, truncate);
}
/* What is written past the end is in the cache first: that does not count. */
static void stored_past_end(void)
{
	past_end();
	task = 3;
	cache_new(0, 4, 9);
	emit(EV_file_store, 0, 4, VIEW_DATA(9, 5));
}
static void grown_before(void)
{
	past_end();
	emit(EV_file_grown, 0, 5, 0);
}
static void cancel_not_grown(void)
{
	cancel(1, LEDGER_WRITE, stored_past_end, NULL);
}
static void cancel_grown(void) { cancel(1, LEDGER_WRITE, grown_before, NULL); }
static void cancel_in_file(void) { cancel(1, LEDGER_WRITE, before_end, NULL); }
/* A device that wants the page unmapped, and others who have it, or had. */
static void unmaps(void) { w.svmm[0].atomics = w.svmm[0].unmaps = true; }
static void hold(void) { task = 3; get(7, VIEW_REF_ISOLATE); }
static void move_on(void) { hold(); put(7, VIEW_REF_ISOLATE); }
static void look(void) { task = 3; get(7, VIEW_REF_TMP); put(7, VIEW_REF_TMP); }
static void cancel_moving(void) { cancel(0, LEDGER_ATOMIC, unmaps, hold); }
static void cancel_moved(void) { cancel(0, LEDGER_ATOMIC, unmaps, move_on); }
static void cancel_looked_at(void) { cancel(0, LEDGER_ATOMIC, unmaps, look); }
static void cancel_moved_write(void) { cancel(0, LEDGER_WRITE, unmaps, move_on); }
/* A code that stands for no access: a write, to handlers. */
#define NO_ACCESS	4
static void cancel_no_access(void) { cancel(1, NO_ACCESS, NULL, NULL); }
static void cancel_no_access_read_only(void)
{
	cancel(1, NO_ACCESS, forbid, NULL);
}
/* The device has set bits below the page; the driver goes by pages. */
static void cancel_low_bits(void)
{
	gpu_base();
	raise_at(1, VIEW_VA(1) + 0x30, LEDGER_READ);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	parse(1, 1);
	emit(EV_fault_cancel, 1, VIEW_VA(1), LEDGER_READ);
}
static void cancel_unmanaged(void)
{
	gpu_base();
	vma(0, VIEW_PROT_RW, 14, 1);
	raise_fault(1, 14, LEDGER_WRITE);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	parse(1, 14);
	emit(EV_fault_cancel, 1, VIEW_VA(14), LEDGER_WRITE);
}

static void false_cancel(void)
{
	SILENT(cancel_read_only);
	SILENT(cancel_hole);
	SILENT(cancel_back);
	SILENT(cancel_timeout);
	SILENT(cancel_reaped);
	SILENT(cancel_past_end);
	SILENT(cancel_truncated);
	SILENT(cancel_not_grown);
	RAISES("false-cancel", cancel_grown);
	RAISES("false-cancel", cancel_in_file);
	SILENT(cancel_moving);
	SILENT(cancel_moved);
	RAISES("false-cancel", cancel_looked_at);
	RAISES("false-cancel", cancel_moved_write);
	SILENT(cancel_unmanaged);
	RAISES("false-cancel", cancel_allowed);
	CHECK(strstr(raised_text, "A write at 0x11000 in GPU space 0 was killed"));
	RAISES("false-cancel", cancel_read);
	RAISES("false-cancel", cancel_before_batch);
	RAISES("false-cancel", cancel_busy_once);
	RAISES("false-cancel", cancel_not_timeout);
	RAISES("false-cancel", cancel_own_doing);
	SILENT(cancel_no_access_read_only);
	RAISES("false-cancel", cancel_no_access);
	CHECK(strstr(raised_text, "A write at 0x11000 in GPU space 0 was killed"));
	RAISES("false-cancel", cancel_low_bits);
}

/* -- fault-ledger, bounded-replay -- */
/* Entry @id at @page was served, and an invalidation takes it back. */
static void served_page(u32 page, u32 id)
{
	driver_map(0, page, word(7, RW));
	gpu_set(0, page, 0);
	gpu_flush(0, page, 1);
	gpu_done(0, page, 1);
	emit(EV_fault_served, id, VIEW_VA(page), 0);
}
static void batch(u32 outcomes, bool replay, u32 stalled)
{
	gpu_base();
	raise_fault(1, 0, LEDGER_READ);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	parse(1, 0);
	if (outcomes)
		driver_map(0, 0, word(7, RW));
	while (outcomes--)
		emit(EV_fault_served, 1, VIEW_VA(0), 0);
	if (replay)
		emit(EV_gpu_replay, 0, 1, 0);
	w.stalled = stalled;
	emit(EV_batch_end, 1, 0, 0);
}
static void batch_served(void) { batch(1, true, 0); quiesce(); }
static void batch_left_to_replay(void) { batch(0, true, 0); }
static void batch_no_outcome(void) { batch(0, false, 0); }
static void batch_two_outcomes(void) { batch(2, true, 0); }
static void batch_maps_nothing(void)
{
	gpu_base();
	raise_fault(1, 0, LEDGER_READ);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	parse(1, 0);
	emit(EV_fault_served, 1, VIEW_VA(0), 0);
}
/* What was mapped may be gone again: an invalidation came in between. */
static void batch_loses_what_it_mapped(void)
{
	gpu_base();
	raise_fault(1, 0, LEDGER_WRITE);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	parse(1, 0);
	served_page(0, 1);
}
static void batch_serves_no_access(u32 right)
{
	gpu_base();
	raise_at(1, VIEW_VA(0) + 0x30, NO_ACCESS);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	parse(1, 0);
	driver_map(0, 0, word(7, right));
	emit(EV_fault_served, 1, VIEW_VA(0), 0);
}
static void batch_serves_as_write(void) { batch_serves_no_access(RW); }
static void batch_serves_as_read(void) { batch_serves_no_access(RO); }
static void batch_no_replay(void) { batch(1, false, 1); }
static void batch_dropped(void)
{
	gpu_base();
	raise_fault(1, 0, LEDGER_READ);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	emit(EV_fault_dropped, 1, 0, 0);
	w.stalled = 1;
	emit(EV_batch_end, 1, 0, 0);
}
static void batch_next_is_waiting(void)
{
	gpu_base();
	raise_fault(1, 9, LEDGER_READ);
	task = 4;
	emit(EV_batch_begin, 1, 0, 0);
	parse(1, 9);
	raise_fault(2, 0, LEDGER_READ);
	emit(EV_fault_cancel, 1, VIEW_VA(9), LEDGER_READ);
	w.stalled = 1;
	emit(EV_batch_end, 1, 0, 0);
}
static void stalled_at_rest(void) { gpu_base(); w.stalled = 1; quiesce(); }
/* The same access faults @n times; @outcome follows all but the last. */
static void rounds(u32 n, u32 changes, u16 outcome)
{
	gpu_base();
	task = 5;
	emit(EV_call_begin, 0, 0, 0);
	for (u32 i = 1; i <= n; i++) {
		raise_fault(i, 0, LEDGER_WRITE);
		task = 4;
		parse(i, 0);
		emit(EV_ring_get, 0, i % 8, 0);
		if (i < n && outcome)
			served_page(0, i);
		task = 3;
		if (i <= changes) {
			inv_open(inv(i, 0, LEDGER_CLEAR), 0, 1);
			inv_close(inv(i, 0, LEDGER_CLEAR));
		}
	}
}
static void rounds_few(void) { rounds(5, 0, EV_fault_served); }
static void rounds_many(void) { rounds(6, 0, EV_fault_served); }
static void rounds_replayed_by_others(void) { rounds(12, 0, EV_none); }
static void rounds_disturbed(void) { rounds(9, 8, EV_fault_served); }
/* An atomic of another task each time: of a call of its own, or of one call. */
static void rounds_with_atomics(bool calls)
{
	gpu_base();
	for (u32 i = 0; i < 14; i += 2) {
		task = 5;
		if (!i)
			emit(EV_call_begin, 0, 0, 0);
		raise_fault(i + 1, 0, LEDGER_WRITE);
		task = 6;
		if (calls || !i)
			emit(EV_call_begin, 0, 0, 0);
		emit(EV_fault_raised, i + 2, VIEW_VA(0), LEDGER_ATOMIC);
		emit(EV_ring_put, 0, (i + 2) % 8, 0);
		if (calls)
			emit(EV_call_end, 0, 0, 0);
		task = 4;
		for (u32 id = i + 1; id < i + 3; id++) {
			parse(id, 0);
			emit(EV_ring_get, 0, id % 8, 0);
			served_page(0, id);
		}
	}
}
static void rounds_under_atomics(void) { rounds_with_atomics(true); }
static void rounds_under_one_atomic(void) { rounds_with_atomics(false); }
static void rounds_of_two_calls(void)
{
	rounds(5, 0, EV_fault_served);
	task = 5;
	emit(EV_call_end, 0, 0, 0);
	emit(EV_call_begin, 0, 0, 0);
	raise_fault(6, 0, LEDGER_WRITE);
}

static void fault_buffer(void)
{
	SILENT(batch_served);
	SILENT(batch_loses_what_it_mapped);
	SILENT(batch_left_to_replay);
	SILENT(batch_next_is_waiting);
	SILENT(rounds_few);
	SILENT(rounds_disturbed);
	SILENT(rounds_replayed_by_others);
	SILENT(rounds_of_two_calls);
	RAISES("fault-ledger", batch_no_outcome);
	RAISES("fault-ledger", batch_two_outcomes);
	RAISES("fault-ledger", batch_maps_nothing);
	SILENT(batch_serves_as_write);
	RAISES("fault-ledger", batch_serves_as_read);
	RAISES("fault-ledger", batch_no_replay);
	RAISES("fault-ledger", batch_dropped);
	RAISES("fault-ledger", stalled_at_rest);
	RAISES("bounded-replay", rounds_many);
	SILENT(rounds_under_atomics);
	RAISES("bounded-replay", rounds_under_one_atomic);
}

static const struct test tests[] = {
	TEST(false_cancel),
	TEST(fault_buffer),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_fault", tests)

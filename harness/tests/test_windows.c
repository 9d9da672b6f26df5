// SPDX-License-Identifier: GPL-2.0
/*
 * The windows of targets/windows.def: each row is counted by a story in which
 * another task is in it, and not by one in which that task comes later, or is
 * somewhere else. Only the ledger listens besides: what is right and wrong is
 * the other suites' business.
 */
#include "harness/tests/window_stories_device.h"
#include "harness/tests/window_story.h"

/* -- A -- */
static void A1(void)
{
	handler();
	emit(EV_svm_window, 0, VIEW_VA(0), VIEW_VA(4));
	WHEN(interval_at(0, 4), other_pte());
}
static void insert_by_other(u32 mm, u32 first)
{
	task = 3;
	emit(EV_itree_change, mm, SUB + 1, VIEW_ITREE(first, first + 1));
	emit(EV_mni_insert, mm, SUB + 1, 1);
	task = 1;
}
static void A2(void)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	gpu_base();
	new_mm(1);
	inv_begin(b, 0, 1);
	emit(EV_inv_interval, b, 0, 0);
	WHEN(inv_close(b), insert_by_other(when == APART, 0));
}
static void A3(void)
{
	handler();
	interval_at(0, 1);
	emit(EV_read_begin, 0, SUB, 1);
	WHEN(emit(EV_read_retry, 0, SUB, 0), other_pte());
}
static void retry_by_other(u32 mm)
{
	task = 3;
	emit(EV_read_retry, mm, SUB, 1);
	task = 1;
}
static void A4(void)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	gpu_base();
	new_mm(1);
	interval_at(0, 1);
	inv_begin(b, 0, 1);
	emit(EV_callback_begin, b, SUB, 1);
	emit(EV_callback_end, b, SUB, 1);
	WHEN(emit(EV_callback_begin, b, HLIST, 0), retry_by_other(when == APART));
}
static void call_back(void)
{
	u64 b = inv(5, 0, LEDGER_CLEAR);

	task = 3;
	inv_begin(b, at(), 1);
	emit(EV_callback_begin, b, SUB, 1);
	emit(EV_callback_end, b, SUB, 1);
	task = 1;
}
static void A5(void)
{
	handler();
	interval_at(0, 1);
	gpu_done(0, 0, 1);
	WHEN(emit(EV_mni_removed, 0, SUB, 0), call_back());
}
static void refill(void)
{
	task = when == APART ? 1 : 3;
	emit(EV_fault_raised, 2, VIEW_VA(0), LEDGER_READ);
	task = 1;
}
static void A6(void)
{
	handler();
	emit(EV_ring_get, 0, 1, 0);
	WHEN(emit(EV_gpu_replay, 0, 1, 0), refill());
}
static void close_svmm(u32 space)
{
	task = 3;
	emit(EV_svmm_gone, space, 0, 0);
	task = 1;
}
static void A7(void)
{
	handler();
	new_space(1, 0);
	emit(EV_fault_raised, 1, VIEW_VA(0), LEDGER_READ);
	emit(EV_fault_lookup, 1, 0, 0);
	WHEN(emit(EV_batch_end, 1, 0, 0), close_svmm(when == APART));
}
static void A8(void)
{
	handler();
	new_space(1, 0);
	interval_at(0, 1);
	emit(EV_fault_raised, 1, VIEW_VA(0), LEDGER_READ);
	emit(EV_fault_lookup, 1, when == APART, 0);
	close_svmm(0);
	WHEN(emit(EV_svmm_free, 0, 0, 0), emit(EV_read_retry, 0, SUB, 0));
}
/* SVM_BIND of page 0 by task 1 into space 0, set up. */
static void bind(void)
{
	gpu_base();
	emit(EV_svmm_new, 0, 0, 2);
	emit(EV_svm_bind, 0, VIEW_VA(0), VIEW_VA(1));
	emit(EV_migrate_setup, 7, 0, VIEW_VA(0));
	emit(EV_migrate_ready, 7, 1, 0);
}
static void bound(void) { emit(EV_migrate_end, 7, 0, 0); }
static void A9(void) { bind(); WHEN(bound(), other_gpu(EV_gpu_store, 0)); }
static void A10(void) { bind(); WHEN(bound(), other_pte()); }
static void A11(void) { bind(); WHEN(bound(), other_inv(LEDGER_CLEAR)); }
static void A12(void)
{
	bind();
	new_space(1, 0);
	if (when != LATE)
		emit(EV_migrate_moved, 7, 7, DPAGE);
	bound();
	emit(EV_svm_bind_end, 0, 0, 0);
	emit(EV_svmm_gone, when == APART, 0, 0);
	emit(EV_migrate_to_ram, DPAGE, 0, VIEW_VA(0));
}
static void A13(void)
{
	gpu_base();
	new_mm(1);
	new_space(1, 1);
	exit_mm(0);
	WHEN(emit(EV_mm_dead, 0, 0, 0), other_gpu(EV_gpu_load, when == APART));
}
static void A14(void)
{
	u64 b = VIEW_BRACKET(1, 0, LEDGER_CLEAR, when == APART);

	gpu_base();
	inv_begin(b, 0, 1);
	if (when == IN_TIME)
		emit(EV_inv_interval, b, 0, 0);
	emit(EV_inv_refused, b, 0, 0);
}
static void A15(void)
{
	handler();
	interval_at(0, 1);
	lend();
	lent();
	WHEN(emit(EV_read_retry, 0, SUB, 0), other_pte());
}
static void A16(void)
{
	gpu_base();
	new_space(1, 0);
	emit(EV_svm_bind, 0, VIEW_VA(0), VIEW_VA(1));
	WHEN(emit(EV_svm_bind_end, 0, 0, 0), other_gpu(EV_gpu_load, 1));
}
static void lending_calls_back(void)
{
	u64 b = inv(5, when == APART, LEDGER_EXCLUSIVE);

	task = 3;
	inv_begin(b, 0, 1);
	emit(EV_callback_begin, b, SUB, 1);
	task = 1;
}
static void A17(void)
{
	gpu_base();
	new_mm(1);
	emit(EV_svmm_gone, 0, 0, 0);
	WHEN(emit(EV_svmm_free, 0, 0, 0), lending_calls_back());
}
static void A18(void)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	gpu_base();
	inv_begin(b, 0, 1);
	emit(EV_inv_interval, b, 0, 0);
	/* Apart: of the range itself, which is another window. */
	WHEN(inv_close(b), insert_by_other(0, when == APART ? 0 : 5));
}
static void A19(void)
{
	gpu_base();
	if (when == IN_TIME)
		emit(EV_svm_bind, 0, VIEW_VA(0), VIEW_VA(1) | 1ull << 48);
	else
		emit(EV_svm_bind, 0, VIEW_VA(0), VIEW_VA(1));
}

/* -- C -- */
static void C1(void)
{
	handler();
	interval_at(0, 1);
	emit(EV_read_retry, 0, SUB, 0);
	if (when == LATE)
		gpu_done(0, 0, 1);	/* what it read is mapped: no pin */
	other_pte();
	emit(EV_migrate_setup, 7, 0, VIEW_VA(0));
}
static void grant(void) { gpu_set(0, 0, word(7, RW | VIEW_A)); }
static void C2(void)
{
	handler();
	grant();
	WHEN(emit(EV_migrate_end, 7, 0, 0), other_inv(LEDGER_CLEAR));
}
static void other_gup(void)
{
	task = 3;
	emit(EV_gup, 7, 0, VIEW_CPU(when == APART, 0) | VIEW_VA(0) << 8);
	task = 1;
}
static void C3(void)
{
	handler();
	new_mm(1);
	emit(EV_migrate_setup, 7, 0, VIEW_VA(0));
	WHEN(emit(EV_migrate_ready, 7, 1, 0), other_gup());
}
static void to_ram(u32 pfn)
{
	task = 3;
	emit(EV_page_get, pfn, 2, VIEW_REF_TMP);
	task = 1;
}
static void C4(void)
{
	gpu_base();
	emit(EV_migrate_to_ram, DPAGE, 0, VIEW_VA(0));
	WHEN(emit(EV_migrate_end, 7, 0, 0), to_ram(DPAGE + (when == APART)));
}
static void C5(void)
{
	gpu_base();
	new_mm(2);
	grant();
	WHEN(gpu_set(0, 0, 0),
	     (task = 3, emit(EV_fork_begin, when == APART ? 2 : 0, 1, 0), task = 1));
}
static void C6(void)
{
	gpu_base();
	new_mm(1);
	grant();
	WHEN(gpu_set(0, 0, 0),
	     (task = 3, emit(EV_mm_exit, when == APART, 0, 0), task = 1));
}

/* -- D -- */
static void D1(void)
{
	handler();
	interval_at(0, 1);
	emit(EV_exclusive_begin, 0, VIEW_VA(0), 0);
	WHEN(gpu_done(0, 0, 1), other_inv(LEDGER_CLEAR));
}
static void zapped_by_other(void) { task = 3; set(0, at(), 0); task = 1; }
static void D2(void)
{
	gpu_base();
	lend();
	WHEN(unlock_lent(), zapped_by_other());
}
static void D3(void)
{
	gpu_base();
	emit(EV_exclusive_fault, 0, VIEW_VA(0), 7);
	WHEN(lock(7), zapped_by_other());
}
static void D4(void)
{
	gpu_base();
	emit(EV_exclusive_begin, 0, VIEW_VA(0), 0);
	WHEN(emit(EV_exclusive_failed, 0, VIEW_VA(0), 7), other_pte());
}
static void D5(void)
{
	gpu_base();
	alloc(8);
	lend();
	WHEN(lent(), (task = 3, get(when == APART ? 8 : 7, VIEW_REF_TMP), task = 1));
}
static void D6(void)
{
	u64 b = inv(10, 0, LEDGER_EXCLUSIVE);

	gpu_base();
	lend();
	lent();
	unlock_lent();
	inv_begin(b, 0, 1);
	WHEN(emit(EV_exclusive_restore, 0, VIEW_VA(0), 7), zapped_by_other());
}
static void D7(void)
{
	gpu_base();
	new_mm(2);
	lend();
	lent();
	WHEN(unlock_lent(),
	     (task = 3, emit(EV_fork_begin, when == APART ? 2 : 0, 1, 0), task = 1));
}
static void restored_by_other(void)
{
	task = 3;
	emit(EV_exclusive_restore, 0, VIEW_VA(at()), 7);
	task = 1;
}
static void D8(void)
{
	handler();
	interval_at(0, 1);
	gpu_done(0, 0, 1);
	WHEN(emit(EV_mni_removed, 0, SUB, 0), restored_by_other());
}
static void lend_to_other(void)
{
	task = 3;
	emit(EV_exclusive_begin, 0, VIEW_VA(at()), 1);
	task = 1;
}
static void D9(void) { gpu_base(); grant(); WHEN(gpu_set(0, 0, 0), lend_to_other()); }
static void stored_by_other(void) { task = 3; store(0, at(), 7, 1); task = 1; }
static void D10(void)
{
	gpu_base();
	emit(EV_exclusive_begin, 0, VIEW_VA(0), 0);
	set(0, 0, 0);
	WHEN(flush(0, 0, 1), stored_by_other());
}

#define STORY(id) [WINDOW_##id] = id
static void (*const story[WINDOW_NR])(void) = {
	STORY(A1), STORY(A2), STORY(A3), STORY(A4), STORY(A5), STORY(A6),
	STORY(A7), STORY(A8), STORY(A9), STORY(A10), STORY(A11), STORY(A12),
	STORY(A13), STORY(A14), STORY(A15), STORY(A16), STORY(A17), STORY(A18),
	STORY(A19),
	STORY(B1), STORY(B2), STORY(B3), STORY(B4), STORY(B5), STORY(B6),
	STORY(B7), STORY(B8),
	STORY(C1), STORY(C2), STORY(C3), STORY(C4), STORY(C5), STORY(C6),
	STORY(D1), STORY(D2), STORY(D3), STORY(D4), STORY(D5), STORY(D6),
	STORY(D7), STORY(D8), STORY(D9), STORY(D10),
	STORY(E1), STORY(E2), STORY(E3), STORY(E5), STORY(E6),
	STORY(E8), STORY(E9), STORY(E10), STORY(E11), STORY(E12), STORY(E15),
	STORY(E16), STORY(E17), STORY(E20),
};

/* How often row @i was entered. */
static u64 entered(u32 i)
{
	memset(window_count, 0, sizeof(window_count));
	observer = &oracle_windows;
	told(story[i]);
	return window_count[i].entered;
}

static void each_is_counted_once(void)
{
	when = IN_TIME;
	for (u32 i = 0; i < WINDOW_NR; i++) {
		if (!story[i])
			printf("%s has no story\n", windows[i].name);
		CHECK(story[i]);
		if (entered(i) != 1)
			printf("%s\n", windows[i].name);
		CHECK_EQ(entered(i), 1);
	}
}

static void nobody_is_in_it_afterwards(void)
{
	when = LATE;
	for (u32 i = 0; i < WINDOW_NR; i++) {
		if (entered(i))
			printf("%s\n", windows[i].name);
		CHECK_EQ(entered(i), 0);
	}
}

/* A16 and C1 have a place for every page, or the next case instead. */
static void nor_who_is_elsewhere(void)
{
	when = APART;
	for (u32 i = 0; i < WINDOW_NR; i++) {
		if (entered(i))
			printf("%s\n", windows[i].name);
		CHECK_EQ(entered(i), 0);
	}
}

static void every_row_says_what_it_is(void)
{
	for (u32 i = 0; i < WINDOW_NR; i++) {
		const struct window *w = &windows[i];

		CHECK(w->open[0] && w->by[0] && w->close[0]);
		CHECK(!strncmp(w->name, "W-", 2));
		CHECK(*w->targets && *w->text && *w->drivers);
		CHECK(strstr(w->source, w->name));
	}
}

static const struct test tests[] = {
	TEST(each_is_counted_once),
	TEST(nobody_is_in_it_afterwards),
	TEST(nor_who_is_elsewhere),
	TEST(every_row_says_what_it_is),
	{ NULL, NULL },
};
TEST_MAIN("windows", tests)

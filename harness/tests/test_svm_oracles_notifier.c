// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of notifiers: what test_svm_oracles.c is for the others.
 */
#include "harness/tests/svm_world.h"

/* -- notifier-seq -- */
static void seq_bracket(void)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	base();
	subs(0, 2, 0);
	emit(EV_mni_insert, 0, SUB, 1);
	emit(EV_itree_change, 0, SUB, 1);
	inv_begin(b, 0, 1);
	subs(0, 3, 1);
	emit(EV_inv_interval, b, 0, 0);
	emit(EV_callback_begin, b, SUB, 1);
	emit(EV_mni_seq, 0, SUB, 3);
	emit(EV_callback_end, b, SUB, 1);
	emit(EV_inv_open, b, 0, 0);
	emit(EV_deferred, 0, SUB + 1, 1);
	emit(EV_inv_end, b, 0, 0);
}
static void seq_legal(void)
{
	seq_bracket();
	subs(0, 4, 0);
	emit(EV_itree_change, 0, SUB + 1, 1);
	emit(EV_deferred, 0, SUB + 1, 0);
	emit(EV_unlock, 0, 0, 0);
	emit(EV_inv_closed, inv(1, 0, LEDGER_CLEAR), 0, 0);
	quiesce();
}
static void seq_stays_odd(void) { seq_bracket(); subs(0, 3, 0); }
static void seq_drops_deferred(void)
{
	seq_bracket();
	subs(0, 4, 0);
	emit(EV_unlock, 0, 0, 0);
}
/* Another task's lock is not the one. */
static void seq_still_at_it(void)
{
	seq_bracket();
	subs(0, 4, 0);
	task = 2;
	emit(EV_unlock, 0, 0, 0);
}
static void seq_goes_back(void) { base(); subs(0, 4, 0); subs(0, 2, 0); }
static void seq_tree_moves(void)
{
	seq_bracket();
	emit(EV_itree_change, 0, SUB + 2, 1);
}
static void seq_even_insert(void) { base(); emit(EV_mni_insert, 0, SUB, 4); }
static void seq_even_set(void) { base(); emit(EV_mni_seq, 0, SUB, 4); }
static void seq_refused(u32 active_after)
{
	u64 b = VIEW_BRACKET(1, 0, LEDGER_UNMAP, 0);

	base();
	inv_begin(b, 0, 8);
	subs(0, 2, 1);
	emit(EV_inv_interval, b, 0, 0);
	emit(EV_callback_begin, b, HLIST, 0);
	emit(EV_callback_end, b, HLIST, 2);
	subs(0, 2, active_after);
	emit(EV_inv_refused, b, 0, 0);
}
static void seq_undone(void) { seq_refused(0); quiesce(); }
static void seq_not_undone(void) { seq_refused(1); }
/* Another one that is on its way in might be the one that is counted. */
static void seq_not_undone_among_others(void)
{
	task = 2;
	inv_begin(VIEW_BRACKET(2, 0, LEDGER_UNMAP, 0), 0, 8);
	task = 1;
	seq_refused(1);
}
static void seq_native(void)
{
	deaf = true;
	base();
	w.mm[0].active_ranges = 1;
	quiesce();
}

static void notifier_seq(void)
{
	SILENT(seq_legal);
	SILENT(seq_undone);
	RAISES("notifier-seq", seq_stays_odd);
	RAISES("notifier-seq", seq_drops_deferred);
	SILENT(seq_still_at_it);
	RAISES("notifier-seq", seq_goes_back);
	RAISES("notifier-seq", seq_tree_moves);
	RAISES("notifier-seq", seq_even_insert);
	RAISES("notifier-seq", seq_even_set);
	RAISES("notifier-seq", seq_not_undone);
	RAISES("notifier-seq", seq_not_undone_among_others);
	RAISES("notifier-seq", seq_native);
}

/* -- notifier-lifetime -- */
static void life_after_removal(void)
{
	base();
	emit(EV_mni_insert, 0, SUB, 1);
	emit(EV_mni_removed, 0, SUB, 0);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	emit(EV_callback_begin, inv(1, 0, LEDGER_CLEAR), SUB, 1);
}
static void life_again(void)
{
	base();
	emit(EV_mni_insert, 0, SUB, 1);
	emit(EV_mni_removed, 0, SUB, 0);
	emit(EV_mni_insert, 0, SUB, 1);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	emit(EV_callback_begin, inv(1, 0, LEDGER_CLEAR), SUB, 1);
	emit(EV_callback_end, inv(1, 0, LEDGER_CLEAR), SUB, 1);
	emit(EV_mni_removed, 0, SUB, 0);
}
static void life_removed_inside(void)
{
	base();
	emit(EV_mni_insert, 0, SUB, 1);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	emit(EV_callback_begin, inv(1, 0, LEDGER_CLEAR), SUB, 1);
	emit(EV_mni_removed, 0, SUB, 0);
}
static void life_still_in_tree(void)
{
	base();
	emit(EV_itree_change, 0, SUB, 1);
	emit(EV_mni_insert, 0, SUB, 1);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	subs(0, 3, 1);
	emit(EV_deferred, 0, SUB, 1);
	emit(EV_mni_removed, 0, SUB, 0);
}
static void life_twice(void)
{
	base();
	emit(EV_mni_insert, 0, SUB, 1);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	for (int i = 0; i < 2; i++) {
		emit(EV_callback_begin, inv(1, 0, LEDGER_CLEAR), SUB, 1);
		emit(EV_callback_end, inv(1, 0, LEDGER_CLEAR), SUB, 1);
	}
}
static void life_walk(u64 pages, u32 first)
{
	base();
	emit(EV_mni_insert, 0, SUB, 1);
	emit(EV_itree_change, 0, SUB, pages);
	inv_open(inv(1, 0, LEDGER_CLEAR), first, 1);
}
static void life_missed(void) { life_walk(VIEW_ITREE(0, 4), 3); }
static void life_apart(void) { life_walk(VIEW_ITREE(0, 4), 4); }
static void life_unknown(void) { life_walk(1, 0); }
static void life_inserted_beside(void)
{
	base();
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	emit(EV_mni_insert, 0, SUB, 1);
	emit(EV_itree_change, 0, SUB, VIEW_ITREE(0, 16));
	emit(EV_inv_open, inv(1, 0, LEDGER_CLEAR), 0, 0);
}
static void life_exit(u64 flags)
{
	u64 b = VIEW_BRACKET(1, 0, LEDGER_UNMAP, flags);

	base();
	new_space(0, 0);
	exit_mm(0);
	inv_begin(b, 0, 16);
	emit(EV_callback_begin, b, HLIST, 0);
}
/* The walk has left the first notifier; the second comes off and is freed. */
static void life_walker(bool over)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	base();
	new_space(0, 0);
	emit(EV_mn_register, 0, HLIST + 1, 0);
	inv_begin(b, 0, 1);
	clear_callback(b, 0, 0, 1);
	emit(EV_mn_unhashed, 0, HLIST + 1, 0);
	if (over)
		emit(EV_inv_open, b, 0, 0);
	emit(EV_mn_dead, 0, HLIST + 1, 0);
}
static void life_walker_on_it(void) { life_walker(false); }
static void life_walker_gone(void) { life_walker(true); }
static void life_after_release(void) { life_exit(1); }
static void life_reaper_beside_release(void) { life_exit(0); }
static void life_hlist(bool dead)
{
	base();
	new_space(0, 0);
	emit(EV_mn_unhashed, 0, HLIST, 0);
	if (dead)
		emit(EV_mn_dead, 0, HLIST, 0);
	inv_begin(inv(1, 0, LEDGER_CLEAR), 0, 1);
	emit(EV_callback_begin, inv(1, 0, LEDGER_CLEAR), HLIST, 0);
}
static void life_hlist_walker(void) { life_hlist(false); }
static void life_hlist_dead(void) { life_hlist(true); }
static void life_hlist_freed_inside(void)
{
	life_hlist(false);
	emit(EV_mn_dead, 0, HLIST, 0);
}

static void notifier_lifetime(void)
{
	SILENT(life_again);
	SILENT(life_apart);
	SILENT(life_unknown);
	SILENT(life_inserted_beside);
	SILENT(life_reaper_beside_release);
	SILENT(life_walker_gone);
	RAISES("notifier-lifetime", life_walker_on_it);
	CHECK(strstr(raised_text, "is still on it"));
	RAISES("notifier-lifetime", life_missed);
	CHECK(strstr(raised_text, "was not called"));
	RAISES("notifier-lifetime", life_after_release);
	CHECK(strstr(raised_text, "after the mm's release"));
	SILENT(life_hlist_walker);
	RAISES("notifier-lifetime", life_after_removal);
	RAISES("notifier-lifetime", life_removed_inside);
	RAISES("notifier-lifetime", life_still_in_tree);
	RAISES("notifier-lifetime", life_twice);
	RAISES("notifier-lifetime", life_hlist_dead);
	RAISES("notifier-lifetime", life_hlist_freed_inside);
}

/* -- a mirror: a space that an interval's callback clears, and it alone -- */
static void mirror_base(void)
{
	base();
	emit(EV_mni_insert, 0, SUB, 1);
	emit(EV_itree_change, 0, SUB, VIEW_ITREE(0, 16));
	w.svmm[0] = (struct view_svmm){ .live = true };
	emit(EV_gpu_space, 0, 0, SUB);
	driver_map(0, 0, word(7, RW));
}
/* The callback by task 2, up to its turn at the lock; then what it clears. */
static void mirror_callback(u64 b, u32 cleared)
{
	task = 2;
	inv_begin(b, 0, 1);
	emit(EV_inv_interval, b, 0, 0);
	emit(EV_callback_begin, b, SUB, 1);
	emit(EV_lock, (u64)(size_t)"mutex_trylock", 0, 1);
	for (u32 i = 0; i < cleared; i++)
		gpu_set(0, i, 0);
}
static void mirror_maps(void)
{
	task = 1;
	driver_map(0, 0, word(7, RW));
	task = 2;
}
static void mirror_legal(void)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	mirror_base();
	mirror_callback(b, 1);
	emit(EV_callback_end, b, SUB, 1);
	emit(EV_inv_open, b, 0, 0);
	zap(0, 0, 7);
	flush(0, 0, 1);
	put(7, VIEW_REF_GATHER);
	inv_close(b);
	quiesce();
}
static void mirror_left(void)
{
	u64 b = inv(1, 0, LEDGER_CLEAR);

	mirror_base();
	mirror_callback(b, 0);
	emit(EV_callback_end, b, SUB, 1);
	emit(EV_inv_open, b, 0, 0);
	zap(0, 0, 7);
}
static void mirror_after_turn(void)
{
	mirror_base();
	mirror_callback(inv(1, 0, LEDGER_CLEAR), 1);
	mirror_maps();
	emit(EV_callback_end, inv(1, 0, LEDGER_CLEAR), SUB, 1);
}
static void mirror_after_callback(void)
{
	mirror_base();
	mirror_callback(inv(1, 0, LEDGER_CLEAR), 1);
	emit(EV_callback_end, inv(1, 0, LEDGER_CLEAR), SUB, 1);
	mirror_maps();
}
/* Another notifier refuses: the bracket never opens, and is nobody's business. */
static void mirror_refused(void)
{
	u64 b = VIEW_BRACKET(1, 0, LEDGER_UNMAP, 0);

	mirror_base();
	emit(EV_mn_register, 0, HLIST, 0);
	mirror_callback(b, 1);
	emit(EV_callback_end, b, SUB, 1);
	emit(EV_callback_begin, b, HLIST, 0);
	emit(EV_callback_end, b, HLIST, 2);
	mirror_maps();
	emit(EV_inv_refused, b, 0, 0);
	quiesce();
}

static void mirror(void)
{
	SILENT(mirror_legal);
	SILENT(mirror_refused);
	RAISES("stale-pte", mirror_left);
	RAISES("unchecked-map", mirror_after_turn);
	CHECK(strstr(raised_text, "had its turn"));
	RAISES("unchecked-map", mirror_after_callback);
	CHECK(strstr(raised_text, "already called it back"));
}

static const struct test tests[] = {
	TEST(notifier_seq),
	TEST(notifier_lifetime),
	TEST(mirror),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_notifier", tests)

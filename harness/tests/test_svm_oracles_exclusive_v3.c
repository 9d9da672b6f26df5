// SPDX-License-Identifier: GPL-2.0
/*
 * The oracles of pages that are lent as first posted, and of moving one that is
 * lent, in both directions; see test_svm_oracles.c.
 */
#define WORLD_LISTS svm_oracles_exclusive_v3
#include "harness/tests/svm_world_pages.h"

/* -- exclusive-entry-v3 -- */
static void v3_life(void)
{
	base();
	lend();
	lent();
	unlock_lent();
	task = 2;
	give_back(RW);
	quiesce();
}

/* Fork: both have it, for reading; each comes back by itself. */
static void fork_copies(u32 parent, u32 child)
{
	base();
	lend();
	lent();
	unlock_lent();
	task = 2;
	new_mm(1);
	emit(EV_fork_begin, 0, 1, 0);
	vma(1, VIEW_PROT_RW, 0, 8);
	inv_open(inv(11, 0, LEDGER_PROTECTION_PAGE), 0, 8);
	w.page[7].exclusive = false;
	emit(EV_page_exclusive, 7, 0, 0);
	get(7, VIEW_REF_DEXCL);
	set(0, 0, entry(parent, 7));
	set(1, 0, entry(child, 7));
	inv_close(inv(11, 0, LEDGER_PROTECTION_PAGE));
	emit(EV_fork_end, 0, 1, 0);
}
static void v3_fork(void)
{
	fork_copies(VIEW_EXCLUSIVE_READ, VIEW_EXCLUSIVE_READ);
	give_back(RO);
}
static void v3_fork_gains(void)
{
	fork_copies(VIEW_EXCLUSIVE_READ, VIEW_EXCLUSIVE_READ);
	give_back(RW);
}

static void v3_fork_writes(void)
{
	base();
	lend();
	lent();
	unlock_lent();
	task = 2;
	new_mm(1);
	emit(EV_fork_begin, 0, 1, 0);
	vma(1, VIEW_PROT_RW, 0, 8);
	emit(EV_fork_end, 0, 1, 0);
}
static void v3_unlocked(void)
{
	base();
	lend();
	unlock_lent();
	inv_open(inv(10, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, word(7, RW));
}
static void v3_unbracketed(void)
{
	base();
	lend();
	unlock_lent();
	lock(7);
	set(0, 0, word(7, RW));
}
static void v3_regains(void)
{
	base();
	lend();
	unlock_lent();
	inv_open(inv(3, 0, LEDGER_PROTECTION_VMA), 0, 1);
	set(0, 0, entry(VIEW_EXCLUSIVE_READ, 7));
	inv_close(inv(3, 0, LEDGER_PROTECTION_VMA));
	set(0, 0, entry(VIEW_EXCLUSIVE_WRITE, 7));
}
static void v3_not_ours(void)	/* W-D4 */
{
	base();
	lend();
	unlock_lent();
	give_back(RW);
	task = 2;
	get(7, VIEW_REF_GUP);
	lock(7);
	emit(EV_exclusive_begin, 0, VIEW_VA(0), 0);
	inv_open(inv(12, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, 0);
	flush(0, 0, 1);
	inv_close(inv(12, 0, LEDGER_CLEAR));
	mapcount(7, -1);
	put(7, VIEW_REF_PTE);
	lent();
}
static void v3_bits_lost(void)
{
	base();
	set(0, 0, word(7, RW | VIEW_SOFT_DIRTY));
	lend();
}
/* Its entry was read-only before: mremap() may bring one there, no make may. */
static void v3_after_read_only(bool making)
{
	u64 b = inv(9, 0, making ? LEDGER_EXCLUSIVE : LEDGER_UNMAP);

	base();
	if (making)
		emit(EV_exclusive_begin, 0, VIEW_VA(0), 0);
	inv_open(b, 0, 1);
	set(0, 0, word(7, RO));
	set(0, 0, 0);
	flush(0, 0, 1);
	set(0, 0, entry(VIEW_EXCLUSIVE_WRITE, 7));
	inv_close(b);
}
static void v3_moved_back(void) { v3_after_read_only(false); }
static void v3_gains(void) { v3_after_read_only(true); }

static void exclusive_entry_v3(void)
{
	SILENT(v3_life);
	SILENT(v3_fork);
	RAISES("exclusive-entry-v3", v3_fork_gains);
	RAISES("exclusive-entry-v3", v3_fork_writes);
	RAISES("exclusive-entry-v3", v3_unlocked);
	RAISES("exclusive-entry-v3", v3_unbracketed);
	RAISES("exclusive-entry-v3", v3_regains);
	RAISES("exclusive-entry-v3", v3_not_ours);
	RAISES("exclusive-entry-v3", v3_bits_lost);
	SILENT(v3_moved_back);
	RAISES("exclusive-entry-v3", v3_gains);
}

/* -- mm-lifetime: a mover takes a page back from an mm that exits -- */
static void taken_back_in_exit(void)
{
	base();
	lend();
	lent();
	unlock_lent();
	exit_mm(0);
	task = 2;
	give_back(RW);
}

static void mm_lifetime(void)
{
	SILENT(taken_back_in_exit);
}

/* -- exclusive-move -- */
static void try_to_move(bool take_back, u64 error)
{
	base();
	lend();
	unlock_lent();
	task = 2;
	get(7, VIEW_REF_ISOLATE);
	emit(EV_move_begin, 7, 0, 0);
	if (take_back) {
		give_back(RW);
	} else {
		lock(7);
		unlock(7);
	}
	emit(EV_move_end, 7, 0, error);
	put(7, VIEW_REF_ISOLATE);
	quiesce();
}
static void xm_taken_back(void) { try_to_move(true, 11); }
static void xm_left(void) { try_to_move(false, 11); }
static void xm_never_locked(void)
{
	base();
	lend();
	task = 2;
	get(7, VIEW_REF_ISOLATE);
	emit(EV_move_begin, 7, 0, 0);
	emit(EV_move_end, 7, 0, 11);
	put(7, VIEW_REF_ISOLATE);
}

static void exclusive_move(void)
{
	SILENT(xm_taken_back);
	SILENT(xm_never_locked);
	RAISES("exclusive-move", xm_left);
}

static const struct test tests[] = {
	TEST(exclusive_entry_v3),
	TEST(mm_lifetime),
	TEST(exclusive_move),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_exclusive_v3", tests)

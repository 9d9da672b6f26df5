// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of pages that move and pages that are lent, in both
 * directions; see test_svm_oracles.c.
 */
#include "harness/tests/svm_world_pages.h"

/* -- migration-entry -- */
static void moved(void)
{
	base();
	move_begin(0, 0, 7);
	move_to(7, 9);
	put_back(0, 0, 9, RW);
	emit(EV_move_end, 7, 9, 0);
	unlock(9);
	put(9, VIEW_REF_TMP);
	unlock(7);
	put(7, VIEW_REF_ISOLATE);
	fill(0, 0);
	load(0, 0, 9, 70);
	quiesce();
}
static void not_moved(void)
{
	base();
	move_begin(0, 0, 7);
	put_back(0, 0, 7, RW);
	emit(EV_move_end, 7, 0, 11);
	unlock(7);
	put(7, VIEW_REF_ISOLATE);
	load(0, 0, 7, 70);
	quiesce();
}
static void me_zapped(void)	/* W-MIG2 */
{
	base();
	move_begin(0, 0, 7);
	task = 2;
	inv_open(inv(1, 0, LEDGER_CLEAR), 0, 1);
	emit(EV_gather_begin, 0, 0, 0);
	set(0, 0, 0);
	inv_close(inv(1, 0, LEDGER_CLEAR));
	emit(EV_gather_end, 0, 0, 0);
	task = 1;
	unlock(7);
	put(7, VIEW_REF_ISOLATE);
	quiesce();
}
static void me_unlocked(void)
{
	base();
	move_begin(0, 0, 7);
	unlock(7);
}
static void me_never_locked(void)
{
	base();
	take_away(0, 0, 7, entry(VIEW_MIGRATION_WRITE, 7));
}
static void me_locked_by_other(void)
{
	base();
	get(7, VIEW_REF_TMP);
	task = 2;
	lock(7);
	task = 1;
	inv_open(inv(2, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, entry(VIEW_MIGRATION_WRITE, 7));
}
static void me_left(void) { base(); move_begin(0, 0, 7); quiesce(); }
static void me_fork(void)
{
	base();
	move_begin(0, 0, 7);
	task = 2;
	new_mm(1);
	emit(EV_fork_begin, 0, 1, 0);
	vma(1, VIEW_PROT_RW, 0, 8);
	inv_open(inv(1, 0, LEDGER_PROTECTION_PAGE), 0, 8);
	set(0, 0, entry(VIEW_MIGRATION_READ, 7));
	set(1, 0, entry(VIEW_MIGRATION_READ, 7));
	fork_from_entry();
}
static void me_child_forgotten(void)	/* W-RMAP */
{
	me_fork();
	task = 1;
	get(7, VIEW_REF_PTE);
	mapcount(7, 1);
	set(0, 0, word(7, RO));
	unlock(7);
}
static void me_native(void)
{
	deaf = true;
	base();
	w.page[7] = (struct view_page){ .refcount = 1 };
	w.cpu[0][0] = entry(VIEW_MIGRATION_WRITE, 7);
	w.mm[0].rss = 1;
	w.page[7].refcount = 0;
	quiesce();
}

static void migration_entry(void)
{
	SILENT(moved);
	SILENT(not_moved);
	SILENT(me_zapped);
	SILENT(me_fork);
	RAISES("migration-entry", me_unlocked);
	CHECK(strstr(raised_text, "just been unlocked"));
	RAISES("migration-entry", me_never_locked);
	RAISES("migration-entry", me_locked_by_other);
	RAISES("migration-entry", me_left);
	RAISES("migration-entry", me_child_forgotten);
	RAISES("migration-entry", me_native);
}

/* -- migrate-contract -- */
static void mc_setup(void)
{
	base();
	get(7, VIEW_REF_ISOLATE);
	emit(EV_migrate_setup, 1, 0, VIEW_VA(0));
	lock(7);
}
static void mc_collected(void)
{
	mc_setup();
	take_away(0, 0, 7, entry(VIEW_MIGRATION_WRITE, 7));
	emit(EV_migrate_src, 1, VIEW_VA(0), 7);
	emit(EV_migrate_ready, 1, 1, 0);
}
static void mc_over(void)
{
	mc_collected();
	alloc(9);
	lock(9);
	copy(7, 9);
	mapping(9, VIEW_MAPPING_ANON, 0);
	emit(EV_migrate_moved, 1, 7, 9);
	put_back(0, 0, 9, RW);
	unlock(7);
	put(7, VIEW_REF_ISOLATE);
	unlock(9);
	put(9, VIEW_REF_TMP);
	emit(EV_migrate_end, 1, 0, 0);
	quiesce();
}
static void mc_taken(void)
{
	base();
	get(7, VIEW_REF_GUP);
	move_begin(0, 0, 7);
	move_to(7, 9);
	put_back(0, 0, 9, RW);
	emit(EV_move_end, 7, 9, 0);
}
static void mc_hole(void)
{
	base();
	emit(EV_migrate_setup, 1, 0, VIEW_VA(1));
	emit(EV_migrate_src, 1, VIEW_VA(1), 0);
	emit(EV_migrate_ready, 1, 1, 0);
	emit(EV_migrate_end, 1, 0, 0);
}
static void mc_still_mapped(void)
{
	mc_setup();
	emit(EV_migrate_src, 1, VIEW_VA(0), 7);
}
static void mc_not_locked(void)
{
	base();
	emit(EV_migrate_setup, 1, 0, VIEW_VA(0));
	emit(EV_migrate_src, 1, VIEW_VA(0), 7);
}
static void mc_in_tlb(void)
{
	mc_setup();
	inv_open(inv(2, 0, LEDGER_MIGRATE), 0, 1);
	set(0, 0, 0);
	exclusive(7, false);
	set(0, 0, entry(VIEW_MIGRATION_WRITE, 7));
	mapcount(7, -1);
	put(7, VIEW_REF_PTE);
	emit(EV_migrate_src, 1, VIEW_VA(0), 7);
}
static void mc_miscounted(void)
{
	base();
	emit(EV_migrate_setup, 1, 0, VIEW_VA(1));
	emit(EV_migrate_src, 1, VIEW_VA(1), 0);
	emit(EV_migrate_ready, 1, 2, 0);
}
static void mc_left_locked(void)
{
	mc_collected();
	put_back(0, 0, 7, RW);
	emit(EV_migrate_end, 1, 0, 0);
}
static void mc_elsewhere(void)
{
	mc_collected();
	alloc(9);
	mapping(9, VIEW_MAPPING_ANON, 0);
	put_back(0, 0, 9, RW);
}
static void mc_gains_write(void)
{
	mc_setup();
	take_away(0, 0, 7, entry(VIEW_MIGRATION_READ_EXCLUSIVE, 7));
	put_back(0, 0, 7, RW);
}
static void mc_shared(u32 kind)
{
	file_base(kind);
	cache_new(0, 1, 9);
	map_file(0, 5, 9, RO);
	get(9, VIEW_REF_ISOLATE);
	lock(9);
	inv_open(inv(2, 0, LEDGER_CLEAR), 5, 1);
	set(0, 5, 0);
	set(0, 5, entry(VIEW_MIGRATION_READ, 9));
	mapcount(9, -1);
	put(9, VIEW_REF_PTE);
	inv_close(inv(2, 0, LEDGER_CLEAR));
	map_file(0, 5, 9, RW);
	unlock(9);
	put(9, VIEW_REF_ISOLATE);
	quiesce();
}
static void mc_shmem(void) { mc_shared(VIEW_VMA_SHMEM); }
static void mc_file(void) { mc_shared(VIEW_VMA_FILE); }
static void mc_entry_gains_write(void)
{
	base();
	get(7, VIEW_REF_ISOLATE);
	inv_open(inv(2, 0, LEDGER_PROTECTION_VMA), 0, 1);
	set(0, 0, word(7, RO));
	flush(0, 0, 1);
	inv_close(inv(2, 0, LEDGER_PROTECTION_VMA));
	lock(7);
	take_away(0, 0, 7, entry(VIEW_MIGRATION_WRITE, 7));
}
static void mc_dirty(bool told)
{
	base();
	set(0, 0, word(7, RW | VIEW_DIRTY));
	get(7, VIEW_REF_ISOLATE);
	lock(7);
	take_away(0, 0, 7, entry(VIEW_MIGRATION_WRITE, 7));
	w.page[7].dirty = told;
	put_back(0, 0, 7, RW);
	unlock(7);
}
static void mc_dirty_told(void) { mc_dirty(true); }
static void mc_dirty_lost(void) { mc_dirty(false); }

static void migrate_contract(void)
{
	SILENT(mc_over);
	SILENT(mc_hole);
	SILENT(mc_dirty_told);
	RAISES("migrate-contract", mc_taken);
	RAISES("migrate-contract", mc_still_mapped);
	RAISES("migrate-contract", mc_not_locked);
	RAISES("migrate-contract", mc_in_tlb);
	RAISES("migrate-contract", mc_miscounted);
	RAISES("migrate-contract", mc_left_locked);
	RAISES("migrate-contract", mc_elsewhere);
	CHECK(strstr(raised_text, "to which nothing was moved"));
	RAISES("migrate-contract", mc_gains_write);
	SILENT(mc_shmem);
	RAISES("migrate-contract", mc_file);
	RAISES("migrate-contract", mc_entry_gains_write);
	RAISES("migrate-contract", mc_dirty_lost);
}

/* -- exclusive-entry -- */
static void xe_life(void)
{
	base();
	lend();
	lent();
	unlock_lent();
	task = 2;
	give_back(RW);
	fill(0, 0);
	load(0, 0, 7, 70);
	quiesce();
}
static void xe_failed(void)	/* trap 6 */
{
	base();
	lend();
	unlock(7);
	emit(EV_exclusive_failed, 0, VIEW_VA(0), 7);
	put(7, VIEW_REF_GUP);
	quiesce();
}
static void xe_zapped(void)	/* W-D2 */
{
	base();
	lend();
	task = 2;
	emit(EV_gather_begin, 0, 0, 0);
	inv_open(inv(3, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, 0);
	put(7, VIEW_REF_DEXCL);
	inv_close(inv(3, 0, LEDGER_CLEAR));
	emit(EV_gather_end, 0, 0, 0);
	task = 1;
	lent();
	unlock_lent();
	quiesce();
}
static void xe_unlocked_restore(void)
{
	base();
	lend();
	unlock_lent();
	inv_open(inv(10, 0, LEDGER_EXCLUSIVE), 0, 1);
	set(0, 0, word(7, RW));
}
static void xe_unbracketed_restore(void)
{
	base();
	lend();
	unlock_lent();
	lock(7);
	set(0, 0, word(7, RW));
}
static void xe_gains_write(void)
{
	base();
	lend();
	unlock_lent();
	inv_open(inv(3, 0, LEDGER_PROTECTION_VMA), 0, 1);
	set(0, 0, entry(VIEW_EXCLUSIVE_READ, 7));
	inv_close(inv(3, 0, LEDGER_PROTECTION_VMA));
	give_back(RW);
}
static void xe_no_vm_write(void)
{
	base();
	lend();
	unlock_lent();
	vma(0, VIEW_PROT_R, 0, 1);
	give_back(RW);
}
static void xe_bits_lost(void)
{
	base();
	set(0, 0, word(7, RW | VIEW_SOFT_DIRTY));
	lend();
}
static void xe_file_page(void)
{
	file_base(VIEW_VMA_SHMEM);
	cache_new(0, 0, 7);
	map_file(0, 4, 7, RW);
	get(7, VIEW_REF_TMP);
	lock(7);
	inv_open(inv(9, 0, LEDGER_EXCLUSIVE), 4, 1);
	set(0, 4, 0);
	set(0, 4, entry(VIEW_EXCLUSIVE_WRITE, 7));
}
static void xe_in_child(void)
{
	base();
	lend();
	unlock_lent();
	task = 2;
	new_mm(1);
	emit(EV_fork_begin, 0, 1, 0);
	vma(1, VIEW_PROT_RW, 0, 8);
	set(1, 0, entry(VIEW_EXCLUSIVE_READ, 7));
}
static void xe_left_by_fork(void)
{
	base();
	lend();
	unlock_lent();
	task = 2;
	new_mm(1);
	emit(EV_fork_begin, 0, 1, 0);
	vma(1, VIEW_PROT_RW, 0, 8);
	emit(EV_fork_end, 0, 1, 0);
}
static void xe_not_ours(void)
{
	base();
	lend();
	task = 2;
	emit(EV_exclusive_begin, 0, VIEW_VA(0), 0);
	lent();
}
static void xe_ref_kept(void)	/* I-D8 */
{
	xe_failed();
	inv_open(inv(3, 0, LEDGER_CLEAR), 0, 1);
	set(0, 0, 0);
	inv_close(inv(3, 0, LEDGER_CLEAR));
	quiesce();
}

static void exclusive_entry(void)
{
	SILENT(xe_life);
	SILENT(xe_failed);
	SILENT(xe_zapped);
	RAISES("exclusive-entry", xe_unlocked_restore);
	RAISES("exclusive-entry", xe_unbracketed_restore);
	RAISES("exclusive-entry", xe_gains_write);
	RAISES("exclusive-entry", xe_no_vm_write);
	RAISES("exclusive-entry", xe_bits_lost);
	RAISES("exclusive-entry", xe_file_page);
	RAISES("exclusive-entry", xe_in_child);
	RAISES("exclusive-entry", xe_left_by_fork);
	RAISES("exclusive-entry", xe_not_ours);
	RAISES("refcount", xe_ref_kept);
}

/* -- exclusive-window -- */
static void xw_restored(void)
{
	base();
	lend();
	lent();
	inv_open(inv(10, 0, LEDGER_EXCLUSIVE), 0, 1);
	set(0, 0, word(7, RW));
}
static void xw_mapped_again(void)
{
	base();
	lend();
	lent();
	set(0, 3, word(7, RO));
}
static void xw_in_tlb(void)
{
	base();
	task = 3;
	fill(0, 0);
	task = 1;
	lend();
	w.tlb[3][0][0] = word(7, RW);
	ledger.tlb_cpus[0][0] = 1u << 3;
	lent();
}
static void xw_filled(void)
{
	base();
	lend();
	lent();
	ledger.tlb_owed[0][0] = 1;
	w.cpu[0][0] = word(7, RW);
	fill(0, 0);
}
static void xw_failed_locked(void)
{
	base();
	lend();
	emit(EV_exclusive_failed, 0, VIEW_VA(0), 7);
}
static void xw_not_locked(void)
{
	base();
	lend();
	unlock(7);
	lent();
}

static void exclusive_window(void)
{
	RAISES("exclusive-window", xw_mapped_again);
	RAISES("exclusive-window", xw_restored);
	RAISES("exclusive-window", xw_in_tlb);
	RAISES("exclusive-window", xw_filled);
	RAISES("exclusive-window", xw_failed_locked);
	RAISES("exclusive-window", xw_not_locked);
}

static const struct test tests[] = {
	TEST(migration_entry),
	TEST(migrate_contract),
	TEST(exclusive_entry),
	TEST(exclusive_window),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_move", tests)

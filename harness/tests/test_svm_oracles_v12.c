// SPDX-License-Identifier: GPL-2.0
/*
 * The oracles of HMM v12, in both directions; see test_svm_oracles.c.
 */
#include "targets/view_hmm_v12.h"

static const struct view_hmm_v12 see_v12;
#define WORLD_HMM_V12	(&see_v12)
#include "harness/tests/svm_world.h"

/* The mirror table of space 0, its one directory, and mm0's list of faults. */
static u64 entry[PROG_PAGES];
static struct view_v12_faults faults;
static struct view_v12_directory directory;

static u64 see_entry(u32 space, u64 va)
{
	return space ? 0 : entry[VIEW_PAGE(va)];
}
static struct view_v12_faults see_faults(u32 mm)
{
	return mm ? (struct view_v12_faults){ 0 } : faults;
}
static bool see_directory(u32 space, u32 n, struct view_v12_directory *d)
{
	*d = directory;
	return !space && !n;
}
static const struct view_hmm_v12 see_v12 = {
	.entry = see_entry, .faults = see_faults, .directory = see_directory,
};

/* -- verbs -- */
static void v12_base(void)
{
	memset(entry, 0, sizeof(entry));
	faults = (struct view_v12_faults){ 0 };
	directory = (struct view_v12_directory){ .level = 0 };
	gpu_base();
}

static void hmm_pte(u32 page, u64 to)
{
	entry[page] = to;
	emit(EV_v12_entry, 0, VIEW_VA(page), to);
}

static void range(u16 kind, u64 a, u32 first, u32 n)
{
	emit(kind, a, VIEW_VA(first), VIEW_VA(first + n));
}

static void listed(u32 id, u32 first, u32 n)
{
	faults.count++;
	faults.listed++;
	range(EV_v12_listed, VIEW_V12_FAULT(0, 0, id), first, n);
}

static void unlisted(u32 id, u32 first, u32 n)
{
	faults.count--;
	faults.listed--;
	range(EV_v12_unlisted, VIEW_V12_FAULT(0, 0, id), first, n);
}

static void backoff(u32 id) { range(EV_v12_backoff, VIEW_V12_FAULT(0, 0, id), 0, 1); }
static void wait_for(u16 kind) { range(kind, VIEW_V12_WAIT(0, VIEW_V12_ALL), 0, 1); }
static void update(u16 kind, u32 etype) { range(kind, VIEW_V12_UPDATE(0, etype), 0, 1); }

/* A device fault of page 0 fills the table and tells the device. */
static void fill_page(void)
{
	hmm_pte(0, word(7, RW));
	update(EV_v12_update_begin, VIEW_V12_WFAULT);
	gpu_set(0, 0, word(7, RW));
	update(EV_v12_update_end, VIEW_V12_WFAULT);
}

/* The callback for page 0 in bracket @b, with what it leaves in both tables. */
static void take(u64 b, u64 device, u64 mirror)
{
	emit(EV_callback_begin, b, HLIST, 0);
	wait_for(EV_v12_waited);
	update(EV_v12_update_begin, VIEW_V12_MIGRATE);
	gpu_set(0, 0, device);
	gpu_flush(0, 0, 1);
	gpu_done(0, 0, 1);
	update(EV_v12_update_end, VIEW_V12_MIGRATE);
	hmm_pte(0, mirror);
	emit(EV_callback_end, b, HLIST, 0);
}

static u64 begin(u32 what)
{
	u64 b = inv(5, 0, what);

	task = 2;
	inv_begin(b, 0, 1);
	return b;
}

static void mapped(void) { v12_base(); listed(1, 0, 1); fill_page(); unlisted(1, 0, 1); }

/* -- v12-fault-list -- */
static void fl_good(void)
{
	u64 b;

	mapped();
	b = begin(LEDGER_CLEAR);
	take(b, 0, 0);
	listed(2, 4, 2);
	emit(EV_inv_open, b, 0, 0);
	inv_close(b);
	listed(3, 0, 1);
}
static void fl_count(void) { v12_base(); faults.count++; listed(1, 0, 1); }
static void fl_begins(void) { mapped(); take(begin(LEDGER_CLEAR), 0, 0); listed(2, 0, 4); }
static void fl_listed(void) { v12_base(); listed(1, 0, 1); take(begin(LEDGER_CLEAR), 0, 0); }
static void fl_backoff(void) { v12_base(); listed(1, 0, 1); unlisted(1, 0, 1); backoff(1); }
static void fl_left(void) { v12_base(); listed(1, 0, 1); quiesce(); }
static void fl_page(void)
{
	mapped();
	take(begin(LEDGER_CLEAR), 0, 0);
	range(EV_v12_page_done, 0, 0, 1);
	listed(2, 0, 1);
}

/* Whoever registers again gets another hmm. It knows of ranges, and of no page. */
static void fl_again(u32 id)
{
	u64 b = inv(id, 0, LEDGER_CLEAR);

	mapped();
	task = 2;
	inv_begin(b, 0, 1);
	take(b, 0, 0);
	emit(EV_v12_hmm, 0, 0, 0);
	listed(2, 0, 1);
}
static void fl_page_again(void) { fl_again(VIEW_V12_PAGE_ID | 5); }
static void fl_range_again(void) { fl_again(5); }

/* -- v12-wait -- */
static void wait_good(void)
{
	v12_base();
	listed(1, 0, 1);
	backoff(1);
	wait_for(EV_v12_asleep);
	range(EV_v12_range_add, 0, 0, 4);
	range(EV_v12_range_asleep, 0, 2, 1);
}
static void wait_gone(void) { wait_good(); unlisted(1, 0, 1); wait_for(EV_v12_asleep); }
static void wait_unasked(void) { v12_base(); listed(1, 0, 1); wait_for(EV_v12_asleep); }
static void wait_range(void)
{
	wait_good();
	range(EV_v12_range_del, 0, 0, 4);
	range(EV_v12_range_asleep, 0, 2, 1);
}

/* -- v12-update-order -- */
static void uo_late(void)
{
	mapped();
	take(begin(LEDGER_CLEAR), 0, 0);
	update(EV_v12_update_begin, VIEW_V12_RFAULT);
}
static void uo_running(void)
{
	v12_base();
	update(EV_v12_update_begin, VIEW_V12_RFAULT);
	take(begin(LEDGER_CLEAR), 0, 0);
}
static void uo_released(void)
{
	mapped();
	emit(EV_v12_released, 0, 0, 0);
	update(EV_v12_update_begin, VIEW_V12_RFAULT);
}

/* -- v12-entry -- */
static void en_other(void) { v12_base(); hmm_pte(0, word(8, RO)); }
static void en_rights(void) { v12_base(); set(0, 1, word(0, ZERO)); hmm_pte(1, word(0, RW)); }
static void en_rest(void) { mapped(); entry[0] = word(9, RO); quiesce(); }
static void en_done(void)
{
	mapped();
	entry[0] = word(9, RO);
	range(EV_v12_fault_done, 0, 0, 1);
}

/* -- v12-invalidate -- */
static void in_mirror(void) { mapped(); take(begin(LEDGER_CLEAR), 0, word(7, RO)); }
static void in_device(void) { mapped(); take(begin(LEDGER_CLEAR), word(7, RW), 0); }
static void in_fork(void)
{
	mapped();
	take(begin(LEDGER_PROTECTION_PAGE), word(7, RO), word(7, RO));
}
static void in_fork_writes(void)
{
	mapped();
	take(begin(LEDGER_PROTECTION_PAGE), word(7, RO), word(7, RW));
}

/* -- v12-directory -- */
static void counts(s32 count, u32 valid, u32 iterators)
{
	emit(EV_v12_directory, 2 << 8, 0x5000,
	     VIEW_V12_COUNTS(count, valid, iterators));
}
static void at_rest(s32 count, u32 valid, u32 iterators)
{
	v12_base();
	directory = (struct view_v12_directory){
		.level = 2, .count = count, .valid = valid,
		.iterators = iterators,
	};
	quiesce();
}
static void di_good(void)
{
	v12_base();
	counts(3, 2, 1);
	emit(EV_v12_unlinked, 2 << 8, 0x5000, 0);
}
static void di_rest(void) { at_rest(2, 2, 0); }
static void di_lost(void) { v12_base(); counts(2, 2, 1); }
static void di_alive(void) { v12_base(); emit(EV_v12_unlinked, 2 << 8, 0x5000, 1); }
static void di_protected(void) { at_rest(3, 2, 1); }
static void di_empty(void) { at_rest(0, 0, 0); }

/* -- v12-dirty -- */
static void written(void)
{
	mapped();
	gpu_fill(0, 0);
	w.page[7].value = 71;
	emit(EV_gpu_store, 0, VIEW_VA(0), VIEW_DATA(7, 71));
}
static void dt_good(void)
{
	written();
	hmm_pte(0, word(7, RW | VIEW_DIRTY));
	gpu_set(0, 0, 0);
	emit(EV_v12_page_dirty, 0, VIEW_VA(0), 7);
	hmm_pte(0, 0);
}
/* One update has the word for the page, and another unmaps meanwhile. */
static void dt_under_way(void)
{
	written();
	hmm_pte(0, word(7, RW | VIEW_DIRTY));
	gpu_set(0, 0, word(7, 0));
	hmm_pte(0, word(7, RW));
	gpu_set(0, 0, 0);
	emit(EV_v12_page_dirty, 0, VIEW_VA(0), 7);
	hmm_pte(0, 0);
}
static void dt_again(void)
{
	written();
	hmm_pte(0, word(7, RW | VIEW_DIRTY));
	gpu_set(0, 0, word(7, 0));
	hmm_pte(0, word(7, RW));
	gpu_set(0, 0, word(7, RW));
	emit(EV_gpu_store, 0, VIEW_VA(0), VIEW_DATA(7, 72));
	gpu_set(0, 0, 0);
}
static void dt_device(void) { written(); gpu_set(0, 0, 0); }
static void dt_mirror(void)
{
	written();
	hmm_pte(0, word(7, RW | VIEW_DIRTY));
	gpu_set(0, 0, 0);
	hmm_pte(0, 0);
}
static void dt_table_first(void) { written(); hmm_pte(0, 0); }

static void fault_list(void)
{
	SILENT(fl_good);
	SILENT(fl_page);
	SILENT(fl_page_again);
	RAISES("v12-fault-list", fl_range_again);
	RAISES("v12-fault-list", fl_count);
	RAISES("v12-fault-list", fl_begins);
	RAISES("v12-fault-list", fl_listed);
	RAISES("v12-fault-list", fl_backoff);
	RAISES("v12-fault-list", fl_left);
}

static void waits(void)
{
	SILENT(wait_good);
	RAISES("v12-wait", wait_gone);
	RAISES("v12-wait", wait_unasked);
	RAISES("v12-wait", wait_range);
}

static void update_order(void)
{
	RAISES("v12-update-order", uo_late);
	RAISES("v12-update-order", uo_running);
	RAISES("v12-update-order", uo_released);
}

static void entries(void)
{
	SILENT(mapped);
	RAISES("v12-entry", en_other);
	RAISES("v12-entry", en_rights);
	RAISES("v12-entry", en_rest);
	RAISES("v12-entry", en_done);
}

static void invalidate(void)
{
	SILENT(in_fork);
	RAISES("v12-invalidate", in_mirror);
	RAISES("v12-invalidate", in_device);
	RAISES("v12-invalidate", in_fork_writes);
}

static void directories(void)
{
	SILENT(di_good);
	SILENT(di_rest);
	RAISES("v12-directory", di_lost);
	RAISES("v12-directory", di_alive);
	RAISES("v12-directory", di_protected);
	RAISES("v12-directory", di_empty);
}

static void dirty(void)
{
	SILENT(dt_good);
	SILENT(dt_under_way);
	RAISES("v12-dirty", dt_again);
	RAISES("v12-dirty", dt_device);
	RAISES("v12-dirty", dt_mirror);
	RAISES("v12-dirty", dt_table_first);
}

/* These oracles are in no list that svm_world.h hands out. */
static void listens(void)
{
	for (const struct oracle *const *o = svm_oracles_hmm_v12; *o; o++)
		add(*o);
	SILENT(v12_base);
}

static const struct test tests[] = {
	TEST(listens),
	TEST(fault_list),
	TEST(waits),
	TEST(update_order),
	TEST(entries),
	TEST(invalidate),
	TEST(directories),
	TEST(dirty),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_v12", tests)

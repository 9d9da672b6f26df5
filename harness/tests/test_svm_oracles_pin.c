// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of pages that are unmapped and pinned for a GPU's atomics, in
 * both directions; see test_svm_oracles.c. Only the list of such a target
 * listens: others would see some of it first.
 */
#define WORLD_LISTS svm_oracles_unmap_pin
#include "harness/tests/svm_world_pages.h"

#define DPAGE	130u		/* stands for page#7, */
#define OTHER	131u		/* and what must not */
#define A	VIEW_A
#define MOVABLE	1		/* as view_page.zone gives it */

static void lru(u32 pfn, bool on)
{
	w.page[pfn].lru = on;
	emit(EV_page_lru, pfn, on, 0);
}

static void stands_for(u32 dpage, u32 pfn)
{
	w.page[dpage].backing = pfn;
	emit(EV_page_backing, dpage, pfn, 0);
}

/* A page of the device, locked. */
static void dpage_alloc(u32 dpage)
{
	w.device[1].nr_free--;
	w.device[1].allocated++;
	w.device[1].ref++;
	alloc(dpage);
	lock(dpage);
}

static void dpage_free(u32 dpage)
{
	put(dpage, VIEW_REF_TMP);
	w.device[1].nr_free++;
	w.device[1].allocated--;
	w.device[1].ref--;
}

/* mm0's page 0, page#7, is unmapped by task 1, and locked. */
static void pin_unmap(void)
{
	gpu_base();
	lru(7, true);
	new_device(1, DPAGE, 4);
	get(7, VIEW_REF_ISOLATE);
	lock(7);
	take_away(0, 0, 7, entry(VIEW_MIGRATION_WRITE, 7));
	lru(7, false);
}

/* And pinned, with DPAGE in its place. */
static void pin_stand_in(void)
{
	pin_unmap();
	get(7, VIEW_REF_ATOMIC_PIN);
	dpage_alloc(DPAGE);
	stands_for(DPAGE, 7);
	mapping(DPAGE, VIEW_MAPPING_ANON, 0);
	emit(EV_migrate_moved, 1, 7, DPAGE);
}

static void pin_finalize(void)
{
	get(DPAGE, VIEW_REF_DPRIV);
	mapcount(DPAGE, 1);
	exclusive(DPAGE, true);
	set(0, 0, entry(VIEW_DEVICE_WRITE, DPAGE));
	unlock(DPAGE);
	put(DPAGE, VIEW_REF_TMP);
	get(7, VIEW_REF_DRIVER);
	put(7, VIEW_REF_ISOLATE);
	unlock(7);
}

static void pinned(void)
{
	pin_stand_in();
	driver_map(0, 0, word(7, RW | A));
	pin_finalize();
}

/* Task 2, a CPU, faults on it: DPAGE loses its entry. */
static void fault_unmap(bool cleared, bool flushed)
{
	u64 b = inv(30, 0, LEDGER_MIGRATE);

	task = 2;
	get(DPAGE, VIEW_REF_TMP);
	lock(DPAGE);
	inv_begin(b, 0, 1);
	if (cleared && flushed) {
		clear_callback(b, 0, 0, 1);
	} else if (cleared) {
		emit(EV_callback_begin, b, HLIST, 0);
		gpu_set(0, 0, 0);
		emit(EV_callback_end, b, HLIST, 0);
	}
	emit(EV_inv_open, b, 0, 0);
	set(0, 0, 0);
	exclusive(DPAGE, false);
	set(0, 0, entry(VIEW_MIGRATION_WRITE, DPAGE));
	mapcount(DPAGE, -1);
	put(DPAGE, VIEW_REF_DPRIV);
	inv_close(b);
}

/* And page#7 is what it was. */
static void fault_put_back(bool isolated)
{
	lock(7);
	mapping(7, VIEW_MAPPING_ANON, 0);
	emit(EV_migrate_moved, 1, DPAGE, 7);
	stands_for(DPAGE, 0);
	put(7, VIEW_REF_ATOMIC_PIN);
	put_back(0, 0, 7, RW);
	if (!isolated) {
		put(7, VIEW_REF_DRIVER);
		lru(7, true);
	}
	unlock(DPAGE);
	dpage_free(DPAGE);
	unlock(7);
}

static void taken_back(void)
{
	pinned();
	gpu_fill(0, 0);
	fault_unmap(true, true);
	fault_put_back(false);
}

/* -- pin-exclusive -- */
static void px_pinned(void) { pinned(); gpu_fill(0, 0); quiesce(); }
static void px_taken_back(void) { taken_back(); quiesce(); }
static void px_mapped(void) { gpu_base(); driver_map(0, 0, word(7, RW | A)); }
static void px_not_cleared(void)
{
	pinned();
	fault_unmap(false, false);
	fault_put_back(false);
}
static void px_in_gpu_tlb(void)
{
	pinned();
	gpu_fill(0, 0);
	fault_unmap(true, false);
	fault_put_back(false);
}
/* Another mm's entry leads to what stands for it, too. */
static void px_two_entries(void)
{
	pin_stand_in();
	pin_finalize();
	new_mm(1);
	vma(1, VIEW_PROT_RW, 0, 8);
	inv_open(inv(31, 0, LEDGER_PROTECTION_PAGE), 0, 8);
	exclusive(DPAGE, false);
	set(0, 0, entry(VIEW_DEVICE_READ, DPAGE));
	get(DPAGE, VIEW_REF_DPRIV);
	mapcount(DPAGE, 1);
	set(1, 0, entry(VIEW_DEVICE_READ, DPAGE));
	inv_close(inv(31, 0, LEDGER_PROTECTION_PAGE));
	driver_map(0, 0, word(7, RW | A));
}
/* The migration entry was zapped on the way (W-C2). */
static void px_zapped(void)
{
	u64 b = inv(31, 0, LEDGER_CLEAR);

	pin_stand_in();
	task = 2;
	inv_open(b, 0, 1);
	set(0, 0, 0);
	inv_close(b);
	task = 1;
	driver_map(0, 0, word(7, RW | A));
}
/* And this one calls back before, and zaps after. */
static void px_called_back(void)
{
	u64 b = inv(31, 0, LEDGER_CLEAR);

	pin_stand_in();
	task = 2;
	inv_begin(b, 0, 1);
	clear_callback(b, 0, 0, 1);
	emit(EV_inv_open, b, 0, 0);
	task = 1;
	driver_map(0, 0, word(7, RW | A));
}

static void pin_exclusive(void)
{
	SILENT(px_pinned);
	SILENT(px_taken_back);
	RAISES("pin-exclusive", px_mapped);
	RAISES("pin-exclusive", px_not_cleared);
	RAISES("pin-exclusive", px_in_gpu_tlb);
	RAISES("pin-exclusive", px_two_entries);
	RAISES("pin-exclusive", px_zapped);
	RAISES("pin-exclusive", px_called_back);
}

/* -- pin-pairing -- */
static void pp_not_pinned(void)
{
	pin_unmap();
	dpage_alloc(DPAGE);
	stands_for(DPAGE, 7);
}
static void pp_two(void)
{
	pinned();
	dpage_alloc(OTHER);
	stands_for(OTHER, 7);
}
static void pp_one_after_the_other(void)
{
	taken_back();
	get(7, VIEW_REF_ATOMIC_PIN);
	dpage_alloc(OTHER);
	stands_for(OTHER, 7);
}
/* It is forgotten, and the pin stays. */
static void pp_forgotten(void)
{
	pin_stand_in();
	pin_finalize();
	stands_for(DPAGE, 0);
	quiesce();
}

static void pin_pairing(void)
{
	SILENT(pp_one_after_the_other);
	RAISES("pin-pairing", pp_not_pinned);
	RAISES("pin-pairing", pp_two);
	RAISES("pin-pairing", pp_forgotten);
}

/* -- pin-balance -- */
static void pb_on_lru(void) { pinned(); lru(7, true); }
static void pb_still_isolated(void)
{
	pinned();
	fault_unmap(true, true);
	fault_put_back(true);
	quiesce();
}
/* The last entry goes, and DPAGE is kept by somebody. */
static void pb_nobody_maps(void)
{
	u64 b = inv(31, 0, LEDGER_UNMAP);

	pinned();
	task = 2;
	inv_begin(b, 0, 1);
	clear_callback(b, 0, 0, 1);
	emit(EV_inv_open, b, 0, 0);
	get(DPAGE, VIEW_REF_GUP);
	set(0, 0, 0);
	mapcount(DPAGE, -1);
	exclusive(DPAGE, false);
	put(DPAGE, VIEW_REF_DPRIV);
	inv_close(b);
	w.page[DPAGE].taken = 1;
	quiesce();
}
static void pb_off_lru(void)
{
	taken_back();
	lru(7, false);
	quiesce();
}

static void pin_balance(void)
{
	SILENT(px_taken_back);
	RAISES("pin-balance", pb_on_lru);
	RAISES("pin-balance", pb_still_isolated);
	RAISES("pin-balance", pb_nobody_maps);
	RAISES("pin-balance", pb_off_lru);
}

/* -- pin-data -- */
static void pd_gpu(void)
{
	pinned();
	w.page[7].value = 71;
	emit(EV_gpu_store, 0, VIEW_VA(0), VIEW_DATA(7, 71));
	quiesce();
}
static void pd_cpu_after(void) { taken_back(); fill(0, 0); store(0, 0, 7, 71); }
static void pd_cpu(void) { pinned(); store(0, 1, 7, 71); }
static void pd_copy(void) { pinned(); alloc(9); copy(9, 7); }

static void pin_data(void)
{
	SILENT(pd_gpu);
	SILENT(pd_cpu_after);
	RAISES("stale-tlb", pd_cpu);	/* is earlier in the list */
	RAISES("pin-data", pd_copy);
}

/* -- finite-time -- */
static void movable(bool revocable)
{
	pinned();
	w.page[7].zone = MOVABLE;
	w.page[7].revocable = revocable;
	task = 2;
}
/* An attempt to empty the block fails because of page#7. */
static void attempt(u64 round, bool asks)
{
	if (asks)
		emit(EV_page_revoke, 7, DPAGE, 16);
	emit(EV_offline_blocked, 7, round, 1025);
}
static void insist(bool another_pin)
{
	movable(true);
	emit(EV_offline_begin, 7, 0, 0);
	for (u64 round = 1; round < 4000; round++) {
		attempt(round, true);
		if (another_pin && round == 2000)
			stands_for(DPAGE, 7);
	}
}
static void ft_asks(void)
{
	movable(true);
	emit(EV_offline_begin, 7, 0, 0);
	attempt(1, true);
	attempt(2, true);
	fault_unmap(true, true);
	fault_put_back(false);
	quiesce();
}
static void ft_asks_nobody(void)
{
	movable(true);
	emit(EV_offline_begin, 7, 0, 0);
	attempt(1, false);
}
static void ft_pinned_since(void)
{
	task = 2;
	emit(EV_offline_begin, 7, 0, 0);
	emit(EV_offline_blocked, 7, 1, 2);
	task = 1;
	pinned();
	task = 2;
	attempt(1, false);
}
static void ft_refused(void) { insist(false); }
static void ft_others_turn(void) { insist(true); }
static void ft_cannot_be_asked(void) { movable(false); quiesce(); }
static void ft_not_movable(void) { pinned(); quiesce(); }

static void finite_time(void)
{
	SILENT(ft_asks);
	SILENT(ft_pinned_since);
	SILENT(ft_others_turn);
	SILENT(ft_not_movable);
	RAISES("finite-time", ft_asks_nobody);
	RAISES("finite-time", ft_refused);
	RAISES("finite-time", ft_cannot_be_asked);
}

static const struct test tests[] = {
	TEST(pin_exclusive),
	TEST(pin_pairing),
	TEST(pin_balance),
	TEST(pin_data),
	TEST(finite_time),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_pin", tests)

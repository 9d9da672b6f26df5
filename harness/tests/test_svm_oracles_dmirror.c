// SPDX-License-Identifier: GPL-2.0
/*
 * The SVM oracles of a device with memory of its own and of the mirrors of its
 * files, in both directions; see test_svm_oracles.c.
 */
#include "harness/tests/svm_world_pages.h"

#define DPAGE	128u
#define RPAGE	20u

/* Device 0 with pages 128 to 135, and its mirror as space 0 of mm0. */
static void device_base(void)
{
	base();
	new_device(0, DPAGE, 8);
	open_mirror();
}

static void ioctl(u32 command, u32 first, u32 n)
{
	emit(EV_dmirror_ioctl, 0, command, first | (u64)n << 16);
}
static void done(u32 command) { emit(EV_dmirror_done, 0, command, 0); }

/* -- false-cancel: a READ or WRITE that is refused -- */
static void refused(u32 command, u32 page)
{
	ioctl(command, page, 1);
	emit(EV_hmm_range_fault, 0, VIEW_VA(page), (u64)-14);
	done(command);
}
static void fc_allowed(void) { device_base(); refused(0, 0); }
static void fc_write_allowed(void) { device_base(); refused(1, 0); }
static void fc_unmapped(void) { device_base(); refused(0, 12); }
static void fc_read_only(void)
{
	device_base();
	vma(0, VIEW_PROT_R, 0, 8);
	refused(1, 0);
}
static void fc_back_meanwhile(void)
{
	device_base();
	ioctl(0, 0, 1);
	vma(0, VIEW_PROT_NONE, 0, 8);
	vma(0, VIEW_PROT_RW, 0, 8);
	emit(EV_hmm_range_fault, 0, VIEW_VA(0), (u64)-14);
	done(0);
}

static void false_cancel(void)
{
	RAISES("false-cancel", fc_allowed);
	RAISES("false-cancel", fc_write_allowed);
	SILENT(fc_unmapped);
	SILENT(fc_read_only);
	SILENT(fc_back_meanwhile);
}

/* Page 0 is collected by an ioctl; its bracket was ignored by the mirror. */
static void to_device_begin(void)
{
	u64 b = inv(5, 0, LEDGER_MIGRATE);

	ioctl(2, 0, 1);
	emit(EV_migrate_setup, 1, 0, VIEW_VA(0));
	inv_begin(b, 0, 1);
	emit(EV_callback_begin, b, HLIST, 0);
	emit(EV_callback_end, b, HLIST, 0);
	emit(EV_inv_open, b, 0, 0);
	get(7, VIEW_REF_ISOLATE);
	lock(7);
	set(0, 0, 0);
	flush(0, 0, 1);
	exclusive(7, false);
	set(0, 0, entry(VIEW_MIGRATION_WRITE, 7));
	mapcount(7, -1);
	put(7, VIEW_REF_PTE);
	inv_close(b);
	emit(EV_migrate_src, 1, VIEW_VA(0), 7);
	emit(EV_migrate_ready, 1, 1, 0);
}

static void to_device_copy(void)
{
	device_alloc(0, DPAGE, RPAGE);
	copy(7, RPAGE);
	mapping(DPAGE, VIEW_MAPPING_ANON, 0);
	emit(EV_migrate_moved, 1, 7, DPAGE);
}

static void to_device_end(void)
{
	get(DPAGE, VIEW_REF_DPRIV);
	exclusive(DPAGE, true);
	mapcount(DPAGE, 1);
	set(0, 0, entry(VIEW_DEVICE_WRITE, DPAGE));
	unlock(7);
	put(7, VIEW_REF_ISOLATE);
	unlock(DPAGE);
	put(DPAGE, VIEW_REF_TMP);
	emit(EV_migrate_end, 1, 0, 0);
	done(2);
}

static void to_device(void)
{
	device_base();
	to_device_begin();
	to_device_copy();
	driver_map(0, 0, word(RPAGE, RW));
	to_device_end();
}

/* The last reference goes: the data does, and the driver has the page again. */
static void device_free(void)
{
	put(DPAGE, VIEW_REF_DPRIV);
	w.page[DPAGE].backing = 0;
	emit(EV_page_backing, DPAGE, 0, 0);
	put(RPAGE, VIEW_REF_DRIVER);
	w.device[0].nr_free++;
	w.device[0].allocated--;
	w.device[0].ref--;
}

static void device_zap(void)
{
	u64 b = inv(6, 0, LEDGER_CLEAR);

	emit(EV_gather_begin, 0, 0, 0);
	inv_begin(b, 0, 1);
	clear_callback(b, 0, 0, 1);
	emit(EV_inv_open, b, 0, 0);
	set(0, 0, 0);
	mapcount(DPAGE, -1);
	device_free();
	inv_close(b);
	emit(EV_gather_end, 0, 0, 0);
}

/* -- device-page -- */
static void dp_life(void) { to_device(); quiesce(); device_zap(); quiesce(); }
static void dp_miscounted(void) { to_device(); w.device[0].allocated++; quiesce(); }
static void dp_twice(void) { to_device(); w.device[0].free_twice = true; quiesce(); }
static void dp_lost(void) { to_device(); w.device[0].nr_free--; quiesce(); }
static void dp_ref(void) { to_device(); w.device[0].ref = 1; quiesce(); }
static void dp_dying(void)
{
	device_base();
	emit(EV_pgmap_kill, 0, DPAGE, 8);
	alloc(DPAGE);
}
static void dp_no_pgmap(void) { base(); alloc(DPAGE); }
static void dp_gone(void) { to_device(); emit(EV_pgmap_gone, 0, DPAGE, 8); }
static void dp_data_gone(void) { to_device(); put(RPAGE, VIEW_REF_DRIVER); }
static void dp_present(void)
{
	to_device();
	set(0, 3, word(DPAGE, RO));
}
static void dp_listed(void) { to_device(); emit(EV_page_lru, DPAGE, 1, 0); }
static void dp_no_device(void)
{
	base();
	set(0, 1, entry(VIEW_DEVICE_READ, DPAGE));
}
static void dp_end(void) { to_device(); w.mm[0].state = VIEW_MM_UNUSED; end(); }

static void device_page(void)
{
	SILENT(dp_life);
	RAISES("device-page", dp_miscounted);
	RAISES("device-page", dp_twice);
	RAISES("device-page", dp_lost);
	RAISES("device-page", dp_ref);
	RAISES("device-page", dp_dying);
	RAISES("device-page", dp_no_pgmap);
	RAISES("device-page", dp_gone);
	RAISES("freed-page", dp_data_gone);
	RAISES("pte-permission", dp_present);
	RAISES("pte-permission", dp_listed);
	RAISES("pte-permission", dp_no_device);
	RAISES("end-state", dp_end);
}

/* -- stale-pte and unchecked-map, of mirrors -- */
static void mi_kept_meanwhile(void)	/* trap 7 */
{
	device_base();
	driver_map(0, 0, word(7, RW));
	to_device_begin();
	to_device_copy();
	driver_map(0, 0, word(RPAGE, RW));
	to_device_end();
	quiesce();
}
static void mi_kept_after(void)
{
	device_base();
	driver_map(0, 0, word(7, RW));
	to_device_begin();
	to_device_copy();
	to_device_end();
}
static void mi_others_migration(void)
{
	device_base();
	driver_map(0, 0, word(7, RW));
	emit(EV_migrate_setup, 1, 0, VIEW_VA(0));
	inv_open(inv(5, 0, LEDGER_MIGRATE), 0, 1);
	set(0, 0, 0);
}
static void mi_zapped_before_map(void)	/* W-T1 */
{
	device_base();
	to_device_begin();
	to_device_copy();
	task = 2;
	inv_open(inv(6, 0, LEDGER_CLEAR), 0, 1);
	emit(EV_gather_begin, 0, 0, 0);
	set(0, 0, 0);
	inv_close(inv(6, 0, LEDGER_CLEAR));
	emit(EV_gather_end, 0, 0, 0);
	task = 1;
	driver_map(0, 0, word(RPAGE, RW));
}
/* Page 0 is gone for good; then @what of it begins, and a READ maps the old page. */
static void zapped_then(u32 what)
{
	u64 b = inv(6, 0, LEDGER_CLEAR);

	device_base();
	task = 2;
	inv_open(b, 0, 1);
	emit(EV_gather_begin, 0, 0, 0);
	set(0, 0, 0);
	flush(0, 0, 1);
	inv_close(b);
	emit(EV_gather_end, 0, 0, 0);
	if (what == LEDGER_MIGRATE) {
		ioctl(2, 0, 1);
		emit(EV_migrate_setup, 1, 0, VIEW_VA(0));
	}
	inv_begin(inv(7, 0, what), 0, 1);
	task = 1;
	driver_map(0, 0, word(7, RW));
}
/* Its own driver ignores that one: it takes nothing back. */
static void mi_own_on_its_way(void) { zapped_then(LEDGER_MIGRATE); }
static void mi_other_on_its_way(void) { zapped_then(LEDGER_CLEAR); }
/* Inserted in the middle of an invalidation; whoever asks waits for its end. */
static void mi_deferred(void)
{
	device_base();
	emit(EV_mni_insert, 0, HLIST, 3);
	driver_map(0, 0, word(7, RW));
}
static void mi_not_deferred(void)
{
	device_base();
	emit(EV_mni_insert, 0, HLIST, 3);
	emit(EV_itree_change, 0, HLIST, VIEW_ITREE(0, PROG_PAGES));
	driver_map(0, 0, word(7, RW));
}
static void mi_read_only(void)
{
	to_device();
	inv_open(inv(6, 0, LEDGER_PROTECTION_VMA), 0, 1);
	set(0, 0, entry(VIEW_DEVICE_READ, DPAGE));
}
static void mi_device_data(void)
{
	to_device();
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(RPAGE, 70));
	w.page[RPAGE].value = 71;
	emit(EV_gpu_store, 0, VIEW_VA(0), VIEW_DATA(RPAGE, 71));
	quiesce();
}
static void mi_device_data_wrong(void)
{
	to_device();
	emit(EV_gpu_load, 0, VIEW_VA(0), VIEW_DATA(RPAGE, 0));
}
static void mi_device_copy_missing(void)
{
	to_device();
	w.page[RPAGE].value = 0;
	quiesce();
}

static void mirrored(void)
{
	SILENT(mi_kept_meanwhile);
	SILENT(mi_device_data);
	RAISES("stale-pte", mi_kept_after);
	RAISES("stale-pte", mi_others_migration);
	RAISES("unchecked-map", mi_zapped_before_map);
	RAISES("unchecked-map", mi_own_on_its_way);
	SILENT(mi_other_on_its_way);
	RAISES("unchecked-map", mi_deferred);
	SILENT(mi_not_deferred);
	RAISES("stale-pte", mi_read_only);
	RAISES("data", mi_device_data_wrong);
	RAISES("data", mi_device_copy_missing);
}

/* -- mirror -- */
static void mr_atomic(void)
{
	device_base();
	lend();
	lent();
	driver_map(0, 0, word(7, VIEW_A));
	unlock_lent();
	quiesce();
}
static void mr_revoked(void)
{
	u64 b = inv(10, 0, LEDGER_EXCLUSIVE);

	mr_atomic();
	task = 2;
	lock(7);
	inv_begin(b, 0, 1);
	clear_callback(b, 0, 0, 1);
	emit(EV_inv_open, b, 0, 0);
	get(7, VIEW_REF_PTE);
	put(7, VIEW_REF_DEXCL);
	mapcount(7, 1);
	set(0, 0, word(7, RW));
	unlock(7);
	inv_close(b);
	quiesce();
}
static void mr_not_revoked(void)
{
	mr_atomic();
	task = 2;
	give_back(RW);
}
static void mr_not_lent(void)
{
	device_base();
	gpu_set(0, 0, word(7, VIEW_A));
}
static void mr_made_without(void)	/* the driver claims it: judged at once */
{
	device_base();
	driver_map(0, 0, word(7, VIEW_A));
}
static void mr_close(void)
{
	to_device();
	emit(EV_gpu_space_gone, 0, 0, 0);
	emit(EV_mni_removed, 0, SUB, 0);
	lock(DPAGE);
	unlock(DPAGE);
	emit(EV_dmirror_close, 0, 0, 0);
}
static void mr_close_forgets(void)
{
	to_device();
	emit(EV_gpu_space_gone, 0, 0, 0);
	emit(EV_dmirror_close, 0, 0, 0);
}
static void mr_close_keeps_notifier(void)
{
	base();
	emit(EV_gpu_space, 0, 0, SUB);
	emit(EV_dmirror_open, 0, 0, 0);
	emit(EV_itree_change, 0, SUB, VIEW_ITREE(0, 16));
	emit(EV_gpu_space_gone, 0, 0, 0);
	emit(EV_dmirror_close, 0, 0, 0);
}

static void mirror(void)
{
	SILENT(mr_atomic);
	SILENT(mr_revoked);
	SILENT(mr_close);
	RAISES("mirror", mr_not_revoked);
	RAISES("mirror", mr_not_lent);
	RAISES("unchecked-map", mr_made_without);
	RAISES("mirror", mr_close_forgets);
	RAISES("mirror", mr_close_keeps_notifier);
}

/* -- ioctl-effects -- */
static void io_balanced(void)
{
	device_base();
	ioctl(0, 0, 1);
	users(0, 2, 1);
	get(7, VIEW_REF_GUP);
	lock(7);
	unlock(7);
	put(7, VIEW_REF_GUP);
	task = 2;
	get(7, VIEW_REF_TMP);
	task = 1;
	users(0, 1, 1);
	done(0);
}
static void io_locked(void) { device_base(); ioctl(0, 0, 1); lock(7); done(0); }
static void io_ref(void)
{
	device_base();
	ioctl(0, 0, 1);
	get(7, VIEW_REF_GUP);
	done(0);
}
static void io_page(void) { device_base(); ioctl(0, 0, 1); alloc(9); done(0); }
static void io_users(void)
{
	device_base();
	ioctl(0, 0, 1);
	users(0, 2, 1);
	done(0);
}

static void ioctl_effects(void)
{
	SILENT(io_balanced);
	RAISES("ioctl-effects", io_locked);
	RAISES("ioctl-effects", io_ref);
	RAISES("ioctl-effects", io_page);
	RAISES("ioctl-effects", io_users);
}

/* -- read-value -- */
static void rv_read(u32 value)
{
	device_base();
	ioctl(0, 0, 2);
	task = 2;
	store(0, 0, 7, 71);
	store(0, 0, 7, 72);
	task = 1;
	emit(EV_dmirror_read, 0, VIEW_VA(0), VIEW_DATA(7, value));
	done(0);
}
static void rv_first(void) { rv_read(70); }
static void rv_middle(void) { rv_read(71); }
static void rv_last(void) { rv_read(72); }
static void rv_never(void) { rv_read(73); }
static void rv_before(void)
{
	device_base();
	store(0, 0, 7, 71);
	ioctl(0, 0, 1);
	emit(EV_dmirror_read, 0, VIEW_VA(0), VIEW_DATA(7, 70));
}

static void read_value(void)
{
	SILENT(rv_first);
	SILENT(rv_middle);
	SILENT(rv_last);
	RAISES("read-value", rv_never);
	RAISES("read-value", rv_before);
}

/* -- expectation -- */
static void ex_met(void) { base(); }
static void ex_missed(void)
{
	base();
	emit(EV_expectation, (u64)(size_t)"ret", 0, (u64)-1ll);
}

static void expectation(void)
{
	SILENT(ex_met);
	RAISES("expectation", ex_missed);
	CHECK(strstr(raised_text, "expected ret 0 and got -1"));
	CHECK(oracle_expectation.stateless);
}

static const struct test tests[] = {
	TEST(device_page),
	TEST(mirrored),
	TEST(mirror),
	TEST(ioctl_effects),
	TEST(read_value),
	TEST(expectation),
	TEST(false_cancel),
	{ NULL, NULL },
};
TEST_MAIN("svm_oracles_dmirror", tests)

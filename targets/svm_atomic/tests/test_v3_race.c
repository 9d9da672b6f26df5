// SPDX-License-Identifier: GPL-2.0
/*
 * test_v3_race: the device's atomics as first posted against everything that
 * wants the page beside it. Each body runs correct and must pass, and with a
 * known bug and must be caught.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/migrate.h>
#include <linux/mman.h>
#include <linux/pagemap.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>

#include "targets/mm/internal.h"
#include "targets/svm_atomic/exclusive_v3.h"
#include "targets/svm_atomic/tests/v3_test.h"

#define INCREMENTS	2

/* -- D5: N by CPUs and M by the GPU are N + M -- */
void v3_counter_boot(void)
{
	struct mm_struct *mm;

	v3_boot();
	mm = mm_enter(0);
	CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 10));
	mm_leave(mm);
}

void v3_counter_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	for (u32 i = 0; i < INCREMENTS; i++) {
		if (index)
			CUT_CHECK(!cpu_increment(mm, VIEW_VA(0), &value));
		else
			CUT_CHECK(v3_atomic(0, 0) >= 10);
	}
	mm_leave(mm);
}

void v3_counter_halt(void)
{
	CUT_CHECK(v3_load_as(0, 0) == 10 + 2 * INCREMENTS);
	v3_halt();
}

/* -- W-D1: the page goes between the walk and the mapping -- */
void v3_dontneed_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	for (u32 i = 0; i < 2; i++) {
		if (index) {
			CUT_CHECK(!cpu_store(mm, VIEW_VA(0),
					     mm_next_value()));
			CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0),
						       PAGE_SIZE));
		} else {
			CUT_CHECK(v3_atomic(0, 0) >= 0);
		}
	}
	mm_leave(mm);
}

void v3_lent_boot(void)
{
	struct mm_struct *mm;
	struct page *page = NULL;

	v3_counter_boot();
	/* In M0 nobody serves a fault: lent by hand, to no device. */
	mm = mm_enter(0);
	mmap_read_lock(mm);
	CUT_CHECK(make_device_exclusive_range_v3(mm, VIEW_VA(0), VIEW_VA(1),
						 &page) == 1 && page);
	mmap_read_unlock(mm);
	folio_unlock(page_folio(page));
	put_user_page(page);
	mm_leave(mm);
}

/* X2: two accesses of a lent page; one takes it back. */
void v3_faults_race(u32 index)
{
	CUT_CHECK(v3_load_as(0, 0) == 10);
	CUT_CHECK(v3_kind(0, 0) == VIEW_PRESENT);
}

/* W-D3, X3, X5: the entry is zapped, and its frame reused, beside a fault. */
void v3_zap_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	u32 value;

	if (index) {
		CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE));
		CUT_CHECK(!cpu_store(mm, VIEW_VA(1), 9));
		CUT_CHECK(v3_load(mm, 1) == 9);
	} else {
		value = v3_load(mm, 0);
		CUT_CHECK(value == 10 || value == 0);
	}
	mm_leave(mm);
}

/* W-D4, X7: another page stands there by the time the walk comes. */
void v3_replaced_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE));
		CUT_CHECK(!cpu_store(mm, VIEW_VA(0), 6));
		CUT_CHECK(!do_madvise_dontneed(mm, VIEW_VA(0), PAGE_SIZE));
	} else {
		CUT_CHECK(v3_atomic(0, 0) >= 0);
	}
	mm_leave(mm);
}

/* Q-D2, X8: a mover has the page locked when the device wants it. */
void v3_locked_race(u32 index)
{
	if (index)
		offline_pages(VIEW_PFN(view_mm.cpu_entry(0, VIEW_VA(0))));
	else
		CUT_CHECK(v3_atomic(0, 0) == 10 && v3_atomic(0, 0) == 11);
}

/* D3: fork beside atomics; the child has what was there at some instant. */
void v3_fork_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0), *child;
	u32 value;

	if (index) {
		child = dup_mm(mm);
		CUT_CHECK(!IS_ERR(child));
		CUT_CHECK(!cpu_load(child, VIEW_VA(0), &value));
		CUT_CHECK(value == 10 || value == 11);
		CUT_CHECK(!cpu_store(child, VIEW_VA(0), 50));
		mmput(child);
	} else {
		CUT_CHECK(v3_atomic(0, 0) == 10);
		CUT_CHECK(v3_load(mm, 0) == 11);
	}
	mm_leave(mm);
}

/* W-D5: one page of a file at two addresses. */
void v3_file_boot(void)
{
	struct mm_struct *mm;
	struct file *file;

	v3_boot();
	mm = mm_enter(0);
	file = file_slot_get(0);
	for (u32 page = 0; page < 2; page++)
		CUT_CHECK(!ksys_mmap(mm, VIEW_VA(page), PAGE_SIZE,
				     PROT_READ | PROT_WRITE, MAP_SHARED, file,
				     0));
	fput(file);
	mm_leave(mm);
}

void v3_file_race(u32 index)
{
	if (index)
		CUT_CHECK(v3_load_as(0, 1) != ~0u);
	else
		v3_atomic(0, 0);
}

/* Lent in mm 0, and mapped in mm 1: one is moved for the other's sake. */
void v3_copied_boot(void)
{
	const struct op *op = mm_ops;
	u32 parent = 0;

	v3_lent_boot();
	while (__builtin_strcmp(op->name, "fork"))
		op++;
	CUT_CHECK(op->run(&parent) == 1);
	CUT_CHECK(v3_load_as(1, 0) == 10);
}

void v3_move_race(u32 index)
{
	if (index)
		offline_pages(VIEW_PFN(view_mm.cpu_entry(0, VIEW_VA(0))));
	else
		CUT_CHECK(v3_atomic(0, 0) == 10);
	CUT_CHECK(v3_load_as(1, 0) == 10);
}

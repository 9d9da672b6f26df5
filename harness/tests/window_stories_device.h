/* SPDX-License-Identifier: GPL-2.0 */
/*
 * window_stories_device.h: for test_windows.c, the stories of the windows that
 * are of one driver's own events: HMM v12's mirrors (B) and Panthor (E).
 */
#ifndef HARNESS_TESTS_WINDOW_STORIES_DEVICE_H
#define HARNESS_TESTS_WINDOW_STORIES_DEVICE_H

#include "harness/tests/window_story.h"
#include "targets/view_hmm_v12.h"
#include "targets/view_panthor.h"

#define OTHER(...) (task = 3, emit(__VA_ARGS__), task = 1)
#define VM	(when == APART ? 2u : 1u)
#define SLOT	(when == APART ? 3u : 0u)
#define OP(vm)	VIEW_BIND(vm, 0, 0)

/* -- B -- */
static void mirrored(void) { gpu_base(); new_space(1, 0); }
static void range_by_other(void)
{
	OTHER(EV_v12_range_add, 0, VIEW_VA(at()), VIEW_VA(at() + 1));
}
#define FAULT(id)	VIEW_V12_FAULT(0, 0, id)
#define PAGE0		VIEW_VA(0), VIEW_VA(1)
static void B1(void)
{
	mirrored();
	emit(EV_v12_fault, 0, PAGE0);
	WHEN(emit(EV_v12_listed, FAULT(1), PAGE0), range_by_other());
}
static void B2(void)
{
	mirrored();
	emit(EV_v12_range_add, 0, PAGE0);
	WHEN(emit(EV_v12_range_del, 0, PAGE0),
	     OTHER(EV_v12_listed, FAULT(1), VIEW_VA(at()), VIEW_VA(at() + 1)));
}
static void B3(void)
{
	mirrored();
	emit(EV_v12_listed, FAULT(1), PAGE0);
	WHEN(emit(EV_v12_unlisted, FAULT(1), PAGE0),
	     OTHER(EV_v12_backoff, FAULT(when == APART ? 2 : 1), PAGE0));
}
static void B4(void)
{
	mirrored();
	emit(EV_v12_entry, 0, VIEW_VA(0), word(7, RO));
	WHEN(emit(EV_v12_update_begin, 0, PAGE0), range_by_other());
}
static void B5(void)
{
	mirrored();
	new_mm(1);
	emit(EV_v12_unlisted, FAULT(1), PAGE0);
	WHEN(emit(EV_v12_fault_done, 0, PAGE0),
	     OTHER(EV_v12_range_add, when == APART, PAGE0));
}
static void B6(void)
{
	u64 b = inv(VIEW_V12_PAGE_ID | 1, 0, LEDGER_CLEAR);

	mirrored();
	inv_begin(b, 0, 1);
	WHEN(emit(EV_v12_page_done, 0, PAGE0),
	     OTHER(EV_v12_listed, FAULT(1), VIEW_VA(at()), VIEW_VA(at() + 1)));
}
static void B7(void)
{
	mirrored();
	emit(EV_v12_fault, 0, PAGE0);
	WHEN(emit(EV_v12_fault_done, 0, PAGE0),
	     OTHER(EV_v12_released, when == APART, 0, 0));
}
static void B8(void)
{
	mirrored();
	emit(EV_v12_directory, 0, 1, VIEW_V12_COUNTS(0, 0, 0));
	WHEN(emit(EV_v12_unlinked, 0, 1, 0),
	     OTHER(EV_v12_entry, when == APART, VIEW_VA(0), word(7, RO)));
}

/* -- E -- */
static void E1(void)
{
	emit(EV_as_active, 1, 0, 1);
	WHEN(emit(EV_as_idle, 1, 0, 0), OTHER(EV_as_release, VM, 0, 0));
}
static void operation(u16 kind, u64 b)
{
	emit(EV_vm_op_begin, OP(1), 0, 0);
	WHEN(emit(EV_vm_op_end, OP(1), 0, 0), OTHER(kind, VM, b, 0));
}
static void E2(void) { operation(EV_as_bind, 0); }
static void between(u16 kind, u16 other)
{
	emit(kind, 0, when == APART, 0);
	WHEN(emit(kind, 0, 1, 0), OTHER(other, OP(1), 0, 0));
}
static void E3(void)
{
	emit(EV_as_fault, SLOT, 0, 0);
	WHEN(emit(EV_as_faulty, SLOT, 1, 0), OTHER(EV_as_bind, 2, 0, 1));
}
static void E5(void) { between(EV_as_irq, EV_as_faulty); }
static void E6(void)
{
	emit(EV_vm_destroy, 1, 0, 0);
	WHEN(emit(EV_vm_freed, 1, 0, 0),
	     OTHER(EV_vm_op_begin, VIEW_BIND(VM, 0, 1), 0, 0));
}
static void E8(void)
{
	emit(EV_vm_bind, OP(1), 0, 0);
	WHEN(emit(EV_vm_op_begin, OP(1), 0, 0),
	     OTHER(EV_vm_op_begin, OP(VM), 0, 0));
}
static void E9(void) { between(EV_as_reset, EV_vm_op_begin); }
static void E10(void) { between(EV_as_unplug, EV_vm_op_end); }
static void E11(void)
{
	if (when == IN_TIME)
		emit(EV_as_timeout, 0, 0, 0);
	emit(EV_as_slots, 0, 0, 0);
}
static void E12(void) { operation(EV_as_active, 0); }
static void E15(void)
{
	emit(EV_pgt_free, 0, 9, 0);
	WHEN(emit(EV_vm_op_end, OP(1), 0, 0),
	     OTHER(EV_pgt_alloc, 0, 9 + SLOT, 0));
}
static void E16(void)
{
	emit(EV_vm_op_begin, OP(1), 0, 0);
	if (when == APART)
		emit(EV_as_flush, 0, 0, 0);
	WHEN(emit(EV_vm_op_end, OP(1), 0, 0),
	     when == APART ? 0 : emit(EV_as_timeout, 0, 0, 0));
}
static void E17(void)
{
	emit(EV_vm_op_end, VIEW_BIND(1, 0, when == APART), 0,
	     when == LATE ? 0 : (u64)-12ll);
}
static void E20(void) { between(EV_as_unplug, EV_vm_freed); }

#endif /* HARNESS_TESTS_WINDOW_STORIES_DEVICE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * slot_tests.h: the unit tests of address spaces, for the list.
 */
#ifndef TARGETS_PANTHOR_TESTS_SLOT_TESTS_H
#define TARGETS_PANTHOR_TESTS_SLOT_TESTS_H

#include "targets/cut_test.h"
#include "targets/panthor/panthor.h"

extern const struct oracle *const svm_oracles_panthor[];
extern const struct oracle *const svm_oracles_panthor_region[];
extern const struct oracle oracle_panthor_region;

void slots_boot(void);
void slots_v2_boot(void);
void slots_region_boot(void);
void slots_halt(void);
void slots_three_vms(u32 index);
void slots_fault(u32 index);
void slots_suspend(u32 index);
void slots_reset(u32 index);
void slots_unplug(u32 index);
void slots_two_groups(u32 index);
void slots_unplug_hangs(u32 index);
void slots_unplug_refuses(u32 index);
void slots_region(u32 index);
void slots_region_suspend(u32 index);
void slots_region_reset(u32 index);

#define SLOT_TEST(name_, body_, boot_, seen_) {				\
	.name = name_, .nr_tasks = 2, .boot = boot_, .body = body_,	\
	.halt = slots_halt, .seen = seen_,				\
	.oracles = svm_oracles_panthor, .view = &view_panthor,		\
}

/* In the form that locks what an operation changes. */
#define REGION_TEST(name_, body_, seen_, ...) {				\
	.name = name_, .nr_tasks = 2, .boot = slots_region_boot,	\
	.body = body_, .halt = slots_halt, .seen = seen_,		\
	.oracles = svm_oracles_panthor_region, .view = &view_panthor,	\
	__VA_ARGS__							\
}

#define PANTHOR_SLOT_TESTS						\
	SLOT_TEST("slots.three_vms_share_two", slots_three_vms,		\
		  slots_boot, EV_as_release),				\
	SLOT_TEST("slots.three_vms_share_two_v2", slots_three_vms,	\
		  slots_v2_boot, EV_as_release),			\
	SLOT_TEST("slots.fault_is_repaired", slots_fault,		\
		  slots_boot, EV_as_repair),				\
	SLOT_TEST("slots.fault_is_repaired_v2", slots_fault,		\
		  slots_v2_boot, EV_as_repair),				\
	SLOT_TEST("slots.suspend_loses_no_job", slots_suspend,		\
		  slots_boot, EV_as_power),				\
	SLOT_TEST("slots.reset_ends_every_job", slots_reset,		\
		  slots_boot, EV_as_reset),				\
	SLOT_TEST("slots.unplug_ends_every_job", slots_unplug,		\
		  slots_boot, EV_as_unplug),				\
	SLOT_TEST("slots.two_groups_of_one_vm", slots_two_groups,	\
		  slots_boot, EV_as_idle),				\
	SLOT_TEST("slots.two_groups_of_one_vm_v2", slots_two_groups,	\
		  slots_v2_boot, EV_as_idle),				\
	REGION_TEST("slots.three_vms_share_two_region",			\
		    slots_three_vms, EV_as_release),			\
	REGION_TEST("slots.fault_is_repaired_region",			\
		    slots_fault, EV_as_repair),				\
	REGION_TEST("slots.reset_ends_every_job_region",		\
		    slots_reset, EV_as_reset),				\
	REGION_TEST("slots.unplug_ends_every_job_region",		\
		    slots_unplug, EV_as_unplug),			\
	SLOT_TEST("slots.unplug_resets_what_hangs", slots_unplug_hangs,	\
		  slots_boot, EV_as_timeout),				\
	REGION_TEST("slots.unplug_resets_what_hangs_region",		\
		    slots_unplug_hangs, EV_as_timeout),			\
	SLOT_TEST("slots.unplug_refuses_without_a_reset",		\
		  slots_unplug_refuses, slots_boot, EV_as_unplug),	\
	REGION_TEST("slots.eviction_unlocks", slots_region, EV_as_unlock), \
	REGION_TEST("slots.suspend_unlocks", slots_region_suspend,	\
		    EV_as_unlock),					\
	REGION_TEST("slots.reset_unlocks", slots_region_reset, EV_as_reset), \
	REGION_TEST("slots.lock_left_is_told", slots_region, EV_none,	\
		    .mutation = M_as_region_lock_survives_slot_loss,	\
		    .expect = &oracle_panthor_region,			\
		    .sim_only = "the checker judges single steps")

#endif /* TARGETS_PANTHOR_TESTS_SLOT_TESTS_H */

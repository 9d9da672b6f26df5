/* SPDX-License-Identifier: GPL-2.0 */
/*
 * property.h: what must hold of VM_BIND for all small inputs, for
 * harness/tests/test_panthor_vm.c. Free of libc.
 */
#ifndef TARGETS_PANTHOR_TESTS_PROPERTY_H
#define TARGETS_PANTHOR_TESTS_PROPERTY_H

#include "harness/types.h"

/* In M0's boot. @ops random maps and unmaps of an address space of 32 pages,
 * each compared with a word a page. Operations that agreed: @ops. */
u32 panthor_property_split(u64 seed, u32 ops);

/* Shapes of what is mapped already: ranges, each aligned in memory or not. */
#define PANTHOR_SHAPES	(2 * 136)

/*
 * In M0's boot, the kernel's services and the device there: with shape @prior
 * mapped, each range of the window mapped and unmapped, each from that state.
 * Operations that returned 0; all of them did if it is PANTHOR_SHAPES.
 */
u32 panthor_property_reserve(u32 prior);
void panthor_property_boot(void);
void panthor_property_halt(void);

#endif /* TARGETS_PANTHOR_TESTS_PROPERTY_H */

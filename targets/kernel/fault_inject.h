/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault_inject.h: the one door that whatever may go wrong passes. Who asks for
 * it to is in kernel.h: kernel_fail_nth(), kernel_faults(). Every ground has
 * fault_inject.c as it is, compiled with its own <linux/...>.
 */
#ifndef TARGETS_KERNEL_FAULT_INJECT_H
#define TARGETS_KERNEL_FAULT_INJECT_H

#include <linux/gfp.h>

/* True: this allocation is to fail. @why names the choice in a schedule. */
bool should_fail_alloc(gfp_t gfp, const char *why);
/* True: this trylock is to find the lock taken; this sleep is to end at once. */
bool should_fail_trylock(const char *why);
bool should_wake_early(void);
/* How many of those that are @due come after the one to run now. */
u32 timer_out_of_order(u32 (*due)(unsigned long now), unsigned long now);

/* In M0: KERNEL_FAULT_* that a target asks for itself, for this execution. */
void fault_inject_boot(u32 asked);

#endif /* TARGETS_KERNEL_FAULT_INJECT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault-inject.h: the one door every allocation that may fail passes.
 *
 * MODEL of should_failslab() and should_fail_alloc_page() of
 * <linux/fault-inject.h>: who asks for the failure is in targets/kernel/kernel.h
 * (kernel_fail_nth(), kernel_faults()). Implementation: kernel/fault_inject.c.
 */
#ifndef _LINUX_FAULT_INJECT_H
#define _LINUX_FAULT_INJECT_H

#include <linux/gfp.h>

/* True: this allocation is to fail. @why names the choice in a schedule. */
bool should_fail_alloc(gfp_t gfp, const char *why);
/* True: this trylock is to find the lock taken; this sleep is to end at once.
 * The port's own. */
bool should_fail_trylock(const char *why);
bool should_wake_early(void);

#endif /* _LINUX_FAULT_INJECT_H */

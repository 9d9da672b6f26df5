/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault-inject.h: the one door every allocation that may fail passes.
 *
 * MODEL of should_failslab() and should_fail_alloc_page() of
 * <linux/fault-inject.h>: who asks for the failure is in targets/kernel/kernel.h
 * (kernel_fail_nth(), KERNEL_FAULT_ALLOC). Implementation: kernel/slab.c.
 */
#ifndef _LINUX_FAULT_INJECT_H
#define _LINUX_FAULT_INJECT_H

#include <linux/gfp.h>

/* True: this allocation is to fail. @why names the choice in a schedule. */
bool should_fail_alloc(gfp_t gfp, const char *why);

#endif /* _LINUX_FAULT_INJECT_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * fault-inject.h: whether an allocation is to fail, for those who make it.
 *
 * MODEL of should_failslab() and should_fail_alloc_page() of
 * <linux/fault-inject.h>. The rest of what is there is the port's own.
 */
#ifndef _LINUX_FAULT_INJECT_H
#define _LINUX_FAULT_INJECT_H

#include "targets/kernel/fault_inject.h"

#endif /* _LINUX_FAULT_INJECT_H */

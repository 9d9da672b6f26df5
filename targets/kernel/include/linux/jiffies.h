/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/jiffies.h>: HZ is Debian's 250, and jiffies are read from
 * the program clock of the waist. Reading them is how a loop with a timeout
 * lets time go on.
 */
#ifndef _LINUX_JIFFIES_H
#define _LINUX_JIFFIES_H

#include <linux/limits.h>
#include <linux/math.h>
#include <linux/types.h>
#include "harness/rt/rt.h"

#define HZ			250
#define NSEC_PER_JIFFY		(1000000000ull / HZ)
#define MAX_JIFFY_OFFSET	((LONG_MAX >> 1) - 1)

#define jiffies			((unsigned long)(rt_now() / NSEC_PER_JIFFY))
#define get_jiffies_64()	((u64)jiffies)

#define time_after(a, b)	((long)((b) - (a)) < 0)
#define time_before(a, b)	time_after(b, a)
#define time_after_eq(a, b)	((long)((a) - (b)) >= 0)
#define time_before_eq(a, b)	time_after_eq(b, a)
#define time_is_before_jiffies(a)	time_after(jiffies, a)
#define time_is_after_jiffies(a)	time_before(jiffies, a)

/* Rounded up: a timeout is never shorter than asked for. */
static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return DIV_ROUND_UP((unsigned long)ms * HZ, 1000);
}

static inline unsigned long usecs_to_jiffies(unsigned int us)
{
	return DIV_ROUND_UP((unsigned long)us * HZ, 1000000);
}

static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)(j * (1000 / HZ));
}

#endif /* _LINUX_JIFFIES_H */

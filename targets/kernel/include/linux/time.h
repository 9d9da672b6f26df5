/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/time.h> and <linux/ktime.h>: nanoseconds of the program clock. */
#ifndef _LINUX_TIME_H
#define _LINUX_TIME_H

#include <linux/types.h>
#include "harness/rt/rt.h"

#define NSEC_PER_USEC	1000ull
#define NSEC_PER_MSEC	1000000ull
#define NSEC_PER_SEC	1000000000ull
#define USEC_PER_MSEC	1000ul
#define MSEC_PER_SEC	1000ul

typedef s64 ktime_t;

static inline ktime_t ktime_get(void)
{
	return (ktime_t)rt_now();
}

static inline u64 ktime_get_ns(void)
{
	return rt_now();
}

static inline s64 ktime_to_ns(ktime_t t)
{
	return t;
}

static inline ktime_t ktime_add_ns(ktime_t t, u64 ns)
{
	return t + (ktime_t)ns;
}

static inline bool ktime_after(ktime_t a, ktime_t b)
{
	return a > b;
}

#endif /* _LINUX_TIME_H */

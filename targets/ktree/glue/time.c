// SPDX-License-Identifier: GPL-2.0
/*
 * time: the tree's clocks, which all read the waist's.
 *
 * jiffies is a word the tree reads by itself. It is made current before each
 * such read that is seen, and that asks rt_now(): a task that does nothing but
 * look at the clock lets it advance, so a loop with a timeout ends. On threads
 * the waist's clock is one of steps, of which a loop that takes page tables
 * apart makes so many that its execution's bound would come before a timeout of
 * a second: there each look is a millisecond besides.
 */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include "targets/ktree/glue/glue.h"

#undef jiffies
unsigned long volatile __cacheline_aligned_in_smp jiffies = JIFFIES_BOOT;
volatile unsigned long *const ktree_jiffies_word = &jiffies;

void ktree_jiffies_read(void)
{
	u64 looked = __atomic_load_n(&ktree_looked, __ATOMIC_RELAXED);

	if (!ktree_booting)
		jiffies = JIFFIES_BOOT +
			  (unsigned long)((rt_now() + looked) / TICK_NSEC);
}

ktime_t ktime_get(void)
{
	return (ktime_t)rt_now();
}

ktime_t ktime_get_with_offset(enum tk_offsets offs)
{
	return (ktime_t)rt_now();
}

u64 ktime_get_mono_fast_ns(void)
{
	return rt_now();
}

static void sleep_for(u64 ns, const struct rt_site *site)
{
	kt_sleeps();
	rt_point(site, NULL);
	rt_sleep(rt_now() + ns, 0);
}

void msleep(unsigned int ms)
{
	sleep_for((u64)ms * NSEC_PER_MSEC, RT_SITE(RT_SLEEP, "msleep", ""));
}

void usleep_range_state(unsigned long min, unsigned long max,
			unsigned int state)
{
	sleep_for((u64)min * NSEC_PER_USEC,
		  RT_SITE(RT_SLEEP, "usleep_range", ""));
}

void __udelay(unsigned long us)
{
	rt_relax();
}

void __const_udelay(unsigned long loops)
{
	rt_relax();
}

void yield(void)
{
	rt_relax();
}

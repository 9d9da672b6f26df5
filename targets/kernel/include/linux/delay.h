/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/delay.h>: sleeping takes time of the program clock; a busy
 * delay only lets others run first.
 */
#ifndef _LINUX_DELAY_H
#define _LINUX_DELAY_H

#include <linux/sched.h>
#include <linux/time.h>

void msleep(unsigned int ms);
void usleep_range(unsigned long min_us, unsigned long max_us);
#define ssleep(s)	msleep((s) * 1000)
#define fsleep(us)	usleep_range(us, us)
#define udelay(us)	do { (void)(us); cpu_relax(); } while (0)
#define ndelay(ns)	do { (void)(ns); cpu_relax(); } while (0)
#define mdelay(ms)	do { (void)(ms); cpu_relax(); } while (0)

#endif /* _LINUX_DELAY_H */

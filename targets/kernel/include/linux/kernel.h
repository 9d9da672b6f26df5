/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/kernel.h>: the everyday macros, and snprintf(). */
#ifndef _LINUX_KERNEL_H
#define _LINUX_KERNEL_H

#include <linux/align.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/container_of.h>
#include <linux/limits.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/printk.h>
#include <linux/types.h>

#define upper_32_bits(n)	((u32)((u64)(n) >> 32))
#define lower_32_bits(n)	((u32)(n))
#define IS_ENABLED(option)	0
#define u64_to_user_ptr(x)	((void *)(unsigned long)(x))

int snprintf(char *buf, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

void might_sleep(void);
#define might_sleep_if(cond) do {					\
	if (cond)							\
		might_sleep();						\
} while (0)

#endif /* _LINUX_KERNEL_H */

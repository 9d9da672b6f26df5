/* SPDX-License-Identifier: GPL-2.0 */
/*
 * STUB of <linux/printk.h>: messages are type-checked and go nowhere. The
 * journal is the log here; text printed 10^5 times a second helps nobody, and
 * nothing may decide by what was printed.
 */
#ifndef _LINUX_PRINTK_H
#define _LINUX_PRINTK_H

#define KERN_ERR	""
#define KERN_WARNING	""
#define KERN_INFO	""
#define KERN_DEBUG	""

static inline __attribute__((format(printf, 1, 2)))
int printk(const char *fmt, ...)
{
	return 0;
}

#define no_printk(fmt, ...) do {					\
	if (0)								\
		printk(fmt, ##__VA_ARGS__);				\
} while (0)

#define pr_emerg(fmt, ...)		no_printk(fmt, ##__VA_ARGS__)
#define pr_err(fmt, ...)		no_printk(fmt, ##__VA_ARGS__)
#define pr_warn(fmt, ...)		no_printk(fmt, ##__VA_ARGS__)
#define pr_notice(fmt, ...)		no_printk(fmt, ##__VA_ARGS__)
#define pr_info(fmt, ...)		no_printk(fmt, ##__VA_ARGS__)
#define pr_debug(fmt, ...)		no_printk(fmt, ##__VA_ARGS__)
#define pr_err_ratelimited(fmt, ...)	no_printk(fmt, ##__VA_ARGS__)
#define pr_warn_once(fmt, ...)		no_printk(fmt, ##__VA_ARGS__)
#define pr_warn_ratelimited(fmt, ...)	no_printk(fmt, ##__VA_ARGS__)

#endif /* _LINUX_PRINTK_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/ktime.h>. */
#ifndef _LINUX_KTIME_H
#define _LINUX_KTIME_H

#include <linux/jiffies.h>
#include <linux/time.h>

#endif /* _LINUX_KTIME_H */

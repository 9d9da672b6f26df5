/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/build_bug.h>. */
#ifndef _LINUX_BUILD_BUG_H
#define _LINUX_BUILD_BUG_H

#define BUILD_BUG_ON(cond) \
	_Static_assert(!(cond), "BUILD_BUG_ON(" #cond ")")
#define BUILD_BUG_ON_MSG(cond, msg)	_Static_assert(!(cond), msg)
#define static_assert(expr, ...)	_Static_assert(expr, #expr)

#endif /* _LINUX_BUILD_BUG_H */

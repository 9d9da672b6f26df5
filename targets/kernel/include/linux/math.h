/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/math.h>. */
#ifndef _LINUX_MATH_H
#define _LINUX_MATH_H

#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_up(x, y)		((((x) - 1) | ((__typeof__(x))(y) - 1)) + 1)
#define round_down(x, y)	((x) & ~((__typeof__(x))(y) - 1))
#define roundup(x, y)		((((x) + (y) - 1) / (y)) * (y))
#define abs(x)			({ __typeof__(x) x_ = (x); x_ < 0 ? -x_ : x_; })

#endif /* _LINUX_MATH_H */

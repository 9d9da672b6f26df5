/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/minmax.h>: arguments are evaluated once. */
#ifndef _LINUX_MINMAX_H
#define _LINUX_MINMAX_H

#define min(a, b) ({							\
	__typeof__(a) min_a_ = (a);					\
	__typeof__(b) min_b_ = (b);					\
	min_a_ < min_b_ ? min_a_ : min_b_;				\
})
#define max(a, b) ({							\
	__typeof__(a) max_a_ = (a);					\
	__typeof__(b) max_b_ = (b);					\
	max_a_ > max_b_ ? max_a_ : max_b_;				\
})
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define max_t(type, a, b)	max((type)(a), (type)(b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define swap(a, b) do {							\
	__typeof__(a) swap_ = (a);					\
	(a) = (b);							\
	(b) = swap_;							\
} while (0)

#endif /* _LINUX_MINMAX_H */

/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/bits.h>, 64-bit host. */
#ifndef _LINUX_BITS_H
#define _LINUX_BITS_H

#include <linux/types.h>

#define BITS_PER_BYTE		8
#define BITS_PER_LONG		64
#define BITS_PER_LONG_LONG	64
#define BIT(n)			(1ul << (n))
#define BIT_ULL(n)		(1ull << (n))
#define BIT_MASK(n)		(1ul << ((n) % BITS_PER_LONG))
#define BIT_WORD(n)		((n) / BITS_PER_LONG)
#define GENMASK(h, l)		((~0ul << (l)) & (~0ul >> (63 - (h))))
#define GENMASK_ULL(h, l)	((~0ull << (l)) & (~0ull >> (63 - (h))))

#endif /* _LINUX_BITS_H */

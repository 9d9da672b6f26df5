/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/limits.h>, 64-bit host. */
#ifndef _LINUX_LIMITS_H
#define _LINUX_LIMITS_H

#include <linux/types.h>

#define INT_MAX		((int)(~0u >> 1))
#define INT_MIN		(-INT_MAX - 1)
#define UINT_MAX	(~0u)
#define LONG_MAX	((long)(~0ul >> 1))
#define LONG_MIN	(-LONG_MAX - 1)
#define ULONG_MAX	(~0ul)
#define LLONG_MAX	((long long)(~0ull >> 1))
#define ULLONG_MAX	(~0ull)

#define U8_MAX		((u8)~0)
#define U16_MAX		((u16)~0)
#define U32_MAX		((u32)~0u)
#define U64_MAX		((u64)~0ull)
#define S32_MAX		((s32)(U32_MAX >> 1))
#define S64_MAX		((s64)(U64_MAX >> 1))

#endif /* _LINUX_LIMITS_H */

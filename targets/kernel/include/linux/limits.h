/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/limits.h>. */
#ifndef _LINUX_LIMITS_H
#define _LINUX_LIMITS_H

#include <limits.h>

#define U8_MAX		((u8)~0)
#define U16_MAX		((u16)~0)
#define U32_MAX		((u32)~0u)
#define U64_MAX		((u64)~0ull)
#define S32_MAX		((s32)(U32_MAX >> 1))
#define S64_MAX		((s64)(U64_MAX >> 1))

#endif /* _LINUX_LIMITS_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * types.h: the integer types of every layer, harness and code under test.
 *
 * Free of libc: all of targets/ is compiled -nostdinc. <linux/types.h> builds
 * on this file, so a u64 is the same type on both sides of the waist.
 */
#ifndef HARNESS_TYPES_H
#define HARNESS_TYPES_H

#include <stdbool.h>
#include <stddef.h>

typedef unsigned char		u8;
typedef unsigned short		u16;
typedef unsigned int		u32;
typedef unsigned long long	u64;
typedef signed char		s8;
typedef short			s16;
typedef int			s32;
typedef long long		s64;

#ifndef likely
#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)
#endif

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

/*
 * Mutable static data of anything an execution may change (code under test,
 * kernel services, device models, oracles). The engine snapshots this section
 * once and copies it back before each execution: that is the whole reset.
 * Keep it small (it is copied 10^5 times a second); arrays belong in the
 * arena. scripts/tidy fails a target object that has .data or .bss instead.
 */
#ifndef MACHINE_SECTION
#define MACHINE_SECTION "machine_data"	/* oracles have another: statics.h */
#endif
#define __machine __attribute__((section(MACHINE_SECTION)))

#endif /* HARNESS_TYPES_H */

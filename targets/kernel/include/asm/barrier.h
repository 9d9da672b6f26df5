/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <asm/barrier.h>. Fences go through the waist; acquire and release
 * accesses are switch points like every marked access.
 */
#ifndef _ASM_BARRIER_H
#define _ASM_BARRIER_H

#include <linux/compiler.h>

#define mb()			rt_fence(RT_MB)
#define rmb()			rt_fence(RT_RMB)
#define wmb()			rt_fence(RT_WMB)
#define smp_mb()		rt_fence(RT_MB)
#define smp_rmb()		rt_fence(RT_RMB)
#define smp_wmb()		rt_fence(RT_WMB)
#define smp_mb__before_atomic()	rt_fence(RT_MB)
#define smp_mb__after_atomic()	rt_fence(RT_MB)
#define smp_mb__after_spinlock() rt_fence(RT_MB)

#define smp_load_acquire(p) ({						\
	rt_point(RT_SITE(RT_LOAD, "smp_load_acquire", kernel_name(#p)), p); \
	__marked_load_acquire(p);					\
})
#define smp_store_release(p, v) do {					\
	__typeof__(*(p)) release_ = (v);				\
									\
	rt_point(RT_SITE(RT_STORE, "smp_store_release", kernel_name(#p)), p); \
	__marked_store_release(p, release_);				\
} while (0)
#define smp_store_mb(var, v) do {					\
	WRITE_ONCE(var, v);						\
	smp_mb();							\
} while (0)

#endif /* _ASM_BARRIER_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/compiler.h>. READ_ONCE() and WRITE_ONCE() are switch points:
 * they are the marked accesses, the ones the author knew to be racing, and so
 * the first place to look for an unlucky order. The access itself is volatile,
 * or a relaxed atomic under ThreadSanitizer, which then knows it is intended.
 * data_race() tells who looks for races that this one is known.
 */
#ifndef _LINUX_COMPILER_H
#define _LINUX_COMPILER_H

#include <linux/types.h>
#include "harness/rt/rt.h"
#include "harness/sanitize.h"

#define barrier()		__asm__ __volatile__("" : : : "memory")
#define __always_inline		inline __attribute__((always_inline))
#define noinline		__attribute__((noinline))
#define __maybe_unused		__attribute__((unused))
#define __always_unused		__attribute__((unused))
#define __must_check		__attribute__((warn_unused_result))
#define __packed		__attribute__((packed))
#define __aligned(x)		__attribute__((aligned(x)))
#define __printf(a, b)		__attribute__((format(printf, a, b)))
#define __noreturn		__attribute__((noreturn))
#define __pure			__attribute__((pure))
#ifndef __section
#define __section(s)		__attribute__((section(s)))
#endif
#define __cold			__attribute__((cold))
#define __ro_after_init
#define __read_mostly
#define __user
#define __iomem
#define __rcu
#define __force
#define __must_hold(x)
#define __acquires(x)
#define __releases(x)
#define fallthrough		__attribute__((fallthrough))
#define unreachable()		__builtin_unreachable()

#define __stringify_1(x...)	#x
#define __stringify(x...)	__stringify_1(x)
#define ___PASTE(a, b)		a##b
#define __PASTE(a, b)		___PASTE(a, b)
#define __UNIQUE_ID(prefix)	__PASTE(prefix, __COUNTER__)

/*
 * The bare accesses, without a switch point: for primitives that have made
 * theirs already. Scalars only, as in the kernel.
 */
#if SANITIZE_THREAD
#define __READ_ONCE(x)		__atomic_load_n(&(x), __ATOMIC_RELAXED)
#define __WRITE_ONCE(x, val)	__atomic_store_n(&(x), (val), __ATOMIC_RELAXED)
#else
#define __READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define __WRITE_ONCE(x, val)	(*(volatile __typeof__(x) *)&(x) = (val))
#endif

/*
 * What the author marked, where the memory of a machine is modelled: a load may
 * find an older value. The words of the kernel's own primitives are not of it,
 * and a primitive orders what its users do as the LKMM says it does.
 */
#ifdef RT_MARKED
#define __marked_load(p)		((__typeof__(*(p)))		\
	rt_marked_load((const void *)(p), sizeof(*(p)), false))
#define __marked_load_acquire(p)	((__typeof__(*(p)))		\
	rt_marked_load((const void *)(p), sizeof(*(p)), true))
#define __marked_store(p, val)						\
	rt_marked_store((void *)(p), sizeof(*(p)), (u64)(val), false)
#define __marked_store_release(p, val)					\
	rt_marked_store((void *)(p), sizeof(*(p)), (u64)(val), true)
#define __marked_update(p, old, ordered)				\
	rt_marked_update((const void *)(p), sizeof(*(p)), (u64)(old), (ordered))
#else
#define __marked_load(p)		__READ_ONCE(*(p))
#define __marked_load_acquire(p)	__atomic_load_n(p, __ATOMIC_ACQUIRE)
#define __marked_store(p, val)		__WRITE_ONCE(*(p), val)
#define __marked_store_release(p, val)	__atomic_store_n(p, val, __ATOMIC_RELEASE)
#define __marked_update(p, old, ordered)	((void)(old))
#endif

#define READ_ONCE(x) ({							\
	rt_point(RT_SITE(RT_LOAD, "READ_ONCE", #x), (const void *)&(x)); \
	__marked_load(&(x));					\
})

#define WRITE_ONCE(x, val) do {						\
	__typeof__(x) once_ = (val);					\
									\
	rt_point(RT_SITE(RT_STORE, "WRITE_ONCE", #x), (const void *)&(x)); \
	__marked_store(&(x), once_);				\
} while (0)

#define data_race(expr) ({						\
	rt_data_race(true);						\
	__typeof__(expr) race_ = (expr);				\
	rt_data_race(false);						\
	race_;								\
})
#define ASSERT_EXCLUSIVE_WRITER(x)	((void)0)

/* "&svmm->mutex" is spoken of as "svmm->mutex". */
#define kernel_name(str)	((str) + ((str)[0] == '&'))

#endif /* _LINUX_COMPILER_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/bitops.h>. The atomic ones (set_bit, clear_bit,
 * test_and_...) and test_bit() are switch points; those with two leading
 * underscores are plain, as in the kernel.
 */
#ifndef _LINUX_BITOPS_H
#define _LINUX_BITOPS_H

#include <linux/bits.h>
#include <linux/compiler.h>

#define BITS_TO_LONGS(n)	(((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, n)	unsigned long name[BITS_TO_LONGS(n)]

static inline void bit_or_(const struct rt_site *site, unsigned long nr,
			   volatile unsigned long *addr)
{
	rt_point(site, (const void *)addr);
	__atomic_fetch_or((unsigned long *)addr + BIT_WORD(nr), BIT_MASK(nr),
			  __ATOMIC_RELAXED);
}

static inline void bit_clear_(const struct rt_site *site, unsigned long nr,
			      volatile unsigned long *addr, int order)
{
	rt_point(site, (const void *)addr);
	if (order == __ATOMIC_RELEASE)
		__atomic_fetch_and((unsigned long *)addr + BIT_WORD(nr),
				   ~BIT_MASK(nr), __ATOMIC_RELEASE);
	else
		__atomic_fetch_and((unsigned long *)addr + BIT_WORD(nr),
				   ~BIT_MASK(nr), __ATOMIC_RELAXED);
}

static inline bool bit_test_(const struct rt_site *site, unsigned long nr,
			     const volatile unsigned long *addr)
{
	rt_point(site, (const void *)addr);
	return __atomic_load_n((const unsigned long *)addr + BIT_WORD(nr),
			       __ATOMIC_RELAXED) & BIT_MASK(nr);
}

static inline bool bit_test_set_(const struct rt_site *site, unsigned long nr,
				 volatile unsigned long *addr)
{
	rt_point(site, (const void *)addr);
	return __atomic_fetch_or((unsigned long *)addr + BIT_WORD(nr),
				 BIT_MASK(nr), __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

static inline bool bit_test_clear_(const struct rt_site *site, unsigned long nr,
				   volatile unsigned long *addr)
{
	rt_point(site, (const void *)addr);
	return __atomic_fetch_and((unsigned long *)addr + BIT_WORD(nr),
				  ~BIT_MASK(nr), __ATOMIC_SEQ_CST) & BIT_MASK(nr);
}

#define set_bit(nr, a)	  bit_or_(RT_SITE(RT_RMW, "set_bit", #nr), nr, a)
#define clear_bit(nr, a)  bit_clear_(RT_SITE(RT_RMW, "clear_bit", #nr), nr, a, \
				     __ATOMIC_RELAXED)
#define clear_bit_unlock(nr, a) \
	bit_clear_(RT_SITE(RT_RMW, "clear_bit_unlock", #nr), nr, a, __ATOMIC_RELEASE)
#define test_bit(nr, a)	  bit_test_(RT_SITE(RT_LOAD, "test_bit", #nr), nr, a)
#define test_and_set_bit(nr, a) \
	bit_test_set_(RT_SITE(RT_RMW, "test_and_set_bit", #nr), nr, a)
#define test_and_clear_bit(nr, a) \
	bit_test_clear_(RT_SITE(RT_RMW, "test_and_clear_bit", #nr), nr, a)

static inline void __set_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static inline void __clear_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static inline unsigned int hweight32(u32 w)
{
	return (unsigned int)__builtin_popcount(w);
}

static inline unsigned int hweight64(u64 w)
{
	return (unsigned int)__builtin_popcountll(w);
}

/* Undefined for 0, as in the kernel. */
static inline unsigned long __ffs(unsigned long w)
{
	return (unsigned long)__builtin_ctzl(w);
}

static inline int ffs(int x)
{
	return __builtin_ffs(x);
}

static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

#endif /* _LINUX_BITOPS_H */

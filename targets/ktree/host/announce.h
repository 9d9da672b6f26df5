/* SPDX-License-Identifier: GPL-2.0 */
/*
 * announce.h: the functions through which the tree's instrumented code announces
 * its accesses, gcc's of -fsanitize=thread and the kernel's own of CONFIG_KCSAN.
 *
 * Included by a runtime's access.c alone, after it has said what is made of one:
 *
 *	announce(p, size, kind, marked, pc)	about to be made; @kind: RT_LOAD,
 *						RT_STORE or RT_RMW
 *	read_clock(p)				a marked read, before announce():
 *						jiffies, perhaps
 */
#ifndef TARGETS_KTREE_HOST_ANNOUNCE_H
#define TARGETS_KTREE_HOST_ANNOUNCE_H

#include "harness/rt/rt.h"

/* include/linux/kcsan-checks.h, stable since 5.8. */
enum { KCSAN_WRITE = 1, KCSAN_COMPOUND = 2, KCSAN_ATOMIC = 4, KCSAN_ASSERT = 8 };

#define PC ((u64)(size_t)__builtin_return_address(0))

#define PLAIN(name, size, kind)						\
void __tsan_##name(void *p);						\
void __tsan_##name(void *p)						\
{									\
	announce(p, size, kind, false, PC);				\
}

#define VOLATILE(name, size, kind)					\
void __tsan_##name(void *p);						\
void __tsan_##name(void *p)						\
{									\
	if ((kind) == RT_LOAD)						\
		read_clock(p);						\
	announce(p, size, kind, true, PC);				\
}

#define OF_SIZE(size)							\
PLAIN(read##size, size, RT_LOAD)					\
PLAIN(write##size, size, RT_STORE)					\
PLAIN(unaligned_read##size, size, RT_LOAD)				\
PLAIN(unaligned_write##size, size, RT_STORE)				\
PLAIN(read_write##size, size, RT_STORE)					\
PLAIN(unaligned_read_write##size, size, RT_STORE)			\
VOLATILE(volatile_read##size, size, RT_LOAD)				\
VOLATILE(volatile_write##size, size, RT_STORE)				\
VOLATILE(unaligned_volatile_read##size, size, RT_LOAD)			\
VOLATILE(unaligned_volatile_write##size, size, RT_STORE)

OF_SIZE(1) OF_SIZE(2) OF_SIZE(4) OF_SIZE(8) OF_SIZE(16)

void __tsan_read_range(void *p, long size);
void __tsan_read_range(void *p, long size)
{
	announce(p, (u32)size, RT_LOAD, false, PC);
}

void __tsan_write_range(void *p, long size);
void __tsan_write_range(void *p, long size)
{
	announce(p, (u32)size, RT_STORE, false, PC);
}

/* The kernel's own announcements: of atomics, and of assertions. */
void __kcsan_check_access(const volatile void *p, size_t size, int type);
void __kcsan_check_access(const volatile void *p, size_t size, int type)
{
	u8 kind = !(type & KCSAN_WRITE) ? RT_LOAD :
		  type & KCSAN_COMPOUND ? RT_RMW : RT_STORE;

	if (!(type & KCSAN_ASSERT))
		announce((const void *)p, (u32)size, kind,
			 type & KCSAN_ATOMIC, PC);
}

#undef OF_SIZE
#undef VOLATILE
#undef PLAIN
#undef PC

#endif /* TARGETS_KTREE_HOST_ANNOUNCE_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * access.c: what clang calls before each plain and each volatile access of
 * code compiled with -fsanitize=thread -tsan-distinguish-volatile.
 *
 * One that is a switch point goes by way of points.c.
 *
 * The plain ones have no frame of their own: they end in a jump or do nothing
 * (see CMakeLists.txt), and most do nothing.
 */
#include <string.h>

#include "harness/hooks/cells.h"
#include "harness/hooks/points.h"

/* Any number of eight bytes; returns what comes behind them. */
static const u8 *eights(const u8 *at, const u8 *end, u32 flags)
{
	if (flags & ACCESS_WRITE) {
		for (; end - at >= HOOKS_GRAIN; at += HOOKS_GRAIN)
			hooks_access(at, HOOKS_GRAIN, ACCESS_WRITE);
	} else {
		for (; end - at >= HOOKS_GRAIN; at += HOOKS_GRAIN)
			hooks_access(at, HOOKS_GRAIN, 0);
	}
	return at;
}

void hooks_range(const void *p, size_t size, u32 flags)
{
	const u8 *at = p, *end = at + size;

	while (at < end) {
		size_t piece = CELL_HALF - (size_t)at % CELL_HALF;

		if ((size_t)at % HOOKS_GRAIN == 0 && end - at >= HOOKS_GRAIN) {
			at = eights(at, end, flags);
			continue;
		}
		if ((size_t)(end - at) < piece)
			piece = (size_t)(end - at);
		hooks_access(at, (u32)piece, flags);
		at += piece;
	}
}

#define PC	__builtin_return_address(0)

/* What is neither on the short way, nor static, nor on the own stack: it is out
 * of bounds or on another's, if there are no points. */
static __attribute__((noinline)) void elsewhere(const void *p, u32 size,
						u32 flags, const void *pc)
{
	if (unlikely(hooks_points))
		points_access(p, size, flags, pc);
	else
		hooks_access(p, size, flags);
}

/* These have no frame, and end in a jump or do nothing (see CMakeLists.txt). */
#define PLAIN(name, size, flags)					\
static __attribute__((noinline)) void name##size##_far(const void *p,	\
						       const void *pc)	\
{									\
	if (likely(hooks_short && cell_is_static(p)))			\
		cell_access(cell_static(p), p, size, flags);		\
	else if (likely(hooks_short && cell_on_stack(p)))		\
		cell_access(cell_near(p), p, size, flags);		\
	else if (unlikely(!hooks_short || cell_is_near(p)))		\
		elsewhere(p, size, flags, pc);				\
}									\
void __tsan_##name##size(void *p);					\
void __tsan_##name##size(void *p)					\
{									\
	if (likely(cell_is_short(p)))					\
		cell_access(cell_near(p), p, size, flags);		\
	else								\
		name##size##_far(p, PC);				\
}

/* Of any size, or anywhere. */
static void range(const void *p, u32 size, u32 flags, const void *pc)
{
	if (unlikely(hooks_points))
		points_access(p, size, flags, pc);
	else
		hooks_range(p, size, flags);
}

#define UNALIGNED(size)							\
void __tsan_unaligned_read##size(void *p);				\
void __tsan_unaligned_write##size(void *p);				\
void __tsan_unaligned_read##size(void *p) { range(p, size, 0, PC); }	\
void __tsan_unaligned_write##size(void *p)				\
{									\
	range(p, size, ACCESS_WRITE, PC);				\
}

/* READ_ONCE() and WRITE_ONCE() are the volatile ones. */
#define ALIGNED(size)							\
PLAIN(read, size, 0)							\
PLAIN(write, size, ACCESS_WRITE)					\
void __tsan_volatile_read##size(void *p);				\
void __tsan_volatile_write##size(void *p);				\
void __tsan_volatile_read##size(void *p)				\
{									\
	cell_take(hooks_access(p, size, ACCESS_MARKED), p, false);	\
}									\
void __tsan_volatile_write##size(void *p)				\
{									\
	cell_marked_store(hooks_access(p, size,				\
				       ACCESS_MARKED | ACCESS_WRITE), p); \
}

ALIGNED(1) ALIGNED(2) ALIGNED(4) ALIGNED(8)
UNALIGNED(2) UNALIGNED(4) UNALIGNED(8) UNALIGNED(16)

void __tsan_read16(void *p);
void __tsan_write16(void *p);
void __tsan_read16(void *p) { range(p, 16, 0, PC); }
void __tsan_write16(void *p) { range(p, 16, ACCESS_WRITE, PC); }

#define HOOKS(size)							\
	{ __tsan_read##size, false }, { __tsan_write##size, true },
#define UNALIGNED_HOOKS(size)						\
	{ __tsan_unaligned_read##size, false },				\
	{ __tsan_unaligned_write##size, true },

const struct access_hook access_hooks[] = {
	HOOKS(1) HOOKS(2) HOOKS(4) HOOKS(8) HOOKS(16)
	UNALIGNED_HOOKS(2) UNALIGNED_HOOKS(4) UNALIGNED_HOOKS(8)
	UNALIGNED_HOOKS(16)
};
const u32 nr_access_hooks = ARRAY_SIZE(access_hooks);

/* Newer compilers call these; for older ones the build renames what is left of
 * memcpy() and its like in the objects (scripts/rename-mem). */
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memset(void *to, int c, size_t size);

void *__tsan_memcpy(void *to, const void *from, size_t size)
{
	hooks_range(from, size, 0);
	hooks_range(to, size, ACCESS_WRITE);
	return memcpy(to, from, size);
}

void *__tsan_memmove(void *to, const void *from, size_t size)
{
	hooks_range(from, size, 0);
	hooks_range(to, size, ACCESS_WRITE);
	return memmove(to, from, size);
}

void *__tsan_memset(void *to, int c, size_t size)
{
	hooks_range(to, size, ACCESS_WRITE);
	return memset(to, c, size);
}

void __tsan_init(void);
void __tsan_init(void) { }
void __tsan_func_entry(void *pc);
void __tsan_func_entry(void *pc) { }
void __tsan_func_exit(void);
void __tsan_func_exit(void) { }

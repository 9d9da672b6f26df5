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

/* Up to a cell, from anywhere in it. */
static void part(const void *p, u32 size, u32 flags)
{
	struct cell *c = cell_find(p, size);

	if (c)
		hooks_changed(c, p, size, flags);
}

void hooks_range(const void *p, size_t size, u32 flags)
{
	const u8 *at = p;

	while (size) {
		u32 piece = HOOKS_GRAIN;

		if ((size_t)at % HOOKS_GRAIN == 0 && size >= HOOKS_GRAIN) {
			hooks_access(at, HOOKS_GRAIN, flags);
		} else {
			piece = HOOKS_CELL - (u32)(size_t)at % HOOKS_CELL;
			piece = piece < size ? piece : (u32)size;
			part(at, piece, flags);
		}
		at += piece;
		size -= piece;
	}
}

/* Not where most accesses are, or not in order. */
static __attribute__((noinline)) void elsewhere(const void *p, u32 size,
						u32 flags)
{
	hooks_access(p, size, flags);
}

static inline __attribute__((always_inline)) void plain(const void *p, u32 size,
							u32 flags,
							const void *pc)
{
	size_t offset = (size_t)p - (size_t)hooks_arena;
	const struct cell *c = &hooks_cells[offset / HOOKS_CELL];
	u32 stamp = hooks_task[sim.cur].stamp;

	if (unlikely(hooks_points))
		points_access(p, size, flags, pc);
	else if (unlikely(offset >= SIM_ARENA_SIZE ||
		     hooks_marks[offset / HOOKS_GRAIN] <
		     (s8)(offset % HOOKS_GRAIN + size)))
		elsewhere(p, size, flags);
	else if (!cells_same(c, p, stamp, size, flags))
		cells_changed((struct cell *)c, p, size, flags);
}

#define PC	__builtin_return_address(0)

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
void __tsan_read##size(void *p);					\
void __tsan_write##size(void *p);					\
void __tsan_volatile_read##size(void *p);				\
void __tsan_volatile_write##size(void *p);				\
void __tsan_read##size(void *p) { plain(p, size, 0, PC); }		\
void __tsan_write##size(void *p) { plain(p, size, ACCESS_WRITE, PC); }	\
void __tsan_volatile_read##size(void *p)				\
{									\
	cell_marked_load(hooks_access(p, size, ACCESS_MARKED));	\
}									\
void __tsan_volatile_write##size(void *p)				\
{									\
	cell_marked_store(hooks_access(p, size,				\
				       ACCESS_MARKED | ACCESS_WRITE));	\
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

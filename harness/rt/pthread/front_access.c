// SPDX-License-Identifier: GPL-2.0
/*
 * front_access: plain and volatile accesses of the program, as its compiler
 * tells of them with -fsanitize=thread. The calls are renamed in the object
 * (symbols.txt), so that they come here and not to harness/hooks, which is
 * asked for what the command line wants of it:
 *
 *	always		use after free, past an allocation, another's dead stack
 *	--races		data races, by C's rule: only atomics may meet
 *	--plain-points	those that may race (front_share.c) are points
 *
 * A volatile access is a point of its own right, since loops wait for flags
 * with it; but it orders nothing, and races as a plain one does.
 *
 * To DPOR two plain accesses depend on each other if they begin in one word of
 * their own width. A place that is used in several widths is not seen as one.
 */
#include <string.h>

#include "harness/hooks/hooks.h"
#include "harness/rt/pthread/front.h"

static const struct rt_site site_read = { RT_LOAD, "read", NULL };
static const struct rt_site site_write = { RT_STORE, "write", NULL };

/* The word of @size bytes that @p is in, or begins in. */
static const void *object(const void *p, size_t size)
{
	size_t grain = size >= 8 ? 8 : 4;

	return (const void *)((size_t)p & ~(grain - 1));
}

static bool is_own(const void *p)
{
	const struct fiber *f = &sim.task[sim.cur].fiber;

	return (size_t)((const u8 *)p - f->stack) < f->size;
}

/* Of statics nothing is known but that they are there. */
static bool may_be_gone(const void *p)
{
	return (size_t)((const u8 *)p - sim_arena) < sim_arena_whole;
}

static void look(const void *p, size_t size, u32 flags)
{
	if (unlikely(rt_detail) && front_options.races)
		front_name(p);		/* a race is told by it */
	if (front_options.races)
		hooks_range(p, size, flags);
	else if (size && may_be_gone(p))
		hooks_check(p, (u32)size);
}

static void point(const void *p, size_t size, bool write, u64 value,
		  const void *pc)
{
	const void *obj = object(p, size);

	if (!write) {
		if (unlikely(rt_detail))
			front_name(obj);
		front_step(&site_read, obj);
		front_idle(pc, p, value);
	} else {
		front_point(&site_write, obj);
	}
}

static u64 value_of(const void *p, size_t size)
{
	u64 v = 0;

	memcpy(&v, p, size < sizeof(v) ? size : sizeof(v));
	return v;
}

static void access(const void *p, size_t size, bool write, const void *pc)
{
	if (unlikely(!sim.running))
		return;
	if (unlikely(front_learning)) {
		if (!is_own(p))
			front_share_access(p, (u32)size, write, pc);
	} else if (unlikely(front_options.plain_points) && !is_own(p) &&
		   front_share_is_point(pc)) {
		point(p, size, write, 0, pc);
	}
	look(p, size, write ? ACCESS_WRITE : 0);
}

/* The value is that before the point, which is good enough to tell a spin. */
static void marked(const void *p, size_t size, bool write, const void *pc)
{
	if (unlikely(!sim.running))
		return;
	if (!is_own(p))
		point(p, size, write, value_of(p, size), pc);
	look(p, size, write ? ACCESS_WRITE : 0);
}

#define PC	__builtin_return_address(0)

#define ACCESS(name, size, how, write)					\
void front_##name(void *p);						\
void front_##name(void *p) { how(p, size, write, PC); }

#define ACCESSES(size)							\
ACCESS(read##size, size, access, false)					\
ACCESS(write##size, size, access, true)					\
ACCESS(unaligned_read##size, size, access, false)			\
ACCESS(unaligned_write##size, size, access, true)			\
ACCESS(volatile_read##size, size, marked, false)			\
ACCESS(volatile_write##size, size, marked, true)			\
ACCESS(unaligned_volatile_read##size, size, marked, false)		\
ACCESS(unaligned_volatile_write##size, size, marked, true)

ACCESSES(1) ACCESSES(2) ACCESSES(4) ACCESSES(8) ACCESSES(16)

void front_read_range(void *p, size_t size);
void front_write_range(void *p, size_t size);
void *front_memcpy(void *to, const void *from, size_t size);
void *front_memmove(void *to, const void *from, size_t size);
void *front_memset(void *to, int c, size_t size);
void front_nothing(void);

void front_read_range(void *p, size_t size) { access(p, size, false, PC); }
void front_write_range(void *p, size_t size) { access(p, size, true, PC); }

void *front_memcpy(void *to, const void *from, size_t size)
{
	access(from, size, false, PC);
	access(to, size, true, PC);
	return memcpy(to, from, size);
}

void *front_memmove(void *to, const void *from, size_t size)
{
	access(from, size, false, PC);
	access(to, size, true, PC);
	return memmove(to, from, size);
}

void *front_memset(void *to, int c, size_t size)
{
	access(to, size, true, PC);
	return memset(to, c, size);
}

/* __tsan_init() and its like. */
void front_nothing(void)
{
}

FRONT_ALIAS(front_tsan_memcpy, front_memcpy);

FRONT_ALIAS(front_tsan_memmove, front_memmove);

FRONT_ALIAS(front_tsan_memset, front_memset);

FRONT_ALIAS(front_tsan_func_entry, front_nothing);
FRONT_ALIAS(front_tsan_func_exit, front_nothing);
FRONT_ALIAS(front_tsan_atomic_signal_fence, front_nothing);

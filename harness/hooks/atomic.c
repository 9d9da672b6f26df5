// SPDX-License-Identifier: GPL-2.0
/*
 * atomic.c: what clang calls instead of each atomic access.
 *
 * An atomic is a marked access that may also order: an acquire learns what the
 * last release of the word knew. Those that both read and write keep what the
 * word knew before, as a release sequence does; a release store forgets it.
 */
#include "harness/hooks/cells.h"

/* Memory orders as clang passes them. */
enum { RELAXED, CONSUME, ACQUIRE, RELEASE, ACQ_REL, SEQ_CST };

static bool acquires(int order)
{
	return order == CONSUME || order == ACQUIRE || order >= ACQ_REL;
}

static bool releases(int order)
{
	return order >= RELEASE;
}

static inline void load(const void *p, u32 size, int order)
{
	const struct cell *c = hooks_access(p, size, ACCESS_MARKED);

	if (acquires(order))
		cell_acquire(c);
	else
		cell_marked_load(c);
}

static inline void store(const void *p, u32 size, int order)
{
	struct cell *c = hooks_access(p, size, ACCESS_MARKED | ACCESS_WRITE);

	if (releases(order))
		cell_release(c, false);
	else
		cell_marked_store(c);
}

static inline void update(const void *p, u32 size, int order)
{
	struct cell *c = hooks_access(p, size, ACCESS_MARKED | ACCESS_WRITE);

	if (acquires(order))
		cell_acquire(c);
	else
		cell_marked_load(c);
	if (releases(order))
		cell_release(c, true);
	else
		cell_marked_store(c);
}

/* Only one task runs: the plain operation is the atomic one. */
#define FETCH(bits, type, name, op)					\
type __tsan_atomic##bits##_fetch_##name(volatile type *p, type v, int order); \
type __tsan_atomic##bits##_fetch_##name(volatile type *p, type v, int order) \
{									\
	type old = *p;							\
									\
	update((const void *)p, sizeof(type), order);			\
	*p = (type)(op);						\
	return old;							\
}

#define ATOMICS(bits, type)						\
type __tsan_atomic##bits##_load(const volatile type *p, int order);	\
type __tsan_atomic##bits##_load(const volatile type *p, int order)	\
{									\
	load((const void *)p, sizeof(type), order);			\
	return *p;							\
}									\
void __tsan_atomic##bits##_store(volatile type *p, type v, int order);	\
void __tsan_atomic##bits##_store(volatile type *p, type v, int order)	\
{									\
	store((const void *)p, sizeof(type), order);			\
	*p = v;								\
}									\
type __tsan_atomic##bits##_exchange(volatile type *p, type v, int order); \
type __tsan_atomic##bits##_exchange(volatile type *p, type v, int order) \
{									\
	type old = *p;							\
									\
	update((const void *)p, sizeof(type), order);			\
	*p = v;								\
	return old;							\
}									\
type __tsan_atomic##bits##_compare_exchange_val(volatile type *p,	\
	type expected, type v, int order, int failure);			\
type __tsan_atomic##bits##_compare_exchange_val(volatile type *p,	\
	type expected, type v, int order, int failure)			\
{									\
	type old = *p;							\
									\
	if (old != expected) {						\
		load((const void *)p, sizeof(type), failure);		\
		return old;						\
	}								\
	update((const void *)p, sizeof(type), order);			\
	*p = v;								\
	return old;							\
}									\
FETCH(bits, type, add, old + v)						\
FETCH(bits, type, sub, old - v)						\
FETCH(bits, type, and, old & v)						\
FETCH(bits, type, or, old | v)						\
FETCH(bits, type, xor, old ^ v)

ATOMICS(8, u8) ATOMICS(16, u16) ATOMICS(32, u32) ATOMICS(64, u64)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order)
{
	race_fence(order == SEQ_CST || order == ACQ_REL ? RT_MB :
		   order == RELEASE ? RT_RELEASE : RT_ACQUIRE);
}

void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order) { }

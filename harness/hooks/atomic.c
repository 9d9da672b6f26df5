// SPDX-License-Identifier: GPL-2.0
/*
 * atomic.c: what clang calls instead of each atomic access.
 *
 * An atomic is a marked access that may also order: an acquire learns what the
 * last release of the word knew. Those that both read and write keep what the
 * word knew before, as a release sequence does; a release store forgets it.
 *
 * Of a program with threads of its own (harness/rt/pthread) they are also all
 * that its author marked, and so what weak.c models. What is sequentially
 * consistent has a full barrier where compilers put one: on x86 behind a store
 * and nowhere at a load, elsewhere before each of them. So a weaker load that
 * comes behind such a store may be early, as C11 allows it. That one which comes
 * behind such an update is early, or such a load behind a weaker store, is
 * allowed as well, and not found under weak.
 */
#include "harness/hooks/cells.h"

/* Memory orders as clang passes them. */
enum { RELAXED, CONSUME, ACQUIRE, RELEASE, ACQ_REL, SEQ_CST };

static bool acquires(int order)
{
	const u32 those = 1u << CONSUME | 1u << ACQUIRE | 1u << ACQ_REL |
			  1u << SEQ_CST;

	return those >> order & 1;
}

static bool releases(int order)
{
	return order >= RELEASE;
}

static inline __attribute__((always_inline)) void
load(const void *p, u32 size, int order)
{
	const struct cell *c = hooks_access(p, size, ACCESS_MARKED);

	cell_take(c, p, acquires(order));
}

static inline __attribute__((always_inline)) void
store(const void *p, u32 size, int order)
{
	struct cell *c = hooks_access(p, size, ACCESS_MARKED | ACCESS_WRITE);

	if (releases(order))
		cell_release(c, p, false);
	else
		cell_marked_store(c, p);
}

static inline __attribute__((always_inline)) void
update(const void *p, u32 size, int order)
{
	struct cell *c = hooks_access(p, size, ACCESS_MARKED | ACCESS_WRITE);

	weak_drain();
	cell_take(c, p, acquires(order));
	if (releases(order))
		cell_release(c, p, true);
	else
		cell_marked_store(c, p);
}

/* There are many that do both: what they share is in no one of them. */
#define UPDATE(bits)							\
static __attribute__((noinline)) void update_##bits(const void *p, int order) \
{									\
	update(p, bits / 8, order);					\
}

UPDATE(8) UPDATE(16) UPDATE(32) UPDATE(64)

bool hooks_atomics_marked;

static inline bool modelled(void)
{
	return unlikely(rt_memory != RT_MEMORY_SC) && hooks_atomics_marked;
}

static inline void barrier_before(int order)
{
	if (modelled() && order == SEQ_CST && rt_memory == RT_MEMORY_WEAK)
		rt_fence(RT_MB);
}

static u64 modelled_load(const void *p, u32 size, int order)
{
	barrier_before(order);
	return rt_marked_load(p, size, acquires(order));
}

static void modelled_store(void *p, u32 size, u64 v, int order)
{
	barrier_before(order);
	rt_marked_store(p, size, v, releases(order));
	if (order == SEQ_CST && rt_memory == RT_MEMORY_TSO)
		rt_fence(RT_MB);
}

/* A compare-and-exchange that changes nothing: of x86 it waits for stores. */
static void failed(const void *p, u32 size, int order)
{
	if (modelled())
		weak_drain();
	barrier_before(order);
	load(p, size, order);
}

static inline void updated(const void *p, u32 size, u64 old, int order)
{
	if (modelled())
		rt_marked_update(p, size, old, order == SEQ_CST);
}

/* Only one task runs: the plain operation is the atomic one. */
#define FETCH(bits, type, name, op)					\
type __tsan_atomic##bits##_fetch_##name(volatile type *p, type v, int order); \
type __tsan_atomic##bits##_fetch_##name(volatile type *p, type v, int order) \
{									\
	type old = *p;							\
									\
	barrier_before(order);						\
	update_##bits((const void *)p, order);			\
	*p = (type)(op);						\
	updated((const void *)p, sizeof(type), (u64)old, order);	\
	return old;							\
}

#define ATOMICS(bits, type)						\
type __tsan_atomic##bits##_load(const volatile type *p, int order);	\
type __tsan_atomic##bits##_load(const volatile type *p, int order)	\
{									\
	if (modelled())							\
		return (type)modelled_load((const void *)p,		\
					   sizeof(type), order);	\
	load((const void *)p, sizeof(type), order);			\
	return *p;							\
}									\
void __tsan_atomic##bits##_store(volatile type *p, type v, int order);	\
void __tsan_atomic##bits##_store(volatile type *p, type v, int order)	\
{									\
	if (modelled()) {						\
		modelled_store((void *)p, sizeof(type), (u64)v, order);	\
		return;							\
	}								\
	store((const void *)p, sizeof(type), order);			\
	*p = v;								\
}									\
type __tsan_atomic##bits##_exchange(volatile type *p, type v, int order); \
type __tsan_atomic##bits##_exchange(volatile type *p, type v, int order) \
{									\
	type old = *p;							\
									\
	barrier_before(order);						\
	update_##bits((const void *)p, order);			\
	*p = v;								\
	updated((const void *)p, sizeof(type), (u64)old, order);	\
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
		failed((const void *)p, sizeof(type), failure);		\
		return old;						\
	}								\
	barrier_before(order);						\
	update_##bits((const void *)p, order);			\
	*p = v;								\
	updated((const void *)p, sizeof(type), (u64)old, order);	\
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
	/* One of both, acquire and release, is no full barrier for all that. */
	if (order == SEQ_CST)
		rt_fence(RT_MB);
	else
		race_fence(order == ACQ_REL ? RT_MB :
			   order == RELEASE ? RT_RELEASE : RT_ACQUIRE);
}

void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order) { }

// SPDX-License-Identifier: GPL-2.0
/*
 * front_atomic: atomics of the program: a point, and then one step. Every one
 * is sequentially consistent whatever order it asks for, unless --memory says
 * otherwise; what it orders by its own word is told to harness/hooks, whose
 * functions do the operation where --races or --memory asks for them.
 *
 * clang and gcc call the same functions but for compare-and-exchange.
 */
#include "harness/hooks/hooks.h"
#include "harness/rt/pthread/front.h"

static const struct rt_site site_load = { RT_LOAD, "atomic_load", NULL };
static const struct rt_site site_store = { RT_STORE, "atomic_store", NULL };
static const struct rt_site site_rmw = { RT_RMW, "atomic_rmw", NULL };
static const struct rt_site site_cas = { RT_RMW, "atomic_cas", NULL };

/* Without a race detector only whether the memory is there is asked. */
static bool judged(const volatile void *p, u32 size)
{
	if (front_watched())
		return true;
	if ((size_t)((const u8 *)p - sim_arena) < sim_arena_whole)
		hooks_check((const void *)p, size);
	return false;
}

/* Words of less than four bytes are of the word they are in. */
static const void *object(const volatile void *p)
{
	return (const void *)((size_t)p & ~(size_t)3);
}

static void point(const struct rt_site *site, const volatile void *p)
{
	front_point(site, object(p));
}

/* A load, or a compare-and-exchange that failed, may be one of a loop: it does
 * not end one. */
static void quiet_point(const struct rt_site *site, const volatile void *p)
{
	if (unlikely(rt_detail))
		front_name(object(p));
	front_step(site, object(p));
}

#define PC	__builtin_return_address(0)

#define FETCH(bits, type, name, op)					\
type __tsan_atomic##bits##_##name(volatile type *p, type v, int order);	\
type front_atomic##bits##_##name(volatile type *p, type v, int order);	\
type front_atomic##bits##_##name(volatile type *p, type v, int order)	\
{									\
	type old;							\
									\
	point(&site_rmw, p);						\
	if (judged(p, sizeof(type)))					\
		return __tsan_atomic##bits##_##name(p, v, order);	\
	old = *p;							\
	*p = (type)(op);						\
	return old;							\
}

#define CAS_BOOL(bits, type, kind)					\
int front_atomic##bits##_compare_exchange_##kind(volatile type *p,	\
	type *expected, type v, int order, int failure);		\
int front_atomic##bits##_compare_exchange_##kind(volatile type *p,	\
	type *expected, type v, int order, int failure)			\
{									\
	type old = cas##bits(p, *expected, v, order, failure, PC);	\
	bool done = old == *expected;					\
									\
	*expected = old;						\
	return done;							\
}

#define ATOMICS(bits, type)						\
type __tsan_atomic##bits##_load(const volatile type *p, int order);	\
void __tsan_atomic##bits##_store(volatile type *p, type v, int order);	\
type __tsan_atomic##bits##_compare_exchange_val(volatile type *p,	\
	type expected, type v, int order, int failure);			\
type front_atomic##bits##_load(const volatile type *p, int order);	\
type front_atomic##bits##_load(const volatile type *p, int order)	\
{									\
	type v;								\
									\
	quiet_point(&site_load, p);					\
	v = judged(p, sizeof(type)) ?					\
	    __tsan_atomic##bits##_load(p, order) : *p;			\
	front_idle(PC, (const void *)p, (u64)v);			\
	return v;							\
}									\
void front_atomic##bits##_store(volatile type *p, type v, int order);	\
void front_atomic##bits##_store(volatile type *p, type v, int order)	\
{									\
	point(&site_store, p);						\
	if (judged(p, sizeof(type)))					\
		__tsan_atomic##bits##_store(p, v, order);		\
	else								\
		*p = v;							\
}									\
static type cas##bits(volatile type *p, type expected, type v,		\
		      int order, int failure, const void *pc)		\
{									\
	type old;							\
									\
	quiet_point(&site_cas, p);					\
	if (judged(p, sizeof(type))) {					\
		old = __tsan_atomic##bits##_compare_exchange_val(p,	\
			expected, v, order, failure);			\
	} else {							\
		old = *p;						\
		if (old == expected)					\
			*p = v;						\
	}								\
	if (old == expected)						\
		front_busy();						\
	else								\
		front_idle(pc, (const void *)p, (u64)old);		\
	return old;							\
}									\
type front_atomic##bits##_compare_exchange_val(volatile type *p,	\
	type expected, type v, int order, int failure);			\
type front_atomic##bits##_compare_exchange_val(volatile type *p,	\
	type expected, type v, int order, int failure)			\
{									\
	return cas##bits(p, expected, v, order, failure, PC);		\
}									\
CAS_BOOL(bits, type, strong)						\
CAS_BOOL(bits, type, weak)						\
FETCH(bits, type, exchange, v)						\
FETCH(bits, type, fetch_add, old + v)					\
FETCH(bits, type, fetch_sub, old - v)					\
FETCH(bits, type, fetch_and, old & v)					\
FETCH(bits, type, fetch_or, old | v)					\
FETCH(bits, type, fetch_xor, old ^ v)

ATOMICS(8, u8) ATOMICS(16, u16) ATOMICS(32, u32) ATOMICS(64, u64)

void front_thread_fence(int order);
void __tsan_atomic_thread_fence(int order);
void front_thread_fence(int order)
{
	if (front_watched())
		__tsan_atomic_thread_fence(order);
}

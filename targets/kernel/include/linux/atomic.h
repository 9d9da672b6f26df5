/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/atomic.h>. Every operation is a switch point named after the
 * API function and its argument, then one atomic of the compiler. Memory
 * orders are the kernel's: what returns a value is fully ordered, what does
 * not is relaxed, _acquire, _release and _relaxed are as they say.
 *
 * ATOMIC_BODIES() makes the bodies for one width; each public name is a macro
 * so that the point can carry the argument as it is spelt at the call. A
 * primitive that has made its own point uses the bare __atomic builtins.
 */
#ifndef _LINUX_ATOMIC_H
#define _LINUX_ATOMIC_H

#include <asm/barrier.h>
#include <linux/compiler.h>

#define ATOMIC_INIT(i)		{ (i) }
#define ATOMIC64_INIT(i)	{ (i) }
#define ATOMIC_LONG_INIT(i)	{ (i) }

#define ATOMIC_SITE(kind, name, v) RT_SITE(kind, name, kernel_name(#v))

#define ATOMIC_BODIES(pre, type, val)					\
static inline val pre##_load_(const struct rt_site *s, const type *v)	\
{									\
	rt_point(s, v);							\
	return __marked_load(&v->counter);				\
}									\
static inline val pre##_load_acquire_(const struct rt_site *s,		\
				      const type *v)			\
{									\
	rt_point(s, v);							\
	return __marked_load_acquire(&v->counter);			\
}									\
static inline void pre##_store_(const struct rt_site *s, type *v, val i) \
{									\
	rt_point(s, v);							\
	__marked_store(&v->counter, i);					\
}									\
static inline void pre##_store_release_(const struct rt_site *s,	\
					type *v, val i)			\
{									\
	rt_point(s, v);							\
	__marked_store_release(&v->counter, i);				\
}									\
/* Relaxed, no value: add also serves sub, inc and dec. */		\
static inline void pre##_add_(const struct rt_site *s, val i, type *v)	\
{									\
	val old;							\
									\
	rt_point(s, v);							\
	old = __atomic_fetch_add(&v->counter, i, __ATOMIC_RELAXED);	\
	__marked_update(&v->counter, old, false);			\
}									\
static inline void pre##_or_(const struct rt_site *s, val i, type *v)	\
{									\
	val old;							\
									\
	rt_point(s, v);							\
	old = __atomic_fetch_or(&v->counter, i, __ATOMIC_RELAXED);	\
	__marked_update(&v->counter, old, false);			\
}									\
static inline void pre##_and_(const struct rt_site *s, val i, type *v)	\
{									\
	val old;							\
									\
	rt_point(s, v);							\
	old = __atomic_fetch_and(&v->counter, i, __ATOMIC_RELAXED);	\
	__marked_update(&v->counter, old, false);			\
}									\
/* Fully ordered: the old value. */					\
static inline val pre##_fetch_add_(const struct rt_site *s, val i, type *v) \
{									\
	val old;							\
									\
	rt_point(s, v);							\
	old = __atomic_fetch_add(&v->counter, i, __ATOMIC_SEQ_CST);	\
	__marked_update(&v->counter, old, true);			\
	return old;							\
}									\
static inline val pre##_fetch_or_(const struct rt_site *s, val i, type *v) \
{									\
	val old;							\
									\
	rt_point(s, v);							\
	old = __atomic_fetch_or(&v->counter, i, __ATOMIC_SEQ_CST);	\
	__marked_update(&v->counter, old, true);			\
	return old;							\
}									\
static inline val pre##_xchg_(const struct rt_site *s, type *v, val i)	\
{									\
	val old;							\
									\
	rt_point(s, v);							\
	old = __atomic_exchange_n(&v->counter, i, __ATOMIC_SEQ_CST);	\
	__marked_update(&v->counter, old, true);			\
	return old;							\
}									\
static inline val pre##_cmpxchg_(const struct rt_site *s, type *v,	\
				 val old, val new)			\
{									\
	rt_point(s, v);							\
	if (__atomic_compare_exchange_n(&v->counter, &old, new, false,	\
				__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))	\
		__marked_update(&v->counter, old, true);		\
	return old;							\
}									\
static inline bool pre##_try_cmpxchg_(const struct rt_site *s, type *v,	\
				      val *old, val new)		\
{									\
	rt_point(s, v);							\
	if (!__atomic_compare_exchange_n(&v->counter, old, new, false,	\
				__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))	\
		return false;						\
	__marked_update(&v->counter, *old, true);			\
	return true;							\
}									\
/* Add @i unless the value is @u; the value it was. */			\
static inline val pre##_fetch_add_unless_(const struct rt_site *s,	\
					  type *v, val i, val u)	\
{									\
	val old;							\
									\
	rt_point(s, v);							\
	old = __atomic_load_n(&v->counter, __ATOMIC_RELAXED);		\
	while (old != u &&						\
	       !__atomic_compare_exchange_n(&v->counter, &old, old + i, false, \
				__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))	\
		;							\
	if (old != u)							\
		__marked_update(&v->counter, old, true);		\
	return old;							\
}									\
/* Subtract one unless that makes it negative; what is or would be left. */ \
static inline val pre##_dec_if_positive_(const struct rt_site *s, type *v) \
{									\
	val old;							\
									\
	rt_point(s, v);							\
	old = __atomic_load_n(&v->counter, __ATOMIC_RELAXED);		\
	while (old > 0 &&						\
	       !__atomic_compare_exchange_n(&v->counter, &old, old - 1, false, \
				__ATOMIC_SEQ_CST, __ATOMIC_RELAXED))	\
		;							\
	if (old > 0)							\
		__marked_update(&v->counter, old, true);		\
	return old - 1;							\
}

ATOMIC_BODIES(atomic, atomic_t, int)
ATOMIC_BODIES(atomic64, atomic64_t, s64)

#define atomic_read(v) \
	atomic_load_(ATOMIC_SITE(RT_LOAD, "atomic_read", v), v)
#define atomic_read_acquire(v) \
	atomic_load_acquire_(ATOMIC_SITE(RT_LOAD, "atomic_read_acquire", v), v)
#define atomic_set(v, i) \
	atomic_store_(ATOMIC_SITE(RT_STORE, "atomic_set", v), v, i)
#define atomic_set_release(v, i) \
	atomic_store_release_(ATOMIC_SITE(RT_STORE, "atomic_set_release", v), v, i)
#define atomic_add(i, v) \
	atomic_add_(ATOMIC_SITE(RT_RMW, "atomic_add", v), i, v)
#define atomic_sub(i, v) \
	atomic_add_(ATOMIC_SITE(RT_RMW, "atomic_sub", v), -(i), v)
#define atomic_inc(v) \
	atomic_add_(ATOMIC_SITE(RT_RMW, "atomic_inc", v), 1, v)
#define atomic_dec(v) \
	atomic_add_(ATOMIC_SITE(RT_RMW, "atomic_dec", v), -1, v)
#define atomic_or(i, v) \
	atomic_or_(ATOMIC_SITE(RT_RMW, "atomic_or", v), i, v)
#define atomic_and(i, v) \
	atomic_and_(ATOMIC_SITE(RT_RMW, "atomic_and", v), i, v)
#define atomic_andnot(i, v) \
	atomic_and_(ATOMIC_SITE(RT_RMW, "atomic_andnot", v), ~(i), v)
#define atomic_fetch_add(i, v) \
	atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_fetch_add", v), i, v)
#define atomic_fetch_sub(i, v) \
	atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_fetch_sub", v), -(i), v)
#define atomic_fetch_inc(v) \
	atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_fetch_inc", v), 1, v)
#define atomic_fetch_dec(v) \
	atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_fetch_dec", v), -1, v)
#define atomic_fetch_or(i, v) \
	atomic_fetch_or_(ATOMIC_SITE(RT_RMW, "atomic_fetch_or", v), i, v)
#define atomic_add_return(i, v) \
	(atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_add_return", v), i, v) + (i))
#define atomic_sub_return(i, v) \
	(atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_sub_return", v), -(i), v) - (i))
#define atomic_inc_return(v) \
	(atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_inc_return", v), 1, v) + 1)
#define atomic_dec_return(v) \
	(atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_dec_return", v), -1, v) - 1)
#define atomic_sub_and_test(i, v) \
	(atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_sub_and_test", v), -(i), v) == (i))
#define atomic_dec_and_test(v) \
	(atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_dec_and_test", v), -1, v) == 1)
#define atomic_inc_and_test(v) \
	(atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_inc_and_test", v), 1, v) == -1)
#define atomic_add_negative(i, v) \
	(atomic_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_add_negative", v), i, v) + (i) < 0)
#define atomic_xchg(v, i) \
	atomic_xchg_(ATOMIC_SITE(RT_RMW, "atomic_xchg", v), v, i)
#define atomic_cmpxchg(v, old, new) \
	atomic_cmpxchg_(ATOMIC_SITE(RT_RMW, "atomic_cmpxchg", v), v, old, new)
#define atomic_try_cmpxchg(v, old, new) \
	atomic_try_cmpxchg_(ATOMIC_SITE(RT_RMW, "atomic_try_cmpxchg", v), v, old, new)
#define atomic_fetch_add_unless(v, i, u) \
	atomic_fetch_add_unless_(ATOMIC_SITE(RT_RMW, "atomic_fetch_add_unless", v), v, i, u)
#define atomic_add_unless(v, i, u) \
	(atomic_fetch_add_unless_(ATOMIC_SITE(RT_RMW, "atomic_add_unless", v), v, i, u) != (u))
#define atomic_inc_not_zero(v) \
	(atomic_fetch_add_unless_(ATOMIC_SITE(RT_RMW, "atomic_inc_not_zero", v), v, 1, 0) != 0)
#define atomic_dec_if_positive(v) \
	atomic_dec_if_positive_(ATOMIC_SITE(RT_RMW, "atomic_dec_if_positive", v), v)

#define atomic64_read(v) \
	atomic64_load_(ATOMIC_SITE(RT_LOAD, "atomic64_read", v), v)
#define atomic64_read_acquire(v) \
	atomic64_load_acquire_(ATOMIC_SITE(RT_LOAD, "atomic64_read_acquire", v), v)
#define atomic64_set(v, i) \
	atomic64_store_(ATOMIC_SITE(RT_STORE, "atomic64_set", v), v, i)
#define atomic64_set_release(v, i) \
	atomic64_store_release_(ATOMIC_SITE(RT_STORE, "atomic64_set_release", v), v, i)
#define atomic64_add(i, v) \
	atomic64_add_(ATOMIC_SITE(RT_RMW, "atomic64_add", v), i, v)
#define atomic64_sub(i, v) \
	atomic64_add_(ATOMIC_SITE(RT_RMW, "atomic64_sub", v), -(i), v)
#define atomic64_inc(v) \
	atomic64_add_(ATOMIC_SITE(RT_RMW, "atomic64_inc", v), 1, v)
#define atomic64_dec(v) \
	atomic64_add_(ATOMIC_SITE(RT_RMW, "atomic64_dec", v), -1, v)
#define atomic64_or(i, v) \
	atomic64_or_(ATOMIC_SITE(RT_RMW, "atomic64_or", v), i, v)
#define atomic64_and(i, v) \
	atomic64_and_(ATOMIC_SITE(RT_RMW, "atomic64_and", v), i, v)
#define atomic64_andnot(i, v) \
	atomic64_and_(ATOMIC_SITE(RT_RMW, "atomic64_andnot", v), ~(i), v)
#define atomic64_fetch_add(i, v) \
	atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_fetch_add", v), i, v)
#define atomic64_fetch_sub(i, v) \
	atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_fetch_sub", v), -(i), v)
#define atomic64_fetch_inc(v) \
	atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_fetch_inc", v), 1, v)
#define atomic64_fetch_dec(v) \
	atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_fetch_dec", v), -1, v)
#define atomic64_fetch_or(i, v) \
	atomic64_fetch_or_(ATOMIC_SITE(RT_RMW, "atomic64_fetch_or", v), i, v)
#define atomic64_add_return(i, v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_add_return", v), i, v) + (i))
#define atomic64_sub_return(i, v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_sub_return", v), -(i), v) - (i))
#define atomic64_inc_return(v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_inc_return", v), 1, v) + 1)
#define atomic64_dec_return(v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_dec_return", v), -1, v) - 1)
#define atomic64_sub_and_test(i, v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_sub_and_test", v), -(i), v) == (i))
#define atomic64_dec_and_test(v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_dec_and_test", v), -1, v) == 1)
#define atomic64_inc_and_test(v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_inc_and_test", v), 1, v) == -1)
#define atomic64_add_negative(i, v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic64_add_negative", v), i, v) + (i) < 0)
#define atomic64_xchg(v, i) \
	atomic64_xchg_(ATOMIC_SITE(RT_RMW, "atomic64_xchg", v), v, i)
#define atomic64_cmpxchg(v, old, new) \
	atomic64_cmpxchg_(ATOMIC_SITE(RT_RMW, "atomic64_cmpxchg", v), v, old, new)
#define atomic64_try_cmpxchg(v, old, new) \
	atomic64_try_cmpxchg_(ATOMIC_SITE(RT_RMW, "atomic64_try_cmpxchg", v), v, old, new)
#define atomic64_fetch_add_unless(v, i, u) \
	atomic64_fetch_add_unless_(ATOMIC_SITE(RT_RMW, "atomic64_fetch_add_unless", v), v, i, u)
#define atomic64_add_unless(v, i, u) \
	(atomic64_fetch_add_unless_(ATOMIC_SITE(RT_RMW, "atomic64_add_unless", v), v, i, u) != (u))
#define atomic64_inc_not_zero(v) \
	(atomic64_fetch_add_unless_(ATOMIC_SITE(RT_RMW, "atomic64_inc_not_zero", v), v, 1, 0) != 0)
#define atomic64_dec_if_positive(v) \
	atomic64_dec_if_positive_(ATOMIC_SITE(RT_RMW, "atomic64_dec_if_positive", v), v)

#define atomic_long_read(v) \
	atomic64_load_(ATOMIC_SITE(RT_LOAD, "atomic_long_read", v), v)
#define atomic_long_read_acquire(v) \
	atomic64_load_acquire_(ATOMIC_SITE(RT_LOAD, "atomic_long_read_acquire", v), v)
#define atomic_long_set(v, i) \
	atomic64_store_(ATOMIC_SITE(RT_STORE, "atomic_long_set", v), v, i)
#define atomic_long_set_release(v, i) \
	atomic64_store_release_(ATOMIC_SITE(RT_STORE, "atomic_long_set_release", v), v, i)
#define atomic_long_add(i, v) \
	atomic64_add_(ATOMIC_SITE(RT_RMW, "atomic_long_add", v), i, v)
#define atomic_long_sub(i, v) \
	atomic64_add_(ATOMIC_SITE(RT_RMW, "atomic_long_sub", v), -(i), v)
#define atomic_long_inc(v) \
	atomic64_add_(ATOMIC_SITE(RT_RMW, "atomic_long_inc", v), 1, v)
#define atomic_long_dec(v) \
	atomic64_add_(ATOMIC_SITE(RT_RMW, "atomic_long_dec", v), -1, v)
#define atomic_long_or(i, v) \
	atomic64_or_(ATOMIC_SITE(RT_RMW, "atomic_long_or", v), i, v)
#define atomic_long_and(i, v) \
	atomic64_and_(ATOMIC_SITE(RT_RMW, "atomic_long_and", v), i, v)
#define atomic_long_andnot(i, v) \
	atomic64_and_(ATOMIC_SITE(RT_RMW, "atomic_long_andnot", v), ~(i), v)
#define atomic_long_fetch_add(i, v) \
	atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_fetch_add", v), i, v)
#define atomic_long_fetch_sub(i, v) \
	atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_fetch_sub", v), -(i), v)
#define atomic_long_fetch_inc(v) \
	atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_fetch_inc", v), 1, v)
#define atomic_long_fetch_dec(v) \
	atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_fetch_dec", v), -1, v)
#define atomic_long_fetch_or(i, v) \
	atomic64_fetch_or_(ATOMIC_SITE(RT_RMW, "atomic_long_fetch_or", v), i, v)
#define atomic_long_add_return(i, v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_add_return", v), i, v) + (i))
#define atomic_long_sub_return(i, v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_sub_return", v), -(i), v) - (i))
#define atomic_long_inc_return(v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_inc_return", v), 1, v) + 1)
#define atomic_long_dec_return(v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_dec_return", v), -1, v) - 1)
#define atomic_long_sub_and_test(i, v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_sub_and_test", v), -(i), v) == (i))
#define atomic_long_dec_and_test(v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_dec_and_test", v), -1, v) == 1)
#define atomic_long_inc_and_test(v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_inc_and_test", v), 1, v) == -1)
#define atomic_long_add_negative(i, v) \
	(atomic64_fetch_add_(ATOMIC_SITE(RT_RMW, "atomic_long_add_negative", v), i, v) + (i) < 0)
#define atomic_long_xchg(v, i) \
	atomic64_xchg_(ATOMIC_SITE(RT_RMW, "atomic_long_xchg", v), v, i)
#define atomic_long_cmpxchg(v, old, new) \
	atomic64_cmpxchg_(ATOMIC_SITE(RT_RMW, "atomic_long_cmpxchg", v), v, old, new)
#define atomic_long_try_cmpxchg(v, old, new) \
	atomic64_try_cmpxchg_(ATOMIC_SITE(RT_RMW, "atomic_long_try_cmpxchg", v), v, old, new)
#define atomic_long_fetch_add_unless(v, i, u) \
	atomic64_fetch_add_unless_(ATOMIC_SITE(RT_RMW, "atomic_long_fetch_add_unless", v), v, i, u)
#define atomic_long_add_unless(v, i, u) \
	(atomic64_fetch_add_unless_( \
		ATOMIC_SITE(RT_RMW, "atomic_long_add_unless", v), v, i, u) != (u))
#define atomic_long_inc_not_zero(v) \
	(atomic64_fetch_add_unless_( \
		ATOMIC_SITE(RT_RMW, "atomic_long_inc_not_zero", v), v, 1, 0) != 0)
#define atomic_long_dec_if_positive(v) \
	atomic64_dec_if_positive_(ATOMIC_SITE(RT_RMW, "atomic_long_dec_if_positive", v), v)

/* On any scalar the compiler knows, pointers included. */
#define xchg(p, new) ({							\
	__typeof__(*(p)) old_;						\
									\
	rt_point(ATOMIC_SITE(RT_RMW, "xchg", p), p);			\
	old_ = __atomic_exchange_n(p, new, __ATOMIC_SEQ_CST);		\
	__marked_update(p, old_, true);					\
	old_;								\
})
#define cmpxchg(p, old, new) ({						\
	__typeof__(*(p)) old_ = (old);					\
									\
	rt_point(ATOMIC_SITE(RT_RMW, "cmpxchg", p), p);			\
	if (__atomic_compare_exchange_n(p, &old_, new, false,		\
				__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))	\
		__marked_update(p, old_, true);				\
	old_;								\
})

#endif /* _LINUX_ATOMIC_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/refcount.h>: a count that warns where the kernel's does
 * (increment of zero, decrement below zero). It does not saturate: the WARN
 * is the end of the execution.
 */
#ifndef _LINUX_REFCOUNT_H
#define _LINUX_REFCOUNT_H

#include <linux/atomic.h>
#include <linux/bug.h>
#include <linux/spinlock.h>

typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

#define REFCOUNT_INIT(n)	{ .refs = ATOMIC_INIT(n) }

struct mutex;

int refcount_read_(const struct rt_site *site, const refcount_t *r);
void refcount_set_(const struct rt_site *site, refcount_t *r, int n);
void refcount_add_(const struct rt_site *site, int i, refcount_t *r);
bool refcount_inc_not_zero_(const struct rt_site *site, refcount_t *r);
bool refcount_sub_and_test_(const struct rt_site *site, int i, refcount_t *r);

#define refcount_read(r)	refcount_read_(ATOMIC_SITE(RT_LOAD, "refcount_read", r), r)
#define refcount_set(r, n)	refcount_set_(ATOMIC_SITE(RT_STORE, "refcount_set", r), r, n)
#define refcount_add(i, r)	refcount_add_(ATOMIC_SITE(RT_RMW, "refcount_add", r), i, r)
#define refcount_inc(r)		refcount_add_(ATOMIC_SITE(RT_RMW, "refcount_inc", r), 1, r)
#define refcount_inc_not_zero(r) \
	refcount_inc_not_zero_(ATOMIC_SITE(RT_RMW, "refcount_inc_not_zero", r), r)
#define refcount_sub_and_test(i, r) \
	refcount_sub_and_test_(ATOMIC_SITE(RT_RMW, "refcount_sub_and_test", r), i, r)
#define refcount_dec_and_test(r) \
	refcount_sub_and_test_(ATOMIC_SITE(RT_RMW, "refcount_dec_and_test", r), 1, r)
/* True, with the lock held, if this was the last reference. */
bool refcount_dec_and_lock(refcount_t *r, spinlock_t *lock);
bool refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock);

#endif /* _LINUX_REFCOUNT_H */

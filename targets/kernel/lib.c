// SPDX-License-Identifier: GPL-2.0
/*
 * lib: what has no service of its own: WARN and BUG, refcounts, sort, strings.
 */
#include <linux/bug.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "targets/kernel/internal.h"

void kernel_warn(const char *expr, const char *func, int line)
{
	journal_emit(EV_warn, (u64)(size_t)expr, (u64)(size_t)func, (u64)line);
}

/* The oracle "bug" has raised by the time we come back, if it listens. */
void kernel_bug(const char *expr, const char *func, int line)
{
	journal_emit(EV_bug, (u64)(size_t)expr, (u64)(size_t)func, (u64)line);
	rt_stop();
}

/* -- refcount -- */

int refcount_read_(const struct rt_site *site, const refcount_t *r)
{
	rt_point(site, r);
	return __atomic_load_n(&r->refs.counter, __ATOMIC_RELAXED);
}

void refcount_set_(const struct rt_site *site, refcount_t *r, int n)
{
	rt_point(site, r);
	__atomic_store_n(&r->refs.counter, n, __ATOMIC_RELAXED);
}

void refcount_add_(const struct rt_site *site, int i, refcount_t *r)
{
	int old;

	rt_point(site, r);
	old = __atomic_fetch_add(&r->refs.counter, i, __ATOMIC_RELAXED);
	if (unlikely(old <= 0))
		kernel_warn("refcount: addition on 0; use-after-free",
			    site->verb, __LINE__);
}

bool refcount_inc_not_zero_(const struct rt_site *site, refcount_t *r)
{
	int old;

	rt_point(site, r);
	old = __atomic_load_n(&r->refs.counter, __ATOMIC_RELAXED);
	while (old && !__atomic_compare_exchange_n(&r->refs.counter, &old,
						   old + 1, false,
						   __ATOMIC_RELAXED,
						   __ATOMIC_RELAXED))
		;
	return old;
}

bool refcount_sub_and_test_(const struct rt_site *site, int i, refcount_t *r)
{
	int old;

	rt_point(site, r);
	old = __atomic_fetch_sub(&r->refs.counter, i, __ATOMIC_ACQ_REL);
	if (unlikely(old < i))
		kernel_warn("refcount: underflow; use-after-free",
			    site->verb, __LINE__);
	return old == i;
}

/* Subtract one unless it is the last. */
static bool dec_not_one(refcount_t *r, const struct rt_site *site)
{
	int old;

	rt_point(site, r);
	old = __atomic_load_n(&r->refs.counter, __ATOMIC_RELAXED);
	while (old != 1)
		if (__atomic_compare_exchange_n(&r->refs.counter, &old, old - 1,
						false, __ATOMIC_RELEASE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

bool refcount_dec_and_lock(refcount_t *r, spinlock_t *lock)
{
	if (dec_not_one(r, RT_SITE(RT_RMW, "refcount_dec_and_lock", NULL)))
		return false;
	spin_lock(lock);
	if (refcount_dec_and_test(r))
		return true;
	spin_unlock(lock);
	return false;
}

bool refcount_dec_and_mutex_lock(refcount_t *r, struct mutex *lock)
{
	if (dec_not_one(r, RT_SITE(RT_RMW, "refcount_dec_and_mutex_lock", NULL)))
		return false;
	mutex_lock(lock);
	if (refcount_dec_and_test(r))
		return true;
	mutex_unlock(lock);
	return false;
}

/* -- sort: a heap, grown and then emptied from the top -- */

static void swap_bytes(void *a, void *b, int size)
{
	u8 *x = a, *y = b;

	while (size--) {
		u8 t = *x;

		*x++ = *y;
		*y++ = t;
	}
}

static void sift_down(u8 *base, size_t from, size_t num, size_t size,
		      cmp_func_t cmp, swap_func_t swap_fn)
{
	for (size_t child; (child = 2 * from + 1) < num; from = child) {
		if (child + 1 < num &&
		    cmp(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + from * size, base + child * size) >= 0)
			return;
		swap_fn(base + from * size, base + child * size, (int)size);
	}
}

void sort(void *base, size_t num, size_t size, cmp_func_t cmp,
	  swap_func_t swap_fn)
{
	u8 *p = base;

	if (!swap_fn)
		swap_fn = swap_bytes;
	for (size_t i = num / 2; i-- > 0; )
		sift_down(p, i, num, size, cmp, swap_fn);
	for (size_t i = num; i-- > 1; ) {
		swap_fn(p, p + i * size, (int)size);
		sift_down(p, 0, i, size, cmp, swap_fn);
	}
}

ssize_t strscpy(char *to, const char *from, size_t size)
{
	size_t n = 0;

	if (!size)
		return -E2BIG;
	for (; from[n] && n < size - 1; n++)
		to[n] = from[n];
	to[n] = '\0';
	return from[n] ? -E2BIG : (ssize_t)n;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * test_slab: each misuse of an allocation is caught as what it is, and
 * ordinary use as nothing.
 */
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "targets/kernel/kernel.h"
#include "targets/kernel/tests/kernel_test.h"

struct object {
	u32 a[5];
};

static struct object *shared __machine;
static u32 nr_failed __machine;

static struct object *new_object(void)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);

	CUT_CHECK(o);
	return o;
}

void slab_ordinary(u32 index)
{
	struct object *o = new_object();
	char *text = kmalloc(13, GFP_KERNEL);
	u64 *array = kcalloc(3, sizeof(*array), GFP_KERNEL);
	struct object *copy;

	CUT_CHECK(!((size_t)o & 15) && ksize(text) == 13);
	CUT_CHECK(o->a[0] == 0 && array[2] == 0);
	memset(text, 0, 13);
	o->a[4] = 7;
	copy = kmemdup(o, sizeof(*o), GFP_KERNEL);
	CUT_CHECK(copy->a[4] == 7);
	kfree(o);
	kfree(text);
	kfree(array);
	kfree(copy);
	kfree(NULL);
}

void slab_double_free(u32 index)
{
	struct object *o = new_object();

	kfree(o);
	kfree(o);
}

void slab_double_free_raced(u32 index)
{
	if (index == 0)
		WRITE_ONCE(shared, new_object());
	else
		while (!READ_ONCE(shared))
			cpu_relax();
	kfree(READ_ONCE(shared));
}

void slab_wild_free(u32 index)
{
	u8 *p = kzalloc(256, GFP_KERNEL);

	kfree(p + 128);
	kfree(p);
}

/* AddressSanitizer would be first to say so, and end the program. */
__attribute__((no_sanitize("address")))
void slab_write_after_free(u32 index)
{
	struct object *o = new_object();

	kfree(o);
	*(volatile u32 *)&o->a[3] = 1;
}

void slab_point_after_free(u32 index)
{
	struct object *o = new_object();

	kfree(o);
	WRITE_ONCE(o->a[3], 1);
}

void slab_overrun(u32 index)
{
	struct object *o = new_object();

	*((volatile u8 *)(o + 1)) = 1;
	kfree(o);
}

void slab_leak(u32 index)
{
	new_object();
}

void slab_cache(u32 index)
{
	struct kmem_cache *cache = KMEM_CACHE(object, 0);
	struct object *o = kmem_cache_zalloc(cache, GFP_KERNEL);

	CUT_CHECK(o->a[4] == 0);
	kmem_cache_free(cache, o);
	kmem_cache_destroy(cache);
}

static void make_object(void *p)
{
	struct object *o = p;

	o->a[4] = 7;
}

void slab_cache_size(u32 index)
{
	struct kmem_cache *cache;
	struct object *o;

	cache = kmem_cache_create("odd", sizeof(*o), 4, 0, make_object);
	o = kmem_cache_alloc(cache, GFP_KERNEL);
	CUT_CHECK(ksize(o) == sizeof(*o) && o->a[4] == 7);
	kmem_cache_free(cache, o);
	kmem_cache_destroy(cache);
}

void slab_wrong_cache(u32 index)
{
	struct kmem_cache *one = KMEM_CACHE(object, 0);
	struct kmem_cache *two = KMEM_CACHE(object, 0);

	kmem_cache_free(two, kmem_cache_alloc(one, GFP_KERNEL));
}

void slab_atomic_sleeps(u32 index)
{
	preempt_disable();
	kfree(new_object());
	preempt_enable();
}

void slab_atomic(u32 index)
{
	preempt_disable();
	kfree(kmalloc(8, GFP_ATOMIC));
	preempt_enable();
}

void slab_faults_boot(void)
{
	kernel_boot(KERNEL_FAULT_ALLOC);
}

void slab_faults(u32 index)
{
	for (int i = 0; i < 4; i++) {
		void *p = kmalloc(8, GFP_KERNEL);
		void *q = kmalloc(8, GFP_KERNEL | __GFP_NOFAIL);

		if (!p)
			CUT_SEEN("an allocation failed");
		CUT_CHECK(q);
		kfree(p);
		kfree(q);
	}
}

void slab_no_faults(u32 index)
{
	for (int i = 0; i < 4; i++) {
		void *p = kmalloc(8, GFP_KERNEL);

		CUT_CHECK(p);
		kfree(p);
	}
}

void slab_nth_boot(void)
{
	kernel_fail_nth(3);
	kfree(kmalloc(8, GFP_KERNEL));	/* M0's are not counted */
}

void slab_nth_halt(void)
{
	kernel_fail_nth(0);
}

/* The third that may fail does, and no other. */
void slab_nth_fails(u32 index)
{
	for (u32 i = 1; i <= 5; i++) {
		void *p = kmalloc(8, GFP_KERNEL);
		void *q = kmalloc(8, GFP_KERNEL | __GFP_NOFAIL);

		CUT_CHECK(!p == (i == 3) && q);
		CUT_CHECK(kernel_alloc_count() == i);
		kfree(p);
		kfree(q);
	}
}

/* Of two tasks at once, one of them meets it. */
void slab_nth_is_one(u32 index)
{
	for (u32 i = 0; i < 2; i++) {
		void *p = kmalloc(8, GFP_KERNEL);

		if (!p)
			__atomic_fetch_add(&nr_failed, 1, __ATOMIC_RELAXED);
		kfree(p);
	}
}

void slab_nth_is_one_halt(void)
{
	CUT_CHECK(nr_failed == 1 && kernel_alloc_count() == 4);
	slab_nth_halt();
}

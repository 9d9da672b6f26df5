// SPDX-License-Identifier: GPL-2.0
/*
 * slab: allocations that are never reused, so that every misuse of one stays
 * visible until the end of the execution: see slab_object.h.
 *
 * kfree() marks the head, poisons the object with 0x6b and hands it to the
 * waist, which makes any later switch point on it a finding. Who allocated and
 * who freed is in the stacks of the rows EV_alloc and EV_free.
 */
#include <linux/bug.h>
#include <linux/fault-inject.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "targets/kernel/internal.h"
#include "targets/kernel/slab_object.h"

struct kmem_cache {
	const char *name;
	u32 size;
	u32 live;
	void (*ctor)(void *);
};

struct head {
	struct kmem_cache *cache;
	char label[32];		/* what the name points at, unless a cache has one */
	struct slab_object object;
};

_Static_assert(sizeof(struct head) % 16 == 0, "objects are aligned");

static struct head *head_of(const void *p)
{
	return container_of(slab_object_of(p), struct head, object);
}

/* What follows @prefix in @s, or @s if it does not begin with that. */
static inline const char *skip(const char *s, const char *prefix)
{
	const char *p = s;

	while (*prefix && *p == *prefix) {
		p++;
		prefix++;
	}
	return *prefix ? s : p;
}

/* "sizeof(*svmm)" and "sizeof(struct svmm)" are both called "svmm". */
static void make_label(char *label, size_t size, const char *expr)
{
	const char *inside = skip(expr, "sizeof(");
	bool stripped = inside != expr;
	size_t n = 0;

	expr = skip(skip(inside, "struct "), "*");
	while (expr[n] && n < size - 1 && !(stripped && expr[n] == ')')) {
		label[n] = expr[n];
		n++;
	}
	label[n] = '\0';
}

static void *alloc(size_t size, gfp_t gfp, const char *expr,
		   struct kmem_cache *cache)
{
	struct head *h;

	if (gfpflags_allow_blocking(gfp))
		might_sleep();
	if (should_fail_alloc(gfp, "kmalloc"))
		return NULL;
	if (size > UINT_MAX / 2)
		return NULL;
	h = rt_alloc(sizeof(*h) + slab_object_end(size));
	BUG_ON(!h);
	h->cache = cache;
	if (!cache)
		make_label(h->label, sizeof(h->label), expr);
	slab_object_init(&h->object, size, cache ? cache->name : h->label,
			 gfp & __GFP_ZERO);
	slab_object_track(&h->object);
	return slab_object_start(&h->object);
}

void *kmalloc_at(size_t size, gfp_t gfp, const char *name)
{
	return alloc(size, gfp, name, NULL);
}

void *kmemdup_at(const void *from, size_t size, gfp_t gfp, const char *name)
{
	void *p = alloc(size, gfp, name, NULL);

	return p ? memcpy(p, from, size) : NULL;
}

void kfree_at(const void *p, const struct rt_site *site)
{
	struct head *h;

	if (!p)
		return;
	h = head_of(p);
	rt_point(site, NULL);
	if (!slab_object_retire(&h->object))
		return;
	if (h->cache)
		__atomic_fetch_sub(&h->cache->live, 1, __ATOMIC_RELAXED);
	lockdep_check_freed(p, h->object.size);
	slab_object_poison(&h->object);
	rt_free((void *)p, h->object.size);
	journal_emit(EV_free, (u64)(size_t)p, h->object.size,
		     (u64)(size_t)h->object.name);
}

size_t ksize(const void *p)
{
	return p ? slab_object_of(p)->size : 0;
}

/* -- caches -- */

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *))
{
	struct kmem_cache *s = rt_alloc(sizeof(*s));

	BUG_ON(!s || align > 16 || (flags & SLAB_TYPESAFE_BY_RCU));
	s->name = name;
	s->size = size;
	s->ctor = ctor;
	return s;
}

void kmem_cache_destroy(struct kmem_cache *s)
{
	if (!s)
		return;
	WARN_ON(__atomic_load_n(&s->live, __ATOMIC_RELAXED));
	rt_free(s, sizeof(*s));
}

void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	void *p = alloc(s->size, gfp, NULL, s);

	if (!p)
		return NULL;
	__atomic_fetch_add(&s->live, 1, __ATOMIC_RELAXED);
	if (s->ctor)
		s->ctor(p);
	return p;
}

void kmem_cache_free_at(struct kmem_cache *s, void *p,
			const struct rt_site *site)
{
	if (p && slab_object_live(slab_object_of(p)) && head_of(p)->cache != s)
		slab_bad_free(p, "it is of another cache", head_of(p)->object.name);
	kfree_at(p, site);
}

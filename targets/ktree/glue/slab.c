// SPDX-License-Identifier: GPL-2.0
/*
 * slab: allocations that are never reused within an execution, so that every
 * misuse of one stays visible until its end: see targets/kernel/slab_object.h.
 *
 * A free marks the head, poisons the object and hands it to the waist, which
 * makes any later switch point on it a finding.
 *
 * A cache of type SLAB_TYPESAFE_BY_RCU poisons after a grace period: readers
 * may look until then. That such an object can meanwhile be another one of its
 * type is not shown, since nothing is reused.
 *
 * What boot allocates is part of the image and never a leak.
 *
 * Objects of flavour asan are stopped at the first access to a head or a red zone,
 * and to an object that was freed, since it is not handed out again; not at one
 * to an object of the image, which is whole again in the next execution.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "targets/kernel/slab_object.h"
#include "targets/ktree/glue/glue.h"

struct kmem_cache {
	const char *name;
	u32 size;
	u32 align;
	slab_flags_t flags;
	void (*ctor)(void *p);
};

struct head {
	const struct kmem_cache *cache;
	struct rcu_head rcu;	/* until the poison may come */
	struct slab_object object;
};

static const char *const size_names[] = {
	"kmalloc-8", "kmalloc-16", "kmalloc-32", "kmalloc-64", "kmalloc-128",
	"kmalloc-256", "kmalloc-512", "kmalloc-1k", "kmalloc-2k", "kmalloc-4k",
	"kmalloc-8k", "kmalloc-16k", "kmalloc-32k", "kmalloc-64k",
};

static struct head *head_of(const void *p)
{
	return container_of(slab_object_of(p), struct head, object);
}

static const char *size_name(size_t size)
{
	u32 i = 0;

	while ((8ul << i) < size && i < ARRAY_SIZE(size_names) - 1)
		i++;
	return size_names[i];
}

static struct head *get_memory(size_t size, u32 align)
{
	size_t whole = sizeof(struct head) + align + slab_object_end(size);
	u8 *raw = ktree_booting ? ktree_boot_alloc(whole) : rt_alloc(whole);

	return raw ? head_of(PTR_ALIGN(raw + sizeof(struct head), align)) :
		     NULL;
}

static void *alloc(size_t size, gfp_t gfp, const struct kmem_cache *cache)
{
	struct head *h;
	void *p;

	kt_might_alloc(gfp);
	if (should_fail_alloc(gfp, "kmalloc") || size > UINT_MAX / 2)
		return NULL;
	h = get_memory(size, cache ? cache->align : 16);
	if (!h)
		panic("the arena of the execution is full");
	h->cache = cache;
	slab_object_init(&h->object, size, cache ? cache->name : size_name(size),
			 gfp & __GFP_ZERO);
	p = slab_object_start(&h->object);
	ktree_red_zone(h, sizeof(*h));
	ktree_red_zone(p + size, slab_object_end(size) - size);
	if (cache && cache->ctor)
		cache->ctor(p);
	if (!ktree_booting)
		slab_object_track(&h->object);
	return p;
}

static void release(struct head *h)
{
	void *p = slab_object_start(&h->object);
	u32 size = h->object.size;

	kt_lock_check_freed(p, size);
	slab_object_poison(&h->object);
	if (!ktree_is_boot(p))
		rt_free(p, size);
	if (!ktree_booting)
		journal_emit(EV_free, (u64)p, size, (u64)h->object.name);
}

static void release_later(struct rcu_head *rcu)
{
	release(container_of(rcu, struct head, rcu));
}

void kfree(const void *p)
{
	struct head *h;

	if (ZERO_OR_NULL_PTR(p))
		return;
	h = head_of(p);
	rt_point(RT_SITE(RT_STORE, "kfree", NULL), NULL);
	if (!slab_object_retire(&h->object))
		return;
	if (h->cache && (h->cache->flags & SLAB_TYPESAFE_BY_RCU) &&
	    !ktree_booting)
		kt_rcu_defer(&h->rcu, release_later);
	else
		release(h);
}

void kvfree(const void *p)
{
	kfree(p);
}

void vfree(const void *p)
{
	kfree(p);
}

size_t ksize(const void *p)
{
	return ZERO_OR_NULL_PTR(p) ? 0 : slab_object_of(p)->size;
}

/* Each size is its own bucket. */
size_t kmalloc_size_roundup(size_t size)
{
	return size;
}

/* -- sizes -- */

#if KT_SINCE(6, 10)
kmem_buckets kmalloc_caches[NR_KMALLOC_TYPES];
#define BUCKET(size)	DECL_BUCKET_PARAMS(size, b)
#define kt_kmalloc_cache	__kmalloc_cache_noprof
#define kt_kvmalloc_node	__kvmalloc_node_noprof
#define kt_kmalloc_large	__kmalloc_large_noprof
#else
struct kmem_cache *kmalloc_caches[NR_KMALLOC_TYPES][KMALLOC_SHIFT_HIGH + 1];
#define BUCKET(size)	size_t size
#define kt_kmalloc_cache	kmalloc_trace
#define kt_kvmalloc_node	kvmalloc_node
#define kt_kmalloc_large	kmalloc_large
#endif

void *KT_NOPROF(__kmalloc)(size_t size, gfp_t gfp)
{
	return alloc(size, gfp, NULL);
}

void *KT_NOPROF(__kmalloc_node)(BUCKET(size), gfp_t gfp, int node)
{
	return alloc(size, gfp, NULL);
}

void *KT_NOPROF(__kmalloc_node_track_caller)(BUCKET(size), gfp_t gfp, int node,
					     unsigned long caller)
{
	return alloc(size, gfp, NULL);
}

void *kt_kmalloc_cache(struct kmem_cache *s, gfp_t gfp, size_t size)
{
	return alloc(size, gfp, NULL);
}

void *kt_kmalloc_large(size_t size, gfp_t gfp)
{
	return alloc(size, gfp, NULL);
}

void *kt_kvmalloc_node(BUCKET(size), gfp_t gfp, int node)
{
	return alloc(size, gfp, NULL);
}

void *KT_NOPROF(vmalloc)(unsigned long size)
{
	return alloc(size, GFP_KERNEL, NULL);
}

void *KT_NOPROF(vzalloc)(unsigned long size)
{
	return alloc(size, GFP_KERNEL | __GFP_ZERO, NULL);
}

void *KT_NOPROF(krealloc)(const void *p, size_t size, gfp_t gfp)
{
	size_t old = ksize(p);
	void *q;

	if (!size) {
		kfree(p);
		return ZERO_SIZE_PTR;
	}
	q = alloc(size, gfp, NULL);
	if (q && old) {
		memcpy(q, p, min(size, old));
		kfree(p);
	}
	return q;
}

/* -- caches -- */

static struct kmem_cache *create(const char *name, unsigned int size,
				 unsigned int align, slab_flags_t flags,
				 void (*ctor)(void *))
{
	struct kmem_cache *s;

	s = ktree_booting ? ktree_boot_alloc(sizeof(*s)) : rt_alloc(sizeof(*s));
	if (!s)
		panic("no memory for a cache");
	if (flags & SLAB_HWCACHE_ALIGN)
		align = max(align, 64u);
	*s = (struct kmem_cache){
		.name = name,
		.size = size,
		.align = max(align, 16u),
		.flags = flags,
		.ctor = ctor,
	};
	return s;
}

#if KT_SINCE(6, 12)
struct kmem_cache *__kmem_cache_create_args(const char *name, unsigned int size,
					    struct kmem_cache_args *args,
					    slab_flags_t flags)
{
	return create(name, size, args ? args->align : 0, flags,
		      args ? args->ctor : NULL);
}

kmem_buckets *kmem_buckets_create(const char *name, slab_flags_t flags,
				  unsigned int useroffset, unsigned int usersize,
				  void (*ctor)(void *))
{
	return ZERO_SIZE_PTR;
}
#else
struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, slab_flags_t flags,
				     void (*ctor)(void *))
{
	return create(name, size, align, flags, ctor);
}

struct kmem_cache *kmem_cache_create_usercopy(const char *name,
		unsigned int size, unsigned int align, slab_flags_t flags,
		unsigned int useroffset, unsigned int usersize,
		void (*ctor)(void *))
{
	return create(name, size, align, flags, ctor);
}
#endif

void *KT_NOPROF(kmem_cache_alloc)(struct kmem_cache *s, gfp_t gfp)
{
	return alloc(s->size, gfp, s);
}

void *KT_NOPROF(kmem_cache_alloc_lru)(struct kmem_cache *s,
				      struct list_lru *lru, gfp_t gfp)
{
	return alloc(s->size, gfp, s);
}

void *KT_NOPROF(kmem_cache_alloc_node)(struct kmem_cache *s, gfp_t gfp, int node)
{
	return alloc(s->size, gfp, s);
}

void kmem_cache_free(struct kmem_cache *s, void *p)
{
	if (p && slab_object_live(slab_object_of(p)) && head_of(p)->cache != s)
		slab_bad_free(p, "it is of another cache", head_of(p)->object.name);
	kfree(p);
}

void kmem_cache_free_bulk(struct kmem_cache *s, size_t nr, void **p)
{
	size_t i;

	for (i = 0; i < nr; i++)
		kfree(p[i]);
}

/* All or none. */
int KT_NOPROF(kmem_cache_alloc_bulk)(struct kmem_cache *s, gfp_t gfp, size_t nr,
				     void **p)
{
	size_t i;

	for (i = 0; i < nr; i++) {
		p[i] = alloc(s->size, gfp, s);
		if (!p[i]) {
			kmem_cache_free_bulk(s, i, p);
			return 0;
		}
	}
	return (int)nr;
}

unsigned int kmem_cache_size(struct kmem_cache *s)
{
	return s->size;
}

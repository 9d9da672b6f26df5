// SPDX-License-Identifier: GPL-2.0
/*
 * slab: allocations that are never reused, so that every misuse of one stays
 * visible until the end of the execution.
 *
 *	| head | object                | red zone, 16 to 31 bytes |
 *
 * kfree() marks the head, poisons the object with 0x6b and hands it to the
 * waist, which makes any later switch point on it a finding. What is written
 * into it without a point is found at halt, when every freed object is looked
 * at; what is still live then is a leak. Who allocated and who freed is in the
 * stacks of the rows EV_alloc and EV_free.
 *
 * The head is not freed: it is how a second kfree() is known. Its memory, like
 * all of the arena's, goes with the execution.
 */
#include <linux/align.h>
#include <linux/bug.h>
#include <linux/fault-inject.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "targets/kernel/internal.h"
#include "targets/kernel/kernel.h"

#define MAGIC_LIVE	0x51ab11feu
#define MAGIC_FREED	0x51abdeadu
#define POISON_INUSE	0x5a	/* fresh from kmalloc() */
#define POISON_FREE	0x6b
#define RED		0xbb
#define REDZONE		16

struct head {
	u32 magic;
	u32 size;
	struct head *next;	/* all of the execution, newest first */
	struct kmem_cache *cache;
	const char *name;
	char label[32];		/* what name points at, unless a cache has one */
};

_Static_assert(sizeof(struct head) % 16 == 0, "objects are aligned");

struct kmem_cache {
	const char *name;
	u32 size;
	u32 live;
	void (*ctor)(void *);
};

static struct head *heads __machine;

static u8 *object(struct head *h)
{
	return (u8 *)(h + 1);
}

static struct head *head_of(const void *p)
{
	return (struct head *)p - 1;
}

static size_t redzone_end(const struct head *h)
{
	return ALIGN(h->size, 16) + REDZONE;
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

static void link_head(struct head *h)
{
	h->next = __atomic_load_n(&heads, __ATOMIC_RELAXED);
	while (!__atomic_compare_exchange_n(&heads, &h->next, h, false,
					    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		;
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
	h = rt_alloc(sizeof(*h) + ALIGN(size, 16) + REDZONE);
	BUG_ON(!h);
	h->size = (u32)size;
	h->magic = MAGIC_LIVE;
	h->cache = cache;
	h->name = h->label;
	if (cache)
		h->name = cache->name;
	else
		make_label(h->label, sizeof(h->label), expr);
	if (!(gfp & __GFP_ZERO))
		memset(object(h), POISON_INUSE, size);
	memset(object(h) + size, RED, redzone_end(h) - size);
	link_head(h);
	journal_emit(EV_alloc, (u64)(size_t)object(h), size,
		     (u64)(size_t)h->name);
	return object(h);
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

static void __cold bad_free(const void *p, const char *complaint, const char *name)
{
	journal_emit(EV_bad_free, (u64)(size_t)p, (u64)(size_t)complaint,
		     (u64)(size_t)name);
}

/*
 * The first byte of [from, to) that is not @value, or @to. Reads freed memory.
 * By words where it can: all that was freed is looked at in each execution.
 */
__attribute__((no_sanitize("address")))
static size_t differs(const u8 *p, size_t from, size_t to, u8 value)
{
	const u64 word = value * 0x0101010101010101ull;
	u64 seen;

	for (; from + sizeof(seen) <= to; from += sizeof(seen)) {
		__builtin_memcpy(&seen, p + from, sizeof(seen));
		if (seen != word)
			break;
	}
	while (from < to && p[from] == value)
		from++;
	return from;
}

static bool redzone_whole(struct head *h)
{
	return differs(object(h), h->size, redzone_end(h), RED) ==
	       redzone_end(h);
}

/* From live to freed, once, whoever else tries. */
static bool retire(struct head *h, const void *p)
{
	u32 magic = MAGIC_LIVE;

	if (__atomic_compare_exchange_n(&h->magic, &magic, MAGIC_FREED, false,
					__ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		return true;
	if (magic == MAGIC_FREED)
		bad_free(p, "it was freed before", h->name);
	else
		bad_free(p, "nothing was allocated there", "?");
	return false;
}

static void release(struct head *h)
{
	void *p = object(h);

	if (!redzone_whole(h))
		bad_free(p, "its red zone was written over", h->name);
	lockdep_check_freed(p, h->size);
	memset(p, POISON_FREE, h->size);
	rt_free(p, h->size);
	journal_emit(EV_free, (u64)(size_t)p, h->size, (u64)(size_t)h->name);
}

void kfree_at(const void *p, const struct rt_site *site)
{
	struct head *h;

	if (!p)
		return;
	h = head_of(p);
	rt_point(site, NULL);
	if (!retire(h, p))
		return;
	if (h->cache)
		__atomic_fetch_sub(&h->cache->live, 1, __ATOMIC_RELAXED);
	release(h);
}

size_t ksize(const void *p)
{
	return p ? head_of(p)->size : 0;
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
	if (p && __READ_ONCE(head_of(p)->magic) == MAGIC_LIVE &&
	    head_of(p)->cache != s)
		bad_free(p, "it is of another cache", head_of(p)->name);
	kfree_at(p, site);
}

/* -- the end -- */

static void check_freed(struct head *h)
{
	size_t at = differs(object(h), 0, h->size, POISON_FREE);

	if (at < h->size)
		journal_emit(EV_use_after_free, (u64)(size_t)object(h),
			     (u64)(size_t)object(h) + at,
			     (u64)(size_t)h->name);
}

void slab_halt(void)
{
	for (struct head *h = heads; h; h = h->next) {
		if (!redzone_whole(h))
			bad_free(object(h), "its red zone was written over",
				 h->name);
		if (h->magic == MAGIC_FREED)
			check_freed(h);
		else
			journal_emit(EV_leak, (u64)(size_t)object(h), h->size,
				     (u64)(size_t)h->name);
	}
}

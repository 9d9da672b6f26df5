/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/slab.h>: every object is fresh memory of the execution's
 * arena and is never used again after kfree(): it stays poisoned in quarantine
 * and is looked at once more at the end. A red zone stands behind each object.
 * Found: double and bad frees, writes behind the end and after the free, leaks,
 * allocation that may sleep where it must not. Objects are named after the
 * size expression of their allocation: kmalloc(sizeof(*svmm)) makes "svmm".
 * kmalloc() does not zero, and its memory is poisoned so that this shows.
 */
#ifndef _LINUX_SLAB_H
#define _LINUX_SLAB_H

#include <linux/compiler.h>
#include <linux/gfp.h>
#include <linux/overflow.h>

#define SLAB_HWCACHE_ALIGN	0x2000u
#define SLAB_PANIC		0x40000u
#define SLAB_ACCOUNT		0x4000000u
#define SLAB_TYPESAFE_BY_RCU	0x80000u	/* refused: memory is not reused */

struct kmem_cache;

void *kmalloc_at(size_t size, gfp_t gfp, const char *name);
void kfree_at(const void *p, const struct rt_site *site);

#define kmalloc(size, gfp)	kmalloc_at(size, gfp, #size)
#define kzalloc(size, gfp)	kmalloc_at(size, (gfp) | __GFP_ZERO, #size)
#define kmalloc_array(n, size, gfp) \
	kmalloc_at(array_size(n, size), gfp, #size)
#define kcalloc(n, size, gfp) \
	kmalloc_at(array_size(n, size), (gfp) | __GFP_ZERO, #size)
#define kvmalloc(size, gfp)		kmalloc(size, gfp)
#define kvzalloc(size, gfp)		kzalloc(size, gfp)
#define kvmalloc_array(n, size, gfp)	kmalloc_array(n, size, gfp)
#define kvcalloc(n, size, gfp)		kcalloc(n, size, gfp)
#define kmemdup(p, size, gfp)		kmemdup_at(p, size, gfp, #size)
void *kmemdup_at(const void *from, size_t size, gfp_t gfp, const char *name);

/* NULL is allowed. The point's name is the argument: "kfree(svmm)". */
#define kfree(p)	kfree_at(p, RT_SITE(RT_STORE, "kfree", #p))
#define kvfree(p)	kfree_at(p, RT_SITE(RT_STORE, "kvfree", #p))
#define kfree_sensitive(p)	kfree(p)
size_t ksize(const void *p);

struct kmem_cache *kmem_cache_create(const char *name, unsigned int size,
				     unsigned int align, unsigned int flags,
				     void (*ctor)(void *));
#define KMEM_CACHE(type, flags) \
	kmem_cache_create(#type, sizeof(struct type), \
			  __alignof__(struct type), flags, NULL)
void kmem_cache_destroy(struct kmem_cache *s);
void *kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);
#define kmem_cache_zalloc(s, gfp)	kmem_cache_alloc(s, (gfp) | __GFP_ZERO)
void kmem_cache_free_at(struct kmem_cache *s, void *p, const struct rt_site *site);
#define kmem_cache_free(s, p) \
	kmem_cache_free_at(s, p, RT_SITE(RT_STORE, "kmem_cache_free", #p))

#endif /* _LINUX_SLAB_H */

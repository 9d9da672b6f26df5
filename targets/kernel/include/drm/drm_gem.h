/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drm/drm_gem.h: a buffer object.
 *
 * MODEL of <drm/drm_gem.h>: the reference count, the size, the reservation and
 * the list of what maps it where. Not modelled: handles, mmap offsets, import
 * and export.
 */
#ifndef _DRM_GEM_H_
#define _DRM_GEM_H_

#include <linux/dma-resv.h>
#include <linux/kref.h>
#include <linux/list.h>
#include <linux/mutex.h>

struct drm_gem_object {
	struct kref refcount;
	size_t size;
	struct dma_resv *resv;	/* &_resv, or that of a VM */
	struct dma_resv _resv;
	struct {
		struct list_head list;	/* of drm_gpuvm_bo */
		struct mutex *lock;	/* protects it */
	} gpuva;
	void (*free)(struct drm_gem_object *obj);
};

/* Holds one reference; @free is called with the last. */
void drm_gem_private_object_init(struct drm_gem_object *obj, size_t size,
				 void (*free)(struct drm_gem_object *obj));
/* Of an object that is about to be freed. */
void drm_gem_object_release(struct drm_gem_object *obj);

static inline void drm_gem_object_get(struct drm_gem_object *obj)
{
	kref_get(&obj->refcount);
}

void drm_gem_object_put(struct drm_gem_object *obj);	/* NULL is allowed */

/* The lock that protects @obj->gpuva.list, for lockdep_assert_held(). */
#define drm_gem_gpuva_set_lock(obj, lock_)	((obj)->gpuva.lock = (lock_))
#define drm_gem_gpuva_assert_lock_held(obj) \
	lockdep_assert_held((obj)->gpuva.lock)

#endif /* _DRM_GEM_H_ */

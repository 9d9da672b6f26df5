/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dma-resv.h: the reservation of a buffer object: its lock, and the fences of
 * work that uses it.
 *
 * MODEL of <linux/dma-resv.h>: the lock and the adding of fences. Not modelled:
 * wound and wait (the one driver here takes at most one reservation of several
 * objects at a time, in one order, so there is no ticket and no -EDEADLK), usage
 * classes, iteration over fences.
 *
 * The lock is reclaim-tainted: others allocate under it. Whoever takes it in a
 * signalling section waits for memory, and EV_resv_lock says that it is taken.
 */
#ifndef _LINUX_DMA_RESV_H
#define _LINUX_DMA_RESV_H

#include <linux/dma-fence.h>
#include <linux/mutex.h>

#define DMA_RESV_FENCES		32

struct dma_resv {
	struct mutex lock;
	u32 nr_reserved;	/* promised by dma_resv_reserve_fences() */
	u32 nr_fences;
	/* Unsignalled as far as known; each holds a reference. */
	struct dma_fence *fences[DMA_RESV_FENCES];
};

struct ww_acquire_ctx;

void dma_resv_init(struct dma_resv *obj);
void dma_resv_fini(struct dma_resv *obj);	/* drops the fences */
/* @ctx must be NULL. 0. */
int dma_resv_lock(struct dma_resv *obj, struct ww_acquire_ctx *ctx);
void dma_resv_unlock(struct dma_resv *obj);
#define dma_resv_assert_held(obj)	lockdep_assert_held(&(obj)->lock)

/* Lock held. 0, or -ENOMEM if there is no room for @num more. */
int dma_resv_reserve_fences(struct dma_resv *obj, unsigned int num);
/* Lock held, and reserved. Takes a reference; never fails. */
void dma_resv_add_fence(struct dma_resv *obj, struct dma_fence *fence);

#endif /* _LINUX_DMA_RESV_H */

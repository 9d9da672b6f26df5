// SPDX-License-Identifier: GPL-2.0
/*
 * dma_resv: see <linux/dma-resv.h>.
 *
 * Models the small part of drivers/dma-buf/dma-resv.c, 6.12, that a driver
 * needs to say which work uses a buffer. Upstream's table of fences grows; here
 * it has a fixed size and fences that signalled make room.
 */
#include <linux/dma-resv.h>
#include <linux/errno.h>

#include "targets/view.h"

void dma_resv_init(struct dma_resv *obj)
{
	mutex_init(&obj->lock);
	obj->nr_reserved = 0;
	obj->nr_fences = 0;
}

void dma_resv_fini(struct dma_resv *obj)
{
	for (u32 i = 0; i < obj->nr_fences; i++)
		dma_fence_put(obj->fences[i]);
	obj->nr_fences = 0;
	mutex_destroy(&obj->lock);
}

int dma_resv_lock(struct dma_resv *obj, struct ww_acquire_ctx *ctx)
{
	WARN_ON(ctx);
	view_emit(EV_resv_lock, (u64)(unsigned long)obj, 0, 0);
	mutex_lock(&obj->lock);
	return 0;
}

void dma_resv_unlock(struct dma_resv *obj)
{
	mutex_unlock(&obj->lock);
}

/* What has happened need not be waited for. */
static void drop_signaled(struct dma_resv *obj)
{
	u32 nr = 0;

	for (u32 i = 0; i < obj->nr_fences; i++) {
		if (dma_fence_is_signaled(obj->fences[i]))
			dma_fence_put(obj->fences[i]);
		else
			obj->fences[nr++] = obj->fences[i];
	}
	obj->nr_fences = nr;
}

int dma_resv_reserve_fences(struct dma_resv *obj, unsigned int num)
{
	dma_resv_assert_held(obj);
	drop_signaled(obj);
	if (obj->nr_fences + num > DMA_RESV_FENCES)
		return -ENOMEM;
	obj->nr_reserved = num;
	return 0;
}

void dma_resv_add_fence(struct dma_resv *obj, struct dma_fence *fence)
{
	dma_resv_assert_held(obj);
	if (WARN_ON(!obj->nr_reserved))
		return;
	obj->nr_reserved--;
	obj->fences[obj->nr_fences++] = dma_fence_get(fence);
}

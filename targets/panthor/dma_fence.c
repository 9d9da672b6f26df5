// SPDX-License-Identifier: GPL-2.0
/*
 * dma_fence: see <linux/dma-fence.h>.
 *
 * Models drivers/dma-buf/dma-fence.c, 6.12.
 *
 * Lock order: fence->lock is the innermost; callbacks run under it.
 *
 * Differences: the timeline (context, seqno) is not modelled, since a fence
 * here is never compared with another; waiters sleep on the word itself.
 */
#include <linux/dma-fence.h>
#include <linux/errno.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "targets/view.h"

static u32 last_id __machine;
static u8 in_section[RT_TASKS_MAX] __machine;
static struct lockdep_map section_map __machine =
	STATIC_LOCKDEP_MAP_INIT("dma_fence_map", NULL);

void dma_fence_init(struct dma_fence *fence, const char *name,
		    void (*release)(struct dma_fence *fence))
{
	spin_lock_init(&fence->lock);
	INIT_LIST_HEAD(&fence->cb_list);
	kref_init(&fence->refcount);
	fence->signaled = 0;
	fence->error = 0;
	fence->name = name;
	fence->release = release;
	fence->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
	view_emit(EV_fence_init, fence->id, (u64)(unsigned long)name, 0);
}

struct dma_fence *dma_fence_get(struct dma_fence *fence)
{
	kref_get(&fence->refcount);
	return fence;
}

static void dma_fence_release(struct kref *kref)
{
	struct dma_fence *fence =
		container_of(kref, struct dma_fence, refcount);

	WARN_ON(!list_empty(&fence->cb_list));
	if (fence->release)
		fence->release(fence);
	else
		kfree(fence);
}

void dma_fence_put(struct dma_fence *fence)
{
	if (fence)
		kref_put(&fence->refcount, dma_fence_release);
}

int dma_fence_signal(struct dma_fence *fence)
{
	struct dma_fence_cb *cb, *next;
	LIST_HEAD(called);

	spin_lock(&fence->lock);
	if (__atomic_load_n(&fence->signaled, __ATOMIC_RELAXED)) {
		spin_unlock(&fence->lock);
		return -EINVAL;
	}
	__atomic_store_n(&fence->signaled, 1, __ATOMIC_RELEASE);
	view_emit(EV_fence_signal, fence->id, (u64)(unsigned long)fence->name,
		  (u64)-fence->error);
	list_splice_init(&fence->cb_list, &called);
	list_for_each_entry_safe(cb, next, &called, node) {
		INIT_LIST_HEAD(&cb->node);
		cb->func(fence, cb);
	}
	rt_wake(&fence->signaled, ~0u);
	spin_unlock(&fence->lock);
	return 0;
}

void dma_fence_set_error(struct dma_fence *fence, int error)
{
	WARN_ON(__atomic_load_n(&fence->signaled, __ATOMIC_RELAXED));
	fence->error = error;
}

bool dma_fence_is_signaled(struct dma_fence *fence)
{
	rt_point(RT_SITE(RT_LOAD, "dma_fence_is_signaled", NULL), fence);
	return __atomic_load_n(&fence->signaled, __ATOMIC_ACQUIRE);
}

int dma_fence_get_status(struct dma_fence *fence)
{
	if (!dma_fence_is_signaled(fence))
		return 0;
	return fence->error ? fence->error : 1;
}

long dma_fence_wait(struct dma_fence *fence, bool intr)
{
	WARN_ON(dma_fence_in_signalling());
	for (;;) {
		rt_point(RT_SITE(RT_WAIT, "dma_fence_wait", NULL), fence);
		if (__atomic_load_n(&fence->signaled, __ATOMIC_ACQUIRE))
			return 0;
		if (rt_wait(&fence->signaled, 0, RT_FOREVER,
			    intr ? RT_KILLABLE : 0) == RT_KILLED)
			return -ERESTARTSYS;
	}
}

int dma_fence_add_callback(struct dma_fence *fence, struct dma_fence_cb *cb,
			   dma_fence_func_t func)
{
	int ret = 0;

	spin_lock(&fence->lock);
	if (__atomic_load_n(&fence->signaled, __ATOMIC_RELAXED)) {
		INIT_LIST_HEAD(&cb->node);
		ret = -ENOENT;
	} else {
		cb->func = func;
		list_add_tail(&cb->node, &fence->cb_list);
	}
	spin_unlock(&fence->lock);
	return ret;
}

bool dma_fence_remove_callback(struct dma_fence *fence,
			       struct dma_fence_cb *cb)
{
	bool queued;

	spin_lock(&fence->lock);
	queued = !list_empty(&cb->node);
	if (queued)
		list_del_init(&cb->node);
	spin_unlock(&fence->lock);
	return queued;
}

bool dma_fence_begin_signalling(void)
{
	u8 *in = &in_section[rt_self()];

	if (*in)
		return true;
	*in = 1;
	lock_map_acquire(&section_map);
	view_emit(EV_fence_section, 1, 0, 0);
	return false;
}

void dma_fence_end_signalling(bool cookie)
{
	if (cookie)
		return;
	in_section[rt_self()] = 0;
	lock_map_release(&section_map);
	view_emit(EV_fence_section, 0, 0, 0);
}

bool dma_fence_in_signalling(void)
{
	return in_section[rt_self()];
}

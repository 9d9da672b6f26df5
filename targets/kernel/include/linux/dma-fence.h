/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dma-fence.h: a thing that happens once, and who waits for it.
 *
 * MODEL of <linux/dma-fence.h>: refcounted, signalled once with 0 or an error,
 * callbacks under the fence's lock. Implementation: targets/panthor/dma_fence.c.
 * Not modelled: ops of an exporter (a fence has none of its own), timestamps,
 * contexts shared by several fences, waits with a timeout.
 *
 * A signalling section is what must not wait for memory: from its begin to its
 * end the task may not allocate with reclaim, nor take a lock that others hold
 * over such an allocation. EV_fence_section tells oracles of it, and lockdep
 * learns the same from a map, as upstream's does.
 */
#ifndef _LINUX_DMA_FENCE_H
#define _LINUX_DMA_FENCE_H

#include <linux/kref.h>
#include <linux/list.h>
#include <linux/spinlock.h>

struct dma_fence;
struct dma_fence_cb;
typedef void (*dma_fence_func_t)(struct dma_fence *fence,
				 struct dma_fence_cb *cb);

struct dma_fence_cb {
	struct list_head node;	/* empty: not queued, or called already */
	dma_fence_func_t func;
};

struct dma_fence {
	spinlock_t lock;	/* cb_list, and the moment of signalling */
	u32 signaled;		/* the word a waiter sleeps on; 0, then 1 */
	int error;		/* set before it signals, or never */
	u32 id;			/* from 1 in the order of initialisation */
	struct kref refcount;
	struct list_head cb_list;
	const char *name;	/* static: "finished" */
	void (*release)(struct dma_fence *fence);	/* NULL: kfree() */
};

/* From here on somebody owes its signal (EV_fence_init). Holds one reference. */
void dma_fence_init(struct dma_fence *fence, const char *name,
		    void (*release)(struct dma_fence *fence));
struct dma_fence *dma_fence_get(struct dma_fence *fence);
void dma_fence_put(struct dma_fence *fence);	/* NULL is allowed */

/* -EINVAL if it had signalled. Runs the callbacks, then wakes the waiters. */
int dma_fence_signal(struct dma_fence *fence);
/* Before the signal only. */
void dma_fence_set_error(struct dma_fence *fence, int error);
bool dma_fence_is_signaled(struct dma_fence *fence);
/* 0: not yet; 1: signalled; else its error. */
int dma_fence_get_status(struct dma_fence *fence);
/* Sleeps; 0, or -ERESTARTSYS if @intr and the task was killed. */
long dma_fence_wait(struct dma_fence *fence, bool intr);
/* -ENOENT if it has signalled: @func will not be called. */
int dma_fence_add_callback(struct dma_fence *fence, struct dma_fence_cb *cb,
			   dma_fence_func_t func);
/* True: it was queued and will not be called. */
bool dma_fence_remove_callback(struct dma_fence *fence,
			       struct dma_fence_cb *cb);

/* Sections nest; the cookie says whether this was the outer one. */
bool dma_fence_begin_signalling(void);
void dma_fence_end_signalling(bool cookie);
bool dma_fence_in_signalling(void);

#endif /* _LINUX_DMA_FENCE_H */

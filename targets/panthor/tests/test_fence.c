// SPDX-License-Identifier: GPL-2.0
/*
 * test_fence: fences, and jobs of one entity in their scheduler.
 */
#include <drm/gpu_scheduler.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "targets/panthor/tests/bind_tests.h"

#define JOBS	3

static struct bed {
	struct dma_fence fence;
	struct dma_fence_cb cb;
	u32 called;
	bool stored;
	struct drm_gpu_scheduler sched;
	struct drm_sched_entity entity;
	struct drm_sched_job job[JOBS];
	struct drm_sched_job *ran[JOBS];
	u32 nr_ran, nr_freed;
	struct workqueue_struct *wq;
} *bed __machine;

static void in_place(struct dma_fence *fence)
{
}

static struct dma_fence *run_job(struct drm_sched_job *job)
{
	bed->ran[bed->nr_ran++] = job;
	return job == &bed->job[1] ? ERR_PTR(-EINVAL) : NULL;
}

static void free_job(struct drm_sched_job *job)
{
	CUT_CHECK(dma_fence_get_status(&job->s_fence->finished) ==
		  (job == &bed->job[1] ? -EINVAL : 1));
	CUT_CHECK(job == &bed->job[bed->nr_freed]);
	bed->nr_freed++;
	drm_sched_job_cleanup(job);
}

static const struct drm_sched_backend_ops ops = {
	.run_job	= run_job,
	.free_job	= free_job,
};

void fence_boot(void)
{
	bed = kzalloc(sizeof(*bed), GFP_KERNEL | __GFP_NOFAIL);
	dma_fence_init(&bed->fence, "test", in_place);
	bed->wq = alloc_ordered_workqueue("test-sched", 0);
	drm_sched_init(&bed->sched, &ops, bed->wq, "test");
	drm_sched_entity_init(&bed->entity, &bed->sched);
}

void fence_halt(void)
{
	drain_workqueue(bed->wq);
	CUT_CHECK(bed->nr_freed == bed->nr_ran);
	drm_sched_entity_destroy(&bed->entity);
	drm_sched_fini(&bed->sched);
	destroy_workqueue(bed->wq);
	dma_fence_put(&bed->fence);
	kfree(bed);
}

void fence_wait(u32 index)
{
	if (index) {
		WRITE_ONCE(bed->stored, true);
		CUT_CHECK(!dma_fence_signal(&bed->fence));
		CUT_CHECK(dma_fence_signal(&bed->fence) == -EINVAL);
		return;
	}
	CUT_CHECK(!dma_fence_wait(&bed->fence, false));
	CUT_CHECK(READ_ONCE(bed->stored));
	CUT_CHECK(dma_fence_get_status(&bed->fence) == 1);
}

static void count(struct dma_fence *fence, struct dma_fence_cb *cb)
{
	__atomic_fetch_add(&bed->called, 1, __ATOMIC_RELAXED);
}

void fence_callback(u32 index)
{
	bool queued;

	if (index) {
		dma_fence_signal(&bed->fence);
		return;
	}
	queued = !dma_fence_add_callback(&bed->fence, &bed->cb, count);
	if (queued && dma_fence_remove_callback(&bed->fence, &bed->cb))
		queued = false;
	dma_fence_wait(&bed->fence, false);
	/* A callback runs before the waiters are woken, or the lock is held. */
	spin_lock(&bed->fence.lock);
	CUT_CHECK(__atomic_load_n(&bed->called, __ATOMIC_RELAXED) == queued);
	spin_unlock(&bed->fence.lock);
}

static void push(u32 i, struct dma_fence *dependency)
{
	CUT_CHECK(!drm_sched_job_init(&bed->job[i], &bed->entity));
	if (dependency)
		drm_sched_job_add_dependency(&bed->job[i],
					     dma_fence_get(dependency));
	drm_sched_job_arm(&bed->job[i]);
	drm_sched_entity_push_job(&bed->job[i]);
}

/* The other task stops and starts the scheduler, as a reset does. */
void sched_in_order(u32 index)
{
	if (index) {
		drm_sched_stop(&bed->sched);
		drm_sched_start(&bed->sched);
		dma_fence_signal(&bed->fence);
		return;
	}
	for (u32 i = 0; i < JOBS; i++)
		push(i, NULL);
	/* While it is stopped there is nothing to drain. */
	dma_fence_wait(&bed->fence, false);
	drain_workqueue(bed->wq);
	CUT_CHECK(bed->nr_ran == JOBS);
	for (u32 i = 0; i < JOBS; i++)
		CUT_CHECK(bed->ran[i] == &bed->job[i]);
}

void sched_after_dependency(u32 index)
{
	if (index) {
		WRITE_ONCE(bed->stored, true);
		dma_fence_signal(&bed->fence);
		return;
	}
	push(0, &bed->fence);
	dma_fence_wait(&bed->fence, false);
	drain_workqueue(bed->wq);
	CUT_CHECK(READ_ONCE(bed->stored));
}

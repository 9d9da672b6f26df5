// SPDX-License-Identifier: GPL-2.0
/*
 * sched_main: see <drm/gpu_scheduler.h>.
 *
 * Models drivers/gpu/drm/scheduler/sched_main.c, sched_entity.c and
 * sched_fence.c, 6.12. Spec: panthor.md 12.1.
 *
 *	push -> [entity_jobs] -run-> run_job(), finished signals
 *	     -> [pending_list] -free-> free_job()
 *
 * Both works run on the submit workqueue, one at a time each, so a job is run
 * after the one before it was, and freed by a work of its own.
 *
 * Lock: sched->job_list_lock, innermost but for the lock of a fence.
 */
#include <drm/gpu_scheduler.h>
#include <linux/err.h>
#include <linux/slab.h>

static void drm_sched_run_job_queue(struct drm_gpu_scheduler *sched)
{
	if (!READ_ONCE(sched->pause_submit))
		queue_work(sched->submit_wq, &sched->work_run_job);
}

static void drm_sched_run_free_queue(struct drm_gpu_scheduler *sched)
{
	if (!READ_ONCE(sched->pause_submit))
		queue_work(sched->submit_wq, &sched->work_free_job);
}

static struct drm_sched_job *first_job(struct drm_gpu_scheduler *sched,
				       struct list_head *list)
{
	struct drm_sched_job *job;

	spin_lock(&sched->job_list_lock);
	job = list_first_entry_or_null(list, struct drm_sched_job, list);
	spin_unlock(&sched->job_list_lock);
	return job;
}

static void drm_sched_fence_release(struct dma_fence *fence)
{
	kfree(container_of(fence, struct drm_sched_fence, finished));
}

int drm_sched_job_init(struct drm_sched_job *job,
		       struct drm_sched_entity *entity)
{
	job->s_fence = kzalloc(sizeof(*job->s_fence), GFP_KERNEL);
	if (!job->s_fence)
		return -ENOMEM;
	INIT_LIST_HEAD(&job->list);
	INIT_LIST_HEAD(&job->dep_cb.node);
	job->sched = entity->sched;
	job->armed = false;
	job->nr_deps = 0;
	return 0;
}

int drm_sched_job_add_dependency(struct drm_sched_job *job,
				 struct dma_fence *fence)
{
	if (job->nr_deps == DRM_SCHED_JOB_DEPS) {
		dma_fence_put(fence);
		return -ENOMEM;
	}
	job->deps[job->nr_deps++] = fence;
	return 0;
}

void drm_sched_job_arm(struct drm_sched_job *job)
{
	dma_fence_init(&job->s_fence->finished, "finished",
		       drm_sched_fence_release);
	job->armed = true;
}

void drm_sched_entity_push_job(struct drm_sched_job *job)
{
	struct drm_gpu_scheduler *sched = job->sched;

	WARN_ON(!job->armed);
	spin_lock(&sched->job_list_lock);
	list_add_tail(&job->list, &sched->entity_jobs);
	spin_unlock(&sched->job_list_lock);
	drm_sched_run_job_queue(sched);
}

void drm_sched_job_cleanup(struct drm_sched_job *job)
{
	for (u32 i = 0; i < job->nr_deps; i++)
		dma_fence_put(job->deps[i]);
	job->nr_deps = 0;
	if (job->armed)
		dma_fence_put(&job->s_fence->finished);
	else
		kfree(job->s_fence);
	job->s_fence = NULL;
}

static void dependency_signaled(struct dma_fence *fence,
				struct dma_fence_cb *cb)
{
	struct drm_sched_job *job =
		container_of(cb, struct drm_sched_job, dep_cb);

	drm_sched_run_job_queue(job->sched);
}

/* True: one is not signalled yet, and will queue the work again. */
static bool job_has_to_wait(struct drm_sched_job *job)
{
	for (u32 i = 0; i < job->nr_deps; i++)
		if (!dma_fence_is_signaled(job->deps[i]) &&
		    !dma_fence_add_callback(job->deps[i], &job->dep_cb,
					    dependency_signaled))
			return true;
	return false;
}

static void drm_sched_run_job_work(struct work_struct *work)
{
	struct drm_gpu_scheduler *sched =
		container_of(work, struct drm_gpu_scheduler, work_run_job);
	struct drm_sched_job *job = first_job(sched, &sched->entity_jobs);
	struct dma_fence *finished, *fence;

	if (READ_ONCE(sched->pause_submit) || !job || job_has_to_wait(job))
		return;
	finished = dma_fence_get(&job->s_fence->finished);
	spin_lock(&sched->job_list_lock);
	list_del_init(&job->list);
	spin_unlock(&sched->job_list_lock);
	fence = sched->ops->run_job(job);
	if (IS_ERR(fence))
		dma_fence_set_error(finished, (int)PTR_ERR(fence));
	spin_lock(&sched->job_list_lock);
	list_add_tail(&job->list, &sched->pending_list);
	spin_unlock(&sched->job_list_lock);
	dma_fence_signal(finished);
	dma_fence_put(finished);
	drm_sched_run_free_queue(sched);
	drm_sched_run_job_queue(sched);
}

static void drm_sched_free_job_work(struct work_struct *work)
{
	struct drm_gpu_scheduler *sched =
		container_of(work, struct drm_gpu_scheduler, work_free_job);
	struct drm_sched_job *job = NULL;

	spin_lock(&sched->job_list_lock);
	if (!list_empty(&sched->pending_list)) {
		job = list_first_entry(&sched->pending_list,
				       struct drm_sched_job, list);
		list_del_init(&job->list);
		if (!list_empty(&sched->pending_list))
			queue_work(sched->submit_wq, &sched->work_free_job);
	}
	spin_unlock(&sched->job_list_lock);
	if (job)
		sched->ops->free_job(job);
}

int drm_sched_init(struct drm_gpu_scheduler *sched,
		   const struct drm_sched_backend_ops *ops,
		   struct workqueue_struct *submit_wq, const char *name)
{
	sched->ops = ops;
	sched->name = name;
	sched->submit_wq = submit_wq;
	sched->pause_submit = 0;
	spin_lock_init(&sched->job_list_lock);
	INIT_LIST_HEAD(&sched->entity_jobs);
	INIT_LIST_HEAD(&sched->pending_list);
	INIT_WORK(&sched->work_run_job, drm_sched_run_job_work);
	INIT_WORK(&sched->work_free_job, drm_sched_free_job_work);
	return 0;
}

void drm_sched_fini(struct drm_gpu_scheduler *sched)
{
	drm_sched_stop(sched);
	WARN_ON(!list_empty(&sched->entity_jobs));
	WARN_ON(!list_empty(&sched->pending_list));
}

void drm_sched_stop(struct drm_gpu_scheduler *sched)
{
	WRITE_ONCE(sched->pause_submit, 1);
	cancel_work_sync(&sched->work_run_job);
	cancel_work_sync(&sched->work_free_job);
}

void drm_sched_start(struct drm_gpu_scheduler *sched)
{
	WRITE_ONCE(sched->pause_submit, 0);
	queue_work(sched->submit_wq, &sched->work_run_job);
	queue_work(sched->submit_wq, &sched->work_free_job);
}

int drm_sched_entity_init(struct drm_sched_entity *entity,
			  struct drm_gpu_scheduler *sched)
{
	entity->sched = sched;
	return 0;
}

void drm_sched_entity_destroy(struct drm_sched_entity *entity)
{
	WARN_ON(!list_empty(&entity->sched->entity_jobs));
}

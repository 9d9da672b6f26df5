/* SPDX-License-Identifier: GPL-2.0 */
/*
 * drm/gpu_scheduler.h: jobs in a queue, run when what they wait for happened.
 *
 * MODEL of <drm/gpu_scheduler.h>, 6.12, as VM_BIND uses it: one entity a
 * scheduler, a credit limit of 1, so that jobs run one at a time and in order;
 * run_job() and free_job() on a submit workqueue. Not modelled: priorities,
 * runqueues of several entities, hardware fences that are pending (run_job()
 * must return NULL or an error), timeouts, scheduled fences.
 * Implementation: targets/panthor/sched_main.c.
 */
#ifndef _DRM_GPU_SCHEDULER_H_
#define _DRM_GPU_SCHEDULER_H_

#include <linux/dma-fence.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#define DRM_SCHED_JOB_DEPS	4

struct drm_gpu_scheduler;
struct drm_sched_job;

struct drm_sched_backend_ops {
	/* In the signalling path. NULL: done; or an ERR_PTR. */
	struct dma_fence *(*run_job)(struct drm_sched_job *job);
	/* The finished fence signalled: the job is the driver's again. */
	void (*free_job)(struct drm_sched_job *job);
};

struct drm_sched_fence {
	struct dma_fence finished;
};

struct drm_sched_job {
	struct drm_gpu_scheduler *sched;
	struct list_head list;
	struct drm_sched_fence *s_fence;	/* NULL: not initialised, or cleaned up */
	bool armed;
	u32 nr_deps;
	struct dma_fence *deps[DRM_SCHED_JOB_DEPS];	/* a reference each */
	struct dma_fence_cb dep_cb;
};

struct drm_gpu_scheduler {
	const struct drm_sched_backend_ops *ops;
	const char *name;
	struct workqueue_struct *submit_wq;
	spinlock_t job_list_lock;	/* the two lists */
	struct list_head entity_jobs;	/* pushed, not run */
	struct list_head pending_list;	/* run, not freed */
	u32 pause_submit;		/* drm_sched_stop() */
	struct work_struct work_run_job;
	struct work_struct work_free_job;
};

struct drm_sched_entity {
	struct drm_gpu_scheduler *sched;
};

int drm_sched_init(struct drm_gpu_scheduler *sched,
		   const struct drm_sched_backend_ops *ops,
		   struct workqueue_struct *submit_wq, const char *name);
/* No job is left. Waits for the works. */
void drm_sched_fini(struct drm_gpu_scheduler *sched);
/* No job begins before start(); the one that runs is waited for. */
void drm_sched_stop(struct drm_gpu_scheduler *sched);
void drm_sched_start(struct drm_gpu_scheduler *sched);

int drm_sched_entity_init(struct drm_sched_entity *entity,
			  struct drm_gpu_scheduler *sched);
/* Its queue is empty: each job holds what the entity lies in. */
void drm_sched_entity_destroy(struct drm_sched_entity *entity);

/* 0 or -ENOMEM. After arm() nothing may fail; after push() the scheduler owns
 * the job until free_job(). */
int drm_sched_job_init(struct drm_sched_job *job,
		       struct drm_sched_entity *entity);
/* Takes over the reference of @fence. 0, or -ENOMEM, and it is dropped. */
int drm_sched_job_add_dependency(struct drm_sched_job *job,
				 struct dma_fence *fence);
void drm_sched_job_arm(struct drm_sched_job *job);
void drm_sched_entity_push_job(struct drm_sched_job *job);
/* Of a job that was initialised: what init() made is undone. */
void drm_sched_job_cleanup(struct drm_sched_job *job);

#endif /* _DRM_GPU_SCHEDULER_H_ */

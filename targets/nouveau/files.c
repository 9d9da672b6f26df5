// SPDX-License-Identifier: GPL-2.0
/*
 * files.c: the files that are open on the device, and the channels in them.
 *
 * What upstream has in nouveau_drm.c, nouveau_abi16.c and nouveau_chan.c, as far
 * as it decides in which order the fault handler's parts come and go: a channel
 * joins after it exists, parts before it goes, and a file is closed channels
 * first, SVM next, GPU address space last.
 *
 * MODEL. Not modelled: two closes of one file at once, which the file's own
 * reference count rules out; here nouveau->mutex stands for it. That count also
 * lets an ioctl end before its file is closed: a close waits for it.
 */
#include <drm/nouveau_drm.h>
#include <linux/errno.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "harness/rt/rt.h"
#include "targets/mm/slots.h"
#include "targets/nouveau/files.h"
#include "targets/nouveau/gpu.h"

#define NO_FILE		(~0u)

/* @mutex is taken outside cli->mutex. @ioctls: in flight, by file; waited for
 * by a close. */
static struct nouveau {
	struct mutex mutex;
	u32 ioctls[NOUVEAU_FILES];
	wait_queue_head_t ioctl_done;
	u32 joined[GPU_INSTANCES];	/* file of each instance; mutex */
} *nouveau __machine;

void nouveau_files_boot(void)
{
	nouveau = rt_alloc(sizeof(*nouveau));
	mutex_init(&nouveau->mutex);
	init_waitqueue_head(&nouveau->ioctl_done);
	for (u32 i = 0; i < GPU_INSTANCES; i++)
		nouveau->joined[i] = NO_FILE;
}

void nouveau_files_open(void)
{
	nouveau_open_svmm(0, 0, NOUVEAU_UNMANAGED_PAGE,
			  NOUVEAU_UNMANAGED_COUNT);
	nouveau_join(0, 0);
	nouveau_join(1, 0);
}

void nouveau_files_halt(void)
{
	for (u32 i = 0; i < NOUVEAU_FILES; i++)
		nouveau_close_svmm(i);
}

void nouveau_files_lock(void)
{
	mutex_lock(&nouveau->mutex);
}

void nouveau_files_unlock(void)
{
	mutex_unlock(&nouveau->mutex);
}

long nouveau_open_svmm(u32 svmm, u32 slot, u32 page, u32 count)
{
	struct drm_nouveau_svm_init args = {
		.unmanaged_addr = VIEW_VA(page),
		.unmanaged_size = count * VIEW_PAGE_SIZE,
	};
	struct mm_struct *mm = mm_enter(slot);
	long ret;

	if (!mm)
		return -ESRCH;
	mutex_lock(&nouveau->mutex);
	ret = nouveau_file_init(svmm, &args);
	mutex_unlock(&nouveau->mutex);
	mm_leave(mm);
	return ret;
}

long nouveau_join(u32 inst, u32 svmm)
{
	long ret = 0;

	mutex_lock(&nouveau->mutex);
	if (!nouveau_file_mirrors(svmm))
		ret = -ENOENT;
	else if (nouveau->joined[inst] != NO_FILE)
		ret = -EBUSY;
	else
		ret = nouveau_file_join(svmm, inst);
	if (!ret)
		nouveau->joined[inst] = svmm;
	mutex_unlock(&nouveau->mutex);
	return ret;
}

/* Needs nouveau->mutex and a joined instance. */
static void __nouveau_part(u32 inst)
{
	nouveau_file_part(nouveau->joined[inst], inst);
	nouveau->joined[inst] = NO_FILE;
}

long nouveau_part(u32 inst)
{
	long ret = -ENOENT;

	mutex_lock(&nouveau->mutex);
	if (nouveau->joined[inst] != NO_FILE) {
		__nouveau_part(inst);
		ret = 0;
	}
	mutex_unlock(&nouveau->mutex);
	return ret;
}

/* The file stays open until it is given back. */
static void nouveau_file_get(u32 svmm)
{
	mutex_lock(&nouveau->mutex);
	WRITE_ONCE(nouveau->ioctls[svmm], nouveau->ioctls[svmm] + 1);
	mutex_unlock(&nouveau->mutex);
}

static void nouveau_file_put(u32 svmm)
{
	mutex_lock(&nouveau->mutex);
	WRITE_ONCE(nouveau->ioctls[svmm], nouveau->ioctls[svmm] - 1);
	mutex_unlock(&nouveau->mutex);
	wake_up_all(&nouveau->ioctl_done);
}

/* nouveau->mutex, with no ioctl of the file in flight. */
static void nouveau_lock_idle_file(u32 svmm)
{
	mutex_lock(&nouveau->mutex);
	while (nouveau->ioctls[svmm]) {
		mutex_unlock(&nouveau->mutex);
		wait_event(nouveau->ioctl_done,
			   !READ_ONCE(nouveau->ioctls[svmm]));
		mutex_lock(&nouveau->mutex);
	}
}

long nouveau_bind(u32 svmm, u32 slot, u32 page, u32 count)
{
	struct drm_nouveau_svm_bind args = {
		.header = NOUVEAU_SVM_BIND_TARGET__GPU_VRAM <<
			  NOUVEAU_SVM_BIND_TARGET_SHIFT,
		.va_start = VIEW_VA(page),
		.va_end = VIEW_VA(page + count),
		.npages = count,
	};

	return nouveau_bind_ioctl(svmm, slot, &args);
}

long nouveau_bind_ioctl(u32 svmm, u32 slot, struct drm_nouveau_svm_bind *args)
{
	struct mm_struct *mm = mm_enter(slot);
	long ret;

	if (!mm)
		return -ESRCH;
	nouveau_file_get(svmm);
	ret = nouveau_file_bind(svmm, args);
	nouveau_file_put(svmm);
	mm_leave(mm);
	return ret;
}

long nouveau_close_svmm(u32 svmm)
{
	long ret = -ENOENT;

	nouveau_lock_idle_file(svmm);
	if (nouveau_file_mirrors(svmm)) {
		for (u32 inst = 0; inst < GPU_INSTANCES; inst++)
			if (nouveau->joined[inst] == svmm)
				__nouveau_part(inst);
		nouveau_file_fini(svmm);
		ret = 0;
	}
	mutex_unlock(&nouveau->mutex);
	return ret;
}

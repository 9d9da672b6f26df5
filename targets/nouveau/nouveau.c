// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau: one device, its driver, and the files and channels on it.
 *
 * What upstream spreads over nouveau_drm.c, nouveau_abi16.c, nouveau_chan.c and
 * nouveau_vmm.c, as far as it decides in which order the fault handler's parts
 * come and go: a channel joins after it exists, parts before it goes, and a
 * file is closed channels first, SVM next, GPU address space last.
 *
 * There is a second device, the peer, that has memory and nothing else: pages of
 * it are device-private and another's to the first.
 *
 * MODEL. Not modelled: two closes of one file at once, which the file's own
 * reference count rules out; here nouveau.mutex stands for it. That count also
 * lets an ioctl end before its file is closed: a close waits for it.
 */
#include <drm/nouveau_drm.h>
#include <linux/errno.h>
#include <linux/hardirq.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "targets/mm/mm.h"
#include "targets/nouveau/gpu.h"
#include "targets/nouveau/nouveau.h"
#include "targets/nouveau/nouveau_dmem.h"

#define NR_FILES	4
#define NO_FILE		(~0u)

/* @mutex is taken outside cli->mutex. @ioctls: in flight, by file; waited for
 * by a close. */
struct nouveau {
	struct drm_device dev, peer_dev;
	struct nouveau_drm drm, peer;
	struct mutex mutex;
	u32 ioctls[NR_FILES];
	wait_queue_head_t ioctl_done;
	struct nouveau_cli cli[NR_FILES];
	u32 joined[GPU_INSTANCES];	/* file of each instance; mutex */
};

static struct nouveau *nouveau __machine;

static u32 memory_load(u32 pfn)
{
	return page_load(pfn_to_page(pfn));
}

static void memory_store(u32 pfn, u32 value)
{
	page_store(pfn_to_page(pfn), value);
}

static const struct gpu_memory system_memory = {
	.load = memory_load,
	.store = memory_store,
};

static void nouveau_irq(void *arg)
{
	struct nouveau_drm *drm = arg;

	irq_enter();
	nouveau_svm_event(&drm->svm->buffer[0]);
	irq_exit();
}

void nouveau_boot(const struct nouveau_svm_form *form)
{
	nouveau = rt_alloc(sizeof(*nouveau));
	mutex_init(&nouveau->mutex);
	nouveau->drm.dev = &nouveau->dev;
	nouveau->drm.form = form;
	nouveau->peer.dev = &nouveau->peer_dev;
	init_waitqueue_head(&nouveau->ioctl_done);
	for (u32 i = 0; i < NR_FILES; i++) {
		struct nouveau_cli *cli = &nouveau->cli[i];

		mutex_init(&cli->mutex);
		cli->drm = &nouveau->drm;
		cli->svm.cli = cli;
	}
	for (u32 i = 0; i < GPU_INSTANCES; i++)
		nouveau->joined[i] = NO_FILE;

	gpu_boot(&system_memory, form->atomics, nouveau_irq, &nouveau->drm);
	nouveau_svm_init(&nouveau->drm);
	nouveau_dmem_init(&nouveau->drm, 0);
	nouveau_open_svmm(0, 0, NOUVEAU_UNMANAGED_PAGE,
			  NOUVEAU_UNMANAGED_COUNT);
	nouveau_join(0, 0);
	nouveau_join(1, 0);
	nouveau_view_boot();
}

void nouveau_quiesce(void)
{
	flush_work(&nouveau->drm.svm->buffer[0].work);
}

void nouveau_halt(void)
{
	for (u32 i = 0; i < NR_FILES; i++)
		nouveau_close_svmm(i);
	nouveau_dmem_fini(&nouveau->peer);
	nouveau_dmem_fini(&nouveau->drm);
	nouveau_svm_fini(&nouveau->drm);
	gpu_halt();
}

long nouveau_open_svmm(u32 svmm, u32 slot, u32 page, u32 count)
{
	struct drm_nouveau_svm_init args = {
		.unmanaged_addr = VIEW_VA(page),
		.unmanaged_size = count * VIEW_PAGE_SIZE,
	};
	struct nouveau_cli *cli = &nouveau->cli[svmm];
	struct drm_file file = { .driver_priv = cli };
	struct mm_struct *mm;
	long ret;

	mm = mm_enter(slot);
	if (!mm)
		return -ESRCH;
	mutex_lock(&nouveau->mutex);
	ret = nouveau_svmm_init(&nouveau->dev, &args, &file);
	mutex_unlock(&nouveau->mutex);
	mm_leave(mm);
	return ret;
}

long nouveau_join(u32 inst, u32 svmm)
{
	struct nouveau_cli *cli = &nouveau->cli[svmm];
	long ret = 0;

	mutex_lock(&nouveau->mutex);
	if (!cli->svm.svmm)
		ret = -ENOENT;
	else if (nouveau->joined[inst] != NO_FILE)
		ret = -EBUSY;
	else
		ret = nouveau_svmm_join(cli->svm.svmm, GPU_INST(inst));
	if (!ret) {
		nouveau->joined[inst] = svmm;
		gpu_bind(inst, cli->svm.svmm->space);
	}
	mutex_unlock(&nouveau->mutex);
	return ret;
}

/* Needs nouveau->mutex and a joined instance. */
static void __nouveau_part(u32 inst)
{
	struct nouveau_cli *cli = &nouveau->cli[nouveau->joined[inst]];

	nouveau_svmm_part(cli->svm.svmm, GPU_INST(inst));
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
	struct drm_file file = { .driver_priv = &nouveau->cli[svmm] };
	struct mm_struct *mm = mm_enter(slot);
	long ret;

	if (!mm)
		return -ESRCH;
	nouveau_file_get(svmm);
	ret = nouveau_svmm_bind(&nouveau->dev, args, &file);
	nouveau_file_put(svmm);
	mm_leave(mm);
	return ret;
}

void nouveau_evict(void)
{
	bool peer;

	mutex_lock(&nouveau->mutex);
	peer = nouveau->peer.dmem;
	mutex_unlock(&nouveau->mutex);

	nouveau_dmem_evict(&nouveau->drm);
	if (peer)
		nouveau_dmem_evict(&nouveau->peer);
}

long nouveau_peer_bind(u32 slot, u32 page, u32 count)
{
	unsigned long addr = VIEW_VA(page), end = VIEW_VA(page + count), next;
	struct mm_struct *mm = mm_enter(slot);
	struct vm_area_struct *vma;
	bool peer;

	if (!mm)
		return -ESRCH;
	mutex_lock(&nouveau->mutex);
	if (!nouveau->peer.dmem)
		nouveau_dmem_init(&nouveau->peer, 1);
	peer = nouveau->peer.dmem;
	mutex_unlock(&nouveau->mutex);
	if (!peer) {
		mm_leave(mm);
		return -ENOMEM;
	}

	mmap_read_lock(mm);
	for (; addr < end; addr = next) {
		vma = find_vma_intersection(mm, addr, end);
		if (!vma)
			break;
		addr = max(addr, vma->vm_start);
		next = min(vma->vm_end, end);
		nouveau_dmem_migrate_vma(&nouveau->peer, NULL, vma, addr, next,
					 NULL);
	}
	mmap_read_unlock(mm);
	mm_leave(mm);
	return 0;
}

long nouveau_close_svmm(u32 svmm)
{
	struct nouveau_cli *cli = &nouveau->cli[svmm];
	long ret = -ENOENT;

	nouveau_lock_idle_file(svmm);
	if (cli->svm.svmm) {
		for (u32 inst = 0; inst < GPU_INSTANCES; inst++)
			if (nouveau->joined[inst] == svmm)
				__nouveau_part(inst);
		nouveau_svmm_fini(&cli->svm.svmm);
		nvif_vmm_dtor(&cli->svm.vmm);
		ret = 0;
	}
	mutex_unlock(&nouveau->mutex);
	return ret;
}

const struct nouveau_svmm *nouveau_space_svmm(u32 space)
{
	for (u32 i = 0; i < NR_FILES; i++) {
		const struct nouveau_svmm *svmm = nouveau->cli[i].svm.svmm;

		if (svmm && svmm->space == space)
			return svmm;
	}
	return NULL;
}

const struct nouveau_svm_fault_buffer *nouveau_fault_buffer(void)
{
	return nouveau->drm.svm ? &nouveau->drm.svm->buffer[0] : NULL;
}

const struct nouveau_dmem *nouveau_device_dmem(u32 dev)
{
	return dev == 0 ? nouveau->drm.dmem :
	       dev == 1 ? nouveau->peer.dmem : NULL;
}

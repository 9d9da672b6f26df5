// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau: one device, its driver, and the driver's part of the files on it.
 *
 * There is a second device, the peer, that has memory and nothing else: pages of
 * it are device-private and another's to the first.
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

static struct machine {
	struct drm_device dev, peer_dev;
	struct nouveau_drm drm, peer;
	struct nouveau_cli cli[NOUVEAU_FILES];
} *machine __machine;

static const struct gpu_memory system_memory = {
	.load = frame_load,
	.store = frame_store,
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
	nouveau_files_boot();
	machine = rt_alloc(sizeof(*machine));
	machine->drm.dev = &machine->dev;
	machine->drm.form = form;
	machine->peer.dev = &machine->peer_dev;
	for (u32 i = 0; i < NOUVEAU_FILES; i++) {
		struct nouveau_cli *cli = &machine->cli[i];

		mutex_init(&cli->mutex);
		cli->drm = &machine->drm;
		cli->svm.cli = cli;
	}

	gpu_boot(&system_memory, form->atomics, nouveau_irq, &machine->drm);
	nouveau_svm_init(&machine->drm);
	nouveau_dmem_init(&machine->drm, 0);
	nouveau_files_open();
	nouveau_view_boot();
}

void nouveau_quiesce(void)
{
	flush_work(&machine->drm.svm->buffer[0].work);
}

void nouveau_halt(void)
{
	nouveau_files_halt();
	nouveau_dmem_fini(&machine->peer);
	nouveau_dmem_fini(&machine->drm);
	nouveau_svm_fini(&machine->drm);
	gpu_halt();
}

/* -- see files.h -- */

bool nouveau_file_mirrors(u32 svmm)
{
	return machine->cli[svmm].svm.svmm;
}

long nouveau_file_init(u32 svmm, struct drm_nouveau_svm_init *args)
{
	struct drm_file file = { .driver_priv = &machine->cli[svmm] };

	return nouveau_svmm_init(&machine->dev, args, &file);
}

long nouveau_file_bind(u32 svmm, struct drm_nouveau_svm_bind *args)
{
	struct drm_file file = { .driver_priv = &machine->cli[svmm] };

	return nouveau_svmm_bind(&machine->dev, args, &file);
}

long nouveau_file_join(u32 svmm, u32 inst)
{
	struct nouveau_svmm *mirror = machine->cli[svmm].svm.svmm;
	long ret = nouveau_svmm_join(mirror, GPU_INST(inst));

	if (!ret)
		gpu_bind(inst, mirror->space);
	return ret;
}

void nouveau_file_part(u32 svmm, u32 inst)
{
	nouveau_svmm_part(machine->cli[svmm].svm.svmm, GPU_INST(inst));
}

void nouveau_file_fini(u32 svmm)
{
	struct nouveau_cli *cli = &machine->cli[svmm];

	nouveau_svmm_fini(&cli->svm.svmm);
	nvif_vmm_dtor(&cli->svm.vmm);
}

void nouveau_copy_glitch(void)
{
	gpu_copy_glitch();
}

long nouveau_evict(void)
{
	bool peer;

	nouveau_files_lock();
	peer = machine->peer.dmem;
	nouveau_files_unlock();

	nouveau_dmem_evict(&machine->drm);
	if (peer)
		nouveau_dmem_evict(&machine->peer);
	return 0;
}

long nouveau_peer_bind(u32 slot, u32 page, u32 count)
{
	unsigned long addr = VIEW_VA(page), end = VIEW_VA(page + count), next;
	struct mm_struct *mm = mm_enter(slot);
	struct vm_area_struct *vma;
	bool peer;

	if (!mm)
		return -ESRCH;
	nouveau_files_lock();
	if (!machine->peer.dmem)
		nouveau_dmem_init(&machine->peer, 1);
	peer = machine->peer.dmem;
	nouveau_files_unlock();
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
		nouveau_dmem_migrate_vma(&machine->peer, NULL, vma, addr, next,
					 NULL);
	}
	mmap_read_unlock(mm);
	mm_leave(mm);
	return 0;
}

/* -- for the view -- */

const struct nouveau_svmm *nouveau_space_svmm(u32 space)
{
	for (u32 i = 0; i < NOUVEAU_FILES; i++) {
		const struct nouveau_svmm *svmm = machine->cli[i].svm.svmm;

		if (svmm && svmm->space == space)
			return svmm;
	}
	return NULL;
}

const struct nouveau_svm_fault_buffer *nouveau_fault_buffer(void)
{
	return machine->drm.svm ? &machine->drm.svm->buffer[0] : NULL;
}

const struct nouveau_dmem *nouveau_device_dmem(u32 dev)
{
	return dev == 0 ? machine->drm.dmem :
	       dev == 1 ? machine->peer.dmem : NULL;
}

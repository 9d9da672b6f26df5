// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau: one device, the tree's driver on it, and the files and channels.
 *
 * What upstream has in nouveau_drm.c, nouveau_abi16.c and nouveau_chan.c, as far
 * as it decides in which order the fault handler's parts come and go: a channel
 * joins after it exists, parts before it goes, and a file is closed channels
 * first, SVM next, GPU address space last. The last two are nouveau_vmm_fini(),
 * the tree's own.
 *
 * As on the port: two closes of one file at once are ruled out by the file's
 * reference count, for which nouveau.mutex stands; and an ioctl ends before its
 * file is closed. A channel that has parted exists no more and its clients run
 * nowhere; here the driver learns of it first, as from nouveau_channel_del().
 */
#include "targets/ktree/glue/nouveau.h"

#include <drm/drm_device.h>
#include <drm/drm_file.h>
#include <drm/nouveau_drm.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <nvif/class.h>
#include <nvif/cl0080.h>

#include "nouveau_dmem.h"

#include "targets/ktree/glue/ground.h"

#define NO_FILE		(~0u)

/* @mutex is taken outside cli->mutex. @ioctls: in flight, by file; waited for
 * by a close. */
struct nouveau {
	struct mutex mutex;
	u32 ioctls[NOUVEAU_FILES];
	wait_queue_head_t ioctl_done;
	u32 joined[GPU_INSTANCES];	/* file of each instance; mutex */
	struct device device;
	struct drm_device dev;
#if KT_NVIF_EVENT
	struct nvkm_device nvkm;
#endif
	struct nouveau_drm drm;
	struct nouveau_cli cli[NOUVEAU_FILES];
};

static struct nouveau *nouveau;

unsigned long __drm_debug;		/* which of the driver's words are printed */

static void nvif_said(struct nvif_object *object, const char *format, ...)
{
}

static const struct nvif_parent_func nouveau_parent = {
	.debugf	= nvif_said,
	.errorf	= nvif_said,
};

static u32 memory_load(u32 pfn)
{
	return READ_ONCE(*ktree_cell(pfn));
}

static void memory_store(u32 pfn, u32 value)
{
	WRITE_ONCE(*ktree_cell(pfn), value);
}

static const struct gpu_memory system_memory = {
	.load = memory_load,
	.store = memory_store,
};

/* An object that upstream makes when the device or a file is opened. */
static void object_boot(struct nvif_object *object, struct nouveau_cli *cli,
			s32 oclass)
{
	object->parent = &nouveau->drm.parent;
	object->client = &cli->base;
	object->oclass = oclass;
}

static void cli_boot(struct nouveau_cli *cli)
{
	mutex_init(&cli->mutex);
	cli->drm = &nouveau->drm;
	object_boot(&cli->base.object, cli, 0);
	cli->base.driver = &nouveau_nvif_driver;
	object_boot(&cli->mmu.object, cli, 0);
	object_boot(&cli->vmm.vmm.object, cli, NVIF_CLASS_VMM_GP100);
	object_boot(&cli->device.object, cli, NV_DEVICE);
	cli->device.object.map.ptr = (void __iomem *)NOUVEAU_BAR;
	cli->device.info.family = NV_DEVICE_INFO_V0_PASCAL;
}

void nouveau_machine_boot(void)
{
	nouveau = rt_alloc(sizeof(*nouveau));
	mutex_init(&nouveau->mutex);
	init_waitqueue_head(&nouveau->ioctl_done);
	nouveau->dev.dev = &nouveau->device;
	nouveau->dev.dev_private = &nouveau->drm;
	nouveau->drm.dev = &nouveau->dev;
	nouveau->drm.parent.func = &nouveau_parent;
#if KT_NVIF_EVENT
	nouveau->nvkm.dev = &nouveau->device;
	nouveau->drm.nvkm = &nouveau->nvkm;
#endif
	cli_boot(&nouveau->drm.client);
	for (u32 i = 0; i < NOUVEAU_FILES; i++)
		cli_boot(&nouveau->cli[i]);
	for (u32 i = 0; i < GPU_INSTANCES; i++)
		nouveau->joined[i] = NO_FILE;

	gpu_boot(&system_memory, true, nouveau_irq, NULL);
	nouveau_vram_boot(&nouveau->drm);
	nouveau_svm_init(&nouveau->drm);
	nouveau_dmem_init(&nouveau->drm);
	nouveau_open_svmm(0, 0, NOUVEAU_UNMANAGED_PAGE,
			  NOUVEAU_UNMANAGED_COUNT);
	nouveau_join(0, 0);
	nouveau_join(1, 0);
	nouveau_view_boot();
}

void nouveau_machine_halt(void)
{
	for (u32 i = 0; i < NOUVEAU_FILES; i++)
		nouveau_close_svmm(i);
	nouveau_svm_fini(&nouveau->drm);
	nouveau_dmem_fini(&nouveau->drm);
	/* Which forgets it: results/upstream/nouveau-dmem-leak.md. Else no
	 * execution would ever be clean. */
	kfree(nouveau->drm.dmem);
	gpu_halt();
}

u32 nouveau_object_space(const struct nvif_object *object)
{
	return (u32)(unsigned long)object->priv - 1;
}

static u32 cli_space(const struct nouveau_cli *cli)
{
	return nouveau_object_space(&cli->svm.vmm.object);
}

long nouveau_open_svmm(u32 svmm, u32 slot, u32 page, u32 count)
{
	struct drm_nouveau_svm_init args = {
		.unmanaged_addr = VIEW_VA(page),
		.unmanaged_size = count * VIEW_PAGE_SIZE,
	};
	struct nouveau_cli *cli = &nouveau->cli[svmm];
	struct drm_file file = { .driver_priv = cli };
	struct mm_struct *mm = mm_enter(slot);
	long ret;

	if (!mm)
		return -ESRCH;
	mutex_lock(&nouveau->mutex);
	ret = nouveau_svmm_init(&nouveau->dev, &args, &file);
	if (!ret)
		view_emit(EV_svmm_new, cli_space(cli),
			  (unsigned long)cli->svm.svmm, 1);
	mutex_unlock(&nouveau->mutex);
	mm_leave(mm);
	return ret;
}

/* The svmm's notifier is known here first, and its address space nowhere later:
 * nothing is mapped yet. */
int __real___mmu_notifier_register(struct mmu_notifier *mn,
				   struct mm_struct *mm);
int __wrap___mmu_notifier_register(struct mmu_notifier *mn,
				   struct mm_struct *mm);
int __wrap___mmu_notifier_register(struct mmu_notifier *mn,
				   struct mm_struct *mm)
{
	const struct nouveau_svmm *svmm =
		container_of(mn, struct nouveau_svmm, notifier);

	for (u32 i = 0; mn && nouveau && i < NOUVEAU_FILES; i++) {
		struct nouveau_cli *cli = &nouveau->cli[i];

		if (svmm->vmm == &cli->svm)
			gpu_space_mirror(cli_space(cli), ktree_mm_slot(mm), mn);
	}
	return __real___mmu_notifier_register(mn, mm);
}

long nouveau_join(u32 inst, u32 svmm)
{
	struct nouveau_cli *cli = &nouveau->cli[svmm];
	long ret = 0;

	mutex_lock(&nouveau->mutex);
	if (!cli->svm.svmm) {
		ret = -ENOENT;
	} else if (nouveau->joined[inst] != NO_FILE) {
		ret = -EBUSY;
	} else {
		nouveau_lookup_changes(inst, cli_space(cli));
		ret = nouveau_svmm_join(cli->svm.svmm, GPU_INST(inst));
		nouveau_lookup_changed();
	}
	if (!ret) {
		nouveau->joined[inst] = svmm;
		gpu_bind(inst, cli_space(cli));
	}
	mutex_unlock(&nouveau->mutex);
	return ret;
}

/* Needs nouveau->mutex and a joined instance. */
static void __nouveau_part(u32 inst)
{
	struct nouveau_cli *cli = &nouveau->cli[nouveau->joined[inst]];

	nouveau_lookup_changes(inst, NOUVEAU_NO_SPACE);
	nouveau_svmm_part(cli->svm.svmm, GPU_INST(inst));
	nouveau_lookup_changed();
	gpu_bind(inst, NOUVEAU_NO_SPACE);
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

/* Of a file that does not close: its space, if it mirrors an mm. */
static u32 nouveau_file_space(u32 svmm)
{
	const struct nouveau_cli *cli = &nouveau->cli[svmm];

	return READ_ONCE(cli->svm.svmm) ? cli_space(cli) : NOUVEAU_NO_SPACE;
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
	struct drm_file file = { .driver_priv = &nouveau->cli[svmm] };
	struct mm_struct *mm = mm_enter(slot);
	u32 space;
	long ret;

	if (!mm)
		return -ESRCH;
	nouveau_file_get(svmm);
	space = nouveau_file_space(svmm);
	if (space != NOUVEAU_NO_SPACE)
		view_emit(EV_svm_bind, space, args.va_start,
			  args.va_end | (u64)slot << 48);
	ret = nouveau_svmm_bind(&nouveau->dev, &args, &file);
	if (space != NOUVEAU_NO_SPACE)
		view_emit(EV_svm_bind_end, space, 0, (u64)(s64)ret);
	nouveau_file_put(svmm);
	mm_leave(mm);
	return ret;
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
		nouveau_svmm_ends(cli_space(cli), cli->svm.svmm);
		nouveau_vmm_fini(&cli->svm);
		nouveau_svmm_ended();
		ret = 0;
	}
	mutex_unlock(&nouveau->mutex);
	return ret;
}

const struct nouveau_svmm *nouveau_space_svmm(u32 space)
{
	for (u32 i = 0; i < NOUVEAU_FILES; i++) {
		const struct nouveau_cli *cli = &nouveau->cli[i];

		if (cli->svm.svmm && cli_space(cli) == space &&
		    !rt_is_freed(cli->svm.svmm))
			return cli->svm.svmm;
	}
	return NULL;
}

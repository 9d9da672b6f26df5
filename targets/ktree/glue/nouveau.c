// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau: one device, the tree's driver on it, and the driver's part of the
 * files.
 *
 * A channel that has parted exists no more and its clients run nowhere; here the
 * driver learns of it first, as from nouveau_channel_del(). The SVM and the GPU
 * address space of a file end in nouveau_vmm_fini(), the tree's own.
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

static struct machine {
	struct device device;
	struct drm_device dev;
#if KT_NVIF_EVENT
	struct nvkm_device nvkm;
#endif
	struct nouveau_drm drm;
	struct nouveau_cli cli[NOUVEAU_FILES];
} *machine;

unsigned long __drm_debug;		/* which of the driver's words are printed */

static void nvif_said(struct nvif_object *object, const char *format, ...)
{
}

static const struct nvif_parent_func nouveau_parent = {
	.debugf	= nvif_said,
	.errorf	= nvif_said,
};

static const struct gpu_memory system_memory = {
	.load = frame_load,
	.store = frame_store,
};

/* An object that upstream makes when the device or a file is opened. */
static void object_boot(struct nvif_object *object, struct nouveau_cli *cli,
			s32 oclass)
{
	object->parent = &machine->drm.parent;
	object->client = &cli->base;
	object->oclass = oclass;
}

static void cli_boot(struct nouveau_cli *cli)
{
	mutex_init(&cli->mutex);
	cli->drm = &machine->drm;
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
	nouveau_files_boot();
	machine = rt_alloc(sizeof(*machine));
	machine->dev.dev = &machine->device;
	machine->dev.dev_private = &machine->drm;
	machine->drm.dev = &machine->dev;
	machine->drm.parent.func = &nouveau_parent;
#if KT_NVIF_EVENT
	machine->nvkm.dev = &machine->device;
	machine->drm.nvkm = &machine->nvkm;
#endif
	cli_boot(&machine->drm.client);
	for (u32 i = 0; i < NOUVEAU_FILES; i++)
		cli_boot(&machine->cli[i]);

	gpu_boot(&system_memory, true, nouveau_irq, NULL);
	nouveau_vram_boot(&machine->drm);
	nouveau_svm_init(&machine->drm);
	nouveau_dmem_init(&machine->drm);
	nouveau_files_open();
	nouveau_view_boot();
}

void nouveau_machine_halt(void)
{
	nouveau_files_halt();
	nouveau_svm_fini(&machine->drm);
	nouveau_dmem_fini(&machine->drm);
	/* Which forgets it: results/upstream/nouveau-dmem-leak.md. Else no
	 * execution would ever be clean. */
	kfree(machine->drm.dmem);
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

	for (u32 i = 0; mn && machine && i < NOUVEAU_FILES; i++) {
		struct nouveau_cli *cli = &machine->cli[i];

		if (svmm->vmm == &cli->svm)
			gpu_space_mirror(cli_space(cli), mm_slot_of(mm), mn);
	}
	return __real___mmu_notifier_register(mn, mm);
}

/* -- see targets/nouveau/files.h -- */

bool nouveau_file_mirrors(u32 svmm)
{
	return machine->cli[svmm].svm.svmm;
}

long nouveau_file_init(u32 svmm, struct drm_nouveau_svm_init *args)
{
	struct nouveau_cli *cli = &machine->cli[svmm];
	struct drm_file file = { .driver_priv = cli };
	long ret = nouveau_svmm_init(&machine->dev, args, &file);

	if (!ret)
		view_emit(EV_svmm_new, cli_space(cli),
			  (unsigned long)cli->svm.svmm, 1);
	return ret;
}

/* Its space, if it mirrors an mm. */
static u32 file_space(u32 svmm)
{
	const struct nouveau_cli *cli = &machine->cli[svmm];

	return READ_ONCE(cli->svm.svmm) ? cli_space(cli) : NOUVEAU_NO_SPACE;
}

long nouveau_file_bind(u32 svmm, struct drm_nouveau_svm_bind *args)
{
	struct drm_file file = { .driver_priv = &machine->cli[svmm] };
	u32 slot = mm_slot_of(current->mm), space = file_space(svmm);
	long ret;

	if (space != NOUVEAU_NO_SPACE)
		view_emit(EV_svm_bind, space, args->va_start,
			  args->va_end | (u64)slot << 48);
	ret = nouveau_svmm_bind(&machine->dev, args, &file);
	if (space != NOUVEAU_NO_SPACE)
		view_emit(EV_svm_bind_end, space, 0, (u64)(s64)ret);
	return ret;
}

long nouveau_file_join(u32 svmm, u32 inst)
{
	struct nouveau_cli *cli = &machine->cli[svmm];
	long ret;

	nouveau_lookup_changes(inst, cli_space(cli));
	ret = nouveau_svmm_join(cli->svm.svmm, GPU_INST(inst));
	nouveau_lookup_changed();
	if (!ret)
		gpu_bind(inst, cli_space(cli));
	return ret;
}

void nouveau_file_part(u32 svmm, u32 inst)
{
	nouveau_lookup_changes(inst, NOUVEAU_NO_SPACE);
	nouveau_svmm_part(machine->cli[svmm].svm.svmm, GPU_INST(inst));
	nouveau_lookup_changed();
	gpu_bind(inst, NOUVEAU_NO_SPACE);
}

void nouveau_file_fini(u32 svmm)
{
	struct nouveau_cli *cli = &machine->cli[svmm];

	nouveau_svmm_ends(cli_space(cli), cli->svm.svmm);
	nouveau_vmm_fini(&cli->svm);
	nouveau_svmm_ended();
}

/* Upstream has no call for it while the device is in use. */
long nouveau_evict(void)
{
	return -ENOSYS;
}

/* There is one device. */
long nouveau_peer_bind(u32 slot, u32 page, u32 count)
{
	return -ENOSYS;
}

const struct nouveau_svmm *nouveau_space_svmm(u32 space)
{
	for (u32 i = 0; i < NOUVEAU_FILES; i++) {
		const struct nouveau_cli *cli = &machine->cli[i];

		if (cli->svm.svmm && cli_space(cli) == space &&
		    !rt_is_freed(cli->svm.svmm))
			return cli->svm.svmm;
	}
	return NULL;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * gpuvm_target: the tree's drm_gpuvm.c, drm_exec.c, dma-resv.c and dma-fence.c
 * under a driver that has nothing but them.
 *
 * A program has four VM handles and four of objects. Boot makes VMs 0 and 2 with
 * lists that spinlocks protect, 1 with lists that its reservation protects; objects
 * 0 and 1 with a reservation of their own, 2 that is VM 0's and 3 that is VM 1's.
 * VM 1 maps the first pages of both and of its own, one after the other; VM 0 those of
 * object 0, and VM 2 nothing. There is no mm: what a job reads is whose the frames are.
 */
#include "targets/ktree/glue/gpuvm.h"
#include "targets/ktree/glue/targets.h"
#include "targets/target.h"

static long leave(long ret)
{
	ktree_task_idle_check();
	return ret;
}

static u64 pages(u32 n)
{
	return (u64)n * PAGE_SIZE;
}

/* page, count, vm, bo, bo_page, list */
static long op_vm_map(const u32 *arg)
{
	struct gpuvm_vm *vm = gpuvm_vm_get(arg[2]);
	struct gpuvm_bo *bo = gpuvm_bo_get(arg[3]);
	long ret = -ENOENT;

	if (vm && bo)
		ret = gpuvm_map(vm, bo, pages(arg[0]), pages(arg[1]),
				pages(arg[4]), arg[5]);
	if (bo)
		drm_gem_object_put(&bo->base);
	if (vm)
		drm_gpuvm_put(&vm->base);
	return leave(ret);
}

/* page, count, vm, list */
static long op_vm_unmap(const u32 *arg)
{
	struct gpuvm_vm *vm = gpuvm_vm_get(arg[2]);
	long ret = -ENOENT;

	if (vm) {
		ret = gpuvm_unmap(vm, pages(arg[0]), pages(arg[1]), arg[3]);
		drm_gpuvm_put(&vm->base);
	}
	return leave(ret);
}

static long op_bo_unmap(const u32 *arg)
{
	struct gpuvm_bo *bo = gpuvm_bo_get(arg[0]);
	struct gpuvm_vm *vm = gpuvm_vm_get(arg[1]);
	long ret = -ENOENT;

	if (vm && bo)
		ret = gpuvm_bo_unmap(vm, bo);
	if (bo)
		drm_gem_object_put(&bo->base);
	if (vm)
		drm_gpuvm_put(&vm->base);
	return leave(ret);
}

static long op_vm_create(const u32 *arg)
{
	return leave(gpuvm_vm_create(arg[0], arg[1]));
}

static long op_vm_destroy(const u32 *arg)
{
	return leave(gpuvm_vm_close(arg[0]));
}

/* bo, own, vm */
static long op_bo_create(const u32 *arg)
{
	return leave(gpuvm_bo_create(arg[0], arg[1], arg[2]));
}

static long op_bo_free(const u32 *arg)
{
	return leave(gpuvm_bo_close(arg[0]));
}

static long op_submit(const u32 *arg)
{
	struct gpuvm_vm *vm = gpuvm_vm_get(arg[0]);
	long ret = -ENOENT;

	if (vm) {
		ret = gpuvm_submit(vm);
		drm_gpuvm_put(&vm->base);
	}
	return leave(ret);
}

static long op_evict(const u32 *arg)
{
	struct gpuvm_bo *bo = gpuvm_bo_get(arg[0]);
	long ret = -ENOENT;

	if (bo) {
		ret = gpuvm_evict(bo);
		drm_gem_object_put(&bo->base);
	}
	return leave(ret);
}

/* page, count, vm */
static long op_prefetch(const u32 *arg)
{
	struct gpuvm_vm *vm = gpuvm_vm_get(arg[2]);
	long ret = -ENOENT;

	if (vm) {
		ret = gpuvm_prefetch(vm, pages(arg[0]), pages(arg[1]));
		drm_gpuvm_put(&vm->base);
	}
	return leave(ret);
}

static long op_vm_find(const u32 *arg)
{
	struct gpuvm_vm *vm = gpuvm_vm_get(arg[2]);
	long ret = -ENOENT;

	if (vm) {
		ret = gpuvm_find(vm, pages(arg[0]), pages(arg[1]));
		drm_gpuvm_put(&vm->base);
	}
	return leave(ret);
}

#define OP(weight, name, help, ...)					\
	{ #name, { __VA_ARGS__ }, weight, op_##name, help },
static const struct op gpuvm_ops_table[] = {
#include "targets/ktree/glue/gpuvm_ops.def"
};
#undef OP

#define BOOT_PAGES	4u	/* of each mapping that boot makes */

static void boot_map(u32 vm, u32 page, u32 bo)
{
	const u32 arg[] = { page, BOOT_PAGES, vm, bo, 0, false };

	if (op_vm_map(arg))
		panic("boot cannot map an object");
}

static void gpuvm_boot(void)
{
	if (ktree_image_sealed()) {
		ktree_image_reset();
	} else {
		ktree_kernel_boot();
		ktree_image_seal();
	}
	ktree_kernel_start();
	gpuvm_device_boot();
	gpuvm_vm_create(0, false);
	gpuvm_vm_create(1, true);
	gpuvm_vm_create(2, false);
	gpuvm_bo_create(0, false, 0);
	gpuvm_bo_create(1, false, 0);
	gpuvm_bo_create(2, true, 0);
	gpuvm_bo_create(3, true, 1);
	boot_map(0, 0, 0);
	boot_map(1, 0, 0);
	boot_map(1, BOOT_PAGES, 1);
	boot_map(1, 2 * BOOT_PAGES, 3);
}

static void gpuvm_halt(void)
{
	gpuvm_device_halt();
	ktree_kernel_halt();
}

static const char *const gpuvm_themes[] = {
	"vm_map vm_unmap",
	"vm_map vm_unmap vm_find",
	"vm_map evict submit",
	"vm_map vm_unmap evict submit",
	"vm_map bo_unmap submit bo_free bo_create",
	"vm_create vm_map vm_destroy submit evict",
	"vm_map evict prefetch submit",
	NULL
};

static const u16 gpuvm_must_see[] = {
	EV_vm_op_end, EV_vm_job, EV_vm_job_done, EV_bo_evict, EV_bo_restore,
	EV_ww_back_off, EV_none,
};

static const u16 gpuvm_counters[] = {
	EV_vm_op_end, EV_vm_job, EV_bo_evict, EV_ww_back_off, EV_none,
};

const struct target target_ktree_gpuvm = {
	.name	= "gpuvm",
	.help	= "the tree's drm_gpuvm.c: VM_BIND, jobs and evictions, with both ways to protect its lists",
	.ops	= gpuvm_ops_table,
	.nr_ops	= ARRAY_SIZE(gpuvm_ops_table),
	.themes	= gpuvm_themes,
	.oracles = ktree_oracles_gpuvm,
	.view	= &gpuvm_view,
	.format	= view_format,
	.must_see = gpuvm_must_see,
	.counters = gpuvm_counters,
	.steps_max = KTREE_STEPS,
	.boot	= gpuvm_boot,
	.task_begin = ktree_target_task_begin,
	.task_end = ktree_target_task_end,
	.quiesce = ktree_kernel_quiesce,
	.halt	= gpuvm_halt,
};

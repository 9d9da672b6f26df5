// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_vm: the life of a VM, the table of handles, the kernel's addresses.
 *
 * Models the parts of drivers/gpu/drm/panthor/panthor_mmu.c, 6.12, on
 * panthor_vm_create(), _destroy(), _free(), the VM pool and the kernel's VA
 * allocator; spec panthor.md 1.2, 6.7. Locks: see panthor_vm.h.
 *
 * A handle holds one reference, a job and a mapping one each: so a VM that was
 * destroyed goes when the last job and the last user let go of it.
 *
 * Differences: handles are chosen by the caller, four of them; the allocator of
 * kernel addresses takes the first gap and not the best; the heap pool of a VM
 * is one object of the kernel's.
 */
#include <linux/bug.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>

#include "targets/panthor/panthor_sched.h"
#include "targets/panthor/panthor_vm.h"
#include "targets/panthor/view_bind.h"

/* The VM pool of the one file. */
static struct {
	spinlock_t xa_lock;
	struct panthor_vm *vm[PANTHOR_VMS];
} pool __machine;

static struct workqueue_struct *cleanup_wq __machine;

struct drm_gem_object *panthor_vm_root_gem(struct panthor_vm *vm)
{
	return vm->base.r_obj;
}

struct dma_resv *panthor_vm_resv(struct panthor_vm *vm)
{
	return drm_gpuvm_resv(&vm->base);
}

struct panthor_vm *panthor_vm_get(struct panthor_vm *vm)
{
	if (vm)
		drm_gpuvm_get(&vm->base);
	return vm;
}

void panthor_vm_put(struct panthor_vm *vm)
{
	drm_gpuvm_put(vm ? &vm->base : NULL);
}

void panthor_vm_stop(struct panthor_vm *vm)
{
	drm_sched_stop(&vm->sched);
}

void panthor_vm_start(struct panthor_vm *vm)
{
	drm_sched_start(&vm->sched);
}

/* The first gap of the kernel's range that is large enough, or behind all. */
static u64 find_gap(struct panthor_vm *vm, u64 size)
{
	struct panthor_va_node *node;
	u64 start = vm->user_va_range;

	list_for_each_entry(node, &vm->mm, node) {
		if (node->start - start >= size)
			break;
		start = node->start + node->size;
	}
	return start;
}

int panthor_vm_alloc_va(struct panthor_vm *vm, u64 va, u64 size,
			struct panthor_va_node *new)
{
	struct panthor_va_node *node;
	struct list_head *where = &vm->mm;
	int ret = 0;

	if (!size || size % HW_PAGE_SIZE)
		return -EINVAL;
	mutex_lock(&vm->mm_lock);
	if (va == PANTHOR_VM_KERNEL_AUTO_VA)
		va = find_gap(vm, size);
	list_for_each_entry(node, &vm->mm, node) {
		if (node->start >= va + size) {
			where = &node->node;
			break;
		}
		if (node->start + node->size > va)
			ret = -ENOSPC;
	}
	if (va < vm->user_va_range || va + size > HW_VA_PAGES * HW_PAGE_SIZE)
		ret = -ENOSPC;
	if (!ret) {
		new->start = va;
		new->size = size;
		list_add_tail(&new->node, where);
	}
	mutex_unlock(&vm->mm_lock);
	return ret;
}

void panthor_vm_free_va(struct panthor_vm *vm, struct panthor_va_node *node)
{
	mutex_lock(&vm->mm_lock);
	list_del(&node->node);
	node->size = 0;
	mutex_unlock(&vm->mm_lock);
}

/* A VM that appears while all others are stopped is stopped like them. */
static void stop_if_resetting(struct panthor_vm *vm)
{
	struct panthor_mmu *mmu = vm->ptdev->mmu;

	mutex_lock(&mmu->vm.lock);
	if (mmu->vm.reset_in_progress)
		panthor_vm_stop(vm);
	mutex_unlock(&mmu->vm.lock);
}

struct panthor_vm *panthor_vm_create(struct panthor_device *ptdev, bool for_mcu)
{
	struct drm_gem_object *dummy_gem;
	struct panthor_vm *vm;
	int ret;

	vm = kzalloc(sizeof(*vm), GFP_KERNEL);
	if (!vm)
		return ERR_PTR(-ENOMEM);
	dummy_gem = drm_gpuvm_resv_object_alloc();
	if (!dummy_gem) {
		ret = -ENOMEM;
		goto err_free_vm;
	}
	vm->ptdev = ptdev;
	vm->for_mcu = for_mcu;
	mutex_init(&vm->op_lock);
	mutex_init(&vm->mm_lock);
	INIT_LIST_HEAD(&vm->mm);
	vm->user_va_range = for_mcu ? 0 : HW_USER_PAGES * HW_PAGE_SIZE;
	ret = io_pgtable_init(&vm->pgtbl_ops, &panthor_pgtbl_cfg, vm);
	if (ret)
		goto err_put_gem;
	vm->root = vm->pgtbl_ops.root;
	drm_sched_init(&vm->sched, &panthor_vm_bind_ops, ptdev->mmu->vm.wq,
		       "panthor-vm-bind");
	drm_sched_entity_init(&vm->entity, &vm->sched);
	drm_gpuvm_init(&vm->base, for_mcu ? "panthor-MCU-VM" : "panthor-GPU-VM",
		       dummy_gem, 0, HW_VA_PAGES * HW_PAGE_SIZE, 0, 0,
		       &panthor_gpuvm_ops);
	drm_gem_object_put(dummy_gem);
	if (panthor_vm_as_init(vm))
		stop_if_resetting(vm);
	return vm;

err_put_gem:
	drm_gem_object_put(dummy_gem);
err_free_vm:
	kfree(vm);
	return ERR_PTR(ret);
}

/* The last reference is gone: no job, no mapping, no handle, no user. */
void panthor_vm_free(struct drm_gpuvm *gpuvm)
{
	struct panthor_vm *vm = container_of(gpuvm, struct panthor_vm, base);

	/* Off the list first, or a reset starts the scheduler again; and off its
	 * slot, so that nothing walks the tables. */
	panthor_vm_as_fini(vm);
	drm_sched_entity_destroy(&vm->entity);
	drm_sched_fini(&vm->sched);
	panthor_vm_release_stale_tables(vm);
	io_pgtable_fini(&vm->pgtbl_ops);
	/* Nobody has a node in it; one that was left behind is freed memory. */
	list_del_init(&vm->mm);
	view_emit(EV_vm_freed, vm->id, vm->base.tree.nr,
		  vm->nr_stale_tables);
	mutex_destroy(&vm->op_lock);
	mutex_destroy(&vm->mm_lock);
	kfree(vm);
}

/* mm_lock held. A group that is put in a slot takes the address without it. */
static struct panthor_kernel_bo *set_heap(struct panthor_vm *vm,
					  struct panthor_kernel_bo *heap)
{
	struct panthor_kernel_bo *old = vm->heap;

	vm->heap = heap;
	__atomic_store_n(&vm->heap_va, heap ? heap->va_node.start : 0,
			 __ATOMIC_RELAXED);
	return old;
}

static void heap_destroy(struct panthor_vm *vm)
{
	struct panthor_kernel_bo *heap;

	mutex_lock(&vm->mm_lock);
	heap = set_heap(vm, NULL);
	mutex_unlock(&vm->mm_lock);
	panthor_kernel_bo_destroy(heap);
}

static void panthor_vm_destroy(struct panthor_vm *vm)
{
	int ret;

	/* Under the lock: an operation is either before this or sees it. */
	mutex_lock(&vm->op_lock);
	WRITE_ONCE(vm->destroyed, true);
	view_emit(EV_vm_destroy, vm->id, 0, 0);
	mutex_unlock(&vm->op_lock);
	/* What is being evicted must not meet the unmapping below. */
	if (refcount_read(&vm->as.active_cnt) > 0 &&
	    !mutated(vm_destroy_vs_on_slot_group))
		panthor_sched_prepare_for_vm_destruction(vm);
	heap_destroy(vm);
	/* A flush that is lost ends the walk, and the reset is waited for. */
	do {
		ret = panthor_vm_unmap_range(vm, vm->base.mm_start,
					     vm->base.mm_range,
					     !mutated(pan_destroy_allocates));
	} while (ret == -ETIMEDOUT && !mutated(pan_flush_error_aborts));
	panthor_vm_put(vm);
}

long panthor_ioctl_vm_create(struct panthor_device *ptdev, u32 handle)
{
	struct panthor_vm *vm;
	int cookie;
	long ret = 0;

	if (!drm_dev_enter(&ptdev->base, &cookie))
		return -ENODEV;
	vm = panthor_vm_create(ptdev, false);
	if (IS_ERR(vm)) {
		ret = PTR_ERR(vm);
		goto out;
	}
	spin_lock(&pool.xa_lock);
	if (pool.vm[handle])
		ret = -EBUSY;
	else
		pool.vm[handle] = vm;
	spin_unlock(&pool.xa_lock);
	if (ret)
		panthor_vm_put(vm);
out:
	drm_dev_exit(cookie);
	return ret;
}

static long destroy_handle(u32 handle)
{
	struct panthor_vm *vm;

	spin_lock(&pool.xa_lock);
	vm = pool.vm[handle];
	pool.vm[handle] = NULL;
	spin_unlock(&pool.xa_lock);
	if (!vm)
		return -EINVAL;
	panthor_vm_destroy(vm);
	return 0;
}

long panthor_ioctl_vm_destroy(struct panthor_device *ptdev, u32 handle)
{
	long ret;
	int cookie;

	if (!drm_dev_enter(&ptdev->base, &cookie))
		return -ENODEV;
	ret = destroy_handle(handle);
	drm_dev_exit(cookie);
	return ret;
}

struct panthor_vm *panthor_vm_pool_get_vm(struct panthor_device *ptdev,
					  u32 handle)
{
	bool locked = !mutated(pan_vm_get_unlocked);
	struct panthor_vm *vm;

	/* The handle's reference keeps the VM only as long as it is there. */
	if (locked)
		spin_lock(&pool.xa_lock);
	vm = panthor_vm_get(__READ_ONCE(pool.vm[handle]));
	if (locked)
		spin_unlock(&pool.xa_lock);
	return vm;
}

long panthor_ioctl_heap(struct panthor_device *ptdev, u32 handle, bool create)
{
	struct panthor_kernel_bo *heap, *old = NULL;
	struct panthor_vm *vm;
	long ret = 0;
	int cookie;

	if (!drm_dev_enter(&ptdev->base, &cookie))
		return -ENODEV;
	vm = panthor_vm_pool_get_vm(ptdev, handle);
	if (!vm) {
		ret = -EINVAL;
		goto out;
	}
	heap = create ? panthor_kernel_bo_create(vm, 1,
						 PANTHOR_VM_KERNEL_AUTO_VA) :
			NULL;
	if (IS_ERR(heap)) {
		ret = PTR_ERR(heap);
		goto out;
	}
	mutex_lock(&vm->mm_lock);
	if (READ_ONCE(vm->destroyed) && heap) {
		old = heap;
		ret = -EINVAL;
	} else {
		old = set_heap(vm, heap);
	}
	mutex_unlock(&vm->mm_lock);
	panthor_kernel_bo_destroy(old);
out:
	panthor_vm_put(vm);
	drm_dev_exit(cookie);
	return ret;
}

struct panthor_vm *panthor_vm_create_mcu(struct panthor_device *ptdev)
{
	struct panthor_vm *vm = panthor_vm_create(ptdev, true);
	struct panthor_kernel_bo *section;

	if (IS_ERR(vm))
		return NULL;
	section = panthor_kernel_bo_create(vm, 1, PANTHOR_VM_KERNEL_AUTO_VA);
	if (!IS_ERR(section))
		vm->heap = section;
	return vm;
}

void panthor_vm_put_mcu(struct panthor_vm *vm)
{
	if (vm)
		heap_destroy(vm);
	panthor_vm_put(vm);
}

void panthor_vm_queue_cleanup(struct work_struct *work)
{
	queue_work(cleanup_wq, work);
}

void panthor_vm_boot(struct panthor_device *ptdev)
{
	spin_lock_init(&pool.xa_lock);
	panthor_gem_boot();
	view_bind_boot(ptdev);
	if (!ptdev->mmu->vm.wq)
		ptdev->mmu->vm.wq =
			alloc_ordered_workqueue("panthor-vm-bind", 0);
	cleanup_wq = alloc_workqueue("panthor-cleanup", WQ_UNBOUND, 0);
}

void panthor_vm_quiesce(struct panthor_device *ptdev)
{
	drain_workqueue(ptdev->mmu->vm.wq);
	drain_workqueue(cleanup_wq);
}

void panthor_vm_halt(struct panthor_device *ptdev)
{
	for (u32 i = 0; i < PANTHOR_VMS; i++)
		destroy_handle(i);
	panthor_vm_quiesce(ptdev);
	panthor_gem_halt();
	destroy_workqueue(ptdev->mmu->vm.wq);
	ptdev->mmu->vm.wq = NULL;
	destroy_workqueue(cleanup_wq);
}

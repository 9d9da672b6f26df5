// SPDX-License-Identifier: GPL-2.0
/*
 * gpuvm_oracles: what an address space's lists and jobs are held to. What is
 * mapped where is vm-tree's, which every ground has; these look at structures of
 * drm_gpuvm.c, and there is no other ground that has its evictions.
 */
#include <drm/drm_gpuvm.h>
#include <linux/dma-resv.h>

#include "harness/oracle/oracle.h"
#include "targets/ktree/glue/gpuvm.h"
#include "targets/ktree/glue/targets.h"

/* No functions: who raises is in the title. */
#define lists_fail(vm, what) \
	oracle_raise(&oracle_vm_lists, 0, "", "vm#%u: %s.", (vm)->id, what)
#define job_fail(job, what) \
	oracle_raise(&oracle_vm_job, 0, "", "job %u of vm#%u: %s.", (job)->id, \
		     (job)->vm->id, what)

/* Is @entry on @list? A list that is broken ends nowhere: so it is bounded. */
static bool on_list(const struct list_head *entry, const struct list_head *list)
{
	const struct list_head *at = list->next;

	for (u32 n = 0; at != list && n < VIEW_VM_PAGES * GPUVM_HANDLES; n++) {
		if (at == entry)
			return true;
		at = at->next;
	}
	return false;
}

static u32 length(const struct list_head *list)
{
	const struct list_head *at = list->next;
	u32 n = 0;

	for (; at != list && n < VIEW_VM_PAGES * GPUVM_HANDLES; at = at->next)
		n++;
	return n;
}

/* Mappings of an object that are in a VM's tree. */
static u32 mapped(struct gpuvm_vm *vm, const struct drm_gem_object *obj)
{
	struct drm_gpuva *va;
	u32 n = 0;

	for (va = gpuvm_first(vm); va; va = gpuvm_next(vm, va))
		n += va->gem.obj == obj;
	return n;
}

static void check_evict(struct gpuvm_vm *vm, const struct drm_gpuvm_bo *vm_bo)
{
	bool listed = on_list(&vm_bo->list.entry.evict, &vm->base.evict.list);

	if (!to_gpuvm_bo(vm_bo->obj)->run && !vm_bo->evicted)
		lists_fail(vm, "an object was evicted, and its vm_bo does not say so");
	/* Where reservations protect the list, what is no VM's own is entered
	 * by those who lock it for a job, and leaves in the same way. */
	if (drm_gpuvm_resv_protected(&vm->base) &&
	    drm_gpuvm_is_extobj(&vm->base, vm_bo->obj))
		return;
	if (vm_bo->evicted && !listed)
		lists_fail(vm, "an evicted object is not on the list of those");
	if (!vm_bo->evicted && listed)
		lists_fail(vm, "on the list of evicted objects is one that is not");
}

static void check_vm_bo(struct gpuvm_vm *vm, struct drm_gpuva *va)
{
	const struct drm_gpuvm_bo *vm_bo = va->vm_bo;

	if (!vm_bo || vm_bo->vm != &vm->base || vm_bo->obj != va->gem.obj)
		lists_fail(vm, "a mapping is linked to what is not its own");
	if (!on_list(&va->gem.entry, &vm_bo->list.gpuva) ||
	    length(&vm_bo->list.gpuva) != mapped(vm, va->gem.obj))
		lists_fail(vm, "an object's list has not just the mappings of it");
	if (!on_list(&vm_bo->list.entry.gem, &va->gem.obj->gpuva.list))
		lists_fail(vm, "an object does not know of a VM that maps it");
	if (kref_read(&vm_bo->kref) != length(&vm_bo->list.gpuva))
		lists_fail(vm, "a vm_bo has not as many references as mappings");
	if (on_list(&vm_bo->list.entry.extobj, &vm->base.extobj.list) !=
	    drm_gpuvm_is_extobj(&vm->base, vm_bo->obj))
		lists_fail(vm, "the list of external objects is not of those");
	if (drm_gpuva_invalidated(va) && !vm_bo->evicted)
		lists_fail(vm, "a mapping was invalidated, and its vm_bo was not evicted");
	check_evict(vm, vm_bo);
}

static u32 vm_bos(struct gpuvm_vm *vm, bool external)
{
	struct drm_gpuva *va, *before;
	u32 n = 0;

	for (va = gpuvm_first(vm); va; va = gpuvm_next(vm, va)) {
		for (before = gpuvm_first(vm); before != va;
		     before = gpuvm_next(vm, before))
			if (before->gem.obj == va->gem.obj)
				break;
		n += before == va && (!external || drm_gpuvm_is_extobj(
			&vm->base, va->gem.obj));
	}
	return n;
}

static void lists_quiesce(const struct view *v)
{
	struct gpuvm_vm *vm;
	struct drm_gpuva *va;

	list_for_each_entry(vm, &gpuvm_vms, entry) {
		if (vm->base.extobj.local_list || vm->base.evict.local_list)
			lists_fail(vm, "a list is half taken apart");
		for (va = gpuvm_first(vm); va; va = gpuvm_next(vm, va))
			check_vm_bo(vm, va);
		/* Nothing there but what is mapped. */
		if (length(&vm->base.extobj.list) != vm_bos(vm, true))
			lists_fail(vm, "an external object is listed and not mapped");
		if (length(&vm->base.evict.list) > vm_bos(vm, false))
			lists_fail(vm, "an evicted object is listed and not mapped");
	}
}

const struct oracle oracle_vm_lists = {
	.name	= "vm-lists",
	.claim	= "a VM and its objects know each other: by each mapping, as external and as evicted, and by no reference more",
	.spec	= "I-E14",
	.quiesce = lists_quiesce,
};

/* -- jobs -- */

static void job_sent(const struct gpuvm_job *job)
{
	struct drm_gpuva *va;

	for (va = gpuvm_first(job->vm); va; va = gpuvm_next(job->vm, va)) {
		bool held = dma_resv_held(va->gem.obj->resv);

		/* What is mapped since it began may have come too late for it. */
		if (!held && to_gpuvm_va(va)->since < job->since)
			job_fail(job, "sent without the lock of an object that is mapped");
		if (held && (!to_gpuvm_bo(va->gem.obj)->run || drm_gpuva_invalidated(va)))
			job_fail(job, "sent, and an object that is mapped is evicted");
	}
}

static void job_done(const struct gpuvm_job *job)
{
	for (u32 i = 0; i < job->nr; i++)
		if (job->use[i].run && job->use[i].bo->run != job->use[i].run)
			job_fail(job, "under way, and an object it uses was evicted");
}

static void job_event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_vm_job)
		job_sent(gpuvm_judged);
	else
		job_done(gpuvm_judged);
}

static const u16 job_kinds[] = { EV_vm_job, EV_vm_job_done, 0 };

const struct oracle oracle_vm_job = {
	.name	= "vm-job",
	.claim	= "a job is sent with all that its VM maps locked and in memory, and there it stays until the job is done",
	.spec	= NULL,
	.kinds	= job_kinds,
	.event	= job_event,
};

/* What the compiler's own instrumentation cannot see is left out, see oracles.c. */
const struct oracle *const ktree_oracles_gpuvm[] = {
	&oracle_trap,
#ifndef KTREE_ASAN
	&oracle_vm_tree,
	&oracle_vm_steps,
	&oracle_vm_find,
	&oracle_vm_lists,
	&oracle_vm_job,
#endif
	NULL,
};

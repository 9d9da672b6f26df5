// SPDX-License-Identifier: GPL-2.0
/*
 * gpuvm_view: what oracles may ask of the address spaces; see
 * targets/view_panthor.h. Of a device there is nothing else to ask.
 *
 * The page table is one level of entries, and is shown as the four that the
 * oracles know: a table's number says what part of which VM's it is.
 */
#include "targets/ktree/glue/gpuvm.h"

const struct gpuvm_job *gpuvm_judged;

#define TABLE(level, vm, part)	((level) << 10 | (part) << 6 | (vm))
#define TABLE_LEVEL(t)		((t) >> 10)
#define TABLE_PART(t)		((t) >> 6 & 0xf)
#define TABLE_VM(t)		((t) & 0x3f)

static struct gpuvm_vm *vm_of(u32 id)
{
	struct gpuvm_vm *vm;

	list_for_each_entry(vm, &gpuvm_vms, entry)
		if (vm->id == id)
			return vm;
	return NULL;
}

/* Tables above the last are always there. */
static u64 view_pte(u32 table, u32 index)
{
	u32 level = TABLE_LEVEL(table);
	u32 part = TABLE_PART(table) * VIEW_VM_ENTRIES(level) + index;
	struct gpuvm_vm *vm;

	if (level < 3)
		return (u64)TABLE(level + 1, TABLE_VM(table), part) <<
			PAGE_SHIFT | 3;
	vm = vm_of(TABLE_VM(table));
	return vm ? vm->pte[part] : 0;
}

static u32 view_vms(struct view_as_vm *vms)
{
	struct gpuvm_vm *vm;
	u32 nr = 0;

	list_for_each_entry(vm, &gpuvm_vms, entry)
		if (nr < VIEW_AS_VMS && vm->id <= TABLE_VM(~0u))
			vms[nr++] = (struct view_as_vm){
				.id = vm->id, .root = TABLE(0, vm->id, 0),
			};
	return nr;
}

static struct drm_gpuva *va_of(u32 id, u32 nr)
{
	struct gpuvm_vm *vm = vm_of(id);
	struct drm_gpuva *va = vm ? gpuvm_first(vm) : NULL;

	while (va && nr--)
		va = gpuvm_next(vm, va);
	return va;
}

static bool view_gpuva(u32 id, u32 nr, struct view_gpuva *v)
{
	struct drm_gpuva *va = va_of(id, nr);

	if (!va)
		return false;
	*v = (struct view_gpuva){
		.first = (u32)(va->va.addr / PAGE_SIZE),
		.pages = (u32)(va->va.range / PAGE_SIZE),
		.bo = to_gpuvm_bo(va->gem.obj)->id,
		.bo_page = (u32)(va->gem.offset / PAGE_SIZE),
	};
	return true;
}

static u32 view_frame(u32 id, u32 nr, u32 page)
{
	struct drm_gpuva *va = va_of(id, nr);

	if (!va)
		return 0;
	if (drm_gpuva_invalidated(va))
		return VIEW_FRAME_OUT;
	return to_gpuvm_bo(va->gem.obj)->run +
	       (u32)(va->gem.offset / PAGE_SIZE) + page;
}

static const struct view_panthor view_vm_bind = {
	.pte = view_pte,
	.vms = view_vms,
	.gpuva = view_gpuva,
	.gpuva_frame = view_frame,
};

struct view gpuvm_view = { .panthor = &view_vm_bind };

// SPDX-License-Identifier: GPL-2.0
/*
 * gpuvm_steps: a second opinion on what a request comes to.
 *
 * The port has an account of its own of how a request to map or unmap splits and
 * merges (targets/panthor/drm_gpuvm_sm.c). It is compiled here once more, with
 * the tree's headers, and asked before the tree is; what the tree then does has
 * to be that, step by step. So each request of each program is a comparison of
 * the port with the tree. Lookups are held against a walk of the list.
 */
#include <drm/drm_gpuvm.h>

#include "harness/oracle/oracle.h"
#include "targets/ktree/glue/gpuvm.h"

static struct drm_gpuva *drm_gpuva_find_after(struct drm_gpuva *va, u64 addr,
					      u64 range)
{
	struct drm_gpuva *next = list_is_last(&va->rb.entry, &va->vm->rb.list) ?
		NULL : list_next_entry(va, rb.entry);

	return next && next->va.addr < addr + range ? next : NULL;
}

#define drm_gpuvm_sm_map	port_sm_map
#define drm_gpuvm_sm_unmap	port_sm_unmap
#include "targets/panthor/drm_gpuvm_sm.c"

#define STEPS	(GPUVM_VA_PAGES + 1)

struct part {
	u64 addr, range, offset;
	const struct drm_gem_object *obj;	/* NULL: there is none */
};

struct step {
	enum drm_gpuva_op_type type;
	struct part map, prev, next;
	const struct drm_gpuva *va;
	bool keep;
};

struct gpuvm_plan {
	struct step step[STEPS];
	u32 nr, done;
};

static struct part part(const struct drm_gpuva_op_map *m)
{
	if (!m)
		return (struct part){ .obj = NULL };
	return (struct part){ m->va.addr, m->va.range, m->gem.offset,
			      m->gem.obj };
}

static struct step step_of(const struct drm_gpuva_op *op)
{
	struct step s = { .type = op->op };

	switch (op->op) {
	case DRM_GPUVA_OP_MAP:
		s.map = part(&op->map);
		break;
	case DRM_GPUVA_OP_REMAP:
		s.prev = part(op->remap.prev);
		s.next = part(op->remap.next);
		s.va = op->remap.unmap->va;
		s.keep = op->remap.unmap->keep;
		break;
	default:
		s.va = op->unmap.va;
		s.keep = op->unmap.keep;
	}
	return s;
}

static int record(struct drm_gpuva_op *op, void *priv)
{
	struct gpuvm_plan *plan = priv;

	if (plan->nr == STEPS)
		return -ENOSPC;
	plan->step[plan->nr++] = step_of(op);
	return 0;
}

static const struct drm_gpuvm_ops recorder = {
	.sm_step_map = record,
	.sm_step_remap = record,
	.sm_step_unmap = record,
};

/* No function: who raises is in the title. */
#define fail(vm, what) \
	oracle_raise(&oracle_vm_steps, 0, "", "vm#%u: %s.", (vm)->id, what)

void gpuvm_expect(struct gpuvm_vm *vm, u64 addr, u64 range,
		  struct drm_gem_object *obj, u64 offset)
{
	struct drm_gpuvm shadow = vm->base;
	int ret;

	if (!vm->plan)
		vm->plan = rt_alloc(sizeof(*vm->plan));
	vm->plan->nr = vm->plan->done = 0;
	shadow.ops = &recorder;
	ret = obj ? port_sm_map(&shadow, vm->plan, addr, range, obj, offset) :
		port_sm_unmap(&shadow, vm->plan, addr, range);
	if (ret)
		fail(vm, "the tree takes a request that has too many steps");
}

static bool same_part(const struct part *a, const struct part *b)
{
	return a->obj == b->obj && a->addr == b->addr && a->range == b->range &&
	       a->offset == b->offset;
}

void gpuvm_expect_step(struct gpuvm_vm *vm, const struct drm_gpuva_op *op)
{
	struct gpuvm_plan *plan = vm->plan;
	struct step s = step_of(op), *want = &plan->step[plan->done];

	if (plan->done++ == plan->nr)
		fail(vm, "a step more than the request comes to");
	if (s.type != want->type || s.va != want->va)
		fail(vm, "another step than the request comes to");
	if (!same_part(&s.map, &want->map))
		fail(vm, "another mapping than was asked for");
	if (!same_part(&s.prev, &want->prev))
		fail(vm, "of a mapping that is cut something else is left before");
	if (!same_part(&s.next, &want->next))
		fail(vm, "of a mapping that is cut something else is left behind");
	if (s.keep != want->keep)
		fail(vm, "the pages are the same, or not, and it says otherwise");
}

/* A request that fails has stopped somewhere. */
void gpuvm_expect_end(struct gpuvm_vm *vm, long ret)
{
	if (!ret && vm->plan->done != vm->plan->nr)
		fail(vm, "the request succeeded, and a step was left out");
}

const struct oracle oracle_vm_steps = {
	.name	= "vm-steps",
	.claim	= "a request to map or unmap comes to the steps that it comes to by the port's account",
	.spec	= "I-E13",
};

/* -- lookups -- */

static bool answers(const struct drm_gpuva *va, enum gpuvm_question question,
		    u64 addr, u64 end)
{
	u64 va_end = va->va.addr + va->va.range;

	switch (question) {
	case GPUVM_EXACT:
		return va->va.addr == addr && va_end == end;
	case GPUVM_PREV:
		return va_end == addr;
	case GPUVM_NEXT:
		return va->va.addr == addr;
	default:
		return va->va.addr < end && addr < va_end;
	}
}

void gpuvm_expect_find(struct gpuvm_vm *vm, enum gpuvm_question question,
		       u64 addr, u64 range, const struct drm_gpuva *found)
{
	static const char *const asked[] = {
		"first of a range", "mapping of a range", "mapping before",
		"mapping behind",
	};
	struct drm_gpuva *va;

	for (va = gpuvm_first(vm); va; va = gpuvm_next(vm, va))
		if (answers(va, question, addr, addr + range))
			break;
	if (va != found)
		oracle_raise(&oracle_vm_find, 0, "",
			     "vm#%u: asked for the %s page %llu, it names %s.",
			     vm->id, asked[question], addr / PAGE_SIZE,
			     !found ? "none" : !va ? "one that is elsewhere" :
			     "another");
}

const struct oracle oracle_vm_find = {
	.name	= "vm-find",
	.claim	= "a lookup has the mapping that is there, and none where none is",
	.spec	= NULL,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * vm-lifetime: a VM that was destroyed ends empty, and goes.
 *
 * Destroying unmaps everything, and nothing is mapped afterwards: a mapping
 * keeps its VM alive, so it would stay for ever.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

static u64 destroyed __machine, gone __machine;	/* VMs, a bit each */
static u8 late[RT_TASKS_MAX] __machine;	/* by task: its operation began after */

static void event(const struct view *v, const struct event *e)
{
	u32 id = VIEW_VM_OF(e->a);
	u64 bit = id < VM_IDS ? 1ull << id : 0;

	switch (e->kind) {
	case EV_vm_destroy:
		destroyed |= bit;
		break;
	case EV_vm_op_begin:
		late[e->task] = !!(destroyed & bit);
		break;
	case EV_vm_op_end:
		if (late[e->task] && !e->c && !VIEW_BIND_TYPE(e->a))
			oracle_raise(&oracle_vm_lifetime, 0, "",
				     "Something is mapped in vm#%u, which was destroyed.",
				     id);
		break;
	case EV_vm_freed:
		gone |= bit;
		if (e->b)
			oracle_raise(&oracle_vm_lifetime, 0, "",
				     "vm#%u is freed with %u mappings.", id,
				     (u32)e->b);
		break;
	}
}

static void quiesce(const struct view *v)
{
	struct view_gpuva va;

	for (u64 ids = destroyed & ~gone; ids; ids &= ids - 1) {
		u32 id = (u32)__builtin_ctzll(ids);

		if (v->panthor->gpuva(id, 0, &va))
			oracle_raise(&oracle_vm_lifetime, 0, "",
				     "vm#%u was destroyed and still has a mapping, at page %u.",
				     id, va.first);
	}
}

static const u16 kinds[] = {
	EV_vm_destroy, EV_vm_op_begin, EV_vm_op_end, EV_vm_freed, 0
};

const struct oracle oracle_vm_lifetime = {
	.name	= "vm-lifetime",
	.claim	= "a VM that was destroyed and has no user left is empty, and freed",
	.spec	= "I-E16",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

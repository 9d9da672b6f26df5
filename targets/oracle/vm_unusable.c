// SPDX-License-Identifier: GPL-2.0
/*
 * vm-unusable: a VM whose mappings are half of a change is not mapped into any
 * more.
 *
 *   - an asynchronous operation that failed made its VM unusable, and so did
 *     any other that had changed something;
 *   - nothing is mapped in an unusable VM; unmapping what is there is allowed;
 *   - no job is made for a VM that was unusable or destroyed when it was asked
 *     for. That is looked up without a lock, so where loads may lag behind it
 *     is no fault to miss it; what counts is the second rule, under op_lock.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

#define UNUSABLE	1
#define DESTROYED	2

static u8 state[VM_IDS] __machine;
/* By task: its operation writes entries; its VM's state when it began. */
static u8 writes[RT_TASKS_MAX] __machine, began[RT_TASKS_MAX] __machine,
	asked[RT_TASKS_MAX] __machine;

static void op_end(u32 id, const struct event *e)
{
	bool map = !VIEW_BIND_TYPE(e->a), async = VIEW_BIND_ASYNC(e->a);

	if (!e->c && map && began[e->task] & UNUSABLE)
		oracle_raise(&oracle_vm_unusable, 0, "",
			     "vm#%u is unusable and was mapped into.", id);
	if (!e->c || state[id] & UNUSABLE)
		return;
	if (async || writes[e->task])
		oracle_raise(&oracle_vm_unusable, 0, "",
			     "%s operation on vm#%u failed, and the VM is not unusable.",
			     async ? "An asynchronous" : "A half done", id);
}

static void bind(u32 id, const struct event *e)
{
	if (!e->b)
		asked[e->task] = rt_loads_lag() ? 0 : state[id];
	else if (!e->c && VIEW_BIND_ASYNC(e->a) && asked[e->task])
		oracle_raise(&oracle_vm_unusable, 0, "",
			     "A job was made for vm#%u, which was %s.", id,
			     asked[e->task] & UNUSABLE ? "unusable" :
							 "destroyed");
}

static void event(const struct view *v, const struct event *e)
{
	u32 id = VIEW_VM_OF(e->a);

	if (e->kind == EV_pgt_set) {
		writes[e->task] = 1;
		return;
	}
	if (id >= VM_IDS)
		return;
	switch (e->kind) {
	case EV_vm_unusable:
		state[id] |= UNUSABLE;
		break;
	case EV_vm_destroy:
		state[id] |= DESTROYED;
		break;
	case EV_vm_op_begin:
		writes[e->task] = 0;
		began[e->task] = state[id];
		break;
	case EV_vm_op_end:
		op_end(id, e);
		break;
	case EV_vm_bind:
		bind(id, e);
		break;
	}
}

static const u16 kinds[] = {
	EV_vm_unusable, EV_vm_destroy, EV_vm_op_begin, EV_vm_op_end, EV_vm_bind,
	EV_pgt_set, 0
};

const struct oracle oracle_vm_unusable = {
	.name	= "vm-unusable",
	.claim	= "a VM is unusable after an operation failed half way, and then nothing is mapped in it",
	.spec	= "I-E17",
	.kinds	= kinds,
	.event	= event,
};

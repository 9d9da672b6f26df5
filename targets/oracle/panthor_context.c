// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-context: a group whose program ends in order leaves its slot without a
 * fault.
 *
 * The firmware writes the group's context into the group's VM. A program ends in
 * order if it destroys the group before the VM, and does not take the heap away
 * that the context is in. Then whoever destroys the VM has to wait until the
 * group has left; a program that does otherwise has earned its fault.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

#define IDS		64	/* of VMs and groups in one execution */

static struct {
	u32 destroyed;		/* seq; 0: not yet */
	u32 by;			/* the task */
	u64 taken;		/* pages the program had unmapped itself */
} vm[IDS] __machine;

static u32 group_destroyed[IDS] __machine;	/* seq; 0: not yet */

/* By task of the firmware: what it is writing. */
static struct {
	u32 group;		/* 0: nothing */
	u32 vm;
	u64 va;
} save[RT_TASKS_MAX] __machine;

static u64 pages(u64 range)
{
	u32 first = VIEW_BIND_FIRST(range), nr = VIEW_BIND_PAGES(range);

	return (nr < 64 ? (1ull << nr) - 1 : ~0ull) << (first & 63);
}

static void bound(const struct event *e)
{
	u32 id = VIEW_VM_OF(e->a) % IDS;

	if (vm[id].destroyed && vm[id].by == e->task)
		return;
	if (VIEW_BIND_TYPE(e->a) == 1)
		vm[id].taken |= pages(e->b);
	else
		vm[id].taken &= ~pages(e->b);
}

static void fault(const struct event *e)
{
	u32 group = save[e->task].group, id = save[e->task].vm % IDS;
	u32 since = group_destroyed[group % IDS];

	if (!group || save[e->task].va != e->b)
		return;
	if (!since || !vm[id].destroyed || since > vm[id].destroyed ||
	    vm[id].taken >> (e->b / VIEW_PAGE_SIZE & 63) & 1)
		return;
	oracle_raise(&oracle_panthor_context, vm[id].destroyed, "",
		     "group#%u was destroyed before vm#%u, and its context at 0x%llx is unmapped while the firmware saves it.",
		     group, save[e->task].vm, e->b);
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_group_destroy:
		group_destroyed[e->a % IDS] = e->seq;
		break;
	case EV_vm_destroy:
		vm[e->a % IDS].destroyed = e->seq;
		vm[e->a % IDS].by = e->task;
		break;
	case EV_vm_op_begin:
		bound(e);
		break;
	case EV_csg_save:
		save[e->task].group = (u32)e->a;
		save[e->task].vm = (u32)(e->c >> 8);
		save[e->task].va = e->b;
		break;
	case EV_csg_saved:
		save[e->task].group = 0;
		break;
	case EV_as_fault:
		fault(e);
		break;
	}
}

static const u16 kinds[] = {
	EV_group_destroy, EV_vm_destroy, EV_vm_op_begin, EV_csg_save,
	EV_csg_saved, EV_as_fault, 0
};

const struct oracle oracle_panthor_context = {
	.name	= "panthor-context",
	.claim	= "the context of a group that was destroyed before its VM is saved before the VM goes",
	.spec	= "races.md vm-destroy-vs-on-slot-group",
	.kinds	= kinds,
	.event	= event,
};

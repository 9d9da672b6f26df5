// SPDX-License-Identifier: GPL-2.0
/*
 * vm-op-ctx: one operation at a time works on a VM, and holds its op_lock.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

static u8 busy[VM_IDS] __machine;

static void event(const struct view *v, const struct event *e)
{
	u32 id = (u32)e->a;

	if (!e->c)
		oracle_raise(&oracle_vm_op_ctx, 0, "",
			     "An operation on vm#%u does not hold op_lock.", id);
	if (id >= VM_IDS)
		return;
	if (e->b && busy[id])
		oracle_raise(&oracle_vm_op_ctx, 0, "",
			     "Two operations work on vm#%u.", id);
	busy[id] = (u8)e->b;
}

static const u16 kinds[] = { EV_vm_op_ctx, 0 };

const struct oracle oracle_vm_op_ctx = {
	.name	= "vm-op-ctx",
	.claim	= "at most one operation works on a VM, with op_lock held",
	.spec	= "I-E20",
	.kinds	= kinds,
	.event	= event,
};

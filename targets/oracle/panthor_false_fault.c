// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-false-fault: a VM is blamed for a fault only if its own tables made it.
 *
 * The hardware latches the root table with which it walked when the fault was
 * raised; the VM that the handler then marks has to have that root.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static struct {
	u32 root, seq;
} fault[VIEW_AS] __machine;

static void event(const struct view *v, const struct event *e)
{
	u32 as = (u32)e->a % VIEW_AS;

	if (e->kind == EV_as_fault) {
		fault[as].root = VIEW_VM_ROOT(e->c);
		fault[as].seq = e->seq;
		return;
	}
	if (e->b && fault[as].seq && fault[as].root != e->c)
		oracle_raise(&oracle_panthor_false_fault, fault[as].seq, "",
			     "vm#%llu is killed for a fault in AS %u; the tables that faulted were not its own.",
			     e->b, as);
}

static const u16 kinds[] = { EV_as_fault, EV_as_faulty, 0 };

const struct oracle oracle_panthor_false_fault = {
	.name	= "panthor-false-fault",
	.claim	= "a VM is blamed only for a fault of its own tables",
	.spec	= "panthor.md P2 W-E3",
	.kinds	= kinds,
	.event	= event,
};

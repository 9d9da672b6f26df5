// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-table: an address space that translates does so by the root table of the
 * VM in its slot, and one without a VM does not translate; read from what the last
 * UPDATE latched. A stuck command engine is excused until the reset it owes.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static void event(const struct view *v, const struct event *e)
{
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 n, nr_as = v->panthor->nr_as();

	if (!v->panthor->powered() || v->panthor->reset_owed())
		return;
	n = v->panthor->vms(vm);
	for (u32 as = 0; as < nr_as; as++) {
		struct view_as a = v->panthor->as(as);

		if (!a.enabled)
			continue;
		if (!a.vm)
			oracle_raise(&oracle_panthor_table, 0, "",
				     "AS %u translates by table %u, and no VM has it.",
				     as, a.root);
		for (u32 i = 0; i < n; i++)
			if (vm[i].id == a.vm && vm[i].root != a.root)
				oracle_raise(&oracle_panthor_table, 0, "",
					     "AS %u is vm#%u's, whose root is table %u, and translates by table %u.",
					     as, a.vm, vm[i].root, a.root);
	}
}

static const u16 kinds[] = { EV_as_slots, 0 };

const struct oracle oracle_panthor_table = {
	.name	= "panthor-table",
	.claim	= "an address space translates by the root table of the VM that has it, or not at all",
	.spec	= "I-E4",
	.kinds	= kinds,
	.event	= event,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-slots: slots and VMs name each other, one to one, whenever the slots'
 * lock is released; an evicted VM names none; the firmware's VM has slot 0 alone.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static void two_ways(const struct view *v)
{
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 n = v->panthor->vms(vm), nr_as = v->panthor->nr_as();
	u32 owner[VIEW_AS] = { 0 };

	for (u32 i = 0; i < n; i++) {
		if (vm[i].as < 0)
			continue;
		if ((u32)vm[i].as >= nr_as)
			oracle_raise(&oracle_panthor_slots, 0, "",
				     "vm#%u says it is in AS %d; there are %u.",
				     vm[i].id, vm[i].as, nr_as);
		if (owner[vm[i].as])
			oracle_raise(&oracle_panthor_slots, 0, "",
				     "vm#%u and vm#%u both say they are in AS %d.",
				     owner[vm[i].as], vm[i].id, vm[i].as);
		if (vm[i].for_mcu != !vm[i].as)
			oracle_raise(&oracle_panthor_slots, 0, "",
				     "vm#%u is in AS %d; AS 0 is the firmware's.",
				     vm[i].id, vm[i].as);
		owner[vm[i].as] = vm[i].id;
	}
	for (u32 as = 0; as < nr_as; as++) {
		struct view_as a = v->panthor->as(as);

		if (a.vm != owner[as] && (a.vm || owner[as]))
			oracle_raise(&oracle_panthor_slots, 0, "",
				     "AS %u is given to vm#%u, and vm#%u says it has it (0: nobody).",
				     as, a.vm, owner[as]);
		if (a.allocated != !!a.vm)
			oracle_raise(&oracle_panthor_slots, 0, "",
				     "AS %u is marked %s and given to vm#%u (0: nobody).",
				     as, a.allocated ? "taken" : "free", a.vm);
	}
}

static void event(const struct view *v, const struct event *e)
{
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 n;

	if (e->kind == EV_as_slots) {
		two_ways(v);
		return;
	}
	if (!e->c)
		return;
	n = v->panthor->vms(vm);
	for (u32 i = 0; i < n; i++)
		if (vm[i].id == e->c && (vm[i].as >= 0 || vm[i].on_lru))
			oracle_raise(&oracle_panthor_slots, 0, "",
				     "vm#%llu was evicted for vm#%llu and still says it is in AS %d.",
				     e->c, e->a, vm[i].as);
}

static const u16 kinds[] = { EV_as_slots, EV_as_bind, 0 };

const struct oracle oracle_panthor_slots = {
	.name	= "panthor-slots",
	.claim	= "slots and VMs name each other, one to one, and an evicted VM names none",
	.spec	= "I-E1 I-E3 I-E8",
	.kinds	= kinds,
	.event	= event,
};

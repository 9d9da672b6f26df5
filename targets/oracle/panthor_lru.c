// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-lru: what may be evicted is what is bound and has no user, whenever the
 * slots' lock is released. A VM on the list with users is evicted under its jobs;
 * one off it without users keeps its slot for ever.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static void event(const struct view *v, const struct event *e)
{
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 n = v->panthor->vms(vm);

	for (u32 i = 0; i < n; i++) {
		bool evictable = vm[i].as >= 0 && !vm[i].active;

		if (vm[i].on_lru && !evictable)
			oracle_raise(&oracle_panthor_lru, 0, "",
				     "vm#%u may be evicted; it is in AS %d (-1: none) and has %d user(s).",
				     vm[i].id, vm[i].as, vm[i].active);
		if (!vm[i].on_lru && evictable)
			oracle_raise(&oracle_panthor_lru, 0, "",
				     "vm#%u has AS %d and no user, and cannot be evicted.",
				     vm[i].id, vm[i].as);
	}
}

static const u16 kinds[] = { EV_as_slots, 0 };

const struct oracle oracle_panthor_lru = {
	.name	= "panthor-lru",
	.claim	= "a VM can be evicted exactly if it has a slot and no user",
	.spec	= "I-E2",
	.kinds	= kinds,
	.event	= event,
};

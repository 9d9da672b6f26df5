// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-region: what an address space has locked is what the VM in it has an
 * operation on, whenever the slots' lock is released. Locked for anybody else, it
 * stalls the next owner's accesses, and nobody will unlock it; not locked, the
 * operation changes tables that the GPU walks.
 *
 * The hardware locks a power of two, so more than was asked for. A stuck command
 * engine is excused until the reset it owes.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static u32 since[VIEW_AS] __machine;	/* seq of the last LOCK */

/* A VM without a region, if nobody has the address space. */
static struct view_as_vm vm_in(const struct view *v, u32 id)
{
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 n = v->panthor->vms(vm);

	for (u32 i = 0; i < n; i++)
		if (vm[i].id == id)
			return vm[i];
	return (struct view_as_vm){ .id = 0 };
}

static void event(const struct view *v, const struct event *e)
{
	u32 nr_as = v->panthor->nr_as();

	if (e->kind == EV_as_lock) {
		since[e->a % VIEW_AS] = e->seq;
		return;
	}
	if (!v->panthor->powered() || v->panthor->reset_owed())
		return;
	for (u32 as = 0; as < nr_as; as++) {
		struct view_as a = v->panthor->as(as);
		struct view_as_vm vm = vm_in(v, a.vm);
		bool has = vm.region_end > vm.region_start;

		if (a.locked && (!has || vm.region_start < a.lock_start ||
				 vm.region_end > a.lock_end))
			oracle_raise(&oracle_panthor_region, since[as], "",
				     "AS %u has 0x%llx..0x%llx locked; no operation of its owner, vm#%u, is there (0: nobody).",
				     as, a.lock_start, a.lock_end, a.vm);
		if (has && a.enabled && !a.locked)
			oracle_raise(&oracle_panthor_region, 0, "",
				     "vm#%u changes 0x%llx..0x%llx and AS %u, which it has, does not have that locked.",
				     vm.id, vm.region_start, vm.region_end, as);
	}
}

static const u16 kinds[] = { EV_as_slots, EV_as_lock, 0 };

const struct oracle oracle_panthor_region = {
	.name	= "panthor-region",
	.claim	= "an address space has locked what its owner has an operation on, and nothing else",
	.spec	= "races.md as-region-lock-survives-slot-loss",
	.kinds	= kinds,
	.event	= event,
};

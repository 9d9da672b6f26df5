// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-isolation: an access of a job of one VM goes by that VM's tables.
 *
 * Judged by the hardware's own account: the root table that the translation used
 * was found from, which is what TRANSTAB held when it was found, against the root
 * table that the VM was made with. The driver is asked nothing.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

#define NR_VMS	64

static u8 *root __machine;	/* of VM n % NR_VMS */

static void event(const struct view *v, const struct event *e)
{
	u32 vm = VIEW_VM_OF(e->a);

	if (e->kind == EV_vm_new) {
		if (!root)
			root = rt_alloc(NR_VMS);
		root[e->a % NR_VMS] = (u8)e->b;
		return;
	}
	if (root[vm % NR_VMS] != VIEW_VM_ROOT(e->a))
		oracle_raise(&oracle_panthor_isolation, 0, "",
			     "A job of vm#%u, whose root is table %u, got to page#%u at 0x%llx by table %u.",
			     vm, root[vm % NR_VMS], VIEW_DATA_PFN(e->c), e->b,
			     VIEW_VM_ROOT(e->a));
}

static const u16 kinds[] = { EV_vm_new, EV_vm_load, EV_vm_store, 0 };

const struct oracle oracle_panthor_isolation = {
	.name	= "panthor-isolation",
	.claim	= "an access of a job of one VM is translated by that VM's tables",
	.spec	= "issue E isolation",
	.kinds	= kinds,
	.event	= event,
};

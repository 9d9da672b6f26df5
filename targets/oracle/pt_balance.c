// SPDX-License-Identifier: GPL-2.0
/*
 * pt-balance: every table that is out of the cache is linked in some VM's tree,
 * or waits for a flush, once no operation is under way.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

static u32 count(const struct view_panthor *p, u32 table, u32 level)
{
	u32 nr = 1;

	for (u32 i = 0; i < VIEW_VM_ENTRIES(level); i++) {
		u64 pte = p->pte(table, i);

		if (VIEW_VM_IS_TABLE(pte, level))
			nr += count(p, VIEW_VM_PTE_FRAME(pte), level + 1);
	}
	return nr;
}

static void quiesce(const struct view *v)
{
	const struct view_panthor *p = v->panthor;
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 nr = p->vms(vm), linked = 0, stale = 0;

	/* More than the view shows: nothing to be said. */
	if (nr == VIEW_AS_VMS)
		return;
	for (u32 i = 0; i < nr; i++) {
		linked += count(p, vm[i].root, 0);
		stale += p->stale_tables(vm[i].id);
	}
	if (linked + stale != p->tables_out())
		oracle_raise(&oracle_pt_balance, 0, "",
			     "%u tables are out of the cache; %u are linked and %u wait for a flush.",
			     p->tables_out(), linked, stale);
}

const struct oracle oracle_pt_balance = {
	.name	= "pt-balance",
	.claim	= "tables out of the cache are linked in a page table, or reserved",
	.spec	= "I-E11",
	.quiesce = quiesce,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * bo-unpinned: when an object's last pin goes, and its pages with it, no entry
 * of any VM and no TLB names them.
 *
 * An address space without a VM whose commands do not complete is left to the
 * reset that is owed: nothing runs in it. So is one that changes hands to the
 * flush that enabling it is.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

static u32 changing __machine;

static bool in_run(u64 pte, u32 first)
{
	return pte & 1 && VIEW_VM_PTE_FRAME(pte) - first < VIEW_BO_RUN;
}

static void check_table(const struct view_panthor *p, u32 id, u32 bo, u32 first,
			u32 table, u32 level)
{
	for (u32 i = 0; i < VIEW_VM_ENTRIES(level); i++) {
		u64 pte = p->pte(table, i);

		if (VIEW_VM_IS_TABLE(pte, level))
			check_table(p, id, bo, first, VIEW_VM_PTE_FRAME(pte),
				    level + 1);
		else if (in_run(pte, first))
			oracle_raise(&oracle_bo_unpinned, 0, "",
				     "Object %u loses its pages and vm#%u maps frame %u of them.",
				     bo, id, VIEW_VM_PTE_FRAME(pte));
	}
}

static void check_as(const struct view_panthor *p, u32 bo, u32 first, u32 as)
{
	if (changing >> as & 1 || (!p->as(as).vm && p->reset_owed()))
		return;
	for (u32 page = 0; page < VIEW_VM_PAGES; page++) {
		u64 tlb = p->tlb(as, page * VIEW_PAGE_SIZE);

		if (in_run(tlb, first))
			oracle_raise(&oracle_bo_unpinned, 0, "",
				     "Object %u loses its pages and the TLB of AS %u has frame %u of them.",
				     bo, as, VIEW_VM_PTE_FRAME(tlb));
	}
}

static void event(const struct view *v, const struct event *e)
{
	const struct view_panthor *p = v->panthor;
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 nr, nr_as;

	vm_changes_hands(&changing, e);
	/* No pages: the pin never had any. */
	if (e->kind != EV_bo_unpin || e->b || !e->c)
		return;
	nr = p->vms(vm);
	for (u32 i = 0; i < nr; i++)
		check_table(p, vm[i].id, (u32)e->a, (u32)e->c, vm[i].root, 0);
	nr_as = p->nr_as();
	for (u32 as = 0; as < nr_as; as++)
		check_as(p, (u32)e->a, (u32)e->c, as);
}

static const u16 kinds[] = { EV_bo_unpin, EV_as_release, EV_as_update, 0 };

const struct oracle oracle_bo_unpinned = {
	.name	= "bo-unpinned",
	.claim	= "pages of an object nobody pins are named by no entry and no TLB",
	.spec	= "I-E22",
	.kinds	= kinds,
	.event	= event,
};

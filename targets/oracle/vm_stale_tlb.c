// SPDX-License-Identifier: GPL-2.0
/*
 * vm-stale-tlb: when an operation returned and its VM has an address space, the
 * GPU remembers nothing of the range that the tables do not say.
 *
 * What it remembers is the translation of a page, and which table a block has.
 * While a reset is owed the flush may have been lost.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

static void check_page(const struct view_panthor *p, const struct view_as_vm *vm,
		       u32 page)
{
	u64 va = page * VIEW_PAGE_SIZE;
	u32 as = (u32)vm->as, table, cached;
	u64 tlb = p->tlb(as, va), pte = vm_translate(p, vm->root, va, &table);

	if (tlb && (VIEW_VM_PTE_FRAME(tlb) != VIEW_VM_PTE_FRAME(pte) ||
		    (pte & ~tlb & VIEW_VM_PTE_RDONLY)))
		oracle_raise(&oracle_vm_stale_tlb, 0, "",
			     "The TLB of AS %u has frame %u for page %u of vm#%u; the page table says %u.",
			     as, VIEW_VM_PTE_FRAME(tlb), page, vm->id,
			     VIEW_VM_PTE_FRAME(pte));
	cached = p->walk_cache(as, page / VIEW_VM_BLOCK);
	if (cached && cached != table)
		oracle_raise(&oracle_vm_stale_tlb, 0, "",
			     "The walk cache of AS %u has table %u for page %u of vm#%u; its table is %u.",
			     as, cached, page, vm->id, table);
}

static void event(const struct view *v, const struct event *e)
{
	const struct view_panthor *p = v->panthor;
	u32 first = VIEW_BIND_FIRST(e->b), pages = VIEW_BIND_PAGES(e->b);
	struct view_as_vm vm;

	if (!vm_find(p, VIEW_VM_OF(e->a), &vm) || vm.as < 0 || p->reset_owed())
		return;
	/* What was forgotten with the power was never of this VM. */
	if (p->as((u32)vm.as).root != vm.root)
		return;
	for (u32 i = 0; i < pages && first + i < VIEW_VM_PAGES; i++)
		check_page(p, &vm, first + i);
}

static const u16 kinds[] = { EV_vm_op_end, 0 };

const struct oracle oracle_vm_stale_tlb = {
	.name	= "vm-stale-tlb",
	.claim	= "after an operation the GPU remembers nothing of its range that the tables do not say",
	.spec	= "I-E15",
	.kinds	= kinds,
	.event	= event,
};

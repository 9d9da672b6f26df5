// SPDX-License-Identifier: GPL-2.0
/*
 * pt-reuse: a table in the cache is nobody's: no entry leads to it, no address
 * space begins there, and no walk cache remembers it.
 *
 * Judged where a table goes back, and where the GPU remembers one; an address
 * space that changes hands is flushed before anybody uses it. Each frame
 * knows what links it, so that the way to a root is three steps.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

struct tables {
	u8 parent[VIEW_VM_TABLES];		/* 0: none */
	u8 child[VIEW_VM_TABLES][4];
	bool root[VIEW_VM_TABLES];		/* of a VM on the device's list */
	bool cached[VIEW_VM_TABLES];		/* in the cache, was out before */
};

static struct tables *tables __machine;
static u32 changing __machine;

static void __attribute__((noreturn)) fail(u32 frame, const char *what)
{
	oracle_raise(&oracle_pt_reuse, 0, "",
		     "Table %u is in the cache and %s.", frame, what);
}

static void pte_set(u32 table, u32 index, u64 pte)
{
	u8 *child = &tables->child[table][index & 3];
	u32 frame = (pte & 3) == 3 ? VIEW_VM_PTE_FRAME(pte) : 0;

	if (*child && tables->parent[*child] == table)
		tables->parent[*child] = 0;
	*child = 0;
	if (!frame || frame >= VIEW_VM_TABLES)
		return;
	*child = (u8)frame;
	tables->parent[frame] = (u8)table;
	if (tables->cached[frame])
		fail(frame, "is linked");
}

static void check_free(const struct view_panthor *p, u32 frame)
{
	u32 up = frame, nr_as = p->nr_as();

	if (tables->cached[frame])
		fail(frame, "freed again");
	for (u32 i = 0; i < 4 && tables->parent[up]; i++)
		up = tables->parent[up];
	if (tables->root[up])
		fail(frame, "linked in the tables of a VM");
	for (u32 as = 0; as < nr_as; as++) {
		if (p->as(as).enabled && p->as(as).root == frame &&
		    !p->reset_owed())
			fail(frame, "the root of an address space");
		for (u32 b = 0; b < VIEW_VM_PAGES / VIEW_VM_BLOCK; b++)
			if (p->walk_cache(as, b) == frame &&
			    !(changing >> as & 1) && !p->reset_owed())
				fail(frame, "in a walk cache of the GPU");
	}
	for (u32 i = 0; i < 4; i++)
		pte_set(frame, i, 0);
	tables->parent[frame] = 0;
	tables->cached[frame] = true;
}

static void event(const struct view *v, const struct event *e)
{
	u32 cached;

	if (!tables)
		tables = rt_alloc(sizeof(*tables));
	vm_changes_hands(&changing, e);
	switch (e->kind) {
	case EV_vm_new:
		tables->root[e->b % VIEW_VM_TABLES] = true;
		break;
	case EV_vm_gone:
		tables->root[e->b % VIEW_VM_TABLES] = false;
		break;
	case EV_pgt_alloc:
		tables->cached[e->b % VIEW_VM_TABLES] = false;
		break;
	case EV_pgt_free:
		check_free(v->panthor, (u32)e->b % VIEW_VM_TABLES);
		break;
	case EV_pgt_set:
		pte_set((u32)e->a % VIEW_VM_TABLES, (u32)e->b, e->c);
		break;
	case EV_as_tlb_fill:
		cached = v->panthor->walk_cache((u32)e->a,
				(u32)(e->b / VIEW_PAGE_SIZE / VIEW_VM_BLOCK));
		if (cached && tables->cached[cached % VIEW_VM_TABLES])
			fail(cached, "what the GPU just walked");
		break;
	}
}

static const u16 kinds[] = {
	EV_vm_new, EV_vm_gone, EV_pgt_alloc, EV_pgt_free, EV_pgt_set,
	EV_as_tlb_fill, EV_as_release, EV_as_update, 0
};

const struct oracle oracle_pt_reuse = {
	.name	= "pt-reuse",
	.claim	= "a page table in the cache is reachable from no table, no address space and no walk cache",
	.spec	= "I-E21 I-E11",
	.kinds	= kinds,
	.event	= event,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * vm-tree: what a VM maps is what its operations say, in its tree of mappings
 * and in its page table, page by page.
 *
 * A flat model of each VM, a word a page, follows the operations that
 * succeeded. When one returns, the tree must be disjoint and sorted and say the
 * same; so pieces that are left of a cut keep their pages (I-E13). After an
 * operation that failed half way the tree is believed; the page table must
 * agree with the tree always.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/vm_bind.h"

/* A page: mapped, object, its page, rights. */
#define CELL(bo, page, flags)	(1u | (flags) << 1 | (page) << 8 | (bo) << 16)

struct model {
	u32 cell[VIEW_VM_PAGES];
	u32 bo, bo_page, flags;		/* of the operation under way */
};

static struct model *models[VM_IDS] __machine;

static struct model *model_of(u32 id)
{
	if (id >= VM_IDS)
		return NULL;
	if (!models[id])
		models[id] = rt_alloc(sizeof(*models[id]));
	return models[id];
}

static void apply(struct model *m, u64 a, u64 b)
{
	u32 first = VIEW_BIND_FIRST(b), pages = VIEW_BIND_PAGES(b);

	for (u32 i = 0; i < pages && first + i < VIEW_VM_PAGES; i++)
		m->cell[first + i] = VIEW_BIND_TYPE(a) ? 0 :
			CELL(m->bo, m->bo_page + i, m->flags);
}

static void __attribute__((noreturn))
fail(u32 id, u32 page, const char *what)
{
	oracle_raise(&oracle_vm_tree, 0, "", "vm#%u, page %u: %s.", id, page,
		     what);
}

static void check_entry(const struct view_panthor *p, u32 id, u32 root,
			u32 page, u32 frame, u32 flags)
{
	u32 table;
	u64 pte = vm_translate(p, root, page * VIEW_PAGE_SIZE, &table);

	if (!frame && pte)
		fail(id, page, "an entry where the tree has no mapping");
	if (frame && !pte)
		fail(id, page, "no entry where the tree has a mapping");
	if (frame && VIEW_VM_PTE_FRAME(pte) != frame)
		fail(id, page, "the entry has another frame than the mapping");
	if (frame && !(pte & VIEW_VM_PTE_RDONLY) != !(flags & 1))
		fail(id, page, "the entry has other rights than the mapping");
}

/* One mapping, from page @from on nothing was seen yet; where it ends. */
static u32 check_gpuva(const struct view_panthor *p, u32 id, u32 root,
		       u32 nr, const struct view_gpuva *va, u32 from,
		       u32 *cell)
{
	if (!va->pages)
		fail(id, va->first, "a mapping of no size");
	if (va->first < from || va->first + va->pages > VIEW_VM_PAGES)
		fail(id, va->first, "mappings overlap");
	for (u32 i = 0; i < va->pages; i++) {
		u32 frame = p->gpuva_frame(id, nr, i);

		if (!frame)
			fail(id, va->first + i, "mapped from an object without pages");
		if (frame == VIEW_FRAME_OUT)
			frame = 0;
		check_entry(p, id, root, va->first + i, frame, va->flags);
		cell[va->first + i] = CELL(va->bo, va->bo_page + i, va->flags);
	}
	return va->first + va->pages;
}

static void check(const struct view_panthor *p, u32 id, u32 root,
		  struct model *m, bool believe)
{
	u32 cell[VIEW_VM_PAGES] = { 0 };
	struct view_gpuva va;
	u32 from = 0;

	for (u32 nr = 0; p->gpuva(id, nr, &va); nr++)
		from = check_gpuva(p, id, root, nr, &va, from, cell);
	for (u32 page = 0; page < VIEW_VM_PAGES; page++) {
		if (!cell[page])
			check_entry(p, id, root, page, 0, 0);
		if (!believe && cell[page] != m->cell[page])
			fail(id, page, "the tree is not what the operations make it");
		m->cell[page] = cell[page];
	}
}

static void event(const struct view *v, const struct event *e)
{
	u32 id = VIEW_VM_OF(e->a);
	struct model *m = model_of(id);
	struct view_as_vm vm;

	if (!m)
		return;
	if (e->kind == EV_vm_op_begin) {
		m->bo = VIEW_BIND_BO_ID(e->c);
		m->bo_page = VIEW_BIND_BO_PAGE(e->c);
		m->flags = VIEW_BIND_FLAGS(e->c);
		return;
	}
	if (!e->c)
		apply(m, e->a, e->b);
	if (vm_find(v->panthor, id, &vm))
		check(v->panthor, id, vm.root, m, e->c != 0);
}

static void quiesce(const struct view *v)
{
	struct view_as_vm vm[VIEW_AS_VMS];
	u32 nr = v->panthor->vms(vm);
	struct model believed;

	for (u32 i = 0; i < nr; i++)
		check(v->panthor, vm[i].id, vm[i].root, &believed, true);
}

static const u16 kinds[] = { EV_vm_op_begin, EV_vm_op_end, 0 };

const struct oracle oracle_vm_tree = {
	.name	= "vm-tree",
	.claim	= "a VM's mappings, its page table and the operations that succeeded agree on every page",
	.spec	= "I-E12 I-E13",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

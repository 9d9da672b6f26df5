// SPDX-License-Identifier: GPL-2.0
/*
 * hw_gpu: an access of a job, from the address space's registers to a frame.
 *
 * MODEL. A hit is one step. A miss walks the tables, one step a level, and what
 * it found counts only if nothing a translation rests on changed meanwhile:
 * hardware lets no flush complete over a walk. The level-3 table of a block is
 * remembered (the walk cache), so a walk may begin there.
 *
 *	locked region	waits until it is released
 *	no entry	latches a fault, raises the interrupt, waits for UPDATE
 *			or until the firmware gives the job up
 *	UNMAPPED	the access is dead, and the job with it
 *
 * Not modelled: accesses of one job that overtake each other.
 */
#include <linux/errno.h>

#include "targets/panthor/hw_internal.h"

/* What an access does next, and the state of the address space it rests on. */
enum step { STEP_DONE, STEP_DEAD, STEP_LOCKED, STEP_MISS, STEP_FAULT };

struct access {
	u32 vm, as;
	u64 va;
	enum hw_access kind;
	u32 value;
	u32 changes, updates;	/* as they were */
	u32 root, table;	/* where the walk begins */
	const u32 *abandon;
	bool irq;
};

static bool allowed(u64 pte, enum hw_access kind)
{
	return kind == HW_READ || !(pte & HW_PTE_RDONLY);
}

/* hw_lock() held. */
static void move(const struct access *x, u64 word)
{
	u32 frame = HW_FRAME(HW_PTE_ADDR(word));
	u64 a = VIEW_VM_ACCESS(x->vm, x->as, HW_TLB_ROOT(word));

	if (x->kind == HW_READ) {
		view_emit(EV_vm_load, a, x->va,
			  VIEW_DATA(frame, hw_page_load(frame)));
		return;
	}
	hw_page_store(frame, x->value);
	view_emit(EV_vm_store, a, x->va, VIEW_DATA(frame, x->value));
}

/* hw_lock() held. */
static enum step look(struct access *x)
{
	struct hw_as *a = &hw->as[x->as];
	u64 word = a->tlb[x->va >> 12];
	u16 cached = a->walk[x->va >> HW_SHIFT(2)];

	x->changes = a->changes;
	x->updates = a->updates;
	if (a->mode != AS_TRANSCFG_ADRMODE_AARCH64_4K)
		return STEP_DEAD;
	if (a->locked && x->va >= a->lock_start && x->va < a->lock_end)
		return STEP_LOCKED;
	if (word && allowed(word, x->kind)) {
		move(x, word);
		return STEP_DONE;
	}
	x->root = HW_FRAME(a->transtab);
	x->table = cached ? HW_WALK_TABLE(cached) : 0;
	return STEP_MISS;
}

/*
 * The entry of the page, or 0; @table becomes the level-3 table it is in, or 0
 * if it is a block's.
 */
static u64 walk(const struct access *x, u32 *table)
{
	u32 level = x->table ? 3 : 0, frame = x->table ? x->table : x->root;
	u64 pte;

	for (;; level++) {
		rt_point(RT_SITE(RT_LOAD, "gpu_walk", NULL), hw);
		pte = hw_pte_read(frame, HW_INDEX(level, x->va));
		*table = level == 3 ? frame : 0;
		if (!(pte & HW_PTE_VALID) || level == 3)
			return pte;
		if ((pte & HW_PTE_TYPE) == HW_PTE_TYPE_BLOCK)
			return pte + HW_PADDR(x->va >> 12 & (HW_BLOCK_PAGES - 1));
		frame = HW_FRAME(HW_PTE_ADDR(pte));
	}
}

/* hw_lock() held. Nothing, if what the walk rests on changed. */
static enum step fill(struct access *x, u64 pte, u32 table)
{
	struct hw_as *a = &hw->as[x->as];

	if (a->changes != x->changes)
		return STEP_MISS;
	if (table)
		a->walk[x->va >> HW_SHIFT(2)] = HW_WALK(table, x->root);
	if (!(pte & HW_PTE_VALID) || !allowed(pte, x->kind)) {
		hw_fault(x->as, x->vm, x->va, x->kind, pte & HW_PTE_VALID);
		x->irq = hw_line();
		a->stalled++;
		return STEP_FAULT;
	}
	a->tlb[x->va >> 12] = HW_TLB(pte, x->root);
	view_emit(EV_as_tlb_fill, x->as, x->va, pte);
	return STEP_MISS;
}

/* True: the job is given up. Until then, or until the address space is updated,
 * or with @locked until it is released. */
static bool stall(const struct access *x, bool locked)
{
	struct hw_as *a = &hw->as[x->as];

	for (;;) {
		u32 changes;

		rt_point(RT_SITE(RT_WAIT, "gpu_stall", NULL), a);
		changes = __atomic_load_n(&a->changes, __ATOMIC_ACQUIRE);
		if (__atomic_load_n(x->abandon, __ATOMIC_ACQUIRE))
			return true;
		if (locked ? changes != x->changes :
		    __atomic_load_n(&a->updates, __ATOMIC_ACQUIRE) != x->updates)
			return false;
		rt_wait(&a->changes, changes, RT_FOREVER, 0);
	}
}

/* A faulted access that nothing released is not there any more. */
static int given_up(const struct access *x, bool faulted)
{
	struct hw_as *a = &hw->as[x->as];

	hw_lock();
	if (faulted && a->updates == x->updates)
		a->stalled--;
	hw_unlock();
	return -EIO;
}

void hw_gpu_kick(u32 as)
{
	hw_lock();
	hw_changed(&hw->as[as]);
	hw_unlock();
}

int hw_gpu_access(u32 vm, u32 as, u64 va, enum hw_access kind, u32 value,
		  const u32 *abandon)
{
	struct access x = {
		.vm = vm, .as = as, .va = va, .kind = kind, .value = value,
		.abandon = abandon,
	};
	enum step step;
	u32 table;
	u64 pte;

	if (va >= HW_VA_PAGES * HW_PAGE_SIZE || as >= HW_AS)
		return -EIO;
	for (;;) {
		rt_point(RT_SITE(RT_LOAD, "gpu_access", NULL), hw);
		hw_lock();
		step = look(&x);
		hw_unlock();
		if (step == STEP_DONE)
			return 0;
		if (step == STEP_DEAD)
			return -EIO;
		if (step == STEP_LOCKED) {
			if (stall(&x, true))
				return given_up(&x, false);
			continue;
		}
		pte = walk(&x, &table);
		hw_lock();
		step = fill(&x, pte, table);
		hw_unlock();
		if (x.irq)
			hw_raise();
		x.irq = false;
		if (step == STEP_FAULT && stall(&x, false))
			return given_up(&x, true);
	}
}

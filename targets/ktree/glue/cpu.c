// SPDX-License-Identifier: GPL-2.0
/*
 * cpu: the MMU of each CPU, its TLB, and the exception handler over it.
 *
 * A task is its own CPU. What a CPU remembers of a page leaves in a flush and
 * not before, as in targets/mm/tlb.c: between the change of an entry and that
 * flush an access still uses the old one. The tables walked are the tree's, and
 * the accessed and dirty bits are set in them, as hardware does.
 *
 * An access is one step to a flush: one switch point before it, none inside, and
 * on threads the CPU's lock over it, which stands for hardware.
 *
 * The handler is that of arch/x86/mm/fault.c for an access by a user, in what
 * it asks of mm: the lock of the VMA first where the tree has one, then
 * mmap_lock.
 *
 * Not covered: lazy TLB mode, deferred flushes (no CPU is in mm_cpumask()).
 */
#include <linux/mm.h>
#include <linux/mmap_lock.h>
#include <linux/sched/signal.h>
#include <asm/tlbflush.h>

#include "targets/ktree/glue/ground.h"

enum tlb_op { TLB_LOAD, TLB_STORE, TLB_INCREMENT };

/* Of a CPU and a slot: words of view.h; VIEW_NONE: not remembered. */
static u64 tlb[RT_TASKS_MAX][PROG_MMS][PROG_PAGES];
static u32 tlb_lock[RT_TASKS_MAX];	/* of a CPU; never waited for in sim */
/* CPUs that have ever remembered something of a slot. */
static u32 tlb_cpus[PROG_MMS];
/* A bit for each CPU that has its interrupts off. */
static u32 irqs_off;

_Static_assert(RT_TASKS_MAX <= 32, "a bit each");

static bool permits(u64 word, bool write)
{
	u64 need = VIEW_YOUNG | (write ? VIEW_W | VIEW_DIRTY : 0);

	return VIEW_KIND(word) == VIEW_PRESENT && !(word & VIEW_PROT_NONE) &&
	       (word & need) == need;
}

/* The hardware walk; sets the bits it is there to set. VIEW_NONE: a fault. */
static u64 walk(u32 slot, unsigned long addr, bool write)
{
	pte_t *ptep = ktree_ptep(slot, addr);
	unsigned long old, new;
	pte_t pte;

	if (!ptep)
		return ktree_pte_at(slot, addr);
	do {
		pte = READ_ONCE(*ptep);
		old = pte_val(pte);
		if (!pte_present(pte) || !(old & _PAGE_PRESENT) ||
		    (write && !pte_write(pte)))
			return VIEW_NONE;
		new = old | _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0);
		if (new == old)
			break;
	} while (!__atomic_compare_exchange_n((unsigned long *)ptep, &old, new,
					      false, __ATOMIC_SEQ_CST,
					      __ATOMIC_RELAXED));
	if (new != old)
		ktree_touched(ptep);
	return ktree_word(new);
}

static void access(u32 pfn, enum tlb_op op, u32 *value, u64 cpu, u64 va)
{
	u32 *cell = ktree_cell(pfn);

	if (op == TLB_STORE)
		__atomic_store_n(cell, *value, __ATOMIC_RELAXED);
	else if (op == TLB_LOAD)
		*value = __atomic_load_n(cell, __ATOMIC_RELAXED);
	else
		*value = __atomic_fetch_add(cell, 1, __ATOMIC_RELAXED);
	if (op != TLB_STORE)
		view_emit(EV_cpu_load, cpu, va, VIEW_DATA(pfn, *value));
	if (op != TLB_LOAD)
		view_emit(EV_cpu_store, cpu, va,
			  VIEW_DATA(pfn, *value + (op == TLB_INCREMENT)));
}

static bool tlb_do(struct mm_struct *mm, unsigned long addr, enum tlb_op op,
		   u32 *value)
{
	u32 cpu = (u32)rt_self(), slot = mm_slot_of(mm);
	u64 *entry = &tlb[cpu][slot][VIEW_PAGE(addr) % PROG_PAGES];
	u64 word, va = addr & PAGE_MASK;
	bool done;

	rt_point(op != TLB_LOAD ? RT_SITE(RT_STORE, "cpu_store", NULL) :
				  RT_SITE(RT_LOAD, "cpu_load", NULL), mm);
	kt_raw_lock(&tlb_lock[cpu]);
	word = *entry;
	if (!permits(word, op != TLB_LOAD)) {
		/* Seen by a flush that comes between the walk and the fill. */
		__atomic_fetch_or(&tlb_cpus[slot], 1u << cpu, __ATOMIC_SEQ_CST);
		word = walk(slot, addr, op != TLB_LOAD);
		if (permits(word, op != TLB_LOAD)) {
			*entry = word;
			view_emit(EV_tlb_fill, VIEW_CPU(slot, cpu), va, word);
		}
	}
	done = permits(word, op != TLB_LOAD);
	if (done)
		access(VIEW_PFN(word), op, value, VIEW_CPU(slot, cpu), va);
	kt_raw_unlock(&tlb_lock[cpu]);
	return done;
}

u64 ktree_tlb_entry(u32 cpu, u32 slot, u64 va)
{
	if (cpu >= RT_TASKS_MAX || slot >= PROG_MMS || va < VIEW_BASE ||
	    va >= VIEW_VA(PROG_PAGES))
		return VIEW_NONE;
	return tlb[cpu][slot][VIEW_PAGE(va)];
}

/* -- interrupts, and flushes that wait for them -- */

/* As the flags register has it. */
unsigned long ktree_irq_flags(void)
{
	return irqs_off >> rt_self() & 1 ? 0 : X86_EFLAGS_IF;
}

void ktree_irqs_off(void)
{
	rt_point(RT_SITE(RT_RMW, "local_irq_save", "flags"), &irqs_off);
	__atomic_fetch_or(&irqs_off, 1u << rt_self(), __ATOMIC_SEQ_CST);
}

void ktree_irqs_on(void)
{
	rt_point(RT_SITE(RT_UNLOCK, "local_irq_restore", "flags"), &irqs_off);
	__atomic_fetch_and(&irqs_off, ~(1u << rt_self()), __ATOMIC_SEQ_CST);
	rt_wake(&irqs_off, ~0u);
}

/* Sections that others are in now; those that begin later see what we did. */
static void wait_for_irqs_on(const void *mm)
{
	u32 off = __atomic_fetch_or(&irqs_off, 0, __ATOMIC_SEQ_CST), bit, seen;

	off &= ~(1u << rt_self());
	for (; off; off &= off - 1) {
		bit = off & -off;
		while (rt_point_lock(RT_SITE(RT_LOCK, "wait_for_irqs_on", NULL),
				     mm, &irqs_off, bit, 0) == 0) {
			seen = __atomic_load_n(&irqs_off, __ATOMIC_ACQUIRE);
			if (!(seen & bit))
				break;
			rt_wait(&irqs_off, seen, RT_FOREVER, 0);
		}
	}
}

void flush_tlb_mm_range(struct mm_struct *mm, unsigned long start,
			unsigned long end, unsigned int stride_shift,
			bool freed_tables)
{
	u32 slot = mm_slot_of(mm), cpus, cpu, first, last, i;
	u64 from = max_t(u64, start, VIEW_BASE);
	u64 to = min_t(u64, end, VIEW_VA(PROG_PAGES));

	rt_point(RT_SITE(RT_NOTE, "flush_tlb_range", NULL), mm);
	wait_for_irqs_on(mm);
	inc_mm_tlb_gen(mm);
	if (slot == PROG_MMS)
		return;
	/* Outside the program's pages nothing is remembered. */
	first = from < to ? VIEW_PAGE(from) : 0;
	last = from < to ? VIEW_PAGE(to + PAGE_SIZE - 1) : 0;
	cpus = __atomic_load_n(&tlb_cpus[slot], __ATOMIC_SEQ_CST);
	for (; cpus; cpus &= cpus - 1) {
		cpu = (u32)__builtin_ctz(cpus);
		kt_raw_lock(&tlb_lock[cpu]);
		for (i = first; i < last; i++)
			tlb[cpu][slot][i] = VIEW_NONE;
		kt_raw_unlock(&tlb_lock[cpu]);
	}
	view_emit(EV_tlb_flush, slot, start, end);
}

/* Nothing was put off: see above. */
void arch_tlbbatch_flush(struct arch_tlbflush_unmap_batch *batch)
{
}

/* -- the exception handler -- */

static bool access_error(bool write, const struct vm_area_struct *vma)
{
	return write ? !(vma->vm_flags & VM_WRITE) :
		       !(vma->vm_flags & (VM_READ | VM_EXEC | VM_WRITE));
}

static int bad_area(u32 slot, unsigned long addr, bool write)
{
	view_emit(EV_cpu_segv, VIEW_CPU(slot, rt_self()), addr, write);
	return -EFAULT;
}

/* 1: done under the lock of the VMA alone; 0: take mmap_lock. Minus an errno. */
static int fault_vma_lock(struct mm_struct *mm, unsigned long addr,
			  unsigned int *flags, vm_fault_t *fault)
{
#ifdef CONFIG_PER_VMA_LOCK
	struct vm_area_struct *vma = lock_vma_under_rcu(mm, addr);

	if (!vma)
		return 0;
	if (access_error(*flags & FAULT_FLAG_WRITE, vma)) {
		vma_end_read(vma);
		return -EFAULT;
	}
	*fault = handle_mm_fault(vma, addr, *flags | FAULT_FLAG_VMA_LOCK, NULL);
	if (!(*fault & (VM_FAULT_RETRY | VM_FAULT_COMPLETED)))
		vma_end_read(vma);
	if (!(*fault & VM_FAULT_RETRY))
		return 1;
	if (*fault & VM_FAULT_MAJOR)
		*flags |= FAULT_FLAG_TRIED;
#endif
	return 0;
}

/* As above; -EFAULT with no lock held. */
static int fault_mmap_lock(struct mm_struct *mm, unsigned long addr,
			   unsigned int flags, vm_fault_t *fault)
{
	struct vm_area_struct *vma;

	for (;;) {
		if (mmap_read_lock_killable(mm))
			return -EINTR;
		vma = vma_lookup(mm, addr);
		if (!vma || access_error(flags & FAULT_FLAG_WRITE, vma)) {
			mmap_read_unlock(mm);
			return -EFAULT;
		}
		*fault = handle_mm_fault(vma, addr, flags, NULL);
		if (*fault & VM_FAULT_COMPLETED)
			return 1;
		if (!(*fault & VM_FAULT_RETRY))
			break;
		flags |= FAULT_FLAG_TRIED;
	}
	mmap_read_unlock(mm);
	return 1;
}

/* 0: try the access again. */
static int do_user_addr_fault(struct mm_struct *mm, unsigned long addr,
			      bool write)
{
	unsigned int flags = FAULT_FLAG_DEFAULT | FAULT_FLAG_USER |
			     (write ? FAULT_FLAG_WRITE : 0);
	vm_fault_t fault = 0;
	int ret = fault_vma_lock(mm, addr, &flags, &fault);

	if (!ret)
		ret = fault_mmap_lock(mm, addr, flags, &fault);
	if (ret == -EFAULT)
		return bad_area(mm_slot_of(mm), addr, write);
	if (ret < 0)
		return ret;
	if (fault & VM_FAULT_OOM)
		return -ENOMEM;
	return fault & VM_FAULT_ERROR ? -EFAULT : 0;
}

/*
 * Until the access is made: 0, or the errno it ends with. A fault that was for
 * nothing returns to user level, where others get the CPU.
 */
static int cpu_do(struct mm_struct *mm, unsigned long addr, enum tlb_op op,
		  u32 *value)
{
	int ret;
	u32 tries;

	for (tries = 0; !tlb_do(mm, addr, op, value); tries++) {
		if (tries > 1)
			rt_relax();
		ret = do_user_addr_fault(mm, addr, op != TLB_LOAD);
		if (ret)
			return ret;
	}
	return 0;
}

int cpu_load(struct mm_struct *mm, unsigned long addr, u32 *value)
{
	return cpu_do(mm, addr, TLB_LOAD, value);
}

int cpu_store(struct mm_struct *mm, unsigned long addr, u32 value)
{
	return cpu_do(mm, addr, TLB_STORE, &value);
}

int cpu_increment(struct mm_struct *mm, unsigned long addr, u32 *value)
{
	return cpu_do(mm, addr, TLB_INCREMENT, value);
}

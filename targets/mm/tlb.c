// SPDX-License-Identifier: GPL-2.0
/*
 * tlb.c: the MMU of each CPU, with its TLB as state an oracle can look at.
 *
 * A task is its own CPU. Per CPU and address space there is a table of what
 * the CPU remembers: an entry enters when an access walks the page table, and
 * leaves only in a flush. Between the change of a PTE and that flush an access
 * still uses the old entry: this is the whole point of modelling it.
 *
 *	munmap()				another CPU
 *	clear PTE
 *						store: TLB hit, old page
 *	flush_tlb_range()
 *	free the page
 *						store: walk, fault	[must]
 *
 * An access is one step to a flush: lookup, walk, fill and the access proper
 * are not interrupted, as the acknowledgement of a flush IPI is not given in
 * the middle of an instruction. So no switch point lies between them, only
 * one before, and the native runtime holds @lock, which stands for hardware
 * and is never waited for in sim. A walk is one step to the flush before page
 * tables are freed for the same reason.
 *
 * A CPU that walks a table in software, without its lock, turns interrupts off
 * meanwhile (GUP-fast), and then a flush waits for it: the table, and a page it
 * found there, are not freed before. Sections that begin after the PTE changed
 * see the change.
 *
 * MODEL of hardware and of arch/x86/mm/tlb.c. Not modelled: lazy TLB mode,
 * address space switches, the order of an access against the rest of memory.
 */
#include <linux/highmem.h>
#include <linux/huge_mm.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"

struct cpu_tlb {
	u32 lock;
	u64 entry[PROG_PAGES];	/* words of view.h; VIEW_NONE: absent */
};

/* The TLBs of one address space; a bit of @cpus is set before its first fill. */
struct tlb_space {
	u32 cpus;
	struct cpu_tlb *cpu[VIEW_CPUS];
};

static struct tlb_space *spaces __machine;

/* A bit for each CPU that has its interrupts off. */
static u32 irqs_off __machine;

_Static_assert(VIEW_CPUS <= 32, "a bit each");

enum tlb_op { TLB_LOAD, TLB_STORE, TLB_INCREMENT };

/* What a device's registers hold. */
static u32 io_register[PROG_PAGES] __machine;

/* In M0. */
void tlb_boot(void)
{
	spaces = rt_alloc(PROG_MMS * sizeof(*spaces));
}

static void tlb_lock(struct cpu_tlb *tlb)
{
	while (__atomic_exchange_n(&tlb->lock, 1, __ATOMIC_ACQUIRE))
		rt_relax();
}

static void tlb_unlock(struct cpu_tlb *tlb)
{
	__atomic_store_n(&tlb->lock, 0, __ATOMIC_RELEASE);
}

/* The running CPU's TLB for @slot; made, and seen by flushes, from here on. */
static struct cpu_tlb *this_cpu_tlb(u32 slot, u32 cpu)
{
	struct tlb_space *space = &spaces[slot];

	if (unlikely(!space->cpu[cpu])) {
		space->cpu[cpu] = rt_alloc(sizeof(struct cpu_tlb));
		__atomic_fetch_or(&space->cpus, 1u << cpu, __ATOMIC_SEQ_CST);
	}
	return space->cpu[cpu];
}

/* What the CPU may do with an entry; young and dirty are kept by software. */
static bool tlb_permits(u64 word, bool write)
{
	u64 need = VIEW_YOUNG | (write ? VIEW_W | VIEW_DIRTY : 0);

	return VIEW_KIND(word) == VIEW_PRESENT && !(word & VIEW_PROT_NONE) &&
	       (word & need) == need;
}

/*
 * The hardware walk: one read of the entry, no lock. What a huge entry says is
 * remembered page by page.
 */
static u64 walk(struct mm_struct *mm, unsigned long addr)
{
	struct page_table *table;
	pmd_t *pmd;

	if (addr < USER_START || addr >= USER_END)
		return VIEW_NONE;
	pmd = pmd_offset(mm, addr);
	table = __atomic_load_n(&pmd->table, __ATOMIC_SEQ_CST);
	if (likely(table))
		return pte_view(ptep_get(pte_offset(table, addr)));
	return pmd_view(pmdp_get(pmd), addr);
}

static void access_register(u32 *reg, enum tlb_op op, u32 *value)
{
	if (op == TLB_STORE)
		__atomic_store_n(reg, *value, __ATOMIC_RELAXED);
	else if (op == TLB_LOAD)
		*value = __atomic_load_n(reg, __ATOMIC_RELAXED);
	else
		*value = __atomic_fetch_add(reg, 1, __ATOMIC_RELAXED);
}

static void access(u32 pfn, enum tlb_op op, u32 *value, u64 cpu,
		   unsigned long addr)
{
	struct page *page = pfn_to_page(pfn);

	if (unlikely(pfn >= IO_PFN)) {
		access_register(&io_register[pfn - IO_PFN], op, value);
		return;
	}
	if (op == TLB_STORE)
		page_store(page, *value);
	else if (op == TLB_LOAD)
		*value = page_load(page);
	else
		*value = __atomic_fetch_add(&page->value, 1, __ATOMIC_RELAXED);
	if (op != TLB_STORE)
		view_emit(EV_cpu_load, cpu, addr, VIEW_DATA(pfn, *value));
	if (op != TLB_LOAD)
		view_emit(EV_cpu_store, cpu, addr,
			  VIEW_DATA(pfn, *value + (op == TLB_INCREMENT)));
}

static bool tlb_do(struct mm_struct *mm, unsigned long addr, enum tlb_op op,
		   u32 *value)
{
	u32 cpu = rt_self();
	struct cpu_tlb *tlb = this_cpu_tlb(mm->slot, cpu);
	u64 *entry, word;
	bool ok;

	rt_point(op != TLB_LOAD ? RT_SITE(RT_STORE, "cpu_store", NULL) :
				  RT_SITE(RT_LOAD, "cpu_load", NULL), mm);
	tlb_lock(tlb);
	entry = &tlb->entry[VIEW_PAGE(addr) % PROG_PAGES];
	word = *entry;
	ok = tlb_permits(word, op != TLB_LOAD);
	if (!ok) {
		word = walk(mm, addr);
		ok = tlb_permits(word, op != TLB_LOAD);
		if (ok) {
			__atomic_store_n(entry, word, __ATOMIC_RELAXED);
			view_emit(EV_tlb_fill, VIEW_CPU(mm->slot, cpu),
				  addr & PAGE_MASK, word);
		}
	}
	if (ok)
		access(VIEW_PFN(word), op, value, VIEW_CPU(mm->slot, cpu),
		       addr & PAGE_MASK);
	tlb_unlock(tlb);
	return ok;
}

bool tlb_access(struct mm_struct *mm, unsigned long addr, bool write,
		u32 *value)
{
	return tlb_do(mm, addr, write ? TLB_STORE : TLB_LOAD, value);
}

bool tlb_increment(struct mm_struct *mm, unsigned long addr, u32 *value)
{
	return tlb_do(mm, addr, TLB_INCREMENT, value);
}

/* What to give to arch_local_irq_restore(): not 0 if they were off already. */
unsigned long arch_local_irq_save(void)
{
	u32 bit = 1u << rt_self();

	rt_point(RT_SITE(RT_RMW, "local_irq_save", "flags"), &irqs_off);
	preempt_disable();
	return __atomic_fetch_or(&irqs_off, bit, __ATOMIC_SEQ_CST) & bit;
}

void arch_local_irq_restore(unsigned long flags)
{
	u32 bit = 1u << rt_self();

	rt_point(RT_SITE(RT_UNLOCK, "local_irq_restore", "flags"), &irqs_off);
	if (!flags) {
		__atomic_fetch_and(&irqs_off, ~bit, __ATOMIC_SEQ_CST);
		rt_wake(&irqs_off, ~0u);
	}
	preempt_enable();
}

/*
 * Wait for the sections that others are in now. The read is a write as well,
 * so that it is ordered against that of a section: either we see the section,
 * or it sees what we changed before.
 */
static void wait_for_irqs_on(struct mm_struct *mm)
{
	u32 off = __atomic_fetch_or(&irqs_off, 0, __ATOMIC_SEQ_CST), bit, seen;

	off &= ~(1u << rt_self());
	for (; unlikely(off); off &= off - 1) {
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

void flush_tlb_range(struct mm_struct *mm, unsigned long start,
		     unsigned long end)
{
	u32 first, last, cpus, i;

	start = max(start, (unsigned long)USER_START);
	end = min(end, (unsigned long)USER_END);
	first = VIEW_PAGE(start);
	last = VIEW_PAGE(end);

	rt_point(RT_SITE(RT_NOTE, "flush_tlb_range", NULL), mm);
	wait_for_irqs_on(mm);
	cpus = __atomic_load_n(&spaces[mm->slot].cpus, __ATOMIC_SEQ_CST);
	for (; cpus; cpus &= cpus - 1) {
		struct cpu_tlb *tlb =
			spaces[mm->slot].cpu[__builtin_ctz(cpus)];

		tlb_lock(tlb);
		for (i = first; i < last; i++)
			__atomic_store_n(&tlb->entry[i], VIEW_NONE,
					 __ATOMIC_RELAXED);
		tlb_unlock(tlb);
	}
	view_emit(EV_tlb_flush, mm->slot, start, end);
}

/* For the view: what @cpu remembers; VIEW_NONE if nothing. */
u64 tlb_entry(u32 cpu, u32 slot, unsigned long addr)
{
	struct cpu_tlb *tlb;

	if (slot >= PROG_MMS || cpu >= VIEW_CPUS || addr < USER_START ||
	    addr >= USER_END)
		return VIEW_NONE;
	tlb = spaces[slot].cpu[cpu];
	return tlb ? __atomic_load_n(&tlb->entry[VIEW_PAGE(addr)],
				     __ATOMIC_RELAXED) : VIEW_NONE;
}

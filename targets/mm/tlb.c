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
 * MODEL of hardware and of arch/x86/mm/tlb.c. Not modelled: lazy TLB mode,
 * address space switches, the order of an access against the rest of memory.
 */
#include <linux/highmem.h>
#include <linux/sched.h>

#include "targets/mm/internal.h"

struct cpu_tlb {
	u32 lock;
	u64 entry[PTRS_PER_PTE];	/* words of view.h; VIEW_NONE: absent */
};

/* The TLBs of one address space; a bit of @cpus is set before its first fill. */
struct tlb_space {
	u32 cpus;
	struct cpu_tlb *cpu[VIEW_CPUS];
};

static struct tlb_space *spaces __machine;

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

/* The hardware walk: one read of the entry, no lock. */
static u64 walk(struct mm_struct *mm, unsigned long addr)
{
	struct page_table *table;

	if (addr < PMD_START || addr >= PMD_END)
		return VIEW_NONE;
	table = __atomic_load_n(&mm->pmd.table, __ATOMIC_SEQ_CST);
	return table ? pte_view(ptep_get(pte_offset(table, addr))) : VIEW_NONE;
}

bool tlb_access(struct mm_struct *mm, unsigned long addr, bool write,
		u32 *value)
{
	u32 cpu = rt_self();
	struct cpu_tlb *tlb = this_cpu_tlb(mm->slot, cpu);
	u64 *entry, word;
	struct page *page;
	bool ok;

	rt_point(write ? RT_SITE(RT_STORE, "cpu_store", NULL) :
			 RT_SITE(RT_LOAD, "cpu_load", NULL), mm);
	tlb_lock(tlb);
	entry = &tlb->entry[VIEW_PAGE(addr) % PTRS_PER_PTE];
	word = *entry;
	ok = tlb_permits(word, write);
	if (!ok) {
		word = walk(mm, addr);
		ok = tlb_permits(word, write);
		if (ok) {
			__atomic_store_n(entry, word, __ATOMIC_RELAXED);
			view_emit(EV_tlb_fill, VIEW_CPU(mm->slot, cpu),
				  addr & PAGE_MASK, word);
		}
	}
	if (ok) {
		page = pfn_to_page(VIEW_PFN(word));
		if (write)
			page_store(page, *value);
		else
			*value = page_load(page);
		view_emit(write ? EV_cpu_store : EV_cpu_load,
			  VIEW_CPU(mm->slot, cpu), addr & PAGE_MASK,
			  VIEW_DATA(VIEW_PFN(word), *value));
	}
	tlb_unlock(tlb);
	return ok;
}

void flush_tlb_range(struct mm_struct *mm, unsigned long start,
		     unsigned long end)
{
	u32 first, last, cpus, i;

	start = max(start, (unsigned long)PMD_START);
	end = min(end, (unsigned long)PMD_END);
	first = VIEW_PAGE(start);
	last = VIEW_PAGE(end);

	rt_point(RT_SITE(RT_NOTE, "flush_tlb_range", NULL), mm);
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

	if (slot >= PROG_MMS || cpu >= VIEW_CPUS || addr < PMD_START ||
	    addr >= PMD_END)
		return VIEW_NONE;
	tlb = spaces[slot].cpu[cpu];
	return tlb ? __atomic_load_n(&tlb->entry[VIEW_PAGE(addr)],
				     __ATOMIC_RELAXED) : VIEW_NONE;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * vma_events: what happens to VMAs, tables and TLB debts, for the journal.
 *
 * VMAs change under mmap_lock held for writing, in a dozen functions, before or
 * after the entries below them. So rights are not told by who changes them: at
 * each sign of what comes next, the program's sixteen pages are looked up and
 * what differs from before is told. The signs are a gather, a bracket (see
 * notifier_events.c), and that the lock is let go or downgraded: nobody else can
 * have acted on the new rights before, but who walks by rmap, without that lock.
 * So there are two signs more, see by_rmap().
 */
#include <linux/mm.h>
#include <linux/mm_inline.h>
#include <linux/mmap_lock.h>
#include <asm/tlb.h>

#include "targets/ktree/glue/files.h"

/* What was told last, by slot. */
static u8 told[PROG_MMS][PROG_PAGES];
/* What it maps, as EV_vma_map has it, of kind + 1; 0: nothing. */
static u64 told_map[PROG_MMS][PROG_PAGES];
/* By task: program pages it has mapped anew, to be told as such. */
static u32 mapped[RT_TASKS_MAX];

static u32 vma_prot(const struct vm_area_struct *vma)
{
	if (!vma)
		return VIEW_UNMAPPED;
	if (vma->vm_flags & VM_WRITE)
		return VIEW_PROT_RW;
	return vma->vm_flags & VM_READ ? VIEW_PROT_R : VIEW_PROT_NO;
}

/* Of a tree that does not change meanwhile. */
static struct vm_area_struct *vma_at(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;
	MA_STATE(mas, &mm->mm_mt, addr, addr);

	ktree_quiet++;
	vma = mas_walk(&mas);
	ktree_quiet--;
	/* A fork that failed marks where its copy ends. */
	return xa_is_zero(vma) ? NULL : vma;
}

u32 ktree_vma_prot(u32 slot, u64 va)
{
	struct mm_struct *mm = mm_slot_get(slot);

	return mm ? vma_prot(vma_at(mm, va)) : VIEW_UNMAPPED;
}

/* What a page of it maps, and where its pages belong. */
static u64 map_of(u32 slot, const struct vm_area_struct *vma, unsigned long addr)
{
	u32 file = vma->vm_file ? ktree_file_number(file_inode(vma->vm_file)) :
				  VIEW_FILES;
	u32 kind = VIEW_VMA_ANON;
	u32 index = (u32)(vma->vm_pgoff + ((addr - vma->vm_start) >> PAGE_SHIFT));

	if (file == VIEW_FILES)
		file = 0;
	else if (!(vma->vm_flags & VM_SHARED))
		kind = VIEW_VMA_PRIVATE;
	else
		kind = ktree_file_is_shmem(file) ? VIEW_VMA_SHMEM : VIEW_VMA_FILE;
	return VIEW_VMA_MAP(slot, kind + 1, file, index);
}

/* Rights, by runs of pages that changed alike. */
static void tell_prots(u32 slot, const u8 *now)
{
	u32 page, end;

	for (page = 0; page < PROG_PAGES; page = end) {
		end = page + 1;
		if (now[page] == told[slot][page])
			continue;
		while (end < PROG_PAGES && now[end] == now[page] &&
		       now[end] != told[slot][end])
			end++;
		view_emit(EV_vma_set, VIEW_VMA(slot, now[page]), VIEW_VA(page),
			  VIEW_VA(end));
	}
}

void ktree_vmas_changed(struct mm_struct *mm)
{
	u32 slot = mm_slot_of(mm), page, fresh = mapped[rt_self()];
	u64 map[PROG_PAGES];
	u8 now[PROG_PAGES];

	if (slot == PROG_MMS)
		return;
	for (page = 0; page < PROG_PAGES; page++) {
		const struct vm_area_struct *vma = vma_at(mm, VIEW_VA(page));

		now[page] = (u8)vma_prot(vma);
		map[page] = vma ? map_of(slot, vma, VIEW_VA(page)) : 0;
	}
	tell_prots(slot, now);
	for (page = 0; page < PROG_PAGES; page++)
		if (map[page] && (map[page] != told_map[slot][page] ||
				  fresh >> page & 1))
			view_emit(EV_vma_map, map[page] - VIEW_VMA_MAP(0, 1, 0, 0),
				  VIEW_VA(page), VIEW_VA(page + 1));
	memcpy(told[slot], now, sizeof(now));
	memcpy(told_map[slot], map, sizeof(map));
}

void ktree_vmas_mapped(u32 pages)
{
	mapped[rt_self()] = pages;
}

/* A child's VMAs are its parent's before its entries are. */
int __real_copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src);
int __wrap_copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src);
int __wrap_copy_page_range(struct vm_area_struct *dst, struct vm_area_struct *src)
{
	int ret;

	ktree_vmas_changed(dst->vm_mm);
	ret = __real_copy_page_range(dst, src);
	if (ret)
		ktree_fork_fails();
	return ret;
}

/* -- the lock is let go -- */

bool ktree_writes(struct mm_struct *mm)
{
	const struct kt_task *k = kt_self();
	u32 i;

	for (i = 0; i < k->nr_held; i++)
		if (k->held[i].lock == &mm->mmap_lock &&
		    k->held[i].mode == KT_EXCLUSIVE)
			return true;
	return false;
}

static struct mm_struct *mm_of_lock(const struct rw_semaphore *sem)
{
	struct mm_struct *mm;
	u32 slot;

	for (slot = 0; slot < PROG_MMS; slot++) {
		mm = mm_slot_get(slot);
		if (mm && &mm->mmap_lock == sem)
			return mm;
	}
	return NULL;
}

/*
 * P0 mprotect()			P1 remove_migration_pte()
 *
 * down_write(mmap_lock)
 * down_write(anon_vma->rwsem)
 * merges the VMA with the next
 * up_write(anon_vma->rwsem)
 *					down_read(anon_vma->rwsem)
 *					asks the VMA, and sets an entry that
 *					gives as much
 * invalidate_range_start()
 *
 *	[What P1 set is right.]
 *
 * A VMA that is not merged is changed where it is, and its vm_page_prot last.
 */
static void by_rmap(void)
{
	if (current->mm && ktree_writes(current->mm))
		ktree_vmas_changed(current->mm);
}

static void letting_go(const struct rw_semaphore *sem)
{
	struct mm_struct *mm = mm_of_lock(sem);
	u32 parent, child;

	if (!mm) {
		by_rmap();
		return;
	}
	ktree_vmas_changed(mm);
	if (ktree_forking(&parent, &child) && mm_slot_of(mm) == parent)
		ktree_fork_end();
}

void __real_vma_set_page_prot(struct vm_area_struct *vma);
void __wrap_vma_set_page_prot(struct vm_area_struct *vma);
void __wrap_vma_set_page_prot(struct vm_area_struct *vma)
{
	by_rmap();
	__real_vma_set_page_prot(vma);
}

void __real_up_write(struct rw_semaphore *sem);
void __wrap_up_write(struct rw_semaphore *sem);
void __wrap_up_write(struct rw_semaphore *sem)
{
	letting_go(sem);
	__real_up_write(sem);
}

void __real_downgrade_write(struct rw_semaphore *sem);
void __wrap_downgrade_write(struct rw_semaphore *sem);
void __wrap_downgrade_write(struct rw_semaphore *sem)
{
	letting_go(sem);
	__real_downgrade_write(sem);
}

/* -- gathers -- */

static void gather(u16 kind, struct mm_struct *mm)
{
	u32 slot = mm_slot_of(mm);

	if (slot < PROG_MMS)
		view_emit(kind, slot, 0, 0);
}

void __real_tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
void __wrap_tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm);
void __wrap_tlb_gather_mmu(struct mmu_gather *tlb, struct mm_struct *mm)
{
	__real_tlb_gather_mmu(tlb, mm);
	gather(EV_gather_begin, mm);
}

void __real_tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm);
void __wrap_tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm);
void __wrap_tlb_gather_mmu_fullmm(struct mmu_gather *tlb, struct mm_struct *mm)
{
	__real_tlb_gather_mmu_fullmm(tlb, mm);
	gather(EV_gather_begin, mm);
}

void __real_tlb_finish_mmu(struct mmu_gather *tlb);
void __wrap_tlb_finish_mmu(struct mmu_gather *tlb);
void __wrap_tlb_finish_mmu(struct mmu_gather *tlb)
{
	struct mm_struct *mm = tlb->mm;

	__real_tlb_finish_mmu(tlb);
	gather(EV_gather_end, mm);
}

/* -- entries that move to another place -- */

struct vm_area_struct *__real_copy_vma(struct vm_area_struct **vmap,
				       unsigned long addr, unsigned long len,
				       pgoff_t pgoff, bool *need_rmap_locks);
struct vm_area_struct *__wrap_copy_vma(struct vm_area_struct **vmap,
				       unsigned long addr, unsigned long len,
				       pgoff_t pgoff, bool *need_rmap_locks);
struct vm_area_struct *__wrap_copy_vma(struct vm_area_struct **vmap,
				       unsigned long addr, unsigned long len,
				       pgoff_t pgoff, bool *need_rmap_locks)
{
	unsigned long from = ktree_mremap_from();
	struct vm_area_struct *vma =
		__real_copy_vma(vmap, addr, len, pgoff, need_rmap_locks);
	u32 slot = vma ? mm_slot_of(vma->vm_mm) : PROG_MMS;

	if (slot < PROG_MMS && from) {
		ktree_vmas_changed(vma->vm_mm);
		view_emit(EV_mremap, VIEW_MREMAP(slot, len >> PAGE_SHIFT), from,
			  addr);
	}
	return vma;
}

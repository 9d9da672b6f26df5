// SPDX-License-Identifier: GPL-2.0
/*
 * mmap.c: the VMAs of an address space: finding, making, splitting, removing.
 *
 * Models mm/mmap.c and mm/vma.c, 6.12. Spec: core.md 2.3, 2.5, 6.1, 6.6.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			write to change VMAs; munmap() goes down to
 *					read once its VMAs are off the list
 *     mapping->i_mmap_rwsem		write to link, unlink or cut a VMA of a file
 *       anon_vma->rwsem		write to cut one that has anonymous pages
 *     notifier callbacks		no PTL held
 *     table->ptl
 *
 * After munmap() downgraded, faults elsewhere in the mm run beside its zap. A
 * fault in the removed range finds no VMA; a translation of it made before is
 * what the bracket and the gather are for. Walks of the rmap hold no mmap_lock:
 * they read where a VMA begins and ends under the rmap locks, so split_vma()
 * writes that under them.
 *
 * Differences:
 *  - VMAs are a sorted list and are split but never merged;
 *  - mmap() is MAP_FIXED; every file may be read and written;
 *  - what mmap() replaces is gone also if the new VMA cannot be had;
 *  - no limits, accounting, locked memory, stack growth.
 */
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/huge_mm.h>
#include <linux/mman.h>
#include <linux/mutex.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mutation.h"

u32 vma_prot(const struct vm_area_struct *vma)
{
	if (!vma)
		return VIEW_UNMAPPED;
	if (vma->vm_flags & VM_WRITE)
		return VIEW_PROT_RW;
	return vma->vm_flags & VM_READ ? VIEW_PROT_R : VIEW_PROT_NO;
}

void vma_changed(struct mm_struct *mm, unsigned long start, unsigned long end,
		 u32 prot)
{
	view_emit(EV_vma_set, VIEW_VMA(mm->slot, prot), start, end);
}

static u32 vma_kind(const struct vm_area_struct *vma)
{
	if (vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP))
		return VIEW_VMA_SPECIAL;
	if (vma_is_anonymous(vma))
		return VIEW_VMA_ANON;
	if (!(vma->vm_flags & VM_SHARED))
		return VIEW_VMA_PRIVATE;
	return shmem_file(vma->vm_file) ? VIEW_VMA_SHMEM : VIEW_VMA_FILE;
}

void vma_mapped(const struct vm_area_struct *vma)
{
	u32 slot = vma->vm_mm->slot;
	u32 ino = vma->vm_file ? file_inode(vma->vm_file)->i_ino : 0;

	view_emit(EV_vma_map,
		  VIEW_VMA_MAP(slot, vma_kind(vma), ino, vma->vm_pgoff),
		  vma->vm_start, vma->vm_end);
	vma_changed(vma->vm_mm, vma->vm_start, vma->vm_end, vma_prot(vma));
}

/*
 * A file that has a say in who writes its pages maps them read-only at first,
 * so that the first store faults; shared anonymous memory has no such wish.
 */
bool vma_wants_writenotify(const struct vm_area_struct *vma)
{
	if ((vma->vm_flags & (VM_WRITE | VM_SHARED)) != (VM_WRITE | VM_SHARED))
		return false;
	return vma_has_page_mkwrite(vma);
}

/* vm_page_prot from vm_flags. mmap_lock, write; walks of the rmap look on. */
void vma_set_page_prot(struct vm_area_struct *vma)
{
	vm_flags_t vm_flags = vma->vm_flags;

	if (vma_wants_writenotify(vma))
		vm_flags &= ~VM_SHARED;
	__atomic_store_n(&vma->vm_page_prot.pgprot,
			 vm_get_page_prot(vm_flags).pgprot, __ATOMIC_RELAXED);
}

struct vm_area_struct *find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = mm->mmap;

	while (vma && vma->vm_end <= addr)
		vma = vma->vm_next;
	return vma;
}

struct vm_area_struct *vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = find_vma(mm, addr);

	return vma && vma->vm_start <= addr ? vma : NULL;
}

struct vm_area_struct *find_vma_intersection(struct mm_struct *mm,
					     unsigned long start,
					     unsigned long end)
{
	struct vm_area_struct *vma = find_vma(mm, start);

	return vma && vma->vm_start < end ? vma : NULL;
}

bool range_valid(unsigned long start, unsigned long len)
{
	return !((start | len) & ~PAGE_MASK) && len && start >= USER_START &&
	       start < USER_END && len <= USER_END - start;
}

/* The i_mmap of a VMA's file, for who changes it. NULL: it has no file. */
static struct address_space *vma_lock_mapping(const struct vm_area_struct *vma)
{
	struct address_space *mapping;

	if (!vma->vm_file)
		return NULL;
	mapping = vma->vm_file->f_mapping;
	i_mmap_lock_write(mapping);
	return mapping;
}

/* Walks meet it after every VMA that is there. */
static void vma_link_file(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma_lock_mapping(vma);

	if (!mapping)
		return;
	list_add_tail(&vma->shared, &mapping->i_mmap);
	i_mmap_unlock_write(mapping);
}

void unlink_file_vma(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma_lock_mapping(vma);

	if (!mapping)
		return;
	list_del(&vma->shared);
	i_mmap_unlock_write(mapping);
}

/* Cut @vma at @addr; the other part, @new, is where walks will look next. */
static void split_linked(struct vm_area_struct *vma,
			 struct vm_area_struct *new, unsigned long addr)
{
	struct address_space *mapping = vma_lock_mapping(vma);
	struct anon_vma *anon_vma = vma->anon_vma;

	if (anon_vma)
		anon_vma_lock_write(anon_vma);
	vma->vm_end = addr;
	if (anon_vma)
		anon_vma_unlock_write(anon_vma);
	if (mapping) {
		list_add(&new->shared, &vma->shared);
		i_mmap_unlock_write(mapping);
	}
}

/* Keeps [vm_start, addr); the rest becomes a VMA of its own. 0 or -ENOMEM. */
int split_vma(struct vm_area_struct *vma, unsigned long addr)
{
	struct vm_area_struct *new;

	mmap_assert_write_locked(vma->vm_mm);
	new = vm_area_dup(vma);
	if (!new)
		return -ENOMEM;
	vma_adjust_trans_huge(vma, addr);
	new->vm_start = addr;
	if (!mutated(mm_split_keeps_pgoff))
		new->vm_pgoff += (addr - vma->vm_start) >> PAGE_SHIFT;
	if (anon_vma_clone(new, vma)) {
		vm_area_free(new);
		return -ENOMEM;
	}
	if (new->vm_file)
		get_file(new->vm_file);
	split_linked(vma, new, addr);
	vma->vm_next = new;
	vma->vm_mm->map_count++;
	return 0;
}

void vma_link(struct mm_struct *mm, struct vm_area_struct *vma)
{
	struct vm_area_struct **link = &mm->mmap;

	while (*link && (*link)->vm_start < vma->vm_start)
		link = &(*link)->vm_next;
	vma->vm_next = *link;
	*link = vma;
	mm->map_count++;
	vma_link_file(vma);
}

/* Off every list by now; the file's last reference may go with one. */
static void remove_vmas(struct vm_area_struct *vma)
{
	struct vm_area_struct *next;

	for (; vma; vma = next) {
		next = vma->vm_next;
		if (vma->vm_file)
			fput(vma->vm_file);
		vm_area_free(vma);
	}
}

/*
 * Take the VMAs of [start, end) off the list, as a list of their own. *@floor
 * and *@ceiling: nothing is left between them.
 */
static struct vm_area_struct *detach_vmas(struct mm_struct *mm,
					  unsigned long start,
					  unsigned long end,
					  unsigned long *floor,
					  unsigned long *ceiling)
{
	struct vm_area_struct **link = &mm->mmap, **tail, *first;

	*floor = USER_START;
	while (*link && (*link)->vm_start < start) {
		*floor = (*link)->vm_end;
		link = &(*link)->vm_next;
	}
	first = *link;
	for (tail = link; *tail && (*tail)->vm_start < end;
	     tail = &(*tail)->vm_next)
		mm->map_count--;
	*link = *tail;
	*tail = NULL;
	*ceiling = *link ? (*link)->vm_start : USER_END;
	return first;
}

/* Needs mmap_lock, any mode; @vma and what follows it are off the list. */
static void unmap_region(struct mm_struct *mm, struct vm_area_struct *vma,
			 unsigned long start, unsigned long end,
			 unsigned long floor, unsigned long ceiling)
{
	struct mmu_gather tlb;

	tlb_gather_mmu(&tlb, mm);
	unmap_vmas(&tlb, vma, start, end);
	free_pgtables(&tlb, vma, floor, ceiling);
	tlb_finish_mmu(&tlb);
}

int do_vmi_align_munmap(struct mm_struct *mm, unsigned long start,
			unsigned long end, bool unlock)
{
	struct vm_area_struct *vma, *detached;
	unsigned long floor, ceiling;

	vma = find_vma_intersection(mm, start, end);
	if (!vma) {
		if (unlock)
			mmap_write_unlock(mm);
		return 0;
	}
	if (vma->vm_start < start && split_vma(vma, start))
		return -ENOMEM;
	vma = find_vma_intersection(mm, end - 1, end);
	if (vma && vma->vm_end > end && split_vma(vma, end))
		return -ENOMEM;
	detached = detach_vmas(mm, start, end, &floor, &ceiling);
	vma_changed(mm, start, end, VIEW_UNMAPPED);
	if (unlock)
		mmap_write_downgrade(mm);
	unmap_region(mm, detached, start, end, floor, ceiling);
	remove_vmas(detached);
	if (unlock)
		mmap_read_unlock(mm);
	return 0;
}

int vm_munmap(struct mm_struct *mm, unsigned long start, size_t len)
{
	int ret;

	if (!range_valid(start, len))
		return -EINVAL;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = do_vmi_align_munmap(mm, start, start + len, true);
	if (ret)
		mmap_write_unlock(mm);
	return ret;
}

/* What a new VMA of @vm_flags maps. NULL: private anonymous memory. */
static struct file *mmap_file_get(struct file *file, vm_flags_t vm_flags,
				  unsigned long len)
{
	if (file)
		return get_file(file);
	return vm_flags & VM_SHARED ? shmem_file_setup((long)len) : NULL;
}

/* Needs mmap_lock, write. What was mapped there is unmapped first. */
static int mmap_region(struct mm_struct *mm, struct file *file,
		       unsigned long addr, unsigned long len,
		       vm_flags_t vm_flags, unsigned long pgoff)
{
	struct vm_area_struct *vma;
	int ret;

	ret = do_vmi_align_munmap(mm, addr, addr + len, false);
	if (ret)
		return ret;
	vma = vm_area_alloc(mm);
	if (!vma)
		return -ENOMEM;
	vma->vm_start = addr;
	vma->vm_end = addr + len;
	vma->vm_flags = vm_flags;
	vma->vm_pgoff = pgoff;
	file = mmap_file_get(file, vm_flags, len);
	if (IS_ERR(file)) {
		vm_area_free(vma);
		return PTR_ERR(file);
	}
	vma->vm_file = file;
	if (file)
		vma->vm_flags |= file_inode(file)->vm_flags;
	vma_set_page_prot(vma);
	vma_link(mm, vma);
	vma_mapped(vma);
	if (!file || !file_inode(file)->mmap)
		return 0;
	ret = file_inode(file)->mmap(file, vma);
	if (ret)
		do_vmi_align_munmap(mm, addr, addr + len, false);
	return ret;
}

int ksys_mmap(struct mm_struct *mm, unsigned long addr, unsigned long len,
	      unsigned long prot, unsigned long flags, struct file *file,
	      unsigned long pgoff)
{
	vm_flags_t vm_flags = calc_vm_prot_bits(prot) | VM_MAYREAD |
			      VM_MAYWRITE;
	int ret;

	if (!range_valid(addr, len))
		return -EINVAL;
	if (!(flags & MAP_SHARED) == !(flags & MAP_PRIVATE) ||
	    !(flags & MAP_ANONYMOUS) == !file)
		return -EINVAL;
	if (flags & MAP_SHARED)
		vm_flags |= VM_SHARED;
	/* Private anonymous memory is numbered through the address space. */
	if (!file)
		pgoff = flags & MAP_SHARED ? 0 : addr >> PAGE_SHIFT;
	if (mmap_write_lock_killable(mm))
		return -EINTR;
	ret = mmap_region(mm, file, addr, len, vm_flags, pgoff);
	mmap_write_unlock(mm);
	return ret;
}

/*
 * The last user is gone. Secondary MMUs are told first, while everything is
 * still there; hlist notifiers hear nothing after that, interval notifiers
 * also see the UNMAP bracket. The reaper may work beside the unmap, under the
 * same lock for reading, and must be out before the tables go.
 */
void exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct mmu_gather tlb;

	mm_slot_state(mm->slot, VIEW_MM_EXITING);
	view_emit(EV_mm_exit, mm->slot, 0, 0);
	mmu_notifier_release(mm);

	mmap_read_lock(mm);
	vma = mm->mmap;
	if (!vma) {
		mmap_read_unlock(mm);
		mmap_write_lock(mm);
		goto destroy;
	}
	tlb_gather_mmu_fullmm(&tlb, mm);
	unmap_vmas(&tlb, vma, 0, ~0ul);
	mmap_read_unlock(mm);

	set_bit(MMF_OOM_SKIP, &mm->flags);
	mmap_write_lock(mm);
	free_pgtables(&tlb, vma, USER_START, USER_END);
	tlb_finish_mmu(&tlb);
	mm->mmap = NULL;
	mm->map_count = 0;
	remove_vmas(vma);
destroy:
	mmap_write_unlock(mm);

	WARN_ON(mm->rss);
	mm_slot_state(mm->slot, VIEW_MM_DEAD);
	view_emit(EV_mm_dead, mm->slot, 0, 0);
}

/* Who locks several of a class must be alone in doing so. */
static DEFINE_MUTEX(mm_all_locks_mutex);

static void vm_lock_mapping(struct address_space *mapping)
{
	if (lock_is_held(&mapping->i_mmap_rwsem))
		return;
	lockdep_nest(SINGLE_DEPTH_NESTING);
	i_mmap_lock_write(mapping);
}

static void vm_lock_anon_vma(struct anon_vma *anon_vma)
{
	if (lock_is_held(&anon_vma->root->rwsem))
		return;
	lockdep_nest(SINGLE_DEPTH_NESTING);
	anon_vma_lock_write(anon_vma);
}

int mm_take_all_locks(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct anon_vma_chain *avc;

	mmap_assert_write_locked(mm);
	mutex_lock(&mm_all_locks_mutex);
	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		if (vma->vm_file)
			vm_lock_mapping(vma->vm_file->f_mapping);
	}
	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		list_for_each_entry(avc, &vma->anon_vma_chain, same_vma)
			vm_lock_anon_vma(avc->anon_vma);
	}
	if (!fatal_signal_pending(current))
		return 0;
	mm_drop_all_locks(mm);
	return -EINTR;
}

void mm_drop_all_locks(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	struct anon_vma_chain *avc;

	for (vma = mm->mmap; vma; vma = vma->vm_next) {
		list_for_each_entry(avc, &vma->anon_vma_chain, same_vma)
			if (lock_is_held(&avc->anon_vma->root->rwsem))
				anon_vma_unlock_write(avc->anon_vma);
		if (vma->vm_file &&
		    lock_is_held(&vma->vm_file->f_mapping->i_mmap_rwsem))
			i_mmap_unlock_write(vma->vm_file->f_mapping);
	}
	mutex_unlock(&mm_all_locks_mutex);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * fork.c: making, copying and losing an address space.
 *
 * Models the mm part of kernel/fork.c, 6.12. Spec: core.md 2.4, 6.4, 6.6.
 *
 * Lock order: the parent's mmap_lock, then the child's, both for writing; the
 * child is nobody's yet, so the second never waits. Inside, one after the
 * other: the rmap locks, to link a VMA; and memory_copy.c's. A VMA is on the
 * rmap before its entries are copied, and after its parent there: a walk that
 * holds no mmap_lock finds in the child what it was too late for in the parent.
 *
 * Between the write-protection of the parent's entries and the flush at the
 * end another thread of the parent may still write through its TLB (window
 * W-FORK): both see that store, which is as if it came before the fork.
 *
 * Differences:
 *  - an mm has a slot, the number programs and events use;
 *  - a parent that was reaped does not fork: upstream has killed it by then;
 *  - a signal is looked for once, not before each VMA; and why a copy failed is
 *    told, where upstream's fork() says -ENOMEM of everything;
 *  - no memory policy, accounting, VM_WIPEONFORK.
 */
#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "targets/mm/internal.h"
#include "targets/mm/mm.h"
#include "targets/mutation.h"

struct vm_area_struct *vm_area_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma = kzalloc(sizeof(*vma), GFP_KERNEL);

	if (vma) {
		vma->vm_mm = mm;
		INIT_LIST_HEAD(&vma->anon_vma_chain);
	}
	return vma;
}

struct vm_area_struct *vm_area_dup(struct vm_area_struct *orig)
{
	struct vm_area_struct *new = kmalloc(sizeof(*new), GFP_KERNEL);

	if (new) {
		/* Others of its file may be linking themselves to it; the
		 * clone gets links of its own. */
		data_race(memcpy(new, orig, sizeof(*new)));
		INIT_LIST_HEAD(&new->anon_vma_chain);
	}
	return new;
}

void vm_area_free(struct vm_area_struct *vma)
{
	kfree(vma);
}

/* Into the file's i_mmap, right after its parent. */
static void vma_share_file(struct vm_area_struct *tmp,
			   struct vm_area_struct *mpnt)
{
	struct address_space *mapping;

	if (!tmp->vm_file)
		return;
	get_file(tmp->vm_file);
	mapping = tmp->vm_file->f_mapping;
	i_mmap_lock_write(mapping);
	list_add(&tmp->shared, &mpnt->shared);
	i_mmap_unlock_write(mapping);
}

/* NULL: no memory. Else the rmap knows of it. */
static struct vm_area_struct *dup_vma(struct mm_struct *mm,
				      struct vm_area_struct *mpnt)
{
	struct vm_area_struct *tmp = vm_area_dup(mpnt);

	if (!tmp)
		return NULL;
	tmp->vm_mm = mm;
	tmp->vm_next = NULL;
	if (anon_vma_fork(tmp, mpnt)) {
		vm_area_free(tmp);
		return NULL;
	}
	tmp->vm_flags &= ~VM_LOCKED;
	vma_share_file(tmp, mpnt);
	vma_mapped(tmp);
	return tmp;
}

static int copy_vmas(struct mm_struct *mm, struct mm_struct *oldmm)
{
	struct vm_area_struct *mpnt, *tmp, **tail = &mm->mmap;
	int ret;

	for (mpnt = oldmm->mmap; mpnt; mpnt = mpnt->vm_next) {
		if (mpnt->vm_flags & VM_DONTCOPY)
			continue;
		tmp = dup_vma(mm, mpnt);
		if (!tmp)
			return -ENOMEM;
		*tail = tmp;
		tail = &tmp->vm_next;
		mm->map_count++;
		ret = copy_page_range(tmp, mpnt);
		if (ret)
			return ret;
	}
	return 0;
}

/* Fills the empty @mm. On error it has part of the parent: mmput() it. */
static int dup_mmap(struct mm_struct *mm, struct mm_struct *oldmm)
{
	int ret;

	if (mmap_write_lock_killable(oldmm))
		return -EINTR;
	view_emit(EV_fork_begin, oldmm->slot, mm->slot, 0);
	mmap_write_lock_nested(mm, SINGLE_DEPTH_NESTING);
	if (test_bit(MMF_UNSTABLE, &oldmm->flags))
		ret = -EINTR;
	else
		ret = copy_vmas(mm, oldmm);
	mmap_write_unlock(mm);
	if (!mutated(mm_fork_skip_flush))
		flush_tlb_mm(oldmm);
	view_emit(EV_fork_end, oldmm->slot, mm->slot, (u64)(s64)ret);
	mmap_write_unlock(oldmm);
	return ret;
}

/* One user, no VMAs. NULL: no memory. @parent: a slot, or ~0. */
struct mm_struct *mm_alloc(u32 slot, u32 parent)
{
	struct mm_struct *mm = kzalloc(sizeof(*mm), GFP_KERNEL);

	if (!mm)
		return NULL;
	mm->slot = slot;
	rt_name(mm, "mm", (int)slot);
	__atomic_store_n(&mm->mm_users.counter, 1, __ATOMIC_RELAXED);
	__atomic_store_n(&mm->mm_count.counter, 1, __ATOMIC_RELAXED);
	mmap_init_lock(mm);
	spin_lock_init(&mm->page_table_lock);
	seqcount_init(&mm->write_protect_seq);
	mmu_notifier_subscriptions_init(mm);
	view_emit(EV_mm_new, parent == ~0u ? ~0ull : parent, slot, 0);
	return mm;
}

/* Tell the journal both counts; @mm must still be there. */
static void mm_users_changed(struct mm_struct *mm)
{
	view_emit(EV_mm_users, mm->slot,
		  (u64)__atomic_load_n(&mm->mm_users.counter, __ATOMIC_RELAXED),
		  (u64)__atomic_load_n(&mm->mm_count.counter, __ATOMIC_RELAXED));
}

void mmgrab(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_count);
	mm_users_changed(mm);
}

static void __mmdrop(struct mm_struct *mm)
{
	mmu_notifier_subscriptions_destroy(mm);
	mm_slot_set(mm->slot, NULL);
	kfree(mm);
}

void mmdrop(struct mm_struct *mm)
{
	u32 slot = mm->slot;
	int count;

	rt_point(RT_SITE(RT_RMW, "mmdrop", NULL), mm);
	count = __atomic_sub_fetch(&mm->mm_count.counter, 1, __ATOMIC_SEQ_CST);
	view_emit(EV_mm_users, slot, 0, (u64)count);
	if (!count)
		__mmdrop(mm);
}

void mmget(struct mm_struct *mm)
{
	atomic_inc(&mm->mm_users);
	mm_users_changed(mm);
}

bool mmget_not_zero(struct mm_struct *mm)
{
	if (!atomic_inc_not_zero(&mm->mm_users))
		return false;
	mm_users_changed(mm);
	return true;
}

void mmput(struct mm_struct *mm)
{
	might_sleep();
	rt_point(RT_SITE(RT_RMW, "mmput", NULL), mm);
	if (__atomic_sub_fetch(&mm->mm_users.counter, 1, __ATOMIC_SEQ_CST)) {
		mm_users_changed(mm);
		return;
	}
	mm_users_changed(mm);
	exit_mmap(mm);
	mmdrop(mm);
}

struct mm_struct *dup_mm(struct mm_struct *oldmm)
{
	u32 slot = mm_slot_take();
	struct mm_struct *mm;
	int err;

	if (slot == PROG_MMS)
		return ERR_PTR(-EAGAIN);
	mm = mm_alloc(slot, oldmm->slot);
	if (!mm) {
		mm_slot_state(slot, VIEW_MM_UNUSED);
		return ERR_PTR(-ENOMEM);
	}
	mm_slot_set(slot, mm);
	err = dup_mmap(mm, oldmm);
	if (err) {
		mmput(mm);
		return ERR_PTR(err);
	}
	return mm;
}

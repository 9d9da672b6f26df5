// SPDX-License-Identifier: GPL-2.0
/*
 * hmm.c: mirrors: their life, and what the CPU's changes do to them.
 *
 * Models mm/hmm.c of HMM v12 but for device faults (hmm_fault.c) and the list
 * of them (hmm_fault_list.c):
 * "HMM: introduce heterogeneous memory management", "HMM: add per mirror page
 * table", and of "HMM: add device page fault support" what waits for faults.
 * Spec: hmm-v12.md 1 to 4, 7.
 *
 * Lock order, outermost first:
 *
 *   mm->mmap_lock			write to register and to destroy a hmm
 *     the notifier's SRCU section
 *       hmm->rwsem			the list of mirrors; over updates
 *         the device's lock
 *           directory locks		of the mirror's table
 *     hmm->lock			faults and pages; a leaf but for
 *       the notifier's lock		of active ranges
 *
 * Differences, each of which is an ORIGINAL row of mutations.def:
 *  - an invalidation of a page, which is on no list of ranges, is on one of
 *    ours until the mirrors are updated, and keeps faults out (Q-B4);
 *  - a second device finds the hmm of the first (Q-B5);
 *  - a mirror that dies waits for device faults before its last update, and is
 *    gone from the list for others only after it (W-B7, and what else could
 *    pass it by in between);
 * and, with nothing to show for it here:
 *  - mprotect() raises one event per VMA, so looking at the VMA of its start is
 *    enough (Q-B7);
 *  - mm->hmm is a table by mm slot.
 */
#include <linux/bug.h>
#include <linux/errno.h>
#include <linux/rculist.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "targets/hmm_mirror/hmm.h"
#include "targets/mutation.h"

static struct hmm *mm_hmm[PROG_MMS] __machine;	/* mm->hmm */

static struct hmm *hmm_of(const struct mm_struct *mm)
{
	return __atomic_load_n(&mm_hmm[mm->slot], __ATOMIC_ACQUIRE);
}

const struct hmm *hmm_of_slot(u32 slot)
{
	return __atomic_load_n(&mm_hmm[slot], __ATOMIC_ACQUIRE);
}

static void hmm_set(const struct mm_struct *mm, struct hmm *hmm)
{
	__atomic_store_n(&mm_hmm[mm->slot], hmm, __ATOMIC_RELEASE);
}

/* 0, or -EINVAL: the range is empty, or no such kind. */
int hmm_event_init(struct hmm_event *event, const struct hmm *hmm,
		   unsigned long start, unsigned long end,
		   enum hmm_etype etype)
{
	event->start = start & PAGE_MASK;
	event->end = ALIGN(min(end, hmm->vm_end), PAGE_SIZE);
	if (event->start >= event->end)
		return -EINVAL;
	event->etype = etype;
	event->pte_mask = ~0ull;
	switch (etype) {
	case HMM_DEVICE_RFAULT:
	case HMM_DEVICE_WFAULT:
		return 0;
	case HMM_FORK:
	case HMM_WRITE_PROTECT:
		event->pte_mask = ~HMM_PTE_WRITE;
		return 0;
	case HMM_MIGRATE:
	case HMM_MUNMAP:
		event->pte_mask = 0;
		return 0;
	default:
		return -EINVAL;
	}
}

/* -- invalidations -- */

int hmm_mirror_call_update(struct hmm_mirror *mirror, struct hmm_event *event)
{
	u64 a = VIEW_V12_UPDATE(mirror->pt.space, event->etype);
	int ret;

	rt_point(RT_SITE(RT_NOTE, "hmm_device_ops.update", NULL), mirror);
	view_emit(EV_v12_update_begin, a, event->start, event->end);
	ret = mirror->device->ops->update(mirror, event);
	view_emit(EV_v12_update_end, a, event->start, event->end);
	return ret;
}

/* Directory locked. */
static void update_entry(struct hmm_pt_iter *iter, unsigned long addr,
			 dma_addr_t *hmm_pte, const struct hmm_event *event)
{
	dma_addr_t entry = hmm_pte_read(hmm_pte);

	if (!hmm_pte_valid(entry))
		return;
	if (hmm_pte_test_and_clear_dirty(iter, addr, hmm_pte) &&
	    entry & HMM_PTE_WRITE && !mutated(h12_drop_dirty)) {
		folio_mark_dirty(page_folio(pfn_to_page(hmm_pte_pfn(entry))));
		view_emit(EV_v12_page_dirty, iter->pt->space, addr,
			  hmm_pte_pfn(entry));
	}
	hmm_pte_mask(iter, addr, hmm_pte, event->pte_mask);
	if (!(event->pte_mask & HMM_PTE_VALID_PFN))
		hmm_pt_iter_directory_unref(iter);
}

static void hmm_mirror_update_pt(struct hmm_mirror *mirror,
				 const struct hmm_event *event)
{
	unsigned long addr = event->start, next;
	struct hmm_pt_iter iter;
	dma_addr_t *hmm_pte;

	hmm_pt_iter_init(&iter, &mirror->pt);
	while (addr < event->end) {
		next = event->end;
		hmm_pte = hmm_pt_iter_lookup(&iter, addr, &next);
		if (!hmm_pte) {
			addr = next;
			continue;
		}
		hmm_pt_iter_directory_lock(&iter);
		do {
			update_entry(&iter, addr, hmm_pte, event);
		} while (addr += PAGE_SIZE, hmm_pte++, addr != next);
		hmm_pt_iter_directory_unlock(&iter);
	}
	hmm_pt_iter_fini(&iter);
}

/*
 * The device lets go first: only it knows what it wrote. If it fails it has not
 * let go, and what the table says is needed for its last update.
 */
static int hmm_mirror_update(struct hmm_mirror *mirror, struct hmm_event *event)
{
	int ret;

	if (mutated(h12_table_before_device))
		hmm_mirror_update_pt(mirror, event);
	ret = hmm_mirror_call_update(mirror, event);
	if (!ret && !mutated(h12_table_before_device))
		hmm_mirror_update_pt(mirror, event);
	return ret;
}

static void hmm_mirror_kill(struct hmm_mirror *mirror);

static void hmm_update(struct hmm *hmm, struct hmm_event *event)
{
	struct hmm_mirror *mirror;
	bool failed;

	if (hmm_of(hmm->mm) != hmm)
		return;
	if (!mutated(h12_update_skip_fault_wait))
		hmm_wait_device_fault(hmm, event, NULL);
	do {
		failed = false;
		down_read(&hmm->rwsem);
		hlist_for_each_entry(mirror, &hmm->mirrors, mlist) {
			if (hmm_mirror_update(mirror, event)) {
				failed = true;
				mirror = hmm_mirror_ref(mirror);
				break;
			}
		}
		up_read(&hmm->rwsem);
		if (failed) {
			hmm_mirror_kill(mirror);
			hmm_mirror_unref(&mirror);
		}
	} while (failed);
	wake_up_all(&hmm->wait_queue);
}

/* -- the notifier -- */

static struct hmm *hmm_of_notifier(struct mmu_notifier_v12 *mn)
{
	return container_of(mn, struct hmm, mmu_notifier);
}

/* mprotect: what the VMA allows from now on. HMM_NONE: it takes nothing. */
static enum hmm_etype mprot_etype(struct mm_struct *mm, unsigned long start)
{
	const struct vm_area_struct *vma = vma_lookup(mm, start);

	if (!vma || !(vma->vm_flags & VM_READ))
		return HMM_MUNMAP;
	return vma->vm_flags & VM_WRITE ? HMM_NONE : HMM_WRITE_PROTECT;
}

static enum hmm_etype hmm_etype_of(enum mmu_event event, struct mm_struct *mm,
				   unsigned long start)
{
	switch (event) {
	case MMU_FORK:
		return HMM_FORK;
	case MMU_MPROT:
		return mprot_etype(mm, start);
	case MMU_SOFT_DIRTY:
	case MMU_WRITE_BACK:
		return HMM_WRITE_PROTECT;
	case MMU_MUNMAP:
		return HMM_MUNMAP;
	default:
		return HMM_MIGRATE;
	}
}

static void hmm_notifier_invalidate(struct mmu_notifier_v12 *mn,
				    struct mm_struct *mm, unsigned long start,
				    unsigned long end, enum mmu_event mmu_event)
{
	struct hmm *hmm = hmm_of_notifier(mn);
	enum hmm_etype etype;
	struct hmm_event event;

	if (start >= hmm->vm_end)
		return;
	etype = hmm_etype_of(mmu_event, mm, start);
	if (etype == HMM_NONE || hmm_event_init(&event, hmm, start, end, etype))
		return;
	hmm_update(hmm, &event);
}

/*
 * No range tells device faults of this one: it does so itself, for as long as
 * the mirrors are being updated. One that began before is waited for.
 */
static void hmm_notifier_invalidate_page(struct mmu_notifier_v12 *mn,
					 struct mm_struct *mm,
					 unsigned long addr,
					 enum mmu_event mmu_event)
{
	bool listed = !mutated(h12_page_unlisted);
	struct hmm *hmm = hmm_of_notifier(mn);
	struct hmm_event event;

	if (hmm_event_init(&event, hmm, addr, addr + PAGE_SIZE,
			   hmm_etype_of(mmu_event, mm, addr)))
		return;
	spin_lock(&hmm->lock);
	if (listed)
		list_add_tail(&event.list, &hmm->pages);
	spin_unlock(&hmm->lock);
	hmm_update(hmm, &event);
	spin_lock(&hmm->lock);
	if (listed)
		list_del_init(&event.list);
	__WRITE_ONCE(hmm->nended, hmm->nended + 1);
	view_emit(EV_v12_page_done, mm->slot, event.start, event.end);
	spin_unlock(&hmm->lock);
	wake_up_all(&hmm->wait_queue);
}

static struct hmm_mirror *hmm_detach_mirror(struct hmm *hmm,
					    struct hmm_mirror *mirror);

static void hmm_notifier_release(struct mmu_notifier_v12 *mn,
				 struct mm_struct *mm)
{
	struct hmm *hmm = hmm_of_notifier(mn);
	struct hmm_mirror *mirror;

	while ((mirror = hmm_detach_mirror(hmm, NULL)))
		hmm_mirror_unref(&mirror);
	wake_up_all(&hmm->wait_queue);
}

static const struct mmu_notifier_v12_ops hmm_notifier_ops = {
	.release = hmm_notifier_release,
	.invalidate_page = hmm_notifier_invalidate_page,
	.invalidate_range_start = hmm_notifier_invalidate,
};

/* -- hmm -- */

/* mmap_lock, write. NULL: no memory. */
static struct hmm *hmm_alloc(struct mm_struct *mm)
{
	struct hmm *hmm = kzalloc(sizeof(*hmm), GFP_KERNEL);

	if (!hmm)
		return NULL;
	hmm->mm = mm;
	hmm->vm_end = USER_END;
	kref_init(&hmm->kref);
	INIT_HLIST_HEAD(&hmm->mirrors);
	init_rwsem(&hmm->rwsem);
	INIT_LIST_HEAD(&hmm->device_faults);
	INIT_LIST_HEAD(&hmm->pages);
	init_waitqueue_head(&hmm->wait_queue);
	spin_lock_init(&hmm->lock);
	hmm->mmu_notifier.ops = &hmm_notifier_ops;
	rt_name(hmm, "hmm", (int)mm->slot);
	return hmm;
}

static void hmm_free_rcu(struct rcu_head *rcu)
{
	struct hmm *hmm = container_of(rcu, struct hmm, rcu);
	struct mm_struct *mm = hmm->mm;

	kfree(hmm);
	mmu_notifier_v12_put_mm(mm);
}

/* mmap_lock, write: nobody takes a reference from the table any more. */
static void hmm_destroy(struct kref *kref)
{
	struct hmm *hmm = container_of(kref, struct hmm, kref);

	if (hmm_of(hmm->mm) == hmm)
		hmm_set(hmm->mm, NULL);
	mmu_notifier_v12_unregister_no_release(&hmm->mmu_notifier, hmm->mm);
	mmu_notifier_v12_call_srcu(&hmm->rcu, hmm_free_rcu);
}

static void hmm_unref(struct hmm *hmm)
{
	struct mm_struct *mm = hmm->mm;

	mmgrab(mm);
	mmap_write_lock(mm);
	kref_put(&hmm->kref, hmm_destroy);
	mmap_write_unlock(mm);
	mmdrop(mm);
}

/* mmap_lock, write. A reference to the hmm of @mm, or an error in *@ret. */
static struct hmm *hmm_get(struct mm_struct *mm, int *ret)
{
	struct hmm *hmm = hmm_of(mm);

	if (hmm && !mutated(h12_register_second_hmm)) {
		kref_get(&hmm->kref);
		return hmm;
	}
	*ret = -ENOMEM;
	hmm = hmm_alloc(mm);
	if (!hmm)
		return NULL;
	*ret = mmu_notifier_v12_register(&hmm->mmu_notifier, mm);
	if (*ret) {
		kfree(hmm);
		return NULL;
	}
	hmm_set(mm, hmm);
	view_emit(EV_v12_hmm, mm->slot, 0, 0);
	return hmm;
}

/* -- mirrors -- */

void hmm_device_register(struct hmm_device *device,
			 const struct hmm_device_ops *ops)
{
	device->ops = ops;
	INIT_LIST_HEAD(&device->mirrors);
	spin_lock_init(&device->lock);
}

bool hmm_mirror_is_dead(struct hmm_mirror *mirror)
{
	return hlist_unhashed_lockless(&mirror->mlist);
}

struct hmm_mirror *hmm_mirror_ref(struct hmm_mirror *mirror)
{
	return kref_get_unless_zero(&mirror->kref) ? mirror : NULL;
}

static void hmm_mirror_destroy(struct kref *kref)
{
	struct hmm_mirror *mirror = container_of(kref, struct hmm_mirror, kref);
	struct hmm_device *device = mirror->device;

	hmm_pt_fini(&mirror->pt);
	hmm_unref(mirror->hmm);
	spin_lock(&device->lock);
	list_del_init(&mirror->dlist);
	spin_unlock(&device->lock);
	device->ops->free(mirror);
}

void hmm_mirror_unref(struct hmm_mirror **mirror)
{
	kref_put(&(*mirror)->kref, hmm_mirror_destroy);
	*mirror = NULL;
}

/* 0, or -EINVAL. The list has a reference. */
static int hmm_add_mirror(struct hmm *hmm, struct hmm_mirror *mirror)
{
	struct hmm_mirror *other;
	int ret = 0;

	down_write(&hmm->rwsem);
	hlist_for_each_entry(other, &hmm->mirrors, mlist)
		if (other->device == mirror->device)
			ret = -EINVAL;
	if (!ret) {
		kref_get(&mirror->kref);
		hlist_add_head_rcu(&mirror->mlist, &hmm->mirrors);
	}
	up_write(&hmm->rwsem);
	return ret;
}

int hmm_mirror_register(struct hmm_mirror *mirror, struct mm_struct *mm,
			u32 space)
{
	struct hmm_device *device = mirror->device;
	int ret = 0;

	kref_init(&mirror->kref);
	INIT_HLIST_NODE(&mirror->mlist);
	hmm_pt_init(&mirror->pt, space);
	mmap_write_lock(mm);
	mirror->hmm = hmm_get(mm, &ret);
	if (mirror->hmm) {
		spin_lock(&device->lock);
		list_add(&mirror->dlist, &device->mirrors);
		spin_unlock(&device->lock);
		view_emit(EV_gpu_space, space, mm->slot,
			  (u64)mmu_notifier_v12_subscriber(mm));
		ret = hmm_add_mirror(mirror->hmm, mirror);
	}
	mmap_write_unlock(mm);
	if (!mirror->hmm || !ret)
		return ret;
	view_emit(EV_gpu_space_gone, space, 0, 0);
	hmm_unref(mirror->hmm);
	spin_lock(&device->lock);
	list_del_init(&mirror->dlist);
	spin_unlock(&device->lock);
	return ret;
}

/* rwsem, write: for ever, as far as the device is concerned. */
static void last_update(struct hmm *hmm, struct hmm_mirror *mirror)
{
	struct hmm_event event;

	hmm_event_init(&event, hmm, USER_START, hmm->vm_end, HMM_MUNMAP);
	if (!mutated(h12_kill_skip_fault_wait))
		hmm_wait_device_fault(hmm, &event, mirror);
	hmm_mirror_update(mirror, &event);
}

/*
 * @mirror, or if NULL any, goes off the list, and its device is told; whose
 * reference it was is the caller's now. NULL: it was off already, or there is
 * none. What is not on the list is not updated, so the device must have let go
 * before another invalidation can find it missing.
 */
static struct hmm_mirror *hmm_detach_mirror(struct hmm *hmm,
					    struct hmm_mirror *mirror)
{
	bool early = mutated(h12_kill_unlock_before_update);

	down_write(&hmm->rwsem);
	if (!mirror)
		mirror = hlist_entry_safe(hmm->mirrors.first, struct hmm_mirror,
					  mlist);
	if (!mirror || hlist_unhashed(&mirror->mlist)) {
		up_write(&hmm->rwsem);
		return NULL;
	}
	hlist_del_init_rcu(&mirror->mlist);
	if (early)
		up_write(&hmm->rwsem);
	last_update(hmm, mirror);
	if (!early)
		up_write(&hmm->rwsem);
	mirror->device->ops->release(mirror);
	view_emit(EV_v12_released, mirror->pt.space, 0, 0);
	return mirror;
}

static void hmm_mirror_kill(struct hmm_mirror *mirror)
{
	mirror = hmm_detach_mirror(mirror->hmm, mirror);
	if (mirror)
		hmm_mirror_unref(&mirror);
}

/*
 * The grace period comes before the last reference is dropped, so that no
 * callback drops it: it may hold mmap_lock, which a hmm is destroyed under.
 */
void hmm_mirror_unregister(struct hmm_mirror *mirror)
{
	hmm_mirror_kill(mirror);
	mmu_notifier_v12_synchronize();
	hmm_mirror_unref(&mirror);
}

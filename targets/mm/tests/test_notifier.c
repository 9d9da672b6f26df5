// SPDX-License-Identifier: GPL-2.0
/*
 * test_notifier: who is told of an invalidation, when, and what waits for it.
 */
#include <linux/mutex.h>
#include <linux/slab.h>

#include "targets/mm/tests/mm_test.h"

/* A follower of the boot mm: both kinds of notifier and their lock. */
struct follower {
	struct mmu_notifier notifier;
	struct mmu_interval_notifier interval;
	struct mutex mutex;
	bool inside;			/* between the two callbacks */
	bool released;
};

static struct follower *f __machine;
static u32 freed __machine;

static bool interval_invalidate(struct mmu_interval_notifier *sub,
				const struct mmu_notifier_range *range,
				unsigned long cur_seq)
{
	if (mmu_notifier_range_blockable(range))
		mutex_lock(&f->mutex);
	else if (!mutex_trylock(&f->mutex))
		return false;
	mmu_interval_set_seq(sub, cur_seq);
	f->inside = true;
	mutex_unlock(&f->mutex);
	return true;
}

static const struct mmu_interval_notifier_ops interval_ops = {
	.invalidate = interval_invalidate,
};

static int start(struct mmu_notifier *sub,
		 const struct mmu_notifier_range *range)
{
	struct follower *me = container_of(sub, struct follower, notifier);

	if (!mmu_notifier_range_blockable(range))
		return -EAGAIN;
	mutex_lock(&me->mutex);
	CUT_CHECK(!me->released);
	mutex_unlock(&me->mutex);
	return 0;
}

static void release(struct mmu_notifier *sub, struct mm_struct *mm)
{
	struct follower *me = container_of(sub, struct follower, notifier);

	CUT_CHECK(!me->released);
	CUT_CHECK(view_mm.mm(mm->slot).state == VIEW_MM_EXITING);
	me->released = true;
}

static void free_notifier(struct mmu_notifier *sub)
{
	freed++;
	kfree(container_of(sub, struct follower, notifier));
}

static const struct mmu_notifier_ops ops = {
	.release = release,
	.invalidate_range_start = start,
	.free_notifier = free_notifier,
};

void notifier_boot(void)
{
	struct mm_struct *mm;

	mm_test_boot();
	mm = mm_enter(0);
	f = kzalloc(sizeof(*f), GFP_KERNEL);
	mutex_init(&f->mutex);
	f->notifier.ops = &ops;
	CUT_CHECK(mmu_notifier_register(&f->notifier, mm) == 0);
	mm_leave(mm);
}

void notifier_halt(void)
{
	struct follower *mine = f;

	mm_halt();
	CUT_CHECK(mine->released);
	mmu_notifier_put(&mine->notifier);
	mmu_notifier_synchronize();
	CUT_CHECK(freed == 1);
}

static int insert(struct mmu_interval_notifier *sub, struct mm_struct *mm,
		  u32 page)
{
	return mmu_interval_notifier_insert(sub, mm, VIEW_VA(page), PAGE_SIZE,
					    &interval_ops);
}

static int dontneed(struct mm_struct *mm, u32 page)
{
	return do_madvise_dontneed(mm, VIEW_VA(page), PAGE_SIZE);
}

void notifier_seq_moves(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	unsigned long seq;

	CUT_CHECK(mmu_interval_notifier_insert(&f->interval, mm, VIEW_VA(0), 0,
					       &interval_ops) == -EOVERFLOW);
	CUT_CHECK(insert(&f->interval, mm, 0) == 0);
	seq = mmu_interval_read_begin(&f->interval);
	CUT_CHECK(seq & 1);
	CUT_CHECK(dontneed(mm, 1) == 0);
	CUT_CHECK(!mmu_interval_check_retry(&f->interval, seq));
	CUT_CHECK(dontneed(mm, 0) == 0);
	CUT_CHECK(mmu_interval_check_retry(&f->interval, seq));
	CUT_CHECK(mmu_interval_read_retry(&f->interval, seq));
	seq = mmu_interval_read_begin(&f->interval);
	CUT_CHECK(!mmu_interval_read_retry(&f->interval, seq));
	mmu_interval_notifier_remove(&f->interval);
	CUT_CHECK(view_mm.mm(0).intervals == 0);
	mm_leave(mm);
}

/*
 * A reader that began without a retry to come read nothing that an open
 * bracket was about to take: if the page it saw is gone, retry says so.
 */
void notifier_collision_waits(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	unsigned long seq;
	u64 word;

	if (index) {
		CUT_CHECK(test_store(mm, 0, 1) == 0);
		CUT_CHECK(dontneed(mm, 0) == 0);
		mm_leave(mm);
		return;
	}
	CUT_CHECK(insert(&f->interval, mm, 0) == 0);
	seq = mmu_interval_read_begin(&f->interval);
	mmap_read_lock(mm);
	word = test_entry(0, 0);
	mmap_read_unlock(mm);
	mutex_lock(&f->mutex);
	if (!mmu_interval_read_retry(&f->interval, seq))
		CUT_CHECK(VIEW_KIND(word) == VIEW_NONE ||
			  VIEW_PFN(test_entry(0, 0)) == VIEW_PFN(word));
	mutex_unlock(&f->mutex);
	mmu_interval_notifier_remove(&f->interval);
	mm_leave(mm);
}

/* A bracket of page 0 finds an interval there, so the tree is frozen in it. */
void notifier_frozen_boot(void)
{
	struct mm_struct *mm;

	notifier_boot();
	mm = mm_enter(0);
	CUT_CHECK(insert(&f->interval, mm, 0) == 0);
	mm_leave(mm);
}

void notifier_frozen_halt(void)
{
	mmu_interval_notifier_remove(&f->interval);
	notifier_halt();
}

/* Removed before its deferred insertion was done: it never gets into the tree. */
void notifier_taken_back(u32 index)
{
	struct mmu_interval_notifier *mine;
	struct mm_struct *mm = mm_enter(0);

	if (index) {
		CUT_CHECK(dontneed(mm, 0) == 0);
	} else {
		mine = kzalloc(sizeof(*mine), GFP_KERNEL);
		CUT_CHECK(insert(mine, mm, 1) == 0);
		mmu_interval_notifier_remove(mine);
		kfree(mine);
	}
	mm_leave(mm);
}

/* Insertions and removals beside brackets that overlap one of the intervals. */
void notifier_deferred_race(u32 index)
{
	struct mmu_interval_notifier *mine;
	struct mm_struct *mm = mm_enter(0);

	if (index == 2) {
		CUT_CHECK(test_store(mm, 0, 1) == 0);
		CUT_CHECK(dontneed(mm, 0) == 0);
	} else {
		mine = kzalloc(sizeof(*mine), GFP_KERNEL);
		CUT_CHECK(insert(mine, mm, 0) == 0);
		mmu_interval_read_begin(mine);
		mmu_interval_notifier_remove(mine);
		kfree(mine);
	}
	mm_leave(mm);
}

void notifier_nonblock_is_refused(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct view_mm v;

	CUT_CHECK(test_store(mm, 0, 1) == 0);
	CUT_CHECK(insert(&f->interval, mm, 0) == 0);
	CUT_CHECK(oom_reap_task_mm(mm) == -EAGAIN);
	v = view_mm.mm(0);
	CUT_CHECK(v.active_ranges == 0);
	CUT_CHECK(!(v.invalidate_seq & 1));
	CUT_CHECK(test_load(mm, 0) == 1);
	mmu_interval_read_begin(&f->interval);
	mmu_interval_notifier_remove(&f->interval);
	mm_leave(mm);
}

static int start_after_interval(struct mmu_notifier *sub,
				const struct mmu_notifier_range *range)
{
	struct follower *me = container_of(sub, struct follower, notifier);

	CUT_CHECK(me->inside);
	me->inside = false;
	return 0;
}

static const struct mmu_notifier_ops order_ops = {
	.release = release,
	.invalidate_range_start = start_after_interval,
	.free_notifier = free_notifier,
};

void notifier_order_holds(u32 index)
{
	struct mm_struct *mm = mm_enter(0);

	CUT_CHECK(insert(&f->interval, mm, 0) == 0);
	f->notifier.ops = &order_ops;
	CUT_CHECK(dontneed(mm, 0) == 0);
	CUT_CHECK(vm_munmap(mm, VIEW_VA(0), 2 * PAGE_SIZE) == 0);
	f->notifier.ops = &ops;
	mmu_interval_notifier_remove(&f->interval);
	mm_leave(mm);
}

/* A second notifier comes and goes beside invalidations. */
void notifier_put_race(u32 index)
{
	struct mm_struct *mm = mm_enter(0);
	struct follower *second;

	if (index) {
		CUT_CHECK(test_store(mm, 0, 1) == 0);
		CUT_CHECK(dontneed(mm, 0) == 0);
	} else {
		second = kzalloc(sizeof(*second), GFP_KERNEL);
		mutex_init(&second->mutex);
		second->notifier.ops = &ops;
		CUT_CHECK(mmu_notifier_register(&second->notifier, mm) == 0);
		mmu_notifier_put(&second->notifier);
		mmu_notifier_synchronize();
		CUT_CHECK(freed == 1);
		freed = 0;
	}
	mm_leave(mm);
}

/* A second notifier, which counts its releases. */
static struct follower *second __machine;
static u32 releases __machine;

static void count_release(struct mmu_notifier *sub, struct mm_struct *mm)
{
	/* By unregister and by the exit at once, if so they meet. */
	__atomic_fetch_add(&releases, 1, __ATOMIC_RELAXED);
	CUT_CHECK(sub == &second->notifier);
}

static const struct mmu_notifier_ops counting_ops = {
	.release = count_release,
};

void notifier_unregister_boot(void)
{
	struct mm_struct *mm;

	notifier_boot();
	mm = mm_enter(0);
	second = kzalloc(sizeof(*second), GFP_KERNEL);
	second->notifier.ops = &counting_ops;
	CUT_CHECK(mmu_notifier_register(&second->notifier, mm) == 0);
	mm_leave(mm);
}

/*
 * Unregistering beside the exit of the mm: whoever comes first calls release,
 * both may, and neither call is running when unregister returns.
 */
void notifier_unregister_race(u32 index)
{
	struct follower *mine;
	u32 nr;

	if (index) {
		mm_halt();
		return;
	}
	mine = second;
	mmu_notifier_unregister(&mine->notifier, mine->notifier.mm);
	nr = __atomic_load_n(&releases, __ATOMIC_RELAXED);
	CUT_CHECK(nr == 1 || nr == 2);
	second = NULL;
	kfree(mine);
}

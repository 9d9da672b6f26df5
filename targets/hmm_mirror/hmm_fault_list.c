// SPDX-License-Identifier: GPL-2.0
/*
 * hmm_fault_list.c: the device faults in progress on an mm.
 *
 * Models hmm_device_fault_start(), hmm_device_fault_end() and
 * hmm_wait_device_fault() of mm/hmm.c, HMM v12, patch 08/29. Spec: hmm-v12.md 4.
 *
 * An invalidation and a device fault meet under hmm->lock:
 *
 *	invalidation				device fault
 *	its range is listed
 *	lock: some fault listed?		lock: some range listed?
 *	unlock					if not, list the fault; unlock
 *	wait for it [if so]			start over [if so]
 *
 * Whoever comes second under the lock sees the first.
 *
 * Lock order: hmm.c. Differences: who waits for a fault waits for one to end,
 * by a number that only grows, not for the number of faults to be another one
 * (Q-B3); pages that are invalidated without a range are listed here too (Q-B4);
 * a mirror that died lists no more.
 */
#include <linux/errno.h>

#include "targets/hmm_mirror/hmm.h"
#include "targets/mutation.h"

static u32 faults __machine;			/* numbers of device faults */

/* hmm->lock */
static bool page_overlaps(const struct hmm *hmm, const struct hmm_event *event)
{
	const struct hmm_event *page;

	list_for_each_entry(page, &hmm->pages, list)
		if (hmm_event_overlap(page, event))
			return true;
	return false;
}

static void hmm_wait_pages(struct hmm *hmm, const struct hmm_event *event)
{
	u32 seen;

	spin_lock(&hmm->lock);
	while (page_overlaps(hmm, event)) {
		seen = hmm->nended;
		spin_unlock(&hmm->lock);
		wait_event(hmm->wait_queue, READ_ONCE(hmm->nended) != seen);
		spin_lock(&hmm->lock);
	}
	spin_unlock(&hmm->lock);
}

static u64 fault_word(const struct hmm *hmm, const struct hmm_event *event)
{
	return VIEW_V12_FAULT(hmm->mm->slot, event->mirror->pt.space,
			      event->id);
}

static void fault_list(struct hmm *hmm, struct hmm_event *event)
{
	list_add_tail(&event->list, &hmm->device_faults);
	__WRITE_ONCE(hmm->ndevice_faults, hmm->ndevice_faults + 1);
	__WRITE_ONCE(event->backoff, false);
	event->id = __atomic_add_fetch(&faults, 1, __ATOMIC_RELAXED);
	view_emit(EV_v12_listed, fault_word(hmm, event), event->start,
		  event->end);
}

int hmm_device_fault_start(struct hmm_mirror *mirror, struct hmm_event *event)
{
	struct hmm *hmm = mirror->hmm;
	bool inactive = false;
	int ret = 0;

	event->mirror = mirror;
	mmu_notifier_range_wait_active(hmm->mm, event->start, event->end);
	hmm_wait_pages(hmm, event);
	if (mutated(h12_start_check_outside_lock))
		inactive = mmu_notifier_range_inactive(hmm->mm, event->start,
						       event->end);
	spin_lock(&hmm->lock);
	if (!mutated(h12_start_check_outside_lock))
		inactive = mmu_notifier_range_inactive(hmm->mm, event->start,
						       event->end);
	/* Who kills it takes it off its list first, then looks for us. */
	if (hmm_mirror_is_dead(mirror))
		ret = -ENODEV;
	else if (inactive && !page_overlaps(hmm, event))
		fault_list(hmm, event);
	else
		ret = -EAGAIN;
	spin_unlock(&hmm->lock);
	wake_up_all(&hmm->wait_queue);
	return ret;
}

void hmm_device_fault_end(struct hmm *hmm, struct hmm_event *event)
{
	spin_lock(&hmm->lock);
	list_del_init(&event->list);
	__WRITE_ONCE(hmm->ndevice_faults, hmm->ndevice_faults - 1);
	__WRITE_ONCE(hmm->nended, hmm->nended + 1);
	view_emit(EV_v12_unlisted, fault_word(hmm, event), event->start,
		  event->end);
	spin_unlock(&hmm->lock);
	wake_up_all(&hmm->wait_queue);
}

/* What a waiter remembers: it is different when some fault has ended. */
static u32 fault_count(const struct hmm *hmm)
{
	return mutated(h12_fault_count_aba) ?
		__READ_ONCE(hmm->ndevice_faults) : __READ_ONCE(hmm->nended);
}

/* For the journal: whose faults are waited for. */
static u64 wait_word(const struct hmm *hmm, const struct hmm_mirror *mirror)
{
	return VIEW_V12_WAIT(hmm->mm->slot,
			     mirror ? mirror->pt.space : VIEW_V12_ALL);
}

static bool fault_ended(struct hmm *hmm, const struct hmm_event *ievent,
			const struct hmm_mirror *mirror, u32 seen)
{
	if (fault_count(hmm) != seen)
		return true;
	view_emit(EV_v12_asleep, wait_word(hmm, mirror), ievent->start,
		  ievent->end);
	return false;
}

/* hmm->lock. Every fault that overlaps is asked to give way; was there one? */
static bool backoff_faults(struct hmm *hmm, const struct hmm_event *ievent,
			   const struct hmm_mirror *mirror)
{
	struct hmm_event *fevent;
	bool found = false;

	list_for_each_entry(fevent, &hmm->device_faults, list) {
		if (!hmm_event_overlap(fevent, ievent) ||
		    (mirror && fevent->mirror != mirror))
			continue;
		found = true;
		if (mutated(h12_skip_backoff))
			continue;
		__WRITE_ONCE(fevent->backoff, true);
		view_emit(EV_v12_backoff, fault_word(hmm, fevent),
			  fevent->start, fevent->end);
	}
	return found;
}

void hmm_wait_device_fault(struct hmm *hmm, const struct hmm_event *ievent,
			   const struct hmm_mirror *mirror)
{
	u32 seen;

	spin_lock(&hmm->lock);
	while (backoff_faults(hmm, ievent, mirror)) {
		seen = fault_count(hmm);
		spin_unlock(&hmm->lock);
		wait_event(hmm->wait_queue, fault_ended(hmm, ievent, mirror, seen));
		spin_lock(&hmm->lock);
	}
	view_emit(EV_v12_waited, wait_word(hmm, mirror), ievent->start,
		  ievent->end);
	spin_unlock(&hmm->lock);
}

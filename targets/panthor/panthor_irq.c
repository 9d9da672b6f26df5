// SPDX-License-Identifier: GPL-2.0
/*
 * panthor_irq: the MMU's interrupt, a raw handler and a thread.
 *
 * Models PANTHOR_IRQ_HANDLER() of panthor_device.h, 6.12; spec panthor.md 4, 5.
 * The raw handler runs on the task that raised the line and only masks and
 * wakes; task I0 is the thread.
 *
 * Locks: the thread takes as.slots_lock, so nobody waits for it with that held.
 *
 * Differences:
 *  - The handler clears the bits it has dealt with, under as.slots_lock. Upstream
 *    cleared them all before it was called, so that by the time it had the lock
 *    the fault could be somebody else's (W-E3).
 *  - The mask is restored under as.slots_lock. Read and written without it,
 *    as upstream, it may undo a repair that came in between.
 *  - Suspend says so first, and masks a second time when no handler is left:
 *    one that was running may have written the mask meanwhile (W-E5).
 */
#include <linux/hardirq.h>

#include "targets/kernel/kernel.h"
#include "targets/panthor/panthor_mmu.h"
#include "targets/view_panthor.h"

static void irq_put(struct panthor_irq *pirq, u32 n)
{
	if (!__atomic_sub_fetch(&pirq->inflight, n, __ATOMIC_RELEASE))
		rt_wake(&pirq->inflight, ~0u);
}

static void panthor_mmu_irq_raw_handler(void *arg)
{
	struct panthor_irq *pirq = arg;
	struct panthor_device *ptdev = pirq->ptdev;
	u8 context = panthor_device_context(ptdev, VIEW_REG_IRQ);

	__atomic_add_fetch(&pirq->inflight, 1, __ATOMIC_ACQUIRE);
	irq_enter();
	if (!atomic_read(&pirq->suspended) && gpu_read(ptdev, MMU_INT_STAT)) {
		gpu_write(ptdev, MMU_INT_MASK, 0);
		__atomic_add_fetch(&pirq->inflight, 1, __ATOMIC_RELAXED);
		__atomic_add_fetch(&pirq->wakes, 1, __ATOMIC_RELEASE);
		rt_wake(&pirq->wakes, 1);
	}
	irq_exit();
	irq_put(pirq, 1);
	panthor_device_context(ptdev, context);
}

/* What the interrupts masked while the thread ran is let through again. */
static void panthor_mmu_irq_restore(struct panthor_irq *pirq)
{
	struct panthor_device *ptdev = pirq->ptdev;

	if (mutated(pt_irq_restore_unlocked)) {
		if (!atomic_read(&pirq->suspended))
			gpu_write(ptdev, MMU_INT_MASK, READ_ONCE(pirq->mask));
		return;
	}
	mutex_lock(&ptdev->mmu->as.slots_lock);
	if (!atomic_read(&pirq->suspended))
		gpu_write(ptdev, MMU_INT_MASK, READ_ONCE(pirq->mask));
	panthor_mmu_slots_unlock(ptdev);
}

static void panthor_mmu_irq_threaded_handler(struct panthor_irq *pirq)
{
	struct panthor_device *ptdev = pirq->ptdev;

	for (;;) {
		u32 status = gpu_read(ptdev, MMU_INT_RAWSTAT);

		status &= READ_ONCE(pirq->mask);
		if (!status)
			break;
		panthor_mmu_irq_handler(ptdev, status);
	}
	panthor_mmu_irq_restore(pirq);
}

static void irq_thread(void *arg)
{
	struct panthor_irq *pirq = arg;
	u32 served = 0;

	kernel_task_begin("irq/mmu");
	panthor_device_context(pirq->ptdev, VIEW_REG_IRQ);
	for (;;) {
		u32 wakes, stop;

		rt_point(RT_SITE(RT_WAIT, "irq_wait", NULL), pirq);
		stop = __atomic_load_n(&pirq->stop, __ATOMIC_ACQUIRE);
		wakes = __atomic_load_n(&pirq->wakes, __ATOMIC_ACQUIRE);
		if (stop)
			break;
		if (wakes != served) {
			panthor_mmu_irq_threaded_handler(pirq);
			irq_put(pirq, wakes - served);
			view_emit(EV_as_irq_end, 0, 0, 0);
			served = wakes;
		} else {
			rt_wait(&pirq->wakes, wakes, RT_FOREVER, 0);
		}
	}
	kernel_task_end();
}

/* Until no handler is on its way; none begins if the line is masked. */
static void synchronize_irq(struct panthor_irq *pirq)
{
	while (rt_point_lock(RT_SITE(RT_LOCK, "synchronize_irq", NULL), pirq,
			     &pirq->inflight, ~0u, 0) == 0) {
		u32 n = __atomic_load_n(&pirq->inflight, __ATOMIC_ACQUIRE);

		if (!n)
			return;
		rt_wait(&pirq->inflight, n, RT_FOREVER, 0);
	}
}

u32 panthor_mmu_irq_sync(struct panthor_irq *pirq)
{
	u32 wakes = __atomic_load_n(&pirq->wakes, __ATOMIC_ACQUIRE);

	synchronize_irq(pirq);
	return wakes;
}

static void irq_mask_all(struct panthor_irq *pirq)
{
	WRITE_ONCE(pirq->mask, 0);
	gpu_write(pirq->ptdev, MMU_INT_MASK, 0);
}

void panthor_mmu_irq_suspend(struct panthor_irq *pirq)
{
	view_emit(EV_as_irq, 0, 0, 0);
	if (mutated(pt_e5_handler_reopens_mask)) {
		irq_mask_all(pirq);
		synchronize_irq(pirq);
		atomic_set(&pirq->suspended, true);
	} else {
		atomic_set(&pirq->suspended, true);
		irq_mask_all(pirq);
		synchronize_irq(pirq);
		irq_mask_all(pirq);
	}
	view_emit(EV_as_irq, 0, 1, 0);
}

void panthor_mmu_irq_resume(struct panthor_irq *pirq, u32 mask)
{
	view_emit(EV_as_irq, 0, 0, 0);
	atomic_set(&pirq->suspended, false);
	WRITE_ONCE(pirq->mask, mask);
	gpu_write(pirq->ptdev, MMU_INT_CLEAR, mask);
	gpu_write(pirq->ptdev, MMU_INT_MASK, mask);
	view_emit(EV_as_irq, 0, 2, 0);
}

void panthor_request_mmu_irq(struct panthor_device *ptdev,
			     struct panthor_irq *pirq, u32 mask)
{
	pirq->ptdev = ptdev;
	atomic_set(&pirq->suspended, true);
	hw_boot(panthor_mmu_irq_raw_handler, pirq, ptdev->form->region);
	pirq->task = rt_spawn('I', "irq/mmu", irq_thread, pirq);
	BUG_ON(pirq->task < 0);
	rt_set_daemon(pirq->task);
	hw_power(true);
	panthor_mmu_irq_resume(pirq, mask);
}

void panthor_free_mmu_irq(struct panthor_irq *pirq)
{
	__atomic_store_n(&pirq->stop, 1, __ATOMIC_RELEASE);
	__atomic_add_fetch(&pirq->wakes, 1, __ATOMIC_RELEASE);
	rt_wake(&pirq->wakes, ~0u);
	rt_join(pirq->task);
}

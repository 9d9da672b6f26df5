// SPDX-License-Identifier: GPL-2.0
/*
 * hmm_device.c: devices that mirror an mm by HMM v12, and their driver.
 *
 * Not modelled on any file: the simplest driver the API allows. Spec:
 * hmm-v12.md 1.3, 12. A device has a page table of its own, which update()
 * brings in line with the mirror's, and a TLB in front of it. It keeps the
 * dirty bits of its entries itself, and hands them to the mirror's table when
 * an invalidation comes.
 *
 * Lock order, outermost first:
 *
 *   devices->lock		the slots
 *     mm->mmap_lock and what HMM takes
 *       m->lock		an access of the device, or a change of its table
 *         directory locks
 */
#include <linux/errno.h>
#include <linux/highmem.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "targets/hmm_mirror/hmm.h"
#include "targets/hmm_mirror/hmm_device.h"
#include "targets/mm/mm.h"
#include "targets/mutation.h"

#define RETRIES		64	/* of a fault that was told to try again */

struct device_mirror {
	struct hmm_mirror mirror;
	spinlock_t lock;		/* all below */
	u64 table[PROG_PAGES];		/* words of view.h */
	u64 tlb[PROG_PAGES];
	u32 dirty;			/* mask of pages written since told */
	bool dead;
	int fail;			/* what the next update returns; 0: works */
};

static struct hmm_devices {
	struct mutex lock;
	struct device_mirror *slot[HMM_SLOTS];
	struct device_mirror *space[VIEW_SPACES];
	u32 spaces;			/* ever */
	struct hmm_device device[HMM_DEVICES];
} *devices __machine;

static struct device_mirror *device_mirror_of(struct hmm_mirror *mirror)
{
	return container_of(mirror, struct device_mirror, mirror);
}

/* -- the device -- */

/* m->lock. The entry of @addr becomes @word. */
static void entry_set(struct device_mirror *m, unsigned long addr, u64 word)
{
	u64 *entry = &m->table[VIEW_PAGE(addr)], old = *entry;

	if (old == word)
		return;
	*entry = word;
	if (word != VIEW_NONE)
		view_emit(EV_gpu_map, m->mirror.pt.space, addr, word);
	else
		view_emit(EV_gpu_unmap, m->mirror.pt.space, addr, old);
}

/* m->lock */
static void tlb_flush(struct device_mirror *m, unsigned long start,
		      unsigned long end)
{
	for (unsigned long addr = start; addr < end; addr += PAGE_SIZE)
		m->tlb[VIEW_PAGE(addr)] = VIEW_NONE;
	view_emit(EV_gpu_flush, m->mirror.pt.space, start, end);
}

/* m->lock. What the device may do at @addr; VIEW_NONE: fault. */
static u64 translate(struct device_mirror *m, unsigned long addr, bool write)
{
	u32 page = VIEW_PAGE(addr);

	if (m->tlb[page] == VIEW_NONE && m->table[page] != VIEW_NONE) {
		m->tlb[page] = m->table[page];
		view_emit(EV_gpu_tlb_fill, m->mirror.pt.space, addr,
			  m->tlb[page]);
	}
	return write && !(m->tlb[page] & VIEW_W) ? (u64)VIEW_NONE :
		m->tlb[page];
}

/* 0; -EFAULT: no translation; -ENODEV. */
static int access(struct device_mirror *m, unsigned long addr, bool write,
		  u32 *value)
{
	int ret = -EFAULT;
	u64 word;

	spin_lock(&m->lock);
	word = translate(m, addr, write);
	if (m->dead) {
		ret = -ENODEV;
	} else if (word != VIEW_NONE) {
		struct page *page = pfn_to_page(VIEW_PFN(word));

		if (write)
			page_store(page, *value);
		else
			*value = page_load(page);
		if (write)
			m->dirty |= 1u << VIEW_PAGE(addr);
		view_emit(write ? EV_gpu_store : EV_gpu_load,
			  m->mirror.pt.space, addr,
			  VIEW_DATA(VIEW_PFN(word), *value));
		ret = 0;
	}
	spin_unlock(&m->lock);
	return ret;
}

/* -- the driver -- */

/* m->lock. The mirror's entries become the device's. */
static void copy_entries(struct device_mirror *m, struct hmm_pt_iter *iter,
			 unsigned long addr, unsigned long end)
{
	dma_addr_t *hmm_pte, entry;
	unsigned long next;

	while (addr < end) {
		next = end;
		hmm_pte = hmm_pt_iter_lookup(iter, addr, &next);
		if (!hmm_pte) {
			addr = next;
			continue;
		}
		do {
			entry = hmm_pte_read(hmm_pte);
			if (hmm_pte_valid(entry))
				entry_set(m, addr,
					  VIEW_WORD(VIEW_PRESENT,
						    entry & HMM_PTE_WRITE ?
						    VIEW_W : 0,
						    hmm_pte_pfn(entry)));
		} while (addr += PAGE_SIZE, hmm_pte++, addr != next);
	}
}

/* m->lock. What the device wrote is the mirror's to know before it forgets. */
static void hand_over_dirty(struct device_mirror *m, struct hmm_pt_iter *iter,
			    unsigned long addr)
{
	unsigned long next = addr + PAGE_SIZE;
	dma_addr_t *hmm_pte;

	if (!(m->dirty >> VIEW_PAGE(addr) & 1))
		return;
	m->dirty &= ~(1u << VIEW_PAGE(addr));
	hmm_pte = hmm_pt_iter_lookup(iter, addr, &next);
	if (hmm_pte && hmm_pte_valid(hmm_pte_read(hmm_pte)))
		hmm_pte_set_dirty(iter, addr, hmm_pte);
}

/* m->lock */
static void mask_entries(struct device_mirror *m, struct hmm_pt_iter *iter,
			 unsigned long addr, unsigned long end, dma_addr_t mask)
{
	for (; addr < end; addr += PAGE_SIZE) {
		u64 word = m->table[VIEW_PAGE(addr)];

		if (word == VIEW_NONE)
			continue;
		if (!mutated(h12_device_skip_dirty))
			hand_over_dirty(m, iter, addr);
		if (!(mask & HMM_PTE_VALID_PFN))
			word = VIEW_NONE;
		else if (!(mask & HMM_PTE_WRITE))
			word &= ~(u64)VIEW_W;
		entry_set(m, addr, word);
	}
}

/* One that is armed fails once, and never the whole of a mirror. */
static int failure(struct device_mirror *m, const struct hmm_event *event)
{
	int err = m->fail;

	if (event->etype == HMM_MUNMAP && event->start <= USER_START &&
	    event->end >= USER_END)
		return 0;
	m->fail = 0;
	return err;
}

static int device_update(struct hmm_mirror *mirror, struct hmm_event *event)
{
	bool fault = event->etype == HMM_DEVICE_RFAULT ||
		     event->etype == HMM_DEVICE_WFAULT;
	unsigned long start = max(event->start, (unsigned long)USER_START);
	unsigned long end = min(event->end, (unsigned long)USER_END);
	struct device_mirror *m = device_mirror_of(mirror);
	struct hmm_pt_iter iter;
	int ret;

	hmm_pt_iter_init(&iter, &mirror->pt);
	spin_lock(&m->lock);
	ret = failure(m, event);
	if (!ret) {
		if (fault)
			copy_entries(m, &iter, start, end);
		else
			mask_entries(m, &iter, start, end, event->pte_mask);
		if (fault || !mutated(h12_device_skip_flush))
			tlb_flush(m, start, end);
		view_emit(EV_gpu_op_end, mirror->pt.space, start, end);
	}
	spin_unlock(&m->lock);
	hmm_pt_iter_fini(&iter);
	return ret;
}

static void device_release(struct hmm_mirror *mirror)
{
	struct device_mirror *m = device_mirror_of(mirror);

	spin_lock(&m->lock);
	m->dead = true;
	__atomic_store_n(&devices->space[mirror->pt.space], NULL,
			 __ATOMIC_RELEASE);
	view_emit(EV_gpu_space_gone, mirror->pt.space, 0, 0);
	spin_unlock(&m->lock);
}

static void device_free(struct hmm_mirror *mirror)
{
	kfree(device_mirror_of(mirror));
}

static const struct hmm_device_ops device_ops = {
	.release = device_release,
	.free = device_free,
	.update = device_update,
};

/* -- the slots -- */

/* A reference, or NULL. */
static struct device_mirror *slot_get(u32 slot)
{
	struct device_mirror *m;

	mutex_lock(&devices->lock);
	m = devices->slot[slot];
	if (m && !hmm_mirror_ref(&m->mirror))
		m = NULL;
	mutex_unlock(&devices->lock);
	return m;
}

static void slot_put(struct device_mirror *m)
{
	struct hmm_mirror *mirror = &m->mirror;

	hmm_mirror_unref(&mirror);
}

/* devices->lock; a user of @mm. */
static int slot_register(u32 slot, u32 dev, struct mm_struct *mm)
{
	u32 space = devices->spaces;
	struct device_mirror *m;
	int ret;

	if (devices->slot[slot])
		return -EBUSY;
	if (space == VIEW_SPACES)
		return -ENOSPC;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	devices->spaces++;
	spin_lock_init(&m->lock);
	rt_name(m, "hmm_mirror", (int)space);
	m->mirror.device = &devices->device[dev % HMM_DEVICES];
	__atomic_store_n(&devices->space[space], m, __ATOMIC_RELEASE);
	ret = hmm_mirror_register(&m->mirror, mm, space);
	if (ret) {
		__atomic_store_n(&devices->space[space], NULL,
				 __ATOMIC_RELEASE);
		kfree(m);
		return ret;
	}
	devices->slot[slot] = m;
	return 0;
}

long hmm_slot_register(u32 slot, u32 dev, u32 mm_slot)
{
	struct mm_struct *mm = mm_enter(mm_slot);
	long ret;

	if (!mm)
		return -ESRCH;
	mutex_lock(&devices->lock);
	ret = slot_register(slot, dev, mm);
	mutex_unlock(&devices->lock);
	mm_leave(mm);
	return ret;
}

long hmm_slot_unregister(u32 slot)
{
	struct device_mirror *m;

	mutex_lock(&devices->lock);
	m = devices->slot[slot];
	devices->slot[slot] = NULL;
	mutex_unlock(&devices->lock);
	if (!m)
		return -EBADF;
	hmm_mirror_unregister(&m->mirror);
	return 0;
}

/* With a reference. Pages, or an errno. */
static long fault(struct device_mirror *m, unsigned long addr, u32 pages,
		  bool write)
{
	struct hmm_event event;
	int ret = -EBUSY;

	for (u32 i = 0; ret == -EBUSY && i < RETRIES; i++) {
		event.start = addr;
		event.end = addr + pages * PAGE_SIZE;
		event.etype = write ? HMM_DEVICE_WFAULT : HMM_DEVICE_RFAULT;
		ret = hmm_mirror_fault(&m->mirror, &event);
	}
	return ret ? ret : (long)((event.end - event.start) >> PAGE_SHIFT);
}

long hmm_slot_fault(u32 slot, unsigned long addr, u32 pages, bool write)
{
	struct device_mirror *m = slot_get(slot);
	long ret;

	if (!m)
		return -EBADF;
	ret = fault(m, addr, pages, write);
	slot_put(m);
	return ret;
}

static long slot_access(u32 slot, unsigned long addr, bool write, u32 *value)
{
	struct device_mirror *m = slot_get(slot);
	long ret = -EFAULT;

	if (!m)
		return -EBADF;
	for (u32 i = 0; i < RETRIES; i++) {
		long filled;

		ret = access(m, addr, write, value);
		if (ret != -EFAULT)
			break;
		filled = fault(m, addr, 1, write);
		ret = -EBUSY;
		if (filled < 0) {
			ret = filled;
			break;
		}
	}
	slot_put(m);
	return ret;
}

long hmm_slot_read(u32 slot, unsigned long addr, u32 *value)
{
	return slot_access(slot, addr, false, value);
}

long hmm_slot_write(u32 slot, unsigned long addr, u32 value)
{
	return slot_access(slot, addr, true, &value);
}

long hmm_slot_fail(u32 slot, int err)
{
	struct device_mirror *m = slot_get(slot);

	if (!m)
		return -EBADF;
	spin_lock(&m->lock);
	m->fail = err;
	spin_unlock(&m->lock);
	slot_put(m);
	return 0;
}

void hmm_devices_boot(void)
{
	devices = kzalloc(sizeof(*devices), GFP_KERNEL);
	mutex_init(&devices->lock);
	for (u32 i = 0; i < HMM_DEVICES; i++)
		hmm_device_register(&devices->device[i], &device_ops);
	hmm_view_boot();
	hmm_slot_register(0, 0, 0);
}

void hmm_devices_halt(void)
{
	for (u32 slot = 0; slot < HMM_SLOTS; slot++)
		hmm_slot_unregister(slot);
	mmu_notifier_v12_synchronize();
	rcu_barrier();
	kfree(devices);
	devices = NULL;
}

/* -- for the view -- */

static const struct device_mirror *of_space(u32 space)
{
	return devices && space < VIEW_SPACES ?
		__atomic_load_n(&devices->space[space], __ATOMIC_ACQUIRE) :
		NULL;
}

const struct hmm_mirror *hmm_mirror_of_space(u32 space)
{
	const struct device_mirror *m = of_space(space);

	return m ? &m->mirror : NULL;
}

u64 hmm_device_entry(u32 space, u64 va)
{
	const struct device_mirror *m = of_space(space);

	return m ? m->table[VIEW_PAGE(va)] : (u64)VIEW_NONE;
}

u64 hmm_device_tlb(u32 space, u64 va)
{
	const struct device_mirror *m = of_space(space);

	return m ? m->tlb[VIEW_PAGE(va)] : (u64)VIEW_NONE;
}

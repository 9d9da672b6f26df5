// SPDX-License-Identifier: GPL-2.0
/*
 * nouveau_svm_pin: the fault handler whose atomics work on pages that are
 * unmapped and pinned.
 *
 * Models what "SVM atomics" (first posting, February 2021, 9/9) did in
 * nouveau_svm.c and nouveau_dmem.c; spec atomics-v1-pin.md 4.1, 4.2, 11,
 * nouveau.md 4.1. What stands for such a page is in nouveau_dmem_atomic.c, what a
 * migration does to it in mm/migrate_device_pin.c.
 *
 *	fault handler				everybody else
 *	-------------				--------------
 *	walk: the page, writable
 *	[svmm->mutex, read_retry]
 *	mmap_lock
 *	migrate_vma_setup(): unmapped, pinned	CPUs wait for the page's lock
 *	device page, migrate_vma_pages()
 *						MADV_DONTNEED: the migration entry
 *						is zapped; callback: nothing mapped
 *	[svmm->mutex, read_retry]
 *	PFNMAP
 *	migrate_vma_finalize()			a CPU that touches it gets it back
 *
 * The walk ends with svmm->mutex dropped, because the migration calls the svmm
 * back. So the sequence that the walk went by is asked once more, under the mutex,
 * before the GPU gets the page; brackets that this task makes itself are not
 * counted. PFNMAP stands before finalize: afterwards it would have to ask for more
 * than that, for a CPU might have had the page back.
 *
 * Only what can be written is pinned. A page that is not anonymous, or that
 * somebody else has pinned or holds on to, is refused for good.
 *
 * Lock order: nouveau_svm.c, where svmm->mutex is not taken inside mmap_lock but
 * here it is, as in any callback; the lock of the page is outside of both.
 *
 * Differences from what was posted, besides those above: every ATOMIC asks for
 * itself, not what came after it in the batch; W is what the CPU's entry had, not
 * what the VMA allows; a page that was missed is tried again, and not replayed
 * without a mapping; a CPU's fault that loses comes back without having dropped
 * mmap_lock. Without the callback no page of ZONE_MOVABLE is pinned: it is moved
 * out first, as for a long-term pin.
 */
#include <linux/errno.h>
#include <linux/hmm.h>
#include <linux/jiffies.h>
#include <linux/memremap.h>
#include <linux/migrate.h>
#include <linux/pagemap.h>
#include <linux/pgtable.h>
#include <linux/sched.h>

#include "targets/mutation.h"
#include "targets/nouveau/gpu.h"
#include "targets/svm_atomic/maker_notifier.h"
#include "targets/svm_atomic/nouveau_pin.h"

/* How often a CPU's fault looks whether the page can be had. */
#define FAULT_TRIES	10
/* How often a page is found in somebody's hands before it is his for good. */
#define TAKEN_TRIES	10

/* One fault, on the stack. */
struct pin_fault {
	struct nouveau_svmm *svmm;
	struct nouveau_drm *drm;
	struct nouveau_pfnmap_args *args;
	u32 size;
	struct maker_notifier notifier;
	struct hmm_range range;
	bool movable;		/* pages of ZONE_MOVABLE may be pinned */
	bool weak;		/* whatever the VMA lets be written is writable */
};

/* Was the page invalidated by anybody but us since the walk? svmm->mutex. */
static bool pin_stale(const struct pin_fault *f)
{
	return mmu_interval_read_retry(f->range.notifier,
				       f->range.notifier_seq);
}

/* May the page that was collected be pinned, and what for? @src: its entry. */
static bool pin_wanted(const struct pin_fault *f, unsigned long src)
{
	const struct page *page = migrate_pfn_to_page(src);

	/* The zero page is collected as a hole. */
	if (!page || !(src & MIGRATE_PFN_WRITE || f->weak))
		return false;
	return f->movable ||
	       folio_is_longterm_pinnable((const struct folio *)page);
}

/* The GPU's entry. Between migrate_vma_pages() and finalize. 0, -EAGAIN. */
static int pin_map(struct pin_fault *f, unsigned long src,
		   const struct vm_area_struct *vma)
{
	struct nouveau_pfnmap_args *args = f->args;
	struct nouveau_svmm *svmm = f->svmm;
	int ret;

	args->p.phys[0] = (u64)(src >> MIGRATE_PFN_SHIFT) <<
			  NVIF_VMM_PFNMAP_V0_ADDR_SHIFT |
			  NVIF_VMM_PFNMAP_V0_V | NVIF_VMM_PFNMAP_V0_A |
			  NVIF_VMM_PFNMAP_V0_HOST;
	if (f->weak ? vma->vm_flags & VM_WRITE : src & MIGRATE_PFN_WRITE)
		args->p.phys[0] |= NVIF_VMM_PFNMAP_V0_W;

	mutex_lock(&svmm->mutex);
	/* Whoever comes after this test calls us back, and waits for the mutex. */
	if (pin_stale(f) && !mutated(pin_w_c2_maps_without_seq)) {
		ret = -EAGAIN;
	} else if (!svmm->vmm) {
		ret = -ENODEV;
	} else {
		ret = nvif_object_mthd(nouveau_svmm_object(svmm),
				       NVIF_VMM_V0_PFNMAP, args, f->size);
	}
	mutex_unlock(&svmm->mutex);
	return ret;
}

/*
 * What was collected, if it is wanted, gets a device page in its place, and the
 * GPU the page itself. 0; -EAGAIN: not this time; -ENOMEM, -ENODEV, -EINVAL.
 */
static int pin_migrate(struct pin_fault *f, struct migrate_vma *migrate)
{
	unsigned long *src = migrate->src, *dst = migrate->dst;
	struct page *dpage = NULL;
	int ret = -EAGAIN;

	if (*src & MIGRATE_PFN_MIGRATE && pin_wanted(f, *src)) {
		dpage = nouveau_dmem_atomic_alloc(f->drm, f->svmm,
						  migrate_pfn_to_page(*src));
		if (dpage)
			*dst = migrate_pfn(page_to_pfn(dpage));
		else
			ret = -ENOMEM;
	}
	migrate_vma_pages(migrate);
	/* Only now is it known whether it did move. */
	if (*src & MIGRATE_PFN_MIGRATE || mutated(pin_skip_src_reread))
		ret = pin_map(f, *src, migrate->vma);
	else if (dpage)
		nouveau_dmem_atomic_forget(dpage);
	migrate_vma_finalize(migrate);
	return ret;
}

/*
 * After a walk. Needs svmm->mutex, and drops it. 0: the page is the GPU's.
 * -EAGAIN: not this time; or an error as above.
 */
static int nouveau_atomic_range_fault(struct pin_fault *f)
{
	unsigned long src = MIGRATE_PFN_PIN, dst = 0;
	struct mm_struct *mm = f->svmm->notifier.mm;
	struct migrate_vma migrate = {
		.src = &src,
		.dst = &dst,
		.start = f->range.start,
		.end = f->range.end,
		.flags = MIGRATE_VMA_SELECT_SYSTEM | MIGRATE_VMA_KEEP_ARRAYS,
	};
	bool stale;
	int ret;

	mutex_unlock(&f->svmm->mutex);
	mmap_read_lock(mm);
	if (mutated(pin_w_c1_pins_what_came_since)) {
		f->range.notifier_seq =
			mmu_interval_read_begin(f->range.notifier);
		f->weak = true;
	}
	mutex_lock(&f->svmm->mutex);
	stale = pin_stale(f);
	mutex_unlock(&f->svmm->mutex);
	migrate.vma = find_vma_intersection(mm, migrate.start, migrate.end);
	WRITE_ONCE(f->notifier.maker, current);
	ret = stale || migrate_vma_setup(&migrate) ? -EAGAIN : 0;
	if (!ret)
		ret = migrate.cpages ? pin_migrate(f, &migrate) : -EAGAIN;
	WRITE_ONCE(f->notifier.maker, NULL);
	mmap_read_unlock(mm);
	return ret;
}

/*
 * Before a walk: the page is mapped, anonymous, nobody's but the mm's, and where
 * it may be pinned. No lock held. 0: so it was; -EAGAIN: somebody else has taken
 * it; -EINVAL, -EFAULT: it will never be.
 */
static int pin_prepare(struct pin_fault *f)
{
	struct mm_struct *mm = f->svmm->notifier.mm;
	unsigned int flags = FOLL_WRITE;
	struct page *page;
	long ret;

	if (!f->movable)
		flags |= FOLL_LONGTERM;
	mmap_read_lock(mm);
	/* A pin for a moment: it moves what may not stay, and tells it. */
	ret = pin_user_pages_remote(mm, f->range.start, 1, flags, &page, NULL);
	mmap_read_unlock(mm);
	/* Or others are moving it. */
	if (ret == -ENOMEM)
		return -EAGAIN;
	if (ret != 1)
		return ret < 0 ? (int)ret : -EFAULT;
	ret = folio_test_anon(page_folio(page)) ? 0 : -EINVAL;
	unpin_user_page(page);
	/* Its own pin is gone: this is somebody else's. */
	if (!ret && folio_maybe_dma_pinned(page_folio(page)))
		ret = -EAGAIN;
	return (int)ret;
}

/* With the interval in the tree. */
static int pin_range_fault_locked(struct pin_fault *f, bool atomic)
{
	unsigned long timeout =
		jiffies + msecs_to_jiffies(HMM_RANGE_DEFAULT_TIMEOUT);
	bool prepare = atomic && !f->movable, sticky = f->weak;
	u32 tries = TAKEN_TRIES;
	int ret;

	do {
		if (time_after(jiffies, timeout))
			return -EBUSY;
		if (prepare) {
			ret = pin_prepare(f);
			cpu_relax();
			if (ret == -EAGAIN && !--tries)
				return -EBUSY;
			if (ret == -EAGAIN)
				continue;
			if (ret)
				return ret;
		}
		prepare = atomic && !sticky;
		ret = nouveau_range_walk(f->svmm, &f->range,
					 f->svmm->notifier.mm, NULL);
		if (ret)
			return ret;
		if (!atomic) {
			nouveau_hmm_convert_pfn(f->drm, &f->range, f->args);
			return nouveau_range_map_found(f->svmm, f->drm,
					&f->notifier.base, f->args, f->size,
					f->range.default_flags);
		}
		ret = nouveau_atomic_range_fault(f);
		atomic = !sticky;
	} while (ret == -EAGAIN);
	return ret;
}

static int pin_range_fault(struct nouveau_svmm *svmm, struct nouveau_drm *drm,
			   struct nouveau_pfnmap_args *args, u32 size,
			   unsigned long hmm_flags, bool atomic)
{
	unsigned long hmm_pfns[1] = { 0 };
	struct pin_fault f = {
		.svmm = svmm,
		.drm = drm,
		.args = args,
		.size = size,
		.movable = nouveau_dmem_atomic_revocable() ||
			   mutated(pin_q_c7_pins_movable),
		.range = {
			.start = args->p.addr,
			.end = args->p.addr + args->p.size,
			.hmm_pfns = hmm_pfns,
			.default_flags = hmm_flags,
		},
	};
	int ret;

	f.range.notifier = &f.notifier.base.notifier;
	if (!atomic && drm->svm->buffer[0].atomic &&
	    mutated(pin_q_c8_sticky_atomic))
		atomic = f.weak = true;
	rt_point(RT_SITE(RT_LOAD, "nouveau_range_fault", NULL), svmm);
	ret = maker_notifier_insert(drm, svmm, &f.notifier, args->p.addr,
				    args->p.size);
	if (ret)
		return ret;
	ret = pin_range_fault_locked(&f, atomic);
	nouveau_svm_notifier_remove(drm, &f.notifier.base);
	return ret;
}

static int nouveau_svm_pin_serve(struct nouveau_svm *svm,
				 struct nouveau_svm_fault_buffer *buffer,
				 int fi, int *fn)
{
	return nouveau_svm_serve_page(svm, buffer, fi, fn, pin_range_fault);
}

const struct nouveau_svm_form nouveau_svm_pin = {
	.name	= "pin",
	.atomics = true,
	.cmp	= nouveau_svm_atomic_first_cmp,
	.serve	= nouveau_svm_pin_serve,
};

const struct nouveau_svm_form nouveau_svm_pin_callback = {
	.name	= "pin-callback",
	.atomics = true,
	.cmp	= nouveau_svm_atomic_first_cmp,
	.serve	= nouveau_svm_pin_serve,
};

/* As it was posted: of an svmm that may be gone, and without its mutex. */
static void pin_clear_gpu(const struct page *dpage, unsigned long addr)
{
	struct nouveau_svmm *svmm = nouveau_dmem_atomic_svmm(dpage);
	struct nvif_vmm_pfnclr_v0 args = { .addr = addr, .size = PAGE_SIZE };

	if (!svmm)
		return;
	rt_point(RT_SITE(RT_LOAD, "nouveau_atomic_page_migrate", NULL), svmm);
	nvif_object_mthd(nouveau_svmm_object(svmm), NVIF_VMM_V0_PFNCLR, &args,
			 sizeof(args));
}

/* The page that a CPU wants is collected: back to what it stood for. False: that
 * is locked by somebody. */
static bool pin_take_back(struct migrate_vma *migrate, struct page *dpage)
{
	struct page *page = migrate_pfn_to_page(*migrate->src);
	struct page *old = nouveau_dmem_atomic_page(dpage);
	/* It was zapped on the way, and is collected as a hole; or the GPU has
	 * got another page since. */
	bool ours = page == dpage || (page && mutated(pin_q_c4_round_of_another));
	bool locked = old && ours && folio_trylock(page_folio(old));

	if (locked)
		*migrate->dst = migrate_pfn(page_to_pfn(old)) |
				MIGRATE_PFN_UNPIN;
	migrate_vma_pages(migrate);
	if (locked && *migrate->src & MIGRATE_PFN_MIGRATE) {
		pin_clear_gpu(dpage, migrate->start);
		nouveau_dmem_atomic_forget(dpage);
	}
	migrate_vma_finalize(migrate);
	return locked;
}

vm_fault_t nouveau_atomic_page_migrate(struct vm_fault *vmf)
{
	unsigned long src = 0, dst = 0;
	struct migrate_vma migrate = {
		.vma = vmf->vma,
		.src = &src,
		.dst = &dst,
		.start = vmf->address,
		.end = vmf->address + PAGE_SIZE,
		.pgmap_owner = vmf->page->pgmap->owner,
		.flags = MIGRATE_VMA_SELECT_DEVICE_PRIVATE |
			 MIGRATE_VMA_KEEP_ARRAYS,
		.fault_page = vmf->page,
	};

	for (u32 tries = FAULT_TRIES; tries; tries--) {
		src = dst = 0;
		if (migrate_vma_setup(&migrate))
			return VM_FAULT_SIGBUS;
		if (migrate.cpages)
			break;
		yield();
	}
	if (!migrate.cpages || pin_take_back(&migrate, vmf->page))
		return 0;
	if (!mutated(pin_w_c4_drops_mmap_lock))
		return 0;
	mmap_read_unlock(vmf->vma->vm_mm);
	return VM_FAULT_RETRY;
}

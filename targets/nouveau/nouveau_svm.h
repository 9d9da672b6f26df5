/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nouveau_svm.h: shared virtual memory in Nouveau: what a client, a process'
 * address space and the device are to each other, and what a form of the
 * fault handler is.
 *
 *   nouveau_cli (open file) --> nouveau_vmm (GPU address space)
 *                                   ^ |
 *                                vmm| |svmm
 *                                   | v
 *   nouveau_ivmm (channel) ----> nouveau_svmm --> mm_struct
 *        ^                                        (through the notifier)
 *        `-- nouveau_svm.inst, looked up by the fault handler
 *
 * Models upstream's nouveau_svm.h, and of nouveau_drv.h and nouveau_vmm.h what
 * the handler needs, 6.12.
 */
#ifndef __NOUVEAU_SVM_H__
#define __NOUVEAU_SVM_H__

#include <drm/drm_file.h>
#include <linux/hmm.h>
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <nvif/if000c.h>
#include <nvif/vmm.h>

struct nouveau_dmem;
struct nouveau_svm;
struct nouveau_svm_form;
struct nouveau_svmm;

/* @form: which handler this device runs; upstream has the one of its day.
 * @dmem: nouveau_dmem.h; NULL: it has no memory for pages of a process. */
struct nouveau_drm {
	struct drm_device *dev;
	struct nvif_object device;
	struct nouveau_svm *svm;
	struct nouveau_dmem *dmem;
	const struct nouveau_svm_form *form;
};

struct nouveau_vmm {
	struct nouveau_cli *cli;
	struct nvif_vmm vmm;
	struct nouveau_svmm *svmm;
};

struct nouveau_cli {
	struct nouveau_drm *drm;
	struct mutex mutex;		/* svm.svmm is set once under it */
	struct nouveau_vmm svm;
};

/*
 * @mutex is the "user lock" of the mmu_interval_notifier protocol, and makes
 * PFNMAP and PFNCLR of this space one at a time. It protects @vmm, which is
 * NULL from fini on. @space, the GPU address space's number, is for events and
 * outlives @vmm. @head: of dmem->svmms.
 */
struct nouveau_svmm {
	struct mmu_notifier notifier;
	struct nouveau_vmm *vmm;
	struct {
		unsigned long start;
		unsigned long limit;
	} unmanaged;
	struct mutex mutex;
	u32 space;
	struct list_head head;
};

/*
 * On the stack of a SVM_BIND: whether others than its own task have invalidated
 * the range since @seq was read. @task: whose MIGRATE brackets do not count.
 */
struct nouveau_bind {
	struct mmu_interval_notifier notifier;
	struct nouveau_svmm *svmm;
	struct task_struct *task;
	unsigned long seq;
};

struct nouveau_svm_fault {
	u64 inst;
	u64 addr;
	u64 time;
	u32 engine;
	u8 gpc;
	u8 hub;
	u8 access;
	u8 client;
	u8 fault;
	struct nouveau_svmm *svmm;
	u32 id;			/* of the ring entry, for events */
};

/*
 * One work item, so one batch at a time: nothing in here needs a lock. @batch,
 * @intervals and @mm_refs are for the batch_end event: what this batch has
 * inserted and taken, and not given back yet. @atomic and @phys are what the
 * variables of upstream's batch loop carry from one group to the next: an
 * ATOMIC was among the faults, and what PFNMAP left of the last page.
 */
struct nouveau_svm_fault_buffer {
	int id;
	struct nvif_object object;
	u32 entries;
	u32 getaddr;
	u32 putaddr;
	u32 get;
	u32 put;
	struct work_struct work;
	struct nouveau_svm_fault **fault;
	int fault_nr;
	u32 batch, intervals, mm_refs;
	bool atomic;
	u64 phys;
};

struct nouveau_svm {
	struct nouveau_drm *drm;
	struct mutex mutex;		/* inst */
	struct list_head inst;
	struct nouveau_svm_fault_buffer buffer[1];
};

struct nouveau_ivmm {
	struct nouveau_svmm *svmm;
	u64 inst;
	struct list_head head;
};

/* What PFNMAP is given; phys[] follows. */
struct nouveau_pfnmap_args {
	struct nvif_vmm_pfnmap_v0 p;
};

/* The same with room for one page's phys. */
union nouveau_pfnmap_page {
	struct nouveau_pfnmap_args i;
	u8 room[sizeof(struct nouveau_pfnmap_args) + sizeof(u64)];
};

/*
 * On the stack of one range fault. @owner: whose EXCLUSIVE brackets the
 * callback ignores, because the range fault makes them itself.
 */
struct svm_notifier {
	struct mmu_interval_notifier notifier;
	struct nouveau_svmm *svmm;
	void *owner;
};

/*
 * A form of the handler: what differs between the historic versions once a
 * batch is parsed and looked up.
 *
 * @atomics: the GPU tells atomics from stores: entries have a bit for them.
 * @own_vram: hmm_range_fault() is told who owns the device's pages, and reports
 * them; else a request brings them back to system memory.
 * @large_pages: what the CPU maps by a huge entry is mapped as a whole.
 * @cmp: the order faults of a batch are served in; elements are pointers to
 * faults.
 * @serve: serve the group that begins at fault[fi], whose svmm is not NULL.
 * Sets *fn to the first fault that is not dealt with. Returns by how much to
 * raise the count of faults that a replay has to answer.
 */
struct nouveau_svm_form {
	const char *name;
	bool atomics;
	bool own_vram;
	bool large_pages;
	int (*cmp)(const void *a, const void *b);
	int (*serve)(struct nouveau_svm *svm,
		     struct nouveau_svm_fault_buffer *buffer, int fi, int *fn);
};
extern const struct nouveau_svm_form nouveau_svm_window, nouveau_svm_onepage,
	nouveau_svm_exclusive;

/* The device's side, at load and unload. init: 0 or -ENOMEM. */
int nouveau_svm_init(struct nouveau_drm *drm);
void nouveau_svm_fini(struct nouveau_drm *drm);
/* The device's interrupt: entries were written. Does not sleep. */
void nouveau_svm_event(struct nouveau_svm_fault_buffer *buffer);

/*
 * SVM_INIT ioctl, by a task of the process to be mirrored. 0, -ENOSYS: the
 * driver is not loaded; -EBUSY: has it already; -ENOMEM, -EINTR, -ENOSPC.
 */
int nouveau_svmm_init(struct drm_device *dev, void *data,
		      struct drm_file *file_priv);
/*
 * SVM_BIND ioctl: move a range of the caller's pages to VRAM, as far as that
 * goes. 0 and args->result; -EINVAL: not what can be asked for, no svmm, or the
 * svmm mirrors another mm; -ENOMEM, -EINTR. The file must stay open.
 */
int nouveau_svmm_bind(struct drm_device *dev, void *data,
		      struct drm_file *file_priv);
/* Faults of channel @inst are @svmm's from here. 0 or -ENOMEM. */
int nouveau_svmm_join(struct nouveau_svmm *svmm, u64 inst);
void nouveau_svmm_part(struct nouveau_svmm *svmm, u64 inst);
/* Every channel must have parted. On return nothing follows *psvmm. */
void nouveau_svmm_fini(struct nouveau_svmm **psvmm);

/* Needs svm->mutex. NULL: no such channel shares an address space. */
struct nouveau_ivmm *nouveau_ivmm_find(struct nouveau_svm *svm, u64 inst);
/* The GPU address space of @svmm, about to be used. Needs svmm->mutex, and vmm
 * not to be NULL. */
struct nvif_object *nouveau_svmm_object(struct nouveau_svmm *svmm);
/* No GPU translation of [start, limit) is left. Needs svmm->mutex and vmm. */
void nouveau_svmm_invalidate(struct nouveau_svmm *svmm, u64 start, u64 limit);

/* Words for PFNMAP of @npages pages, zeroed; NULL: no memory. And what has been
 * migrated, mapped in @svmm, if it still stands. Takes svmm->mutex. */
u64 *nouveau_pfns_alloc(unsigned long npages);
void nouveau_pfns_free(u64 *pfns);
void nouveau_pfns_map(struct nouveau_svmm *svmm, struct nouveau_bind *bind,
		      unsigned long addr, u64 *pfns, unsigned long npages);

/* -- shared by the forms -- */
/* By instance, then address, then the access with the lower @priority. */
int nouveau_svm_fault_cmp(const void *a, const void *b,
			  int (*priority)(u8 access));
/* Kill the access behind @fault. */
void nouveau_svm_fault_cancel_fault(struct nouveau_svm *svm,
				    struct nouveau_svm_fault *fault);
/* Count @fault for the replay: for the journal. */
void nouveau_svm_fault_served(struct nouveau_svm_fault *fault);
/* Pin the contents of @svmm's mm for this batch, or NULL; and give it back. */
struct mm_struct *nouveau_svm_mm_get(struct nouveau_svm_fault_buffer *buffer,
				     struct nouveau_svmm *svmm);
void nouveau_svm_mm_put(struct nouveau_svm_fault_buffer *buffer,
			struct mm_struct *mm);
/* What hmm_range_fault() is asked for: nothing for a PREFETCH. */
unsigned long nouveau_svm_hmm_flags(u8 access);
/* @access was served and PFNMAP left nothing of it: it would not. Cancel. */
bool nouveau_svm_page_refused(const struct nouveau_pfnmap_args *args,
			      u8 access);

/*
 * Make the GPU's entry for the page of @args what the CPU's is, faulting it in
 * as @hmm_flags ask. Needs the mm pinned and no lock held; may sleep. On 0,
 * phys[0] of @args is what PFNMAP left there, and the range that of a large page
 * if it was mapped as one. -EBUSY: no luck within a second;
 * or what hmm_range_fault(), the interval's insert or PFNMAP returned.
 */
int nouveau_range_fault(struct nouveau_svmm *svmm, struct nouveau_drm *drm,
			struct nouveau_pfnmap_args *args, u32 size,
			unsigned long hmm_flags);

/*
 * The parts it is made of, for forms that do more; in this order:
 *
 *	nouveau_svm_notifier_insert(), mm pinned, no lock held
 *	nouveau_range_walk()		0: svmm->mutex is held
 *	nouveau_hmm_convert_pfn()
 *	nouveau_range_map()		drops svmm->mutex, whatever it returns
 *	nouveau_svm_notifier_remove(), no lock held, on every path
 *
 * insert: 0, or -ENOMEM, -EINTR, -EINVAL, -EOVERFLOW; fills in @notifier.
 */
int nouveau_svm_notifier_insert(struct nouveau_drm *drm,
				struct nouveau_svmm *svmm,
				struct svm_notifier *notifier,
				unsigned long start, unsigned long size);
void nouveau_svm_notifier_remove(struct nouveau_drm *drm,
				 struct svm_notifier *notifier);
/*
 * Walk the page tables until the result is known to be true: on 0, svmm->mutex
 * is held, and as long as it is, an invalidation of the range waits for us.
 * -EBUSY: no luck within a second. @request: what range->hmm_pfns[] is to hold
 * as each round begins, or NULL if the range's default flags say it all.
 */
int nouveau_range_walk(struct nouveau_svmm *svmm, struct hmm_range *range,
		       struct mm_struct *mm, const unsigned long *request);
/* What hmm found, in PFNMAP's words, for all pages of @range; PFNMAP unmaps
 * where nothing is. */
void nouveau_hmm_convert_pfn(struct nouveau_drm *drm, struct hmm_range *range,
			     struct nouveau_pfnmap_args *args);
/*
 * PFNMAP. Needs svmm->mutex, a result that read_retry has confirmed under it,
 * and drops it. @size: of @args with all its phys[]. 0, -EINVAL, -ENOENT;
 * -ENODEV: the file was closed meanwhile.
 */
int nouveau_range_map(struct nouveau_svmm *svmm, struct svm_notifier *notifier,
		      struct nouveau_pfnmap_args *args, u32 size);
/* The same of one page that was walked with @hmm_flags: what it did not ask for
 * and did not find leaves the GPU what it has. */
int nouveau_range_map_found(struct nouveau_svmm *svmm, struct nouveau_drm *drm,
			    struct svm_notifier *notifier,
			    struct nouveau_pfnmap_args *args, u32 size,
			    unsigned long hmm_flags);

/*
 * For forms that serve one page at a time and know atomics: deal with the group
 * of fault[fi], as nouveau_svm_form.serve has to. @page_fault does what one
 * fault needs, with the mm pinned and no lock held; @atomic: the fault asks for
 * more than @hmm_flags can say. It leaves phys[0] as PFNMAP did; 0 or -errno.
 */
typedef int (*nouveau_svm_page_fault_t)(struct nouveau_svmm *svmm,
					struct nouveau_drm *drm,
					struct nouveau_pfnmap_args *args,
					u32 size, unsigned long hmm_flags,
					bool atomic);
/*
 * Bring the page at @start to where getting it for writing invalidates nothing,
 * and wait until its lock is free. Needs the mm pinned, no lock held. 0, or what
 * there is no hope of: -EINVAL.
 */
int nouveau_atomic_settle(struct mm_struct *mm, unsigned long start);
int nouveau_svm_serve_page(struct nouveau_svm *svm,
			   struct nouveau_svm_fault_buffer *buffer, int fi,
			   int *fn, nouveau_svm_page_fault_t page_fault);

#endif /* __NOUVEAU_SVM_H__ */

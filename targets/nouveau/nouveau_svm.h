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
#include <linux/list.h>
#include <linux/mmu_notifier.h>
#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>
#include <nvif/if000c.h>
#include <nvif/vmm.h>

struct nouveau_svm;
struct nouveau_svm_form;
struct nouveau_svmm;

/* @form: which handler this device runs; upstream has the one of its day. */
struct nouveau_drm {
	struct drm_device *dev;
	struct nvif_object device;
	struct nouveau_svm *svm;
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
 * outlives @vmm.
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
 * inserted and taken, and not given back yet.
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

/* What PFNMAP is given for one page. */
struct nouveau_pfnmap_args {
	struct nvif_vmm_pfnmap_v0 p;
};

/*
 * A form of the handler: what differs between the historic versions once a
 * batch is parsed and looked up.
 *
 * @cmp: the order faults of a batch are served in; elements are pointers to
 * faults.
 * @serve: serve the group that begins at fault[fi], whose svmm is not NULL.
 * Sets *fn to the first fault that is not dealt with. Returns by how much to
 * raise the count of faults that a replay has to answer.
 */
struct nouveau_svm_form {
	const char *name;
	int (*cmp)(const void *a, const void *b);
	int (*serve)(struct nouveau_svm *svm,
		     struct nouveau_svm_fault_buffer *buffer, int fi, int *fn);
};
extern const struct nouveau_svm_form nouveau_svm_onepage;

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
/*
 * Make the GPU's entry for the page of @args what the CPU's is, faulting it in
 * as @hmm_flags ask. Needs the mm pinned and no lock held; may sleep. On 0,
 * phys[0] of @args is what PFNMAP left there. -EBUSY: no luck within a second;
 * or what hmm_range_fault(), the interval's insert or PFNMAP returned.
 */
int nouveau_range_fault(struct nouveau_svmm *svmm, struct nouveau_drm *drm,
			struct nouveau_pfnmap_args *args, u32 size,
			unsigned long hmm_flags);

#endif /* __NOUVEAU_SVM_H__ */

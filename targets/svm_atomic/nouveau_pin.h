/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nouveau_pin.h: Nouveau with atomics on pages that are unmapped and pinned.
 *
 * Models what "SVM atomics" (first posting, February 2021, 9/9) added to
 * nouveau_dmem.h and nouveau_svm.h; spec atomics-v1-pin.md.
 */
#ifndef TARGETS_SVM_ATOMIC_NOUVEAU_PIN_H
#define TARGETS_SVM_ATOMIC_NOUVEAU_PIN_H

#include "targets/nouveau/nouveau.h"

/*
 * The two forms. In the first the driver cannot be asked for a page, and so
 * keeps none of ZONE_MOVABLE; in the second it can.
 */
extern const struct nouveau_svm_form nouveau_svm_pin, nouveau_svm_pin_callback;

/*
 * In M0, after nouveau_boot() and after nouveau_halt(): pages of the device
 * without memory behind them. @revoke: a mover may ask for what they stand for.
 */
void nouveau_dmem_atomic_init(bool revoke);
void nouveau_dmem_atomic_fini(void);
/* May a page of ZONE_MOVABLE stay where it is when it is pinned? */
bool nouveau_dmem_atomic_revocable(void);

/*
 * A device page, locked and with one reference (TMP), that stands for @old from
 * here on; @old is locked by the caller, or NULL. NULL: there is no memory, or
 * no device page left.
 */
struct page *nouveau_dmem_atomic_alloc(struct nouveau_drm *drm,
				       struct nouveau_svmm *svmm,
				       struct page *old);
/* What @dpage stands for, or NULL; and it stands for nothing. Need its lock. */
struct page *nouveau_dmem_atomic_page(const struct page *dpage);
void nouveau_dmem_atomic_forget(struct page *dpage);
/* Of a device that clears by itself what a CPU takes back: the svmm that @dpage
 * was made for. NULL: its notifiers do that. */
struct nouveau_svmm *nouveau_dmem_atomic_svmm(const struct page *dpage);

/* nouveau_svm_pin.c: a CPU touched vmf->page, which is locked and referenced. */
vm_fault_t nouveau_atomic_page_migrate(struct vm_fault *vmf);

/* For the view. @nr_free: at most as many as there are frames. */
struct view_page nouveau_pin_view_page(struct view_page p, u32 pfn);
struct view_device nouveau_pin_view_device(void);

/* target_pin.c. In M0, after nouveau_boot(): nouveau_dmem_atomic_init(), and what
 * the view has to say of pinned pages. */
extern struct view view_pin;
void nouveau_pin_boot(bool revoke);

/* What devices are called in events and the view: upstream's chunks of VRAM have
 * the lower numbers. */
#define NOUVEAU_ATOMIC_DEVICE	3

#endif /* TARGETS_SVM_ATOMIC_NOUVEAU_PIN_H */

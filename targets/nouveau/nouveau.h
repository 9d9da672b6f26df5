/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nouveau.h: a machine with one GPU, as the targets' glue uses it.
 *
 * There are four files open on the device ("svmm" 0 to 3 in programs), each
 * mirroring an mm or none, and four channel instances, each joined to one of
 * them or to none.
 */
#ifndef TARGETS_NOUVEAU_NOUVEAU_H
#define TARGETS_NOUVEAU_NOUVEAU_H

#include "targets/nouveau/nouveau_svm.h"
#include "targets/nouveau/target.h"
#include "targets/view.h"

/*
 * In M0, after mm_boot(): load the driver with this form of the fault handler;
 * svmm 0 mirrors mm 0, and instances 0 and 1 are joined to it.
 */
void nouveau_boot(const struct nouveau_svm_form *form);
/* In M0: wait until the fault handler has nothing to do. */
void nouveau_quiesce(void);
/* In M0: close every file and unload the driver. Before or after mm_halt(). */
void nouveau_halt(void);

/* What the calls of a program do; 0 or minus an errno. Need current, no lock. */
long nouveau_open_svmm(u32 svmm, u32 mm, u32 page, u32 count);
long nouveau_join(u32 inst, u32 svmm);
long nouveau_part(u32 inst);
long nouveau_close_svmm(u32 svmm);
/* SVM_BIND of a file, by a task of @mm, of pages to VRAM; and of anything. */
long nouveau_bind(u32 svmm, u32 mm, u32 page, u32 count);
struct drm_nouveau_svm_bind;
long nouveau_bind_ioctl(u32 svmm, u32 mm, struct drm_nouveau_svm_bind *args);
/* What is in VRAM, this device's or the peer's, is brought home. */
void nouveau_evict(void);
/* Pages of @mm go to the memory of another device, the peer. */
long nouveau_peer_bind(u32 mm, u32 page, u32 count);

/* For the view: whose space it is, NULL if its file was closed; and the ring,
 * NULL if the driver is not loaded. */
const struct nouveau_svmm *nouveau_space_svmm(u32 space);
const struct nouveau_svm_fault_buffer *nouveau_fault_buffer(void);
/* Device 0 is this one, 1 the peer. NULL: it has no memory. */
const struct nouveau_dmem *nouveau_device_dmem(u32 dev);

/* view.c: the mm's half copied in by nouveau_view_boot(). */
extern struct view view_nouveau;
void nouveau_view_boot(void);

#endif /* TARGETS_NOUVEAU_NOUVEAU_H */

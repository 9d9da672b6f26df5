/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nouveau.h: a machine with one GPU, as the targets' glue uses it.
 */
#ifndef TARGETS_NOUVEAU_NOUVEAU_H
#define TARGETS_NOUVEAU_NOUVEAU_H

#include "targets/nouveau/files.h"
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

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nouveau.h: the machine that the tree's Nouveau driver runs on, between the
 * files that make it: nouveau.c has the device and its driver, nvif.c what is
 * below the tree's nvif calls, nouveau_faults.c what can be told of the fault
 * handler from outside, nouveau_view.c what oracles may ask.
 *
 * What is modelled is the device alone, and that is the port's model, compiled
 * as it is: targets/nouveau/gpu_*.c. The driver and nvif are the tree's.
 */
#ifndef TARGETS_KTREE_GLUE_NOUVEAU_H
#define TARGETS_KTREE_GLUE_NOUVEAU_H

#include "nouveau_svm.h"
#include "nouveau_drv.h"

#include <nvif/driver.h>

#include "targets/ktree/glue/glue.h"
#include "targets/nouveau/files.h"
#include "targets/nouveau/gpu.h"

#define NOUVEAU_NO_SPACE	(~0u)

/* Where the device's registers and its fault buffer seem to be mapped. Nothing
 * is: ioread32() and iowrite32() know them, and any other access is a crash. */
#define NOUVEAU_BAR		0x230000000000ul
#define NOUVEAU_BAR_SIZE	0x1000000ul
#define NOUVEAU_RING		0x231000000000ul
#define NOUVEAU_RING_SIZE	(GPU_ENTRIES * GPU_ENTRY_SIZE)

/* -- nouveau.c -- */

/* In M0, at the boot of each execution, with mm 0 alive: loads the driver. svmm
 * 0 mirrors mm 0, instances 0 and 1 are joined to it. */
void nouveau_machine_boot(void);
/* In M0: closes every file and unloads the driver. */
void nouveau_machine_halt(void);

/* Whose space it is; NULL if its file was closed. */
const struct nouveau_svmm *nouveau_space_svmm(u32 space);
/* The number of the space that an object of nvif stands for. */
u32 nouveau_object_space(const struct nvif_object *object);

/* -- nvif.c -- */

extern const struct nvif_driver nouveau_nvif_driver;
/* The device's interrupt, on the task whose access faulted. */
void nouveau_irq(void *arg);

/* -- nouveau_vram.c -- */

/* In M0: gives @drm a channel that can copy. */
void nouveau_vram_boot(struct nouveau_drm *drm);

/* -- nouveau_faults.c: each is called where its name says -- */

void nouveau_saw_put(u32 put);			/* the driver has read PUT */
void nouveau_saw_get(u32 get);			/* the driver has read GET */
void nouveau_wrote_get(u32 get);
void nouveau_parsed(u32 slot);			/* its valid bit is clear now */
void nouveau_dropped(u32 slot);			/* it never was set */
void nouveau_mapping(u32 space, u64 addr, const u64 *phys, u32 nr);
void nouveau_mapped(u32 space, u64 addr, const u64 *phys, u32 nr);
void nouveau_cancels(u64 inst, u32 hub, u32 gpc, u32 client);
/* The calling task is about to tell the driver that @inst runs in @space from
 * now on, or with NOUVEAU_NO_SPACE nowhere; and has told it. */
void nouveau_lookup_changes(u32 inst, u32 space);
void nouveau_lookup_changed(void);
/* The same, of the end of an svmm. */
void nouveau_svmm_ends(u32 space, const struct nouveau_svmm *svmm);
void nouveau_svmm_ended(void);
/* The driver's copies of GET and PUT, as far as it has shown them. */
u32 nouveau_sw_get(void);
u32 nouveau_sw_put(void);

/* -- nouveau_view.c -- */

extern struct view view_nouveau;
void nouveau_view_boot(void);

#endif /* TARGETS_KTREE_GLUE_NOUVEAU_H */

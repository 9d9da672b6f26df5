/* SPDX-License-Identifier: GPL-2.0 */
/*
 * files.h: the files that are open on the device, and the channels in them.
 *
 * There are four files ("svmm" 0 to 3 in programs), each mirroring an mm or
 * none, and four channel instances, each joined to one of them or to none.
 * files.c has what upstream has of them, on every ground with the driver.
 */
#ifndef TARGETS_NOUVEAU_FILES_H
#define TARGETS_NOUVEAU_FILES_H

#include "targets/view.h"

#define NOUVEAU_FILES	4

struct drm_nouveau_svm_bind;
struct drm_nouveau_svm_init;

/* -- files.c -- */

/* In M0, before the driver is loaded: nothing mirrors, nothing is joined. */
void nouveau_files_boot(void);
/* In M0, with the driver: svmm 0 mirrors mm 0, instances 0 and 1 are joined to
 * it. */
void nouveau_files_open(void);
/* In M0: every file is closed. */
void nouveau_files_halt(void);

/* What the calls of a program do; 0 or minus an errno. Need current, no lock. */
long nouveau_open_svmm(u32 svmm, u32 mm, u32 page, u32 count);
long nouveau_join(u32 inst, u32 svmm);
long nouveau_part(u32 inst);
long nouveau_close_svmm(u32 svmm);
/* SVM_BIND of a file, by a task of @mm, of pages to VRAM; and of anything. */
long nouveau_bind(u32 svmm, u32 mm, u32 page, u32 count);
long nouveau_bind_ioctl(u32 svmm, u32 mm, struct drm_nouveau_svm_bind *args);

/* What else comes and goes with files: one at a time, and none closes. */
void nouveau_files_lock(void);
void nouveau_files_unlock(void);

/* -- what a ground provides -- */

/*
 * One file of the driver, and its ioctls. No two of them at once, but for the
 * bind: that is of a file that does not close, by a task whose current->mm it
 * is about.
 */
bool nouveau_file_mirrors(u32 svmm);
long nouveau_file_init(u32 svmm, struct drm_nouveau_svm_init *args);
long nouveau_file_bind(u32 svmm, struct drm_nouveau_svm_bind *args);
/* Needs a file that mirrors; and one that @inst is joined to. */
long nouveau_file_join(u32 svmm, u32 inst);
void nouveau_file_part(u32 svmm, u32 inst);
/* Needs a file that mirrors, with no instance joined to it. */
void nouveau_file_fini(u32 svmm);

/* The other calls of a program; as above. */
/* What is in VRAM, this device's or another's, is brought home. */
long nouveau_evict(void);
/* Pages of @mm go to the memory of another device, the peer. */
long nouveau_peer_bind(u32 mm, u32 page, u32 count);
/* The next copy to or from the device's memory fails. */
void nouveau_copy_glitch(void);

#endif /* TARGETS_NOUVEAU_FILES_H */

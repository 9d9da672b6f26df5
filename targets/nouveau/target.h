/* SPDX-License-Identifier: GPL-2.0 */
/*
 * target.h: what a target with Nouveau's device is made of, whichever form of
 * the fault handler it runs, and in whichever folder that is.
 */
#ifndef TARGETS_NOUVEAU_TARGET_H
#define TARGETS_NOUVEAU_TARGET_H

#include "targets/mm/mm.h"
#include "targets/nouveau/ops.h"
#include "targets/target.h"
#include "targets/view.h"

struct nouveau_svm_form;

/*
 * What every target with this device is made of, target.c: its ops, and what
 * struct target wants besides. A target is a form of the handler, a boot
 * function that calls nouveau_target_boot() with it, and a NOUVEAU_TARGET().
 */
extern const struct op nouveau_ops[NOUVEAU_NR_OPS];
extern const u16 nouveau_must_see[], nouveau_counters[];
extern const struct oracle *const svm_oracles_nouveau[];

/* kernel_boot(), mm_boot(), nouveau_boot(). */
void nouveau_target_boot(const struct nouveau_svm_form *form);
void nouveau_target_task_begin(u32 index);
void nouveau_target_task_end(u32 index);
void nouveau_target_quiesce(void);
void nouveau_target_halt(void);

/* The rest: .themes, and whatever differs. A form of another folder is of family
 * "nouveau/...": then the ORIGINAL rows of Nouveau's own targets are its too. */
#define NOUVEAU_TARGET(name_, help_, boot_, must_see_, oracles_, ...) {	\
	.name	= name_,						\
	.help	= help_,						\
	.mm_ops	= true,							\
	.ops	= nouveau_ops,						\
	.nr_ops	= NOUVEAU_NR_OPS,					\
	.oracles = oracles_,						\
	.view	= &view_nouveau,					\
	.format	= view_format,						\
	.must_see = must_see_,						\
	.counters = nouveau_counters,					\
	.boot	= boot_,						\
	.task_begin = nouveau_target_task_begin,			\
	.task_end = nouveau_target_task_end,				\
	.quiesce = nouveau_target_quiesce,				\
	.halt	= nouveau_target_halt,					\
	__VA_ARGS__							\
}

#endif /* TARGETS_NOUVEAU_TARGET_H */

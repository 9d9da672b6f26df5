/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view_bind.h: VM_BIND's answers of struct view_panthor, for view.c.
 */
#ifndef TARGETS_PANTHOR_VIEW_BIND_H
#define TARGETS_PANTHOR_VIEW_BIND_H

#include "targets/view_panthor.h"

struct panthor_device;

/* In M0 at boot, by panthor_vm_boot(). */
void view_bind_boot(struct panthor_device *ptdev);

bool view_bind_gpuva(u32 id, u32 nr, struct view_gpuva *va);
u32 view_bind_gpuva_frame(u32 id, u32 nr, u32 page);
u32 view_bind_stale_tables(u32 id);
u32 view_bind_tables_out(void);		/* panthor_vm_op_ctx.c */
bool view_bind_bo(u32 nr, struct view_bo *bo);

/* Their places in struct view_panthor. */
#define VIEW_BIND_QUERIES				\
	.gpuva		= view_bind_gpuva,		\
	.gpuva_frame	= view_bind_gpuva_frame,	\
	.stale_tables	= view_bind_stale_tables,	\
	.tables_out	= view_bind_tables_out,		\
	.bo		= view_bind_bo

#endif /* TARGETS_PANTHOR_VIEW_BIND_H */

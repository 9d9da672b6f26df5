/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nvif/object.h: how the driver's halves talk.
 *
 * MODEL of <nvif/object.h>, 6.12, for the objects the fault handler uses: an
 * address space, the fault buffer's memory and the device's registers. An
 * object's handle is all it is; the calls end in the device model.
 * Implementation: targets/nouveau/nvif.c.
 */
#ifndef __NVIF_OBJECT_H__
#define __NVIF_OBJECT_H__

#include <linux/types.h>

enum nvif_class {
	NVIF_CLASS_DEVICE,	/* handle unused; rd32/wr32 are registers */
	NVIF_CLASS_VMM,		/* handle: the address space's number */
	NVIF_CLASS_FAULT,	/* handle unused; rd32/wr32 are ring memory */
};

struct nvif_object {
	u32 handle;
	u32 oclass;
};

/* Calls @mthd with its arguments. 0 or an error of the method. May sleep. */
int nvif_object_mthd(struct nvif_object *object, u32 mthd, void *data,
		     u32 size);
u32 nvif_rd32(struct nvif_object *object, u64 offset);
void nvif_wr32(struct nvif_object *object, u64 offset, u32 data);

#endif /* __NVIF_OBJECT_H__ */

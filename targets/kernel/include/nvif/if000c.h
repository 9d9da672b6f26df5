/* SPDX-License-Identifier: GPL-2.0 */
/*
 * nvif/if000c.h: the methods of an address space that pages of a process are
 * mapped with.
 *
 * MODEL of <nvif/if000c.h>, 6.12: PFNMAP and PFNCLR alone; version bytes are
 * left out.
 */
#ifndef __NVIF_IF000C_H__
#define __NVIF_IF000C_H__

#include <linux/types.h>

#define NVIF_VMM_V0_PFNMAP	0x05
#define NVIF_VMM_V0_PFNCLR	0x06

/* @page: log2 of the page size; @addr and @size in bytes. */
struct nvif_vmm_pfnmap_v0 {
	u8 page;
	u64 addr;
	u64 size;
	u64 phys[];
};

#define NVIF_VMM_PFNMAP_V0_ADDR		0xfffffffffffff000ULL
#define NVIF_VMM_PFNMAP_V0_ADDR_SHIFT	12
#define NVIF_VMM_PFNMAP_V0_APER		0x00000000000000f0ULL
#define NVIF_VMM_PFNMAP_V0_HOST		0x0000000000000000ULL
#define NVIF_VMM_PFNMAP_V0_VRAM		0x0000000000000010ULL
#define NVIF_VMM_PFNMAP_V0_A		0x0000000000000004ULL
#define NVIF_VMM_PFNMAP_V0_W		0x0000000000000002ULL
#define NVIF_VMM_PFNMAP_V0_V		0x0000000000000001ULL
#define NVIF_VMM_PFNMAP_V0_NONE		0x0000000000000000ULL

struct nvif_vmm_pfnclr_v0 {
	u64 addr;
	u64 size;
};

#endif /* __NVIF_IF000C_H__ */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * panthor_regs.h: registers of the MMU, as far as the model has them.
 *
 * Models drivers/gpu/drm/panthor/panthor_regs.h (6.12). Names and fields are
 * the hardware's; the addresses are the model's own, dense, so that a register
 * file is an array of words.
 */
#ifndef TARGETS_PANTHOR_PANTHOR_REGS_H
#define TARGETS_PANTHOR_PANTHOR_REGS_H

#include <linux/bits.h>

#define MMU_INT_RAWSTAT			0x00
#define MMU_INT_CLEAR			0x04
#define MMU_INT_MASK			0x08
#define MMU_INT_STAT			0x0c

/* One block of words an address space, after the interrupt's own. */
#define MMU_AS(as)			(0x40 + (as) * 0x40)
#define AS_TRANSTAB_LO(as)		(MMU_AS(as) + 0x00)
#define AS_TRANSTAB_HI(as)		(MMU_AS(as) + 0x04)
#define AS_MEMATTR_LO(as)		(MMU_AS(as) + 0x08)
#define AS_MEMATTR_HI(as)		(MMU_AS(as) + 0x0c)
#define AS_LOCKADDR_LO(as)		(MMU_AS(as) + 0x10)
#define AS_LOCKADDR_HI(as)		(MMU_AS(as) + 0x14)
#define AS_COMMAND(as)			(MMU_AS(as) + 0x18)
#define AS_FAULTSTATUS(as)		(MMU_AS(as) + 0x1c)
#define AS_FAULTADDRESS_LO(as)		(MMU_AS(as) + 0x20)
#define AS_FAULTADDRESS_HI(as)		(MMU_AS(as) + 0x24)
#define AS_STATUS(as)			(MMU_AS(as) + 0x28)
#define AS_TRANSCFG_LO(as)		(MMU_AS(as) + 0x30)
#define AS_TRANSCFG_HI(as)		(MMU_AS(as) + 0x34)

#define AS_COMMAND_NOP			0
#define AS_COMMAND_UPDATE		1
#define AS_COMMAND_LOCK			2
#define AS_COMMAND_UNLOCK		3
#define AS_COMMAND_FLUSH_PT		4
#define AS_COMMAND_FLUSH_MEM		5

#define AS_STATUS_AS_ACTIVE		BIT(0)

#define AS_TRANSCFG_ADRMODE_MASK	0xf
#define AS_TRANSCFG_ADRMODE_UNMAPPED	1
#define AS_TRANSCFG_ADRMODE_AARCH64_4K	6
#define AS_TRANSCFG_PTW_MEMATTR_WB	(2u << 24)
#define AS_TRANSCFG_PTW_RA		BIT(30)

/* LOCKADDR: the region's first byte, and log2 of its size minus one. */
#define AS_LOCK_REGION_WIDTH_MASK	0x3f
#define AS_LOCK_REGION_MIN_SIZE		(1ull << 15)

/* FAULTSTATUS. */
#define AS_FAULTSTATUS_EXCEPTION(s)	((s) & 0xff)
#define AS_FAULTSTATUS_ACCESS(s)	((s) >> 8 & 3)
#define AS_FAULTSTATUS_ACCESS_ATOMIC	0
#define AS_FAULTSTATUS_ACCESS_EX	1
#define AS_FAULTSTATUS_ACCESS_READ	2
#define AS_FAULTSTATUS_ACCESS_WRITE	3
#define AS_FAULTSTATUS_DECODER		BIT(10)
#define AS_FAULTSTATUS_SOURCE(s)	((s) >> 16)
#define DRM_PANTHOR_EXCEPTION_TRANSLATION_FAULT_0	0xc0
#define DRM_PANTHOR_EXCEPTION_PERM_FAULT_0		0xc8

/* Faults in the low half of the interrupt words, finished commands above. */
#define MMU_FAULT_MASK			0xffffu

#endif /* TARGETS_PANTHOR_PANTHOR_REGS_H */

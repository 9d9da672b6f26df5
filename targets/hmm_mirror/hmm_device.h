/* SPDX-License-Identifier: GPL-2.0 */
/*
 * hmm_device.h: two devices that mirror address spaces, as the target's glue
 * and the tests use them.
 *
 * A program names up to four mirrors by slot; each is of one device and one mm
 * and has a page table and a TLB of its own: a GPU space to oracles. Slot 0 is
 * registered from boot on: device 0, mm 0.
 */
#ifndef TARGETS_HMM_MIRROR_HMM_DEVICE_H
#define TARGETS_HMM_MIRROR_HMM_DEVICE_H

#include <linux/types.h>

#include "targets/view_hmm_v12.h"

#define HMM_SLOTS	4
#define HMM_DEVICES	2

/* In M0, after mm_boot(). In M0, after mm_halt(): unregister what is left. */
void hmm_devices_boot(void);
void hmm_devices_halt(void);

/*
 * What the calls of a program do; a value, or minus an errno: -EBADF, no such
 * mirror; -EBUSY, the slot is in use, or try again; -ESRCH, no such mm;
 * -ENODEV, the mirror is dead. Need no lock.
 */
long hmm_slot_register(u32 slot, u32 dev, u32 mm);
long hmm_slot_unregister(u32 slot);
/* How many pages the device was given. */
long hmm_slot_fault(u32 slot, unsigned long addr, u32 pages, bool write);
/* One access by the device, through its TLB and table, or a fault. */
long hmm_slot_read(u32 slot, unsigned long addr, u32 *value);
long hmm_slot_write(u32 slot, unsigned long addr, u32 value);
/* The next update of the device fails with @err, before it has done anything;
 * not the last one of a mirror's life: a device can always be switched off. */
long hmm_slot_fail(u32 slot, int err);

/* view.c: the mm's half is copied in by hmm_view_boot(). */
extern struct view view_hmm;
void hmm_view_boot(void);

/* For it: of a live mirror, by GPU space; NULL: none. */
struct hmm_mirror;
const struct hmm_mirror *hmm_mirror_of_space(u32 space);
u64 hmm_device_entry(u32 space, u64 va);
u64 hmm_device_tlb(u32 space, u64 va);

/* rmap_v12.c: the page of a file that @mm maps at @addr loses all its entries,
 * or the right to write. 0; -ENOENT: no such page; -ESRCH: no such mm. */
long reclaim_page(u32 mm, unsigned long addr);
long writeback_page(u32 mm, unsigned long addr);

#endif /* TARGETS_HMM_MIRROR_HMM_DEVICE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dmirror.h: a machine with two test_hmm devices, and the files a program has
 * open on them, as the target's glue uses it.
 *
 * There are four files ("file" 0 to 3 in programs). Any task may use any of
 * them, as after a fork, and each goes on mirroring the mm of who opened it.
 * File 0 is open from boot on: device 0, mm 0.
 */
#ifndef TARGETS_DMIRROR_DMIRROR_H
#define TARGETS_DMIRROR_DMIRROR_H

#include "targets/dmirror/test_hmm_uapi.h"
#include "targets/view.h"

#define DMIRROR_FILES	4

/* In M0, after mm_boot(): load the driver, open file 0. */
void dmirror_boot(void);
/* In M0, after the program: close every file and unload the driver. */
void dmirror_halt(void);

/*
 * What the calls of a program do; 0, or minus an errno: -EBADF, no such file is
 * open; -ESRCH, no such mm. Need current, no lock, no mm entered.
 */
/* A thread of mm slot @mm opens device @dev. What the file was is closed. */
long dmirror_open(u32 file, u32 dev, u32 mm);
/* Ioctls under way finish first, and the last one closes it. */
long dmirror_close(u32 file);
/* See struct hmm_dmirror_cmd. NULL: the structure cannot be read. */
long dmirror_ioctl(u32 file, u32 command, struct hmm_dmirror_cmd *cmd);
/* Private mapping of the device's node, of fresh pages of its own. */
long dmirror_mmap(u32 file, unsigned long addr, unsigned long len,
		  unsigned long prot, u32 mm);

/* view.c: the mm's half copied in by dmirror_view_boot(). */
struct dmirror_device;
const struct dmirror_device *dmirror_device(u32 dev);
extern struct view view_dmirror;
void dmirror_view_boot(void);

#endif /* TARGETS_DMIRROR_DMIRROR_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * view_hmm_v12.h: what an oracle may ask of the mirrors of 2016.
 *
 * A mirror is a GPU space (view.h): the entries and the TLB of its device are
 * those of the space. Between them and the CPU's tables stands the mirror page
 * table, which is asked for here.
 */
#ifndef TARGETS_VIEW_HMM_V12_H
#define TARGETS_VIEW_HMM_V12_H

#include "targets/view.h"

/* What an update of a mirror is about: enum hmm_etype. */
enum view_v12_etype {
	VIEW_V12_NONE,
	VIEW_V12_FORK,
	VIEW_V12_MIGRATE,
	VIEW_V12_MUNMAP,
	VIEW_V12_RFAULT,
	VIEW_V12_WFAULT,
	VIEW_V12_WRITE_PROTECT,
};

/* Packed arguments of events; id counts device faults from 1. */
#define VIEW_V12_FAULT(mm, space, id) \
	((u64)(mm) | (u64)(space) << 8 | (u64)(id) << 16)
#define VIEW_V12_FAULT_MM(a)		((u32)((a) & 0xff))
#define VIEW_V12_FAULT_SPACE(a)		((u32)((a) >> 8 & 0xff))
#define VIEW_V12_FAULT_ID(a)		((u32)((a) >> 16))
/* A wait for device faults of one mirror, or of all. */
#define VIEW_V12_ALL			0xffu
#define VIEW_V12_WAIT(mm, space)	((u64)(mm) | (u64)(space) << 8)
#define VIEW_V12_WAIT_MM(a)		((u32)((a) & 0xff))
#define VIEW_V12_WAIT_SPACE(a)		((u32)((a) >> 8 & 0xff))
#define VIEW_V12_UPDATE(space, etype)	((u64)(space) | (u64)(etype) << 8)
#define VIEW_V12_SPACE(a)		((u32)((a) & 0xff))
#define VIEW_V12_ETYPE(a)		((u32)((a) >> 8 & 0xff))
/* Of a directory: its reference count, valid entries, protecting iterators. */
#define VIEW_V12_COUNTS(count, valid, iterators) \
	((u64)(u16)(count) | (u64)(valid) << 16 | (u64)(iterators) << 32)
#define VIEW_V12_COUNT(c)		((s32)(s16)((c) & 0xffff))
#define VIEW_V12_VALID(c)		((u32)((c) >> 16 & 0xffff))
#define VIEW_V12_ITERATORS(c)		((u32)((c) >> 32))

/* An invalidation without a bracket is told as one with such an id. */
#define VIEW_V12_PAGE_ID		0x40000000u

/* The device faults in progress on an mm. */
struct view_v12_faults {
	u32 count;		/* ndevice_faults */
	u32 listed;		/* length of the list */
};

struct view_v12_directory {
	u32 level;		/* 0: the root, which is not counted */
	s32 count;
	u32 valid;
	u32 iterators;
};

struct view_hmm_v12 {
	/* The mirror table's entry, a word of view.h with VIEW_W, VIEW_DIRTY. */
	u64 (*entry)(u32 space, u64 va);
	struct view_v12_faults (*faults)(u32 mm);
	/* Directory @n of a mirror's table, from 0; false: past the last. */
	bool (*directory)(u32 space, u32 n, struct view_v12_directory *d);
};

#endif /* TARGETS_VIEW_HMM_V12_H */

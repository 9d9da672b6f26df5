/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test_device.h: the smallest device with pages of its own: it hands them out,
 * moves pages to them and back, and follows nobody's page tables.
 *
 * A migration is driven in steps, so that a test can look and meddle between
 * them; device_to() and device_evict() are all steps at once.
 */
#ifndef TARGETS_MM_TESTS_TEST_DEVICE_H
#define TARGETS_MM_TESTS_TEST_DEVICE_H

#include <linux/memremap.h>
#include <linux/migrate.h>

#include "targets/mm/tests/mm_test.h"

#define DEVICE_PAGES	8

struct test_device {
	struct dev_pagemap pgmap;
	spinlock_t lock;	/* of free and nr_free */
	struct page *free;	/* linked by zone_device_data */
	u32 nr_free;
	u32 faults;		/* calls of migrate_to_ram() */
	bool no_memory;		/* the way back has no page to go to */
};

/* A migration on its way. Bit i of @skip: page i gets no destination. */
struct device_move {
	struct migrate_vma args;
	unsigned long src[DEVICE_PAGES], dst[DEVICE_PAGES];
	u32 skip;
	bool to_ram;
};

/* Device @n, 0 or 1, with all its pages free. */
struct test_device *test_device(u32 n);
void device_boot(u32 n);
/* memunmap_pages(): every page must be on its way home. */
void device_gone(u32 n);

/* Needs mmap_lock for the whole of setup to finalize. What setup returned. */
int device_setup(struct device_move *move, u32 n, struct mm_struct *mm,
		 u32 page, u32 count, unsigned long flags);
/* Destinations, with what is in the sources. */
void device_copy(struct device_move *move, struct test_device *dev);
/* pages and finalize; how many moved. */
u32 device_commit(struct device_move *move);

/* All of it, for SELECT_SYSTEM; how many moved, or minus an errno. */
int device_to(u32 n, struct mm_struct *mm, u32 page, u32 count);
/* Every page of the device goes home; how many did. @meanwhile runs when the
 * pages have left their entries, and may be NULL. */
int device_evict(u32 n, void (*meanwhile)(void));

#endif /* TARGETS_MM_TESTS_TEST_DEVICE_H */

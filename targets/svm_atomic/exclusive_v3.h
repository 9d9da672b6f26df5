/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exclusive_v3.h: device-exclusive access as it was first posted.
 */
#ifndef TARGETS_SVM_ATOMIC_EXCLUSIVE_V3_H
#define TARGETS_SVM_ATOMIC_EXCLUSIVE_V3_H

#include <linux/rmap.h>

#include "targets/nouveau/nouveau_svm.h"

/* For exclusive_form, at boot. */
extern const struct exclusive_form exclusive_v3;
/* The driver of the same series. */
extern const struct nouveau_svm_form nouveau_svm_v3;

/*
 * As make_device_exclusive_range(), of nobody in particular: callbacks cannot
 * tell these brackets from others. mmap_lock held, any mode.
 */
int make_device_exclusive_range_v3(struct mm_struct *mm, unsigned long start,
				   unsigned long end, struct page **pages);

#endif /* TARGETS_SVM_ATOMIC_EXCLUSIVE_V3_H */

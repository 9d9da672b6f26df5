/* SPDX-License-Identifier: GPL-2.0 */
/*
 * maker_notifier.h: what the two forms have in common that take a page from the
 * CPUs by brackets of their own, in the middle of a range fault.
 *
 * Those brackets move the sequence of the fault's interval, and are of no owner
 * that the callback could know. But callbacks run on the task that opens a
 * bracket: what that task does while it is the maker is over when it asks, and
 * is not counted; what others do is.
 */
#ifndef TARGETS_SVM_ATOMIC_MAKER_NOTIFIER_H
#define TARGETS_SVM_ATOMIC_MAKER_NOTIFIER_H

#include <linux/sched.h>

#include "targets/nouveau/nouveau_svm.h"

/* On the stack of one range fault. @maker: the task that takes the page from the
 * CPUs, while it does; else NULL. WRITE_ONCE(). */
struct maker_notifier {
	struct svm_notifier base;
	struct task_struct *maker;
};

/* As nouveau_svm_notifier_insert(); nouveau_svm_notifier_remove(@n->base). */
int maker_notifier_insert(struct nouveau_drm *drm, struct nouveau_svmm *svmm,
			  struct maker_notifier *n, unsigned long start,
			  unsigned long size);

/* nouveau_svm_form.cmp: of an address ATOMIC first, READ and PREFETCH last. */
int nouveau_svm_atomic_first_cmp(const void *a, const void *b);

#endif /* TARGETS_SVM_ATOMIC_MAKER_NOTIFIER_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * targets: the list of this program. The names are the port's where the system
 * is the same; what its set of objects does not have is not in the list.
 */
#include <linux/string.h>

#include "targets/target.h"

extern const struct target target_ktree_mm, target_ktree_dmirror;
extern const struct target target_nouveau_exclusive, target_ktree_gpuvm;

/* Of the glue itself, two tasks of kernel code each: see selftest.c. */
#define SELFTESTS(X)							\
	X(locks) X(ww) X(rcu) X(rcu_early) X(srcu) X(work) X(wait) X(delayed)	\
	X(lost_wakeup) X(order) X(atomic) X(reclaim) X(held) X(leak)	\
	X(page_leak) X(double_free) X(late_write)

#define DECLARE(name)	extern const struct target target_selftest_##name;
SELFTESTS(DECLARE)
#define ROW(name)	&target_selftest_##name,

/* The builder says which sets there are. */
const struct target *const targets[] = {
	&target_ktree_mm,
#ifdef KTREE_SET_DMIRROR
	&target_ktree_dmirror,
#endif
	SELFTESTS(ROW)
#ifdef KTREE_SET_NOUVEAU
	&target_nouveau_exclusive,
#endif
#ifdef KTREE_SET_GPUVM
	&target_ktree_gpuvm,
#endif
	NULL,
};

const struct target *target_find(const char *name)
{
	const struct target *const *t;

	for (t = targets; *t; t++)
		if (!strcmp((*t)->name, name))
			return *t;
	return NULL;
}

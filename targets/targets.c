// SPDX-License-Identifier: GPL-2.0
/*
 * targets: the list. A target is a folder and a row here; help, ctest, bench
 * and the fuzz entries walk it.
 */
#include <linux/string.h>

#include "targets/litmus/litmus.h"
#include "targets/target.h"

extern const struct target target_mm, target_nouveau_onepage, target_dmirror;
extern const struct target target_nouveau_window, target_nouveau_exclusive;
extern const struct target target_exclusive_v3;
extern const struct target target_unmap_pin, target_unmap_pin_callback;
extern const struct target target_panthor, target_panthor_v2;
extern const struct target target_panthor_lock_region;
extern const struct target target_hmm_v12;

const struct target *const targets[] = {
	&target_mm,
	&target_nouveau_window,
	&target_nouveau_onepage,
	&target_nouveau_exclusive,
	&target_exclusive_v3,
	&target_unmap_pin,
	&target_unmap_pin_callback,
	&target_dmirror,
	&target_hmm_v12,
	&target_panthor,
	&target_panthor_v2,
	&target_panthor_lock_region,
	&target_litmus_seqflag3,
	&target_litmus_seqflag3_small,
	&target_litmus_d2,
	&target_litmus_d3,
	&target_litmus_mp,
	&target_litmus_barriers,
	&target_litmus_lock,
	&target_litmus_counter,
	&target_litmus_abba,
	&target_litmus_lost_wakeup,
	NULL,
};

const struct target *target_find(const char *name)
{
	for (const struct target *const *t = targets; *t; t++)
		if (!strcmp((*t)->name, name))
			return *t;
	return NULL;
}

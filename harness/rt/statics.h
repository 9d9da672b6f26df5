/* SPDX-License-Identifier: GPL-2.0 */
/*
 * statics.h: the static data of the machine (__machine in types.h), and how
 * it is made new; for both runtimes.
 *
 * Two sections: oracles have four times as much as all the rest, and where
 * nothing but litmus is run none of them is wired up that ever writes it.
 */
#ifndef HARNESS_RT_STATICS_H
#define HARNESS_RT_STATICS_H

#include "harness/types.h"

/* Of the code under test and what it stands on; both NULL if there is none. */
extern u8 __start_machine_data[] __attribute__((weak));
extern u8 __stop_machine_data[] __attribute__((weak));

static inline size_t statics_machine_size(void)
{
	return (size_t)__stop_machine_data - (size_t)__start_machine_data;
}

/* Keep what is there now, once. 0, or -1 with a message on stderr. */
int statics_init(void);
/* Put it back; what oracles have only if @oracles. */
void statics_reset(bool oracles);

#endif /* HARNESS_RT_STATICS_H */

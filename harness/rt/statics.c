// SPDX-License-Identifier: GPL-2.0
/*
 * statics: see statics.h. A reset copies whole sections: some KiB, at the pace
 * of the first cache.
 */
#include "harness/rt/statics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/sanitize.h"

extern u8 __start_machine_oracles[] __attribute__((weak));
extern u8 __stop_machine_oracles[] __attribute__((weak));

static u8 *machine, *oracles_data;	/* as they were */

/*
 * Under AddressSanitizer the sections hold poisoned gaps between variables,
 * which memcpy() would be stopped at: an own loop then, which is not checked.
 */
#if SANITIZE_ADDRESS
__attribute__((no_sanitize("address", "undefined")))
static void copy(u8 *to, const u8 *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		((volatile u8 *)to)[i] = ((const volatile u8 *)from)[i];
}
#else
static void copy(u8 *to, const u8 *from, size_t size)
{
	if (size)
		memcpy(to, from, size);
}
#endif

static size_t oracles_size(void)
{
	return (size_t)__stop_machine_oracles - (size_t)__start_machine_oracles;
}

int statics_init(void)
{
	machine = malloc(statics_machine_size() + 1);
	oracles_data = malloc(oracles_size() + 1);
	if (!machine || !oracles_data) {
		fprintf(stderr, "HARNESS: no memory for %zu bytes of static data\n",
			statics_machine_size() + oracles_size());
		return -1;
	}
	copy(machine, __start_machine_data, statics_machine_size());
	copy(oracles_data, __start_machine_oracles, oracles_size());
	return 0;
}

void statics_reset(bool oracles)
{
	copy(__start_machine_data, machine, statics_machine_size());
	if (oracles)
		copy(__start_machine_oracles, oracles_data, oracles_size());
}

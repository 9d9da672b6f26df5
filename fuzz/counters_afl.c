// SPDX-License-Identifier: GPL-2.0
/*
 * counters_afl: the same for AFL++ 4.04c.
 *
 * Its map ends at the last guard, and what is written beyond is not looked at.
 * So counters are declared as guards, as if they were edges, and the runtime
 * says where in the map each of them lies. Not to be compiled for coverage:
 * with it, __afl_area_ptr is another symbol.
 */
#include <stdint.h>

#include "fuzz/fuzz.h"

extern u8 *__afl_area_ptr;
void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop);

static uint32_t guard[2 * FEEDBACK_COUNTERS];

/* After the runtime's own constructors, before the fork server starts. */
__attribute__((constructor(2)))
static void declare(void)
{
	__sanitizer_cov_trace_pc_guard_init(guard, guard + ARRAY_SIZE(guard));
}

void feedback_count(u32 counter)
{
	u8 *at = &__afl_area_ptr[guard[counter]];

	if (*at < 255)
		(*at)++;
}

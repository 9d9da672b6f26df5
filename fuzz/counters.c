// SPDX-License-Identifier: GPL-2.0
/*
 * counters: feedback for libFuzzer, which looks into this section after every
 * execution as it does into the counters of edges, and clears it before the
 * next. Other engines leave it alone.
 */
#include "fuzz/fuzz.h"

__attribute__((section("__libfuzzer_extra_counters")))
static u8 counters[2 * FEEDBACK_COUNTERS];

void feedback_count(u32 counter)
{
	if (counters[counter] < 255)
		counters[counter]++;
}

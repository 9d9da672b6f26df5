// SPDX-License-Identifier: GPL-2.0
/*
 * progress: an execution ends within its bound of steps. A livelock, a retry
 * that never succeeds or a wait that spins is a finding and not a hang. An
 * unfair schedule can bring it about, so the sentence says who ran last.
 */
#include <stdio.h>

#include "harness/oracle/outcome.h"

void progress_record(const struct rt_result *r)
{
	char text[256];

	if (r->hung)
		snprintf(text, sizeof(text),
			 "%c%u loops without reaching a switch point, after step %u.",
			 rt_role(r->task), rt_index(r->task), r->steps);
	else if (r->task < 0)
		snprintf(text, sizeof(text), "%u steps and no end.", r->steps);
	else
		snprintf(text, sizeof(text),
			 "%u steps and no end; %c%u was running.", r->steps,
			 rt_role(r->task), rt_index(r->task));
	oracle_record_words(&oracle_progress, r->task, 0, text, "");
}

const struct oracle oracle_progress = {
	.name	= "progress",
	.claim	= "every call returns after a bounded number of steps",
	.spec	= "I-M25",
};

// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-fence: the fence of every job signals, whatever becomes of the job: after
 * a fault, a reset, a suspend, an unplug. Nothing in the machine takes a minute, so
 * a fence that has not signalled after one never will. That is so of the virtual
 * minute of sim alone: the clock of threads runs on when all of them seem to wait,
 * and one that is about to run does not look different.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static void event(const struct view *v, const struct event *e)
{
	oracle_raise(&oracle_panthor_fence, 0, "",
		     "Job %llu of vm#%llu (0: any) has not signalled its fence, and nothing is left to do.",
		     e->a, e->b);
}

static const u16 kinds[] = { EV_vm_job_late, 0 };

const struct oracle oracle_panthor_fence = {
	.name	= "panthor-fence",
	.claim	= "the fence of every job signals",
	.spec	= "I-E19",
	.kinds	= kinds,
	.event	= event,
};

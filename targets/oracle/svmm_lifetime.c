// SPDX-License-Identifier: GPL-2.0
/*
 * svmm-lifetime: an svmm is not used once it was freed, and its vmm not
 * followed once it is NULL.
 *
 * A space has one svmm in its life, so the space's number names it.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static u32 gone[VIEW_SPACES] __machine;		/* seq; 0: not yet */
static u32 freed[VIEW_SPACES] __machine;

static void event(const struct view *v, const struct event *e)
{
	u32 space = (u32)e->a;

	if (space >= VIEW_SPACES)
		return;
	switch (e->kind) {
	case EV_svmm_new:
		gone[space] = freed[space] = 0;
		break;
	case EV_svmm_gone:
		gone[space] = e->seq;
		break;
	case EV_svmm_free:
		if (freed[space])
			oracle_raise(&oracle_svmm_lifetime, freed[space], "",
				     "The svmm of GPU space %u was freed twice.",
				     space);
		freed[space] = e->seq;
		break;
	case EV_svmm_use:
		if (freed[space])
			oracle_raise(&oracle_svmm_lifetime, freed[space], "",
				     "The svmm of GPU space %u is used after it was freed.",
				     space);
		if (e->c)
			oracle_raise(&oracle_svmm_lifetime, gone[space], "",
				     "The vmm of GPU space %u is followed; it is NULL.",
				     space);
		break;
	}
}

static const u16 kinds[] = {
	EV_svmm_new, EV_svmm_gone, EV_svmm_free, EV_svmm_use, 0
};

const struct oracle oracle_svmm_lifetime = {
	.name	= "svmm-lifetime",
	.claim	= "no svmm is used after it was freed, and no vmm once it is NULL",
	.spec	= "I-A13",
	.kinds	= kinds,
	.event	= event,
};

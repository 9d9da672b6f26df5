// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-faulty: a slot is marked faulty exactly while its address space is
 * disabled for a fault, whenever the slots' lock is released; otherwise it is
 * never enabled again, or runs with its interrupt masked. A stuck command engine
 * and a device in reset are excused.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static bool in_reset __machine;

static void event(const struct view *v, const struct event *e)
{
	u32 nr_as = v->panthor->nr_as();

	if (e->kind == EV_as_reset) {
		in_reset = e->b != 2;
		return;
	}
	if (in_reset || !v->panthor->powered() || v->panthor->reset_owed())
		return;
	for (u32 as = 0; as < nr_as; as++) {
		struct view_as a = v->panthor->as(as);

		if (a.faulty && a.enabled)
			oracle_raise(&oracle_panthor_faulty, 0, "",
				     "AS %u is marked faulty, so its interrupt is masked, and it translates.",
				     as);
		if (!a.faulty && !a.enabled && a.vm)
			oracle_raise(&oracle_panthor_faulty, 0, "",
				     "AS %u of vm#%u is disabled and not marked faulty: nobody enables it again.",
				     as, a.vm);
	}
}

static const u16 kinds[] = { EV_as_slots, EV_as_reset, 0 };

const struct oracle oracle_panthor_faulty = {
	.name	= "panthor-faulty",
	.claim	= "a slot is marked faulty exactly while it is disabled for a fault",
	.spec	= "I-E5",
	.kinds	= kinds,
	.event	= event,
};

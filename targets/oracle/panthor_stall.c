// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-stall: a fault is cleared when its address space does not translate any
 * more. Cleared earlier, the access that waits there has no fault to its name, and
 * goes on before the address space is disabled.
 *
 * Judged when the address space is disabled after all; that it never is, is
 * panthor-faulty's. A stuck command engine is excused: the reset it owes ends the
 * access.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static u32 early[VIEW_AS] __machine;	/* seq of the clearing; 0: none */

static void cleared(const struct view *v, const struct event *e)
{
	u32 nr_as = v->panthor->nr_as();

	if (v->panthor->reset_owed())
		return;
	for (u32 as = 0; as < nr_as; as++) {
		struct view_as a = v->panthor->as(as);

		if (e->a >> as & 1 && a.enabled && a.stalled)
			early[as] = e->seq;
	}
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_as_int_clear:
		cleared(v, e);
		break;
	case EV_as_update:
		if (early[e->a % VIEW_AS])
			oracle_raise(&oracle_panthor_stall,
				     early[e->a % VIEW_AS], "",
				     "The fault of AS %u was cleared while AS %u translated and an access waited there for its end.",
				     (u32)e->a, (u32)e->a);
		break;
	case EV_as_slots:
		for (u32 as = 0; as < VIEW_AS; as++)
			early[as] = 0;
		break;
	}
}

static const u16 kinds[] = { EV_as_int_clear, EV_as_update, EV_as_slots, 0 };

const struct oracle oracle_panthor_stall = {
	.name	= "panthor-stall",
	.claim	= "a fault is not cleared before its address space is disabled",
	.spec	= "panthor.md 4, races.md fault-irq-cleared-too-late",
	.kinds	= kinds,
	.event	= event,
};

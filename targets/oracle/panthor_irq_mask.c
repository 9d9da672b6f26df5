// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-irq-mask: the driver's copy of the interrupt mask lets through the faults
 * of all slots that are not faulty, or none while the interrupt is suspended; and
 * so does the register, once no handler is on its way. A bit that stays masked is
 * a fault nobody hears of.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static u32 state __machine;	/* 0: about to change, 1: suspended, 2: running */

static u32 expected(const struct view *v)
{
	u32 mask = 0xffff, nr_as = v->panthor->nr_as();

	for (u32 as = 0; as < nr_as; as++)
		if (v->panthor->as(as).faulty)
			mask &= ~(1u << as);
	return mask;
}

static void check(const struct view *v)
{
	struct view_as_irq irq = v->panthor->irq();
	u32 mask = state == 1 ? 0 : expected(v);

	if (irq.mask != mask)
		oracle_raise(&oracle_panthor_irq_mask, 0, "",
			     "The driver's mask is 0x%x, and should be 0x%x%s.",
			     irq.mask, mask, state == 1 ? ": suspended" : "");
	if (!irq.inflight && v->panthor->powered() &&
	    (irq.int_mask & 0xffff) != mask)
		oracle_raise(&oracle_panthor_irq_mask, 0, "",
			     "MMU_INT_MASK is 0x%x, and should be 0x%x%s.",
			     irq.int_mask & 0xffff, mask,
			     state == 1 ? ": suspended" : "");
}

static void event(const struct view *v, const struct event *e)
{
	/* Without power the register has forgotten, and is set up again. */
	if (e->kind == EV_as_power)
		state = 0;
	if (e->kind == EV_as_irq)
		state = (u32)e->b;
	if (state)
		check(v);
}

static const u16 kinds[] = { EV_as_slots, EV_as_irq, EV_as_irq_end, EV_as_power, 0 };

const struct oracle oracle_panthor_irq_mask = {
	.name	= "panthor-irq-mask",
	.claim	= "the faults of all slots but the faulty ones are let through, and none while suspended",
	.spec	= "I-E6",
	.kinds	= kinds,
	.event	= event,
};

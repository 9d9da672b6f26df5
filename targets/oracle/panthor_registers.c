// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-registers: registers are touched while there is power, by somebody who
 * has made sure that the device stays: inside drm_dev_enter(), as the interrupt's
 * handler, or as probe and unplug; and by nobody once unplug is over.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static void event(const struct view *v, const struct event *e)
{
	u32 by = VIEW_REG_ENTERED | VIEW_REG_IRQ | VIEW_REG_CORE;

	if (e->c & VIEW_REG_GONE)
		oracle_raise(&oracle_panthor_registers, 0, "",
			     "Register 0x%llx is touched; the device was unplugged.",
			     e->a);
	if (!(e->c & VIEW_REG_POWERED))
		oracle_raise(&oracle_panthor_registers, 0, "",
			     "Register 0x%llx is touched; there is no power.",
			     e->a);
	if (!(e->c & by))
		oracle_raise(&oracle_panthor_registers, 0, "",
			     "Register 0x%llx is touched by somebody for whom the device may go any time.",
			     e->a);
}

static const u16 kinds[] = { EV_as_reg, 0 };

const struct oracle oracle_panthor_registers = {
	.name	= "panthor-registers",
	.claim	= "no register is touched without power, nor by anybody the device does not wait for",
	.spec	= "I-E7",
	.kinds	= kinds,
	.event	= event,
	.stateless = true,
};

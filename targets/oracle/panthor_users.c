// SPDX-License-Identifier: GPL-2.0
/*
 * panthor-users: only who made a VM active makes it idle. Who takes its slot away
 * sets the count of users to 0, so the users must be gone first.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/view_panthor.h"

static void event(const struct view *v, const struct event *e)
{
	if ((s64)e->c < 0)
		oracle_raise(&oracle_panthor_users, 0, "",
			     "vm#%llu is made idle; it has no user.", e->a);
}

static const u16 kinds[] = { EV_as_idle, 0 };

const struct oracle oracle_panthor_users = {
	.name	= "panthor-users",
	.claim	= "a VM is made idle only by a user of it",
	.spec	= "I-E18",
	.kinds	= kinds,
	.event	= event,
	.stateless = true,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * mutation: this ground has no switchable bugs, since what it runs is the
 * tree's and not ours. Known bugs are planted in copies of the tree's files
 * instead (targets/ktree/manifest/canaries). Device models shared with the port
 * have guards in them, which stay off.
 */
#include <string.h>

#include "targets/mutation.h"

const struct mutation mutations[M_NR] = {
	[M_none] = { .name = "none", .text = "the tree as it is" },
};

u8 mutation_on[M_NR];

int mutation_find(const char *name)
{
	return M_none;
}

int mutation_choose(const char *name, const struct target *t)
{
	return strcmp(name, "none") ? -1 : 0;
}

bool mutation_hit(enum mutation_id id)
{
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * trap: the tree's code called a function that this ground does not have.
 *
 * The build makes a stub of every such function, so that the rest links. What
 * would have happened is not known: the execution is over, and it is neither a
 * pass nor a finding against the tree.
 */
#include "harness/oracle/oracle.h"
#include "targets/ktree/host/host_private.h"

#include <stdio.h>
#include <stdlib.h>

void ktree_trap(const char *symbol)
{
	if (!ktree_image_sealed()) {
		fprintf(stderr, "HARNESS: the kernel's boot called %s(), which this ground does not have\n",
			symbol);
		exit(3);
	}
	oracle_raise(&oracle_trap, 0, symbol,
		     "%c%u: %s() was called, which this ground does not have.",
		     rt_role(rt_self()), rt_index(rt_self()), symbol);
}

const struct oracle oracle_trap = {
	.name	= "trap",
	.claim	= "the code under test calls nothing that this ground lacks",
	.spec	= NULL,
	.uncovered = true,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * noop: the functions of noop.def. Only their symbols are defined, so that a row
 * holds whatever a tree's version of the function takes and returns: on x86-64
 * arguments nobody looks at cost nothing, and a 0 in the register of the result
 * is nothing, false, 0 or NULL.
 */
#define CONSTANT(symbol, value)						\
	long kt_noop_##symbol(void) __asm__(#symbol);			\
	long kt_noop_##symbol(void)					\
	{								\
		return value;						\
	}
#define NOOP(symbol, why)	CONSTANT(symbol, 0)
#define YES(symbol, why)	CONSTANT(symbol, 1)
#include "targets/ktree/glue/noop.def"

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * draw.h: what generate.c and mutate.c share, private to prog/.
 */
#ifndef HARNESS_PROG_DRAW_H
#define HARNESS_PROG_DRAW_H

#include "harness/prog/prog.h"

#define SWARM_OPS_MAX	8
#define SWARM_PAGES_MAX	3

/* The taste of one program: what it draws its calls from. */
struct swarm {
	u32 nr_ops, nr_pages;
	u8 op[SWARM_OPS_MAX];
	u8 page[SWARM_PAGES_MAX];
	u8 slot;		/* beside the default one */
	u8 map;			/* how most mappings are made */
	u8 gup;			/* how most pages are taken */
	bool opens;		/* a theme: @first comes first */
	u8 first;
	bool wide;		/* many ranges are of everything */
	bool one_mm;
	bool one_slot;
	bool one_client;
	bool makes_mm;		/* some op of the taste does: OP_MAKES() */
	bool makes_slot;
};

/* Needs a table with at least one op. */
void swarm_draw(const struct op_table *t, struct prng *prng, struct swarm *s);

/* A value for one argument, and a whole call of an op of the swarm. */
u32 swarm_value(const struct swarm *s, struct prng *prng,
		const struct op_arg *a);
void swarm_call(const struct op_table *t, const struct swarm *s,
		struct prng *prng, struct call *c);

#endif /* HARNESS_PROG_DRAW_H */

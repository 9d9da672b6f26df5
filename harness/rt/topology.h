/* SPDX-License-Identifier: GPL-2.0 */
/*
 * topology.h: where two tasks run, as far as a race can tell.
 *
 * How long a store takes to be seen, and so how wide a window is, depends on
 * what the two CPUs share. The classes below go from everything to nothing;
 * which of them a machine has is hwloc's to say.
 */
#ifndef HARNESS_RT_TOPOLOGY_H
#define HARNESS_RT_TOPOLOGY_H

#include "harness/types.h"

struct hwloc_topology;

enum topology_class {
	TOPOLOGY_SAME_PU,	/* one runs when the other does not */
	TOPOLOGY_SMT,		/* threads of one core */
	TOPOLOGY_L2,
	TOPOLOGY_L3,
	TOPOLOGY_PACKAGE,	/* one package, no cache in common */
	TOPOLOGY_CROSS,		/* two packages */
	TOPOLOGY_CLASSES,
};

#define TOPOLOGY_PUS_MAX	1024
#define TOPOLOGY_ANYWHERE	(-1)
#define TOPOLOGY_NOT_SHARED	(~0u)

/* A PU and the number of the core, cache and package it is part of. */
struct topology_pu {
	u32 os_index;
	u32 core, l2, l3, package;	/* or TOPOLOGY_NOT_SHARED */
};

struct topology {
	struct hwloc_topology *hwloc;	/* for pinning; NULL: never pins */
	u32 nr_pus;			/* at least 1 */
	struct topology_pu pu[TOPOLOGY_PUS_MAX];
};

/* "same-pu", "smt", ... */
extern const char *const topology_class_name[TOPOLOGY_CLASSES];

/* This machine, as far as this process may use it. 0, or -1 with a message. */
int topology_init(struct topology *t);

/* The PUs of a loaded hwloc topology; a synthetic one in tests. */
void topology_read(struct topology *t, struct hwloc_topology *hwloc);

/* Of two PUs, by their place in t->pu[]. */
enum topology_class topology_class(const struct topology *t, u32 a, u32 b);

/* The classes that exist here, nearest first. How many: at least one. */
u32 topology_classes(const struct topology *t, u32 class[TOPOLOGY_CLASSES]);

/*
 * Places for @nr tasks, as indices into t->pu[], so that any two on different
 * PUs are of @class to each other: as many PUs as there are, then round again.
 * @turn picks among the choices there are. @class must exist.
 */
void topology_choose(const struct topology *t, enum topology_class class,
		     u64 turn, u32 *place, u32 nr);

/*
 * Pin the calling thread to t->pu[place], or let it run anywhere. A refusal is
 * said once on stderr and is no failure.
 */
void topology_pin(const struct topology *t, int place);

#endif /* HARNESS_RT_TOPOLOGY_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * topology: pair classes, computed once from what hwloc knows.
 *
 * hwloc's tree is flattened to five numbers a PU. Two PUs share a thing if it
 * has the same number in both; the nearest shared thing is their class.
 */
#include <errno.h>
#include <hwloc.h>
#include <stdio.h>
#include <string.h>

#include "harness/rt/topology.h"

const char *const topology_class_name[TOPOLOGY_CLASSES] = {
	[TOPOLOGY_SAME_PU] = "same-pu",
	[TOPOLOGY_SMT] = "smt",
	[TOPOLOGY_L2] = "l2",
	[TOPOLOGY_L3] = "l3",
	[TOPOLOGY_PACKAGE] = "package",
	[TOPOLOGY_CROSS] = "cross-package",
};

static u32 ancestor(hwloc_topology_t hwloc, hwloc_obj_t pu, hwloc_obj_type_t type)
{
	hwloc_obj_t obj = hwloc_get_ancestor_obj_by_type(hwloc, type, pu);

	return obj ? obj->logical_index : TOPOLOGY_NOT_SHARED;
}

void topology_read(struct topology *t, struct hwloc_topology *hwloc)
{
	hwloc_obj_t pu = NULL;

	t->nr_pus = 0;
	while (t->nr_pus < TOPOLOGY_PUS_MAX &&
	       (pu = hwloc_get_next_obj_by_type(hwloc, HWLOC_OBJ_PU, pu)))
		t->pu[t->nr_pus++] = (struct topology_pu){
			.os_index = pu->os_index,
			.core = ancestor(hwloc, pu, HWLOC_OBJ_CORE),
			.l2 = ancestor(hwloc, pu, HWLOC_OBJ_L2CACHE),
			.l3 = ancestor(hwloc, pu, HWLOC_OBJ_L3CACHE),
			.package = ancestor(hwloc, pu, HWLOC_OBJ_PACKAGE),
		};
}

/* Only what taskset and the container leave us. */
static void restrict_to_allowed(hwloc_topology_t hwloc)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();

	if (set && !hwloc_get_cpubind(hwloc, set, HWLOC_CPUBIND_PROCESS))
		hwloc_topology_restrict(hwloc, set, 0);
	hwloc_bitmap_free(set);
}

int topology_init(struct topology *t)
{
	hwloc_topology_t hwloc;

	if (hwloc_topology_init(&hwloc) || hwloc_topology_load(hwloc)) {
		fprintf(stderr, "HARNESS: hwloc cannot read this machine: %s\n",
			strerror(errno));
		return -1;
	}
	restrict_to_allowed(hwloc);
	topology_read(t, hwloc);
	t->hwloc = hwloc;
	return 0;
}

static bool shared(u32 a, u32 b)
{
	return a == b && a != TOPOLOGY_NOT_SHARED;
}

enum topology_class topology_class(const struct topology *t, u32 a, u32 b)
{
	const struct topology_pu *x = &t->pu[a], *y = &t->pu[b];

	if (a == b)
		return TOPOLOGY_SAME_PU;
	if (shared(x->core, y->core))
		return TOPOLOGY_SMT;
	if (shared(x->l2, y->l2))
		return TOPOLOGY_L2;
	if (shared(x->l3, y->l3))
		return TOPOLOGY_L3;
	/* A machine that names no package is one. */
	if (x->package == y->package)
		return TOPOLOGY_PACKAGE;
	return TOPOLOGY_CROSS;
}

u32 topology_classes(const struct topology *t, u32 class[TOPOLOGY_CLASSES])
{
	bool seen[TOPOLOGY_CLASSES] = { [TOPOLOGY_SAME_PU] = true };
	u32 nr = 0;

	for (u32 a = 0; a < t->nr_pus; a++)
		for (u32 b = a + 1; b < t->nr_pus; b++)
			seen[topology_class(t, a, b)] = true;
	for (u32 c = 0; c < TOPOLOGY_CLASSES; c++)
		if (seen[c])
			class[nr++] = c;
	return nr;
}

/* May @pu join the @nr already there? */
static bool fits(const struct topology *t, enum topology_class class,
		 const u32 *place, u32 nr, u32 pu)
{
	for (u32 i = 0; i < nr; i++)
		if (topology_class(t, place[i], pu) != class)
			return false;
	return true;
}

void topology_choose(const struct topology *t, enum topology_class class,
		     u64 turn, u32 *place, u32 nr)
{
	u32 distinct = 0;

	/* Not every PU need have a partner: a core may have lost its twin. */
	for (u32 skip = 0; skip < t->nr_pus && distinct < 2; skip++) {
		u32 first = (u32)((turn + skip) % t->nr_pus);

		place[0] = first;
		distinct = 1;
		for (u32 i = 1; i < t->nr_pus && distinct < nr; i++) {
			u32 pu = (first + i) % t->nr_pus;

			if (fits(t, class, place, distinct, pu))
				place[distinct++] = pu;
		}
		if (class == TOPOLOGY_SAME_PU || nr < 2)
			break;
	}
	for (u32 i = distinct; i < nr; i++)
		place[i] = place[i % distinct];
}

void topology_pin(const struct topology *t, int place)
{
	static u32 refused;
	hwloc_bitmap_t set;
	int error;

	if (!t->hwloc)
		return;
	set = hwloc_bitmap_dup(hwloc_topology_get_allowed_cpuset(t->hwloc));
	if (!set)
		return;
	if (place != TOPOLOGY_ANYWHERE)
		hwloc_bitmap_only(set, t->pu[place].os_index);
	error = hwloc_set_cpubind(t->hwloc, set, HWLOC_CPUBIND_THREAD);
	hwloc_bitmap_free(set);
	if (error && !__atomic_exchange_n(&refused, 1, __ATOMIC_RELAXED))
		fprintf(stderr, "svmtorture: cannot pin a thread: %s; going on unpinned\n",
			strerror(errno));
}

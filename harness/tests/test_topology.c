// SPDX-License-Identifier: GPL-2.0
/*
 * topology: pair classes on machines described in a line, so that a test does
 * not depend on the one it runs on.
 */
#include <hwloc.h>

#include "harness/rt/topology.h"
#include "harness/tests/test.h"

static struct topology t;

static void machine(const char *description)
{
	hwloc_topology_t hwloc;

	CHECK_EQ(hwloc_topology_init(&hwloc), 0);
	CHECK_EQ(hwloc_topology_set_synthetic(hwloc, description), 0);
	CHECK_EQ(hwloc_topology_load(hwloc), 0);
	topology_read(&t, hwloc);
	t.hwloc = NULL;
	hwloc_topology_destroy(hwloc);
}

static const char *classes(void)
{
	static char text[128];
	u32 class[TOPOLOGY_CLASSES], nr = topology_classes(&t, class);

	text[0] = '\0';
	for (u32 i = 0; i < nr; i++) {
		strcat(text, i ? " " : "");
		strcat(text, topology_class_name[class[i]]);
	}
	return text;
}

static void every_class_is_found(void)
{
	machine("pack:2 l3:2 l2:2 core:2 pu:2");
	CHECK_EQ(t.nr_pus, 32);
	CHECK_STR(classes(), "same-pu smt l2 l3 package cross-package");
	CHECK_EQ(topology_class(&t, 5, 5), TOPOLOGY_SAME_PU);
	CHECK_EQ(topology_class(&t, 0, 1), TOPOLOGY_SMT);
	CHECK_EQ(topology_class(&t, 0, 2), TOPOLOGY_L2);
	CHECK_EQ(topology_class(&t, 0, 4), TOPOLOGY_L3);
	CHECK_EQ(topology_class(&t, 0, 8), TOPOLOGY_PACKAGE);
	CHECK_EQ(topology_class(&t, 0, 16), TOPOLOGY_CROSS);
	CHECK_EQ(topology_class(&t, 16, 0), TOPOLOGY_CROSS);
}

static void a_class_a_machine_lacks_is_not_found(void)
{
	machine("pack:2 l3:1 l2:2 core:1 pu:2");
	CHECK_STR(classes(), "same-pu smt l3 cross-package");
	machine("pack:1 core:2 pu:1");
	CHECK_STR(classes(), "same-pu package");
	machine("pu:1");
	CHECK_STR(classes(), "same-pu");
	machine("core:4 pu:2");
	CHECK_STR(classes(), "same-pu smt package");
}

static void chosen_places_are_of_their_class(void)
{
	u32 class[TOPOLOGY_CLASSES], place[6], nr;

	machine("pack:2 l3:2 l2:2 core:2 pu:2");
	nr = topology_classes(&t, class);
	for (u32 c = 0; c < nr; c++)
		for (u64 turn = 0; turn < 40; turn++) {
			topology_choose(&t, class[c], turn, place, 6);
			CHECK_EQ(topology_class(&t, place[0], place[1]),
				 class[c]);
			for (u32 i = 0; i < 6; i++)
				for (u32 j = 0; j < i; j++)
					CHECK(place[i] == place[j] ||
					      topology_class(&t, place[i],
							     place[j]) ==
						      class[c]);
		}
}

static void turns_go_round_the_machine(void)
{
	u32 place[2], seen = 0;

	machine("pack:2 l3:1 l2:2 core:1 pu:2");
	for (u64 turn = 0; turn < 8; turn++) {
		topology_choose(&t, TOPOLOGY_SMT, turn, place, 2);
		seen |= 1u << place[0];
	}
	CHECK_EQ(seen, 0xff);
}

static void tasks_beyond_the_machine_go_round_again(void)
{
	u32 place[5];

	machine("pack:2 core:1 pu:1");
	topology_choose(&t, TOPOLOGY_CROSS, 0, place, 5);
	CHECK_EQ(place[0], 0);
	CHECK_EQ(place[1], 1);
	CHECK_EQ(place[2], 0);
	CHECK_EQ(place[3], 1);
	CHECK_EQ(place[4], 0);
	topology_choose(&t, TOPOLOGY_SAME_PU, 1, place, 3);
	CHECK_EQ(place[0], 1);
	CHECK_EQ(place[2], 1);
}

/* One core with a twin, one without: what taskset may leave of a machine. */
static void a_pu_without_partner_is_passed_over(void)
{
	u32 place[2];

	machine("core:2 pu:2");
	t.nr_pus = 3;
	topology_choose(&t, TOPOLOGY_SMT, 2, place, 2);
	CHECK_EQ(topology_class(&t, place[0], place[1]), TOPOLOGY_SMT);
}

static void this_machine_can_be_read_and_pinned(void)
{
	CHECK_EQ(topology_init(&t), 0);
	CHECK(t.nr_pus >= 1);
	topology_pin(&t, 0);
	topology_pin(&t, TOPOLOGY_ANYWHERE);
}

static const struct test tests[] = {
	TEST(every_class_is_found),
	TEST(a_class_a_machine_lacks_is_not_found),
	TEST(chosen_places_are_of_their_class),
	TEST(turns_go_round_the_machine),
	TEST(tasks_beyond_the_machine_go_round_again),
	TEST(a_pu_without_partner_is_passed_over),
	TEST(this_machine_can_be_read_and_pinned),
	{ NULL, NULL },
};
TEST_MAIN("topology", tests)

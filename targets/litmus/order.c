// SPDX-License-Identifier: GPL-2.0
/*
 * litmus-mp, -counter, -d2, -d3: what two or three tasks can see of words.
 *
 *	mp	P0: x = 1; flag = 1		P1: f = flag; r = x
 *		f == 1 and r == 0 is impossible [never]
 *
 *	counter	P0, P1: t = n; n = t + 1
 *		n == 1 at the end: an update was lost [planted]
 *
 *	d2	P0: x = v; two steps; y = v	P1: v = 1	P2: idle
 *		x != y needs one preemption in the right place [planted]
 *
 *	d3	P0: x = c; y = d	P1: c = 1	P2: if (c == 1) d = 1
 *		x == 0 and y == 1 needs two, in the right order [planted]
 */
#include "targets/litmus/litmus.h"

static u32 x __machine, flag __machine;

static void mp_body(u32 index)
{
	u32 f, r;

	if (index == 0) {
		LITMUS_STORE(x, 1);
		LITMUS_STORE(flag, 1);
		return;
	}
	f = LITMUS_LOAD(flag);
	r = LITMUS_LOAD(x);
	if (f && !r)
		litmus_bad("the flag was seen and the message was not", f, r);
	if (f)
		litmus_seen("the message arrived");
}

static u32 n __machine, finished __machine;

static void counter_body(u32 index)
{
	u32 t = LITMUS_LOAD(n);

	LITMUS_STORE(n, t + 1);
	/* No point: the last of the two looks, whoever that is. */
	if (__atomic_add_fetch(&finished, 1, __ATOMIC_SEQ_CST) < 2)
		return;
	t = __atomic_load_n(&n, __ATOMIC_SEQ_CST);
	if (t != 2)
		litmus_bad("an update of the counter was lost", t, 2);
}

static u32 v __machine;

static void d2_body(u32 index)
{
	u32 first, second;

	switch (index) {
	case 0:
		first = LITMUS_LOAD(v);
		rt_point(RT_SITE(RT_NOTE, "window", "1"), NULL);
		rt_point(RT_SITE(RT_NOTE, "window", "2"), NULL);
		second = LITMUS_LOAD(v);
		if (first != second)
			litmus_bad("v changed between two reads", first, second);
		break;
	case 1:
		LITMUS_STORE(v, 1);
		break;
	}
}

static u32 c __machine, d __machine;

static void d3_body(u32 index)
{
	u32 first, second;

	switch (index) {
	case 0:
		first = LITMUS_LOAD(c);
		second = LITMUS_LOAD(d);
		if (!first && second)
			litmus_bad("d was seen without c, which caused it",
				   first, second);
		break;
	case 1:
		LITMUS_STORE(c, 1);
		break;
	case 2:
		if (LITMUS_LOAD(c) == 1)
			LITMUS_STORE(d, 1);
		break;
	}
}

const struct target target_litmus_mp = {
	.name		= "litmus-mp",
	.help		= "message passing over a flag; never fails",
	.oracles	= litmus_oracles,
	.must_see	= litmus_must_see,
	.counters	= litmus_must_see,
	.nr_fixed	= 2,
	.body		= mp_body,
};

const struct target target_litmus_counter = {
	.name		= "litmus-counter",
	.help		= "two increments that are no atomics: a lost update, found",
	.planted	= &oracle_litmus,
	.oracles	= litmus_oracles,
	.nr_fixed	= 2,
	.body		= counter_body,
};

const struct target target_litmus_d2 = {
	.name		= "litmus-d2",
	.help		= "a planted bug of depth 2",
	.planted	= &oracle_litmus,
	.oracles	= litmus_oracles,
	.nr_fixed	= 3,
	.body		= d2_body,
};

const struct target target_litmus_d3 = {
	.name		= "litmus-d3",
	.help		= "a planted bug of depth 3",
	.planted	= &oracle_litmus,
	.oracles	= litmus_oracles,
	.nr_fixed	= 3,
	.body		= d3_body,
};

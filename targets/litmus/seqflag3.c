// SPDX-License-Identifier: GPL-2.0
/*
 * litmus-seqflag3: a sequence counter and a flag; the yardstick of strategies.
 *
 *	P0 (writer), twice	P1 (reader), twice	P2 (consumer)
 *	seq = odd		s0 = seq		f = flag
 *	a = k			ra = a			s0 = seq
 *	b = k			rb = b			ra = a
 *	seq = even		s1 = seq		rb = b
 *	then flag = 1		s0 == s1, even:		f2 = flag
 *				   ra == rb [always]	f: ra == rb == 2 [always]
 *							done = 1
 *
 * 9 + 8 + 6 = 23 accesses, no loop, never fails. 23! / (9! 8! 6!) =
 * 2,454,021,570 interleavings of the accesses, 33,354 distinct traces.
 *
 * litmus-seqflag3-small: one writer's round (4), one reader's round (4), P2
 * reads a and b (2). 10! / (4! 4! 2!) = 3,150 interleavings, 72 traces.
 *
 * These count accesses alone. The engine also steps when a task starts and
 * when it exits, and when M0 has joined one: the test of this file counts
 * distinct orders of accesses, which must be exactly 3,150.
 */
#include "targets/litmus/litmus.h"

static u32 seq __machine, a __machine, b __machine;
static u32 flag __machine, done __machine;

static void write_round(u32 k)
{
	LITMUS_STORE(seq, 2 * k - 1);
	LITMUS_STORE(a, k);
	LITMUS_STORE(b, k);
	LITMUS_STORE(seq, 2 * k);
}

static void read_round(void)
{
	u32 s0, ra, rb, s1;

	s0 = LITMUS_LOAD(seq);
	ra = LITMUS_LOAD(a);
	rb = LITMUS_LOAD(b);
	s1 = LITMUS_LOAD(seq);
	if (s0 != s1 || s0 % 2)
		return;
	if (ra != rb)
		litmus_bad("a read under an unchanged even sequence is torn", ra, rb);
	/* Worth having only once there was something to be torn. */
	if (s0)
		litmus_seen("the reader saw a finished write");
}

static void consume(void)
{
	u32 f, ra, rb;

	f = LITMUS_LOAD(flag);
	LITMUS_LOAD(seq);
	ra = LITMUS_LOAD(a);
	rb = LITMUS_LOAD(b);
	LITMUS_LOAD(flag);
	if (f && (ra != 2 || rb != 2))
		litmus_bad("the flag came before the values it stands for", ra, rb);
	LITMUS_STORE(done, 1);
}

static void seqflag3_body(u32 index)
{
	switch (index) {
	case 0:
		write_round(1);
		write_round(2);
		LITMUS_STORE(flag, 1);
		break;
	case 1:
		read_round();
		read_round();
		break;
	case 2:
		consume();
		break;
	}
}

static void seqflag3_small_body(u32 index)
{
	switch (index) {
	case 0:
		write_round(1);
		break;
	case 1:
		read_round();
		break;
	case 2:
		LITMUS_LOAD(a);
		LITMUS_LOAD(b);
		break;
	}
}

const struct target target_litmus_seqflag3 = {
	.name		= "litmus-seqflag3",
	.help		= "sequence counter and flag, 3 tasks, 23 accesses; never fails",
	.oracles	= litmus_oracles,
	.must_see	= litmus_must_see,
	.counters	= litmus_must_see,
	.nr_fixed	= 3,
	.body		= seqflag3_body,
};

const struct target target_litmus_seqflag3_small = {
	.name		= "litmus-seqflag3-small",
	.help		= "one round of seqflag3, 10 accesses, 3150 interleavings; never fails",
	.oracles	= litmus_oracles,
	.must_see	= litmus_must_see,
	.counters	= litmus_must_see,
	.nr_fixed	= 3,
	.body		= seqflag3_small_body,
};

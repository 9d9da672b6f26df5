// SPDX-License-Identifier: GPL-2.0
/*
 * litmus-barriers: what barriers are for. Never fails with them; each is a
 * mutation, which only a memory model other than sc shows.
 *
 *	P0: x = 1; smp_wmb(); flag = 1		P1: f = flag; smp_rmb(); r = x
 *		f == 1 and r == 0 is impossible: a message
 *
 *	P0: a = 1; smp_mb(); r = b		P1: b = 1; smp_mb(); r = a
 *		both 0 is impossible: Dekker's
 *
 *	P0: y = 1; release sent = 1		P1: s = acquire sent; r = y
 *		s == 1 and r == 0 is impossible: a message again
 */
#include <linux/atomic.h>

#include "targets/litmus/litmus.h"
#include "targets/mutation.h"

static u32 x __machine, flag __machine, a __machine, b __machine;
static u32 y __machine, sent __machine, went_first __machine;

/* Both saw the other one not there. No point: whoever comes last looks. */
static void dekker(u32 *mine, const u32 *other)
{
	u32 r;

	WRITE_ONCE(*mine, 1);
	if (!mutated(lm_skip_mb))
		smp_mb();
	r = READ_ONCE(*other);
	if (r)
		return;
	if (__atomic_exchange_n(&went_first, 1, __ATOMIC_SEQ_CST))
		litmus_bad("both went first", 1, 1);
}

static void send(void)
{
	WRITE_ONCE(x, 1);
	if (!mutated(lm_skip_wmb))
		smp_wmb();
	WRITE_ONCE(flag, 1);
	dekker(&a, &b);
	WRITE_ONCE(y, 1);
	if (mutated(lm_skip_release))
		WRITE_ONCE(sent, 1);
	else
		smp_store_release(&sent, 1);
}

static void receive(void)
{
	u32 first, message;

	first = READ_ONCE(flag);
	if (!mutated(lm_skip_rmb))
		smp_rmb();
	message = READ_ONCE(x);
	if (first && !message)
		litmus_bad("the flag was seen and the message was not", first,
			   message);
	dekker(&b, &a);
	first = mutated(lm_skip_acquire) ? READ_ONCE(sent) :
					   smp_load_acquire(&sent);
	message = READ_ONCE(y);
	if (first && !message)
		litmus_bad("what was released was acquired, and not seen",
			   first, message);
	if (first)
		litmus_seen("the message arrived");
}

static void barriers_body(u32 index)
{
	if (index == 0)
		send();
	else
		receive();
}

const struct target target_litmus_barriers = {
	.name		= "litmus-barriers",
	.help		= "messages and Dekker's, with their barriers; never fails",
	.oracles	= litmus_oracles,
	.must_see	= litmus_must_see,
	.counters	= litmus_must_see,
	.nr_fixed	= 2,
	.body		= barriers_body,
};

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dpor_plan.h: small programs for the tests of what explores all there is. A
 * plan is a list of operations for each of a few tasks; what each execution of
 * it did is noted step by step, for traces to be told apart (dpor_bed.h).
 *
 * The operations have the points that the pthread front gives to those of
 * their names: see harness/rt/pthread.
 */
#ifndef HARNESS_TESTS_DPOR_PLAN_H
#define HARNESS_TESTS_DPOR_PLAN_H

#include "harness/tests/sim_bed.h"

enum verb { V_LOAD, V_STORE, V_INC, V_LOCK, V_UNLOCK, V_TRY, V_WAIT, V_WAKE,
	    V_CHOOSE, V_NR, V_SHARE = V_NR, V_UNSHARE, V_TRY_SHARE,
	    V_SEM, V_POST, V_TRY_SEM, V_TIMED_SEM, V_ONCE, V_BARRIER,
	    V_TIMED_COND, V_SIGNAL, V_RELAX, V_ALL };

#define TASKS_MAX	3
#define OPS_MAX		5

/* A program: per task its operations, each on word 0 or 1. */
static struct plan {
	u32 nr_tasks, nr_ops;
	u8 verb[TASKS_MAX][OPS_MAX];
	u8 word[TASKS_MAX][OPS_MAX];
} plan;

static struct done {
	u8 task, verb, word, answer;
} done[128];
static u32 nr_done;
static bool holds[TASKS_MAX][2];	/* a lock is let go by its holder alone */
static u32 shares[TASKS_MAX][2];	/* and so is a shared one, each time */

/* Objects with words of their own: the fields a sleeper waits at come first. */
static struct sem {
	u32 empty, value;	/* the second of two begins with one */
} sem[2];
static struct barrier {
	u32 round, here;	/* two let each other go */
} barrier[2];
static struct cond {
	u32 sleepers;
} cond[2];
static u32 once[2], woken[TASKS_MAX];

#define DEADLINE	1000
#define WRITER	(1u << 31)		/* else the word counts who share it */

static void did(u32 t, u32 verb, u32 word, u32 answer)
{
	done[nr_done++] = (struct done){ (u8)t, (u8)verb, (u8)word, (u8)answer };
}

/* The word of a lock is 4 or 5. What there was to be done, or -1: nothing. */
static int lock_operation(u32 t, u32 verb, u32 i)
{
	static const struct rt_site lock = { RT_LOCK, "lock", "w" };
	static const struct rt_site unlock = { RT_UNLOCK, "unlock", "w" };
	static const struct rt_site try = { RT_RMW, "trylock", "w" };
	static const struct rt_site share = { RT_LOCK_SHARED, "share", "w" };
	static const struct rt_site unshare = { RT_UNLOCK_SHARED, "unshare", "w" };
	u32 *held = &w[4 + i];
	int answer = 0;

	switch (verb) {
	case V_LOCK:
		rt_point_lock(&lock, held, held, ~0u, 0);
		*held = WRITER;
		holds[t][i] = true;
		break;
	case V_UNLOCK:
		if (!holds[t][i])
			return -1;
		rt_point(&unlock, held);
		*held = 0;
		holds[t][i] = false;
		break;
	case V_TRY:
		rt_point(&try, held);
		answer = !*held;
		*held |= answer ? WRITER : 0;
		holds[t][i] |= answer;
		break;
	case V_SHARE:
		rt_point_lock(&share, held, held, WRITER, 0);
		++*held;
		shares[t][i]++;
		break;
	case V_TRY_SHARE:
		rt_point(&try, held);
		answer = !(*held & WRITER);
		*held += (u32)answer;
		shares[t][i] += (u32)answer;
		break;
	case V_UNSHARE:
		if (!shares[t][i])
			return -1;
		rt_point(&unshare, held);
		--*held;
		shares[t][i]--;
		break;
	}
	return answer;
}

static void sem_operation(u32 t, u32 verb, u32 i)
{
	static const struct rt_site wait = { RT_LOCK, "sem_wait", "w" };
	static const struct rt_site post = { RT_RMW, "sem_post", "w" };
	static const struct rt_site try = { RT_RMW, "sem_trywait", "w" };
	struct sem *s = &sem[i];
	u32 got = 1;

	if (verb == V_SEM)
		rt_point_lock(&wait, s, &s->empty, ~0u, 0);
	else
		rt_point(verb == V_POST ? &post : &try, s);
	if (verb == V_POST)
		s->value++;
	else if (s->value)
		s->value--;
	else
		got = 0;
	s->empty = !s->value;
	if (verb == V_POST)
		rt_wake(&s->empty, ~0u);
	did(t, verb, i, got);
}

/* As sem_timedwait(): it may give up at once, or when nobody can go on. */
static void timed_sem(u32 t, u32 i)
{
	static const struct rt_site wait = { RT_RMW, "sem_timedwait", "w" };
	struct sem *s = &sem[i];
	enum rt_wait why = RT_WOKEN;

	while (why != RT_TIMEOUT) {
		rt_point(&wait, s);
		if (s->value) {
			s->empty = !--s->value;
			did(t, V_TIMED_SEM, i, 1);
			return;
		}
		if (rt_choose(2, "times out")) {
			did(t, V_TIMED_SEM, i, 2);
			return;
		}
		did(t, V_TIMED_SEM, i, 3);
		why = rt_wait(&s->empty, 1, DEADLINE, 0);
		did(t, V_TIMED_SEM, i, 4 + (u32)why);
	}
}

static void once_operation(u32 t, u32 i)
{
	static const struct rt_site lock = { RT_LOCK, "once", "w" };
	static const struct rt_site inc = { RT_RMW, "inc", "w" };
	static const struct rt_site unlock = { RT_UNLOCK, "is done", "w" };

	rt_point_lock(&lock, &once[i], &once[i], 1, 0);
	did(t, V_ONCE, i, once[i]);
	if (once[i])
		return;
	once[i] = 1;
	rt_point(&inc, &w[i]);
	++w[i];
	did(t, V_INC, i, 0);
	rt_point(&unlock, &once[i]);
	once[i] = 2;
	did(t, V_ONCE, i, 1);
}

static void barrier_operation(u32 t, u32 i)
{
	static const struct rt_site wait = { RT_RMW, "barrier_wait", "w" };
	struct barrier *b = &barrier[i];
	u32 round;

	rt_point(&wait, b);
	round = b->round;
	did(t, V_BARRIER, i, b->here);
	if (++b->here == 2) {
		b->here = 0;
		b->round++;
		rt_wake(&b->round, ~0u);
		return;
	}
	while (b->round == round)
		rt_wait(&b->round, round, RT_FOREVER, 0);
	did(t, V_BARRIER, i, 2);
}

/* Which of the sleepers a signal wakes is the strategy's choice. */
static void cond_operation(u32 t, u32 verb, u32 i)
{
	static const struct rt_site wait = { RT_WAIT, "cond_wait", "w" };
	static const struct rt_site ends = { RT_WAIT, "cond_wait ends", "w" };
	static const struct rt_site signal = { RT_WAKE, "cond_signal", "w" };
	struct cond *c = &cond[i];
	u32 left, nth;

	if (verb == V_TIMED_COND) {
		rt_point(&wait, c);
		c->sleepers |= 1u << t;
		woken[t] = 0;
		did(t, verb, i, 0);
		if (rt_wait(&woken[t], 0, DEADLINE, 0) == RT_TIMEOUT)
			rt_point(&ends, c);
		else
			i += 2;		/* a step at a word of its own */
		cond[i & 1].sleepers &= ~(1u << t);
		did(t, verb, i, 1 + woken[t]);
		return;
	}
	rt_point(&signal, c);
	left = c->sleepers;
	nth = left ? rt_choose((u32)__builtin_popcount(left), "wakes") : 0;
	did(t, verb, i, left << 2 | nth);
	while (nth--)
		left &= left - 1;
	if (!left)
		return;
	c->sleepers &= ~(left & -left);
	woken[__builtin_ctz(left)] = 1;
	rt_wake(&woken[__builtin_ctz(left)], 1);
}

/* Those that wait for more than a lock. */
static void wait_operation(u32 t, u32 verb, u32 i)
{
	switch (verb) {
	case V_TIMED_SEM:
		timed_sem(t, i);
		break;
	case V_ONCE:
		once_operation(t, i);
		break;
	case V_BARRIER:
		barrier_operation(t, i);
		break;
	case V_TIMED_COND:
	case V_SIGNAL:
		cond_operation(t, verb, i);
		break;
	case V_RELAX:
		rt_relax();
		did(t, verb, i, 0);
		break;
	default:
		sem_operation(t, verb, i);
		break;
	}
}

/* A sleeper's word is 6 or 7: apart from the data, too. */
static void operation(u32 t, u32 verb, u32 i)
{
	static const struct rt_site load = { RT_LOAD, "load", "w" };
	static const struct rt_site store = { RT_STORE, "store", "w" };
	static const struct rt_site inc = { RT_RMW, "inc", "w" };
	static const struct rt_site wait = { RT_WAIT, "wait", "w" };
	static const struct rt_site wake = { RT_WAKE, "wake", "w" };
	u32 *data = &w[i], *event = &w[6 + i];
	int answer = 0;

	if (verb >= V_SEM) {
		wait_operation(t, verb, i);
		return;
	}
	switch (verb) {
	case V_LOAD:
		rt_point(&load, data);
		answer = (int)*data;
		break;
	case V_STORE:
		rt_point(&store, data);
		*data = t + 1;
		break;
	case V_INC:
		rt_point(&inc, data);
		++*data;
		break;
	case V_WAIT:
		rt_point(&wait, event);
		did(t, verb, i, *event);
		if (*event)
			return;
		answer = 1 + (int)rt_wait(event, 0, RT_FOREVER, 0);
		break;
	case V_WAKE:
		rt_point(&wake, event);
		*event = 1;
		did(t, verb, i, 0);
		rt_wake(event, ~0u);
		return;
	case V_CHOOSE:
		answer = (int)rt_choose(2, "either");
		break;
	default:
		answer = lock_operation(t, verb, i);
		break;
	}
	if (answer >= 0)
		did(t, verb, i, (u32)answer);
}

static void body(u32 t)
{
	for (u32 i = 0; i < plan.nr_ops; i++)
		operation(t, plan.verb[t][i], plan.word[t][i]);
}

static void body0(void) { body(0); }
static void body1(void) { body(1); }
static void body2(void) { body(2); }

static void nothing_done(void)
{
	nr_done = 0;
	memset(holds, 0, sizeof(holds));
	memset(shares, 0, sizeof(shares));
	memset(barrier, 0, sizeof(barrier));
	memset(cond, 0, sizeof(cond));
	memset(once, 0, sizeof(once));
	sem[0] = (struct sem){ .empty = 1 };
	sem[1] = (struct sem){ .value = 1 };
}

static struct bed planned = { .boot = nothing_done,
			      .body = { body0, body1, body2 } };

#endif /* HARNESS_TESTS_DPOR_PLAN_H */

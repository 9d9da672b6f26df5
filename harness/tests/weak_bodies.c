// SPDX-License-Identifier: GPL-2.0
/*
 * weak_bodies: see weak_bodies.h.
 */
#include <linux/atomic.h>

#include "harness/tests/weak_bodies.h"

struct litmus_world *litmus_world;

static void lock(u32 *word)
{
	while (rt_point_lock(RT_SITE(RT_LOCK, "lock", NULL), word, word, ~0u,
			     0) ||
	       __atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
		;
}

static void unlock(u32 *word)
{
	rt_point(RT_SITE(RT_UNLOCK, "unlock", NULL), word);
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

static void barrier_of(enum litmus_op op)
{
	switch (op) {
	case OP_MB:
		smp_mb();
		break;
	case OP_RMB:
		smp_rmb();
		break;
	case OP_FENCE:
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		break;
	case OP_FENCE_BOTH:
		__atomic_thread_fence(__ATOMIC_ACQ_REL);
		break;
	case OP_SYNC:
		__sync_synchronize();
		break;
	default:
		smp_wmb();
		break;
	}
}

void litmus_run(const struct litmus_step *s)
{
	struct litmus_world *l = litmus_world;

	for (; s->op != OP_END; s++) {
		u32 *w = &l->w[s->var];

		switch (s->op) {
		case OP_STORE:
			WRITE_ONCE(*w, s->value);
			break;
		case OP_RELEASE:
			smp_store_release(w, s->value);
			break;
		case OP_LOAD:
			l->r[s->value] = READ_ONCE(*w);
			break;
		case OP_ACQUIRE:
			l->r[s->value] = smp_load_acquire(w);
			break;
		case OP_XCHG:
			xchg(w, s->value);
			break;
		case OP_INC:
			atomic_inc((atomic_t *)w);
			break;
		case OP_LOCK:
			lock(&l->lock);
			break;
		case OP_UNLOCK:
			unlock(&l->lock);
			break;
		default:
			barrier_of((enum litmus_op)s->op);
			break;
		}
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * weak.c: marked accesses that see less than the newest.
 *
 * Memory itself always holds the newest value of a word. Of a word that was
 * written by a marked store, its last few values are kept beside it, oldest
 * last; a marked load may be answered with an older one, a marked store may
 * come in before the newest. Which, the strategy chooses, like any pick.
 *
 *	sc	never.
 *	tso	A task has seen all stores up to some time, and those of its own.
 *		A load moves that time on as far as what it finds asks for; an
 *		atomic, a full barrier and sleeping move it to now. That loads
 *		are late instead of stores early makes no difference to what can
 *		be observed (Abdulla and others, 2018: dual TSO).
 *	weak	What is known to have happened before hides what is older: a
 *		store, and what another task is known to have read. It is known
 *		by clocks.c's rules: releases to acquires, smp_wmb() to
 *		smp_rmb(), locks. Full barriers know each other in their order.
 *
 * Against the LKMM (tools/memory-model): all it forbids between marked accesses
 * is forbidden here. What it allows is found, but
 *
 *  - a load never sees a store that its own task's later store made possible,
 *    LB+poonceonces: tasks run in program order, and a load's value is needed
 *    at once. C11 with the repair called RC11 draws the same line;
 *  - dependencies: what rcu_dereference() or a page table's entry leads to is
 *    read as if they were acquires, so that missing ones are not found;
 *  - plain accesses, bit operations, reference counts and the words of the
 *    kernel's own primitives are the newest at all times. Plain accesses that
 *    a barrier is missing between are data races, and race.c's;
 *  - PASTS words of an execution have a past of DEPTH values each.
 *
 * A value that was overwritten is found twice by one task and then no more:
 * stores arrive.
 */
#include <string.h>

#include "harness/hooks/cells.h"
#include "harness/journal/journal.h"

#define PASTS		1024
#define DEPTH		8
#define STALE_MAX	2

/* A value that a word had. */
struct value {
	u64 bits;
	u64 order;			/* of all stores; 0: before them */
	u32 task, time;			/* who wrote it; task NOBODY: all know */
	bool update;			/* an atomic, on what came before it */
	bool gives;			/* given is worth something */
	struct clock given;		/* what its writer gives to who finds it */
	u32 read_at[RT_TASKS_MAX];	/* when each task first found it; 0: not */
};
#define NOBODY		RT_TASKS_MAX

/* of[0] is the newest. */
struct past {
	const void *p;
	u32 size, nr;
	u8 stale[RT_TASKS_MAX];		/* loads in a row that were not of it */
	struct value of[DEPTH];
};

static struct past pasts[PASTS];
static u32 nr_pasts;
static u64 orders;			/* stores so far */
static u64 seen_to[RT_TASKS_MAX];	/* TSO: of them */
static struct clock barriers;		/* what full barriers know */

void weak_reset(void)
{
	nr_pasts = 0;
	orders = 0;
	memset(seen_to, 0, sizeof(seen_to));
	memset(&barriers, 0, sizeof(barriers));
}

void weak_drain_all(void)
{
	seen_to[sim.cur] = orders;
}

void weak_fence(enum rt_fence kind)
{
	struct hooks_task *t = &hooks_task[sim.cur];

	if (likely(rt_memory == RT_MEMORY_SC) || kind != RT_MB || !sim.going)
		return;
	weak_drain();
	clock_take(&t->now, &t->seen);
	clock_take(&t->now, &barriers);
	clock_take(&barriers, &t->now);
}

static void full_barrier(void)
{
	weak_fence(RT_MB);
	race_fence(RT_MB);
}

/* A task that sleeps leaves its CPU, which is a full barrier. */
void weak_slept(void)
{
	if (unlikely(rt_memory != RT_MEMORY_SC))
		full_barrier();
}

static u64 bits_at(const void *p, u32 size)
{
	switch (size) {
	case 1:
		return *(const volatile u8 *)p;
	case 2:
		return *(const volatile u16 *)p;
	case 4:
		return *(const volatile u32 *)p;
	default:
		return *(const volatile u64 *)p;
	}
}

static u64 mask(u32 size)
{
	return ~0ull >> (64 - 8 * size);
}

static void set_bits(void *p, u32 size, u64 bits)
{
	switch (size) {
	case 1:
		*(volatile u8 *)p = (u8)bits;
		break;
	case 2:
		*(volatile u16 *)p = (u16)bits;
		break;
	case 4:
		*(volatile u32 *)p = (u32)bits;
		break;
	default:
		*(volatile u64 *)p = bits;
	}
}

/* Is there more to the word at @c than its newest value? */
static bool modelled(const struct cell *c)
{
	return unlikely(rt_memory != RT_MEMORY_SC) && c && c->marked &&
	       cell_used(c) && !journal_judged;
}

/* Room for a value that @k others are newer than; the oldest may fall out. */
static struct value *insert(struct past *w, u32 k)
{
	struct value *v = &w->of[k];

	if (w->nr < DEPTH)
		w->nr++;
	memmove(v + 1, v, (w->nr - 1 - k) * sizeof(*v));
	memset(v, 0, sizeof(*v));
	v->order = ++orders;
	return v;
}

/* Somebody wrote it without a mark: all know, and what was before is gone. */
static void unmarked(struct past *w, u64 bits)
{
	w->nr = 0;
	*insert(w, 0) = (struct value){
		.bits = bits, .order = orders, .task = NOBODY,
	};
}

/* The past of the word, up to date; NULL: it has none, and gets one if
 * @bits, what was there before, is given. */
static struct past *past_of(struct cell *c, const void *p, u32 size,
			    const u64 *bits)
{
	u16 *place = &cell_marked(c)->place[cell_half(p)];
	struct past *w;

	if (*place) {
		w = &pasts[*place - 1];
		if (w->p != p || w->size != size)
			return NULL;
		return w;
	}
	if (!bits || nr_pasts == PASTS)
		return NULL;
	w = &pasts[nr_pasts++];
	*place = (u16)nr_pasts;
	w->p = p;
	w->size = size;
	memset(w->stale, 0, sizeof(w->stale));
	unmarked(w, *bits);
	w->of[0].order = 0;
	return w;
}

/* Does the running task know of @v, so that what is older is gone for it? */
static bool known(const struct value *v)
{
	const struct clock *now = &hooks_task[sim.cur].now;

	if (v->task == NOBODY || v->task == (u32)sim.cur)
		return true;
	if (rt_memory == RT_MEMORY_TSO)
		return v->order <= seen_to[sim.cur];
	if (now->at[v->task] >= v->time)
		return true;
	for (u32 i = 0; i < sim.view.nr_tasks; i++)
		if (v->read_at[i] && now->at[i] >= v->read_at[i])
			return true;
	return false;
}

/* How many values are newer than the newest known one. */
static u32 unknown(const struct past *w)
{
	u32 k = 0;

	while (k + 1 < w->nr && !known(&w->of[k]))
		k++;
	return k;
}

static const struct value *find(struct past *w)
{
	u8 *stale = &w->stale[sim.cur];
	u32 k = *stale < STALE_MAX ? unknown(w) : 0;
	struct value *v;

	k = k ? rt_choose(k + 1, "older value") : 0;
	if (k)
		journal_emit(EV_older_value, (u64)(size_t)w->p, k, 0);
	*stale = k ? *stale + 1 : 0;
	v = &w->of[k];
	if (!v->read_at[sim.cur])
		v->read_at[sim.cur] = hooks_task[sim.cur].now.at[sim.cur];
	/* Its own is there before it arrives. */
	if (v->task != (u32)sim.cur && v->order > seen_to[sim.cur])
		seen_to[sim.cur] = v->order;
	return v;
}

u64 rt_marked_load(const void *p, u32 size, bool acquire)
{
	struct cell *c = hooks_access(p, size, ACCESS_MARKED);
	struct hooks_task *t = &hooks_task[sim.cur];
	struct past *w = modelled(c) ? past_of(c, p, size, NULL) : NULL;
	const struct value *v;
	u64 bits = bits_at(p, size);

	if (likely(!w)) {
		cell_take(c, p, acquire);
		return bits;
	}
	if (w->of[0].bits != bits)
		unmarked(w, bits);
	v = find(w);
	if (v->gives)
		clock_take(acquire ? &t->now : &t->seen, &v->given);
	return v->bits;
}

/* What a marked store gives to who finds it. */
static void give(struct value *v, bool release)
{
	const struct hooks_task *t = &hooks_task[sim.cur];

	v->task = (u32)sim.cur;
	v->time = t->now.at[sim.cur];
	v->gives = release || t->fenced;
	if (v->gives)
		v->given = release ? t->now : t->released;
}

/* Among those nobody has told the task of; not between an atomic and what it
 * was applied to. 0: as the newest. */
static u32 store_place(const struct past *w)
{
	u32 k = unknown(w);

	for (u32 i = 0; i < k; i++)
		if (w->of[i].update)
			k = i;
	k = k ? rt_choose(k + 1, "late store") : 0;
	if (k)
		journal_emit(EV_late_store, (u64)(size_t)w->p, k, 0);
	return k;
}

void rt_marked_store(void *p, u32 size, u64 value, bool release)
{
	struct cell *c = hooks_access(p, size, ACCESS_MARKED | ACCESS_WRITE);
	u64 bits = bits_at(p, size);
	struct past *w = modelled(c) ? past_of(c, p, size, &bits) : NULL;
	u32 k = 0;

	if (unlikely(w)) {
		if (w->of[0].bits != bits)
			unmarked(w, bits);
		if (rt_memory == RT_MEMORY_WEAK)
			k = store_place(w);
	}
	if (likely(!k))
		set_bits(p, size, value);
	if (unlikely(w)) {
		struct value *v = insert(w, k);

		v->bits = value & mask(size);
		give(v, release);
	}
	if (release)
		cell_release(c, p, false);
	else
		cell_marked_store(c, p);
}

/* The hook of the atomic itself has been here: it was ordered, if it was, and
 * the word knows what it gives. */
void rt_marked_update(const void *p, u32 size, u64 old, bool ordered)
{
	struct cell *c = cell_find(p, size);
	const struct clock *given;
	struct value *v;
	struct past *w;

	if (likely(!modelled(c)))
		return;
	old &= mask(size);
	w = past_of(c, p, size, &old);
	if (!w)
		return;
	if (w->of[0].bits != old)
		unmarked(w, old);
	given = word_given(c, cell_half(p));
	v = insert(w, 0);
	v->bits = bits_at(p, size);
	v->update = true;
	v->task = (u32)sim.cur;
	v->time = hooks_task[sim.cur].now.at[sim.cur] -
		  (ordered ? STAMP_TICK : 0);
	v->gives = given;
	if (given)
		v->given = *given;
	if (ordered)
		full_barrier();
}

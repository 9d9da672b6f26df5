// SPDX-License-Identifier: GPL-2.0
/*
 * race.c: data races, by happens-before (FastTrack: Flanagan and Freund, PLDI
 * 2009), with the kernel's rule of what a race is (KCSAN): two accesses of one
 * place by two tasks, one of them a write and one of them plain, with nothing
 * that orders them. Two marked accesses never race.
 *
 * Nothing has to collide for that: whatever the schedule, an order that no
 * lock, no atomic and no barrier enforces is missing.
 *
 * A cell stands for four bytes and knows its last write and its last reads, by
 * which task, at what time of that task, and which of the bytes. Fields that
 * share a cell share the record: of two single bytes, the older write may be
 * forgotten for the other's. A cell that was last used in another execution is as good as new, so a reset
 * clears nothing. Reads by several tasks, unordered among themselves, move to
 * a clock of their own.
 *
 * Barriers, after the kernel's model: what came before an smp_wmb(), smp_mb()
 * or release fence is given away by the next marked store; what a marked load
 * saw is taken by the next smp_rmb(), smp_mb() or acquire fence. Dependencies
 * from a load to what its value leads to are not seen: rcu_dereference() is an
 * acquire here.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/hooks/hooks.h"
#include "harness/journal/journal.h"

#define CELLS		(1u << 26)	/* address space; touched ones cost */
#define WORDS		4096		/* that order tasks; a power of two */
#define SHARED		4096		/* cells read by several at once */

/* Of one task, at a time of its own; time 0: none. */
struct access {
	u32 time;
	u32 row;		/* of the journal */
	u8 task;
	u8 bytes;		/* mask within the cell */
	bool marked;
};

struct cell {
	u32 generation;
	u32 shared;		/* 1 + index of several readers, or 0 */
	struct access write, read;
};

static struct cell *cells;
static u32 generation;

static struct {
	struct access by[RT_TASKS_MAX];
} shared[SHARED];
static u32 nr_shared;

static struct word {
	const void *p;
	u32 generation;
	struct clock released;
} words[WORDS];
static u32 nr_words;

struct hooks_task hooks_task[RT_TASKS_MAX];
static bool allowed;	/* in data_race(): looked at by nobody */

static void take(struct clock *to, const struct clock *from)
{
	for (u32 i = 0; i < sim.view.nr_tasks; i++)
		if (from->at[i] > to->at[i])
			to->at[i] = from->at[i];
}

void race_reset(void)
{
	if (!cells) {
		cells = mmap(NULL, CELLS * sizeof(*cells),
			     PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		if (cells == MAP_FAILED)
			sim_broken("no address space for the cells of race.c");
	}
	allowed = false;
	generation++;
	nr_shared = nr_words = 0;
	memset(&hooks_task[0], 0, sizeof(hooks_task[0]));
	hooks_task[0].now.at[0] = 1;
}

/* Boot comes before everything that any task does. */
void race_go(void)
{
	for (u32 i = 1; i < sim.view.nr_tasks; i++)
		take(&hooks_task[i].now, &hooks_task[0].now);
	hooks_task[0].now.at[0]++;
}

void race_spawn(int parent, int child)
{
	memset(&hooks_task[child], 0, sizeof(hooks_task[child]));
	hooks_task[child].now = hooks_task[parent].now;
	hooks_task[child].now.at[child] = 1;
	hooks_task[parent].now.at[parent]++;
}

void race_join(int task, int exited)
{
	take(&hooks_task[task].now, &hooks_task[exited].now);
}

static struct word *word(const void *p)
{
	u32 at = (u32)(((u64)(size_t)p * 0x9e3779b97f4a7c15ull) >> 50) % WORDS;
	struct word *w;

	for (;; at = (at + 1) % WORDS) {
		w = &words[at];
		if (w->generation != generation)
			break;
		if (w->p == p)
			return w;
	}
	if (++nr_words > WORDS * 3 / 4)
		sim_broken("more than %d words order the tasks of one execution",
			   WORDS * 3 / 4);
	w->p = p;
	w->generation = generation;
	memset(&w->released, 0, sizeof(w->released));
	return w;
}

void hooks_acquire(const void *p)
{
	take(&hooks_task[sim.cur].now, &word(p)->released);
}

void hooks_release(const void *p, bool all)
{
	struct hooks_task *t = &hooks_task[sim.cur];
	struct word *w = word(p);

	if (all)
		take(&w->released, &t->now);
	else
		w->released = t->now;
	t->now.at[sim.cur]++;
}

void hooks_marked_load(const void *p)
{
	take(&hooks_task[sim.cur].seen, &word(p)->released);
}

void hooks_marked_store(const void *p)
{
	struct hooks_task *t = &hooks_task[sim.cur];

	if (t->fenced)
		take(&word(p)->released, &t->released);
}

void race_fence(enum rt_fence kind)
{
	struct hooks_task *t = &hooks_task[sim.cur];

	if (kind == RT_MB || kind == RT_RMB || kind == RT_ACQUIRE)
		take(&t->now, &t->seen);
	if (kind == RT_MB || kind == RT_WMB || kind == RT_RELEASE) {
		t->released = t->now;
		t->fenced = true;
		t->now.at[sim.cur]++;
	}
}

void race_allowed(bool begin)
{
	allowed = begin;
}

/* Did the running task know of @a? Then what it does comes after. */
static bool ordered(const struct access *a)
{
	return !a->time || a->task == sim.cur ||
	       a->time <= hooks_task[sim.cur].now.at[a->task];
}

static void judge(const void *p, const struct access *a, bool a_wrote,
		  u8 bytes, u32 flags)
{
	if (ordered(a) || !(a->bytes & bytes) ||
	    (a->marked && flags & ACCESS_MARKED))
		return;
	journal_emit(EV_data_race, (u64)(size_t)p, a->row,
		     flags | (u64)a_wrote << 8 | (u64)a->marked << 9);
}

static void judge_reads(const struct cell *c, const void *p, u8 bytes,
			u32 flags)
{
	if (!c->shared) {
		judge(p, &c->read, false, bytes, flags);
		return;
	}
	for (u32 i = 0; i < sim.view.nr_tasks; i++)
		judge(p, &shared[c->shared - 1].by[i], false, bytes, flags);
}

/* The read @a joins those that are there and not ordered before it. */
static void add_read(struct cell *c, const struct access *a)
{
	if (!c->shared) {
		if (ordered(&c->read) || nr_shared == SHARED) {
			c->read = *a;
			return;
		}
		memset(&shared[nr_shared], 0, sizeof(shared[0]));
		shared[nr_shared].by[c->read.task] = c->read;
		c->shared = ++nr_shared;
	}
	shared[c->shared - 1].by[a->task] = *a;
}

/* The running task did the same since it last gave anything away. */
static inline bool same(const struct access *a, u8 bytes, u32 flags)
{
	return a->time == hooks_task[sim.cur].now.at[sim.cur] &&
	       a->task == sim.cur && a->marked == !!(flags & ACCESS_MARKED) &&
	       (a->bytes | bytes) == a->bytes;
}

static __attribute__((noinline)) void
changed(struct cell *c, const void *p, u32 size, u8 bytes, u32 flags)
{
	struct access a = {
		.time = hooks_task[sim.cur].now.at[sim.cur],
		.task = (u8)sim.cur,
		.bytes = bytes,
		.marked = flags & ACCESS_MARKED,
	};

	a.row = journal_emit(EV_access, (u64)(size_t)p, size, flags);
	judge(p, &c->write, true, bytes, flags);
	if (!(flags & ACCESS_WRITE)) {
		add_read(c, &a);
		return;
	}
	judge_reads(c, p, bytes, flags);
	if (c->write.time == a.time && c->write.task == a.task)
		a.bytes |= c->write.bytes;
	c->write = a;
}

static inline void one_cell(struct cell *c, const void *p, u32 size, u8 bytes,
			    u32 flags)
{
	if (c->generation != generation)
		*c = (struct cell){ .generation = generation };
	if (!same(flags & ACCESS_WRITE ? &c->write : &c->read, bytes, flags))
		changed(c, p, size, bytes, flags);
}

static inline void part(u32 at, const void *p, u32 size, u32 flags)
{
	u32 first = (u32)(size_t)p % HOOKS_CELL;

	one_cell(&cells[at % CELLS], p, size,
		 (u8)(((1u << size) - 1) << first), flags);
}

static __attribute__((noinline)) void
several_cells(u32 at, const void *p, u32 size, u32 flags)
{
	for (; size; at++) {
		u32 n = HOOKS_CELL - (u32)(size_t)p % HOOKS_CELL;

		n = n < size ? n : size;
		part(at, p, n, flags);
		size -= n;
		p = (const u8 *)p + n;
	}
}

/* Is all of it there, by its mark? Stacks are asked in full. */
static inline bool is_there(const void *p, u32 size)
{
	size_t offset = (size_t)((const u8 *)p - sim_arena);
	u32 first = (u32)(size_t)p % HOOKS_GRAIN;

	if (offset >= SIM_ARENA_SIZE)
		return offset >= sim_arena_whole;
	return first + size <= HOOKS_GRAIN &&
	       hooks_marks[offset / HOOKS_GRAIN] >= (s8)(first + size);
}

void hooks_access(const void *p, u32 size, u32 flags)
{
	u32 at = hooks_cell(p);

	if (at == ~0u || !sim.running || journal_judged)
		return;
	if (!is_there(p, size))
		hooks_check(p, size);
	if (!sim.going || unlikely(allowed))
		return;
	if ((u32)(size_t)p % HOOKS_CELL + size <= HOOKS_CELL)
		part(at, p, size, flags);
	else
		several_cells(at, p, size, flags);
}

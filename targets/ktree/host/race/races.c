// SPDX-License-Identifier: GPL-2.0
/*
 * races: accesses of the tree's code that nothing orders.
 *
 * The judge is the port's (harness/hooks/race.c and clocks.c): what is done
 * happens before what follows it in its task, and before what follows an acquire
 * of a word that the task has released since. What the tree announces of its
 * accesses and atomics comes from sim/access.c, what the glue's locks, grace
 * periods and works order from ktree_order().
 *
 * The rule is KCSAN's by default: a race is two accesses of one place by two
 * tasks, one of them a write and one of them a plain read, or a plain write that
 * is not atomic by itself, that is not aligned or longer than a word. Accesses in
 * data_race() are not looked at, and those that seqlocks allow count as marked.
 * All of page tables are marked: the tree walks them without locks and, in their
 * upper levels, without READ_ONCE().
 *
 * The order is x86's, since it is x86 code that runs: a load acquires, a marked
 * store releases, and an atomic does both. So what is found by way of a pointer is
 * ordered by it, and a barrier that is missing on other machines is not found.
 *
 * Not looked at: per-cpu areas, since all tasks share one here, and what the glue
 * itself accesses.
 */
#include "harness/hooks/cells.h"
#include "harness/journal/journal.h"
#include "targets/ktree/host/host_private.h"
#include "targets/ktree/ktree.h"

#define WORD		8u
#define FRAMES		((size_t)KTREE_FRAMES * 4096)
#define HEAP_WATCHED	(16ul << 20)
#define STRUCT_PAGES	((KTREE_DEVICE / 4096 + 64) * KTREE_STRUCT_PAGE)

extern u8 ktree_percpu_start[], ktree_percpu_end[];

/* Where the kernel's memory is; cells are counted through. */
struct watched {
	size_t start, size;
};
static struct watched watched[6];
static u32 nr_watched;

static struct exempt {
	s32 off, atomic, atomic_next;
} exempt[RT_TASKS_MAX];

/* Cells are of eight bytes, wherever memory begins. */
static void watch(const void *start, size_t size)
{
	size_t first = (size_t)start / CELL_SIZE * CELL_SIZE;
	size_t end = ((size_t)start + size + CELL_SIZE - 1) / CELL_SIZE * CELL_SIZE;

	watched[nr_watched++] = (struct watched){ first, end - first };
}

static void watch_all(void)
{
	watch(sim_arena, sim_arena_whole);
	watch((void *)KTREE_PHYS, FRAMES);
	watch((void *)KTREE_VMEMMAP, STRUCT_PAGES);
	watch((void *)KTREE_HEAP, HEAP_WATCHED);
	watch(ktree_data_start, (size_t)(ktree_percpu_start - ktree_data_start));
	watch(ktree_percpu_end, (size_t)(ktree_data_end - ktree_percpu_end));
}

/* NULL: it is nothing of the kernel's. */
static struct cell *cell_at(const void *p)
{
	size_t before = 0, offset;

	for (u32 i = 0; i < nr_watched; i++) {
		offset = (size_t)p - watched[i].start;
		if (offset < watched[i].size)
			return &hooks_cells[(before + offset) / CELL_SIZE];
		before += watched[i].size;
	}
	return NULL;
}

static void order(const void *p, bool release)
{
	struct cell *c;

	if (!sim.going || journal_judged)
		return;
	c = cell_at(p);
	if (!c)
		return;
	cell_mark(c);
	if (release)
		cell_release(c, p, true);
	else
		cell_take(c, p, true);
}

static void record(const void *p, u32 size, u32 flags)
{
	const u8 *at = p;
	struct cell *c;
	u32 piece;

	for (; size; at += piece, size -= piece) {
		piece = CELL_HALF - (u32)(size_t)at % CELL_HALF;
		piece = size < piece ? size : piece;
		if (size >= WORD && (size_t)at % WORD == 0)
			piece = WORD;
		c = cell_at(at);
		if (!c)
			return;
		cell_access(c, at, piece, flags);
	}
}

/* Page tables: nothing else of the tree's is kept in frames. */
static bool is_frame(const void *p)
{
	return (size_t)p - KTREE_PHYS < FRAMES;
}

static bool taken_for_marked(const void *p, u32 size, bool write)
{
	struct exempt *x = &exempt[sim.cur];

	if (x->atomic_next > 0) {
		x->atomic_next--;
		return true;
	}
	return x->atomic > 0 ||
	       (write && size <= WORD && (size_t)p % size == 0);
}

static void access(const void *p, u32 size, u32 kind, bool marked)
{
	u32 flags = kind == RT_LOAD ? 0 : ACCESS_WRITE;

	if (exempt[sim.cur].off > 0 || !size)
		return;
	marked |= is_frame(p);
	if (marked || taken_for_marked(p, size, flags))
		flags |= ACCESS_MARKED;
	record(p, size, flags);
	if (kind != RT_STORE)
		order(p, false);
	if (kind != RT_LOAD && marked)
		order(p, true);
}

static void exempts(enum race_exempt what, int n)
{
	struct exempt *x = &exempt[sim.cur];

	if (what == RACE_OFF)
		x->off += n;
	else if (what == RACE_ATOMIC)
		x->atomic += n;
	else
		x->atomic_next = n;
}

/* -- the runtime's side -- */

static void reset(void)
{
	if (!nr_watched)
		watch_all();
	race_reset();
	clocks_reset();
	for (u32 i = 0; i < RT_TASKS_MAX; i++)
		exempt[i] = (struct exempt){ .off = 0 };
	race_access = access;
	race_exempt = exempts;
	ktree_order = order;
}

/* Memory that is reused is handed on by who gives it back. */
static void memory(const void *p, size_t size)
{
}

static void nothing(void)
{
}

const struct rt_hooks rt_hooks = {
	.reset	= reset,
	.go	= race_go,
	.spawn	= race_spawn,
	.join	= race_join,
	.alloc	= memory,
	.free	= memory,
	.fence	= race_fence,
	.slept	= nothing,
	.data_race = race_allowed,
};

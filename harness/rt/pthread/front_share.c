// SPDX-License-Identifier: GPL-2.0
/*
 * front_share: which plain accesses are worth a point.
 *
 * A point that nobody else can notice costs random strategies their power. A
 * place in the code is worth one if it touched memory that several tasks
 * touched, one of them writing, with no lock that all of them held (Eraser:
 * Savage et al., TOCS 1997). What a task does alone before another one comes
 * needs no lock. Who frees memory writes all of it.
 *
 * A schedule must mean the same in the next process, so what is a point must
 * not depend on what a campaign has seen so far. It is learnt from a fixed
 * number of executions under a fixed seed before anything else is done. A race
 * that none of them comes near is not found at these points; its accesses are
 * steps of their own only as far as other points lie between them.
 */
#include "harness/rt/pthread/front.h"
#include "harness/rt/sim.h"

#define CELLS		16384	/* a power of two; touched in one execution */
#define CELL_PCS	8
#define PCS		(1u << 22)	/* bytes of code, from the first on */
#define LOCKS		64

struct cell {
	u32 generation;
	u8 task;
	bool shared, written;
	u8 nr_pcs;
	size_t word;
	u64 locks;		/* that all held since it is shared */
	const void *pc[CELL_PCS];
};

bool front_learning;

static struct cell cells[CELLS];
static u32 generation, nr_cells;
static u8 is_point[PCS];
static u32 nr_points;
static const void *locks[LOCKS];
static u32 nr_locks;

extern const u8 __executable_start[];

static size_t offset_of(const void *pc)
{
	return (size_t)((const u8 *)pc - __executable_start);
}

bool front_share_is_point(const void *pc)
{
	size_t offset = offset_of(pc);

	return offset < PCS && is_point[offset];
}

u32 front_share_points(void)
{
	return nr_points;
}

static void make_point(const void *pc)
{
	size_t offset = offset_of(pc);

	if (offset >= PCS || is_point[offset])
		return;
	is_point[offset] = 1;
	nr_points++;
}

void front_share_reset(void)
{
	generation++;
	nr_cells = nr_locks = 0;
}

/* The bit of @lock; 0 for one too many, which then protects nothing. */
static u64 bit_of(const void *lock)
{
	u32 i = 0;

	while (i < nr_locks && locks[i] != lock)
		i++;
	if (i == LOCKS)
		return 0;
	if (i == nr_locks)
		locks[nr_locks++] = lock;
	return 1ull << i;
}

void front_share_lock(const void *lock)
{
	front_self()->held |= bit_of(lock);
}

void front_share_unlock(const void *lock)
{
	front_self()->held &= ~bit_of(lock);
}

/* Its cell, or where that would be. */
static struct cell *place_of(size_t word)
{
	u32 at = (u32)((word * 0x9e3779b97f4a7c15ull) >> 48) % CELLS;

	while (cells[at].generation == generation && cells[at].word != word)
		at = (at + 1) % CELLS;
	return &cells[at];
}

static struct cell *cell_of(size_t word)
{
	struct cell *c = place_of(word);

	if (c->generation == generation)
		return c;
	if (nr_cells >= CELLS / 2)
		return NULL;
	nr_cells++;
	*c = (struct cell){
		.generation = generation, .word = word,
		.task = (u8)rt_self(), .locks = ~0ull,
	};
	return c;
}

static void note_pc(struct cell *c, const void *pc)
{
	for (u32 i = 0; i < c->nr_pcs; i++)
		if (c->pc[i] == pc)
			return;
	if (c->nr_pcs < CELL_PCS)
		c->pc[c->nr_pcs++] = pc;
	else
		make_point(pc);		/* a busy word: no doubt */
}

/* What main() does before it makes a thread comes before all. */
static bool others(void)
{
	return sim.live & ~(SIM_BIT(0) | SIM_BIT(sim.cur));
}

static void touch(struct cell *c, bool write)
{
	c->written |= write && others();
	if (!c->shared && c->task == (u8)rt_self())
		return;
	c->shared = true;
	c->locks &= front_self()->held;
}

static void one_word(size_t word, bool write, const void *pc)
{
	struct cell *c = cell_of(word);

	if (!c) {
		make_point(pc);
		return;
	}
	note_pc(c, pc);
	touch(c, write);
}

void front_share_access(const void *p, u32 size, bool write, const void *pc)
{
	size_t first = (size_t)p / 4, last = ((size_t)p + size - 1) / 4;

	for (size_t word = first; size && word <= last; word++)
		one_word(word, write, pc);
}

/* It ends the use of all that was touched; the free itself is a point. */
void front_share_free(const void *p, size_t size)
{
	size_t first = (size_t)p / 4, last = ((size_t)p + size - 1) / 4;

	for (size_t word = first; size && word <= last; word++) {
		struct cell *c = place_of(word);

		if (c->generation == generation)
			touch(c, true);
	}
}

void front_share_end(void)
{
	for (u32 i = 0; i < CELLS; i++) {
		const struct cell *c = &cells[i];

		if (c->generation != generation || !c->shared || !c->written ||
		    c->locks)
			continue;
		for (u32 k = 0; k < c->nr_pcs; k++)
			make_point(c->pc[k]);
	}
}

// SPDX-License-Identifier: GPL-2.0
/*
 * cells.c: where the cells are: of the arena, of the stacks behind it, of the
 * statics that are part of the machine, in this order.
 *
 * Who has other memory than that has a file of its own instead of this one.
 */
#include "harness/hooks/cells.h"
#include "harness/hooks/points.h"

const u8 *hooks_arena = (const u8 *)(1ul << 62);
struct cell *hooks_statics;
size_t hooks_short;

void cells_reset(void)
{
	size_t statics = (size_t)__stop_machine_data -
			 (size_t)__start_machine_data;

	if ((sim_arena_whole + statics) / CELL_SIZE + 1 >= CELLS)
		sim_broken("the machine has more cells than race.c");
	hooks_arena = sim_arena;
	hooks_statics = &hooks_cells[sim_arena_whole / CELL_SIZE];
	hooks_short = hooks_points ? 0 : SIM_ARENA_SIZE;
}

static struct cell *cell_at(const void *p)
{
	if (cell_is_static(p))
		return cell_static(p);
	return cell_is_near(p) ? cell_near(p) : NULL;
}

struct cell *hooks_find(const void *p, u32 size)
{
	size_t offset = (size_t)p - (size_t)hooks_arena;

	if (offset < SIM_ARENA_SIZE) {
		u32 last = (u32)(offset % HOOKS_GRAIN) + size;

		if (hooks_marks[offset / HOOKS_GRAIN] < (s8)last)
			hooks_check(p, size);
	} else if (cell_is_near(p) && !cell_on_stack(p)) {
		hooks_check(p, size);
	}
	return cell_at(p);
}

/* Of who leaves no accesses there. */
static struct cell *word_at(const void *p)
{
	struct cell *c;

	if (!sim.going)
		return NULL;
	c = cell_at(p);
	if (!c)
		sim_broken("a word that orders tasks is not of the machine");
	cell_mark(c);
	return c;
}

void hooks_acquire(const void *p)
{
	cell_take(word_at(p), p, true);
}

void hooks_release(const void *p, bool all)
{
	cell_release(word_at(p), p, all);
}

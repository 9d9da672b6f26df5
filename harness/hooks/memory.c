// SPDX-License-Identifier: GPL-2.0
/*
 * memory.c: is there anything where code under test reads or writes?
 *
 * The arena never gives memory out twice within an execution, so an access to
 * what was freed is seen however long ago that was; and each allocation is
 * followed by bytes that are nobody's, where an access past its end falls.
 * A stack has no such gaps: of another task's, what lies below its stack
 * pointer is dead, and a pointer into it outlived its function. What the engine
 * pushed to leave the task, a hundred bytes or two, hides as much.
 *
 * Statics are only watched for races: between two of them there is no gap. Past
 * the end of one, of an array on a stack and of a scope AddressSanitizer sees,
 * in the asan preset: harness/tests/test_asan.c.
 */
#include <string.h>
#include <sys/mman.h>

#include "harness/hooks/hooks.h"
#include "harness/journal/journal.h"

#define MARKS		(SIM_ARENA_SIZE / HOOKS_GRAIN)
#define FREED		(-1)

s8 *hooks_marks;
static size_t marked;		/* bytes of the arena, in this execution */

void memory_reset(void)
{
	if (!hooks_marks) {
		hooks_marks = mmap(NULL, MARKS, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				   -1, 0);
		if (hooks_marks == MAP_FAILED)
			sim_broken("no address space for the marks of memory.c");
	}
	memset(hooks_marks, 0, marked / HOOKS_GRAIN + 1);
	marked = 0;
}

static size_t offset_of(const void *p)
{
	return (size_t)((const u8 *)p - sim_arena);
}

void memory_alloc(const void *p, size_t size)
{
	s8 *mark = hooks_marks + offset_of(p) / HOOKS_GRAIN;

	marked = offset_of(p) + size;
	memset(mark, HOOKS_GRAIN, size / HOOKS_GRAIN);
	if (size % HOOKS_GRAIN)
		mark[size / HOOKS_GRAIN] = size % HOOKS_GRAIN;
}

void memory_free(const void *p, size_t size)
{
	memset(hooks_marks + offset_of(p) / HOOKS_GRAIN, FREED,
	       (size + HOOKS_GRAIN - 1) / HOOKS_GRAIN);
}

static void complain(const void *p, u32 size, bool freed)
{
	if (freed)
		journal_emit(EV_use_after_free, (u64)(size_t)p, (u64)(size_t)p,
			     (u64)(size_t)"memory");
	else
		journal_emit(EV_out_of_bounds, (u64)(size_t)p, size, 0);
}

/* Whose stack, and does it still reach there? The running one's always does:
 * what lies below its pointer is only ever touched by what it calls. */
static void check_stack(const void *p)
{
	int task = sim_stack_owner(p);

	if (task < 0 || task == sim.cur || !(sim.live & SIM_BIT(task)))
		return;
	if (p < (const void *)sim.task[task].fiber.sp)
		journal_emit(EV_use_after_return, (u64)(size_t)p, (u64)task, 0);
}

void hooks_check(const void *p, u32 size)
{
	size_t offset = offset_of(p), end = offset + size;

	if (!sim.running || journal_judged)
		return;
	if (offset >= SIM_ARENA_SIZE) {
		check_stack(p);
		return;
	}
	for (; offset < end; offset = (offset / HOOKS_GRAIN + 1) * HOOKS_GRAIN) {
		s8 mark = hooks_marks[offset / HOOKS_GRAIN];
		size_t last = end - offset / HOOKS_GRAIN * HOOKS_GRAIN;

		if (last > HOOKS_GRAIN)
			last = HOOKS_GRAIN;
		if (mark < (s8)last) {
			complain(p, size, mark == FREED);
			return;
		}
	}
}

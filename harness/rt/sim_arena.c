// SPDX-License-Identifier: GPL-2.0
/*
 * sim_arena: the memory of an execution, and how the world is made new.
 *
 * One mapping holds the arena and the stacks. The arena is a bump pointer:
 * memory is never given out twice within an execution, so a stale pointer
 * points at nothing else, and a byte per 16 says whether it was freed. A reset
 * costs what the last execution used: that much is zeroed, that much of the
 * shadow is cleared if anything was freed, and static data is put back as it
 * was (statics.c).
 *
 * Each allocation is followed by at least REDZONE bytes that belong to nobody.
 * They are there in every flavour, since rt_arena_offset() must not depend on
 * it; under AddressSanitizer they and all freed memory are poisoned.
 */
#include "harness/rt/hooks.h"
#include "harness/rt/sim.h"
#include "harness/rt/statics.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if SANITIZE_ADDRESS
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, size)	((void)(p), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size)	((void)(p), (void)(size))
#endif

#define ARENA_SIZE	SIM_ARENA_SIZE
#define REDZONE		16
#if SANITIZE_ADDRESS
#define STACK_SIZE	(512ul << 10)
#else
#define STACK_SIZE	(128ul << 10)
#endif
/*
 * Stacks begin at different cache lines of their pages: all tasks run the same
 * functions at the same depth, and would else fight for the same cache sets.
 */
#define STACK_COLOUR	832

size_t sim_stack_size = STACK_SIZE, sim_stack_guard;

u8 *sim_arena, *sim_freed;
size_t sim_arena_used, sim_arena_whole;
bool sim_any_freed;

static u8 *stacks;
static size_t stride;		/* a stack, and what lies below it */

static void *reserve(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		perror("svmtorture: no memory for the machine");
		return NULL;
	}
	return p;
}

/* Below each stack lies a page, or more, that nobody may touch. */
int sim_arena_init(void)
{
	if (!sim_stack_guard)
		sim_stack_guard = (size_t)sysconf(_SC_PAGESIZE);
	stride = sim_stack_size + sim_stack_guard;
	sim_arena_whole = ARENA_SIZE + RT_TASKS_MAX * stride;
	sim_arena = reserve(sim_arena_whole);
	sim_freed = reserve(ARENA_SIZE / 16);
	if (!sim_arena || !sim_freed || statics_init())
		return -1;
	stacks = sim_arena + ARENA_SIZE;
	for (int i = 0; i < RT_TASKS_MAX; i++) {
		if (mprotect(stacks + (size_t)i * stride, sim_stack_guard,
			     PROT_NONE)) {
			perror("svmtorture: no guard page below a stack");
			return -1;
		}
	}
	ASAN_POISON_MEMORY_REGION(sim_arena, ARENA_SIZE);
	return 0;
}

void *sim_stack(int task, size_t *size)
{
	*size = sim_stack_size - (size_t)task * STACK_COLOUR;
	return stacks + (size_t)task * stride + sim_stack_guard;
}

int sim_stack_owner(const void *p)
{
	size_t offset = (size_t)((const u8 *)p - stacks);

	offset /= stride;
	return offset < RT_TASKS_MAX ? (int)offset : -1;
}

bool sim_stack_guards(const void *p)
{
	return sim_stack_owner(p) >= 0 &&
	       (size_t)((const u8 *)p - stacks) % stride < sim_stack_guard;
}

void sim_arena_reset(bool oracles)
{
	ASAN_UNPOISON_MEMORY_REGION(sim_arena, sim_arena_used);
	memset(sim_arena, 0, sim_arena_used);
	ASAN_POISON_MEMORY_REGION(sim_arena, sim_arena_used);
	if (sim_any_freed)
		memset(sim_freed, 0, sim_arena_used / 16 + 1);
	sim_any_freed = false;
	sim_arena_used = 0;
	statics_reset(oracles);
}

void *rt_alloc(size_t size)
{
	size_t whole = (size + REDZONE + 15) & ~(size_t)15;
	u8 *p = sim_arena + sim_arena_used;

	if (size > ARENA_SIZE || whole > ARENA_SIZE - sim_arena_used)
		return NULL;
	sim_arena_used += whole;
	ASAN_UNPOISON_MEMORY_REGION(p, size);
	RT_HOOK(alloc, p, size);
	return p;
}

void rt_free(void *p, size_t size)
{
	size_t offset = (size_t)((u8 *)p - sim_arena);

	if (!p)
		return;
	if (offset >= sim_arena_used || size > sim_arena_used - offset)
		sim_broken("rt_free of what is not in the arena");
	memset(sim_freed + offset / 16, 1, (size + 15) / 16);
	sim_any_freed = true;
	RT_HOOK(free, p, size);
	ASAN_POISON_MEMORY_REGION(p, size);
}

bool rt_is_freed(const void *p)
{
	return sim_is_freed(p);
}

/*
 * Statics of the machine are named by their place in the section, above all
 * offsets of the arena; what is in neither has no name.
 */
u32 rt_arena_offset(const void *p)
{
	size_t offset = (size_t)((const u8 *)p - sim_arena);

	if (offset < ARENA_SIZE)
		return (u32)offset;
	offset = (size_t)p - (size_t)__start_machine_data;
	if (offset < statics_machine_size())
		return (u32)(ARENA_SIZE + offset);
	return ~0u;
}

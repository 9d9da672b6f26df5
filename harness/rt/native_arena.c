// SPDX-License-Identifier: GPL-2.0
/*
 * native_arena: the memory of an execution.
 *
 * A bump pointer over one mapping, never reused within an execution, so that
 * a stale pointer meets its own freed object and not somebody else's new one.
 * Between executions what was used is zeroed and the pointer goes back. The
 * bump and the freed marks are relaxed atomics: allocation orders nothing.
 *
 * Under AddressSanitizer all but what is allocated is poisoned by hand, with a
 * gap after each allocation.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/rt/native.h"
#include "harness/sanitize.h"

#if SANITIZE_ADDRESS
#include <sanitizer/asan_interface.h>
#define REDZONE 16
#else
#define ASAN_POISON_MEMORY_REGION(p, size)	((void)(p), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(p, size)	((void)(p), (void)(size))
#define REDZONE 0
#endif

#define ARENA_SIZE	(64ul << 20)
#define GRAIN		16ul		/* bytes to a freed mark */

static char *arena;
static u8 *freed;	/* a mark per grain */
static size_t used;

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p != MAP_FAILED)
		return p;
	fprintf(stderr, "HARNESS: cannot map the arena: %s\n", strerror(errno));
	return NULL;
}

int native_arena_init(void)
{
	arena = map(ARENA_SIZE);
	freed = map(ARENA_SIZE / GRAIN);
	if (!arena || !freed)
		return -1;
	ASAN_POISON_MEMORY_REGION(arena, ARENA_SIZE);
	return 0;
}

void native_arena_reset(void)
{
	size_t size = used < ARENA_SIZE ? used : ARENA_SIZE;

	ASAN_UNPOISON_MEMORY_REGION(arena, size);
	memset(arena, 0, size);
	memset(freed, 0, size / GRAIN);
	ASAN_POISON_MEMORY_REGION(arena, size);
	used = 0;
}

void *rt_alloc(size_t size)
{
	size_t whole = (size + REDZONE + GRAIN - 1) & ~(GRAIN - 1);
	size_t at;

	if (whole < size || whole > ARENA_SIZE)
		return NULL;
	at = __atomic_fetch_add(&used, whole, __ATOMIC_RELAXED);
	if (at > ARENA_SIZE - whole)
		return NULL;
	ASAN_UNPOISON_MEMORY_REGION(arena + at, size);
	return arena + at;
}

void rt_free(void *p, size_t size)
{
	size_t at = (size_t)((char *)p - arena);

	for (size_t i = at / GRAIN; i < (at + size + GRAIN - 1) / GRAIN; i++)
		__atomic_store_n(&freed[i], 1, __ATOMIC_RELAXED);
	ASAN_POISON_MEMORY_REGION(p, size);
}

bool rt_is_freed(const void *p)
{
	size_t at = (size_t)((const char *)p - arena);

	return at < ARENA_SIZE &&
	       __atomic_load_n(&freed[at / GRAIN], __ATOMIC_RELAXED);
}

u32 rt_arena_offset(const void *p)
{
	return (u32)((const char *)p - arena);
}

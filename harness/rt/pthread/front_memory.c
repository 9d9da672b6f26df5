// SPDX-License-Identifier: GPL-2.0
/*
 * front_memory: malloc() on the arena of the execution.
 *
 * What is freed is never given out again, and filled with the poison that
 * crash.c knows; where the program is instrumented every access to it is seen.
 * Memory reads as zero when it is new. Nobody can notice an allocation, so it
 * is no point; a free can be noticed by whoever still uses what it frees.
 *
 * To DPOR two steps are independent unless they name one object, and a free
 * must not come in unnoticed between the uses of what it frees. So it is a
 * point for each word of the block that a point named so far. The block is
 * gone with the first of them (what uses it from then on is a use after free);
 * the others only tell what it depends on.
 *
 * Before each block stands a header. A pointer without one in front of it was
 * never given out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/rt/pthread/front.h"
#include "harness/rt/sim.h"

#define POISON		0x6b
#define MAGIC		0x66726f6e74ull		/* "front" */
#define BLOCKS_MAX	16384	/* with a name, in detail */
#define ALIGNMENT	16

struct header {
	u64 magic_size;		/* MAGIC << 24 is left of it */
	u32 whole;		/* bytes of the arena */
	u32 before;		/* of them before the header */
};
_Static_assert(sizeof(struct header) == ALIGNMENT, "keeps the alignment");

u8 *front_shadow;
size_t front_marked;

static u32 nr_blocks __machine;
static struct block {
	const u8 *p;
	size_t size;
} blocks[BLOCKS_MAX];

void *front_malloc(size_t size);
void *front_calloc(size_t n, size_t size);
void *front_realloc(void *p, size_t size);
void *front_aligned_alloc(size_t alignment, size_t size);
int front_posix_memalign(void **p, size_t alignment, size_t size);
char *front_strdup(const char *s);
char *front_strndup(const char *s, size_t n);
void front_free(void *p);

extern void memory_free(const void *p, size_t size) __attribute__((weak));
extern void hooks_range(const void *p, size_t size, u32 flags)
	__attribute__((weak));
#define ACCESS_WRITE 1

static u64 seal(size_t size)
{
	return MAGIC << 24 | (size & 0xffffff);
}

static struct header *header_of(void *p)
{
	return (struct header *)p - 1;
}

static size_t size_of(const struct header *h)
{
	return h->whole - h->before - sizeof(*h);
}

static bool is_block(void *p)
{
	size_t offset = (size_t)((u8 *)p - sim_arena);

	return offset >= sizeof(struct header) && offset < sim_arena_used &&
	       !((size_t)p % ALIGNMENT) &&
	       header_of(p)->magic_size == seal(size_of(header_of(p)));
}

static void *allocate(size_t size, size_t alignment)
{
	size_t extra = sizeof(struct header) +
		       (alignment > ALIGNMENT ? alignment : 0);
	struct header *h;
	u8 *base, *p;

	if (front_options.fail_malloc && rt_choose(2, "malloc")) {
		errno = ENOMEM;
		return NULL;
	}
	base = size < SIM_ARENA_SIZE ? rt_alloc(size + extra) : NULL;
	if (!base)
		sim_broken("the program's memory does not fit the arena of %lu MiB",
			   SIM_ARENA_SIZE >> 20);
	p = base + sizeof(*h);
	if (alignment > ALIGNMENT)
		p = (u8 *)(((size_t)p + alignment - 1) & ~(alignment - 1));
	h = header_of(p);
	h->before = (u32)((u8 *)h - base);
	h->whole = (u32)(size + extra);
	h->magic_size = seal(size_of(h));
	if (rt_detail && nr_blocks < BLOCKS_MAX)
		blocks[nr_blocks] = (struct block){ p, size };
	nr_blocks++;
	journal_emit(EV_alloc, (u64)(size_t)p, size, (u64)(size_t)"malloc");
	return p;
}

u32 front_block(const void *p, u32 *offset)
{
	for (u32 i = nr_blocks < BLOCKS_MAX ? nr_blocks : BLOCKS_MAX; i-- > 0;) {
		size_t at = (size_t)((const u8 *)p - blocks[i].p);

		if (at >= blocks[i].size)
			continue;
		*offset = (u32)at;
		return i + 1;
	}
	return 0;
}

void *front_malloc(size_t size)
{
	return allocate(size, ALIGNMENT);
}

void *front_calloc(size_t n, size_t size)
{
	size_t whole;

	if (__builtin_mul_overflow(n, size, &whole)) {
		errno = ENOMEM;
		return NULL;
	}
	return front_malloc(whole);
}

void *front_aligned_alloc(size_t alignment, size_t size)
{
	return allocate(size, alignment);
}

int front_posix_memalign(void **p, size_t alignment, size_t size)
{
	*p = allocate(size, alignment);
	return *p ? 0 : ENOMEM;
}

static void bad_free(const void *p, const char *what)
{
	const char *word = rt_detail ? front_word(p) : NULL;

	journal_emit(EV_bad_free, (u64)(size_t)p, (u64)(size_t)what,
		     (u64)(size_t)(word ? word : "memory"));
}

void front_memory_reset(void)
{
	if (!front_shadow) {
		front_shadow = mmap(NULL, FRONT_SHADOW, PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
				    -1, 0);
		if (front_shadow == MAP_FAILED)
			sim_broken("no address space for the shadow of front_memory.c");
	}
	memset(front_shadow, 0, front_marked / 16 + 1);
	front_marked = 0;
}

void front_used_dying(const struct rt_site *site, const void *obj)
{
	journal_emit(EV_use_after_free, (u64)(size_t)obj, (u64)(size_t)obj,
		     (u64)(size_t)sim_object_word(site, obj));
}

static const struct rt_site site_free = { RT_STORE, "free", NULL };

/* The first point of a free was passed: the block is gone. */
static void die(u8 *p, size_t size)
{
	u8 *mark = front_shadow + (p - sim_arena) / 16;

	for (size_t i = 0; i < (size + 15) / 16; i++)
		mark[i] |= FRONT_DYING;
	if ((size_t)(p - sim_arena) + size > front_marked)
		front_marked = (size_t)(p - sim_arena) + size;
	if (memory_free)
		memory_free(p, size);
	for (size_t i = 0; i < (size + 15) / 16; i++)
		for (u32 word = 0; word < 4; word++) {
			const u8 *obj = p + 16 * i + 4 * word;

			if (!(mark[i] & 1 << word) || obj == p)
				continue;
			if (unlikely(rt_detail))
				front_name(obj);
			rt_point(&site_free, obj);
		}
}

static bool is_dead(const u8 *p)
{
	size_t offset = (size_t)(p - sim_arena);

	return rt_is_freed(p) || (offset >> 4 < FRONT_SHADOW &&
				  front_shadow[offset >> 4] & FRONT_DYING);
}

void front_free(void *p)
{
	struct header *h;
	size_t size;

	if (!p)
		return;
	/* The point itself would take a second free for a use. */
	if (unlikely(rt_detail))
		front_name(p);
	front_mark(p);
	front_busy();
	rt_point(&site_free, is_dead(p) ? NULL : p);
	if (is_dead(p))
		bad_free(p, "freed before");
	if (!is_block(p))
		bad_free(p, "never allocated");
	h = header_of(p);
	size = size_of(h);
	if (front_options.races)
		hooks_range(p, size, ACCESS_WRITE);
	if (front_learning)
		front_share_free(p, size);
	die(p, size);
	journal_emit(EV_free, (u64)(size_t)p, size, (u64)(size_t)"malloc");
	memset(p, POISON, size);
	rt_free((u8 *)h - h->before, h->whole);
}

void *front_realloc(void *p, size_t size)
{
	void *new;

	if (!p)
		return front_malloc(size);
	if (!size) {
		front_free(p);
		return NULL;
	}
	if (is_dead(p))
		bad_free(p, "freed before");
	if (!is_block(p))
		bad_free(p, "never allocated");
	new = front_malloc(size);
	if (!new)
		return NULL;
	memcpy(new, p, size_of(header_of(p)) < size ? size_of(header_of(p)) :
						      size);
	front_free(p);
	return new;
}

char *front_strndup(const char *s, size_t n)
{
	size_t len = strnlen(s, n);
	char *copy = front_malloc(len + 1);

	return copy ? memcpy(copy, s, len) : NULL;
}

char *front_strdup(const char *s)
{
	return front_strndup(s, strlen(s));
}

FRONT_ALIAS(front_memalign, front_aligned_alloc);

FRONT_ALIAS(front_also_strdup, front_strdup);

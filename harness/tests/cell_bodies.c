// SPDX-License-Identifier: GPL-2.0
/*
 * cell_bodies: small tasks that use parts of a word, and of its neighbours.
 */
#include "harness/hooks/cells.h"
#include "harness/tests/cell_bodies.h"

static struct cells_world {
	u8 bytes[16] __attribute__((aligned(16)));
	u32 lock[2];
	u32 count;
	u32 *lent;
	u32 half[2] __attribute__((aligned(8)));
	u64 rare;
} *world;
u32 cells_times;

static u32 statics[2] __attribute__((aligned(8))) __machine;

void cells_boot(void)
{
	world = rt_alloc(sizeof(*world));
}

static void point(const void *obj)
{
	rt_point(RT_SITE(RT_NOTE, "here", NULL), obj);
}

/* Compilers may take accesses together, but not over this. */
static void barrier(void)
{
	__asm__ __volatile__("" : : : "memory");
}

typedef u64 any64 __attribute__((aligned(1), may_alias));
typedef u16 whole16 __attribute__((may_alias));
typedef u32 whole32 __attribute__((may_alias));
typedef u64 whole64 __attribute__((may_alias));
typedef unsigned __int128 whole128 __attribute__((may_alias));

#define WRITE(name, type, at)						\
void name(void)								\
{									\
	point(world);							\
	*(type *)(world->bytes + (at)) = 1;				\
}

#define READ(name, type, at)						\
void name(void)								\
{									\
	point(world);							\
	__asm__ __volatile__("" : : "r" (*(type *)(world->bytes + (at)))); \
}

WRITE(write_1_at_0, u8, 0)
WRITE(write_1_at_3, u8, 3)
WRITE(write_2_at_2, whole16, 2)
WRITE(write_4_at_0, whole32, 0)
WRITE(write_4_at_4, whole32, 4)
WRITE(write_8_at_0, whole64, 0)
WRITE(write_8_at_4, any64, 4)
WRITE(write_8_at_8, whole64, 8)
WRITE(write_16_at_0, whole128, 0)
READ(read_1_at_1, u8, 1)
READ(read_4_at_0, whole32, 0)
READ(read_8_at_0, whole64, 0)

void read_16_at_0(void)
{
	unsigned __int128 v;

	point(world);
	v = *(whole128 *)world->bytes;
	__asm__ __volatile__("" : : "r" ((u64)v), "r" ((u64)(v >> 64)));
}

void write_3_bytes_at_3(void)
{
	point(world);
	world->bytes[3] = 1;
	barrier();
	world->bytes[2] = 1;
	barrier();
	world->bytes[1] = 1;
}

void write_first_static(void)
{
	point(&statics);
	statics[0] = 1;
}

void write_second_static(void)
{
	point(&statics);
	statics[1] = 1;
}

static void lock(u32 *word)
{
	while (rt_point_lock(RT_SITE(RT_LOCK, "lock", NULL), word, word, ~0u,
			     0) ||
	       __atomic_exchange_n(word, 1, __ATOMIC_ACQUIRE))
		;
}

static void unlock(u32 *word)
{
	point(word);
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
}

void count_by_first_lock(void)
{
	lock(&world->lock[0]);
	world->count++;
	unlock(&world->lock[0]);
}

void count_by_second_lock(void)
{
	lock(&world->lock[1]);
	world->count++;
	unlock(&world->lock[1]);
}

void lend_stack(void)
{
	u32 mine = 1;

	__atomic_store_n(&world->lent, &mine, __ATOMIC_RELEASE);
	point(world);
	mine++;
	barrier();
	point(world);
	__atomic_store_n(&world->lent, NULL, __ATOMIC_RELAXED);
}

void use_lent_stack(void)
{
	u32 *p;

	point(world);
	p = __atomic_load_n(&world->lent, __ATOMIC_ACQUIRE);
	if (p)
		++*p;
}

static void read_other_half(void)
{
	point(world);
	__asm__ __volatile__("" : : "r" (world->half[1]));
}

void write_half_then_read(void)
{
	read_other_half();
	lock(&world->lock[0]);
	world->half[0] = 1;
	unlock(&world->lock[0]);
	barrier();
	__asm__ __volatile__("" : : "r" (world->half[0]));
}

void write_half(void)
{
	read_other_half();
	lock(&world->lock[0]);
	world->half[0] = 2;
	unlock(&world->lock[0]);
}

static u64 *made(void)
{
	u64 *p = rt_alloc(6 * sizeof(*p));

	for (int i = 0; i < 6; i++) {
		p[i] = 1;
		barrier();
	}
	return p;
}

void make_use_free(void)
{
	rt_free(made(), 6 * sizeof(u64));
	point(world);
	made();
}

void make_use(void)
{
	point(world);
	made();
	point(world);
	made();
}

void give_often(void)
{
	for (u32 i = 0; i < 1000000; i++)
		rt_fence(RT_WMB);
}

static void write_in(bool odd)
{
	point(world);
	if (hooks_generation == 1 && cells_times % 2 == odd)
		world->rare = 1;
}

void write_in_even_times(void)
{
	give_often();
	write_in(false);
}

void write_in_odd_times(void)
{
	write_in(true);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * asan_bodies: accesses that are one too far, each on its own kind of memory.
 * All are made through a pointer that the compiler cannot see through: what it
 * can count itself is UBSan's.
 */
#include "harness/tests/asan_bodies.h"

#define NR	9u	/* elements: an odd size is no one's alignment */

bool astray;

static u32 filled[NR] __machine = { 1 };
static u32 zeroes[NR] __machine;
static const u32 table[NR] = { 1, 2, 3 };

/* Not inline: a function that has assembly in it keeps its frame where it is,
 * and AddressSanitizer cannot watch what has returned. */
static __attribute__((noinline)) u32 *hide(const u32 *p)
{
	__asm__ __volatile__("" : "+r" (p));
	return (u32 *)(size_t)p;
}

/* Another task runs in between, so that its stack has been switched to. */
static void point(const void *obj)
{
	rt_point(RT_SITE(RT_NOTE, "here", NULL), obj);
}

static u32 last(void)
{
	return NR - 1 + astray;
}

static void write_last(const u32 *array)
{
	u32 *p = hide(array);

	point(p);
	p[last()] = 1;
}

void past_machine_static(void)
{
	write_last(filled);
}

void past_machine_zeroes(void)
{
	write_last(zeroes);
}

void past_const_static(void)
{
	const volatile u32 *p = hide(table);

	point((const void *)p);
	(void)p[last()];
}

void past_stack_array(void)
{
	u32 mine[NR];

	write_last(mine);
}

void after_scope(void)
{
	u32 *p;

	{
		u32 inner[NR];

		p = hide(inner);
		p[0] = 1;
		point(p);
		p[1] = 1;
	}
	point(p);
	if (astray)
		p[2] = 1;
}

static __attribute__((noinline)) u32 *returned(void)
{
	u32 mine[NR];
	u32 *p = hide(mine);

	p[0] = 1;
	point(p);
	return p;
}

void after_return(void)
{
	u32 *p = returned();

	point(p);
	if (astray)
		p[0] = 2;
}

void past_allocation(void)
{
	write_last(rt_alloc(NR * sizeof(u32)));
}

void after_free(void)
{
	u32 *p = hide(rt_alloc(NR * sizeof(u32)));

	point(p);
	p[0] = 1;
	if (astray)
		rt_free(p, NR * sizeof(u32));
	point(p);
	p[0] = 2;
}

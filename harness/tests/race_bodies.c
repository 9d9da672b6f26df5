// SPDX-License-Identifier: GPL-2.0
/*
 * race_bodies: small tasks that do, or do not do, what orders them.
 */
#include <string.h>

#include "harness/tests/race_bodies.h"

struct race_world *world;

#define READ_ONCE(x)		(*(const volatile __typeof__(x) *)&(x))
#define WRITE_ONCE(x, v)	(*(volatile __typeof__(x) *)&(x) = (v))

static void point(const void *obj)
{
	rt_point(RT_SITE(RT_NOTE, "here", NULL), obj);
}

void race_boot(void)
{
	world = rt_alloc(sizeof(*world));
	world->value = 1;
}

void plain_increment(void)
{
	point(&world->value);
	world->value++;
}

static void lock(void)
{
	while (rt_point_lock(RT_SITE(RT_LOCK, "lock", NULL), &world->lock,
			     &world->lock, ~0u, 0) ||
	       __atomic_exchange_n(&world->lock, 1, __ATOMIC_ACQUIRE))
		;
}

static void unlock(void)
{
	point(&world->lock);
	__atomic_store_n(&world->lock, 0, __ATOMIC_RELEASE);
}

void locked_increment(void)
{
	lock();
	world->value++;
	unlock();
}

void plain_read(void)
{
	point(&world->value);
	__asm__ __volatile__("" : : "r" (world->value));
}

void marked_read(void)
{
	point(&world->value);
	READ_ONCE(world->value);
}

void marked_write(void)
{
	point(&world->value);
	WRITE_ONCE(world->value, 3);
}

void atomic_increment(void)
{
	point(&world->value);
	__atomic_fetch_add(&world->value, 1, __ATOMIC_RELAXED);
}

void first_byte(void)
{
	point(&world->byte);
	world->byte[0] = 1;
}

void second_byte(void)
{
	point(&world->byte);
	world->byte[1] = 1;
}

void send_plain(void)
{
	world->value = 5;
	point(&world->flag);
	WRITE_ONCE(world->flag, 1);
}

void send_release(void)
{
	world->value = 5;
	point(&world->flag);
	__atomic_store_n(&world->flag, 1, __ATOMIC_RELEASE);
}

void send_wmb(void)
{
	world->value = 5;
	rt_fence(RT_WMB);
	point(&world->flag);
	WRITE_ONCE(world->flag, 1);
}

void receive_plain(void)
{
	plain_read();
}

void receive_acquire(void)
{
	point(&world->flag);
	if (__atomic_load_n(&world->flag, __ATOMIC_ACQUIRE))
		plain_read();
}

void receive_rmb(void)
{
	point(&world->flag);
	if (!READ_ONCE(world->flag))
		return;
	rt_fence(RT_RMB);
	plain_read();
}

void receive_once(void)
{
	point(&world->flag);
	if (READ_ONCE(world->flag))
		plain_read();
}

void make_and_free(void)
{
	u32 *p = rt_alloc(3 * sizeof(*p));

	p[2] = 7;
	__atomic_store_n(&world->made, p, __ATOMIC_RELEASE);
	point(p);
	__atomic_store_n(&world->flag, 1, __ATOMIC_RELEASE);
	rt_free(p, 3 * sizeof(*p));
}

/* Keeps the pointer over the free. */
void read_made(void)
{
	u32 *p;

	point(&world->made);
	p = __atomic_load_n(&world->made, __ATOMIC_ACQUIRE);
	point(&world->flag);
	if (p && __atomic_load_n(&world->flag, __ATOMIC_ACQUIRE))
		p[0] = p[2];
}

void past_the_end(void)
{
	u32 *p = rt_alloc(3 * sizeof(*p));

	point(p);
	p[3] = 1;
}

static __attribute__((noinline)) void on_stack(void)
{
	volatile u32 mine[256] = { 1 };

	__atomic_store_n(&world->of_stack, (u32 *)&mine[0], __ATOMIC_RELEASE);
	point(&world->of_stack);
	point(&world->flag);
}

void show_stack(void)
{
	on_stack();
	point(&world->flag);
	__atomic_store_n(&world->flag, 1, __ATOMIC_RELEASE);
	point(&world->other);
	point(&world->other);
}

/* Only once its function has returned. */
void touch_stack(void)
{
	u32 *p;

	point(&world->of_stack);
	p = __atomic_load_n(&world->of_stack, __ATOMIC_ACQUIRE);
	point(&world->flag);
	if (p && __atomic_load_n(&world->flag, __ATOMIC_ACQUIRE))
		*(volatile u32 *)p = 2;
}

/* The compiler makes this a memcpy(). */
void copy_struct(void)
{
	struct { struct race_world w[3]; } *big = rt_alloc(sizeof(*big));

	point(world);
	memcpy(&big->w[0], world, sizeof(*world));
}

/* The mark of the second does not cover the first. */
void plain_then_marked(void)
{
	point(&world->value);
	world->value = 2;
	__asm__ __volatile__("" : : : "memory");
	WRITE_ONCE(world->value, 3);
}

void wide_write(void)
{
	point(&world->wide);
	world->wide = 1;
}

void half_write(void)
{
	point(&world->wide);
	((u32 *)&world->wide)[1] = 1;
}

/* -- vm_area_dup(): its links are written under a lock of the file's -- */

void link_locked(void)
{
	lock();
	world->made = &world->value;
	unlock();
}

void copy_links(void)
{
	copy_struct();
}

void copy_links_allowed(void)
{
	struct race_world *copy = rt_alloc(sizeof(*copy));

	point(world);
	rt_data_race(true);
	memcpy(copy, world, sizeof(*copy));
	rt_data_race(false);
}

/* -- folio_isolate_lru(): who clears the flag has the page to himself -- */

static void isolate_with(int acquire, int release)
{
	point(&world->taken);
	if (__atomic_fetch_or(&world->taken, 1, acquire) & 1)
		return;
	point(&world->value);
	world->value++;
	point(&world->taken);
	__atomic_fetch_and(&world->taken, ~1u, release);
}

void isolate(void)
{
	isolate_with(__ATOMIC_ACQUIRE, __ATOMIC_RELEASE);
}

void isolate_relaxed(void)
{
	isolate_with(__ATOMIC_RELAXED, __ATOMIC_RELEASE);
}

/* -- hmm_pte_get(): the owner of a page is read in an RCU section -- */

static void read_within(bool early)
{
	u32 *p;

	point(&world->taken);
	__atomic_fetch_add(&world->taken, 1, __ATOMIC_SEQ_CST);
	point(&world->flag);
	p = __atomic_load_n(&world->flag, __ATOMIC_ACQUIRE) ? NULL :
							      &world->other;
	if (early)
		__atomic_fetch_sub(&world->taken, 1, __ATOMIC_SEQ_CST);
	if (p)
		__asm__ __volatile__("" : : "r" (*p));
	point(&world->taken);
	if (!early)
		__atomic_fetch_sub(&world->taken, 1, __ATOMIC_SEQ_CST);
}

void leave_readers(void)
{
	read_within(false);
}

void leave_readers_early(void)
{
	read_within(true);
}

void wait_readers(void)
{
	point(&world->flag);
	__atomic_store_n(&world->flag, 1, __ATOMIC_SEQ_CST);
	while (rt_point_lock(RT_SITE(RT_LOCK, "wait", NULL), &world->taken,
			     &world->taken, ~0u, 0) ||
	       __atomic_load_n(&world->taken, __ATOMIC_ACQUIRE))
		;
	world->other = 0;
}

/* -- dmirror_take_page(): a list under a spinlock, and its count -- */

void count_locked(void)
{
	locked_increment();
}

void count_unlocked(void)
{
	plain_increment();
}

/* -- mprotect() and a walk of the rmap: vm_page_prot, both marked -- */

void change_once(void)
{
	lock();
	WRITE_ONCE(world->value, 7);
	unlock();
}

void look_once(void)
{
	marked_read();
}

void look_plainly(void)
{
	plain_read();
}

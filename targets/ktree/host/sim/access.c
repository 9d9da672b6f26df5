// SPDX-License-Identifier: GPL-2.0
/*
 * access: what the tree's instrumented code announces, access by access.
 *
 * The tree is compiled with -fsanitize=thread as a means of being called, or
 * with the kernel's own CONFIG_KCSAN, which does that and announces the atomics
 * in its assembly too. An announcement comes before its access. Three things are
 * made of it: a switch point, where the access is one that another task is meant
 * to see; a note that a page table or a struct page is about to be written to;
 * and a complaint when the memory has been freed.
 *
 * Which accesses are points is said in points.c. A task's own stack is nobody's
 * business. Most announcements do nothing, and there are some hundred thousand
 * an execution: keep the short way short.
 */
#include "harness/rt/sim.h"
#include "targets/ktree/host/host_private.h"

#include "harness/journal/journal.h"

u32 ktree_quiet;
u64 ktree_looked;

void cpu_init(void)
{
}

/* May the running task be left here? Not in boot, nor while oracles look. */
static inline bool may_switch(void)
{
	return sim.going && !journal_judged && !ktree_quiet;
}

static inline bool on_own_stack(const void *p)
{
	const struct fiber *f = &sim.task[sim.cur].fiber;

	return (size_t)((const u8 *)p - f->stack) < f->size;
}

static void __attribute__((noinline, cold)) freed(const void *p,
						   const char *what)
{
	if (may_switch())
		journal_emit(EV_use_after_free, (u64)(size_t)p,
			     (u64)(size_t)p, (u64)(size_t)what);
}

/* Where nobody else could go on there is nothing to choose, and a program of one
 * task would use up its steps. */
static inline bool alone(void)
{
	u32 others = ~SIM_BIT(sim.cur);

	return !(sim.ready & others) && !(sim_enabled() & others);
}

static void __attribute__((noinline)) point(const void *p, u64 pc, u8 kind)
{
	if (!may_switch() || on_own_stack(p) || alone())
		return;
	ktree_point(site_of(pc, kind), p);
}

/* A loop with a timeout reads jiffies, and time must pass in it. */
static inline void read_clock(const void *p)
{
	if (unlikely(p == (const void *)ktree_jiffies_word) && may_switch())
		ktree_jiffies_read();
}

/*
 * A change of an entry is told at once, where its stack still shows whose it is.
 * Fields of one struct page are written one by one and mean something together:
 * those wait for a point, an event or another page.
 */
static void __attribute__((noinline)) settle(const void *p, bool write)
{
	const void *last = ktree_unsettled;

	if (watch_is_page(last) &&
	    !(write && (watch_is_table(p) || (watch_is_page(p) &&
	      watch_page_of(p) != watch_page_of(last)))))
		return;
	ktree_settle_slow();
}

static inline __attribute__((always_inline)) void
announce(const void *p, u32 size, u8 kind, bool marked, u64 pc)
{
	bool write = kind != RT_LOAD;

	if (unlikely(ktree_unsettled))
		settle(p, write);
	if (unlikely(access_points >= (marked ? POINTS_MARKED : POINTS_ALL)))
		point(p, pc, kind);
	if (unlikely(sim_is_freed(p)))
		freed(p, "memory");
	if (frames_is_freed(p))
		freed(p, "a page");
	if (unlikely(race_access) && may_switch())
		race_access(p, size, kind, marked);
	if (write && (watch_is_table(p) || watch_is_page(p)))
		ktree_unsettled = p;
}

#include "targets/ktree/host/announce.h"

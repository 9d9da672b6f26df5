// SPDX-License-Identifier: GPL-2.0
/*
 * points.c: plain accesses that are switch points.
 *
 * What nothing orders can be cut in two anywhere, but sim switches at points
 * alone, and plain accesses are none: they are a hundred times as many, and
 * nearly all of them are under a lock. So those are made points that somebody
 * names, mostly because a data race was reported of them. That race is known
 * then: the accesses are not judged any more, so that what they lead to can be
 * seen.
 *
 * An access is known by the return address of its call. All calls are found by
 * going through the program's code once; who has names for them says which it
 * shall be. The set does not change within an execution.
 */
#include <string.h>

#include "harness/hooks/cells.h"
#include "harness/hooks/points.h"
#include "harness/journal/journal.h"

#define CODE_MAX	(8u << 20)	/* bytes of code that are looked through */

extern const u8 __executable_start[], etext[];

bool hooks_points;

static u8 wanted[CODE_MAX / 8];		/* a bit for each byte of code */

static size_t offset_of(const void *pc)
{
	return (size_t)((const u8 *)pc - __executable_start);
}

static bool is_wanted(const void *pc)
{
	size_t at = offset_of(pc);

	return at < CODE_MAX && wanted[at / 8] >> at % 8 & 1;
}

void points_clear(void)
{
	if (hooks_points)
		memset(wanted, 0, sizeof(wanted));
	hooks_points = false;
}

void points_add(const void *pc)
{
	size_t at = offset_of(pc);

	if (at >= CODE_MAX)
		sim_broken("the program is larger than points.c goes through");
	wanted[at / 8] |= (u8)(1u << at % 8);
	hooks_points = true;
}

/* Where the call that ends before @at goes; NULL: there is none. */
static const void *callee(const u8 *at)
{
#if defined(__x86_64__)
	s32 by;

	if (at[-5] != 0xe8)
		return NULL;
	memcpy(&by, at - 4, sizeof(by));
	return at + by;
#elif defined(__aarch64__)
	u32 insn;

	if ((size_t)at % 4)
		return NULL;
	memcpy(&insn, at - 4, sizeof(insn));
	if (insn >> 26 != 0x25)
		return NULL;
	return at - 4 + (s64)(s32)(insn << 6) / 16;
#else
	return NULL;
#endif
}

void points_sites(void (*visit)(const void *pc, bool write))
{
	const struct access_hook *last = access_hooks + nr_access_hooks;

	for (const u8 *at = __executable_start + 8; at < etext; at++) {
		const void *to = callee(at);

		for (const struct access_hook *h = access_hooks;
		     to && h < last; h++)
			if ((const void *)(size_t)h->hook == to)
				visit(at, h->write);
	}
}

static const struct rt_site site_read = { RT_LOAD, "read", NULL };
static const struct rt_site site_write = { RT_STORE, "write", NULL };

void points_access(const void *p, u32 size, u32 flags, const void *pc)
{
	bool known = sim.going && is_wanted(pc);

	if (known && !journal_judged && !race_is_allowed() &&
	    sim_stack_owner(p) != sim.cur)
		rt_point(flags & ACCESS_WRITE ? &site_write : &site_read,
			 (const void *)((size_t)p & ~(size_t)(CELL_HALF - 1)));
	if (known)
		race_known(true);
	hooks_range(p, size, flags);
	if (known)
		race_known(false);
}

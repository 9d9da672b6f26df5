// SPDX-License-Identifier: GPL-2.0
/*
 * litmus: what the litmus targets share: a lock of one word, and the two
 * things a program can say about its outcome.
 */
#include "targets/litmus/litmus.h"

void litmus_lock(const struct rt_site *site, u32 *word)
{
	while (rt_point_lock(site, word, word, ~0u, 0) == 0) {
		u32 seen = 0;

		if (__atomic_compare_exchange_n(word, &seen, 1, false,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
		rt_wait(word, seen, RT_FOREVER, 0);
	}
}

void litmus_unlock(const struct rt_site *site, u32 *word)
{
	rt_point(site, word);
	__atomic_store_n(word, 0, __ATOMIC_RELEASE);
	rt_wake(word, 1);
}

void litmus_bad(const char *what, u64 b, u64 c)
{
	journal_emit(EV_litmus_bad, (u64)(size_t)what, b, c);
}

void litmus_seen(const char *what)
{
	journal_emit(EV_litmus_seen, (u64)(size_t)what, 0, 0);
}

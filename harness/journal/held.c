// SPDX-License-Identifier: GPL-2.0
/*
 * held: replays the lock and unlock rows. For reports, so it may be slow.
 */
#include <string.h>

#include "harness/journal/held.h"

/* An unlock ends the task's newest hold of that lock. */
static u32 drop(struct held *held, u32 n, u64 lock)
{
	for (u32 i = n; i-- > 0; ) {
		if (held[i].row->b != lock)
			continue;
		memmove(held + i, held + i + 1, (n - i - 1) * sizeof(*held));
		return n - 1;
	}
	return n;
}

u32 held_by(int task, u32 seq, struct held *held, u32 max)
{
	struct held all[HELD_MAX];
	u32 n = 0;

	for (u32 i = 1; i <= seq; i++) {
		const struct event *e = journal_event(i);

		if (!e || e->task != task)
			continue;
		if (e->kind == EV_lock && n < HELD_MAX)
			all[n++].row = e;
		else if (e->kind == EV_unlock)
			n = drop(all, n, e->b);
	}
	if (n > max)
		n = max;
	memcpy(held, all, n * sizeof(*held));
	return n;
}

const struct event *held_owner(const void *lock, u32 seq)
{
	const struct event *owner = NULL;
	struct held held[HELD_MAX];

	for (int task = 0; task < RT_TASKS_MAX; task++) {
		u32 n = held_by(task, seq, held, HELD_MAX);

		for (u32 i = 0; i < n; i++) {
			const struct event *e = held[i].row;

			if ((const void *)(unsigned long)e->b != lock)
				continue;
			if (!owner || e->c || (!owner->c && e->seq < owner->seq))
				owner = e;
		}
	}
	return owner;
}

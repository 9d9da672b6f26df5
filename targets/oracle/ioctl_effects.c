// SPDX-License-Identifier: GPL-2.0
/*
 * ioctl-effects: an ioctl of a mirror gives back what it takes.
 *
 * When it returns, its task has no page locked that it had not before, has
 * dropped every temporary reference, pin and isolation it took, and mm_users is
 * what it was. References of entries, of the cache and of the driver's own
 * memory are what ioctls are for. mmap_lock is the engine's to judge: no call
 * of a program returns with a lock.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* Of one task's ioctl; allocated with its first. */
struct taken {
	bool inside;
	u8 locks;			/* before it */
	s8 refs[VIEW_REF_NR];		/* taken less dropped, by reason */
	s8 users[PROG_MMS];
};
static struct taken *taken[RT_TASKS_MAX] __machine;
static u32 inside __machine;		/* mask of tasks */
static s32 users[PROG_MMS] __machine;	/* before the event being told */

static void begin(const struct event *e)
{
	struct taken *t = taken[e->task];

	if (!t)
		t = taken[e->task] = rt_alloc(sizeof(*t));
	*t = (struct taken){ .inside = true, .locks = ledger.locks[e->task] };
	inside |= 1u << e->task;
}

static void done(const struct event *e)
{
	static const u8 reasons[] = {
		VIEW_REF_TMP, VIEW_REF_ISOLATE, VIEW_REF_GUP, VIEW_REF_PIN,
		VIEW_REF_GATHER,
	};
	struct taken *t = taken[e->task];

	if (!(inside >> e->task & 1))
		return;
	inside &= ~(1u << e->task);
	if (ledger.locks[e->task] != t->locks)
		oracle_raise(&oracle_ioctl_effects, 0, "",
			     "Ioctl %llu returns with %d more page(s) locked.",
			     e->b, ledger.locks[e->task] - t->locks);
	for (u32 i = 0; i < ARRAY_SIZE(reasons); i++)
		if (t->refs[reasons[i]])
			oracle_raise(&oracle_ioctl_effects, 0, "",
				     "Ioctl %llu returns and has taken %d page reference(s) that it did not drop.",
				     e->b, t->refs[reasons[i]]);
	for (u32 mm = 0; mm < PROG_MMS; mm++)
		if (t->users[mm])
			oracle_raise(&oracle_ioctl_effects, 0, "",
				     "Ioctl %llu changed mm_users of mm%u by %d.",
				     e->b, mm, t->users[mm]);
}

static void counted(const struct event *e)
{
	u32 mm = (u32)e->a;
	s32 now;

	if (mm >= PROG_MMS)
		return;
	now = ledger.users[mm];
	if (inside >> e->task & 1)
		taken[e->task]->users[mm] += (s8)(now - users[mm]);
	users[mm] = now;
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_dmirror_ioctl:
		begin(e);
		break;
	case EV_dmirror_done:
		done(e);
		break;
	case EV_mm_new:
		if (e->b < PROG_MMS)
			users[e->b] = 1;
		break;
	case EV_mm_users:
		counted(e);
		break;
	case EV_page_alloc:
		if (inside >> e->task & 1)
			taken[e->task]->refs[VIEW_REF_TMP] += (s8)e->b;
		break;
	default:
		if (inside >> e->task & 1 && e->c < VIEW_REF_NR)
			taken[e->task]->refs[e->c] +=
				e->kind == EV_page_get ? 1 : -1;
	}
}

static const u16 kinds[] = {
	EV_dmirror_ioctl, EV_dmirror_done, EV_mm_new, EV_mm_users,
	EV_page_alloc, EV_page_get, EV_page_put, 0
};

const struct oracle oracle_ioctl_effects = {
	.name	= "ioctl-effects",
	.claim	= "an ioctl leaves no page locked and gives back every reference it took",
	.spec	= "I-T6",
	.kinds	= kinds,
	.event	= event,
};

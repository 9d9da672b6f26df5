// SPDX-License-Identifier: GPL-2.0
/*
 * v12-directory: a directory of a mirror's table counts its valid entries and
 * the iterators that protect it; what is out of reach counts nothing, and at
 * rest there is none without a valid entry.
 *
 * That none is touched once it is freed is use-after-free's.
 */
#include "targets/oracle/svm_oracles.h"
#include "targets/oracle/v12.h"

static void counted(const struct event *e)
{
	s32 count = VIEW_V12_COUNT(e->c);
	u32 valid = VIEW_V12_VALID(e->c), iterators = VIEW_V12_ITERATORS(e->c);

	if (count == (s32)(valid + iterators))
		return;
	oracle_raise(&oracle_v12_directory, 0, "",
		     "A directory of level %u in the mirror table of GPU space %u counts %d; it has %u valid entries and %u iterators.",
		     (u32)(e->a >> 8), (u32)(e->a & 0xff), count, valid,
		     iterators);
}

static void event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_v12_directory) {
		counted(e);
		return;
	}
	if (e->c)
		oracle_raise(&oracle_v12_directory, 0, "",
			     "A directory of level %u was taken out of the mirror table of GPU space %u; it counts %d.",
			     (u32)(e->a >> 8), (u32)(e->a & 0xff),
			     (s32)e->c);
}

static void check(u32 space, const struct view_v12_directory *d)
{
	if (d->iterators)
		oracle_raise(&oracle_v12_directory, 0, "",
			     "At rest, a directory of level %u in the mirror table of GPU space %u is protected by %u iterator(s).",
			     d->level, space, d->iterators);
	if (d->count != (s32)d->valid || !d->valid)
		oracle_raise(&oracle_v12_directory, 0, "",
			     "At rest, a directory of level %u in the mirror table of GPU space %u counts %d and has %u valid entries.",
			     d->level, space, d->count, d->valid);
}

static void quiesce(const struct view *v)
{
	struct view_v12_directory d;

	for (u32 mask = ledger.spaces; v->hmm_v12 && mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		for (u32 n = 0; v->hmm_v12->directory(space, n, &d); n++)
			if (d.level)
				check(space, &d);
	}
}

static const u16 kinds[] = { EV_v12_directory, EV_v12_unlinked, 0 };

const struct oracle oracle_v12_directory = {
	.name	= "v12-directory",
	.claim	= "a directory of a mirror's table counts its valid entries and its iterators, and goes when there are none",
	.spec	= "I-B6",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

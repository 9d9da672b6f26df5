// SPDX-License-Identifier: GPL-2.0
/*
 * unmanaged: the fault handler keeps out of the range that the client keeps
 * for its buffer objects.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void check(const struct view *v, u32 space, u64 va, u32 word)
{
	struct view_svmm s = v->svmm(space);

	if (VIEW_KIND(word) != VIEW_NONE && s.live &&
	    va >= s.unmanaged_start && va < s.unmanaged_limit)
		oracle_raise(&oracle_unmanaged, 0,
			     ledger_page_name(VIEW_PFN(word)),
			     "GPU space %u maps %s at 0x%llx, inside its unmanaged range 0x%llx..0x%llx.",
			     space, ledger_word_name(word), va,
			     s.unmanaged_start, s.unmanaged_limit);
}

static void event(const struct view *v, const struct event *e)
{
	if (e->a < VIEW_SPACES)
		check(v, (u32)e->a, e->b, (u32)e->c);
}

static void quiesce(const struct view *v)
{
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		for (u32 page = 0; page < PROG_PAGES; page++)
			if (ledger.gpu[space][page])
				check(v, space, VIEW_VA(page),
				      ledger.gpu[space][page]);
	}
}

static const u16 kinds[] = { EV_gpu_map, 0 };

const struct oracle oracle_unmanaged = {
	.name	= "unmanaged",
	.claim	= "no page is mapped by SVM inside the unmanaged range",
	.spec	= "I-A17",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

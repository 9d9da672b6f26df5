// SPDX-License-Identifier: GPL-2.0
/*
 * stack: from return addresses to frames a reader knows.
 *
 * A frame is judged by the file it is in. The primitives (page tables, TLBs,
 * the GPU model) are where events are emitted; a report that named them would
 * give every bug the same title.
 */
#include <string.h>

#include "harness/oracle/outcome.h"
#include "harness/report/internal.h"

/* The first that fits counts. Files of a kernel tree are named from its root. */
static const struct {
	const char *prefix;
	enum frame_level level;
} levels[] = {
	{ "harness/",			FRAME_HARNESS },
	{ "targets/oracle/",		FRAME_HARNESS },
	{ "targets/view.h",		FRAME_HARNESS },
	{ "targets/mutation.",		FRAME_HARNESS },
	{ "targets/cut_test.h",		FRAME_HARNESS },

	{ "targets/kernel/",		FRAME_PRIMITIVE },
	{ "targets/mm/tlb.c",		FRAME_PRIMITIVE },
	{ "targets/mm/page_alloc.c",	FRAME_PRIMITIVE },
	{ "targets/mm/pgtable",		FRAME_PRIMITIVE },
	{ "targets/mm/mmu_gather.c",	FRAME_PRIMITIVE },
	{ "targets/mm/view.c",		FRAME_PRIMITIVE },
	{ "targets/nouveau/gpu",	FRAME_PRIMITIVE },
	{ "targets/nouveau/nvif.c",	FRAME_PRIMITIVE },
	{ "targets/litmus/litmus.c",	FRAME_PRIMITIVE },

	{ "targets/ktree/host",			FRAME_HARNESS },
	{ "targets/ktree/glue/current.c",	FRAME_HARNESS },
	{ "targets/ktree/glue/selftest.c",	FRAME_PORT },
	{ "targets/ktree/glue/op",		FRAME_GLUE },
	{ "targets/ktree/glue/target",		FRAME_GLUE },
	{ "targets/ktree/glue/",		FRAME_PRIMITIVE },
	{ "arch/",			FRAME_PRIMITIVE },
	{ "include/",			FRAME_PRIMITIVE },
	{ "lib/maple_tree.c",		FRAME_PRIMITIVE },
	{ "lib/xarray.c",		FRAME_PRIMITIVE },
	{ "lib/rbtree.c",		FRAME_PRIMITIVE },
	{ "lib/interval_tree.c",	FRAME_PRIMITIVE },
	{ "lib/radix-tree.c",		FRAME_PRIMITIVE },
	{ "mm/mmu_gather.c",		FRAME_PRIMITIVE },
	{ "mm/pgtable-generic.c",	FRAME_PRIMITIVE },
	{ "mm/interval_tree.c",		FRAME_PRIMITIVE },
	{ "mm/",			FRAME_PORT },
	{ "lib/",			FRAME_PORT },
	{ "kernel/",			FRAME_PORT },
	{ "drivers/",			FRAME_PORT },
};

enum frame_level frame_level(const struct frame *f)
{
	const char *base = strrchr(f->file, '/');

	for (u32 i = 0; i < ARRAY_SIZE(levels); i++)
		if (!strncmp(f->file, levels[i].prefix,
			     strlen(levels[i].prefix)))
			return levels[i].level;
	if (strncmp(f->file, "targets/", 8) || !strcmp(base, "/oracle.c"))
		return FRAME_HARNESS;
	if (!strcmp(base, "/ops.c") || !strcmp(base, "/slots.c") ||
	    !strcmp(base, "/target.c"))
		return FRAME_GLUE;
	return FRAME_PORT;
}

/*
 * A compiler that splits a function leaves two frames of it, one calling the
 * other. Direct recursion looks the same; the code under test has none.
 */
static void add(struct stack *s, const struct frame *f)
{
	if (frame_level(f) == FRAME_HARNESS || s->nr == STACK_FRAMES_MAX)
		return;
	if (s->nr && !strcmp(s->frame[s->nr - 1].func, f->func))
		return;
	s->frame[s->nr++] = *f;
}

static void expand(const u64 *pc, u32 nr, struct stack *s)
{
	struct frame f[8];

	s->nr = 0;
	for (u32 i = 0; i < nr; i++) {
		u32 n = symbol_lookup(pc[i], f, ARRAY_SIZE(f));

		for (u32 k = 0; k < n; k++)
			add(s, &f[k]);
	}
}

void stack_of_event(const struct event *e, struct stack *s)
{
	const u64 *pc = NULL;
	u32 n = e ? journal_stack(e, &pc) : 0;

	expand(pc, n, s);
}

void stack_of_failure(const struct failure *f, struct stack *s)
{
	if (f->nr_pc)
		expand(f->pc, f->nr_pc, s);
	else
		stack_of_event(outcome_last_row(f->task, f->seq), s);
}

const struct frame *stack_function(const struct stack *s)
{
	const struct frame *best = NULL;

	for (u32 i = 0; i < s->nr; i++)
		if (!best || frame_level(&s->frame[i]) > frame_level(best))
			best = &s->frame[i];
	return best;
}

bool failure_at_rest(const struct failure *f)
{
	const struct frame *fn;
	struct stack s;

	if (f->task < 0 || rt_role(f->task) != 'M')
		return f->task < 0;
	stack_of_failure(f, &s);
	fn = stack_function(&s);
	return !fn || frame_level(fn) != FRAME_PORT;
}

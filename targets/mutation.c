// SPDX-License-Identifier: GPL-2.0
/*
 * mutation: the table behind the guards, and the switch.
 */
#include <linux/string.h>

#include "harness/journal/journal.h"
#include "targets/mutation.h"
#include "targets/target.h"

#define MUTATION(name_, kind_, target_name, oracle_name, text_, source_) \
	extern const struct target target_##target_name; \
	extern const struct oracle oracle_##oracle_name;
#include "targets/mutations.def"
#undef MUTATION

#define MUTATION(name_, kind_, target_name, oracle_name, text_, source_)	\
	[M_##name_] = {							\
		.name = #name_,						\
		.kind = MUTATION_##kind_,				\
		.target = &target_##target_name,				\
		.oracle = &oracle_##oracle_name,			\
		.text = text_,						\
		.source = source_,					\
	},
const struct mutation mutations[M_NR] = {
	[M_none] = { .name = "none", .text = "the correct code" },
#include "targets/mutations.def"
};
#undef MUTATION

/*
 * Chosen from outside, between executions: not machine state, so not reset
 * with it.
 */
u8 mutation_on[M_NR] __attribute__((section("mutation_data")));

int mutation_find(const char *name)
{
	for (int id = M_none + 1; id < M_NR; id++)
		if (!strcmp(mutations[id].name, name))
			return id;
	return M_none;
}

/* Do rows of @of stand for code that @t runs too? */
static bool same_family(const struct target *of, const struct target *t)
{
	return of == t ||
	       (of && of->family && t->family &&
		!strncmp(of->family, t->family, strlen(of->family)));
}

int mutation_choose(const char *name, const struct target *t)
{
	int id = M_none;

	memset(mutation_on, 0, sizeof(mutation_on));
	if (!strcmp(name, "none"))
		return 0;
	if (!strcmp(name, "original")) {
		int found = -1;

		for (id = M_none + 1; id < M_NR; id++) {
			if (mutations[id].kind != MUTATION_ORIGINAL ||
			    !same_family(mutations[id].target, t))
				continue;
			mutation_on[id] = 1;
			found = 0;
		}
		return found;
	}
	id = mutation_find(name);
	if (id == M_none)
		return -1;
	mutation_on[id] = 1;
	return 0;
}

/*
 * Once per execution in search would do for the VACUOUS verdict, but the
 * report shows each hit at its place.
 */
bool mutation_hit(enum mutation_id id)
{
	journal_emit(EV_mutation_hit, (u64)(size_t)mutations[id].name, id, 0);
	return true;
}

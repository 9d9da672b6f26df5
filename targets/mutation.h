/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mutation.h: known bugs behind a switch. mutated(name) is false unless that
 * row of mutations.def was chosen before boot; it journals its hit, because a
 * mutation that was never reached proves nothing.
 *
 * The guard sits on the line it breaks and reads as English; what the eye
 * sees when it skips the guard is the correct code.
 */
#ifndef TARGETS_MUTATION_H
#define TARGETS_MUTATION_H

#include "harness/types.h"

enum mutation_kind {
	MUTATION_OMISSION,	/* a step left out */
	MUTATION_REORDER,	/* two steps swapped: two guards, one function */
	MUTATION_ORIGINAL,	/* what the historic code did */
	MUTATION_HARNESS,	/* breaks the harness or a model, to test it */
};

#define MUTATION(name, kind, target, oracle, text, source) M_##name,
enum mutation_id {
	M_none,
#include "targets/mutations.def"
	M_NR
};
#undef MUTATION

struct oracle;
struct target;

struct mutation {
	const char *name;
	u8 kind;
	const struct target *target;	/* the one whose search must find it */
	const struct oracle *oracle;	/* the class it must be caught as */
	const char *text;		/* what it breaks */
	const char *source;		/* spec row, commit, paper */
};
extern const struct mutation mutations[M_NR];

/* Set between executions only. */
extern u8 mutation_on[M_NR];
int mutation_find(const char *name);	/* M_none if there is none */
/* "none", a name, or "original": every row of that kind of @t and of the targets
 * of its family, whose code it shares. 0 or -1. */
int mutation_choose(const char *name, const struct target *t);
bool mutation_hit(enum mutation_id id);	/* true */

#define mutated(name) \
	(__builtin_expect(mutation_on[M_##name], 0) && mutation_hit(M_##name))

#endif /* TARGETS_MUTATION_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * front_tls: the program's own thread-local variables. All tasks run on one
 * host thread, which has only one of each; so the program is compiled with
 * -femulated-tls (clang), and asks here for the address of its copy.
 */
#include <string.h>

#include "harness/rt/pthread/front.h"
#include "harness/rt/sim.h"

#define VARIABLES	256

/* As the compiler lays it out; a static of the program, so reset with it. */
struct variable {
	size_t size, align;
	size_t number;		/* from 1, once somebody used it */
	const void *value;	/* to begin with; NULL: zeroes */
};

static u32 nr_variables __machine;

void *__emutls_get_address(struct variable *v);

static void *new_copy(const struct variable *v)
{
	size_t align = v->align > 16 ? v->align : 16;
	u8 *p = rt_alloc(v->size + align);

	if (!p)
		sim_broken("the program's memory does not fit the arena of %lu MiB",
			   SIM_ARENA_SIZE >> 20);
	p = (u8 *)(((size_t)p + align - 1) & ~(align - 1));
	if (v->value)
		memcpy(p, v->value, v->size);
	return p;
}

void *__emutls_get_address(struct variable *v)
{
	struct front_thread *t = front_self();

	if (!v->number)
		v->number = ++nr_variables;
	if (v->number > VARIABLES)
		sim_broken("more than %d thread-local variables", VARIABLES);
	if (!t->local)
		t->local = rt_alloc(VARIABLES * sizeof(*t->local));
	if (t->local && !t->local[v->number - 1])
		t->local[v->number - 1] = new_copy(v);
	return t->local ? t->local[v->number - 1] : NULL;
}

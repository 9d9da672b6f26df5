/* SPDX-License-Identifier: GPL-2.0 */
/*
 * form.h: what the bytes of a fuzz entry mean. Pure: the entries, the mutator
 * and its AFL++ library, which has no code under test in it, share it.
 *
 *	fuzz_<target>	a program (harness/prog/bytes.c), then a schedule
 *			(harness/prog/schedule_bytes.c)
 *	fuzz_ring_<f>	how many entries, less one; so many raw entries of 32
 *			bytes for the fault ring; then a schedule. The tasks
 *			beside are fixed: see form.c
 *
 * Every byte string means something, and of a raw entry every bit goes to the
 * handler: also the codes of accesses that there are not, and what stands below
 * the page of an address.
 */
#ifndef FUZZ_FORM_H
#define FUZZ_FORM_H

#include "harness/prog/prog.h"

#define FORM_BYTES_MAX	(1 << 16)	/* of an input worth keeping */
#define FORM_ENTRY	32		/* bytes of a ring entry */
#define FORM_ENTRIES	16		/* twice what the ring holds */

struct form {
	const char *name;		/* of the entry, without "fuzz_" */
	struct op_table ops;
	bool ring;
	/* Besides P0, P1 ...: what the target itself spawns, for schedules. */
	struct schedule_tasks daemons;
	struct program racing;		/* ring: what runs against the entries */
	u8 ring_op;			/* ring: the opcode that puts one there */
};

/* Fill in what follows from the rest; 0, or -1 with a message on stderr. */
int form_init(struct form *f);

/*
 * Total. A program has no call that only a story makes (weight 0: they claim
 * what should be the case), and PROG_CALLS_DRAWN calls a task at most, so that
 * the step bound means a loop.
 */
void form_decode(const struct form *f, const u8 *bytes, size_t len,
		 struct program *p, struct schedule *s);
/* Length, or -1 if it does not fit. decode(encode(decode(x))) is decode(x). */
int form_encode(const struct form *f, const struct program *p,
		const struct schedule *s, u8 *bytes, size_t size);

/* Tasks that a schedule of this program may name. */
void form_tasks(const struct form *f, const struct program *p,
		struct schedule_tasks *t);

#endif /* FUZZ_FORM_H */

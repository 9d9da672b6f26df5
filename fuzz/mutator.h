/* SPDX-License-Identifier: GPL-2.0 */
/*
 * mutator.h: inputs of a fuzz entry, changed as programs and schedules and not
 * as bytes. Every function is pure in its arguments: the same input, seed and
 * form give the same output. A struct mutator is room to work in and no more.
 */
#ifndef FUZZ_MUTATOR_H
#define FUZZ_MUTATOR_H

#include "fuzz/form.h"

struct mutator {
	const struct form *form;
	struct program p, other_p;
	struct schedule s, other_s;
	/* What the last call did, for the names of files. */
	const char *what;
};

/* NULL without memory. To be given to free(). */
struct mutator *mutator_new(const struct form *f);

/*
 * In all of these @max is the room at @out and 1 at least; @out may be one of
 * the inputs. They return the length, which is at least 1 and at most @max:
 * what does not fit is cut, segments first.
 */
size_t mutator_mutate(struct mutator *m, const u8 *in, size_t len, u8 *out,
		      size_t max, u64 seed);
size_t mutator_splice(struct mutator *m, const u8 *in, size_t len,
		      const u8 *other, size_t other_len, u8 *out, size_t max,
		      u64 seed);
/* The one way to write what these bytes mean. */
size_t mutator_canonical(struct mutator *m, const u8 *in, size_t len, u8 *out,
			 size_t max);

/*
 * Parts that may be left out, numbered from 0: segments from the last one to
 * the first, then calls likewise. Without one of them; 0 if there is none of
 * that number, or it cannot be left out.
 */
u32 mutator_parts(struct mutator *m, const u8 *in, size_t len);
size_t mutator_without(struct mutator *m, const u8 *in, size_t len, u32 part,
		       u8 *out, size_t max);

#endif /* FUZZ_MUTATOR_H */

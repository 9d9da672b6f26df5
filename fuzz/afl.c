// SPDX-License-Identifier: GPL-2.0
/*
 * afl: the mutator as AFL++ 4.04c calls it, in a library that afl-fuzz loads:
 *
 *	AFL_CUSTOM_MUTATOR_LIBRARY=fuzz_mm_mutator.so afl-fuzz ... -- fuzz_mm
 *
 * The library has the target's tables of ops (made by `fuzz_mm --tables`) and
 * no code under test. Leave AFL_CUSTOM_MUTATOR_ONLY unset: AFL++'s own stages,
 * which have the dictionary and CmpLog, go on beside it. Of the changes of its
 * havoc stage one in eight is AFL++'s own.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/mutator.h"

extern struct form form_table;		/* of --tables */

struct afl {
	struct mutator *m;
	struct prng prng;
	u8 *out;
	/* Trimming: the input so far, the part that is tried, and tries. */
	u8 *whole, *tried;
	size_t whole_len, tried_len;
	u32 part, step, steps;
};

void *afl_custom_init(void *afl, unsigned int seed);
size_t afl_custom_fuzz(void *data, u8 *buf, size_t len, u8 **out, u8 *add,
		       size_t add_len, size_t max);
size_t afl_custom_havoc_mutation(void *data, u8 *buf, size_t len, u8 **out,
				 size_t max);
u8 afl_custom_havoc_mutation_probability(void *data);
int32_t afl_custom_init_trim(void *data, u8 *buf, size_t len);
size_t afl_custom_trim(void *data, u8 **out);
int32_t afl_custom_post_trim(void *data, u8 success);
const char *afl_custom_describe(void *data, size_t max);
void afl_custom_deinit(void *data);

void *afl_custom_init(void *afl, unsigned int seed)
{
	struct afl *a = calloc(1, sizeof(*a));

	if (!a || form_init(&form_table))
		return NULL;
	a->m = mutator_new(&form_table);
	a->out = malloc(FORM_BYTES_MAX);
	a->whole = malloc(FORM_BYTES_MAX);
	a->tried = malloc(FORM_BYTES_MAX);
	if (!a->m || !a->out || !a->whole || !a->tried)
		return NULL;
	prng_seed(&a->prng, seed, PRNG_SCHEDULE, 0);
	return a;
}

void afl_custom_deinit(void *data)
{
	struct afl *a = data;

	free(a->m);
	free(a->out);
	free(a->whole);
	free(a->tried);
	free(a);
}

static size_t room(size_t max)
{
	return max < FORM_BYTES_MAX ? max : FORM_BYTES_MAX;
}

size_t afl_custom_fuzz(void *data, u8 *buf, size_t len, u8 **out, u8 *add,
		       size_t add_len, size_t max)
{
	struct afl *a = data;
	u64 seed = prng_u64(&a->prng);

	*out = a->out;
	if (add && add_len && seed % 8 == 0)
		return mutator_splice(a->m, buf, len, add, add_len, a->out,
				      room(max), seed);
	return mutator_mutate(a->m, buf, len, a->out, room(max), seed);
}

size_t afl_custom_havoc_mutation(void *data, u8 *buf, size_t len, u8 **out,
				 size_t max)
{
	struct afl *a = data;

	*out = a->out;
	return mutator_mutate(a->m, buf, len, a->out, room(max),
			      prng_u64(&a->prng));
}

u8 afl_custom_havoc_mutation_probability(void *data)
{
	return 100 * 7 / 8;
}

/* What is longer is not trimmed. */
int32_t afl_custom_init_trim(void *data, u8 *buf, size_t len)
{
	struct afl *a = data;

	a->part = a->step = a->steps = 0;
	if (len > FORM_BYTES_MAX)
		return 0;
	memcpy(a->whole, buf, len);
	a->whole_len = len;
	a->steps = mutator_parts(a->m, buf, len);
	return (int32_t)a->steps;
}

size_t afl_custom_trim(void *data, u8 **out)
{
	struct afl *a = data;

	*out = a->tried;
	a->tried_len = mutator_without(a->m, a->whole, a->whole_len, a->part,
				       a->tried, FORM_BYTES_MAX);
	/* That part has to stay: the input as it is. */
	if (!a->tried_len) {
		memcpy(a->tried, a->whole, a->whole_len);
		a->tried_len = a->whole_len;
	}
	return a->tried_len;
}

/* Without the part that was tried, the next one has its number. */
int32_t afl_custom_post_trim(void *data, u8 success)
{
	struct afl *a = data;

	if (success && a->tried_len < a->whole_len) {
		memcpy(a->whole, a->tried, a->tried_len);
		a->whole_len = a->tried_len;
	} else {
		a->part++;
	}
	return (int32_t)++a->step;
}

const char *afl_custom_describe(void *data, size_t max)
{
	struct afl *a = data;

	return a->m->what ? a->m->what : "custom";
}

// SPDX-License-Identifier: GPL-2.0
/*
 * libfuzzer: the mutator as libFuzzer calls it.
 *
 * One in eight mutations is libFuzzer's own, written again in the one way it
 * can be: what it has learnt from comparisons and from the dictionary goes in
 * there.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "fuzz/mutator.h"

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size,
			       unsigned int seed);
size_t LLVMFuzzerCustomCrossOver(const u8 *data1, size_t size1, const u8 *data2,
				 size_t size2, u8 *out, size_t max_out,
				 unsigned int seed);
/* The engine's; there is none where AFL++ stands in for it. */
size_t LLVMFuzzerMutate(u8 *data, size_t size, size_t max_size)
	__attribute__((weak));

static struct mutator *mutator(void)
{
	static struct mutator *m;

	if (!m)
		m = mutator_new(fuzz_form());
	if (!m)
		fuzz_broken("no memory for the mutator");
	return m;
}

static bool engine_only(void)
{
	static int only = -1;

	if (only < 0) {
		const char *text = getenv("SVMTORTURE_MUTATOR");

		only = text && !strcmp(text, "engine");
	}
	return only;
}

size_t LLVMFuzzerCustomMutator(u8 *data, size_t size, size_t max_size,
			       unsigned int seed)
{
	if (LLVMFuzzerMutate && (engine_only() || seed % 8 == 0)) {
		size = LLVMFuzzerMutate(data, size, max_size);
		return engine_only() ? size :
		       mutator_canonical(mutator(), data, size, data, max_size);
	}
	return mutator_mutate(mutator(), data, size, data, max_size, seed);
}

size_t LLVMFuzzerCustomCrossOver(const u8 *data1, size_t size1, const u8 *data2,
				 size_t size2, u8 *out, size_t max_out,
				 unsigned int seed)
{
	return mutator_splice(mutator(), data1, size1, data2, size2, out,
			      max_out, seed);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * entry: what a fuzz engine calls. Compiled once for each binary, with
 * FUZZ_NAME its name, FUZZ_TARGET the symbol of its target, and FUZZ_RING 1 if
 * its inputs are entries of the fault ring.
 *
 * libFuzzer, AFL++, honggfuzz and centipede all call these two; where there is
 * none of them, main.c does.
 */
#include "fuzz/fuzz.h"

extern const struct target FUZZ_TARGET;

const struct fuzz_entry fuzz_entry = {
	.name	= FUZZ_NAME,
	.target	= &FUZZ_TARGET,
	.ring	= FUZZ_RING,
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_verbs(*argc, *argv);
	fuzz_check_findings();
	return 0;
}

int LLVMFuzzerTestOneInput(const u8 *bytes, size_t len)
{
	fuzz_run(bytes, len);
	return 0;
}

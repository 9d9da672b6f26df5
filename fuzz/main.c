// SPDX-License-Identifier: GPL-2.0
/*
 * main: replay, for compilers without a fuzz engine: fuzz_<target> FILE...
 *
 * Every file is one input. A failure ends in a trap, as under an engine. Last
 * it says how many there were, for those who know how many there should be; a
 * run of none is vacuous.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"

static int replay(const char *path)
{
	size_t size = FORM_BYTES_MAX + 1, len;
	u8 *bytes = malloc(size);
	FILE *f = fopen(path, "rb");

	if (!bytes || !f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return EXIT_USAGE;
	}
	len = fread(bytes, 1, size, f);
	if (ferror(f) || len == size) {
		fprintf(stderr, "%s: cannot be read, or longer than %d bytes\n",
			path, FORM_BYTES_MAX);
		return EXIT_USAGE;
	}
	fclose(f);
	LLVMFuzzerTestOneInput(bytes, len);
	free(bytes);
	return EXIT_PASS;
}

int main(int argc, char **argv)
{
	int code = EXIT_PASS;

	LLVMFuzzerInitialize(&argc, &argv);
	if (argc < 2) {
		fprintf(stderr, "usage: %s FILE...\n", argv[0]);
		return EXIT_VACUOUS;
	}
	for (int i = 1; i < argc && !code; i++)
		code = replay(argv[i]);
	if (!code)
		printf("%d executed\n", argc - 1);
	return code;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * test: runs the cases of one suite, or those whose name is an argument.
 */
#include "harness/tests/test.h"

jmp_buf test_failed;

static int wanted(const char *name, int argc, char **argv)
{
	if (argc < 2)
		return 1;
	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], name))
			return 1;
	return 0;
}

int test_main(const char *suite, const struct test *tests, int argc, char **argv)
{
	volatile int run = 0, failed = 0, skipped = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (const struct test *volatile t = tests; t->name; t++) {
		if (!wanted(t->name, argc, argv))
			continue;
		if (!t->run) {
			printf("        SKIP %s.%s\n", suite, t->name);
			skipped++;
			continue;
		}
		run++;
		if (setjmp(test_failed)) {
			printf("        FAIL %s.%s\n", suite, t->name);
			failed++;
			continue;
		}
		t->run();
		printf("        PASS %s.%s\n", suite, t->name);
	}
	printf("     Summary %s: %d run: %d passed, %d failed; %d skipped\n",
	       suite, run, run - failed, failed, skipped);
	/* A suite that ran nothing has shown nothing. */
	return failed || !run ? 1 : 0;
}

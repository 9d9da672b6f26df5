/* SPDX-License-Identifier: GPL-2.0 */
/*
 * test.h: unit tests of the harness. A suite is a file, test_<suite>.c, with
 * one explicit array of cases; a case is a claim in the present tense.
 *
 *	static void text_round_trips(void)
 *	{
 *		CHECK_EQ(prog_parse(...), 0);
 *	}
 *	static const struct test tests[] = {
 *		TEST(text_round_trips),
 *		{ NULL, NULL },
 *	};
 *	TEST_MAIN("prog", tests)
 *
 * A failed CHECK ends its case (longjmp), prints both values, and the suite
 * goes on with the next. Exit code 0, or 1 if any failed.
 */
#ifndef HARNESS_TESTS_TEST_H
#define HARNESS_TESTS_TEST_H

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test {
	const char *name;
	void (*run)(void);
};

#define TEST(fn) { #fn, fn }
/* One that this build cannot run; the suite says so and why. */
#define TEST_SKIP(fn, why) { #fn ": " why, NULL }

extern jmp_buf test_failed;

#define CHECK(cond) do {						\
	if (!(cond)) {							\
		printf("%s:%d: %s: CHECK(%s) failed\n", __FILE__,	\
		       __LINE__, __func__, #cond);			\
		longjmp(test_failed, 1);				\
	}								\
} while (0)

#define CHECK_EQ(a, b) do {						\
	long long a_ = (long long)(a), b_ = (long long)(b);		\
	if (a_ != b_) {							\
		printf("%s:%d: %s: %s is %lld, %s is %lld\n", __FILE__,	\
		       __LINE__, __func__, #a, a_, #b, b_);		\
		longjmp(test_failed, 1);				\
	}								\
} while (0)

#define CHECK_STR(a, b) do {						\
	const char *a_ = (a), *b_ = (b);				\
	if (strcmp(a_, b_)) {						\
		printf("%s:%d: %s: %s is\n\"%s\", expected\n\"%s\"\n",	\
		       __FILE__, __LINE__, __func__, #a, a_, b_);	\
		longjmp(test_failed, 1);				\
	}								\
} while (0)

int test_main(const char *suite, const struct test *tests, int argc, char **argv);

#define TEST_MAIN(suite, tests)						\
	int main(int argc, char **argv)					\
	{								\
		return test_main(suite, tests, argc, argv);		\
	}

#endif /* HARNESS_TESTS_TEST_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * asan: what AddressSanitizer sees of the code under test, which runs on stacks
 * it did not make and whose statics lie in a section of our own. Its report is
 * the end of the process, so each body runs in a process of its own: this
 * program again. Built in the asan presets alone.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "harness/tests/asan_bodies.h"
#include "harness/tests/sim_bed.h"

#define SCHEDULES	20

bool journal_judged;

static const struct {
	const char *name;
	void (*run)(void);
} bodies[] = {
	{ "past_machine_static", past_machine_static },
	{ "past_machine_zeroes", past_machine_zeroes },
	{ "past_const_static", past_const_static },
	{ "past_stack_array", past_stack_array },
	{ "after_scope", after_scope },
	{ "after_return", after_return },
	{ "past_allocation", past_allocation },
	{ "after_free", after_free },
};

static void take_turns(void)
{
	LOAD(0);
	LOAD(1);
}

static int run_body(const char *name)
{
	struct bed b = { .nr = 2, .body = { NULL, take_turns } };

	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++)
		if (!strcmp(bodies[i].name, name))
			b.body[0] = bodies[i].run;
	if (!b.body[0])
		return 2;
	bed_setup(&strategy_random, NULL);
	for (u32 i = 0; i < SCHEDULES; i++) {
		bed_run(&b, &strategy_random, i);
		if (result.outcome != RT_DONE)
			return 3;
	}
	return 0;
}

/* Its exit code; what it printed in @said. */
static int in_a_process(const char *settings, const char *body,
			const char *which, char *said, size_t size)
{
	char self[1024], command[1536];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	FILE *f;
	int status;
	size_t n;

	CHECK(len > 0);
	self[len] = 0;
	snprintf(command, sizeof(command), "ASAN_OPTIONS='%s' '%s' --body %s %s 2>&1",
		 settings, self, body, which);
	f = popen(command, "r");
	CHECK(f);
	n = fread(said, 1, size - 1, f);
	said[n] = 0;
	while (n && fread(command, 1, sizeof(command), f))
		;	/* it is not to die of a full pipe */
	status = pclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void is_told(const char *settings, const char *body, const char *as)
{
	static char said[16384];
	char title[128];
	int code;

	code = in_a_process(settings, body, "clear", said, sizeof(said));
	if (code)
		printf("%s\n", said);
	CHECK_EQ(code, 0);
	CHECK_STR(said, "");
	code = in_a_process(settings, body, "astray", said, sizeof(said));
	snprintf(title, sizeof(title), "AddressSanitizer: %s ", as);
	if (!strstr(said, title))
		printf("%s exits %d: %s\n", body, code, said);
	CHECK(code != 0);
	CHECK(strstr(said, title));
	CHECK(strstr(said, "asan_bodies.c"));
}

static void the_end_of_a_static_is_seen(void)
{
	is_told("", "past_machine_static", "global-buffer-overflow");
	is_told("", "past_machine_zeroes", "global-buffer-overflow");
	is_told("", "past_const_static", "global-buffer-overflow");
}

static void the_end_of_an_array_on_a_tasks_stack_is_seen(void)
{
	is_told("", "past_stack_array", "stack-buffer-overflow");
}

static void the_end_of_a_scope_is_seen(void)
{
	is_told("", "after_scope", "stack-use-after-scope");
}

/* clang 14 does not look for it unless asked. */
static void the_end_of_a_function_is_seen_if_asked_for(void)
{
	is_told("detect_stack_use_after_return=1", "after_return",
		"stack-use-after-return");
}

/* The arena is ours: to AddressSanitizer it is poison or it is not. */
static void the_arena_is_seen(void)
{
	is_told("", "past_allocation", "use-after-poison");
	is_told("", "after_free", "use-after-poison");
}

static const struct test tests[] = {
	TEST(the_end_of_a_static_is_seen),
	TEST(the_end_of_an_array_on_a_tasks_stack_is_seen),
	TEST(the_end_of_a_scope_is_seen),
	TEST(the_end_of_a_function_is_seen_if_asked_for),
	TEST(the_arena_is_seen),
	{ NULL, NULL },
};

int main(int argc, char **argv)
{
	if (argc != 4 || strcmp(argv[1], "--body"))
		return test_main("asan", tests, argc, argv);
	astray = !strcmp(argv[3], "astray");
	return run_body(argv[2]);
}

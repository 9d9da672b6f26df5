// SPDX-License-Identifier: GPL-2.0
/*
 * cut: the machine of a unit test of the code under test.
 *
 * It is booted before a test's own boot, each body is a task of the kernel,
 * and what the test's halt leaves running is halted after it; so the body of a
 * test is only what it is about.
 */
#include <stdio.h>
#include <string.h>

#include "harness/tests/cut.h"
#include "targets/kernel/kernel.h"

static const struct folder {
	const char *name;
	const struct cut_test *tests;
} folders[] = {
	{ "kernel", kernel_tests },
	{ "mm", mm_tests },
	{ "mm_page", mm_page_tests },
	{ "mm_notifier", mm_notifier_tests },
	{ "mm_migrate", mm_migrate_tests },
	{ "mm_huge", mm_huge_tests },
	{ "nouveau", nouveau_tests },
	{ "svm_atomic", svm_atomic_tests },
	{ "dmirror", dmirror_tests },
	{ "hmm_mirror", hmm_mirror_tests },
	{ "panthor", panthor_tests },
};

static const struct cut_test *chosen;

void cut_check_failed(const char *expr, const char *func, int line)
{
	journal_emit(EV_bug, (u64)(size_t)expr, (u64)(size_t)func, (u64)line);
	rt_stop();
}

static void body_task(void *arg)
{
	kernel_task_begin("test");
	chosen->body((u32)(size_t)arg);
	kernel_task_end();
}

static void machine_main(void *arg)
{
	const struct cut_test *t = chosen;
	int task[RT_TASKS_MAX];

	kernel_boot(0);
	if (t->boot)
		t->boot();
	for (u32 i = 0; i < t->nr_tasks; i++)
		task[i] = rt_spawn('P', "test", body_task, (void *)(size_t)i);
	rt_go();
	for (u32 i = 0; i < t->nr_tasks; i++)
		rt_join(task[i]);
	kernel_quiesce();
	journal_emit(EV_quiesce, 0, 0, 0);
	oracle_quiesce();
	if (t->halt)
		t->halt();
	kernel_halt();
	journal_emit(EV_end, 0, 0, 0);
	oracle_end();
}

void cut_choose(const struct cut_test *t)
{
	chosen = t;
	memset(mutation_on, 0, M_NR);
	mutation_on[t->mutation] = t->mutation != M_none;
	oracle_setup(t->oracles, t->view);
}

void cut_execute(const struct rt_config *config, struct rt_result *r)
{
	oracle_begin();
	journal_begin();
	rt_engine_run(config, machine_main, NULL, r);
	oracle_outcome(r);
}

static const struct folder *find_folder(const char *name)
{
	for (u32 i = 0; i < ARRAY_SIZE(folders); i++)
		if (!strcmp(name, folders[i].name))
			return &folders[i];
	return NULL;
}

int cut_main(int argc, char **argv,
	     enum cut_verdict (*run)(const struct cut_test *t))
{
	const struct folder *f = argc > 1 ? find_folder(argv[1]) : NULL;
	u32 count[3] = { 0 };

	if (!f || argc > 3) {
		fprintf(stderr, "usage: %s FOLDER [name]; FOLDER is one of", argv[0]);
		for (u32 i = 0; i < ARRAY_SIZE(folders); i++)
			fprintf(stderr, " %s", folders[i].name);
		fputc('\n', stderr);
		return EXIT_USAGE;
	}
	if (rt_engine_init())
		return EXIT_HARNESS;
	for (const struct cut_test *t = f->tests; t->name; t++)
		if (!argv[2] || !strcmp(argv[2], t->name))
			count[run(t)]++;
	printf("%u passed, %u failed, %u skipped\n", count[CUT_PASS],
	       count[CUT_FAIL], count[CUT_SKIP]);
	if (count[CUT_FAIL])
		return EXIT_FINDING;
	return count[CUT_PASS] ? EXIT_PASS : EXIT_VACUOUS;
}

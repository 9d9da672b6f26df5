// SPDX-License-Identifier: GPL-2.0
/*
 * report: a known failure of a little port (report_story.h) is replayed, and
 * its report is compared with what a reader must be shown.
 */
#include <unistd.h>

#include "harness/report/report.h"
#include "harness/tests/report_story.h"
#include "harness/tests/test.h"

static const struct schedule schedule = { .nr = 3, .seg = {
	{ .kind = SEGMENT_UNTIL, .role = 'P', .index = 0, .count = 1,
	  .name = "mutex_lock(svmm->mutex)" },
	{ .kind = SEGMENT_EXIT, .role = 'P', .index = 1 },
	{ .kind = SEGMENT_STEPS, .role = 'P', .index = 0, .count = 1 },
} };

static const struct schedule deadlock = { .nr = 2, .seg = {
	{ .kind = SEGMENT_UNTIL, .role = 'P', .index = 0, .count = 1,
	  .name = "mutex_lock(svmm->mutex)" },
	{ .kind = SEGMENT_BLOCK, .role = 'P', .index = 1 },
} };

static const struct schedule use_after_free = { .nr = 3, .seg = {
	{ .kind = SEGMENT_UNTIL, .role = 'P', .index = 0, .count = 1,
	  .name = "svmm_use(x)" },
	{ .kind = SEGMENT_EXIT, .role = 'P', .index = 1 },
	{ .kind = SEGMENT_STEPS, .role = 'P', .index = 0, .count = 1 },
} };

static const struct schedule nothing;

/* P0 is never heard of again after it was preempted. */
static const struct schedule left_alone = { .nr = 2, .seg = {
	{ .kind = SEGMENT_UNTIL, .role = 'P', .index = 0, .count = 1,
	  .name = "mutex_lock(svmm->mutex)" },
	{ .kind = SEGMENT_STEPS, .role = 'P', .index = 1, .count = 2 },
} };

static const struct schedule others = { .nr = 4, .seg = {
	{ .kind = SEGMENT_EXIT, .role = 'P', .index = 2 },
	{ .kind = SEGMENT_UNTIL, .role = 'P', .index = 0, .count = 1,
	  .name = "mutex_lock(svmm->mutex)" },
	{ .kind = SEGMENT_EXIT, .role = 'P', .index = 1 },
	{ .kind = SEGMENT_STEPS, .role = 'P', .index = 0, .count = 1 },
} };

static struct fixture story = {
	.boot = story_boot,
	.body = { body_gpu_fault, body_munmap },
	.schedule = &schedule,
	.detail = true,
};

static char text[65536];

static int format_story(char letter, u64 value, char *buf, size_t size)
{
	if (letter == 'p')
		return snprintf(buf, size, "page#%llu rw", value);
	return letter == 'v' ? snprintf(buf, size, "%llu", value) : -1;
}

/* Replay; the report is in text. */
static void tell_of(struct fixture *x, enum rt_outcome outcome,
		    const struct oracle *o)
{
	struct report r = {
		.failure = NULL, .result = &x->result, .strategy = "pct:2",
		.mutation = "nv_skip_retry", .seed = 0x2a, .execution = 312,
		.path = "results/stale.svm", .commit = "1a2b3c4d5e6f",
	};
	FILE *out;

	journal_format = format_story;
	oracle_setup(story_oracles, NULL);
	fixture_run(x);
	CHECK_EQ(x->result.outcome, outcome);
	r.failure = oracle_failure();
	CHECK(r.failure && r.failure->oracle == o);
	out = fmemopen(text, sizeof(text), "w");
	report_print(out, &r);
	fclose(out);
}

static void tell(void)
{
	tell_of(&story, RT_STOPPED, &oracle_story);
}

static u32 nr_lines(const char *s)
{
	u32 n = 0;

	for (; (s = strchr(s, '\n')); s++)
		n++;
	return n;
}

/* The line that contains @what, NULL if there is none. */
static const char *line_of(const char *what)
{
	static char line[512];
	const char *p = strstr(text, what), *end;

	if (!p)
		return NULL;
	while (p > text && p[-1] != '\n')
		p--;
	end = strchr(p, '\n');
	snprintf(line, sizeof(line), "%.*s", (int)(end - p), p);
	return line;
}

static void symbols_are_found_by_name_and_file(void)
{
	struct frame f[4];
	u64 pc = U(do_munmap) + 1;

	CHECK(symbol_lookup(pc, f, ARRAY_SIZE(f)) >= 1);
	CHECK_STR(f[0].func, "do_munmap");
	CHECK_STR(f[0].file, "targets/mm/mmap.c");
	CHECK(f[0].line >= 300 && f[0].line < 310);
	/* From the cache, and from another child, it is the same. */
	CHECK_EQ(symbol_lookup(pc, f, 1), 1);
	symbol_close();
	CHECK(symbol_lookup(U(free_page) + 1, f, ARRAY_SIZE(f)) >= 1);
	CHECK_STR(f[0].func, "free_page");
	CHECK(symbol_lookup(1, f, ARRAY_SIZE(f)) >= 1);
	CHECK_STR(f[0].func, "?");
}

static void code_without_a_line_is_of_its_file(void)
{
	struct frame f = { .func = "kfree", .file = "targets/kernel/slab.c" };
	char where[FRAME_WHERE_MAX];

	CHECK_STR(frame_where(&f, where), "targets/kernel/slab.c");
	f.line = 7;
	CHECK_STR(frame_where(&f, where), "targets/kernel/slab.c:7");
}

static void symbolizer_leaves_no_child(void)
{
	struct frame f;
	char path[64];
	FILE *file;

	symbol_lookup(U(gpu_map) + 1, &f, 1);
	symbol_close();
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", getpid());
	file = fopen(path, "r");
	CHECK(!file || fgetc(file) == EOF);
	if (file)
		fclose(file);
}

static void title_is_class_and_two_functions_sorted(void)
{
	char buf[128];

	tell();
	CHECK_STR(report_title(oracle_failure(), buf, sizeof(buf)),
		  "stale-pte in do_munmap / nouveau_range_fault");
	CHECK_STR(report_slug(oracle_failure(), buf, sizeof(buf)),
		  "stale-pte-do_munmap-nouveau_range_fault");
}

static void title_names_one_function_once(void)
{
	char buf[128];

	story_fault_frees = true;
	tell();
	story_fault_frees = false;
	CHECK_STR(report_title(oracle_failure(), buf, sizeof(buf)),
		  "stale-pte in nouveau_range_fault");
	CHECK_STR(report_slug(oracle_failure(), buf, sizeof(buf)),
		  "stale-pte-nouveau_range_fault");
}

static void title_without_a_stack_is_the_class(void)
{
	struct failure f = { .oracle = &oracle_story, .task = -1 };
	char buf[128];

	CHECK_STR(report_title(&f, buf, sizeof(buf)), "stale-pte");
	CHECK_STR(report_slug(&f, buf, sizeof(buf)), "stale-pte");
}

static void report_begins_with_title_text_and_claim(void)
{
	tell();
	CHECK(!strncmp(strchr(text, '\n') + 1,
		"BUG: svmtorture: stale-pte in do_munmap / nouveau_range_fault\n"
		"The GPU maps page#7 at 0x10000 and the page is free.\n"
		"Claim: no device PTE outlives the CPU mapping it was copied from\n",
		180));
	CHECK(strstr(text, "execution 312 of pct:2, seed 0x2a, runtime sim\n"));
	CHECK(strstr(text, ", 1 preemption"));
	CHECK(strstr(text, "commit    1a2b3c4d5e6f\n"));
}

static void marks_stand_at_the_two_events_only(void)
{
	u32 n = 0;

	tell();
	for (const char *p = text; (p = strstr(p, "\n>")); p++)
		n++;
	CHECK_EQ(n, 2);
	/* The marked one; the others are in the stacks and the history. */
	CHECK(strstr(text, "page#7 freed\n"));
	CHECK_EQ(line_of("page#7 freed\n")[0], '>');
	CHECK_EQ(line_of("gpu_map(0x10000 -> page#7 rw)\n")[0], '>');
	CHECK_EQ(line_of("mutex_lock(svmm->mutex)\n")[0], ' ');
}

static void columns_show_depth_and_preemption(void)
{
	const char *p;

	tell();
	CHECK_STR(line_of(" step  P0"),
		  " step  P0 gpu_fault                             P1 munmap");
	p = line_of("--- preempted");
	CHECK_STR(p, "       --- preempted before mutex_lock(svmm->mutex) ---");
	p = line_of("--- exits");
	CHECK_EQ(strspn(p, " "), 48);
	p = line_of("gpu_fault page=0 write");
	CHECK_STR(p + 7, "gpu_fault page=0 write");
	p = line_of("  nouveau_range_fault()\n");
	CHECK_STR(p + 7, "  nouveau_range_fault()");
	p = line_of("gpu_map(0x10000 -> page#7 rw)\n");
	CHECK_STR(p + 7, "    gpu_map(0x10000 -> page#7 rw)");
	p = line_of("page#7 freed\n");
	CHECK_STR(p + 48, "    page#7 freed");
}

static void stacks_end_at_the_op(void)
{
	const char *p;

	tell();
	p = line_of("P0 gpu_fault, at step");
	CHECK(p && strstr(p, "P1 munmap, page#7 freed, step "));
	p = line_of("op gpu_fault");
	CHECK(p && strstr(p, "nouveau/ops.c:"));
	p = line_of("op munmap");
	CHECK(p && strstr(p, "mm/ops.c:"));
	CHECK(!strstr(text, "fixture"));
	CHECK(!strstr(text, "oracle_raise"));
}

static void locks_and_history_are_told(void)
{
	tell();
	CHECK(strstr(text, "1 lock held by P0 gpu_fault:\n"
		     " #0: svmm->mutex, at nouveau_range_fault, since step "));
	CHECK(strstr(text, "no locks held by P1 munmap (exited).\n"));
	CHECK(strstr(text, "page#7: allocated at boot; freed by P1, step "));
}

static void other_tasks_speak_of_the_subject_only(void)
{
	struct fixture x = { .boot = story_boot, .schedule = &others,
			     .body = { body_gpu_fault, body_munmap, body_other },
			     .detail = true };
	const char *p;

	tell_of(&x, RT_STOPPED, &oracle_story);
	p = line_of(" step  P0");
	CHECK(p && !strcmp(p + strlen(p) - 6, "others"));
	CHECK_STR(line_of("P2  copy page#3 -> page#7") + 77,
		  "P2  copy page#3 -> page#7");
	CHECK(!strstr(text, "page#71"));
	CHECK(!strstr(text, "load 0x10000"));
}

static void failure_at_the_end_is_about_the_tasks(void)
{
	struct fixture x = { .boot = story_boot, .body = { body_munmap },
			     .halt = halt_complains, .schedule = &nothing,
			     .detail = true };
	char buf[128];

	tell_of(&x, RT_STOPPED, &oracle_story);
	CHECK_STR(report_title(oracle_failure(), buf, sizeof(buf)),
		  "stale-pte in do_munmap");
	CHECK(strstr(text, "\npage#7 is gone.\n"));
	CHECK_EQ(line_of("page#7 freed\n")[0], '>');
	CHECK(!strstr(text, "M0"));
	CHECK_STR(line_of(" step  "), " step  P0 munmap");
	CHECK(strstr(text, "\nP0 munmap, page#7 freed, step "));
}

static void preemption_for_good_is_named(void)
{
	struct fixture x = { .boot = story_boot, .schedule = &left_alone,
			     .body = { body_gpu_fault, body_uses_freed },
			     .detail = true };

	tell_of(&x, RT_STOPPED, &oracle_use_after_free);
	CHECK_STR(line_of("--- preempted"), "                                    "
		  "            --- preempted before mutex_lock(svmm->mutex) ---");
}

static void deadlock_shows_both_who_wait(void)
{
	struct fixture x = { .boot = story_boot, .schedule = &deadlock,
			     .body = { body_ab, body_ba }, .detail = true };
	char buf[128];

	tell_of(&x, RT_DEADLOCK, &oracle_deadlock);
	CHECK_STR(report_title(oracle_failure(), buf, sizeof(buf)),
		  "deadlock in take_ab / take_ba");
	CHECK(strstr(text, "P0 waits in mutex_lock(svmm->mutex), held by P1"));
	CHECK_STR(line_of("--- waits in mutex_lock(svmm"),
		  "       --- waits in mutex_lock(svmm->mutex), held by P1 ---");
	CHECK_EQ(strspn(line_of("--- waits in mutex_lock(mm"), " "), 48);
	CHECK(!strstr(text, "\n>"));
	CHECK(strstr(text, "1 lock held by P1 ba:\n #0: svmm->mutex, at take_ba"));
	CHECK(strstr(line_of("P0 ab, at step "), "P1 ba, at step "));
}

static void use_after_free_tells_who_made_and_freed(void)
{
	struct fixture x = { .boot = story_boot, .body = { body_uaf, body_free },
			     .schedule = &use_after_free, .detail = true };
	char buf[128];

	tell_of(&x, RT_STOPPED, &oracle_use_after_free);
	CHECK_STR(report_title(oracle_failure(), buf, sizeof(buf)),
		  "use-after-free in nouveau_svmm_fini / nouveau_svmm_use");
	CHECK(strstr(text, "svmm: allocated by P0 in nouveau_svmm_init(), "
		     "targets/nouveau/nouveau_svm.c:"));
	CHECK(strstr(text, "freed by P1 in nouveau_svmm_fini(), "));
	CHECK_EQ(line_of("kfree(svmm)\n")[0], '>');
	CHECK_EQ(line_of("use after free of svmm\n")[0], '>');
}

static void symbols_come_from_addr2line_as_well(void)
{
	char dir[] = "/tmp/test_report.XXXXXX", link[64], *path;
	struct frame f[4];
	u32 n;

	if (access("/usr/bin/addr2line", X_OK))
		return;
	path = strdup(getenv("PATH"));
	CHECK(mkdtemp(dir));
	snprintf(link, sizeof(link), "%s/addr2line", dir);
	CHECK(!symlink("/usr/bin/addr2line", link));
	symbol_close();
	setenv("PATH", dir, 1);
	n = symbol_lookup(U(take_ab) + 2, f, ARRAY_SIZE(f));
	/* Twice, so that the end of an answer is found. */
	symbol_lookup(U(take_ba) + 2, f + 1, 1);
	symbol_close();
	setenv("PATH", path, 1);
	free(path);
	unlink(link);
	rmdir(dir);
	CHECK_EQ(n, 1);
	CHECK_STR(f[0].func, "take_ab");
	CHECK_STR(f[0].file, "targets/nouveau/nouveau_svm.c");
	CHECK_STR(f[1].func, "take_ba");
}

static void symbols_without_a_tool_are_unknown(void)
{
	char *path = strdup(getenv("PATH"));
	struct frame f;
	u32 n;

	symbol_close();
	setenv("PATH", "/nonexistent", 1);
	n = symbol_lookup(U(take_ab) + 3, &f, 1);
	symbol_close();
	setenv("PATH", path, 1);
	free(path);
	CHECK_EQ(n, 1);
	CHECK_STR(f.func, "?");
}

static void commands_name_the_file(void)
{
	tell();
	CHECK(strstr(text, "reproduce   svmtorture replay results/stale.svm\n"));
	CHECK(strstr(text, "commit it   svmtorture shrink results/stale.svm "
		     "--out corpus/repro/nv_skip_retry.svm\n"));
	CHECK(strstr(text, "--stop-at "));
}

static void report_stays_on_one_screen(void)
{
	tell();
	CHECK(!strstr(text, "\n  ...\n"));
	story_loads = 500;
	tell();
	story_loads = 0;
	CHECK(nr_lines(text) <= 70);
	CHECK(strstr(text, "\n  ...\n"));
	CHECK_EQ(line_of("page#7 freed\n")[0], '>');
	CHECK_EQ(line_of("gpu_map(0x10000 -> page#7 rw)\n")[0], '>');
	CHECK(line_of("--- preempted"));
}

/* Twelve hex digits or more in a row would be one. */
static void report_has_no_address(void)
{
	tell();
	for (const char *p = text; (p = strstr(p, "0x")); p += 2)
		CHECK(strspn(p + 2, "0123456789abcdef") < 8);
	CHECK(!strstr(text, "unnamed+"));
}

static void report_is_the_same_again(void)
{
	static char first[sizeof(text)];

	tell();
	strcpy(first, text);
	symbol_close();
	tell();
	CHECK_STR(text, first);
}

static void trace_has_every_row(void)
{
	FILE *out;

	tell();
	out = fmemopen(text, sizeof(text), "w");
	report_trace(out);
	fclose(out);
	CHECK_EQ(nr_lines(text), journal_seq());
	CHECK(line_of("P1  page#7 freed"));
	CHECK(line_of("P0  gpu_map(0x10000 -> page#7 rw)"));
}

static const struct test tests[] = {
	TEST(symbols_are_found_by_name_and_file),
	TEST(code_without_a_line_is_of_its_file),
	TEST(symbolizer_leaves_no_child),
	TEST(title_is_class_and_two_functions_sorted),
	TEST(title_names_one_function_once),
	TEST(title_without_a_stack_is_the_class),
	TEST(report_begins_with_title_text_and_claim),
	TEST(marks_stand_at_the_two_events_only),
	TEST(columns_show_depth_and_preemption),
	TEST(stacks_end_at_the_op),
	TEST(locks_and_history_are_told),
	TEST(other_tasks_speak_of_the_subject_only),
	TEST(failure_at_the_end_is_about_the_tasks),
	TEST(preemption_for_good_is_named),
	TEST(deadlock_shows_both_who_wait),
	TEST(use_after_free_tells_who_made_and_freed),
	TEST(symbols_come_from_addr2line_as_well),
	TEST(symbols_without_a_tool_are_unknown),
	TEST(commands_name_the_file),
	TEST(report_stays_on_one_screen),
	TEST(report_has_no_address),
	TEST(report_is_the_same_again),
	TEST(trace_has_every_row),
	{ NULL, NULL },
};
TEST_MAIN("report", tests)

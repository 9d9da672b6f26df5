// SPDX-License-Identifier: GPL-2.0
/*
 * front_finding: from a failed execution to a reproducer, a report and the
 * command that makes it again; and back.
 *
 * The reproducer is an .svm of target "pthread". It has no program: that is
 * the source file, which the story names. Its schedule is the simplest that
 * the shrinker of exec/ finds, and ends segments at named points where that
 * leads to the failure again, else it counts steps. A loop without points is
 * left as it was found: to see it takes seconds each time.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/exec/file.h"
#include "harness/exec/memory.h"
#include "harness/prog/say.h"
#include "harness/report/report.h"
#include "harness/rt/pthread/front.h"
#include "harness/rt/pthread/front_run.h"

#define NAMES_MAX	10000	/* findings of one title in one folder */
#define COMMAND_SIZE	(8 * CAMPAIGN_PATH_MAX)
/* Steps to spend on a simpler schedule, and on the proof that there is none;
 * and schedules for that. */
#define SIMPLER_STEPS	20000000u
#define PROVE_MAX	5000u

static struct svm svm;

/* The verb and its options, as they have to be to make the same program. */
static void command(const struct front_run *run, const char *path, char *buf)
{
	char quoted[4 * CAMPAIGN_PATH_MAX + 6];
	const struct { bool on; const char *word; } options[] = {
		{ front_options.races, " --races" },
		{ front_options.plain_points, " --plain-points" },
		{ front_options.spurious, " --spurious" },
		{ front_options.fail_malloc, " --fail-malloc" },
	};
	struct out o = { buf, COMMAND_SIZE, 0 };

	prog_say(&o, "svmtorture explore-pthread %s",
		 report_quote(run->source, quoted, sizeof(quoted)));
	for (u32 i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].on)
			prog_say(&o, "%s", options[i].word);
	if (rt_memory != RT_MEMORY_SC)
		prog_say(&o, " --memory %s", memory_name(rt_memory));
	if (run->c.steps_max)
		prog_say(&o, " --steps %u", run->c.steps_max);
	prog_say(&o, " --replay %s", report_quote(path, quoted, sizeof(quoted)));
	for (u32 i = 1; front_arguments[i]; i++)
		prog_say(&o, " --arg %s", report_quote(front_arguments[i], quoted,
						       sizeof(quoted)));
	if (run->flags)
		prog_say(&o, " -- %s", run->flags);
	if (prog_said(&o) < 0)
		strcpy(buf, "(the command is too long to be written here)");
}

static void print_report(const struct front_run *run, const struct rt_result *r,
			 const char *strategy, const char *path, FILE *out)
{
	static char text[COMMAND_SIZE];
	char minimal[SVM_MINIMAL_TEXT_MAX];
	const struct report report = {
		.target = run->c.target,
		.failure = oracle_failure(),
		.result = r,
		.strategy = strategy,
		.mutation = "none",
		.seed = run->x.seed,
		.execution = run->x.index,
		.minimal = svm_minimal_text(&svm, minimal),
		.commit = build_commit,
	};

	report_print(out, &report);
	command(run, path, text);
	fprintf(out, "reproduce   %s\n", text);
}

/* Does the schedule lead there again? Leaves that execution to be looked at. */
static bool leads(const struct front_run *run, struct rt_result *r,
		  const struct oracle *expected)
{
	struct exec x = run->x;

	x.strategy = &strategy_replay;
	x.schedule = &svm.schedule;
	x.detail = true;
	exec_run(&x, r);
	return r->outcome != RT_DIVERGED && oracle_failure() &&
	       oracle_failure()->oracle == expected;
}

static void tell_story(const struct front_run *run, const char *text)
{
	const struct strategy *s = run->c.strategy;

	snprintf(svm.story, sizeof(svm.story),
		 "%.300s\n\nProgram: %.1000s\nOptions:%s%s%s%s -- %.1000s\n"
		 "Found by execution %llu of %.64s%s%s, seed 0x%llx.\n",
		 text, run->source, front_options.races ? " --races" : "",
		 front_options.plain_points ? " --plain-points" : "",
		 front_options.spurious ? " --spurious" : "",
		 front_options.fail_malloc ? " --fail-malloc" : "",
		 run->flags ? run->flags : "", run->x.index,
		 run->c.strategy_text, s->ran ? ": " : "", s->ran ? s->ran() : "",
		 run->c.seed);
}

/* The first name that is free, or that has it already. */
static int write_svm(const struct front_run *run, const char *slug, char *path)
{
	const char *base = strrchr(run->source, '/');
	size_t len;
	char *text = svm_text(&svm, &len);
	int result = -1;

	base = base ? base + 1 : run->source;
	for (u32 n = 1; text && n < NAMES_MAX; n++) {
		int at = snprintf(path, CAMPAIGN_PATH_MAX, "%s/%.*s-%s",
				  run->c.out, (int)strcspn(base, "."), base,
				  slug);

		snprintf(path + at, CAMPAIGN_PATH_MAX - (size_t)at,
			 n > 1 ? "-%u.svm" : ".svm", n);
		result = file_write_new(path, text, len);
		if (!result || errno != EEXIST)
			break;
		if (file_holds(path, text, len)) {
			result = 0;
			break;
		}
	}
	if (result)
		fprintf(stderr, "HARNESS: %s: cannot write: %s\n", path,
			strerror(errno));
	free(text);
	return result;
}

static void write_report(const struct front_run *run, const struct rt_result *r,
			 const char *svm_path)
{
	char path[CAMPAIGN_PATH_MAX + 8];
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	if (!f) {
		perror("HARNESS: report");
		return;
	}
	print_report(run, r, run->c.strategy_text, svm_path, f);
	fclose(f);
	snprintf(path, sizeof(path), "%.*s.report",
		 (int)(strlen(svm_path) - strlen(".svm")), svm_path);
	if (file_write(path, text, len))
		fprintf(stderr, "HARNESS: %s: cannot write: %s\n", path,
			strerror(errno));
	fwrite(text, 1, len, stdout);
	fflush(stdout);
	free(text);
}

static int simplify(const struct front_run *run, const struct rt_result *r)
{
	u32 most = SIMPLER_STEPS / (r->steps + 1) + 1;
	u32 tries = run->tries < most ? run->tries : most;
	u64 outlived = front_outlived;
	struct shrink_stats st;
	int failed;

	if (!tries || r->hung)
		return 0;
	failed = shrink(&svm, tries, PROVE_MAX < most ? PROVE_MAX : most, &st);
	front_outlived = outlived;
	if (failed)
		return -1;
	fprintf(stderr, "simpler: preemptions %u (from %u), steps %u (from %u), executions %u\n",
		st.preemptions_after, st.preemptions_before, st.steps_after,
		st.steps_before, st.tries);
	return 0;
}

/* The failure again, in detail, by a schedule that is to be written down. */
static int settle(const struct front_run *run, struct rt_result *r,
		  const struct oracle *class)
{
	if (!leads(run, r, class)) {
		fprintf(stderr, "note: the points on the way have no names of their own; the schedule counts steps\n");
		rt_export_schedule(&svm.schedule, false);
		if (!leads(run, r, class))
			return -1;
	}
	tell_story(run, oracle_failure()->text);
	return simplify(run, r) || !leads(run, r, class) ? -1 : 0;
}

int front_finding(const struct front_run *run, const struct rt_result *r,
		  struct tally *tally)
{
	const struct oracle *class = oracle_failure()->oracle;
	struct rt_result again = *r;
	char slug[140];

	if (exec_again(&run->x, r, &svm.schedule, true))
		return EXIT_HARNESS;
	svm.target = run->c.target;
	svm.expect = class;
	svm.memory = rt_memory;
	svm.has_schedule = true;
	svm.program.nr_tasks = 1;
	if (settle(run, &again, class)) {
		fprintf(stderr, "HARNESS: not deterministic: the schedule does not lead to the failure again\n");
		return EXIT_HARNESS;
	}
	report_title(oracle_failure(), tally->title, sizeof(tally->title));
	report_slug(oracle_failure(), slug, sizeof(slug));
	tally->written = !write_svm(run, slug, tally->path);
	write_report(run, &again, tally->path);
	fprintf(stderr, "finding: %s\n", tally->title);
	if (tally->written)
		fprintf(stderr, "written: %s\n", tally->path);
	return tally->written ? EXIT_FINDING : EXIT_HARNESS;
}

int front_replay(struct front_run *run)
{
	struct rt_result r;

	if (svm_read(run->replay, &svm))
		return EXIT_USAGE;
	if (!svm.has_schedule) {
		fprintf(stderr, "%s: no schedule to follow\n", run->replay);
		return EXIT_USAGE;
	}
	rt_memory = svm.memory;
	run->x.strategy = &strategy_replay;
	run->x.schedule = &svm.schedule;
	run->x.detail = true;
	exec_run(&run->x, &r);
	if (r.outcome == RT_DIVERGED) {
		fprintf(stderr, "HARNESS: the schedule cannot be followed: %s\n",
			r.diverged);
		return EXIT_HARNESS;
	}
	if (run->trace)
		report_trace(stdout);
	if (!oracle_failure()) {
		fprintf(stderr, "passed\n");
		return EXIT_PASS;
	}
	print_report(run, &r, "replay", run->replay, stdout);
	return EXIT_FINDING;
}

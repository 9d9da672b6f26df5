// SPDX-License-Identifier: GPL-2.0
/*
 * finding: from a failed execution to two files and a screen.
 *
 * In sim the execution is made again from its recorded schedule with words and
 * stacks on; the failure must be the very same, else the harness itself is
 * broken. In native there is no second time: the report is of what was seen,
 * and the reproducer has the program without a schedule.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/campaign/campaign.h"
#include "harness/exec/faults.h"
#include "harness/exec/memory.h"
#include "harness/exec/file.h"
#include "harness/report/report.h"

#define NAMES_MAX	10000	/* findings of one title in one folder */
#define SLUG_MAX	160
#define PROCESS_MAX	48

/* Too large for a stack; one finding a process. */
static struct svm finding_svm;

static void fill_svm(const struct campaign *c, const struct tally *tally,
		     const struct program *p, const struct oracle *oracle,
		     const char *text)
{
	const struct strategy *s = c->strategy;
	const char *ran = s && s->ran ? s->ran() : NULL;
	struct svm *svm = &finding_svm;

	snprintf(svm->story, sizeof(svm->story),
		 "%s\n\nFound by execution %llu of %s%s%s, seed 0x%llx.\n", text,
		 tally->index, c->strategy_text ? c->strategy_text : "native threads",
		 ran ? ": " : "", ran ? ran : "", c->seed);
	svm->target = c->target;
	svm->original = !strcmp(c->mutate, "original");
	svm->mutation = svm->original ? M_none : mutation_find(c->mutate);
	svm->expect = oracle;
	strcpy(svm->points, tally->points);
	strcpy(svm->needs, (tally->points[0] && !&points_ground) ||
	       oracle == &oracle_data_race ? "race" : "");
	svm->fail_alloc = tally->fail_alloc;
	svm->faults = c->faults;
	svm->memory = c->memory;
	svm->program = *p;
}

/* Of several, the process that made it, for what a strategy has learnt there. */
static const char *process_option(const struct campaign *c, u64 index,
				  char buf[PROCESS_MAX])
{
	u32 nr = campaign_processes(c);

	buf[0] = 0;
	if (nr > 1)
		snprintf(buf, PROCESS_MAX, " --shard %u/%u",
			 campaign_process(c, index), nr);
	return buf;
}

/* A command that makes the finding again: of a schedule that was too long for
 * the file, the campaign up to it. */
static void say_command(const struct campaign *c, const struct tally *tally)
{
	char faults[FAULTS_TEXT_MAX];
	char path[4 * CAMPAIGN_PATH_MAX + 6];
	char shard[PROCESS_MAX];

	fprintf(stderr, "Reproduce with: %s ", report_program());
	if (!rt_deterministic || finding_svm.has_schedule) {
		fputs("replay", stderr);
	} else {
		fprintf(stderr, "run --target %s --strategy %s --seed 0x%llx --executions %llu --mutate %s",
			c->target->name, c->strategy_text, c->seed,
			tally->index + 1, c->mutate);
		fputs(process_option(c, tally->index, shard), stderr);
		if (tally->fail_alloc)
			fprintf(stderr, " --fail-alloc %u", tally->fail_alloc);
		if (c->faults)
			fprintf(stderr, " --faults %s",
				faults_print(c->faults, faults));
		if (c->memory != RT_MEMORY_SC)
			fprintf(stderr, " --memory %s", memory_name(c->memory));
		if (c->program_path)
			fprintf(stderr, " --program %s",
				report_quote(c->program_path, path, sizeof(path)));
	}
	/* Another bound is another verdict on progress. */
	if (c->steps_max)
		fprintf(stderr, " --steps %u", c->steps_max);
	if (!rt_deterministic || finding_svm.has_schedule)
		fprintf(stderr, " %s", report_quote(tally->path, path,
						    sizeof(path)));
	fputc('\n', stderr);
}

static void announce(const struct campaign *c, const struct tally *tally)
{
	fprintf(stderr, "finding: %s\n", tally->title);
	if (!tally->written)
		return;
	fprintf(stderr, "written: %s\n", tally->path);
	say_command(c, tally);
}

/*
 * Write finding_svm under the first name that is free, or that has it already;
 * the name goes to @path. 0, or -1 with a message.
 */
static int write_svm(const struct campaign *c, const char *slug, char *path)
{
	size_t len;
	char *text = svm_text(&finding_svm, &len);
	int result = -1;

	snprintf(path, CAMPAIGN_PATH_MAX, "%s/%s.svm", c->out, slug);
	for (u32 n = 2; text && n < NAMES_MAX; n++) {
		result = file_write_new(path, text, len);
		if (!result || errno != EEXIST)
			break;
		if (file_holds(path, text, len)) {
			result = 0;
			break;
		}
		snprintf(path, CAMPAIGN_PATH_MAX, "%s/%s-%u.svm", c->out, slug,
			 n);
	}
	if (result)
		fprintf(stderr, "HARNESS: %s: cannot write: %s\n", path,
			strerror(errno));
	free(text);
	return result;
}

/* The report beside @svm_path, and on the screen. */
static void write_report(const struct campaign *c, const struct report *report,
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
	report_print(f, report);
	fclose(f);
	snprintf(path, sizeof(path), "%.*s.report",
		 (int)(strlen(svm_path) - strlen(".svm")), svm_path);
	if (c->out && file_write(path, text, len))
		fprintf(stderr, "HARNESS: %s: cannot write: %s\n", path,
			strerror(errno));
	if (!c->json)
		fwrite(text, 1, len, stdout);
	fflush(stdout);
	free(text);
}

/* A schedule that is cut proves nothing: the file goes without, and says how
 * to make the execution again. */
static void check_schedule(const struct campaign *c, const struct exec *x)
{
	struct svm *svm = &finding_svm;
	char shard[PROCESS_MAX];
	size_t n = strlen(svm->story);

	if (!svm->has_schedule || !svm->schedule.cut)
		return;
	svm->has_schedule = false;
	fprintf(stderr, "the schedule has more than %d segments and is not in the file\n",
		SCHEDULE_SEGMENTS_MAX);
	snprintf(svm->story + n, sizeof(svm->story) - n,
		 "Its schedule has more than %d segments and is not here: run with the\n"
		 "strategy and seed above and --executions %llu%s makes it again; replay and\n"
		 "shrink of this file search for another.\n",
		 SCHEDULE_SEGMENTS_MAX, x->index + 1,
		 process_option(c, x->index, shard));
}

int campaign_finding(const struct campaign *c, const struct exec *x,
		     const struct rt_result *r, struct tally *tally)
{
	const struct failure *f = oracle_failure();
	struct report report = {
		.target = c->target,
		.program = x->program,
		.failure = f,
		.result = r,
		.strategy = c->strategy_text,
		.mutation = c->mutate,
		.seed = c->seed,
		.execution = x->index,
		.path = c->out ? tally->path : NULL,
		.commit = build_commit,
	};
	char slug[SLUG_MAX - 16];

	finding_svm.has_schedule = rt_deterministic;
	if (rt_deterministic && exec_again(x, r, &finding_svm.schedule, false))
		return EXIT_HARNESS;
	fill_svm(c, tally, x->program, f->oracle, f->text);
	check_schedule(c, x);
	snprintf(tally->class, sizeof(tally->class), "%s", f->oracle->name);
	report_title(f, tally->title, sizeof(tally->title));
	report_slug(f, slug, sizeof(slug));

	/* The reproducer before the report, and that on the screen whatever
	 * the disk says: neither takes the other with it. */
	tally->written = c->out && !write_svm(c, slug, tally->path);
	write_report(c, &report, tally->path);
	announce(c, tally);
	if (f->oracle->uncovered)
		return EXIT_HARNESS;
	return tally->written || !c->out ? EXIT_FINDING : EXIT_HARNESS;
}

int campaign_lost_finding(const struct campaign *c, struct tally *tally,
			  const struct oracle *oracle, const char *text)
{
	static struct program storage;
	const struct program *p = campaign_program(c, tally->program, &storage);
	char slug[SLUG_MAX - 16];

	fill_svm(c, tally, p, oracle, text);
	finding_svm.has_schedule = false;
	snprintf(tally->class, sizeof(tally->class), "%s", oracle->name);
	snprintf(tally->title, sizeof(tally->title), "%s in %s", oracle->name,
		 c->target->name);
	snprintf(slug, sizeof(slug), "%s-%s", oracle->name, c->target->name);
	if (!c->json)
		printf("BUG: svmtorture: %s\n%s\n", tally->title, text);
	fflush(stdout);
	tally->written = !write_svm(c, slug, tally->path);
	announce(c, tally);
	return tally->written ? EXIT_FINDING : EXIT_HARNESS;
}

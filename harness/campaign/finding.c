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
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/campaign/campaign.h"
#include "harness/report/report.h"

static int make_folder(const char *path)
{
	char buf[512];

	snprintf(buf, sizeof(buf), "%s", path);
	for (char *p = buf + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = 0;
		if (mkdir(buf, 0777) && errno != EEXIST)
			return -1;
		*p = '/';
	}
	return mkdir(buf, 0777) && errno != EEXIST ? -1 : 0;
}

int campaign_check_out(const struct campaign *c)
{
	if (!make_folder(c->out) && !access(c->out, W_OK | X_OK))
		return 0;
	fprintf(stderr, "svmtorture: %s: findings cannot be written there: %s\n",
		c->out, strerror(errno));
	return -1;
}

/* Too large for a stack; one finding a process. */
static struct svm finding_svm;

static void fill_svm(const struct campaign *c, const struct program *p,
		     const struct oracle *oracle, const char *text, u64 index)
{
	struct svm *svm = &finding_svm;

	snprintf(svm->story, sizeof(svm->story),
		 "%s\n\nFound by execution %llu of %s, seed 0x%llx.\n", text,
		 index, c->strategy_text ? c->strategy_text : "native threads",
		 c->seed);
	svm->target = c->target;
	svm->original = !strcmp(c->mutate, "original");
	svm->mutation = svm->original ? M_none : mutation_find(c->mutate);
	svm->expect = oracle;
	svm->needs[0] = 0;
	svm->program = *p;
}

static void announce(const struct tally *tally)
{
	fprintf(stderr, "finding: %s\nwritten: %s\nReproduce with: %s replay %s\n",
		tally->title, tally->path,
		rt_deterministic ? "svmtorture" : "svmtorture-native",
		tally->path);
}

static int write_report(const struct report *report, const char *path)
{
	FILE *f = fopen(path, "w");

	if (!f) {
		fprintf(stderr, "svmtorture: %s: %s\n", path, strerror(errno));
		return -1;
	}
	report_print(f, report);
	if (ferror(f) | fclose(f)) {
		fprintf(stderr, "svmtorture: %s: cannot write\n", path);
		remove(path);
		return -1;
	}
	return 0;
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
		.path = tally->path,
		.commit = build_commit,
	};
	char slug[128], path[640];
	bool failed = false;

	finding_svm.has_schedule = rt_deterministic;
	if (rt_deterministic && exec_again(x, r, &finding_svm.schedule, false))
		return EXIT_HARNESS;
	fill_svm(c, x->program, f->oracle, f->text, x->index);
	snprintf(tally->class, sizeof(tally->class), "%s", f->oracle->name);
	report_title(f, tally->title, sizeof(tally->title));
	report_slug(f, slug, sizeof(slug));
	snprintf(tally->path, sizeof(tally->path), "%s/%s.svm", c->out, slug);
	snprintf(path, sizeof(path), "%s/%s.report", c->out, slug);

	/* The screen first: a full disk must not take the finding with it. */
	if (!c->json)
		report_print(stdout, &report);
	fflush(stdout);
	failed |= svm_write(tally->path, &finding_svm) != 0;
	failed |= write_report(&report, path) != 0;
	if (failed)
		return EXIT_HARNESS;
	announce(tally);
	return EXIT_FINDING;
}

int campaign_lost_finding(const struct campaign *c, struct tally *tally,
			  const struct oracle *oracle, const char *text)
{
	static struct program storage;
	const struct program *p = campaign_program(c, tally->index, &storage);

	fill_svm(c, p, oracle, text, tally->index);
	finding_svm.has_schedule = false;
	snprintf(tally->class, sizeof(tally->class), "%s", oracle->name);
	snprintf(tally->title, sizeof(tally->title), "%s in %s", oracle->name,
		 c->target->name);
	snprintf(tally->path, sizeof(tally->path), "%s/%s-%s.svm", c->out,
		 oracle->name, c->target->name);
	if (!c->json)
		printf("BUG: svmtorture: %s\n%s\n", tally->title, text);
	if (svm_write(tally->path, &finding_svm))
		return EXIT_HARNESS;
	announce(tally);
	return EXIT_FINDING;
}

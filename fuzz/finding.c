// SPDX-License-Identifier: GPL-2.0
/*
 * finding: what a fuzz entry does about a failure.
 *
 * The report goes to stdout, and the reproducer to $SVMTORTURE_FINDINGS, as
 * from a campaign. Then one line in the form of glibc's assert(), since that is
 * what ClusterFuzz and its like read a title from, and a trap: abort() would
 * give all findings one stack.
 *
 * What cannot be written ends in the trap all the same: the engine has the input
 * then, and an exit would leave it with nothing.
 *
 * A report needs a symbolizer, for as long as a thousand executions take. Under
 * afl-fuzz, which runs into the same bug again and again and makes do with the
 * input, there is none unless a folder for it is named.
 *
 * Under AddressSanitizer its own report comes first and ends the process; the
 * reproducer is written before that.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "harness/campaign/campaign.h"
#include "harness/exec/file.h"
#include "harness/report/internal.h"
#include "harness/report/report.h"
#include "harness/sanitize.h"

static struct tally tally;

void fuzz_broken(const char *what)
{
	fprintf(stderr, "HARNESS: fuzz_%s: %s\n", fuzz_entry.name, what);
	/* AFL++ minds no exit code: there it has to be a crash to be seen. */
	if (getenv("__AFL_SHM_ID"))
		abort();
	fflush(NULL);
	_exit(EXIT_HARNESS);
}

static struct campaign campaign(const char *name)
{
	const char *mutate = getenv("SVMTORTURE_MUTATE");

	return (struct campaign){
		.target = fuzz_entry.target,
		.strategy = &strategy_fuzz,
		.strategy_text = name,
		.mutate = mutate ? mutate : "none",
		.out = getenv("SVMTORTURE_FINDINGS"),
		.steps_max = fuzz_exec.steps_max,
		.faults = fuzz_faults,
	};
}

void fuzz_check_findings(void)
{
	struct campaign c = campaign(NULL);
	char path[CAMPAIGN_PATH_MAX + 64];

	if (!c.out)
		return;
	if (campaign_check_out(&c))
		fuzz_broken("SVMTORTURE_FINDINGS cannot be made");
	/* There are folders that say yes and take nothing. */
	snprintf(path, sizeof(path), "%s/fuzz_%s.%d.probe", c.out,
		 fuzz_entry.name, (int)getpid());
	if (file_write(path, "", 0)) {
		perror(path);
		fuzz_broken("SVMTORTURE_FINDINGS cannot be written");
	}
	unlink(path);
}

/* Where it was raised: the function of the code under test, as in the title. */
static void print_line(const struct failure *f)
{
	const struct frame *fn;
	struct stack s;

	/* What was found at rest was done by somebody before. */
	stack_of_failure(f, &s);
	if (failure_at_rest(f) || !stack_function(&s))
		stack_of_event(journal_event(f->other), &s);
	fn = stack_function(&s);
	fprintf(stderr, "%s:%u: %s: Assertion '%s' failed.\n",
		fn ? fn->file : "targets", fn ? fn->line : 0,
		fn ? fn->func : "none", tally.title);
}

static bool wants_report(void)
{
	const char *report = getenv("SVMTORTURE_REPORT");

	if (getenv("SVMTORTURE_FINDINGS"))
		return true;
	return !getenv("__AFL_SHM_ID") && (!report || strcmp(report, "none"));
}

void fuzz_finding(const struct exec *x, const struct rt_result *r)
{
	char name[64];
	struct campaign c;

	if (!wants_report())
		__builtin_trap();
	snprintf(name, sizeof(name), "fuzz_%s", fuzz_entry.name);
	c = campaign(name);
	tally.index = x->index;
	/* It may have gone since. */
	if (c.out)
		campaign_check_out(&c);
	if (campaign_finding(&c, x, r, &tally) != EXIT_FINDING)
		fprintf(stderr, "HARNESS: %s: this finding is not in SVMTORTURE_FINDINGS; keep the input\n",
			name);
	fflush(stdout);
	if (tally.title[0])
		print_line(oracle_failure());
	symbol_close();
	__builtin_trap();
}

#if SANITIZE_ADDRESS
void __asan_on_error(void);

/* In the middle of an execution: what was decided so far is its schedule. */
void __asan_on_error(void)
{
	static struct svm svm;
	const char *out = getenv("SVMTORTURE_FINDINGS");
	struct campaign c = campaign("AddressSanitizer");
	char path[CAMPAIGN_PATH_MAX];

	if (!out || !fuzz_exec.program || campaign_check_out(&c))
		return;
	snprintf(svm.story, sizeof(svm.story),
		 "AddressSanitizer ended this execution.\n");
	svm.target = c.target;
	svm.mutation = mutation_find(c.mutate);
	svm.original = !strcmp(c.mutate, "original");
	svm.expect = &oracle_use_after_free;
	svm.faults = c.faults;
	svm.program = *fuzz_exec.program;
	svm.has_schedule = true;
	rt_export_schedule(&svm.schedule, false);
	snprintf(path, sizeof(path), "%s/asan-%s-%llu.svm", out,
		 fuzz_entry.name, fuzz_exec.index);
	if (!svm_write(path, &svm))
		fprintf(stderr, "written: %s\n", path);
}
#endif

// SPDX-License-Identifier: GPL-2.0
/*
 * report: a failure on one screen, in order of use: what it is called, what
 * was seen, what should have held; where it came from; the interleaving; both
 * stacks; the locks; the object's life; and the commands to go on with.
 *
 * Everything is told by name. The same failure prints the same report on
 * every machine, so that reports can be compared (scripts/golden).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/exec/file.h"
#include "harness/report/internal.h"

static void rule(FILE *out)
{
	for (int i = 0; i < REPORT_WIDTH; i++)
		fputc('=', out);
	fputc('\n', out);
}

static const char *plural(u32 n)
{
	return n == 1 ? "" : "s";
}

static void origin_print(FILE *out, const struct report *r)
{
	const struct rt_result *res = r->result;
	char line[160];

	snprintf(line, sizeof(line), "execution %llu%s%s, seed 0x%llx, runtime %s",
		 r->execution, r->strategy && rt_deterministic ? " of " : "",
		 r->strategy && rt_deterministic ? r->strategy : "", r->seed,
		 rt_runtime_name);
	fprintf(out, "target    %-22s %s\n",
		r->target ? r->target->name : "-", line);
	fprintf(out, "mutation  %-22s %u step%s",
		r->mutation ? r->mutation : "none", res->steps,
		plural(res->steps));
	if (rt_deterministic)
		fprintf(out, ", %u preemption%s", res->preemptions,
			plural(res->preemptions));
	if (r->program) {
		u32 calls = prog_nr_calls(r->program);

		fprintf(out, ", %u task%s, %u call%s", r->program->nr_tasks,
			plural(r->program->nr_tasks), calls, plural(calls));
		if (r->calls_shrunk_from)
			fprintf(out, " (shrunk from %u)", r->calls_shrunk_from);
	}
	fputc('\n', out);
	if (r->minimal)
		fprintf(out, "schedule  %s\n", r->minimal);
	if (!rt_deterministic)
		fprintf(out, "runtime native: order is as observed; the seed "
			"does not reproduce it\n");
	if (r->commit)
		fprintf(out, "commit    %s\n", r->commit);
	fputc('\n', out);
}

const char *report_program(void)
{
	const char *named = getenv("SVMTORTURE_PROGRAM");

	return named ? named : rt_deterministic ? "svmtorture" :
						  "svmtorture-native";
}

/* What gdb runs: not a script that stands before the program. */
static const char *debugged(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);

	if (!getenv("SVMTORTURE_PROGRAM") || n <= 0)
		return report_program();
	buf[n] = '\0';
	return buf;
}

static void commands_print(FILE *out, const struct report *r)
{
	const char *program = report_program();
	char exe[FILE_PATH_MAX];
	char commit[160], slug[160], path[4 * FILE_PATH_MAX + 6];

	if (!r->path)
		return;
	report_quote(r->path, path, sizeof(path));
	if (r->mutation && strcmp(r->mutation, "none"))
		snprintf(commit, sizeof(commit), "%s", r->mutation);
	else
		snprintf(commit, sizeof(commit), "found/%.150s",
			 report_slug(r->failure, slug, sizeof(slug)));
	fprintf(out, "reproduce   %s replay %s\n", program, path);
	fprintf(out, "every step  %s replay --trace %s\n", program, path);
	if (rt_deterministic) {
		fprintf(out, "debugger    gdb --args %s replay --stop-at %u %s\n",
			debugged(exe, sizeof(exe)), r->result->steps, path);
		fprintf(out, "commit it   %s shrink %s --out corpus/repro/%s.svm\n",
			program, path, commit);
	}
}

void report_print(FILE *out, const struct report *r)
{
	const struct failure *f = r->failure;
	struct sides sides;
	char title[200];
	int at = 0;

	sides_find(r, &sides);
	rule(out);
	fprintf(out, "BUG: svmtorture: %s\n",
		report_title(f, title, sizeof(title)));
	paragraph_put(out, &at, 0, f->words[0] ? f->words : f->text);
	fprintf(out, "\nClaim: ");
	at = strlen("Claim: ");
	paragraph_put(out, &at, at, f->oracle->claim);
	fprintf(out, "\n\n");
	origin_print(out, r);
	columns_print(out, r, &sides);
	fputc('\n', out);
	stacks_print(out, r, &sides);
	locks_print(out, r, &sides);
	history_print(out, r);
	commands_print(out, r);
	rule(out);
}

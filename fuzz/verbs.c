// SPDX-License-Identifier: GPL-2.0
/*
 * verbs: what a fuzz binary does for scripts, in place of fuzzing. Whatever its
 * engine, it knows its own bytes; the table at the end says what it does with
 * them. Schedules of names are resolved by replay, as `svmtorture convert` does.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz/verbs.h"
#include "harness/exec/convert.h"
#include "harness/exec/file.h"

static struct svm svm;
static u8 input[CONVERT_BYTES_MAX];

static void need(bool ok, const char *path, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", path, what);
	_exit(EXIT_USAGE);
}

size_t verbs_read(const char *path, u8 **bytes)
{
	FILE *f = fopen(path, "rb");
	size_t len;

	need(f, path, strerror(errno));
	len = fread(input, 1, sizeof(input), f);
	need(!ferror(f) && len < sizeof(input), path, "is too long");
	fclose(f);
	*bytes = input;
	return len;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool same_calls(const struct program *a, const struct program *b)
{
	if (a->nr_tasks != b->nr_tasks)
		return false;
	for (u32 i = 0; i < a->nr_tasks; i++) {
		const struct prog_task *k = &a->task[i], *l = &b->task[i];

		if (k->nr_calls != l->nr_calls)
			return false;
		for (u32 j = 0; j < k->nr_calls; j++)
			if (k->call[j].op != l->call[j].op ||
			    memcmp(k->call[j].arg, l->call[j].arg,
				   sizeof(k->call[j].arg)))
				return false;
	}
	return true;
}

/*
 * One file. What an entry would not execute as it stands here has no byte form:
 * stories claim things, and a ring's program is fixed. With --loose in front
 * that is left out of the input.
 */
static void encode(const char *path, const char *dir, bool loose)
{
	const struct form *f = fuzz_form();
	static struct program whole;
	char to[FILE_PATH_MAX];
	const char *name = base_name(path);
	int n;

	need(!svm_read(path, &svm), path, "is no reproducer");
	need(svm.target == fuzz_entry.target, path, "is of another target");
	need(!convert_resolve(&svm), path, "has a schedule that cannot be followed");
	if (!svm.has_schedule)
		svm.schedule.nr = 0;
	whole = svm.program;
	n = form_encode(f, &whole, &svm.schedule, input, sizeof(input));
	need(n > 0, path, "has no byte form");
	form_decode(f, input, (size_t)n, &svm.program, &svm.schedule);
	if (!loose && !same_calls(&whole, &svm.program)) {
		fprintf(stderr, "%s: skipped: has calls that no input has\n", path);
		_exit(EXIT_VACUOUS);
	}
	n = form_encode(f, &svm.program, &svm.schedule, input, sizeof(input));
	snprintf(to, sizeof(to), "%s/%.*s", dir,
		 (int)(strlen(name) - strlen(".svm")), name);
	if (n <= 0 || file_write(to, (char *)input, (size_t)n))
		fuzz_broken("an input cannot be written");
}

static int encode_all(int argc, char **argv)
{
	bool loose = argc > 0 && !strcmp(argv[0], "--loose");

	argc -= loose;
	argv += loose;
	need(argc > 1, "--encode", "DIR and FILE.svm are needed");
	for (int i = 1; i < argc; i++)
		encode(argv[i], argv[0], loose);
	printf("%d encoded\n", argc - 1);
	return EXIT_PASS;
}

/*
 * Executed, since only then is it known what of a schedule could be followed:
 * the text has all that was decided, and replays to the letter.
 */
static int decode(int argc, char **argv)
{
	const char *mutate = getenv("SVMTORTURE_MUTATE");
	struct rt_result r;
	char *text;
	size_t len;
	u8 *bytes;

	need(argc == 1, "--decode", "one FILE is needed");
	len = verbs_read(argv[0], &bytes);
	fuzz_execute(bytes, len, &r);
	rt_export_schedule(&svm.schedule, false);
	svm.target = fuzz_entry.target;
	svm.program = *fuzz_exec.program;
	svm.original = mutate && !strcmp(mutate, "original");
	svm.mutation = mutate && !svm.original ? mutation_find(mutate) : M_none;
	svm.expect = oracle_failure() ? oracle_failure()->oracle : NULL;
	svm.faults = fuzz_faults;
	svm.has_schedule = !svm.schedule.cut && svm.schedule.nr;
	snprintf(svm.story, sizeof(svm.story), "An input of fuzz_%s.\n",
		 fuzz_entry.name);
	text = svm_text(&svm, &len);
	if (!text)
		fuzz_broken("no memory for a text");
	fputs(text, stdout);
	free(text);
	return EXIT_PASS;
}

static int canonical(int argc, char **argv)
{
	const struct form *f = fuzz_form();

	need(argc > 0, "--canonical", "FILE is needed");
	for (int i = 0; i < argc; i++) {
		u8 *bytes;
		size_t len = verbs_read(argv[i], &bytes);
		int n;

		form_decode(f, bytes, len, &svm.program, &svm.schedule);
		n = form_encode(f, &svm.program, &svm.schedule, input,
				sizeof(input));
		if (n <= 0 || file_write(argv[i], (char *)input, (size_t)n))
			fuzz_broken("an input cannot be written");
	}
	return EXIT_PASS;
}

static void list_missing(void)
{
	const u16 *must = fuzz_entry.target->must_see;

	for (; must && *must; must++)
		if (!journal_count[*must])
			printf(" %s", event_defs[*must].name);
}

/* A failure is a finding here as well. */
static int look(int argc, char **argv)
{
	u32 switches, reads;

	fuzz_form();
	memset(journal_count, 0, sizeof(journal_count));
	need(argc > 0, "--look", "FILE is needed");
	feedback_setup("switches,reads");
	for (int i = 0; i < argc; i++) {
		u8 *bytes;
		size_t len = verbs_read(argv[i], &bytes);

		fuzz_run(bytes, len);
	}
	feedback_totals(&switches, &reads);
	printf("%d inputs, %u switch pairs, %u reads-from pairs, never seen:",
	       argc, switches, reads);
	list_missing();
	puts("");
	return EXIT_PASS;
}

static int help(int argc, char **argv);

static const struct {
	const char *name, *args, *help;
	int (*run)(int argc, char **argv);
} verbs[] = {
	{ "--encode", "[--loose] DIR FILE.svm...",
	  "reproducers as inputs in DIR", encode_all },
	{ "--decode", "FILE", "what an input does, as a reproducer", decode },
	{ "--canonical", "FILE...", "rewritten in the one way there is",
	  canonical },
	{ "--dictionary", "", "tokens, for -dict= and -x", verbs_dictionary },
	{ "--tables", "", "C, for the library of AFL++'s mutator",
	  verbs_tables },
	{ "--look", "FILE...", "executed; pairs and events they came to",
	  look },
	{ "--draw", "N DIR", "N small programs as seeds", verbs_draw },
	{ "--help", "", "this", help },
};

static void usage(FILE *f)
{
	fprintf(f, "usage: fuzz_%s FILE...\n\n", fuzz_entry.name);
	fprintf(f, "Executes inputs for target %s; an engine that is linked in takes its own\n"
		"options, of one dash (libFuzzer: -help=1), and folders. Instead of that:\n\n",
		fuzz_entry.target->name);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(f, "  %-12s %-26s %s\n", verbs[i].name, verbs[i].args,
			verbs[i].help);
	fputs("\nfuzz/fuzz.h has the environment, SVMTORTURE_*. Exit: 0, 2 usage, 3 broken, 4\n"
	      "nothing was executed; an engine's own; and a finding is a trap.\n", f);
}

static int help(int argc, char **argv)
{
	usage(stdout);
	return EXIT_PASS;
}

/* libFuzzer ignores what begins with two dashes, and then fuzzes for ever; what
 * comes after its -ignore_remaining_args=1 is between it and itself. */
static void need_no_strangers(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-ignore_remaining_args=1"))
			return;
		if (strncmp(argv[i], "--", 2))
			continue;
		fprintf(stderr, "%s: there is no such option here\n", argv[i]);
		usage(stderr);
		_exit(EXIT_USAGE);
	}
}

void fuzz_verbs(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(argv[1], verbs[i].name))
			continue;
		int code = verbs[i].run(argc - 2, argv + 2);

		if (fflush(stdout) || ferror(stdout))
			fuzz_broken("stdout cannot be written");
		/* libFuzzer takes an exit() for a finding. */
		_exit(code);
	}
	need_no_strangers(argc, argv);
}

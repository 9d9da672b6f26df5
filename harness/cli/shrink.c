// SPDX-License-Identifier: GPL-2.0
/*
 * shrink: a reproducer in, a small named one out.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/exec/file.h"

#define TRIES_DEFAULT	50000
#define PROVE_DEFAULT	100000

static const struct argp_option options[] = {
	{ "out", LONG('o'), "FILE", 0,
	  "Where the result goes (required); may be FILE itself", 0 },
	{ "tries", LONG('n'), "N", 0,
	  "Executions to spend (default: 50000); more may give a smaller file", 0 },
	{ "prove", LONG('p'), "N", 0,
	  "Schedules to make in order to see that none with fewer preemptions "
	  "fails (default: 100000; 0: do not look)", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

struct shrink_options {
	const char *path, *out;
	u32 tries, prove;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct shrink_options *o = state->input;

	switch (key) {
	case LONG('o'):
		o->out = arg;
		break;
	case LONG('n'):
		o->tries = cli_number(state, "--tries", arg, 1, 1000000000);
		break;
	case LONG('p'):
		o->prove = cli_number(state, "--prove", arg, 0, 1000000000);
		break;
	case ARGP_KEY_NO_ARGS:
	case ARGP_KEY_END:
		if (!o->path || !o->out)
			argp_error(state, "FILE and --out FILE are needed");
		break;
	default:
		return cli_file(key, arg, state, &o->path);
	}
	return 0;
}

static void say(const struct shrink_options *o, const struct svm *svm,
		const struct shrink_stats *st)
{
	char text[SVM_MINIMAL_TEXT_MAX];

	fprintf(stderr, "%s: calls %u (from %u), preemptions %u (from %u), steps %u (from %u), executions %u\n",
		o->out, st->calls_after, st->calls_before,
		st->preemptions_after, st->preemptions_before, st->steps_after,
		st->steps_before, st->tries);
	fprintf(stderr, "%s: %s", o->out, svm_minimal_text(svm, text));
	if (svm->minimal == SVM_PROVEN)
		fprintf(stderr, " (all %u made)", svm->schedules);
	fputc('\n', stderr);
}

int cmd_shrink(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse, "FILE",
		"Removes faults and calls, simplifies arguments and drops "
		"preemptions while the same class of failure remains, then names the "
		"switch points (\"P0 until mutex_lock(svmm->mutex)\" for "
		"\"P0 12 steps\") so that the file survives edits of the "
		"code. Then every schedule with fewer preemptions is made, to "
		"see that none fails. The same file shrinks to the same "
		"file.\v"
		"--out is written at the end, whole or not at all; an "
		"interrupted shrink writes nothing. A found file has steps "
		"and is for today; a shrunk one is for corpus/repro.\n\n"
		"Exit codes: 0 written, 2 bad FILE, 3 --out cannot be written, "
		"4 FILE does not fail, 5 interrupted.\n\n"
		"Example:\n  svmtorture shrink results/findings/F.svm "
		"--out corpus/repro/nv_skip_retry.svm",
		NULL, NULL, NULL,
	};
	static struct svm svm;
	struct shrink_options o = { .tries = TRIES_DEFAULT,
				    .prove = PROVE_DEFAULT };
	struct shrink_stats st;
	int failed;

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	if (!rt_deterministic) {
		fprintf(stderr, "%s: threads cannot be replayed; use svmtorture shrink\n",
			program_name);
		return EXIT_USAGE;
	}
	if (svm_read(o.path, &svm))
		return EXIT_USAGE;
	if (cli_lacks(&svm, o.path))
		return EXIT_VACUOUS;
	if (file_may_write(o.out)) {
		fprintf(stderr, "HARNESS: --out %s: cannot be written: %s\n",
			o.out, strerror(errno));
		return EXIT_HARNESS;
	}
	if (mutation_choose(svm.original ? "original" :
			    mutations[svm.mutation].name, svm.target)) {
		fprintf(stderr, "%s: %s has no historic defects to turn on\n",
			o.path, svm.target->name);
		return EXIT_USAGE;
	}
	if (exec_setup(svm.target))
		return EXIT_HARNESS;
	cli_cut_on_signals("shrink", o.path);
	failed = shrink(&svm, o.tries, o.prove, &st);
	if (failed) {
		fprintf(stderr, "%s: %s\n", o.path, failed == -1 ?
			"does not fail, so there is nothing to keep" :
			"cannot be shrunk");
		return failed == -1 ? EXIT_VACUOUS : EXIT_HARNESS;
	}
	cli_hold_signals();
	if (svm_write(o.out, &svm))
		return EXIT_HARNESS;
	say(&o, &svm, &st);
	return EXIT_PASS;
}

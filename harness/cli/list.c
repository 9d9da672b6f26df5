// SPDX-License-Identifier: GPL-2.0
/*
 * list: every name there is, with its sentence. --json for scripts.
 */
#include <stdio.h>
#include <string.h>

#include "harness/cli/cli.h"
#include "harness/cli/table.h"
#include "targets/windows.h"

static void list_targets(void)
{
	for (int i = 0; targets[i]; i++)
		TABLE_ROW(targets[i]->name, "planted", targets[i]->planted ?
		    targets[i]->planted->name : "", "help", targets[i]->help);
}

static void list_op(const struct op *op, const char *where)
{
	char args[256] = "";

	for (u32 i = 0; i < op_nr_args(op); i++) {
		size_t n = strlen(args);

		snprintf(args + n, sizeof(args) - n, "%s%s=%s", i ? " " : "",
			 op->arg[i].name, kinds[op->arg[i].kind].name);
	}
	TABLE_ROW(op->name, "target", where, "arguments", args, "help", op->help);
}

static void list_ops(void)
{
	for (u32 i = 0; i < nr_mm_ops; i++)
		list_op(&mm_ops[i], "any");
	for (int i = 0; targets[i]; i++)
		for (u32 k = 0; k < targets[i]->nr_ops; k++)
			list_op(&targets[i]->ops[k], targets[i]->name);
}

#define WORDS_AT	12	/* the column where the values of a kind begin */
#define WORDS_END	100

/* "none, r, rw", on as many lines as it takes. */
static void explain_words(const struct kind *k)
{
	int at = WORDS_AT;

	for (u32 i = 0; i < k->count; i++) {
		const char *comma = i + 1 < k->count ? "," : "";
		int n = (int)(strlen(k->words[i]) + strlen(comma));

		if (i && at + 1 + n > WORDS_END) {
			printf("\n%*s", WORDS_AT, "");
			at = WORDS_AT;
		} else if (i) {
			at += printf(" ");
		}
		at += printf("%s%s", k->words[i], comma);
	}
}

/* What the right side of "count=count" may be, and how much of it all. */
static void explain_ops(void)
{
	puts("\nArguments are written name=value, in any order; one left out is its default. The kinds:");
	for (u8 k = ARG_NONE + 1; k < ARG_KINDS; k++) {
		printf("  %-10s", kinds[k].name);
		if (kinds[k].words)
			explain_words(&kinds[k]);
		else if (kinds[k].count)
			printf("%u to %u", kinds[k].base,
			       kinds[k].base + kinds[k].count - 1);
		else
			printf("a literal word of 32 bits, 0x00010000");
		putchar('\n');
	}
	printf("A program has at most %d tasks of %d calls, %d pages and %d address spaces.\n",
	       PROG_TASKS_MAX, PROG_CALLS_MAX, PROG_PAGES, PROG_MMS);
}

static void explain_events(void)
{
	puts("\nAn event is what the code under test was seen to do; a campaign counts them. The text is how a\n"
	     "report shows it: $a, $b and $c stand for its three words.");
}

static void list_oracle(const struct oracle *o, const char *where)
{
	TABLE_ROW(o->name, "target", where, "spec", o->spec ? o->spec : "",
	    "help", o->claim);
}

static void list_oracles(void)
{
	for (int i = 0; oracles_engine[i]; i++)
		list_oracle(oracles_engine[i], "any");
	for (int i = 0; targets[i]; i++) {
		const struct oracle *const *o = targets[i]->oracles;

		for (; o && *o; o++)
			list_oracle(*o, targets[i]->name);
	}
}

static void list_strategies(void)
{
	for (int i = 0; strategies[i]; i++)
		TABLE_ROW(strategies[i]->name, "help", strategies[i]->help);
}

static void list_mutations(void)
{
	static const char *const kind[] = {
		[MUTATION_OMISSION] = "omission",
		[MUTATION_REORDER] = "reorder",
		[MUTATION_ORIGINAL] = "original",
		[MUTATION_HARNESS] = "harness",
	};

	for (int id = M_none + 1; id < M_NR; id++) {
		if (!mutations[id].name)
			continue;	/* the ground has no such row */
		TABLE_ROW(mutations[id].name, "kind", kind[mutations[id].kind],
		    "target", mutations[id].target->name,
		    "oracle", mutations[id].oracle->name,
		    "source", mutations[id].source,
		    "help", mutations[id].text);
	}
}

static void list_events(void)
{
	for (int k = EV_none + 1; k < EV_NR; k++)
		TABLE_ROW(event_defs[k].name, "text", event_defs[k].text);
}

static void list_windows(void)
{
	for (u32 i = 0; i < WINDOW_NR; i++)
		TABLE_ROW(windows[i].name, "targets", windows[i].targets,
		    "source", windows[i].source, "drivers", windows[i].drivers,
		    "help", windows[i].text);
}

static void explain_windows(void)
{
	puts("\nA window is a stretch of one task in which another can hurt it. 'run --windows' counts how often\n"
	     "tasks were there. A driver is a file of corpus/, or @target: random programs of it.");
}

static const struct listing {
	const char *name;
	void (*fill)(void);
	void (*explain)(void);	/* below, for people; NULL: nothing */
} listings[] = {
	{ "targets", list_targets, NULL },
	{ "ops", list_ops, explain_ops },
	{ "oracles", list_oracles, NULL },
	{ "strategies", list_strategies, NULL },
	{ "mutations", list_mutations, NULL },
	{ "events", list_events, explain_events },
	{ "windows", list_windows, explain_windows },
};

struct list_options {
	const struct listing *chosen;
	bool json;
};

static const struct argp_option options[] = {
	{ "json", LONG('j'), NULL, 0, "An array of objects, for scripts", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct list_options *o = state->input;

	switch (key) {
	case LONG('j'):
		o->json = true;
		break;
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < ARRAY_SIZE(listings); i++)
			if (!strcmp(arg, listings[i].name))
				o->chosen = &listings[i];
		if (!o->chosen || state->arg_num)
			argp_error(state, "list what? One of targets, ops, oracles, strategies, mutations, events, windows");
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "list what? One of targets, ops, oracles, strategies, mutations, events, windows");
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	return 0;
}

int cmd_list(int argc, char **argv)
{
	static const struct argp argp = {
		options, parse,
		"targets|ops|oracles|strategies|mutations|events|windows",
		"Prints every name of a kind with its sentence.\v"
		"targets     what can be hammered: code under test and its surroundings\n"
		"ops         the calls that programs are made of, and their arguments\n"
		"oracles     the properties that are checked; a failure's class is its oracle\n"
		"strategies  what may pick the next task (svmtorture only)\n"
		"mutations   known bugs that --mutate turns on, each with the oracle that must\n"
		"            catch it, its target and its source\n"
		"events      what a campaign counts and reports show\n"
		"windows     where races can happen, and what takes tasks there\n\n"
		"Example:\n  svmtorture list ops",
		NULL, NULL, NULL,
	};
	struct list_options o = { NULL, false };

	argp_parse(&argp, argc, argv, 0, NULL, &o);
	o.chosen->fill();
	table_print(o.json);
	if (!o.json && o.chosen->explain)
		o.chosen->explain();
	return EXIT_PASS;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * list: every name there is, with its sentence. --json for scripts.
 */
#include <stdio.h>
#include <string.h>

#include "harness/cli/cli.h"

static bool json;
static u32 rows;

/* s as the inside of a JSON string. */
static void json_text(const char *s)
{
	for (; s && *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		if ((unsigned char)*s >= ' ')
			putchar(*s);
	}
}

/* One row: a name, then key and value pairs up to NULL. The last value is the
 * sentence. */
static void row(const char *name, const char *const *pair)
{
	if (json) {
		printf("%s\n  {\"name\": \"", rows++ ? "," : "[");
		json_text(name);
		putchar('"');
		for (; pair[0]; pair += 2) {
			printf(", \"%s\": \"", pair[0]);
			json_text(pair[1]);
			putchar('"');
		}
		putchar('}');
		return;
	}
	rows++;
	printf("%-26s", name);
	for (; pair[0]; pair += 2)
		printf("  %s", pair[1] ? pair[1] : "");
	putchar('\n');
}

#define ROW(name, ...) row(name, (const char *const[]){ __VA_ARGS__, NULL })

static void list_targets(void)
{
	for (int i = 0; targets[i]; i++)
		ROW(targets[i]->name, "planted", targets[i]->planted ?
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
	ROW(op->name, "target", where, "arguments", args, "help", op->help);
}

static void list_ops(void)
{
	for (u32 i = 0; i < nr_mm_ops; i++)
		list_op(&mm_ops[i], "any");
	for (int i = 0; targets[i]; i++)
		for (u32 k = 0; k < targets[i]->nr_ops; k++)
			list_op(&targets[i]->ops[k], targets[i]->name);
	if (json)
		return;
	printf("\nA program has at most %d tasks of %d calls, %d pages and %d address spaces.\n",
	       PROG_TASKS_MAX, PROG_CALLS_MAX, PROG_PAGES, PROG_MMS);
}

static void list_oracle(const struct oracle *o, const char *where)
{
	ROW(o->name, "target", where, "spec", o->spec ? o->spec : "",
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
		ROW(strategies[i]->name, "help", strategies[i]->help);
}

static void list_mutations(void)
{
	static const char *const kind[] = {
		[MUTATION_OMISSION] = "omission",
		[MUTATION_REORDER] = "reorder",
		[MUTATION_ORIGINAL] = "original",
		[MUTATION_HARNESS] = "harness",
	};

	for (int id = M_none + 1; id < M_NR; id++)
		ROW(mutations[id].name, "kind", kind[mutations[id].kind],
		    "target", mutations[id].target->name,
		    "oracle", mutations[id].oracle->name,
		    "source", mutations[id].source,
		    "help", mutations[id].text);
}

static void list_events(void)
{
	for (int k = EV_none + 1; k < EV_NR; k++)
		ROW(event_defs[k].name, "text", event_defs[k].text);
}

static const struct listing {
	const char *name;
	void (*print)(void);
} listings[] = {
	{ "targets", list_targets },
	{ "ops", list_ops },
	{ "oracles", list_oracles },
	{ "strategies", list_strategies },
	{ "mutations", list_mutations },
	{ "events", list_events },
};

static const struct argp_option options[] = {
	{ "json", 'j', NULL, 0, "An array of objects, for scripts", 0 },
	{ NULL, 0, NULL, 0, NULL, 0 },
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	const struct listing **chosen = state->input;

	switch (key) {
	case 'j':
		json = true;
		break;
	case ARGP_KEY_ARG:
		for (size_t i = 0; i < ARRAY_SIZE(listings); i++)
			if (!strcmp(arg, listings[i].name))
				*chosen = &listings[i];
		if (!*chosen || state->arg_num)
			argp_error(state, "list what? One of targets, ops, oracles, strategies, mutations, events");
		break;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "list what? One of targets, ops, oracles, strategies, mutations, events");
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
		"targets|ops|oracles|strategies|mutations|events",
		"Prints every name of a kind with its sentence.",
		NULL, NULL, NULL,
	};
	const struct listing *chosen = NULL;

	argp_parse(&argp, argc, argv, 0, NULL, &chosen);
	chosen->print();
	if (json)
		printf("%s\n]\n", rows ? "" : "[");
	return EXIT_PASS;
}

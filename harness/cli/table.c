// SPDX-License-Identifier: GPL-2.0
/*
 * table: what `list` prints.
 *
 * The width is fixed, so that what is read on a terminal is what is found in a
 * log. JSON has every value as a string, whatever it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cli/table.h"

#define WIDTH		100
#define COLUMN_MAX	24	/* the longest value that gets a column */
#define INDENT_MAX	48	/* a sentence that would begin further right goes below */
#define INDENT_BELOW	8
#define KEYS_MAX	8

struct row {
	char *name;
	char *value[KEYS_MAX];
};

static struct row *rows;
static u32 nr_rows;
static const char *keys[KEYS_MAX];
static u32 nr_keys;

static void *checked(void *p)
{
	if (p)
		return p;
	perror("HARNESS: list");
	exit(3);
}

void table_add(const char *name, const char *const *pair)
{
	struct row *r;

	rows = checked(realloc(rows, (nr_rows + 1) * sizeof(*rows)));
	r = &rows[nr_rows++];
	r->name = checked(strdup(name));
	for (nr_keys = 0; pair[0] && nr_keys < KEYS_MAX; pair += 2, nr_keys++) {
		keys[nr_keys] = pair[0];
		r->value[nr_keys] = checked(strdup(pair[1] ? pair[1] : ""));
	}
}

/* -- as JSON -------------------------------------------------------------- */

static void json_text(const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putchar('\\');
		if ((unsigned char)*s >= ' ')
			putchar(*s);
	}
}

static void print_json(void)
{
	for (u32 i = 0; i < nr_rows; i++) {
		printf("%s\n  {\"name\": \"", i ? "," : "[");
		json_text(rows[i].name);
		putchar('"');
		for (u32 k = 0; k < nr_keys; k++) {
			printf(", \"%s\": \"", keys[k]);
			json_text(rows[i].value[k]);
			putchar('"');
		}
		putchar('}');
	}
	printf("%s\n]\n", nr_rows ? "" : "[");
}

/* -- for people ----------------------------------------------------------- */

/* The longest of a column: of the names, if @key is -1. */
static int widest(int key)
{
	size_t most = 0;

	for (u32 i = 0; i < nr_rows; i++) {
		size_t n = strlen(key < 0 ? rows[i].name : rows[i].value[key]);

		if (n > most)
			most = n;
	}
	return (int)most;
}

/* @text from column @indent on, words that do not fit on lines of their own. */
static void wrap(const char *text, int indent)
{
	int at = indent;

	while (*text) {
		int blanks = (int)strspn(text, " ");
		int n = (int)strcspn(text + blanks, " ");

		if (at > indent && at + blanks + n > WIDTH) {
			printf("\n%*s", indent, "");
			at = indent;
		} else {
			printf("%.*s", blanks, text);
			at += blanks;
		}
		printf("%.*s", n, text + blanks);
		at += n;
		text += blanks + n;
	}
}

/* The values that have columns; returns the blanks up to what comes next. They
 * are put before it, so that no line ends in any. */
static int print_columns(const struct row *r, const int *width, int name)
{
	int blanks = name + 2 - printf("%s", r->name);

	for (u32 k = 0; k + 1 < nr_keys; k++) {
		if (!width[k] || width[k] > COLUMN_MAX)
			continue;
		if (r->value[k][0]) {
			printf("%*s%s", blanks, "", r->value[k]);
			blanks = -(int)strlen(r->value[k]);
		}
		blanks += width[k] + 2;
	}
	return blanks;
}

static void print_text(void)
{
	int name = widest(-1), indent = name + 2, width[KEYS_MAX] = { 0 };
	bool below;

	for (u32 k = 0; k + 1 < nr_keys; k++) {
		width[k] = widest((int)k);
		if (width[k] && width[k] <= COLUMN_MAX)
			indent += width[k] + 2;
	}
	below = indent > INDENT_MAX;
	if (below)
		indent = INDENT_BELOW;
	for (u32 i = 0; i < nr_rows; i++) {
		const struct row *r = &rows[i];
		const char *sentence = r->value[nr_keys - 1];
		int blanks = print_columns(r, width, name);

		if (below)
			printf("\n%*s", indent, "");
		else if (sentence[0])
			printf("%*s", blanks, "");
		wrap(sentence, indent);
		for (u32 k = 0; k + 1 < nr_keys; k++) {
			if (width[k] <= COLUMN_MAX || !r->value[k][0])
				continue;
			printf("\n%*s", indent, "");
			wrap(r->value[k], indent);
		}
		putchar('\n');
	}
}

void table_print(bool json)
{
	if (json)
		print_json();
	else
		print_text();
}

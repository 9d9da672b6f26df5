// SPDX-License-Identifier: GPL-2.0
/*
 * known: titles that a run passes over, and counts.
 *
 * What is known must not hide what is new. A title is made of stacks, which
 * only detail has, so that an execution that failed is made again to be
 * looked up here; if it is known the run goes on with the next. On threads it has
 * its stacks from the first, and the run ends: what failed may still be in a lock.
 *
 * The list has a title a line, with tabs between: why it is put up with, the
 * ops it takes, of which the program must have one, and functions of which one
 * must be in a stack of either side, or with a "~" before it, of a row of the
 * life of the report's object as well; "-" and what is not there ask for none.
 * One cause has many titles, as whoever it meets is in them: "CLASS ..." is any
 * title of the class, and must have its functions.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/campaign/campaign.h"
#include "harness/report/report.h"

static struct known {
	char title[160];
	char why[160];
	char ops[96];		/* "svm_bind exit"; empty: any program */
	char functions[160];	/* empty: whatever the stacks are */
} known[CAMPAIGN_KNOWN_MAX];
static u32 nr_known;

/* The next field of *@line into @to; false if it does not fit. */
static bool field(char **line, char *to, size_t size)
{
	size_t len = strcspn(*line, "\t");

	if (len >= size)
		return false;
	memcpy(to, *line, len);
	to[len] = 0;
	if (!strcmp(to, "-"))
		to[0] = 0;
	*line += len;
	*line += strspn(*line, "\t");
	return true;
}

/* The length of the class in "CLASS ...", or 0. */
static size_t whole_class(const char *title)
{
	size_t len = strcspn(title, " ");

	return strcmp(title + len, " ...") ? 0 : len;
}

/* One line without its end; false if it does not fit. */
static bool take(char *line)
{
	struct known *k = &known[nr_known];

	if (!*line || *line == '#')
		return true;
	if (nr_known == CAMPAIGN_KNOWN_MAX)
		return false;
	if (!field(&line, k->title, sizeof(k->title)) ||
	    !field(&line, k->why, sizeof(k->why)) ||
	    !field(&line, k->ops, sizeof(k->ops)) ||
	    !field(&line, k->functions, sizeof(k->functions)))
		return false;
	if (whole_class(k->title) && !k->functions[0])
		return false;
	nr_known++;
	return true;
}

/* The first word of @list is @word; *@rest is what follows it. */
static bool is_word(const char *list, const char *word, const char **rest)
{
	size_t len = strcspn(list, " ");

	*rest = list + len + strspn(list + len, " ");
	return strlen(word) == len && !memcmp(list, word, len);
}

static bool has_title(const struct known *k, const char *title)
{
	size_t class = whole_class(k->title);

	if (!class)
		return !strcmp(k->title, title);
	return class == strcspn(title, " ") && !memcmp(k->title, title, class);
}

/* Whether one of @functions is in a stack of the report. */
static bool has_function(const char *functions)
{
	char name[64];

	for (const char *f = functions; *f; f += strspn(f, " ")) {
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(f, " "), f);
		if (report_names(oracle_failure(), name + (name[0] == '~'),
				 name[0] == '~'))
			return true;
		f += strcspn(f, " ");
	}
	return !*functions;
}

/* Whether @p has a call of one of @ops. */
static bool has_op(const struct target *t, const struct program *p,
		   const char *ops)
{
	struct op_table table = target_ops(t);

	for (u32 i = 0; i < p->nr_tasks; i++) {
		const struct prog_task *task = &p->task[i];

		for (u32 k = 0; k < task->nr_calls; k++) {
			const struct op *op = op_get(&table, task->call[k].op);

			for (const char *o = ops; *o;)
				if (is_word(o, op->name, &o))
					return true;
		}
	}
	return !*ops;
}

int campaign_known_read(const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	u32 lineno = 0;
	int result = 0;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	while (!result && getline(&line, &size, f) >= 0) {
		lineno++;
		line[strcspn(line, "\n")] = 0;
		if (take(line))
			continue;
		fprintf(stderr, "%s:%u: more than a row can be, a whole class without functions, or more than %d rows\n",
			path, lineno, CAMPAIGN_KNOWN_MAX);
		result = -1;
	}
	free(line);
	fclose(f);
	return result;
}

int campaign_pass_over(const struct exec *x, const struct rt_result *r,
		       struct tally *t)
{
	static struct schedule again;
	char title[160];

	if (rt_deterministic && exec_again(x, r, &again, false))
		return -1;
	report_title(oracle_failure(), title, sizeof(title));
	for (u32 i = 0; i < nr_known; i++) {
		if (!has_title(&known[i], title) ||
		    !has_op(x->target, x->program, known[i].ops) ||
		    !has_function(known[i].functions))
			continue;
		t->known[i]++;
		t->passed_over++;
		return 1;
	}
	return 0;
}

void campaign_known_lines(const struct tally *sum)
{
	if (!sum->passed_over)
		return;
	for (u32 i = 0; i < nr_known; i++)
		if (sum->known[i])
			fprintf(stderr, "known: %s: %llu executions%s%s\n",
				known[i].title, sum->known[i],
				*known[i].why ? ": " : "", known[i].why);
	fprintf(stderr, "not clean: %llu of %llu executions ended in known findings\n",
		sum->passed_over, sum->executions);
}

void campaign_known_json(const struct tally *sum)
{
	bool first = true;

	printf("\"passed_over\": %llu, \"known\": [", sum->passed_over);
	for (u32 i = 0; i < nr_known; i++) {
		if (!sum->known[i])
			continue;
		printf("%s[\"%s\", \"%s\", %llu]", first ? "" : ", ",
		       known[i].title, known[i].why, sum->known[i]);
		first = false;
	}
	fputs("], ", stdout);
}

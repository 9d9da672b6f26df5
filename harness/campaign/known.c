// SPDX-License-Identifier: GPL-2.0
/*
 * known: titles that a run passes over, and counts.
 *
 * What is known must not hide what is new. A title is made of stacks, which
 * only detail has, so that an execution that failed is made again to be
 * looked up here; if it is known the run goes on with the next.
 *
 * The list has a title a line, with tabs between: why it is put up with, and the
 * ops it takes, of which the program must have one: in a program without them
 * the title is new. One cause has many titles, as whoever it meets is in them:
 * where ops are named, a "*" in the title stands for any one word.
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
	*line += len;
	*line += strspn(*line, "\t");
	return true;
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
	    !field(&line, k->ops, sizeof(k->ops)))
		return false;
	if (strchr(k->title, '*') && !k->ops[0])
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

/* Whether they are the same words, "*" in the first being any. */
static bool same_words(const char *with_stars, const char *words)
{
	char word[160];

	while (*with_stars && *words) {
		bool star = *with_stars == '*';

		snprintf(word, sizeof(word), "%.*s",
			 (int)strcspn(words, " "), words);
		words += strlen(word);
		words += strspn(words, " ");
		if (!is_word(with_stars, word, &with_stars) && !star)
			return false;
	}
	return !*with_stars && !*words;
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
		fprintf(stderr, "%s:%u: more than a title can be, a star without ops, or more than %d titles\n",
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

	if (exec_again(x, r, &again, false))
		return -1;
	report_title(oracle_failure(), title, sizeof(title));
	for (u32 i = 0; i < nr_known; i++) {
		if (!same_words(known[i].title, title) ||
		    !has_op(x->target, x->program, known[i].ops))
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

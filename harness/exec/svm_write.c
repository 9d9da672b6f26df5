// SPDX-License-Identifier: GPL-2.0
/*
 * svm_write: a reproducer as text, and as a file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/exec/exec.h"
#include "harness/exec/faults.h"
#include "harness/exec/memory.h"
#include "harness/exec/file.h"
#include "harness/prog/say.h"

#define PROGRAM_TEXT	(PROG_TASKS_MAX * PROG_CALLS_MAX * 256)
#define SEGMENT_TEXT	(SCHEDULE_NAME_MAX + 32)

static void say_story(struct out *o, const char *story)
{
	while (*story) {
		size_t n = strcspn(story, "\n");

		prog_say(o, n ? "# %.*s\n" : "#\n", (int)n, story);
		story += n;
		story += *story == '\n';
	}
	if (o->len)
		prog_say(o, "\n");
}

static void say_program(struct out *o, const struct svm *svm)
{
	struct op_table ops = target_ops(svm->target);
	char text[PROGRAM_TEXT];

	/* A fixed program has no text. */
	if (prog_print(&ops, &svm->program, text, sizeof(text)) > 0)
		prog_say(o, "\n%s", text);
}

/* Each segment on a line of its own, four blanks in. */
static void say_schedule(struct out *o, const struct schedule *s)
{
	size_t size = (size_t)(s->nr + 1) * SEGMENT_TEXT;
	char *text = malloc(size), *at = text;

	prog_say(o, "\nschedule:\n");
	if (!text || schedule_print(s, text, size) < 0) {
		o->len = o->size;	/* does not fit */
		free(text);
		return;
	}
	while (*at) {
		int n = (int)strcspn(at, "\n");

		prog_say(o, "    %.*s\n", n, at);
		at += n + 1;
	}
	free(text);
}

int svm_print(const struct svm *svm, char *buf, size_t size)
{
	struct out o = { buf, size, 0 };
	char faults[FAULTS_TEXT_MAX];

	say_story(&o, svm->story);
	prog_say(&o, "target:    %s\n", svm->target->name);
	prog_say(&o, "mutation:  %s\n", svm->original ? "original" :
		 mutations[svm->mutation].name);
	prog_say(&o, "expect:    %s\n", svm->expect ? svm->expect->name : "pass");
	if (svm->needs[0])
		prog_say(&o, "needs:     %s\n", svm->needs);
	if (svm->fail_alloc)
		prog_say(&o, "fail-alloc: %u\n", svm->fail_alloc);
	if (svm->faults)
		prog_say(&o, "faults:    %s\n", faults_print(svm->faults, faults));
	if (svm->memory != RT_MEMORY_SC)
		prog_say(&o, "memory:    %s\n", memory_name(svm->memory));
	if (svm->points[0])
		prog_say(&o, "points:    %s\n", svm->points);
	if (svm->minimal != SVM_NOT_TRIED)
		prog_say(&o, "minimal:   %s:%u\n", svm_minimal_words[svm->minimal],
			 svm->schedules);
	say_program(&o, svm);
	if (svm->has_schedule)
		say_schedule(&o, &svm->schedule);
	return prog_said(&o);
}

char *svm_text(const struct svm *svm, size_t *len)
{
	char *text = malloc(SVM_TEXT_MAX);
	int n = text ? svm_print(svm, text, SVM_TEXT_MAX) : -1;

	if (n >= 0) {
		*len = (size_t)n;
		return text;
	}
	errno = text ? EFBIG : ENOMEM;
	free(text);
	return NULL;
}

int svm_write(const char *path, const struct svm *svm)
{
	size_t len = 0;
	char *text = svm_text(svm, &len);
	int result = text ? file_write(path, text, len) : -1;
	int error = errno;

	if (result)
		fprintf(stderr, "HARNESS: %s: cannot write: %s\n", path,
			strerror(error));
	free(text);
	errno = error;
	return result;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * svm_write: a reproducer as text, and as a file that is there whole or not at
 * all: it is the only trace of a finding, and a full disk or a kill in the
 * middle must not leave half of one under a good name. So the text goes to a
 * name of its own in the same folder, is synced, and is then renamed. What is
 * there and is no regular file (/dev/stdout) is written to, never replaced.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/exec/exec.h"

#define TEXT_MAX	(1 << 20)
#define PROGRAM_TEXT	(PROG_TASKS_MAX * PROG_CALLS_MAX * 256)
#define SEGMENT_TEXT	(SCHEDULE_NAME_MAX + 32)
#define PATH_SIZE	1024

struct out {
	char *buf;
	size_t size, len;
};

__attribute__((format(printf, 2, 3)))
static void say(struct out *o, const char *fmt, ...)
{
	size_t room = o->len < o->size ? o->size - o->len : 0;
	va_list ap;

	va_start(ap, fmt);
	o->len += (size_t)vsnprintf(room ? o->buf + o->len : NULL, room, fmt, ap);
	va_end(ap);
}

static void say_story(struct out *o, const char *story)
{
	while (*story) {
		size_t n = strcspn(story, "\n");

		say(o, n ? "# %.*s\n" : "#\n", (int)n, story);
		story += n;
		story += *story == '\n';
	}
	if (o->len)
		say(o, "\n");
}

static void say_program(struct out *o, const struct svm *svm)
{
	struct op_table ops = target_ops(svm->target);
	char text[PROGRAM_TEXT];

	/* A fixed program has no text. */
	if (prog_print(&ops, &svm->program, text, sizeof(text)) > 0)
		say(o, "\n%s", text);
}

/* Each segment on a line of its own, four blanks in. */
static void say_schedule(struct out *o, const struct schedule *s)
{
	size_t size = (size_t)(s->nr + 1) * SEGMENT_TEXT;
	char *text = malloc(size), *at = text;

	say(o, "\nschedule:\n");
	if (!text || schedule_print(s, text, size) < 0) {
		o->len = o->size;	/* does not fit */
		free(text);
		return;
	}
	while (*at) {
		int n = (int)strcspn(at, "\n");

		say(o, "    %.*s\n", n, at);
		at += n + 1;
	}
	free(text);
}

int svm_print(const struct svm *svm, char *buf, size_t size)
{
	struct out o = { buf, size, 0 };

	say_story(&o, svm->story);
	say(&o, "target:    %s\n", svm->target->name);
	say(&o, "mutation:  %s\n", svm->original ? "original" :
	    mutations[svm->mutation].name);
	say(&o, "expect:    %s\n", svm->expect ? svm->expect->name : "pass");
	if (svm->needs[0])
		say(&o, "needs:     %s\n", svm->needs);
	say_program(&o, svm);
	if (svm->has_schedule)
		say_schedule(&o, &svm->schedule);
	return o.len < o.size ? (int)o.len : -1;
}

/* The folder of @path, "." if it names none. */
static void folder_of(const char *path, char *folder)
{
	const char *slash = strrchr(path, '/');

	if (!slash)
		strcpy(folder, ".");
	else
		snprintf(folder, PATH_SIZE, "%.*s",
			 slash == path ? 1 : (int)(slash - path), path);
}

/* All of @text into @fd. 0, or -1 with errno. */
static int write_all(int fd, const char *text, size_t len)
{
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode);
}

static int write_special(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		return -1;
	error = write_all(fd, text, len) ? errno : 0;
	if (close(fd) && !error)
		error = errno;
	errno = error;
	return error ? -1 : 0;
}

/* The name is on the disk only when its folder is. */
static int sync_folder(const char *path)
{
	char folder[PATH_SIZE];
	int fd, result;

	folder_of(path, folder);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	result = fsync(fd);
	/* Some file systems cannot sync a folder; the rename still stands. */
	if (result && (errno == EINVAL || errno == ENOSYS))
		result = 0;
	close(fd);
	return result;
}

static int write_whole(const char *path, const char *text, size_t len)
{
	char temp[PATH_SIZE + 32];
	int fd, error;

	if (strlen(path) >= PATH_SIZE) {
		errno = ENAMETOOLONG;
		return -1;
	}
	snprintf(temp, sizeof(temp), "%s.%d.tmp", path, (int)getpid());
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		return -1;
	error = write_all(fd, text, len) || fsync(fd) ? errno : 0;
	if (close(fd) && !error)
		error = errno;
	if (!error && rename(temp, path))
		error = errno;
	if (error) {
		unlink(temp);
		errno = error;
		return -1;
	}
	return sync_folder(path);
}

int svm_write(const char *path, const struct svm *svm)
{
	char *text = malloc(TEXT_MAX);
	int len = text ? svm_print(svm, text, TEXT_MAX) : -1;
	int result, error;

	if (text && len < 0)
		errno = EFBIG;
	if (len < 0)
		result = -1;
	else if (is_special(path))
		result = write_special(path, text, (size_t)len);
	else
		result = write_whole(path, text, (size_t)len);
	error = errno;
	if (result)
		fprintf(stderr, "HARNESS: %s: cannot write: %s\n", path,
			strerror(error));
	free(text);
	errno = error;
	return result;
}

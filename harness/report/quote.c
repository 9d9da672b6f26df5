// SPDX-License-Identifier: GPL-2.0
/*
 * quote: a path as a word of a command that can be pasted into a shell.
 */
#include <string.h>

#include "harness/report/report.h"

#define SAFE	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789" \
		"_-+=./,:@%"

const char *report_quote(const char *path, char *buf, size_t size)
{
	size_t n = 0;

	/* A leading dash would be an option. */
	if (path[0] == '-')
		n += (size_t)snprintf(buf, size, "./");
	if (path[0] && !path[strspn(path, SAFE)]) {
		snprintf(buf + n, size - n, "%s", path);
		return buf;
	}
	n += (size_t)snprintf(buf + n, size - n, "'");
	for (; *path && n + 6 < size; path++)
		n += (size_t)snprintf(buf + n, size - n,
				      *path == '\'' ? "'\\''" : "%c", *path);
	snprintf(buf + n, size - n, "'");
	return buf;
}

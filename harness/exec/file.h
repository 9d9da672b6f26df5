/* SPDX-License-Identifier: GPL-2.0 */
/*
 * file.h: files that are there whole or not at all.
 */
#ifndef HARNESS_EXEC_FILE_H
#define HARNESS_EXEC_FILE_H

#include <stddef.h>

#include "harness/types.h"

#define FILE_PATH_MAX	4096	/* with the NUL, as the kernel counts */

/*
 * All of @data under @path: to a name of its own in the same folder, synced,
 * then renamed. A regular file that is there is replaced; anything else that
 * is there (/dev/stdout, a fifo) is written to. 0, or -1 with errno, and then
 * what was there before is untouched.
 */
int file_write(const char *path, const char *data, size_t len);

/* The same, but what is there stays: -1 with EEXIST. */
int file_write_new(const char *path, const char *data, size_t len);

/* Is @path a file with just this in it? */
bool file_holds(const char *path, const char *data, size_t len);

/*
 * Whether file_write(@path) can hope to succeed: asked before hours of work
 * rather than after. 0, or -1 with errno.
 */
int file_may_write(const char *path);

#endif /* HARNESS_EXEC_FILE_H */

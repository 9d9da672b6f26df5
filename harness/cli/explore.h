/* SPDX-License-Identifier: GPL-2.0 */
/*
 * explore.h: making a program of POSIX threads into one that explores itself.
 */
#ifndef HARNESS_CLI_EXPLORE_H
#define HARNESS_CLI_EXPLORE_H

#include "harness/types.h"

#define EXPLORE_SOURCES_MAX	16

struct explore_build {
	const char *source[EXPLORE_SOURCES_MAX];
	u32 nr_sources;
	const char *cc;		/* NULL: clang if there is one, else cc */
	char **flags;		/* for the compiler; NULL-terminated */
	const char *keep;	/* leave the program under this name; or NULL */
};

/* Its name goes to @program, of PATH_MAX bytes. 0, or an exit code of exec.h
 * with a message. */
int explore_build(const struct explore_build *b, char *program);
/* What it made is not needed any more. */
void explore_clean(void);

/* Run argv[0], found in PATH, and wait: its exit code, or -1 with a message if
 * it could not be run or died. A signal that ends this program is passed on. */
int explore_spawn(char *const argv[]);

#endif /* HARNESS_CLI_EXPLORE_H */

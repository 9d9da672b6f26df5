/* SPDX-License-Identifier: GPL-2.0 */
/*
 * verbs.h: the longer verbs of a fuzz binary, a file each.
 */
#ifndef FUZZ_VERBS_H
#define FUZZ_VERBS_H

#include "fuzz/fuzz.h"

/* The bytes of a file, good until the next call. Exits if it cannot be read. */
size_t verbs_read(const char *path, u8 **bytes);

/* tables.c */
int verbs_dictionary(int argc, char **argv);
int verbs_tables(int argc, char **argv);
/* draw.c */
int verbs_draw(int argc, char **argv);

#endif /* FUZZ_VERBS_H */

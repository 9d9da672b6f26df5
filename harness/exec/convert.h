/* SPDX-License-Identifier: GPL-2.0 */
/*
 * convert.h: reproducers as fuzz engines take them, and back.
 */
#ifndef HARNESS_EXEC_CONVERT_H
#define HARNESS_EXEC_CONVERT_H

#include <stdio.h>

#include "harness/exec/exec.h"

/* Of the longest schedule there is, and of a program beside it. */
#define CONVERT_BYTES_MAX	(1 << 18)

/*
 * A reproducer's program and schedule as bytes. Named segments have no byte
 * form: resolve first. Returns the length, or -1 if one is left or it does not
 * fit.
 */
int convert_to_bytes(const struct svm *svm, u8 *bytes, size_t size);

/* Total: any bytes are a reproducer of @t that expects a pass. */
void convert_from_bytes(const struct target *t, const u8 *bytes, size_t len,
			struct svm *svm);

/*
 * Replay a schedule that has names and put counted steps in their place.
 * Needs exec_setup(svm->target); chooses the mutation. Returns 0, or -1 with a
 * message if it cannot be followed. Leaves a schedule of steps alone.
 */
int convert_resolve(struct svm *svm);

/*
 * The file at @path the other way round, on @out: a reproducer's text as
 * bytes, bytes as the text of a reproducer of @t. Text is what is named .svm:
 * any content may be bytes. @t is NULL if the user named no target, which only
 * bytes need; exec_setup() is done here. Returns an exit code, with a message
 * unless it is EXIT_PASS.
 */
int convert_file(const char *path, const struct target *t, FILE *out);

#endif /* HARNESS_EXEC_CONVERT_H */

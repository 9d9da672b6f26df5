/* SPDX-License-Identifier: GPL-2.0 */
/*
 * outcomes.h: what an execution came to, in words that do not depend on the
 * ground it was made on, so that two grounds can be compared.
 */
#ifndef HARNESS_EXEC_OUTCOMES_H
#define HARNESS_EXEC_OUTCOMES_H

#include <stdio.h>

#include "harness/oracle/oracle.h"

/*
 * Hears the executions it is given to oracle_observe() for. Not an oracle that
 * judges: it takes down results of calls, values read, accesses that were killed
 * and, when all is idle, what each page of each address space holds.
 */
extern const struct oracle oracle_outcomes;

/* Forget the last execution; before each. */
void outcomes_begin(void);
/* The lines of the last execution, as elements of a JSON list, in one order. */
void outcomes_print(FILE *out);

#endif /* HARNESS_EXEC_OUTCOMES_H */

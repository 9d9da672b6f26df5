/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bench.h: the verb `bench`: what this build makes of this machine. The
 * figures are in harness/bench/.
 */
#ifndef HARNESS_BENCH_H
#define HARNESS_BENCH_H

#include <stdbool.h>

/*
 * Print one line per figure, "name value unit", or a JSON object a line.
 * @name: NULL for all the quick ones, or one figure, or the part of a name
 * before its dot; "memory" takes minutes and only runs when named. A figure
 * that this program has not is left out. Returns an exit code.
 */
int bench_main(const char *name, bool json);

#endif /* HARNESS_BENCH_H */

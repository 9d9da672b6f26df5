/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cli.h: the verbs of the command line. The words here are a contract that
 * scripts and CI build on: extend, never rename.
 */
#ifndef HARNESS_CLI_CLI_H
#define HARNESS_CLI_CLI_H

#include <argp.h>

#include "harness/exec/exec.h"

/* Each parses its own argv (argv[0] is "svmtorture run") and returns an exit
 * code of exec.h. */
int cmd_run(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_shrink(int argc, char **argv);
int cmd_convert(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_bench(int argc, char **argv);

/* "svmtorture" or "svmtorture-native". */
extern const char *program_name;

/* Lookups for argp parsers: a bad name ends the program with EXIT_USAGE and a
 * message that lists what there is. */
const struct target *cli_target(const struct argp_state *state, const char *name);
u64 cli_number(const struct argp_state *state, const char *what,
	       const char *text, u64 min, u64 max);
/* name[:ARG] of a strategy, set up. NULL in native. */
const struct strategy *cli_strategy(const struct argp_state *state,
				    const char *text);

#endif /* HARNESS_CLI_CLI_H */

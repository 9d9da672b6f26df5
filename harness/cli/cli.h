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
int cmd_outcomes(int argc, char **argv);
int cmd_bench(int argc, char **argv);
int cmd_explore(int argc, char **argv);

/* Key of an option that has no short form: a script is read more often than it
 * is written. */
#define LONG(key)	(0x100 | (key))

/* "svmtorture" or "svmtorture-native". */
extern const char *program_name;

/* Lookups for argp parsers: a bad name ends the program with EXIT_USAGE and a
 * message that lists what there is. */
const struct target *cli_target(const struct argp_state *state, const char *name);
u64 cli_number(const struct argp_state *state, const char *what,
	       const char *text, u64 min, u64 max);
/* The keys that nobody else knows, for a verb that takes one FILE: a second one,
 * and none, end the program with EXIT_USAGE. */
error_t cli_file(int key, char *arg, const struct argp_state *state,
		 const char **path);
/* Ends the program with EXIT_USAGE in native, where @option means nothing. */
void cli_sim_only(const struct argp_state *state, const char *option);
/* name[:ARG] of a strategy, set up. NULL in native. */
const struct strategy *cli_strategy(const struct argp_state *state,
				    const char *text);

/* Whether @svm needs a flavour that this build is not; says that it is skipped,
 * for which the exit code is EXIT_VACUOUS. */
bool cli_lacks(const struct svm *svm, const char *path);

/*
 * From here an interrupt (SIGINT, SIGTERM, SIGHUP) ends the program with
 * EXIT_CUT and an end line. Hold them once results are being written: what has
 * begun is finished.
 */
void cli_cut_on_signals(const char *verb, const char *what);
void cli_hold_signals(void);

#endif /* HARNESS_CLI_CLI_H */

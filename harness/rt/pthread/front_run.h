/* SPDX-License-Identifier: GPL-2.0 */
/*
 * front_run.h: what a program under exploration was asked to do, by the verb
 * that built it (harness/cli/explore.c), which checks what people type.
 */
#ifndef HARNESS_RT_PTHREAD_FRONT_RUN_H
#define HARNESS_RT_PTHREAD_FRONT_RUN_H

#include "harness/campaign/campaign.h"

struct front_run {
	struct campaign c;
	struct exec x;
	const char *source;	/* of the program, as the verb was given it */
	const char *flags;	/* of its compiler, likewise; or NULL */
	const char *replay;	/* a reproducer to follow; NULL: search */
	bool trace;		/* and every step of it */
	u32 tries;		/* executions for a simpler schedule; 0: none */
};

/* Once, before exec_setup(): executions have so many steps at most; 0: as many
 * as ever. */
void front_steps(u32 max);

/* Make the failure again in detail, write reproducer and report, print them.
 * EXIT_FINDING or EXIT_HARNESS. */
int front_finding(const struct front_run *run, const struct rt_result *r,
		  struct tally *tally);

/* An exit code: what following run->replay came to. */
int front_replay(struct front_run *run);

#endif /* HARNESS_RT_PTHREAD_FRONT_RUN_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * figure.h: one number that bench prints.
 */
#ifndef HARNESS_BENCH_FIGURE_H
#define HARNESS_BENCH_FIGURE_H

#include "harness/types.h"

enum figure_answer {
	FIGURE_OK,
	FIGURE_ABSENT,		/* this program or build has nothing of the kind */
	FIGURE_BROKEN,		/* an execution failed; said on stderr */
};

struct figure {
	const char *name;	/* "fiber.switch" */
	const char *unit;
	u32 repeats;		/* the median of so many is printed */
	bool slow;		/* only when asked for */
	enum figure_answer (*measure)(double *value);
};

/* Seconds of CPU of all threads of this process, and of the wall. */
double bench_cpu(void);
double bench_wall(void);

/* yardstick.c: what the machine itself can do, in nanoseconds. */
enum figure_answer bench_swapcontext(double *value);
enum figure_answer bench_handoff(double *value);
/* engine.c: the runtime and nothing above it. */
enum figure_answer bench_fiber_switch(double *value);
enum figure_answer bench_points(double *value);
enum figure_answer bench_reset(double *value);
enum figure_answer bench_tasks_2(double *value);
enum figure_answer bench_tasks_4(double *value);
enum figure_answer bench_tasks_8(double *value);
enum figure_answer bench_tasks_16(double *value);
enum figure_answer bench_steps_1k(double *value);
enum figure_answer bench_steps_10k(double *value);
enum figure_answer bench_steps_1m(double *value);
/* executions.c: whole executions. */
enum figure_answer bench_seqflag3_random(double *value);
enum figure_answer bench_seqflag3_pct(double *value);
enum figure_answer bench_seqflag3_pos(double *value);
enum figure_answer bench_seqflag3_surw(double *value);
enum figure_answer bench_seqflag3_urw(double *value);
enum figure_answer bench_seqflag3_mix(double *value);
enum figure_answer bench_seqflag3_dpor(double *value);
enum figure_answer bench_seqflag3_proof(double *value);
enum figure_answer bench_port(double *value);
enum figure_answer bench_port_mm(double *value);
enum figure_answer bench_native_1(double *value);
enum figure_answer bench_native_2(double *value);
enum figure_answer bench_port_exclusive(double *value);
enum figure_answer bench_port_hmm_v12(double *value);
enum figure_answer bench_port_panthor(double *value);
enum figure_answer bench_memory_litmus(double *value);
enum figure_answer bench_memory_port(double *value);
/* workers.c: two of one campaign, by two campaigns. */
enum figure_answer bench_two_workers(double *value);

#endif /* HARNESS_BENCH_FIGURE_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * target.h: a system under test, as the harness sees it. Free of libc.
 */
#ifndef TARGETS_TARGET_H
#define TARGETS_TARGET_H

#include "harness/oracle/oracle.h"
#include "harness/prog/op.h"

struct view;

struct target {
	const char *name;	/* "nouveau-onepage" */
	const char *help;	/* one sentence */
	/* "nouveau", "nouveau/v3": targets of one family share code, and with it
	 * the known bugs of kind ORIGINAL: "--mutate original" is those of the
	 * family, and of those whose name its own begins with. NULL: alone. */
	const char *family;

	/* A litmus target that fails by design: the class it must fail as.
	 * NULL: it must pass. */
	const struct oracle *planted;

	bool mm_ops;		/* programs may use the shared mm ops */
	const struct op *ops;	/* its own, opcodes from OP_TARGET */
	u32 nr_ops;
	/* "mmap load truncate": what random programs are made of besides any
	 * mixture: ops that meet in one thing, and first the one that makes it.
	 * NULL-terminated, may be NULL. */
	const char *const *themes;

	/* Besides the engine's own; NULL-terminated, may be NULL. */
	const struct oracle *const *oracles;
	const struct view *view;	/* NULL: nothing to look at (litmus) */
	/* Text of the event letters the journal does not know ($c:p ...);
	 * the length, as snprintf. NULL: none. */
	int (*format)(char letter, u64 value, char *buf, size_t size);

	/*
	 * What a campaign must have seen at least once each, or its pass is
	 * VACUOUS; ends at EV_none. And the counters its progress line and the
	 * torture table show.
	 */
	const u16 *must_see;
	const u16 *counters;

	/* Steps of an execution unless the caller says how many; 0: the
	 * engine's default. */
	u32 steps_max;

	/*
	 * All four run in M0. boot: before anything else runs, no switching;
	 * spawns the target's own tasks. begin and end: around each program
	 * task's calls, on that task. quiesce: all program tasks are done;
	 * wait for works in flight, then the Q checks run. halt: close files,
	 * exit every mm, stop kthreads; then the E checks run. quiesce and
	 * halt are scheduled like anything else.
	 */
	void (*boot)(void);
	void (*task_begin)(u32 index);
	void (*task_end)(u32 index);
	void (*quiesce)(void);
	void (*halt)(void);

	/* Program tasks this target needs at least (litmus: exactly, with a
	 * fixed program it runs by itself in body); 0 for any. */
	u32 nr_fixed;
	void (*body)(u32 index);	/* a fixed program: task index's code */
};

extern const struct target *const targets[];	/* NULL-terminated */
const struct target *target_find(const char *name);

/* targets/mm/ops.c, shared by every target with an mm. */
extern const struct op mm_ops[];
extern const u32 nr_mm_ops;
/* Of such a target: a call of the running task returned @ret. */
void mm_call_returned(long ret);

#endif /* TARGETS_TARGET_H */

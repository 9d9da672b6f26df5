/* SPDX-License-Identifier: GPL-2.0 */
/*
 * campaign.h: many executions of one target, and one verdict.
 */
#ifndef HARNESS_CAMPAIGN_H
#define HARNESS_CAMPAIGN_H

#include "harness/exec/exec.h"
#include "harness/oracle/window.h"

#define CAMPAIGN_JOBS_MAX	64
#define CAMPAIGN_SHARDS_MAX	1000000
#define CAMPAIGN_UNLIMITED	(~0ull)
#define CAMPAIGN_POINTS_RACES	"races"
#define CAMPAIGN_FAIL_ALL	(~0u)
#define CAMPAIGN_KNOWN_MAX	512
#define CAMPAIGN_PATH_MAX	4096

/* Seconds that a worker has to come to an end after an interrupt, and that one
 * has which is writing a finding. */
#define CAMPAIGN_GIVE_UP	0.5
#define CAMPAIGN_GRACE		10

struct campaign {
	const struct target *target;
	const struct strategy *strategy;	/* NULL in native */
	const char *strategy_text;		/* as given: "pct:3" */
	const char *mutate;			/* "none", a name, "original" */
	const struct program *program;		/* NULL: a random one each time */
	const char *program_path;		/* where it came from, or NULL */
	const char *out;			/* folder for findings; NULL: none are
						 * written, by campaign_finding() */
	u64 seed;
	u64 executions;				/* CAMPAIGN_UNLIMITED with seconds */
	u32 seconds;				/* 0: no time budget */
	u32 jobs;				/* processes */
	u32 shard, shards;			/* this one of so many; see campaign_process() */
	u32 steps_max;
	const struct oracle *only;		/* pass over other classes; NULL: none */
	const char *known;			/* pass over the titles in this file, read;
						 * NULL: none */
	/* The allocation that fails in each execution; 0: none. ALL: the first,
	 * the second ... until one is not reached, with executions each. */
	u32 fail_alloc;
	u32 faults;				/* kernel_faults() */
	enum rt_memory memory;			/* rt_memory */
	/* Plain accesses that are points; NULL: none. RACES: those of the data
	 * races that were found so far, which then do not end the campaign. */
	const char *points;
	bool windows;				/* count them: oracle_observe() */
	bool json;				/* one JSON object on stdout, no report */
};

/*
 * What a worker process has done; lives in memory shared with the parent, on
 * cache lines of its own: it is written in each execution, and what lies beside
 * it is read in each of the others.
 */
struct tally {
	u64 executions;
	u64 index;		/* of the execution under way */
	u64 program;		/* number of its program */
	u64 steps, switches, preemptions, choices;
	u64 story;		/* the same of the same seed in every build */
	u64 count[EV_NR];
	struct window_count window[WINDOWS_MAX];
	u64 known[CAMPAIGN_KNOWN_MAX];	/* executions by known title */
	u64 passed_over;	/* and all of them */
	u64 failed;		/* executions in which an allocation failed */
	u32 fail_alloc;		/* which, in the one under way */
	u32 fail_last;		/* the last one that any execution came to */
	u32 faults_offered;	/* kernel_faults_offered() */
	bool exhausted;		/* the strategy has nothing left */
	bool ended_known;	/* threads: what ended the process is known */
	char summary[600];	/* what the run is worth, (in brackets) */
	u64 worth[STRATEGY_WORTH_MAX / 8];	/* of this process, for that: */
	bool has_worth;		/* the strategy's, see strategy.h */
	char points[POINTS_TEXT_MAX];	/* in force */
	char class[32];		/* of the finding, once there is one */
	char title[160];
	char path[CAMPAIGN_PATH_MAX];	/* its .svm */
	bool written;		/* and it is on the disk */
} __attribute__((aligned(64)));

/* Runs it, prints start, progress and end lines on stderr and findings on
 * stdout. Returns an exit code of exec.h. */
int campaign_run(const struct campaign *c);

/* Program @number of the campaign: the fixed one or a random one. */
const struct program *campaign_program(const struct campaign *c, u64 number,
				       struct program *storage);

/*
 * Executions that share one random program: a program is worth a few schedules
 * before the next, generating one costs as much as a short execution, and what
 * a strategy learns of one is worth something for those few. So they are dealt
 * out by that many: of the N * J processes of N shards with J jobs each, process
 * p has the parts p, p + N * J ...; and shard i has the parts that are i modulo N.
 */
#define CAMPAIGN_PART	4

static inline u32 campaign_processes(const struct campaign *c)
{
	return c->shards * c->jobs;
}

/* Whose execution @index is. */
static inline u32 campaign_process(const struct campaign *c, u64 index)
{
	return (u32)(index / CAMPAIGN_PART % campaign_processes(c));
}

/* The next of the same process. */
static inline u64 campaign_next(const struct campaign *c, u64 index)
{
	if (++index % CAMPAIGN_PART)
		return index;
	return index + CAMPAIGN_PART * (campaign_processes(c) - 1ull);
}

/* worker.c: the executions of one process. Returns an exit code. */
int campaign_worker(const struct campaign *c, u32 job, struct tally *tally,
		    const volatile int *stop);

/*
 * finding.c: make the failure again in detail, write the reproducer and the
 * report, print them. Returns EXIT_FINDING, or EXIT_HARNESS if it could not be
 * made again or its reproducer not be written; a report can be had again from
 * that.
 *
 * The files are named for the title. One of that name that says something else
 * is an earlier finding, or one somebody has worked on: it stays, and this one
 * becomes <title>-2.svm and so on. The same finding again is the same file.
 */
int campaign_finding(const struct campaign *c, const struct exec *x,
		     const struct rt_result *r, struct tally *tally);
/* A finding that nobody could report from inside: the process is gone. */
int campaign_lost_finding(const struct campaign *c, struct tally *tally,
			  const struct oracle *oracle, const char *text);
/* out.c. Can findings be written? Makes the folder. Asked before the first execution, not after the
 * first finding. 0, or -1 with a message. */
int campaign_check_out(const struct campaign *c);

/*
 * known.c: the list of titles to pass over, of which there is one a process.
 * 0, or -1 with a message.
 */
int campaign_known_read(const char *path);
/* Whether the execution that has just failed has such a title, which is counted
 * then: 1 or 0; or -1 with a message, if it is not the same a second time. */
int campaign_pass_over(const struct exec *x, const struct rt_result *r,
		       struct tally *t);
/* What was passed over: lines on stderr, and members of the JSON object. */
void campaign_known_lines(const struct tally *sum);
void campaign_known_json(const struct tally *sum);

/* guarantee.c: what the strategy says of all processes together, into
 * sum->summary; @tally of each. */
void campaign_worth(const struct campaign *c, const struct tally *tally,
		    struct tally *sum);
/* And of a run that passed, unless the strategy has said something there. */
void campaign_guarantee(const struct campaign *c, struct tally *sum);

/* lines.c: the start, progress and end lines. */
void campaign_start_line(const struct campaign *c);
void campaign_progress(const struct campaign *c, const struct tally *sum,
		       double seconds, bool last);
void campaign_end_line(const struct campaign *c, const struct tally *sum,
		       const char *verdict, double seconds);
/* Which of the faults that were asked for nothing in the whole run could have
 * acted on; none, of a run that did not come to its end. */
u32 campaign_idle_faults(const struct campaign *c, const struct tally *sum,
			 int code);
/* On stderr, if there are any. */
void campaign_faults_line(const struct campaign *c, const struct tally *sum,
			  int code);
/* windows.c. On stdout: every window of the target, with how often it opened and
 * was entered; as a table, or as a member of the JSON object. */
void campaign_windows(const struct campaign *c, const struct tally *sum);
void campaign_windows_json(const struct campaign *c, const struct tally *sum);
/* Row @row of targets/windows.def is one of target @t. */
bool campaign_has_window(const struct target *t, u32 row);
void campaign_json(const struct campaign *c, const struct tally *sum,
		   const char *verdict, int code, double seconds);

/* The commit this was built from, with "-dirty" if the tree was not clean. */
extern const char build_commit[];

#endif /* HARNESS_CAMPAIGN_H */

// SPDX-License-Identifier: GPL-2.0
/*
 * campaign: many executions, one verdict.
 *
 * The parent forks the workers, adds up their tallies in shared memory, draws
 * the progress line, and turns what happened into one exit code. A worker
 * that dies loses at most the execution it was in: findings are on disk before
 * they are announced. The workers die with the parent, and leave an interrupt
 * to it, so that every way to end goes through the end line but SIGKILL, after
 * which the files written so far are whole. A worker that cannot end by itself
 * (its reader has left it on a full pipe) is killed after CAMPAIGN_GRACE.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness/campaign/campaign.h"
#include "harness/report/report.h"

/* Shared by parent and workers. */
struct shared {
	volatile int stop;
	struct tally tally[CAMPAIGN_JOBS_MAX];
};

static volatile sig_atomic_t interrupted;

static void on_signal(int sig)
{
	interrupted = sig;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec * 1e-9;
}

/* What is ignored already stays so: that is how nohup works. */
static void handle_signals(void (*handler)(int))
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = handler }, old;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!sigaction(signals[i], NULL, &old) &&
		    old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
}

static void sum_up(const struct campaign *c, const struct tally *tally,
		   struct tally *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (u32 j = 0; j < c->jobs; j++) {
		const struct tally *t = &tally[j];

		sum->executions += t->executions;
		sum->steps += t->steps;
		sum->story += t->story;
		sum->switches += t->switches;
		sum->preemptions += t->preemptions;
		sum->choices += t->choices;
		sum->failed += t->failed;
		sum->faults_offered |= t->faults_offered;
		sum->passed_over += t->passed_over;
		for (int i = 0; i < CAMPAIGN_KNOWN_MAX; i++)
			sum->known[i] += t->known[i];
		if (t->fail_last > sum->fail_last)
			sum->fail_last = t->fail_last;
		for (int k = 0; k < EV_NR; k++)
			sum->count[k] += t->count[k];
		for (int i = 0; i < WINDOWS_MAX; i++) {
			sum->window[i].opened += t->window[i].opened;
			sum->window[i].entered += t->window[i].entered;
		}
		if (t->points[0])
			memcpy(sum->points, t->points, sizeof(sum->points));
		if (t->summary[0])
			memcpy(sum->summary, t->summary, sizeof(sum->summary));
		if (!t->title[0] || sum->title[0])
			continue;
		sum->index = t->index;
		memcpy(sum->class, t->class, sizeof(sum->class));
		memcpy(sum->title, t->title, sizeof(sum->title));
		memcpy(sum->path, t->path, sizeof(sum->path));
		sum->written = t->written;
	}
}

/* By the name that 'list events' explains. */
static const char *missing_event(u16 kind)
{
	static char text[64];

	snprintf(text, sizeof(text), "the event %s", event_defs[kind].name);
	return text;
}

/*
 * A pass that never saw what the target is about is not a pass; nor is one
 * where there never was a choice, or whose mutation was never reached. One
 * given program need not show all a target can do. NULL: all was seen.
 */
static const char *never_seen(const struct campaign *c, const struct tally *sum)
{
	if (!sum->executions)
		return "an execution";
	if (rt_deterministic && !sum->choices)
		return "two tasks that could run at once";
	for (const u16 *k = c->target->must_see;
	     k && *k != EV_none && !c->program; k++)
		if (!sum->count[*k])
			return missing_event(*k);
	if (sum->passed_over == sum->executions)
		return "an execution that did not end in a known finding";
	if (c->fail_alloc && !sum->failed)
		return "an allocation that failed";
	if (strcmp(c->mutate, "none") && !sum->count[EV_mutation_hit])
		return missing_event(EV_mutation_hit);
	return NULL;
}

/* The end line's word, and the exit code in *code. */
static const char *verdict(const struct campaign *c, const struct tally *sum,
			   int *code)
{
	const char *missing = never_seen(c, sum);

	if (*code == EXIT_FINDING)
		return "FAIL";
	if (*code == EXIT_HARNESS)
		return "BROKEN";
	if (interrupted) {
		*code = EXIT_CUT;
		return "CUT";
	}
	if (missing) {
		fprintf(stderr, "vacuous: %llu executions never saw %s; the race under test was not reached and nothing was tested: run more\n",
			sum->executions, missing);
		*code = EXIT_VACUOUS;
		return "VACUOUS";
	}
	*code = EXIT_PASS;
	return "PASS";
}

static void worker_process(const struct campaign *c, struct shared *shared,
			   u32 job, pid_t parent)
{
	int code;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_HARNESS);
	handle_signals(SIG_IGN);
	code = exec_setup(c->target) ? EXIT_HARNESS :
	       campaign_worker(c, job, &shared->tally[job], &shared->stop);
	symbol_close();
	fflush(NULL);
	_exit(code);
}

/* How worker @job ended, as an exit code. */
static int worker_code(const struct campaign *c, int status,
		       struct tally *tally)
{
	char text[128];

	/* A sanitizer ends the process with the code of a finding. */
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FINDING &&
	    !tally->class[0])
		return campaign_lost_finding(c, tally, &oracle_crash,
					     "The process ended itself, as a sanitizer does that has printed what it found.");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	if (WTERMSIG(status) == SIGKILL && tally->written)
		return EXIT_FINDING;
	if (WTERMSIG(status) == SIGKILL && interrupted)
		return EXIT_CUT;
	if (WTERMSIG(status) != SIGKILL) {
		snprintf(text, sizeof(text), "The process died of signal %d (%s).",
			 WTERMSIG(status), strsignal(WTERMSIG(status)));
		return campaign_lost_finding(c, tally, &oracle_crash, text);
	}
	fprintf(stderr, "HARNESS: a worker was killed in execution %llu\n",
		tally->index);
	return EXIT_HARNESS;
}

/* The gravest of two: a finding outranks a broken harness outranks the rest. */
static int graver(int a, int b)
{
	static const int rank[] = {
		[EXIT_PASS] = 0, [EXIT_USAGE] = 3, [EXIT_HARNESS] = 4,
		[EXIT_VACUOUS] = 1, [EXIT_CUT] = 2, [EXIT_FINDING] = 5,
	};

	return rank[a] >= rank[b] ? a : b;
}

/* Collect finished workers without blocking; how many. */
static u32 collect(const struct campaign *c, struct shared *shared, pid_t *pid,
		   int *code)
{
	u32 done = 0;
	int status;

	for (u32 j = 0; j < c->jobs; j++) {
		if (pid[j] <= 0 || waitpid(pid[j], &status, WNOHANG) != pid[j])
			continue;
		pid[j] = 0;
		done++;
		*code = graver(*code, worker_code(c, status, &shared->tally[j]));
		if (*code != EXIT_PASS)
			shared->stop = 1;
	}
	return done;
}

/*
 * After an interrupt: ends what does not end by itself. An execution that
 * hangs is given up soon; a finding that is being written is worth the wait.
 */
static void hurry(const struct campaign *c, const struct shared *shared,
		  const pid_t *pid, double t, double *since)
{
	if (!*since)
		*since = t;
	for (u32 j = 0; j < c->jobs; j++) {
		double grace = shared->tally[j].class[0] ? CAMPAIGN_GRACE :
							   CAMPAIGN_GIVE_UP;

		if (pid[j] > 0 && t - *since >= grace)
			kill(pid[j], SIGKILL);
	}
}

static int wait_for_workers(const struct campaign *c, struct shared *shared,
			    pid_t *pid, u32 alive, double start)
{
	double report = isatty(STDERR_FILENO) ? 0.5 : 60, next = start + report;
	const struct timespec nap = { .tv_nsec = 20000000 };
	double since = 0;
	struct tally sum;
	int code = EXIT_PASS;

	while (alive) {
		double t = now();

		if (interrupted || (c->seconds && t - start >= c->seconds))
			shared->stop = 1;
		if (interrupted)
			hurry(c, shared, pid, t, &since);
		if (t >= next) {
			next = t + report;
			sum_up(c, shared->tally, &sum);
			campaign_progress(c, &sum, t - start, false);
		}
		alive -= collect(c, shared, pid, &code);
		if (alive)
			nanosleep(&nap, NULL);
	}
	return code;
}

int campaign_run(const struct campaign *c)
{
	struct shared *shared = mmap(NULL, sizeof(*shared),
				     PROT_READ | PROT_WRITE,
				     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid[CAMPAIGN_JOBS_MAX], parent = getpid();
	double start = now();
	struct tally sum = { 0 };
	const char *word;
	u32 alive = 0;
	int code;

	if (shared == MAP_FAILED) {
		perror("svmtorture: shared memory");
		return EXIT_HARNESS;
	}
	handle_signals(on_signal);
	campaign_start_line(c);
	if (campaign_check_out(c)) {
		campaign_end_line(c, &sum, "BROKEN", now() - start);
		if (c->json)
			campaign_json(c, &sum, "BROKEN", EXIT_HARNESS,
				      now() - start);
		return EXIT_HARNESS;
	}
	fflush(NULL);
	for (u32 j = 0; j < c->jobs; j++) {
		pid[j] = fork();
		if (!pid[j])
			worker_process(c, shared, j, parent);
		if (pid[j] < 0)
			perror("svmtorture: fork");
		else
			alive++;
	}
	if (alive < c->jobs)
		shared->stop = 1;
	code = wait_for_workers(c, shared, pid, alive, start);
	if (alive < c->jobs)
		code = graver(code, EXIT_HARNESS);
	sum_up(c, shared->tally, &sum);
	campaign_worth(c, shared->tally, &sum);
	word = verdict(c, &sum, &code);
	if (code == EXIT_PASS)
		campaign_guarantee(c, &sum);
	campaign_progress(c, &sum, now() - start, true);
	campaign_known_lines(&sum);
	campaign_faults_line(c, &sum, code);
	campaign_end_line(c, &sum, word, now() - start);
	if (c->json)
		campaign_json(c, &sum, word, code, now() - start);
	else if (c->windows)
		campaign_windows(c, &sum);
	return code;
}

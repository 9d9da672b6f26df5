// SPDX-License-Identifier: GPL-2.0
/*
 * executions: whole ones, through exec_run(): boot, tasks, oracles, halt.
 *
 * The programs are fixed text, so that a figure of today can be laid beside
 * one of last year. A target that this program does not have leaves its
 * figure out.
 */
#include <stdio.h>
#include <unistd.h>

#include "harness/bench/figure.h"
#include "harness/exec/exec.h"

#define SECONDS			0.3
#define SEQFLAG3_TRACES		33354
#define MEMORY_WARM		10000
#define MEMORY_EXECUTIONS	10000000

/*
 * A fault of the GPU that is served in every execution, and a munmap() beside
 * it. The two have a page each: with one, the munmap() wins nearly always, and
 * what is timed is a cancel.
 */
static const char two_tasks_four_calls[] =
	"P0  gpu_write  page=0\n"
	"P0  store      page=0\n"
	"P1  store      page=1\n"
	"P1  munmap     page=1 count=1\n";

static const char mm_two_tasks_four_calls[] =
	"P0  store   page=0\n"
	"P0  load    page=1\n"
	"P1  store   page=1\n"
	"P1  munmap  page=0 count=1\n";

static const char exclusive_two_tasks_four_calls[] =
	"P0  gpu_atomic page=0\n"
	"P0  increment  page=0\n"
	"P1  gpu_write  page=1 client=1\n"
	"P1  munmap     page=1 count=1\n";

static const char hmm_v12_two_tasks_four_calls[] =
	"P0  mirror_write page=0\n"
	"P0  store        page=0\n"
	"P1  mirror_read  page=1\n"
	"P1  munmap       page=1 count=1\n";

static const char panthor_two_tasks_four_calls[] =
	"P0  bind_map   page=8 count=2\n"
	"P0  gpu_write  page=8\n"
	"P1  gpu_write  page=0\n"
	"P1  bind_unmap page=0 count=1\n";

#define TASK_OF_16(p)							\
	p "  store     page=0\n" p "  load      page=0\n"		\
	p "  store     page=1\n" p "  mprotect  page=1 prot=r\n"	\
	p "  load      page=1\n" p "  dontneed  page=0\n"		\
	p "  store     page=0\n" p "  store     page=2\n"		\
	p "  load      page=2\n" p "  dontneed  page=2 count=2\n"	\
	p "  load      page=3\n" p "  store     page=3\n"		\
	p "  mprotect  page=1 prot=rw\n" p "  store     page=1\n"	\
	p "  dontneed  page=0 count=4\n" p "  load      page=0\n"

static const char sixteen_calls[] = TASK_OF_16("P0");
static const char twice_sixteen_calls[] = TASK_OF_16("P0") TASK_OF_16("P1");

static struct program program;
static struct exec x;

/* Point x at the work. @text: NULL for a target with a body. */
static enum figure_answer prepare(const char *target, const char *strategy,
				  const char *arg, const char *text)
{
	const struct target *t = target_find(target);
	const struct strategy *s = strategy ? strategy_find(strategy) : NULL;
	static u64 nr_programs;
	struct prog_error err;
	struct op_table ops;
	char why[160];

	if (!t || (strategy && !s))
		return FIGURE_ABSENT;
	if (exec_setup(t))
		return FIGURE_BROKEN;
	if (s && s->setup && s->setup(arg, why, sizeof(why))) {
		fprintf(stderr, "HARNESS: %s: %s\n", strategy, why);
		return FIGURE_BROKEN;
	}
	ops = target_ops(t);
	program.nr_tasks = t->nr_fixed;
	if (text && prog_parse(&ops, text, &program, &err)) {
		fprintf(stderr, "HARNESS: bench program for %s: line %u: %s\n",
			target, err.line, err.text);
		return FIGURE_BROKEN;
	}
	x = (struct exec){
		.target = t,
		.program = &program,
		.strategy = s,
		.seed = 1,
		.program_nr = ++nr_programs,
	};
	return FIGURE_OK;
}

/* The next @n executions. What is measured must also be right. */
static enum figure_answer run(u64 n)
{
	struct rt_result result;

	for (u64 end = x.index + n; x.index < end; x.index++) {
		exec_run(&x, &result);
		if (!oracle_failure() && result.outcome == RT_DONE)
			continue;
		fprintf(stderr, "HARNESS: bench: execution %llu of %s failed: %s\n",
			x.index, x.target->name, oracle_failure() ?
			oracle_failure()->text : result.diverged);
		return FIGURE_BROKEN;
	}
	return FIGURE_OK;
}

static enum figure_answer rate(double (*clock)(void), double *value)
{
	double start, now;

	if (run(100))		/* warm */
		return FIGURE_BROKEN;
	x.index = 0;
	start = clock();
	do {
		if (run(256))
			return FIGURE_BROKEN;
		now = clock();
	} while (now < start + SECONDS);
	*value = (double)x.index / (now - start);
	return FIGURE_OK;
}

static enum figure_answer rate_of(const char *target, const char *strategy,
				  const char *arg, const char *text,
				  double *value)
{
	enum figure_answer a = prepare(target, strategy, arg, text);

	return a ? a : rate(bench_cpu, value);
}

enum figure_answer bench_seqflag3_random(double *value)
{
	return rate_of("litmus-seqflag3", "random", NULL, NULL, value);
}

enum figure_answer bench_seqflag3_pct(double *value)
{
	return rate_of("litmus-seqflag3", "pct", "3", NULL, value);
}

enum figure_answer bench_seqflag3_pos(double *value)
{
	return rate_of("litmus-seqflag3", "pos", NULL, NULL, value);
}

enum figure_answer bench_seqflag3_surw(double *value)
{
	return rate_of("litmus-seqflag3", "surw", NULL, NULL, value);
}

enum figure_answer bench_seqflag3_urw(double *value)
{
	return rate_of("litmus-seqflag3", "urw", NULL, NULL, value);
}

enum figure_answer bench_seqflag3_mix(double *value)
{
	return rate_of("litmus-seqflag3", "mix", NULL, NULL, value);
}

/* Every trace of seqflag3, each once: how long it takes. */
static enum figure_answer prove(double *seconds)
{
	enum figure_answer a = prepare("litmus-seqflag3", "dpor", NULL, NULL);
	struct rt_result result;
	double start = bench_cpu();

	if (a)
		return a;
	for (;; x.index++) {
		exec_run(&x, &result);
		if (oracle_failure() || result.outcome != RT_DONE)
			break;
	}
	*seconds = bench_cpu() - start;
	if (result.outcome == RT_EXHAUSTED && x.index == SEQFLAG3_TRACES)
		return FIGURE_OK;
	fprintf(stderr, "HARNESS: bench: seqflag3 was left after %llu traces of %u\n",
		x.index, SEQFLAG3_TRACES);
	return FIGURE_BROKEN;
}

enum figure_answer bench_seqflag3_dpor(double *value)
{
	double seconds;
	enum figure_answer a = prove(&seconds);

	if (!a)
		*value = SEQFLAG3_TRACES / seconds;
	return a;
}

enum figure_answer bench_seqflag3_proof(double *value)
{
	double seconds;
	enum figure_answer a = prove(&seconds);

	if (!a)
		*value = seconds * 1000;
	return a;
}

enum figure_answer bench_port(double *value)
{
	u64 mapped = journal_count[EV_gpu_map];
	enum figure_answer a = rate_of("nouveau-onepage", "random", NULL,
				       two_tasks_four_calls, value);

	if (a || journal_count[EV_gpu_map] - mapped >= x.index)
		return a;
	fprintf(stderr, "HARNESS: bench: the fault was not served every time\n");
	return FIGURE_BROKEN;
}

enum figure_answer bench_port_mm(double *value)
{
	return rate_of("mm", "random", NULL, mm_two_tasks_four_calls, value);
}

enum figure_answer bench_port_exclusive(double *value)
{
	return rate_of("nouveau-exclusive", "random", NULL,
		       exclusive_two_tasks_four_calls, value);
}

enum figure_answer bench_port_hmm_v12(double *value)
{
	return rate_of("hmm-v12", "random", NULL, hmm_v12_two_tasks_four_calls,
		       value);
}

enum figure_answer bench_port_panthor(double *value)
{
	return rate_of("panthor", "random", NULL, panthor_two_tasks_four_calls,
		       value);
}

/* By the wall: two threads are to be twice as fast, not twice as dear. */
static enum figure_answer native_calls(const char *text, double *value)
{
	enum figure_answer a;

	if (rt_deterministic)
		return FIGURE_ABSENT;
	a = prepare("mm", NULL, NULL, text);
	if (!a)
		a = rate(bench_wall, value);
	if (!a)
		*value *= prog_nr_calls(&program);
	return a;
}

enum figure_answer bench_native_1(double *value)
{
	return native_calls(sixteen_calls, value);
}

enum figure_answer bench_native_2(double *value)
{
	return native_calls(twice_sixteen_calls, value);
}

/* Resident memory of this process, in KiB. -1 if it cannot be read. */
static double resident(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long total, pages = -1;

	if (!f)
		return -1;
	if (fscanf(f, "%ld %ld", &total, &pages) != 2)
		pages = -1;
	fclose(f);
	return pages < 0 ? -1 : (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

/* How much larger the process is after ten million executions. */
static enum figure_answer growth(const char *target, const char *text,
				 double *value)
{
	enum figure_answer a = prepare(target, "random", NULL, text);
	double before;

	if (!a)
		a = run(MEMORY_WARM);
	if (a)
		return a;
	before = resident();
	a = run(MEMORY_EXECUTIONS);
	*value = resident() - before;
	return before < 0 ? FIGURE_ABSENT : a;
}

enum figure_answer bench_memory_litmus(double *value)
{
	return growth("litmus-seqflag3-small", NULL, value);
}

enum figure_answer bench_memory_port(double *value)
{
	return growth("nouveau-onepage", two_tasks_four_calls, value);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * exec: one execution, from a program and a strategy to a verdict.
 *
 * M0 boots the target in silence, lets the program's tasks go, waits for them,
 * lets the oracles look at the quiet machine, tears everything down and lets
 * them look once more. Whatever fails on the way ends it where it stands; the
 * next execution starts from a bulk reset and never from a clean-up.
 */
#include <stdio.h>
#include <string.h>

#include "harness/rt/hooks.h"
#include "harness/exec/exec.h"

static const struct exec *running;

/* Arguments of each call as text, for the columns; written in detail only. */
static char call_text[PROG_TASKS_MAX][PROG_CALLS_MAX][160];

struct op_table target_ops(const struct target *t)
{
	struct op_table ops = {
		.shared = t->mm_ops ? mm_ops : NULL,
		.nr_shared = t->mm_ops ? nr_mm_ops : 0,
		.own = t->ops,
		.nr_own = t->nr_ops,
		.themes = t->themes,
	};

	return ops;
}

const struct oracle *target_class(const struct target *t, const char *name)
{
	const struct oracle *const *lists[] = { oracles_engine, t->oracles };

	for (u32 i = 0; i < ARRAY_SIZE(lists); i++)
		for (u32 j = 0; lists[i] && lists[i][j]; j++)
			if (!strcmp(lists[i][j]->name, name))
				return lists[i][j];
	return NULL;
}

/* " page=1 count=2": what follows the op's name. */
static const char *call_arguments(const struct op_table *ops,
				  const struct call *c, u32 task, u32 nr)
{
	char *text = call_text[task][nr];
	const char *args;

	if (!rt_detail)
		return "";
	if (prog_print_call(ops, c, text, sizeof(call_text[0][0])) < 0)
		return "";
	args = strchr(text, ' ');
	return args ? args : "";
}

static void run_calls(u32 index)
{
	struct op_table ops = target_ops(running->target);
	const struct prog_task *t = &running->program->task[index];

	for (u32 i = 0; i < t->nr_calls; i++) {
		const struct call *c = &t->call[i];
		const struct op *op = op_get(&ops, c->op);
		long result;

		journal_emit(EV_call_begin, (u64)(size_t)op->name,
			     (u64)(size_t)call_arguments(&ops, c, index, i), i);
		result = op->run(c->arg);
		if (running->target->mm_ops)
			mm_call_returned(result);
		journal_emit(EV_call_end, (u64)(size_t)op->name, (u64)result, i);
	}
}

static void program_task(void *arg)
{
	u32 index = (u32)(size_t)arg;
	const struct target *t = running->target;

	if (t->task_begin)
		t->task_begin(index);
	if (t->body)
		t->body(index);
	else
		run_calls(index);
	if (t->task_end)
		t->task_end(index);
}

static void machine_main(void *arg)
{
	const struct exec *x = arg;
	const struct target *t = x->target;
	u32 nr = t->body ? t->nr_fixed : x->program->nr_tasks;
	int task[PROG_TASKS_MAX];

	if (t->boot)
		t->boot();
	for (u32 i = 0; i < nr; i++)
		task[i] = rt_spawn('P', "program", program_task,
				   (void *)(size_t)i);
	rt_go();
	for (u32 i = 0; i < nr; i++)
		rt_join(task[i]);

	if (t->quiesce)
		t->quiesce();
	journal_emit(EV_quiesce, 0, 0, 0);
	oracle_quiesce();

	if (t->halt)
		t->halt();
	journal_emit(EV_end, 0, 0, 0);
	oracle_end();
}

int exec_setup(const struct target *t)
{
	if (rt_engine_init())
		return -1;
	journal_format = t->format;
	oracle_setup(t->oracles, t->view);
	return 0;
}

void exec_run(const struct exec *x, struct rt_result *r)
{
	struct rt_config config = {
		.strategy = x->strategy,
		.seed = x->seed,
		.execution = x->index,
		.program = x->program_nr,
		.exact = !x->target->view,
		.forgetful = !oracle_remembers(),
		.steps_max = x->steps_max ? x->steps_max : x->target->steps_max,
		.stop_at = x->stop_at,
		.detail = x->detail,
		.schedule = x->schedule,
		.trace = x->trace,
		.trace_len = x->trace_len,
		.lenient = x->lenient,
	};

	running = x;
	oracle_begin();
	journal_begin();
	rt_engine_run(&config, machine_main, (void *)x, r);
	oracle_outcome(r);
}

/* Texts may differ: objects have names in detail only. */
static bool same_failure(const struct failure *a, const struct failure *b)
{
	/* Where accesses are watched, what detail reads for its names are rows. */
	return a->oracle == b->oracle && a->task == b->task &&
	       (a->seq == b->seq || &rt_hooks);
}

int exec_again(const struct exec *x, const struct rt_result *r,
	       struct schedule *s, bool named)
{
	static u8 trace[EXEC_TRACE_MAX];
	struct failure first = *oracle_failure();
	struct rt_result again;
	struct exec detail = *x;

	if (r->trace_len > sizeof(trace)) {
		fprintf(stderr, "HARNESS: a trace of %u decisions is too long to repeat\n",
			r->trace_len);
		return -1;
	}
	memcpy(trace, r->trace, r->trace_len);
	detail.strategy = strategy_find("replay");
	detail.schedule = NULL;
	detail.trace = trace;
	detail.trace_len = r->trace_len;
	detail.detail = true;
	detail.lenient = false;
	exec_run(&detail, &again);
	if (again.outcome == RT_DIVERGED) {
		fprintf(stderr, "HARNESS: not deterministic: the recorded schedule could not be followed: %s\n",
			again.diverged);
		return -1;
	}
	if (!oracle_failure() || !same_failure(&first, oracle_failure())) {
		fprintf(stderr, "HARNESS: not deterministic: \"%s\" was not seen again in the same schedule\n",
			first.text);
		return -1;
	}
	rt_export_schedule(s, named);
	return 0;
}

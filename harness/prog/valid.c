// SPDX-License-Identifier: GPL-2.0
/*
 * valid: what every decode, generate, mutate and shrink must leave behind.
 *
 * A program has 1 to PROG_TASKS_MAX tasks of 1 to PROG_CALLS_MAX calls each;
 * every call is an op of the table, its arguments are values of their kinds
 * and the unused ones are 0. A table without a single op is that of a target
 * whose tasks have fixed bodies: there, and only there, tasks have no calls.
 *
 * Calls past nr_calls and tasks past nr_tasks are never looked at, by anybody:
 * a program is 12 KB and nobody clears one.
 */
#include <stdarg.h>
#include <stdio.h>

#include "harness/prog/prog.h"

__attribute__((format(printf, 2, 3)))
static bool invalid(struct prog_error *err, const char *fmt, ...)
{
	va_list ap;

	if (err) {
		err->line = 0;
		err->column = 0;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
	}
	return false;
}

static bool call_valid(const struct op_table *t, const struct call *c,
		       u32 task, struct prog_error *err)
{
	const struct op *op = op_get(t, c->op);
	u32 n;

	if (!op)
		return invalid(err, "P%u has a call of opcode %u, which is no op",
			       task, c->op);
	n = op_nr_args(op);
	for (u32 i = 0; i < n; i++)
		if (!kind_valid(op->arg[i].kind, c->arg[i]))
			return invalid(err, "P%u %s: %s=%u is out of range",
				       task, op->name, op->arg[i].name,
				       c->arg[i]);
	for (u32 i = n; i < OP_ARGS_MAX; i++)
		if (c->arg[i])
			return invalid(err, "P%u %s: unused argument %u is not 0",
				       task, op->name, i);
	return true;
}

bool prog_valid(const struct op_table *t, const struct program *p,
		struct prog_error *err)
{
	bool fixed = !t->nr_shared && !t->nr_own;

	if (!p->nr_tasks)
		return invalid(err, "the program is empty; expected at least one call, such as \"P0  op\"");
	if (p->nr_tasks > PROG_TASKS_MAX)
		return invalid(err, "%u tasks; at most %d are allowed",
			       p->nr_tasks, PROG_TASKS_MAX);
	for (u32 i = 0; i < p->nr_tasks; i++) {
		const struct prog_task *k = &p->task[i];

		if (k->nr_calls > PROG_CALLS_MAX)
			return invalid(err, "P%u has %u calls; at most %d are allowed",
				       i, k->nr_calls, PROG_CALLS_MAX);
		if (!k->nr_calls && !fixed)
			return invalid(err, "P%u has no call, and a task of a higher number does",
				       i);
		for (u32 j = 0; j < k->nr_calls; j++)
			if (!call_valid(t, &k->call[j], i, err))
				return false;
	}
	return true;
}

u32 prog_nr_calls(const struct program *p)
{
	u32 n = 0;

	for (u32 i = 0; i < p->nr_tasks; i++)
		n += p->task[i].nr_calls;
	return n;
}

bool prog_remove_call(struct program *p, u32 task, u32 call)
{
	struct prog_task *k;

	if (task >= p->nr_tasks || call >= p->task[task].nr_calls)
		return false;
	k = &p->task[task];
	if (k->nr_calls == 1 && p->nr_tasks == 1)
		return false;
	k->nr_calls--;
	for (u32 i = call; i < k->nr_calls; i++)
		k->call[i] = k->call[i + 1];
	if (k->nr_calls)
		return true;
	p->nr_tasks--;
	for (u32 i = task; i < p->nr_tasks; i++)
		p->task[i] = p->task[i + 1];
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * sim_task: the tasks of an execution, from their first step to their last.
 *
 * A task's start and its exit are steps like any other. Its joiners wait on
 * nothing that a strategy could see: see sim.c.
 */
#include "harness/rt/sim.h"

#include "harness/journal/journal.h"
#include "harness/rt/hooks.h"

static void task_exit(void) __attribute__((noreturn));
static void task_exit(void)
{
	struct sim_task *t = &sim.task[sim.cur];
	int self = sim.cur;

	sim_publish(&sim_site_exit, t->alive);
	sim_next();
	*t->alive = 0;
	journal_emit(EV_task_exit, (u64)self, 0, 0);
	sim.live &= ~SIM_BIT(self);
	sim.ready &= ~SIM_BIT(self);
	sim.slide |= t->joiners;
	sim_leave();
}

static void task_entry(void)
{
	struct sim_task *t = &sim.task[sim.cur];

	if (!sim.cur) {
		t->fn(t->arg);
		sim_finish(RT_DONE);
	}
	journal_emit(EV_task_start, (u64)sim.cur, 0, 0);
	t->fn(t->arg);
	task_exit();
}

int rt_spawn(char role, const char *title, void (*fn)(void *), void *arg)
{
	int id = (int)sim.view.nr_tasks;
	struct sim_task *t = &sim.task[id];
	size_t size;
	void *stack;

	if (id == RT_TASKS_MAX)
		return -1;
	t->fn = fn;
	t->arg = arg;
	t->private = NULL;
	t->joiners = 0;
	t->relaxes = 0;
	t->title = title;
	t->role = role;
	t->index = 0;
	for (int i = 0; i < id; i++)
		t->index += sim.task[i].role == role;
	/* The words of the tasks are neighbours: see machine_reset(). */
	t->alive = sim.task[0].alive + id;
	*t->alive = 1;
	stack = sim_stack(id, &size);
	fiber_init(&t->fiber, stack, size, task_entry);
	sim.pending[id] = (struct strategy_task){ .site = &sim_site_start };
	sim.view.nr_tasks++;
	sim.live |= SIM_BIT(id);
	sim.ready |= SIM_BIT(id);
	if (id)
		RT_HOOK(spawn, sim.cur, id);
	if (unlikely(rt_detail))
		sim_names_publish(id);
	return id;
}

void rt_join(int task)
{
	if (!(sim.live & SIM_BIT(task))) {
		RT_HOOK(join, sim.cur, task);
		return;
	}
	sim_publish(&sim_site_join, sim.task[task].alive);
	if (!sim.going)
		sim_finish(RT_DEADLOCK);
	sim.task[task].joiners |= SIM_BIT(sim.cur);
	sim.ready &= ~SIM_BIT(sim.cur);
	sim.joining |= SIM_BIT(sim.cur);
	sim_next();
	RT_HOOK(join, sim.cur, task);
}

int rt_self(void)
{
	return sim.cur;
}

bool rt_exited(int task)
{
	return !(sim.live & SIM_BIT(task));
}

char rt_role(int task)
{
	return sim.task[task].role;
}

u8 rt_index(int task)
{
	return sim.task[task].index;
}

const char *rt_title(int task)
{
	return sim.task[task].title;
}

void rt_set_daemon(int task)
{
	sim.daemon |= SIM_BIT(task);
}

void rt_kill(int task)
{
	sim.killed |= SIM_BIT(task);
	if ((sim.sleeping & SIM_BIT(task)) && sim.task[task].killable)
		sim_wake(task, RT_KILLED);
}

bool rt_killed(int task)
{
	return sim.killed & SIM_BIT(task);
}

void rt_set_private(void *p)
{
	sim.task[sim.cur].private = p;
}

void *rt_private(int task)
{
	return sim.task[task].private;
}

void *rt_own_private(void)
{
	return sim.task[sim.cur].private;
}

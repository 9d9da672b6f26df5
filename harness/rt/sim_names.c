// SPDX-License-Identifier: GPL-2.0
/*
 * sim_names: the words of an execution, kept when rt_detail is on.
 *
 * A switch point is spelt verb(arg), or verb(name of the object) if the site
 * has no arg, or verb alone if the object has no name. The spelling is fixed
 * when a task arrives at the point: an object named later does not change what
 * was passed before, so that a replay, which compares on arrival, sees the
 * words that the export wrote.
 *
 * Objects are looked up by address, and an address is used once an execution
 * (sim_arena.c); nothing is ever listed or printed in the order of addresses.
 */
#include "harness/rt/sim.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX	16384		/* a power of two; half of it is used */

struct name {
	const void *obj;		/* NULL: free */
	const char *name;
	int index;
};

static struct name names[NAMES_MAX];
static u32 nr_names;

struct step {
	const struct rt_site *site;
	const void *obj;
	u8 task;
	bool preempted;
	char name[SCHEDULE_NAME_MAX];
};
static struct step steps[RT_STEPS_MAX];
static u32 nr_steps;

static char pending_name[RT_TASKS_MAX][SCHEDULE_NAME_MAX];

/* The slot of obj, or the free one where it belongs. */
static struct name *find(const void *obj)
{
	u64 hash = (u64)(size_t)obj * 0x9e3779b97f4a7c15ull;
	u32 i = (u32)(hash >> 32) % NAMES_MAX;

	while (names[i].obj && names[i].obj != obj)
		i = (i + 1) % NAMES_MAX;
	return &names[i];
}

void sim_names_reset(void)
{
	if (nr_names)
		memset(names, 0, sizeof(names));
	nr_names = nr_steps = 0;
}

void rt_name_slow(const void *obj, const char *name, int index)
{
	struct name *n = find(obj);

	if (!obj || (!n->obj && nr_names == NAMES_MAX / 2))
		return;
	if (!n->obj)
		nr_names++;
	*n = (struct name){ .obj = obj, .name = name, .index = index };
}

const char *rt_object_name(const void *obj, char *buf, size_t size)
{
	const struct name *n = obj && rt_detail ? find(obj) : NULL;

	if (!n || !n->obj)
		return NULL;
	if (n->index < 0)
		snprintf(buf, size, "%s", n->name);
	else
		snprintf(buf, size, "%s#%d", n->name, n->index);
	return buf;
}

const char *rt_point_name(const struct rt_site *site, const void *obj,
			  char *buf, size_t size)
{
	char object[SCHEDULE_NAME_MAX];
	const char *arg = site->arg;

	if (!arg)
		arg = rt_object_name(obj, object, sizeof(object));
	if (arg && arg[0])
		snprintf(buf, size, "%s(%s)", site->verb, arg);
	else
		snprintf(buf, size, "%s", site->verb);
	return buf;
}

const char *sim_object_word(const struct rt_site *site, const void *obj)
{
	const struct name *n = rt_detail ? find(obj) : NULL;

	if (n && n->obj)
		return n->name;
	return site->arg && site->arg[0] ? site->arg : "memory";
}

void sim_names_publish(int task)
{
	rt_point_name(sim.pending[task].site, sim.pending[task].obj,
		      pending_name[task], SCHEDULE_NAME_MAX);
}

void sim_names_step(u32 step, int task, bool preempted)
{
	struct step *s = &steps[step];

	s->site = sim.pending[task].site;
	s->obj = sim.pending[task].obj;
	s->task = (u8)task;
	s->preempted = preempted;
	strcpy(s->name, pending_name[task]);
	nr_steps = step + 1;
}

const char *sim_pending_name(int task)
{
	return pending_name[task];
}

const char *sim_step_name(u32 step)
{
	return steps[step].name;
}

bool rt_step_info(u32 step, struct rt_step_info *info)
{
	const struct step *s;

	if (!rt_detail || step > nr_steps)
		return false;
	*info = (struct rt_step_info){ .site = &sim_site_boot, .name = "boot" };
	if (!step)
		return true;
	s = &steps[step - 1];
	info->task = s->task;
	info->preempted = s->preempted;
	info->site = s->site;
	info->obj = s->obj;
	strcpy(info->name, s->name);
	return true;
}

/*
 * Walk the frame pointers of the running fiber. Every link is checked against
 * the stack before it is followed, so code that was built without them cuts
 * the walk short instead of ending it badly.
 */
unsigned int rt_stack(u64 *pc, unsigned int max)
{
	const struct fiber *f = &sim.task[sim.cur].fiber;
	const size_t *fp = __builtin_frame_address(0);
	size_t low = (size_t)f->stack, high = low + f->size;
	unsigned int n = 0;

	if (!rt_detail || !sim.running)
		return 0;
	while (n < max && (size_t)fp >= low && (size_t)fp + 16 <= high &&
	       !((size_t)fp & 7) && fp[0]) {
		pc[n++] = fp[1];
		low = (size_t)fp + 16;		/* callers are further up */
		fp = (const size_t *)fp[0];
	}
	return n;
}

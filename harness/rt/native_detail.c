// SPDX-License-Identifier: GPL-2.0
/*
 * native_detail: names of objects and stacks of tasks, for reports.
 *
 * Names are a table that only grows, in memory the parent shares, so that a
 * report can still be spelt when the child is gone. Writers take a slot each
 * and publish it by its object; nobody waits.
 *
 * There is no schedule here: the order was the machine's. What would describe
 * one says that it has none.
 */
#include <stdio.h>

#include "harness/rt/native.h"

bool rt_detail;

void native_detail_begin(bool detail)
{
	u32 nr = native->nr_names;

	for (u32 i = 0; i < nr && i < NATIVE_NAMES_MAX; i++)
		native->name[i].obj = NULL;
	native->nr_names = 0;
	rt_detail = detail;
}

void rt_name_slow(const void *obj, const char *name, int index)
{
	u32 slot = __atomic_fetch_add(&native->nr_names, 1, __ATOMIC_RELAXED);

	/* Beyond that objects go without a name; nothing else changes. */
	if (slot >= NATIVE_NAMES_MAX)
		return;
	native->name[slot].name = name;
	native->name[slot].index = index;
	__atomic_store_n(&native->name[slot].obj, obj, __ATOMIC_RELEASE);
}

const char *rt_object_name(const void *obj, char *buf, size_t size)
{
	u32 nr = __atomic_load_n(&native->nr_names, __ATOMIC_RELAXED);

	if (nr > NATIVE_NAMES_MAX)
		nr = NATIVE_NAMES_MAX;
	/* The newest name holds. */
	while (obj && nr--) {
		const struct native_name *n = &native->name[nr];

		if (__atomic_load_n(&n->obj, __ATOMIC_ACQUIRE) != obj)
			continue;
		if (n->index < 0)
			snprintf(buf, size, "%s", n->name);
		else
			snprintf(buf, size, "%s#%d", n->name, n->index);
		return buf;
	}
	return NULL;
}

const char *rt_point_name(const struct rt_site *site, const void *obj,
			  char *buf, size_t size)
{
	char name[SCHEDULE_NAME_MAX];
	const char *arg = site->arg;

	if (!arg)
		arg = rt_object_name(obj, name, sizeof(name));
	if (arg)
		snprintf(buf, size, "%s(%s)", site->verb, arg);
	else
		snprintf(buf, size, "%s", site->verb);
	return buf;
}

/*
 * Frame pointers, from the caller of this up to the function the runtime
 * called. Stacks grow down, so an older frame is at a higher address: what is
 * not, is not a frame.
 */
unsigned int rt_stack(u64 *pc, unsigned int max)
{
	const u64 *frame = __builtin_frame_address(0);
	unsigned int nr = 0;

	if (!rt_detail)
		return 0;
	while (nr < max && (const void *)frame < native_stack_end) {
		const u64 *older = (const u64 *)(size_t)frame[0];

		pc[nr++] = frame[1];
		if (older <= frame)
			break;
		frame = older;
	}
	return nr;
}

bool rt_step_info(u32 step, struct rt_step_info *info)
{
	(void)step;
	(void)info;
	return false;
}

void rt_export_schedule(struct schedule *s, bool named)
{
	(void)named;
	s->nr = 0;
	s->cut = false;
}

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/timer.h>: timers expire in task T0, in atomic context, in
 * order of expiry. T0 exists if the machine was booted with KERNEL_TIMERS; a
 * timer armed without it is a BUG. Not modelled: deferrable, pinned, irqsafe.
 */
#ifndef _LINUX_TIMER_H
#define _LINUX_TIMER_H

#include <linux/container_of.h>
#include <linux/jiffies.h>
#include <linux/list.h>

struct timer_list {
	struct list_head entry;		/* empty: not pending */
	unsigned long expires;
	void (*function)(struct timer_list *t);
};

void timer_init_(struct timer_list *t, void (*fn)(struct timer_list *),
		 const char *name);
#define timer_setup(t, fn, flags)	timer_init_(t, fn, kernel_name(#t))

#define from_timer(var, t, field) \
	container_of(t, __typeof__(*var), field)

/* 1 if it was pending before. */
int mod_timer(struct timer_list *t, unsigned long expires);
void add_timer(struct timer_list *t);
int timer_delete(struct timer_list *t);
int timer_delete_sync(struct timer_list *t);	/* and its function has returned */
bool timer_pending(const struct timer_list *t);
#define del_timer(t)		timer_delete(t)
#define del_timer_sync(t)	timer_delete_sync(t)
#define timer_shutdown_sync(t)	timer_delete_sync(t)

#endif /* _LINUX_TIMER_H */

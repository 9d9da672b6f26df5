/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/srcu.h>: readers that may sleep, counted in two counts of
 * which one is current. A grace period waits out both, with a flip between.
 * Not modelled: per-cpu counts, polled grace periods, expediting.
 */
#ifndef _LINUX_SRCU_H
#define _LINUX_SRCU_H

#include <linux/lockdep.h>
#include <linux/rcupdate.h>

struct srcu_struct {
	u32 word;		/* class of the domain, in the top byte */
	u32 busy;		/* a grace period is under way */
	u32 idx;		/* where new readers go */
	u32 readers[2];
	u32 waiting;		/* somebody sleeps on readers[] */
	u32 pending;		/* callbacks not yet invoked */
	const char *name;	/* of a static one, else NULL */
};

#define DEFINE_SRCU(n)		struct srcu_struct n __machine = { .name = #n }
#define DEFINE_STATIC_SRCU(n)	static DEFINE_SRCU(n)

int __init_srcu_struct(struct srcu_struct *ss, struct lock_class_key *key);
#define init_srcu_struct(ss) ({						\
	LOCK_CLASS_KEY(key_, ss);					\
									\
	__init_srcu_struct(ss, &key_);					\
})
/* Nobody reads and no callback is pending, or it is a WARN. */
void cleanup_srcu_struct(struct srcu_struct *ss);

int srcu_read_lock(struct srcu_struct *ss);
void srcu_read_unlock(struct srcu_struct *ss, int idx);
bool srcu_read_lock_held(const struct srcu_struct *ss);

void synchronize_srcu(struct srcu_struct *ss);
#define synchronize_srcu_expedited(ss)	synchronize_srcu(ss)
void call_srcu(struct srcu_struct *ss, struct rcu_head *head,
	       rcu_callback_t func);
void srcu_barrier(struct srcu_struct *ss);

#define srcu_dereference(p, ss)	rcu_dereference_check(p, srcu_read_lock_held(ss))

#endif /* _LINUX_SRCU_H */

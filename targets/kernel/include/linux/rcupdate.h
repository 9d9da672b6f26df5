/* SPDX-License-Identifier: GPL-2.0 */
/*
 * MODEL of <linux/rcupdate.h>: grace periods are real. synchronize_rcu() does
 * not return before every reader that was inside has left, and callbacks run
 * in task R0 after one. A reader must not sleep (might_sleep() complains).
 * Not modelled: quiescent states without a marked reader; the -bh and -sched
 * flavours are the same thing.
 */
#ifndef _LINUX_RCUPDATE_H
#define _LINUX_RCUPDATE_H

#include <asm/barrier.h>
#include <linux/bug.h>
#include <linux/compiler.h>
#include <linux/types.h>

void rcu_read_lock(void);
void rcu_read_unlock(void);
bool rcu_read_lock_held(void);
/* The same with no point of their own: only a grace period can tell. For what
 * opens a section on the way to something else, as pte_offset_map() does. */
void __rcu_read_lock(void);
void __rcu_read_unlock(void);
void synchronize_rcu(void);
#define synchronize_rcu_expedited()	synchronize_rcu()
#define synchronize_net()		synchronize_rcu()
void call_rcu(struct rcu_head *head, rcu_callback_t func);
/* Every callback queued before is done, of all domains. */
void rcu_barrier(void);

/* A callback "function" below this is the offset of the head in the object. */
#define KFREE_RCU_OFFSET_MAX	4096
#define kfree_rcu(p, member) do {					\
	__typeof__(p) kfree_ = (p);					\
									\
	if (kfree_)							\
		call_rcu(&kfree_->member, (rcu_callback_t)		\
			 offsetof(__typeof__(*(p)), member));		\
} while (0)

#define rcu_check_(held) ({						\
	if (unlikely(!(held)))						\
		kernel_warn("suspicious RCU usage: " #held, __func__, __LINE__); \
})

#define rcu_dereference_raw(p) ({					\
	rt_point(RT_SITE(RT_LOAD, "rcu_dereference", #p), &(p));	\
	__atomic_load_n(&(p), __ATOMIC_ACQUIRE);			\
})
#define rcu_dereference_check(p, held) ({				\
	rcu_check_(held);						\
	rcu_dereference_raw(p);						\
})
#define rcu_dereference(p)	rcu_dereference_check(p, rcu_read_lock_held())
#define rcu_dereference_protected(p, held) ({				\
	rcu_check_(held);						\
	(p);								\
})
#define rcu_access_pointer(p)	READ_ONCE(p)
#define rcu_assign_pointer(p, v) do {					\
	__typeof__(p) assign_ = (v);					\
									\
	rt_point(RT_SITE(RT_STORE, "rcu_assign_pointer", #p), &(p));	\
	__atomic_store_n(&(p), assign_, __ATOMIC_RELEASE);		\
} while (0)
#define RCU_INIT_POINTER(p, v)	__WRITE_ONCE(p, v)

#define RCU_LOCKDEP_WARN(cond, text) do {				\
	if (unlikely(cond))						\
		kernel_warn(text, __func__, __LINE__);			\
} while (0)

#endif /* _LINUX_RCUPDATE_H */

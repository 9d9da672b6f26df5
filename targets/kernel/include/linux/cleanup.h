/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/cleanup.h>: guard() for a mutex or a spinlock. */
#ifndef _LINUX_CLEANUP_H
#define _LINUX_CLEANUP_H

#include <linux/mutex.h>
#include <linux/spinlock.h>

static inline void cleanup_mutex_(struct mutex **lock)
{
	mutex_unlock(*lock);
}

static inline void cleanup_spinlock_(spinlock_t **lock)
{
	spin_unlock(*lock);
}

#define guard_mutex_(l)							\
	struct mutex *__UNIQUE_ID(guard) __maybe_unused			\
	__attribute__((cleanup(cleanup_mutex_))) =			\
	({ struct mutex *guard_ = (l); mutex_lock(guard_); guard_; })
#define guard_spinlock_(l)						\
	spinlock_t *__UNIQUE_ID(guard) __maybe_unused			\
	__attribute__((cleanup(cleanup_spinlock_))) =			\
	({ spinlock_t *guard_ = (l); spin_lock(guard_); guard_; })
#define guard(kind)	guard_##kind##_

#endif /* _LINUX_CLEANUP_H */

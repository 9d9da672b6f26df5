/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seqlock.h: a counter that is odd while its writer is at work.
 *
 * MODEL of the raw writer's half of <linux/seqlock.h>. Writers are kept apart
 * by a lock of the caller. The half of readers comes with who reads one.
 */
#ifndef _LINUX_SEQLOCK_H
#define _LINUX_SEQLOCK_H

#include <linux/compiler.h>
#include <linux/types.h>

typedef struct {
	u32 sequence;
} seqcount_t;

#define seqcount_init(s) do {						\
	(s)->sequence = 0;						\
	rt_name((s), kernel_name(#s), -1);				\
} while (0)

static inline void raw_write_seqcount_begin(seqcount_t *s)
{
	rt_point(RT_SITE(RT_STORE, "raw_write_seqcount_begin", NULL), s);
	__atomic_fetch_add(&s->sequence, 1, __ATOMIC_SEQ_CST);
}

static inline void raw_write_seqcount_end(seqcount_t *s)
{
	rt_point(RT_SITE(RT_STORE, "raw_write_seqcount_end", NULL), s);
	__atomic_fetch_add(&s->sequence, 1, __ATOMIC_RELEASE);
}

#endif /* _LINUX_SEQLOCK_H */

/* SPDX-License-Identifier: GPL-2.0 */
/*
 * seqlock.h: a counter that is odd while its writer is at work.
 *
 * MODEL of <linux/seqlock.h>: raw writers, kept apart by a lock of the caller,
 * and readers that do not wait for an even count but look at it themselves.
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

/* May be odd: a writer is at work. What is read next is read after it. */
static inline unsigned int raw_read_seqcount(const seqcount_t *s)
{
	rt_point(RT_SITE(RT_LOAD, "raw_read_seqcount", NULL), s);
	return __atomic_load_n(&s->sequence, __ATOMIC_SEQ_CST);
}

/* True: a writer has begun since @start was read. */
static inline bool read_seqcount_retry(const seqcount_t *s, unsigned int start)
{
	rt_point(RT_SITE(RT_LOAD, "read_seqcount_retry", NULL), s);
	return __atomic_load_n(&s->sequence, __ATOMIC_SEQ_CST) != start;
}

#endif /* _LINUX_SEQLOCK_H */

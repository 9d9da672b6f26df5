/* SPDX-License-Identifier: GPL-2.0 */
/* MODEL of <linux/completion.h>: a count that is waited for and used up. */
#ifndef _LINUX_COMPLETION_H
#define _LINUX_COMPLETION_H

#include <linux/wait.h>

struct completion {
	unsigned int done;
	struct wait_queue_head wait;
};

#define COMPLETION_INITIALIZER(x)	{ 0, __WAIT_QUEUE_HEAD_INITIALIZER((x).wait) }
#define DECLARE_COMPLETION(x)		struct completion x = COMPLETION_INITIALIZER(x)
#define DECLARE_COMPLETION_ONSTACK(x)	DECLARE_COMPLETION(x)

void __init_completion(struct completion *x, const char *name);
#define init_completion(x)	__init_completion(x, kernel_name(#x))
void reinit_completion(struct completion *x);
void wait_for_completion(struct completion *x);
int __must_check wait_for_completion_killable(struct completion *x);
unsigned long wait_for_completion_timeout(struct completion *x,
					  unsigned long timeout);
bool try_wait_for_completion(struct completion *x);
bool completion_done(struct completion *x);
void complete(struct completion *x);
void complete_all(struct completion *x);

#endif /* _LINUX_COMPLETION_H */

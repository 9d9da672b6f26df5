// SPDX-License-Identifier: GPL-2.0
/*
 * front_once: pthread_once(). Its word is 0 before, RUNNING while the routine
 * runs, DONE ever after.
 */
#define _GNU_SOURCE
#include <pthread.h>

#include "harness/rt/pthread/front.h"

enum { RUNNING = 1, DONE = 2 };

int front_once(pthread_once_t *once, void (*routine)(void));

int front_once(pthread_once_t *once, void (*routine)(void))
{
	u32 *word = (u32 *)once;

	front_point_lock(RT_SITE(RT_LOCK, "pthread_once", NULL), word, word,
			 RUNNING);
	front_acquire(word);
	if (*word == DONE)
		return 0;
	*word = RUNNING;
	routine();
	front_point(RT_SITE(RT_UNLOCK, "pthread_once is done", NULL), word);
	*word = DONE;
	front_release(word, false);
	return 0;
}

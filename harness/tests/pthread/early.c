// SPDX-License-Identifier: GPL-2.0
/*
 * A wait that is taken for more than it says. It may end though nobody has
 * signalled (--spurious); with TIMED, though the signal was on its way; with
 * MALLOC the memory may not be there (--fail-malloc).
 */
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int *value;

static void *setter(void *arg)
{
#ifdef MALLOC
	int *p = malloc(sizeof(*p));

	*p = 1;
#else
	static int one = 1, *p = &one;
#endif
	pthread_mutex_lock(&lock);
	value = p;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&lock);
	return arg;
}

int main(void)
{
	struct timespec soon;
	pthread_t t;

	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_sec += 60;
	pthread_create(&t, NULL, setter, NULL);
	pthread_mutex_lock(&lock);
	if (!value) {
#ifdef TIMED
		pthread_cond_timedwait(&changed, &lock, &soon);
#else
		pthread_cond_wait(&changed, &lock);
#endif
	}
	assert(value);
	pthread_mutex_unlock(&lock);
	pthread_join(t, NULL);
}

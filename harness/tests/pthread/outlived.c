// SPDX-License-Identifier: GPL-2.0
/*
 * Nobody waits for a detached thread, and the settings it reads are taken down
 * before the program ends; with EXIT, either may end it, one of them well.
 */
#include <assert.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

static _Atomic(const char *) settings;
static sem_t done;

static void *watcher(void *arg)
{
#ifdef EXIT
	exit(EXIT);
#endif
	assert(settings);
	sem_post(&done);
	return arg;
}

int main(void)
{
	pthread_t t;

	settings = "all";
	sem_init(&done, 0, 0);
	pthread_create(&t, NULL, watcher, NULL);
	pthread_detach(t);
#ifdef FIXED
	sem_wait(&done);
#endif
	settings = NULL;
#ifdef EXIT
	return 2 - EXIT;
#endif
}

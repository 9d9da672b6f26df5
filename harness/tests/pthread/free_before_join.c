// SPDX-License-Identifier: GPL-2.0
/*
 * The job is freed once it says that it is done. But the worker says so before
 * it has looked at the job for the last time.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

struct job {
	atomic_int done, served;
};

static void *worker(void *arg)
{
	struct job *job = arg;

	atomic_store(&job->done, 1);
	atomic_fetch_add(&job->served, 1);
	return NULL;
}

int main(void)
{
	struct job *job = calloc(1, sizeof(*job));
	pthread_t w;

	pthread_create(&w, NULL, worker, job);
#ifdef FIXED
	pthread_join(w, NULL);
	free(job);
#else
	if (atomic_load(&job->done))
		free(job);
	pthread_join(w, NULL);
#endif
}

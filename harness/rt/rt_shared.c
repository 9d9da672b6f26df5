// SPDX-License-Identifier: GPL-2.0
/*
 * rt_shared: what both runtimes give the layer that survives an execution.
 *
 * A native execution may end its process. Whatever must outlive it, a failure
 * or a counter, is kept in memory mapped before the fork and shared across it.
 * sim never forks for an execution, but the same code above runs on both.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "harness/rt/engine.h"
#include "harness/rt/hooks.h"

enum rt_memory rt_memory;

bool rt_loads_lag(void)
{
	return rt_memory != RT_MEMORY_SC;
}

bool rt_has_memory(void)
{
	return &rt_hooks && rt_hooks.memory;
}

void (*rt_on_end)(const struct rt_result *result);

void *rt_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		fprintf(stderr, "HARNESS: cannot map %zu shared bytes: %s\n",
			size, strerror(errno));
		return NULL;
	}
	return p;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * yardstick: what passing control costs without us, on this machine, now.
 *
 * swapcontext() is what a fiber library without assembly would use; it makes
 * two system calls. The hand-off between two threads pinned to one CPU is what
 * an engine that serialises real threads would pay at each switch.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <semaphore.h>
#include <threads.h>
#include <ucontext.h>

#include "harness/bench/figure.h"

#define SWITCHES	200000
#define HANDOFFS	50000
#define STACK_SIZE	65536

static ucontext_t host, guest;
static char stack[STACK_SIZE] __attribute__((aligned(16)));

static void guest_main(void)
{
	for (;;)
		swapcontext(&guest, &host);
}

enum figure_answer bench_swapcontext(double *value)
{
	double start;

	getcontext(&guest);
	guest.uc_stack.ss_sp = stack;
	guest.uc_stack.ss_size = sizeof(stack);
	guest.uc_link = NULL;
	makecontext(&guest, guest_main, 0);
	start = bench_cpu();
	for (int i = 0; i < SWITCHES / 2; i++)
		swapcontext(&host, &guest);
	*value = (bench_cpu() - start) * 1e9 / SWITCHES;
	return FIGURE_OK;
}

static sem_t ping, pong;

static int other_thread(void *arg)
{
	for (int i = 0; i < HANDOFFS / 2; i++) {
		sem_wait(&ping);
		sem_post(&pong);
	}
	return 0;
}

enum figure_answer bench_handoff(double *value)
{
	cpu_set_t all, one;
	thrd_t thread;
	double start;

	/* The new thread inherits where we are pinned. */
	if (sched_getaffinity(0, sizeof(all), &all))
		return FIGURE_ABSENT;
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one);
	sem_init(&ping, 0, 0);
	sem_init(&pong, 0, 0);
	if (thrd_create(&thread, other_thread, NULL) != thrd_success) {
		sched_setaffinity(0, sizeof(all), &all);
		return FIGURE_ABSENT;
	}
	start = bench_cpu();
	for (int i = 0; i < HANDOFFS / 2; i++) {
		sem_post(&ping);
		sem_wait(&pong);
	}
	*value = (bench_cpu() - start) * 1e9 / HANDOFFS;
	thrd_join(thread, NULL);
	sched_setaffinity(0, sizeof(all), &all);
	return FIGURE_OK;
}

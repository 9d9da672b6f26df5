// SPDX-License-Identifier: GPL-2.0
/*
 * front_time: the program's clock, which is virtual.
 *
 * A sleep takes as long as the others let it: time moves on by what was asked
 * for, and another task has to run first. No sleep puts two threads in order,
 * however long it is; a program that relies on one is wrong, and is found out.
 *
 * The clock is rt_now() and what was slept and skipped since. To read it is no
 * point, though others move it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "harness/rt/pthread/front.h"

#define SECOND	1000000000ull
#define EPOCH	(1000000000ull * SECOND)	/* of every clock */

static u64 skipped __machine;

int front_nanosleep(const struct timespec *wanted, struct timespec *left);
int front_clock_nanosleep(clockid_t clock, int flags,
			  const struct timespec *wanted, struct timespec *left);
int front_usleep(useconds_t us);
unsigned int front_sleep(unsigned int seconds);
int front_clock_gettime(clockid_t clock, struct timespec *ts);
int front_gettimeofday(struct timeval *tv, void *zone);
time_t front_time(time_t *at);
clock_t front_clock(void);

static u64 now(void)
{
	front_inexact("readings of the clock");
	return EPOCH + rt_now() + skipped;
}

static u64 to_ns(const struct timespec *ts)
{
	return (u64)ts->tv_sec * SECOND + (u64)ts->tv_nsec;
}

u64 front_deadline(const struct timespec *abstime)
{
	u64 until = to_ns(abstime), begin = EPOCH + skipped;

	return until > begin ? until - begin : 0;
}

/* A deadline was met, by choice or in earnest. */
void front_skip(u64 deadline)
{
	u64 reached = rt_now();

	if (deadline > reached)
		skipped += deadline - reached;
}

static void sleep_for(u64 ns)
{
	skipped += ns;
	front_busy();
	rt_relax();
}

int front_nanosleep(const struct timespec *wanted, struct timespec *left)
{
	if (wanted->tv_sec < 0 || (u64)wanted->tv_nsec >= SECOND) {
		errno = EINVAL;
		return -1;
	}
	sleep_for(to_ns(wanted));
	return 0;
}

int front_clock_nanosleep(clockid_t clock, int flags,
			  const struct timespec *wanted, struct timespec *left)
{
	u64 ns = to_ns(wanted), begin = now();

	if (flags & TIMER_ABSTIME)
		ns = ns > begin ? ns - begin : 0;
	sleep_for(ns);
	return 0;
}

int front_usleep(useconds_t us)
{
	sleep_for(us * 1000ull);
	return 0;
}

unsigned int front_sleep(unsigned int seconds)
{
	sleep_for(seconds * SECOND);
	return 0;
}

int front_clock_gettime(clockid_t clock, struct timespec *ts)
{
	u64 t = now();

	ts->tv_sec = (time_t)(t / SECOND);
	ts->tv_nsec = (long)(t % SECOND);
	return 0;
}

int front_gettimeofday(struct timeval *tv, void *zone)
{
	u64 t = now();

	tv->tv_sec = (time_t)(t / SECOND);
	tv->tv_usec = (suseconds_t)(t % SECOND / 1000);
	return 0;
}

time_t front_time(time_t *at)
{
	time_t t = (time_t)(now() / SECOND);

	if (at)
		*at = t;
	return t;
}

clock_t front_clock(void)
{
	return (clock_t)((now() - EPOCH) / 1000);
}

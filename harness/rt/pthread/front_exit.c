// SPDX-License-Identifier: GPL-2.0
/*
 * front_exit: how a program ends, and the classes of failure that are its own
 * to raise.
 *
 * The end of the program is a step: what other threads still do, they do
 * before it. Threads that are left then are gone, as they are in a process.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "harness/rt/pthread/front.h"
#include "harness/rt/sim.h"

#define HANDLERS	32

static struct {
	u32 nr;
	void (*fn[HANDLERS])(void);
} handlers __machine;

u64 front_outlived;

void front_assert_fail(const char *claim, const char *file, unsigned int line,
		       const char *function) __attribute__((noreturn));
void front_assert(const char *claim, const char *file, int line)
	__attribute__((noreturn));
void front_abort(void) __attribute__((noreturn));
void front_exit_now(int code) __attribute__((noreturn));
int front_atexit(void (*fn)(void));

static const struct oracle oracle_assertion = {
	.name	= "assertion",
	.claim	= "no assert() of the program fails",
};
static const struct oracle oracle_abort = {
	.name	= "abort",
	.claim	= "the program does not call abort()",
};
static const struct oracle oracle_exit_code = {
	.name	= "exit-code",
	.claim	= "the program ends with code 0",
};
static const struct oracle oracle_misuse = {
	.name	= "misuse",
	.claim	= "the program does nothing that POSIX leaves undefined",
};

const struct oracle *const front_oracles[] = {
	&oracle_assertion, &oracle_abort, &oracle_exit_code, &oracle_misuse,
	NULL,
};

void front_misuse(const char *fmt, ...)
{
	char text[160];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	oracle_raise(&oracle_misuse, 0, "", "P%u: %s.", rt_index(rt_self()),
		     text);
}

void front_assert_fail(const char *claim, const char *file, unsigned int line,
		       const char *function)
{
	oracle_raise(&oracle_assertion, 0, "", "P%u: assert(%s) fails at line %u.",
		     rt_index(rt_self()), claim, line);
}

void front_assert(const char *claim, const char *file, int line)
{
	front_assert_fail(claim, file, (unsigned int)line, NULL);
}

void front_abort(void)
{
	oracle_raise(&oracle_abort, 0, "", "P%u called abort().",
		     rt_index(rt_self()));
}

void front_exit_now(int code)
{
	front_point(RT_SITE(RT_END, "end of the program", ""), NULL);
	if (code)
		oracle_raise(&oracle_exit_code, 0, "",
			     "P%u ended the program with code %d.",
			     rt_index(rt_self()), code);
	/* M0, which waits for the program, and who ends it are expected. */
	for (u32 m = sim.live & ~(SIM_BIT(0) | SIM_BIT(rt_self())); m;
	     m &= m - 1)
		if (front_thread_of(__builtin_ctz(m)) &&
		    front_thread_of(__builtin_ctz(m))->alive) {
			front_outlived++;
			break;
		}
	sim_finish(RT_DONE);
}

void front_exit(int code)
{
	while (handlers.nr)
		handlers.fn[--handlers.nr]();
	front_exit_now(code);
}

int front_atexit(void (*fn)(void))
{
	if (handlers.nr == HANDLERS)
		return -1;
	handlers.fn[handlers.nr++] = fn;
	return 0;
}

FRONT_ALIAS(front_Exit, front_exit_now) __attribute__((noreturn));
FRONT_ALIAS(front_quick_exit, front_exit_now) __attribute__((noreturn));

// SPDX-License-Identifier: GPL-2.0
/*
 * sim_crash: a signal in the code under test is a finding, not the end.
 *
 * The handler runs on a stack of its own, because the signal may be an overrun
 * of the fiber's, and leaves by switching to the host: the kernel has nothing
 * to undo, since SA_NODEFER kept the mask as it was and the fiber is never
 * resumed. Outside of an execution what was there before is put back, so that a
 * bug of the harness stays one: a fuzz engine's handler, or the default action.
 *
 * A loop without a switch point would escape the step bound: corrupt lists do
 * that. A timer of the process's own CPU time looks whether steps are made; an
 * execution that makes none for HANG_TICKS ends as one that reached the bound.
 *
 * Under AddressSanitizer nothing is caught: its own report says more.
 */
#include "harness/rt/sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>

#if SANITIZE_ADDRESS

int sim_crash_init(void)
{
	return 0;
}

#else

#define ALTSTACK_SIZE	(64ul << 10)
#define HANG_TICKS	2	/* seconds of CPU time without a step */

static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
static struct sigaction before[ARRAY_SIZE(signals)];

static void put_back(int sig)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i] == sig)
			sigaction(sig, &before[i], NULL);
}

static void crashed(int sig, siginfo_t *info, void *context)
{
	/* --stop-at raises SIGTRAP itself, for a debugger. */
	if (!sim.running || (sig == SIGTRAP && sim.stop_at)) {
		put_back(sig);
		if (sig == SIGTRAP)
			raise(sig);
		return;		/* and fault again */
	}
	sim.result->crash_signal = sig;
	sim.result->crash_addr = info->si_code == SI_KERNEL ? ~0ull :
				 (u64)(size_t)info->si_addr;
	sim.result->overflow = info->si_code != SI_KERNEL &&
			       sim_stack_guards(info->si_addr);
	sim_finish(RT_CRASH);
}

static void tick(int sig)
{
	if (!sim.running)
		return;
	if (sim.ticked != sim.steps + 1) {
		sim.ticked = sim.steps + 1;
		sim.ticks = 0;
		return;
	}
	if (++sim.ticks < HANG_TICKS)
		return;
	sim.result->hung = true;
	sim_finish(RT_STEP_BOUND);
}

static int watch(void)
{
	struct sigaction action = { .sa_handler = tick,
		.sa_flags = SA_ONSTACK | SA_NODEFER | SA_RESTART };
	struct itimerval second = { { 1, 0 }, { 1, 0 } };

	if (!sigaction(SIGVTALRM, &action, NULL) &&
	    !setitimer(ITIMER_VIRTUAL, &second, NULL))
		return 0;
	perror("svmtorture: no watchdog");
	return -1;
}

int sim_crash_init(void)
{
	stack_t stack = { .ss_size = ALTSTACK_SIZE };
	struct sigaction action = { .sa_sigaction = crashed,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };

	stack.ss_sp = malloc(ALTSTACK_SIZE);
	if (!stack.ss_sp || sigaltstack(&stack, NULL)) {
		perror("svmtorture: no stack for signals");
		return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (sigaction(signals[i], &action, &before[i])) {
			perror("svmtorture: sigaction");
			return -1;
		}
	}
	return watch();
}

#endif

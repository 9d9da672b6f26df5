// SPDX-License-Identifier: GPL-2.0
/*
 * native_isolate: the child process a native campaign runs in.
 *
 * A thread that deadlocked, crashed or raised a failure in the middle of the
 * code under test cannot be taken out of it. Its process can: the campaign
 * runs in a child, what it learns is in shared memory, and an execution that
 * cannot go on ends the child. The parent reads how it ended and makes a new
 * one. A fork per failure, none per execution.
 *
 * While the child runs, the parent sleeps on a pipe that closes when the child
 * is gone, and now and then looks at the points made. No point by any task for
 * RT_HANG_SECONDS, within an execution, is a hang: the patience is for a
 * machine under load, and no oracle depends on it.
 */
#define _GNU_SOURCE	/* pipe2() */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/rt/native.h"
#include "harness/sanitize.h"

#define STATUS_HARNESS	3	/* exit code of the same meaning everywhere */

/* The sanitizers print what they caught and end the process themselves. */
const bool native_catches_signals = !SANITIZE_ADDRESS && !SANITIZE_THREAD;

/*
 * What ThreadSanitizer is told. A race ends the process at once, so that the
 * execution it is blamed on is the one that had it; and a process that ends
 * need not wait for late races, since no task is left to have one. Whoever reports the
 * end of an execution reads what others may still be writing on the way to
 * their next point, or wrote before they went to sleep: locks they hold, rows
 * of the journal. That race is ours and intended; nothing is decided by it.
 */
#if SANITIZE_THREAD
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "halt_on_error=1 atexit_sleep_ms=0";
}

void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
#else
#define AnnotateIgnoreReadsBegin(file, line)	((void)0)
#define AnnotateIgnoreReadsEnd(file, line)	((void)0)
#endif

u32 native_ending;
static bool isolated;		/* in a child of rt_isolate() */
static u32 claimed;

/* -- in the child ---------------------------------------------------------- */

/* Whoever ends the execution exits under us. */
void native_stand_still(void)
{
	for (;;)
		pause();
}

static void fill_result(enum rt_outcome outcome)
{
	struct rt_result *r = &native->result;

	memset(r, 0, sizeof(*r));
	r->outcome = outcome;
	r->nr_tasks = native_nr_tasks();
	r->task = native_self && outcome != RT_DEADLOCK ? native_self->id : -1;
	for (u32 i = 0; i < r->nr_tasks; i++)
		r->steps += (u32)__atomic_load_n(
			&native_task((int)i)->points, __ATOMIC_RELAXED);
	if (outcome == RT_DEADLOCK)
		native_blocked(r);
}

static void end(enum rt_outcome outcome, int signal, u64 addr)
	__attribute__((noreturn));

/* The first to come ends the execution; signal and addr are a crash's. */
static void end(enum rt_outcome outcome, int signal, u64 addr)
{
	if (!isolated) {
		fprintf(stderr, "HARNESS: an execution ended outside rt_isolate()\n");
		_exit(STATUS_HARNESS);
	}
	if (__atomic_exchange_n(&claimed, 1, __ATOMIC_ACQ_REL))
		native_stand_still();
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
	fill_result(outcome);
	native->result.crash_signal = signal;
	native->result.crash_addr = addr;
	__atomic_store_n(&native_ending, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&native->ended, 1, __ATOMIC_RELEASE);
	if (rt_on_end)
		rt_on_end(&native->result);
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
	fflush(NULL);
	_exit(0);
}

void native_end(enum rt_outcome outcome)
{
	end(outcome, 0, 0);
}

void native_trouble(const char *what, int task)
{
	const struct native_task *t = native_task(task);

	fprintf(stderr, "HARNESS: task %c%u (%s) %s\n", t->role, t->index,
		t->title, what);
	fflush(NULL);
	_exit(STATUS_HARNESS);
}

/* SA_RESETHAND: a crash while reporting a crash kills, and the first counts. */
static void crashed(int signal, siginfo_t *info, void *context)
{
	(void)context;
	if (!native->executing) {
		raise(signal);
		return;
	}
	/* A general protection fault has no address to tell. */
	end(RT_CRASH, signal, info->si_code == SI_KERNEL ? ~0ull :
	    (u64)(size_t)info->si_addr);
}

static void catch_signals(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
	struct sigaction sa = {
		.sa_sigaction = crashed,
		.sa_flags = SA_SIGINFO | SA_NODEFER | SA_RESETHAND,
	};

	for (u32 i = 0; native_catches_signals && i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &sa, NULL);
}

static void run_child(int (*fn)(void *), void *arg, pid_t parent)
	__attribute__((noreturn));

static void run_child(int (*fn)(void *), void *arg, pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(STATUS_HARNESS);
	isolated = true;
	native_pool_forget();
	catch_signals();
	native->status = fn(arg);
	native->returned = 1;
	fflush(NULL);
	/* A sanitizer that printed a report makes this status its own. */
	_exit(0);
}

/* -- in the parent --------------------------------------------------------- */

static u64 progress(void)
{
	u64 n = __atomic_load_n(&native->executions, __ATOMIC_RELAXED);

	for (int i = 0; i < RT_TASKS_MAX; i++)
		n += __atomic_load_n(&native_task(i)->points, __ATOMIC_RELAXED);
	return n;
}

/* Until the child is gone. true: it hung and was killed. */
static bool watch(pid_t child, int pipe)
{
	struct pollfd fd = { .fd = pipe };
	u64 last = progress();
	u32 still = 0;

	for (;;) {
		int n = poll(&fd, 1, native_patience.poll_ms);

		if (n > 0)
			return false;
		if (n < 0)
			continue;	/* a signal: the child's to act upon */
		still = progress() == last && native->executing ? still + 1 : 0;
		last = progress();
		if (still == native_patience.hang_polls) {
			kill(child, SIGKILL);
			return true;
		}
	}
}

/* What became of the child: see rt_isolate(). */
static bool judge(int wait_status, bool hung, int *status,
		  struct rt_result *result)
{
	if (native->ended) {
		*result = native->result;
		return false;
	}
	if (hung) {
		fill_result(RT_DEADLOCK);
		*result = native->result;
		return false;
	}
	if (WIFEXITED(wait_status) && !WEXITSTATUS(wait_status) &&
	    native->returned) {
		*status = native->status;
		return true;
	}
	if (WIFEXITED(wait_status) &&
	    WEXITSTATUS(wait_status) == STATUS_HARNESS) {
		*status = STATUS_HARNESS;
		return true;
	}
	/* A sanitizer's exit, or a signal nobody could catch. */
	fill_result(RT_CRASH);
	if (WIFSIGNALED(wait_status))
		native->result.crash_signal = WTERMSIG(wait_status);
	*result = native->result;
	return false;
}

bool rt_isolate(int (*fn)(void *), void *arg, int *status,
		struct rt_result *result)
{
	pid_t parent = getpid(), child;
	int wait_status, fd[2];
	bool hung;

	*status = STATUS_HARNESS;
	fflush(NULL);
	native->returned = 0;
	native->ended = 0;
	native->executing = 0;
	if (pipe2(fd, O_CLOEXEC)) {
		fprintf(stderr, "HARNESS: pipe: %s\n", strerror(errno));
		return true;
	}
	child = fork();
	if (child == 0) {
		close(fd[0]);
		run_child(fn, arg, parent);
	}
	close(fd[1]);
	if (child < 0) {
		fprintf(stderr, "HARNESS: fork: %s\n", strerror(errno));
		close(fd[0]);
		return true;
	}
	hung = watch(child, fd[0]);
	while (waitpid(child, &wait_status, 0) < 0 && errno == EINTR)
		;
	close(fd[0]);
	return judge(wait_status, hung, status, result);
}

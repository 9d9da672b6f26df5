// SPDX-License-Identifier: GPL-2.0
/*
 * faults: signals of the tree's code.
 *
 * Three are expected. A write to a page of the image that is still as boot left
 * it is let through (image.c). An "ud2" with a row in the kernel's bug table is
 * a WARN or a BUG: the task is sent through a thunk that tells of it on the
 * task's own stack, so that the report has its frames, and comes back behind
 * the instruction after a WARN. Anything else in the kernel's code is a wild
 * access: it is noted with its frames, and then left to the runtime, whose
 * handlers were here first.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <ucontext.h>

#include "harness/journal/journal.h"
#include "targets/ktree/host/host_private.h"

#define BUG_WARNING	1u		/* BUGFLAG_WARNING */
#define UD2_SIZE	2
#define STACK_SLACK	4096u		/* a thunk needs some stack */

/* struct bug_entry with relative pointers, as x86 has had it since 4.x. */
struct bug_row {
	s32 address, file;
	u16 line, flags;
};

/* The names that the linker gives to the ends of the section. */
extern const struct bug_row bugs_start[] __asm__("__start___bug_table")
	__attribute__((weak));
extern const struct bug_row bugs_end[] __asm__("__stop___bug_table")
	__attribute__((weak));

static struct sigaction before_segv, before_ill;
/* What the thunk is to tell, of this thread. */
static __thread const struct bug_row *told_bug;
static __thread const void *told_address;

static u64 relative(const s32 *field)
{
	return (u64)(size_t)field + (u64)(s64)*field;
}

static const struct bug_row *bug_at(u64 pc)
{
	for (const struct bug_row *b = bugs_start; b < bugs_end; b++)
		if (relative(&b->address) == pc)
			return b;
	return NULL;
}

void faults_bug(void);
void faults_bug(void)
{
	const struct bug_row *b = told_bug;
	const char *file = b->file ? (const char *)relative(&b->file) : "?";
	bool warning = b->flags & BUG_WARNING;

	journal_emit(warning ? EV_warn : EV_bug,
		     (u64)(size_t)(warning ? "WARN_ON()" : "BUG_ON()"),
		     (u64)(size_t)file, b->line);
	if (!warning)
		rt_stop();
}

/* A row without a text, for its stack: "where it stood" of the crash. */
void faults_access(void);
void faults_access(void)
{
	journal_emit(EV_access, (u64)(size_t)told_address, 1, 0);
}

/*
 * As if the interrupted instruction had called the function: every register is
 * put back, and the frame pointer chain is whole. Kernel code is compiled
 * without a red zone, and without vector registers.
 */
#define THUNK(name, function)						\
__asm__(".text\n"							\
	".type " name ", @function\n"					\
	name ":\n"							\
	"	pushq	%rbp\n"						\
	"	movq	%rsp, %rbp\n"					\
	"	pushfq\n"						\
	"	pushq	%rax\n	pushq	%rbx\n	pushq	%rcx\n"		\
	"	pushq	%rdx\n	pushq	%rsi\n	pushq	%rdi\n"		\
	"	pushq	%r8\n	pushq	%r9\n	pushq	%r10\n"		\
	"	pushq	%r11\n"						\
	"	movq	%rsp, %rbx\n"					\
	"	andq	$-16, %rsp\n"					\
	"	cld\n"							\
	"	call	" function "\n"					\
	"	movq	%rbx, %rsp\n"					\
	"	popq	%r11\n	popq	%r10\n	popq	%r9\n"		\
	"	popq	%r8\n	popq	%rdi\n	popq	%rsi\n"		\
	"	popq	%rdx\n	popq	%rcx\n	popq	%rbx\n"		\
	"	popq	%rax\n"						\
	"	popfq\n"						\
	"	popq	%rbp\n"						\
	"	ret\n"							\
	".size " name ", .-" name "\n")

THUNK("faults_bug_thunk", "faults_bug");
THUNK("faults_access_thunk", "faults_access");
void faults_bug_thunk(void);
void faults_access_thunk(void);

static void call_from(ucontext_t *u, void (*thunk)(void), u64 back_to)
{
	greg_t *r = u->uc_mcontext.gregs;

	r[REG_RSP] -= 8;
	*(u64 *)(size_t)r[REG_RSP] = back_to;
	r[REG_RIP] = (greg_t)(size_t)thunk;
}

static void pass_on(const struct sigaction *before, int sig, siginfo_t *info,
		    void *context)
{
	if (before->sa_flags & SA_SIGINFO)
		before->sa_sigaction(sig, info, context);
	else
		sigaction(sig, before, NULL);	/* and fault again */
}

static void illegal(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;
	u64 pc = (u64)u->uc_mcontext.gregs[REG_RIP];
	const struct bug_row *b = bug_at(pc);

	if (!b) {
		pass_on(&before_ill, sig, info, context);
		return;
	}
	told_bug = b;
	call_from(u, faults_bug_thunk, pc + UD2_SIZE);
}

/* Of a stack that has run over there is nothing left to push to. */
static bool stack_is_far(const ucontext_t *u, const siginfo_t *info)
{
	u64 sp = (u64)u->uc_mcontext.gregs[REG_RSP];

	return sp - (u64)(size_t)info->si_addr > STACK_SLACK &&
	       (u64)(size_t)info->si_addr - sp > STACK_SLACK;
}

static void segment(int sig, siginfo_t *info, void *context)
{
	ucontext_t *u = context;

	if (info->si_code == SEGV_ACCERR && image_fault(info->si_addr))
		return;
	if (ktree_image_sealed() && told_address != info->si_addr &&
	    info->si_code != SI_KERNEL && stack_is_far(u, info)) {
		told_address = info->si_addr;
		call_from(u, faults_access_thunk,
			  (u64)u->uc_mcontext.gregs[REG_RIP]);
		return;
	}
	told_address = NULL;
	pass_on(&before_segv, sig, info, context);
}

void faults_init(void)
{
	struct sigaction action = {
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
	};

	action.sa_sigaction = segment;
	if (sigaction(SIGSEGV, &action, &before_segv))
		goto fail;
	action.sa_sigaction = illegal;
	if (sigaction(SIGILL, &action, &before_ill))
		goto fail;
	return;
fail:
	perror("HARNESS: sigaction");
	exit(3);
}

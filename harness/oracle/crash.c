// SPDX-License-Identifier: GPL-2.0
/*
 * crash: the code under test took a signal. A fault at an address made of the
 * poison of freed memory is a pointer read out of a freed object, which has a
 * class of its own. Addresses are not printed; the offset from NULL is no
 * address but a member's, and the same everywhere.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "harness/oracle/outcome.h"

#define POISON_BYTE	0x6b
#define NULL_PAGES	0x10000ull

/* Most of the high bytes: the low ones are hidden by the member's offset. */
static bool is_poison(u64 addr)
{
	return addr >> 24 == 0x6b6b6b6b6bull || addr >> 24 == 0x6b6b6b6b6cull;
}

/*
 * A pointer made of poison is not canonical on x86-64. The CPU then reports a
 * general protection fault without an address, which the runtime tells by ~0.
 */
static bool is_wild(const struct rt_result *r)
{
	return r->crash_signal == SIGSEGV && r->crash_addr == ~0ull;
}

void crash_record(const struct rt_result *r)
{
	const struct oracle *o = &oracle_crash;
	const char *name = sigabbrev_np(r->crash_signal);
	char text[256], who[8] = "A task";

	if (r->task >= 0)
		snprintf(who, sizeof(who), "%c%u", rt_role(r->task),
			 rt_index(r->task));
	if (is_poison(r->crash_addr) || is_wild(r)) {
		o = &oracle_use_after_free;
		snprintf(text, sizeof(text),
			 "%s followed a pointer read out of a freed object (SIG%s).",
			 who, name ? name : "?");
	} else if (r->crash_signal == SIGSEGV && r->crash_addr < NULL_PAGES) {
		snprintf(text, sizeof(text),
			 "%s dereferenced NULL, at offset 0x%llx (SIGSEGV).",
			 who, r->crash_addr);
	} else if (!r->crash_signal) {
		snprintf(text, sizeof(text),
			 "The process ended itself, as a sanitizer does that has printed what it found.");
	} else {
		snprintf(text, sizeof(text), "%s took SIG%s.", who,
			 name ? name : "?");
	}
	oracle_record_words(o, r->task, 0, text, "");
}

const struct oracle oracle_crash = {
	.name	= "crash",
	.claim	= "the code under test takes no signal",
	.spec	= NULL,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * oracle: who listens to which event, and the one failure of an execution.
 *
 * The first failure wins, and ends the execution. In native several tasks may
 * raise at once: one takes the slot, writes it and ends the process; the
 * others wait for that to be done, so that nobody pulls the process away from
 * under the writer. The slot is shared with the parent, which outlives it.
 */
#include <assert.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/oracle/outcome.h"
#include "harness/oracle/window.h"

#define ORACLES_MAX	64
#define EARS_MAX	1024

enum { SLOT_EMPTY, SLOT_TAKEN, SLOT_FULL };

static struct slot {
	u32 state;
	struct failure failure;
} *slot;

/* The engine's, then the target's: in this order they are called. */
static const struct oracle *oracle[ORACLES_MAX];
static u32 nr_oracles;
static const struct view *view;

static const struct oracle *observer;
struct window_count window_count[WINDOWS_MAX];

/* Who hears kind k: ear[ear_start[k]] up to ear[ear_start[k + 1]]. */
static void (*ear[EARS_MAX])(const struct view *v, const struct event *e);
static u16 ear_start[EV_NR + 1];

/* Who looks at the machine when all is quiet, and who does at the end. */
static struct eyes {
	void (*look[ORACLES_MAX])(const struct view *v);
	u32 nr;
} at_quiesce, at_end;

static bool remembers;

static bool hears(const struct oracle *o, u16 kind)
{
	if (!o->event || (!rt_deterministic && !o->stateless))
		return false;
	for (const u16 *k = o->kinds; k && *k; k++)
		if (*k == kind)
			return true;
	return false;
}

static void hear(const struct event *e)
{
	const u32 end = ear_start[e->kind + 1];

	for (u32 i = ear_start[e->kind]; i < end; i++)
		ear[i](view, e);
}

static void add_list(const struct oracle *const *list)
{
	for (; list && *list; list++) {
		assert(nr_oracles < ORACLES_MAX);
		oracle[nr_oracles++] = *list;
	}
}

void oracle_observe(const struct oracle *o)
{
	observer = o;
}

static void open_eyes(void)
{
	at_quiesce.nr = at_end.nr = 0;
	remembers = false;
	for (u32 i = 0; i < nr_oracles; i++) {
		const struct oracle *o = oracle[i];

		if (o->quiesce)
			at_quiesce.look[at_quiesce.nr++] = o->quiesce;
		if (o->end)
			at_end.look[at_end.nr++] = o->end;
		if (!o->stateless && (o->event || o->quiesce || o->end))
			remembers = true;
	}
}

static void look(const struct eyes *e)
{
	journal_judged = true;
	for (u32 i = 0; i < e->nr; i++)
		e->look[i](view);
	journal_judged = false;
}

static void slot_setup(void)
{
	if (!slot)
		slot = rt_shared(sizeof(*slot));
	if (!slot || journal_setup()) {
		fprintf(stderr, "HARNESS: no memory for failures\n");
		exit(3);
	}
}

void oracle_setup(const struct oracle *const *own, const struct view *v)
{
	u32 n = 0;

	slot_setup();
	nr_oracles = 0;
	view = v;
	add_list(oracles_engine);
	add_list(own);
	if (observer)
		add_list((const struct oracle *const []){ observer, NULL });
	open_eyes();
	journal_listen_none();
	for (u16 kind = 0; kind < EV_NR; kind++) {
		ear_start[kind] = n;
		for (u32 i = 0; i < nr_oracles; i++) {
			if (!hears(oracle[i], kind))
				continue;
			assert(n < EARS_MAX);
			ear[n++] = oracle[i]->event;
		}
		if (n > ear_start[kind])
			journal_listen(kind, hear);
	}
	ear_start[EV_NR] = n;
}

bool oracle_remembers(void)
{
	return remembers;
}

void oracle_begin(void)
{
	slot_setup();
	__atomic_store_n(&slot->state, SLOT_EMPTY, __ATOMIC_RELEASE);
}

void oracle_quiesce(void)
{
	look(&at_quiesce);
}

void oracle_end(void)
{
	look(&at_end);
}

const struct failure *oracle_failure(void)
{
	if (!slot || __atomic_load_n(&slot->state, __ATOMIC_ACQUIRE) != SLOT_FULL)
		return NULL;
	return &slot->failure;
}

/* The slot to fill in, or NULL if another failure came first. */
static struct failure *take(const struct oracle *o, int task)
{
	u32 empty = SLOT_EMPTY;
	struct failure *f;

	slot_setup();
	f = &slot->failure;
	if (!__atomic_compare_exchange_n(&slot->state, &empty, SLOT_TAKEN, false,
					 __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
		return NULL;
	memset(f, 0, sizeof(*f));
	f->oracle = o;
	f->task = task;
	f->seq = journal_seq();
	return f;
}

static void fill(void)
{
	__atomic_store_n(&slot->state, SLOT_FULL, __ATOMIC_RELEASE);
}

/* Another task may have been first: its failure must be whole before the
 * process may end. */
static void __attribute__((noreturn)) stop(void)
{
	while (!oracle_failure())
		sched_yield();
	rt_stop();
}

static void set_raiser(struct failure *f, u32 other, const char *subject)
{
	f->other = other;
	snprintf(f->subject, sizeof(f->subject), "%s", subject ? subject : "");
	f->nr_pc = rt_stack(f->pc, RT_STACK_MAX);
}

void oracle_raise(const struct oracle *o, u32 other, const char *subject,
		  const char *fmt, ...)
{
	struct failure *f = take(o, rt_self());
	va_list args;

	if (f) {
		set_raiser(f, other, subject);
		va_start(args, fmt);
		vsnprintf(f->text, sizeof(f->text), fmt, args);
		va_end(args);
		fill();
	}
	stop();
}

void oracle_raise_words(const struct oracle *o, u32 other, const char *subject,
			const char *text, const char *words)
{
	struct failure *f = take(o, rt_self());

	if (f) {
		set_raiser(f, other, subject);
		snprintf(f->text, sizeof(f->text), "%s", text);
		snprintf(f->words, sizeof(f->words), "%s", words);
		fill();
	}
	stop();
}

void oracle_record(const struct oracle *o, const char *fmt, ...)
{
	struct failure *f = take(o, -1);
	va_list args;

	if (!f)
		return;
	va_start(args, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, args);
	va_end(args);
	fill();
}

void oracle_record_words(const struct oracle *o, int task, u32 other,
			 const char *text, const char *words)
{
	struct failure *f = take(o, task);

	if (!f)
		return;
	f->other = other;
	snprintf(f->text, sizeof(f->text), "%s", text);
	snprintf(f->words, sizeof(f->words), "%s", words);
	fill();
}

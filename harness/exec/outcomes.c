// SPDX-License-Identifier: GPL-2.0
/*
 * outcomes: an execution, reduced to what its program could tell of it.
 *
 * Frames, times and counters differ between grounds and mean nothing. What is
 * kept: what each call returned, what it read, who was killed, and what is left
 * in memory: a letter for the rights of each page, and the entries there are.
 * Values that stores made up are fresh in each execution, so a value is called
 * by the call that wrote it: "P1.0 load = P0.2" says that the first call of P1
 * read what the third of P0 wrote.
 */
#include "harness/exec/outcomes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "harness/prog/op.h"
#include "targets/view.h"

#define LINES_MAX	1024
#define LINE_MAX_	120
#define WRITERS_MAX	4096

static struct {
	char text[LINE_MAX_];
} line[LINES_MAX];
static u32 nr_lines;

/* Who wrote a value, the newest last. */
static struct writer {
	u32 value;
	u8 task, call;
} writer[WRITERS_MAX];
static u32 nr_writers;

/* The call each task is in; ~0: none. */
static u32 call_of[RT_TASKS_MAX];
static u32 read_value[RT_TASKS_MAX];	/* by that call */
static bool has_read[RT_TASKS_MAX];

void outcomes_begin(void)
{
	nr_lines = nr_writers = 0;
	memset(call_of, 0xff, sizeof(call_of));
	memset(has_read, 0, sizeof(has_read));
}

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	va_list args;

	if (nr_lines == LINES_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(line[nr_lines++].text, LINE_MAX_, fmt, args);
	va_end(args);
}

/* "P0.2", or the number if no call wrote it. */
static const char *value_name(u32 value, char buf[16])
{
	for (u32 i = nr_writers; i--; ) {
		if (writer[i].value != value)
			continue;
		snprintf(buf, 16, "%c%u.%u", rt_role(writer[i].task),
			 rt_index(writer[i].task), writer[i].call);
		return buf;
	}
	snprintf(buf, 16, "%u", value);
	return buf;
}

static void wrote(const struct event *e)
{
	if (call_of[e->task] == ~0u || nr_writers == WRITERS_MAX)
		return;
	writer[nr_writers++] = (struct writer){
		VIEW_DATA_VALUE(e->c), e->task, (u8)call_of[e->task],
	};
}

static void returned(const struct event *e)
{
	const char *name = (const char *)(size_t)e->a;
	s64 result = (s64)e->b;
	char value[16];

	if (result >= 0 && has_read[e->task])
		say("%c%u.%u %s = %s", rt_role(e->task), rt_index(e->task),
		    call_of[e->task], name,
		    value_name(read_value[e->task], value));
	else
		say("%c%u.%u %s = %lld", rt_role(e->task), rt_index(e->task),
		    call_of[e->task], name, result);
	call_of[e->task] = ~0u;
}

static void outcomes_event(const struct view *v, const struct event *e)
{
	char value[16];

	switch (e->kind) {
	case EV_call_begin:
		call_of[e->task] = (u32)e->c;
		has_read[e->task] = false;
		break;
	case EV_call_end:
		returned(e);
		break;
	case EV_cpu_load:
	case EV_gup_load:
		read_value[e->task] = VIEW_DATA_VALUE(e->c);
		has_read[e->task] = true;
		break;
	case EV_cpu_store:
	case EV_gup_store:
	case EV_gpu_store:
	case EV_file_store:
		wrote(e);
		break;
	case EV_gpu_load:
	case EV_dmirror_read:
		say("device read page %u = %s", VIEW_PAGE(e->b),
		    value_name(VIEW_DATA_VALUE(e->c), value));
		break;
	case EV_cpu_segv:
		say("%c%u.%u SIGSEGV", rt_role(e->task), rt_index(e->task),
		    call_of[e->task]);
		break;
	case EV_fault_cancel:
		say("cancelled page %u access %llu", VIEW_PAGE(e->b), e->c);
		break;
	}
}

static const char *const kind_words[] = {
	[VIEW_NONE] = "none", [VIEW_PRESENT] = "present",
	[VIEW_MIGRATION_READ] = "migration",
	[VIEW_MIGRATION_READ_EXCLUSIVE] = "migration",
	[VIEW_MIGRATION_WRITE] = "migration",
	[VIEW_DEVICE_READ] = "device r", [VIEW_DEVICE_WRITE] = "device rw",
	[VIEW_EXCLUSIVE_READ] = "exclusive r",
	[VIEW_EXCLUSIVE_WRITE] = "exclusive rw",
};

static u32 value_of(const struct view *v, u32 pfn)
{
	struct view_page page = v->page(pfn);

	return page.backing ? v->page(page.backing).value : page.value;
}

static void say_page(const struct view *v, u32 slot, u32 page)
{
	u64 word = v->cpu_entry(slot, VIEW_VA(page));
	char value[16] = "0";

	if (VIEW_KIND(word) == VIEW_NONE)
		return;
	if (!(word & VIEW_ZERO))
		value_name(value_of(v, VIEW_PFN(word)), value);
	say("at rest mm%u page %u: %s%s%s = %s", slot, page,
	    kind_words[VIEW_KIND(word)],
	    VIEW_KIND(word) == VIEW_PRESENT && word & VIEW_W ? " rw" : "",
	    word & VIEW_ZERO ? " zero" : "", value);
}

static void say_mm(const struct view *v, u32 slot)
{
	static const char letters[] = {
		[VIEW_UNMAPPED] = '.', [VIEW_PROT_NO] = '-', [VIEW_PROT_R] = 'r',
		[VIEW_PROT_RW] = 'w',
	};
	char rights[PROG_PAGES + 1] = "";

	for (u32 page = 0; page < PROG_PAGES; page++)
		rights[page] = letters[v->vma_prot(slot, VIEW_VA(page))];
	say("at rest mm%u: %s", slot, rights);
	for (u32 page = 0; page < PROG_PAGES; page++)
		say_page(v, slot, page);
}

static void outcomes_quiesce(const struct view *v)
{
	if (!v || !v->mm || !v->cpu_entry)
		return;
	for (u32 slot = 0; slot < PROG_MMS; slot++)
		if (v->mm(slot).state == VIEW_MM_LIVE)
			say_mm(v, slot);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Sorted: which of two tasks came first is not part of it. */
void outcomes_print(FILE *out)
{
	qsort(line, nr_lines, sizeof(line[0]), by_text);
	fputc('[', out);
	for (u32 i = 0; i < nr_lines; i++)
		fprintf(out, "%s\"%s\"", i ? ", " : "", line[i].text);
	fputc(']', out);
}

static const u16 kinds[] = {
	EV_call_begin, EV_call_end, EV_cpu_load, EV_cpu_store, EV_gup_load,
	EV_gup_store, EV_file_store, EV_gpu_load, EV_gpu_store,
	EV_dmirror_read, EV_cpu_segv, EV_fault_cancel, 0,
};

const struct oracle oracle_outcomes = {
	.name	= "outcomes",
	.claim	= "none: it takes down what an execution came to",
	.spec	= NULL,
	.kinds	= kinds,
	.event	= outcomes_event,
	.quiesce = outcomes_quiesce,
};

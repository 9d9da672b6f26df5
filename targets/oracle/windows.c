// SPDX-License-Identifier: GPL-2.0
/*
 * windows: how often tasks were really in the intervals that the spec calls
 * windows.
 *
 * A run that finds nothing says little if nobody ever was where the race is.
 * So each row of targets/windows.def is watched: an opening by some task is an
 * instance, with what its event was about; another task's event about the same
 * enters it. Not an oracle proper: it judges nothing and is heard last.
 *
 * What it keeps is allocated by its first event, since it is there only when
 * somebody asked (oracle_observe()).
 */
#include "targets/oracle/windows_watch.h"
#include "targets/view_hmm_v12.h"
#include "targets/view_panthor.h"

struct windows_watch *windows_watch __machine;

/* -- predicates of windows.def -- */
static bool in_batch(const struct event *e)
{
	return ledger.batch && e->task == ledger.batch_task;
}

static bool in_bind(const struct event *e)
{
	u32 space = ledger.ioctl[e->task];

	return space && !ledger.space_mirror[space - 1];
}

static bool is_interval(const struct event *e)
{
	return e->c == 1;
}

static bool is_nonblock(const struct event *e)
{
	return windows_bracket() && !windows_bracket()->blockable;
}

static bool is_zap(const struct event *e, const struct window_key *opened)
{
	const struct ledger_bracket *b = windows_bracket();

	return b && (b->event == LEDGER_CLEAR || b->event == LEDGER_UNMAP);
}

static bool is_foreign_bind(const struct event *e)
{
	return e->a < VIEW_SPACES && e->c >> 48 != ledger.space_mm[e->a];
}

static bool is_atomic_map(const struct event *e)
{
	return e->c & VIEW_A;
}

static bool is_lending(const struct event *e)
{
	return ledger.making[e->task] && ledger_lent((u32)e->c);
}

static bool is_lending_clear(const struct event *e)
{
	return ledger.making[e->task] && VIEW_KIND(e->c) == VIEW_NONE &&
	       ledger_readable(ledger.old_word);
}

static bool is_restoring(const struct event *e)
{
	const struct ledger_bracket *b = windows_bracket();

	return b && !ledger.making[e->task] && b->end == b->first + 1 &&
	       !(ledger.gathers[b->mm] >> e->task & 1) &&
	       (b->event == LEDGER_EXCLUSIVE || b->event == LEDGER_CLEAR) &&
	       ledger_lent(ledger.cpu[b->mm][b->first]);
}

static bool takes_away(const struct event *e, const struct window_key *opened)
{
	return VIEW_KIND(e->c) == VIEW_NONE;
}

/* The handler, on behalf of a fault of that space, or SVM_BIND into it. */
static bool user_of_space(const struct event *e,
			  const struct window_key *opened)
{
	if (e->kind == EV_svm_bind_end)
		return e->a == opened->space;
	for (u32 i = 0; in_batch(e) && i < LEDGER_FAULTS; i++)
		if (ledger.faults[i].looked_up &&
		    ledger.faults[i].space == opened->space)
			return true;
	return false;
}

static bool wants_write(const struct event *e, const struct window_key *opened)
{
	return e->kind == EV_gpu_store || e->c == LEDGER_WRITE ||
	       e->c == LEDGER_ATOMIC;
}

static bool was_bound_by(const struct event *e, const struct window_key *opened)
{
	return e->a < VIEW_PFNS && windows_watch->moved_by[e->a] == opened->space + 1;
}

static bool in_other_space(const struct event *e,
			   const struct window_key *opened)
{
	return opened->space != LEDGER_UNKNOWN && e->a != opened->space;
}

/* A fault takes a reference for itself; so does who collects pages to move. */
static bool is_passing(const struct event *e, const struct window_key *opened)
{
	return e->kind != EV_page_get || e->c == VIEW_REF_TMP;
}

static bool is_lending_interval(const struct event *e,
				const struct window_key *opened)
{
	return e->c & 1 && windows_bracket() &&
	       windows_bracket()->event == LEDGER_EXCLUSIVE;
}

static bool is_filled(const struct event *e)
{
	return VIEW_KIND(e->c) == VIEW_PRESENT;
}

static bool is_page_alone(const struct event *e)
{
	return VIEW_BRACKET_ID(e->a) & VIEW_V12_PAGE_ID;
}

static bool is_dying(const struct event *e)
{
	return !VIEW_V12_COUNT(e->c);
}

static bool is_beginning(const struct event *e)
{
	return !e->b;
}

/* VM_BIND's MAP is type 0; the queue's are asynchronous. */
static bool is_that_slot(const struct event *e, const struct window_key *opened)
{
	return e->b == opened->object;
}

static bool is_queued_map(const struct event *e,
			  const struct window_key *opened)
{
	return !VIEW_BIND_TYPE(e->a) && VIEW_BIND_ASYNC(e->a);
}

static bool is_failed_sync(const struct event *e)
{
	return e->c && !VIEW_BIND_ASYNC(e->a);
}

/* The notifier covers none of the pages of the invalidation. */
static bool is_elsewhere(const struct event *e, const struct window_key *opened)
{
	const struct ledger_sub *s = windows_interval(e->b);

	return s && s->end > s->first &&
	       (s->first >= opened->end || s->end <= opened->first);
}

/* -- the rows -- */
#define OPEN(...)	{ __VA_ARGS__ }
#define CLOSE(...)	{ __VA_ARGS__ }
#define BY(...)		{ __VA_ARGS__ }
#define WINDOW(id, match, open, close, by, opens, enters, confirm, targets, \
	       source, text, drivers)					\
	[WINDOW_##id] = { "W-" #id, match, open, close, by, opens, enters, \
			  confirm, targets, source, text, drivers },
const struct window windows[WINDOW_NR] = {
#include "targets/windows.def"
};
_Static_assert(WINDOW_NR <= WINDOWS_MAX, "more rows than counters");

static bool same(u8 match, const struct window_key *a,
		 const struct window_key *b)
{
	if (match & MATCH_MM && a->mm != b->mm && a->mm != LEDGER_UNKNOWN &&
	    b->mm != LEDGER_UNKNOWN)
		return false;
	if (match & MATCH_SPACE && a->space != b->space &&
	    a->space != LEDGER_UNKNOWN && b->space != LEDGER_UNKNOWN)
		return false;
	if (match & MATCH_PAGES && (a->first >= b->end || b->first >= a->end))
		return false;
	if (match & MATCH_PFN && a->pfn != b->pfn && a->pfn && b->pfn)
		return false;
	return !(match & MATCH_OBJECT) || a->object == b->object;
}

/* -- the state of a row -- */
static bool has(const u16 *kind, u32 n, u16 wanted)
{
	for (u32 i = 0; i < n && kind[i]; i++)
		if (kind[i] == wanted)
			return true;
	return false;
}

static void close_row(u32 row, const struct event *e,
		      const struct window_key *k)
{
	const struct window *w = &windows[row];

	for (u32 i = 0; i < INSTANCES; i++) {
		struct instance *n = &windows_watch->instance[row][i];

		if (!n->open || (w->match & CLOSED_BY_ANY ?
				 !same(w->match, &n->key, k) :
				 n->task != e->task))
			continue;
		n->open = false;
		if (w->confirm && n->entered && w->confirm == e->kind)
			window_count[row].entered++;
	}
}

static void open_row(u32 row, const struct event *e, const struct window_key *k)
{
	const struct window *w = &windows[row];
	struct instance *n = NULL;

	if (w->opens && !w->opens(e))
		return;
	for (u32 i = 0; i < INSTANCES; i++) {
		struct instance *o = &windows_watch->instance[row][i];

		if (o->open && o->task == e->task && !(w->match & CLOSED_BY_ANY))
			n = o;
		else if (!o->open && !n)
			n = o;
	}
	if (!n)
		n = &windows_watch->instance[row][windows_watch->next[row]++ % INSTANCES];
	*n = (struct instance){ .key = *k, .open = true, .task = e->task };
	window_count[row].opened++;
}

static void enter_row(u32 row, const struct event *e,
		      const struct window_key *k)
{
	const struct window *w = &windows[row];

	for (u32 i = 0; i < INSTANCES; i++) {
		struct instance *n = &windows_watch->instance[row][i];

		if (!n->open || n->entered ||
		    (n->task == e->task && !(w->match & BY_ANY)) ||
		    !same(w->match, &n->key, k) ||
		    (w->enters && !w->enters(e, &n->key)))
			continue;
		n->entered = true;
		if (!w->confirm)
			window_count[row].entered++;
	}
}

static void begin(void)
{
	windows_watch = rt_alloc(sizeof(*windows_watch));
	for (u32 row = 0; row < WINDOW_NR; row++) {
		const struct window *w = &windows[row];
		u64 bit = 1ull << row % 64;

		for (u32 i = 0; i < ARRAY_SIZE(w->open) && w->open[i]; i++)
			windows_watch->interest[w->open[i]][row / 64] |= bit;
		for (u32 i = 0; i < ARRAY_SIZE(w->close) && w->close[i]; i++)
			windows_watch->interest[w->close[i]][row / 64] |= bit;
		for (u32 i = 0; i < ARRAY_SIZE(w->by) && w->by[i]; i++)
			windows_watch->interest[w->by[i]][row / 64] |= bit;
	}
}

/* What is asked about later. */
static void note(const struct event *e)
{
	switch (e->kind) {
	case EV_svm_bind:
		windows_watch->bind_end[e->task] = e->c & ~(~0ull << 48);
		break;
	case EV_svm_bind_end:
		windows_watch->bind_end[e->task] = 0;
		break;
	case EV_migrate_moved:
		if (in_bind(e) && e->c < VIEW_PFNS)
			windows_watch->moved_by[e->c] = ledger.ioctl[e->task];
		break;
	}
}

static void event(const struct view *v, const struct event *e)
{
	struct window_key k;

	if (!windows_watch)
		begin();
	note(e);
	k = windows_about(e);
	for (u32 word = 0; word < WORDS; word++) {
		for (u64 m = windows_watch->interest[e->kind][word]; m; m &= m - 1) {
			u32 row = word * 64 + (u32)__builtin_ctzll(m);
			const struct window *w = &windows[row];

			if (has(w->close, ARRAY_SIZE(w->close), e->kind))
				close_row(row, e, &k);
			if (has(w->open, ARRAY_SIZE(w->open), e->kind))
				open_row(row, e, &k);
			if (has(w->by, ARRAY_SIZE(w->by), e->kind))
				enter_row(row, e, &k);
		}
	}
}

/* All of targets/events.def, and what ends a call or all. */
#define EVENT(name, text)	EV_##name,
static const u16 kinds[] = {
#include "targets/events.def"
	EV_call_end, EV_end, 0
};
#undef EVENT

const struct oracle oracle_windows = {
	.name	= "windows",
	.claim	= "watches for tasks in the windows of the spec; judges nothing",
	.kinds	= kinds,
	.event	= event,
};

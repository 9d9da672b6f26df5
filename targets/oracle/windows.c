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
#include "targets/oracle/ledger.h"
#include "targets/view_hmm_v12.h"
#include "targets/view_panthor.h"
#include "targets/windows.h"

#define INSTANCES	4	/* of a window, open at a time; else the oldest goes */
#define WORDS		((WINDOW_NR + 63) / 64)

struct instance {
	struct window_key key;
	bool open, entered;
	u8 task;
};

static struct {
	/* Which rows a kind opens, closes or enters: bit by row. */
	u64 interest[EV_NR][WORDS];
	struct instance instance[WINDOW_NR][INSTANCES];
	u8 next[WINDOW_NR];
	struct window_key moving[RT_TASKS_MAX];	/* of migrate_setup */
	u64 bind_end[RT_TASKS_MAX];	/* of SVM_BIND */
	u8 moved_by[VIEW_PFNS];		/* space + 1 whose SVM_BIND brought it */
} *watch __machine;

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

static const struct ledger_bracket *bracket(void)
{
	return ledger.bracket == LEDGER_UNKNOWN ? NULL :
	       &ledger.brackets[ledger.bracket];
}

static bool is_interval(const struct event *e)
{
	return e->c == 1;
}

static bool is_nonblock(const struct event *e)
{
	return bracket() && !bracket()->blockable;
}

static bool is_zap(const struct event *e, const struct window_key *opened)
{
	return bracket() && (bracket()->event == LEDGER_CLEAR ||
			     bracket()->event == LEDGER_UNMAP);
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
	const struct ledger_bracket *b = bracket();

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
	return e->a < VIEW_PFNS && watch->moved_by[e->a] == opened->space + 1;
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
	return e->c & 1 && bracket() && bracket()->event == LEDGER_EXCLUSIVE;
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

/* What an event of an interval notifier is about. */
static const struct ledger_sub *interval(u64 object)
{
	for (u32 i = 0; i < LEDGER_SUBS; i++)
		if (ledger.intervals[i].object == object)
			return &ledger.intervals[i];
	return NULL;
}

/* The notifier covers none of the pages of the invalidation. */
static bool is_elsewhere(const struct event *e, const struct window_key *opened)
{
	const struct ledger_sub *s = interval(e->b);

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

/* -- what an event is about -- */
static void about_pages(struct window_key *k, u64 start, u64 end)
{
	u32 first, last;

	ledger_range(start, end, &first, &last);
	k->first = (u8)first;
	k->end = (u8)last;
}

static void about_page(struct window_key *k, u64 va)
{
	about_pages(k, va, va + VIEW_PAGE_SIZE);
}

static void about_mm(struct window_key *k, u64 mm)
{
	k->mm = mm < PROG_MMS ? (u8)mm : LEDGER_UNKNOWN;
}

static void about_pfn(struct window_key *k, u64 pfn)
{
	k->pfn = pfn < VIEW_PFNS ? (u32)pfn : 0;
}

static void about_space(struct window_key *k, u64 space)
{
	if (space >= VIEW_SPACES)
		return;
	k->space = (u8)space;
	about_mm(k, ledger.space_mm[space]);
}

static void about_bracket(struct window_key *k, const struct event *e)
{
	about_mm(k, VIEW_BRACKET_MM(e->a));
	k->object = e->b;
	if (bracket()) {
		k->first = bracket()->first;
		k->end = bracket()->end;
	}
}

static void about_notifier(struct window_key *k, const struct event *e)
{
	const struct ledger_sub *s = interval(e->b);

	about_mm(k, e->a);
	k->object = e->b;
	if (s && s->end > s->first) {
		k->first = s->first;
		k->end = s->end;
	}
}

/* Of the handler's faults; the entry of the ring says no more than the va. */
static void about_fault(struct window_key *k, const struct event *e)
{
	const struct ledger_fault *f;

	if (e->kind != EV_fault_lookup) {
		about_page(k, e->b);
		return;
	}
	f = ledger_fault(e->a);
	about_space(k, e->b);
	if (f)
		about_page(k, f->va);
}

static void about_migration(struct window_key *k, const struct event *e)
{
	if (e->kind == EV_migrate_to_ram) {
		about_pfn(k, e->a);
		about_mm(k, e->b);
		about_page(k, e->c);
		if (e->a < VIEW_PFNS && watch->moved_by[e->a])
			k->space = watch->moved_by[e->a] - 1;
	} else if (e->kind != EV_migrate_setup) {
		*k = watch->moving[e->task];
	} else {
		about_mm(k, e->b);
		if (e->b < PROG_MMS && watch->bind_end[e->task])
			about_pages(k, e->c, watch->bind_end[e->task]);
		else if (e->b < PROG_MMS)
			about_page(k, e->c);
		watch->moving[e->task] = *k;
	}
}

/* The mm's own events, and what is lent of it. */
static void about_memory(struct window_key *k, const struct event *e)
{
	switch (e->kind) {
	case EV_pte_set:
		about_mm(k, e->a);
		about_page(k, e->b);
		about_pfn(k, VIEW_PFN(e->c));
		break;
	case EV_vma_set:
		about_mm(k, VIEW_CPU_MM(e->a));
		about_pages(k, e->b, e->c);
		break;
	case EV_mm_exit:
	case EV_fork_begin:
		about_mm(k, e->a);
		break;
	case EV_page_get:
		about_pfn(k, e->a);
		break;
	case EV_cpu_load:
	case EV_cpu_store:
		about_mm(k, VIEW_CPU_MM(e->a));
		about_page(k, e->b);
		about_pfn(k, VIEW_DATA_PFN(e->c));
		break;
	case EV_gup:
		about_pfn(k, e->a);
		about_mm(k, VIEW_CPU_MM(e->c));
		about_page(k, e->c >> 8);
		break;
	case EV_exclusive_begin:
	case EV_exclusive_made:
	case EV_exclusive_failed:
	case EV_exclusive_fault:
	case EV_exclusive_restore:
		about_mm(k, e->a);
		about_page(k, e->b);
		if (e->kind != EV_exclusive_begin)
			about_pfn(k, e->c);
		break;
	}
}

/* A GPU's, and its driver's. */
static void about_gpu(struct window_key *k, const struct event *e)
{
	switch (e->kind) {
	case EV_fault_raised:
	case EV_fault_lookup:
		about_fault(k, e);
		break;
	case EV_gpu_map:
	case EV_gpu_unmap:
	case EV_gpu_load:
	case EV_gpu_store:
		about_space(k, e->a);
		about_page(k, e->b);
		break;
	case EV_gpu_op_end:
	case EV_svm_window:
	case EV_svm_bind:
		about_space(k, e->a);
		about_pages(k, e->b, e->c & ~(~0ull << 48));
		break;
	case EV_gpu_space_gone:
	case EV_svm_bind_end:
	case EV_svmm_gone:
	case EV_svmm_free:
		about_space(k, e->a);
		break;
	}
}

static void about_v12(struct window_key *k, const struct event *e)
{
	switch (e->kind) {
	case EV_v12_range_add:
	case EV_v12_range_del:
	case EV_v12_range_asleep:
	case EV_v12_page_done:
	case EV_v12_asleep:
	case EV_v12_waited:
		about_mm(k, e->a & 0xff);
		break;
	case EV_v12_listed:
	case EV_v12_unlisted:
	case EV_v12_backoff:
		about_space(k, VIEW_V12_FAULT_SPACE(e->a));
		about_mm(k, VIEW_V12_FAULT_MM(e->a));
		break;
	case EV_v12_entry:
		about_space(k, e->a);
		about_page(k, e->b);
		return;
	case EV_v12_directory:
	case EV_v12_unlinked:
	case EV_v12_again:
	case EV_v12_released:
		about_space(k, e->a & 0xff);
		return;
	default:
		about_space(k, e->a & 0xff);
	}
	if (e->c > e->b)
		about_pages(k, e->b, e->c);
}

/* A slot's number takes the place of a frame's, from 1. */
static void about_panthor(struct window_key *k, const struct event *e)
{
	switch (e->kind) {
	case EV_as_bind:
	case EV_as_release:
	case EV_as_active:
	case EV_as_idle:
		k->pfn = (u32)e->b + 1;
		break;
	case EV_pgt_alloc:
	case EV_pgt_free:
		k->pfn = (u32)e->b + 1;
		break;
	case EV_vm_bind:
	case EV_vm_op_begin:
	case EV_vm_op_end:
		k->object = e->a & 0xffff;
		break;
	}
}

static struct window_key about(const struct event *e)
{
	struct window_key k = {
		.object = e->a, .mm = LEDGER_UNKNOWN, .space = LEDGER_UNKNOWN,
		.end = PROG_PAGES,
	};

	switch (e->kind) {
	case EV_inv_begin ... EV_callback_end:
		about_bracket(&k, e);
		break;
	case EV_mni_insert:
	case EV_mni_removed:
	case EV_read_begin:
	case EV_read_retry:
		about_notifier(&k, e);
		break;
	case EV_migrate_setup ... EV_migrate_to_ram:
		about_migration(&k, e);
		break;
	case EV_v12_range_add ... EV_v12_released:
		about_v12(&k, e);
		break;
	default:
		about_memory(&k, e);
		about_gpu(&k, e);
		about_panthor(&k, e);
	}
	return k;
}

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
		struct instance *n = &watch->instance[row][i];

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
		struct instance *o = &watch->instance[row][i];

		if (o->open && o->task == e->task && !(w->match & CLOSED_BY_ANY))
			n = o;
		else if (!o->open && !n)
			n = o;
	}
	if (!n)
		n = &watch->instance[row][watch->next[row]++ % INSTANCES];
	*n = (struct instance){ .key = *k, .open = true, .task = e->task };
	window_count[row].opened++;
}

static void enter_row(u32 row, const struct event *e,
		      const struct window_key *k)
{
	const struct window *w = &windows[row];

	for (u32 i = 0; i < INSTANCES; i++) {
		struct instance *n = &watch->instance[row][i];

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
	watch = rt_alloc(sizeof(*watch));
	for (u32 row = 0; row < WINDOW_NR; row++) {
		const struct window *w = &windows[row];
		u64 bit = 1ull << row % 64;

		for (u32 i = 0; i < ARRAY_SIZE(w->open) && w->open[i]; i++)
			watch->interest[w->open[i]][row / 64] |= bit;
		for (u32 i = 0; i < ARRAY_SIZE(w->close) && w->close[i]; i++)
			watch->interest[w->close[i]][row / 64] |= bit;
		for (u32 i = 0; i < ARRAY_SIZE(w->by) && w->by[i]; i++)
			watch->interest[w->by[i]][row / 64] |= bit;
	}
}

/* What is asked about later. */
static void note(const struct event *e)
{
	switch (e->kind) {
	case EV_svm_bind:
		watch->bind_end[e->task] = e->c & ~(~0ull << 48);
		break;
	case EV_svm_bind_end:
		watch->bind_end[e->task] = 0;
		break;
	case EV_migrate_moved:
		if (in_bind(e) && e->c < VIEW_PFNS)
			watch->moved_by[e->c] = ledger.ioctl[e->task];
		break;
	}
}

static void event(const struct view *v, const struct event *e)
{
	struct window_key k;

	if (!watch)
		begin();
	note(e);
	k = about(e);
	for (u32 word = 0; word < WORDS; word++) {
		for (u64 m = watch->interest[e->kind][word]; m; m &= m - 1) {
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

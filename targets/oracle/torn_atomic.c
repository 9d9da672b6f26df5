// SPDX-License-Identifier: GPL-2.0
/*
 * torn-atomic: an atomic is one step to everybody else.
 *
 * A GPU's atomic is a load and a store on the bus, and what comes between is
 * not seen by it. To have the page to oneself is what makes it one step: so
 * between the two nobody else, CPU or GPU, loads from the page or stores to it,
 * and the store adds one to what was loaded. Then no increment of either side
 * is lost: each page's count is what was stored last plus the increments since,
 * N of CPUs and M of GPUs, and that is looked at again when all is at rest.
 *
 * The count follows the content: a copy has what it was copied of. Of a device
 * without the right to atomics (forms W and P) nothing of the kind is promised,
 * and they are not held to this. Stores through a reference are not excluded by
 * lending a page: they set the count anew.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* By task: the atomic it is in the middle of. A task has one client at most. */
static struct {
	u32 seq;		/* of its beginning; 0: none */
	u32 loaded;
	u8 pfn;
	bool excused;		/* a holder of a reference stored meanwhile */
} open[RT_TASKS_MAX] __machine;
static u32 in_atomic __machine;		/* mask of tasks */

/* What a page must hold; NULL: no atomic was done in this execution. */
static struct count {
	u32 value;
	bool counts;		/* an atomic was done on it, or on its source */
} *count __machine;

static struct count *count_of(u32 pfn)
{
	return count && pfn < VIEW_PFNS ? &count[pfn] : NULL;
}

static void meets(const struct event *e, u32 pfn, const char *what)
{
	for (u32 mask = in_atomic & ~(1u << e->task); mask; mask &= mask - 1) {
		u32 task = (u32)__builtin_ctz(mask);

		if (open[task].pfn == pfn)
			oracle_raise(&oracle_torn_atomic, open[task].seq,
				     ledger_page_name(pfn),
				     "%s page#%u while an atomic of a GPU on it is between its load and its store.",
				     what, pfn);
	}
}

static void excuse(u32 pfn)
{
	for (u32 mask = in_atomic; mask; mask &= mask - 1) {
		u32 task = (u32)__builtin_ctz(mask);

		open[task].excused |= open[task].pfn == pfn;
	}
}

static void begin(const struct event *e)
{
	const u32 pfn = VIEW_DATA_PFN(e->c);

	if (pfn >= VIEW_PFNS)
		return;
	meets(e, pfn, "Another atomic began on");
	if (!count)
		count = rt_alloc(VIEW_PFNS * sizeof(*count));
	if (!count[pfn].counts)
		count[pfn].value = VIEW_DATA_VALUE(e->c);
	count[pfn].counts = true;
	open[e->task].seq = e->seq;
	open[e->task].loaded = VIEW_DATA_VALUE(e->c);
	open[e->task].pfn = (u8)pfn;
	open[e->task].excused = false;
	in_atomic |= 1u << e->task;
}

static void end(const struct event *e)
{
	const u32 pfn = VIEW_DATA_PFN(e->c), value = VIEW_DATA_VALUE(e->c);
	struct count *n = count_of(pfn);

	if (!(in_atomic >> e->task & 1))
		return;
	in_atomic &= ~(1u << e->task);
	if (!n || pfn != open[e->task].pfn)
		return;
	n->value = open[e->task].excused ? value : n->value + 1;
	if (open[e->task].excused)
		return;
	if (value == open[e->task].loaded + 1 && value == n->value)
		return;
	oracle_raise(&oracle_torn_atomic, open[e->task].seq,
		     ledger_page_name(pfn),
		     "An atomic loaded %u from page#%u and stored %u; with all increments the page is at %u.",
		     open[e->task].loaded, pfn, value, n->value);
}

/* By a CPU, or by a GPU that is not in an atomic. */
static void stored(const struct event *e)
{
	const u32 pfn = VIEW_DATA_PFN(e->c);
	struct count *n;

	if (e->kind == EV_gpu_store && in_atomic >> e->task & 1 &&
	    open[e->task].pfn == pfn)
		return;
	if (e->kind == EV_gup_store)
		excuse(pfn);
	else if (in_atomic)
		meets(e, pfn, e->kind == EV_gpu_store ? "A GPU stored to" :
		      "A CPU stored to");
	n = count_of(pfn);
	if (n)
		n->value = VIEW_DATA_VALUE(e->c);
}

static void copied(const struct event *e)
{
	struct count *from = count_of((u32)e->a), *to = count_of((u32)e->b);

	if (!from || !to)
		return;
	*to = *from;
	if (!from->counts)
		to->value = (u32)e->c;
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_gpu_atomic_begin:
		begin(e);
		return;
	case EV_gpu_atomic_end:
		end(e);
		return;
	}
	if (!count)
		return;
	switch (e->kind) {
	case EV_cpu_load:
		if (in_atomic)
			meets(e, VIEW_DATA_PFN(e->c), "A CPU loaded from");
		break;
	case EV_page_copy:
		copied(e);
		break;
	case EV_page_alloc:
		if (e->a < VIEW_PFNS)
			count[e->a] = (struct count){ .value = 0 };
		break;
	default:
		stored(e);
	}
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; count && mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.cpu[mm][page], pfn = VIEW_PFN(word);
			const struct count *n = count_of(pfn);

			if (!ledger_names_page(word) || ledger_migrating(word) ||
			    !n->counts || ledger_page_of(pfn)->backing ||
			    v->page(pfn).value == n->value)
				continue;
			oracle_raise(&oracle_torn_atomic, 0,
				     ledger_page_name(pfn),
				     "page#%u, which mm%u maps at 0x%llx, holds %u; with all increments of CPUs and GPUs it is %u.",
				     pfn, mm, VIEW_VA(page),
				     v->page(pfn).value, n->value);
		}
	}
}

static const u16 kinds[] = {
	EV_gpu_atomic_begin, EV_gpu_atomic_end, EV_cpu_load, EV_cpu_store,
	EV_gpu_store, EV_gup_store, EV_page_copy, EV_page_alloc, 0
};

const struct oracle oracle_torn_atomic = {
	.name	= "torn-atomic",
	.claim	= "nothing comes between the load and the store of a GPU's atomic, and no increment is lost",
	.spec	= "I-D3",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

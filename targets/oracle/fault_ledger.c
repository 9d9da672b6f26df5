// SPDX-License-Identifier: GPL-2.0
/*
 * fault-ledger: every entry of the fault buffer has one outcome, and no access
 * is forgotten.
 *
 * An entry that was parsed is served, cancelled, or left to a replay of the
 * same batch; never two of the first, never none. And when a batch is over,
 * each access that is still stalled has an entry that nobody has parsed yet:
 * a replay sets all going again, so one that is stalled then stalled later. An
 * access that waits for a slot of a full ring has fewer entries before it than
 * there are program tasks, so the count of unparsed ones covers it.
 *
 * Served means that the batch mapped what the access needs, or that it is
 * mapped; that an invalidation took it away again meanwhile is no matter. A
 * PREFETCH needs nothing.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

enum { FAULT_NONE, FAULT_RAISED, FAULT_PARSED, FAULT_DROPPED, FAULT_SERVED,
       FAULT_CANCELLED };

static const char *const state_name[] = {
	[FAULT_RAISED]		= "not parsed",
	[FAULT_PARSED]		= "parsed",
	[FAULT_DROPPED]		= "dropped",
	[FAULT_SERVED]		= "served",
	[FAULT_CANCELLED]	= "cancelled",
};

/* The newest state of each entry, and the seq of its event. */
static struct {
	u32 id;
	u32 seq;
	u8 state;
} book[LEDGER_FAULTS] __machine;

/* What this batch mapped, or was mapped when it looked: MAY_*. */
enum { MAY_READ = 1, MAY_WRITE = 2, MAY_ATOMIC = 4 };
static u8 mapped[VIEW_SPACES][PROG_PAGES] __machine;

static u8 rights(u32 word)
{
	if (VIEW_KIND(word) != VIEW_PRESENT)
		return 0;
	if (!(word & VIEW_W))
		return MAY_READ;
	return word & VIEW_A ? MAY_READ | MAY_WRITE | MAY_ATOMIC :
	       MAY_READ | MAY_WRITE;
}

static void map(const struct event *e)
{
	u32 page = ledger_page(e->b);

	if (e->a < VIEW_SPACES && page < PROG_PAGES)
		mapped[e->a][page] |= rights((u32)e->c);
}

/* Access codes are those of ARG_ACCESS: read, write, atomic, prefetch. */
static void served(const struct view *v, const struct event *e)
{
	static const u8 need[] = { MAY_READ, MAY_WRITE, MAY_WRITE, 0 };
	const struct ledger_fault *f = ledger_fault(e->a);
	u8 have = 0, want;
	u32 page;

	if (!f || f->space >= VIEW_SPACES)
		return;
	want = f->access < ARRAY_SIZE(need) ? need[f->access] : MAY_WRITE;
	if (f->access == LEDGER_ATOMIC && v->svmm(f->space).atomics)
		want |= MAY_ATOMIC;
	page = ledger_page(f->va);
	if (page < PROG_PAGES)
		have = mapped[f->space][page] |
		       rights(ledger.gpu[f->space][page]);
	if ((have & want) == want)
		return;
	oracle_raise(&oracle_fault_ledger, f->raised, "",
		     "Fault entry %llu at 0x%llx was counted as served, and the batch mapped nothing that allows the access.",
		     e->a, f->va);
}

static void outcome(const struct event *e, u8 from, u8 to)
{
	u32 i = (u32)e->a % LEDGER_FAULTS;

	if (!e->a || book[i].id != (u32)e->a)
		return;
	if (book[i].state != from)
		oracle_raise(&oracle_fault_ledger, book[i].seq, "",
			     "Fault entry %llu was %s after it was %s.", e->a,
			     state_name[to], state_name[book[i].state]);
	book[i].state = to;
	book[i].seq = e->seq;
}

static void raised(const struct event *e)
{
	u32 i = (u32)e->a % LEDGER_FAULTS;

	book[i].id = (u32)e->a;
	book[i].seq = e->seq;
	book[i].state = FAULT_RAISED;
}

static void batch_end(const struct view *v, const struct event *e)
{
	u32 unparsed = 0, stalled = v->stalled();

	for (u32 i = 0; i < LEDGER_FAULTS; i++) {
		unparsed += book[i].id && book[i].state == FAULT_RAISED;
		if (book[i].id && book[i].state == FAULT_PARSED &&
		    ledger.replay < book[i].seq)
			oracle_raise(&oracle_fault_ledger, book[i].seq, "",
				     "Batch %llu ended and fault entry %u has no outcome: it was parsed and neither served, cancelled nor left to a replay.",
				     e->a, book[i].id);
		if (book[i].id && book[i].state == FAULT_PARSED)
			book[i].state = FAULT_SERVED;
	}
	if (stalled > unparsed)
		oracle_raise(&oracle_fault_ledger, 0, "",
			     "Batch %llu ended with %u access(es) stalled and %u entries of the fault buffer unparsed: nobody will serve the rest.",
			     e->a, stalled, unparsed);
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_fault_raised:
		raised(e);
		break;
	case EV_fault_parsed:
		outcome(e, FAULT_RAISED, FAULT_PARSED);
		break;
	case EV_fault_dropped:
		outcome(e, FAULT_RAISED, FAULT_DROPPED);
		break;
	case EV_batch_begin:
		__builtin_memset(mapped, 0, sizeof(mapped));
		break;
	case EV_gpu_map:
		map(e);
		break;
	case EV_fault_served:
		served(v, e);
		outcome(e, FAULT_PARSED, FAULT_SERVED);
		break;
	case EV_fault_cancel:
		outcome(e, FAULT_PARSED, FAULT_CANCELLED);
		break;
	case EV_batch_end:
		batch_end(v, e);
		break;
	}
}

static void quiesce(const struct view *v)
{
	u32 stalled = v->stalled();

	if (stalled)
		oracle_raise(&oracle_fault_ledger, 0, "",
			     "%u GPU access(es) are stalled and the handler is idle.",
			     stalled);
}

static const u16 kinds[] = {
	EV_fault_raised, EV_fault_parsed, EV_fault_dropped, EV_fault_served,
	EV_fault_cancel, EV_batch_begin, EV_batch_end, EV_gpu_map, 0
};

const struct oracle oracle_fault_ledger = {
	.name	= "fault-ledger",
	.claim	= "every fault entry has exactly one outcome, and no stalled access is forgotten",
	.spec	= "I-A5",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

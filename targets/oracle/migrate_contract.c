// SPDX-License-Identifier: GPL-2.0
/*
 * migrate-contract: what a migration may rely on, and what it must leave.
 *
 * When migrate_vma_setup() returns, each page it collected is locked by its
 * caller, mapped by nobody and in no CPU's TLB: its content is the driver's
 * to copy. When finalize returns, the caller has none of them locked any more.
 * In between an entry is put back for the page that was taken away, or for the
 * one it was moved to, with no more rights than it had; that a page was written
 * is not forgotten when its entry goes. Shared memory has no rights of its own
 * entries: an entry that is put back gets those of the VMA, as any other does.
 *
 * What is zapped meanwhile is simply gone, and no breach (W-MIG2). A source
 * that did not move has its destination freed: oracle end-state would find it.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void __attribute__((noreturn))
fail(u32 pfn, u32 other, const char *what, u64 id)
{
	oracle_raise(&oracle_migrate_contract, other, ledger_page_name(pfn),
		     "Migration %llu has collected page#%u, which is %s.", id,
		     pfn, what);
}

static void __attribute__((noreturn))
fail_entry(u32 mm, u32 page, u32 old, u32 word, const char *why)
{
	oracle_raise(&oracle_migrate_contract, 0,
		     ledger_page_name(VIEW_PFN(word)),
		     "mm%u's entry at 0x%llx was %s and is now %s%s.", mm,
		     VIEW_VA(page), ledger_word_name(old),
		     ledger_word_name(word), why);
}

/* By task, of the call it is in: pages collected, locks held before it. */
static u8 nr[RT_TASKS_MAX] __machine, before[RT_TASKS_MAX] __machine;

static void collected(const struct view *v, const struct event *e)
{
	u32 pfn = (u32)e->c;
	const struct ledger_page *p;

	nr[e->task]++;
	if (!pfn || pfn >= VIEW_PFNS)
		return;
	p = ledger_page_of(pfn);
	if (p->locker != e->task + 1)
		fail(pfn, p->locked_seq, "not locked by its caller", e->a);
	if (p->mapcount || p->present || p->devices)
		fail(pfn, 0, "still mapped", e->a);
	if (ledger_in_tlb(v, pfn))
		fail(pfn, 0, "still in a CPU's TLB", e->a);
}

static void ready(const struct event *e)
{
	if (!e->c && nr[e->task] != (u8)e->b)
		oracle_raise(&oracle_migrate_contract, 0, "",
			     "Migration %llu has collected %u page(s) and says %llu.",
			     e->a, nr[e->task], e->b);
}

/* The page of a fault stays locked: the fault path locked it before. */
static void over(const struct event *e)
{
	if (ledger.locks[e->task] != before[e->task])
		oracle_raise(&oracle_migrate_contract, 0, "",
			     "Migration %llu is over; its caller had %u page(s) locked before and has %u now.",
			     e->a, before[e->task], ledger.locks[e->task]);
}

/* A task's own page, replaced a moment ago: not one that fork hands on. */
static bool replaces(const struct event *e, u32 mm, u32 page, u32 word)
{
	u32 was = ledger.was[mm][page];

	return VIEW_KIND(ledger.old_word) == VIEW_NONE &&
	       VIEW_PFN(was) == VIEW_PFN(word) && ledger_names_page(was) &&
	       ledger_page_of(VIEW_PFN(word))->locker == e->task + 1;
}

/* An entry came in place of a migration entry, or the other way round. */
static void entry(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 old = ledger.old_word;

	if (mm >= PROG_MMS || page >= PROG_PAGES || !ledger_names_page(word))
		return;
	if (ledger_migrating(word)) {
		if (ledger_writes(word) && replaces(e, mm, page, word) &&
		    !ledger_writes(ledger.was[mm][page]))
			fail_entry(mm, page, ledger.was[mm][page], word, "");
		return;
	}
	if (!ledger_migrating(old))
		return;
	if (VIEW_PFN(word) != VIEW_PFN(old) &&
	    VIEW_PFN(word) != ledger_page_of(VIEW_PFN(old))->moved_to)
		fail_entry(mm, page, old, word,
			   ", to which nothing was moved");
	if (ledger_writes(word) && VIEW_KIND(old) != VIEW_MIGRATION_WRITE &&
	    ledger.vma[mm][page] != VIEW_VMA_SHMEM + 1)
		fail_entry(mm, page, old, word, "");
}

static void unlocked(const struct view *v, u32 pfn)
{
	struct ledger_page *p = ledger_page_of(pfn);

	if (!p->owes_dirty)
		return;
	p->owes_dirty = false;
	if (p->allocated && !v->page(pfn).dirty)
		oracle_raise(&oracle_migrate_contract, p->locked_seq,
			     ledger_page_name(pfn),
			     "page#%u is unlocked and clean; an entry that was taken away meanwhile had been written through.",
			     pfn);
}

/* @pfn has given its mapping to @to. */
static void left(u64 pfn, u64 to)
{
	static const u8 reasons[] = {
		VIEW_REF_PTE, VIEW_REF_DPRIV, VIEW_REF_DEXCL, VIEW_REF_CACHE,
		VIEW_REF_GUP, VIEW_REF_PIN,
	};
	const struct ledger_page *p;

	if (!pfn || !to || pfn >= VIEW_PFNS)
		return;
	p = ledger_page_of((u32)pfn);
	/* Only its mapping goes: it is pinned where it is. */
	if (p->held[VIEW_REF_ATOMIC_PIN])
		return;
	for (u32 i = 0; i < ARRAY_SIZE(reasons); i++)
		if (p->held[reasons[i]])
			oracle_raise(&oracle_migrate_contract, p->pin_seq,
				     ledger_page_name((u32)pfn),
				     "page#%llu has moved to page#%llu; %u reference(s) of it are not the mover's.",
				     pfn, to, p->held[reasons[i]]);
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_pte_set:
		entry(e);
		break;
	case EV_page_unlock:
		if (e->a < VIEW_PFNS)
			unlocked(v, (u32)e->a);
		break;
	case EV_migrate_setup:
		nr[e->task] = 0;
		before[e->task] = ledger.locks[e->task];
		break;
	case EV_migrate_src:
		collected(v, e);
		break;
	case EV_migrate_ready:
		ready(e);
		break;
	case EV_migrate_moved:
		left(e->b, e->c);
		break;
	case EV_migrate_end:
		over(e);
		break;
	case EV_move_end:
		left(e->a, e->b);
		break;
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_page_unlock, EV_migrate_setup, EV_migrate_src,
	EV_migrate_ready, EV_migrate_moved, EV_migrate_end, EV_move_end, 0
};

const struct oracle oracle_migrate_contract = {
	.name	= "migrate-contract",
	.claim	= "what a migration collected or moved is the caller's alone; what it puts back is the page or where it went, with no more rights",
	.spec	= "I-M21 I-D10",
	.kinds	= kinds,
	.event	= event,
};

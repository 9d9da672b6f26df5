// SPDX-License-Identifier: GPL-2.0
/*
 * mm-lifetime: an address space is used while it lives.
 *
 * LIVE: mm_users > 0. EXITING: the last user is gone; exit_mmap() and the OOM
 * reaper may take entries away, nobody may add one or run in it. DEAD: the
 * page tables are gone. The state word decides, not mm_users: entries of an
 * exiting mm are still entries until they are zapped. An rmap walk reaches the
 * tables by the locks of the page instead of a user: who holds the folio lock
 * may put one kind of entry for it in place of another until then.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static const char *const state_name[] = {
	[VIEW_MM_UNUSED]	= "not in use",
	[VIEW_MM_LIVE]		= "alive",
	[VIEW_MM_EXITING]	= "exiting",
	[VIEW_MM_DEAD]		= "destroyed",
};

/*
 * The ledger already shows the new state, so what an mm was before is kept
 * here; and users before the event.
 */
static u8 state[PROG_MMS] __machine;
static s32 users[PROG_MMS] __machine;

static void __attribute__((noreturn)) fail(u32 mm, const char *what, u64 va)
{
	oracle_raise(&oracle_mm_lifetime, 0, "", "%s at 0x%llx in mm%u, which is %s.",
		     what, va, mm, state_name[state[mm]]);
}

static void moved(const struct event *e, u32 mm)
{
	static const u8 from[] = {
		[VIEW_MM_EXITING] = VIEW_MM_LIVE,
		[VIEW_MM_DEAD] = VIEW_MM_EXITING,
	};
	u32 to = e->kind == EV_mm_exit ? VIEW_MM_EXITING : VIEW_MM_DEAD;

	if (state[mm] != from[to])
		oracle_raise(&oracle_mm_lifetime, 0, "",
			     "mm%u became %s while it was %s.", mm,
			     state_name[to], state_name[state[mm]]);
	if (users[mm] > 0)
		oracle_raise(&oracle_mm_lifetime, 0, "",
			     "mm%u became %s with %d users.", mm,
			     state_name[to], users[mm]);
	state[mm] = (u8)to;
}

static void counted(const struct event *e, u32 mm)
{
	s32 now = ledger.users[mm];

	if (now < 0 || (s32)e->c < 0)
		oracle_raise(&oracle_mm_lifetime, 0, "",
			     "mm%u has mm_users %d and mm_count %d.", mm, now,
			     (s32)e->c);
	if (now > users[mm] && users[mm] == 0 && state[mm] >= VIEW_MM_EXITING)
		oracle_raise(&oracle_mm_lifetime, 0, "",
			     "mm_users of mm%u went from 0 to %d; the mm is %s.",
			     mm, now, state_name[state[mm]]);
	users[mm] = now;
}

/* Not an addition: the page's own entry, changed by who walks its rmap. */
static bool by_rmap(const struct event *e, u32 mm)
{
	u32 page = ledger_page(e->b), old = ledger.old_word;
	const struct ledger_page *p;

	if (state[mm] != VIEW_MM_EXITING || !ledger_names_page((u32)e->c) ||
	    page >= PROG_PAGES)
		return false;
	/* He splits it first, and with it what other pages have. */
	if (old & VIEW_HUGE && VIEW_PFN(old) == VIEW_PFN(e->c))
		return true;
	p = ledger_page_of(VIEW_PFN(e->c));
	if (p->locker != e->task + 1)
		return false;
	return ledger_migrating(old) ||
	       (ledger_lent(old) && VIEW_PFN(old) == VIEW_PFN(e->c)) ||
	       (VIEW_KIND(old) == VIEW_NONE &&
		VIEW_PFN(ledger.was[mm][page]) == VIEW_PFN(e->c));
}

static void event(const struct view *v, const struct event *e)
{
	u32 mm = VIEW_CPU_MM(e->a);

	switch (e->kind) {
	case EV_mm_new:
		if (e->b < PROG_MMS) {
			state[e->b] = VIEW_MM_LIVE;
			users[e->b] = 1;
		}
		return;
	case EV_mm_exit:
	case EV_mm_dead:
		if (mm < PROG_MMS)
			moved(e, mm);
		return;
	case EV_mm_users:
		if (mm < PROG_MMS)
			counted(e, mm);
		return;
	}
	if (mm >= PROG_MMS || state[mm] == VIEW_MM_LIVE)
		return;
	switch (e->kind) {
	case EV_pte_set:
		if ((VIEW_KIND(e->c) != VIEW_NONE ||
		     state[mm] != VIEW_MM_EXITING) && !by_rmap(e, mm))
			fail(mm, "A page table entry was set", e->b);
		break;
	case EV_vma_set:
		if (e->a >> 8 != VIEW_UNMAPPED || state[mm] != VIEW_MM_EXITING)
			fail(mm, "A VMA was changed", e->b);
		break;
	case EV_tlb_fill:
	case EV_cpu_load:
	case EV_cpu_store:
		fail(mm, "A CPU access was made", e->b);
	case EV_hmm_range_fault:
		if (!e->c)
			fail(mm, "hmm_range_fault() succeeded", e->b);
		break;
	}
}

static const u16 kinds[] = {
	EV_mm_new, EV_mm_exit, EV_mm_dead, EV_mm_users, EV_pte_set,
	EV_vma_set, EV_tlb_fill, EV_cpu_load, EV_cpu_store,
	EV_hmm_range_fault, 0
};

const struct oracle oracle_mm_lifetime = {
	.name	= "mm-lifetime",
	.claim	= "nobody adds to an address space, or runs in it, after its last user is gone; it exits once",
	.spec	= "I-M16",
	.kinds	= kinds,
	.event	= event,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * refcount: every reference is somebody's.
 *
 * References are booked by reason as they are taken and dropped: a page's
 * count must be their sum, and a reason can only drop what it took. Mapcounts
 * and entries change under one PTL: when the task that changed them lets go of
 * a lock, what it did to the one must be what it did to the other. At a
 * quiescent point nobody is inside mm code, so what is left is exactly one
 * reference for each entry that names the page, and as many counts in mapcount
 * as entries that map it.
 *
 * The zero page is not counted: it is mapped without references.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static u8 held[VIEW_PFNS][VIEW_REF_NR] __machine;
static u16 total[VIEW_PFNS] __machine;
static s8 mapcount[VIEW_PFNS] __machine;

/*
 * Who has changed a page's entries by more than its mapcount, or less, and not
 * let go of a lock since: entries made less counts added, never 0. An entry is
 * changed under its mm's PTL and names one page before and one after, which
 * bounds what can be out of step at once.
 */
static struct uneven {
	u8 task, pfn;
	s8 n;
} uneven[PROG_MMS * PROG_PAGES * 2] __machine;
static u32 nr_uneven __machine;

static const char *const reason_name[VIEW_REF_NR] = {
	[VIEW_REF_TMP]		= "temporary",
	[VIEW_REF_PTE]		= "page table",
	[VIEW_REF_DPRIV]	= "device-private",
	[VIEW_REF_DEXCL]	= "device-exclusive",
	[VIEW_REF_CACHE]	= "page cache",
	[VIEW_REF_ISOLATE]	= "isolation",
	[VIEW_REF_GUP]		= "get_user_pages",
	[VIEW_REF_PIN]		= "pin",
	[VIEW_REF_GATHER]	= "mmu_gather",
	[VIEW_REF_DRIVER]	= "driver",
};

static void alloc(u32 pfn, const struct event *e)
{
	if (total[pfn])
		oracle_raise(&oracle_refcount, ledger.page_seq[pfn],
			     ledger_page_name(pfn),
			     "page#%u was allocated with %u references outstanding.",
			     pfn, total[pfn]);
	total[pfn] = (u16)e->b;
	held[pfn][VIEW_REF_TMP] = (u8)e->b;
}

static void change(u32 pfn, const struct event *e)
{
	u32 reason = (u32)e->c;

	if (e->kind == EV_page_get) {
		if (!total[pfn])
			oracle_raise(&oracle_refcount, ledger.page_seq[pfn],
				     ledger_page_name(pfn),
				     "A %s reference was taken on page#%u, which had none.",
				     reason_name[reason], pfn);
		held[pfn][reason]++;
		total[pfn]++;
	} else {
		if (!held[pfn][reason])
			oracle_raise(&oracle_refcount, ledger.page_seq[pfn],
				     ledger_page_name(pfn),
				     "A %s reference of page#%u was dropped that nobody held; its refcount is now %d.",
				     reason_name[reason], pfn, (s32)e->b);
		held[pfn][reason]--;
		total[pfn]--;
	}
	if ((s32)e->b != (s32)total[pfn])
		oracle_raise(&oracle_refcount, ledger.page_seq[pfn],
			     ledger_page_name(pfn),
			     "The refcount of page#%u is %d; %u references are held.",
			     pfn, (s32)e->b, total[pfn]);
}

static void tip(u8 task, u32 pfn, s32 n)
{
	u32 i = 0;

	while (i < nr_uneven &&
	       (uneven[i].task != task || uneven[i].pfn != pfn))
		i++;
	if (i == ARRAY_SIZE(uneven))
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "The mapcount of page#%u is %d, and more pages are out of step with their entries than locked page tables have room for.",
			     pfn, mapcount[pfn]);
	if (i == nr_uneven)
		uneven[nr_uneven++] = (struct uneven){ task, (u8)pfn, 0 };
	uneven[i].n = (s8)(uneven[i].n + n);
	if (!uneven[i].n)
		uneven[i] = uneven[--nr_uneven];
}

static void entry(u8 task, u32 word, s32 n)
{
	if (ledger_counts(word) && VIEW_PFN(word) < VIEW_PFNS)
		tip(task, VIEW_PFN(word), n);
}

static void mapped(u32 pfn, const struct event *e)
{
	s32 now = (s32)e->b;

	if (now < 0)
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "The mapcount of page#%u is %d.", pfn, now);
	tip(e->task, pfn, mapcount[pfn] - now);
	mapcount[pfn] = (s8)now;
}

static void unlocked(u8 task)
{
	for (u32 i = 0; i < nr_uneven; i++) {
		u32 pfn = uneven[i].pfn;

		if (uneven[i].task != task)
			continue;
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "A page table lock was dropped and the mapcount of page#%u, now %d, did not change as its entries did.",
			     pfn, mapcount[pfn]);
	}
}

static void freed(u32 pfn)
{
	if (total[pfn])
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "page#%u was freed with %u references held.",
			     pfn, total[pfn]);
	if (mapcount[pfn])
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "page#%u was freed with a mapcount of %d.", pfn,
			     mapcount[pfn]);
}

static void event(const struct view *v, const struct event *e)
{
	u32 pfn = (u32)e->a;

	if (e->kind == EV_unlock) {
		unlocked(e->task);
		return;
	}
	if (e->kind == EV_pte_set) {
		entry(e->task, ledger.old_word, -1);
		entry(e->task, (u32)e->c, 1);
		return;
	}
	if (!pfn || pfn >= VIEW_PFNS)
		return;
	switch (e->kind) {
	case EV_page_alloc:
		alloc(pfn, e);
		break;
	case EV_page_mapcount:
		mapped(pfn, e);
		break;
	case EV_page_free:
		freed(pfn);
		break;
	default:
		if (e->c < VIEW_REF_NR)
			change(pfn, e);
	}
}

/* A reference that only code in flight may hold, when none is in flight. */
static void check_reasons(u32 pfn)
{
	for (u32 reason = 0; reason < VIEW_REF_NR; reason++)
		if (held[pfn][reason] && (reason == VIEW_REF_TMP ||
					  reason == VIEW_REF_GATHER ||
					  reason == VIEW_REF_ISOLATE))
			oracle_raise(&oracle_refcount, ledger.page_seq[pfn],
				     ledger_page_name(pfn),
				     "page#%u still has %u %s reference(s), and no code is in flight that could hold them.",
				     pfn, held[pfn][reason], reason_name[reason]);
}

static void count_entries(u8 *refs, u8 *maps)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE &&
		    ledger.mm_state[mm] != VIEW_MM_EXITING)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.cpu[mm][page], pfn = VIEW_PFN(word);

			if (pfn >= VIEW_PFNS)
				continue;
			refs[pfn] += ledger_holds_ref(word);
			maps[pfn] += ledger_counts(word);
		}
	}
}

static void quiesce(const struct view *v)
{
	u8 refs[VIEW_PFNS], maps[VIEW_PFNS];
	u32 nr = v->nr_pages();

	__builtin_memset(refs, 0, sizeof(refs));
	__builtin_memset(maps, 0, sizeof(maps));
	count_entries(refs, maps);
	for (u32 pfn = 1; pfn <= nr && pfn < VIEW_PFNS; pfn++) {
		struct view_page p;

		/* Never allocated, never named: most of them. */
		if (ledger_live() && !ledger.page_seq[pfn] && !refs[pfn])
			continue;
		p = v->page(pfn);
		if (p.refcount == refs[pfn] && p.mapcount == maps[pfn])
			continue;
		if (ledger_live())
			check_reasons(pfn);
		if (p.refcount != refs[pfn])
			oracle_raise(&oracle_refcount, ledger.page_seq[pfn],
				     ledger_page_name(pfn),
				     "The refcount of page#%u is %d; %u entries name it and no code is in flight.",
				     pfn, p.refcount, refs[pfn]);
		oracle_raise(&oracle_refcount, ledger.page_seq[pfn],
			     ledger_page_name(pfn),
			     "The mapcount of page#%u is %d; %u entries map it.",
			     pfn, p.mapcount, maps[pfn]);
	}
}

static const u16 kinds[] = {
	EV_page_alloc, EV_page_get, EV_page_put, EV_page_free,
	EV_page_mapcount, EV_pte_set, EV_unlock, 0
};

const struct oracle oracle_refcount = {
	.name	= "refcount",
	.claim	= "a page's refcount and mapcount are those of the entries and the code that use it",
	.spec	= "I-M1 I-M2",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

// SPDX-License-Identifier: GPL-2.0
/*
 * refcount: every reference is somebody's.
 *
 * References are booked by reason as they are taken and dropped: a page's
 * count must be their sum, and a reason can only drop what it took; a pin
 * weighs PIN_WEIGHT. Mapcounts and entries change under one PTL: when the task
 * that changed them lets go of a lock, what it did to the one must be what it
 * did to the other. At a quiescent point nobody is inside mm code, so what is
 * left is one reference for each entry that names the page, of the entry's own
 * reason (I-D8: also one that was lent and given back), one for the cache it
 * is in, and what a program or a driver keeps; as many counts in mapcount as
 * entries that map it; and in the mm's rss as many as it has entries.
 *
 * The zero page is not counted: it is mapped without references. In native the
 * view says what a program keeps.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/*
 * Who has changed a page's entries by more than its mapcount, or less, and not
 * let go of a lock since: entries made less counts added, never 0. An entry is
 * changed under the PTL of its table and names one page before and one after,
 * which bounds what can be out of step at once.
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
	[VIEW_REF_ATOMIC_PIN]	= "atomic pin",
};

static void alloc(u32 pfn, const struct event *e)
{
	struct ledger_page *p = ledger_page_of(pfn);

	if (p->refs)
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "page#%u was allocated with %d references outstanding.",
			     pfn, p->refs);
	p->refs = (s32)e->b;
	p->held[VIEW_REF_TMP] = (u8)e->b;
}

static s32 weight(u32 reason)
{
	return reason == VIEW_REF_PIN || reason == VIEW_REF_ATOMIC_PIN ?
		PIN_WEIGHT : 1;
}

static void take(u32 pfn, struct ledger_page *p, u32 reason, u32 seq)
{
	if (!p->refs)
		oracle_raise(&oracle_refcount, p->seq, ledger_page_name(pfn),
			     "A %s reference was taken on page#%u, which had none.",
			     reason_name[reason], pfn);
	if (reason == VIEW_REF_PIN) {
		p->pin_seq = seq;
		if (!p->held[reason])
			p->pinned_seq = seq;
	}
	p->held[reason]++;
	p->refs += weight(reason);
}

static void drop(u32 pfn, struct ledger_page *p, u32 reason, s32 left)
{
	if (!p->held[reason])
		oracle_raise(&oracle_refcount, p->seq, ledger_page_name(pfn),
			     "A %s reference of page#%u was dropped that nobody held; its refcount is now %d.",
			     reason_name[reason], pfn, left);
	p->held[reason]--;
	p->refs -= weight(reason);
}

static void change(u32 pfn, const struct event *e)
{
	struct ledger_page *p = ledger_page_of(pfn);

	if (e->kind == EV_page_get)
		take(pfn, p, (u32)e->c, e->seq);
	else
		drop(pfn, p, (u32)e->c, (s32)e->b);
	if ((s32)e->b != p->refs)
		oracle_raise(&oracle_refcount, p->seq, ledger_page_name(pfn),
			     "The refcount of page#%u is %d; %d references are held.",
			     pfn, (s32)e->b, p->refs);
}

/* A ground that tells the sum alone: nothing is in held[]. */
static bool reasonless __machine;

static void sum(u32 pfn, s32 now)
{
	struct ledger_page *p = ledger_page_of(pfn);

	reasonless = true;
	if (!p->refs && now > 0 && !p->allocated)
		oracle_raise(&oracle_refcount, p->seq, ledger_page_name(pfn),
			     "A reference was taken on page#%u, which is free.",
			     pfn);
	p->refs = now;
}

static void tip(u8 task, u32 pfn, s32 n)
{
	u32 i = 0;

	/* Where a put comes before the entry goes, only rest can tell. */
	if (reasonless)
		return;
	while (i < nr_uneven &&
	       (uneven[i].task != task || uneven[i].pfn != pfn))
		i++;
	if (i == ARRAY_SIZE(uneven))
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "The mapcount of page#%u is %d, and more pages are out of step with their entries than locked page tables have room for.",
			     pfn, ledger_page_of(pfn)->mapcount);
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
	tip(e->task, pfn, ledger_page_of(pfn)->mapcount - now);
	ledger_page_of(pfn)->mapcount = (s8)now;
}

static void unlocked(u8 task)
{
	for (u32 i = 0; i < nr_uneven; i++) {
		u32 pfn = uneven[i].pfn;

		if (uneven[i].task != task)
			continue;
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "A page table lock was dropped and the mapcount of page#%u, now %d, did not change as its entries did.",
			     pfn, ledger_page_of(pfn)->mapcount);
	}
}

static void freed(u32 pfn)
{
	struct ledger_page *p = ledger_page_of(pfn);

	if (p->refs)
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "page#%u was freed with %d references held.",
			     pfn, p->refs);
	if (p->mapcount)
		oracle_raise(&oracle_refcount, 0, ledger_page_name(pfn),
			     "page#%u was freed with a mapcount of %d.", pfn,
			     p->mapcount);
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
	case EV_page_refs:
		sum(pfn, (s32)e->b);
		break;
	default:
		if (e->c < VIEW_REF_NR)
			change(pfn, e);
	}
}

/* What names a page at rest, found in the tables. */
struct users {
	u8 refs[VIEW_PFNS];	/* entries that hold a reference */
	u8 maps[VIEW_PFNS];	/* of those, the ones in mapcount */
	u8 lent[VIEW_PFNS];	/* of those, device-exclusive ones */
	u8 others[VIEW_PFNS];	/* the cache's, and a device's for its data */
};

/* A reference that only code in flight may hold, or one that changed hands. */
static void check_reasons(u32 pfn, const struct users *u)
{
	const struct ledger_page *p = ledger_page_of(pfn);
	static const u8 in_flight[] = {
		VIEW_REF_TMP, VIEW_REF_GATHER, VIEW_REF_ISOLATE,
	};

	for (u32 i = 0; i < ARRAY_SIZE(in_flight); i++) {
		u32 reason = in_flight[i];

		if (p->held[reason])
			oracle_raise(&oracle_refcount, p->seq,
				     ledger_page_name(pfn),
				     "page#%u still has %u %s reference(s), and no code is in flight that could hold them.",
				     pfn, p->held[reason], reason_name[reason]);
	}
	if (p->held[VIEW_REF_DEXCL] != u->lent[pfn])
		oracle_raise(&oracle_refcount, p->seq, ledger_page_name(pfn),
			     "page#%u has %u device-exclusive reference(s); %u device-exclusive entries name it.",
			     pfn, p->held[VIEW_REF_DEXCL], u->lent[pfn]);
	if (p->held[VIEW_REF_CACHE] != !!p->file)
		oracle_raise(&oracle_refcount, p->seq, ledger_page_name(pfn),
			     "page#%u has %u page cache reference(s) and is in %u cache(s).",
			     pfn, p->held[VIEW_REF_CACHE], !!p->file);
}

/* What is rightly held by neither entries nor code in flight. */
static s32 kept(u32 pfn, s32 taken, const struct users *u)
{
	const struct ledger_page *p;

	if (!ledger_live() || reasonless)
		return u->others[pfn] + taken;
	p = ledger_page_of(pfn);
	return p->held[VIEW_REF_CACHE] + p->held[VIEW_REF_DRIVER] +
	       p->held[VIEW_REF_GUP] + (p->held[VIEW_REF_PIN] +
		p->held[VIEW_REF_ATOMIC_PIN]) * PIN_WEIGHT;
}

static void check_rss(const struct view *v, u32 mm, s32 entries)
{
	s32 rss = v->mm(mm).rss;

	if (ledger.mm_state[mm] == VIEW_MM_LIVE && rss != entries)
		oracle_raise(&oracle_refcount, 0, "",
			     "The rss of mm%u is %d; it has %d entries that name a page.",
			     mm, rss, entries);
}

/* Where nothing was told: what the view knows to hold a page beside entries. */
static void count_others(const struct view *v, struct users *u)
{
	for (u32 f = 0; v->cached && f < VIEW_FILES; f++)
		for (u32 i = 0; v->file(f).live && i < PROG_PAGES; i++)
			u->others[v->cached(f, i) % VIEW_PFNS]++;
	for (u32 dev = 0; v->device && dev < LEDGER_DEVICES; dev++) {
		struct view_device d = v->device(dev);

		for (u64 mask = ledger_frames(&d); mask; mask &= mask - 1) {
			u32 pfn = VIEW_DEVICE_PFN + (u32)__builtin_ctzll(mask);
			struct view_page p = v->page(pfn);

			/* A page of VRAM holds its data itself. */
			if (p.refcount && p.backing != pfn)
				u->others[p.backing % VIEW_PFNS]++;
		}
	}
}

static void count_entries(const struct view *v, struct users *u)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		s32 entries = 0;

		if (!ledger_mm_exists(mm))
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.cpu[mm][page], pfn = VIEW_PFN(word);

			if (!ledger_names_page(word))
				continue;
			entries++;
			u->refs[pfn] += ledger_holds_ref(word);
			u->maps[pfn] += ledger_counts(word);
			u->lent[pfn] += ledger_lent(word);
		}
		check_rss(v, mm, entries);
	}
	if (!ledger_live() || reasonless)
		count_others(v, u);
}

static void check_page(const struct view *v, u32 pfn, const struct users *u)
{
	struct view_page p = v->page(pfn);
	s32 refs = p.refcount - u->refs[pfn];

	if (ledger_live() && !reasonless)
		check_reasons(pfn, u);
	if (refs != kept(pfn, p.taken, u))
		oracle_raise(&oracle_refcount, ledger_page_seq(pfn),
			     ledger_page_name(pfn),
			     "The refcount of page#%u is %d; %u entries name it and no code is in flight.",
			     pfn, p.refcount, u->refs[pfn]);
	if (p.mapcount != u->maps[pfn])
		oracle_raise(&oracle_refcount, ledger_page_seq(pfn),
			     ledger_page_name(pfn),
			     "The mapcount of page#%u is %d; %u entries map it.",
			     pfn, p.mapcount, u->maps[pfn]);
}

static void quiesce(const struct view *v)
{
	struct users u;
	u32 nr = v->nr_pages();

	__builtin_memset(&u, 0, sizeof(u));
	count_entries(v, &u);
	for (u32 pfn = 1; pfn < VIEW_PFNS; pfn++) {
		/* Never allocated, never named: most of them, by the block. */
		if (ledger_live() && !ledger.pages[pfn / LEDGER_BLOCK]) {
			pfn |= LEDGER_BLOCK - 1;
			continue;
		}
		if (ledger_live() ? !ledger_page_seq(pfn) && !u.refs[pfn] :
				    pfn > nr && !u.refs[pfn])
			continue;
		check_page(v, pfn, &u);
	}
}

static const u16 kinds[] = {
	EV_page_alloc, EV_page_get, EV_page_put, EV_page_refs, EV_page_free,
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

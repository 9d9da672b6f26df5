// SPDX-License-Identifier: GPL-2.0
/*
 * exclusive-entry-v3: the life of an entry that lends a page to a device, by the
 * rules it was first posted with.
 *
 *	present --make--> lent --fault--> present
 *	                   |  \--zap--> none
 *	                   `--fork--> lent for reading, in parent and child
 *
 * It differs from exclusive-entry in what fork does: a child gets such an entry
 * too, and of a mapping that is copied on write neither has one that may write
 * any more. What is the same: the page is allocated; it comes back inside an
 * invalidation, locked by who brings it back, with no more rights than it had;
 * soft-dirty and uffd-wp are carried over; and success is the entry that this
 * very call set at that address.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define CARRIED		(VIEW_SOFT_DIRTY | VIEW_UFFD_WP)

static u32 begun[RT_TASKS_MAX] __machine;	/* seq of exclusive_begin */

static void __attribute__((noreturn))
fail(u32 mm, u32 page, u32 word, const char *why)
{
	oracle_raise(&oracle_exclusive_entry_v3, ledger.cpu_seq[mm][page],
		     ledger_page_name(VIEW_PFN(word)),
		     "mm%u's entry at 0x%llx is %s%s.", mm, VIEW_VA(page),
		     ledger_word_name(word), why);
}

static bool is_cow(u32 mm, u32 page)
{
	u32 kind = ledger.vma[mm][page];

	return kind != VIEW_VMA_SHMEM + 1 && kind != VIEW_VMA_FILE + 1;
}

/* The walk took a mapping of that page away, and nothing else. */
static void lent(const struct event *e, u32 mm, u32 page, u32 word)
{
	u32 old = ledger.was[mm][page];

	if (!ledger_names_page(word))
		fail(mm, page, word, ", which is no page");
	if (ledger_page_of(VIEW_PFN(word))->refs <= 0)
		fail(mm, page, word, ", and the page is free");
	/* mremap() brings one to where the page was before, with other rights. */
	if (!ledger.making[e->task] ||
	    VIEW_KIND(ledger.old_word) != VIEW_NONE ||
	    VIEW_KIND(old) != VIEW_PRESENT || VIEW_PFN(old) != VIEW_PFN(word))
		return;
	if ((old & CARRIED) != (word & CARRIED))
		fail(mm, page, word,
		     ", without the soft-dirty and uffd-wp bits it had");
	if (VIEW_KIND(word) == VIEW_EXCLUSIVE_WRITE && !(old & VIEW_W))
		fail(mm, page, word, ", and could not be written before");
}

static void restored(const struct event *e, u32 mm, u32 page, u32 word)
{
	const struct ledger_page *p = ledger_page_of(VIEW_PFN(word));
	u32 old = ledger.old_word;

	if (VIEW_PFN(old) != VIEW_PFN(word))
		fail(mm, page, word, ", and was lent for another page");
	if (!ledger_covered(mm, page))
		fail(mm, page, word,
		     ", and was lent until now, outside every invalidation");
	if (p->locker != e->task + 1)
		fail(mm, page, word,
		     ", and was lent until now; the page is not locked by who brings it back");
	if ((old & CARRIED) != (word & CARRIED &
				(VIEW_UFFD_WP | (old & VIEW_SOFT_DIRTY))))
		fail(mm, page, word,
		     ", without the soft-dirty and uffd-wp bits it had");
	if (!(word & VIEW_W))
		return;
	if (VIEW_KIND(old) != VIEW_EXCLUSIVE_WRITE || (old & VIEW_UFFD_WP))
		fail(mm, page, word, ", and was not lent for writing");
	/* A mover has no mmap_lock: mprotect() may be on its way here. */
	if (ledger.prot[mm][page] < VIEW_PROT_RW &&
	    (!ledger.protecting[mm] || ledger.protecting[mm] == e->task + 1))
		fail(mm, page, word, ", and the VMA must not be written");
	if (p->mapping == VIEW_MAPPING_ANON && !p->exclusive)
		fail(mm, page, word, ", and the page is not ANON_EXCLUSIVE");
}

static void set(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;

	if (mm >= PROG_MMS || page >= PROG_PAGES)
		return;
	if (ledger_lent(word)) {
		if (!ledger_lent(ledger.old_word))
			lent(e, mm, page, word);
		else if (VIEW_KIND(word) == VIEW_EXCLUSIVE_WRITE &&
			 VIEW_KIND(ledger.old_word) == VIEW_EXCLUSIVE_READ)
			fail(mm, page, word, ", and was lent for reading");
	} else if (ledger_lent(ledger.old_word) &&
		   VIEW_KIND(word) != VIEW_NONE) {
		if (VIEW_KIND(word) != VIEW_PRESENT)
			fail(mm, page, word, ", and was lent before");
		restored(e, mm, page, word);
	}
}

/*
 * It stands, or was zapped: nobody can have brought it back, for the page is
 * locked. Of a page with several entries the ledger has the newest only; then it
 * must stand.
 */
static void made(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), pfn = (u32)e->c, word;
	const struct ledger_page *p;

	if (mm >= PROG_MMS || page >= PROG_PAGES || pfn >= VIEW_PFNS)
		return;
	p = ledger_page_of(pfn);
	word = ledger.cpu[mm][page];
	if (VIEW_KIND(word) == VIEW_EXCLUSIVE_WRITE && VIEW_PFN(word) == pfn &&
	    ledger.cpu_seq[mm][page] > begun[e->task])
		return;
	if (p->exclusive_task != e->task + 1 || p->exclusive_mm != mm ||
	    p->exclusive_page != page || p->exclusive_seq < begun[e->task])
		fail(mm, page, word,
		     ", and was not lent by the call that says so");
	if (VIEW_KIND(word) != VIEW_NONE && VIEW_PFN(word) == pfn &&
	    !ledger_lent(word))
		fail(mm, page, word, ", and is said to be lent");
}

/* Both mms are locked for the whole of fork: nobody can lend a page in it. */
static void forked(const struct event *e)
{
	if (e->c || e->a >= PROG_MMS || e->b >= PROG_MMS)
		return;
	for (u32 page = 0; page < PROG_PAGES; page++) {
		u32 parent = ledger.cpu[e->a][page];
		u32 child = ledger.cpu[e->b][page];

		if (ledger.prot[e->b][page] == VIEW_UNMAPPED ||
		    !is_cow((u32)e->b, page))
			continue;
		if (VIEW_KIND(parent) == VIEW_EXCLUSIVE_WRITE)
			fail((u32)e->a, page, parent, ", and the mm was copied");
		if (VIEW_KIND(child) == VIEW_EXCLUSIVE_WRITE)
			fail((u32)e->b, page, child, ", and it is a child's");
	}
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_pte_set:
		set(e);
		break;
	case EV_exclusive_begin:
		begun[e->task] = e->seq;
		break;
	case EV_exclusive_made:
		made(e);
		break;
	case EV_fork_end:
		forked(e);
		break;
	}
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.cpu[mm][page];

			if (ledger_lent(word) && ledger_names_page(word) &&
			    !v->page(VIEW_PFN(word)).refcount)
				fail(mm, page, word, ", and the page is free");
		}
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_exclusive_begin, EV_exclusive_made, EV_fork_end, 0
};

const struct oracle oracle_exclusive_entry_v3 = {
	.name	= "exclusive-entry-v3",
	.claim	= "a lent page comes back locked, inside an invalidation, with no more rights; fork leaves none lent for writing",
	.spec	= "I-D1 I-D4 I-D5 I-D6 I-D8 I-D9 I-D11, as v3 has them",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

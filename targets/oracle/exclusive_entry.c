// SPDX-License-Identifier: GPL-2.0
/*
 * exclusive-entry: the life of an entry that lends a page to a device.
 *
 *	present --make--> lent --fault, fork--> present
 *	                    |--zap--> none
 *
 * The page is anonymous, of a mapping that is copied on write, and allocated.
 * It comes back inside an invalidation, so that the device has lost it by then,
 * with the page locked by who brings it back, so that no device is getting it
 * at that moment, and with no more rights than it had: writable only if the
 * entry was, the VMA is, and the page is the mm's alone. A child never gets such
 * an entry, and a parent has none left after fork. What makes one carries over
 * soft-dirty and uffd-wp, and what brings it back does.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

#define CARRIED		(VIEW_SOFT_DIRTY | VIEW_UFFD_WP)

static u32 begun[RT_TASKS_MAX] __machine;	/* seq of exclusive_begin */

static void __attribute__((noreturn))
fail(u32 mm, u32 page, u32 word, const char *why)
{
	oracle_raise(&oracle_exclusive_entry, ledger.cpu_seq[mm][page],
		     ledger_page_name(VIEW_PFN(word)),
		     "mm%u's entry at 0x%llx is %s%s.", mm, VIEW_VA(page),
		     ledger_word_name(word), why);
}

static bool in_fork(u32 child, u8 task)
{
	u32 parent = ledger.fork_parent[child];

	return parent != LEDGER_UNKNOWN && ledger.fork_task[parent] == task;
}

/* An entry is lent; @old is what it was, a moment ago. */
static void lent(const struct event *e, u32 mm, u32 page, u32 word)
{
	u32 kind = ledger.vma[mm][page], old = ledger.was[mm][page];
	const struct ledger_page *p;

	if (!ledger_names_page(word))
		fail(mm, page, word, ", which is no page");
	p = ledger_page_of(VIEW_PFN(word));
	if (p->refs <= 0)
		fail(mm, page, word, ", and the page is free");
	if (p->mapping != VIEW_MAPPING_ANON)
		fail(mm, page, word, ", and the page is not anonymous");
	if (kind == VIEW_VMA_SHMEM + 1 || kind == VIEW_VMA_FILE + 1)
		fail(mm, page, word, ", and the mapping is shared");
	if (in_fork(mm, e->task))
		fail(mm, page, word, ", and it is a child's");
	/* mremap() brings one to where something else was. */
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
	u32 old = ledger.old_word;
	const struct ledger_page *p;

	if (VIEW_PFN(old) != VIEW_PFN(word))
		fail(mm, page, word, ", and was lent for another page");
	p = ledger_page_of(VIEW_PFN(word));
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
	if (VIEW_KIND(old) != VIEW_EXCLUSIVE_WRITE)
		fail(mm, page, word, ", and could not be written before");
	if (old & VIEW_UFFD_WP)
		fail(mm, page, word, ", and is protected by userfaultfd");
	/* A mover has no mmap_lock: mprotect() may be on its way here. */
	if (ledger.prot[mm][page] < VIEW_PROT_RW &&
	    (!ledger.protecting[mm] || ledger.protecting[mm] == e->task + 1))
		fail(mm, page, word, ", and the VMA must not be written");
	if (!p->exclusive)
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
	} else if (ledger_lent(ledger.old_word) &&
		   VIEW_KIND(word) != VIEW_NONE) {
		if (VIEW_KIND(word) != VIEW_PRESENT)
			fail(mm, page, word, ", and was lent before");
		restored(e, mm, page, word);
	}
}

/*
 * Success is the entry this very call set at that address. It stands, or was
 * zapped: nobody can have brought it back, for the page is locked.
 */
static void made(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), pfn = (u32)e->c, word;
	const struct ledger_page *p;

	if (mm >= PROG_MMS || page >= PROG_PAGES || pfn >= VIEW_PFNS)
		return;
	p = ledger_page_of(pfn);
	word = ledger.cpu[mm][page];
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
		if (ledger.prot[e->b][page] == VIEW_UNMAPPED)
			continue;
		if (ledger_lent(ledger.cpu[e->a][page]))
			fail((u32)e->a, page, ledger.cpu[e->a][page],
			     ", and the mm was copied");
		if (ledger_lent(ledger.cpu[e->b][page]))
			fail((u32)e->b, page, ledger.cpu[e->b][page],
			     ", and it is a child's");
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
			struct view_page p;

			if (!ledger_lent(word) || !ledger_names_page(word))
				continue;
			p = v->page(VIEW_PFN(word));
			if (!p.refcount || !p.anon)
				fail(mm, page, word,
				     ", and the page is free or not anonymous");
		}
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_exclusive_begin, EV_exclusive_made, EV_fork_end, 0
};

const struct oracle oracle_exclusive_entry = {
	.name	= "exclusive-entry",
	.claim	= "a lent page is anonymous and the mm's; it comes back locked, inside an invalidation, with no more rights; fork leaves none",
	.spec	= "I-D1 I-D4 I-D5 I-D6 I-D8 I-D9 I-D11",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

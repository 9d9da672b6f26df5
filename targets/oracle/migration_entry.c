// SPDX-License-Identifier: GPL-2.0
/*
 * migration-entry: who put a migration entry has the page locked, and takes the
 * entry away before it unlocks.
 *
 * Whoever meets such an entry sleeps on the page without a reference: it is the
 * lock, and the mover's reference behind it, that say the page is still there.
 * An entry that outlives the lock makes its readers wait for nobody. It would
 * also be left by a walk that met the child's mapping before the parent's:
 *
 *	restoring walk				fork
 *	child's VMA: nothing
 *						parent's entry -> child
 *	parent's VMA: restored
 *						child's entry stays for ever
 *
 * fork, mprotect() and mremap() may make, change and carry over such entries of
 * a page that somebody else has locked; who turns a mapping into one must have
 * the lock itself.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void __attribute__((noreturn))
fail(u32 pfn, u32 other, const char *what)
{
	oracle_raise(&oracle_migration_entry, other, ledger_page_name(pfn),
		     "%u migration entries name page#%u, %s.",
		     ledger_page_of(pfn)->migrations, pfn, what);
}

static void set(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 old = ledger.old_word, pfn = VIEW_PFN(word);
	const struct ledger_page *p;
	bool mover;

	if (mm >= PROG_MMS || page >= PROG_PAGES || !ledger_migrating(word) ||
	    !ledger_names_page(word))
		return;
	p = ledger_page_of(pfn);
	if (p->refs <= 0)
		fail(pfn, p->seq, "which has no references");
	if (!p->locker)
		fail(pfn, p->locked_seq, "which is not locked");
	mover = VIEW_KIND(old) == VIEW_PRESENT || ledger_device_private(old);
	if (mover && p->locker != e->task + 1)
		fail(pfn, p->locked_seq, "which another task has locked");
}

static void event(const struct view *v, const struct event *e)
{
	u32 pfn = (u32)e->a;

	if (e->kind == EV_pte_set) {
		set(e);
		return;
	}
	if (pfn >= VIEW_PFNS || !ledger_page_of(pfn)->migrations)
		return;
	fail(pfn, ledger_page_of(pfn)->seq, e->kind == EV_page_unlock ?
	     "which has just been unlocked" : "which is free");
}

static void quiesce(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.cpu[mm][page];

			if (ledger_migrating(word))
				oracle_raise(&oracle_migration_entry,
					     ledger.cpu_seq[mm][page],
					     ledger_page_name(VIEW_PFN(word)),
					     "mm%u's entry at 0x%llx is %s, and nobody is moving anything.",
					     mm, VIEW_VA(page),
					     ledger_word_name(word));
		}
	}
}

static const u16 kinds[] = { EV_pte_set, EV_page_unlock, EV_page_free, 0 };

const struct oracle oracle_migration_entry = {
	.name	= "migration-entry",
	.claim	= "a page that a migration entry names is locked by its mover, who takes the entry away first",
	.spec	= "I-M6",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

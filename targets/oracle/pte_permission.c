// SPDX-License-Identifier: GPL-2.0
/*
 * pte-permission: an entry gives no more than its VMA does.
 *
 * The VMA's rights count as of the moment an entry is set: mprotect() changes
 * the VMA first and walks the entries after, so entries it has not yet reached
 * are judged when its bracket ends, not while it runs. munmap() likewise takes
 * the VMAs away first; entries left behind show when its bracket ends.
 *
 * The zero page and the kinds of entry a page may be named by are here too:
 * they are limits on a single word.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static const char *const prot_name[] = { "no VMA", "none", "r", "rw" };

static bool gives_write(u32 word)
{
	switch (VIEW_KIND(word)) {
	case VIEW_PRESENT:
		return word & VIEW_W;
	case VIEW_DEVICE_WRITE:
	case VIEW_EXCLUSIVE_WRITE:
		return true;
	default:
		return false;
	}
}

static void check_kind(u32 mm, u32 page, u32 word)
{
	u32 kind = VIEW_KIND(word), pfn = VIEW_PFN(word);
	const char *wrong = NULL;

	if (kind == VIEW_PRESENT && !pfn && !(word & VIEW_ZERO))
		wrong = "the zero page as if it were an ordinary one";
	else if (kind == VIEW_PRESENT && pfn && word & VIEW_ZERO)
		wrong = "an ordinary page as if it were the zero page";
	else if (kind == VIEW_PRESENT && !pfn && word & VIEW_W)
		wrong = "the zero page for writing";
	else if (kind == VIEW_PRESENT && pfn >= VIEW_PFNS)
		wrong = "device memory as present";
	else if ((kind == VIEW_DEVICE_READ || kind == VIEW_DEVICE_WRITE) &&
		 pfn < VIEW_PFNS)
		wrong = "a system page as device memory";
	if (wrong)
		oracle_raise(&oracle_pte_permission, 0, ledger_page_name(pfn),
			     "mm%u's entry at 0x%llx (%s) maps %s.", mm,
			     VIEW_VA(page), ledger_word_name(word), wrong);
}

static void check_prot(u32 mm, u32 page, u32 word)
{
	u32 prot = ledger.prot[mm][page];

	if (VIEW_KIND(word) == VIEW_NONE)
		return;
	if (prot == VIEW_UNMAPPED || (gives_write(word) && prot < VIEW_PROT_RW) ||
	    (ledger_readable(word) && prot < VIEW_PROT_R))
		oracle_raise(&oracle_pte_permission, ledger.cpu_seq[mm][page],
			     ledger_page_name(VIEW_PFN(word)),
			     "mm%u's entry at 0x%llx is %s; the VMA's rights there are: %s.",
			     mm, VIEW_VA(page), ledger_word_name(word),
			     prot_name[prot < ARRAY_SIZE(prot_name) ? prot : 0]);
}

/* Every entry of the range, where the operation says it is done with it. */
static void inv_end(void)
{
	const struct ledger_bracket *b;

	if (ledger.bracket == LEDGER_UNKNOWN)
		return;
	b = &ledger.brackets[ledger.bracket];
	if (b->event != LEDGER_UNMAP && b->event != LEDGER_PROTECTION_VMA)
		return;
	for (u32 page = b->first; page < b->end; page++)
		check_prot(b->mm, page, ledger.cpu[b->mm][page]);
}

static void event(const struct view *v, const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;

	switch (e->kind) {
	case EV_pte_set:
		if (mm >= PROG_MMS || page >= PROG_PAGES ||
		    VIEW_KIND(word) == VIEW_NONE)
			return;
		check_kind(mm, page, word);
		/* Losing rights is never wrong, even if not all are lost yet. */
		if (VIEW_KIND(ledger.old_word) != VIEW_PRESENT ||
		    !ledger_allows(ledger.old_word, word))
			check_prot(mm, page, word);
		break;
	case EV_inv_end:
		inv_end();
		break;
	case EV_page_get:
		if (!e->a && (e->c == VIEW_REF_PTE || e->c == VIEW_REF_PIN))
			oracle_raise(&oracle_pte_permission, 0, "page#0",
				     "The zero page was %s.", e->c == VIEW_REF_PIN ?
				     "pinned" : "given a page table reference");
		break;
	case EV_cpu_store:
	case EV_gpu_store:
		if (!VIEW_DATA_PFN(e->c))
			oracle_raise(&oracle_pte_permission, 0, "page#0",
				     "A store at 0x%llx went to the zero page.",
				     e->b);
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

			if (VIEW_KIND(word) == VIEW_NONE)
				continue;
			check_kind(mm, page, word);
			check_prot(mm, page, word);
		}
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_inv_end, EV_page_get, EV_cpu_store, EV_gpu_store, 0
};

const struct oracle oracle_pte_permission = {
	.name	= "pte-permission",
	.claim	= "an entry lies in a VMA, gives no more than the VMA does, and never lets the zero page be written",
	.spec	= "I-M7 I-M8 I-M18 I-M19",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

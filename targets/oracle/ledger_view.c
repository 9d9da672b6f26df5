// SPDX-License-Identifier: GPL-2.0
/*
 * ledger_view: the ledger against the view, and its words for texts.
 *
 * At a quiescent point what the events told must be what the view's queries
 * answer. If not, some primitive changed an entry without telling, and every
 * other verdict would be worthless: that is oracle ledger's own finding. In
 * native nothing was told, and the tables are read from the view instead.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void read_view(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		u32 state = v->mm(mm).state;

		ledger.mm_state[mm] = (u8)state;
		if (state != VIEW_MM_LIVE && state != VIEW_MM_EXITING)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u64 va = VIEW_VA(page);

			ledger.cpu[mm][page] = (u32)v->cpu_entry(mm, va);
			ledger.prot[mm][page] = (u8)v->vma_prot(mm, va);
		}
	}
	ledger.spaces = 0;
	for (u32 space = 0; v->svmm && space < VIEW_SPACES; space++) {
		struct view_svmm s = v->svmm(space);

		if (!s.live)
			continue;
		ledger.spaces |= (u8)(1u << space);
		ledger.space_mm[space] = (u8)s.mm;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u64 va = VIEW_VA(page);

			ledger.gpu[space][page] = (u32)v->gpu_entry(space, va);
			ledger.gpu_tlb[space][page] = (u32)v->gpu_tlb(space, va);
		}
	}
	for (u32 pfn = VIEW_DEVICE_PFN; v->device && pfn < VIEW_PFNS; pfn++)
		ledger_page_of(pfn)->backing = (u8)v->page(pfn).backing;
}

static void check_mm(const struct view *v, u32 mm)
{
	/* One that never ends would excuse every stale TLB from then on. */
	if (ledger.gathers[mm])
		oracle_raise(&oracle_ledger, 0, "",
			     "mm%u is at rest, but the events left a gather open.",
			     mm);
	for (u32 page = 0; page < PROG_PAGES; page++) {
		u32 word = (u32)v->cpu_entry(mm, VIEW_VA(page));
		u32 prot = v->vma_prot(mm, VIEW_VA(page));

		if (word != ledger.cpu[mm][page])
			oracle_raise(&oracle_ledger, ledger.cpu_seq[mm][page], "",
				     "mm%u's entry at 0x%llx is %s, but the events left %s there.",
				     mm, VIEW_VA(page), ledger_word_name(word),
				     ledger_word_name(ledger.cpu[mm][page]));
		if (prot != ledger.prot[mm][page])
			oracle_raise(&oracle_ledger, 0, "",
				     "mm%u's VMA rights at 0x%llx are %u, but the events left %u.",
				     mm, VIEW_VA(page), prot,
				     ledger.prot[mm][page]);
	}
}

static void check_space(const struct view *v, u32 space)
{
	for (u32 page = 0; page < PROG_PAGES; page++) {
		u32 word = (u32)v->gpu_entry(space, VIEW_VA(page));
		u32 tlb = v->gpu_tlb ? (u32)v->gpu_tlb(space, VIEW_VA(page)) : 0;

		if (tlb != ledger.gpu_tlb[space][page])
			oracle_raise(&oracle_ledger, 0, "",
				     "The TLB of GPU space %u has %s at 0x%llx, but the events left %s there.",
				     space, ledger_word_name(tlb), VIEW_VA(page),
				     ledger_word_name(ledger.gpu_tlb[space][page]));
		if (word != ledger.gpu[space][page])
			oracle_raise(&oracle_ledger, ledger.gpu_seq[space][page], "",
				     "GPU space %u's entry at 0x%llx is %s, but the events left %s there.",
				     space, VIEW_VA(page), ledger_word_name(word),
				     ledger_word_name(ledger.gpu[space][page]));
	}
}

void ledger_quiesce(const struct view *v)
{
	if (!ledger_live()) {
		read_view(v);
		return;
	}
	for (u32 mm = 0; mm < PROG_MMS; mm++)
		if (ledger.mm_state[mm] == VIEW_MM_LIVE)
			check_mm(v, mm);
	for (u32 space = 0; v->gpu_entry && space < VIEW_SPACES; space++)
		if (ledger.spaces >> space & 1)
			check_space(v, space);
}

const char *ledger_page_name(u32 pfn)
{
	static char name[16] __machine;

	__builtin_snprintf(name, sizeof(name), "page#%u", pfn);
	return name;
}

const char *ledger_word_name(u32 word)
{
	static char names[4][40] __machine;
	static u32 turn __machine;
	char *name = names[turn++ % 4];
	static const char *const kind[] = {
		"none", "", "migration read", "migration read exclusive",
		"migration write", "device read", "device write",
		"exclusive read", "exclusive write",
	};
	u32 k = VIEW_KIND(word);

	if (k == VIEW_NONE || k >= ARRAY_SIZE(kind))
		return kind[VIEW_NONE];
	if (k != VIEW_PRESENT)
		__builtin_snprintf(name, 40, "page#%u %s", VIEW_PFN(word), kind[k]);
	else
		__builtin_snprintf(name, 40, "%s%u %s%s",
				   !(word & VIEW_ZERO) ? "page#" :
				   VIEW_PFN(word) ? "register#" : "zero page#",
				   VIEW_PFN(word), word & VIEW_W ? "rw" : "ro",
				   word & VIEW_PROT_NONE ? " prot_none" : "");
	return name;
}

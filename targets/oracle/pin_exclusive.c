// SPDX-License-Identifier: GPL-2.0
/*
 * pin-exclusive: a GPU that may do atomics on a page has it to itself.
 *
 * In unmap-and-pin the page is pinned, and a device page stands for it in the
 * page tables, or the migration entry of one of the two: nothing else names it
 * and no TLB holds it. If the GPU may write, it is one process' page only. That is
 * so from where the GPU gets the entry, and no bracket is under way then that has
 * already called the GPU's space back: it would not call again. And before a CPU
 * gets the page, the GPU's entry and its TLB's have gone.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* Frames that some space has with the right to atomics, entry or TLB; or had. */
static u64 had[VIEW_PFNS / 64] __machine;

_Static_assert(VIEW_PFNS % 64 == 0, "a bit a frame");

static bool atomic_word(u32 word)
{
	return VIEW_KIND(word) == VIEW_PRESENT && word & VIEW_A &&
	       !(word & VIEW_VRAM);
}

static void __attribute__((noreturn))
fail(u32 space, u32 page, u32 word, u32 other, const char *why)
{
	oracle_raise(&oracle_pin_exclusive, other,
		     ledger_page_name(VIEW_PFN(word)),
		     "GPU space %u may do atomics on %s at 0x%llx%s.", space,
		     ledger_word_name(word), VIEW_VA(page), why);
}

/* What stands for @pfn, or it itself: entries in all mms. */
static u32 entries(u32 pfn)
{
	const struct ledger_page *p = ledger_page_of(pfn);
	u32 device = p->backs;

	return p->named + (device && ledger_page_of(device)->backing == pfn ?
			   ledger_page_of(device)->named : 0);
}

/* @cpu leads to @pfn, directly or by what stands for it. */
static bool leads(u32 cpu, u32 pfn)
{
	u32 to;

	if (ledger_reaches(cpu, pfn))
		return true;
	if (!ledger_migrating(cpu) || !ledger_names_page(cpu))
		return false;
	to = ledger_page_of(VIEW_PFN(cpu))->moved_to;
	return to == pfn || ledger_reaches(to ? (u32)VIEW_WORD(VIEW_DEVICE_READ,
							       0, to) : 0, pfn);
}

static void check(const struct view *v, u32 space, u32 page, u32 word)
{
	u32 mm = ledger.space_mm[space], pfn = VIEW_PFN(word), cpu;

	if (!atomic_word(word) || mm >= PROG_MMS)
		return;
	if (!pfn || pfn >= VIEW_PFNS)
		fail(space, page, word, 0, ", which is nobody's page");
	if (ledger_excused(space, page))
		return;
	if (ledger_page_of(pfn)->present)
		fail(space, page, word, 0, " and a CPU maps it");
	if (ledger_in_tlb(v, pfn))
		fail(space, page, word, 0, " and a CPU's TLB has it");
	cpu = ledger.cpu[mm][page];
	if (!leads(cpu, pfn))
		fail(space, page, word, ledger.cpu_seq[mm][page],
		     "; the mm's entry there does not lead to it");
	if (word & VIEW_W && entries(pfn) > 1)
		fail(space, page, word, 0, " and more than one entry leads to it");
}

/* The GPU has got it: nobody who has called it back may still be at work. */
static void mapped(const struct view *v, const struct event *e)
{
	u32 space = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c, seq;

	if (space >= VIEW_SPACES || page >= PROG_PAGES || !atomic_word(word) ||
	    ledger.space_mm[space] >= PROG_MMS)
		return;
	check(v, space, page, word);
	had[VIEW_PFN(word) / 64] |= 1ull << VIEW_PFN(word) % 64;
	seq = ledger_covered(ledger.space_mm[space], page);
	if (seq && !ledger_excused(space, page))
		fail(space, page, word, seq,
		     ", inside an invalidation that has called it back");
}

/* The CPUs' entry is @word now. */
static void entry(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 pfn = VIEW_PFN(word);

	if (VIEW_KIND(word) != VIEW_PRESENT || pfn >= VIEW_PFNS ||
	    !(had[pfn / 64] >> pfn % 64 & 1) || mm >= PROG_MMS ||
	    page >= PROG_PAGES)
		return;
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask);

		for (u32 i = 0; i < PROG_PAGES; i++) {
			u32 gpu = ledger.gpu[space][i];
			u32 tlb = ledger.gpu_tlb[space][i];

			if (atomic_word(gpu) && VIEW_PFN(gpu) == pfn)
				fail(space, i, gpu, ledger.gpu_seq[space][i],
				     " and a CPU gets it back");
			if (atomic_word(tlb) && VIEW_PFN(tlb) == pfn)
				fail(space, i, tlb, ledger.gpu_seq[space][i],
				     ", by its TLB, and a CPU gets it back");
		}
	}
}

static void event(const struct view *v, const struct event *e)
{
	if (e->kind == EV_gpu_map)
		mapped(v, e);
	else
		entry(e);
}

static void quiesce(const struct view *v)
{
	for (u32 mask = ledger.spaces; mask; mask &= mask - 1) {
		u32 space = (u32)__builtin_ctz(mask), mm = ledger.space_mm[space];

		if (mm >= PROG_MMS || ledger.mm_state[mm] != VIEW_MM_LIVE)
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.gpu[space][page];

			if (ledger_live())
				check(v, space, page, word);
			else if (atomic_word(word) &&
				 (!leads(ledger.cpu[mm][page], VIEW_PFN(word)) ||
				  v->page(VIEW_PFN(word)).mapcount))
				fail(space, page, word, 0,
				     " and it is mapped, or not the mm's");
		}
	}
}

static const u16 kinds[] = { EV_gpu_map, EV_pte_set, 0 };

const struct oracle oracle_pin_exclusive = {
	.name	= "pin-exclusive",
	.claim	= "a GPU with the right to atomics has the pinned page to itself; it has lost it before a CPU gets it back",
	.spec	= "I-C3 I-C9",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};

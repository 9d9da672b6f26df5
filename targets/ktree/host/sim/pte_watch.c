// SPDX-License-Identifier: GPL-2.0
/*
 * pte_watch: the page tables of programs, watched from outside.
 *
 * The tree's code sets entries inline, in a hundred places, so there is no
 * function to stand in for. But each of its writes is announced by the
 * compiler's instrumentation, or by the kernel's own of its atomics; and a
 * program has sixteen pages, all in one table. So an announced write to a page
 * of tables is remembered, and at the next sign of life of the same task the
 * sixteen entries of each address space are laid beside what they were. What
 * differs was changed by that task, and is told under the locks it still has:
 * nobody else ran in between.
 *
 * The same serves struct pages: the one written to is handed on.
 */
#include "targets/ktree/host/host_private.h"

#include <string.h>

#include "harness/sanitize.h"
#include "targets/view.h"

#define SLOTS_MAX	64
#define LEVELS		4		/* pgd, pud, pmd, pte; p4d is folded */

#define PTE_PRESENT	1ull
#define PTE_HUGE	0x80ull
#define PTE_FRAME	0x000ffffffffff000ull

struct watch {
	const u64 *pgd;
	u64 seen[KTREE_WATCHED];
	u32 table[LEVELS];		/* frames marked on its behalf, or 0 */
};

u8 watch_table[FRAMES_SPAN >> 12];
const void *ktree_unsettled;
static struct watch watch[SLOTS_MAX];
static u32 nr_watched;			/* 1 + the highest slot in use */

static void mark(struct watch *w, u32 level, const void *table)
{
	u32 frame = table ? (u32)(((size_t)table - KTREE_PHYS) >> 12) : 0;

	if (w->table[level] == frame)
		return;
	if (w->table[level])
		watch_table[w->table[level]] = 0;
	w->table[level] = frame;
	if (frame)
		watch_table[frame] = 1;
}

static const u64 *next_table(u64 entry)
{
	if (!(entry & PTE_PRESENT) || (entry & PTE_HUGE))
		return NULL;
	return (const u64 *)(KTREE_PHYS + (entry & PTE_FRAME));
}

static u32 index_of(u32 level)
{
	return (u32)(VIEW_BASE >> (39 - 9 * level)) & 511;
}

/* The entries of the program's pages as they are. */
static void read_entries(struct watch *w, u64 *now)
{
	const u64 *table = w->pgd;
	u64 entry = 0;

	for (u32 level = 0; level < LEVELS; level++) {
		mark(w, level, table);
		if (level < LEVELS - 1 && table) {
			entry = table[index_of(level)];
			table = next_table(entry);
		}
	}
	if (table) {
		memcpy(now, table + index_of(LEVELS - 1),
		       KTREE_WATCHED * sizeof(*now));
		return;
	}
	memset(now, 0, KTREE_WATCHED * sizeof(*now));
	if (w->table[LEVELS - 2] && (entry & PTE_HUGE) && (entry & PTE_PRESENT))
		for (u32 i = 0; i < KTREE_WATCHED; i++)
			now[i] = entry + ((u64)(index_of(LEVELS - 1) + i) << 12);
}

static void compare(u32 slot)
{
	struct watch *w = &watch[slot];
	u64 now[KTREE_WATCHED], old[KTREE_WATCHED];

	read_entries(w, now);
	if (likely(!memcmp(now, w->seen, sizeof(now))))
		return;
	memcpy(old, w->seen, sizeof(old));
	memcpy(w->seen, now, sizeof(now));
	for (u32 i = 0; i < KTREE_WATCHED; i++)
		if (now[i] != old[i])
			kt_pte_changed(slot, i, old[i], now[i]);
}

/*
 * Objects compiled for AddressSanitizer announce nothing: then every look may
 * find something, and who looks before a switch is who did it.
 */
static const char everything;

static const void *rest(void)
{
	return SANITIZE_ADDRESS && nr_watched ? &everything : NULL;
}

void ktree_settle_slow(void)
{
	const void *p = ktree_unsettled;

	ktree_unsettled = NULL;
	if (watch_is_page(p)) {
		kt_page_changed((struct page *)watch_page_of(p));
	} else {
		for (u32 slot = 0; slot < nr_watched; slot++)
			if (watch[slot].pgd)
				compare(slot);
	}
	if (!ktree_unsettled)
		ktree_unsettled = rest();
}

void ktree_touched(const void *p)
{
	ktree_settle();
	if (watch_is_table(p) || watch_is_page(p))
		ktree_unsettled = p;
}

void ktree_watch(u32 slot, const void *pgd)
{
	struct watch *w = &watch[slot];

	if (slot >= SLOTS_MAX)
		return;
	ktree_settle();
	if (w->pgd)
		compare(slot);
	for (u32 level = 0; level < LEVELS; level++)
		mark(w, level, NULL);
	memset(w, 0, sizeof(*w));
	w->pgd = pgd;
	if (!pgd)
		return;
	if (slot >= nr_watched)
		nr_watched = slot + 1;
	compare(slot);
	ktree_unsettled = rest();
}

/* Nothing is told: what the tables hold now is not an execution's doing. */
void watch_reset(void)
{
	ktree_unsettled = NULL;
	for (u32 slot = 0; slot < nr_watched; slot++) {
		for (u32 level = 0; level < LEVELS; level++)
			mark(&watch[slot], level, NULL);
		memset(&watch[slot], 0, sizeof(watch[slot]));
	}
	nr_watched = 0;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * ledger_move: pages that move, pages that are lent, devices and their mirrors;
 * and what a mirror's entry may say beside the CPU's.
 *
 * A driver may ignore the brackets of its own migrations, since it is the one
 * who knows. So a mirror may keep naming a page that its own device is taking
 * away, or name the one it goes to before any CPU's entry does. Whose migration
 * one is, is told by who asked: a task migrates for the device whose ioctl it is
 * in (SVM_BIND is one), or, while it is in migrate_to_ram(), for the one whose
 * page faulted.
 */
#include "targets/oracle/ledger.h"

bool ledger_reaches(u32 cpu, u32 pfn)
{
	if (VIEW_KIND(cpu) == VIEW_NONE || cpu & VIEW_ZERO)
		return VIEW_KIND(cpu) != VIEW_NONE && !pfn;
	if (VIEW_PFN(cpu) == pfn)
		return true;
	return pfn && VIEW_PFN(cpu) < VIEW_PFNS &&
	       VIEW_PFN(cpu) >= VIEW_DEVICE_PFN &&
	       ledger_page_of(VIEW_PFN(cpu))->backing == pfn;
}

bool ledger_own_bracket(u32 space, const struct ledger_bracket *b)
{
	u8 device = ledger.space_device[space];

	if (!device)
		return b->event == LEDGER_MIGRATE ||
		       (b->event == LEDGER_EXCLUSIVE && ledger.making[b->task]);
	return b->event == LEDGER_MIGRATE && ledger.for_device[b->task] == device;
}

/* A bracket of a migration for @space's device that covers @page is open. */
static bool in_own_bracket(u32 space, u32 page)
{
	for (u32 mask = ledger.open; mask; mask &= mask - 1) {
		const struct ledger_bracket *b =
			&ledger.brackets[__builtin_ctz(mask)];

		if (b->mm == ledger.space_mm[space] &&
		    b->phase == BRACKET_OPEN && page >= b->first &&
		    page < b->end && ledger_own_bracket(space, b))
			return true;
	}
	return false;
}

bool ledger_own_move(u32 space, u32 page, u32 word)
{
	u32 mm = ledger.space_mm[space], cpu = ledger.cpu[mm][page];
	u8 device = ledger.space_device[space];
	u32 pfn = VIEW_PFN(word), to;
	const struct ledger_page *p;

	if (!device)
		return false;
	if (VIEW_KIND(cpu) == VIEW_NONE)
		return ledger_reaches(ledger.was[mm][page], pfn) &&
		       in_own_bracket(space, page);
	if (!ledger_migrating(cpu) || VIEW_PFN(cpu) >= VIEW_PFNS)
		return false;
	p = ledger_page_of(VIEW_PFN(cpu));
	if (!p->locker || ledger.for_device[p->locker - 1] != device)
		return false;
	if (word & VIEW_W && VIEW_KIND(cpu) == VIEW_MIGRATION_READ)
		return false;
	to = p->moved_to;
	return ledger_reaches(cpu, pfn) ||
	       (to && (to == pfn || ledger_page_of(to)->backing == pfn));
}

/*
 * The CPU reaches @pfn only through a device page, which is there or on its way
 * in or out: no CPU can map it meanwhile.
 */
static bool behind(u32 cpu, u32 pfn)
{
	if (!ledger_names_page(cpu))
		return false;
	if (ledger_device_private(cpu))
		return ledger_page_of(VIEW_PFN(cpu))->backing == pfn;
	if (!ledger_migrating(cpu))
		return false;
	return VIEW_PFN(cpu) == pfn ?
		ledger_page_of(pfn)->moved_to >= VIEW_DEVICE_PFN :
		ledger_reaches(cpu, pfn);
}

bool ledger_space_allows(u32 space, u32 page, u32 word)
{
	u32 mm = ledger.space_mm[space], cpu = ledger.cpu[mm][page];
	u32 pfn = VIEW_PFN(word);

	if (word & VIEW_A && ledger_lent(cpu))
		return VIEW_PFN(cpu) == pfn;
	if (word & VIEW_A)
		return behind(cpu, pfn) &&
		       (!(word & VIEW_W) || ledger_writes(cpu));
	if (ledger_allows(cpu, word))
		return true;
	if (ledger_device_private(cpu) && ledger_reaches(cpu, pfn))
		return !(word & VIEW_W) || VIEW_KIND(cpu) == VIEW_DEVICE_WRITE;
	return ledger_own_move(space, page, word);
}

/* The task migrates for its ioctl's device again, or for none. */
static void migrate_over(u8 task)
{
	u8 space = ledger.ioctl[task];

	ledger.for_device[task] = space ? ledger.space_device[space - 1] : 0;
}

static void migrate_event(const struct event *e)
{
	switch (e->kind) {
	case EV_migrate_ready:
		if (e->c || !e->b)
			migrate_over(e->task);
		break;
	case EV_migrate_moved:
		if (e->b && e->b < VIEW_PFNS)
			ledger_page_of((u32)e->b)->moved_to = (u8)e->c;
		break;
	case EV_migrate_end:
		migrate_over(e->task);
		break;
	}
}

/* -- devices -- */
static void pgmap_event(const struct event *e)
{
	for (u64 pfn = e->b; pfn < e->b + e->c; pfn++) {
		u32 i = (u32)(pfn - VIEW_DEVICE_PFN);

		if (pfn < VIEW_DEVICE_PFN || pfn >= VIEW_PFNS)
			continue;
		ledger.dying[i] = e->kind == EV_pgmap_kill;
		if (e->kind == EV_pgmap_new)
			ledger.device[i] = (u8)(e->a + 1);
		else if (e->kind == EV_pgmap_gone)
			ledger.device[i] = 0;
	}
}

static void space_event(const struct event *e)
{
	if (e->a >= VIEW_SPACES)
		return;
	switch (e->kind) {
	case EV_dmirror_open:
		ledger.space_device[e->a] = (u8)(e->b + 1);
		ledger.space_mirror[e->a] = true;
		break;
	case EV_svmm_new:
		ledger.space_device[e->a] = (u8)e->c;
		break;
	case EV_dmirror_ioctl:
	case EV_svm_bind:
		ledger.ioctl[e->task] = (u8)(e->a + 1);
		ledger.for_device[e->task] = ledger.space_device[e->a];
		break;
	case EV_dmirror_done:
	case EV_svm_bind_end:
		ledger.ioctl[e->task] = 0;
		ledger.for_device[e->task] = 0;
		break;
	}
}

/* -- pages that are lent -- */
static void exclusive_event(const struct event *e)
{
	struct ledger_page *p;

	ledger.making[e->task] = e->kind == EV_exclusive_begin ? e->seq :
		ledger.making[e->task];
	if (e->kind != EV_exclusive_made || e->c >= VIEW_PFNS)
		return;
	p = ledger_page_of((u32)e->c);
	p->lent = p->locker == e->task + 1 ? p->locker : 0;
}

void ledger_move_event(const struct event *e)
{
	switch (e->kind) {
	case EV_move_begin:
		ledger.moving[e->task] = (u8)e->a;
		break;
	case EV_move_end:
		ledger.moving[e->task] = 0;
		break;
	case EV_migrate_to_ram:
		if (e->a >= VIEW_DEVICE_PFN && e->a < VIEW_PFNS)
			ledger.for_device[e->task] =
				ledger.device[e->a - VIEW_DEVICE_PFN];
		break;
	case EV_exclusive_begin:
	case EV_exclusive_made:
	case EV_exclusive_failed:
		exclusive_event(e);
		break;
	case EV_pgmap_new:
	case EV_pgmap_kill:
	case EV_pgmap_gone:
		pgmap_event(e);
		break;
	case EV_dmirror_open:
	case EV_dmirror_ioctl:
	case EV_dmirror_done:
	case EV_svmm_new:
	case EV_svm_bind:
	case EV_svm_bind_end:
		space_event(e);
		break;
	default:
		migrate_event(e);
	}
}

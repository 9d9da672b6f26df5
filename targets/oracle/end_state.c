// SPDX-License-Identifier: GPL-2.0
/*
 * end-state: when all mms have exited and all files are closed, nothing is
 * left of them.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

static void check_mm(u32 mm, const struct view_mm *m)
{
	const char *left = NULL;
	s64 n = 0;

	if (m->state == VIEW_MM_LIVE || m->state == VIEW_MM_EXITING)
		oracle_raise(&oracle_end_state, 0, "",
			     "mm%u was never destroyed: mm_users %d, mm_count %d.",
			     mm, m->users, m->count);
	if (m->state == VIEW_MM_UNUSED)
		return;
	if (m->count)
		left = "mm_count", n = m->count;
	else if (m->rss)
		left = "rss", n = m->rss;
	else if (m->active_ranges)
		left = "active_invalidate_ranges", n = m->active_ranges;
	else if (m->intervals)
		left = "number of interval notifiers", n = m->intervals;
	else if (m->deferred)
		left = "number of deferred notifiers", n = m->deferred;
	else if (m->gathers)
		left = "number of open gathers", n = m->gathers;
	if (left)
		oracle_raise(&oracle_end_state, 0, "",
			     "mm%u is destroyed and its %s is %lld.", mm, left, n);
}

static void check_pages(const struct view *v)
{
	u32 nr = v->nr_pages(), nr_free = v->nr_free();

	for (u32 pfn = 1; nr_free != nr && pfn <= nr && pfn < VIEW_PFNS; pfn++) {
		struct view_page p = v->page(pfn);

		if (p.refcount)
			oracle_raise(&oracle_end_state, ledger_page_seq(pfn),
				     ledger_page_name(pfn),
				     "page#%u was never freed: its refcount is %d.",
				     pfn, p.refcount);
	}
	if (nr_free != nr)
		oracle_raise(&oracle_end_state, 0, "",
			     "%u pages of %u are free and the others have no references.",
			     nr_free, nr);
}

static void check_device_frames(void)
{
	for (u32 pfn = VIEW_DEVICE_PFN; pfn < VIEW_PFNS; pfn++) {
		if (!ledger.pages[pfn / LEDGER_BLOCK])
			pfn |= LEDGER_BLOCK - 1;
		else if (ledger_page_seq(pfn) && ledger_page_of(pfn)->allocated)
			oracle_raise(&oracle_end_state, ledger_page_seq(pfn),
				     ledger_page_name(pfn),
				     "page#%u, device memory, was never freed.",
				     pfn);
	}
	for (u32 i = 0; i < VIEW_PFNS - VIEW_DEVICE_PFN; i++)
		if (ledger.device[i])
			oracle_raise(&oracle_end_state, 0,
				     ledger_page_name(VIEW_DEVICE_PFN + i),
				     "The pgmap of page#%u is still there.",
				     VIEW_DEVICE_PFN + i);
}

/* Files are closed and their pages gone; so are devices. */
static void check_files(const struct view *v)
{
	for (u32 file = 0; v->file && file < VIEW_FILES; file++)
		if (v->file(file).live)
			oracle_raise(&oracle_end_state, 0, "",
				     "file%u is still in use.", file);
	for (u32 dev = 0; v->device && dev < LEDGER_DEVICES; dev++) {
		struct view_device d = v->device(dev);

		if (d.live && d.allocated)
			oracle_raise(&oracle_end_state, 0, "",
				     "%u page(s) of device %u were never given back.",
				     d.allocated, dev);
	}
	check_device_frames();
}

static void end(const struct view *v)
{
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		struct view_mm m = v->mm(mm);

		check_mm(mm, &m);
	}
	check_pages(v);
	check_files(v);
	if (ledger.open)
		oracle_raise(&oracle_end_state,
			     ledger.brackets[__builtin_ctz(ledger.open)].seq, "",
			     "An invalidation of mm%u was never ended.",
			     ledger.brackets[__builtin_ctz(ledger.open)].mm);
}

const struct oracle oracle_end_state = {
	.name	= "end-state",
	.claim	= "at the end every page is free, every mm and file gone, and no bracket, notifier or pgmap is left",
	.spec	= "I-M26 I-D13",
	.end	= end,
};

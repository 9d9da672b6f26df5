// SPDX-License-Identifier: GPL-2.0
/*
 * page-cache: a file has one page at each index, and its mappings map that one.
 *
 * A slot is filled when it is empty and emptied of what was there, and its page
 * knows where it is. Whoever maps a page of a file does so while the page is in
 * the cache: fault and truncate meet at the folio lock.
 *
 *	filemap_fault()				truncate_setsize()
 *	find the page
 *						i_size = 0; zap
 *						remove from the cache
 *	lock, map				[must look again]
 *
 * When truncate returns nothing maps an index past the new size: neither the
 * file's pages nor the private copies made of them, which is why it zaps twice.
 * Unless the file has grown again meanwhile, nothing can come there later.
 */
#include "targets/oracle/ledger.h"
#include "targets/oracle/svm_oracles.h"

/* The page of a slot before the event, kept here since the ledger is ahead. */
static u8 slot[VIEW_FILES][PROG_PAGES] __machine;
static u32 shrunk[VIEW_FILES] __machine;	/* seq of the truncate under way */

static bool maps_file(u32 mm, u32 page, u64 file)
{
	u32 kind = ledger.vma[mm][page];

	return ledger.vma_file[mm][page] == file &&
	       (kind == VIEW_VMA_SHMEM + 1 || kind == VIEW_VMA_FILE + 1 ||
		kind == VIEW_VMA_PRIVATE + 1);
}

static void cache(const struct event *e)
{
	u32 pfn = (u32)e->c;
	const struct ledger_page *p;

	if (e->a >= VIEW_FILES || e->b >= PROG_PAGES || pfn >= VIEW_PFNS)
		return;
	p = ledger_page_of(pfn);
	if (e->kind == EV_cache_del) {
		if (slot[e->a][e->b] != pfn)
			oracle_raise(&oracle_page_cache, p->seq,
				     ledger_page_name(pfn),
				     "page#%u left file%llu at index %llu, where page#%u is.",
				     pfn, e->a, e->b, slot[e->a][e->b]);
		if (p->present)
			oracle_raise(&oracle_page_cache, 0,
				     ledger_page_name(pfn),
				     "page#%u left file%llu at index %llu and %u entries map it.",
				     pfn, e->a, e->b, p->present);
		slot[e->a][e->b] = 0;
		return;
	}
	if (slot[e->a][e->b])
		oracle_raise(&oracle_page_cache, p->seq, ledger_page_name(pfn),
			     "page#%u entered file%llu at index %llu, where page#%u is.",
			     pfn, e->a, e->b, slot[e->a][e->b]);
	if (pfn >= VIEW_DEVICE_PFN)
		oracle_raise(&oracle_page_cache, p->seq, ledger_page_name(pfn),
			     "page#%u, device memory, entered file%llu.", pfn,
			     e->a);
	slot[e->a][e->b] = (u8)pfn;
}

/* A page of a file came into a mapping of one. */
static void set(const struct event *e)
{
	u32 mm = (u32)e->a, page = ledger_page(e->b), word = (u32)e->c;
	u32 pfn = VIEW_PFN(word), file;
	const struct ledger_page *p;

	if (mm >= PROG_MMS || page >= PROG_PAGES ||
	    VIEW_KIND(word) != VIEW_PRESENT || !ledger_names_page(word) ||
	    (VIEW_KIND(ledger.old_word) == VIEW_PRESENT &&
	     VIEW_PFN(ledger.old_word) == pfn))
		return;
	file = ledger.vma_file[mm][page];
	p = ledger_page_of(pfn);
	if (!maps_file(mm, page, file) || file >= VIEW_FILES ||
	    (p->mapping == VIEW_MAPPING_ANON &&
	     ledger.vma[mm][page] == VIEW_VMA_PRIVATE + 1))
		return;
	if (p->file != file + 1 || p->index != ledger.vma_index[mm][page])
		oracle_raise(&oracle_page_cache, p->seq, ledger_page_name(pfn),
			     "mm%u's entry at 0x%llx is %s, which is not in the cache of file%u at index %u.",
			     mm, VIEW_VA(page), ledger_word_name(word), file,
			     ledger.vma_index[mm][page]);
}

/* Nothing at or above @nr that was there when the truncate began. */
static void truncated(const struct event *e)
{
	const struct ledger_file *f = ledger_file_of(e->a);

	if (!f || f->grown > shrunk[e->a])
		return;
	for (u32 i = (u32)e->b; i < PROG_PAGES; i++)
		if (f->cached[i])
			oracle_raise(&oracle_page_cache, shrunk[e->a],
				     ledger_page_name(f->cached[i]),
				     "file%llu was truncated to %llu page(s) and page#%u is still there at index %u.",
				     e->a, e->b, f->cached[i], i);
	for (u32 mm = 0; mm < PROG_MMS; mm++) {
		if (!ledger_mm_exists(mm))
			continue;
		for (u32 page = 0; page < PROG_PAGES; page++) {
			u32 word = ledger.cpu[mm][page];

			if (!maps_file(mm, page, e->a) ||
			    ledger.vma_index[mm][page] < e->b ||
			    VIEW_KIND(word) == VIEW_NONE)
				continue;
			oracle_raise(&oracle_page_cache,
				     ledger.cpu_seq[mm][page],
				     ledger_page_name(VIEW_PFN(word)),
				     "file%llu was truncated to %llu page(s), and mm%u's entry at 0x%llx, of index %u, is %s.",
				     e->a, e->b, mm, VIEW_VA(page),
				     ledger.vma_index[mm][page],
				     ledger_word_name(word));
		}
	}
}

static void event(const struct view *v, const struct event *e)
{
	switch (e->kind) {
	case EV_pte_set:
		set(e);
		break;
	case EV_file_size:
		if (e->a < VIEW_FILES)
			shrunk[e->a] = e->seq;
		break;
	case EV_truncate_end:
		truncated(e);
		break;
	default:
		cache(e);
	}
}

/* The answers of the view; in native they are all there is. */
static void check_slot(const struct view *v, u32 file, u32 index)
{
	u32 pfn = v->cached(file, index);
	struct view_page p;

	if (ledger_live() && pfn != slot[file][index])
		oracle_raise(&oracle_page_cache, 0, "",
			     "file%u has page#%u at index %u, but the events left page#%u there.",
			     file, pfn, index, slot[file][index]);
	if (!pfn)
		return;
	p = v->page(pfn);
	if (!p.refcount || p.mapping != VIEW_MAPPING_FILE || p.index != index)
		oracle_raise(&oracle_page_cache, ledger_page_seq(pfn),
			     ledger_page_name(pfn),
			     "file%u has page#%u at index %u, which is of another mapping or index, or free.",
			     file, pfn, index);
	if (index >= v->file(file).nr_pages && !v->file(file).past_end)
		oracle_raise(&oracle_page_cache, ledger_page_seq(pfn),
			     ledger_page_name(pfn),
			     "file%u has page#%u at index %u, past its %u page(s).",
			     file, pfn, index, v->file(file).nr_pages);
}

static void quiesce(const struct view *v)
{
	for (u32 file = 0; v->cached && file < VIEW_FILES; file++) {
		if (!v->file(file).live)
			continue;
		for (u32 index = 0; index < PROG_PAGES; index++)
			check_slot(v, file, index);
	}
}

static const u16 kinds[] = {
	EV_pte_set, EV_cache_add, EV_cache_del, EV_file_size, EV_truncate_end, 0
};

const struct oracle oracle_page_cache = {
	.name	= "page-cache",
	.claim	= "a file has one page at an index, mappings map that one, and none maps past a size it was truncated to",
	.spec	= "I-M23",
	.kinds	= kinds,
	.event	= event,
	.quiesce = quiesce,
};
